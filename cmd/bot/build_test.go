package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A build without cgo, or without the build tag, makes a program that says how
// to build it; the compiler would only miss a name of SQLite's driver.
func TestAProgramBuiltTheWrongWaySaysHowToBuildIt(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program once more")
	}
	bot := filepath.Join(t.TempDir(), "bot")
	build := exec.Command("go", "build", "-o", bot, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(bot, "version").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "install gcc and build it with `make build`") {
		t.Errorf("%v: %s", err, out)
	}
}
