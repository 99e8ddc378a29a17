package query

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"paperboy/core"
	"paperboy/core/topic"
)

// Reason is why a paper of a day was posted in a channel or was not; as it is typed.
type Reason string

// The reasons, in the order in which they are told. Every paper has one.
const (
	WasPosted    Reason = "posted"    // on the day or later
	PostedBefore Reason = "earlier"   // before the day: it was listed on another one too
	OnItsWay     Reason = "coming"    // planned, held, or for the next post
	ByTaste      Reason = "taste"     // for the next post, though no topic matches it: it is to the channel's taste
	InDoubt      Reason = "uncertain" // nobody knows whether it was posted
	WasBeyond    Reason = "size"      // beyond the size of a post
	WasMuted     Reason = "muted"
	WasPaused    Reason = "paused"
	WasRefused   Reason = "refused"  // by the platform
	WasFew       Reason = "min"      // too few upvotes
	WasExcluded  Reason = "excluded" // a topic would match it, but for what the topic leaves out
	WasOutside   Reason = "scope"    // a topic matches it, outside of the channel's categories
	WasOther     Reason = "topic"    // no topic matches it
	WasThere     Reason = "before"   // it was there before the topic, or came as backlog
	MatchesSince Reason = "since"    // it matches now, and did not when it was planned
	WasRepeated  Reason = "repeated" // it stood on an earlier list that came again
)

// Reasons are all.
var Reasons = []Reason{WasPosted, PostedBefore, OnItsWay, ByTaste, InDoubt, WasBeyond, WasMuted, WasPaused, WasRefused, WasFew, WasExcluded, WasOutside, WasOther, WasThere, MatchesSince, WasRepeated}

// Announced is what a source announced on a day.
type Announced struct {
	Source string // its Short
	Papers int    // that we have of its list
	List   core.List
}

// Audit is where the papers of a day went in a channel.
type Audit struct {
	Day     core.Date
	Sources []Announced // those that had a list, or should have had one; by name
	Total   int         // distinct papers: the sum of Papers
	Shared  int         // that several sources announced
	Papers  map[Reason][]core.PaperID
}

// Audit says where every paper that sources announced on a day went in a channel.
// Each has one reason, so that the reasons' numbers add up to what was announced.
func (r *Reader) Audit(ctx context.Context, ch core.Channel, day core.Date) (a Audit, err error) {
	a = Audit{Day: day, Papers: map[Reason][]core.PaperID{}}
	listed, err := r.Store.OnDay(ctx, day)
	if err != nil {
		return a, err
	}
	lists, err := r.Store.Lists(ctx, day)
	if err != nil {
		return a, err
	}
	counts, ids, here := map[string]int{}, make([]core.PaperID, len(listed)), make(map[core.PaperID]bool, len(listed))
	for i, l := range listed {
		ids[i], here[l.Paper] = l.Paper, true
		if len(l.Sources) > 1 {
			a.Shared++
		}
		for _, s := range l.Sources {
			counts[s]++
		}
	}
	for _, l := range lists {
		if l.Again.IsZero() || len(l.Parts) > 0 || counts[l.Source] > 0 {
			continue
		}
		earlier, err := r.Store.OnDay(ctx, l.Again)
		if err != nil {
			return a, err
		}
		for _, e := range earlier {
			if !slices.Contains(e.Sources, l.Source) {
				continue
			}
			counts[l.Source]++
			if here[e.Paper] {
				a.Shared++
				continue
			}
			here[e.Paper] = true
			a.Papers[WasRepeated] = append(a.Papers[WasRepeated], e.Paper)
		}
	}
	a.Total = len(here)
	for _, l := range lists {
		a.Sources = append(a.Sources, Announced{l.Source, counts[l.Source], l})
		delete(counts, l.Source)
	}
	for s, n := range counts {
		a.Sources = append(a.Sources, Announced{s, n, core.List{Source: s, Day: day}})
	}
	slices.SortFunc(a.Sources, func(x, y Announced) int { return cmp.Compare(x.Source, y.Source) })

	papers, err := r.Store.Papers(ctx, ids)
	if err != nil {
		return a, err
	}
	topics, err := r.followed(ctx, ch.ID)
	if err != nil {
		return a, err
	}
	fates, err := r.fates(ctx, ch, topics, papers)
	if err != nil {
		return a, err
	}
	tasted, err := r.tasted(ctx, ch, day, topics, papers)
	if err != nil {
		return a, err
	}
	for i := range papers {
		why := reason(&ch, day, &fates[i])
		switch {
		case why == WasOther && tasted[papers[i].ID]:
			why = ByTaste
		case why == WasOther:
			why = left(topics, papers[i].Doc())
		}
		a.Papers[why] = append(a.Papers[why], papers[i].ID)
	}
	sum := 0
	for _, ids := range a.Papers {
		sum += len(ids)
	}
	if sum != a.Total { // never: every fate has a reason
		return a, fmt.Errorf("%s does not add up: %d papers were announced, and %d have a reason", day, a.Total, sum)
	}
	return a, nil
}

// tasted are those of a day's papers that the channel's taste will bring, as OfDay
// lists them.
func (r *Reader) tasted(ctx context.Context, ch core.Channel, day core.Date, topics []core.Topic, papers []core.Paper) (map[core.PaperID]bool, error) {
	if ch.Settings.Discover == 0 || day != ch.Day(r.Now()) {
		return nil, nil
	}
	mutes, err := r.Store.Mutes(ctx, ch.ID, "", r.Now())
	if err != nil {
		return nil, err
	}
	hidden, err := r.Hide(ctx, mutes)
	if err != nil {
		return nil, err
	}
	matches := NewMatches(papers, topics)
	others := slices.DeleteFunc(matches.Others(&ch, topics), func(c Candidate) bool { return hidden.Has(c.Paper.ID, c.Doc) })
	found, err := r.others(ctx, ch, day, others, nil)
	tasted := map[core.PaperID]bool{}
	for _, c := range found {
		tasted[c.Paper.ID] = true
	}
	return tasted, err
}

// reason says in a word why a paper with that fate was or was not posted.
func reason(ch *core.Channel, day core.Date, f *Fate) Reason {
	switch f.Stage {
	case InLedger:
		switch d := f.Delivery; {
		case d.State == core.Posted && ch.Day(d.Updated) < day:
			return PostedBefore
		case d.State == core.Posted:
			return WasPosted
		case d.State == core.Uncertain:
			return InDoubt
		case d.State != core.Skipped:
			return OnItsWay
		case d.Reason == core.BeyondSize:
			return WasBeyond
		case d.Reason == core.MutedHere:
			return WasMuted
		case d.Reason == core.CameWhilePaused:
			return WasPaused
		}
		return WasRefused
	case OutOfScope:
		return WasOutside
	case Backlog, BeforeTopic:
		return WasThere
	case TooFewUpvotes:
		return WasFew
	case Since:
		return MatchesSince
	case Muted:
		return WasMuted
	case Paused:
		return WasPaused
	case Next:
		return OnItsWay
	}
	return WasOther
}

// left says why topics do not match a paper: because of what one of them leaves out,
// or because none is about it.
func left(topics []core.Topic, doc *topic.Doc) Reason {
	few := false
	for i := range topics {
		for _, c := range topics[i].Topic.Clauses {
			out, fewer := true, false
			for _, t := range c.Lacks(doc) {
				out = out && (t.Not || t.Field == topic.Min)
				fewer = fewer || t.Field == topic.Min
			}
			if out && !fewer {
				return WasExcluded
			}
			few = few || out
		}
	}
	if few {
		return WasFew
	}
	return WasOther
}
