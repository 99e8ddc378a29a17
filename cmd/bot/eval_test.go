package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/internal/catalogue"
)

// recording is a folder as bot eval reads it: the catalogue's papers, three times over
// thirty days. Two of three have keywords, and every other of these is about pruning.
func recording(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var papers []core.Paper
	days := catalogue.Days()
	for _, day := range slices.Sorted(maps.Keys(days)) {
		for _, seen := range days[day] {
			papers = append(papers, seen.Paper)
		}
	}
	var corpus strings.Builder
	hf := []any{}
	for i := range 3 * len(papers) {
		p, next := papers[i%len(papers)], papers[(i+1)%len(papers)]
		id := fmt.Sprintf("2601.%05d", i)
		line, _ := json.Marshal(map[string]any{"id": id, "title": p.Title, "abstract": p.Abstract + " " + next.Abstract, "categories": p.Categories,
			"listed": core.Date("2026-01-01").AddDays(i * 30 / (3 * len(papers)))})
		corpus.Write(append(line, '\n'))
		keywords := [][]string{{"model pruning"}, {"multi agent", fmt.Sprint("agents of kind ", i%12)}, nil}[i%3]
		if keywords != nil {
			hf = append(hf, map[string]any{"paper": map[string]any{"id": id, "ai_summary": p.Title, "ai_keywords": keywords, "upvotes": i}})
		}
	}
	listed, _ := json.Marshal(hf)
	for name, data := range map[string]string{"arxiv-corpus.jsonl.gz": corpus.String(), "hf_daily/2026-01-01.json.gz": string(listed)} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		z := gzip.NewWriter(f)
		z.Write([]byte(data))
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	return dir
}

func evals(args ...string) (status int, out, errOut string) {
	var o, e bytes.Buffer
	status = run(context.Background(), append([]string{"eval"}, args...), strings.NewReader(""), &o, &e, nil)
	return status, o.String(), e.String()
}

// Everything is measured, by Paperboy's own search and taste too, and twice alike but
// for how long it took.
func TestEvalMeasuresEverythingTwiceAlike(t *testing.T) {
	dir := recording(t)
	measured := func() (rows []string, kinds map[string]bool) {
		status, out, errOut := evals("--data", dir, "--queries", "20", "--json")
		if status != 0 {
			t.Fatal(status, errOut)
		}
		kinds = map[string]bool{}
		for line := range strings.Lines(out) {
			var row map[string]any
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatal(err)
			}
			kinds[fmt.Sprint(row["task"], " ", row["system"])] = true
			if row["task"] == "speed" {
				continue
			}
			delete(row, "ms")
			rows = append(rows, fmt.Sprint(row))
		}
		return rows, kinds
	}
	once, kinds := measured()
	again, _ := measured()
	if strings.Join(once, "\n") != strings.Join(again, "\n") {
		t.Errorf("first\n%s\nthen\n%s", strings.Join(once, "\n"), strings.Join(again, "\n"))
	}
	for _, want := range []string{"headings Paperboy", "keywords BM25", "summaries RM3", "titles LSI", "sentences vectors", "categories all words",
		"votes Paperboy", "votes linear SVM", "votes zotero, vectors", "speed vectors"} {
		if !kinds[want] {
			t.Errorf("%s was not measured: %v", want, kinds)
		}
	}
}

func TestEvalSaysWhatItNeeds(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--data", "/nowhere"}, "there are no recorded papers at /nowhere/arxiv-corpus.jsonl.gz; name a folder with it, as --data DIR"},
		{[]string{"--data", recording(t), "--only", "heading"}, `there is no task "heading"; did you mean --only headings?`},
		{[]string{"--queries", "0"}, "nothing can be measured with 0 questions; leave --queries away"},
	} {
		status, out, errOut := evals(tc.args...)
		if status != 2 || out != "" || !strings.Contains(errOut, tc.want) {
			t.Errorf("%v: %d %q %q", tc.args, status, out, errOut)
		}
	}
}
