package rank

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core/meaning"
	"paperboy/core/text"
)

func point(title, abstract string) Point {
	return NewPoint(meaning.Builtin().Read(text.Words(title), text.Words(abstract)))
}

func TestPapersThatShareAThirdOfTheirWeightAreOneStory(t *testing.T) {
	along := func(cosine float32) Point {
		return Point{words: []weight{{1, cosine}, {2, float32(math.Sqrt(float64(1 - cosine*cosine)))}}}
	}
	if lora := along(1); !NearDuplicate(lora, along(0.31)) || NearDuplicate(lora, along(0.29)) {
		t.Error("the line between two stories and one is not at 0.3")
	}
}

func TestNotForUsPushesItsKindDown(t *testing.T) {
	survey, twin := point("Federated LoRA", "a sparse model"), point("LoRA federated", "a sparse, linear model")
	other := point("Video diffusion", "")
	if !NearDuplicate(survey, twin) || NearDuplicate(survey, other) {
		t.Fatal("the twins are not taken for twins, or the others are")
	}
	liked := []Point{survey, twin, other}
	affinity := func(p Point, up, down []Point) float64 {
		taste := NewTaste(up, down, Leaning{})
		return taste.Affinity(p)
	}
	if a := affinity(twin, liked, nil); a <= 0 {
		t.Errorf("without a vote down: %v", a)
	}
	if a := affinity(twin, liked, []Point{survey}); a != -1 {
		t.Errorf("a near-duplicate of what is not for us has %v", a)
	}
	if a := affinity(other, liked, []Point{survey}); a <= 0 {
		t.Errorf("what is liked has %v", a)
	}
	if a := affinity(point("Attention for video diffusion LoRA", "federated graph colouring of proteins"), nil, []Point{point("Attention, sparse, linear", "")}); a >= 0 || a == -1 {
		t.Errorf("what is a little like it has %v", a)
	}
	if a := affinity(other, nil, nil); a != 0 {
		t.Errorf("without votes: %v", a)
	}
}

// Meaning brings up what shares no word with what was voted for.
func TestATasteKnowsWhatIsMeant(t *testing.T) {
	taste := NewTaste([]Point{point("Generating pictures from text", "with denoising"), point("Image synthesis", "by a denoiser")}, nil, Leaning{})
	near, far := point("Diffusion", ""), point("Combinatorics", "")
	for _, p := range []Point{near, far} {
		if p.shared(taste.likes[0]) != 0 {
			t.Fatal("they share a word")
		}
	}
	if a, b := taste.Affinity(near), taste.Affinity(far); a <= b || a <= 0 {
		t.Errorf("diffusion %.2f, combinatorics %.2f", a, b)
	}
}

func TestTwoInterestsAreTwoClusters(t *testing.T) {
	about := func(robots, proteins float32) Point { return Point{vector: unit([]float32{robots, proteins, 0.05})} }
	var up []Point
	for range 4 {
		up = append(up, about(0, 1), about(1, 0))
	}
	robot := about(1, 0)
	taste := NewTaste(up, nil, Leaning{})
	if fmt.Sprint(taste.Clusters) != "[[0 2 4 6] [1 3 5 7]]" {
		t.Errorf("clusters %v", taste.Clusters)
	}
	one := NewTaste(up[:7], nil, Leaning{})
	if len(one.Clusters) != 1 {
		t.Errorf("three of one and four of the other are %v: too few to tell", one.Clusters)
	}
	if a, b := taste.Affinity(robot), one.Affinity(robot); a <= b {
		t.Errorf("a robot has %.2f with an interest of its own, %.2f without", a, b)
	}
	near := NewTaste([]Point{about(1, 0.9), about(0.9, 1), about(1, 0.9), about(0.9, 1), about(1, 0.9), about(0.9, 1), about(1, 0.9), about(0.9, 1)}, nil, Leaning{})
	if len(near.Clusters) != 1 {
		t.Errorf("one interest is %v", near.Clusters)
	}
}

