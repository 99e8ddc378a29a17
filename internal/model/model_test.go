package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	"paperboy/core/meaning"
	"paperboy/core/text"
	"paperboy/internal/recordings"
)

// subjects have words that never stand in one paper with those of another.
var subjects = [][]string{
	{"lamp", "light", "bulb", "shade", "glow", "wick", "candle", "lantern", "beam", "filament"},
	{"boat", "sail", "mast", "harbour", "anchor", "keel", "tide", "rudder", "oar", "deck"},
}

// papers are some on each subject: of ten words of a subject, four in the title and five in the abstract.
func papers(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		var words [][]byte
		for _, w := range rnd.Perm(10) {
			words = append(words, []byte(subjects[i%2][w]))
		}
		abstract := bytes.Join(words[4:9], []byte(" and "))
		line := map[string]string{"title": string(bytes.Join(words[:4], []byte(" "))), "abstract": string(bytes.Repeat(append(abstract, " of "...), 4))}
		if err := json.NewEncoder(z).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheSameCorpusGivesTheSameBytes(t *testing.T) {
	corpus := papers(t)
	make := func(processors int) []byte {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		c, err := readCorpus(bytes.NewReader(corpus))
		if err != nil {
			t.Fatal(err)
		}
		return made(c, 10, 32).Encode()
	}
	if one := make(1); !bytes.Equal(one, make(2)) || !bytes.Equal(one, make(5)) {
		t.Error("the bytes depend on how many processors there are")
	}
}

func TestWordsOfOneSubjectPointTheSameWay(t *testing.T) {
	c, err := readCorpus(bytes.NewReader(papers(t)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := meaning.Load(made(c, 10, 32).Encode())
	if err != nil {
		t.Fatal(err)
	}
	near := m.Text(text.Words("lamp")).Cosine(m.Text(text.Words("candle")))
	far := m.Text(text.Words("lamp")).Cosine(m.Text(text.Words("anchor")))
	if near < far+0.2 {
		t.Errorf("a lamp is %.2f like a candle, and %.2f like an anchor", near, far)
	}
}

// To make it anew takes too long for every run of the tests: the file says what it
// was made of.
func TestTheBuiltinModelIsOfThisProgramAndThisCorpus(t *testing.T) {
	packed, err := os.ReadFile(recordings.File(t, "arxiv-corpus.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := meaning.Builtin().Source(), source(packed); got != want {
		t.Errorf("core/meaning/model.bin is of %q, not of %q: make model", got, want)
	}
}
