package chat

import (
	"fmt"
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
	}
	until, err := c.until(c.Args["for"], 7*24*time.Hour)
	if err != nil {
		return core.Reply{}, err
	}
	return b.addMute(c, m, until)
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

func (b *Chat) addMute(c *call, m core.Mute, until time.Time) (core.Reply, error) {
	if err := b.mayMute(c, m); err != nil {
		return core.Reply{}, err
	}
	m.By, m.ByKey, m.At, m.Until = c.user.Name, c.user.Key, c.now, until
	m, err := b.Store.AddMute(c.ctx, m)
	if err != nil {
		return core.Reply{}, err
	}
	reply := core.Reply{Card: core.Card{
		Lines:   []say.Text{say.Say("Muted *%s* %s, %s.", m.Value, whose(m), remaining(m, c.now))},
		Buttons: []core.Button{cards.Button("Undo", "unmute", fmt.Sprint(m.ID))},
	}}
	if m.Channel != 0 {
		reply.Line = []say.Text{say.Say("%s muted *%s* here, %s.", c.mention(), m.Value, remaining(m, c.now))}
	}
	return reply, nil
}

// whose says for whom a mute holds.
func whose(m core.Mute) string {
	if m.Channel == 0 {
		return "for you"
	}
	return "here"
}

// remaining says how long a mute still holds.
func remaining(m core.Mute, now time.Time) string {
	if m.Until.IsZero() {
		return "for ever"
	}
	left := m.Until.Sub(now)
	switch {
	case left >= 24*time.Hour:
		return "for " + cards.Count(int((left+12*time.Hour)/(24*time.Hour)), "day")
	case left >= time.Hour:
		return "for " + cards.Count(int((left+30*time.Minute)/time.Hour), "hour")
	}
	return "for " + cards.Count(max(1, int(left/time.Minute)), "minute")
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
	return core.Reply{}, core.Userf("E-NOTFOUND", "*%s* is not muted here. %s shows what is.", m.Value, c.command("list"))
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
	reply := core.Reply{Card: core.Card{Lines: []say.Text{say.Say("*%s* is shown %s again.", m.Value, whose(m))}}}
	if m.Channel != 0 {
		reply.Line = []say.Text{say.Say("%s unmuted *%s* here.", c.mention(), m.Value)}
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
		card := core.Card{Lines: []say.Text{say.Say("Hide what of _%s_?", p.Title)}}
		for i, w := range whats {
			card.Buttons = append(card.Buttons, cards.Button(cards.Cut(w.label, 75), "mute", string(p.ID), fmt.Sprint(i)))
		}
		return core.Reply{Card: card}, nil
	}
	i := -1
	fmt.Sscan(args[1], &i)
	if i < 0 || i >= len(whats) {
		return core.Reply{}, oldButton(c, "mute "+string(p.ID))
	}
	if len(args) == 2 {
		card := core.Card{Lines: []say.Text{say.Say("Hide *%s* for how long?", whats[i].mute.Value)}}
		for _, span := range verbs.Spans.Choices {
			card.Buttons = append(card.Buttons, cards.Button(span, "mute", string(p.ID), args[1], span))
		}
		return core.Reply{Card: card, Edit: true}, nil
	}
	until, err := c.until(args[2], 0)
	if err != nil {
		return core.Reply{}, err
	}
	reply, err := b.addMute(c, whats[i].mute, until)
	reply.Edit = err == nil
	return reply, err
}

type mutable struct {
	label string
	mute  core.Mute
}

// mutable is what can be hidden on account of a paper: the paper for oneself,
// its first author and category, and the topics that brought it.
func (b *Chat) mutable(c *call, p *core.Paper) ([]mutable, error) {
	here := func(label, value string) mutable {
		return mutable{label, core.Mute{Channel: c.channel.ID, Kind: core.MuteTopic, Value: value}}
	}
	ms := []mutable{{"This paper, for me", core.Mute{User: c.user.Key, Kind: core.MutePaper, Value: string(p.ID)}}}
	add := func(label, value string) {
		if t, err := topic.Parse(value); err == nil {
			ms = append(ms, here(label, t.String()))
		}
	}
	if len(p.Authors) > 0 {
		add("Author "+cards.Name(p.Authors[0]), `author:"`+strings.NewReplacer(`"`, " ").Replace(p.Authors[0])+`"`)
	}
	if cat := p.Primary(); cat != "" {
		add("Category "+cat, "cat:"+cat)
	}
	matched, err := b.Query.MatchedHere(c.ctx, c.channel, p)
	if err != nil {
		return nil, err
	}
	for _, m := range matched {
		if len(ms) < 5 {
			add("Topic "+m.Topic, m.Topic)
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
