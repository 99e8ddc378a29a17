package query_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/topic"
	"paperboy/store"
)

// library is a real store with the 300 papers of the catalogue, all of these weeks.
func library(t *testing.T) (*query.Reader, *store.Store, []core.Paper) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "papers.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	f, err := os.Open("../../internal/catalogue/papers.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var seen []core.Seen
	for d := json.NewDecoder(f); d.More(); {
		var p struct {
			ID                  core.PaperID
			Title, About        string
			Authors, Categories []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		day := core.DateOf(now).AddDays(-len(seen) % 20)
		seen = append(seen, core.Seen{Paper: core.Paper{ID: p.ID, Title: p.Title, Abstract: p.About, Authors: p.Authors, Categories: p.Categories, Published: day},
			Sighting: core.Sighting{Source: "arxiv", Day: day}})
	}
	if _, err := s.PutPapers(t.Context(), seen, false, now); err != nil {
		t.Fatal(err)
	}
	found, err := s.Search(t.Context(), core.Query{Sort: core.SortNew, Limit: len(seen)})
	if err != nil {
		t.Fatal(err)
	}
	papers := make([]core.Paper, len(found.Hits))
	for i, h := range found.Hits {
		papers[i] = h.Paper
	}
	return &query.Reader{Store: s, Now: func() time.Time { return now }}, s, papers
}

