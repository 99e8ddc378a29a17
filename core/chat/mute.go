package chat

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// mute hides a topic here, or one paper for the person who asks.
func (b *Chat) mute(c *call) (core.Reply, error) {
	m, err := b.muteNamed(c, c.Args["what"])
	if err != nil {
		return core.Reply{}, err
	}
	if t, err := topic.Parse(m.Value); err == nil && m.Kind == core.MuteTopic && !strings.HasPrefix(strings.TrimSpace(c.Args["what"]), "#") {
		if err := b.known(c, "what", t); err != nil {
			return core.Reply{}, err
		}
		if meant, err := b.meantToKeep(c, "what"); err != nil {
			return core.Reply{}, err
		} else if meant.line != "" {
			return meant.before(c, []topic.Topic{t}, c.with("what", t.String()), "hidden", "hides"), nil
		}
	}
	until, err := c.until(c.Args["for"], 7*24*time.Hour)
	if err != nil {
		return core.Reply{}, err
	}
	return b.addMute(c, m, until, b.hidden(c.ctx, m))
}

// until reads how long something is to last; zero is for ever.
func (c *call) until(span string, def time.Duration) (time.Time, error) {
	if span = strings.TrimSpace(span); span == "" {
		return c.now.Add(def), nil
	}
	d, forever, ok := core.ParseSpan(span)
	switch {
	case !ok:
		return time.Time{}, core.Userf("E-PARSE", "I could not read `%s`. Write how long as in `7d`, `2w` or `forever`.", span)
	case forever:
		return time.Time{}, nil
	}
	return c.now.Add(d), nil
}

// muteNamed reads what is to be hidden: #1203 and links are papers, all else
// is read as a topic is, so that author:, cat: and phrases work.
func (b *Chat) muteNamed(c *call, what string) (core.Mute, error) {
	if id, _, ok := core.ParsePaperID(strings.TrimPrefix(verbs.Unquote(what), "#")); ok {
		if _, err := b.paperNamed(c, string(id)); err != nil {
			return core.Mute{}, err
		}
		return core.Mute{User: c.user.Key, Kind: core.MutePaper, Value: string(id)}, nil
	}
	if n := strings.TrimSpace(what); strings.HasPrefix(n, "#") {
		t, err := b.topicNamed(c, n)
		if err != nil {
			return core.Mute{}, err
		}
		return core.Mute{Channel: c.channel.ID, Kind: core.MuteTopic, Value: t.Topic.String()}, nil
	}
	t, err := topic.Parse(strings.TrimSpace(what))
	if err != nil {
		return core.Mute{}, c.shift("what", err)
	}
	return core.Mute{Channel: c.channel.ID, Kind: core.MuteTopic, Value: t.String()}, nil
}

// addMute hides something, which what tells people.
func (b *Chat) addMute(c *call, m core.Mute, until time.Time, what say.Text) (core.Reply, error) {
	if err := b.mayMute(c, m); err != nil {
		return core.Reply{}, err
	}
	m.By, m.ByKey, m.At, m.Until = c.user.Name, c.user.Key, c.now, until
	m, err := b.Store.AddMute(c.ctx, m)
	if err != nil {
		return core.Reply{}, err
	}
	reply := core.Reply{Card: core.Card{
		Lines:   []say.Text{say.Say("Hidden %s %s: %s.", whose(m), cards.Remaining(m.Until, c.now), what)},
		Buttons: []core.Button{c.button("Undo", "unmute", fmt.Sprint(m.ID))},
	}}
	if m.Channel != 0 {
		reply.Line = []say.Text{say.Say("%s hid %s here %s.", c.mention(), what, cards.Remaining(m.Until, c.now))}
	}
	return reply, nil
}

// hidden says what a mute hides: "papers by *Jane Doe*".
func (b *Chat) hidden(ctx context.Context, m core.Mute) say.Text {
	if m.Kind == core.MutePaper {
		if p, err := b.Store.Paper(ctx, core.PaperID(m.Value)); err == nil {
			return say.Say("_%s_", cards.Cut(p.Title, 100))
		}
		return say.Say("the paper *%s*", m.Value)
	}
	t, err := topic.Parse(m.Value)
	if err != nil || len(t.Clauses) != 1 || len(t.Clauses[0]) != 1 {
		return say.Say("papers that match *%s*", m.Value)
	}
	switch term := t.Clauses[0][0]; term.Field {
	case topic.Author:
		words := slices.Clone(term.Words)
		for i, w := range words {
			words[i] = cards.Capital(w)
		}
		return papersBy(strings.Join(words, " "))
	case topic.Cat:
		return say.Say("papers in *%s*", m.Value[len("cat:"):])
	}
	return say.Say("papers that match *%s*", m.Value)
}

func papersBy(name string) say.Text { return say.Say("papers by *%s*", name) }

// whose says for whom a mute holds.
func whose(m core.Mute) string {
	if m.Channel == 0 {
		return "for you"
	}
	return "here"
}

