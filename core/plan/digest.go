package plan

import (
	"fmt"
	"slices"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
)

// Sizes of a post.
const (
	maxPerPost   = 30 // papers in layout channel, thread included
	maxPerDigest = 10 // papers in one message: each has its buttons
)

// candidate is a paper that goes into a post.
type candidate struct {
	query.Candidate
	adopted bool // it has a line in the ledger, of a post whose header is uncertain
}

// input is all that a post is planned from.
type input struct {
	channel  core.Channel
	kind     core.DigestKind
	due, now time.Time
	previous time.Time   // due instant of the last post; zero: none
	missed   int         // how many posts this one stands for; 1 in peaceful times
	papers   []candidate // eligible, in the order people are to see them
	others   []candidate // to the channel's taste, of no topic, the best first
	passed   []passed    // eligible, and yet not posted
	threads  bool        // the platform has threads
	topics   int         // that the channel follows
	listed   int         // papers that sources listed on the day
	sources  []say.Text  // how the sources are, for the small print
	voted    bool        // somebody voted here lately
	because  say.Text    // why votes here brought the first to its place; empty: they did not
	command  func(string) say.Span
}

// compose decides what a post holds and how it is laid out. It is a pure
// function. Every paper it is given ends up in the deliveries: to be sent, or
// skipped with a reason.
func compose(in input) (core.Digest, []core.Delivery) {
	loc := in.channel.Location()
	d := core.Digest{Channel: in.channel.ID, Due: in.due, Kind: in.kind, Planned: in.now, Thread: "Papers · " + in.due.In(loc).Format("Mon 2 Jan")}
	var items []core.Delivery
	add := func(c candidate, state core.DeliveryState, place core.Place, reason string) {
		items = append(items, core.Delivery{
			Channel: in.channel.ID, Item: core.PaperItem(c.Paper.ID), Position: len(items) + 1, Place: place,
			State: state, Reason: reason, Matched: c.Matched, Late: c.Late, Adopted: c.adopted,
		})
	}
	inChannel, total, most := in.sizes()
	// What no topic brought takes no topic's paper's place: it comes behind them, on
	// top of the channel's size.
	shown := min(len(in.papers), total)
	in.others = in.others[:min(len(in.others), most-shown)]
	in.papers = slices.Insert(slices.Clone(in.papers), shown, in.others...)
	total = shown + len(in.others)
	for i, c := range in.papers {
		if i < total {
			add(c, core.Planned, in.place(i, inChannel), "")
		} else {
			add(c, core.Skipped, "", core.BeyondSize)
		}
	}
	for _, p := range in.passed {
		add(candidate{Candidate: p.Candidate}, core.Skipped, "", p.reason)
	}
	d.Header = in.header(inChannel, total)
	if d.Header != nil {
		header := core.Delivery{Channel: in.channel.ID, Item: core.HeaderItem(in.kind, in.due), Place: core.InChannel, State: core.Planned}
		items = append([]core.Delivery{header}, items...)
	}
	return d, items
}

// recheck plans what may have been posted since a copy of the store was made: each
// is looked for, and comes, without a header, where it is not there. Papers that
// stand inside a header's message cannot be looked for one by one: a person
// decides about them.
func recheck(in input, lost []candidate, since time.Time) (core.Digest, []core.Delivery) {
	d := core.Digest{Channel: in.channel.ID, Due: in.due, Kind: core.Recheck, Planned: in.now}
	var items []core.Delivery
	for i, c := range lost {
		item := core.Delivery{
			Channel: in.channel.ID, Item: core.PaperItem(c.Paper.ID), Position: i + 1, Matched: c.Matched, Late: c.Late,
			Place: core.InChannel, State: core.Sending, Attempt: 1, Begun: since,
		}
		switch {
		case i >= maxPerPost:
			item.Place, item.State, item.Reason = "", core.Skipped, core.BeyondSize
		case in.channel.Settings.Layout.OneMessage():
			item.State, item.Reason = core.Uncertain, core.LostReason
		case in.channel.Settings.Layout == core.LayoutForum:
			item.Place = core.InForum
		}
		items = append(items, item)
	}
	return d, items
}

