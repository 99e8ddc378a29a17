package discord_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
)

// posts sends a paper, or what is made of it.
func (l *lab) posts(c *fakediscord.Channel, change ...func(*core.Post)) (core.Post, core.MessageRef, error) {
	p := core.Post{Key: "1/paper", Channel: l.key(c), Place: core.InChannel, Since: l.now(), Card: core.Card{
		Papers:  []core.View{{ID: "2511.00001", URL: "https://arxiv.org/abs/2511.00001", Title: "A paper", Excerpt: "About lamps."}},
		Buttons: []core.Button{{ID: "pb1|save|2511.00001", Label: "Save"}},
	}}
	for _, c := range change {
		c(&p)
	}
	ref, err := l.adapter.Post(context.Background(), p)
	return p, ref, err
}

// fails lets every call of a route go wrong.
func (l *lab) fails(route string, f fakediscord.Failure) {
	l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
		if c.Route != route {
			return nil
		}
		return &f
	})
}

func TestARefusedMessageIsToldFromAChannelThatRefusesUs(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		forum := l.guild.Forum("papers-forum")
		for _, c := range []struct {
			status, code int
			inForum      bool
			message      bool
			reason       string
		}{
			{400, 200000, false, true, "automatic moderation"},
			{400, 200001, true, true, "automatic moderation"},
			{400, 240000, false, true, "a link in it"},
			{400, 50035, false, true, "Discord says"},  // the plain form too
			{400, 999999, false, true, "Discord says"}, // a code that nobody knows
			{400, 50083, true, true, "locked"},
			{403, 50001, false, false, "missing View Channel"},
			{403, 50013, false, false, "missing"},
			{400, 40058, false, false, "layout:forum"},
			{400, 40067, true, false, "a tag"},
			{400, 160006, true, false, "Discord says"},
		} {
			route, place := fakediscord.CreateMessage, core.InChannel
			in := l.channel
			if c.inForum {
				route, place, in = fakediscord.CreatePost, core.InForum, forum
			}
			l.fails(route, fakediscord.Error(c.status, c.code, "it is so."))
			_, _, err := l.posts(in, func(p *core.Post) { p.Place = place })
			no, ok := errors.AsType[*core.Refused](err)
			if !ok || no.Message != c.message || !strings.Contains(no.Reason, c.reason) {
				t.Errorf("%d: %#v", c.code, err)
			}
		}
		l.fails(fakediscord.CreateMessage, fakediscord.Error(404, 10003, "Unknown Channel"))
		if _, _, err := l.posts(l.channel); !gone(err, core.TheChannel) {
			t.Errorf("%#v", err)
		}
		l.fails(fakediscord.CreateMessage, fakediscord.HTML(403))
		if _, _, err := l.posts(l.channel); !core.Is[*core.Retry](err) {
			t.Errorf("an answer that is not Discord's: %#v", err)
		}
	})
}

func gone(err error, what core.Subject) bool {
	g, ok := errors.AsType[*core.Gone](err)
	return ok && g.What == what
}

// One paper that the server's rules block holds up neither the others nor the
// next day's.
func TestABlockedPaperHoldsUpNoOther(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			if f := fakediscord.Error(400, 200000, "Message was blocked by automatic moderation"); c.Route == fakediscord.CreateMessage && strings.Contains(fmt.Sprint(c.Body), string(seedID(3))) {
				return &f
			}
			return nil
		})
		l.until("2025-11-25 09:00")
		l.once(5)
		l.fetches(l.papers.Fresh(l.now().AddDate(0, 0, 1))...)
		l.until("2025-11-26 09:00")
		l.once(9)
	})
}

