package post_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/post"
	"paperboy/internal/testkit"
)

// A process that may not rely on its claims any more gives up what is on its way: others
// look for it soon.
func TestWhatIsOnItsWayEndsWithTheTrust(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		trust, lapse := context.WithCancel(h.ctx())
		h.chat.Answers("post", "@", testkit.Answer{Takes: 20 * time.Second})
		a := h.runs("A", func(o *post.Options) {
			o.Trust = func(ctx context.Context) (context.Context, error) {
				if trust.Err() != nil {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return trust, nil
			}
		})
		h.posts(ml, core.InChannel, 1)
		h.passes(10 * time.Second)
		lapse()
		h.passes(30 * time.Second)
		h.wants("given up", h.states(ml), []string{"header sending", "1 planned"}) // though it has arrived
		h.wants("requests", h.asked("post"), []string{"post header at 0s"})
		a.dies()
		h.runs("B")
		h.passes(2 * core.OwnerTTL)
		h.wants("there then", h.there(), []string{"header", "1"})
	})
}

// The answer to a claim may be lost when the claim is not.
func TestAClaimWhoseAnswerIsLostIsDoubted(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		doubts := 0
		h.shaky.fail("Claim", errors.New("the connection broke"), core.ErrBusy)
		h.runs("A", func(o *post.Options) { o.Doubt = func() { doubts++ } })
		h.posts(ml, core.InChannel, 1)
		h.passes(time.Minute)
		h.wants("there", h.there(), []string{"header", "1"})
		h.wants("doubts", doubts, 1)
	})
}
