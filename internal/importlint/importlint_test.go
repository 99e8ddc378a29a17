// Package importlint keeps the rooms of the house apart: which package may import
// which is the table below, and go list says who does. It has no other code.
package importlint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// room is what may be imported by packages of a path. A path that ends in
// /... means what lies below it too. Of the standard library everything may be
// imported but what never says.
type room struct {
	path   string
	ours   []string // packages of Paperboy
	others []string // modules of others
}

const (
	anything = "..."
	xtext    = "golang.org/x/text/..."
)

// rooms is the table. The first row that fits a package is its rule.
var rooms = []room{
	{"core/say", nil, nil},
	{"core/text", nil, []string{xtext}},
	{"core/names", []string{"core/text"}, []string{xtext}},
	{"core/excerpt", nil, nil},
	{"core/arxivid", nil, nil},
	{"core/venue", nil, nil},
	{"core/topic", []string{"core/arxivid", "core/excerpt", "core/meaning", "core/names", "core/text", "core/say"}, []string{xtext}},
	{"core/meaning", nil, nil},
	{"core/match", []string{"core/meaning", "core/names", "core/text", "core/topic", "core/say"}, []string{xtext}},
	{"core/rank", []string{"core/meaning", "core/text", "core/topic", "core/say"}, []string{xtext}},
	{"core/cards", []string{"core", "core/excerpt", "core/names", "core/say", "core/topic", "core/venue"}, nil},
	{"core/query", []string{"core", "core/match", "core/meaning", "core/names", "core/rank", "core/text", "core/topic"}, []string{"golang.org/x/sync/errgroup"}},
	{"core/cite", []string{"core", "core/names", "core/text"}, nil},
	{"core/chart", nil, []string{"golang.org/x/image/..."}},
	{"core/feed", []string{"core"}, nil},
	{"core/breaker", []string{"core"}, nil},
	{"core/embed", []string{"core", "core/breaker", "core/meaning"}, nil},
	{"core/verbs", []string{"core", "core/cards", "core/say", "core/text", "core/topic"}, nil},
	{"core/plan", []string{"core", "core/breaker", "core/cards", "core/query", "core/rank", "core/topic", "core/match", "core/say", "core/verbs"}, nil},
	{"core/post", []string{"core", "core/breaker", "core/cards"}, nil},
	{"core/votes", []string{"core", "core/breaker", "core/query"}, nil},
	{"core/subscription", []string{"core", "core/cards", "core/say", "core/topic"}, nil},
	{"core/configfile", []string{"core", "core/topic"}, nil},
	{"core/complete", []string{"core", "core/cards", "core/query", "core/topic", "core/verbs"}, nil},
	{"core/chat", []string{"core", "core/cards", "core/chart", "core/complete", "core/configfile", "core/query", "core/cite", "core/text", "core/topic", "core/say", "core/verbs"}, nil},
	{"core/ratelimit", []string{"core", "core/cards", "core/say"}, []string{"golang.org/x/time/rate"}},
	{"core/workers", []string{"core/..."}, nil}, // which puts them together
	{"core", []string{"core/arxivid", "core/meaning", "core/say", "core/text", "core/topic"}, nil},
	{"sources/byline", nil, nil},
	{"sources/...", []string{"core/...", "internal/polite", "sources/byline", itself}, []string{anything}},
	{"store/...", []string{"core/...", itself}, []string{anything}},
	{"adapters/...", []string{"core/...", "adapters/kit", itself}, []string{anything}},
	{"internal/replay", []string{"core", "internal/...", "sources/arxiv"}, []string{anything}}, // which keeps arXiv's calendar
	{"internal/...", []string{"core/...", "internal/..."}, []string{anything}},
	{"cmd/bot", []string{anything}, []string{anything}},
}

// itself is the package's own room: sources/arxiv and what lies below it.
const itself = "(itself)"

// never names what a room may not reach at all, not even through others.
var never = map[string][]string{
	"core/...":     {"net/http", "database/sql"},
	"sources/...":  {"database/sql"},
	"adapters/...": {"database/sql"},
}

// A pkg is what go list says about a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Standard   bool
	Module     *struct{ Main bool }
}

const module = "paperboy"

