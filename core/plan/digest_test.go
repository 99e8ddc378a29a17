package plan

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paperboy/core"
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
		command: func(c string) say.Span { return say.Span{Text: c} },
	}
	for _, f := range change {
		f(&in)
	}
	return in
}

// Whatever is eligible and however the channel wants its post: every paper is
// in the plan once, sent or skipped with a reason; the places are those of the
// layout; and what the header counts is what there is.
func TestAPlanLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := wednesday()
		s := &in.channel.Settings
		s.Max = rapid.IntRange(1, 15).Draw(t, "max")
		s.Layout = rapid.SampledFrom([]core.Layout{core.LayoutChannel, core.LayoutThread, core.LayoutDigest, core.LayoutForum}).Draw(t, "layout")
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
				if want := map[core.Layout]core.Place{core.LayoutDigest: core.InDigest, core.LayoutForum: core.InForum}[s.Layout]; want != "" && item.Place != want {
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
		most := map[core.Layout]int{core.LayoutChannel: 30, core.LayoutThread: s.Max, core.LayoutForum: s.Max, core.LayoutDigest: min(s.Max, 10)}[s.Layout]
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
		case header != nil && n > sent && header.Lines[1].String() != fmt.Sprintf("%d more today: today", n-sent):
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
		lines []string // the first line, then the small print
	}{
		{"an ordinary day", wednesday(three), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · diffusion (3) · lora (1) · 1 in both", "next post Thu 09:00 Berlin"}},
		{"two in the channel and one below", wednesday(three, func(in *input) { in.channel.Settings.Max = 2 }), "📰 Papers · Wed 10 Dec",
			[]string{"3 new for this channel · diffusion (3) · lora (1) · 1 in both · top 2 below, 1 in thread 🧵"}},
		{"the second of a day", wednesday(three, func(in *input) { in.previous = in.due.Add(-time.Hour) }), "📰 Papers · Wed 10 Dec · 09:00", nil},
		{"the day before had one", wednesday(three, func(in *input) { in.previous = in.due.AddDate(0, 0, -1) }), "📰 Papers · Wed 10 Dec", nil},
		{"four that were missed", wednesday(three, func(in *input) { in.kind, in.missed = core.CatchUp, 4 }), "📰 Catch-up: 4 days · Wed 10 Dec", nil},
		{"a catch-up that somebody asked for", wednesday(three, func(in *input) { in.kind = core.CatchUp }), "📰 Catch-up · Wed 10 Dec", nil},
		{"a quiet day that is noted", wednesday(func(in *input) { in.channel.Settings.QuietNote, in.listed, in.topics = true, 1, 2 }), "📰 Papers · Wed 10 Dec",
			[]string{"Nothing new for this channel today. 1 paper listed, none match your 2 topics."}},
	} {
		d, _ := compose(of.in)
		if d.Header == nil || d.Header.Title != of.title {
			t.Errorf("%s: %+v", of.what, d.Header)
			continue
		}
		got := []string{d.Header.Lines[0].String()}
		for _, small := range d.Header.Context {
			got = append(got, small.String())
		}
		if len(of.lines) > 0 && !slices.Equal(got[:len(of.lines)], of.lines) {
			t.Errorf("%s:\n%q, want\n%q", of.what, got, of.lines)
		}
	}
	if d, _ := compose(wednesday(func(in *input) { in.channel.Settings.QuietNote, in.topics = true, 0 })); d.Header != nil {
		t.Error("who follows nothing hears of every quiet day")
	}
}
