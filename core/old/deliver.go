package old

import (
	"context"
	"errors"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
)

// leaseTime is how long a sender may take for one message before another may
// look after it: longer than maxTries posts and looks can last together.
const (
	leaseTime = 5 * time.Minute
	postTime  = 90 * time.Second
	lookTime  = 30 * time.Second
	maxTries  = 2
)

// How a held channel is tried again.
const (
	holdSoon  = 2 * time.Minute // during the first hour
	holdLater = 15 * time.Minute
)

// deliver sends what is open in one channel, in order, and stops at what has
// to wait. It returns when nothing more can be done now.
func (b *Bot) deliver(ctx context.Context, channel int64, open []core.Delivery) error {
	ch, err := b.Store.ChannelByID(ctx, channel)
	if err != nil {
		return err
	}
	p := b.Connections.For(ch.Key.Installation())
	if p == nil {
		return nil
	}
	if now := b.Now(); !ch.Hold.Since.IsZero() && now.Before(ch.Hold.NextTry) {
		return nil
	}
	s := sender{Bot: b, platform: p, channel: ch}
	for _, d := range open {
		if d.Place == core.InDigest {
			continue // goes out with its header
		}
		if goOn, err := s.send(ctx, d); err != nil || !goOn {
			return err
		}
	}
	return nil
}

// sender sends one channel's messages, one after another.
type sender struct {
	*Bot
	platform core.Connection
	channel  core.Channel
	digest   core.Digest // of the last delivery
}

// send brings one delivery as far as it can be brought now. It says whether
// the next one may follow.
func (s *sender) send(ctx context.Context, d core.Delivery) (goOn bool, err error) {
	if sent, ok := s.recall(d); ok {
		return true, s.posted(ctx, sent, sent.Ref)
	}
	if s.digest.ID != d.Digest {
		if s.digest, err = s.Store.Digest(ctx, d.Digest); err != nil {
			return false, err
		}
	}
	header, err := s.header(ctx, d)
	if err != nil {
		return false, err
	}
	if _, isPaper := d.Item.Paper(); isPaper && s.digest.Header != nil {
		switch {
		case header.State == core.Uncertain && d.Place == core.InThread:
			return true, nil // waits for the next post
		case header.State == core.Planned || header.State == core.Sending || header.State == core.Held:
			return false, nil
		}
	}
	// A delivery found in sending was begun by somebody who did not finish:
	// whether it is out there must be looked up first.
	doubt := d.State == core.Sending
	d, ok, err := s.Store.Lease(ctx, d.Channel, d.Item, s.Now().Add(leaseTime), s.Now())
	if err != nil || !ok {
		return false, err
	}
	post, err := s.post(ctx, &d, header)
	if err != nil {
		return false, errors.Join(err, s.release(ctx, d, doubt))
	}
	for try := 1; ; try++ {
		if doubt {
			switch ref, found, err := s.look(ctx, post); {
			case err == nil && found:
				return true, s.foundOut(ctx, d, ref)
			case core.Is[*core.MayNot](err):
				d.State, d.Reason = core.Uncertain, "the platform gave no answer, and I may not look"
				return true, s.Store.SaveDelivery(ctx, d, s.Now())
			case err != nil:
				// Still unknown. The lease runs out and a later tick looks again.
				s.Log.Warn("cannot tell whether a message was posted", "channel", d.Channel, "item", d.Item, "err", err)
				return false, nil
			}
		}
		postCtx, cancel := context.WithTimeout(ctx, postTime)
		ref, err := s.platform.Post(postCtx, post)
		cancel()
		var notPosted *core.Retry
		var refused *core.Refused
		switch {
		case err == nil && doubt:
			return true, s.foundOut(ctx, d, ref)
		case err == nil:
			return true, s.posted(ctx, d, ref)
		case errors.As(err, &notPosted):
			try = 0 // about earlier tries it says nothing
			if err := s.release(ctx, d, doubt); err != nil || pause(ctx, notPosted.After) != nil {
				return false, err
			}
			if d, ok, err = s.Store.Lease(ctx, d.Channel, d.Item, s.Now().Add(leaseTime), s.Now()); err != nil || !ok {
				return false, err
			}
		case errors.As(err, &refused):
			return false, s.hold(ctx, d, refused, doubt)
		case core.Is[*core.Gone](err):
			s.Log.Info("channel is gone", "channel", s.channel.ID)
			return false, errors.Join(s.close(ctx, s.channel.ID), s.release(ctx, d, doubt))
		case core.Is[*core.Unauthorised](err):
			s.Connections.Stop(s.platform, err)
			return false, s.release(ctx, d, doubt)
		default:
			s.Log.Warn("no answer to a post", "channel", d.Channel, "item", d.Item, "attempt", d.Attempt, "try", try, "err", err)
			doubt = true
			if try == maxTries || pause(ctx, time.Duration(try)*time.Second) != nil {
				return false, nil // stays in sending: looked for again when the lease is over
			}
		}
	}
}

