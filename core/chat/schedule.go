package chat

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// schedule sets when the channel gets its post.
func (b *Chat) schedule(c *call) (core.Reply, error) {
	var words []string
	for _, o := range c.Verb.Options {
		words = append(words, c.Args[o.Name])
	}
	typed := strings.TrimSpace(strings.Join(words, " "))
	if typed == "" {
		return core.Reply{Card: core.Card{Lines: []say.Text{
			say.Say("Posts come *%s*.", c.channel.Schedule.Human()),
			b.outlook(c),
			say.Say("%s changes it.", c.command("schedule 09:00 Europe/Berlin weekdays")),
		}}}, nil
	}
	s, err := b.parseSchedule(c, strings.Join(words, " "), c.channel.Schedule) // at the place where it was typed
	if zone, ok := errors.AsType[*core.ZoneError](err); ok {
		reply := b.errorReply(c, err)
		for _, z := range core.ZonesMeant(zone.Zone, c.now) {
			reply.Card.Buttons = append(reply.Card.Buttons, c.do(core.City(z), "schedule "+strings.Replace(typed, zone.Zone, z, 1))...)
		}
		return reply, nil
	}
	if err != nil {
		return core.Reply{}, err
	}
	if s.Zone == "" {
		return core.Reply{}, core.Userf("E-ZONE", "Which time zone? Add a name such as `Europe/Berlin`: %s.", c.command("schedule "+s.Time+" Europe/Berlin"))
	}
	if err := b.canEverPost(c); err != nil {
		return core.Reply{}, err
	}
	if err := b.change(c, func(ch *core.Channel) {
		ch.Schedule, ch.Scheduled = s, c.now
		ch.Mend(core.TheSchedule)
	}); err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Card: core.Card{Lines: []say.Text{b.outlook(c)}},
		Line: []say.Text{say.Say("%s set the post here to *%s*.", c.mention(), s.Human())},
	}, nil
}

// parseSchedule reads a schedule. A zone that nobody knows is answered with those
// that may be meant: none of them is taken before somebody says so.
func (b *Chat) parseSchedule(c *call, typed string, old core.Schedule) (core.Schedule, error) {
	s, err := core.ParseSchedule(typed, old)
	if zone, ok := errors.AsType[*core.ZoneError](err); ok {
		if meant := core.ZonesMeant(zone.Zone, c.now); len(meant) > 0 {
			zone.Text = say.Say("I do not know the zone `%s`. Did you mean %s?", zone.Zone, cards.Codes(meant))
		}
	}
	return s, err
}

// pause stops the channel's posts for a while.
func (b *Chat) pause(c *call) (core.Reply, error) {
	var until time.Time
	if span := c.Args["for"]; strings.TrimSpace(span) != "" {
		var err error
		if until, err = c.until(span, 0); err != nil {
			return core.Reply{}, err
		}
	}
	if err := b.change(c, func(ch *core.Channel) {
		if !ch.Paused(c.now) {
			ch.PausedAt = c.now
		}
		ch.PausedUntil = until
	}); err != nil {
		return core.Reply{}, err
	}
	how := say.Say("until somebody resumes")
	if !until.IsZero() {
		how = say.Say("until %s", c.when(until))
	}
	return core.Reply{
		Card: core.Card{Lines: []say.Text{say.Say("Nothing is posted here %s. %s ends it and offers what was missed.", how, c.command("resume"))}},
		Line: []say.Text{say.Say("%s paused the posts here %s.", c.mention(), how)},
	}, nil
}

// resume ends a pause. What was missed is counted and offered as one catch-up;
// what is not chosen is skipped for good.
func (b *Chat) resume(c *call) (core.Reply, error) {
	if !c.channel.Paused(c.now) {
		return core.Reply{}, core.Userf("E-NOTFOUND", "Nothing is paused here. %s", b.outlook(c))
	}
	from := c.channel.Planned
	n, to, err := b.Planner.Missed(c.ctx, c.channel, c.now)
	if err != nil {
		return core.Reply{}, err
	}
	if err := b.change(c, func(ch *core.Channel) { ch.Resume(c.now, to) }); err != nil {
		return core.Reply{}, err
	}
	reply := core.Reply{
		Card: core.Card{Lines: []say.Text{b.outlook(c)}},
		Line: []say.Text{say.Say("%s resumed the posts here; %s missed.", c.mention(), wereMissed(n))},
	}
	if n > 0 {
		reply.Card.Lines = append(reply.Card.Lines, say.Say("%s missed. One post can bring them now; otherwise they are skipped.", cards.Capital(wereMissed(n))))
		reply.Card.Buttons = []core.Button{c.button("Catch up now", "catchup", fmt.Sprint(int64(from)))}
	}
	return reply, nil
}

func wereMissed(n int) string {
	switch n {
	case 0:
		return "nothing was"
	case 1:
		return "1 paper was"
	}
	return cards.Count(n, "paper") + " were"
}

// catchUp posts what a pause had kept back, in one post.
func (b *Chat) catchUp(c *call, args []string) (core.Reply, error) {
	from, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return core.Reply{}, oldButton(c, "today")
	}
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	n, err := b.Planner.CatchUp(c.ctx, c.channel, core.Seq(from), c.now)
	if err != nil {
		return core.Reply{}, err
	}
	if n == 0 {
		return core.Reply{Edit: true, Card: core.Card{Lines: []say.Text{say.Say("Nothing is left to catch up with.")}}}, nil
	}
	b.Wake()
	return core.Reply{Edit: true, Card: core.Card{Lines: []say.Text{b.onItsWay(c, say.Say("On its way: one post with %s.", cards.Count(n, "paper")))}}}, nil
}

// sample posts what the newest day brought, before the first morning.
func (b *Chat) sample(c *call, _ []string) (core.Reply, error) {
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	n, had, err := b.Planner.Sample(c.ctx, c.channel)
	switch {
	case err != nil:
		return core.Reply{}, err
	case had:
		return core.Reply{}, core.Userf("E-DUP", "This channel has had its sample. %s", b.outlook(c))
	case n == 0:
		return core.Reply{}, core.Userf("E-NOTFOUND", "There is nothing to show: I have no paper for this channel that was not posted here. %s", b.outlook(c))
	}
	b.Wake()
	return core.Reply{
		Card: core.Card{Lines: []say.Text{b.onItsWay(c, say.Say("On its way: a sample with %s.", cards.Count(n, "paper")))}},
		Line: []say.Text{say.Say("%s asked for a sample of what will be posted here.", c.mention())},
	}, nil
}

// samples is the button for a sample.
const samples = "Post today's now"

// firstSteps are what is left to do before the first morning: something to see, and
// a time.
func (b *Chat) firstSteps(c *call) (buttons []core.Button, err error) {
	if c.channel.LastDue.IsZero() {
		ds, err := b.Store.DeliveriesOf(c.ctx, c.channel.ID, time.Time{}, core.Planned, core.Sending, core.Posted, core.Held)
		if err != nil {
			return nil, err
		}
		if len(ds) == 0 {
			buttons = append(buttons, c.button(samples, "sample", "now"))
		}
	}
	if c.channel.Schedule.Zone == "" {
		buttons = append(buttons, c.button("Set time", "form", "schedule"))
	}
	return buttons, nil
}
