package discord_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"paperboy/adapters/discord"
	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/internal/fakediscord"
)

func TestARevokedTokenStopsEverything(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		before := l.discord.Counts()
		l.discord.RefusesToken()
		if err := l.gaveUp(); !core.Is[*core.Unauthorised](err) {
			t.Errorf("it ended with %v", err)
		}
		if after := l.discord.Counts(); after.Connections != before.Connections {
			t.Errorf("%d more connections with a token that is refused", after.Connections-before.Connections)
		}
		if strings.Count(l.log.String(), "nothing more is tried") != 1 {
			t.Errorf("it should be said once:\n%s", l.log)
		}
	})
}

func TestFatalCloseCodesAreNotTriedAgain(t *testing.T) {
	for _, code := range []int{4010, 4012, 4013, 4014} {
		simulated(t, fmt.Sprint(code), func(t *testing.T) {
			l := newLab(t)
			l.discord.Closes(code)
			if err := l.gaveUp(); err == nil || l.adapter.Ready() == nil {
				t.Errorf("%v", err)
			}
			if n := l.discord.Counts().Connections; n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// Who begins more sessions than a day has loses the token: the last is left.
func TestTheLastSessionOfTheDayIsNotUsed(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := openLab(t, func(l *lab) { l.of.Identifies = 1 })
		l.begin()
		l.eventually("the reason", func() bool {
			err := l.adapter.Ready()
			return err != nil && strings.Contains(err.Error(), "lets nobody begin a session")
		})
		l.passes(time.Hour)
		if n := l.discord.Counts().Identifies; n != 0 {
			t.Errorf("%d sessions begun", n)
		}
	})
}

// Hello and then nothing; a connection that hangs half open; an order to begin
// anew: each ends in a session that hears people again.
func TestTroubleOnTheGatewayHeals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		trouble func(l *lab)
		resumes bool // the session is kept
	}{
		{"cut", func(l *lab) { l.discord.Drops() }, true},
		{"asked to reconnect", func(l *lab) { l.discord.AsksReconnect() }, true},
		{"half open", func(l *lab) { l.discord.Zombie() }, true},
		{"invalid, may resume", func(l *lab) { l.discord.Invalidates(true) }, true},
		{"invalid", func(l *lab) { l.discord.Invalidates(false) }, false},
		{"closed with 4009", func(l *lab) { l.discord.Closes(4009) }, false},
		{"closed with 4000", func(l *lab) { l.discord.Closes(4000) }, true},
		{"asked for a heartbeat", func(l *lab) { l.discord.AsksHeartbeat(); l.discord.Drops() }, true},
		{"hello, then nothing", func(l *lab) { l.discord.HelloOnly(1); l.discord.Drops() }, true},
		{"no gateway for a while", func(l *lab) {
			l.discord.FailNext("gateway", fakediscord.HTML(503), fakediscord.Reset())
			l.discord.Drops()
		}, true},
	} {
		simulated(t, c.name, func(t *testing.T) {
			l := tuesday(t, beating)
			before := l.discord.Counts()
			c.trouble(l)
			l.eventually("another connection", func() bool {
				n := l.discord.Counts()
				return n.Connections > before.Connections && n.Ready+n.Resumes > before.Ready+before.Resumes && l.adapter.Ready() == nil
			})
			l.discord.Reacts(l.ana, l.paper(3), "👍")
			l.votes(3, 1)
			after := l.discord.Counts()
			if resumed := after.Resumes > before.Resumes; resumed != c.resumes {
				t.Errorf("resumed: %v, %d identifies", resumed, after.Identifies)
			}
			if n := after.Connections - before.Connections; !c.resumes && n != 1 {
				t.Errorf("%d connections: what is lost cannot be resumed", n)
			}
			if after.Identifies-before.Identifies > 1 || after.Ready != after.Identifies {
				t.Errorf("%d identifies, %d sessions", after.Identifies, after.Ready)
			}
		})
	}
}

func TestTheInviteAsksForExactlyWhatIsUsed(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		link, err := discord.Invite("", fakediscord.Token, false)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if q.Get("client_id") != fakediscord.AppID || q.Get("scope") != "bot applications.commands" || q.Get("permissions") != fakediscord.Invited.String() {
			t.Errorf("%v", q)
		}
		seeding, _ := discord.Invite("", fakediscord.Token, true)
		if !strings.Contains(seeding, (fakediscord.Invited | fakediscord.AddReactions).String()) {
			t.Error(seeding)
		}
		if _, err := discord.Invite("", "nonsense", false); err == nil {
			t.Error("a link without an id")
		}
	})
}

func TestTheDoctorNamesWhatIsMissing(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.discord.Revokes(l.channel, fakediscord.EmbedLinks)
		l.sees(l.doctor(), "as paperboy", "none is privileged", "registered everywhere", "#papers: missing Embed Links")
		l.discord.RefusesToken()
		if all := discord.New(l.opt).Examine(t.Context(), nil); len(all) != 1 || all[0].State != kit.StateFailed {
			t.Errorf("%v", all)
		}
		_ = l.gaveUp()
	})
}
