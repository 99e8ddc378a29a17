package slack_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/internal/fakeslack"
)

func TestASignatureThatIsNewAndWrongIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, overHTTP)
		l.eventually("ready", func() bool { return l.adapter.Ready() == nil })
		r := l.slack.Request("slash_commands", map[string]any{"team_id": fakeslack.Team, "channel_id": "C0PAPERS", "user_id": "U0PI", "command": "/papers", "text": "list"}, time.Now())
		signed := r.Header.Get("X-Slack-Signature")
		r.Header.Set("X-Slack-Signature", signed[:len(signed)-4]+strings.Map(func(c rune) rune {
			if c == '0' {
				return '1'
			}
			return '0'
		}, signed[len(signed)-4:]))
		w := httptest.NewRecorder()
		l.adapter.Handlers()["POST /slack/commands"].ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("answered %d", w.Code)
		}
	})
}

func TestOurOwnReactionIsNoVote(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		p := post(a.papers, "1")
		p.Seed = true
		ref := a.send(p)
		time.Sleep(time.Minute)
		m := a.workspace.Posts("papers")[0]
		a.workspace.Reacts("ana", m, "+1")
		var who []string
		if _, err := a.Reactions(a.Context(), a.papers, core.MessageRef{}, []core.MessageRef{ref}, func(_ core.MessageRef, rs []core.Reaction) error {
			for _, r := range rs {
				who = append(who, r.User.Key)
			}
			return nil
		}); err != nil {
			a.Fatal(err)
		}
		if n := a.workspace.Counts().Calls["reactions.add"]; n != 1 || len(who) != 1 || !strings.HasSuffix(who[0], a.workspace.User("ana")) {
			a.Errorf("%d reactions of ours; votes of %v", n, who)
		}
	})
}
