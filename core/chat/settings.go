package core

import (
	"fmt"
	"strings"
	"time"

	"paperboy/core/say"
)

// settings shows or changes how the channel's post looks.
func (b *Bot) settings(c *call) (Reply, error) {
	if len(c.args) == 0 {
		return Reply{Card: b.settingsCard(c)}, nil
	}
	if err := c.mayEdit(); err != nil {
		return Reply{}, err
	}
	next := c.channel.Settings
	for _, o := range c.verb.Options {
		value, given := c.args[o.Name]
		if !given {
			continue
		}
		if err := next.Set(o.Name, value); err != nil {
			return Reply{}, err
		}
	}
	if err := b.fits(c, next); err != nil {
		return Reply{}, err
	}
	if err := b.change(c, func(ch *Channel) { ch.Settings = next }); err != nil {
		return Reply{}, err
	}
	var changed []say.Text
	for _, p := range c.effective().Pairs() {
		if _, given := c.args[p.Key]; given {
			changed = append(changed, say.Say("%s is now *%s*", p.Key, p.Value))
		}
	}
	return Reply{
		Card: b.settingsCard(c),
		Line: []say.Text{say.Say("%s changed the settings here: %s.", c.mention(), list(changed))},
	}, nil
}

// fits refuses a layout or a seed that the platform cannot give here.
func (b *Bot) fits(c *call, s Settings) error {
	p := b.Connections.For(c.channel.Key.Installation())
	forum := false
	if f, ok := p.(Forums); ok {
		var err error
		if forum, err = f.IsForum(c.ctx, c.channel.Key); err != nil {
			return err
		}
	}
	switch {
	case s.Layout == LayoutForum && !forum:
		return Userf("E-PARSE", "The layout `forum` needs a forum channel, and this is none. `layout:thread` is the nearest.")
	case s.Layout != LayoutForum && forum:
		return Userf("E-PARSE", "A forum channel can only have `layout:forum`.")
	case s.Layout == LayoutThread && !c.profile.Threads:
		return Userf("E-PARSE", "There are no threads here. `layout:digest` keeps the channel quiet as well.")
	}
	if sd, ok := p.(Seeder); ok && s.Seed {
		return sd.MaySeed(c.ctx, c.channel.Key)
	}
	return nil
}

// effective are the channel's settings with what nobody set filled in.
func (c *call) effective() Settings {
	s := c.channel.Settings
	s.Editors = c.editors()
	return s
}

func (b *Bot) settingsCard(c *call) Card {
	var lines []string
	for _, p := range c.effective().Pairs() {
		lines = append(lines, fmt.Sprintf("%-10s%s", p.Key, p.Value))
	}
	return Card{
		Lines:   []say.Text{say.Say("The settings of this channel. %s changes them.", c.command("settings max:5 layout:thread"))},
		Block:   strings.Join(lines, "\n"),
		Context: []say.Text{b.nextPost(c)},
	}
}

// schedule sets when the channel gets its post.
func (b *Bot) schedule(c *call) (Reply, error) {
	var words []string
	for _, o := range c.verb.Options {
		words = append(words, c.args[o.Name])
	}
	typed := strings.TrimSpace(strings.Join(words, " "))
	if typed == "" {
		return Reply{Card: Card{Lines: []say.Text{
			say.Say("Posts come *%s*.", c.channel.Schedule.Human()),
			b.nextPost(c),
			say.Say("%s changes it.", c.command("schedule 09:00 Europe/Berlin weekdays")),
		}}}, nil
	}
	s, err := ParseSchedule(typed, c.channel.Schedule)
	if err != nil {
		return Reply{}, err
	}
	if s.Zone == "" {
		return Reply{}, Userf("E-ZONE", "Which time zone? Add a name such as `Europe/Berlin`: %s.", c.command("schedule "+s.Time+" Europe/Berlin"))
	}
	if err := b.change(c, func(ch *Channel) { ch.Schedule, ch.Scheduled = s, c.now }); err != nil {
		return Reply{}, err
	}
	return Reply{
		Card: Card{Lines: []say.Text{b.nextPost(c)}},
		Line: []say.Text{say.Say("%s set the post here to *%s*.", c.mention(), s.Human())},
	}, nil
}

// pause stops the channel's posts for a while.
func (b *Bot) pause(c *call) (Reply, error) {
	var until time.Time
	if span := c.args["for"]; strings.TrimSpace(span) != "" {
		var err error
		if until, err = c.until(span, 0); err != nil {
			return Reply{}, err
		}
	}
	if err := b.change(c, func(ch *Channel) {
		if !ch.Paused(c.now) {
			ch.PausedAt = c.now
		}
		ch.PausedUntil = until
	}); err != nil {
		return Reply{}, err
	}
	how := "until somebody resumes"
	if !until.IsZero() {
		how = "until " + When(until, c.now, c.loc())
	}
	return Reply{
		Card: Card{Lines: []say.Text{say.Say("Nothing is posted here %s. %s ends it and offers what was missed.", how, c.command("resume"))}},
		Line: []say.Text{say.Say("%s paused the posts here %s.", c.mention(), how)},
	}, nil
}

// resume ends a pause. What was missed is counted and offered as one catch-up;
// what is not chosen is skipped for good.
func (b *Bot) resume(c *call) (Reply, error) {
	if !c.channel.Paused(c.now) {
		return Reply{}, Userf("E-NOTFOUND", "Nothing is paused here. %s", b.nextPost(c))
	}
	missed, err := b.eligible(c.ctx, []Channel{c.channel}, c.now)
	if err != nil {
		return Reply{}, err
	}
	from, to, n := c.channel.Planned, missed.seq, len(missed.of[c.channel.ID])
	if err := b.change(c, func(ch *Channel) { b.unpause(ch, c.now, to) }); err != nil {
		return Reply{}, err
	}
	reply := Reply{
		Card: Card{Lines: []say.Text{say.Say("%s", b.nextPost(c))}},
		Line: []say.Text{say.Say("%s resumed the posts here; %s missed.", c.mention(), wereMissed(n))},
	}
	if n > 0 {
		reply.Card.Lines = append(reply.Card.Lines, say.Say("%s missed. One post can bring them now; otherwise they are skipped.", capital(wereMissed(n))))
		reply.Card.Buttons = []Button{button("Catch up now", "catchup", fmt.Sprint(int64(from)), fmt.Sprint(int64(to)))}
	}
	return reply, nil
}

func wereMissed(n int) string {
	if n == 1 {
		return "1 paper was"
	}
	return count(n, "paper") + " were"
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// unpause makes a channel go on from now: what came during the pause counts as
// considered, and what was due in it as past.
func (b *Bot) unpause(ch *Channel, now time.Time, seq Seq) {
	ch.PausedAt, ch.PausedUntil = noTime, noTime
	ch.Planned, ch.LastDue = max(ch.Planned, seq), now
}
