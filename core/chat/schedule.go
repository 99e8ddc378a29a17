package chat

import (
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
	s, err := core.ParseSchedule(typed, c.channel.Schedule)
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
	how := "until somebody resumes"
	if !until.IsZero() {
		how = "until " + core.When(until, c.now, c.loc())
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
		reply.Card.Buttons = []core.Button{cards.Button("Catch up now", "catchup", fmt.Sprint(int64(from)))}
	}
	return reply, nil
}

func wereMissed(n int) string {
	if n == 1 {
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
