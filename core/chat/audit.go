package chat

import (
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// audit says where every paper of a day went.
func (b *Chat) audit(c *call) (core.Reply, error) {
	day, err := c.day()
	if err != nil {
		return core.Reply{}, err
	}
	listed, err := b.Query.Search(c.ctx, core.Query{Since: day, Until: day})
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("*%s*: %s", day.Time(time.UTC).Format("Mon 2 Jan"), cards.Count(listed.Total, "paper"))}}}, nil
}
