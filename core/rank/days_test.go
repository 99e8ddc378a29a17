package rank

import (
	"cmp"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"paperboy/core/meaning"
	"paperboy/core/topic"
	"paperboy/internal/recordings"
)

// listed is a paper of a recorded day of Hugging Face.
type listed struct {
	ID             string
	Title, Summary string
	Upvotes        *int

	doc   *topic.Doc
	point Point
}

// recorded is the days between two places of the recording, without the
// empty ones.
func recorded(t testing.TB, from, to int) [][]listed {
	files, err := filepath.Glob(filepath.Join(recordings.Dir(t), "hf_daily", "*.json.gz"))
	if err != nil || len(files) < to {
		t.Fatal(len(files), err)
	}
	var days [][]listed
	for _, name := range files[from:to] {
		answer := recordings.Values[[]struct{ Paper listed }](t, "hf_daily/"+filepath.Base(name), 1)[0]
		var day []listed
		for _, a := range answer {
			a.Paper.doc = topic.NewDoc(a.Paper.Title, a.Paper.Summary, nil, nil, nil, false, nil)
			a.Paper.point = NewPoint(meaning.Builtin().Read(a.Paper.doc.Title, a.Paper.doc.Abstract))
			day = append(day, a.Paper)
		}
		if len(day) > 0 {
			days = append(days, day)
		}
	}
	return days
}

// Sequels are like their forerunners, whatever else we think is like what: asked
// for by the sequel's most telling words and its direction, the forerunner comes
// first among all, and it is a near-duplicate.
func TestTheNearestOfASequelIsItsForerunner(t *testing.T) {
	days := recorded(t, 0, 419)
	model := meaning.Builtin()
	papers := map[string]*listed{} // by id: some stand on several days
	for _, p := range slices.Concat(days...) {
		papers[p.ID] = &p
	}
	for _, pair := range [][2]string{ // sequel, forerunner
		{"2606.03264", "2601.21957"}, // PaddleOCR-VL-1.6, PaddleOCR-VL-1.5
		{"2605.29801", "2601.18491"}, // AgentDoG 1.5, AgentDoG
		{"2604.15715", "2407.08713"}, // GTA-2, GTA
		{"2604.24763", "2512.02014"}, // Tuna-2, TUNA
		{"2505.17022", "2503.10639"}, // GoT-R1, GoT
		{"2607.15330", "2602.12684"}, // Xiaomi-Robotics-1, Xiaomi-Robotics-0
	} {
		sequel := papers[pair[0]]
		if sequel == nil || papers[pair[1]] == nil {
			t.Fatalf("%v are not in the recording", pair)
		}
		words := Telling(model, slices.Concat(sequel.doc.Title, sequel.doc.Abstract), 25)
		target := model.Read(sequel.doc.Title, sequel.doc.Abstract)
		var candidates []*listed
		w := NewWords(model, words)
		var bm25 []float64
		var vectors []meaning.Vector
		for _, p := range papers {
			if p.ID != sequel.ID {
				f := model.Read(p.doc.Title, p.doc.Abstract)
				candidates, bm25, vectors = append(candidates, p), append(bm25, w.BM25(f.Bag)), append(vectors, f.Vector)
			}
		}
		scores := Search(w, target.Vector, bm25, vectors)
		first := candidates[slices.Index(scores, slices.Max(scores))]
		if first.ID != pair[1] {
			t.Errorf("%q: %q is first, not %q", sequel.Title, first.Title, papers[pair[1]].Title)
			continue
		}
		if !NearDuplicate(sequel.point, first.point) {
			t.Errorf("%q and %q are no near-duplicates: %.2f", sequel.Title, first.Title, sequel.point.shared(first.point))
		}
	}
}

