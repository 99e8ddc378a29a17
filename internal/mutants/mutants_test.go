package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// tests are the names of the test functions of a package's folder.
func tests(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && regexp.MustCompile(`^(Test|Fuzz|Example)`).MatchString(f.Name.Name) {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

// quotes reports whether a text, the name of a subtest, stands in quotes in the
// Go files of a folder or of those below it.
func quotes(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, dir), func(file string, _ fs.DirEntry, err error) error {
		if err != nil || found || filepath.Ext(file) != ".go" {
			return err
		}
		content, err := os.ReadFile(file)
		found = strings.Contains(string(content), strconv.Quote(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// stands reports whether there is such a test: core/post.TestName, or one with
// the name of a subtest behind it.
func stands(t *testing.T, test string) bool {
	t.Helper()
	pkg, name, _ := strings.Cut(test, ".")
	name, sub, _ := strings.Cut(name, "/")
	return slices.Contains(tests(t, pkg), name) && (sub == "" || quotes(t, pkg, sub[strings.LastIndex(sub, "/")+1:]))
}

func TestEveryBreakCanBeMadeAndNoticed(t *testing.T) {
	names := map[string]bool{}
	for _, b := range breaks {
		switch _, err := b.broken(root); {
		case err != nil:
			t.Errorf("%s: %v; the code has moved, and the break has to follow it", b.Name, err)
		case b.Old == b.New:
			t.Errorf("%s changes nothing", b.Name)
		case names[b.Name]:
			t.Errorf("two breaks are called %s", b.Name)
		}
		names[b.Name] = true
		run, err := regexp.Compile(strings.SplitN(b.Run, "/", 2)[0]) // what follows are subtests
		if err != nil {
			t.Errorf("%s: %v", b.Name, err)
		} else if !slices.ContainsFunc(tests(t, b.pkg()), run.MatchString) {
			t.Errorf("%s: %s has no test that matches %q", b.Name, b.pkg(), b.Run)
		}
	}
}

// docs/promises.md is tables of promise, test and break.
func TestThePromisesAreHeld(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "promises.md"))
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	broken := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| promise ") {
			continue
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, ""), "|")
		if len(cells) != 5 {
			t.Errorf("not a promise, a test and a break: %s", line)
			continue
		}
		promise, held, by := strings.TrimSpace(cells[1]), quoted.FindAllStringSubmatch(cells[2], -1), quoted.FindAllStringSubmatch(cells[3], -1)
		if len(held) == 0 {
			t.Errorf("no test holds: %s", promise)
		}
		for _, m := range held {
			if !stands(t, m[1]) {
				t.Errorf("there is no test %s, which is to hold: %s", m[1], promise)
			}
		}
		if len(by) == 0 && !regexp.MustCompile(`^none( yet)?: \w`).MatchString(strings.TrimSpace(cells[3])) {
			t.Errorf("no break, and no word why: %s", promise)
		}
		for _, m := range by {
			broken[m[1]] = true
			if !slices.ContainsFunc(breaks, func(b Break) bool { return b.Name == m[1] }) {
				t.Errorf("there is no break %s of: %s", m[1], promise)
			}
		}
	}
	for _, b := range breaks {
		if !broken[b.Name] {
			t.Errorf("%s breaks no promise of docs/promises.md", b.Name)
		}
	}
}

// docs/reports.md says of each report by others which tests hold what we do.
func TestTheReportsAreHeld(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "reports.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \|.*\| (`+"`"+`[^|]*) \|$`).FindAllStringSubmatch(string(page), -1)
	if len(rows) != 30 {
		t.Errorf("%d reports, not 30", len(rows))
	}
	for _, row := range rows {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[2], -1) {
			if !stands(t, m[1]) {
				t.Errorf("there is no test %s, which is to hold report %s", m[1], row[1])
			}
		}
	}
}
