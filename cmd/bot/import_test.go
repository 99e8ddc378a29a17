package main

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// hands writes a file as an editor or a shell does.
func hands(t *testing.T, name, text string, how encoding.Encoding, eol string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	b, err := how.NewEncoder().Bytes([]byte(strings.ReplaceAll(text, "\n", eol)))
	if err == nil && strings.HasSuffix(name, ".gz") {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, err = w.Write(b)
		w.Close()
		b = z.Bytes()
	}
	if err == nil {
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// editors are who writes files, and how their lines end.
var editors = []struct {
	name string
	how  encoding.Encoding
	eol  string
}{
	{"vi", unicode.UTF8, "\n"},
	{"Notepad", unicode.UTF8BOM, "\r\n"},
	{"PowerShell", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "\r\n"},
	{"an old Mac", unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "\r"},
	{"who knows", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "\n"},
}

// everywhere tries what somebody hands in as every editor writes it.
func everywhere(t *testing.T, name, text string, try func(t *testing.T, file string)) {
	for _, e := range editors {
		t.Run(e.name, func(t *testing.T) { try(t, hands(t, name, text, e.how, e.eol)) })
	}
}

func newOperator(t *testing.T) *operator {
	return &operator{t, []string{"PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db")}}
}

// Papers come in whichever form of JSON, from whichever editor.
func TestPapersAreReadInEveryForm(t *testing.T) {
	const a, b = `{"id": "2401.00001", "title": "Größe", "authors": ["A. B"]}`, `{"title": "Lampen", "id": "2401.00002"}`
	for name, text := range map[string]string{
		"lines.jsonl":        a + "\n" + b + "\n",
		"lines.jsonl.gz":     a + "\n\n" + b,
		"blank.jsonl":        "\n \n" + a + "\n" + b,
		"list.json":          "[" + a + "," + b + "]",
		"indented.json":      "[\n  " + strings.ReplaceAll(a, ", ", ",\n    ") + ",\n  " + strings.ReplaceAll(b, ", ", ",\n    ") + "\n]\n",
		"one-by-one.json":    "{\n" + strings.ReplaceAll(a[1:], ", ", ",\n  ") + "\n{" + strings.ReplaceAll(b[1:], ", ", ",\n  ") + "\n",
		"list-in-lines.json": "[\n" + a + ",\n" + b + "\n]",
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, name, text, func(t *testing.T, file string) {
				o := newOperator(t)
				o.gets("imported 2, updated 0, unchanged 0, bad 0", "import", file)
				o.gets("Größe", "search", "größe")
			})
		})
	}
}

// What is imported bit by bit is found as fast as what came at once.
func TestImportLeavesTheIndexTidy(t *testing.T) {
	o := newOperator(t)
	for _, id := range []string{"2401.00001", "2401.00002", "2401.00003"} {
		o.gets("imported 1", "import", hands(t, "lines.jsonl", `{"title": "Lamps", "id": "`+id+`"}`, unicode.UTF8, "\n"))
	}
	db, err := sql.Open("sqlite3", strings.TrimPrefix(o.environ[0], "PAPERBOY_STORE_URL="))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var pieces int
	if err := db.QueryRow(`SELECT count(DISTINCT segid) FROM words_idx`).Scan(&pieces); err != nil || pieces != 1 {
		t.Errorf("the index has %d pieces (%v), want one", pieces, err)
	}
}

// A paper that cannot be read is named by its place, the others are kept.
func TestABadPaperOfAListIsNamed(t *testing.T) {
	o := newOperator(t)
	file := hands(t, "papers.json", `[{"id": "2401.00001", "title": "A"}, {"id": "x", "title": "B"}, 7, {"id": "2401.00002", "title": "C"}]`, unicode.UTF8, "\n")
	out, complaints := o.types(0, "import", file)
	if !strings.Contains(out, "imported 2, updated 0, unchanged 0, bad 2") || !strings.Contains(complaints, `papers.json, paper 2: "x" is no arXiv id`) || !strings.Contains(complaints, "papers.json, paper 3: no JSON object") {
		t.Errorf("%s%s", out, complaints)
	}
	// One that breaks off is read by its lines.
	file = hands(t, "half.json", "{\"id\": \"2401.00003\",\n{\"id\": \"2401.00004\", \"title\": \"D\"}\n", unicode.UTF8, "\n")
	out, complaints = o.types(0, "import", file)
	if !strings.Contains(out, "imported 1, updated 0, unchanged 0, bad 1") || !strings.Contains(complaints, "half.json:1: ") {
		t.Errorf("%s%s", out, complaints)
	}
}

// What `bot export config` wrote is taken for that wherever its keys stand.
func TestAnExportOfChannelsIsReadInEveryOrder(t *testing.T) {
	const channel = `{"topics": ["diffusion"], "schedule": "09:00 Europe/Berlin weekdays", "key": "slack/T0LAB/C0PAPERS", "channel": "#papers"}`
	for name, text := range map[string]string{
		"first.json":     `{"paperboy_config": 1, "channels": [` + channel + `]}`,
		"last.json":      `{"channels": [` + channel + `], "paperboy_config": 1}`,
		"indented.json":  "{\n  \"channels\": [\n    " + channel + "\n  ],\n\n  \"paperboy_config\": 1\n}\n",
		"tight.json":     `{"channels":[` + channel + `],"paperboy_config":1}` + "\n",
		"loose.json":     "\n\n{\n\n\t\"paperboy_config\"\t:\n1 ,\n\"channels\" : [\n" + channel + "]}\n\n",
		"zipped.json.gz": `{"channels": [` + channel + `], "paperboy_config": 1}`,
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, name, text, func(t *testing.T, file string) {
				o := newOperator(t)
				o.gets("read 1 channel, of which 1 changed\n", "import", file)
				o.gets(`"diffusion"`, "export", "config")
			})
		})
	}
	// A broken one says where.
	for name, text := range map[string]string{
		"broken.json": "{\n  \"paperboy_config\": 1,\n  \"channels\": [\n}\n",
		"wrong.json":  "{\"channels\": [{\"channel\": \"#a\", \"topics\": [\"(\"]}],\n \"paperboy_config\": 1}",
	} {
		file := hands(t, name, text, unicode.UTF8BOM, "\r\n")
		if _, complaints := newOperator(t).types(2, "import", file); !strings.Contains(complaints, name+": Line ") || strings.Contains(complaints, "no line could be read") {
			t.Errorf("%s: %s", name, complaints)
		}
	}
}

// Topics are read from every editor's file, with the numbers of their lines.
func TestTopicsAreReadInEveryForm(t *testing.T) {
	everywhere(t, "topics", "größe\n\nlampen", func(t *testing.T, file string) {
		o := newOperator(t)
		o.gets("imported 2", "import", hands(t, "a.jsonl", `{"id": "2401.00001", "title": "Größe"}`+"\n"+`{"id": "2401.00002", "title": "Lampen"}`, unicode.UTF8, "\n"))
		out, _ := o.types(0, "match", "--topics", file, "--json")
		if want := "{\"topic\":1,\"paper\":\"2401.00001\"}\n{\"topic\":3,\"paper\":\"2401.00002\"}\n"; out != want {
			t.Errorf("got %s", out)
		}
	})
}
