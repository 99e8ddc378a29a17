package query_test

import (
	"fmt"
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/core/query"
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

	// Of a library fifty are looked at, and it is told how many are not.
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("2512.%05d", i))
	}
	l := must(reader(s).Learn(t.Context(), channel(), strings.Join(ids, " ")))
	same(t, []int{len(l.Papers), len(l.Unknown), l.Beyond}, []int{40, 10, 30})
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

// likes are the proposals by meaning, as "topic covers n".
func likes(l query.Lesson) (out []string) {
	for _, p := range l.Proposals {
		if len(p.Topic.Likes()) > 0 {
			out = append(out, fmt.Sprintf("%s covers %d: %s", p.Topic.String(), p.Covers, p.Like))
		}
	}
	return out
}

var forgetting = []string{"Making networks forget what they memorized", "Erasing copyrighted knowledge", "Deletion requests: removing sensitive data", "Unlearned, retained: a benchmark of forgetting"}

// Papers about one thing that no two say in the same words: a topic of words would
// bring none of the others, one by meaning brings them.
func TestWhatWordsLeaveOutIsProposedByMeaning(t *testing.T) {
	s := &shelf{}
	var ids []string
	add := func(title string, given bool) {
		id := fmt.Sprintf("2511.%05d", len(s.papers))
		s.papers = append(s.papers, paper(core.PaperID(id), title, "cs.LG", "2026-11-20"))
		if given {
			ids = append(ids, id)
		}
	}
	for _, title := range forgetting {
		add(title, true)
	}
	for range 20 {
		add("Gaussian splatting of rooms", false)
	}
	given := strings.Join(ids, " ")
	same(t, likes(must(reader(s).Learn(t.Context(), channel(), given))), []string{"like:2511.00003 covers 4: " + forgetting[3]})

	// Where words cover nearly all, meaning need not be asked.
	words := &shelf{}
	var most []string
	for i, title := range []string{"Unlearning by gradients", "Unlearning in vision", "Unlearning audits", "Unlearning for speech", "Unlearning tables", "Unlearning at home", forgetting[1], forgetting[3]} {
		most = append(most, fmt.Sprintf("2511.%05d", i))
		words.papers = append(words.papers, paper(core.PaperID(most[i]), title, "cs.LG", "2026-11-20"))
	}
	same(t, likes(must(reader(words).Learn(t.Context(), channel(), strings.Join(most, " ")))), []string(nil))

	// A like: that would bring too much is tried more strictly, and then not at all.
	for range 100 {
		add(forgetting[3], false)
	}
	same(t, likes(must(reader(s).Learn(t.Context(), channel(), given))), []string(nil))
}

// A paragraph that is short enough for a button is proposed as it stands.
func TestOwnWordsAreProposedAsTheyStand(t *testing.T) {
	s := &shelf{}
	for i, title := range append(forgetting, "Gaussian splatting") {
		s.papers = append(s.papers, paper(core.PaperID(fmt.Sprintf("2511.%05d", i)), title, "cs.LG", "2026-11-20"))
	}
	l := must(reader(s).Learn(t.Context(), channel(), "models that \"forget\" what they\nmemorized"))
	same(t, likes(l), []string{`like:"model that forget what they memorized" covers 3: `})
	l = must(reader(s).Learn(t.Context(), channel(), "models that forget what they memorized of people, their secrets and their sensitive records"))
	same(t, len(likes(l)), 1)
	if l.Proposals[len(l.Proposals)-1].Like == "" {
		t.Error("a text for which no button has room is proposed")
	}
}

// A word that happens to stand in two titles and says nothing of them is not proposed.
func TestAWordThatSaysNothingIsNoProposal(t *testing.T) {
	s := &shelf{}
	var ids []string
	for i, title := range []string{"Erasure, again", "Unlearning again", forgetting[0]} {
		id := fmt.Sprintf("2511.%05d", i)
		p := paper(core.PaperID(id), title, "cs.LG", "2026-11-20")
		p.Abstract = "Language models memorize private training data, which attackers can extract by prompting. Unlearning erases the leaked records from a trained model without retraining, while utility on retained data stays. We audit erasure with membership inference."
		s.papers = append(s.papers, p)
		ids = append(ids, id)
	}
	for _, p := range must(reader(s).Learn(t.Context(), channel(), strings.Join(ids, " "))).Proposals {
		if p.Topic.String() == "again" {
			t.Errorf("%q is proposed for %d papers", p.Topic.String(), p.Covers)
		}
	}
}
