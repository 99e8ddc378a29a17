package query

import (
	"context"

	"paperboy/core"
	"paperboy/core/topic"
)

// Stage is how far a paper came on its way into a channel: the place where it
// stopped.
type Stage string

// The stages, in the order in which a paper travels. What the ledger says of it
// is the truth, whatever the topics say now.
const (
	InLedger      Stage = "ledger"       // Fate.Delivery says what came of it
	NoTopics      Stage = "no topics"    // the channel follows nothing
	NoTopic       Stage = "no topic"     // none matches it
	ToTaste       Stage = "taste"        // none matches it, and it is to the channel's taste: the next post may bring it; of Fate alone
	OutOfScope    Stage = "scope"        // a topic matches it, outside of the channel's categories
	Backlog       Stage = "backlog"      // it came by import, by a fetch of past days, or with a source's first list: seen, never new
	BeforeTopic   Stage = "before topic" // it was there before the topic
	TooFewUpvotes Stage = "min"          // fewer than the channel asks for, or nobody knows how many
	Since         Stage = "since"        // it matches now, and did not when it was planned
	Muted         Stage = "muted"        // it would come, and is hidden
	Paused        Stage = "paused"       // it came while posts were paused, or they are
	Next          Stage = "next"         // it came after the last post: the next one brings it
)

// Fate is what became of a paper in a channel.
type Fate struct {
	Stage    Stage
	Delivery core.Delivery  // InLedger
	Matched  []core.Matched // the topics that match it, by InLedger those that did; at OutOfScope those that would
	Misses   []Miss         // what it lacks of each topic that does not match it, that which lacks least first; of Fate alone
}

// fates say of papers that the store has where each stopped on its way into a
// channel that follows the topics, in the papers' order. However many they are, the
// store is asked a few times.
func (r *Reader) fates(ctx context.Context, ch core.Channel, topics []core.Topic, papers []core.Paper) ([]Fate, error) {
	mutes, err := r.Store.Mutes(ctx, ch.ID, "", r.Now())
	if err != nil {
		return nil, err
	}
	ids := make([]core.PaperID, len(papers))
	for i := range papers {
		ids[i] = papers[i].ID
	}
	ledger, err := r.Store.DeliveriesFor(ctx, ch.ID, ids)
	if err != nil {
		return nil, err
	}
	hidden, err := r.Hide(ctx, mutes)
	if err != nil {
		return nil, err
	}
	matches := NewMatches(papers, topics)
	everywhere := ch
	everywhere.Settings.Scope = topic.Scope{}
	inside := matched(matches.Of(&ch, topics, nil))
	anywhere := matched(matches.Of(&everywhere, topics, nil))
	since := matched(matches.Of(&ch, topics, func(p *core.Paper, t *core.Topic) bool { return p.Seq > t.Since }))

	fates := make([]Fate, len(papers))
	for i := range papers {
		p, f := &papers[i], &fates[i]
		f.Matched = inside[p.ID]
		if d, ok := ledger[p.ID]; ok {
			f.Stage, f.Delivery = InLedger, d
			if len(f.Matched) == 0 {
				f.Matched = d.Matched // of a topic that is not followed any more
			}
			continue
		}
		switch {
		case len(topics) == 0:
			f.Stage = NoTopics
		case len(anywhere[p.ID]) == 0:
			f.Stage = NoTopic
		case len(inside[p.ID]) == 0:
			f.Stage, f.Matched = OutOfScope, anywhere[p.ID]
		case p.Backlog:
			f.Stage = Backlog
		case len(since[p.ID]) == 0:
			f.Stage = BeforeTopic
		case !ch.Enough(p):
			f.Stage = TooFewUpvotes
		case p.Changed <= ch.Planned:
			f.Stage = Since
		case hidden.Has(p.ID, matches.Docs[i]):
			f.Stage = Muted
		case ch.Paused(r.Now()), p.Seen.Before(ch.Resumed) && p.Seq > ch.Planned:
			f.Stage = Paused
		default:
			f.Stage = Next
		}
	}
	return fates, nil
}

func matched(cs []Candidate) map[core.PaperID][]core.Matched {
	out := make(map[core.PaperID][]core.Matched, len(cs))
	for _, c := range cs {
		out[c.Paper.ID] = c.Matched
	}
	return out
}