// What somebody wants more of, less of, or not to count, moves papers with that word.
func TestATasteLeans(t *testing.T) {
	up := []Point{point("Robot grasping", "of cups"), point("Robot arms", "that hold cups")}
	robot, protein := point("A robot", "for the kitchen"), point("Protein folding", "of enzymes")
	word := func(w string) []Point { return []Point{NewPoint(meaning.Builtin().Read(text.Words(w), nil))} }
	affinity := func(p Point, l Leaning) float64 {
		taste := NewTaste(up, nil, l)
		return taste.Affinity(p)
	}
	plain := Leaning{}
	if a, b := affinity(protein, plain), affinity(protein, Leaning{More: word("protein")}); b <= a {
		t.Errorf("more of it: %.2f, before %.2f", b, a)
	}
	if a, b := affinity(robot, plain), affinity(robot, Leaning{Less: word("robot")}); b >= a {
		t.Errorf("less of it: %.2f, before %.2f", b, a)
	}
	forgotten := Leaning{Forgotten: []meaning.Term{meaning.Builtin().Term("robot")}}
	if a, b := affinity(robot, plain), affinity(robot, forgotten); b >= a {
		t.Errorf("forgotten: %.2f, before %.2f", b, a)
	}
	taste := NewTaste(up, nil, forgotten)
	for _, term := range taste.Words(0, 99) {
		if term == meaning.Builtin().Term("robot") {
			t.Error("it is forgotten, and stands there still")
		}
	}
	if a := affinity(protein, Leaning{More: word("robot")}); a != affinity(protein, Leaning{More: word("robot")}) {
		t.Error("the same taste says two things")
	}
}

func TestAffinityIsBoundedAndTheSameHoweverVotesCame(t *testing.T) {
	words := strings.Fields("model diffusion video lora sparse linear attention federated zzxxyy protein robot")
	paper := rapid.Custom(func(t *rapid.T) Point {
		some := rapid.SliceOf(rapid.SampledFrom(words))
		return point(strings.Join(some.Draw(t, "title"), " "), strings.Join(some.Draw(t, "abstract"), " "))
	})
	rapid.Check(t, func(t *rapid.T) {
		p, votes := paper.Draw(t, "paper"), rapid.SliceOfN(paper, 0, 30)
		up, down := votes.Draw(t, "up"), votes.Draw(t, "down")
		taste := NewTaste(up, down, Leaning{})
		x := taste.Affinity(p)
		if !(x >= -1 && x <= 1) {
			t.Fatalf("affinity %v", x)
		}
		if again := NewTaste(up, down, Leaning{}); again.Affinity(p) != x {
			t.Fatalf("%v, then %v", x, again.Affinity(p))
		}
		n := 0
		for _, c := range taste.Clusters {
			n += len(c)
		}
		if n != len(up) {
			t.Fatalf("%d of %d papers are in clusters", n, len(up))
		}
	})
}

// A channel with 40 votes up and 10 down is asked about 2,000 papers.
func BenchmarkTaste2000(b *testing.B) {
	var ps []Point
	for _, p := range slices.Concat(recorded(b, 0, 200)...) {
		ps = append(ps, p.point)
	}
	day, votes := ps[:2000], ps[2000:]
	for b.Loop() {
		taste := NewTaste(votes[:40], votes[40:50], Leaning{})
		for _, p := range day {
			taste.Affinity(p)
		}
	}
}

// 10,000 channels with 8 votes up and 2 down are asked about the six papers of a
// night that each gets.
func BenchmarkTaste10000Channels(b *testing.B) {
	var ps []Point
	for _, p := range slices.Concat(recorded(b, 0, 200)...) {
		ps = append(ps, p.point)
	}
	for b.Loop() {
		for c := range 10000 {
			votes := ps[c*7%(len(ps)-16):]
			taste := NewTaste(votes[:8], votes[8:10], Leaning{})
			for _, p := range votes[10:16] {
				taste.Affinity(p)
			}
		}
	}
}
