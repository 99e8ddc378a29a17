package discord_test

import (
	"context"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
)

// What is missing is said when one subscribes, and not at nine.
func TestAClosedDoorIsSaidWhenOneSubscribes(t *testing.T) {
	for says, revoked := range map[string][]fakediscord.Perm{
		"missing View Channel.":                            {fakediscord.ViewChannel},
		"missing Send Messages.":                           {fakediscord.SendMessages},
		"missing Embed Links.":                             {fakediscord.EmbedLinks},
		"missing Send Messages in Threads.":                {fakediscord.SendMessagesInThreads},
		"missing Send Messages and Create Public Threads.": {fakediscord.SendMessages, fakediscord.CreatePublicThreads},
	} {
		t.Run(says, func(t *testing.T) {
			simulated(t, "", func(t *testing.T) {
				l := newLab(t)
				l.types(l.mod, "list").Wait(2)
				l.discord.Revokes(l.channel, revoked...)
				for _, said := range []string{
					l.types(l.mod, "subscribe", "topic", "diffusion").Reads(),
					l.types(l.mod, "schedule", "time", "09:00", "zone", "Europe/Berlin").Reads(),
					l.types(l.mod, "settings", "max", 4).Reads(),
					l.types(l.mod, "status").Reads(),
				} {
					l.sees(said, "I may not post in #papers: "+says+" An admin can fix this under channel permissions.")
					l.doesNotSee(said, "Next post")
				}
				l.doesNotSee(l.types(l.mod, "list").Reads(), "Next post")
				l.discord.Grants(l.channel, revoked...)
				l.sees(l.types(l.mod, "status").Reads(), "Next post: "+moment("2025-11-25 09:00"))
			})
		})
	}
}

// A layout in which nothing hangs in threads needs no right to them, and a forum
// takes what a forum can.
func TestWhetherPostsAreTakenGoesByTheLayout(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		l.discord.Revokes(l.channel, fakediscord.SendMessagesInThreads)
		l.types(l.mod, "schedule", "time", "09:00", "zone", "Europe/Berlin").Wait(2)
		l.sees(l.types(l.mod, "settings", "layout", "digest").Reads(), "Next post")

		plain, tagged, bare := l.guild.Forum("plain"), l.guild.Forum("tagged", "papers"), l.guild.Forum("bare")
		for _, f := range []*fakediscord.Channel{tagged, bare} {
			l.discord.Requires(f)
		}
		mayPost := func(c *fakediscord.Channel, layout core.Layout) error {
			return l.adapter.MayPost(t.Context(), core.Channel{Key: l.key(c), Settings: core.Settings{Layout: layout}})
		}
		l.eventually("the forums are known", func() bool { return core.Is[*core.Refused](mayPost(bare, core.LayoutForum)) })
		for _, c := range []struct {
			channel *fakediscord.Channel
			layout  core.Layout
			want    string
		}{
			{plain, core.LayoutForum, ""},
			{tagged, core.LayoutForum, ""},
			{bare, core.LayoutForum, "refused: the forum wants a tag on every post and has none"},
			{plain, core.LayoutChannel, "refused: this is a forum, which takes posts only; /papers settings layout:forum"},
			{l.channel, core.LayoutForum, "refused: this is no forum channel; /papers settings layout:channel"},
			{l.channel, core.LayoutDigest, ""},
			{l.channel, core.LayoutThread, "refused: missing Send Messages in Threads"},
		} {
			got := ""
			if err := mayPost(c.channel, c.layout); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%s as %s: %q, want %q", c.channel.Name, c.layout, got, c.want)
			}
		}
		if err := l.adapter.MayPost(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "discord", ID: "1"}}); !core.Is[*core.MayNot](err) {
			t.Errorf("direct messages: %v", err)
		}
		elsewhere := l.key(l.channel)
		elsewhere.Workspace, elsewhere.ID = "1", "2"
		if err := l.adapter.MayPost(t.Context(), core.Channel{Key: elsewhere}); err == nil || core.Is[*core.Refused](err) || core.Is[*core.MayNot](err) {
			t.Errorf("of a channel that nobody knows: %v", err)
		}
	})
}

// Who sees a channel is computed as Discord computes it.
func TestWhoCanReadAChannel(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		den := l.guild.Channel("den")
		role := l.guild.Role("readers")
		reader, alone, banned, admin := l.guild.Member("reader"), l.guild.Member("alone"), l.guild.Member("banned"), l.guild.Member("admin", fakediscord.Administrator)
		reader.Takes(role)
		banned.Takes(role)
		other := l.discord.Guild("another").Member("stranger")
		l.discord.Permits(den, l.guild.ID, 0, fakediscord.ViewChannel) // @everyone
		l.discord.Permits(den, role.ID, fakediscord.ViewChannel, 0)
		l.discord.Permits(den, alone.ID, fakediscord.ViewChannel, 0)
		l.discord.Permits(den, banned.ID, 0, fakediscord.ViewChannel)
		l.discord.Permits(den, fakediscord.Bot, fakediscord.ViewChannel, 0)
		person := func(m *fakediscord.Member) core.User { return core.User{Key: "discord:" + m.ID} }
		for _, restarted := range []bool{false, true} {
			if restarted {
				l.restart()
			}
			l.eventually("it is known", func() bool {
				can, err := l.adapter.CanRead(t.Context(), l.key(den), person(alone))
				return can && err == nil
			})
			for _, c := range []struct {
				who       *fakediscord.Member
				den, open bool
			}{{reader, true, true}, {alone, true, true}, {admin, true, true}, {banned, false, true}, {l.ana, false, true}, {l.mod, false, true}, {other, false, false}} {
				for channel, want := range map[*fakediscord.Channel]bool{den: c.den, l.channel: c.open} {
					if can, err := l.adapter.CanRead(t.Context(), l.key(channel), person(c.who)); can != want || err != nil {
						t.Errorf("%s reads #%s: %v %v", c.who.Name, channel.Name, can, err)
					}
				}
			}
		}
		// A role that is taken away counts a minute later.
		late := l.guild.Member("late")
		if can, _ := l.adapter.CanRead(t.Context(), l.key(den), person(late)); can {
			t.Error("reads it without the role")
		}
		late.Takes(role)
		l.passes(time.Minute + time.Second)
		if can, _ := l.adapter.CanRead(t.Context(), l.key(den), person(late)); !can {
			t.Error("does not read it with the role")
		}
		// In doubt nobody does.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if can, err := l.adapter.CanRead(ctx, l.key(den), core.User{Key: "discord:42"}); can || err == nil {
			t.Errorf("%v %v", can, err)
		}
		if can, _ := l.adapter.CanRead(t.Context(), core.ChannelKey{Platform: "discord", ID: "7"}, person(reader)); can {
			t.Error("reads direct messages of somebody")
		}

		// That not everybody reads it is kept with the channel.
		l.types(l.mod, "list").Wait(1)
		l.discord.Types(l.guild.Member("reader"), den, "list", nil).Wait(1)
		for channel, private := range map[*fakediscord.Channel]bool{den: true, l.channel: false} {
			if ch, err := l.store.ChannelByKey(t.Context(), l.key(channel)); err != nil || ch.Private != private {
				t.Errorf("#%s is kept as private: %v %v", channel.Name, ch.Private, err)
			}
		}
	})
}
