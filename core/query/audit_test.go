package query_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/topic"
)

// day is a shelf on which sources have listed papers.
type day struct {
	shelf
	listed map[core.Date][]core.Listed
	lists  []core.List
}

func (d *day) OnDay(_ context.Context, on core.Date) ([]core.Listed, error) { return d.listed[on], nil }
func (d *day) Lists(context.Context, core.Date) ([]core.List, error)        { return d.lists, nil }

func (d *day) audit(t rapid.TB, ch core.Channel, on core.Date) query.Audit {
	t.Helper()
	a, err := (&query.Reader{Store: d, Now: func() time.Time { return now }}).Audit(context.Background(), ch, on)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Each paper stops at another place on its way.
func TestEveryPaperOfADayHasItsReason(t *testing.T) {
	ch := channel()
	ch.Planned = 100
	ch.Settings.Min = 5
	ch.Settings.Scope = topic.Scope{Patterns: []string{"cs.CV"}}
	yesterday, today := ch.Day(now).AddDays(-1), ch.Day(now)
	many := 9
	d := &day{listed: map[core.Date][]core.Listed{}}
	d.topics = []core.Topic{followed(t, "lora -survey", 10), followed(t, "min:50 diffusion", 10)}
	d.mutes = []core.Mute{{Kind: core.MuteTopic, Value: "video"}}
	n := 0
	paper := func(title string, more ...func(*core.Paper)) core.PaperID {
		n++
		p := core.Paper{ID: core.PaperID(fmt.Sprintf("2611.%05d", n)), Title: title, Seq: core.Seq(100 + n), Changed: core.Seq(100 + n), Upvotes: &many, Categories: []string{"cs.CV"}}
		for _, m := range more {
			m(&p)
		}
		d.papers = append(d.papers, p)
		d.listed[today] = append(d.listed[today], core.Listed{Paper: p.ID, Sources: []string{"arxiv"}})
		return p.ID
	}
	ledger := func(state core.DeliveryState, reason string, at time.Time) core.PaperID {
		id := paper("LoRA")
		d.posted = append(d.posted, core.Delivery{Channel: 1, Item: core.PaperItem(id), State: state, Reason: reason, Updated: at})
		return id
	}
	early := func(p *core.Paper) { p.Seq, p.Changed = 50, 50 }
	want := map[query.Reason][]core.PaperID{
		query.WasPosted:    {ledger(core.Posted, "", now)},
		query.PostedBefore: {ledger(core.Posted, "", yesterday.Time(time.UTC).Add(12*time.Hour))},
		query.OnItsWay:     {ledger(core.Planned, "", now), ledger(core.Sending, "", now), ledger(core.Held, "archived", now), paper("LoRA")},
		query.InDoubt:      {ledger(core.Uncertain, "", now)},
		query.WasBeyond:    {ledger(core.Skipped, core.BeyondSize, now)},
		query.WasMuted:     {ledger(core.Skipped, core.MutedHere, now), paper("LoRA for video")},
		query.WasPaused:    {ledger(core.Skipped, core.CameWhilePaused, now)},
		query.WasRefused:   {ledger(core.Skipped, "automatic moderation", now)},
		query.WasFew:       {paper("LoRA", func(p *core.Paper) { p.Upvotes = nil }), paper("Diffusion")},
		query.WasExcluded:  {paper("LoRA: a survey")},
		query.WasOutside:   {paper("LoRA", func(p *core.Paper) { p.Categories = []string{"math.CO"} })},
		query.WasOther:     {paper("Lamps"), paper("A survey of lamps")},
		query.WasThere:     {paper("LoRA", func(p *core.Paper) { p.Backlog = true }), paper("LoRA", func(p *core.Paper) { p.Seq = 5 })},
		query.MatchesSince: {paper("LoRA", early)},
	}
	for i := range d.listed[today] {
		if i%3 == 0 {
			d.listed[today][i].Sources = []string{"arxiv", "hf"}
		}
	}
	a := d.audit(t, ch, today)
	if diff := cmp.Diff(want, a.Papers); diff != "" {
		t.Error(diff)
	}
	if a.Total != n || a.Shared != (n+2)/3 || a.Sources[0].Papers != n || a.Sources[1].Papers != a.Shared {
		t.Errorf("%+v", a)
	}

	// The next day arXiv shows the same list again.
	next := today.AddDays(1)
	d.listed[next] = []core.Listed{{Paper: "2611.00001", Sources: []string{"hf"}}}
	d.lists = []core.List{{Source: "arxiv", Day: next, Again: today, Due: true, Since: now}}
	a = d.audit(t, ch, next)
	if len(a.Papers[query.WasRepeated]) != n-1 || a.Total != n || a.Shared != 1 || a.Sources[0].Papers != n {
		t.Errorf("%+v", a)
	}
}

func followed(t rapid.TB, text string, since core.Seq) core.Topic {
	t.Helper()
	parsed, err := topic.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return core.Topic{Channel: 1, Topic: parsed, Since: since}
}

// Whatever a channel follows, hides and has been sent: every paper of the day has
// exactly one reason, and the sources' papers less the shared ones are all.
func TestADayAlwaysAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ch := channel()
		ch.Planned = core.Seq(rapid.IntRange(0, 60).Draw(t, "planned"))
		ch.Settings.Min = rapid.SampledFrom([]int{0, 0, 5}).Draw(t, "min")
		if rapid.Bool().Draw(t, "scope") {
			ch.Settings.Scope = topic.Scope{Patterns: []string{"cs.CV"}, Strict: rapid.Bool().Draw(t, "strict")}
		}
		if rapid.Bool().Draw(t, "resumed") {
			ch.Resumed = now.Add(-time.Hour)
		}
		on := ch.Day(now)
		d := &day{listed: map[core.Date][]core.Listed{}}
		words := []string{"lora", "diffusion", "survey", "video", "cat:cs.CL", "lora -survey", "lora | diffusion min:7", "agents"}
		for range rapid.IntRange(0, 4).Draw(t, "topics") {
			d.topics = append(d.topics, followed(t, rapid.SampledFrom(words).Draw(t, "topic"), core.Seq(rapid.IntRange(0, 60).Draw(t, "since"))))
		}
		for range rapid.IntRange(0, 2).Draw(t, "mutes") {
			d.mutes = append(d.mutes, core.Mute{Kind: core.MuteTopic, Value: rapid.SampledFrom(words[:4]).Draw(t, "mute")})
		}
		sum := 0
		for i := range rapid.IntRange(0, 40).Draw(t, "papers") {
			p := core.Paper{ID: core.PaperID(fmt.Sprintf("2611.%05d", i)), Title: rapid.SampledFrom([]string{"LoRA", "Diffusion survey", "LoRA video", "Lamps"}).Draw(t, "title"),
				Seq: core.Seq(rapid.IntRange(1, 60).Draw(t, "seq")), Backlog: rapid.Bool().Draw(t, "backlog"), Seen: now.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "hours")) * time.Hour)}
			p.Changed = p.Seq
			if v := rapid.IntRange(-1, 9).Draw(t, "votes"); v >= 0 {
				p.Upvotes = &v
			}
			p.Categories = rapid.SampledFrom([][]string{nil, {"cs.CV"}, {"cs.CL", "cs.CV"}, {"math.CO"}}).Draw(t, "categories")
			l := core.Listed{Paper: p.ID, Sources: rapid.SampledFrom([][]string{{"arxiv"}, {"hf"}, {"arxiv", "hf"}}).Draw(t, "by")}
			p.Sources = l.Sources
			d.papers = append(d.papers, p)
			when := rapid.SampledFrom([]core.Date{on, on, on.AddDays(-1)}).Draw(t, "day")
			d.listed[when] = append(d.listed[when], l)
			if state := rapid.SampledFrom([]core.DeliveryState{"", "", core.Planned, core.Sending, core.Posted, core.Uncertain, core.Held, core.Skipped}).Draw(t, "state"); state != "" {
				d.posted = append(d.posted, core.Delivery{Channel: 1, Item: core.PaperItem(p.ID), State: state, Updated: now,
					Reason: rapid.SampledFrom([]string{core.BeyondSize, core.MutedHere, core.CameWhilePaused, "moderation"}).Draw(t, "reason")})
			}
		}
		if rapid.Bool().Draw(t, "again") {
			d.lists = []core.List{{Source: "arxiv", Day: on, Again: on.AddDays(-1), Since: now}}
		}
		a := d.audit(t, ch, on)
		seen := map[core.PaperID]int{}
		for why, ids := range a.Papers {
			if !slices.Contains(query.Reasons, why) {
				t.Fatalf("%q is no reason", why)
			}
			for _, id := range ids {
				seen[id]++
			}
		}
		for _, l := range d.listed[on] {
			if seen[l.Paper] == 0 {
				t.Fatalf("%s is unaccounted", l.Paper)
			}
		}
		if twice := slices.Max(append(slices.Collect(maps.Values(seen)), 0)); twice > 1 {
			t.Fatalf("a paper has %d reasons", twice)
		}
		for _, s := range a.Sources {
			sum += s.Papers
		}
		if len(seen) != a.Total || sum-a.Shared != a.Total {
			t.Fatalf("%d papers, %d in all, %d by sources, %d shared", len(seen), a.Total, sum, a.Shared)
		}
	})
}
