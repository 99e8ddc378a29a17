package core_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/internal/recordings"
)

func TestCodeLinksAreFoundInProse(t *testing.T) {
	for prose, want := range map[string]string{
		"":                                                             "",
		"No code, see github.com.":                                     "",
		"Code: https://github.com/a/b.":                                "https://github.com/a/b",
		"(https://github.com/a/b)":                                     "https://github.com/a/b",
		"at \\url{https://github.com/a/b}.":                            "https://github.com/a/b",
		"https://github.com/a/b_c-d.e, and more":                       "https://github.com/a/b_c-d.e",
		"HTTP://WWW.GitHub.com/A/B;":                                   "HTTP://WWW.GitHub.com/A/B",
		"https://gitlab.com/g/p/-/tree/main":                           "https://gitlab.com/g/p/-/tree/main",
		"https://bitbucket.org/x/y!":                                   "https://bitbucket.org/x/y",
		"https://codeberg.org/x/y?":                                    "https://codeberg.org/x/y",
		"https://gitee.com/x/y":                                        "https://gitee.com/x/y",
		"see <https://github.com/a/b>":                                 "https://github.com/a/b",
		"`https://github.com/a/b`":                                     "https://github.com/a/b",
		"page https://a.github.io/ and https://github.com/a/b.":        "https://github.com/a/b",
		"https://notgithub.com/a/b":                                    "",
		"https://github.com.evil.example/a":                            "",
		"https://github.com/":                                          "",
		"https://evil.example/https://github.com/a/b":                  "https://github.com/a/b",
		"two: https://github.com/a/b and https://github.com/c/d":       "https://github.com/a/b",
		"a footnote https://github.com/a/b\u201d and https://x.org/":   "https://github.com/a/b",
		"Chinese full stop https://github.com/a/b\u3002":               "https://github.com/a/b",
		"https://github.com/a/b{}":                                     "https://github.com/a/b",
		"https://github.com/a/b\\footnote{x}":                          "https://github.com/a/b",
		"https://github.com/a/b'":                                      "https://github.com/a/b",
		"https://github.com/a/b]":                                      "https://github.com/a/b",
		"https://github.com/a/b\u00a0next":                             "https://github.com/a/b",
		"https://huggingface.co/a is no code host but https://x.org/y": "",
	} {
		if got := core.CodeLink(prose); got != want {
			t.Errorf("%q: %q, want %q", prose, got, want)
		}
	}
}

