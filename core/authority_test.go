package core_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/core"
)

// Who speaks in these tests, as the sources do.
type teller struct {
	source    string
	authority core.Authority
	knows     []core.Fact
}

var (
	arxivFeed  = teller{"arxiv", core.Publisher, []core.Fact{core.FactJournal, core.FactDOI}}
	arxivQuery = teller{"arxiv", core.Publisher, []core.Fact{core.FactJournal, core.FactDOI, core.FactComment, core.FactWithdrawn}}
	hf         = teller{"hf", core.Index, []core.Fact{core.FactCode, core.FactProject, core.FactSummary}}
	imported   = teller{"import", core.Copy, nil}
	hn         = teller{"hn", core.Mention, nil}
	blog       = teller{"blog", core.Mention, nil}
)

func (w teller) says(p core.Paper) core.Seen {
	p.ID = "2611.00001"
	p.Clean()
	return core.Seen{Paper: p, Sighting: core.Sighting{Source: w.source}, Authority: w.authority, Knows: w.knows}
}

// told is what is known when they have spoken, in this order.
func told(said ...core.Seen) core.Known {
	var k core.Known
	for _, s := range said {
		if k.ID == "" {
			k.ID = s.Paper.ID
		}
		k = core.Merge(k, s)
	}
	return k
}

