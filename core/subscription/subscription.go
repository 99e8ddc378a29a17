// Package subscription brings a channel's papers to people by mail: it says who gets
// which channel's, and lets nobody get anything that they did not ask for.
//
//	subscription.go  asking, confirming, ending
//	token.go         the links in mails: what they allow, signed
//
// A subscription is a channel like any other, of the platform of the connection
// that sends mails, which goes by the channel that it follows (core.Channel.Follows).
// So the planner plans its post, the poster sends it under a claim, and the ledger
// knows what became of it; nothing is planned or kept a second time. Its name is the
// address.
//
// In: an address, a channel, a schedule. Out: a channel without a schedule, which is
// never due, and a message with a link; pressing that gives it its schedule.
//
// It promises: before the link is pressed nothing is sent to an address but the one
// message that holds it, and that at most once a day, whoever asks for which channels;
// what is not confirmed within 48 hours is deleted. Whether an address is known shows
// in no answer. Who ends a subscription has it deleted at once, address and all.
package subscription

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/topic"
)

// Store is what is needed of the store.
type Store interface {
	EnsureChannel(ctx context.Context, fresh core.Channel) (core.Channel, error)
	ChannelByKey(ctx context.Context, key core.ChannelKey) (core.Channel, error)
	ChannelByID(ctx context.Context, id int64) (core.Channel, error)
	Channels(ctx context.Context) ([]core.Channel, error)
	UpdateChannel(ctx context.Context, id int64, change func(*core.Channel)) (core.Channel, error)
	DropChannel(ctx context.Context, id int64) error
	PlanDigests(ctx context.Context, plans []core.Plan, told ...core.Told) (int, error)
	SeenEvent(ctx context.Context, id string, now time.Time) (bool, error)
	Note(ctx context.Context, name string) (string, error)
	SetNote(ctx context.Context, name, value string) error
	Topics(ctx context.Context, channel int64) ([]core.Topic, error)
	AddTopic(ctx context.Context, channel int64, t topic.Topic, by core.User, now time.Time) (core.Topic, error)
	RemoveTopic(ctx context.Context, id int64, now time.Time) error
}

// ConfirmTime is how long a link to confirm holds, and how long what nobody confirmed
// is kept.
const ConfirmTime = 48 * time.Hour

// Confirmation is the kind of the digest that asks for a confirmation.
const Confirmation core.DigestKind = "confirm"

// Options are what Subscriptions are made of.
type Options struct {
	Store       Store
	Connections *core.Connections // who can read what is asked of them
	Platform    string            // of the connection that sends mails
	PublicURL   string            // under which the links are answered, as https://papers.example.org
	Now         func() time.Time
	Wake        func() // something may be due; nil: nobody has to know
}

// Subscriptions are safe for concurrent use.
type Subscriptions struct {
	Options

	mu  sync.Mutex
	key []byte // of the signatures, once it was read
}

// New makes Subscriptions.
func New(o Options) *Subscriptions {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	return &Subscriptions{Options: o}
}

