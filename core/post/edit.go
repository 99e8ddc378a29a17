package post

import (
	"context"
	"errors"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
)

const (
	editBatch = 100
	editAgain = time.Hour          // what failed is not asked for every few seconds …
	editDays  = 7 * 24 * time.Hour // … and after a week the message stays as it is
)

// RunEdits edits what is due until the context ends. One process does it.
func (p *Poster) RunEdits(ctx context.Context) {
	grace := p.Grace(ctx)
	p.Connections.Rounds(ctx, p.edit, p.Clock, idle, func(conn core.Connection, serves func(core.Installation) bool) {
		if err := p.editOpen(ctx, grace, serves); err != nil && ctx.Err() == nil {
			p.Log.Error("editing", "platform", conn.Network().Name, "err", err)
		}
	})
}

// EditDue edits every message that has to be edited now.
func (p *Poster) EditDue(ctx context.Context) error {
	return p.editOpen(ctx, p.Grace(ctx), p.Connections.Serves)
}

func (p *Poster) editOpen(ctx, grace context.Context, serves func(core.Installation) bool) error {
	for ctx.Err() == nil && !p.Breaker.Open(ctx) {
		edits, err := p.Store.Edits(ctx, p.Clock.Now(), editBatch, serves)
		if err = p.Breaker.Note(err); err != nil || len(edits) == 0 {
			return err
		}
		var errs []error
		for _, e := range edits {
			if ctx.Err() != nil {
				return nil
			}
			errs = append(errs, p.editOne(grace, e))
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return nil
}

// editOne brings one message up to date, or says when that is to be tried.
func (p *Poster) editOne(ctx context.Context, e core.Edit) error {
	conn := p.Connections.For(e.Channel.Key.Installation())
	if conn == nil {
		return nil // stopped meanwhile: it stays due for whoever comes with a new token
	}
	now := p.Clock.Now()
	outdated := !e.EditAt.IsZero() && !e.EditAt.After(now)
	counts := !e.CountAt.IsZero() && !e.CountAt.After(now)
	var votes map[core.PaperID]int // that the message shows then
	// What became of it is written down for what was to be shown.
	done := func(day core.Date) error {
		return p.write(ctx, func() (err error) {
			if outdated {
				err = p.Store.Edited(ctx, e, day)
			}
			if counts {
				err = errors.Join(err, p.Store.Counted(ctx, e, votes, p.Clock.Now()))
			}
			return err
		})
	}
	later := func(at time.Time) error {
		return p.write(ctx, func() (err error) {
			if outdated {
				err = p.Store.EditLater(ctx, e, at)
			}
			if counts {
				err = errors.Join(err, p.Store.CountLater(ctx, e, at))
			}
			return err
		})
	}
	editor, can := conn.(core.Editor)
	if !can {
		return done("")
	}
	card, news, err := p.asItStands(ctx, e, conn.Network())
	if err != nil {
		return err
	}
	day := core.Date("")
	// News is shown once a day, and so is that it was none; what people did is shown
	// at once, which forgets the day.
	today := e.Channel.Day(now)
	if outdated && today == e.Delivery.Edited && !counts { // what votes have edited today shows it too
		return later(today.AddDays(1).Time(e.Channel.Location()))
	}
	if outdated && news {
		day = today
	}
	voted := cards.Voted(card)
	if len(voted) == 0 && !outdated {
		return done("") // it shows no votes
	}
	if len(voted) > 0 {
		var tally map[core.PaperID]core.Tally
		if err := p.write(ctx, func() (err error) {
			tally, err = p.Store.Tally(ctx, e.Channel.ID, voted, time.Time{})
			return err
		}); err != nil {
			return err
		}
		votes = make(map[core.PaperID]int, len(voted))
		for _, id := range voted {
			votes[id] = tally[id].Up
		}
		card = cards.Counting(card, votes)
	}
	post := core.Post{
		Key: e.Key(), Channel: e.Channel.Key, Private: e.Channel.Private, Place: e.Place, Header: e.Header, Thread: e.Digest.Thread, Since: e.Begun,
		Card: card, Silent: true,
	}
	request, cancel := context.WithTimeout(ctx, postTime)
	defer cancel()
	err = editor.Edit(request, post, e.Ref)
	now = p.Clock.Now() // it may have taken its time
	no, refused := errors.AsType[*core.Refused](err)
	switch {
	case err == nil:
		return done(day)
	case core.Is[*core.Gone](err), refused && no.Message:
		p.Log.Info("a message cannot be edited any more", "channel", e.Delivery.Channel, "item", e.Item, "err", err)
		votes = nil
		return done(day)
	case core.Is[*core.Unauthorised](err):
		p.Connections.Stop(conn, err)
		return nil
	}
	retry, waits := errors.AsType[*core.Retry](err)
	if outdated && now.Sub(e.Revised) > editDays || !outdated && !waits && now.Sub(e.Updated) > editDays && now.Sub(e.Counted) > editDays {
		votes = nil
		return done(day)
	}
	p.Log.Warn("a message could not be edited; it is tried again", "channel", e.Delivery.Channel, "item", e.Item, "err", err)
	again := now.Add(editAgain)
	if waits {
		again = now.Add(max(retry.After, time.Second))
	}
	return later(again)
}

// asItStands is what a message shows now, and whether that is news: of a
// paper's own message, or a header's with the papers that stand in it.
func (p *Poster) asItStands(ctx context.Context, e core.Edit, n core.Network) (card core.Card, news bool, err error) {
	ds := e.Inside
	if _, isPaper := e.Item.Paper(); isPaper {
		ds = []core.Delivery{e.Delivery}
	}
	papers := make(map[core.Item]*core.Paper, len(ds))
	for i := range ds {
		id, _ := ds[i].Item.Paper()
		var paper core.Paper
		if err := p.write(ctx, func() (err error) {
			paper, err = p.Store.Paper(ctx, id)
			return err
		}); err != nil {
			return card, false, err
		}
		papers[ds[i].Item] = &paper
		news = news || cards.IsNews(&paper, &ds[i])
	}
	if paper := papers[e.Item]; paper != nil {
		return delivered(paper, &e.Delivery, e.Channel.Settings, n), news, nil
	}
	if e.Digest.Header != nil {
		card = cards.Inside(*e.Digest.Header, papers, ds, e.Channel.Settings)
	}
	return card, news, nil
}
