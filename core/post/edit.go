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
	for {
		if err := p.editOpen(ctx, grace); err != nil && ctx.Err() == nil {
			p.Log.Error("editing", "err", err)
		}
		if p.edit.Wait(ctx, p.Clock, idle) != nil {
			return
		}
	}
}

// EditDue edits every message that has to be edited now.
func (p *Poster) EditDue(ctx context.Context) error { return p.editOpen(ctx, p.Grace(ctx)) }

func (p *Poster) editOpen(ctx, grace context.Context) error {
	for ctx.Err() == nil && !p.Breaker.Open(ctx) {
		now := p.Clock.Now()
		edits, err := p.Store.Edits(ctx, now, editBatch, p.Connections.Serves)
		if err = p.Breaker.Note(err); err != nil || len(edits) == 0 {
			return err
		}
		var errs []error
		for _, e := range edits {
			if ctx.Err() != nil {
				return nil
			}
			errs = append(errs, p.write(ctx, func() error { return p.editOne(grace, e, now) }))
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return nil
}

// editOne brings one message up to date, or says when that is to be tried.
func (p *Poster) editOne(ctx context.Context, e core.Edit, now time.Time) error {
	id, isPaper := e.Item.Paper()
	editor, can := p.Connections.For(e.Channel.Key.Installation()).(core.Editor)
	if !isPaper || !can {
		return p.Store.Edited(ctx, e, "")
	}
	paper, err := p.Store.Paper(ctx, id)
	if err != nil {
		return err
	}
	// A version's news is shown once a day; what people did is shown at once.
	day := core.Date("")
	if news := cards.IsNewer(&paper, &e.Delivery) || paper.Withdrawn; news {
		if day = e.Channel.Day(now); day == e.Delivery.Edited {
			return p.Store.EditLater(ctx, e, day.AddDays(1).Time(e.Channel.Location()))
		}
	}
	post := core.Post{
		Key: e.Key(), Channel: e.Channel.Key, Place: e.Place, Header: e.Header, Thread: e.Digest.Thread, Since: e.Begun,
		Card: cards.Delivered(&paper, &e.Delivery), Silent: true,
	}
	request, cancel := context.WithTimeout(ctx, postTime)
	defer cancel()
	err = editor.Edit(request, post, e.Ref)
	no, refused := errors.AsType[*core.Refused](err)
	switch {
	case err == nil:
		return p.Store.Edited(ctx, e, day)
	case core.Is[*core.Gone](err), refused && no.Message:
		p.Log.Info("a message cannot be edited any more", "channel", e.Delivery.Channel, "item", e.Item, "err", err)
		return p.Store.Edited(ctx, e, day)
	case core.Is[*core.Unauthorised](err):
		p.Connections.Stop(p.Connections.For(e.Channel.Key.Installation()), err)
		return nil
	case now.Sub(e.Revised) > editDays:
		return p.Store.Edited(ctx, e, day)
	}
	p.Log.Warn("a message could not be edited; it is tried again", "channel", e.Delivery.Channel, "item", e.Item, "err", err)
	again := now.Add(editAgain)
	if retry, ok := errors.AsType[*core.Retry](err); ok {
		again = now.Add(max(retry.After, time.Second))
	}
	return p.Store.EditLater(ctx, e, again)
}