// What a search with like: finds is what the language says of every paper.
func TestWhatIsFoundAlikeIsWhatTheLanguageSays(t *testing.T) {
	r, _, papers := library(t)
	hits := 0
	rapid.Check(t, func(rt *rapid.T) {
		p := papers[rapid.IntRange(0, len(papers)-1).Draw(rt, "paper")]
		words := p.Doc().Title
		own := `like:"` + firstWords(words, rapid.IntRange(1, 4).Draw(rt, "words")) + `"`
		of := "like:" + string(p.ID)
		at := rapid.SampledFrom([]string{"", "@1", "@20", "@40", "@80"})
		one := rapid.SampledFrom([]string{of, own})
		parts := one.Draw(rt, "first") + at.Draw(rt, "alike")
		for range rapid.IntRange(0, 3).Draw(rt, "more") {
			parts += rapid.SampledFrom([]string{" -survey", " -" + own + "@20", " -" + of, " cat:cs.LG", " -cat:cs.CV", " model", " | learning -" + own + "@40", " | " + own, " " + of + "@20"}).Draw(rt, "term")
		}
		asked, err := topic.Parse(parts)
		if err != nil {
			rt.Skip(err)
		}
		q := core.Query{Topic: asked, Scope: topic.Scope{Patterns: []string{"cs.CV"}, Strict: true}, Since: core.DateOf(now).AddDays(-rapid.IntRange(0, 30).Draw(rt, "days")), Limit: len(papers)}
		ready := asked
		if err := r.Ready(t.Context(), &ready); err != nil {
			rt.Fatal(err)
		}
		var want, got []core.PaperID
		for i := range papers {
			d := papers[i].Doc()
			if _, ok := ready.Match(d); ok && papers[i].Day >= q.Since && (ready.HasCat() || q.Scope.Admits(d)) {
				want = append(want, papers[i].ID)
			}
		}
		found, err := r.Search(t.Context(), q)
		if err != nil {
			rt.Fatal(err)
		}
		for i, h := range found.Hits {
			got = append(got, h.Paper.ID)
			if i > 0 && h.Score > found.Hits[i-1].Score {
				rt.Fatalf("%s: %v after %v", asked, h.Score, found.Hits[i-1].Score)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if found.Total != len(want) || !cmp.Equal(got, want) {
			rt.Fatalf("%s: %d\n%s", asked, found.Total, cmp.Diff(want, got))
		}
		hits += len(got)
	})
	if hits == 0 {
		t.Error("nothing was ever found")
	}
}

func firstWords(words []string, n int) (s string) {
	for _, w := range words[:min(n, len(words))] {
		s += w + " "
	}
	return s
}

// A paper that the store does not have is like nothing, and whoever asks is told.
func TestNothingIsLikeAPaperThatNobodyHas(t *testing.T) {
	r, _, papers := library(t)
	for typed, want := range map[string]string{"like:0704.0001": "0704.0001", `lora | like:"qzxw vvkq"`: "qzxw vvkq", "like:" + string(papers[0].ID): ""} {
		like, unknown, err := r.UnknownLike(t.Context(), topicOf(t, typed))
		if err != nil || unknown != (want != "") || like.Value != want {
			t.Errorf("%s: %v %v %v", typed, like, unknown, err)
		}
	}
	found, err := r.Search(t.Context(), core.Query{Topic: topicOf(t, "like:0704.0001@1"), Limit: 9})
	if err != nil || found.Total != 0 {
		t.Errorf("%d papers, %v", found.Total, err)
	}
}

// The threshold's edge is what it just lets in and what it just keeps out.
func TestAThresholdShowsWhatLiesAroundIt(t *testing.T) {
	r, _, papers := library(t)
	ch := core.Channel{Settings: core.Settings{}}
	best, err := r.Search(t.Context(), core.Query{Topic: topicOf(t, "like:"+string(papers[0].ID)+"@1"), Since: ch.Day(r.Now()).AddDays(-30), Limit: 400})
	if err != nil || len(best.Hits) < 8 {
		t.Fatal(len(best.Hits), err)
	}
	n := int(best.Hits[4].Score) // as alike as the fifth
	f, err := r.Forecast(t.Context(), ch, topicOf(t, topicOf(t, "like:"+string(papers[0].ID)).Clauses[0][0].At(n)), 30, 0)
	if err != nil {
		t.Fatal(err)
	}
	th, ok, err := r.Threshold(t.Context(), f)
	if err != nil || !ok || len(th.Least) == 0 || len(th.Below) == 0 {
		t.Fatal(th, ok, err)
	}
	if len(th.Best) != 2 || th.Best[0].Paper.ID != best.Hits[0].Paper.ID || th.Best[1].Paper.ID != best.Hits[1].Paper.ID {
		t.Errorf("the best are %v", th.Best)
	}
	for i := range th.Least {
		if int(th.Least[i].Score) < n || i > 0 && th.Least[i].Score > th.Least[i-1].Score {
			t.Errorf("let in at %v", th.Least[i].Score)
		}
	}
	if last := th.Least[len(th.Least)-1]; int(last.Score) != n {
		t.Errorf("the last let in is %v alike, the threshold %d", last.Score, n)
	}
	for i := range th.Below {
		if int(th.Below[i].Score) >= n || i > 0 && th.Below[i].Score > th.Below[i-1].Score {
			t.Errorf("kept out at %v", th.Below[i].Score)
		}
	}
	if _, ok, _ := r.Threshold(t.Context(), query.Forecast{}); ok {
		t.Error("a topic of words has a threshold")
	}
}

// Where a threshold lets nothing in, the nearest is shown however far below it lies.
func TestAThresholdThatLetsNothingInShowsTheNearest(t *testing.T) {
	r, _, papers := library(t)
	ch := core.Channel{Settings: core.Settings{}}
	f, err := r.Forecast(t.Context(), ch, topicOf(t, "like:\"quantum error correction with surface codes\"@99"), 30, 0)
	if err != nil || f.Found.Total != 0 {
		t.Fatal(f.Found.Total, err)
	}
	th, _, err := r.Threshold(t.Context(), f)
	if err != nil || len(th.Best) != 0 || len(th.Below) != 3 {
		t.Fatalf("%+v %v", th, err)
	}
	t.Log(th.Below[0].Score)
	if th.Below[0].Score >= 99-20 || th.Below[0].Score < th.Below[2].Score {
		t.Errorf("%v of %d papers", th.Below, len(papers))
	}
	every, err := r.Search(t.Context(), core.Query{Topic: topicOf(t, "like:\"quantum error correction with surface codes\"@1"), Since: ch.Day(r.Now()).AddDays(-30), Limit: 3})
	if err != nil || every.Hits[0].Paper.ID != th.Below[0].Paper.ID {
		t.Errorf("the nearest is %q, %v", every.Hits[0].Paper.Title, err)
	}
}

// Near misses are never what a topic brings or excludes, what is muted, or what the
// channel has had.
func TestNearMissesAreWhatNoWordBrings(t *testing.T) {
	r, s, papers := library(t)
	ch, err := s.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "web", Workspace: "W", ID: "ml"}, Schedule: channel().Schedule, Settings: core.Settings{Scope: topic.Scope{Patterns: []string{"cs.*"}, Strict: true}}})
	if err != nil {
		t.Fatal(err)
	}
	today := core.DateOf(now)
	shown := 0
	for _, typed := range []string{`video`, `agent -benchmark`, `title:diffusion cat:cs.CV`, `reasoning | "large language model"`, `robot`} {
		asked := topicOf(t, typed)
		before, err := r.NearMisses(t.Context(), ch, []topic.Topic{asked}, today.AddDays(-30), today)
		if err != nil {
			t.Fatal(err)
		}
		if len(before) > 3 {
			t.Errorf("%s: %d", typed, len(before))
		}
		for i, m := range before {
			shown++
			d := m.Paper.Doc()
			if _, ok := asked.Match(d); ok || !ch.Settings.Scope.Admits(d) && !asked.HasCat() || m.Alike < 60 || i > 0 && m.Alike > before[i-1].Alike || m.Topic != asked.String() {
				t.Errorf("%s: %d alike, %q", typed, m.Alike, m.Paper.Title)
			}
			if words := append(d.Title, d.Abstract...); typed == `agent -benchmark` && slices.Contains(words, "benchmark") {
				t.Errorf("%s shows %q", typed, m.Paper.Title)
			}
			if typed == `title:diffusion cat:cs.CV` && !slices.Contains(m.Paper.Categories, "cs.CV") {
				t.Errorf("%s shows one of %v", typed, m.Paper.Categories)
			}
		}
		if len(before) == 0 || typed != `video` {
			continue
		}
		// Each way to be out of the question, with the first one.
		first := before[0].Paper
		mute, err := s.AddMute(t.Context(), core.Mute{Channel: ch.ID, Kind: core.MuteTopic, Value: "like:" + string(first.ID) + "@99", At: now})
		if err != nil {
			t.Fatal(err)
		}
		shows := func(why string, want bool) {
			t.Helper()
			got, err := r.NearMisses(t.Context(), ch, []topic.Topic{asked}, today.AddDays(-30), today)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(got, func(m query.NearMiss) bool { return m.Paper.ID == first.ID }) != want {
				t.Errorf("%s: shown is %t", why, !want)
			}
		}
		shows("muted by meaning", false)
		if err := s.RemoveMute(t.Context(), mute.ID); err != nil {
			t.Fatal(err)
		}
		shows("shown again", true)
		if _, err := s.AddTopic(t.Context(), ch.ID, topicOf(t, `like:`+string(first.ID)+`@99`), core.User{}, now); err != nil {
			t.Fatal(err)
		}
		shows("followed", false)
		topics, err := s.Topics(t.Context(), ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveTopic(t.Context(), topics[0].ID, now); err != nil {
			t.Fatal(err)
		}
		had := &query.Reader{Store: posting{s, first.ID}, Now: r.Now}
		got, err := had.NearMisses(t.Context(), ch, []topic.Topic{asked}, today.AddDays(-30), today)
		if err != nil || slices.ContainsFunc(got, func(m query.NearMiss) bool { return m.Paper.ID == first.ID }) {
			t.Errorf("what was posted is a near miss: %v", err)
		}
	}
	if shown < 5 {
		t.Errorf("only %d near misses of %d papers", shown, len(papers))
	}
}

// posting is a store whose channels have had a paper.
type posting struct {
	*store.Store
	had core.PaperID
}

func (p posting) Delivery(ctx context.Context, channel int64, item core.Item) (core.Delivery, error) {
	if item == core.PaperItem(p.had) {
		return core.Delivery{Item: item, State: core.Posted}, nil
	}
	return p.Store.Delivery(ctx, channel, item)
}

// A topic that looks at meaning is posted by, as `today` shows it, and by equal lines.
func TestADayIsAlsoWhatIsAlike(t *testing.T) {
	_, s, papers := library(t)
	r := &query.Reader{Store: s, Now: func() time.Time { return now }}
	of := papers[0]
	topics := follow(t, "like:"+string(of.ID)+"@99")
	found, _, _, err := r.OfDay(t.Context(), channel(), topics, of.Day)
	if err != nil || !slices.Equal(ids(found), []core.PaperID{of.ID}) || query.Alike(found[0].Matched[0].Why) < 99 {
		t.Errorf("%v %v", ids(found), err)
	}
	if topics[0].Topic.Clauses[0][0].Vector != nil {
		t.Error("the channel's topic was changed")
	}
}