func TestAMessageForALockedThreadGoesIntoTheChannel(t *testing.T) {
	for name, lock := range map[string]func(l *lab, thread *fakediscord.Channel) *fakediscord.Failure{
		"archived and locked": func(l *lab, thread *fakediscord.Channel) *fakediscord.Failure {
			l.discord.Archives(thread, true)
			return nil
		},
		"locked": func(*lab, *fakediscord.Channel) *fakediscord.Failure {
			f := fakediscord.Error(400, 160005, "This thread is locked")
			return &f
		},
	} {
		simulated(t, name, func(t *testing.T) {
			l := following(t)
			l.types(l.mod, "settings", "layout", "thread").Wait(2)
			tries := 0
			l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
				if c.Route != fakediscord.CreateMessage {
					return nil
				}
				if tries++; tries < 3 { // the header and a paper
					return nil
				}
				if thread := l.discord.Thread(l.header()); strings.Contains(c.Path, thread.ID) {
					return lock(l, thread)
				}
				return nil
			})
			l.until("2025-11-25 09:00")
			l.once(5)
			if n := len(l.discord.Posts(l.discord.Thread(l.header()))); n != 1 || tries != 1+5+1 {
				t.Errorf("%d papers in the thread, %d requests", n, tries)
			}
		})
	}
}

func TestAPlainPostIsTextInTheChannelItself(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		_, header, err := l.posts(l.channel, func(p *core.Post) { p.Key, p.Card = "1/header", core.Card{Title: "Papers"} })
		if err != nil {
			t.Fatal(err)
		}
		l.discord.Revokes(l.channel, fakediscord.EmbedLinks) // it needs no such right
		p, ref, err := l.posts(l.channel, func(p *core.Post) { p.Place, p.Header, p.Plain, p.Silent = core.InThread, header, true, true })
		if err != nil {
			t.Fatal(err)
		}
		posts := l.discord.Posts(l.channel)
		m := posts[len(posts)-1]
		l.sees(m.Reads(), "A paper", "https://arxiv.org/abs/2511.00001")
		if len(m.Embeds) > 0 || len(m.Components) > 0 || !m.Silent() || ref.Conversation != l.channel.ID || l.discord.Thread(posts[0]) != nil {
			t.Errorf("%+v", m)
		}
		l.passes(5 * time.Minute) // the nonce is forgotten
		if found, ok, err := l.adapter.Find(t.Context(), p); !ok || err != nil || found != ref {
			t.Errorf("%v %v %v", found, ok, err)
		}
	})
}

func TestAnEditThatCannotBeMadeSaysSo(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		p, ref, err := l.posts(l.channel)
		if err != nil {
			t.Fatal(err)
		}
		edit := func(f fakediscord.Failure) error {
			l.discord.FailNext(fakediscord.EditMessage, f)
			return l.adapter.Edit(t.Context(), p, ref)
		}
		if err := edit(fakediscord.Error(404, 10008, "Unknown Message")); !gone(err, core.TheMessage) {
			t.Errorf("deleted: %#v", err)
		}
		if err := edit(fakediscord.Error(404, 10003, "Unknown Channel")); !gone(err, core.TheMessage) {
			t.Errorf("deleted with its thread, and not with its channel: %#v", err)
		}
		if err := edit(fakediscord.Error(403, 50005, "Cannot edit a message authored by another user")); !core.Is[*core.Refused](err) {
			t.Errorf("refused: %#v", err)
		}
		if err := edit(fakediscord.RateLimited(5 * time.Minute)); !core.Is[*core.Retry](err) {
			t.Errorf("too often: %#v", err)
		}
		l.passes(5 * time.Minute)
		if err := l.adapter.Edit(t.Context(), p, ref); err != nil {
			t.Error(err)
		}
	})
	simulated(t, "in a locked thread", func(t *testing.T) {
		l := tuesday(t)
		thread := l.discord.Thread(l.header())
		m := l.discord.Posts(thread)[0]
		l.discord.Archives(thread, true)
		err := l.adapter.Edit(t.Context(), core.Post{Channel: l.key(l.channel), Card: core.Card{Title: "x"}}, core.MessageRef{Conversation: thread.ID, ID: m.ID})
		if no, ok := errors.AsType[*core.Refused](err); !ok || !no.Message {
			t.Errorf("%#v", err)
		}
	})
}