// sizes are how many papers stand in the channel itself, how many of topics in
// all, and how many at most with what no topic brought.
func (in *input) sizes() (inChannel, total, most int) {
	n := in.channel.Settings.Max
	switch in.channel.Settings.Layout {
	case core.LayoutThread:
		return 0, n, maxPerPost
	case core.LayoutForum:
		return n, n, maxPerPost
	case core.LayoutCards, core.LayoutDigest:
		n = min(n, maxPerDigest)
		return n, n, maxPerDigest
	}
	if !in.threads {
		return n, n, maxPerPost
	}
	return n, maxPerPost, maxPerPost
}

func (in *input) place(i, inChannel int) core.Place {
	switch in.channel.Settings.Layout {
	case core.LayoutCards, core.LayoutDigest:
		return core.InDigest
	case core.LayoutForum:
		return core.InForum
	}
	if i < inChannel {
		return core.InChannel
	}
	return core.InThread
}

// header is the post's first message; nil where there is to be none.
func (in *input) header(inChannel, shown int) *core.Card {
	if in.channel.Settings.Layout == core.LayoutForum {
		return nil // a forum takes no messages of its own
	}
	card := &core.Card{Title: in.title(), Context: in.smallPrint()}
	if len(in.papers) == 0 {
		if !in.channel.Settings.QuietNote || in.topics == 0 {
			return nil
		}
		card.Lines = []say.Text{say.Join("", say.Say("Nothing new for this channel today. "), cards.NoneOf(in.listed, in.topics))}
		return card
	}
	line := topicCounts(in.papers)
	switch in.channel.Settings.Layout {
	case core.LayoutThread:
		line = append(line, say.Say(" · %s in thread 🧵", cards.Count(shown, "paper"))...)
		card.Papers = in.titles(shown)
	case core.LayoutCards:
		card.Apart = true
		for _, c := range in.papers[:shown] {
			card.Papers = append(card.Papers, cards.Apart(c.Paper, c.inside(), in.channel.Settings))
		}
	case core.LayoutDigest:
		card.Papers, card.Numbered = in.titles(shown), true
		for i, c := range in.papers[:shown] {
			card.Buttons = append(card.Buttons, cards.Button(fmt.Sprint(i+1), "up", string(c.Paper.ID)))
		}
	default:
		if shown > inChannel {
			line = append(line, say.Say(" · top %d below, %d in thread 🧵", inChannel, shown-inChannel)...)
		}
	}
	card.Lines = append(card.Lines, in.news(), line)
	switch more := len(in.papers) - shown; {
	case more > 0 && in.reader():
		card.Lines = append(card.Lines, say.Say("%s more came.", cards.Number(more)))
	case more > 0:
		card.Lines = append(card.Lines, say.Say("%s more today: %s", cards.Number(more), in.command("today")))
	}
	elsewhere := 0
	for _, p := range in.passed {
		if p.reason == core.CameElsewhere {
			elsewhere++
		}
	}
	if elsewhere > 0 {
		card.Lines = append(card.Lines, say.Say("%s more came to you with another channel's papers.", cards.Number(elsewhere)))
	}
	return card
}

// reader: the post is one person's, who reads it where nobody votes or types.
func (in *input) reader() bool { return in.channel.Follows != 0 }

// news is what a notification shows: how much there is, and the first of it.
func (in *input) news() say.Text {
	first := cards.Cut(in.papers[0].Paper.Title, maxFirst)
	if in.reader() { // the papers stand below
		return say.Say("*%s new*", cards.Number(len(in.papers)))
	}
	if len(in.papers) == 1 {
		return say.Say("*1 new for this channel*: %s", first)
	}
	return say.Say("*%s new for this channel* · first: %s", cards.Number(len(in.papers)), first)
}

const maxFirst = 100 // characters of a title in a notification

