package chat

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// A form is a verb filled in by hand: its fields are the verb's options. A button
// opens it, pb1|form|schedule, and what was filled in is done as if it were typed.
type form struct {
	verb string // that does it
	edit bool   // only who may edit the channel is shown one
	make func(b *Chat, c *call, args []string) (core.Form, error)
}

var forms map[string]form

func init() { // a literal would refer to itself through the buttons
	forms = map[string]form{
		"preview":     {"preview", false, (*Chat).previewForm},
		"subscribe":   {"subscribe", true, (*Chat).subscribeForm},
		"schedule":    {"schedule", true, (*Chat).scheduleForm},
		"settings":    {"settings", true, (*Chat).settingsForm}, // or one of them: pb1|form|settings|votes
		"edit":        {"subscribe", true, (*Chat).editForm},    // a topic: pb1|form|edit|7
		"zotero":      {"zotero", true, (*Chat).zoteroForm},
		"zotero-mine": {"zotero", false, (*Chat).zoteroMineForm},
		"mute":        {"mute", false, (*Chat).muteForm}, // or what of a paper: pb1|mute|2509.24002
	}
}

// formOf is the form of a button's id; ok is false for a button that opens none.
func formOf(id string) (name string, args []string, ok bool) {
	verb, args, ok := cards.Pressed(id)
	switch {
	case ok && verb == "form" && len(args) > 0:
		name, args = args[0], args[1:]
	case ok && verb == "mute" && len(args) == 1:
		name = "mute"
	}
	_, ok = forms[name]
	return name, args, ok
}

// Form is what a button opens. Who may not do what it asks for gets none: the
// press says why.
func (b *Chat) Form(ctx context.Context, p core.Press) (core.Form, bool) {
	id := p.Button
	if _, err := b.there(ctx, &p.Channel, &p.User, &p.Button); err != nil {
		return core.Form{}, false
	}
	name, args, ok := formOf(p.Button)
	if !ok {
		return core.Form{}, false
	}
	c, err := b.filling(ctx, p.Channel, p.User, name)
	if err != nil || forms[name].edit && b.mayEdit(c) != nil {
		return core.Form{}, false
	}
	f, err := forms[name].make(b, c, args)
	if most := c.network.Limits.Fields; err != nil || most > 0 && len(f.Fields) > most {
		return core.Form{}, false
	}
	f.ID = id
	return f, true
}

// filling is a form on its way through.
func (b *Chat) filling(ctx context.Context, key core.ChannelKey, user core.User, name string) (*call, error) {
	c := b.call(ctx, key, user)
	c.Verb, _ = verbs.Named(forms[name].verb)
	err := b.paused(ctx, key.Installation())
	if err == nil {
		c.channel, err = b.lookUp(c, key, "", false)
	}
	return c, err
}

// unfilled answers the button of a form where none was shown: to who may not do
// it, why; to others, how it is typed.
func (b *Chat) unfilled(c *call, args []string) (core.Reply, error) {
	f, ok := forms[args[0]]
	if !ok {
		return core.Reply{}, oldButton(c, "help")
	}
	if f.edit {
		if err := b.mayEdit(c); err != nil {
			return core.Reply{}, err
		}
	}
	switch made, err := f.make(b, c, args[1:]); {
	case err != nil:
		return core.Reply{}, err
	case f.verb == "settings":
		return core.Reply{Card: b.settingsCard(c, b.nextPost(c))}, nil
	case args[0] == "edit":
		return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("*%s* is changed by following the new one and stopping the old: %s · %s.", made.Fields[0].Value,
			c.command("subscribe "+b.example(c)), c.command("unsubscribe "+made.Fields[0].Value))}}}, nil
	}
	return b.help(&call{ctx: c.ctx, network: c.network, Call: verbs.Call{Args: map[string]string{"verb": f.verb}}})
}

func (b *Chat) previewForm(c *call, _ []string) (core.Form, error) {
	return core.Form{Title: "Preview a topic", Submit: "Preview", Fields: []core.Field{topicField("preview", b.example(c), "")}}, nil
}

func (b *Chat) subscribeForm(c *call, _ []string) (core.Form, error) {
	return core.Form{Title: "Follow a topic", Submit: "Follow", Fields: []core.Field{topicField("subscribe", b.example(c), "")}}, nil
}

// mostTyped is how long what is filled in may be.
const mostTyped = 1000