// A forum's post whose answer was lost may have been archived, or renamed, before
// it is looked for.
func TestAForumsPostIsFoundAmongArchivedOnes(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		forum := l.guild.Forum("papers-forum")
		inForum := func(p *core.Post) { p.Place = core.InForum }
		_, _, err := l.posts(forum, inForum)
		if err != nil {
			t.Fatal(err)
		}
		l.discord.Archives(l.discord.Threads(forum)[0], false)
		l.passes(time.Hour)

		l.discord.FailNext(fakediscord.CreatePost, fakediscord.Reset().AfterStoring())
		p, _, err := l.posts(forum, inForum)
		if err == nil || core.Is[*core.Retry](err) {
			t.Fatalf("nobody knows whether it is there: %v", err)
		}
		lost := l.discord.Threads(forum)[1]
		l.discord.Renames(lost, "read this")
		find := func() core.MessageRef {
			ref, found, err := l.adapter.Find(t.Context(), p)
			if err != nil || found != (ref.ID != "") {
				t.Fatal(found, err)
			}
			return ref
		}
		if ref := find(); ref.Conversation != lost.ID {
			t.Error("renamed, it is not found")
		}
		l.discord.Archives(lost, false)
		for i := range 110 { // a page and more
			l.passes(time.Second)
			if _, _, err := l.posts(forum, inForum, func(p *core.Post) { p.Card.Papers[0].URL = fmt.Sprint("https://arxiv.org/abs/", i) }); err != nil {
				t.Fatal(err)
			}
			l.discord.Archives(l.discord.Threads(forum)[2+i], false)
		}
		if ref := find(); ref.Conversation != lost.ID {
			t.Error("archived, it is not found")
		}
		l.discord.DeletesChannel(lost)
		if ref := find(); ref.ID != "" { // nor is the one of an hour before taken for it
			t.Errorf("found %v", ref)
		}
	})
}

// A look may have to wait for Discord longer than it may last: it says when it
// can go on, and reads nothing twice.
func TestALookThatHasToWaitGoesOnFromWhereItWas(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		l.discord.FailNext(fakediscord.CreateMessage, fakediscord.Reset())
		p, _, _ := l.posts(l.channel)
		for i := range 650 {
			l.discord.Says(l.ana, l.channel, fmt.Sprint("message ", i))
		}
		l.passes(2 * time.Minute)
		l.discord.Limits(fakediscord.ListMessages, fakediscord.Limit{N: 2, Per: 30 * time.Second})
		waits := 0
		for ; ; waits++ {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			begun := time.Now()
			_, found, err := l.adapter.Find(ctx, p)
			cancel()
			again, wait := errors.AsType[*core.Retry](err)
			if !wait {
				if found || err != nil {
					t.Fatal(found, err)
				}
				break
			}
			if again.After <= 0 || again.After > 31*time.Second || time.Since(begun) > time.Second/2 {
				t.Fatalf("again after %v, said after %v", again.After, time.Since(begun))
			}
			l.passes(again.After)
		}
		if n := l.discord.Counts().Calls[fakediscord.ListMessages]; n != 7 || waits != 3 {
			t.Errorf("%d pages in %d looks, want 7 in 4", n, waits+1)
		}
		l.discord.FailNext(fakediscord.ListMessages, fakediscord.Cloudflare(10*time.Minute))
		_, _, err := l.adapter.Find(t.Context(), p)
		if again, wait := errors.AsType[*core.Retry](err); !wait || again.After < 9*time.Minute {
			t.Errorf("%#v", err)
		}
	})
}

