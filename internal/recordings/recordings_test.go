package recordings

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core/text"
)

// The likeness of the page may differ from it in the abstracts only, and those
// may not be theirs: no line of ours may be a piece of one.
func TestTheLikenessIsOursAndLike(t *testing.T) {
	read := func(file string) (rows []map[string]any) {
		for d := json.NewDecoder(open(t, file)); d.More(); {
			var row map[string]any
			if err := d.Decode(&row); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
		return rows
	}
	theirs, ours := read(Dir(t)+"/"+seedPage), read(likeness(t))
	abstract := func(row map[string]any) []string {
		words := strings.Fields(row["abstract"].(string))
		delete(row, "abstract")
		for i, w := range words {
			if strings.HasPrefix(w, "http") { // an address is nobody's text
				words[i] = ""
			}
		}
		return text.Words(strings.Join(words, " "))
	}
	for i := range min(len(theirs), len(ours)) {
		phrase := " " + strings.Join(abstract(theirs[i]), " ") + " "
		words := abstract(ours[i])
		const run = 6 // words in a row that are no coincidence
		for j := 0; j+run <= len(words); j++ {
			if p := strings.Join(words[j:j+run], " "); strings.Contains(phrase, " "+p+" ") {
				t.Errorf("%v: %q stands in the abstract", ours[i]["id"], p)
			}
		}
		if len(words) < 15 {
			t.Errorf("%v: hardly an abstract", ours[i]["id"])
		}
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Error(diff)
	}
}
