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
	"regexp"
	"strings"

	"github.com/schollz/progressbar/v3"

	"paperboy/core"
	"paperboy/core/chat"
	"paperboy/sources/arxiv"
)

type importCommand struct {
	Files []string `arg:"" name:"file" help:"JSONL or JSONL.gz with id, title, abstract, authors, categories, published, or what bot export config wrote; - is stdin."`
}

func (importCommand) Help() string {
	return `A line is one paper, as in
  {"id": "2509.24002", "title": "…", "abstract": "…", "authors": ["…"], "categories": ["cs.CV"], "published": "2025-09-28"}
Other fields are ignored. What is imported is never posted as new. It is safe to interrupt and to repeat.`
}

const (
	importBatch = 500      // papers in a transaction
	longestLine = 16 << 20 // bytes; a paper has some thousands
	shownBad    = 100      // lines that are named before the rest is only counted
)

func (c *importCommand) Run(a *app) error {
	s, err := a.open(false)
	if err != nil {
		return err
	}
	defer s.Close()
	im := &importer{app: a, store: s}
	for _, name := range c.Files {
		if err = im.file(name); err != nil {
			break
		}
	}
	if im.bad > shownBad {
		fmt.Fprintf(a.err, "… and %s more\n", count(im.bad-shownBad, "bad line"))
	}
	kept := im.put.New + im.put.Updated + im.put.Unchanged
	if kept+im.bad > 0 || err == nil && im.configs < len(c.Files) {
		fmt.Fprintf(a.out, "imported %d, updated %d, unchanged %d, bad %d\n", im.put.New, im.put.Updated, im.put.Unchanged, im.bad)
	}
	if err == nil && im.bad > 0 && kept == 0 {
		return errors.New("no line could be read as a paper; `bot import --help` shows one")
	}
	return err
}

// importer takes lines into the store, a batch at a time.
type importer struct {
	*app
	store   core.Store
	put     core.Put
	bad     int
	configs int // files of channels' configurations
	batch   []core.Seen
}

func (im *importer) file(name string) (err error) {
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
	if head, _ := r.Peek(256); channelConfig.Match(head) {
		return im.channels(name, r)
	}
	for n := 1; ; n++ {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLongLine) {
			return errors.Join(im.flush(), fmt.Errorf("cannot read %s after line %d: %w", name, n-1, err))
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
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
		if bad != nil {
			if im.bad++; im.bad <= shownBad {
				fmt.Fprintf(im.err, "%s:%d: %v\n", name, n, bad)
			}
			continue
		}
		im.batch = append(im.batch, seen)
		if len(im.batch) == importBatch {
			if err := im.flush(); err != nil {
				return err
			}
		}
	}
	return im.flush()
}

// channelConfig begins a file of `bot export config`.
var channelConfig = regexp.MustCompile(`^\s*\{\s*"paperboy_config"`)

// channels takes back what `bot export config` wrote.
func (im *importer) channels(name string, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", name, cause(err))
	}
	b := chat.New(chat.Options{Store: im.store, Now: im.now, Log: im.log})
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
	put, err := im.store.PutPapers(im.ctx, im.batch, true, im.now())
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
