package names

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/keys.txt anew; refused while keys have changed and Version has not")

// testdata/keys.txt says by which Version it was written, then a line for each of
// many names: the name as Go quotes it, and its keys. A line of a name alone is
// new, and -update fills it in.
func TestKeysChangeOnlyWithTheirVersion(t *testing.T) {
	const file = "testdata/keys.txt"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(b), "\n")
	var version int
	if _, err := fmt.Sscanf(head, "version %d", &version); err != nil {
		t.Fatalf("%s begins %q: %v", file, head, err)
	}
	out := fmt.Sprintf("version %d\n", Version)
	changed, names := 0, 0
	for was := range strings.Lines(rest) {
		was = strings.TrimSuffix(was, "\n")
		quoted, _, known := strings.Cut(was, "\t")
		name, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %s: %v", file, was, err)
		}
		is := quoted + "\t" + strings.Join(Keys(name), " ")
		if known && is != was {
			changed++
			t.Logf("was %s\nis  %s", was, is)
		}
		out += is + "\n"
		names++
	}
	switch {
	case changed > 0 && version == Version:
		t.Fatalf("the keys of %d names have changed: raise Version, so that stores make their index anew, then run this test with -update", changed)
	case *update:
		if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	case out != string(b):
		t.Fatalf("%s is not up to date: run this test with -update", file)
	}
	if names < 100 {
		t.Errorf("only %d names", names)
	}
}