func topicField(verb, example, value string) core.Field {
	return core.Field{Name: "topic", Label: "Topic", Hint: "words, a \"phrase\", -without, author:\"Jane Doe\"; as in: " + example,
		Kind: core.FieldText, Value: value, Max: mostTyped, Verb: verb, Option: "topic"}
}

func (b *Chat) editForm(c *call, args []string) (core.Form, error) {
	t, err := b.topicByID(c, args)
	if err != nil {
		return core.Form{}, err
	}
	return core.Form{Title: "Change topic #" + strconv.Itoa(t.Number), Submit: "Change", Fields: []core.Field{topicField("subscribe", b.example(c), t.Text())}}, nil
}

func (b *Chat) scheduleForm(c *call, _ []string) (core.Form, error) {
	s := c.channel.Schedule
	days := []core.Choice{{Value: "weekdays", Label: "weekdays"}, {Value: "daily", Label: "every day"}, {Value: "weekly:mon", Label: "Mondays"}}
	if now := s.Days.String(); now != "weekdays" && now != "daily" && now != "weekly:mon" {
		days = append(days, core.Choice{Value: now, Label: now})
	}
	return core.Form{Title: "Set the time", Submit: "Set", Fields: []core.Field{
		{Name: "time", Label: "Time of day", Kind: core.FieldTime, Value: s.Time},
		{Name: "zone", Label: "Time zone", Hint: "a city, or a name such as Europe/Berlin", Kind: core.FieldSearch, Value: s.Zone, Verb: "schedule", Option: "zone"},
		{Name: "days", Label: "Days", Kind: core.FieldChoice, Value: s.Days.String(), Options: days},
	}}, nil
}

// settingsForm has all settings, or the one that is named.
func (b *Chat) settingsForm(c *call, args []string) (core.Form, error) {
	f := core.Form{Title: "Settings", Submit: "Save"}
	for _, s := range b.theSettings(c) {
		if len(args) > 0 && args[0] != s.key {
			continue
		}
		field := core.Field{Name: s.key, Label: s.label, Hint: cards.Cut(s.meaning, 100), Kind: core.FieldText, Value: s.value, Max: mostTyped}
		if !s.free {
			field.Kind = core.FieldChoice
			for _, v := range s.values {
				field.Options = append(field.Options, core.Choice{Value: v.value, Label: v.label, Hint: v.meaning})
			}
		}
		f.Fields = append(f.Fields, field)
	}
	if len(f.Fields) == 0 {
		return core.Form{}, oldButton(c, "settings")
	}
	return f, nil
}

// muteForm asks what is to be hidden, of a paper where one is named, and for how
// long.
func (b *Chat) muteForm(c *call, args []string) (core.Form, error) {
	what := core.Field{Name: "what", Label: "What", Hint: "a word, a topic, author:\"Jane Doe\" or a paper's id", Kind: core.FieldSearch, Max: mostTyped, Verb: "mute", Option: "what"}
	if len(args) > 0 {
		p, err := b.paperNamed(c, args[0])
		if err != nil {
			return core.Form{}, err
		}
		whats, err := b.mutable(c, &p)
		if err != nil {
			return core.Form{}, err
		}
		what = core.Field{Name: "what", Label: "Hide", Kind: core.FieldChoice, Value: whats[0].mute.Value}
		for _, w := range whats {
			if value := w.mute.Value; len(value) <= mostChosen && (w.mute.Channel == 0 || b.mayEdit(c) == nil) {
				what.Options = append(what.Options, core.Choice{Value: value, Label: w.label})
			}
		}
	}
	how := core.Field{Name: "for", Label: "For how long", Kind: core.FieldChoice, Value: "7d"}
	for _, s := range verbs.Spans.Choices {
		how.Options = append(how.Options, core.Choice{Value: s, Label: spanWords(s)})
	}
	return core.Form{Title: "Hide papers", Submit: "Hide", Fields: []core.Field{what, how}}, nil
}

// mostChosen is how long the label or the value of a choice may be on every platform.
const mostChosen = 75

// filled is a submission as a command; ok is false for a form that nobody knows.
func (b *Chat) filled(ctx context.Context, s *core.Submission) (r core.Request, name string, args []string, about int64, err error) {
	if about, err = b.there(ctx, &s.Channel, &s.User, &s.Form); err != nil {
		return r, "", nil, 0, err
	}
	if about != 0 {
		s.Name, s.Private = "", false
	}
	name, args, ok := formOf(s.Form)
	if !ok {
		return r, "", nil, about, nil
	}
	return core.Request{ID: s.ID, Channel: s.Channel, Name: s.Name, Private: s.Private, User: s.User, Verb: forms[name].verb, Args: s.Values}, name, args, about, nil
}

