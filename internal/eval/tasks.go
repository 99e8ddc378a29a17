package eval

import (
	_ "embed"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/excerpt"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// Question is what somebody might type, and the papers that it asks for, by place.
type Question struct {
	Text     string
	Relevant map[int]bool
}

// Task is questions of a kind.
type Task struct {
	Name      string
	About     string // in a sentence
	Questions []Question
	// Judged papers are those of which it is known whether they belong to a question.
	// The others are taken out of a ranking before its first places are measured
	// (condensed lists, Sakai 2007), for who asks for "quantization" is not badly
	// served by a paper that nobody labelled. Recall is that of the whole ranking.
	// nil: all.
	Judged []bool
}

// Set is papers to be searched, and what they are searched for.
type Set struct {
	Papers []core.Paper // as they are indexed, oldest first
	Tasks  []Task

	people []person
	half   Half
	place  map[core.PaperID]int
	given  []core.Paper // the papers as Read gave them
	hide   []bool       // labelled papers of the other half: in no ranking
}

// seed is of all choices by lot.
const seed = 12

// NewSet makes the tasks of a half, each with so many questions at most. Papers that
// are looked for by their own title or by a sentence of theirs are indexed without
// it; they are of those that no other task is judged by.
func NewSet(papers []core.Paper, half Half, most int) (*Set, error) {
	s := &Set{Papers: slices.Clone(papers), half: half, place: map[core.PaperID]int{}, given: papers, hide: make([]bool, len(papers))}
	for i := range papers {
		s.place[papers[i].ID] = i
		s.hide[i] = len(papers[i].Keywords) > 0 && !half.of(&papers[i])
		s.Papers[i].Keywords, s.Papers[i].Summary, s.Papers[i].Upvotes = nil, "", nil
	}
	hs, err := readHeadings(papers, half)
	if err != nil {
		return nil, err
	}
	s.people = newPeople(papers, hs)
	s.Tasks = []Task{s.filed(hs), s.keywords(most), s.summaries(most), s.titles(most), s.sentences(most), s.categories()}
	s.Tasks = slices.DeleteFunc(s.Tasks, func(t Task) bool { return len(t.Questions) == 0 })
	return s, nil
}

// Places are the places of papers, without those that no ranking has.
func (s *Set) Places(ids []core.PaperID) []int {
	places := make([]int, 0, len(ids))
	for _, id := range ids {
		if i, ok := s.place[id]; ok && !s.hide[i] {
			places = append(places, i)
		}
	}
	return places
}

// labelled are the papers of the half with keywords.
func (s *Set) labelled() []bool {
	judged := make([]bool, len(s.given))
	for i := range s.given {
		judged[i] = len(s.given[i].Keywords) > 0 && !s.hide[i]
	}
	return judged
}

//go:embed headings.txt
var headings string

// heading is one of headings.txt, with the labelled papers of either half that
// belong there.
type heading struct {
	name   string
	papers map[int]bool
}

// readHeadings are those of the half: every other one.
func readHeadings(papers []core.Paper, half Half) (all []heading, err error) {
	n := 0
	for line := range strings.Lines(headings) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		at := strings.LastIndex(line, ": ")
		if at < 0 {
			return nil, fmt.Errorf("%q has no keywords", line)
		}
		if n++; (n%2 == 1) != (half == Report) {
			continue
		}
		var phrases []string
		for p := range strings.SplitSeq(line[at+2:], ";") {
			phrases = append(phrases, phrase(p))
		}
		h := heading{line[:at], map[int]bool{}}
		for i := range papers {
			if slices.ContainsFunc(papers[i].Keywords, func(k string) bool {
				words := phrase(k)
				return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(words, p) })
			}) {
				h.papers[i] = true
			}
		}
		all = append(all, h)
	}
	return all, nil
}

func (s *Set) filed(hs []heading) Task {
	t := Task{Name: "headings", About: "headings as people file papers under them, typed as they stand; a paper belongs there by a keyword of Hugging Face's", Judged: s.labelled()}
	for _, h := range hs {
		q := Question{Text: h.name, Relevant: maps.Clone(h.papers)}
		maps.DeleteFunc(q.Relevant, func(i int, _ bool) bool { return s.hide[i] })
		if len(q.Relevant) > 0 {
			t.Questions = append(t.Questions, q)
		}
	}
	return t
}

// phrase is words side by side, so that one contains another whole.
func phrase(s string) string { return " " + strings.Join(text.Words(s), " ") + " " }

// How many papers of the half a keyword has that is asked for: with fewer it is a
// name, with more it says nothing.
const fewest, mostPapers = 3, 60