// Simulated readers want what a topic of theirs matches, unknown to us, and
// vote on the days that are past: on 10 papers up and 5 down. The days after
// are ordered by upvotes alone and by their votes too, and both orders
// measured by the first five papers.
func TestVotesBringUpWhatTheChannelWants(t *testing.T) {
	past, ahead := recorded(t, 200, 300), recorded(t, 300, 400)
	var sumPlain, sumVoted float64
	readers := []struct {
		channel string // follows; "": every paper of the day
		wants   string
		least   float64 // how many times better the order must become
	}{
		{"", `diffusion`, 1.5},
		{"", `agent*`, 1.2},
		{"", `robot* | embodied`, 1.5},
		{"", `speech | audio`, 1.5},
		{"", `3d | gaussian`, 1.5},
		{"", `title:reasoning`, 1.2},
		// What is wanted is a kind of what is followed.
		{`llm | "language model"`, `agent*`, 1.1},
		{`diffusion | generat*`, `video*`, 1.1},
		{`model*`, `reinforcement`, 1.1},
	}
	for _, r := range readers {
		wants, err := topic.Parse(r.wants)
		if err != nil {
			t.Fatal(err)
		}
		gain := func(p *listed) float64 {
			if _, ok := wants.Match(p.doc); ok {
				return 1
			}
			return 0
		}
		follows := func(*listed) bool { return true }
		if r.channel != "" {
			channel, err := topic.Parse(r.channel)
			if err != nil {
				t.Fatal(err)
			}
			follows = func(p *listed) bool { _, ok := channel.Match(p.doc); return ok }
		}
		var up, down []Point
		for _, day := range past {
			for i := range day {
				switch p := &day[i]; {
				case !follows(p):
				case gain(p) > 0 && len(up) < 10:
					up = append(up, p.point)
				case gain(p) == 0 && len(down) < 5:
					down = append(down, p.point)
				}
			}
		}
		taste := NewTaste(up, down, Leaning{})
		order := func(day []*listed, taste Taste) float64 {
			cs := make([]Candidate, len(day))
			for i, p := range day {
				cs[i] = Candidate{ID: p.ID, Upvotes: p.Upvotes, Affinity: taste.Affinity(p.point)}
			}
			var gains []float64
			for _, i := range Order(cs) {
				gains = append(gains, gain(day[i]))
			}
			return ndcg(gains, 5)
		}
		var plain, voted, days float64
		for _, all := range ahead {
			var day []*listed
			for i := range all {
				if follows(&all[i]) {
					day = append(day, &all[i])
				}
			}
			if !slices.ContainsFunc(day, func(p *listed) bool { return gain(p) > 0 }) {
				continue // nothing to bring up
			}
			plain, voted, days = plain+order(day, Taste{}), voted+order(day, taste), days+1
		}
		t.Logf("%-24s %-18s %3.0f days: nDCG@5 %.3f by upvotes, %.3f with 15 votes, %.2f times", r.channel, r.wants, days, plain/days, voted/days, voted/plain)
		if days < 20 || voted < r.least*plain {
			t.Errorf("%s of %q: %v over %v days is less than %v times %v", r.wants, r.channel, voted, days, r.least, plain)
		}
		sumPlain, sumVoted = sumPlain+plain/days, sumVoted+voted/days
	}
	if sumVoted < 1.8*sumPlain {
		t.Errorf("votes lift the order only from %v to %v", sumPlain, sumVoted)
	}
	t.Logf("on average %.3f by upvotes, %.3f with votes", sumPlain/float64(len(readers)), sumVoted/float64(len(readers)))
}

// ndcg measures an order: gains as its readers found them, the first first,
// discounted by place and divided by the best order's sum (Järvelin and
// Kekäläinen 2002), over the first k places. 1 is the best order; 0 when there
// is nothing to gain.
func ndcg(gains []float64, k int) float64 {
	best := slices.Clone(gains)
	slices.SortFunc(best, func(a, b float64) int { return cmp.Compare(b, a) })
	ideal := dcg(best, k)
	if ideal == 0 {
		return 0
	}
	return dcg(gains, k) / ideal
}

func dcg(gains []float64, k int) float64 {
	sum := 0.0
	for i, g := range gains[:min(k, len(gains))] {
		sum += g / math.Log2(float64(i+2))
	}
	return sum
}
