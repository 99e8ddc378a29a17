package slack_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/adapters/slack"
	"paperboy/core"
	"paperboy/internal/fakeslack"
)

// in is somebody typing in a channel.
func (l *lab) in(channel, who, words string) string {
	l.Helper()
	return l.slack.Types(who, channel, "/papers "+words).Reads()
}

// home is what somebody reads in App Home, opened anew.
func (l *lab) home(who string) string {
	l.Helper()
	before := l.slack.Counts().Calls["views.publish"]
	l.slack.OpensHome(who)
	l.eventually(who+"'s home", func() bool { return l.slack.Counts().Calls["views.publish"] > before })
	h, _ := l.slack.Home(who)
	return h.Reads()
}

// Where no post can ever be made, nothing is promised and nothing kept.
func TestConversationsOfOthersAreRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		for name, id := range map[string]string{"direct": l.slack.DirectMessage("pi", "ana"), "group": l.slack.GroupMessage("pi", "ana", "ben")} {
			for _, words := range []string{"subscribe lora", "schedule 13:00 UTC daily"} {
				said := l.in(id, "pi", words)
				l.sees(said, "I can never post here", "nobody can add me")
				l.doesNotSee(said, "Next post", "follows")
			}
			l.sees(l.in(id, "pi", "list"), "This channel has no topics yet")
			l.sees(l.in(id, "pi", "status"), "I can never post here")
			l.sees(l.in(id, "pi", "search diffusion"), "diffusion") // asking works everywhere
			if ch := l.channel(id); ch.Schedule.Zone != "" || !ch.Private {
				t.Errorf("%s: kept as %+v", name, ch)
			}
		}
	})
}

// channel is a channel as the store has it, by Slack's id.
func (l *lab) channel(id string) core.Channel {
	l.Helper()
	ch, err := l.store.ChannelByKey(context.Background(), core.ChannelKey{Platform: slack.Name, Workspace: fakeslack.Team, ID: id})
	if err != nil {
		l.Fatal(err)
	}
	return ch
}

// A door that is closed is said when one subscribes, and not at nine; when it
// opens the post comes, also where the bot was away meanwhile.
func TestAClosedDoorIsSaidWhenOneSubscribes(t *testing.T) {
	for _, kind := range []string{"private", "new private", "public"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t)
				var id string
				switch kind {
				case "private":
					id = l.slack.PrivateChannel("den", "pi")
				case "new private":
					id = l.slack.NewPrivateChannel("den", "pi")
				default:
					id = l.slack.Channel("den", "pi")
				}
				for _, words := range []string{"subscribe diffusion", "schedule 09:00 Europe/Berlin weekdays", "settings max:3", "status", "pause 1d", "resume"} {
					said := l.in(id, "pi", words)
					l.doesNotSee(said, "Next post")
					if words != "pause 1d" {
						l.sees(said, "I may not post ", "/invite @Paperboy")
						l.doesNotSee(said, " in :", "An admin can fix")
						if n := strings.Count(said, "/invite"); n != 1 {
							t.Errorf("%s says why %d times", words, n)
						}
					}
				}
				l.doesNotSee(l.in(id, "pi", "list"), "Next post")
				l.set("2025-11-25 08:30")
				l.lists("2025-11-25", 1, 2)
				l.restart()
				l.until("2025-11-25 09:00")
				said := l.in(id, "pi", "status")
				if n := strings.Count(said, "/invite @Paperboy"); n != 1 {
					t.Errorf("the reason is told %d times:\n%s", n, said)
				}
				l.doesNotSee(said, "Next post")
				if ch := l.channel(id); !ch.Gone.IsZero() || ch.Hold.Since.IsZero() {
					t.Errorf("not held: %+v", ch)
				}
				l.slack.Invite("paperboy", "den")
				l.until("2025-11-25 09:03")
				n := 0
				for _, m := range l.slack.Posts("den") {
					if isPaper(m) {
						n++
					}
				}
				if n != 2 {
					t.Errorf("%d papers, want 2", n)
				}
				said = l.in(id, "pi", "status")
				l.sees(said, "Next post: Wed 26 Nov 09:00")
				l.doesNotSee(said, "/invite")
			})
		})
	}
}

func TestAnArchivedChannelPromisesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.slack.Archive("papers")
		said := l.types("pi", "subscribe lora").Reads()
		l.sees(said, "the channel is archived")
		l.doesNotSee(said, "Next post")
		l.slack.Unarchive("papers")
		l.types("pi", "schedule 09:00 Europe/Berlin").Wait(1)
		l.sees(l.types("pi", "list").Reads(), "Next post: Tue 25 Nov 09:00")
	})
}

