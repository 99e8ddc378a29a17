// Package shared finds the recorded data that tests read. The data are other
// people's text and live beside the project, not in it.
package shared

import (
	"os"
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
	dir := filepath.Join(root(t), "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		Missing(t, "shared", "the recorded data are not at "+dir)
	}
	return dir
}

// Missing skips a test because this machine lacks what it needs, or fails it
// where PAPERBOY_REQUIRE, a list with commas, names the need.
func Missing(t testing.TB, need, why string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("PAPERBOY_REQUIRE"), ","), need) {
		t.Fatalf("required here (%s): %s", need, why)
	}
	t.Skipf("skipped, this machine lacks %s: %s", need, why)
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