func TestItServesTheServersThatItIsIn(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := openLab(t)
		l.begin()
		serves := func(guild string) bool {
			return l.adapter.Serves(core.Installation{Platform: "discord", Workspace: guild})
		}
		if !serves(l.guild.ID) || !serves("77") {
			t.Error("before the gateway has told us anything may be ours")
		}
		l.eventually("ready", func() bool { return l.adapter.Ready() == nil })
		if !serves(l.guild.ID) || serves("77") || !serves("") || l.adapter.Serves(core.Installation{Platform: "slack"}) {
			t.Error("the servers are known")
		}
		l.discord.Outage(l.guild)
		if l.passes(time.Second); !serves(l.guild.ID) {
			t.Error("a server that Discord cannot reach is still ours")
		}
		l.discord.Kicks(l.guild)
		if l.passes(time.Second); serves(l.guild.ID) {
			t.Error("it was removed")
		}
		l.discord.Returns(l.guild)
		if l.passes(time.Second); !serves(l.guild.ID) {
			t.Error("it is back")
		}
		if err := l.end(); err != nil {
			t.Error(err)
		}
		l.discord.Kicks(l.guild)
		l.start()
		if serves(l.guild.ID) {
			t.Error("it was removed while nobody listened")
		}
	})
}

// The gateway answers a try to resume with nothing: the session is given up,
// and where the gateway is is asked anew.
func TestASessionThatIsNotTakenUpAgainIsGivenUp(t *testing.T) {
	for name, trouble := range map[string]func(l *lab){
		"unanswered": func(l *lab) { l.discord.HelloOnly(2) },
		"for long": func(l *lab) {
			lost := l.now()
			l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
				if f := fakediscord.HTML(503); c.Route == "gateway" && l.now().Sub(lost) < 8*time.Minute {
					return &f
				}
				return nil
			})
		},
	} {
		simulated(t, name, func(t *testing.T) {
			l := tuesday(t)
			before := l.discord.Counts()
			trouble(l)
			l.discord.Drops()
			l.eventually("another session", func() bool { return l.discord.Counts().Ready > before.Ready && l.adapter.Ready() == nil })
			after := l.discord.Counts()
			asked, identifies := after.Calls["GET /gateway/bot"]-before.Calls["GET /gateway/bot"], after.Identifies-before.Identifies
			if asked == 0 || identifies != 1 || name == "for long" && after.Connections-before.Connections != 1 {
				t.Errorf("asked %d times where the gateway is, %d identifies, %d connections", asked, identifies, after.Connections-before.Connections)
			}
			l.discord.Reacts(l.ana, l.paper(3), "👍")
			l.votes(3, 1)
		})
	}
}

func TestAnAnswerThatDiscordDoesNotTakeIsFollowedByAPlainSentence(t *testing.T) {
	for _, c := range []struct {
		name     string
		button   string
		route    string
		failures []fakediscord.Failure
		words    []string
	}{
		{"no right to attach", "bibtex", fakediscord.EditOriginal, []fakediscord.Failure{fakediscord.Error(403, 50013, "Missing Permissions")},
			[]string{"@misc{", "Its file is missing", "Attach Files"}},
		{"a file is too much", "bibtex", fakediscord.EditOriginal, slices.Repeat([]fakediscord.Failure{fakediscord.ServerError(500)}, 4), []string{"@misc{", "Its file is missing: Discord did not take it."}},
		{"a form that nobody knows", "save", fakediscord.EditOriginal, []fakediscord.Failure{fakediscord.Error(400, 999999, "no")}, []string{"did not get through"}},
	} {
		simulated(t, c.name, func(t *testing.T) {
			l := tuesday(t)
			l.discord.FailNext(c.route, c.failures...)
			m := l.discord.PressesOld(l.ana, l.paper(3), "pb1|"+c.button+"|"+string(seedID(3))).Wait(1)[0]
			l.sees(m.Reads(), c.words...)
			if len(m.Files) > 0 || m.For != l.ana.ID {
				t.Errorf("%+v", m)
			}
		})
	}
	simulated(t, "on a message of one's own", func(t *testing.T) {
		l := tuesday(t)
		more := l.discord.Presses(l.ana, l.paper(3), "More…").Wait(1)[0]
		l.discord.FailNext(fakediscord.FollowUp, fakediscord.Error(400, 999999, "no"))
		l.sees(l.discord.Presses(l.ana, more, "Similar").Wait(1)[0].Reads(), "did not get through")
	})
}