// With the scope for it a public channel needs no invitation; without the scope to
// ask, or when Slack does not answer, it shows with the first post.
func TestWhereTheDoorCannotBeTriedItShowsWithTheFirstPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		l.slack.Channel("den", "pi")
		l.slack.Grant("chat:write.public")
		l.restart()
		l.in("den", "pi", "schedule 09:00 Europe/Berlin")
		l.sees(l.in("den", "pi", "subscribe lora"), "Next post: Tue 25 Nov 09:00")

		l.slack.Withdraw("chat:write.public", "groups:read")
		l.slack.PrivateChannel("attic", "pi")
		l.slack.Invite("paperboy", "attic")
		l.in("attic", "pi", "schedule 09:00 Europe/Berlin")
		l.sees(l.in("attic", "pi", "subscribe lora"), "Next post: Tue 25 Nov 09:00")

		l.slack.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
			if c.Method == "conversations.info" {
				f := fakeslack.Hang()
				return &f
			}
			return nil
		})
		begun := time.Now()
		l.sees(l.types("pi", "subscribe lora").Reads(), "I read this as")
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("answered after %v", took)
		}
	})
}

// App Home shows of a channel only what its person can read there.
func TestHomeShowsWhatItsPersonCanRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.types("pi", "subscribe soup").Wait(2)
		l.slack.NewPrivateChannel("secretlab", "pi", "ana")
		l.slack.PrivateChannel("oldsecret", "pi", "ana")
		for _, channel := range []string{"secretlab", "oldsecret"} {
			l.slack.Invite("paperboy", channel)
			l.slack.Wait("the greeting", func() bool { return len(l.slack.Posts(channel)) == 1 })
			l.in(channel, "pi", "subscribe canary "+channel)
		}
		l.slack.Types("ana", "@paperboy", "/papers subscribe canary alone").Wait(1)
		l.slack.Channel("open", "pi")
		l.slack.Invite("paperboy", "open")
		l.in("open", "pi", "subscribe canary open")
		l.slack.Guest("gast")
		l.slack.Guest("zweitgast")
		l.slack.Invite("zweitgast", "papers")
		for _, restarted := range []bool{false, true} {
			if restarted {
				l.restart()
			}
			l.sees(l.home("ana"), "#papers", "soup", "#secretlab", "canary secretlab", "#oldsecret", "canary oldsecret", "#open", "canary open", "our direct messages", "canary alone")
			l.sees(l.home("pi"), "#papers", "soup", "#secretlab", "#oldsecret", "#open", "canary open")
			l.doesNotSee(l.home("pi"), "alone")
			l.sees(l.home("ben"), "#papers", "soup", "#open", "canary open")
			l.doesNotSee(l.home("ben"), "secret", "alone")
			l.sees(l.home("gast"), "No channel that you can read follows a topic yet")
			l.doesNotSee(l.home("gast"), "soup", "canary", "secret")
			l.sees(l.home("zweitgast"), "#papers", "soup")
			l.doesNotSee(l.home("zweitgast"), "canary")
		}

		// Who leaves reads it no more, and a channel may become private unheard.
		l.slack.Kick("ana", "secretlab")
		l.slack.ConvertToPrivate("open")
		time.Sleep(6 * time.Minute)
		l.doesNotSee(l.home("ana"), "secretlab", "#open")
		l.sees(l.home("pi"), "#secretlab", "#open")
	})
}

// In doubt a channel is shown to nobody, and that is said.
func TestInDoubtHomeShowsNothing(t *testing.T) {
	for name, trouble := range map[string]func(*lab){
		"no scope":          func(l *lab) { l.slack.Withdraw("groups:read") },
		"no answer":         func(l *lab) { l.fails("conversations.members", fakeslack.Hang()) },
		"not now":           func(l *lab) { l.fails("conversations.members", fakeslack.RateLimited(time.Minute)) },
		"nor then":          func(l *lab) { l.fails("users.conversations", fakeslack.Hang()) },
		"an error":          func(l *lab) { l.fails("conversations.members", fakeslack.Error("fetch_members_failed")) },
		"a page of a proxy": func(l *lab) { l.fails("", fakeslack.HTML()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t)
				l.slack.NewPrivateChannel("secretlab", "pi", "ana")
				l.slack.Invite("paperboy", "secretlab")
				l.slack.Wait("the greeting", func() bool { return len(l.slack.Posts("secretlab")) == 1 })
				l.in("secretlab", "pi", "subscribe canary")
				l.restart()
				trouble(l)
				begun := time.Now()
				home := l.home("ana")
				l.doesNotSee(home, "secretlab", "canary")
				l.sees(home, "I could not find out just now what else you can read here")
				if took := time.Since(begun); took > 3*time.Second {
					t.Errorf("opened after %v", took)
				}
			})
		})
	}
}

