package query_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/query"
	"paperboy/core/topic"
)

// papersNamed is a shelf of papers by their titles, in the order in which they came.
func papersNamed(titles ...string) *shelf {
	s := &shelf{}
	for i, title := range titles {
		title, cat, _ := strings.Cut(title, " @")
		s.papers = append(s.papers, core.Paper{ID: core.PaperID(fmt.Sprint(i + 1)), Seq: core.Seq(i + 1), Title: title,
			Categories: []string{cat}, Day: core.Date("2026-11-01").AddDays(i)})
	}
	return s
}

// asks searches as somebody types it, and gives the titles.
func (s *shelf) asks(t *testing.T, typed string, as core.Query) ([]string, core.Found) {
	t.Helper()
	var err error
	if as.Topic, err = topic.ParseSearch(typed); err != nil {
		t.Fatal(err)
	}
	as.Plain = topic.Plain(typed)
	if as.Limit == 0 {
		as.Limit = 50
	}
	found := must(reader(s).Search(t.Context(), as))
	var titles []string
	for _, h := range found.Hits {
		titles = append(titles, h.Paper.Title)
	}
	return titles, found
}

const (
	pointClouds = "Point cloud perception for autonomous driving"
	grasping    = "Dexterous grasping policies for embodied arms"
)

func TestPlainWordsFindWhatIsMeant(t *testing.T) {
	s := papersNamed("Protein folding", grasping, "Channel coding for wireless links", "Legal question answering")
	titles, found := s.asks(t, "Robots / Manipulation:", core.Query{})
	if len(titles) == 0 || titles[0] != grasping || slices.Contains(titles, "Protein folding") || found.Total != 0 || found.Ranked != len(titles) {
		t.Fatalf("%q, of which %d have all the words and %d are near", titles, found.Total, found.Ranked)
	}
	if why := found.Hits[0].Why; why.All || len(why.Has) != 0 || len(why.Near) == 0 || !slices.Contains([]string{"dexterou", "dexterous", "grasping", "arm", "embodied"}, why.Near[0]) {
		t.Errorf("it is there because %+v", why)
	}
	s = papersNamed("Cooking, folding, and wireless channels with dexterous grasping of proteins by manipulators")
	if _, found = s.asks(t, "robots proteins", core.Query{}); len(found.Hits) != 1 || !slices.ContainsFunc(found.Hits[0].Why.Near[:1], func(w string) bool {
		return slices.Contains([]string{"manipulator", "dexterou", "dexterous", "grasping"}, w)
	}) {
		t.Errorf("nearest of its many words: %+v", found.Hits)
	}
	if titles, _ := s.asks(t, "robots -soup", core.Query{}); len(titles) != 0 {
		t.Errorf("with an operator it is exact: %q", titles)
	}
}

// A word that stands in papers of all kinds says nothing of this one, however near it
// happens to lie to what was asked. Where nothing else does, a poor reason is better
// than none.
func TestWordsThatSayNothingAreNoReasons(t *testing.T) {
	s := papersNamed("How can I publish my LLM benchmark without giving the true answers away?", "Wireless channels")
	_, found := s.asks(t, "benchmark contamination and evaluation", core.Query{})
	if len(found.Hits) != 1 {
		t.Fatalf("found %v", found.Hits)
	}
	near := found.Hits[0].Why.Near
	for _, w := range near {
		if slices.Contains([]string{"giving", "away", "without"}, w) {
			t.Errorf("%q is no reason", w)
		}
	}
	_, found = papersNamed("Never again away").asks(t, "forget", core.Query{})
	if why := found.Hits[0].Why; len(why.Has) != 0 || len(why.Near) != 1 {
		t.Errorf("it is there because of %+v", why)
	}
}

