package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// lora is what a paper with LoRA in its title was matched by.
var lora = core.Matched{Topic: "lora", Why: []topic.Why{{Term: "lora", Field: topic.Title}}}

func paper(id string, matched ...core.Matched) query.Candidate {
	return query.Candidate{Paper: &core.Paper{ID: core.PaperID(id), Title: "T"}, Matched: matched}
}

// wednesday is a post of Wednesday, 10 December 2025, at nine in Berlin.
func wednesday(change ...func(*input)) input {
	in := input{
		channel: core.Channel{ID: 7, Settings: core.DefaultSettings(), Schedule: core.Schedule{Time: "09:00", Zone: "Europe/Berlin", Days: core.Weekdays}},
		kind:    core.DailyPost, missed: 1, topics: 1, threads: true,
		due:     time.Date(2025, 12, 10, 8, 0, 0, 0, time.UTC),
		now:     time.Date(2025, 12, 10, 8, 0, 0, 0, time.UTC),
		command: func(c string) say.Span { return say.Span{Text: c} },
	}
	for _, f := range change {
		f(&in)
	}
	return in
}

// What no topic brought takes no other's place: it comes on top of the channel's
// size, as far as a message holds it, and the header counts it apart.
func TestWhatATasteBringsTakesNoPlace(t *testing.T) {
	liked := core.Matched{Liked: &core.Liked{Title: "RAGEN", Votes: 2}}
	for _, c := range []struct {
		layout core.Layout
		max    int
		sent   int
		line   string
	}{
		{core.LayoutThread, 3, 5, "lora (12) · 2 to your taste, of no topic · 5 papers in thread 🧵"},
		{core.LayoutCards, 9, 10, "lora (12) · 1 to your taste, of no topic"},
		{core.LayoutDigest, 10, 10, "lora (12)"},
		{core.LayoutChannel, 3, 14, "lora (12) · 2 to your taste, of no topic · top 3 below, 11 in thread 🧵"},
	} {
		in := wednesday(func(in *input) {
			in.channel.Settings.Layout, in.channel.Settings.Max = c.layout, c.max
			for i := range 12 {
				in.papers = append(in.papers, candidate{Candidate: paper(fmt.Sprintf("2512.%05d", i), lora)})
			}
			in.others = []candidate{{Candidate: paper("2512.01000", liked)}, {Candidate: paper("2512.01001", liked)}}
		})
		d, items := compose(in)
		sent := 0
		for _, item := range items[1:] {
			if item.State == core.Planned {
				sent++
			}
		}
		if line := d.Header.Lines[1].String(); sent != c.sent || line != c.line {
			t.Errorf("%s: %d papers, %q; want %d, %q", c.layout, sent, line, c.sent, c.line)
		}
	}
	in := wednesday(func(in *input) { in.others = []candidate{{Candidate: paper("2512.01000", liked)}} })
	if d, _ := compose(in); d.Header == nil || d.Header.Lines[0].String() != "1 new for this channel: T" || d.Header.Lines[1].String() != "1 to your taste, of no topic" {
		t.Errorf("a day with that alone: %+v", d.Header)
	}
}

