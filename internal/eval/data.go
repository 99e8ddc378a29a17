package eval

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"paperboy/core"
)

// Half says which of the papers' labels are used.
type Half string

// The halves, by the day of the month on which a paper was listed first.
const (
	Report Half = "report" // odd days
	Tune   Half = "tune"   // even days
)

// of reports whether a paper's labels are of the half.
func (h Half) of(p *core.Paper) bool {
	day, err := strconv.Atoi(string(p.Day[max(0, len(p.Day)-2):]))
	return err == nil && (day%2 == 1) == (h == Report)
}

// ErrNoData is what Read answers where there is no corpus.
var ErrNoData = errors.New("no recorded papers")

// record is a paper of the corpus.
type record struct {
	ID              core.PaperID
	Title, Abstract string
	Categories      []string
	Listed          core.Date
}

// listed is a paper of one of Hugging Face's days.
type listed struct {
	Paper struct {
		ID       core.PaperID
		Summary  string   `json:"ai_summary"`
		Keywords []string `json:"ai_keywords"`
		Upvotes  *int
	}
}

// Read reads the papers of DIR/arxiv-corpus.jsonl.gz, oldest first, with the summary,
// the keywords and the upvotes that DIR/hf_daily has of some: by these they are judged, and
// nothing else may see them. most bounds how many, 0 is all: those with keywords,
// then the newest.
func Read(dir string, most int) ([]core.Paper, error) {
	var papers []core.Paper
	place := map[core.PaperID]int{}
	err := values(filepath.Join(dir, "arxiv-corpus.jsonl.gz"), func(r record) {
		place[r.ID] = len(papers)
		papers = append(papers, core.Paper{ID: r.ID, Title: r.Title, Abstract: r.Abstract, Categories: r.Categories, Published: r.Listed, Day: r.Listed})
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrNoData, err)
	} else if err != nil {
		return nil, err
	}
	days, err := filepath.Glob(filepath.Join(dir, "hf_daily", "*.json.gz"))
	if err != nil {
		return nil, err
	}
	for _, name := range days {
		err := values(name, func(day []listed) {
			for _, l := range day {
				if i, ok := place[l.Paper.ID]; ok && len(l.Paper.Keywords) > 0 {
					papers[i].Summary, papers[i].Keywords, papers[i].Upvotes = l.Paper.Summary, l.Paper.Keywords, l.Paper.Upvotes
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if most > 0 && most < len(papers) {
		slices.SortStableFunc(papers, func(a, b core.Paper) int { // those with keywords last
			return min(len(a.Keywords), 1) - min(len(b.Keywords), 1)
		})
		papers = papers[len(papers)-most:]
		slices.SortStableFunc(papers, func(a, b core.Paper) int { return cmp.Compare(a.Day, b.Day) })
	}
	return papers, nil
}

// values calls each with every JSON value of a packed file.
func values[T any](name string, each func(T)) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	for d := json.NewDecoder(z); ; {
		var v T
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		each(v)
	}
}