func TestSevenPapersOfThePageHaveCode(t *testing.T) {
	f, err := os.Open(recordings.File(t, "seed_page.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	papers, code := 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); papers++ {
		var p core.Paper
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		p.Clean()
		if p.Code != "" {
			code++
			if last := p.Code[len(p.Code)-1]; last == '.' || last == ')' {
				t.Errorf("prose is glued to %s", p.Code)
			}
		}
	}
	if papers != 33 || code != 7 {
		t.Errorf("%d of %d papers have code, want 7 of 33", code, papers)
	}
}

func TestCleanCollapsesWhatSourcesWrap(t *testing.T) {
	p := core.Paper{Title: " Large\n  Models\t", Abstract: "  We learn.\nAt https://github.com/a/b.\n", Authors: []string{" Ana  B. ", "", " \n"}}
	p.Clean()
	want := core.Paper{Title: "Large Models", Abstract: "We learn. At https://github.com/a/b.", Authors: []string{"Ana B."}, Code: "https://github.com/a/b"}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	p = core.Paper{Abstract: "https://github.com/a/b", Code: "https://github.com/named/by-source"}
	if p.Clean(); p.Code != "https://github.com/named/by-source" {
		t.Errorf("the source's own link was lost: %s", p.Code)
	}
}

func TestNewsIsMerged(t *testing.T) {
	one, two := 1, 2
	old := core.Paper{ID: "2611.00001", Version: 2, Title: "Second", Abstract: "Second text.", Authors: []string{"Ana"}, Categories: []string{"cs.LG"},
		Sources: []string{"arxiv"}, Published: "2026-11-02", Upvotes: &one, Code: "https://github.com/a/b"}
	for _, c := range []struct {
		name string
		news core.Paper
		want func(*core.Paper)
	}{
		{"silence erases nothing", core.Paper{ID: "2611.00001"}, func(*core.Paper) {}},
		{"an older version's words change nothing", core.Paper{ID: "2611.00001", Version: 1, Title: "First", Abstract: "First text.", Authors: []string{"Ben"}}, func(*core.Paper) {}},
		{"words without a version neither", core.Paper{ID: "2611.00001", Title: "On HF", Abstract: "HF text."}, func(*core.Paper) {}},
		{"a newer version's do", core.Paper{ID: "2611.00001", Version: 3, Title: "Third", Abstract: "Third text.", Authors: []string{"Ana", "Ben"}}, func(p *core.Paper) {
			p.Version, p.Title, p.Abstract, p.Authors = 3, "Third", "Third text.", []string{"Ana", "Ben"}
		}},
		{"votes follow", core.Paper{ID: "2611.00001", Upvotes: &two, Sources: []string{"hf"}}, func(p *core.Paper) { p.Upvotes, p.Sources = &two, []string{"arxiv", "hf"} }},
		{"the first date stands", core.Paper{ID: "2611.00001", Published: "2026-11-05"}, func(*core.Paper) {}},
		{"an earlier one is better", core.Paper{ID: "2611.00001", Published: "2026-11-01"}, func(p *core.Paper) { p.Published = "2026-11-01" }},
		{"withdrawn is withdrawn", core.Paper{ID: "2611.00001", Version: 3, Withdrawn: true}, func(p *core.Paper) { p.Version, p.Withdrawn = 3, true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := old
			c.want(&want)
			if diff := cmp.Diff(want, core.Merge(old, c.news)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// papers are papers of one id as sources may send them, cleaned.
func papers() *rapid.Generator[core.Paper] {
	word := rapid.SampledFrom([]string{"", "", "a", "b", "c"})
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 2)
	count := rapid.Custom(func(t *rapid.T) *int {
		if n := rapid.IntRange(-1, 2).Draw(t, "n"); n >= 0 {
			return &n
		}
		return nil
	})
	return rapid.Custom(func(t *rapid.T) core.Paper {
		s := func(label string) string { return word.Draw(t, label) }
		p := core.Paper{
			ID: "2611.00001", Version: rapid.IntRange(0, 3).Draw(t, "version"), Title: s("title"), Abstract: s("abstract"),
			Authors: words.Draw(t, "authors"), Categories: words.Draw(t, "categories"), Sources: words.Draw(t, "sources"),
			Published: rapid.SampledFrom([]core.Date{"", "2026-11-01", "2026-11-02"}).Draw(t, "published"),
			Upvotes:   count.Draw(t, "upvotes"), Comments: count.Draw(t, "comments"), Stars: count.Draw(t, "stars"),
			Code: s("code"), Project: s("project"), Summary: s("summary"), Keywords: words.Draw(t, "keywords"), Organization: s("organization"),
			Thumbnail: s("thumbnail"), Comment: s("comment"), Journal: s("journal"), DOI: s("doi"), Link: s("link"), Withdrawn: rapid.Bool().Draw(t, "withdrawn"),
		}
		p.Clean()
		return core.Merge(core.Paper{ID: p.ID}, p)
	})
}

func TestMergingTheSameAgainChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, news := papers().Draw(t, "old"), papers().Draw(t, "news")
		once := core.Merge(old, news)
		if diff := cmp.Diff(once, core.Merge(once, news)); diff != "" {
			t.Errorf("-once +twice\n%s", diff)
		}
		if diff := cmp.Diff(old, core.Merge(old, old)); diff != "" {
			t.Errorf("with itself: -before +after\n%s", diff)
		}
	})
}

func TestMergingNeverForgets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, news := papers().Draw(t, "old"), papers().Draw(t, "news")
		m := core.Merge(old, news)
		for field, lost := range map[string]bool{
			"title": old.Title != "" && m.Title == "", "abstract": old.Abstract != "" && m.Abstract == "", "authors": len(old.Authors) > 0 && len(m.Authors) == 0,
			"categories": len(old.Categories) > 0 && len(m.Categories) == 0, "upvotes": old.Upvotes != nil && m.Upvotes == nil, "comments": old.Comments != nil && m.Comments == nil,
			"stars": old.Stars != nil && m.Stars == nil, "code": old.Code != "" && m.Code == "", "project": old.Project != "" && m.Project == "", "summary": old.Summary != "" && m.Summary == "",
			"keywords": len(old.Keywords) > 0 && len(m.Keywords) == 0, "organization": old.Organization != "" && m.Organization == "", "thumbnail": old.Thumbnail != "" && m.Thumbnail == "",
			"comment": old.Comment != "" && m.Comment == "", "journal": old.Journal != "" && m.Journal == "", "doi": old.DOI != "" && m.DOI == "", "link": old.Link != "" && m.Link == "",
			"withdrawal": old.Withdrawn && !m.Withdrawn, "version": m.Version < max(old.Version, 0), "published": old.Published != "" && (m.Published == "" || m.Published > old.Published),
		} {
			if lost {
				t.Errorf("the %s was lost: %+v + %+v = %+v", field, old, news, m)
			}
		}
		for _, s := range old.Sources {
			if !slices.Contains(m.Sources, s) {
				t.Errorf("source %s was lost", s)
			}
		}
	})
}
