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

// editDue edits what is due until the context ends.
func (p *Poster) editDue(ctx, grace context.Context) {
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
	done := func(day core.Date) error { return p.write(ctx, func() error { return p.Store.Edited(ctx, e, day) }) }
	later := func(at time.Time) error { return p.write(ctx, func() error { return p.Store.EditLater(ctx, e, at) }) }
	conn := p.Connections.For(e.Channel.Key.Installation())
	if conn == nil {
		return nil // stopped meanwhile: it stays due for whoever comes with a new token
	}
	id, isPaper := e.Item.Paper()
	editor, can := conn.(core.Editor)
	if !isPaper || !can {
		return done("")
	}
	var paper core.Paper
	if err := p.write(ctx, func() (err error) {
		paper, err = p.Store.Paper(ctx, id)
		return err
	}); err != nil {
		return err
	}
	// A version's news is shown once a day; what people did is shown at once.
	now, day := p.Clock.Now(), core.Date("")
	if news := cards.IsNewer(&paper, &e.Delivery) || paper.Withdrawn; news {
		if day = e.Channel.Day(now); day == e.Delivery.Edited {
			return later(day.AddDays(1).Time(e.Channel.Location()))
		}
	}
	post := core.Post{
		Key: e.Key(), Channel: e.Channel.Key, Private: e.Channel.Private, Place: e.Place, Header: e.Header, Thread: e.Digest.Thread, Since: e.Begun,
		Card: cards.Delivered(&paper, &e.Delivery, e.Channel.Settings), Silent: true,
	}
	request, cancel := context.WithTimeout(ctx, postTime)
	defer cancel()
	err := editor.Edit(request, post, e.Ref)
	now = p.Clock.Now() // it may have taken its time
	no, refused := errors.AsType[*core.Refused](err)
	switch {
	case err == nil:
		return done(day)
	case core.Is[*core.Gone](err), refused && no.Message:
		p.Log.Info("a message cannot be edited any more", "channel", e.Delivery.Channel, "item", e.Item, "err", err)
		return done(day)
	case core.Is[*core.Unauthorised](err):
		p.Connections.Stop(conn, err)
		return nil
	case now.Sub(e.Revised) > editDays:
		return done(day)
	}
	p.Log.Warn("a message could not be edited; it is tried again", "channel", e.Delivery.Channel, "item", e.Item, "err", err)
	again := now.Add(editAgain)
	if retry, ok := errors.AsType[*core.Retry](err); ok {
		again = now.Add(max(retry.After, time.Second))
	}
	return later(again)
}
