package query_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/topic"
)

// wrote is a paper of a day before now, in a store that holds nothing else of it.
func wrote(n int, title, abstract string, days int) core.Paper {
	return core.Paper{ID: core.PaperID(fmt.Sprintf("2611.%05d", n)), Seq: core.Seq(n), Title: title, Abstract: abstract, Categories: []string{"cs.CV"},
		Sources: []string{"hf"}, Day: core.DateOf(now).AddDays(-days)}
}

// month is what others write in the last thirty days: as many papers of each title as
// it says.
func month(of map[string]int) (papers []core.Paper) {
	for _, title := range slices.Sorted(func(yield func(string) bool) {
		for t := range of {
			if !yield(t) {
				return
			}
		}
	}) {
		for range of[title] {
			papers = append(papers, wrote(1000+len(papers), title, "", len(papers)%28))
		}
	}
	return papers
}

// A paper stops where it stopped first on its way, and what the ledger says comes
// before what the topics say now.
func TestTheStagesOfAPaper(t *testing.T) {
	p := wrote(7, "Lamps", "", 0)
	p.Changed = 7
	few := 3
	for _, c := range []struct {
		want   query.Stage
		change func(s *shelf, ch *core.Channel, p *core.Paper)
	}{
		{query.Next, func(*shelf, *core.Channel, *core.Paper) {}},
		{query.NoTopics, func(s *shelf, _ *core.Channel, _ *core.Paper) { s.topics = nil }},
		{query.NoTopic, func(s *shelf, _ *core.Channel, _ *core.Paper) { s.follows(t, "soup", "lamp -lamp") }},
		{query.OutOfScope, func(_ *shelf, ch *core.Channel, _ *core.Paper) {
			ch.Settings.Scope = topic.Scope{Patterns: []string{"cs.CL"}, Strict: true}
		}},
		{query.Next, func(s *shelf, ch *core.Channel, _ *core.Paper) { // a topic that names a category steps out of it
			ch.Settings.Scope = topic.Scope{Patterns: []string{"cs.CL"}, Strict: true}
			s.follows(t, "lamp cat:cs.CV")
		}},
		{query.Backlog, func(s *shelf, _ *core.Channel, p *core.Paper) { p.Backlog, s.topics[0].Since = true, 9 }},
		{query.BeforeTopic, func(s *shelf, ch *core.Channel, _ *core.Paper) { s.topics[0].Since, ch.Settings.Min = 7, 5 }},
		{query.TooFewUpvotes, func(_ *shelf, ch *core.Channel, p *core.Paper) { p.Upvotes, ch.Settings.Min, ch.Planned = &few, 5, 9 }},
		{query.Next, func(_ *shelf, ch *core.Channel, p *core.Paper) { p.Upvotes, ch.Settings.Min = &few, 3 }},
		{query.Since, func(s *shelf, ch *core.Channel, p *core.Paper) {
			ch.Planned, s.mutes = 7, []core.Mute{{Kind: core.MuteTopic, Value: "lamp"}}
		}},
		{query.Muted, func(s *shelf, ch *core.Channel, p *core.Paper) {
			s.mutes, ch.PausedAt = []core.Mute{{Kind: core.MuteTopic, Value: "lamp"}}, now
		}},
		{query.Paused, func(_ *shelf, ch *core.Channel, _ *core.Paper) { ch.PausedAt = now.Add(-time.Hour) }},
		{query.Paused, func(_ *shelf, ch *core.Channel, p *core.Paper) {
			ch.Resumed, p.Seen = now.Add(-time.Hour), now.Add(-2*time.Hour)
		}},
		{query.InLedger, func(s *shelf, _ *core.Channel, p *core.Paper) {
			s.posted = []core.Delivery{{Item: core.PaperItem(p.ID), State: core.Skipped, Reason: "muted"}}
			s.topics = nil
		}},
	} {
		s, ch, p := &shelf{}, core.Channel{ID: 1, Settings: core.DefaultSettings()}, p
		s.follows(t, "lamp")
		c.change(s, &ch, &p)
		s.papers = []core.Paper{p}
		f, err := reader(s).Fate(t.Context(), ch, &p)
		if err != nil || f.Stage != c.want {
			t.Errorf("%s, want %s (%v)", f.Stage, c.want, err)
		}
		if c.want == query.InLedger && f.Delivery.Reason != "muted" {
			t.Errorf("%+v", f.Delivery)
		}
	}
}