// Subscribe asks an address whether it wants a channel's papers at some time, or those
// of topics of its own, if any, by the channel's settings. What comes of it shows only
// there. The error is a *core.UserError where the address
// cannot be one.
func (s *Subscriptions) Subscribe(ctx context.Context, of core.Channel, by core.User, address string, at core.Schedule, own ...topic.Topic) error {
	address, err := core.ParseAddress(address)
	if err != nil {
		return err
	}
	now := s.Now()
	id, err := s.id(ctx, address, of.ID)
	if err != nil {
		return err
	}
	var topics []string
	for _, t := range own {
		topics = append(topics, t.String())
	}
	link, err := s.sign(ctx, grant{Kind: confirms, Channel: id, Schedule: at.String(), Topics: topics, Until: now.Add(ConfirmTime).Unix()})
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(strings.ToLower(address)))
	if asked, err := s.Store.SeenEvent(ctx, "confirm/"+hex.EncodeToString(sum[:]), now); err != nil || asked {
		return err
	}
	ch, err := s.Store.EnsureChannel(ctx, core.Channel{
		Key: s.at(id), Name: address, Settings: of.Settings, Schedule: core.Schedule{Time: at.Time, Days: at.Days},
		SetUpBy: by.Name, Owner: by.Key, Created: now, Private: true, Follows: of.ID,
	})
	if err == nil && !confirmed(&ch) {
		ch, err = s.Store.UpdateChannel(ctx, ch.ID, func(c *core.Channel) { c.Created = now }) // it is kept as long as the newest link holds
	}
	if err != nil {
		return err
	}
	name := of.Name
	if of.Private {
		name = ""
	}
	_, err = s.Store.PlanDigests(ctx, []core.Plan{{
		Digest: core.Digest{Channel: ch.ID, Due: now, Kind: Confirmation, Planned: now, Header: new(cards.ConfirmMail(name, topics, at, s.page("confirm", link)))},
		Items:  []core.Delivery{{Channel: ch.ID, Item: core.HeaderItem(Confirmation, now), Place: core.InChannel, State: core.Planned}},
	}})
	s.Wake()
	return err
}

// Asked is what a link to confirm is about.
type Asked struct {
	Address  string
	Schedule core.Schedule
	Topics   []string // its own; none: the channel's
}

// Asks reads a link to confirm, and changes nothing.
func (s *Subscriptions) Asks(ctx context.Context, token string) (Asked, error) {
	_, asked, err := s.asks(ctx, token)
	return asked, err
}

func (s *Subscriptions) asks(ctx context.Context, token string) (core.Channel, Asked, error) {
	g, err := s.read(ctx, token, confirms)
	if err != nil {
		return core.Channel{}, Asked{}, err
	}
	ch, err := s.Store.ChannelByKey(ctx, s.at(g.Channel))
	if errors.Is(err, core.ErrNotFound) {
		err = errOver
	}
	if err != nil {
		return core.Channel{}, Asked{}, err
	}
	at, err := core.ParseSchedule(g.Schedule, core.Schedule{})
	return ch, Asked{ch.Name, at, g.Topics}, err
}

// Confirm begins what a link is about. Pressed twice, it is one.
func (s *Subscriptions) Confirm(ctx context.Context, token string) (Asked, error) {
	ch, asked, err := s.asks(ctx, token)
	if err != nil {
		return Asked{}, err
	}
	now := s.Now()
	err = s.follow(ctx, ch, asked.Topics)
	if err == nil {
		_, err = s.Store.UpdateChannel(ctx, ch.ID, func(c *core.Channel) {
			if confirmed(c) && c.Schedule == asked.Schedule {
				return
			}
			c.Schedule, c.Scheduled = asked.Schedule, now
		})
	}
	if errors.Is(err, core.ErrNotFound) {
		err = errOver
	}
	s.Wake()
	return asked, err
}

