package query_test

import (
	"fmt"
	"strings"
	"testing"

	"paperboy/core"
)

// What people paste is read leniently: what is damaged costs itself alone.
func TestWhatIsGivenToLearnFromIsRead(t *testing.T) {
	s := &shelf{}
	for i, title := range []string{"LoRA: Low-Rank Adaptation of Models", "Attention is All You Need", "Graph matching", "Graph colouring"} {
		s.papers = append(s.papers, paper(core.PaperID(fmt.Sprintf("2509.0000%d", i)), title, "cs.LG", "2026-11-20"))
	}
	for _, c := range []struct {
		story, given string
		papers       []core.PaperID
		unknown      []string
	}{
		{"ids", "2509.00000 2509.00002, 2509.00009", []core.PaperID{"2509.00000", "2509.00002"}, []string{"2509.00009"}},
		{"links, one of them twice", "see https://arxiv.org/abs/2509.00001v2 (and arxiv.org/pdf/2509.00001)\n<https://huggingface.co/papers/2509.00003>", []core.PaperID{"2509.00001", "2509.00003"}, nil},
		{"BibTeX by id, by DOI, by title", `@article{a, title={Whatever}, eprint = {2509.00000}, archivePrefix={arXiv}}
			@misc{b, doi="10.48550/arXiv.2509.00003"}
			@inproceedings{vaswani, year = 2017, title = {{Attention} is {A}ll You
			  Need}, author={Vaswani}}
			@book{c, title="Nobody's book"}`, []core.PaperID{"2509.00000", "2509.00003", "2509.00001"}, []string{"Nobody's book"}},
		{"BibTeX that breaks off", "@article{a, title={Graph matching}\n@article{b, title = {Graph col", []core.PaperID{"2509.00002"}, []string{"Graph col"}},
		{"RIS", "TY  - JOUR\r\nTI  - Graph colouring\r\nER  - \r\n\r\nTY  - JOUR\nT1  - Graph painting\nER  - \n", []core.PaperID{"2509.00003"}, []string{"Graph painting"}},
		{"prose", "we match graphs", nil, nil},
	} {
		l := must(reader(s).Learn(t.Context(), channel(), c.given))
		var got []core.PaperID
		for _, p := range l.Papers {
			got = append(got, p.ID)
		}
		if l.Prose {
			got = nil
		}
		t.Log(c.story)
		same(t, got, c.papers)
		same(t, l.Unknown, c.unknown)
		same(t, l.Prose, c.story == "prose")
	}
}

func TestTopicsAreProposedThatCoverWhatWasGivenAndBringFew(t *testing.T) {
	s := &shelf{}
	var ids []string
	add := func(n int, title string, given bool) {
		for range n {
			id := fmt.Sprintf("2511.%05d", len(s.papers))
			s.papers = append(s.papers, paper(core.PaperID(id), title, "cs.LG", "2026-11-20"))
			if given {
				ids = append(ids, id)
			}
		}
	}
	add(3, "Graph matching with transformers", true)
	add(3, "Protein folding with transformers", true)
	add(1, "A zebra of transformers", true)
	add(150, "Transformers", false)
	l := must(reader(s).Learn(t.Context(), channel(), strings.Join(ids, " ")))
	var got []string
	for _, p := range l.Proposals {
		got = append(got, fmt.Sprintf("%s covers %d", p.Topic.String(), p.Covers))
		if p.Forecast.PerWeekday() > 3 {
			t.Errorf("%s brings %.1f a weekday", p.Topic.String(), p.Forecast.PerWeekday())
		}
	}
	same(t, got, []string{`"protein folding" covers 3`, `"graph matching" covers 3`})
}

// Twenty topics would do: five are proposed.
func TestNoMoreThanFiveTopicsAreProposed(t *testing.T) {
	s := &shelf{}
	var ids []string
	for i := range 40 {
		id := fmt.Sprintf("2511.%05d", i)
		s.papers = append(s.papers, paper(core.PaperID(id), fmt.Sprintf("Folding protein%d", i/2), "cs.LG", "2026-11-20"))
		ids = append(ids, id)
	}
	same(t, len(must(reader(s).Learn(t.Context(), channel(), strings.Join(ids, " "))).Proposals), 5)
}

func FuzzLearn(f *testing.F) {
	for _, s := range []string{"2509.24002", "@article{a, title={A {B} c}}", "@a{title=", "TY  - JOUR\nTI  - x", "@a{,title={}}", "we train robots"} {
		f.Add(s)
	}
	s := &shelf{papers: []core.Paper{paper("2509.00000", "A B c", "cs.LG", "")}}
	f.Fuzz(func(t *testing.T, given string) {
		l, err := reader(s).Learn(t.Context(), channel(), given)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(l.Papers) + len(l.Unknown); n > core.MostSeeds {
			t.Fatalf("%d papers", n)
		}
	})
}