// Of several topics that which comes nearest is named first, with what is missing.
func TestWhatAPaperLacks(t *testing.T) {
	p := wrote(1, "A survey of lamps", "", 0)
	s := &shelf{papers: []core.Paper{p}}
	s.follows(t, "soup bowl spoon", "lamp -survey", "kettle bowl | lamp spoon")
	f, err := reader(s).Fate(t.Context(), core.Channel{ID: 1, Settings: core.DefaultSettings()}, &p)
	if err != nil || len(f.Misses) != 3 {
		t.Fatal(f, err)
	}
	var got []string
	for _, m := range f.Misses {
		line := fmt.Sprint(m.Topic.Number)
		for _, l := range m.Lacks {
			line += " " + l.String()
		}
		got = append(got, line)
	}
	slices.Sort(got[:2])
	same(t, got, []string{"2 -survey", "3 spoon", "1 soup bowl spoon"})
}

// A guard is broken where its topic does not match its paper any more, where that lies
// outside of the channel's scope, and where the store does not have it.
func TestBrokenGuardsOfAChannel(t *testing.T) {
	p := wrote(1, "Lamps", "", 0)
	s := &shelf{papers: []core.Paper{p}, guards: []core.Guard{{Topic: 1, Paper: p.ID}, {Topic: 2, Paper: p.ID}, {Topic: 2, Paper: "2611.00099"}, {Topic: 9, Paper: p.ID}}}
	s.follows(t, "lamp", "soup")
	ch := core.Channel{ID: 1, Settings: core.DefaultSettings()}
	broken := func(id int64, to string) (got []string) {
		var changed topic.Topic
		if to != "" {
			changed = topicOf(t, to)
		}
		for _, b := range must(reader(s).Broken(t.Context(), ch, id, changed)) {
			got = append(got, fmt.Sprintf("%s misses %s %s: %d", b.Topic.Text(), b.Paper.ID, b.Paper.Title, len(b.Lacks)))
		}
		return got
	}
	same(t, broken(0, ""), []string{"soup misses 2611.00001 Lamps: 1", "soup misses 2611.00099 : 0"})
	same(t, broken(1, "lamp spoon"), []string{"lamp spoon misses 2611.00001 Lamps: 1"})
	same(t, broken(1, "lamp | soup"), []string(nil))
	ch.Settings.Scope = topic.Scope{Patterns: []string{"cs.CL"}, Strict: true}
	same(t, broken(1, "lamp"), []string{"lamp misses 2611.00001 Lamps: 0"})
	same(t, broken(1, "lamp cat:cs.CV"), []string(nil))
}

func (s *shelf) follows(t *testing.T, topics ...string) {
	s.topics = nil
	for i, text := range topics {
		s.topics = append(s.topics, core.Topic{ID: int64(i + 1), Number: i + 1, Topic: topicOf(t, text)})
	}
}