// look searches for a post that may have been made.
func (s *sender) look(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	f, ok := s.platform.(core.Finder)
	if !ok {
		return core.MessageRef{}, false, &core.MayNot{Err: errors.New("this platform cannot look")}
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return f.Find(ctx, p)
}

// header is the delivery of the digest's header; zero where there is none.
func (s *sender) header(ctx context.Context, d core.Delivery) (core.Delivery, error) {
	if s.digest.Header == nil {
		return core.Delivery{}, nil
	}
	return s.Store.Delivery(ctx, d.Channel, core.HeaderItem(s.digest.Kind, s.digest.Due))
}

// release gives a delivery back that was not posted. While an earlier try is in
// doubt it stays in sending, so that whoever takes it next looks first. It works
// after the context has ended, because that is when it is needed.
func (s *sender) release(ctx context.Context, d core.Delivery, doubt bool) error {
	d.State, d.Lease = core.Planned, time.Time{}
	if doubt {
		d.State = core.Sending
	}
	return s.Store.SaveDelivery(context.WithoutCancel(ctx), d, s.Now())
}

func (s *sender) posted(ctx context.Context, d core.Delivery, ref core.MessageRef) error {
	ctx = context.WithoutCancel(ctx)
	d.State, d.Ref, d.Lease, d.Reason = core.Posted, ref, time.Time{}, ""
	if err := s.Store.SaveDelivery(ctx, d, s.Now()); err != nil {
		s.remember(d)
		return err
	}
	if _, isPaper := d.Item.Paper(); !isPaper {
		if err := s.postedWith(ctx, d); err != nil {
			return err
		}
	}
	if !s.channel.Hold.Since.IsZero() {
		var err error
		s.channel, err = s.Store.UpdateChannel(ctx, s.channel.ID, func(c *core.Channel) { c.Hold = core.Hold{} })
		return err
	}
	return nil
}

// foundOut is posted for a message that people may have seen before we knew of
// it: what they did on it is read back soon.
func (s *sender) foundOut(ctx context.Context, d core.Delivery, ref core.MessageRef) error {
	if err := s.posted(ctx, d, ref); err != nil {
		return err
	}
	s.voteMissed(s.channel.ID)
	return nil
}

// postedWith marks what stands inside a header's message.
func (s *sender) postedWith(ctx context.Context, header core.Delivery) error {
	ds, err := s.Store.Deliveries(ctx, header.Digest)
	if err != nil {
		return err
	}
	for _, d := range ds {
		if d.Place == core.InDigest && d.State == core.Planned {
			d.State = core.Posted
			d.Ref = header.Ref
			if err := s.Store.SaveDelivery(ctx, d, s.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// hold keeps the channel's posts until somebody has mended what is wrong there.
func (s *sender) hold(ctx context.Context, d core.Delivery, why *core.Refused, doubt bool) error {
	ctx = context.WithoutCancel(ctx)
	now := s.Now()
	s.Log.Warn("channel refuses posts", "channel", s.channel.ID, "reason", why.Reason, "err", why.Err)
	d.State, d.Lease, d.Reason = core.Held, time.Time{}, why.Reason
	if doubt {
		d.State = core.Sending // an earlier try may be there: see release
	}
	err := s.Store.SaveDelivery(ctx, d, now)
	ch, uerr := s.Store.UpdateChannel(ctx, s.channel.ID, func(c *core.Channel) {
		if c.Hold.Since.IsZero() || c.Hold.Reason != why.Reason {
			c.Hold = core.Hold{Since: now, Reason: why.Reason}
		}
		c.Hold.NextTry = now.Add(holdLater)
		if now.Sub(c.Hold.Since) < time.Hour {
			c.Hold.NextTry = now.Add(holdSoon)
		}
	})
	if uerr == nil {
		s.channel = ch
	}
	return errors.Join(err, uerr)
}

// post makes the message of a delivery.
func (s *sender) post(ctx context.Context, d *core.Delivery, header core.Delivery) (core.Post, error) {
	p := core.Post{
		Key:     d.Key(),
		Channel: s.channel.Key,
		Place:   d.Place,
		Header:  header.Ref,
		Thread:  s.digest.Thread,
		Since:   d.Begun,
	}
	id, isPaper := d.Item.Paper()
	if !isPaper {
		p.Card, p.Header = *s.digest.Header, core.MessageRef{}
		return p, nil
	}
	paper, err := s.Store.Paper(ctx, id)
	if err != nil {
		return p, err
	}
	if d.State != core.Posted {
		d.Shown = paper.Version // the version people first saw; later ones are labelled
	}
	p.Card = cards.Delivered(&paper, d)
	p.Silent, p.Seed = true, s.channel.Settings.Seed
	return p, nil
}
