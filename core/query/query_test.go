package query_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/names"
	"paperboy/core/query"
	"paperboy/core/topic"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// shelf is a store in memory, with as much as a test says.
type shelf struct {
	query.Store
	embeddings map[core.Seq]meaning.Vector
	sources    []core.SourceState
	papers     []core.Paper
	topics     []core.Topic
	mutes      []core.Mute
	guards     []core.Guard
	posted     []core.Delivery
	digests    map[int64]time.Time       // their due instants
	kinds      map[int64]core.DigestKind // daily where none is set
	tally      map[core.PaperID]core.Tally
	saved      []core.Saved
	mu         sync.Mutex // a search asks several things at once
	searches   int
	voters     []int64   // whose votes searches went by
	asked      []int64   // digests
	since      time.Time // of the votes that were asked for …
	counted    time.Time // … and of those that were counted
}

func (s *shelf) Papers(_ context.Context, ids []core.PaperID) (out []core.Paper, err error) {
	for _, id := range ids {
		for i, p := range s.papers {
			if p.ID == id {
				p.Seq = cmp.Or(p.Seq, core.Seq(i+1))
				out = append(out, p)
			}
		}
	}
	return out, nil
}

func (s *shelf) Search(_ context.Context, q core.Query) (core.Found, error) {
	s.mu.Lock()
	s.searches++
	s.voters = append(s.voters, q.Channel)
	s.mu.Unlock()
	f := core.Found{Primary: map[string]int{}}
	for i, p := range s.papers {
		p.Seq = cmp.Or(p.Seq, core.Seq(i+1))
		doc := p.Doc()
		if len(q.Topic.Clauses) > 0 {
			if _, ok := q.Topic.Match(doc); !ok || !q.Topic.HasCat() && !q.Scope.Admits(doc) {
				continue
			}
		}
		if p.Day < q.Since || q.Until != "" && p.Day > q.Until {
			continue
		}
		f.Total++
		f.Primary[p.Primary()]++
		if f.Total <= q.Limit {
			f.Hits = append(f.Hits, core.Hit{Paper: p})
		}
	}
	return f, nil
}

