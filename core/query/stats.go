package query

import (
	"cmp"
	"context"
	"slices"

	"paperboy/core"
)

// Stats are a channel's numbers since a day. They name nobody.
type Stats struct {
	Posts  int // that brought papers
	Papers int // in them
	Liked  int // of these, those that somebody here voted for
	Votes  int // given in that time: one a person and paper
	Voters int // distinct people
	Top    []core.Hit
	Topics []Brought
}

// Brought is what a topic brought, whether it is followed any more or not; Topic is
// "" for what came to the channel's taste. A paper of several topics counts for each.
type Brought struct {
	Topic         string
	Number        int // as people call it; 0 where it is not followed any more
	Papers, Liked int
}

// Stats are what was posted in a channel since a day and what became of it, with
// its most voted papers, at most so many. Topics come by what they brought.
func (r *Reader) Stats(ctx context.Context, ch core.Channel, from core.Date, most int) (s Stats, err error) {
	start := from.Time(ch.Location())
	ids, err := r.PostedSince(ctx, ch, from)
	if err != nil {
		return s, err
	}
	posted, err := r.Store.DeliveriesFor(ctx, ch.ID, ids)
	if err != nil {
		return s, err
	}
	voted, err := r.Store.Voted(ctx, ch.ID, start)
	if err != nil {
		return s, err
	}
	tally, err := r.Store.Tally(ctx, ch.ID, distinct(append(voted, ids...)), start)
	if err != nil {
		return s, err
	}
	for _, t := range tally {
		s.Votes += t.Up
	}
	if s.Voters, err = r.Store.Voters(ctx, ch.ID, start); err != nil {
		return s, err
	}
	topics, err := r.Store.Topics(ctx, ch.ID)
	if err != nil {
		return s, err
	}
	brought := map[string]*Brought{}
	for _, t := range topics { // what brought nothing says so
		brought[t.Text()] = &Brought{Topic: t.Text(), Number: t.Number}
	}
	posts := map[int64]bool{}
	for _, id := range ids {
		d := posted[id]
		posts[d.Digest] = true
		liked := tally[id].Up > 0
		s.Papers++
		if liked {
			s.Liked++
		}
		for _, m := range d.Matched {
			b := brought[m.Topic]
			if b == nil {
				b = &Brought{Topic: m.Topic}
				brought[m.Topic] = b
			}
			if b.Papers++; liked {
				b.Liked++
			}
		}
	}
	s.Posts = len(posts)
	for _, b := range brought {
		s.Topics = append(s.Topics, *b)
	}
	slices.SortFunc(s.Topics, func(a, b Brought) int {
		return cmp.Or(cmp.Compare(b.Papers, a.Papers), cmp.Compare(b.Liked, a.Liked), cmp.Compare(a.Topic, b.Topic))
	})
	ranked, _, _, err := r.Top(ctx, ch, from)
	for _, h := range ranked[:min(len(ranked), most)] {
		if h.Votes > 0 {
			s.Top = append(s.Top, h)
		}
	}
	return s, err
}