// unmute shows again what was hidden.
func (b *Chat) unmute(c *call) (core.Reply, error) {
	m, err := b.muteNamed(c, c.Args["what"])
	if err != nil {
		return core.Reply{}, err
	}
	mutes, err := b.Store.Mutes(c.ctx, c.channel.ID, c.user.Key, c.now)
	if err != nil {
		return core.Reply{}, err
	}
	for _, have := range mutes {
		if have.Kind == m.Kind && have.Value == m.Value {
			return b.endMute(c, have)
		}
	}
	return core.Reply{}, core.Userf("E-NOTFOUND", "Nothing that is hidden here is called *%s*. %s shows what is.", m.Value, c.command("list"))
}

// mayMute says whether the person may hide something, or show it again: one's
// own mutes are nobody else's business.
func (b *Chat) mayMute(c *call, m core.Mute) error {
	if c.own = m.Channel == 0; c.own {
		return nil
	}
	return b.mayEdit(c)
}

func (b *Chat) endMute(c *call, m core.Mute) (core.Reply, error) {
	if err := b.mayMute(c, m); err != nil {
		return core.Reply{}, err
	}
	if err := b.Store.RemoveMute(c.ctx, m.ID); err != nil {
		return core.Reply{}, err
	}
	reply := core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Shown %s again: %s.", whose(m), b.hidden(c.ctx, m))}}}
	if m.Channel != 0 {
		reply.Line = []say.Text{say.Say("%s shows %s here again.", c.mention(), b.hidden(c.ctx, m))}
	}
	return reply, nil
}

// muteMenu asks what of a paper is to be hidden, and for how long.
func (b *Chat) muteMenu(c *call, args []string) (core.Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return core.Reply{}, err
	}
	whats, err := b.mutable(c, &p)
	if err != nil {
		return core.Reply{}, err
	}
	if len(args) == 1 {
		card := core.Card{Lines: []say.Text{say.Say("Hide what of _%s_?", p.Title)}, Menu: &core.Menu{Label: "Hide …"}}
		for i, w := range whats {
			card.Menu.Options = append(card.Menu.Options, core.Option{ID: c.button("", "mute", string(p.ID), fmt.Sprint(i)).ID, Label: cards.Cut(w.label, mostChosen)})
		}
		return core.Reply{Card: card}, nil
	}
	i := -1
	fmt.Sscan(args[1], &i)
	if i < 0 || i >= len(whats) {
		return core.Reply{}, oldButton(c, "mute "+string(p.ID))
	}
	if len(args) == 2 {
		card := core.Card{Lines: []say.Text{say.Say("Hide %s %s for:", whats[i].text, whose(whats[i].mute))}}
		for _, span := range verbs.Spans.Choices {
			card.Buttons = append(card.Buttons, c.button(spanWords(span), "mute", string(p.ID), args[1], span))
		}
		return core.Reply{Card: card, Edit: true}, nil
	}
	until, err := c.until(args[2], 0)
	if err != nil {
		return core.Reply{}, err
	}
	reply, err := b.addMute(c, whats[i].mute, until, whats[i].text)
	reply.Edit = err == nil
	return reply, err
}

// spanWords says a span of verbs.Spans.
func spanWords(span string) string {
	switch span {
	case "1d":
		return "a day"
	case "7d":
		return "a week"
	case "30d":
		return "a month"
	}
	return "always"
}

type mutable struct {
	label string
	text  say.Text // what it hides
	mute  core.Mute
}

// mostMutable is how many things are offered.
const mostMutable = 8

// mutable is what can be hidden on account of a paper: the paper for oneself, who
// wrote it first and last, its category, and the topics that brought it.
func (b *Chat) mutable(c *call, p *core.Paper) ([]mutable, error) {
	ms := []mutable{{"This paper, for me", say.Say("_%s_", cards.Cut(p.Title, 100)), core.Mute{User: c.user.Key, Kind: core.MutePaper, Value: string(p.ID)}}}
	add := func(label, value string, text say.Text) {
		t, err := topic.Parse(value)
		if err != nil {
			return
		}
		m := core.Mute{Channel: c.channel.ID, Kind: core.MuteTopic, Value: t.String()}
		if text == nil {
			text = b.hidden(c.ctx, m)
		}
		ms = append(ms, mutable{label, text, m})
	}
	author := func(name string) {
		add("Papers by "+cards.Name(name), `author:"`+strings.ReplaceAll(name, `"`, " ")+`"`, papersBy(cards.Name(name)))
	}
	if n := len(p.Authors); n > 0 {
		author(p.Authors[0])
		if n > 1 {
			author(p.Authors[n-1])
		}
	}
	if cat := p.Primary(); cat != "" {
		add("Papers in "+cat, "cat:"+cat, nil)
	}
	matched, err := b.Query.MatchedHere(c.ctx, c.channel, p)
	if err != nil {
		return nil, err
	}
	for _, m := range matched {
		if len(ms) < mostMutable {
			add("Papers that match "+m.Topic, m.Topic, nil)
		}
	}
	return ms, nil
}

func (b *Chat) undoMute(c *call, args []string) (core.Reply, error) {
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return core.Reply{}, oldButton(c, "list")
	}
	mutes, err := b.Store.Mutes(c.ctx, c.channel.ID, c.user.Key, c.now)
	if err != nil {
		return core.Reply{}, err
	}
	for _, m := range mutes {
		if m.ID == id {
			reply, err := b.endMute(c, m)
			reply.Edit = err == nil
			return reply, err
		}
	}
	return core.Reply{}, core.Userf("E-NOTFOUND", "That is not muted any more. %s shows what is.", c.command("list"))
}
