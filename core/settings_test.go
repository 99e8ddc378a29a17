package core_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/topic"
)

func TestSettingsAreSetAsTyped(t *testing.T) {
	for _, c := range []struct {
		key, value string
		want       func(*core.Settings)
	}{
		{"max", "15", func(s *core.Settings) { s.Max = 15 }},
		{"MAX", " 1 ", func(s *core.Settings) { s.Max = 1 }},
		{"layout", "Digest", func(s *core.Settings) { s.Layout = core.LayoutDigest }},
		{"min", "20", func(s *core.Settings) { s.Min = 20 }},
		{"quiet", "note", func(s *core.Settings) { s.QuietNote = true }},
		{"quiet", "silent", func(s *core.Settings) {}},
		{"scope", "cs.*,stat.ML", func(s *core.Settings) { s.Scope = topic.Scope{Patterns: []string{"cs.*", "stat.ML"}} }},
		{"scope", "all", func(s *core.Settings) { s.Scope = topic.Scope{} }},
		{"scope", "strict", func(s *core.Settings) { s.Scope.Strict = true }},
		{"editors", "managers", func(s *core.Settings) { s.Editors = "managers" }},
		{"editors", "default", func(s *core.Settings) {}},
		{"editors", "@Reading Group", func(s *core.Settings) { s.Editors = "@Reading Group" }},
		{"editors", "<@&42>", func(s *core.Settings) { s.Editors = "@42" }},
		{"seed", "on", func(s *core.Settings) { s.Seed = true }},
		{"weekly", "yes", func(s *core.Settings) { s.Weekly = true }},
		{"links", "true", func(s *core.Settings) { s.Links = true }},
		{"links", "off", func(s *core.Settings) {}},
		{"notforus", "3", func(s *core.Settings) { s.NotForUsAt = 3 }},
		{"excerpt", "None", func(s *core.Settings) { s.Excerpt = core.ExcerptNone }},
		{"excerpt", "full", func(s *core.Settings) { s.Excerpt = core.ExcerptFull }},
		{"excerpt", "line", func(s *core.Settings) {}},
		{"summary", "HF", func(s *core.Settings) { s.Summary = true }},
		{"summary", "authors", func(s *core.Settings) {}},
		{"votes", "👍, ❤️ :tada: 👍🏽", func(s *core.Settings) { s.VoteEmoji = []string{"👍", "❤️", ":tada:"} }},
		{"votes", "1️⃣,🏳️‍🌈", func(s *core.Settings) { s.VoteEmoji = []string{"1️⃣", "🏳️‍🌈"} }},
	} {
		got, want := core.DefaultSettings(), core.DefaultSettings()
		c.want(&want)
		if err := got.Set(c.key, c.value); err != nil {
			t.Errorf("%s:%s: %v", c.key, c.value, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:%s (-want +got)\n%s", c.key, c.value, diff)
		}
	}
}

func TestASettingThatIsNotAllowedSaysWhatIs(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"max", "16", "`max` is a whole number from 1 to 15, not `16`."},
		{"max", "0", "`max` is a whole number from 1 to 15, not `0`."},
		{"max", "five", "`max` is a whole number from 1 to 15, not `five`."},
		{"min", "-1", "`min` is a whole number from 0 to 10000, not `-1`."},
		{"notforus", "0", "`notforus` is a whole number from 1 to 100, not `0`."},
		{"layout", "grid", "`layout` is `channel`, `thread`, `cards`, `digest` or `forum`, not `grid`."},
		{"quiet", "loud", "`quiet` is `note` or `silent`, not `loud`."},
		{"seed", "perhaps", "`seed` is `yes` or `no`, not `perhaps`."},
		{"editors", "ana", "`editors` is `members`, `managers` or a role such as `@Moderators`, not `ana`."},
		{"editors", "@", "`editors` is `members`, `managers` or a role such as `@Moderators`, not `@`."},
		{"scope", "computer science", "`computer` is no category. Did you mean `cs.CV`"},
		{"votes", "👍,👎", "👎 has a meaning of its own and cannot be a vote for a paper. Write `votes:👍,❤️`."},
		{"votes", "🔖", "🔖 has a meaning of its own and cannot be a vote for a paper. Write `votes:👍,❤️`."},
		{"votes", "👍,(x)", "`(x)` is no emoji. Write `votes:👍,❤️`."},
		{"votes", "", "`votes` is one to 20 emoji: `votes:👍,❤️`."},
		{"volume", "11", "There is no setting `volume`. There are max, layout, min, quiet, scope, editors, seed, weekly, links, notforus, votes, excerpt, summary, discover."},
		{"excerpt", "long", "`excerpt` is `none`, `line` or `full`, not `long`."},
		{"summary", "mine", "`summary` is `hf` or `authors`, not `mine`."},
	} {
		s := core.DefaultSettings()
		err := s.Set(c.key, c.value)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:%s\ngot  %v\nwant %s", c.key, c.value, err, c.want)
		}
		_, ours := errors.AsType[*core.UserError](err)
		_, topics := errors.AsType[*topic.Error](err)
		if !ours && !topics {
			t.Errorf("%s:%s: %v is not for people", c.key, c.value, err)
		}
		if diff := cmp.Diff(core.DefaultSettings(), s); diff != "" {
			t.Errorf("%s:%s changed the settings\n%s", c.key, c.value, diff)
		}
	}
	s := core.DefaultSettings()
	s.Scope = topic.Scope{}
	if err := s.Set("scope", "strict"); err == nil || !strings.HasPrefix(err.Error(), "Strict needs categories") {
		t.Errorf("strict about everything: %v", err)
	}
}

