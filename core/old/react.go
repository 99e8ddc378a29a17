package core

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"paperboy/core/rank"
	"paperboy/core/say"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// React takes in a reaction. Those on messages that are not ours, and emoji
// that say nothing about papers, are passed over. Where the disk is full, votes
// are read back when there is room.
func (b *Bot) React(ctx context.Context, r Reaction) error { return b.noRoom(b.react(ctx, r)) }

func (b *Bot) react(ctx context.Context, r Reaction) error {
	now := b.Now()
	if r.At.IsZero() {
		r.At = now
	}
	if r.EventID != "" {
		seen, err := b.Store.SeenEvent(ctx, "event/"+r.Channel.Platform+"/"+r.EventID, now)
		if err != nil || seen {
			return err
		}
	}
	ch, err := b.Store.ChannelByKey(ctx, r.Channel)
	if errors.Is(err, ErrNotFound) || err == nil && !ch.Gone.IsZero() {
		return nil // nothing of ours is there
	}
	if err != nil {
		return err
	}
	kind, ok := ch.Settings.VoteKind(r.Emoji)
	if !ok {
		return nil
	}
	d, err := b.Store.DeliveryByMessage(ctx, ch.ID, r.Message)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	id, isPaper := d.Item.Paper()
	if !isPaper {
		return nil
	}
	return b.vote(ctx, ch, d, id, kind, r)
}

// vote writes a reaction down and does what follows from it.
func (b *Bot) vote(ctx context.Context, ch Channel, d Delivery, id PaperID, kind VoteKind, r Reaction) error {
	changed, err := b.Store.PutReaction(ctx, ch.ID, id, kind, r)
	if err != nil || !changed {
		return err
	}
	return b.voted(ctx, ch, d, id, kind, r)
}

// voted does what follows from a reaction that is new, or gone.
func (b *Bot) voted(ctx context.Context, ch Channel, d Delivery, id PaperID, kind VoteKind, r Reaction) (err error) {
	switch kind {
	case Bookmark:
		if r.Added {
			_, err = b.Store.Save(ctx, Saved{User: r.User.Key, Paper: id, At: r.At})
		} else {
			_, err = b.Store.Unsave(ctx, r.User.Key, id)
		}
	case Down:
		err = b.fold(ctx, ch, d, id)
	}
	return err
}

// rereadDays is how far back votes are read again after the bot was away.
const rereadDays = 7

// ReadVotes reads the reactions on a platform's messages of the last week
// again, because nobody repeats what happened while the bot was away. An
// adapter asks for it when it has lost touch, for one workspace or ("") for
// all; Run does at the start. What cannot be read now is left to
// ReadMissedVotes.
func (b *Bot) ReadVotes(ctx context.Context, in Installation) error {
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, ch := range channels {
		if ch.Key.Platform == in.Platform && (in.Workspace == "" || ch.Key.Workspace == in.Workspace) {
			errs = append(errs, b.readVotesIn(ctx, ch))
		}
	}
	return errors.Join(errs...)
}

// ReadMissedVotes reads what could not be read before.
func (b *Bot) ReadMissedVotes(ctx context.Context) error {
	b.mu.Lock()
	missed := slices.Sorted(maps.Keys(b.unread))
	clear(b.unread)
	b.mu.Unlock()
	var errs []error
	for _, id := range missed {
		ch, err := b.Store.ChannelByID(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound) || err == nil && !ch.Gone.IsZero():
		case err != nil:
			b.voteMissed(id)
			errs = append(errs, err)
		default:
			errs = append(errs, b.readVotesIn(ctx, ch))
		}
	}
	return errors.Join(errs...)
}

// voteMissed notes that a channel's votes have to be read.
func (b *Bot) voteMissed(channel int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unread[channel] = true
}

