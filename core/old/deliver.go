package core

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// leaseTime is how long a sender may take for one message before another may
// look after it: longer than maxTries posts and looks can last together.
const (
	leaseTime = 5 * time.Minute
	postTime  = 90 * time.Second
	lookTime  = 30 * time.Second
	maxTries  = 2
)

// How a held channel is tried again (contract.md, Held).
const (
	holdSoon  = 2 * time.Minute // during the first hour
	holdLater = 15 * time.Minute
)

// deliver sends what is open in one channel, in order, and stops at what has
// to wait. It returns when nothing more can be done now.
func (b *Bot) deliver(ctx context.Context, channel int64, open []Delivery) error {
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
		if d.Place == InDigest {
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
	platform Connection
	channel  Channel
	digest   Digest // of the last delivery
}

// send brings one delivery as far as it can be brought now. It says whether
// the next one may follow.
func (s *sender) send(ctx context.Context, d Delivery) (goOn bool, err error) {
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
		case header.State == Uncertain && d.Place == InThread:
			return true, nil // waits for the next post
		case header.State == Planned || header.State == Sending || header.State == Held:
			return false, nil
		}
	}
	// A delivery found in sending was begun by somebody who did not finish:
	// whether it is out there must be looked up first.
	doubt := d.State == Sending
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
			case Is[*MayNot](err):
				d.State, d.Reason = Uncertain, "the platform gave no answer, and I may not look"
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
		var notPosted *Retry
		var refused *Refused
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
		case Is[*Gone](err):
			s.Log.Info("channel is gone", "channel", s.channel.ID)
			return false, errors.Join(s.close(ctx, s.channel.ID), s.release(ctx, d, doubt))
		case Is[*Unauthorised](err):
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

// pause waits, or returns early with the context's error.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// look searches for a post that may have been made.
func (s *sender) look(ctx context.Context, p Post) (MessageRef, bool, error) {
	f, ok := s.platform.(Finder)
	if !ok {
		return MessageRef{}, false, &MayNot{Err: errors.New("this platform cannot look")}
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return f.Find(ctx, p)
}

// header is the delivery of the digest's header; zero where there is none.
func (s *sender) header(ctx context.Context, d Delivery) (Delivery, error) {
	if s.digest.Header == nil {
		return Delivery{}, nil
	}
	return s.Store.Delivery(ctx, d.Channel, HeaderItem(s.digest.Kind, s.digest.Due))
}

// release gives a delivery back that was not posted. While an earlier try is in
// doubt it stays in sending, so that whoever takes it next looks first. It works
// after the context has ended, because that is when it is needed.
func (s *sender) release(ctx context.Context, d Delivery, doubt bool) error {
	d.State, d.Lease = Planned, noTime
	if doubt {
		d.State = Sending
	}
	return s.Store.SaveDelivery(context.WithoutCancel(ctx), d, s.Now())
}

func (s *sender) posted(ctx context.Context, d Delivery, ref MessageRef) error {
	ctx = context.WithoutCancel(ctx)
	d.State, d.Ref, d.Lease, d.Reason = Posted, ref, noTime, ""
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
		s.channel, err = s.Store.UpdateChannel(ctx, s.channel.ID, func(c *Channel) { c.Hold = Hold{} })
		return err
	}
	return nil
}

// foundOut is posted for a message that people may have seen before we knew of
// it: what they did on it is read back soon.
func (s *sender) foundOut(ctx context.Context, d Delivery, ref MessageRef) error {
	if err := s.posted(ctx, d, ref); err != nil {
		return err
	}
	s.voteMissed(s.channel.ID)
	return nil
}

// postedWith marks what stands inside a header's message.
func (s *sender) postedWith(ctx context.Context, header Delivery) error {
	ds, err := s.Store.Deliveries(ctx, header.Digest)
	if err != nil {
		return err
	}
	for _, d := range ds {
		if d.Place == InDigest && d.State == Planned {
			d.State = Posted
			d.Ref = header.Ref
			if err := s.Store.SaveDelivery(ctx, d, s.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// hold keeps the channel's posts until somebody has mended what is wrong there.
func (s *sender) hold(ctx context.Context, d Delivery, why *Refused, doubt bool) error {
	ctx = context.WithoutCancel(ctx)
	now := s.Now()
	s.Log.Warn("channel refuses posts", "channel", s.channel.ID, "reason", why.Reason, "err", why.Err)
	d.State, d.Lease, d.Reason = Held, noTime, why.Reason
	if doubt {
		d.State = Sending // an earlier try may be there: see release
	}
	err := s.Store.SaveDelivery(ctx, d, now)
	ch, uerr := s.Store.UpdateChannel(ctx, s.channel.ID, func(c *Channel) {
		if c.Hold.Since.IsZero() || c.Hold.Reason != why.Reason {
			c.Hold = Hold{Since: now, Reason: why.Reason}
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

// key names the message to the platform.
func (d *Delivery) key() string { return fmt.Sprintf("%d/%s", d.Channel, d.Item) }

// post makes the message of a delivery.
func (s *sender) post(ctx context.Context, d *Delivery, header Delivery) (Post, error) {
	p := Post{
		Key:     d.key(),
		Channel: s.channel.Key,
		Place:   d.Place,
		Header:  header.Ref,
		Thread:  s.digest.Thread,
		Since:   d.Begun,
	}
	id, isPaper := d.Item.Paper()
	if !isPaper {
		p.Card, p.Header = *s.digest.Header, MessageRef{}
		return p, nil
	}
	paper, err := s.Store.Paper(ctx, id)
	if err != nil {
		return p, err
	}
	if d.State != Posted {
		d.Shown = paper.Version // the version people first saw; later ones are labelled
	}
	p.Card = deliveredCard(&paper, d)
	p.Silent, p.Seed = true, s.channel.Settings.Seed
	return p, nil
}

// deliveredCard is a paper's message in a channel, as it stands now.
func deliveredCard(p *Paper, d *Delivery) Card {
	v := view(p)
	v.Matched = matchedText(d.Matched)
	v.Tags = tags(d.Matched)
	if d.Late {
		v.Labels = append(v.Labels, labelLate)
	}
	if isNewer(p, d) {
		v.Labels = append(v.Labels, fmt.Sprintf("updated v%d", p.Version))
	}
	v.Folded = d.Folded
	return paperCard(v)
}

// isNewer reports whether a version came after the one that was posted. A
// source that names none lists first versions.
func isNewer(p *Paper, d *Delivery) bool { return p.Version > max(d.Shown, 1) }

// nudge tries a held channel at once, since somebody is there, and tells the
// reason once, privately, to someone who can edit.
func (b *Bot) nudge(c *call, reply *Reply) {
	hold := c.channel.Hold
	tell := !hold.Told && c.mayEdit() == nil
	if _, err := b.Store.UpdateChannel(c.ctx, c.channel.ID, func(ch *Channel) {
		if !ch.Hold.Since.IsZero() {
			ch.Hold.NextTry = c.now
			ch.Hold.Told = ch.Hold.Told || tell
		}
	}); err != nil {
		b.Log.Error("cannot nudge a held channel", "channel", c.channel.ID, "err", err)
		return
	}
	if tell {
		reply.Card.Lines = append(reply.Card.Lines, heldText(&c.channel))
	}
	b.poke()
}