func (s *shelf) PapersBySeq(_ context.Context, seqs []core.Seq) (out []core.Paper, err error) {
	for _, seq := range seqs {
		for i, p := range s.papers {
			if p.Seq = cmp.Or(p.Seq, core.Seq(i+1)); p.Seq == seq {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

func (s *shelf) Matching(ctx context.Context, q core.Query, most int) (found []core.Match, more bool, err error) {
	q.Limit = len(s.papers)
	all, err := s.Search(ctx, q)
	for _, h := range slices.Backward(all.Hits) {
		d := h.Paper.Doc()
		code := meaning.Builtin().Text(slices.Concat(d.Title, d.Abstract)).Code()
		found = append(found, core.Match{Seq: h.Paper.Seq, Day: h.Paper.Day, Primary: h.Paper.Primary(), Upvotes: h.Paper.Upvotes, Code: code})
	}
	return found[:min(most, len(found))], len(found) > most, err
}

func (s *shelf) Features(ctx context.Context, seqs []core.Seq) (map[core.Seq]meaning.Features, error) {
	out := map[core.Seq]meaning.Features{}
	papers, err := s.PapersBySeq(ctx, seqs)
	for _, p := range papers {
		d := p.Doc()
		out[p.Seq] = meaning.Builtin().Read(d.Title, d.Abstract)
	}
	return out, err
}

func (s *shelf) Embeddings(_ context.Context, _ string, seqs []core.Seq) (map[core.Seq]meaning.Vector, error) {
	of := map[core.Seq]meaning.Vector{}
	for _, seq := range seqs {
		if v, has := s.embeddings[seq]; has {
			of[seq] = v
		}
	}
	return of, nil
}

func (s *shelf) Nearest(ctx context.Context, v meaning.Vector, q core.Query, limit int) (near []core.Near, err error) {
	found, _, err := s.Matching(ctx, q, len(s.papers))
	for _, m := range found {
		f, _ := s.Features(ctx, []core.Seq{m.Seq})
		near = append(near, core.Near{Seq: m.Seq, Alike: v.Cosine(f[m.Seq].Vector)})
	}
	slices.SortStableFunc(near, func(a, b core.Near) int { return cmp.Compare(b.Alike, a.Alike) })
	return near[:min(limit, len(near))], err
}

func (s *shelf) FirstDay(_ context.Context, since core.Date) (first core.Date, err error) {
	for _, p := range s.papers {
		if !p.Day.IsZero() && p.Day >= since && (first.IsZero() || p.Day < first) {
			first = p.Day
		}
	}
	return first, nil
}

func (s *shelf) Vocabulary(_ context.Context, field topic.Field, prefix string, words []string) (map[string]int, error) {
	known := map[string]int{}
	for _, p := range s.papers {
		doc := p.Doc()
		have := slices.Concat(doc.Title, doc.Abstract)
		if field == topic.Author {
			have = nil
			for _, a := range doc.Authors {
				have = append(have, names.Keys(a)...)
			}
		}
		slices.Sort(have)
		for _, w := range slices.Compact(have) {
			if prefix != "" && strings.HasPrefix(w, prefix) || slices.Contains(words, w) {
				known[w]++
			}
		}
	}
	return known, nil
}

func (s *shelf) SourceStates(context.Context) ([]core.SourceState, error) { return s.sources, nil }

func (s *shelf) CountPapers(context.Context) (int, error) { return len(s.papers), nil }

func (s *shelf) Topics(context.Context, int64) ([]core.Topic, error) { return s.topics, nil }

func (s *shelf) Mutes(context.Context, int64, string, time.Time) ([]core.Mute, error) {
	return s.mutes, nil
}

func (s *shelf) Digest(_ context.Context, id int64) (core.Digest, error) {
	s.asked = append(s.asked, id)
	return core.Digest{ID: id, Kind: cmp.Or(s.kinds[id], core.DailyPost), Due: s.digests[id]}, nil
}

func (s *shelf) Delivery(_ context.Context, _ int64, item core.Item) (core.Delivery, error) {
	for _, d := range s.posted {
		if d.Item == item {
			return d, nil
		}
	}
	return core.Delivery{}, core.ErrNotFound
}

func (s *shelf) DeliveriesFor(_ context.Context, _ int64, ids []core.PaperID) (map[core.PaperID]core.Delivery, error) {
	out := map[core.PaperID]core.Delivery{}
	for _, d := range s.posted {
		if id, ok := d.Item.Paper(); ok && slices.Contains(ids, id) {
			out[id] = d
		}
	}
	return out, nil
}

func (s *shelf) DeliveriesOf(context.Context, int64, time.Time, ...core.DeliveryState) ([]core.Delivery, error) {
	return s.posted, nil
}

func (s *shelf) Tally(_ context.Context, _ int64, _ []core.PaperID, since time.Time) (map[core.PaperID]core.Tally, error) {
	s.counted = since
	return s.tally, nil
}

func (s *shelf) Votes(_ context.Context, channels []int64, since time.Time) (map[int64][]core.Voted, error) {
	s.since = since
	votes := map[int64][]core.Voted{}
	for _, p := range s.papers {
		if tally, voted := s.tally[p.ID]; voted {
			votes[channels[0]] = append(votes[channels[0]], core.Voted{Paper: p.ID, Seq: p.Seq, Tally: tally})
		}
	}
	return votes, nil
}

func (s *shelf) Voted(_ context.Context, _ int64, since time.Time) (ids []core.PaperID, err error) {
	s.since = since
	for id := range s.tally {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}

func (s *shelf) SavedBy(context.Context, string) ([]core.Saved, error) { return s.saved, nil }

func reader(s *shelf) *query.Reader {
	return &query.Reader{Store: s, Now: func() time.Time { return now }}
}

func channel() core.Channel {
	return core.Channel{ID: 1, Settings: core.DefaultSettings(), Schedule: core.Schedule{Zone: "Europe/Berlin"}}
}

func paper(id core.PaperID, title, cat string, day core.Date) core.Paper {
	return core.Paper{ID: id, Title: title, Abstract: "An abstract.", Categories: []string{cat}, Day: day}
}

func follow(t *testing.T, texts ...string) (ts []core.Topic) {
	t.Helper()
	for i, s := range texts {
		parsed, err := topic.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		ts = append(ts, core.Topic{ID: int64(i + 1), Channel: 1, Number: i + 1, Topic: parsed})
	}
	return ts
}

func posted(id core.PaperID, digest int64) core.Delivery {
	return core.Delivery{Channel: 1, Item: core.PaperItem(id), Digest: digest, State: core.Posted}
}

func ids(cs []query.Candidate) []core.PaperID {
	out := []core.PaperID{}
	for _, c := range cs {
		out = append(out, c.Paper.ID)
	}
	return out
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestTopIsWhatWasPostedOrVotedFor(t *testing.T) {
	s := &shelf{
		papers: []core.Paper{paper("a", "A", "cs.LG", "2026-11-20"), paper("b", "B", "cs.LG", "2026-11-23"), paper("c", "C", "cs.LG", "2026-11-24"), paper("d", "D", "cs.LG", "2026-11-01")},
		posted: []core.Delivery{{Item: core.HeaderItem(core.DailyPost, now), Digest: 2, State: core.Posted}, posted("b", 2), posted("c", 2), posted("d", 1)},
		// A digest that was due before the day is no post of the day, whenever its message last changed.
		digests: map[int64]time.Time{1: now.AddDate(0, 0, -20), 2: now},
		tally:   map[core.PaperID]core.Tally{"a": {Up: 2}, "b": {Down: 1}},
	}
	ranked, voted, turnedDown, err := reader(s).Top(t.Context(), channel(), "2026-11-18")
	if err != nil || !voted {
		t.Fatal(voted, err)
	}
	got := []string{}
	for _, h := range ranked {
		got = append(got, fmt.Sprint(h.Paper.ID, h.Votes))
	}
	same(t, got, []string{"a2", "c0"})
	same(t, turnedDown, 1)
	same(t, s.counted.Format(time.RFC3339), "2026-11-18T00:00:00+01:00") // a vote counts from when it was given
	same(t, s.asked, []int64{2, 1})                                      // each digest once, not once a paper
}

func TestADayIsWhatTheTopicsBringWithoutWhatIsMuted(t *testing.T) {
	s := &shelf{
		papers: []core.Paper{
			paper("a", "Diffusion", "cs.CV", "2026-11-24"), paper("b", "Diffusion of heat", "physics.flu-dyn", "2026-11-24"), paper("c", "Agents", "cs.LG", "2026-11-24"),
			paper("d", "Diffusion survey", "cs.CV", "2026-11-24"), paper("e", "Diffusion, late", "cs.CV", "2026-11-20"), paper("f", "Diffusion, mute", "cs.CV", "2026-11-24"),
		},
		posted:  []core.Delivery{posted("a", 1), posted("e", 1)},
		digests: map[int64]time.Time{1: now},
		mutes:   []core.Mute{{Kind: core.MuteTopic, Value: "survey"}, {Kind: core.MutePaper, Value: "f"}},
	}
	topics := follow(t, "diffusion")
	found, listed, out, err := reader(s).OfDay(t.Context(), channel(), topics, "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	same(t, ids(found), []core.PaperID{"a", "e"}) // e was posted today, though listed before
	same(t, out, map[core.PaperID]bool{"a": true, "e": true})
	same(t, listed, 5)

	for _, voters := range s.voters { // nobody else's votes decide the order
		same(t, voters, channel().ID)
	}

	found, _, _, err = reader(s).OfDay(t.Context(), channel(), topics, "2026-11-20")
	if err != nil {
		t.Fatal(err)
	}
	same(t, ids(found), []core.PaperID{"e"})
}

func TestMatchesAreThoseOfTheTopicsAndTheScope(t *testing.T) {
	papers := []core.Paper{
		paper("a", "Diffusion agents", "cs.CV", ""), paper("b", "Diffusion", "physics.flu-dyn", ""), paper("c", "Nothing", "cs.LG", ""),
	}
	topics := follow(t, "diffusion", "agents", "diffusion", "diffusion cat:physics.*")
	m := query.NewMatches(papers, topics)
	ch := channel()
	found := m.Of(&ch, topics[:2], nil)
	same(t, ids(found), []core.PaperID{"a"})
	same(t, len(found[0].Matched), 2)
	same(t, found[0].Doc == m.Docs[0], true)
	same(t, ids(m.Of(&ch, topics[2:], nil)), []core.PaperID{"a", "b"}) // a topic with cat: asks no scope
	same(t, ids(m.Of(&ch, topics, func(p *core.Paper, _ *core.Topic) bool { return p.ID != "a" })), []core.PaperID{"b"})
	r := query.Rank(&found[0])
	same(t, []any{r.ID, r.Topics, r.TitleHit, r.Author}, []any{"a", 2, true, false})
}

func TestWhyIsWhatMatchesNowOrDidThen(t *testing.T) {
	p := paper("a", "Diffusion", "cs.CV", "")
	d := posted("a", 1)
	d.Matched = []core.Matched{{Topic: "gone"}}
	s := &shelf{topics: follow(t, "diffusion", "agents"), posted: []core.Delivery{d}}
	matched, _, known, err := reader(s).Why(t.Context(), channel(), &p)
	if err != nil || !known || len(matched) != 1 || matched[0].Topic != "diffusion" {
		t.Errorf("%v %v %v", matched, known, err)
	}
	s.topics = nil
	matched, _, _, _ = reader(s).Why(t.Context(), channel(), &p)
	same(t, matched, d.Matched)
	s.posted = nil
	if _, _, known, err = reader(s).Why(t.Context(), channel(), &p); known || err != nil {
		t.Error(known, err)
	}
}

func TestAListIsCutByTopicAndDay(t *testing.T) {
	s := &shelf{
		papers: []core.Paper{paper("a", "Diffusion", "cs.CV", ""), paper("b", "Agents", "cs.CV", "")},
		saved:  []core.Saved{{Paper: "b", At: now, Note: "later"}, {Paper: "a", At: now.AddDate(0, 0, -3)}},
	}
	list := func(words string, since core.Date) (out []core.PaperID) {
		var top topic.Topic
		if words != "" {
			top = follow(t, words)[0].Topic
		}
		for _, x := range must(reader(s).Saved(t.Context(), "ana", top, since, time.UTC)) {
			out = append(out, x.Paper.ID)
		}
		return out
	}
	same(t, list("", ""), []core.PaperID{"b", "a"})
	same(t, list("diffusion", ""), []core.PaperID{"a"})
	same(t, list("", "2026-11-22"), []core.PaperID{"b"})
	same(t, must(reader(s).Saved(t.Context(), "ana", topic.Topic{}, "", time.UTC))[0].Saved.Note, "later")
}

func TestTheNearestShareRareWords(t *testing.T) {
	s := &shelf{}
	for i, title := range []string{"low rank adaptation of transformers", "low rank adaptation quantised", "protein folding", "graph matching", "adaptation to climate"} {
		s.papers = append(s.papers, paper(core.PaperID(fmt.Sprint(i)), title, "cs.LG", ""))
		s.papers[i].Seq = core.Seq(i + 1)
	}
	near := must(reader(s).Nearest(t.Context(), &s.papers[0]))
	if len(near) == 0 || near[0].ID != "1" || slices.ContainsFunc(near, func(p core.Paper) bool { return p.ID == "0" }) {
		t.Errorf("nearest are %v", near)
	}
}

// A sign of a script without blanks is as common as a letter: papers are not
// alike for having the same ones, but for having them side by side.
func TestSingleSignsMakeNoLikeness(t *testing.T) {
	s := &shelf{}
	for i, title := range []string{"扩散模型", "视频扩散模型", "模糊与散型", "模具型号", "扩大范围"} {
		s.papers = append(s.papers, core.Paper{ID: core.PaperID(fmt.Sprint(i)), Seq: core.Seq(i + 1), Title: title})
	}
	var got []core.PaperID
	for _, p := range must(reader(s).Nearest(t.Context(), &s.papers[0])) {
		got = append(got, p.ID)
	}
	same(t, got, []core.PaperID{"1"})
}

func TestTwentyAreNearest(t *testing.T) {
	s := &shelf{}
	for i := range 80 {
		title := fmt.Sprintf("protein%d folding", i)
		if i < 25 {
			title = "low rank adaptation"
		}
		s.papers = append(s.papers, paper(core.PaperID(fmt.Sprintf("%02d", i)), title, "cs.LG", ""))
		s.papers[i].Seq = core.Seq(i + 1)
	}
	var got []core.PaperID
	for _, p := range must(reader(s).Nearest(t.Context(), &s.papers[0])) {
		got = append(got, p.ID)
	}
	same(t, len(got), 20)
	same(t, got[:5], []core.PaperID{"24", "23", "22", "21", "20"}) // of equals the newest
}

func TestVotesSayWhatAChannelLikes(t *testing.T) {
	s := &shelf{}
	for i, title := range []string{"low rank adaptation", "graph matching", "low rank tuning", "graph colouring", "protein folding"} {
		p := paper(core.PaperID(fmt.Sprint(i)), title, "cs.LG", "")
		p.Seq = core.Seq(i + 1)
		s.papers = append(s.papers, p)
	}
	asked := []query.Candidate{{Paper: &s.papers[2]}, {Paper: &s.papers[3]}}
	affinity := func(ch core.Channel) ([]float64, *query.Tastes) {
		t.Helper()
		tastes := reader(s).Tastes(now)
		if err := tastes.Learn(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
		return must(tastes.Affinity(t.Context(), ch.ID, asked)), tastes
	}
	nobody, _ := affinity(channel())
	same(t, nobody, []float64{0, 0})
	s.tally = map[core.PaperID]core.Tally{"0": {Up: 3, Down: 1}, "1": {Up: 1, Down: 2}}
	a, tastes := affinity(channel())
	same(t, s.since, now.AddDate(0, 0, -90))
	s.tally["1"] = core.Tally{}
	without, _ := affinity(channel())
	s.tally["1"] = core.Tally{Up: 1, Down: 2}
	if a[0] <= 0 || a[1] >= without[1] || a[0] <= a[1] {
		t.Errorf("affinities %v, and %v without what was turned down", a, without)
	}
	if liked, ok, err := tastes.Nearest(t.Context(), channel().ID, &s.papers[2]); !ok || err != nil || liked != (core.Liked{Title: "low rank adaptation", Votes: 3}) {
		t.Errorf("%v is the nearest that they like", liked)
	}

	seeded := channel()
	seeded.Taste.Seeds = []core.PaperID{"3", "unknown"}
	if b, _ := affinity(seeded); b[1] <= a[1] {
		t.Errorf("a taste that begins with graphs has %v, one that does not %v", b, a)
	}
	leaning := channel()
	leaning.Taste.More = []string{"graphs"}
	if b, _ := affinity(leaning); b[1] <= a[1] {
		t.Errorf("wanting more graphs has %v, not so %v", b, a)
	}
	forgetful := channel()
	forgetful.Taste.Since = now.Add(-time.Hour)
	affinity(forgetful)
	same(t, s.since, now.Add(-time.Hour))
}

// A channel that likes robots follows LoRA: robots come beside it, so many as it may
// be, and nothing that a topic brings, that another scope holds or that is nothing like it.
func TestATasteDiscoversWhatNoTopicBrings(t *testing.T) {
	s := &shelf{tally: map[core.PaperID]core.Tally{"0": {Up: 2}, "1": {Up: 1}, "2": {Up: 1}}}
	for i, title := range []string{"Robot grasping of cups", "Robot grasping of plates", "Robot arms for grasping", // liked
		"Grasping robot", "Robot grasping with LoRA", "Grasping robots in physics", "Number theory", "Robot arms grasping"} {
		cat := "cs.RO"
		if i == 5 {
			cat = "physics.app-ph"
		}
		p := paper(core.PaperID(fmt.Sprint(i)), title, cat, "")
		p.Seq, p.Abstract = core.Seq(i+1), "" // one that all share would be what is liked
		s.papers = append(s.papers, p)
	}
	ch := channel()
	ch.Settings.Scope = core.DefaultSettings().Scope
	r := reader(s)
	discovers := func(most int) (found []string) {
		t.Helper()
		tastes := r.Tastes(now)
		if err := tastes.Learn(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
		topics := follow(t, "lora")
		for _, c := range must(tastes.Discover(t.Context(), &ch, query.NewMatches(s.papers[3:], topics).Others(&ch, topics), most)) {
			if !core.Discovered(c.Matched) {
				t.Errorf("%s does not say why it is there", c.Paper.ID)
			}
			found = append(found, string(c.Paper.ID)+" like "+c.Matched[0].Liked.Title)
		}
		return found
	}
	same(t, discovers(5), []string{"3 like Robot arms for grasping", "7 like Robot arms for grasping"})
	same(t, len(discovers(1)), 1)
	same(t, len(discovers(0)), 0)
	delete(s.tally, "2")
	same(t, len(discovers(5)), 0) // two are too few to tell a taste
}

func TestAForecastCountsWhatTheScopeKeepsOut(t *testing.T) {
	s := &shelf{papers: []core.Paper{
		paper("a", "Diffusion", "cs.CV", "2026-11-20"), paper("b", "Diffusion", "physics.flu-dyn", "2026-11-20"), paper("c", "Diffusion", "physics.flu-dyn", "2026-11-21"),
		paper("d", "Diffusion", "q-bio.NC", "2026-11-21"), paper("old", "Diffusion", "cs.CV", "2026-01-01"),
	}}
	r := reader(s)
	f := must(r.Forecast(t.Context(), channel(), follow(t, "diffusion")[0].Topic, 7, 5))
	same(t, []int{f.Days, f.Weekdays, f.Found.Total, len(f.Found.Hits)}, []int{7, 5, 1, 1})
	more, most, err := r.Beyond(t.Context(), f)
	if err != nil || more != 3 || most != "physics.flu-dyn" {
		t.Errorf("%d more, mostly %s, %v", more, most, err)
	}
	if pattern, _ := f.CrossListed(); pattern != "" {
		t.Errorf("no category was asked for, and %s was", pattern)
	}
	f = must(r.Forecast(t.Context(), channel(), follow(t, "diffusion cat:physics.*")[0].Topic, 7, 0))
	if pattern, primary := f.CrossListed(); pattern != "physics.*" || primary != 2 {
		t.Errorf("%d primary in %s", primary, pattern)
	}
}

func TestNamesakesAreOfTheFamilyAndAlikeFirst(t *testing.T) {
	s := &shelf{}
	for i, authors := range [][]string{{"Ann Jordan", "Jordan Smith"}, {"Ann Jordan", "Michael I. Jordan"}, {"Zoe Jordan", "Jordan, Zoe"}, {"Mia Jordan"}} {
		s.papers = append(s.papers, core.Paper{ID: core.PaperID(fmt.Sprint(i)), Title: "A", Authors: authors})
	}
	r := &query.Reader{Store: s, Now: func() time.Time { return now }}
	asked, err := topic.Parse(`author:"Mike Jordan"`)
	if err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int][]string{3: {"Mia Jordan", "Michael I. Jordan", "Ann Jordan"}, 9: {"Mia Jordan", "Michael I. Jordan", "Ann Jordan", "Jordan, Zoe", "Zoe Jordan"}} {
		got, err := r.Namesakes(t.Context(), asked.Clauses[0][0], most)
		if err != nil || !gocmp.Equal(got, want) {
			t.Errorf("%v %v, want %v", got, err, want)
		}
	}
}

func (s *shelf) Guards(context.Context, int64) ([]core.Guard, error) { return s.guards, nil }
