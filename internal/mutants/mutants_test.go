package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
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