// wrong lists the arrows that the table does not have.
func wrong(pkgs []pkg) []string {
	standard := map[string]bool{}
	for _, p := range pkgs {
		standard[p.ImportPath] = p.Standard
	}
	var out []string
	for _, p := range pkgs {
		if p.Module == nil || !p.Module.Main {
			continue
		}
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		i := slices.IndexFunc(rooms, func(r room) bool { return fits(path, r.path) })
		if i < 0 {
			out = append(out, path+" lies in no room")
			continue
		}
		for _, imported := range p.Imports {
			name, ours := strings.CutPrefix(imported, module+"/")
			allowed := rooms[i].others
			switch {
			case standard[imported] || imported == "C":
				continue
			case ours:
				allowed = rooms[i].ours
			}
			if !slices.ContainsFunc(allowed, func(a string) bool {
				return fits(name, a) || a == itself && fits(name, own(path)+"/...")
			}) {
				out = append(out, path+" → "+name)
			}
		}
		for where, forbidden := range never {
			for _, dep := range p.Deps {
				if fits(path, where) && slices.Contains(forbidden, dep) {
					out = append(out, path+" ⇢ "+dep)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func fits(path, pattern string) bool {
	if pattern == anything {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == base || strings.HasPrefix(path, base+"/")
	}
	return path == pattern
}

// own is the room of sources/arxiv/x: sources/arxiv.
func own(path string) string {
	parts := strings.SplitN(path, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

func TestTheArrowsAreAsDrawn(t *testing.T) {
	touch(t)
	cmd := exec.Command("go", "list", "-deps", "-tags", "sqlite_fts5", "-json=ImportPath,Imports,Deps,Standard,Module", "./...")
	cmd.Dir = filepath.Join("..", "..")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if !slices.ContainsFunc(pkgs, func(p pkg) bool { return p.ImportPath == module+"/core" }) {
		t.Fatal("go list does not name core: nothing was checked")
	}
	for _, w := range wrong(pkgs) {
		t.Errorf("an arrow that is not drawn: %s", w)
	}
}

// touch looks at every source file, because go test takes an earlier result
// for good when no file that the test itself looked at has changed.
func touch(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", ".."), func(file string, e fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(file, ".go") {
			_, err = os.Stat(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAWrongArrowIsSeen(t *testing.T) {
	main := &struct{ Main bool }{true}
	house := func(path string, imports ...string) []pkg {
		return []pkg{
			{ImportPath: "fmt", Standard: true}, {ImportPath: "net/http", Standard: true}, {ImportPath: "database/sql", Standard: true},
			{ImportPath: module + "/" + path, Imports: imports, Deps: imports, Module: main},
		}
	}
	for _, tc := range []struct {
		path, imported string
		want           string
	}{
		{"core", "fmt", ""},
		{"core", "paperboy/core/topic", ""},
		{"core", "paperboy/core/match", "core → core/match"},
		{"core", "golang.org/x/text/unicode/norm", "core → golang.org/x/text/unicode/norm"},
		{"core/text", "golang.org/x/text/unicode/norm", ""},
		{"core/query", "paperboy/core/cards", "core/query → core/cards"},
		{"core/chat", "paperboy/core/plan", "core/chat → core/plan"},
		{"core/chat", "paperboy/core/votes", "core/chat → core/votes"},
		{"core/votes", "paperboy/core/post", "core/votes → core/post"},
		{"core/new", "fmt", "core/new lies in no room"},
		{"core", "net/http", "core ⇢ net/http"},
		{"core/rank", "database/sql", "core/rank ⇢ database/sql"},
		{"core", "paperboy/store", "core → store"},
		{"core", "github.com/slack-go/slack", "core → github.com/slack-go/slack"},
		{"core/text", "paperboy/core/say", "core/text → core/say"},
		{"core/topic", "paperboy/core/text", ""},
		{"core/topic", "paperboy/core", "core/topic → core"},
		{"core/match", "paperboy/core/rank", "core/match → core/rank"},
		{"sources/arxiv", "paperboy/core", ""},
		{"sources/arxiv", "paperboy/internal/polite", ""},
		{"sources/arxiv", "paperboy/sources/arxiv/atom", ""},
		{"sources/arxiv", "paperboy/sources/feed", "sources/arxiv → sources/feed"},
		{"sources/feed", "paperboy/store", "sources/feed → store"},
		{"store", "database/sql", ""},
		{"store", "paperboy/sources/arxiv", "store → sources/arxiv"},
		{"adapters/web", "paperboy/core", ""},
		{"adapters/web", "net/http", ""},
		{"adapters/web", "database/sql", "adapters/web ⇢ database/sql"},
		{"adapters/web", "paperboy/store", "adapters/web → store"},
		{"adapters/discord", "paperboy/adapters/slack", "adapters/discord → adapters/slack"},
		{"internal/replay", "paperboy/store", "internal/replay → store"},
		{"cmd/bot", "paperboy/store", ""},
		{"tools/x", "fmt", "tools/x lies in no room"},
	} {
		got := strings.Join(wrong(house(tc.path, tc.imported)), "; ")
		if got != tc.want {
			t.Errorf("%s importing %s: got %q, want %q", tc.path, tc.imported, got, tc.want)
		}
	}
}

// Time is a parameter of core: whoever asks the machine's clock there cannot be
// tested through a year.
func TestCoreAsksNoClock(t *testing.T) {
	err := filepath.WalkDir(filepath.Join("..", "..", "core"), func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, at := range clocks(t, file, src) {
			t.Errorf("%s asks the machine's clock; take a time or a func() time.Time", at)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := clocks(t, "x.go", []byte("package x\nimport \"time\"\nvar a = time.Now()\nfunc f(t time.Time) { _ = time.Since(t) }\n")); len(got) != 2 {
		t.Errorf("the check itself sees %v", got)
	}
}

// clocks are the places of a file that ask what time it is.
func clocks(t *testing.T, file string, src []byte) (places []string) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			x, ok := s.X.(*ast.Ident)
			if ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, s.Sel.Name) {
				places = append(places, fmt.Sprintf("%s:%d", file, fset.Position(n.Pos()).Line))
			}
		}
		return true
	})
	return places
}
