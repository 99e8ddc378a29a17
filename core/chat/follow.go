package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// undoTime is how long a change can be taken back.
const undoTime = 10 * time.Minute

// maxButtons are as many as stand in a row under what one has followed.
const maxButtons = 4

// previewDays is how far a preview looks back unless told.
const previewDays = 30

// subscribe follows topics here.
func (b *Chat) subscribe(c *call) (core.Reply, error) {
	ts, err := topic.ParseList(strings.TrimSpace(c.Args["topic"]))
	if err != nil {
		return core.Reply{}, c.shift("topic", err)
	}
	if n := c.Args["min"]; n != "" {
		for i := range ts {
			if ts[i], err = and(ts[i], "min:"+n); err != nil {
				return core.Reply{}, err
			}
		}
	}
	if meant, err := b.meantToKeep(c, "topic"); err != nil {
		return core.Reply{}, err
	} else if meant.line != "" {
		var read []string
		for _, t := range ts {
			read = append(read, t.String())
		}
		return meant.before(c, ts, "subscribe "+strings.Join(read, ", "), "followed", "follows"), nil
	}
	followed, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Reply{}, err
	}
	number := map[string]int{}
	for _, f := range followed {
		number[f.Topic.String()] = f.Number
	}
	var fresh []topic.Topic
	var dup *core.UserError
	for _, t := range ts {
		if n, ok := number[t.String()]; ok {
			dup = core.Userf("E-DUP", "This channel already follows *%s* (#%d). Nothing changed.", t.String(), n)
			continue
		}
		number[t.String()] = 0 // typed twice in one line
		fresh = append(fresh, t)
	}
	if len(fresh) == 0 {
		return core.Reply{}, dup
	}
	if err := b.room(c, followed, len(fresh)); err != nil {
		return core.Reply{}, err
	}
	if err := b.known(c, "topic", fresh...); err != nil {
		return core.Reply{}, err
	}
	if err := b.canEverPost(c); err != nil {
		return core.Reply{}, err
	}
	if err := b.change(c, func(*core.Channel) {}); err != nil {
		return core.Reply{}, err
	}
	reply := core.Reply{}
	var names []say.Text
	var quieter []core.Button // offered once
	scoped, some := false, false
	for _, t := range fresh {
		added, err := b.Store.AddTopic(c.ctx, c.channel.ID, t, c.user, c.now)
		if err != nil {
			return core.Reply{}, err
		}
		f, err := b.Query.Forecast(c.ctx, c.channel, t, previewDays, 0)
		if err != nil {
			return core.Reply{}, err
		}
		names = append(names, say.Say("*%s*", t.String()))
		reply.Card.Lines = append(reply.Card.Lines, say.Say("#%d *%s*: I read this as %s. %s", added.Number, t.String(), t.Reading(), rate(&f)))
		lines, hints, err := b.prospects(c, t, &f)
		if err != nil { // it is followed all the same
			b.Log.Warn("no hints", "topic", t.String(), "err", err)
		}
		reply.Card.Lines = append(reply.Card.Lines, lines...)
		if th, alike, err := b.Query.Threshold(c.ctx, f); err != nil {
			b.Log.Warn("no threshold", "topic", t.String(), "err", err)
		} else if alike {
			reply.Card.Lines = append(reply.Card.Lines, edge(th))
			hints = append(hints, moves(th)...)
		}
		reply.Card.Buttons = append(reply.Card.Buttons, c.inTopicsPlace(added, hints)...)
		switch {
		case f.Found.Total == 0:
			reply.Card.Buttons = append(reply.Card.Buttons, c.do(fmt.Sprintf("Stop following #%d", added.Number), fmt.Sprintf("unsubscribe %d", added.Number))...)
		case f.PerWeekday() > tooMuch && !c.channel.Settings.Layout.OneMessage() && c.channel.Settings.Layout != core.LayoutForum:
			quieter = c.do("One message a day", "settings layout:cards max:10")
			if c.channel.Settings.Excerpt != core.ExcerptNone {
				quieter = append(quieter, c.do("Titles only", "settings excerpt:none")...)
			}
		}
		scoped, some = scoped || !t.HasCat(), some || f.Found.Total > 0
	}
	first, err := b.firstSteps(c)
	if err != nil { // it is followed all the same
		b.Log.Warn("no first steps", "channel", c.channel.ID, "err", err)
	}
	if !some && len(first) > 0 && first[0].Label == samples {
		first = first[1:]
	}
	hints := append(quieter, reply.Card.Buttons...)
	reply.Card.Buttons = append(first, hints[:min(len(hints), maxButtons)]...)
	if in := c.channel.Settings.Scope.Reading(); scoped && len(in) > 0 {
		reply.Card.Lines = append(reply.Card.Lines, say.Say("I look %s.", in))
	}
	reply.Line = []say.Text{say.Say("%s follows %s here: %s.", c.mention(), cards.Count(len(fresh), "topic"), cards.List(names))}
	if dup != nil {
		reply.Card.Lines = append(reply.Card.Lines, dup.Text)
	}
	reply.Card.Lines = append(reply.Card.Lines, say.Say("What I already have counts as seen; only papers that come from now on are posted."))
	reply.Card.Lines = append(reply.Card.Lines, b.outlook(c))
	return reply, nil
}

