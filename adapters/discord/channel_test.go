package discord_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
)

func TestOnlyPapersWithUpvotes(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		few, enough := 19, 20
		for n, up := range map[int]*int{1: &few, 28: &enough, 3: nil} {
			p := l.papers[seedID(n)]
			p.Upvotes = up
			l.papers[p.ID] = p
		}
		l.sees(l.types(l.mod, "subscribe", "topic", "diffusion", "min", 20).Reads(), "at least 20 upvotes on Hugging Face")
		l.types(l.mod, "schedule", "time", "09:00", "zone", "Europe/Berlin", "days", "weekdays").Wait(2)
		l.set("2025-11-25 08:30")
		l.lists("2025-11-25", 1, 3, 28)
		l.until("2025-11-25 09:00")
		l.once(1)
		l.paper(28)
	})
}

func TestWhatWasHeldComesInItsOrder(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		order := func(l *lab) (titles []string) {
			for _, m := range l.posted() {
				titles = append(titles, link(m))
			}
			return titles
		}
		undisturbed, held := following(t), following(t)
		held.discord.Revokes(held.channel, fakediscord.SendMessages)
		undisturbed.until("2025-11-25 09:00")
		held.tick()
		held.sees(held.types(held.mod, "list").Reads(), "missing Send Messages")
		held.discord.Grants(held.channel, fakediscord.SendMessages)
		held.tickAfter(time.Second) // at once, since somebody used a command
		held.once(6)
		if a, b := order(undisturbed), order(held); !slices.Equal(a, b) {
			t.Errorf("%v\nwant\n%v", b, a)
		}
	})
}

func TestTwoChannelsOneVote(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		other := l.guild.Channel("reading-group")
		l.typesIn(other, l.mod, "subscribe", "topic", "lora").Wait(3)
		l.typesIn(other, l.mod, "schedule", "time", "09:00", "zone", "Europe/Berlin", "days", "weekdays").Wait(2)
		l.lists("2025-11-26", 17, 19, 3)
		again := l.papers[seedID(3)]
		again.ID, again.Title = "9912.10003", "Another LoRA"
		l.fetches(core.Seen{Paper: again, Sighting: core.Sighting{Source: "hf", Day: "2025-11-26", Rank: 1}, Authority: core.Index})
		l.until("2025-11-26 09:00")
		for _, c := range []*fakediscord.Channel{l.channel, other} {
			for _, m := range l.postedIn(c) {
				if strings.HasSuffix(link(m), "9912.10003") {
					l.discord.Reacts(l.ana, m, "👍")
				}
			}
		}
		top := func(c *fakediscord.Channel) string { return l.typesIn(c, l.ana, "top", "since", "7d").Reads() }
		for _, c := range []*fakediscord.Channel{l.channel, other} {
			ch := l.row(c)
			l.eventually("the vote", func() bool {
				tally, err := l.store.Tally(t.Context(), ch.ID, []core.PaperID{"9912.10003"}, time.Time{})
				return err == nil && tally["9912.10003"].Up == 1
			})
			l.sees(top(c), "Another LoRA", "👍 1")
		}
		n := map[string]int{}
		for _, m := range l.posted() {
			if n[link(m)]++; n[link(m)] > 1 {
				t.Errorf("%s twice in one channel", link(m))
			}
		}
	})
}

func TestMuted(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		said := l.types(l.mod, "mute", "what", "lora", "for", "7d").Wait(2)
		l.sees(said[1].Reads(), "@mod hid papers that match lora here for 7 days")
		l.sees(l.types(l.ana, "list").Reads(), "Hidden here: papers that match lora, for 7 days")
		l.until("2025-11-25 09:00")
		l.once(3) // of six
		l.passes(4 * 24 * time.Hour)
		l.sees(l.types(l.ana, "list").Reads(), "lora, for 3 days")
		l.passes(3 * 24 * time.Hour)
		l.doesNotSee(l.types(l.ana, "list").Reads(), "Hidden")
	})
}