// title names the digest: date, and time when there is a second one that day.
func (in *input) title() string {
	loc := in.channel.Location()
	what := "Papers"
	switch {
	case in.kind == core.CatchUp && in.missed > 1:
		what = "Catch-up: " + cards.Count(in.missed, "day")
	case in.kind == core.CatchUp:
		what = "Catch-up"
	case in.kind == core.Sample:
		what = "A sample"
	}
	title := "📰 " + what + in.due.In(loc).Format(" · Mon 2 Jan")
	if !in.previous.IsZero() && core.DateOf(in.previous.In(loc)) == core.DateOf(in.due.In(loc)) {
		title += in.due.In(loc).Format(" · 15:04")
	}
	return title
}

func (in *input) titles(shown int) []core.View {
	vs := make([]core.View, shown)
	for i, c := range in.papers[:shown] {
		vs[i] = cards.Title(c.Paper, c.inside(), in.channel.Settings)
	}
	return vs
}

// inside is what a header says of a paper: that of now, so that no version is news.
func (c *candidate) inside() *core.Delivery {
	return &core.Delivery{Place: core.InDigest, Matched: c.Matched, Late: c.Late}
}

// topicCounts says how many papers each topic brought, and how many came by
// several, so that the numbers add up: "diffusion (4) · lora (3) · 1 matches both".
func topicCounts(papers []candidate) say.Text {
	n := map[string]int{}
	var order []string
	several, others := 0, 0
	for _, c := range papers {
		if core.Discovered(c.Matched) {
			others++
			continue
		}
		for _, m := range c.Matched {
			if n[m.Topic] == 0 {
				order = append(order, m.Topic)
			}
			n[m.Topic]++
		}
		if len(c.Matched) > 1 {
			several++
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return n[b] - n[a] })
	var parts []say.Text
	for i, t := range order {
		if i == 6 {
			parts = append(parts, say.Say("%s more", cards.Count(len(order)-i, "topic")))
			break
		}
		parts = append(parts, say.Say("%s (%d)", cards.Cut(t, 40), n[t]))
	}
	if several > 0 {
		match, what := "match", "more than one"
		if several == 1 {
			match = "matches"
		}
		if len(order) == 2 {
			what = "both"
		}
		parts = append(parts, say.Say("%s %s %s", cards.Number(several), match, what))
	}
	if others > 0 {
		parts = append(parts, say.Say("%s to your taste, of no topic", cards.Number(others)))
	}
	return say.Join(" · ", parts...)
}

// smallPrint says why the first paper is the first, how to vote, how the sources
// are and when the next post comes.
func (in *input) smallPrint() (lines []say.Text) {
	if len(in.papers) > 0 {
		if votes := say.Join(" · ", in.because, in.howToVote()); len(votes) > 0 {
			lines = append(lines, votes)
		}
	}
	parts := slices.Clone(in.sources)
	if next, ok := in.channel.Schedule.Next(in.due); ok {
		parts = append(parts, say.Say("next post %s", say.At(next, next.In(in.channel.Location()).Format("Mon 15:04")+" "+core.City(in.channel.Schedule.Zone))))
	}
	if len(parts) > 0 {
		lines = append(lines, say.Join(" · ", parts...))
	}
	return lines
}

// howToVote is told for the first ten days, and for as long as nobody votes.
func (in *input) howToVote() say.Text {
	if in.reader() {
		return nil
	}
	if in.voted && in.now.Sub(in.channel.Created) > newcomer {
		return nil
	}
	switch emoji := in.channel.Settings.VoteEmoji; {
	case in.channel.Settings.Layout == core.LayoutDigest:
		return say.Say("a paper's number = a vote for it")
	case in.channel.Settings.Layout == core.LayoutCards:
		return say.Say("👍 = vote")
	case len(emoji) > 0:
		return say.Say("%s = vote, 🔖 = save", emoji[0])
	}
	return nil
}

// newcomer is how long a channel is told how to vote in any case.
const newcomer = 10 * 24 * time.Hour