// A paper that no topic matches is answered with edits of the topics that let it in:
// the forms of a word, other spellings, initials, phrases whose words stand apart,
// and conditions less.
func TestWhatWouldHaveBroughtAPaper(t *testing.T) {
	ch := core.Channel{ID: 1, Settings: core.DefaultSettings()}
	upvotes := 7
	for _, c := range []struct {
		what, follows string
		paper         core.Paper
		want          string
		kind          query.WideningKind
	}{
		{"a form of the word", "segmentation", wrote(1, "We segment lamps", "", 0), "segment*", query.WideBeginning},
		{"in two words", "pretraining", wrote(1, "Pre-training of lamps", "", 0), `pretraining | "pre training"`, query.WideWritten},
		{"in one word", `"pre training"`, wrote(1, "Pretraining lamps", "", 0), `"pre training" | pretraining`, query.WideWritten},
		{"its initials", `"large language model"`, wrote(1, "LLMs for lamps", "", 0), `"large language model" | llm`, query.WideWritten},
		{"initials of words apart", `large language model`, wrote(1, "LLMs for lamps", "", 0), `large language model | llm`, query.WideWritten},
		{"written out", "rlhf", wrote(1, "Lamps", "By reinforcement learning from human feedback.", 0), `rlhf | "reinforcement learning from human feedback"`, query.WideWritten},
		{"with a number", "3dgs", wrote(1, "3D Gaussian splatting", "", 0), `3dgs | "3d gaussian splatting"`, query.WideWritten},
		{"not in the title", "title:lamp", wrote(1, "Soup", "With lamps.", 0), "lamp", query.WideField},
		{"a phrase's words apart", `"lamp repair"`, wrote(1, "Repair of a lamp", "", 0), "lamp repair", query.WideApart},
		{"what it excludes", "lamp -survey", wrote(1, "A survey of lamps", "", 0), "lamp", query.WideWithout},
		{"a word too many", "lamp kitchen", wrote(1, "Lamps", "", 0), "lamp", query.WideWithout},
		{"too few upvotes", "lamp min:20", core.Paper{ID: "2611.00001", Seq: 1, Title: "Lamps", Day: core.DateOf(now), Upvotes: &upvotes}, "lamp min:7", query.WideMin},
		{"another category", "lamp cat:cs.CL", wrote(1, "Lamps", "", 0), "lamp", query.WideWithout},
	} {
		s := &shelf{papers: append(month(map[string]int{"Other lamps of ours": 3, "Soup": 20}), c.paper)}
		s.follows(t, c.follows)
		r := reader(s)
		offers, err := r.Widenings(t.Context(), ch, &c.paper)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(offers, func(o query.Widening) bool { return o.To.String() == c.want && o.Kind == c.kind }) {
			t.Errorf("%s: %s is not offered, but %+v", c.what, c.want, said(offers))
		}
	}
}

func said(offers []query.Widening) (out []string) {
	for _, o := range offers {
		out = append(out, fmt.Sprintf("%s %s +%d", o.Kind, o.To, o.More))
	}
	return out
}

func TestAPaperOutsideOfTheScopeIsOfferedTheTopicWithoutIt(t *testing.T) {
	ch := core.Channel{ID: 1, Settings: core.DefaultSettings()}
	ch.Settings.Scope = topic.Scope{Patterns: []string{"cs.CL"}, Strict: true}
	p := wrote(1, "Lamps", "", 0)
	s := &shelf{papers: []core.Paper{p, wrote(2, "Lamps again", "", 3), wrote(3, "Soup", "", 3)}}
	s.follows(t, "lamp")
	offers, err := reader(s).Widenings(t.Context(), ch, &p)
	if err != nil || len(offers) != 1 || offers[0].To.String() != "lamp cat:*" || offers[0].More != 1 {
		t.Errorf("%+v, %v", said(offers), err)
	}
}

// What a widening costs counts what comes to the channel already, by whatever topic,
// as nothing; and what costs little comes before what costs much.
func TestAPriceIsWhatComesBesides(t *testing.T) {
	ch := core.Channel{ID: 1, Settings: core.DefaultSettings()}
	p := wrote(1, "We segment lamps", "", 0)
	s := &shelf{papers: append(month(map[string]int{"They segment soup": 4, "They segment bowls": 3, "Segmentation": 5}), p)}
	s.follows(t, "segmentation", "bowl")
	offers, err := reader(s).Widenings(t.Context(), ch, &p)
	if err != nil || len(offers) == 0 {
		t.Fatal(offers, err)
	}
	if o := offers[0]; o.To.String() != "segment*" || o.More != 4 || len(o.Examples) != 3 || o.Examples[0].Title != "They segment soup" {
		t.Errorf("%+v", o)
	}

	s.papers = append(month(map[string]int{"They segment soup": 60, "They segment lamps": 2}), p)
	if offers, err = reader(s).Widenings(t.Context(), ch, &p); err != nil || len(offers) == 0 {
		t.Fatal(offers, err)
	}
	for i, o := range offers {
		if o.PerWeekday() > query.Affordable && i == 0 {
			t.Errorf("the first costs %.1f a weekday: %s", o.PerWeekday(), o.To)
		}
	}
	if o := offers[0]; !strings.Contains(o.To.String(), "segment* lamp") || o.More != 2 {
		t.Errorf("a word that brings too much is offered with nothing beside it: %v", said(offers))
	}
}