func TestTheBetterTellerIsBelieved(t *testing.T) {
	votes := func(n int) *int { return &n }
	authors := core.Paper{Version: 2, Title: "The authors' title", Abstract: "The authors' text.", Authors: []string{"Ana", "Ben"}, Categories: []string{"cs.LG"}, Published: "2026-11-02"}
	wow := core.Paper{Version: 9, Title: "Wow [pdf]", Abstract: "12 points, https://github.com/spam/spam", Authors: []string{"user42"}}
	for _, c := range []struct {
		name string
		said []core.Seen
		want core.Paper
	}{
		{"a feed adds nothing to what arXiv said, whatever version it names",
			[]core.Seen{arxivQuery.says(authors), hn.says(wow)}, authors},
		{"nor does it when it spoke first",
			[]core.Seen{hn.says(wow), arxivQuery.says(authors)}, authors},
		{"what only a feed says stands, but not a version",
			[]core.Seen{hn.says(wow)}, core.Paper{Title: wow.Title, Abstract: wow.Abstract, Authors: wow.Authors, Code: "https://github.com/spam/spam"}},
		{"two feeds do not contradict each other for ever",
			[]core.Seen{hn.says(core.Paper{Title: "On HN"}), blog.says(core.Paper{Title: "On a blog"}), hn.says(core.Paper{Title: "On HN"})}, core.Paper{Title: "On a blog"}},
		{"Hugging Face's text gives way to arXiv's, its votes stay",
			[]core.Seen{hf.says(core.Paper{Title: "On HF", Upvotes: votes(3)}), arxivFeed.says(authors), hf.says(core.Paper{Title: "On HF", Upvotes: votes(4)})},
			core.Paper{Version: 2, Title: authors.Title, Abstract: authors.Abstract, Authors: authors.Authors, Categories: authors.Categories, Published: authors.Published, Upvotes: votes(4)}},
		{"a typing error in a version keeps no true one out",
			[]core.Seen{imported.says(core.Paper{Version: 9, Title: "Typed"}), arxivFeed.says(authors)}, authors},
		{"a bare id that is imported later replaces nothing",
			[]core.Seen{arxivQuery.says(authors), imported.says(core.Paper{Title: "Mine", Abstract: "Mine.", Categories: []string{"cs.CV"}, Published: "2020-01-01"})}, authors},
		{"an older version of arXiv's changes nothing",
			[]core.Seen{arxivQuery.says(authors), arxivFeed.says(core.Paper{Version: 1, Title: "First", Abstract: "First.", Authors: []string{"Ana"}, Categories: []string{"cs.CV"}})}, authors},
		{"the votes of an import are not Hugging Face's",
			[]core.Seen{hf.says(core.Paper{Title: "T", Upvotes: votes(40)}), imported.says(core.Paper{Title: "T", Upvotes: votes(3)})}, core.Paper{Title: "T", Upvotes: votes(40)}},
		{"a missing count is not zero",
			[]core.Seen{hf.says(core.Paper{Title: "T", Upvotes: votes(40), Comments: votes(2)}), hf.says(core.Paper{Title: "T"})}, core.Paper{Title: "T", Upvotes: votes(40), Comments: votes(2)}},
		{"the first date stands, and an earlier one of the same teller is better",
			[]core.Seen{hf.says(core.Paper{Title: "T", Published: "2026-11-03"}), hf.says(core.Paper{Title: "T", Published: "2026-11-01"}), hf.says(core.Paper{Title: "T", Published: "2026-11-05"})},
			core.Paper{Title: "T", Published: "2026-11-01"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.ID = "2611.00001"
			if diff := cmp.Diff(c.want, told(c.said...).Paper); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestWhatIsNotSaidAnyMoreIsTakenBack(t *testing.T) {
	stars := 7
	v := func(n int, p core.Paper) core.Paper { p.Version, p.Title, p.Abstract = n, "T", "Text."; return p }
	notice := core.Paper{Comment: "Withdrawn by the authors", Withdrawn: true}
	for _, c := range []struct {
		name string
		said []core.Seen
		want core.Paper
	}{
		{"Hugging Face takes its code back", []core.Seen{hf.says(core.Paper{Title: "T", Code: "https://github.com/a/b", Stars: &stars}), hf.says(core.Paper{Title: "T"})}, core.Paper{Title: "T"}},
		{"but arXiv knows nothing of code", []core.Seen{hf.says(core.Paper{Title: "T", Code: "https://github.com/a/b", Stars: &stars}), arxivQuery.says(v(1, core.Paper{}))},
			v(1, core.Paper{Code: "https://github.com/a/b", Stars: &stars})},
		{"a repository that is named again without stars keeps them", []core.Seen{hf.says(core.Paper{Title: "T", Code: "https://github.com/a/b", Stars: &stars}), hf.says(core.Paper{Title: "T", Code: "https://github.com/a/b"})},
			core.Paper{Title: "T", Code: "https://github.com/a/b", Stars: &stars}},
		{"another repository has its own", []core.Seen{hf.says(core.Paper{Title: "T", Code: "https://github.com/a/b", Stars: &stars}), hf.says(core.Paper{Title: "T", Code: "https://github.com/c/d"})},
			core.Paper{Title: "T", Code: "https://github.com/c/d"}},
		{"a link in an abstract goes with the abstract", []core.Seen{arxivFeed.says(core.Paper{Version: 1, Title: "T", Abstract: "At https://github.com/a/b."}), arxivFeed.says(v(2, core.Paper{}))}, v(2, core.Paper{})},
		{"a link that Hugging Face names too stays", []core.Seen{hf.says(core.Paper{Title: "T", Abstract: "At https://github.com/a/b.", Code: "https://github.com/a/b"}), arxivFeed.says(v(2, core.Paper{}))},
			v(2, core.Paper{Code: "https://github.com/a/b"})},
		{"where Hugging Face names none, the abstract's is taken", []core.Seen{arxivFeed.says(core.Paper{Version: 1, Title: "T", Abstract: "At https://github.com/a/b."}), hf.says(core.Paper{Title: "T"})},
			core.Paper{Version: 1, Title: "T", Abstract: "At https://github.com/a/b.", Code: "https://github.com/a/b"}},
		{"and goes with it all the same", []core.Seen{arxivFeed.says(core.Paper{Version: 1, Title: "T", Abstract: "At https://github.com/a/b."}), hf.says(core.Paper{Title: "T"}), arxivFeed.says(v(2, core.Paper{}))}, v(2, core.Paper{})},
		{"a venue is taken back", []core.Seen{arxivQuery.says(v(1, core.Paper{Journal: "J. 1", DOI: "10.1/2"})), arxivQuery.says(v(1, core.Paper{}))}, v(1, core.Paper{})},
		{"what a lesser one said too", []core.Seen{imported.says(v(1, core.Paper{Comment: "At ICML"})), arxivQuery.says(v(1, core.Paper{}))}, v(1, core.Paper{})},
		{"a feed adds the venue that arXiv has none of", []core.Seen{arxivQuery.says(v(1, core.Paper{})), hn.says(core.Paper{Title: "T", Journal: "J. 1", DOI: "10.1/2"})}, v(1, core.Paper{Journal: "J. 1", DOI: "10.1/2"})},
		{"and arXiv, which has none, leaves it", []core.Seen{hn.says(core.Paper{Title: "T", Journal: "J. 1"}), arxivQuery.says(v(1, core.Paper{}))}, v(1, core.Paper{Journal: "J. 1"})},
		{"but what arXiv took back no feed brings again", []core.Seen{arxivQuery.says(v(1, core.Paper{Journal: "J. 1"})), arxivQuery.says(v(1, core.Paper{})), hn.says(core.Paper{Title: "T", Journal: "J. 1"})}, v(1, core.Paper{})},
		{"arXiv's feed knows no comments", []core.Seen{arxivQuery.says(v(1, core.Paper{Comment: "At ICML"})), arxivFeed.says(v(1, core.Paper{}))}, v(1, core.Paper{Comment: "At ICML"})},
		{"a paper is withdrawn", []core.Seen{arxivQuery.says(v(1, core.Paper{})), arxivQuery.says(v(2, notice))}, v(2, notice)},
		{"and stays so while nobody knows better", []core.Seen{arxivQuery.says(v(2, notice)), arxivFeed.says(v(2, core.Paper{})), hf.says(core.Paper{Title: "T"}), hn.says(core.Paper{Title: "T"})}, v(2, notice)},
		{"a later version with text ends it", []core.Seen{arxivQuery.says(v(2, notice)), arxivQuery.says(v(3, core.Paper{Comment: "Corrected"}))}, v(3, core.Paper{Comment: "Corrected"})},
		{"even where it comes without its comment", []core.Seen{arxivQuery.says(v(2, notice)), arxivFeed.says(v(3, core.Paper{}))}, v(3, core.Paper{})},
		{"a query that lags behind the feed speaks of another version", []core.Seen{arxivFeed.says(v(2, core.Paper{})), arxivQuery.says(v(1, notice))}, v(2, core.Paper{})},
		{"and so does an import of an older one", []core.Seen{arxivFeed.says(v(2, core.Paper{})), imported.says(v(1, notice))}, v(2, core.Paper{})},
		{"an older version does not", []core.Seen{arxivQuery.says(v(2, notice)), arxivFeed.says(v(1, core.Paper{})), imported.says(v(1, core.Paper{Comment: "8 pages"}))}, v(2, notice)},
		{"an edited comment of the same version does", []core.Seen{arxivQuery.says(v(2, notice)), arxivQuery.says(v(2, core.Paper{Comment: "8 pages"}))}, v(2, core.Paper{Comment: "8 pages"})},
		{"what was imported as withdrawn is what arXiv says of it", []core.Seen{imported.says(v(1, notice)), arxivQuery.says(v(1, core.Paper{Comment: "8 pages"}))}, v(1, core.Paper{Comment: "8 pages"})},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.ID = "2611.00001"
			if diff := cmp.Diff(c.want, told(c.said...).Paper); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// Of what was kept before it was noted who speaks nobody but a better teller can
// say that it is not so any more.
func TestAVenueWhoseTellerIsNotKnownIsTakenBackByABetterOne(t *testing.T) {
	old := core.Known{
		Paper:   core.Paper{ID: "2611.00001", Title: "T", Journal: "J. 1", DOI: "10.1/2"},
		Tellers: core.Tellers{core.FactTitle: {Authority: core.Index}, core.FactJournal: {Authority: core.Index}, core.FactDOI: {Authority: core.Index}},
	}
	if k := core.Merge(old, arxivQuery.says(core.Paper{Version: 1, Title: "T"})); k.Journal+k.DOI != "" {
		t.Errorf("after arXiv's record without them: %q %q", k.Journal, k.DOI)
	}
	if k := core.Merge(old, hn.says(core.Paper{Title: "T"})); k.Journal != "J. 1" || k.DOI != "10.1/2" {
		t.Errorf("after a feed's silence: %q %q", k.Journal, k.DOI)
	}
}

func TestWhatThePublisherHasToBeAskedFor(t *testing.T) {
	v := func(n int) core.Paper { return core.Paper{Version: n, Title: "T", Abstract: "Text."} }
	for _, c := range []struct {
		name string
		said []core.Seen
		want bool
	}{
		{"what only a feed mentioned", []core.Seen{hn.says(v(0))}, true},
		{"not a feed's own entry", []core.Seen{{Paper: core.Paper{ID: "feed:ab", Title: "T"}}}, false},
		{"not what it said itself", []core.Seen{hn.says(v(0)), arxivQuery.says(v(1))}, false},
		{"not the first version in its feed", []core.Seen{arxivFeed.says(v(1))}, false},
		{"a version whose comment its feed does not have", []core.Seen{arxivFeed.says(v(1)), arxivFeed.says(v(2))}, true},
		{"once", []core.Seen{arxivFeed.says(v(1)), arxivFeed.says(v(2)), arxivQuery.says(v(2)), arxivFeed.says(v(2))}, false},
		{"until the query has it", []core.Seen{arxivFeed.says(v(1)), arxivFeed.says(v(2)), arxivQuery.says(v(1))}, true},
		{"no version of somebody else's", []core.Seen{imported.says(v(1)), imported.says(v(2))}, false},
	} {
		if got := told(c.said...).Unread; got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestABetterTellersTextIsACorrection(t *testing.T) {
	text := func(title string) core.Paper { return core.Paper{Version: 1, Title: title, Abstract: "Text."} }
	for _, c := range []struct {
		name      string
		old, news core.Seen
		want      bool
	}{
		{"arXiv's over Hugging Face's", hf.says(text("On HF")), arxivQuery.says(text("On arXiv")), true},
		{"the same is none", hf.says(text("T")), arxivQuery.says(text("T")), false},
		{"the same teller corrects itself: that is its next list", hf.says(text("On HF")), hf.says(text("On HF, again")), false},
		{"a feed corrects nobody", hf.says(text("On HF")), hn.says(text("Wow")), false},
	} {
		old := told(c.old)
		k := core.Merge(old, c.news)
		if got := k.Corrected(&old); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestWhoSaidWhatIsKept(t *testing.T) {
	k := told(hf.says(core.Paper{Title: "T", Code: "https://github.com/a/b"}), arxivFeed.says(core.Paper{Version: 1, Title: "T"}))
	b, err := json.Marshal(k.Tellers)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"index hf":"code","publisher arxiv":"title"}`; string(b) != want {
		t.Errorf("kept %s, want %s", b, want)
	}
	var again core.Tellers
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(k.Tellers, again); diff != "" {
		t.Errorf("-kept +read\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`{"king me":"title"}`), &again); err == nil {
		t.Error("a king was believed")
	}
}

// says is what somebody may say of the paper, all of the same version.
func says() *rapid.Generator[core.Seen] {
	return rapid.Custom(func(t *rapid.T) core.Seen {
		who := rapid.SampledFrom([]teller{arxivFeed, arxivQuery, hf, imported, hn, blog}).Draw(t, "who")
		return who.says(papers(t, who))
	})
}

// papers are papers of one id as that source may send them.
func papers(t *rapid.T, who teller) core.Paper {
	s := func(label string) string {
		return rapid.SampledFrom([]string{"", "a", "b", "https://github.com/a/b"}).Draw(t, label)
	}
	list := func(label string) []string {
		return rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 2).Draw(t, label)
	}
	count := func(label string) *int {
		if n := rapid.IntRange(-1, 2).Draw(t, label); n >= 0 {
			return &n
		}
		return nil
	}
	p := core.Paper{Title: "T" + s("title"), Abstract: s("abstract"), Authors: list("authors"), Sources: list("sources"), Published: rapid.SampledFrom([]core.Date{"", "2026-11-01", "2026-11-02"}).Draw(t, "published")}
	switch who.authority {
	case core.Publisher, core.Copy:
		p.Version, p.Categories = 2, list("categories")
	case core.Index:
		p.Upvotes, p.Comments, p.Code, p.Project, p.Summary = count("upvotes"), count("comments"), s("code"), s("project"), s("summary")
	}
	if slices.Contains(who.knows, core.FactComment) || who.authority == core.Copy {
		p.Comment, p.Withdrawn = s("comment"), rapid.Bool().Draw(t, "withdrawn")
	}
	if slices.Contains(who.knows, core.FactDOI) || who.authority < core.Index {
		p.Journal, p.DOI = s("journal"), s("DOI")
	}
	return p
}

func TestInWhateverOrderTheSourcesSpeakThePaperEndsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var said []core.Seen // each source once
		for _, s := range rapid.SliceOfN(says(), 1, 8).Draw(t, "said") {
			if !slices.ContainsFunc(said, func(o core.Seen) bool { return o.Sighting.Source == s.Sighting.Source }) {
				said = append(said, s)
			}
		}
		want := told(said...)
		shuffled := slices.Clone(said)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got := told(shuffled...)
		got.Unread, want.Unread = false, false // which says what has come, and so depends on when
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-in one order +in another\n%s", diff)
		}
		// And the title is that of the best.
		best := slices.MaxFunc(said, func(a, b core.Seen) int {
			if a.Authority != b.Authority {
				return int(a.Authority - b.Authority)
			}
			return -int(a.Sighting.Source[0]) + int(b.Sighting.Source[0])
		})
		if got.Title != best.Paper.Title {
			t.Errorf("the title is %q, and %s says %q", got.Title, best.Sighting.Source, best.Paper.Title)
		}
	})
}

func TestMergingTheSameAgainChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old := told(rapid.SliceOfN(says(), 1, 6).Draw(t, "old")...)
		news := says().Draw(t, "news")
		once := core.Merge(old, news)
		if diff := cmp.Diff(once, core.Merge(once, news)); diff != "" {
			t.Errorf("-once +twice\n%s", diff)
		}
	})
}

func TestNobodyLessTakesAnythingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old := told(rapid.SliceOfN(says(), 1, 6).Draw(t, "old")...)
		news := says().Draw(t, "news")
		m := core.Merge(old, news)
		text := func(f core.Fact) bool { return f == core.FactAbstract || f == core.FactAuthors }
		for fact, was := range old.Tellers {
			// A feed's text goes with its title.
			if is := m.Tellers[fact]; is.Authority < was.Authority && !(text(fact) && was.Authority == core.Mention) {
				t.Errorf("the %s is %+v's now, and was %+v's", fact, is, was)
			}
		}
		for _, s := range old.Sources {
			if !slices.Contains(m.Sources, s) {
				t.Errorf("source %s was lost", s)
			}
		}
		feeds := func(f core.Fact) bool { return old.Tellers[f].Authority == core.Mention }
		if m.Title == "" || old.Abstract != "" && m.Abstract == "" && !feeds(core.FactAbstract) || len(old.Authors) > 0 && len(m.Authors) == 0 && !feeds(core.FactAuthors) || old.Upvotes != nil && m.Upvotes == nil {
			t.Errorf("something was lost: %+v + %+v = %+v", old, news, m)
		}
	})
}