// Whatever is eligible and however the channel wants its post: every paper is
// in the plan once, sent or skipped with a reason; the places are those of the
// layout; and what the header counts is what there is.
func TestAPlanLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := wednesday()
		s := &in.channel.Settings
		s.Max = rapid.IntRange(1, 15).Draw(t, "max")
		s.Layout = rapid.SampledFrom(core.Layouts).Draw(t, "layout")
		s.QuietNote = rapid.Bool().Draw(t, "quiet note")
		in.threads = rapid.Bool().Draw(t, "threads")
		n := rapid.IntRange(0, 60).Draw(t, "papers")
		for i := range n {
			in.papers = append(in.papers, candidate{Candidate: paper(fmt.Sprintf("2512.%05d", i), lora), adopted: i%7 == 3})
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "muted") {
			in.passed = append(in.passed, passed{paper(fmt.Sprintf("2511.%05d", i), lora), "muted"})
		}

		d, items := compose(in)
		seen := map[core.Item]bool{}
		sent, threaded, last := 0, 0, -1
		for _, item := range items {
			if seen[item.Item] {
				t.Fatalf("%s is there twice", item.Item)
			}
			seen[item.Item] = true
			if item.Position <= last {
				t.Fatalf("position %d after %d", item.Position, last)
			}
			last = item.Position
			if _, isPaper := item.Item.Paper(); !isPaper {
				continue
			}
			switch {
			case item.State == core.Planned:
				sent++
				if item.Place == core.InThread {
					threaded++
				}
				if want := map[core.Layout]core.Place{core.LayoutDigest: core.InDigest, core.LayoutCards: core.InDigest, core.LayoutForum: core.InForum}[s.Layout]; want != "" && item.Place != want {
					t.Fatalf("layout %s has a paper in %s", s.Layout, item.Place)
				}
			case item.State != core.Skipped || item.Reason == "":
				t.Fatalf("%s is %s without a reason", item.Item, item.State)
			}
		}
		for _, c := range in.papers {
			if !seen[core.PaperItem(c.Paper.ID)] {
				t.Fatalf("%s is lost", c.Paper.ID)
			}
		}
		for _, c := range in.passed {
			if !seen[core.PaperItem(c.Paper.ID)] {
				t.Fatalf("%s is lost", c.Paper.ID)
			}
		}
		most := map[core.Layout]int{core.LayoutChannel: 30, core.LayoutThread: s.Max, core.LayoutForum: s.Max, core.LayoutDigest: min(s.Max, 10), core.LayoutCards: min(s.Max, 10)}[s.Layout]
		if s.Layout == core.LayoutChannel && !in.threads {
			most = s.Max
		}
		if sent != min(n, most) {
			t.Fatalf("%d of %d papers are sent, at most %d go", sent, n, most)
		}
		if inChannel := sent - threaded; s.Layout == core.LayoutChannel && inChannel != min(n, s.Max) || s.Layout == core.LayoutThread && inChannel != 0 {
			t.Fatalf("%d in the channel", inChannel)
		}
		switch header := d.Header; {
		case header == nil && s.Layout != core.LayoutForum && (n > 0 || s.QuietNote):
			t.Fatal("no header")
		case header != nil && (s.Layout == core.LayoutForum || n == 0 && !s.QuietNote):
			t.Fatal("there is a header")
		case header != nil && len(header.Buttons) > 0 && s.Layout != core.LayoutDigest:
			t.Fatal("a header carries no buttons")
		case header != nil && n > sent && header.Lines[2].String() != fmt.Sprintf("%d more today: today", n-sent):
			t.Fatalf("header says %s", header.Lines)
		}
	})
}