func (s *Set) keywords(most int) Task {
	t := Task{Name: "keywords", About: "keywords of Hugging Face's, each with 3 to 60 papers", Judged: s.labelled()}
	by := map[string]*Question{}
	for i := range s.given {
		if !t.Judged[i] {
			continue
		}
		for _, k := range s.given[i].Keywords {
			key := phrase(k)
			if by[key] == nil {
				by[key] = &Question{Text: k, Relevant: map[int]bool{}}
			}
			by[key].Relevant[i] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(by)) {
		if n := len(by[key].Relevant); n >= fewest && n <= mostPapers && strings.TrimSpace(key) != "" {
			t.Questions = append(t.Questions, *by[key])
		}
	}
	t.Questions = sample(t.Questions, most)
	return t
}

func (s *Set) summaries(most int) Task {
	t := Task{Name: "summaries", About: "Hugging Face's one sentence about a paper, which is looked for"}
	for i := range s.given {
		if s.given[i].Summary != "" && !s.hide[i] {
			t.Questions = append(t.Questions, Question{Text: s.given[i].Summary, Relevant: map[int]bool{i: true}})
		}
	}
	t.Questions = sample(t.Questions, most)
	return t
}

// lot are places of papers of the half without keywords, in an order by lot.
func (s *Set) lot(stream uint64) []int {
	var places []int
	for _, i := range rand.New(rand.NewPCG(seed, stream)).Perm(len(s.given)) {
		if len(s.given[i].Keywords) == 0 && s.half.of(&s.given[i]) {
			places = append(places, i)
		}
	}
	return places
}

func (s *Set) titles(most int) Task {
	t := Task{Name: "titles", About: "a title, which is not indexed; its paper is looked for"}
	for _, i := range s.lot(1) {
		if len(t.Questions) < most && s.given[i].Abstract != "" {
			t.Questions = append(t.Questions, Question{Text: s.given[i].Title, Relevant: map[int]bool{i: true}})
			s.Papers[i].Title = untitled
		}
	}
	return t
}

const untitled = "Untitled"

// A sentence that is asked for has some words, and its abstract others.
const leastWords, leastSentences = 8, 4

func (s *Set) sentences(most int) Task {
	t := Task{Name: "sentences", About: "a sentence of an abstract, which is indexed without it"}
	rnd := rand.New(rand.NewPCG(seed, 2))
	for _, i := range s.lot(3) {
		p := &s.Papers[i]
		spans := excerpt.Sentences(p.Abstract)
		if len(t.Questions) == most || p.Title == untitled || len(spans) < leastSentences {
			continue
		}
		at := spans[rnd.IntN(len(spans))]
		sentence := p.Abstract[at.Start:at.End]
		if len(text.Words(sentence)) < leastWords {
			continue
		}
		p.Abstract = p.Abstract[:at.Start] + p.Abstract[at.End:]
		t.Questions = append(t.Questions, Question{Text: strings.Join(strings.Fields(sentence), " "), Relevant: map[int]bool{i: true}})
	}
	return t
}

// leastListed is how many papers of the half a category has that is asked for.
const leastListed = 20

func (s *Set) categories() Task {
	t := Task{Name: "categories", About: "the name of a category of arXiv, in words; papers that are listed there belong", Judged: make([]bool, len(s.given))}
	by := map[string]map[int]bool{}
	for i := range s.given {
		if len(s.given[i].Categories) == 0 || !s.half.of(&s.given[i]) {
			continue
		}
		t.Judged[i] = true
		for _, c := range s.given[i].Categories {
			if by[c] == nil {
				by[c] = map[int]bool{}
			}
			by[c][i] = true
		}
	}
	for _, c := range topic.Categories {
		if len(by[c.ID]) >= leastListed {
			t.Questions = append(t.Questions, Question{Text: c.Name, Relevant: by[c.ID]})
		}
	}
	return t
}

// sample are at most so many of the questions, by lot, in their order.
func sample(all []Question, most int) []Question {
	chosen := rand.New(rand.NewPCG(seed, 4)).Perm(len(all))
	chosen = chosen[:min(most, len(all))]
	slices.Sort(chosen)
	out := make([]Question, len(chosen))
	for i, c := range chosen {
		out[i] = all[c]
	}
	return out
}

// first is up to k of the places of a ranking that keep lets through.
func first(ranking []int, k int, keep func(int) bool) []int {
	out := make([]int, 0, min(k, len(ranking)))
	for _, i := range ranking {
		if len(out) < k && keep(i) {
			out = append(out, i)
		}
	}
	return out
}
