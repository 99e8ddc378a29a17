package topic

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core/meaning"
)

func TestLikeNamesAPaperOrWhatSomebodyMeans(t *testing.T) {
	for _, c := range []struct{ typed, printed, reading string }{
		{`like:2509.24002`, `like:2509.24002`, "papers like 2509.24002 (at least 60 alike)"},
		{`LIKE:2509.24002v3@70`, `like:2509.24002@70`, "papers like 2509.24002 (at least 70 alike)"},
		{`like:https://huggingface.co/papers/2509.24002`, `like:2509.24002`, "papers like 2509.24002 (at least 60 alike)"},
		{`like:“Videos of people”@60`, `like:"video of people"`, "papers like video of people (at least 60 alike)"},
		{`like:"cs/0112017"`, `like:cs/0112017`, "papers like cs/0112017 (at least 60 alike)"},
		{`lora | like:quantisation@70 cat:cs.LG -like:"survey of models"`, `lora | like:quantisation@70 cat:cs.LG -like:"survey of model"`,
			"word lora in title or abstract, or papers like quantisation (at least 70 alike), category cs.LG, no papers like survey of model (at least 60 alike)"},
	} {
		got, err := Parse(c.typed)
		if err != nil {
			t.Errorf("%s: %v", c.typed, err)
			continue
		}
		if got.String() != c.printed || got.Reading().String() != c.reading {
			t.Errorf("%s\n got %s: %s\nwant %s: %s", c.typed, got, got.Reading(), c.printed, c.reading)
		}
	}
}

// A paper that is like another has its direction, and one that nobody has is like
// nothing: what is excluded by it stays.
func TestLikeHoldsFromTheThresholdOn(t *testing.T) {
	const of, near, far = 100, 80, -100 // of a circle's first number: cosines 1, 0.8 and -1
	vector := func(x int8) meaning.Vector {
		return map[int8]meaning.Vector{of: {100, 0}, near: {80, 60}, far: {-100, 0}}[x]
	}
	alike := meaning.Builtin().Alike(vector(near).Cosine(vector(of)))
	for _, c := range []struct {
		name string
		term Term
		doc  meaning.Vector
		want bool
	}{
		{"as alike as asked", Term{Field: Like, Value: "2509.24002", N: alike, Vector: vector(of)}, vector(near), true},
		{"a little less", Term{Field: Like, Value: "2509.24002", N: alike + 1, Vector: vector(of)}, vector(near), false},
		{"the opposite", Term{Field: Like, Value: "2509.24002", N: 1, Vector: vector(of)}, vector(far), false},
		{"like a paper that nobody has", Term{Field: Like, Value: "2509.24002", N: 1}, vector(of), false},
	} {
		d := &Doc{Vector: c.doc, Code: true}
		c.term.Text = c.term.print()
		why, ok := Topic{Clauses: []Clause{{c.term}}}.Match(d)
		if ok != c.want || ok && !cmp.Equal(why, []Why{{Term: c.term.Text, Field: Like, Alike: alike}}) {
			t.Errorf("%s: %v %v", c.name, ok, why)
		}
		c.term.Not = true
		if _, ok := (Topic{Clauses: []Clause{{{Field: Has, Value: "code"}, c.term}}}).Match(d); ok == c.want {
			t.Errorf("without what is %s: %v", c.name, ok)
		}
	}
}

// Papers and words are compared as they stand, where nobody filled anything in.
func TestOwnWordsAreLikeWhatIsAboutThem(t *testing.T) {
	stars := NewDoc("Galaxy rotation curves", "We fit the velocity of stars in spiral galaxies with dark matter halos.", nil, nil, nil, false, nil)
	pictures := NewDoc("Synthesising pictures from captions", "A denoising network paints images that follow a text prompt.", nil, nil, nil, false, nil)
	wanted, err := Parse(`like:"how fast galaxies rotate"@1`)
	if err != nil {
		t.Fatal(err)
	}
	near, _ := wanted.Match(stars)
	far, _ := wanted.Match(pictures)
	if len(near) == 0 || near[0].Alike < 40 || len(far) > 0 && far[0].Alike > 20 {
		t.Errorf("galaxies are %v alike, pictures %v", near, far)
	}
}