// and adds a term to every clause, since it holds for a paper whichever clause
// brings it.
func and(t topic.Topic, term string) (topic.Topic, error) {
	return t.Edit(func(c topic.Clause) []string { return append(c.Terms(), term) })
}

// rate says how much to expect: "Last 30 days: 41 papers, 1.9 a weekday."
func rate(f *query.Forecast) say.Text {
	if f.Known == 0 {
		return say.Say("I have no papers of the last %d days yet, so I cannot say how many to expect.", f.Days)
	}
	t := say.Say("Last %d days: *%s*", f.Days, cards.CountUpTo(f.Found.Total, f.Found.More, "paper"))
	if f.Found.Total > 0 && f.Weekdays > 0 {
		t = append(t, say.Say(", %s", howOften(f.Found.Total, f.Found.More, f.Weekdays))...)
	}
	if t = append(t, say.Say(".")...); f.Known < f.Days {
		t = append(t, say.Say(" I have papers of only %s.", cards.Count(f.Known, "day"))...)
	}
	return t
}

// preview shows what a topic would bring; nothing is posted.
func (b *Chat) preview(c *call) (core.Reply, error) {
	t, err := b.asked(c, "topic", topic.Parse)
	if err != nil {
		return core.Reply{}, err
	}
	f, err := b.Query.Forecast(c.ctx, c.channel, t, c.int("days", previewDays), 5)
	if err != nil {
		return core.Reply{}, err
	}
	card := core.Card{Lines: []say.Text{
		say.Say("I read this as: %s.", reading(t, c.channel.Settings.Scope)),
		rate(&f),
	}}
	meant, err := b.meantToKeep(c, "topic")
	if err != nil {
		return core.Reply{}, err
	}
	if pattern, primary := f.CrossListed(); pattern != "" && f.Found.Total > 0 {
		card.Lines = append(card.Lines, say.Say("%s primary in %s, %s cross-listed.", cards.Number(primary), pattern, cards.Number(f.Found.Total-primary)))
	}
	switch more, most, err := b.Query.Beyond(c.ctx, f); {
	case err != nil:
		return core.Reply{}, err
	case more > 0 && most == "":
		card.Lines = append(card.Lines, say.Say("%s more outside your scope.", cards.Number(more)))
	case more > 0:
		card.Lines = append(card.Lines, say.Say("%s more outside your scope, mostly %s.", cards.Number(more), most))
	}
	lines, hints, err := b.prospects(c, t, &f)
	if err != nil {
		return core.Reply{}, err
	}
	card.Lines = append(card.Lines, lines...)
	th, alike, err := b.Query.Threshold(c.ctx, f)
	if err != nil {
		return core.Reply{}, err
	}
	examples := f.Found.Hits
	if alike {
		c.threshold(th, &card)
		hints, examples = append(moves(th), hints...), nil
	}
	if !alike && f.Found.Total > len(examples) {
		examples = examples[:min(3, len(examples))]
		card.Lines = append(card.Lines, say.Say("The newest %d:", len(examples)))
	}
	for _, h := range examples {
		v := cards.Entry(&h.Paper)
		v.Open = c.button("", "abstract", string(v.ID)).ID
		card.Papers = append(card.Papers, v)
	}
	if f.Found.Total == 0 {
		if err := b.namesakes(c, t, &card); err != nil {
			return core.Reply{}, err
		}
	}
	if err := b.nearMisses(c, &card, []topic.Topic{t}, c.today().AddDays(-f.Days), c.today()); err != nil {
		return core.Reply{}, err
	}
	card.Context = []say.Text{say.Say("Nothing was posted.")}
	meant.ask(c, &card)
	card.Buttons = append(card.Buttons, c.do("Follow it here", "subscribe "+t.String())...)
	for _, h := range hints {
		card.Buttons = append(card.Buttons, c.do(cards.Cut("Preview "+h.Topic.String(), mostChosen), "preview "+h.Topic.String())...)
	}
	return core.Reply{Card: card}, nil
}

// unsubscribe stops following a topic.
func (b *Chat) unsubscribe(c *call) (core.Reply, error) {
	t, err := b.topicNamed(c, c.Args["topic"])
	if err != nil {
		return core.Reply{}, err
	}
	if err := b.Store.RemoveTopic(c.ctx, t.ID, c.now); err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Card: core.Card{
			Lines:   []say.Text{say.Say("This channel no longer follows *%s* (#%d). It can be taken back for ten minutes.", t.Text(), t.Number)},
			Buttons: []core.Button{c.button("Undo", "undo", "topic", strconv.FormatInt(t.ID, 10))},
		},
		Line: []say.Text{say.Say("%s stopped following *%s* here.", c.mention(), t.Text())},
	}, nil
}