func TestAFewPapersWithAllTheWordsComeFirst(t *testing.T) {
	s := papersNamed("Cooking and folding of proteins, zorblax, and at last a word on lidar", "Lidar", "Lidar, lidar, "+pointClouds, "Channel coding")
	titles, found := s.asks(t, "lidar on zorblax", core.Query{})
	if titles[0] != s.papers[0].Title || !found.Hits[0].Why.All || found.Total != 1 || len(titles) != 3 {
		t.Fatalf("%q, %d with all", titles, found.Total)
	}
	if got := found.Hits[1].Why; got.All || !slices.Equal(got.Has, []string{"lidar"}) {
		t.Errorf("the second because %+v", got)
	}
	if most := found.Hits[1].Score; found.Hits[0].Score < most+1 || found.Hits[2].Score > most {
		t.Errorf("scores are not in order: %+v", found.Hits)
	}
}

// A name that no model has seen is found by its letters; what is like the papers
// that have it comes behind them.
func TestANewNameIsFoundByItsLetters(t *testing.T) {
	s := papersNamed(pointClouds+" of cars", "Zorblax: "+pointClouds, "Cooking soup", "Protein folding")
	titles, found := s.asks(t, "zorblax", core.Query{})
	same(t, titles, []string{s.papers[1].Title, s.papers[0].Title})
	same(t, found.Total, 1)
	if titles, found := s.asks(t, "zorblax protein", core.Query{}); titles[0] != s.papers[1].Title {
		t.Errorf("%q, %+v", titles, found.Hits[0].Why)
	}
	if titles, _ := s.asks(t, "qwertyuiop", core.Query{}); len(titles) != 0 {
		t.Errorf("nothing is like a word of nobody: %q", titles)
	}
}

func TestFieldsHoldBesideWhatIsMeant(t *testing.T) {
	s := papersNamed("Lidar @cs.CV", pointClouds+" @eess.IV", pointClouds+" @cs.CV", "Protein folding @eess.IV")
	titles, _ := s.asks(t, "lidar cat:eess.IV", core.Query{})
	same(t, titles, []string{pointClouds})
	if titles, _ := s.asks(t, "lidar", core.Query{Since: "2026-11-02"}); slices.Contains(titles, "Lidar") || len(titles) != 2 {
		t.Errorf("since the day after: %q", titles)
	}
}

func TestPagesOfAnAnswerAreOneList(t *testing.T) {
	var titles []string
	for i := range 40 {
		titles = append(titles, []string{"Lidar", pointClouds, "Protein folding", "Lidar of soup"}[i%4])
	}
	s := papersNamed(titles...)
	ids := func(found core.Found) (ids []core.PaperID) {
		for _, h := range found.Hits {
			ids = append(ids, h.Paper.ID)
		}
		return ids
	}
	_, found := s.asks(t, "lidar", core.Query{})
	whole := ids(found)
	if len(whole) != found.Ranked || found.Total != 20 || found.Ranked <= 20 {
		t.Errorf("%d papers of %d, %d with all", len(whole), found.Ranked, found.Total)
	}
	var paged []core.PaperID
	for from := 0; from < found.Ranked; from += 7 {
		_, page := s.asks(t, "lidar", core.Query{Offset: from, Limit: 7})
		paged = append(paged, ids(page)...)
	}
	same(t, paged, whole)
}

// In another order than the best first, what is far off must not come first because
// it is new.
func TestTheNewestOfPlainWordsAreAboutThem(t *testing.T) {
	s := papersNamed("Lidar of zorblax", "Lidar zorblax scans", "Zorblax soup with protein", "Cooking")
	titles, found := s.asks(t, "lidar zorblax", core.Query{Sort: core.SortNew})
	same(t, titles, []string{"Lidar zorblax scans", "Lidar of zorblax"})
	same(t, found.Ranked, 2)
	upvotes := 7
	s.papers[0].Upvotes = &upvotes
	titles, _ = s.asks(t, "lidar zorblax", core.Query{Sort: core.SortTop})
	same(t, titles, []string{"Lidar of zorblax", "Lidar zorblax scans"})
	titles, _ = s.asks(t, "lidar zorblax", core.Query{})
	same(t, len(titles), 3)
}

