package core

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"paperboy/core/match"
	"paperboy/core/rank"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// Sizes of a post (contract.md, Decided details).
const (
	maxPerPost   = 30 // papers in layout channel, thread included
	maxPerDigest = 10 // papers in layout digest: it has a button each
)

// candidate is a paper that may go into a channel's next post.
type candidate struct {
	paper   *Paper
	matched []Matched
	late    bool
	waiting bool // already in the ledger, of a post whose header is uncertain
}

// pool is what is eligible, for several channels at once.
type pool struct {
	seq   Seq // the newest change that was looked at
	of    map[int64][]candidate
	muted map[int64][]candidate
}

// eligible finds, for each channel, the papers that changed since its last
// plan, came after its topics, match, are not muted and are not in its ledger.
// That is the whole meaning of new: no date is asked.
func (b *Bot) eligible(ctx context.Context, channels []Channel, now time.Time) (pool, error) {
	out := pool{of: map[int64][]candidate{}, muted: map[int64][]candidate{}}
	if len(channels) == 0 {
		return out, nil
	}
	var err error
	if out.seq, err = b.Store.Seq(ctx); err != nil {
		return out, err
	}
	from := channels[0].Planned
	for _, ch := range channels {
		from = min(from, ch.Planned)
	}
	papers, err := b.Store.ChangedPapers(ctx, from)
	if err != nil || len(papers) == 0 {
		return out, err
	}
	all, err := b.Store.Topics(ctx, 0)
	if err != nil {
		return out, err
	}
	followed := map[int64][]Topic{}
	for _, t := range all {
		followed[t.Channel] = append(followed[t.Channel], t)
	}
	hits := newMatches(papers, channels, followed)
	for i := range channels {
		ch := &channels[i]
		found := hits.of(ch, followed[ch.ID], func(p *Paper, t *Topic) bool {
			return p.Changed > ch.Planned && p.Seq > t.Since && (p.Upvotes != nil && *p.Upvotes >= ch.Settings.Min || ch.Settings.Min == 0)
		})
		ids := make([]PaperID, len(found))
		for j := range found {
			ids[j] = found[j].paper.ID
		}
		had, err := b.Store.Delivered(ctx, ch.ID, ids)
		if err != nil {
			return out, err
		}
		mutes, err := b.Store.Mutes(ctx, ch.ID, "", now)
		if err != nil {
			return out, err
		}
		hidden := hide(mutes)
		for _, c := range found {
			switch {
			case had[c.paper.ID]:
			case hidden.has(c.paper):
				out.muted[ch.ID] = append(out.muted[ch.ID], c)
			default:
				out.of[ch.ID] = append(out.of[ch.ID], c)
			}
		}
	}
	return out, nil
}

// matches is every topic of some channels, run over some papers.
type matches struct {
	papers []Paper
	docs   []*topic.Doc
	hits   map[string][]int32 // by topic text: the papers, by place
}

func newMatches(papers []Paper, channels []Channel, followed map[int64][]Topic) *matches {
	m := &matches{papers: papers, docs: make([]*topic.Doc, len(papers)), hits: map[string][]int32{}}
	for i := range papers {
		m.docs[i] = papers[i].Doc()
	}
	var all []topic.Topic
	for _, ch := range channels {
		for _, t := range followed[ch.ID] {
			all = append(all, t.Topic)
		}
	}
	match.Index(m.docs, all).Each(all, func(i int, docs []int32) {
		if text := all[i].String(); m.hits[text] == nil {
			m.hits[text] = slices.Clone(docs)
		}
	})
	return m
}

// of are the papers that a channel's topics bring and its scope and admit let
// through, each once with all the topics that matched it, in the papers' order.
func (m *matches) of(ch *Channel, topics []Topic, admit func(*Paper, *Topic) bool) []candidate {
	by := map[int32][]Matched{}
	for i := range topics {
		t := &topics[i]
		for _, d := range m.hits[t.Topic.String()] {
			if !admit(&m.papers[d], t) || !t.Topic.HasCat() && !ch.Settings.Scope.Admits(m.docs[d]) {
				continue
			}
			why, _ := t.Topic.Match(m.docs[d])
			by[d] = append(by[d], Matched{Topic: t.Topic.String(), Why: why})
		}
	}
	found := make([]candidate, 0, len(by))
	for d := range m.papers {
		if ms := by[int32(d)]; ms != nil {
			found = append(found, candidate{paper: &m.papers[d], matched: ms})
		}
	}
	return found
}

