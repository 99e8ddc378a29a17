package feed_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

var update = flag.Bool("update", false, "write the golden files anew")

// kept is what becomes of a feed, as a golden file has it.
type kept struct {
	Papers   []keptPaper `json:"papers"`
	Problems []string    `json:"problems,omitempty"`
	Error    string      `json:"error,omitempty"`
}

type keptPaper struct {
	ID         core.PaperID `json:"id"`
	Title      string       `json:"title"`
	Abstract   string       `json:"abstract,omitempty"`
	Authors    []string     `json:"authors,omitempty"`
	DOI        string       `json:"doi,omitempty"`
	Journal    string       `json:"journal,omitempty"`
	Link       string       `json:"link,omitempty"`
	Categories []string     `json:"categories,omitempty"`
	Day        core.Date    `json:"day"`
	Announce   string       `json:"announce,omitempty"`
	Names      []string     `json:"names,omitempty"`
}

func golden(b core.Batch, err error) (k kept) {
	for _, s := range b.Seen {
		p := keptPaper{s.Paper.ID, s.Paper.Title, s.Paper.Abstract, s.Paper.Authors, s.Paper.DOI, s.Paper.Journal, s.Paper.Link, s.Paper.Categories, s.Sighting.Day, s.Sighting.Announce, nil}
		for _, n := range s.Names {
			if n.Kind == core.NameEarlier {
				continue
			}
			name := string(n.Kind) + " " + n.Value
			if n.Shared {
				name += " (shared)"
			}
			p.Names = append(p.Names, name)
		}
		k.Papers = append(k.Papers, p)
	}
	for _, p := range b.Problems {
		k.Problems = append(k.Problems, p.Where+": "+p.Err.Error())
	}
	if err != nil {
		k.Error = err.Error()
	}
	return k
}

// The feeds in testdata are made by us in the shapes that publishers' have; what
// becomes of each entry stands beside them.
func TestFeedsOfPublishersAreRead(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	feeds := 0
	for _, file := range files {
		if strings.HasSuffix(file, ".golden") {
			continue
		}
		feeds++
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			b, err := fetch(t, string(body), "2026-11-23", "2026-11-23")
			var out strings.Builder
			e := json.NewEncoder(&out)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(golden(b, err)); err != nil {
				t.Fatal(err)
			}
			name := file + ".golden"
			if *update {
				if err := os.WriteFile(name, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	if feeds < 30 {
		t.Errorf("only %d feeds are here", feeds)
	}
}
