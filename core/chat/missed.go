package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// why says which topic matched a paper, in which field, with the sentence; of one
// that was not posted, where it fell out, and what would bring its like from now on.
func (b *Chat) why(c *call) (core.Reply, error) {
	id, err := c.paperID(c.Args["paper"])
	if err != nil {
		return core.Reply{}, err
	}
	p, err := b.Store.Paper(c.ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		return b.neverListed(c, id)
	} else if err != nil {
		return core.Reply{}, err
	}
	f, err := b.Query.Fate(c.ctx, c.channel, &p)
	if err != nil {
		return core.Reply{}, err
	}
	card := core.Card{Papers: []core.View{cards.Entry(&p)}}
	switch f.Stage {
	case query.NoTopics:
		card.Lines = []say.Text{say.Say("It was not posted here: this channel follows nothing yet. Start with %s.", c.command("subscribe "+b.example(c)))}
	case query.NoTopic:
		card.Lines = append([]say.Text{say.Say("It was not posted here: %s.", none(len(f.Misses)))}, lacking(f.Misses)...)
	case query.ToTaste:
		card.Lines = append([]say.Text{say.Say("No topic here matches it, and it has not been posted.")}, matchLines(c, &p, f.Matched)...)
		card.Context = []say.Text{say.Join(" ", say.Say("This channel's taste may bring it: up to %d a day come so, the nearest first.", c.channel.Settings.Discover), b.nextPost(c))}
	case query.OutOfScope:
		card.Lines = []say.Text{say.Say("It was not posted here: *%s* matches it, but it is in %s, outside of the channel's categories: %s.", f.Matched[0].Topic, strings.Join(p.Categories, ", "), c.channel.Settings.Scope.String())}
	default:
		card.Lines = matchLines(c, &p, f.Matched)
		if line := b.became(c, &p, &f); line != nil {
			card.Context = append(card.Context, line)
		}
	}
	if f.Stage == query.NoTopic || f.Stage == query.OutOfScope {
		if err := b.offer(c, &p, &card); err != nil {
			return core.Reply{}, err
		}
	}
	return core.Reply{Card: card}, nil
}

// stages says in few words where a paper stopped.
var stages = map[query.Stage]string{
	query.NoTopics:      "nothing is followed there",
	query.NoTopic:       "no topic matches it",
	query.ToTaste:       "no topic matches it; the channel's taste may bring it with the next post",
	query.OutOfScope:    "a topic matches it, outside of the channel's categories",
	query.Backlog:       "seen: it came by import, a fetch of past days, or a source's first list",
	query.BeforeTopic:   "seen: it was there before the topic",
	query.TooFewUpvotes: "it has too few upvotes, or nobody knows how many",
	query.Since:         "it matches now, and did not when it was planned",
	query.Muted:         "it is muted",
	query.Paused:        "it came while posts were paused, or they are",
	query.Next:          "it comes with the next post",
}

// Stopped says in few words where a paper stopped on its way, for an operator or a
// program: "posted", "skipped: beyond the size of a post", "no topic matches it".
func Stopped(f *query.Fate) string {
	if f.Stage != query.InLedger {
		return stages[f.Stage]
	}
	return strings.TrimSuffix(fmt.Sprintf("%s: %s", f.Delivery.State, f.Delivery.Reason), ": ")
}

// none says that no topic matches.
func none(topics int) string {
	if topics == 1 {
		return "the topic of this channel does not match it"
	}
	return fmt.Sprintf("none of the %s here matches it", cards.Count(topics, "topic"))
}

// lacking says what keeps a paper out of the topics that come nearest.
func lacking(misses []query.Miss) (lines []say.Text) {
	const most = 2
	for _, m := range misses[:min(len(misses), most)] {
		lines = append(lines, say.Join("", say.Say("#%d *%s*: ", m.Topic.Number, m.Topic.Text()), Lacks(m.Lacks)))
	}
	return lines
}

