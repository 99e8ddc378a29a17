package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"

	"paperboy/core"
	"paperboy/core/chat"
	"paperboy/internal/textfile"
	"paperboy/sources/arxiv"
	"paperboy/store"
)

type importCommand struct {
	Files []string `arg:"" name:"file" help:"JSONL, JSONL.gz or a JSON list with id, title, abstract, authors, categories, published, or what bot export config wrote; - is stdin."`
}

func (importCommand) Help() string {
	return `A line is one paper, as in
  {"id": "2509.24002", "title": "…", "abstract": "…", "authors": ["…"], "categories": ["cs.CV"], "published": "2025-09-28"}
Other fields are ignored. What is imported is never posted as new. It is safe to interrupt and to repeat.`
}

const (
	importBatch = 500      // papers in a transaction
	longestLine = 16 << 20 // bytes; a paper has some thousands
	// longestDocument is how long a list of papers may be; lines may go on for ever.
	longestDocument = 256 << 20
	// Bad lines of a file that are named before the rest is only counted: of one
	// that has papers, and of one that has none, which was not meant at all.
	shownBad, shownStray = 100, 5
)

func (c *importCommand) Run(a *app) (err error) {
	im := &importer{app: a}
	for _, name := range c.Files {
		if err = im.file(name); err != nil {
			break
		}
	}
	if im.store != nil {
		defer im.store.Close()
	}
	if err == nil && im.put.New+im.put.Updated > 0 {
		err = im.store.Tidy(im.ctx)
	}
	kept := im.put.New + im.put.Updated + im.put.Unchanged
	if kept+im.bad > 0 || err == nil && im.configs < len(c.Files) {
		fmt.Fprintf(a.out, "imported %d, updated %d, unchanged %d, bad %d\n", im.put.New, im.put.Updated, im.put.Unchanged, im.bad)
	}
	if err == nil && im.bad > 0 && kept == 0 {
		return errors.New("this does not look like JSONL: no line could be read as a paper; `bot import --help` shows one")
	}
	return err
}

// importer takes lines into the store, a batch at a time.
type importer struct {
	*app
	store   *store.Store // nil until there is something to keep, so that nothing makes no database
	put     core.Put
	bad     int
	configs int // files of channels' configurations
	batch   []core.Seen

	// Of the file at hand:
	papers bool     // it has some
	named  int      // bad lines that were named …
	held   []string // … and that will be when there are papers
}

// opened is the store, opened when it is needed.
func (im *importer) opened() (s *store.Store, err error) {
	if im.store == nil {
		im.store, err = im.open(false)
	}
	return im.store, err
}

func (im *importer) file(name string) (err error) {
	before := im.bad
	im.papers, im.named, im.held = false, 0, nil
	defer func() {
		if more := im.bad - before - im.named; more > 0 {
			fmt.Fprintf(im.err, "… and %s more\n", count(more, "bad line"))
		}
	}()
	in, size := im.in, int64(-1)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("cannot read %s: %w", name, cause(err))
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return fmt.Errorf("cannot read %s: %w", name, cause(err))
		}
		if info.IsDir() {
			return fmt.Errorf("%s is a folder; name the files in it", name)
		}
		in = f
		if info.Mode().IsRegular() {
			size = info.Size()
		}
	}
	if terminal(im.err) {
		bar := progressbar.NewOptions64(size, progressbar.OptionSetWriter(im.err), progressbar.OptionSetDescription(name),
			progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth())
		defer bar.Finish()
		reader := progressbar.NewReader(in, bar)
		in = &reader
	}
	// Whatever its name, what begins like gzip is gzip: stdin has no name.
	r := bufio.NewReaderSize(in, 1<<20)
	if head, err := r.Peek(2); err == nil && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(r)
		if err != nil {
			return fmt.Errorf("cannot read %s: %w", name, err)
		}
		r = bufio.NewReaderSize(z, 1<<20)
	}
	return im.text(name, bufio.NewReaderSize(textfile.NewReader(r), 1<<20))
}