func TestPauseAndCatchUp(t *testing.T) {
	for _, chosen := range []bool{true, false} {
		simulated(t, fmt.Sprint(chosen), func(t *testing.T) {
			l := following(t)
			l.types(l.mod, "pause", "for", "14d").Wait(2)
			l.until("2025-11-27 09:00")
			l.once(0)
			said := l.types(l.mod, "resume").Wait(2)
			l.sees(said[1].Reads(), "6 papers were missed")
			l.until("2025-11-28 09:00")
			l.once(0) // what is not chosen is skipped
			if !chosen {
				return
			}
			i := slices.IndexFunc(said, func(m fakediscord.Message) bool {
				return slices.ContainsFunc(m.Buttons(), func(b fakediscord.Button) bool { return b.Label == "Catch up now" })
			})
			if i < 0 {
				t.Fatalf("no catch-up is offered: %v", said)
			}
			l.discord.Presses(l.mod, said[i], "Catch up now").Wait(1)
			l.tickAfter(time.Minute)
			l.once(6)
			l.sees(l.header().Reads(), "Catch-up · Fri 28 Nov")
			l.until("2025-12-01 09:00")
			l.once(6)
		})
	}
}

// What a moderator took along restores the channel on another server.
func TestMovingToAnotherServer(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.types(l.mod, "export", "format", "config").Wait(1)[0]
		if len(m.Files) != 1 || m.For == "" {
			t.Fatalf("%d files, for %q", len(m.Files), m.For)
		}
		config := m.Files[0].Content
		l.discord.Kicks(l.guild)
		channels := func(want int) func() bool {
			return func() bool {
				all, err := l.store.Channels(t.Context())
				return err == nil && len(all) == want
			}
		}
		l.eventually("gone", channels(0))

		next := l.discord.Guild("the new server")
		c := next.Channel("papers")
		mod := next.Member("mod", fakediscord.ManageChannels)
		l.sees(l.typesIn(c, mod, "list").Reads(), "no topics yet") // the channel is known by its name from now on
		if n, changed, err := l.imports(config); n != 1 || changed != 1 || err != nil {
			t.Fatalf("%d channels, %d changed, %v", n, changed, err)
		}
		l.sees(l.typesIn(c, mod, "list").Reads(), "#1 diffusion", "#2 lora")

	})
}

func TestDeleteEverythingAboutMe(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		l.discord.Reacts(l.ana, m, "👍")
		l.votes(3, 1)
		l.discord.Presses(l.ana, m, "Save").Wait(1)
		list := l.types(l.ana, "saved").Wait(1)[0]
		ask := l.discord.Chooses(l.ana, list, "Delete everything about me").Wait(1)[0]
		l.sees(ask.Reads(), "cannot be undone")
		sure := l.discord.Presses(l.ana, ask, "Delete everything about me")
		l.votes(3, 0)
		l.sees(l.types(l.ana, "saved").Reads(), "Your list is empty")
		for _, m := range sure.Messages() {
			if m.For != l.ana.ID {
				t.Error("others see it")
			}
		}
	})
}

func TestANewVersionAndAWithdrawalEditTheMessage(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		before := l.discord.Counts()
		p := l.papers[seedID(3)]
		p.Version = 2
		w := l.papers[seedID(28)]
		w.Version, w.Withdrawn = 2, true
		l.set("2025-11-26 08:00")
		l.fetches(core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv", Day: "2025-11-26", Announce: "replace"}, Authority: core.Publisher},
			core.Seen{Paper: w, Sighting: core.Sighting{Source: "arxiv", Day: "2025-11-26", Announce: "replace"}, Authority: core.Publisher})
		l.until("2025-11-26 09:00")
		l.sees(l.paper(3).Reads(), "updated v2")
		struck := l.paper(28)
		l.sees(struck.Reads(), "withdrawn")
		if f := struck.Formats(); len(f) == 0 || !strings.HasPrefix(f[0], "strike: ") {
			t.Errorf("its title is not struck: %v", f)
		}
		l.once(6)
		if n := l.discord.Counts().Calls[fakediscord.EditMessage] - before.Calls[fakediscord.EditMessage]; n != 2 {
			t.Errorf("%d edits, want one for each", n)
		}
	})
}

func TestNotForUs(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		l.sees(l.discord.Presses(l.ana, m, "Not for us").Reads(), "Noted")
		l.discord.Reacts(l.mod, m, "👎")
		l.eventually("the folded paper", func() bool { return strings.Contains(l.paper(3).Reads(), "not for us") })
		if abstract := "diffusion models"; strings.Contains(l.paper(3).Reads(), abstract) {
			t.Error("its abstract is still there")
		}
	})
}

