package query

import (
	"context"
	"slices"
	"time"

	"paperboy/core"
	"paperboy/core/topic"
)

// Order is how the papers of some days are put in order.
type Order string

// The orders.
const (
	Trending Order = "trending" // Hugging Face's upvotes, then the newest
	Newest   Order = "newest"
	ByVotes  Order = "votes" // people's votes in the channel: what has none is left out
)

// Span are some days, the last one among them.
type Span struct{ From, To core.Date }

// has reports whether a day lies in it.
func (s Span) has(d core.Date) bool { return d >= s.From && d <= s.To }

// Listing is what some days brought, of which Hits are a part.
type Listing struct {
	Hits  []core.Hit // with the channel's votes
	Total int
	More  bool // there are more than Total, which were neither counted nor ordered
}

// Listed is what some days brought, posted in the channel or not; of a topic alone
// where one is given. Of days that brought more than core.Countable the trending
// are those with an upvote.
func (r *Reader) Listed(ctx context.Context, ch core.Channel, days Span, t topic.Topic, order Order, offset, limit int) (Listing, error) {
	if order == ByVotes {
		return r.votedFor(ctx, ch, days, t, offset, limit)
	}
	q := core.Query{Topic: t, Since: days.From, Until: days.To, Sort: core.SortNew, Offset: offset, Limit: limit}
	if order == Trending {
		q.Sort, q.Channel = core.SortTop, nobody
	}
	found, err := r.Search(ctx, q)
	if err == nil && found.More && order == Trending {
		q.Topic = upvoted(t)
		found, err = r.Search(ctx, q)
		found.More = found.Total > 0 // those without are more
	}
	if err != nil {
		return Listing{}, err
	}
	l := Listing{Hits: found.Hits, Total: found.Total, More: found.More}
	return l, r.counted(ctx, ch.ID, l.Hits)
}

// nobody is the ID of no channel, whose votes put nothing in order.
const nobody = -1

// upvoted is a topic of which only what has an upvote is asked for.
func upvoted(t topic.Topic) topic.Topic {
	any := topic.Term{Field: topic.Min, N: 1}
	out := topic.Topic{}
	for _, c := range t.Clauses {
		out.Clauses = append(out.Clauses, append(slices.Clone(c), any))
	}
	if len(out.Clauses) == 0 {
		out.Clauses = []topic.Clause{{any}}
	}
	return out
}

// votedFor are the papers of some days that a channel voted for.
func (r *Reader) votedFor(ctx context.Context, ch core.Channel, days Span, t topic.Topic, offset, limit int) (l Listing, err error) {
	voted, err := r.Store.Votes(ctx, []int64{ch.ID}, time.Time{})
	if err != nil {
		return l, err
	}
	votes := map[core.PaperID]int{}
	var ids []core.PaperID
	for _, v := range voted[ch.ID] {
		if v.Up > 0 {
			votes[v.Paper] = v.Up
			ids = append(ids, v.Paper)
		}
	}
	papers, err := r.Store.Papers(ctx, ids)
	if err != nil {
		return l, err
	}
	if err := r.Ready(ctx, &t); err != nil {
		return l, err
	}
	for _, p := range papers {
		if !days.has(p.Day) {
			continue
		}
		if len(t.Clauses) > 0 {
			if _, ok := t.Match(p.Doc()); !ok {
				continue
			}
		}
		l.Hits = append(l.Hits, core.Hit{Paper: p, Votes: votes[p.ID]})
	}
	slices.SortFunc(l.Hits, mostVoted)
	l.Total = len(l.Hits)
	l.Hits = l.Hits[min(offset, l.Total):min(offset+limit, l.Total)]
	return l, nil
}

// counted writes a channel's votes to the hits.
func (r *Reader) counted(ctx context.Context, channel int64, hits []core.Hit) error {
	ids := make([]core.PaperID, len(hits))
	for i := range hits {
		ids[i] = hits[i].Paper.ID
	}
	tally, err := r.Store.Tally(ctx, channel, ids, time.Time{})
	for i := range hits {
		hits[i].Votes = tally[hits[i].Paper.ID].Up
	}
	return err
}

// Beside are the nearest days before and after some days that have papers; zero
// where there are none.
func (r *Reader) Beside(ctx context.Context, days Span) (before, after core.Date, err error) {
	last, _, err := r.Store.Matching(ctx, core.Query{Until: days.From.AddDays(-1)}, 1)
	if err != nil {
		return "", "", err
	}
	if len(last) > 0 {
		before = last[0].Day
	}
	after, err = r.Store.FirstDay(ctx, days.To.AddDays(1))
	return before, after, err
}

// Posts are what was posted in a channel on some days, the newest first: posts with papers,
// and of the others those that say that there are none.
func (r *Reader) Posts(ctx context.Context, ch core.Channel, days Span) ([]Post, error) {
	var posts []Post
	var ids []core.PaperID
	err := r.eachPosted(ctx, ch, days.From, func(digest core.Digest, id core.PaperID, d core.Delivery) {
		if !days.has(ch.Day(digest.Due)) {
			return
		}
		if n := len(posts); n == 0 || posts[n-1].Digest.ID != digest.ID {
			posts = append(posts, Post{Digest: digest})
		}
		if id == "" {
			return
		}
		last := &posts[len(posts)-1]
		last.Papers = append(last.Papers, PostedPaper{Delivery: d})
		ids = append(ids, id)
	})
	if err != nil {
		return nil, err
	}
	posts = slices.DeleteFunc(posts, func(p Post) bool {
		quiet := p.Digest.Kind == core.DailyPost || p.Digest.Kind == core.CatchUp
		return len(p.Papers) == 0 && !quiet // a notice, or the journal club's
	})
	papers, err := r.Store.Papers(ctx, ids)
	if err != nil {
		return nil, err
	}
	tally, err := r.Store.Tally(ctx, ch.ID, ids, time.Time{})
	if err != nil {
		return nil, err
	}
	byID := map[core.PaperID]core.Paper{}
	for _, p := range papers {
		byID[p.ID] = p
	}
	for i := range posts {
		for j := range posts[i].Papers {
			p := &posts[i].Papers[j]
			id, _ := p.Delivery.Item.Paper()
			p.Paper, p.Votes = byID[id], tally[id]
		}
	}
	slices.SortStableFunc(posts, func(a, b Post) int { return b.Digest.Due.Compare(a.Digest.Due) })
	return posts, nil
}

// Post is what was posted at once.
type Post struct {
	Digest core.Digest
	Papers []PostedPaper
}

// PostedPaper is a paper as it was posted, and its votes in the channel.
type PostedPaper struct {
	Paper    core.Paper
	Delivery core.Delivery
	Votes    core.Tally
}