// text takes a file's text: papers a line each, or one document, which is a list
// of papers or what `bot export config` wrote. What it is only reading it tells:
// editors sort and indent.
func (im *importer) text(name string, r *bufio.Reader) error {
	head, err := r.Peek(r.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("cannot read %s: %w", name, cause(err))
	}
	if !document(head, err != nil) {
		return im.lines(name, r)
	}
	data, err := io.ReadAll(io.LimitReader(r, longestDocument+1))
	switch {
	case err != nil:
		return fmt.Errorf("cannot read %s: %w", name, cause(err))
	case len(data) > longestDocument: // lines, the first of which is broken
		return im.lines(name, bufio.NewReaderSize(io.MultiReader(bytes.NewReader(data), r), 1<<20))
	}
	var values []json.RawMessage
	for d := json.NewDecoder(bytes.NewReader(data)); ; {
		var value json.RawMessage
		err := d.Decode(&value)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if looksLikeConfig(data) { // which says where it is broken
				return im.channels(name, data)
			}
			return im.lines(name, bufio.NewReader(bytes.NewReader(data)))
		}
		values = append(values, value)
	}
	if len(values) == 1 && isConfig(values[0]) {
		return im.channels(name, data)
	}
	var list []json.RawMessage
	if len(values) == 1 && json.Unmarshal(values[0], &list) == nil {
		values = list
	}
	for i, value := range values {
		seen, bad := paper(value)
		if err := im.takes(fmt.Sprintf("%s, paper %d", name, i+1), seen, bad); err != nil {
			return err
		}
	}
	return im.flush()
}

// document reports whether a text that begins so is one document, and not lines:
// its first line is no whole value, or it is a list, or the export of channels.
// all says that head is the whole text.
func document(head []byte, all bool) bool {
	head = bytes.TrimSpace(head)
	if len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return false
	}
	line, _, more := bytes.Cut(head, []byte("\n"))
	if head[0] == '[' {
		return true
	}
	if json.Valid(line) {
		return isConfig(line)
	}
	var end *json.SyntaxError
	err := json.Unmarshal(line, new(any))
	return errors.As(err, &end) && end.Offset >= int64(len(line)) && (more || all)
}

// isConfig reports whether a value is what `bot export config` wrote, wherever
// its keys stand.
func isConfig(value []byte) bool {
	var export struct {
		Version json.RawMessage `json:"paperboy_config"`
	}
	return json.Unmarshal(value, &export) == nil && export.Version != nil
}

// looksLikeConfig reports whether a broken document was to be one.
func looksLikeConfig(data []byte) bool { return bytes.Contains(data, []byte(`"paperboy_config"`)) }

// takes counts a paper that was read, and keeps it with the next batch.
func (im *importer) takes(where string, seen core.Seen, bad error) error {
	if bad != nil {
		im.bad++
		if im.named+len(im.held) < shownBad {
			im.held = append(im.held, fmt.Sprintf("%s: %v", where, bad))
		}
		im.name()
		return nil
	}
	if !im.papers {
		im.papers = true
		im.name()
	}
	if im.batch = append(im.batch, seen); len(im.batch) == importBatch {
		return im.flush()
	}
	return nil
}

// name says what is wrong with bad lines.
func (im *importer) name() {
	most := shownStray
	if im.papers {
		most = shownBad
	}
	for im.named < most && len(im.held) > 0 {
		fmt.Fprintln(im.err, im.held[0])
		im.held = im.held[1:]
		im.named++
	}
}

// lines takes papers, a line each.
func (im *importer) lines(name string, r *bufio.Reader) error {
	for n := 1; ; n++ {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLongLine) {
			return errors.Join(im.flush(), fmt.Errorf("cannot read %s after line %d: %w", name, n-1, err))
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 && !errors.Is(err, errLongLine) {
			continue
		}
		seen, bad := core.Seen{}, error(nil)
		if errors.Is(err, errLongLine) {
			bad = err
		} else {
			seen, bad = paper(line)
		}
		if err := im.takes(fmt.Sprintf("%s:%d", name, n), seen, bad); err != nil {
			return err
		}
	}
	return im.flush()
}