// slow is a bot that thinks for so long about what it is asked.
type slow struct {
	core.Handler
	long time.Duration
}

func (s *slow) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(s.long):
	}
}

func (s *slow) Do(ctx context.Context, r core.Request) core.Reply {
	s.wait(ctx)
	return s.Handler.Do(ctx, r)
}

func (s *slow) Form(ctx context.Context, p core.Press) (core.Form, bool) {
	s.wait(ctx)
	return s.Handler.Form(ctx, p)
}

// "thinking…" does not stay: who waits for an answer that does not come is told.
func TestAnAnswerThatDoesNotComeIsApologisedFor(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		var bot *slow
		l := newLab(t, func(l *lab) {
			l.between = func(h core.Handler) core.Handler { bot = &slow{Handler: h}; return bot }
		})
		l.types(l.mod, "list").Wait(2)
		bot.long = 5 * time.Minute
		l.sees(l.types(l.mod, "list").Reads(), "did not get through")
		// Nor does a press wait for a form until it is too late.
		bot.long = 0
		greeting := l.typesIn(l.guild.Channel("other"), l.mod, "list").Wait(2)[1]
		bot.long = 5 * time.Minute
		a := l.discord.Presses(l.mod, greeting, "Set time")
		if a.Error != "" || a.Acked > 1500*time.Millisecond || a.Window() != nil {
			t.Fatalf("%+v", a)
		}
		l.sees(a.Wait(1)[0].Reads(), "schedule")
	})
}

// What is asked of the connection beside posting answers in the same words.
func TestEveryOperationAnswersInOneVocabulary(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		_, ref, err := l.posts(l.channel)
		if err != nil {
			t.Fatal(err)
		}
		read := func(f fakediscord.Failure) error {
			l.discord.FailNext("GET /channels/{channel}/messages/{message}", f)
			_, err := l.adapter.Reactions(t.Context(), l.key(l.channel), core.MessageRef{}, []core.MessageRef{ref}, func(core.MessageRef, []core.Reaction) error { return nil })
			return err
		}
		if err := read(fakediscord.Error(404, 10008, "Unknown Message")); err != nil {
			t.Errorf("nothing is to be read on what is gone: %v", err)
		}
		if err := read(fakediscord.Error(403, 50001, "Missing Access")); !core.Is[*core.MayNot](err) {
			t.Errorf("%#v", err)
		}
		if err := read(fakediscord.Cloudflare(5 * time.Minute)); !core.Is[*core.Retry](err) {
			t.Errorf("%#v", err)
		}
		l.passes(6 * time.Minute)
		if _, err := l.adapter.IsForum(t.Context(), core.ChannelKey{Platform: "discord", Workspace: l.guild.ID, ID: "77"}); !gone(err, core.TheChannel) {
			t.Errorf("%#v", err)
		}
		if err := l.adapter.MaySeed(t.Context(), core.ChannelKey{Platform: "discord", Workspace: "77", ID: "77"}); !gone(err, core.TheWorkspace) {
			t.Errorf("%#v", err)
		}
		l.fails(fakediscord.StartThread, fakediscord.Error(403, 50013, "Missing Permissions"))
		_, _, err = l.posts(l.channel, func(p *core.Post) { p.Key, p.Place, p.Header = "2/x", core.InThread, ref })
		if no, ok := errors.AsType[*core.Refused](err); !ok || no.Message || !strings.Contains(no.Reason, "Create Public Threads") {
			t.Errorf("%#v", err)
		}
		l.fails(fakediscord.StartThread, fakediscord.ServerError(502))
		if _, _, err := l.posts(l.channel, func(p *core.Post) { p.Key, p.Place, p.Header = "2/x", core.InThread, ref }); !core.Is[*core.Retry](err) {
			t.Errorf("no message was sent: %#v", err)
		}
	})
}