// follow has a subscription follow these topics and no others.
func (s *Subscriptions) follow(ctx context.Context, ch core.Channel, topics []string) error {
	had, err := s.Store.Topics(ctx, ch.ID)
	if err != nil {
		return err
	}
	for _, t := range had {
		if i := slices.Index(topics, t.Topic.String()); i >= 0 {
			topics = slices.Delete(slices.Clone(topics), i, i+1)
		} else if err := s.Store.RemoveTopic(ctx, t.ID, s.Now()); err != nil {
			return err
		}
	}
	for _, text := range topics {
		t, err := topic.Parse(text)
		if err != nil {
			return err
		}
		if _, err := s.Store.AddTopic(ctx, ch.ID, t, core.User{}, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// End ends the subscription that a link to end is about, and deletes it. That it was
// over is no error.
func (s *Subscriptions) End(ctx context.Context, token string) error {
	g, err := s.read(ctx, token, ends)
	if err != nil {
		return err
	}
	ch, err := s.Store.ChannelByKey(ctx, s.at(g.Channel))
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Store.DropChannel(ctx, ch.ID)
}

// Ends reads a link to end, and changes nothing.
func (s *Subscriptions) Ends(ctx context.Context, token string) error {
	_, err := s.read(ctx, token, ends)
	return err
}

// Expire deletes what nobody confirmed in time.
func (s *Subscriptions) Expire(ctx context.Context) error {
	channels, err := s.Store.Channels(ctx)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		if ch.Key.Platform != s.Platform || confirmed(&ch) || s.Now().Sub(ch.Created) < ConfirmTime {
			continue
		}
		if err := s.Store.DropChannel(ctx, ch.ID); err != nil {
			return err
		}
	}
	return nil
}

// Goes finds the subscription that a message is for, and the channel that it brings.
// *core.Gone: it is over, or whoever asked for it cannot read the channel any more; a
// message that is not the confirmation of what is not confirmed is *core.Refused.
func (s *Subscriptions) Goes(ctx context.Context, key core.ChannelKey, post string) (ch, of core.Channel, err error) {
	ch, err = s.Store.ChannelByKey(ctx, key)
	switch {
	case errors.Is(err, core.ErrNotFound):
		return ch, of, &core.Gone{What: core.TheChannel, Err: errors.New("the subscription is over")}
	case err != nil:
		return ch, of, &core.Retry{After: time.Minute, Err: err}
	case !confirmed(&ch) && !IsConfirmation(post):
		return ch, of, &core.Refused{Message: true, Reason: "nobody has confirmed the address", Err: errors.New("not confirmed")}
	}
	if of, err = s.Store.ChannelByID(ctx, ch.Follows); err != nil {
		return ch, of, &core.Retry{After: time.Minute, Err: err}
	}
	if !of.Private || ch.Owner == "" || of.Key.Workspace == "" { // nobody is asked who reads their own direct messages
		return ch, of, nil
	}
	readers, ok := s.Connections.For(of.Key.Installation()).(core.Readers)
	if !ok {
		return ch, of, &core.Retry{After: doubtTime, Err: errors.New("nobody can say who reads the channel")}
	}
	can, err := readers.CanRead(ctx, of.Key, core.User{Key: ch.Owner, Name: ch.SetUpBy})
	switch {
	case err != nil:
		return ch, of, &core.Retry{After: doubtTime, Err: fmt.Errorf("cannot tell who reads the channel: %w", err)}
	case !can:
		return ch, of, s.Over(ctx, ch, errors.New("whoever asked for it cannot read the channel any more"))
	}
	return ch, of, nil
}

// IsConfirmation: the message of that key asks for a confirmation.
func IsConfirmation(post string) bool { return strings.Contains(post, "/@"+string(Confirmation)+"/") }

// doubtTime is how long a private channel's mail waits while nobody can say who reads it.
const doubtTime = 15 * time.Minute

// Over deletes a subscription that has ended by itself, and says so.
func (s *Subscriptions) Over(ctx context.Context, ch core.Channel, why error) error {
	if err := s.Store.DropChannel(ctx, ch.ID); err != nil {
		return &core.Retry{After: time.Minute, Err: err}
	}
	return &core.Gone{What: core.TheChannel, Err: why}
}

// confirmed: the address has said yes.
func confirmed(ch *core.Channel) bool { return !ch.Scheduled.IsZero() }

// at is the key of a subscription.
func (s *Subscriptions) at(id string) core.ChannelKey {
	return core.ChannelKey{Platform: s.Platform, ID: id}
}

// page is the address of a link.
func (s *Subscriptions) page(name, token string) string {
	return strings.TrimSuffix(s.PublicURL, "/") + "/mail/" + name + "?t=" + url.QueryEscape(token)
}

// secret is the key of the signatures, made when it is first needed.
func (s *Subscriptions) secret(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil {
		return s.key, nil
	}
	const note = "mail/key"
	kept, err := s.Store.Note(ctx, note)
	if err == nil && kept == "" {
		kept = rand.Text()
		err = s.Store.SetNote(ctx, note, kept)
	}
	if err == nil {
		s.key = []byte(kept)
	}
	return s.key, err
}