// channels takes back what `bot export config` wrote.
func (im *importer) channels(name string, data []byte) error {
	s, err := im.opened()
	if err != nil {
		return err
	}
	b := chat.New(chat.Options{Store: s, Now: im.now, Log: im.log})
	channels, changed, err := b.ImportConfig(im.ctx, data)
	if pe, ok := errors.AsType[*core.UserError](err); ok {
		return usage("%s: %v", name, pe)
	}
	if err != nil {
		return err
	}
	im.configs++
	fmt.Fprintf(im.out, "read %s, of which %d changed\n", count(channels, "channel"), changed)
	return nil
}

func (im *importer) flush() error {
	if len(im.batch) == 0 {
		return nil
	}
	if im.ctx.Err() != nil {
		return context.Canceled
	}
	s, err := im.opened()
	if err != nil {
		return err
	}
	put, err := s.PutPapers(im.ctx, im.batch, true, im.now())
	if err != nil {
		return err
	}
	im.batch = im.batch[:0]
	im.put.New += put.New
	im.put.Updated += put.Updated
	im.put.Unchanged += put.Unchanged
	return nil
}

var errLongLine = fmt.Errorf("the line is longer than %d MB", longestLine>>20)

// readLine reads up to the next line feed; of a line that is too long it keeps
// nothing.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(line)+len(part) > longestLine; long {
			line = nil
		} else {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case long && (err == nil || errors.Is(err, io.EOF)):
			return nil, errLongLine
		}
		return line, err
	}
}

// record is a line of an import.
type record struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Abstract   string   `json:"abstract"`
	Authors    []string `json:"authors"`
	Categories []string `json:"categories"`
	Published  string   `json:"published"`
	Listed     string   `json:"listed"`
	Comment    string   `json:"comment"`
	Code       string   `json:"code"`
	Upvotes    *int     `json:"upvotes"`
	Source     string   `json:"src"`
}

// paper reads a line.
func paper(line []byte) (core.Seen, error) {
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			return core.Seen{}, fmt.Errorf("%s is a JSON %s and must be %s", wrong.Field, wrong.Value, plainType(wrong.Field))
		}
		return core.Seen{}, fmt.Errorf("no JSON object: %w", err)
	}
	id, version, ok := core.ParsePaperID(r.ID)
	switch {
	case r.ID == "":
		return core.Seen{}, errors.New("it has no id")
	case !ok:
		return core.Seen{}, fmt.Errorf("%q is no arXiv id", r.ID)
	case strings.TrimSpace(r.Title) == "":
		return core.Seen{}, errors.New("it has no title")
	}
	p := core.Paper{ID: id, Version: version, Title: r.Title, Abstract: r.Abstract, Authors: r.Authors, Categories: r.Categories,
		Comment: r.Comment, Withdrawn: arxiv.Withdrawn(r.Comment), Code: r.Code, Upvotes: r.Upvotes}
	day := r.Published
	if day == "" {
		day = r.Listed
	}
	if day != "" {
		d, err := core.ParseDate(day[:min(len(day), len("2006-01-02"))]) // a time of day after it says nothing that we keep
		if err != nil {
			return core.Seen{}, fmt.Errorf("published: %w", err)
		}
		p.Published = d
	}
	if r.Source == "hf" || r.Source == "arxiv" {
		p.Sources = []string{r.Source}
	}
	return core.Seen{Paper: p, Sighting: core.Sighting{Source: "import"}, Authority: core.Copy}, nil
}

func plainType(field string) string {
	switch field {
	case "authors", "categories":
		return "a list of strings"
	case "upvotes":
		return "a whole number"
	}
	return "a string"
}

// cause is the error without the operation and file name that os puts before
// it, where the sentence around it names them already.
func cause(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err
	}
	return err
}
