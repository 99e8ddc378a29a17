package query_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/topic"
)

// titled is a shelf of papers of titles, each so often.
func titled(titles map[string]int) *shelf {
	s := &shelf{}
	for title, n := range titles {
		for range n {
			s.papers = append(s.papers, paper(core.PaperID(fmt.Sprint(len(s.papers))), title, "cs.LG", "2026-11-20"))
		}
	}
	slices.SortFunc(s.papers, func(a, b core.Paper) int { return len(a.Title) - len(b.Title) })
	return s
}

func asks(t *testing.T, typed string) core.Query {
	t.Helper()
	return core.Query{Topic: follow(t, typed)[0].Topic, Scope: topic.Scope{Patterns: []string{"cs.*"}, Strict: true}}
}

// told are hints in short: what, how many, and which kind.
func told(hints []query.Hint) (out []string) {
	for _, h := range hints {
		out = append(out, fmt.Sprint(h.Kind, " ", h.Topic, " ", h.Found))
	}
	return out
}

func TestAMisspeltWordIsAnsweredWithTheNearest(t *testing.T) {
	s := titled(map[string]int{
		"Diffusion of lamps": 5, "Infusion of tea": 3, "Transformer": 4, "Grokking": 3, "Growing": 40, "Stable diffusion": 3, "Large language models": 6,
		"Once only: difussion": 1, "Extrusion": 2, "Data": 9, "Date": 3,
	})
	s.papers[0].Authors = []string{"Yoshua Bengio"}
	for typed, want := range map[string]string{
		"difusion":              "diffusion 8",
		"diffuison":             "diffusion 8",
		"idffusion":             "diffusion 8", // wrong from the first letter on
		"ransformer":            "transformer 4",
		"xtransformer":          "transformer 4",
		"groking":               "grokking 3", // a doubled letter is the commonest error of all
		`"stable difusion"`:     `"stable diffusion" 3`,
		"title:difusion":        "title:diffusion 8",
		"difusion -lamp":        "diffusion -lamp 3",
		"lage langauge model":   "large language model 6",
		"difusion | trasformer": "diffusion | transformer 12",
		"cat:cs.LG difusion":    "cat:cs.LG diffusion 8",
		"author:bengoi":         "author:bengio 1",
		"asdfghjkl":             "",
		"extrusoin":             "", // hardly a paper has that either
		"dat":                   "", // too short to tell an error from another word
		"difusion tea":          "", // the right words find nothing together
		"lamp transformer":      "", // all of them are known
		"-difusion lamp":        "",
		"difus*":                "",
	} {
		got := ""
		for _, h := range must(reader(s).Spelling(t.Context(), asks(t, typed))) {
			got = fmt.Sprint(h.Topic, " ", h.Found)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
	}
}

func TestAWordThatManyPapersHaveIsNoTypingError(t *testing.T) {
	for n, want := range map[int]int{11: 0, 10: 1, 1: 1} {
		s := titled(map[string]int{"Mamba": 2000, "Samba": n})
		same(t, len(must(reader(s).Spelling(t.Context(), asks(t, "samba")))), want)
	}
	s := titled(map[string]int{"Mamba": 99, "Samba": 1}) // nor where the other one is not much more
	same(t, len(must(reader(s).Spelling(t.Context(), asks(t, "samba")))), 0)
}

func TestWhatIsWrittenInTwoWays(t *testing.T) {
	s := titled(map[string]int{
		"Pre-training of lamps": 8, "Pretraining": 5, "kNN": 4, "A k-NN graph": 3, "Networks": 200, "Net work": 3, "Net": 3, "Work": 9, "At once": 3, "Tention": 3, "Attention": 3,
	})
	for typed, want := range map[string][]string{
		"pre-training":       {`written "pre training" | pretraining 5`},
		"pretraining":        {`written pretraining | "pre training" 8`},
		"k-NN":               {`written "k nn" | knn 4`},
		"kNN":                {`written knn | "k nn" 3`},
		"title:pretraining":  {`written title:pretraining | title:"pre training" 8`},
		"network":            nil, // three of two hundred are a trifle
		"attention":          nil, // its halves never stand together
		"author:pretraining": nil, "-pretraining lamp": nil, "pretrain*": nil,
	} {
		got := told(must(reader(s).Written(t.Context(), asks(t, typed))))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
	}
}

func TestWhatFindsNothingIsAskedOtherwise(t *testing.T) {
	s := titled(map[string]int{"Diffusion of lamps": 3, "Lamps of soup": 4, "E-commerce": 9, "Commerce": 30, "Searchable soup": 2, "Ecommerce": 1})
	s.papers = append(s.papers, paper("old", "Lanterns", "cs.LG", "2026-11-01"), paper("older", "Candles", "cs.LG", "2020-01-01"), paper("far", "Galaxy", "astro-ph.GA", "2026-11-20"))
	since := func(q core.Query) core.Query { q.Since = "2026-11-17"; return q }
	for typed, want := range map[string][]string{
		"lantern":        {"earlier lantern 1"},
		"candle":         {"earlier candle 1"},
		"galaxy":         {"wider galaxy cat:* 1"},
		`"soup lamp"`:    {"loose soup lamp 4"},
		"abstract:lamp":  {"loose lamp 7"},
		"searching":      nil,
		"searchabel":     {"beginning searchab* 2"},
		"diffusion soup": {"without diffusion 3"}, // what leaves most of what was asked
		"lamp -lamp":     {"without lamp 7"},
		"difusoin":       {"spelling diffusion 3"},
		"asdf":           nil,
		"asdf cat:cs.*":  nil, // a category alone is another question
	} {
		q := since(asks(t, typed))
		got := told(must(reader(s).Instead(t.Context(), q)))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
	}
	// ecommerce is e-commerce, however near commerce is.
	s.papers = slices.DeleteFunc(s.papers, func(p core.Paper) bool { return p.Title == "Ecommerce" })
	same(t, told(must(reader(s).Instead(t.Context(), asks(t, "ecommerce"))))[0], `written "e commerce" 9`)
	// How far back is told by the day.
	for _, h := range must(reader(s).Instead(t.Context(), since(asks(t, "lantern")))) {
		same(t, h.Since, core.DateOf(now).AddDays(-30))
	}
	for _, h := range must(reader(s).Instead(t.Context(), since(asks(t, "candle")))) {
		same(t, h.Since, core.Date(""))
	}
}

func TestEveryHintFindsWhatItSays(t *testing.T) {
	s := titled(map[string]int{"Diffusion of lamps": 5, "Pre-training": 4, "Pretraining lamps": 4, "Transformer soup": 6, "A survey of soup": 3})
	s.papers = append(s.papers, paper("far", "Diffusion of nebulae", "astro-ph.GA", "2026-10-20"))
	r := reader(s)
	word := rapid.SampledFrom([]string{"diffusion", "difusion", "lamp", "pretraining", "pre-training", "trasnformer", "soup", `"soup lamp"`, "title:nebula", "survay", "abstract:lamp", "-soup", "cat:cs.LG", "author:doe", "has:code", "asdf", "lam*"})
	rapid.Check(t, func(t *rapid.T) {
		typed := ""
		for range rapid.IntRange(1, 4).Draw(t, "terms") {
			typed += word.Draw(t, "term") + rapid.SampledFrom([]string{" ", " ", " ", " | "}).Draw(t, "then")
		}
		asked, err := topic.Parse(typed + "soup")
		if err != nil {
			return
		}
		q := core.Query{Topic: asked, Scope: topic.Scope{Patterns: []string{"cs.*"}}, Since: rapid.SampledFrom([]core.Date{"", "2026-11-19", "2026-11-21"}).Draw(t, "since")}
		for _, find := range []func() ([]query.Hint, error){
			func() ([]query.Hint, error) { return r.Instead(t.Context(), q) },
			func() ([]query.Hint, error) { return r.Spelling(t.Context(), q) },
		} {
			hints, err := find()
			if err != nil || len(hints) > 4 {
				t.Fatalf("%v %v", hints, err)
			}
			for _, h := range hints {
				found, _ := s.Search(t.Context(), core.Query{Topic: h.Topic, Scope: q.Scope, Since: h.Since})
				if h.Found == 0 || found.Total != h.Found {
					t.Fatalf("%s since %s: %s %s since %s finds %d and not %d", asked, q.Since, h.Kind, h.Topic, h.Since, found.Total, h.Found)
				}
			}
		}
	})
}

func TestTooMuchIsNarrowed(t *testing.T) {
	s := titled(map[string]int{"Diffusion of lamps": 60})
	for i := range s.papers {
		p := &s.papers[i]
		if p.Day = "2026-11-24"; i%2 == 0 {
			p.Title, p.Abstract = "Lamps", "About diffusion."
		}
		if i%4 == 0 {
			p.Categories = []string{"cs.CV"}
		}
		if i%10 == 0 {
			n := i
			p.Upvotes = &n
		}
	}
	r := reader(s)
	f := must(r.Forecast(t.Context(), channel(), follow(t, "diffusion")[0].Topic, 30, 0))
	same(t, told(must(r.Less(t.Context(), f, 40))), []string{"narrower title:diffusion 30", "narrower diffusion min:5 5", "narrower diffusion min:20 4"})
	same(t, told(must(r.Less(t.Context(), f, 1)))[0], "narrower diffusion min:20 4")
}

func TestAYoungStoreSaysHowMuchItKnows(t *testing.T) {
	ch := channel()
	today := ch.Day(now)
	for _, c := range []struct {
		first       core.Date
		known, days int
	}{
		{today, 1, 30}, {today.AddDays(-1), 2, 30}, {today.AddDays(-18), 19, 30}, {today.AddDays(-19), 30, 30}, {today.AddDays(-29), 30, 30},
		{today.AddDays(-30), 30, 30}, {today.AddDays(-90), 0, 30}, {today.AddDays(-2), 3, 7}, {today.AddDays(-4), 7, 7},
	} {
		s := &shelf{papers: []core.Paper{paper("a", "Lamps", "cs.LG", c.first)}}
		f := must(reader(s).Forecast(t.Context(), channel(), follow(t, "soup")[0].Topic, c.days, 0))
		if f.Known != c.known {
			t.Errorf("papers since %s: %d of %d days known, want %d", c.first, f.Known, c.days, c.known)
		}
	}
	s := &shelf{papers: []core.Paper{paper("a", "Lamps", "cs.LG", today), paper("b", "Lamps", "cs.LG", today)}}
	f := must(reader(s).Forecast(t.Context(), channel(), follow(t, "lamp")[0].Topic, 30, 0))
	same(t, []any{f.Weekdays, f.PerWeekday()}, []any{1, 2.0})
}

func TestWhatNobodyKnowsIsFoundOut(t *testing.T) {
	s := titled(map[string]int{"Lamps": 1})
	s.sources = []core.SourceState{{Source: "hf"}, {Source: "Lab News"}}
	s.papers = append(s.papers, core.Paper{ID: "new", Title: "New", Categories: []string{"cs.QU"}, Sources: []string{"Gone Feed"}})
	for typed, want := range map[string]string{
		"cat:cs.LG -cat:cs.*": "", "cat:CS.ai": "", "cat:hep-th": "", "cat:*": "", "cat:cmp-lg": "", "lamp": "",
		"cat:cs.QU": "", // arXiv has it now: a paper says so
		"cat:cs.ZZ": "cat cs.ZZ", "lamp -cat:cs.ZZ": "cat cs.ZZ", "lamp | cat:xx.*": "cat xx.*",
		"source:hf": "", "source:arxiv": "", `source:"lab news"`: "", `source:"gone feed"`: "",
		"source:arxv": "source arxv [arxiv]", `source:"lab newz"`: "source lab newz [lab news]", "source:nature": "source nature [hf arxiv lab news]",
	} {
		got := ""
		if u, unknown, err := reader(s).Unknown(t.Context(), follow(t, typed)[0].Topic); unknown {
			if got = fmt.Sprint(u.Field, " ", u.Value); u.Near != nil {
				slices.SortFunc(u.Near, func(a, b string) int { return len(a) - len(b) })
				got += fmt.Sprint(" ", u.Near)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
	}
}
