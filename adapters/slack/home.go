package slack

import (
	"context"
	"errors"
	"slices"

	"github.com/slack-go/slack"

	"paperboy/core"
)

// publishHome draws a person's App Home anew.
func (s *workspace) publishHome(ctx context.Context, user string) error {
	card := s.bot.Home(ctx, s.installation(), s.user(user, ""))
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: drawBlocks(card, maxHomeBlocks)}}
	return s.call(ctx, "views.publish", "", func() error {
		_, err := s.api().PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: view})
		return err
	})
}

// withLines is what a window says: the private answer, and the lines where no
// channel is there to be told them.
func withLines(r core.Reply) (c core.Card, told bool) {
	if c = r.Card; r.Told != (core.ChannelKey{}) {
		return c, false
	}
	c.Lines = append(slices.Clone(c.Lines), r.Line...)
	return c, true
}

// answerView answers what was pressed or submitted in App Home or in a window:
// what there is to say stands in a window, soon, because what opens one is soon
// too old; then the Home is drawn anew. An answer that is the Home itself, with
// something changed, is drawn there alone.
func (s *workspace) answerView(ctx context.Context, i interaction, r core.Reply) {
	var errs []error
	card, told := withLines(r)
	window := i.View.Type == string(slack.VTModal)
	drawn := r.Edit && !window && len(card.Papers)+len(card.Rows) > 0
	if !card.Empty() && !drawn {
		errs = append(errs, s.show(ctx, i, answerWindow(card)))
	}
	errs = append(errs, s.publishHome(ctx, i.User.ID))
	if !told && len(r.Line) > 0 {
		errs = append(errs, s.tell(ctx, &replyTo{}, r))
	}
	if r.File != nil && !showsAll(r.Card, r.File) {
		errs = append(errs, s.handOver(ctx, &replyTo{channel: "D", user: i.User.ID}, r))
	}
	if err := errors.Join(errs...); err != nil && ctx.Err() == nil {
		s.log.Error("an answer did not arrive", "workspace", s.self.team, "user", i.User.ID, "err", s.discreet(err))
	}
}