// topicNamed finds a topic of the channel by number, by its text however
// written, or by the label that completion showed ("#3 lora").
func (b *Chat) topicNamed(c *call, ref string) (core.Topic, error) {
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Topic{}, err
	}
	if len(topics) == 0 {
		return core.Topic{}, core.Userf("E-NOTFOUND", "This channel has no topics yet. Start with %s.", c.command("subscribe "+b.example(c)))
	}
	ref = strings.TrimSpace(ref)
	first, _, _ := strings.Cut(strings.TrimPrefix(ref, "#"), " ")
	if n, err := strconv.Atoi(first); err == nil && (strings.HasPrefix(ref, "#") || first == ref) {
		for _, t := range topics {
			if t.Number == n {
				return t, nil
			}
		}
		return core.Topic{}, core.Userf("E-NOTFOUND", "No topic #%d here. %s shows %s.", n, c.command("list"), numbers(topics))
	}
	asked, err := topic.Parse(ref)
	if err != nil {
		return core.Topic{}, c.shift("topic", err)
	}
	for _, t := range topics {
		if t.Topic.String() == asked.String() {
			return t, nil
		}
	}
	switch like := withWords(topics, asked); len(like) {
	case 0:
	case 1:
		return like[0], nil
	default:
		return core.Topic{}, core.Userf("E-NOTFOUND", "Several topics here say *%s*: %s. Which one? %s.", asked.String(), numbers(like), c.command(fmt.Sprintf("%s %d", cmp.Or(c.Verb.Name, "unsubscribe"), like[0].Number)))
	}
	return core.Topic{}, core.Userf("E-NOTFOUND", "This channel does not follow *%s*. %s shows %s.", asked.String(), c.command("list"), numbers(topics))
}

// withWords are the topics in which all the words stand that are asked for.
func withWords(topics []core.Topic, asked topic.Topic) (like []core.Topic) {
	words := text.Words(asked.String())
	for _, t := range topics {
		says := text.Words(t.Text())
		if len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(says, w) }) {
			like = append(like, t)
		}
	}
	return like
}

// follows reports whether a channel follows what somebody calls so.
func (b *Chat) follows(ctx context.Context, key core.ChannelKey, ref string) bool {
	ch, err := b.Store.ChannelByKey(ctx, key)
	if err != nil {
		return false
	}
	_, err = b.topicNamed(&call{ctx: ctx, channel: ch}, ref)
	return err == nil
}

// numbers says which numbers there are: "1–3", "1, 4–5".
func numbers(topics []core.Topic) string {
	ns := make([]int, len(topics))
	for i, t := range topics {
		ns[i] = t.Number
	}
	sort.Ints(ns)
	var parts []string
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] == ns[j]+1 {
			j++
		}
		if j > i {
			parts = append(parts, fmt.Sprintf("%d–%d", ns[i], ns[j]))
		} else {
			parts = append(parts, strconv.Itoa(ns[i]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// undo takes a change back.
func (b *Chat) undo(c *call, args []string) (core.Reply, error) {
	switch args[0] {
	case "exclude":
		return b.include(c, args)
	case "widen":
		return b.unwiden(c, args)
	case "taste":
		return b.untaste(c, args)
	}
	if len(args) < 2 || args[0] != "topic" {
		return core.Reply{}, oldButton(c, "list")
	}
	id, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return core.Reply{}, oldButton(c, "list")
	}
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	followed, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Reply{}, err
	}
	if err := b.room(c, followed, 1); err != nil {
		return core.Reply{}, err
	}
	t, err := b.Store.RestoreTopic(c.ctx, c.channel.ID, id, c.now.Add(-undoTime))
	if errors.Is(err, core.ErrNotFound) {
		return core.Reply{}, core.Userf("E-OLDBUTTON", "That was more than ten minutes ago, or it is followed already. %s says what is, %s follows it again.", c.command("list"), c.command("subscribe"))
	}
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Card: core.Card{Lines: []say.Text{say.Say("This channel follows *%s* (#%d) again.", t.Topic.String(), t.Number)}},
		Line: []say.Text{say.Say("%s follows *%s* here again.", c.mention(), t.Topic.String())},
		Edit: true,
	}, nil
}

// room is an error where the quota has no place for more topics of a channel, or for
// another channel that follows something. Two who are first at the same moment may both
// be let in; that costs nobody anything.
func (b *Chat) room(c *call, followed []core.Topic, more int) error {
	if most := b.Quota.Topics; most > 0 && len(followed)+more > most {
		return core.Userf("E-LONG", "This channel follows %s; the limit is %d. %s frees a place.", cards.Count(len(followed), "topic"), most, c.command("unsubscribe 1"))
	}
	in, most := c.channel.Key.Installation(), b.Quota.Channels
	if len(followed) > 0 || most == 0 || in.Workspace == "" {
		return nil
	}
	n, err := b.Store.CountFollowing(c.ctx, in)
	if err != nil || n < most {
		return err
	}
	return core.Userf("E-LONG", "Paperboy follows topics in %s here, and the limit is %d. %s in one of them frees a place; whoever runs Paperboy can allow more.",
		cards.Count(n, "channel"), most, c.command("unsubscribe"))
}
