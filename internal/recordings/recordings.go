// Package recordings finds the recorded data and the platforms' schemas that tests
// read. They are other people's text and live beside the project, not in it. Of
// the page that nearly every story begins with, the project has a likeness: the
// same ids, titles and numbers, and abstracts in our own words.
package recordings

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Dir is the data folder, ../shared/data seen from the project's root. A test
// on a machine without it is skipped and says so; when PAPERBOY_REQUIRE names
// "shared" it fails instead.
func Dir(t testing.TB) string {
	t.Helper()
	return folder(t, "data", "the recorded data")
}

// Here reports whether there is recorded data, for a test that has something less
// to fall back on. Where PAPERBOY_REQUIRE names "shared" it may not.
func Here(t testing.TB) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join(root(t), "..", "shared", "data"))
	if err != nil && required("shared") {
		Dir(t)
	}
	return err == nil
}

// Specs is the folder of the platforms' published schemas, ../shared/specs,
// under the same conditions.
func Specs(t testing.TB) string {
	t.Helper()
	return folder(t, "specs", "the platforms' schemas")
}

func folder(t testing.TB, name, what string) string {
	t.Helper()
	dir := filepath.Join(root(t), "..", "shared", name)
	if _, err := os.Stat(dir); err != nil {
		Missing(t, "shared", what+" are not at "+dir)
	}
	return dir
}

// Browser is the path of one that can be driven. A test on a machine without it is
// skipped and says so; when PAPERBOY_REQUIRE names "browser" it fails instead.
func Browser(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, "browser", "no chromium, chromium-browser or google-chrome in PATH")
	return ""
}

// seedPage is the recorded file that has a likeness here.
const seedPage = "seed_page.jsonl"

// File is the path of a recorded file, by its name below Dir. A likeness is taken
// where there are no recordings, unless PAPERBOY_REQUIRE names "shared".
func File(t testing.TB, name string) string {
	t.Helper()
	if name == seedPage && !Here(t) {
		return likeness(t)
	}
	return filepath.Join(Dir(t), name)
}

func likeness(t testing.TB) string { return filepath.Join(root(t), "internal", "recordings", seedPage) }

// Open opens a recorded file, by its name below Dir, and unpacks it when that
// ends in .gz. It is closed with the test.
func Open(t testing.TB, name string) io.Reader {
	t.Helper()
	return open(t, File(t, name))
}

// OpenSpec is Open for a schema, by its path below Specs.
func OpenSpec(t testing.TB, name string) io.Reader {
	t.Helper()
	return open(t, filepath.Join(Specs(t), name))
}

func open(t testing.TB, name string) io.Reader {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if filepath.Ext(name) != ".gz" {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Values decodes the JSON values that stand one after another in a recorded
// file, such as the lines of a JSONL, at most n of them.
func Values[T any](t testing.TB, name string, n int) []T {
	t.Helper()
	d := json.NewDecoder(Open(t, name))
	var out []T
	for len(out) < n && d.More() {
		var v T
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return out
}

// All is no bound for Values.
const All = math.MaxInt

// Missing skips a test because this machine lacks what it needs, or fails it
// where PAPERBOY_REQUIRE, a list with commas, names the need. It is asked before a
// test's parts begin: of a test whose parts are all skipped, nobody would hear.
func Missing(t testing.TB, need, why string) {
	t.Helper()
	if _, test := t.(*testing.T); test && strings.Contains(t.Name(), "/") {
		t.Fatalf("a part of a test cannot be skipped for want of %s (%s): ask before the first part", need, why)
	}
	if required(need) {
		t.Fatalf("required here (%s): %s", need, why)
	}
	t.Skipf("skipped, this machine lacks %s: %s", need, why)
}

func required(need string) bool {
	return slices.Contains(strings.Split(os.Getenv("PAPERBOY_REQUIRE"), ","), need)
}

func root(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}
