package query

import (
	"context"
	"slices"
	"time"

	"paperboy/core"
)

// Post is a digest as it was posted in a channel, with those of its papers that were.
type Post struct {
	Digest core.Digest
	Posted time.Time // when the first of its messages was
	Papers []PostedPaper
}

// PostedPaper is a paper of a post, what the ledger says of it, and what people of the
// channel said.
type PostedPaper struct {
	Paper    core.Paper
	Delivery core.Delivery
	Votes    core.Tally
}

// Posts are a channel's posts of some days of its zone, both included, the newest
// first, each with its papers in the order in which they were posted.
func (r *Reader) Posts(ctx context.Context, ch core.Channel, from, until core.Date) ([]Post, error) {
	var posts []Post
	var ids []core.PaperID
	err := r.eachPosted(ctx, ch, from, func(digest core.Digest, d core.Delivery) {
		if until.Before(ch.Day(digest.Due)) {
			return
		}
		if n := len(posts); n == 0 || posts[n-1].Digest.ID != digest.ID {
			posts = append(posts, Post{Digest: digest, Posted: d.Updated})
		}
		if id, ok := d.Item.Paper(); ok {
			post := &posts[len(posts)-1]
			post.Papers = append(post.Papers, PostedPaper{Delivery: d})
			ids = append(ids, id)
		}
	})
	if err != nil {
		return nil, err
	}
	papers, err := r.Store.Papers(ctx, ids)
	if err != nil {
		return nil, err
	}
	tally, err := r.Store.Tally(ctx, ch.ID, ids, time.Time{})
	if err != nil {
		return nil, err
	}
	by := make(map[core.PaperID]core.Paper, len(papers))
	for _, p := range papers {
		by[p.ID] = p
	}
	for i := range posts {
		for j := range posts[i].Papers {
			p := &posts[i].Papers[j]
			id, _ := p.Delivery.Item.Paper()
			p.Paper, p.Votes = by[id], tally[id]
		}
	}
	slices.SortStableFunc(posts, func(a, b Post) int { return b.Digest.Due.Compare(a.Digest.Due) })
	return posts, nil
}

// PostedSince are the papers of a channel's posts since that day, in the order
// in which they were posted.
func (r *Reader) PostedSince(ctx context.Context, ch core.Channel, from core.Date) (ids []core.PaperID, err error) {
	err = r.eachPosted(ctx, ch, from, func(_ core.Digest, d core.Delivery) {
		if id, ok := d.Item.Paper(); ok {
			ids = append(ids, id)
		}
	})
	return ids, err
}

// eachPosted goes through the messages of a channel's posts since that day, headers
// among them, by digest.
func (r *Reader) eachPosted(ctx context.Context, ch core.Channel, from core.Date, each func(core.Digest, core.Delivery)) error {
	ds, err := r.Store.DeliveriesOf(ctx, ch.ID, from.Time(ch.Location()), core.Posted)
	if err != nil {
		return err
	}
	var digest core.Digest // they come by digest
	for _, d := range ds {
		if digest.ID != d.Digest {
			if digest, err = r.Store.Digest(ctx, d.Digest); err != nil {
				return err
			}
		}
		if !ch.Day(digest.Due).Before(from) {
			each(digest, d)
		}
	}
	return nil
}