// Lacks says what keeps a paper out of a topic: "it never says *soup*; it has
// *survey*, which `-survey` keeps away".
func Lacks(terms []topic.Term) say.Text {
	var never, parts []say.Text
	for _, t := range terms {
		switch {
		case t.Not:
			parts = append(parts, say.Say("it has `%s`, which `-%s` keeps away", t.Text, t.Text))
		case t.Field == topic.Min:
			parts = append(parts, say.Say("it has fewer than %d upvotes, or nobody knows how many", t.N))
		case t.Field == topic.Has:
			parts = append(parts, say.Say("no code of it is known"))
		case t.Field == topic.Cat:
			parts = append(parts, say.Say("it is not in %s", t.Value))
		case t.Field == topic.Source:
			parts = append(parts, say.Say("%s has not listed it", t.Value))
		case t.Field == topic.Author:
			parts = append(parts, say.Say("nobody of its authors is called `%s`", t.Text))
		default:
			never = append(never, say.Say("`%s`", t.Text))
		}
	}
	if len(never) > 0 {
		parts = append([]say.Text{append(say.Say("it never says "), cards.List(never)...)}, parts...)
	}
	return append(say.Join("; ", parts...), say.Say(".")...)
}

// matchLines are the topics that matched, each with where and with its sentence.
func matchLines(c *call, p *core.Paper, matched []core.Matched) (lines []say.Text) {
	for _, m := range matched {
		if m.Liked != nil {
			lines = append(lines, say.Join("", cards.Discovered(*m.Liked), say.Say(". %s shows this channel's taste.", c.command("taste"))))
			continue
		}
		lines = append(lines, say.Say("Topic *%s*", m.Topic))
		for _, w := range m.Why {
			line := cards.Why(w)
			if s := w.Sentence(p.Title, p.Abstract); s != "" && w.Field != topic.Title {
				line = append(line, say.Say(": “%s”", cards.Cut(s, 400))...)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// became says what became of a paper that a topic matches; nil where its message
// says so itself.
func (b *Chat) became(c *call, p *core.Paper, f *query.Fate) say.Text {
	switch f.Stage {
	case query.Backlog:
		return say.Say("It was not posted: it came with papers of earlier days, by an import or a source's first list. Those count as seen.")
	case query.BeforeTopic:
		return say.Say("It was not posted: I had it before the topic was followed, so it counts as seen.")
	case query.TooFewUpvotes:
		has := "nobody knows how many it has"
		if p.Upvotes != nil {
			has = "it has " + cards.Number(*p.Upvotes)
		}
		return say.Say("It has not been posted here: the channel asks for %s (`settings min:`), and %s.", cards.Count(c.channel.Settings.Min, "upvote"), has)
	case query.Since:
		return say.Say("It has not been posted here: it matches now, and did not when the post was planned to which it belonged.")
	case query.Muted:
		return say.Say("It has not been posted here: it is hidden. %s shows what is.", c.command("list"))
	case query.Paused:
		if c.channel.Paused(c.now) {
			return say.Say("It has not been posted here: posts are paused. %s offers what came meanwhile.", c.command("resume"))
		}
		return say.Say("It has not been posted here: it came while posts were paused.")
	case query.Next:
		return say.Join(" ", say.Say("It has not been posted here: it came after the last post, and comes with the next."), b.nextPost(c))
	}
	switch d := f.Delivery; d.State {
	case core.Posted:
		if d.Late {
			return say.Say("It was listed late, after the post it belonged to.")
		}
	case core.Skipped:
		return say.Say("It was not posted: %s.", d.Reason)
	case core.Uncertain:
		return say.Say("I do not know whether it was posted: %s.", d.Reason)
	default:
		return b.onItsWay(c, say.Say("It is on its way."))
	}
	return nil
}

// neverListed answers for a paper that no source has listed.
func (b *Chat) neverListed(c *call, id core.PaperID) (core.Reply, error) {
	states, err := b.Store.SourceStates(c.ctx)
	if err != nil {
		return core.Reply{}, err
	}
	card := core.Card{Lines: []say.Text{say.Say("I do not have the paper %s: no source has listed it since I was set up, so no topic could match it.", say.Link(string(id), "https://arxiv.org/abs/"+string(id)))}}
	for _, s := range states {
		card.Lines = append(card.Lines, cards.SourceSentence(s, c.now, c.loc()))
	}
	card.Context = []say.Text{say.Say("Whoever runs me can have past days fetched: `bot fetch --since`.")}
	return core.Reply{Card: card}, nil
}

// offer adds the widenings that would bring a paper, each with its price.
func (b *Chat) offer(c *call, p *core.Paper, card *core.Card) error {
	offers, err := b.Query.Widenings(c.ctx, c.channel, p)
	if err != nil || len(offers) == 0 {
		return err
	}
	card.Lines = append(card.Lines, say.Say("What would bring its like from now on, and what else with it:"))
	for i := range offers {
		o := &offers[i]
		row := core.Row{Text: say.Say("Follow *%s* too", o.To.String()), Small: price(o), Buttons: []core.Button{c.button(cards.Cut("Follow "+o.To.String(), mostChosen), "widen", string(p.ID), offerID(o))}}
		if o.Topic.ID != 0 {
			row.Text = say.Say("#%d *%s*", o.Topic.Number, o.To.String())
			row.Buttons[0].Label = cards.Cut(fmt.Sprintf("Widen #%d: %s", o.Topic.Number, o.To), mostChosen)
		}
		card.Rows = append(card.Rows, row)
	}
	return nil
}

// price says what a widening brings besides: "+0.4 a weekday, as _Soup_ · _Lamps_".
func price(o *query.Widening) say.Text {
	t := say.Say("+%.1f a weekday", o.PerWeekday())
	switch {
	case o.More == 0:
		return say.Say("nothing else of the last days")
	case o.PerWeekday() < 0.1:
		t = say.Say("+%s in the last days", cards.Count(o.More, "paper"))
	}
	for i, p := range o.Examples {
		sep := " · "
		if i == 0 {
			sep = ", as "
		}
		t = append(t, say.Say("%s_%s_", sep, cards.Cut(p.Title, 70))...)
	}
	return t
}

// offerID names an offer on a button: it is found again among those that are made
// anew, however long its words are.
func offerID(o *query.Widening) string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%d %s", o.Topic.ID, o.To)
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// widen has a topic say what an offer says, and guards the paper: pb1|widen|2509.24002|1x4k2a.
func (b *Chat) widen(c *call, args []string) (core.Reply, error) {
	if len(args) != 2 {
		return core.Reply{}, oldButton(c, "why "+args[0])
	}
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return core.Reply{}, err
	}
	offers, err := b.Query.Widenings(c.ctx, c.channel, &p)
	if err != nil {
		return core.Reply{}, err
	}
	i := slices.IndexFunc(offers, func(o query.Widening) bool { return offerID(&o) == args[1] })
	if i < 0 {
		return core.Reply{}, oldButton(c, "why "+args[0])
	}
	o := offers[i]
	followed, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Reply{}, err
	}
	if o.Topic.ID == 0 {
		if err := b.room(c, followed, 1); err != nil {
			return core.Reply{}, err
		}
	}
	for _, t := range followed {
		if t.Topic.String() == o.To.String() {
			return core.Reply{}, core.Userf("E-DUP", "This channel already follows *%s* (#%d). Nothing changed.", o.To.String(), t.Number)
		}
	}
	var now core.Topic
	if o.Topic.ID == 0 {
		now, err = b.Store.AddTopic(c.ctx, c.channel.ID, o.To, c.user, c.now)
	} else {
		now, err = b.Store.WidenTopic(c.ctx, c.channel.ID, o.Topic.ID, o.To)
	}
	if err != nil {
		return core.Reply{}, err
	}
	if err := b.Store.AddGuard(c.ctx, c.channel.ID, core.Guard{Topic: now.ID, Paper: p.ID, At: c.now}); err != nil {
		return core.Reply{}, err
	}
	b.Wake()
	reply := core.Reply{Edit: true, Card: core.Card{Lines: []say.Text{
		say.Say("#%d *%s*: I read this as %s.", now.Number, o.To.String(), reading(o.To, c.channel.Settings.Scope)),
		say.Say("_%s_ guards it: a change that would lose it is asked about. What I already have counts as seen.", cards.Cut(p.Title, 100)),
	}}}
	if o.Topic.ID == 0 {
		reply.Card.Buttons = c.do(fmt.Sprintf("Stop following #%d", now.Number), fmt.Sprintf("unsubscribe %d", now.Number))
		reply.Line = []say.Text{say.Say("%s follows *%s* here, so that papers like _%s_ come.", c.mention(), o.To.String(), cards.Cut(p.Title, 100))}
		return reply, nil
	}
	reply.Card.Buttons = c.fits(c.button("Undo", "undo", "widen", strconv.FormatInt(now.ID, 10), strconv.FormatInt(c.now.Unix(), 36), string(p.ID), o.Topic.Topic.String()))
	reply.Line = []say.Text{say.Say("%s widened #%d here, so that papers like _%s_ come: *%s*, instead of *%s*.", c.mention(), now.Number, cards.Cut(p.Title, 100), o.To.String(), o.Topic.Text())}
	return reply, nil
}

// unwiden takes a widening back, and its guard: pb1|undo|widen|7|t2k9b1|2509.24002|diffusion.
func (b *Chat) unwiden(c *call, args []string) (core.Reply, error) {
	if len(args) < 5 {
		return core.Reply{}, oldButton(c, "list")
	}
	old, err := topic.Parse(strings.Join(args[4:], "|")) // a topic may hold a |
	if err != nil {
		return core.Reply{}, oldButton(c, "list")
	}
	t, err := b.undone(c, args)
	if err != nil {
		return core.Reply{}, err
	}
	if err := b.Store.RemoveGuard(c.ctx, c.channel.ID, core.Guard{Topic: t.ID, Paper: core.PaperID(args[3])}); err != nil {
		return core.Reply{}, err
	}
	now, err := b.Store.NarrowTopic(c.ctx, c.channel.ID, t.ID, old)
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Edit: true,
		Card: core.Card{Lines: []say.Text{say.Say("This channel follows *%s* (#%d) again.", old.String(), now.Number)}},
		Line: []say.Text{say.Say("%s took that back: this channel follows *%s* again.", c.mention(), old.String())},
	}, nil
}

// guarded asks before a topic is changed so that it loses papers that guard it; the
// press that was asked for comes again, as again says, when the person insists. Then
// the guards are let go.
func (b *Chat) guarded(c *call, old core.Topic, next topic.Topic, again ...string) (ask core.Reply, asked bool, err error) {
	lost, err := b.Query.Broken(c.ctx, c.channel, old.ID, next)
	if err != nil || len(lost) == 0 {
		return ask, false, err
	}
	if c.letGo {
		for _, l := range lost {
			if err := b.Store.RemoveGuard(c.ctx, c.channel.ID, l.Guard); err != nil {
				return ask, false, err
			}
		}
		return ask, false, nil
	}
	var names []say.Text
	for _, l := range lost[:min(len(lost), 3)] {
		names = append(names, say.Say("_%s_", cards.Cut(cmp.Or(l.Paper.Title, string(l.Paper.ID)), 100)))
	}
	return core.Reply{Card: core.Card{
		Lines: []say.Text{say.Say("*%s* would lose %s of *%s* (#%d), which once was missed here: %s. Nothing has changed yet.",
			next.String(), cards.Count(len(lost), "paper"), old.Text(), old.Number, cards.List(names))},
		Buttons: c.fits(c.button("Change it all the same", append([]string{"letgo"}, again...)...)),
	}}, true, nil
}

// insist does what was asked about because a guard would be lost: pb1|letgo|instead|7|soup.
func (b *Chat) insist(c *call, args []string) (core.Reply, error) {
	if !slices.Contains([]string{"narrow", "instead", "exclude"}, args[0]) || len(args) < 2 {
		return core.Reply{}, oldButton(c, "list")
	}
	c.letGo = true
	return presses[args[0]](b, c, args[1:])
}

// guards are how many papers guard each of the channel's topics.
func (b *Chat) guards(ctx context.Context, channel int64) (map[int64]int, error) {
	all, err := b.Store.Guards(ctx, channel)
	n := map[int64]int{}
	for _, g := range all {
		n[g.Topic]++
	}
	return n, err
}