// readVotesIn reads one channel's votes. It ends at the first that cannot be
// read: the others would fail likewise.
func (b *Bot) readVotesIn(ctx context.Context, ch Channel) error {
	reader, ok := b.Connections.For(ch.Key.Installation()).(VoteReader)
	if !ok {
		return nil
	}
	if !ch.Hold.Since.IsZero() { // we may not do much there; later
		b.voteMissed(ch.ID)
		return nil
	}
	now := b.Now()
	ds, err := b.Store.DeliveriesOf(ctx, ch.ID, now.AddDate(0, 0, -rereadDays), Posted)
	for _, d := range slices.Backward(ds) { // the newest first
		if id, isPaper := d.Item.Paper(); err == nil && isPaper && d.Place != InDigest {
			err = b.readVotes(ctx, reader, ch, d, id, now)
		}
	}
	if Is[*MayNot](err) {
		b.Log.Warn("votes given while I was away cannot be read", "channel", ch.ID, "err", err)
		return nil
	}
	if err != nil {
		b.voteMissed(ch.ID)
	}
	return err
}

// ReadVotesOn reads the reactions on one message again: a moderator took off
// several at once. Messages that are not ours are passed over.
func (b *Bot) ReadVotesOn(ctx context.Context, key ChannelKey, message string) error {
	now := b.Now()
	reader, ok := b.Connections.For(key.Installation()).(VoteReader)
	if !ok {
		return nil
	}
	ch, err := b.Store.ChannelByKey(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	d, err := b.Store.DeliveryByMessage(ctx, ch.ID, message)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if id, isPaper := d.Item.Paper(); err == nil && isPaper && d.Place != InDigest {
		return b.readVotes(ctx, reader, ch, d, id, now)
	}
	return err
}

func (b *Bot) readVotes(ctx context.Context, reader VoteReader, ch Channel, d Delivery, id PaperID, now time.Time) error {
	return reader.Reactions(ctx, ch.Key, d.Ref, func(rs []Reaction) error {
		for i := range rs {
			if rs[i].At.IsZero() {
				rs[i].At = now
			}
		}
		changed, err := b.Store.SetReactions(ctx, ch.ID, id, d.Ref.ID, ch.Settings.VoteKind, rs)
		if err != nil {
			return err
		}
		var errs []error
		for _, r := range changed {
			kind, _ := ch.Settings.VoteKind(r.Emoji)
			errs = append(errs, b.voted(ctx, ch, d, id, kind, r))
		}
		return errors.Join(errs...)
	})
}

// fold shows a paper by its title only once enough people said it is not for
// us, and in full again when they took that back.
func (b *Bot) fold(ctx context.Context, ch Channel, d Delivery, id PaperID) error {
	tally, err := b.Store.Tally(ctx, ch.ID, []PaperID{id}, noTime)
	if err != nil {
		return err
	}
	folded := tally[id].Down >= ch.Settings.NotForUsAt
	if folded == d.Folded || d.State != Posted || d.Place == InDigest {
		return nil
	}
	d.Folded = folded
	return b.edit(ctx, ch, d, d.Edited)
}

// edit writes a posted delivery down as it is now and brings its message up to
// date. Where that fails, Amend tries again.
func (b *Bot) edit(ctx context.Context, ch Channel, d Delivery, day Date) error {
	if _, ok := b.Connections.For(ch.Key.Installation()).(Editor); !ok {
		return b.Store.SaveDelivery(ctx, d, b.Now())
	}
	d.Outdated, d.Updated = true, b.Now()
	if err := b.Store.SaveDelivery(ctx, d, d.Updated); err != nil {
		return err
	}
	b.redraw(ctx, ch, d, day)
	return nil
}

// redraw brings a message up to date; day is written down as that of its edit.
func (b *Bot) redraw(ctx context.Context, ch Channel, d Delivery, day Date) (ok bool) {
	err := b.tryEdit(ctx, ch, d, day)
	if err != nil && ctx.Err() == nil {
		b.Log.Warn("a message could not be edited; it is tried again", "channel", ch.ID, "item", d.Item, "err", err)
	}
	return err == nil
}

func (b *Bot) tryEdit(ctx context.Context, ch Channel, d Delivery, day Date) error {
	p := b.Connections.For(ch.Key.Installation())
	e, ok := p.(Editor)
	if !ok {
		return nil
	}
	digest, err := b.Store.Digest(ctx, d.Digest)
	if err != nil {
		return err
	}
	s := sender{Bot: b, platform: p, channel: ch, digest: digest}
	header, err := s.header(ctx, d)
	if err != nil {
		return err
	}
	shown := d
	post, err := s.post(ctx, &shown, header)
	if err != nil {
		return err
	}
	if err := e.Edit(ctx, post, d.Ref); err != nil {
		return err
	}
	return b.Store.SaveEdit(context.WithoutCancel(ctx), d, day)
}

// update edits the messages of papers of which a newer version, or the
// withdrawal, has come: at most once a day each. Nothing is posted again.
func (b *Bot) update(ctx context.Context, ids []PaperID) error {
	var errs []error
	for _, id := range ids {
		p, err := b.Store.Paper(ctx, id)
		if err != nil {
			return err
		}
		ds, err := b.Store.DeliveriesOfPaper(ctx, id)
		if err != nil {
			return err
		}
		for _, d := range ds {
			if !isNewer(&p, &d) && !p.Withdrawn || d.Place == InDigest {
				continue
			}
			d.Outdated = true
			errs = append(errs, b.Store.SaveDelivery(ctx, d, b.Now()))
		}
	}
	return errors.Join(errs...)
}

// Amend edits the messages that are outdated: those of newer versions, and what
// could not be edited before. Run calls it now and then. A channel where an edit
// fails has to wait for the next time, and after a week it stays as it is.
func (b *Bot) Amend(ctx context.Context) error {
	ds, err := b.Store.Outdated(ctx, b.Now().AddDate(0, 0, -rereadDays))
	if err != nil {
		return err
	}
	failed := map[int64]bool{}
	for _, d := range ds {
		if failed[d.Channel] {
			continue
		}
		ch, err := b.Store.ChannelByID(ctx, d.Channel)
		if err != nil {
			return err
		}
		today := DateOf(b.Now().In(ch.location()))
		if d.Edited == today || !ch.Hold.Since.IsZero() {
			continue
		}
		failed[d.Channel] = !b.redraw(ctx, ch, d, today)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// voteButton is a digest's numbered button: my vote, or not any more.
func (b *Bot) voteButton(c *call, args []string, message string) (Reply, error) {
	return b.toggleVote(c, PaperID(args[0]), message, Up)
}

// notForUs is my negative vote; with it comes the offer to exclude what the
// paper is about.
func (b *Bot) notForUs(c *call, args []string, message string) (Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return Reply{}, err
	}
	reply, err := b.toggleVote(c, p.ID, message, Down)
	if err != nil || len(reply.Card.Buttons) > 0 {
		return reply, err
	}
	return reply, nil
}

// toggleVote gives or takes back a person's vote by button. It counts like the
// emoji, under a name of its own, so that neither overwrites the other.
func (b *Bot) toggleVote(c *call, id PaperID, message string, kind VoteKind) (Reply, error) {
	d, err := b.Store.Delivery(c.ctx, c.channel.ID, PaperItem(id))
	if errors.Is(err, ErrNotFound) {
		return Reply{}, Userf("E-NOTFOUND", "That paper was not posted here. %s saves it for you.", c.command("save "+string(id)))
	}
	if err != nil {
		return Reply{}, err
	}
	r := Reaction{Channel: c.channel.Key, Message: d.Ref.ID, User: c.user, Emoji: "button:" + string(kind), Added: true, Order: c.now.UnixMicro(), At: c.now}
	changed, err := b.Store.PutReaction(c.ctx, c.channel.ID, id, kind, r)
	if err != nil {
		return Reply{}, err
	}
	if !changed { // it was there: a second press takes it back
		r.Added, r.Order = false, r.Order+1
		if _, err := b.Store.PutReaction(c.ctx, c.channel.ID, id, kind, r); err != nil {
			return Reply{}, err
		}
	}
	if kind == Down {
		if err := b.fold(c.ctx, c.channel, d, id); err != nil {
			b.Log.Warn("cannot fold a message", "channel", c.channel.ID, "paper", id, "err", err)
		}
	}
	switch {
	case kind == Up && changed:
		return Reply{Card: Card{Lines: []say.Text{say.Say("Counted: your vote for this paper.")}}}, nil
	case !changed:
		return Reply{Card: Card{Lines: []say.Text{say.Say("Taken back.")}}}, nil
	}
	return b.offerExclusion(c, d, id)
}

// offerExclusion suggests words of the paper that would keep its like away.
func (b *Bot) offerExclusion(c *call, d Delivery, id PaperID) (Reply, error) {
	p, err := b.Store.Paper(c.ctx, id)
	if err != nil {
		return Reply{}, err
	}
	card := Card{Lines: []say.Text{say.Say("Noted.")}}
	if len(d.Matched) == 0 {
		return Reply{Card: card}, nil
	}
	t, err := b.topicNamed(c, d.Matched[0].Topic)
	if err != nil { // unsubscribed since
		return Reply{Card: card}, nil
	}
	corpus, err := b.corpus(c.ctx)
	if err != nil {
		return Reply{}, err
	}
	asked := map[string]bool{}
	for _, w := range text.Words(t.Topic.String()) {
		asked[w] = true
	}
	for _, w := range rank.RareWords(text.Words(p.Title), corpus, 8) {
		// A word that hardly any other paper has excludes nothing.
		if !asked[w] && corpus.Freq[w] >= 3 && len(w) > 2 && len(card.Buttons) < 2 {
			card.Buttons = append(card.Buttons, button("-"+w, "exclude", fmt.Sprint(t.Number), w))
		}
	}
	if len(card.Buttons) > 0 {
		card.Lines[0] = say.Say("Noted. Exclude something from *%s*?", t.Topic.String())
	}
	return Reply{Card: card}, nil
}

// exclude adds a negative word to a topic that is followed here.
func (b *Bot) exclude(c *call, args []string) (Reply, error) {
	if len(args) != 2 {
		return Reply{}, oldButton(c, "list")
	}
	if err := c.mayEdit(); err != nil {
		return Reply{}, err
	}
	old, err := b.topicNamed(c, "#"+args[0])
	if err != nil {
		return Reply{}, err
	}
	clauses := strings.Split(old.Topic.String(), " | ")
	for i := range clauses {
		clauses[i] += " -" + args[1]
	}
	next, err := topic.Parse(strings.Join(clauses, " | "))
	if err != nil {
		return Reply{}, err
	}
	added, err := b.Store.AddTopic(c.ctx, c.channel.ID, next, c.user.Name, c.now)
	if err != nil {
		return Reply{}, err
	}
	if err := b.Store.RemoveTopic(c.ctx, old.ID, c.now); err != nil {
		return Reply{}, err
	}
	return Reply{
		Edit: true,
		Card: Card{Lines: []say.Text{say.Say("This channel now follows *%s* (#%d).", next.String(), added.Number)}},
		Line: []say.Text{say.Say("%s excluded *%s*: this channel now follows *%s*.", c.mention(), args[1], next.String())},
	}, nil
}

// tasteDays is how far back votes say what a channel likes.
const tasteDays = 90

// taste gives each paper its affinity to what the channel's votes say, from -1
// to 1; all 0 where nobody has voted.
func (b *Bot) taste(ctx context.Context, channel int64, papers []Paper, now time.Time) ([]float64, error) {
	affinity := make([]float64, len(papers))
	since := now.AddDate(0, 0, -tasteDays)
	ids, err := b.Store.Voted(ctx, channel, since)
	if err != nil || len(ids) == 0 {
		return affinity, err
	}
	tally, err := b.Store.Tally(ctx, channel, ids, since)
	if err != nil {
		return nil, err
	}
	voted, err := b.Store.Papers(ctx, ids)
	if err != nil {
		return nil, err
	}
	corpus, err := b.corpus(ctx)
	if err != nil {
		return nil, err
	}
	var up, down []rank.Vector
	for i := range voted {
		switch t := tally[voted[i].ID]; {
		case t.Up > t.Down:
			up = append(up, vector(corpus, &voted[i]))
		case t.Down > t.Up:
			down = append(down, vector(corpus, &voted[i]))
		}
	}
	taste := rank.NewTaste(up, down)
	for i := range papers {
		affinity[i] = taste.Affinity(vector(corpus, &papers[i]))
	}
	return affinity, nil
}
