package cite

import (
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/names"
	"paperboy/internal/recordings"
)

// hardNames are authors as sources write them, and what a reader of the file
// has to find.
var hardNames = []struct {
	author string
	read   names.Name
}{
	{"Alan Beta III", names.Name{Given: "Alan", Family: "Beta", Suffix: "III"}},
	{"Carl D. Epsilon Jr.", names.Name{Given: "Carl D.", Family: "Epsilon", Suffix: "Jr."}},
	{"Fay Gamma, Jr.", names.Name{Given: "Fay", Family: "Gamma", Suffix: "Jr."}},
	{"Jane Doe, PhD", names.Name{Given: "Jane", Family: "Doe"}},
	{"Doe, Jane", names.Name{Given: "Jane", Family: "Doe"}},
	{"Aäron van den Oord", names.Name{Given: "Aäron", Particle: "van den", Family: "Oord"}},
	{"Jan de Witt, Sr.", names.Name{Given: "Jan", Particle: "de", Family: "Witt", Suffix: "Sr."}},
	{"Rixta van Eijck van Heslinga", names.Name{Given: "Rixta", Particle: "van", Family: "Eijck van Heslinga"}},
	{"Luc Van Gool", names.Name{Given: "Luc", Family: "Van Gool"}},
	{"Hildegarde Van den Bulck", names.Name{Given: "Hildegarde", Family: "Van den Bulck"}},
	{"Eduardo de la Cruz Fernández", names.Name{Given: "Eduardo", Particle: "de la", Family: "Cruz Fernández"}},
	{"Maria de Lourdes M. Silva", names.Name{Given: "Maria de Lourdes M.", Family: "Silva"}},
	{"Daniel Guerreiro e Silva", names.Name{Given: "Daniel", Family: "Guerreiro e Silva"}},
	{"Flor Plaza-del-Arco", names.Name{Given: "Flor", Family: "Plaza-del-Arco"}},
	{"Paulo F. Silva Filho", names.Name{Given: "Paulo F.", Family: "Silva Filho"}},
	{"Hongzhan lin", names.Name{Given: "Hongzhan", Family: "lin"}},
	{"yingfeng luo", names.Name{Given: "yingfeng", Family: "luo"}},
	{"Jean d'Alembert", names.Name{Given: "Jean", Family: "d'Alembert"}},
	{"Flannery O’Connor", names.Name{Given: "Flannery", Family: "O’Connor"}},
	{`Erd\H{o}s P\'al`, names.Name{Given: "Erdős", Family: "Pál"}},
	{"C. -C. Jay Kuo", names.Name{Given: "C.-C. Jay", Family: "Kuo"}},
	{"李 明", names.Name{Given: "明", Family: "李"}},
	{"李明", names.Name{Literal: "李明"}},
	{"Meta AI", names.Name{Literal: "Meta AI"}},
	{"Tencent Robotics X", names.Name{Literal: "Tencent Robotics X"}},
	{"R&D Team", names.Name{Literal: "R&D Team"}},
	{"ATLAS and CMS Collaboration", names.Name{Literal: "ATLAS and CMS Collaboration"}},
	{"University of Oxford, Department of Physics", names.Name{Literal: "University of Oxford, Department of Physics"}},
	{"DeepSeek-AI", names.Name{Literal: "DeepSeek-AI"}},
	{"Madonna", names.Name{Literal: "Madonna"}},
}

// hardPapers are a paper of all of them, and one of each alone.
func hardPapers() (ps []core.Paper, want [][]names.Name) {
	all := core.Paper{ID: "2601.00001", Title: "All", Published: "2026-01-02"}
	var read []names.Name
	for _, n := range hardNames {
		all.Authors = append(all.Authors, n.author)
		read = append(read, n.read)
		ps = append(ps, core.Paper{ID: core.PaperID("2601.1" + n.author), Title: "One", Published: "2026-01-02", Authors: []string{n.author}})
		want = append(want, []names.Name{n.read})
	}
	return append(ps, all), append(want, read)
}

func TestNamesAreReadBackAsTheyWereMeant(t *testing.T) {
	ps, want := hardPapers()
	for _, c := range []struct {
		format string
		read   func([]byte) [][]names.Name
	}{{"bibtex", readBibTeX}, {"ris", readRIS}, {"csl", readCSL}} {
		f, err := Export(c.format, ps, "2026-01-02")
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(asRead(c.format, want), c.read(f.Data)); diff != "" {
			t.Errorf("%s (-want +got)\n%s\n%s", c.format, diff, f.Data)
		}
	}
}

// asRead is what a format can say: BibTeX has no names of teams, only families
// in braces; RIS has no particles, and commas only between a person's parts.
func asRead(format string, want [][]names.Name) (out [][]names.Name) {
	for _, list := range want {
		var all []names.Name
		for _, n := range list {
			switch {
			case format == "bibtex" && n.Literal != "":
				n = names.Name{Family: n.Literal}
			case format == "ris" && n.Literal != "":
				n = names.Name{Family: strings.ReplaceAll(n.Literal, ",", "")}
			case format == "ris":
				n.Family, n.Particle = strings.TrimSpace(n.Particle+" "+n.Family), ""
			}
			all = append(all, n)
		}
		out = append(out, all)
	}
	return out
}

var authorField = regexp.MustCompile(`(?m)^  author +=\s\{(.*)\},$`)

