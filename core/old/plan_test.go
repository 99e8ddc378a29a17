package old

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// Whatever is eligible and however the channel wants its post: every paper is
// in the plan once, sent or skipped with a reason; the places are those of the
// layout; and what the header counts is what there is.
func TestAPlanLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := core.DefaultSettings()
		s.Max = rapid.IntRange(1, 15).Draw(t, "max")
		s.Layout = rapid.SampledFrom([]core.Layout{core.LayoutChannel, core.LayoutThread, core.LayoutDigest, core.LayoutForum}).Draw(t, "layout")
		s.QuietNote = rapid.Bool().Draw(t, "quiet note")
		in := planInput{
			channel: core.Channel{ID: 7, Settings: s, Schedule: core.Schedule{Time: "09:00", Zone: "Europe/Berlin", Days: core.Weekdays}},
			kind:    core.DailyPost, missed: 1,
			due:     time.Date(2025, 12, 10, 8, 0, 0, 0, time.UTC),
			topics:  1,
			threads: rapid.Bool().Draw(t, "threads"),
			command: func(c string) say.Span { return say.Span{Text: c} },
		}
		n := rapid.IntRange(0, 60).Draw(t, "papers")
		for i := range n {
			m := []core.Matched{{Topic: "lora", Why: []topic.Why{{Term: "lora", Field: topic.Title}}}}
			in.papers = append(in.papers, candidate{Candidate: query.Candidate{Paper: &core.Paper{ID: core.PaperID(fmt.Sprintf("2512.%05d", i)), Title: "T"}, Matched: m}})
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "muted") {
			in.muted = append(in.muted, candidate{Candidate: query.Candidate{Paper: &core.Paper{ID: core.PaperID(fmt.Sprintf("2511.%05d", i))}}})
		}

		d, items := plan(in)
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
			case item.State != core.Skipped || item.Reason == "":
				t.Fatalf("%s is %s without a reason", item.Item, item.State)
			}
		}
		for _, c := range append(in.papers, in.muted...) {
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
		case header != nil && n == 0 && !s.QuietNote:
			t.Fatal("a quiet day speaks")
		case header != nil && len(header.Buttons) > 0 && s.Layout != core.LayoutDigest:
			t.Fatal("a header carries no buttons")
		case header != nil && n > sent && header.Lines[1].String() != fmt.Sprintf("%d more today: today", n-sent):
			t.Fatalf("header says %s", header.Lines)
		}
	})
}
