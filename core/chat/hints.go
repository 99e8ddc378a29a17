package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// tooMuch is how many papers a weekday are more than people read.
const tooMuch = 20

// numbered is a topic by its number: #3.
var numbered = regexp.MustCompile(`^#[0-9]+$`)

// asked is a free-text option as a topic that can be meant.
func (b *Chat) asked(c *call, option string, parse func(string) (topic.Topic, error)) (topic.Topic, error) {
	if ref := strings.TrimSpace(c.Args[option]); numbered.MatchString(ref) { // one that is followed here
		followed, err := b.topicNamed(c, ref)
		return followed.Topic, err
	}
	t, err := c.topic(option, parse)
	if err != nil {
		return t, err
	}
	if err := b.known(c, option, t); err != nil {
		return t, err
	}
	return t, b.Query.Ready(c.ctx, &t)
}

// known refuses a topic, typed anew, that nothing can be known of, as Known does.
// option is where it was typed, for the place; "" where there is none.
func (b *Chat) known(c *call, option string, ts ...topic.Topic) error {
	for _, t := range ts {
		unknown, err := Known(c.ctx, b.Query, t)
		if no, ok := errors.AsType[*core.UserError](err); ok {
			no.Col = c.place(option, string(unknown.Field)+":", unknown.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Known refuses a topic that names a category, a source or a paper that nobody
// knows, or is like: something of which nothing can be known. Of the term that is
// unknown it gives the field and the value.
func Known(ctx context.Context, r *query.Reader, t topic.Topic) (unknown topic.Term, err error) {
	if u, no, err := r.Unknown(ctx, t); err != nil {
		return unknown, err
	} else if no {
		return topic.Term{Field: u.Field, Value: u.Value}, noSuch(u)
	}
	like, no, err := r.UnknownLike(ctx, t)
	switch {
	case err != nil || !no:
		return unknown, err
	case like.OfPaper():
		return like, core.Userf("E-NOTFOUND", "I do not have the paper %s, so I cannot tell what is like it. Say in your own words what it is about: `like:\"video of people\"`.", say.Link(like.Value, "https://arxiv.org/abs/"+like.Value))
	}
	return like, core.Userf("E-NOTFOUND", "I know none of the words of `%s`, so nothing can be like it. Say it in other words, or name a paper: `like:2509.24002`.", cards.Cut(like.Value, 60))
}

// knownScope is known for the categories of a scope.
func (b *Chat) knownScope(ctx context.Context, s topic.Scope) error {
	u, unknown, err := b.Query.UnknownCategory(ctx, s.Patterns)
	if err == nil && unknown {
		return noSuch(u)
	}
	return err
}

// noSuch says that nobody knows a name, and which is near.
func noSuch(u query.Unknown) *core.UserError {
	if u.Field == topic.Cat {
		return &core.UserError{Code: "E-NOTFOUND", Text: topic.NoCategory(u.Value)}
	}
	sources := make([]string, len(u.Near))
	for i, s := range u.Near {
		if strings.Contains(s, " ") {
			s = strconv.Quote(s)
		}
		sources[i] = "source:" + s
	}
	if len(sources) == 1 {
		return core.Userf("E-NOTFOUND", "I have no source `%s`. Did you mean %s?", cards.Cut(u.Value, 60), cards.Codes(sources))
	}
	return core.Userf("E-NOTFOUND", "I have no source `%s`. There is %s.", cards.Cut(u.Value, 60), cards.Codes(sources[:min(len(sources), 8)]))
}

// place is the column of a field's value in the whole line, 0 where it does not
// stand there so.
func (c *call) place(option, field, value string) int {
	arg := strings.ToLower(c.Args[option])
	if i := strings.Index(arg, field+strings.ToLower(strings.TrimSuffix(value, "*"))); i >= 0 {
		return len([]rune(arg[:i+len(field)])) + 1
	}
	return 0
}

// noResult says how the search was read and what finds something.
func (b *Chat) noResult(c *call, q core.Query) (core.Reply, error) {
	hints, err := b.Query.Instead(c.ctx, q)
	if err != nil {
		return core.Reply{}, err
	}
	line := say.Say("No papers match *%s*%s. I read this as: %s.", searched(q.Topic), since(q.Since), reading(q.Topic, q.Scope))
	if n, err := b.Store.CountPapers(c.ctx); err != nil {
		return core.Reply{}, err
	} else if n == 0 {
		line = append(line, say.Say(" I have no papers at all yet.")...)
	}
	card := core.Card{Lines: []say.Text{append(line, c.tried(hints)...)}}
	c.meantVerb(&card)
	for _, h := range hints {
		card.Buttons = append(card.Buttons, c.again(h)...)
	}
	if sentence(c.Text) {
		card.Lines = append(card.Lines, say.Say("I look for papers by their words and what they mean. %s says what else I can do.", c.command("help")))
		card.Buttons = append(card.Buttons, c.do("Help", "help")...)
	}
	return core.Reply{Card: card}, nil
}

// meantVerb asks whether a verb was meant by the first of the words that were read
// as a search.
func (c *call) meantVerb(card *core.Card) {
	first, rest, _ := strings.Cut(strings.TrimSpace(c.Text), " ")
	if c.Verb.Name != "search" || strings.ContainsAny(first, verbs.Quotes) {
		return
	}
	if v := verbs.Nearest(first); v != "" {
		meant := strings.TrimSpace(v + " " + rest)
		card.Lines = append(card.Lines, say.Say("Did you mean %s?", c.command(meant)))
		card.Buttons = append(card.Buttons, c.do("Yes: "+v, meant)...)
	}
}

// sentence: somebody seems to talk to us: four words and more, and nothing of the
// language of topics.
func sentence(typed string) bool {
	return len(strings.Fields(typed)) >= 4 && !strings.ContainsAny(typed, `:*|`+verbs.Quotes) && !strings.Contains(typed, " -")
}

// tried says what finds something: " Did you mean *diffusion* (7,258 papers)? Try
// `since:30d` (3 papers) or `cat:*` (1 paper)."
func (c *call) tried(hints []query.Hint) (line say.Text) {
	var tries []say.Text
	for _, h := range hints {
		papers := counted(h.Found)
		if h.Kind == query.Spelling {
			line = append(line, say.Say(" Did you mean *%s* (%s)?", searched(h.Topic), papers)...)
			continue
		}
		if len(tries) > 0 {
			tries = append(tries, say.Say(", "))
		}
		tries = append(tries, say.Say("%s (%s)", c.short(h), papers))
	}
	if n := len(tries); n > 0 {
		if n > 1 {
			tries[n-2] = say.Say(" or ")
		}
		line = append(line, say.Join("", append([]say.Text{say.Say(" Try ")}, append(tries, say.Say("."))...)...)...)
	}
	return line
}

// short is what is different about a hint, as one types it.
func (c *call) short(h query.Hint) say.Text {
	switch h.Kind {
	case query.Earlier:
		if h.Since.IsZero() {
			return say.Say("without `since:`")
		}
		return say.Say("`since:%s`", c.days(h.Since))
	case query.Without:
		return say.Say("without `%s`", h.Word)
	case query.Beginning, query.Wider:
		return say.Say("`%s`", h.Word)
	}
	return say.Say("`%s`", searched(h.Topic))
}

// label is a sentence's words for a button.
func label(t say.Text) string {
	var b strings.Builder
	for _, span := range t {
		b.WriteString(span.Text)
	}
	return cards.Cut(b.String(), mostChosen)
}

// days is a day as since: takes it: 30d.
func (c *call) days(from core.Date) string {
	return fmt.Sprintf("%dd", int(c.today().Time(time.UTC).Sub(from.Time(time.UTC))/(24*time.Hour)))
}

// again is a button that asks as the hint does, with what else was asked.
func (c *call) again(h query.Hint) []core.Button {
	ask := &call{Call: verbs.Call{Verb: c.Verb, Args: map[string]string{}}}
	for name, value := range c.Args {
		ask.Args[name] = value
	}
	delete(ask.Args, "share")
	rest, _ := c.Verb.Rest()
	ask.Args[rest.Name] = searched(h.Topic)
	if _, ok := c.Verb.Option("since"); ok && h.Since != c.since() {
		delete(ask.Args, "since")
		if !h.Since.IsZero() {
			ask.Args["since"] = c.days(h.Since)
		}
	}
	return c.do(label(c.short(h)), ask.line())
}

// counted says how many papers a hint finds.
func counted(found int) string {
	return cards.CountUpTo(min(found, core.Countable), found > core.Countable, "paper")
}

// since is the day that was typed, zero for none.
func (c *call) since() core.Date {
	d, err := core.ParseSince(c.Args["since"], c.today())
	if err != nil {
		return ""
	}
	return d
}

// prospects is what a topic's forecast calls for: lines that say so, and hints.
func (b *Chat) prospects(c *call, t topic.Topic, f *query.Forecast) (lines []say.Text, hints []query.Hint, err error) {
	switch {
	case f.Found.Total == 0:
		ever, err := b.Query.Search(c.ctx, f.Ever())
		if err != nil {
			return nil, nil, err
		}
		q := f.Ever()
		switch {
		case ever.Total > 0:
			newest := ever.Hits[0].Paper.Day
			if newest.IsZero() {
				break
			}
			lines = append(lines, say.Say("No paper of these days matches it: the channel may stay quiet. I know %s before, the newest of %s.", cards.CountUpTo(ever.Total, ever.More, "paper"), cards.LongDate(newest)))
			q.Since = c.today().AddDays(-f.Days)
		case f.Known > 0:
			lines = append(lines, say.Say("No paper that I have matches it: the channel may stay quiet."))
		}
		if hints, err = b.Query.Instead(c.ctx, q); err != nil {
			return nil, nil, err
		}
		hints = slices.DeleteFunc(hints, func(h query.Hint) bool {
			return h.Kind == query.Earlier || h.Since != q.Since && h.Kind != query.Spelling
		})
		if line := c.tried(hints); len(line) > 0 {
			line[0].Text = strings.TrimLeft(line[0].Text, " ")
			lines = append(lines, line)
		}
		if len(t.Likes()) == 0 {
			lines = append(lines, say.Say("A topic matches by its words: a paper that never writes them is missed. %s looks for what is near in meaning.", c.command("search "+cmp.Or(plainWords(t), b.example(c)))))
		}
	case f.PerWeekday() > tooMuch:
		line := say.Say("That is more than %d a weekday, and a post here shows %d.", tooMuch, c.channel.Settings.Max)
		if hints, err = b.Query.Less(c.ctx, *f, tooMuch); err != nil {
			return nil, nil, err
		}
		var less []say.Text
		for _, h := range hints {
			less = append(less, say.Say("`%s` (%s)", searched(h.Topic), howOften(min(h.Found, core.Countable), h.Found > core.Countable, f.Weekdays)))
		}
		if len(less) > 0 {
			line = append(line, say.Say(" To narrow it: %s.", say.Join(" · ", less...))...)
		}
		lines = append(lines, line)
	default:
		q := f.Ever()
		if hints, err = b.Query.Written(c.ctx, q); err != nil {
			return nil, nil, err
		}
		for _, h := range hints {
			lines = append(lines, say.Say("Also written *%s*: %s. `%s` follows both.", h.Word, counted(h.Found), searched(h.Topic)))
		}
	}
	return lines, hints, nil
}

// plainWords are a topic's words without what makes them exact.
func plainWords(t topic.Topic) string {
	var words []string
	for _, clause := range t.Clauses {
		for _, term := range clause {
			if !term.Not {
				words = append(words, term.Words...)
			}
		}
	}
	return strings.Join(words, " ")
}

// inTopicsPlace are buttons that put a hint's topic in the place of one that is
// followed.
func (c *call) inTopicsPlace(f core.Topic, hints []query.Hint) (buttons []core.Button) {
	for _, h := range hints {
		verb := "instead"
		if h.Kind == query.Narrower {
			verb = "narrow"
		}
		b := c.button(cards.Cut(fmt.Sprintf("Follow %s instead", h.Topic), mostChosen), verb, strconv.FormatInt(f.ID, 10), h.Topic.String())
		if limit := c.network.Limits.ButtonID; limit == 0 || len(b.ID) <= limit {
			buttons = append(buttons, b)
		}
	}
	return buttons
}

// narrow makes a followed topic say less; what has come and is not posted yet
// stays what it was.
func (b *Chat) narrow(c *call, args []string) (core.Reply, error) {
	return b.replace(c, "narrow", args, func(old core.Topic, next topic.Topic) (core.Topic, error) {
		return b.Store.NarrowTopic(c.ctx, c.channel.ID, old.ID, next)
	})
}

// instead follows another topic in a followed one's place: it begins anew.
func (b *Chat) instead(c *call, args []string) (core.Reply, error) {
	return b.replace(c, "instead", args, func(old core.Topic, next topic.Topic) (core.Topic, error) {
		return b.Store.ReplaceTopic(c.ctx, c.channel.ID, old.ID, next)
	})
}

func (b *Chat) replace(c *call, verb string, args []string, put func(old core.Topic, next topic.Topic) (core.Topic, error)) (core.Reply, error) {
	if len(args) < 2 {
		return core.Reply{}, oldButton(c, "list")
	}
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	next, err := topic.Parse(strings.Join(args[1:], "|")) // a topic may hold a |
	if err != nil {
		return core.Reply{}, err
	}
	if err := b.known(c, "", next); err != nil {
		return core.Reply{}, err
	}
	followed, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Reply{}, err
	}
	at := slices.IndexFunc(followed, func(t core.Topic) bool { return strconv.FormatInt(t.ID, 10) == args[0] })
	if at < 0 {
		return core.Reply{}, core.Userf("E-OLDBUTTON", "That topic is not followed any more. %s follows this one.", c.command("subscribe "+next.String()))
	}
	for _, t := range followed {
		if t.Topic.String() == next.String() {
			return core.Reply{}, core.Userf("E-DUP", "This channel already follows *%s* (#%d). Nothing changed.", next.String(), t.Number)
		}
	}
	if ask, asked, err := b.guarded(c, followed[at], next, verb, args[0], next.String()); asked || err != nil {
		return ask, err
	}
	now, err := put(followed[at], next)
	if err != nil {
		return core.Reply{}, err
	}
	b.Wake()
	f, err := b.Query.Forecast(c.ctx, c.channel, next, previewDays, 0)
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Edit: true,
		Card: core.Card{Lines: []say.Text{say.Say("#%d *%s*: I read this as %s. %s", now.Number, next.String(), reading(next, c.channel.Settings.Scope), rate(&f))}},
		Line: []say.Text{say.Say("%s follows *%s* here, instead of *%s*.", c.mention(), next.String(), followed[at].Text())},
	}, nil
}

// examples are words for those who try the first time, of many sciences.
var examples = []string{"diffusion", "learning", "model", "network", "theory", "data"}

// example is one of them that finds something; the first where none does, as in an
// empty store.
func (b *Chat) example(c *call) string {
	for _, word := range examples {
		t, err := topic.Parse(word)
		if err != nil {
			continue
		}
		found, err := b.Query.Search(c.ctx, core.Query{Topic: t, Scope: c.channel.Settings.Scope})
		if err != nil {
			b.Log.Warn("an example", "err", err)
			break
		}
		if found.Total > 0 {
			return word
		}
	}
	return examples[0]
}
