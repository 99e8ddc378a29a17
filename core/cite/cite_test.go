package cite

import (
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

var updateExports = flag.Bool("update", false, "write the golden export files anew")

// exportPapers have the titles and names that went wrong elsewhere.
func exportPapers() []core.Paper {
	n, zero := 1234, 0
	return []core.Paper{
		{ID: "2106.09685", Title: "LoRA: Low-Rank Adaptation of Large Language Models", Authors: []string{"Edward J. Hu", "Yelong Shen"},
			Categories: []string{"cs.CL", "cs.AI"}, Published: "2021-06-17", Upvotes: &n, Code: "https://github.com/microsoft/LoRA"},
		{ID: "2406.14347", Title: `$\nabla^2$DFT: A Universal Quantum Chemistry Dataset of Drug-Like Molecules`, Authors: []string{"Kuzma Khrabrov", "LLM-jp", ":"}, Categories: []string{"physics.chem-ph"}},
		{ID: "2502.12115", Title: "SWE-Lancer: Can Frontier LLMs Earn $1 Million from Real-World Freelance Software Engineering?", Published: "2025-02-17", Upvotes: &zero},
		{ID: "2106.00001", Title: "LoRA again", Authors: []string{"Jane van der Hu", "ATLAS and CMS Collaboration"}, Published: "2021-06-18", Journal: "J. Foo & Bar 3 (2022)", DOI: "10.1000/a_b"},
		{ID: "2106.00002", Title: "LoRA a third time", Authors: []string{"Ed Hu"}, Published: "2021-06-19"},
		{ID: "2106.09685", Title: "LoRA: Low-Rank Adaptation of Large Language Models", Authors: []string{"Edward J. Hu"}},
		{ID: "hep-th/9711200", Title: "The Large N Limit {of} 100% R&D_x #1 ~ a^b }", Authors: []string{"Erd\\H{o}s P\\'al", "Eric~Granger", "Łukasz Kaiser"}, Categories: []string{"hep-th"}},
		{ID: "feed:1a2b", Title: "=HYPERLINK(\"x\") *bold* [link](y)", Authors: []string{"Müller, Jürgen"}, Link: "https://example.org/a(b)_c"},
	}
}

func TestExportsLookAsAgreed(t *testing.T) {
	for format, ext := range map[string]string{"bibtex": "bib", "ris": "ris", "csl": "csl.json", "markdown": "md", "csv": "csv", "json": "json"} {
		file, err := Export(format, exportPapers(), "2026-11-23")
		if err != nil {
			t.Fatal(err)
		}
		if want := "papers-2026-11-23." + ext; file.Name != want {
			t.Errorf("the file is called %s, want %s", file.Name, want)
		}
		golden := filepath.Join("testdata", "export."+ext)
		if *updateExports {
			if err := os.WriteFile(golden, file.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(file.Data)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", format, diff)
		}
	}
	if _, err := Export("pdf", nil, "2026-11-23"); err == nil || err.Error() != "I cannot write `pdf`. Choose `bibtex`, `ris`, `csl`, `markdown`, `csv` or `json`." {
		t.Errorf("pdf: %v", err)
	}
}

func TestTitlesAreWrittenForLaTeX(t *testing.T) {
	for title, want := range map[string]string{
		`R&D at 100% for $5 #1 a_b`:     `R\&D at 100\% for \$5 \#1 a\_b`,
		`$5 and $10 or $200k`:           `\$5 and \$10 or \$200k`,
		`$\nabla^2$DFT`:                 `$\nabla^2$DFT`,
		`$O(n_1)$ and $x\%$`:            `$O(n_1)$ and $x\%$`,
		`\(X\)-evolve`:                  `$X$-evolve`,
		`Bugs for 1$: Cheap`:            `Bugs for 1\$: Cheap`,
		`Use \& Acceptability`:          `Use \& Acceptability`,
		`V^3 ~ W`:                       `V\textasciicircum{}3 \textasciitilde{} W`,
		`C:\path`:                       `C:\textbackslash{}path`,
		`SL^{2}A`:                       `SL\textasciicircum{}\{2\}A`,
		`open { only`:                   `open \textbraceleft{} only`,
		`}{`:                            `\textbraceright{}\textbraceleft{}`,
		`\{a\} \}`:                      `\{a\} \textbraceright{}`,
		`Schr{\"o}dinger, \'{e}, \c{c}`: `Schr{\"o}dinger, \'{e}, \c{c}`,
		`\textsc{SimInstruct}: A`:       `\textsc{SimInstruct}: A`,
		`\underline{V}alue \textit{R&D`: `\underline{V}alue \textbackslash{}textit\textbraceleft{}R\&D`,
		"line\n  break\x00":             `line break`,
		`Musée, 数据`:                     `Musée, 数据`,
		`$a{b$ c}`:                      `\$a\{b\$ c\}`,
		`DESIGN-R\textsuperscript{\textregistered}`: `DESIGN-R\textsuperscript{\textbackslash{}textregistered}`,
	} {
		if got := tex(title); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", title, got, want)
		}
	}
}

var (
	keptTeX  = regexp.MustCompile("\\\\(?:[&%$#_{}]|['\"`^~=.](?:[A-Za-z]|\\{\\\\?[A-Za-z]\\}|\\\\[ij]))")
	keptMath = regexp.MustCompile(`\$[^$]+\$`)
)

// FuzzBibTeX: whatever a title or a name holds, the entry's braces balance and
// outside math nothing special is bare.
func FuzzBibTeX(f *testing.F) {
	for _, p := range exportPapers() {
		f.Add(p.Title, strings.Join(p.Authors, ", "), p.URL())
	}
	f.Add(`$a\$b$ \{`, `\'{\i} {\"o`, `http://x/{`)
	f.Fuzz(func(t *testing.T, title, author, link string) {
		p := core.Paper{ID: "2106.09685", Title: title, Authors: []string{author}, Link: link, DOI: link, Journal: title}
		entry := bibEntry(&p, bibKey(&p))
		depth := 0
		for i, r := range entry {
			switch r { // as BibTeX counts: a backslash does not matter
			case '{':
				depth++
			case '}':
				depth--
			}
			if depth < 1 && i > len("@article") && i < len(entry)-2 {
				t.Fatalf("the entry ends early at %d:\n%s", i, entry)
			}
		}
		if depth != 0 {
			t.Fatalf("braces do not balance:\n%s", entry)
		}
		people, _ := authors(&p)
		if read := readBibTeX([]byte(entry)); len(people) == 1 && (len(read) != 1 || len(read[0]) != 1) {
			t.Fatalf("one name is read as %v:\n%s", read, entry)
		}
		for _, s := range []string{tex(title), tex(author)} {
			bare := keptMath.ReplaceAllString(keptTeX.ReplaceAllString(s, ""), "")
			if i := strings.IndexAny(bare, "&%$#_~^"); i >= 0 {
				t.Fatalf("a bare %q in %s", bare[i], s)
			}
		}
	})
}

func TestAKeyBeginsWithTheFamilyOrTheWholeTeam(t *testing.T) {
	for author, want := range map[string]string{
		"Alan Beta III": "beta2026lamps", "Fay Gamma, Jr.": "gamma2026lamps", "Meta AI": "metaai2026lamps", "Luc Van Gool": "vangool2026lamps",
		"Jan van der Berg": "vanderberg2026lamps", "Flannery O'Connor": "oconnor2026lamps", "Jane Doe, PhD": "doe2026lamps", "李明": "anon2026lamps",
	} {
		p := core.Paper{ID: "2601.00001", Title: "On lamps", Authors: []string{author}, Published: "2026-01-02"}
		if got := bibKey(&p); got != want {
			t.Errorf("%s: %s, want %s", author, got, want)
		}
	}
	// Of an author without a Latin letter the next one's.
	if got := bibKey(&core.Paper{Title: "On lamps", Authors: []string{"李明", "Jane Doe"}}); got != "doelamps" {
		t.Error(got)
	}
}

func TestWhoIsLeftOutIsSaidInBibTeX(t *testing.T) {
	p := core.Paper{ID: "2601.00001", Title: "On lamps", Authors: []string{"Jane Doe", ":", "et al."}}
	if entry := bibEntry(&p, "k"); !strings.Contains(entry, "author        = {Jane Doe and others},") {
		t.Error(entry)
	}
}

func TestNoTwoEntriesShareAKey(t *testing.T) {
	var ps []core.Paper
	for i := range 60 {
		ps = append(ps, core.Paper{ID: core.PaperID("x" + letters(i)), Title: "LoRA", Authors: []string{"Ed Hu"}, Published: "2021-01-02"})
	}
	ps = append(ps, core.Paper{ID: "y", Title: "LoRAa", Authors: []string{"Ed Hu"}, Published: "2021-01-02"})
	keys := map[string]bool{}
	for _, m := range regexp.MustCompile(`@misc\{(\w+),`).FindAllStringSubmatch(string(bibTeX(ps)), -1) {
		if keys[m[1]] {
			t.Errorf("%s comes twice", m[1])
		}
		keys[m[1]] = true
	}
	if len(keys) != len(ps) {
		t.Errorf("%d keys for %d papers", len(keys), len(ps))
	}
}

func TestNoCellOfATableIsAFormula(t *testing.T) {
	p := core.Paper{ID: "feed:1", Title: "=1+1", Authors: []string{"@sum"}, Code: "-x", DOI: "+1", Link: "https://example.org"}
	rows, err := csv.NewReader(strings.NewReader(string(csvTable([]core.Paper{p})))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"feed:1", "'=1+1", "'@sum", "", "", "", "https://example.org", "", "'-x", "'+1"}
	if diff := cmp.Diff(want, rows[1]); diff != "" {
		t.Error(diff)
	}
}

// A spreadsheet takes the table for UTF-8, and no id for a number; who reads an
// id back gets the paper that it was.
func TestASpreadsheetCutsNoID(t *testing.T) {
	var ps []core.Paper
	for _, id := range []core.PaperID{"2601.10020", "2601.00000", "0704.0010", "2512.12345", "hep-th/9711200", "math/0611800", "feed:1e10aa", "feed:0123"} {
		ps = append(ps, core.Paper{ID: id, Title: "Größe"})
	}
	table := string(csvTable(ps))
	if !strings.HasPrefix(table, "\ufeffid,title,") || strings.Count(table, "\ufeff") != 1 {
		t.Errorf("it begins with %q", table[:20])
	}
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		if _, err := strconv.ParseFloat(row[0], 64); err == nil {
			t.Errorf("%s is a number", row[0])
		}
		id, _, ok := core.ParsePaperID(row[0])
		if want := ps[i].ID; ok && id != want || !ok && (row[0] != string(want) || !strings.HasPrefix(row[0], "feed:")) {
			t.Errorf("%s is read back as %s, and not as %s", row[0], id, want)
		}
	}
}

func TestALinkOfMarkdownLeadsToTheWeb(t *testing.T) {
	for url, want := range map[string]string{
		"https://x.example/a b(c)": `[a \[b\]](https://x.example/a%20b%28c%29)`, "http://x": `[a \[b\]](http://x)`, "javascript:alert(1)": `a \[b\]`, "obsidian://open": `a \[b\]`, "": `a \[b\]`,
	} {
		if got := MarkdownLink("a [b]", url); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}