// readBibTeX reads names by BibTeX's own rules (Patashnik, BibTeXing, 4), which
// know nothing of ours: " and ", commas and blanks part outside of braces only,
// and of "von Last" the words up to the last small one are the von.
func readBibTeX(file []byte) (out [][]names.Name) {
	plain := strings.NewReplacer("{", "", "}", "", `\&`, "&")
	for _, m := range authorField.FindAllStringSubmatch(string(file), -1) {
		var list []names.Name
		for _, name := range outside(m[1], " and ") {
			var n names.Name
			parts := outside(name, ",")
			if len(parts) == 1 { // First von Last; in braces all is Last
				words := outside(strings.TrimSpace(name), " ")
				n.Given, n.Family = strings.Join(words[:len(words)-1], " "), words[len(words)-1]
			} else {
				words := outside(strings.TrimSpace(parts[0]), " ")
				von := 0
				for i, w := range words[:len(words)-1] {
					if r, _ := utf8.DecodeRuneInString(w); unicode.IsLower(r) {
						von = i + 1
					}
				}
				n.Particle, n.Family = strings.Join(words[:von], " "), strings.Join(words[von:], " ")
				n.Given = strings.TrimSpace(parts[len(parts)-1])
				if len(parts) == 3 {
					n.Suffix = strings.TrimSpace(parts[1])
				}
			}
			n.Family = plain.Replace(n.Family)
			list = append(list, n)
		}
		out = append(out, list)
	}
	return out
}

// outside splits where the separator stands outside of braces.
func outside(s, sep string) (parts []string) {
	depth, from := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '{':
			depth++
		case s[i] == '}':
			depth--
		case depth == 0 && strings.HasPrefix(s[i:], sep):
			parts = append(parts, s[from:i])
			from = i + len(sep)
			i = from - 1
		}
	}
	return append(parts, s[from:])
}

func readRIS(file []byte) (out [][]names.Name) {
	for _, entry := range strings.SplitAfter(string(file), "ER  - \r\n")[:strings.Count(string(file), "ER  - ")] {
		var list []names.Name
		for line := range strings.SplitSeq(entry, "\r\n") {
			if name, ok := strings.CutPrefix(line, "AU  - "); ok {
				parts := append(strings.Split(name, ", "), "", "")
				list = append(list, names.Name{Family: parts[0], Given: parts[1], Suffix: parts[2]})
			}
		}
		out = append(out, list)
	}
	return out
}

type cslName struct {
	Family, Given, Suffix, Literal string
	Particle                       string `json:"non-dropping-particle"`
}

func readCSL(file []byte) (out [][]names.Name) {
	var items []struct{ Author []cslName }
	if err := json.Unmarshal(file, &items); err != nil {
		panic(err)
	}
	for _, it := range items {
		var list []names.Name
		for _, a := range it.Author {
			list = append(list, names.Name{Given: a.Given, Particle: a.Particle, Family: a.Family, Suffix: a.Suffix, Literal: a.Literal})
		}
		out = append(out, list)
	}
	return out
}

// readByCitationJS is a program for Node that reads files with a library that is
// not ours, and writes their authors.
const readByCitationJS = `
const { Cite } = require('@citation-js/core');
for (const p of ['bibtex', 'ris', 'csl']) require('@citation-js/plugin-' + p);
const read = (file, how) => new Cite(require('fs').readFileSync(file, 'utf8'), how).data.map(e => e.author);
console.log(JSON.stringify([read(process.argv[1]), read(process.argv[2], { forceType: '@ris/file' }), read(process.argv[3])]));`

// Node finds the library by NODE_PATH.
func TestAnotherProgramReadsTheNamesBack(t *testing.T) {
	node, err := exec.LookPath("node")
	if err == nil {
		err = exec.Command(node, "-e", "require('@citation-js/core')").Run()
	}
	if err != nil {
		recordings.Missing(t, "citation-js", "no Node that finds @citation-js/core and its plugins: "+err.Error())
	}
	ps, want := hardPapers()
	if recordings.Here(t) { // and real ones
		for _, seen := range recordings.Values[struct {
			ID      core.PaperID
			Authors []string
		}](t, "arxiv-corpus.jsonl.gz", 5000) {
			p := core.Paper{ID: seen.ID, Title: "Recorded", Published: "2026-01-02", Authors: seen.Authors}
			list, _ := authors(&p)
			ps, want = append(ps, p), append(want, list)
		}
	}
	dir := t.TempDir()
	args := []string{"-e", readByCitationJS}
	formats := []string{"bibtex", "ris", "csl"}
	for _, format := range formats {
		f, err := Export(format, ps, "2026-01-02")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, f.Name)
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out, err := exec.Command(node, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var files [][][]cslName
	if err := json.Unmarshal(out, &files); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for i, format := range formats {
		people, wrong := 0, 0
		for j, list := range asRead(format, want) {
			if len(list) != len(files[i][j]) {
				t.Errorf("%s: %d authors of %v", format, len(files[i][j]), ps[j].Authors)
				continue
			}
			for k, n := range list {
				a := files[i][j][k]
				got := names.Name{Given: a.Given, Particle: a.Particle, Family: cmp.Or(a.Family, a.Literal), Suffix: a.Suffix}
				if n.Literal != "" {
					n = names.Name{Family: n.Literal}
				}
				if people++; got != n {
					if wrong++; wrong < 10 {
						t.Errorf("%s: %q is read as %+v, want %+v", format, ps[j].Authors[k], got, n)
					}
				}
			}
		}
		t.Logf("%s: %d names, %d wrong", format, people, wrong)
	}
}
