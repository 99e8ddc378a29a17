package chat

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// Subscriber is what of core/subscription a person can ask for.
type Subscriber interface {
	// Subscribe asks an address whether it wants a channel's papers, or those of topics of
	// its own. What comes of it shows only there.
	Subscribe(ctx context.Context, of core.Channel, by core.User, address string, at core.Schedule, own ...topic.Topic) error
}

// weekly is what needs a day: mail comes on Mondays, where nobody says another.
var weekly = regexp.MustCompile(`(?i)\bweekly\b(?:$|\s)`)

// mail brings this channel's papers to an address, once that has said yes.
func (b *Chat) mail(c *call) (core.Reply, error) {
	if b.Subscriber == nil {
		return core.Reply{}, core.Userf("E-OFF", "I cannot send mail: nobody has set up a mail server for me. Whoever runs me does that under `[email]`.")
	}
	line := strings.Join([]string{c.Args["address"], c.Args["time"], c.Args["zone"], c.Args["days"]}, " ")
	address := strings.Fields(line)[0]
	if _, err := core.ParseAddress(address); err != nil {
		return core.Reply{}, err
	}
	// The rest stays at the place where it was typed.
	line = strings.Replace(line, address, strings.Repeat(" ", utf8.RuneCountInString(address)), 1)
	line = weekly.ReplaceAllString(line, "weekly:mon ")
	old := c.channel.Schedule
	if old.Time == "" {
		old.Time, old.Days = "09:00", core.Weekdays
	}
	at, err := b.parseSchedule(c, line, old)
	if err != nil {
		return core.Reply{}, err
	}
	if at.Zone == "" {
		return core.Reply{}, core.Userf("E-ZONE", "Which time zone? Add a name such as `Europe/Berlin`: %s.", c.command("mail "+address+" "+at.Time+" Europe/Berlin"))
	}
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Reply{}, err
	}
	if err := b.Subscriber.Subscribe(c.ctx, c.channel, c.user, address, at); err != nil {
		return core.Reply{}, err
	}
	card := core.Card{Lines: []say.Text{
		say.Say("If nobody asked for *%s* today, a mail with a link is on its way there. Once that is pressed, this channel's papers come by mail: *%s*.", address, at.Human()),
		say.Say("Nothing comes on days without papers. Each mail has a link that ends it."),
	}}
	if len(topics) == 0 {
		card.Lines = append(card.Lines, say.Say("This channel follows nothing yet, so nothing would come. %s changes that.", c.command("subscribe "+b.example(c))))
	}
	return core.Reply{Card: card}, nil
}

// mailed are the person's mails of this channel of which nobody knows whether they
// came, with the button that sends one again.
func (b *Chat) mailed(c *call) (lines []say.Text, buttons []core.Button, err error) {
	channels, err := b.Store.Channels(c.ctx)
	if err != nil {
		return nil, nil, err
	}
	libraries, err := b.Store.Libraries(c.ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, ch := range channels {
		if !c.theirs(ch) || slices.ContainsFunc(libraries, func(l core.Library) bool { return l.Channel == ch.ID }) {
			continue
		}
		uncertain, err := b.Store.DeliveriesOf(c.ctx, ch.ID, time.Time{}, core.Uncertain)
		if err != nil {
			return nil, nil, err
		}
		for _, d := range uncertain {
			if _, isPaper := d.Item.Paper(); isPaper { // it stands in one of those
				continue
			}
			when := d.Updated.In(ch.Location()).Format("Mon 2 Jan 15:04")
			lines = append(lines, say.Say("*uncertain*: your mail of %s. The mail server gave no answer, and nobody can look into a mailbox. If it did not come, send it.", when))
			buttons = append(buttons, c.button("Send it anyway: "+when, "resend", strconv.FormatInt(ch.ID, 10), string(d.Item)))
		}
		if !ch.Hold.Since.IsZero() {
			lines = append(lines, say.Say("*your mail waits*: %s", ch.Hold.Reason))
		}
	}
	return lines, buttons, nil
}

// theirs: the channel is the person's mail of this one.
func (c *call) theirs(ch core.Channel) bool {
	return ch.Follows != 0 && ch.Follows == c.channel.ID && ch.Owner != "" && ch.Owner == c.user.Key
}

// mailAnyway sends a mail again of which nobody knows whether it came.
func (b *Chat) mailAnyway(c *call, args []string) (core.Reply, error) {
	gone := core.Userf("E-NOTFOUND", "That one is not uncertain any more. %s shows what is.", c.command("status"))
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil || len(args) < 2 {
		return core.Reply{}, oldButton(c, "status")
	}
	ch, err := b.Store.ChannelByID(c.ctx, id)
	if err != nil || !c.theirs(ch) {
		return core.Reply{}, gone
	}
	uncertain, err := b.Store.DeliveriesOf(c.ctx, ch.ID, time.Time{}, core.Uncertain)
	if err != nil {
		return core.Reply{}, err
	}
	item := core.Item(strings.Join(args[1:], "|"))
	if !slices.ContainsFunc(uncertain, func(d core.Delivery) bool { return d.Item == item }) {
		return core.Reply{}, gone
	}
	if err := b.Store.Reopen(c.ctx, ch.ID, item, c.now); err != nil {
		return core.Reply{}, err
	}
	b.Wake()
	return core.Reply{Edit: true, Card: core.Card{Lines: []say.Text{say.Say("Sending it.")}}}, nil
}