// What stands above a post: the day, how much each topic brought, and what
// comes next.
func TestWhatAHeaderSays(t *testing.T) {
	diffusion := core.Matched{Topic: "diffusion"}
	three := func(in *input) {
		in.papers = []candidate{{Candidate: paper("2512.00001", diffusion)}, {Candidate: paper("2512.00002", diffusion, lora)}, {Candidate: paper("2512.00003", diffusion)}}
	}
	for _, of := range []struct {
		what  string
		in    input
		title string
		lines []string // how it begins
	}{
		{"an ordinary day", wednesday(three), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · first: T", "diffusion (3) · lora (1) · 1 matches both", "👍 = vote, 🔖 = save", "next post Thu 09:00 Berlin"}},
		{"one alone", wednesday(three, func(in *input) { in.papers = in.papers[:1] }), "📰 Papers · Wed 10 Dec", []string{"1 new for this channel: T", "diffusion (1)"}},
		{"a long title", wednesday(three, func(in *input) { in.papers[0].Paper.Title = strings.Repeat("lamps ", 30) }), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · first: " + strings.Repeat("lamps ", 16) + "…"}},
		{"three topics", wednesday(three, func(in *input) {
			in.papers[0].Matched, in.papers[1].Matched = []core.Matched{diffusion, lora}, []core.Matched{lora, {Topic: "video"}}
		}), "📰 Papers · Wed 10 Dec", []string{"3 new for this channel · first: T", "diffusion (2) · lora (2) · video (1) · 2 match more than one"}},
		{"two in the channel and one below", wednesday(three, func(in *input) { in.channel.Settings.Max = 2 }), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · first: T", "diffusion (3) · lora (1) · 1 matches both · top 2 below, 1 in thread 🧵"}},
		{"where people vote", wednesday(three, func(in *input) { in.voted, in.channel.Created = true, in.now.Add(-10*24*time.Hour-1) }), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · first: T", "diffusion (3) · lora (1) · 1 matches both", "next post Thu 09:00 Berlin"}},
		{"where people vote from the first days on", wednesday(three, func(in *input) { in.voted, in.channel.Created = true, in.now.Add(-10*24*time.Hour) }), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · first: T", "diffusion (3) · lora (1) · 1 matches both", "👍 = vote, 🔖 = save"}},
		{"votes with an emoji of their own", wednesday(three, func(in *input) { in.channel.Settings.VoteEmoji = []string{"🎉", "👍"} }), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · first: T", "diffusion (3) · lora (1) · 1 matches both", "🎉 = vote, 🔖 = save"}},
		{"cards", wednesday(three, func(in *input) { in.channel.Settings.Layout = core.LayoutCards }), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · first: T", "diffusion (3) · lora (1) · 1 matches both", "👍 = vote"}},
		{"a digest", wednesday(three, func(in *input) { in.channel.Settings.Layout = core.LayoutDigest }), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · first: T", "diffusion (3) · lora (1) · 1 matches both", "a paper's number = a vote for it"}},
		{"what votes brought to the top", wednesday(three, func(in *input) {
			in.voted, in.because = true, say.Say("first because 2 of you liked _RAGEN-2_")
		}), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · first: T", "diffusion (3) · lora (1) · 1 matches both", "first because 2 of you liked RAGEN-2", "next post Thu 09:00 Berlin"}},
		{"the second of a day", wednesday(three, func(in *input) { in.previous = in.due.Add(-time.Hour) }), "📰 Papers · Wed 10 Dec · 09:00", nil},
		{"the day before had one", wednesday(three, func(in *input) { in.previous = in.due.AddDate(0, 0, -1) }), "📰 Papers · Wed 10 Dec", nil},
		{"four that were missed", wednesday(three, func(in *input) { in.kind, in.missed = core.CatchUp, 4 }), "📰 Catch-up: 4 days · Wed 10 Dec", nil},
		{"a catch-up that somebody asked for", wednesday(three, func(in *input) { in.kind = core.CatchUp }), "📰 Catch-up · Wed 10 Dec", nil},
		{"a quiet day that is noted", wednesday(func(in *input) { in.channel.Settings.QuietNote, in.listed, in.topics = true, 1, 2 }), "📰 Papers · Wed 10 Dec",
			[]string{"Nothing new for this channel today. 1 paper was listed, and it does not match your 2 topics."}},
	} {
		d, _ := compose(of.in)
		if d.Header == nil || d.Header.Title != of.title {
			t.Errorf("%s: %+v", of.what, d.Header)
			continue
		}
		var got []string
		for _, line := range append(d.Header.Lines, d.Header.Context...) {
			got = append(got, line.String())
		}
		if len(of.lines) > 0 && !slices.Equal(got[:len(of.lines)], of.lines) {
			t.Errorf("%s:\n%q, want\n%q", of.what, got, of.lines)
		}
	}
	if d, _ := compose(wednesday(func(in *input) { in.channel.Settings.QuietNote, in.topics = true, 0 })); d.Header != nil {
		t.Error("who follows nothing hears of every quiet day")
	}
}

// A post of cards shows each paper as its own message would, with a vote and Save.
func TestCardsStandApart(t *testing.T) {
	d, items := compose(wednesday(func(in *input) {
		in.channel.Settings.Layout = core.LayoutCards
		for i := range 12 {
			c := paper(fmt.Sprintf("2512.%05d", i), lora)
			c.Paper.Abstract, c.Late = "We present lamps.", i == 1
			in.papers = append(in.papers, candidate{Candidate: c})
		}
		in.channel.Settings.Max = 15
	}))
	if !d.Header.Apart || len(d.Header.Papers) != 10 || len(d.Header.Buttons) != 0 || len(items) != 13 {
		t.Fatalf("%d papers, %d lines of the ledger: %+v", len(d.Header.Papers), len(items), d.Header)
	}
	v := d.Header.Papers[1]
	if want := []core.Button{{ID: "pb1|up|2512.00001", Label: "👍"}, {ID: "pb1|save|2512.00001", Label: "Save"}}; !slices.Equal(v.Buttons, want) {
		t.Errorf("buttons %v", v.Buttons)
	}
	if v.Excerpt == "" || !slices.Contains(v.Labels, "listed late") {
		t.Errorf("it shows %+v", v)
	}
	if d.Header.Lines[2].String() != "2 more today: today" {
		t.Errorf("it says %s", d.Header.Lines)
	}
}

func TestWhatAPaperIsCalled(t *testing.T) {
	for title, want := range map[string]string{
		"RAGEN-2: Reasoning Collapse in Agents": "RAGEN-2",
		"Lamps":                                 "Lamps",
		"A survey of what lamps do at night in towns: and why": "A survey of what lamps do at night in towns: and why",
		strings.Repeat("lamp ", 20):                            strings.TrimSpace(strings.Repeat("lamp ", 11)) + " …",
	} {
		if got := cards.ShortTitle(title); got != want {
			t.Errorf("%q is called %q, want %q", title, got, want)
		}
	}
}