// Check says what is wrong with what was filled in.
func (b *Chat) Check(ctx context.Context, s core.Submission) map[string]say.Text {
	r, name, args, _, err := b.filled(ctx, &s)
	if err != nil || name == "" {
		return nil // Submit says so
	}
	c, err := b.filling(ctx, s.Channel, s.User, name)
	if err != nil {
		return nil
	}
	wrong := map[string]say.Text{}
	note := func(field string, err error) {
		if err != nil && wrong[field] == nil {
			wrong[field], _ = userMessage(err)
		}
	}
	if name == "settings" {
		next := c.channel.Settings
		for _, key := range slices.Sorted(maps.Keys(s.Values)) {
			if value := strings.TrimSpace(s.Values[key]); value != "" && value != c.setting(key) {
				note(key, next.Set(key, value))
			}
		}
		return wrong
	}
	f, err := forms[name].make(b, c, args)
	if err != nil {
		return nil
	}
	if r.Verb == "zotero" {
		return checkLibrary(s.Values)
	}
	v, _ := verbs.Named(r.Verb)
	for _, field := range f.Fields {
		if o, ok := v.Option(field.Name); ok && o.Required && strings.TrimSpace(s.Values[field.Name]) == "" { // who fills in a form has typed no command
			summary, _, _ := strings.Cut(o.Summary, ";")
			note(field.Name, core.Userf("E-PARSE", "Nothing is written here yet: write %s, as in `%s`.", summary, strings.TrimPrefix(v.Examples[0], v.Name+" ")))
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	if c.Call, err = verbs.Parse(r, c.network); err != nil {
		note(f.Fields[0].Name, err)
		return wrong
	}
	switch name {
	case "schedule":
		for _, field := range []string{"time", "zone"} {
			_, err := b.parseSchedule(c, s.Values[field], core.Schedule{})
			if _, word := errors.AsType[*core.ZoneError](err); word && field == "time" {
				err = core.Userf("E-PARSE", "`%s` is not a time of day. Write `09:00`, `17:30` or `5pm`.", s.Values[field])
			}
			note(field, err)
		}
	case "subscribe":
		ts, err := topic.ParseList(s.Values["topic"])
		note("topic", err)
		note("topic", b.known(c, "", ts...))
	case "preview", "edit":
		t, err := topic.Parse(s.Values["topic"])
		note("topic", err)
		note("topic", b.known(c, "", t))
	case "mute":
		_, err := b.muteNamed(c, s.Values["what"])
		note("what", err)
		_, err = c.until(s.Values["for"], 0)
		note("for", err)
	}
	return wrong
}

// Submit does what was filled in.
func (b *Chat) Submit(ctx context.Context, s core.Submission) core.Reply {
	form := s.Form
	r, name, args, about, err := b.filled(ctx, &s)
	switch {
	case err != nil:
		return b.errorReply(b.call(ctx, s.Channel, s.User), err)
	case name == "":
		return b.Press(ctx, core.Press{ID: s.ID, Channel: s.Channel, Name: s.Name, Private: s.Private, User: s.User, Button: form})
	case name == "edit":
		c := b.call(ctx, s.Channel, s.User)
		c.about, c.Verb.Name = about, "button"
		if reply := b.begin(c, s.ID, s.Channel, s.Name, s.Private, true); reply != nil {
			return *reply
		}
		return b.answer(c, func() (core.Reply, error) { return b.instead(c, append(args, s.Values["topic"])) })
	case r.Verb == "zotero": // no request, which may be logged or repeated, has a key
		c := b.call(ctx, s.Channel, s.User)
		c.about, c.own, c.Verb.Name = about, true, "button"
		if reply := b.begin(c, s.ID, s.Channel, s.Name, s.Private, true); reply != nil {
			return *reply
		}
		what := core.ShelvePosts
		if name == "zotero-mine" {
			what = core.ShelveSaves
		}
		return b.answer(c, func() (core.Reply, error) { return b.setLibrary(c, what, s.Values) })
	case name == "settings": // only what is different is changed
		if c, err := b.filling(ctx, s.Channel, s.User, name); err == nil {
			r.Args = map[string]string{}
			for key, value := range s.Values {
				if value = strings.TrimSpace(value); value != c.setting(key) {
					r.Args[key] = value
				}
			}
		}
	}
	return b.do(ctx, r, about)
}