func TestAnExactSearchIsRankedByMeaningToo(t *testing.T) {
	s := papersNamed("Protein folding, with a footnote on lidar", "Lidar scans of a lidar", "Lidar of soup", pointClouds)
	titles, found := s.asks(t, `lidar | "lidar scans"`, core.Query{})
	if len(titles) != 3 || titles[0] != s.papers[1].Title || found.Total != 3 || found.Ranked != 0 {
		t.Errorf("%q", titles)
	}

	// Of papers that have the words alike, not the newest is the best.
	titles, _ = papersNamed("Lidar of point clouds", "Lidar of soup bowls").asks(t, `"lidar"`, core.Query{})
	if len(titles) != 2 || titles[0] != "Lidar of point clouds" {
		t.Errorf("%q", titles)
	}
}

// A word that only makes sentences need not be in a paper that has the others; where
// there are no others it is looked for.
func TestFunctionWordsAreNotAskedOfAPaper(t *testing.T) {
	s := papersNamed("Lidar scans, soup", "Lidar scans for the soup of kettles", "A chair")
	_, found := s.asks(t, "lidar scans for the soup", core.Query{})
	same(t, found.Total, 2)
	_, found = s.asks(t, `"lidar scans for"`, core.Query{})
	same(t, found.Total, 1)
	_, found = s.asks(t, "for the", core.Query{})
	same(t, found.Total, 1)
}

// Of very many with the words, those are read whose meaning is near; all can be paged to.
func TestOfManyWithTheWordsTheBestIsFound(t *testing.T) {
	titles := []string{"Lidar scans of point clouds"}
	for i := range 600 {
		titles = append(titles, fmt.Sprintf("Lidar scans of soup bowls and kettles, part %d", i))
	}
	s := papersNamed(titles...)
	found, all := s.asks(t, `"lidar scans"`, core.Query{Limit: 9})
	same(t, found[0], titles[0])
	same(t, all.Total, 601)
	for _, typed := range []string{"lidar scans", `"lidar scans"`} {
		paged := map[string]bool{}
		for from := 0; from < 601; from += 90 {
			found, _ := s.asks(t, typed, core.Query{Limit: 90, Offset: from})
			for _, title := range found {
				paged[title] = true
			}
		}
		same(t, len(paged), 601)
	}
}

// endpoint is an Embedder that finds every word about lamps, or fails.
type endpoint struct {
	asked int
	fails error
}

func (*endpoint) Name() string { return "lamps" }

func (e *endpoint) Embed(_ context.Context, texts []string) ([]meaning.Vector, error) {
	e.asked++
	return slices.Repeat([]meaning.Vector{{127, 0}}, len(texts)), e.fails
}

// Where an operator set an endpoint, its vectors say what is near, if it has seen the
// papers and answers; else the program's own do.
func TestAnEndpointSaysWhatIsNear(t *testing.T) {
	s := papersNamed("Heat diffusion in brass", "Heat of lamps", "Diffusion of heat and brass")
	s.embeddings = map[core.Seq]meaning.Vector{1: {0, 127}, 2: {127, 1}, 3: {1, 127}}
	first := func(r *query.Reader) core.PaperID {
		t.Helper()
		const typed = "heat diffusion in kettles"
		q := core.Query{Topic: must(topic.ParseSearch(typed)), Plain: topic.Plain(typed), Limit: 3}
		return must(r.Search(t.Context(), q)).Hits[0].Paper.ID
	}
	r := reader(s)
	own := first(r)
	e := &endpoint{}
	r.Embedder = e
	if own == "2" {
		t.Fatal("the program's own vectors say the same")
	}
	same(t, first(r), core.PaperID("2"))
	same(t, first(r), core.PaperID("2"))
	same(t, e.asked, 1) // it is asked once about the same words
	r = reader(s)
	r.Embedder = &endpoint{fails: errors.New("it is down")}
	same(t, first(r), own)
	delete(s.embeddings, 3) // it is not through with the papers
	r.Embedder = &endpoint{}
	same(t, first(r), own)
}
