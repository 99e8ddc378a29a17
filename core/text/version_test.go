package text

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/words.txt anew; refused while words have changed and Version has not")

// testdata/words.txt says by which Version it was written, then a line for
// each of many texts: the text as Go quotes it, what Words and what Names give
// of it. A line of a text alone is new, and -update fills it in.
func TestWordsChangeOnlyWithTheirVersion(t *testing.T) {
	const file = "testdata/words.txt"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(b), "\n")
	var version int
	if _, err := fmt.Sscanf(head, "version %d", &version); err != nil {
		t.Fatalf("%s begins %q: %v", file, head, err)
	}
	var out strings.Builder
	changed := 0
	change := func(format string, args ...any) {
		if changed++; changed <= 10 {
			t.Logf(format, args...)
		}
	}
	had := map[string]bool{}
	write := func(s, quoted string) string {
		had[s] = true
		line := fmt.Sprintf("%s\t%s\t%s", quoted, strings.Join(Words(s), " "), strings.Join(Names(s), " "))
		fmt.Fprintln(&out, line)
		return line
	}
	fmt.Fprintf(&out, "version %d\n", Version)
	for was := range strings.Lines(rest) {
		was = strings.TrimSuffix(was, "\n")
		quoted, _, known := strings.Cut(was, "\t")
		s, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %s: %v", file, was, err)
		}
		if is := write(s, quoted); known && is != was {
			change("was %s\nis  %s", was, is)
		}
	}
	// A rule that is new changes words that nobody thought of writing down.
	ruled := slices.Collect(maps.Keys(irregular))
	for _, e := range endings {
		ruled = append(ruled, strings.Repeat("x", e.before)+e.many)
	}
	for _, w := range slices.Sorted(slices.Values(ruled)) {
		if !had[w] {
			write(w, strconv.QuoteToASCII(w))
			change("there is a rule for %s, which had none", w)
		}
	}
	switch {
	case changed > 0 && version == Version:
		t.Fatalf("words have changed %d times in %d texts: raise Version, so that stores make their index anew, then run this test with -update", changed, len(had))
	case *update:
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	case out.String() != string(b):
		t.Fatalf("%s is not up to date (of version %d, and this is %d): run this test with -update", file, version, Version)
	}
	if len(had) < 1000 {
		t.Errorf("only %d texts", len(had))
	}
}
