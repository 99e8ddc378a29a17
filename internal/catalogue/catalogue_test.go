package catalogue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/text"
	"paperboy/internal/recordings"
)

func TestTheCatalogueHoldsWhatItSays(t *testing.T) {
	entries, papers := 0, map[core.PaperID]int{}
	words := map[string]int{}
	for day, seen := range Days() {
		if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
			t.Errorf("%s is a %s", day, wd)
		}
		for i, s := range seen {
			p := s.Paper
			entries++
			papers[p.ID]++
			if id, version, ok := core.ParsePaperID(string(p.ID)); !ok || id != p.ID || version != 0 {
				t.Errorf("%s: %q is no plain id", day, p.ID)
			}
			if s.Sighting.Rank != i+1 || s.Sighting.Day != day {
				t.Errorf("%s: %s stands at %s, rank %d", day, p.ID, s.Sighting.Day, s.Sighting.Rank)
			}
			if p.Title == "" || len(p.Authors) == 0 || p.Published.IsZero() || p.Published > day || p.Upvotes == nil {
				t.Errorf("%s: a fact is missing: %+v", day, p)
			}
			if n := strings.Count(p.Abstract, ". ") + 1; n < 2 || n > 3 || len(p.Abstract) > 280 || !strings.HasSuffix(p.Abstract, ".") {
				t.Errorf("%s: not two or three sentences: %q", p.ID, p.Abstract)
			}
			ws := p.Words()
			slices.Sort(ws)
			for _, w := range slices.Compact(ws) {
				words[w]++
			}
		}
	}
	if len(papers) < 200 {
		t.Errorf("%d papers", len(papers))
	}
	// A demo's calendar goes from one to the next, and no weekday is left out.
	row := 0
	for day := core.Date("2026-04-16"); day <= "2026-04-28"; day = day.AddDays(1) {
		if core.IsWeekday(day) {
			row++
			if len(Days()[day]) < 8 {
				t.Errorf("%s has %d papers", day, len(Days()[day]))
			}
		}
	}
	if row < 9 || len(Days()) < 20 || entries != len(papers)+1 || papers["2604.07429"] != 2 {
		t.Errorf("%d days, %d entries, %d papers; 2604.07429 stands %d times", len(Days()), entries, len(papers), papers["2604.07429"])
	}
	for word, least := range map[string]int{"diffusion": 20, "lora": 2, "llm": 35, "agent": 60} {
		if words[word] < least {
			t.Errorf("only %d papers say %q", words[word], word)
		}
	}
}

// The abstracts are other people's text. No line of ours may be a piece of one.
func TestNoDescriptionIsTakenFromAnAbstract(t *testing.T) {
	compared := 0
	for day, seen := range Days() {
		abstracts := recorded(t, "hf_daily/"+string(day)+".json.gz")
		for _, s := range seen {
			abstract, ok := abstracts[s.Paper.ID]
			if !ok {
				t.Errorf("%s: %s was not listed then", day, s.Paper.ID)
				continue
			}
			compared++
			theirs := " " + strings.Join(text.Words(abstract), " ") + " "
			ours := text.Words(s.Paper.Abstract)
			const run = 8 // words in a row that are no coincidence
			for i := 0; i+run <= len(ours); i++ {
				if phrase := strings.Join(ours[i:i+run], " "); strings.Contains(theirs, " "+phrase+" ") {
					t.Errorf("%s: %q stands in the abstract", s.Paper.ID, phrase)
				}
			}
		}
	}
	if compared < 200 {
		t.Errorf("compared only %d", compared)
	}
}

// recorded are the abstracts of a recorded day.
func recorded(t *testing.T, file string) map[core.PaperID]string {
	t.Helper()
	type entry struct {
		Paper struct {
			ID      core.PaperID
			Summary string
		}
	}
	abstracts := map[core.PaperID]string{}
	for _, e := range recordings.Values[[]entry](t, file, 1)[0] {
		abstracts[e.Paper.ID] = e.Paper.Summary
	}
	return abstracts
}