// fails makes every call of a method go wrong; of "" all that ask about people
// and channels.
func (l *lab) fails(method string, how fakeslack.Failure) {
	l.slack.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
		if c.Method == method || method == "" && (strings.HasPrefix(c.Method, "users.") || strings.HasPrefix(c.Method, "conversations.")) {
			return &how
		}
		return nil
	})
}

// A person's page asks once about a person and once about all channels, however
// many there are, and the next ones ask nothing that was just said. What Slack does
// not tell at once is asked one by one.
func TestHomeAsksLittle(t *testing.T) {
	for _, refused := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t)
			names := strings.Fields("ant bee cat dog eel fox gnu hen")
			for _, name := range names {
				l.slack.Channel(name, "pi")
				l.slack.Invite("paperboy", name)
				l.slack.Wait("the greeting", func() bool { return len(l.slack.Posts(name)) == 1 })
				l.in(name, "pi", "subscribe lora")
			}
			if refused {
				l.fails("users.conversations", fakeslack.Error("unknown_method"))
			}
			before := l.slack.Counts().Calls
			for range 3 {
				home := l.home("ana")
				for _, name := range names {
					l.sees(home, "#"+name)
				}
			}
			after := l.slack.Counts().Calls
			calls := func(method string) int { return after[method] - before[method] }
			single := map[bool]int{true: len(names)}[refused]
			if calls("users.info") != 1 || calls("users.conversations") != 1 || calls("conversations.info") != single || calls("conversations.members") != 0 {
				t.Errorf("refused %v: asked %v, %v of it before", refused, after, before)
			}
		})
	}
}

// A channel that became private is known to be from the next thing said there.
func TestAChannelThatBecamePrivateIsKnownToBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.types("pi", "subscribe soup").Wait(2)
		l.sees(l.home("zoe"), "#papers", "soup")
		l.slack.ConvertToPrivate("papers")
		l.types("pi", "subscribe canary").Wait(2)
		l.doesNotSee(l.home("zoe"), "canary", "#papers")
		if id := l.slack.Posts("papers")[0].Channel; !l.channel(id).Private {
			t.Error("it is not kept")
		}
	})
}

func TestAMentionMayNameACategory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.lists("2025-11-24", 1, 2)
		m := l.slack.Says("ana", "papers", "<@"+fakeslack.Bot+"> search cat:<http://cs.AI|cs.AI> diffusion")
		l.slack.Wait("an answer", func() bool { return len(l.slack.Thread(m)) == 1 })
		l.sees(l.slack.Thread(m)[0].Reads(), "cat:cs.AI diffusion")
	})
}

// A private channel that sent us away is not gone: what was to be edited there is,
// once we are back, after a restart too.
func TestAnEditWaitsForAPrivateChannelThatSentUsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.slack.ConvertToPrivate("papers")
		l.types("pi", "list").Wait(1)
		l.restart()
		l.slack.Kick("paperboy", "papers")
		l.set("2025-11-26 08:00")
		second := l.papers[seedID(1)]
		second.Version, second.Sources = 2, []string{"arxiv"}
		l.fetches(core.Seen{Paper: second, Sighting: core.Sighting{Source: "arxiv", Day: "2025-11-26", Announce: "replace"}, Authority: core.Publisher})
		l.doesNotSee(l.paper(1).Reads(), "updated v2")
		l.slack.Invite("paperboy", "papers")
		l.set("2025-11-26 10:00")
		l.settles()
		l.sees(l.paper(1).Reads(), "updated v2")
	})
}

// An invitation is tried at once: nobody has to say anything.
func TestAnInvitationBringsThePostAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		l.slack.NewPrivateChannel("den", "pi")
		l.in("den", "pi", "subscribe diffusion")
		l.in("den", "pi", "schedule 09:00 Europe/Berlin")
		l.set("2025-11-25 08:30")
		l.lists("2025-11-25", 1)
		l.until("2025-11-25 09:00")
		has := func(is func(fakeslack.Message) bool) bool { return slices.ContainsFunc(l.slack.Posts("den"), is) }
		l.slack.Invite("paperboy", "den")
		l.slack.Wait("the greeting", func() bool {
			return has(func(m fakeslack.Message) bool { return strings.Contains(m.Reads(), "Hi, I'm Paperboy") })
		})
		l.until("2025-11-25 09:01")
		if !has(isPaper) {
			t.Error("the paper still waits")
		}
	})
}