func TestWhatNothingIsKnownOfHasNoPrice(t *testing.T) {
	p := wrote(1, "We segment lamps", "", 200)
	s := &shelf{papers: []core.Paper{p}}
	s.follows(t, "segmentation")
	if offers, err := reader(s).Widenings(t.Context(), core.Channel{ID: 1, Settings: core.DefaultSettings()}, &p); err != nil || len(offers) > 0 {
		t.Errorf("%v, %v", said(offers), err)
	}
}

// Whatever is followed and written: an offer lets the paper in, keeps all that the
// topic brought, costs what it says, and there are no more than three.
func TestAnOfferKeepsItsWord(t *testing.T) {
	words := []string{"lamp", "lamps", "segment", "segmentation", "segmented", "pretraining", "pre", "training", "large", "language", "model", "llm", "soup", "survey", "quantization", "quantized"}
	terms := append([]string{"title:soup", `"large language model"`, `"pre training"`, "-survey", "-soup", "min:3", "cat:cs.CL", "has:code", "lam*"}, words...)
	rapid.Check(t, func(rt *rapid.T) {
		text := func(what string, least int) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), least, 5).Draw(rt, what), " ")
		}
		s := &shelf{}
		for i := range rapid.IntRange(1, 30).Draw(rt, "papers") {
			p := wrote(i+1, text("title", 1), text("abstract", 0), rapid.IntRange(0, 40).Draw(rt, "days"))
			if rapid.Bool().Draw(rt, "upvoted") {
				n := rapid.IntRange(0, 5).Draw(rt, "upvotes")
				p.Upvotes = &n
			}
			p.Categories = []string{rapid.SampledFrom([]string{"cs.CL", "cs.CV"}).Draw(rt, "category")}
			p.Sources = nil
			s.papers = append(s.papers, p)
		}
		for i := range rapid.IntRange(1, 3).Draw(rt, "topics") {
			tp, err := topic.Parse(strings.Join(rapid.SliceOfN(rapid.SampledFrom(terms), 1, 4).Draw(rt, "topic"), rapid.SampledFrom([]string{" ", " | "}).Draw(rt, "or")))
			if err == nil {
				s.topics = append(s.topics, core.Topic{ID: int64(i + 1), Number: i + 1, Topic: tp})
			}
		}
		ch := core.Channel{ID: 1, Settings: core.DefaultSettings()}
		if rapid.Bool().Draw(rt, "scoped") {
			ch.Settings.Scope = topic.Scope{Patterns: []string{"cs.CL"}}
		}
		lets := func(t topic.Topic, p *core.Paper) bool {
			_, ok := t.Match(p.Doc())
			return ok && (t.HasCat() || ch.Settings.Scope.Admits(p.Doc()))
		}
		p := &s.papers[0]
		followed := func(p *core.Paper) bool {
			return slices.ContainsFunc(s.topics, func(t core.Topic) bool { return lets(t.Topic, p) })
		}
		offers, err := reader(s).Widenings(context.Background(), ch, p)
		if err != nil {
			rt.Fatal(err)
		}
		if len(offers) > 3 || len(offers) > 0 && followed(p) {
			rt.Fatalf("%d offers: %v", len(offers), said(offers))
		}
		for _, o := range offers {
			if !lets(o.To, p) {
				rt.Fatalf("%s does not let in %q", o.To, p.Title)
			}
			more := 0
			for i := range s.papers {
				other := &s.papers[i]
				if o.Topic.ID != 0 && lets(o.Topic.Topic, other) && !lets(o.To, other) {
					rt.Fatalf("%s loses %q, which %s brings", o.To, other.Title, o.Topic.Topic)
				}
				if other.Seq != p.Seq && lets(o.To, other) && !followed(other) && other.Day >= core.DateOf(now).AddDays(-30) {
					more++
				}
			}
			if more != o.More {
				rt.Fatalf("%s brings %d more, and says %d", o.To, more, o.More)
			}
		}
	})
}
