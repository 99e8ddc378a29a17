package chat

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// listTopics shows what the channel follows and hides.
func (b *Chat) listTopics(c *call) (core.Reply, error) {
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Reply{}, err
	}
	card := core.Card{}
	if len(topics) == 0 {
		card.Lines = append(card.Lines, b.noTopics(c))
	} else {
		card.Lines = append(card.Lines, say.Say("This channel follows %s:", cards.Count(len(topics), "topic")))
	}
	guards, err := b.guards(c.ctx, c.channel.ID)
	if err != nil {
		return core.Reply{}, err
	}
	for _, t := range topics {
		row := c.topicRow(&t)
		if t.Unreadable == "" {
			f, err := b.Query.Forecast(c.ctx, c.channel, t.Topic, previewDays, 0)
			if err != nil {
				return core.Reply{}, err
			}
			lately := say.Say("nothing in %s", cards.Count(f.Known, "day"))
			if f.Found.Total > 0 {
				lately = say.Say("%s", howOften(f.Found.Total, f.Found.More, f.Weekdays))
			}
			row.Small = say.Join(" · ", lately, row.Small)
			if lost, err := b.likeNothing(c, &t); err != nil {
				return core.Reply{}, err
			} else if lost != nil {
				row.Small = say.Join(" · ", lost, row.Small)
			}
			if n := guards[t.ID]; n > 0 {
				row.Small = say.Join(" · ", row.Small, say.Say("guarded by %s", cards.Count(n, "paper")))
			}
		}
		card.Rows = append(card.Rows, row)
	}
	mine := c.user.Key
	if c.aloud { // what somebody muted for themselves is nobody else's
		mine = ""
	}
	mutes, err := b.Store.Mutes(c.ctx, c.channel.ID, mine, c.now)
	if err != nil {
		return core.Reply{}, err
	}
	for _, m := range mutes {
		card.Rows = append(card.Rows, core.Row{
			Text:    say.Say("Hidden %s: %s, %s", whose(m), b.hidden(c.ctx, m), cards.Remaining(m.Until, c.now)),
			Buttons: c.fits(c.button("Show again", "unmute", fmt.Sprint(m.ID))),
		})
	}
	if len(topics) > 0 {
		card.Context = append(card.Context, b.nextPost(c))
	}
	card.Buttons = []core.Button{c.button("Add a topic", "form", "subscribe"), c.button("Set time", "form", "schedule")}
	return core.Reply{Card: card}, nil
}

// topicRow is a topic with what one can do with it.
func (c *call) topicRow(t *core.Topic) core.Row {
	n := strconv.Itoa(t.Number)
	stop := core.Option{ID: c.button("", "do", "unsubscribe "+n).ID, Label: "Stop following"}
	if t.Unreadable != "" {
		return core.Row{Text: say.Say("#%s *%s* cannot be read any more and matches nothing", n, t.Text()), Menu: &core.Menu{Label: "Change", Options: []core.Option{stop}},
			Open: c.button("", "topic", strconv.FormatInt(t.ID, 10)).ID}
	}
	row := core.Row{Text: say.Say("#%s *%s*", n, t.Text()), Open: c.button("", "topic", strconv.FormatInt(t.ID, 10)).ID}
	if t.AddedBy != "" {
		row.Small = say.Say("added by %s on %s", t.AddedBy, t.AddedAt.In(c.loc()).Format("2 Jan 2006"))
	}
	row.Menu = &core.Menu{Label: "Change", Options: []core.Option{
		{ID: c.button("", "form", "edit", strconv.FormatInt(t.ID, 10)).ID, Label: "Edit …", Detail: "other words, the same number"},
		{ID: c.button("", "do", "preview #"+n).ID, Label: "Preview", Detail: "what it brought lately"},
		{ID: c.button("", "do", "mute #"+n+" for:7d").ID, Label: "Hide for a week", Detail: "it is followed on"},
		stop,
	}}
	return row
}

// topicByID is the topic that a button names by its id: of this channel.
func (b *Chat) topicByID(c *call, args []string) (core.Topic, error) {
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Topic{}, err
	}
	i := slices.IndexFunc(topics, func(t core.Topic) bool { return len(args) > 0 && strconv.FormatInt(t.ID, 10) == args[0] })
	if i < 0 {
		return core.Topic{}, core.Userf("E-OLDBUTTON", "That topic is not followed here any more. %s shows what is.", c.command("list"))
	}
	return topics[i], nil
}

// oneTopic answers with a topic's row alone.
func (b *Chat) oneTopic(c *call, args []string) (core.Reply, error) {
	t, err := b.topicByID(c, args)
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{Card: core.Card{Rows: []core.Row{c.topicRow(&t)}}}, nil
}

func (b *Chat) noTopics(c *call) say.Text {
	return say.Say("This channel has no topics yet. Start with %s.", c.command("subscribe "+b.example(c)))
}

// howOften says how many papers of some weekdays that is: "1.9 a weekday",
// "about 2 a week", "about one in 3 weeks".
func howOften(papers int, more bool, weekdays int) string {
	if more {
		return "more than " + howOften(papers, false, weekdays)
	}
	a := float64(papers) / float64(max(weekdays, 1))
	switch week := 5 * a; {
	case a >= 0.95:
		return fmt.Sprintf("%.1f a weekday", a)
	case week >= 1.5:
		return fmt.Sprintf("about %.0f a week", week)
	case week >= 2.0/3:
		return "about one a week"
	default:
		return fmt.Sprintf("about one in %.0f weeks", max(2, math.Round(1/week)))
	}
}