// hidden is what some mutes hide.
type hidden struct {
	papers map[PaperID]bool
	topics []topic.Topic
}

func hide(mutes []Mute) hidden {
	h := hidden{papers: map[PaperID]bool{}}
	for _, m := range mutes {
		if m.Kind == MutePaper {
			h.papers[PaperID(m.Value)] = true
		} else if t, err := topic.Parse(m.Value); err == nil {
			h.topics = append(h.topics, t)
		}
	}
	return h
}

func (h *hidden) has(p *Paper) bool {
	if h.papers[p.ID] || len(h.topics) == 0 {
		return h.papers[p.ID]
	}
	doc := p.Doc()
	return slices.ContainsFunc(h.topics, func(t topic.Topic) bool { _, ok := t.Match(doc); return ok })
}

// isLate reports whether a paper came only after the previous post, though
// every list it stood on was as good as whole by then.
func isLate(p *Paper, sightings []Sighting, previous time.Time, complete func(source string, day Date) time.Time) bool {
	if previous.IsZero() || len(sightings) == 0 || p.Seen.Before(previous) {
		return false
	}
	for _, s := range sightings {
		if complete(s.Source, s.Day).After(previous) {
			return false
		}
	}
	return true
}

// planInput is all that a post is planned from.
type planInput struct {
	channel  Channel
	kind     DigestKind
	due, now time.Time
	previous time.Time   // due instant of the last post; zero: none
	missed   int         // how many posts this one stands for; 1 in peaceful times
	papers   []candidate // eligible, in the order people are to see them
	muted    []candidate
	threads  bool       // the platform has threads
	topics   int        // that the channel follows
	listed   int        // papers that sources listed on the day
	sources  []say.Text // how the sources are, for the small print
	command  func(string) say.Span
}

// plan decides what a post holds and how it is laid out. It is a pure
// function. Every paper it is given ends up in the deliveries: to be sent, or
// skipped with a reason.
func plan(in planInput) (Digest, []Delivery) {
	loc := in.channel.location()
	d := Digest{Channel: in.channel.ID, Due: in.due, Kind: in.kind, Planned: in.now, Thread: "Papers · " + in.due.In(loc).Format("Mon 2 Jan")}
	var items []Delivery
	add := func(c candidate, state DeliveryState, place Place, reason string) {
		items = append(items, Delivery{
			Channel: in.channel.ID, Item: PaperItem(c.paper.ID), Position: len(items) + 1, Place: place,
			State: state, Reason: reason, Matched: c.matched, Late: c.late,
		})
	}
	inChannel, total := in.sizes()
	for i, c := range in.papers {
		if i < total {
			add(c, Planned, in.place(i, inChannel), "")
		} else {
			add(c, Skipped, "", "beyond the size of a post")
		}
	}
	for _, c := range in.muted {
		add(c, Skipped, "", "muted")
	}
	d.Header = in.header(inChannel, min(len(in.papers), total))
	if d.Header != nil {
		header := Delivery{Channel: in.channel.ID, Item: HeaderItem(in.kind, in.due), Place: InChannel, State: Planned}
		items = append([]Delivery{header}, items...)
	}
	return d, items
}

// sizes are how many papers stand in the channel itself and how many in all.
func (in *planInput) sizes() (inChannel, total int) {
	n := in.channel.Settings.Max
	switch in.channel.Settings.Layout {
	case LayoutThread:
		return 0, n
	case LayoutForum:
		return n, n
	case LayoutDigest:
		n = min(n, maxPerDigest)
		return n, n
	}
	if !in.threads {
		return n, n
	}
	return n, maxPerPost
}

func (in *planInput) place(i, inChannel int) Place {
	switch in.channel.Settings.Layout {
	case LayoutDigest:
		return InDigest
	case LayoutForum:
		return InForum
	}
	if i < inChannel {
		return InChannel
	}
	return InThread
}