func TestWhatANewChannelBeginsWith(t *testing.T) {
	var got []string
	for _, p := range core.DefaultSettings().Pairs() {
		got = append(got, p.Key+":"+p.Value)
	}
	want := "max:5 layout:channel min:0 quiet:silent scope:cs.*,stat.ML,eess.* editors:default seed:no weekly:no links:no notforus:2 votes:👍,❤️,🔥,⬆️ excerpt:line summary:authors discover:0"
	if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSettingsSurviveTheirPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := core.DefaultSettings()
		want.Max = rapid.IntRange(1, 15).Draw(t, "max")
		want.Layout = rapid.SampledFrom(core.Layouts).Draw(t, "layout")
		want.Min = rapid.IntRange(0, 10000).Draw(t, "min")
		want.QuietNote, want.Seed = rapid.Bool().Draw(t, "quiet"), rapid.Bool().Draw(t, "seed")
		want.Weekly, want.Links = rapid.Bool().Draw(t, "weekly"), rapid.Bool().Draw(t, "links")
		want.Editors = rapid.SampledFrom([]string{"", "members", "managers", "@Reading Group"}).Draw(t, "editors")
		want.Excerpt = rapid.SampledFrom([]core.Excerpt{core.ExcerptNone, core.ExcerptLine, core.ExcerptFull}).Draw(t, "excerpt")
		want.Summary = rapid.Bool().Draw(t, "summary")
		want.NotForUsAt = rapid.IntRange(1, 100).Draw(t, "notforus")
		want.Discover = rapid.IntRange(0, 5).Draw(t, "discover")
		want.Scope = rapid.SampledFrom([]topic.Scope{
			{}, {Patterns: []string{"cs.*"}}, {Patterns: []string{"cs.LG", "stat.ML"}, Strict: true},
		}).Draw(t, "scope")
		want.VoteEmoji = rapid.SampledFrom([][]string{{"👍"}, {"❤️", "llama"}}).Draw(t, "votes")

		got := core.DefaultSettings()
		got.Scope = topic.Scope{Patterns: []string{"math.*"}, Strict: true}
		for _, p := range want.Pairs() {
			if err := got.Set(p.Key, p.Value); err != nil {
				t.Fatalf("%s:%s: %v", p.Key, p.Value, err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}

func TestVotesChosenInAnEarlierVersionStillCount(t *testing.T) {
	// As channels.settings holds them since the first version.
	var s core.Settings
	if err := json.Unmarshal([]byte(`{"Max":5,"Upvotes":["llama"]}`), &s); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.VoteEmoji, []string{"llama"}) {
		t.Errorf("the channel's emoji are %q, want llama", s.VoteEmoji)
	}
}