// A voice channel has a chat and no threads: what would go there goes to the
// channel.
func TestAChannelWithoutThreads(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			if c.Route != fakediscord.StartThread {
				return nil
			}
			f := fakediscord.Error(400, 50024, "Cannot execute action on this channel type")
			return &f
		})
		l.until("2025-11-25 09:00")
		l.once(6)
		if len(l.discord.Posts(l.channel)) != 6+1+2 { // the header, and the lines of two commands
			t.Errorf("%d messages in the channel", len(l.discord.Posts(l.channel)))
		}
	})
}

// Opening a thread posts no paper: whatever happens to it leaves none in doubt,
// even where the bot may not look.
func TestAThreadThatCouldNotBeOpened(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.discord.Revokes(l.channel, fakediscord.ReadMessageHistory)
		l.discord.FailNext(fakediscord.StartThread, fakediscord.ServerError(502), fakediscord.HTML(503).AfterStoring())
		l.until("2025-11-25 09:00")
		l.once(6)
		l.doesNotSee(l.types(l.mod, "status").Reads(), "uncertain")
	})
}

// Most reactions of a large server are not on our messages: they leave nothing.
func TestReactionsOnStrangersMessages(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		for i := range 20 {
			m := l.discord.Says(l.ana, l.guild.Channel(fmt.Sprint("chat", i)), "hello")
			l.discord.Reacts(l.mod, m, "👍")
			l.discord.Unreacts(l.mod, m, "👍")
		}
		l.discord.Reacts(l.ana, l.paper(3), "👍")
		l.votes(3, 1)
		if all, err := l.store.Channels(t.Context()); err != nil || len(all) != 1 {
			t.Errorf("%d channels in the store, %v", len(all), err)
		}
	})
}

func TestADeletedChannelStaysGone(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		channels := func(want int) func() bool {
			return func() bool {
				all, err := l.store.Channels(t.Context())
				return err == nil && len(all) == want
			}
		}
		other := l.guild.Channel("other")
		l.typesIn(other, l.mod, "subscribe", "topic", "lora").Wait(3)
		l.discord.DeletesChannel(l.channel)
		l.eventually("one gone", channels(1))
		l.discord.Kicks(l.guild)
		l.eventually("all gone", channels(0))
		l.discord.Returns(l.guild)
		l.eventually("the other is back", channels(1))
		l.restart()
		l.typesIn(other, l.mod, "list").Wait(1)
		if !channels(1)() {
			t.Error("the deleted channel came back")
		}
	})
}

// Votes that cannot be read, or that nobody could tell about, are read later.
func TestVotesAreReadWhenTheyCanBe(t *testing.T) {
	t.Parallel()
	simulated(t, "Discord had trouble", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		if err := l.end(); err != nil {
			t.Fatal(err)
		}
		l.discord.Reacts(l.ana, m, "👍")
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			if c.Route != "GET /channels/{channel}/messages/{message}" {
				return nil
			}
			f := fakediscord.ServerError(503)
			return &f
		})
		l.start()
		l.readsVotes()
		l.votes(3, 0)
		l.discord.OnCall(nil)
		time.Sleep(2 * time.Minute)
		l.settles()
		l.votes(3, 1)
	})
	simulated(t, "the answer to the post was lost", func(t *testing.T) {
		l := following(t)
		n := 0
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			f := fakediscord.ServerError(502).AfterStoring()
			if c.Route == fakediscord.CreateMessage {
				if n++; n == 2 { // the first paper
					return &f
				}
				if n == 3 { // sent again: somebody has seen it meanwhile
					l.discord.Reacts(l.ana, l.posted()[0], "👍")
				}
			}
			return nil
		})
		l.until("2025-11-25 09:00")
		time.Sleep(3 * time.Minute) // somebody reacted while the answer was on its way
		l.settles()
		ch := l.row(l.channel)
		if voted, err := l.store.Voted(t.Context(), ch.ID, time.Time{}); err != nil || len(voted) != 1 {
			t.Errorf("%v, %v", voted, err)
		}
	})
	simulated(t, "the server was away", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		l.discord.Outage(l.guild)
		l.discord.Returns(l.guild)
		l.discord.Kicks(l.guild)
		l.eventually("gone", func() bool { all, err := l.store.Channels(t.Context()); return err == nil && len(all) == 0 })
		l.discord.Reacts(l.ana, m, "👍")
		l.discord.Returns(l.guild)
		l.votes(3, 1)
	})
}
