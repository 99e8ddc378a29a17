package core

import (
	"fmt"
	"strings"
	"time"

	"paperboy/core/say"
	"paperboy/core/topic"
)

// mute hides a topic here, or one paper for the person who asks.
func (b *Bot) mute(c *call) (Reply, error) {
	m, err := b.muteNamed(c, c.args["what"])
	if err != nil {
		return Reply{}, err
	}
	until, err := c.until(c.args["for"], 7*24*time.Hour)
	if err != nil {
		return Reply{}, err
	}
	return b.addMute(c, m, until)
}

// until reads how long something is to last; zero is for ever.
func (c *call) until(span string, def time.Duration) (time.Time, error) {
	if strings.TrimSpace(span) == "" {
		return c.now.Add(def), nil
	}
	d, forever, ok := ParseSpan(strings.TrimSpace(span))
	switch {
	case !ok:
		return noTime, Userf("E-PARSE", "I could not read `%s`. Write how long as in `7d`, `2w` or `forever`.", span)
	case forever:
		return noTime, nil
	}
	return c.now.Add(d), nil
}

// muteNamed reads what is to be hidden: #1203 and links are papers, all else
// is read as a topic is, so that author:, cat: and phrases work.
func (b *Bot) muteNamed(c *call, what string) (Mute, error) {
	if id, _, ok := ParsePaperID(strings.TrimPrefix(unquote(what), "#")); ok {
		if _, err := b.paperNamed(c, string(id)); err != nil {
			return Mute{}, err
		}
		return Mute{User: c.user.Key, Kind: MutePaper, Value: string(id)}, nil
	}
	if n := strings.TrimSpace(what); strings.HasPrefix(n, "#") {
		t, err := b.topicNamed(c, n)
		if err != nil {
			return Mute{}, err
		}
		return Mute{Channel: c.channel.ID, Kind: MuteTopic, Value: t.Topic.String()}, nil
	}
	t, err := topic.Parse(strings.TrimSpace(what))
	if err != nil {
		return Mute{}, c.shift("what", err)
	}
	return Mute{Channel: c.channel.ID, Kind: MuteTopic, Value: t.String()}, nil
}

func (b *Bot) addMute(c *call, m Mute, until time.Time) (Reply, error) {
	if m.Channel != 0 {
		if err := c.mayEdit(); err != nil {
			return Reply{}, err
		}
	}
	m.By, m.At, m.Until = c.user.Name, c.now, until
	m, err := b.Store.AddMute(c.ctx, m)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Card: Card{
		Lines:   []say.Text{say.Say("Muted *%s* %s, %s.", m.Value, m.whose(), remaining(m, c.now))},
		Buttons: []Button{button("Undo", "unmute", fmt.Sprint(m.ID))},
	}}
	if m.Channel != 0 {
		reply.Line = []say.Text{say.Say("%s muted *%s* here, %s.", c.mention(), m.Value, remaining(m, c.now))}
	}
	return reply, nil
}

func (m *Mute) whose() string {
	if m.Channel == 0 {
		return "for you"
	}
	return "here"
}

// remaining says how long a mute still holds.
func remaining(m Mute, now time.Time) string {
	if m.Until.IsZero() {
		return "for ever"
	}
	left := m.Until.Sub(now)
	switch {
	case left >= 24*time.Hour:
		return "for " + count(int((left+12*time.Hour)/(24*time.Hour)), "day")
	case left >= time.Hour:
		return "for " + count(int((left+30*time.Minute)/time.Hour), "hour")
	}
	return "for " + count(max(1, int(left/time.Minute)), "minute")
}

// unmute shows again what was hidden.
func (b *Bot) unmute(c *call) (Reply, error) {
	m, err := b.muteNamed(c, c.args["what"])
	if err != nil {
		return Reply{}, err
	}
	mutes, err := b.Store.Mutes(c.ctx, c.channel.ID, c.user.Key, c.now)
	if err != nil {
		return Reply{}, err
	}
	for _, have := range mutes {
		if have.Kind == m.Kind && have.Value == m.Value {
			return b.endMute(c, have)
		}
	}
	return Reply{}, Userf("E-NOTFOUND", "*%s* is not muted here. %s shows what is.", m.Value, c.command("list"))
}

func (b *Bot) endMute(c *call, m Mute) (Reply, error) {
	if m.Channel != 0 {
		if err := c.mayEdit(); err != nil {
			return Reply{}, err
		}
	}
	if err := b.Store.RemoveMute(c.ctx, m.ID); err != nil {
		return Reply{}, err
	}
	reply := Reply{Card: Card{Lines: []say.Text{say.Say("*%s* is shown %s again.", m.Value, m.whose())}}}
	if m.Channel != 0 {
		reply.Line = []say.Text{say.Say("%s unmuted *%s* here.", c.mention(), m.Value)}
	}
	return reply, nil
}

// muteMenu asks what of a paper is to be hidden, and for how long.
func (b *Bot) muteMenu(c *call, args []string) (Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return Reply{}, err
	}
	whats, err := b.mutable(c, &p)
	if err != nil {
		return Reply{}, err
	}
	if len(args) == 1 {
		card := Card{Lines: []say.Text{say.Say("Hide what of _%s_?", p.Title)}}
		for i, w := range whats {
			card.Buttons = append(card.Buttons, button(cut(w.label, 75), "mute", string(p.ID), fmt.Sprint(i)))
		}
		return Reply{Card: card}, nil
	}
	i := -1
	fmt.Sscan(args[1], &i)
	if i < 0 || i >= len(whats) {
		return Reply{}, oldButton(c, "mute "+string(p.ID))
	}
	if len(args) == 2 {
		card := Card{Lines: []say.Text{say.Say("Hide *%s* for how long?", whats[i].mute.Value)}}
		for _, span := range optFor.Choices {
			card.Buttons = append(card.Buttons, button(span, "mute", string(p.ID), args[1], span))
		}
		return Reply{Card: card, Edit: true}, nil
	}
	until, err := c.until(args[2], 0)
	if err != nil {
		return Reply{}, err
	}
	reply, err := b.addMute(c, whats[i].mute, until)
	reply.Edit = err == nil
	return reply, err
}

type mutable struct {
	label string
	mute  Mute
}

// mutable is what can be hidden on account of a paper: the paper for oneself,
// its first author and category, and the topics that brought it.
func (b *Bot) mutable(c *call, p *Paper) ([]mutable, error) {
	here := func(label, value string) mutable {
		return mutable{label, Mute{Channel: c.channel.ID, Kind: MuteTopic, Value: value}}
	}
	ms := []mutable{{"This paper, for me", Mute{User: c.user.Key, Kind: MutePaper, Value: string(p.ID)}}}
	add := func(label, value string) {
		if t, err := topic.Parse(value); err == nil {
			ms = append(ms, here(label, t.String()))
		}
	}
	if len(p.Authors) > 0 {
		add("Author "+initials(p.Authors[0]), `author:"`+strings.NewReplacer(`"`, " ").Replace(p.Authors[0])+`"`)
	}
	if cat := p.Primary(); cat != "" {
		add("Category "+cat, "cat:"+cat)
	}
	matched, err := b.matchedHere(c, p)
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