// header is the post's first message; nil where there is to be none.
func (in *planInput) header(inChannel, shown int) *Card {
	if in.channel.Settings.Layout == LayoutForum {
		return nil // a forum takes no messages of its own
	}
	card := &Card{Title: in.title(), Context: in.smallPrint()}
	if len(in.papers) == 0 {
		if !in.channel.Settings.QuietNote || in.topics == 0 {
			return nil
		}
		card.Lines = []say.Text{say.Say("Nothing new for this channel today. %s listed, none match your %s.", count(in.listed, "paper"), count(in.topics, "topic"))}
		return card
	}
	line := say.Say("*%s new for this channel* · %s", number(len(in.papers)), topicCounts(in.papers))
	switch in.channel.Settings.Layout {
	case LayoutThread:
		line = append(line, say.Say(" · %s in thread 🧵", count(shown, "paper"))...)
		card.Papers = titles(in.papers[:shown])
	case LayoutDigest:
		card.Papers, card.Numbered = titles(in.papers[:shown]), true
		for i, c := range in.papers[:shown] {
			card.Buttons = append(card.Buttons, button(fmt.Sprint(i+1), "up", string(c.paper.ID)))
		}
	default:
		if shown > inChannel {
			line = append(line, say.Say(" · top %d below, %d in thread 🧵", inChannel, shown-inChannel)...)
		}
	}
	card.Lines = append(card.Lines, line)
	if more := len(in.papers) - shown; more > 0 {
		card.Lines = append(card.Lines, say.Say("%s more today: %s", number(more), in.command("today")))
	}
	return card
}

// title names the digest: date, and time when there is a second one that day.
func (in *planInput) title() string {
	loc := in.channel.location()
	what := "Papers"
	switch {
	case in.kind == CatchUp && in.missed > 1:
		what = "Catch-up: " + count(in.missed, "day")
	case in.kind == CatchUp:
		what = "Catch-up"
	}
	title := "📰 " + what + in.due.In(loc).Format(" · Mon 2 Jan")
	if !in.previous.IsZero() && DateOf(in.previous.In(loc)) == DateOf(in.due.In(loc)) {
		title += in.due.In(loc).Format(" · 15:04")
	}
	return title
}

func titles(cs []candidate) []View {
	vs := make([]View, len(cs))
	for i, c := range cs {
		vs[i] = entry(c.paper)
		vs[i].Matched = matchedText(c.matched)
		if c.late {
			vs[i].Labels = append(vs[i].Labels, labelLate)
		}
	}
	return vs
}

const labelLate = "listed late"

// topicCounts says how many papers each topic brought, and how many came by
// several, so that the numbers add up: "diffusion (4) · lora (3) · 1 in both".
func topicCounts(papers []candidate) say.Text {
	n := map[string]int{}
	var order []string
	several := 0
	for _, c := range papers {
		for _, m := range c.matched {
			if n[m.Topic] == 0 {
				order = append(order, m.Topic)
			}
			n[m.Topic]++
		}
		if len(c.matched) > 1 {
			several++
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return n[b] - n[a] })
	var parts []say.Text
	for i, t := range order {
		if i == 6 {
			parts = append(parts, say.Say("%s more", count(len(order)-i, "topic")))
			break
		}
		parts = append(parts, say.Say("%s (%d)", cut(t, 40), n[t]))
	}
	if several > 0 {
		both := "several"
		if len(order) == 2 {
			both = "both"
		}
		parts = append(parts, say.Say("%d in %s", several, both))
	}
	return say.Join(" · ", parts...)
}

// smallPrint says how the sources are and when the next post comes.
func (in *planInput) smallPrint() []say.Text {
	parts := slices.Clone(in.sources)
	if next, ok := in.channel.Schedule.Next(in.due); ok {
		parts = append(parts, say.Say("next post %s", next.In(in.channel.location()).Format("Mon 15:04")+" "+City(in.channel.Schedule.Zone)))
	}
	if len(parts) == 0 {
		return nil
	}
	return []say.Text{say.Join(" · ", parts...)}
}

// location is the channel's zone, UTC until one is set.
func (c *Channel) location() *time.Location {
	if loc, err := time.LoadLocation(c.Schedule.Zone); err == nil {
		return loc
	}
	return utc
}

// tags are a paper's topics as words for a forum's tags.
func tags(ms []Matched) []string {
	var ts []string
	for _, m := range ms {
		ts = append(ts, strings.ToLower(m.Topic))
	}
	return ts
}

// rank is the candidate as core/rank sees it.
func (c *candidate) rank() rank.Candidate {
	r := rank.Candidate{ID: string(c.paper.ID), Upvotes: c.paper.Upvotes, Topics: len(c.matched)}
	for _, m := range c.matched {
		for _, w := range m.Why {
			r.Author = r.Author || w.Field == topic.Author
			r.TitleHit = r.TitleHit || w.Field == topic.Title
		}
	}
	return r
}
