package chat

import (
	"errors"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// settings shows or changes how the channel's post looks.
func (b *Chat) settings(c *call) (core.Reply, error) {
	if len(c.Args) == 0 {
		return core.Reply{Card: b.settingsCard(c, b.nextPost(c))}, nil
	}
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	next := c.channel.Settings
	for _, o := range c.Verb.Options {
		value, given := c.Args[o.Name]
		if !given {
			continue
		}
		if err := next.Set(o.Name, value); err != nil {
			return core.Reply{}, err
		}
	}
	if _, given := c.Args["scope"]; given {
		if err := b.knownScope(c.ctx, next.Scope); err != nil {
			return core.Reply{}, err
		}
	}
	if err := b.fitting(c, next); err != nil {
		return core.Reply{}, err
	}
	if err := b.change(c, func(ch *core.Channel) {
		ch.Settings = next
		ch.Mend(core.TheSettings)
	}); err != nil {
		return core.Reply{}, err
	}
	var changed []say.Text
	for _, p := range c.effective().Pairs() {
		if _, given := c.Args[p.Key]; given {
			changed = append(changed, say.Say("%s is now *%s*", p.Key, p.Value))
		}
	}
	return core.Reply{
		Card: b.settingsCard(c, b.outlook(c)),
		Line: []say.Text{say.Say("%s changed the settings here: %s.", c.mention(), cards.List(changed))},
	}, nil
}

// fitting refuses a layout or a seed that the platform cannot give here.
func (b *Chat) fitting(c *call, s core.Settings) error {
	p := b.Connections.For(c.channel.Key.Installation())
	forum := false
	if f, ok := p.(core.Forums); ok {
		var err error
		if forum, err = f.IsForum(c.ctx, c.channel.Key); err != nil {
			return err
		}
	}
	switch {
	case !c.network.Roles && strings.HasPrefix(s.Editors, "@"):
		return core.Userf("E-PARSE", "There are no roles here. Write `editors:managers` or `editors:members`.")
	case s.Layout == core.LayoutForum && !forum:
		return core.Userf("E-PARSE", "The layout `forum` needs a forum channel, and this is none. `layout:thread` is the nearest.")
	case s.Layout != core.LayoutForum && forum:
		return core.Userf("E-PARSE", "A forum channel can only have `layout:forum`.")
	case s.Layout == core.LayoutThread && !c.network.Threads:
		return core.Userf("E-PARSE", "There are no threads here. `layout:cards` keeps the channel quiet as well.")
	}
	sd, ok := p.(core.Seeder)
	if !ok || !s.Seed {
		return nil
	}
	err := sd.MaySeed(c.ctx, c.channel.Key)
	if no, ok := errors.AsType[*core.MayNot](err); ok {
		return mayNot("add reactions", no)
	}
	return err
}

// effective are the channel's settings with what nobody set filled in.
func (c *call) effective() core.Settings {
	s := c.channel.Settings
	s.Editors = c.editors()
	return s
}

// setting is the value of one, as typed.
func (c *call) setting(key string) string { return valueOf(c.effective(), key) }

func valueOf(s core.Settings, key string) string {
	for _, p := range s.Pairs() {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// setting is what people see of one.
type setting struct {
	key, value     string
	label, meaning string
	values         []value // to choose from, the one that holds now among them
	free           bool    // anything else can be typed
}

// value is a setting's, as typed, and for people.
type value struct{ value, label, meaning string }

// settingWords say what a setting is called and what it is for; what is not here is
// called as it is typed and explained as in the table of verbs.
var settingWords = map[string][2]string{
	"max":      {"Papers in a post", "so many at most, the best first"},
	"layout":   {"Form of the post", "how a post looks"},
	"min":      {"Least upvotes", "a paper needs so many on Hugging Face"},
	"quiet":    {"Days without papers", "whether I say so"},
	"scope":    {"Categories", "where a topic looks that names none"},
	"editors":  {"Who may change this", "members, managers, or a role such as @Moderators"},
	"seed":     {"The first 👍", "who puts it on a paper"},
	"weekly":   {"Best of the week", "whether it is posted"},
	"links":    {"Pasted links", "whether they unfold"},
	"notforus": {"👎 that fold a paper", "so many people have to say that it is not for us"},
	"votes":    {"Emoji that are a vote", "each of them on a paper is one"},
	"excerpt":  {"Text of a paper", "how much of it a card shows"},
	"summary":  {"Whose text", "whose words a card shows"},
	"discover": {"Beyond the topics", "so many papers a day more, of no topic, that are like what you liked"},
}

// valueWords say what a value means.
var valueWords = map[string][2]string{
	"layout:channel":            {"channel", "a message a paper, the rest in a thread"},
	"layout:thread":             {"thread", "one message a day, the papers in its thread"},
	"layout:digest":             {"digest", "one message a day with a numbered list"},
	"layout:cards":              {"cards", "one message a day with a card a paper"},
	"layout:forum":              {"forum", "a forum post a paper"},
	"quiet:silent":              {"silent", "nothing is posted"},
	"quiet:note":                {"note", "one line says so"},
	"scope:all":                 {"all", "every category"},
	"editors:members":           {"members", "everybody here"},
	"editors:managers":          {"managers", "who manages this channel"},
	"seed:yes":                  {"yes", "I add it, so that voting is one tap"},
	"seed:no":                   {"no", "people add it"},
	"weekly:yes":                {"yes", "one message on Mondays, by votes"},
	"weekly:no":                 {"no", "no message on Mondays"},
	"links:yes":                 {"yes", "a pasted link to a paper shows its card"},
	"links:no":                  {"no", "links stay as they are"},
	"excerpt:none":              {"none", "title and facts alone"},
	"excerpt:line":              {"line", "the sentence in which the authors say what they did"},
	"excerpt:full":              {"full", "the whole abstract"},
	"summary:authors":           {"authors", "the authors' own words"},
	"summary:hf":                {"hf", "Hugging Face's summary, where there is one"},
	"min:0":                     {"0", "every paper"},
	"discover:0":                {"0", "only what a topic brings"},
	"notforus:1":                {"1", "one person is enough"},
	"scope:cs.*,stat.ML,eess.*": {"cs.*, stat.ML, eess.*", "computer science, learning, signals"},
}

// presets are the values that a number or a list of categories is offered.
var presets = map[string][]string{
	"max": {"3", "5", "10", "15"}, "min": {"0", "5", "10", "20", "50"}, "notforus": {"1", "2", "3", "5"}, "discover": {"0", "1", "2", "3", "5"},
	"scope": {valueOf(core.DefaultSettings(), "scope"), "all"},
}

// theSettings are all, in the order of the verb's options.
func (b *Chat) theSettings(c *call) (out []setting) {
	v, _ := verbs.Named("settings")
	for _, o := range v.Options {
		words, known := settingWords[o.Name]
		if !known {
			words = [2]string{cards.Capital(o.Name), o.Summary}
		}
		s := setting{key: o.Name, value: c.setting(o.Name), label: words[0], meaning: words[1]}
		s.free = o.Kind == verbs.String
		values := append(slices.Clone(o.Choices), presets[o.Name]...)
		if o.Kind == verbs.YesNo {
			values = []string{"yes", "no"}
		}
		if len(values) > 0 && !slices.Contains(values, s.value) {
			values = append(values, s.value)
		}
		for _, v := range values {
			words := valueWords[o.Name+":"+v]
			if words[0] == "" {
				words[0] = v
			}
			s.values = append(s.values, value{v, words[0], words[1]})
		}
		out = append(out, s)
	}
	return out
}

// now is what the value means that holds now.
func (s *setting) now() string {
	for _, v := range s.values {
		if v.value == s.value && v.meaning != "" {
			return v.meaning
		}
	}
	return s.meaning
}

// row is a setting with its values to choose from.
func (s *setting) row(c *call) core.Row {
	row := core.Row{Text: say.Say("*%s*", s.label), Value: s.value, Small: say.Say("%s · %s:", s.now(), s.key), Open: c.button("", "setting", s.key).ID}
	for _, v := range s.values {
		b := c.button(v.label, "do", "settings "+s.key+":"+v.value)
		if len(c.fits(b)) == 0 {
			continue
		}
		if row.Menu == nil {
			row.Menu = &core.Menu{Label: "Change"}
		}
		row.Menu.Options = append(row.Menu.Options, core.Option{ID: b.ID, Label: cards.Cut(v.label, mostChosen), Detail: cards.Cut(v.meaning, mostChosen), Chosen: v.value == s.value})
	}
	if s.free {
		row.Buttons = []core.Button{c.button("Other …", "form", "settings", s.key)}
	}
	return row
}

func (b *Chat) settingsCard(c *call, next say.Text) core.Card {
	card := core.Card{
		Lines:   []say.Text{say.Say("The settings of this channel. %s changes them, too.", c.command("settings max:5 layout:thread"))},
		Context: []say.Text{next},
	}
	all := b.theSettings(c)
	for i := range all {
		card.Rows = append(card.Rows, all[i].row(c))
	}
	if most := c.network.Limits.Fields; most == 0 || most >= len(all) {
		card.Buttons = append(card.Buttons, c.button("Change several …", "form", "settings"))
	}
	return card
}

// oneSetting answers with a setting's row alone.
func (b *Chat) oneSetting(c *call, args []string) (core.Reply, error) {
	for _, s := range b.theSettings(c) {
		if s.key == args[0] {
			return core.Reply{Card: core.Card{Rows: []core.Row{s.row(c)}}}, nil
		}
	}
	return core.Reply{}, oldButton(c, "settings")
}
