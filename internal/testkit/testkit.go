// Package testkit is what the tests of several rooms tell their stories with:
// moments in Berlin, the page of papers it all started from, a source that
// sends and a chat that answers what the test says, a log that can be read while
// it is written, waiting for what others do, and the pictures that messages are
// held against.
package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/workers"
	"paperboy/internal/recordings"
)

// Berlin is where the channels of the journeys are.
var Berlin = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return loc
}()

// At is a moment in Berlin, as 2025-12-02 09:00.
func At(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, Berlin)
	if err != nil {
		panic(err)
	}
	return t
}

// Clock stands still until it is set.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the moment it was set to.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves it.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// SeedID is the id of the nth paper of the seed page, counted from 1.
func SeedID(n int) core.PaperID { return core.PaperID(fmt.Sprintf("9912.%05d", n)) }

// Page are papers by their ids.
type Page map[core.PaperID]core.Paper

// SeedPage are the 33 papers of the page it started from.
func SeedPage(t testing.TB) Page {
	t.Helper()
	type entry struct {
		ID, Title, Abstract, Published string
		NAuthors                       int `json:"n_authors"`
	}
	page := Page{}
	for _, row := range recordings.Values[entry](t, "seed_page.jsonl", recordings.All) {
		p := core.Paper{ID: core.PaperID(row.ID), Title: row.Title, Abstract: row.Abstract, Published: core.Date(row.Published)}
		for i := range row.NAuthors {
			p.Authors = append(p.Authors, string(rune('A'+i))+". Author")
		}
		page[p.ID] = p
	}
	return page
}

// Listed are papers of the seed page, by their position there, as Hugging Face
// lists them on a day.
func (page Page) Listed(day core.Date, positions ...int) (seen []core.Seen) {
	for i, n := range positions {
		p := page[SeedID(n)]
		p.Sources = []string{"hf"}
		seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: day, Rank: i + 1, Upvotes: p.Upvotes}, Authority: core.Index})
	}
	return seen
}

// Fresh are four papers about LoRA that only this day has, as Hugging Face lists
// them.
func (page Page) Fresh(day time.Time) (seen []core.Seen) {
	for i, s := range page.Listed(core.DateOf(day), 1, 2, 3, 4) {
		s.Paper.ID = core.PaperID(fmt.Sprintf("%02d%02d.%05d", day.Year()%100, day.Month(), 10000+day.YearDay()*40+i))
		s.Paper.Title += " lora"
		seen = append(seen, s)
	}
	return seen
}

// Wire is a source that sends what the test says, under Hugging Face's name and
// with its calendar.
type Wire struct {
	mu    sync.Mutex
	batch []core.Seen
	hangs bool
}

// Set is what it sends from now on, whatever day it is asked for.
func (s *Wire) Set(batch ...core.Seen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch = batch
}

// Hang makes it answer no more.
func (s *Wire) Hang() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangs = true
}

// Fetches is a fetch of a bot to which the source sends these papers, once, and
// what follows for messages that are there.
func (s *Wire) Fetches(t testing.TB, bot *workers.Workers, seen ...core.Seen) {
	t.Helper()
	s.Set(seen...)
	ctx := context.Background()
	if err := errors.Join(bot.Fetch(ctx), bot.Post.EditDue(ctx)); err != nil {
		t.Fatal(err)
	}
	s.Set()
}

// Name and the other methods are those of a core.Source.
func (*Wire) Name() string { return "huggingface" }

func (*Wire) Short() string { return "hf" }

func (*Wire) Title() string { return "Hugging Face" }

func (*Wire) Note(newest core.Date) string {
	return "HF list of " + newest.Time(time.UTC).Format("2 Jan")
}

func (s *Wire) Fetch(ctx context.Context, _, _ core.Date) (core.Batch, error) {
	s.mu.Lock()
	b, hangs := core.Batch{Seen: s.batch}, s.hangs
	s.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return core.Batch{}, ctx.Err()
	}
	for _, seen := range b.Seen {
		b.Newest = max(b.Newest, seen.Sighting.Day)
	}
	return b, nil
}

func (*Wire) Due(time.Time) core.Date { return "" }

func (*Wire) Complete(day core.Date) time.Time {
	return day.AddDays(1).Time(time.UTC).Add(150 * time.Minute)
}

// Log is what a process writes, read while several goroutines write it.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Sees fails where a word is missing in what somebody reads.
func Sees(t testing.TB, what string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(what, w) {
			t.Errorf("%q is missing in:\n%s", w, what)
		}
	}
}

// DoesNotSee fails where a word is in what somebody reads.
func DoesNotSee(t testing.TB, what string, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(what, w) {
			t.Errorf("%q should not be in:\n%s", w, what)
		}
	}
}

// Bell wakes those who wait for something. Its zero value is ready.
type Bell struct {
	mu   sync.Mutex
	rung chan struct{} // closed and renewed by every ring; nil: nobody waits
}

// Ring lets those who wait look again.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}

func (b *Bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

// Wait waits until something is true, looking again after every ring and every
// few milliseconds (for what happens without one), and fails the test when it is
// not within 15 seconds.
func (b *Bell) Wait(t testing.TB, what string, is func() bool, log ...*Log) {
	t.Helper()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	deadline := time.NewTimer(15 * time.Second)
	defer deadline.Stop()
	for {
		rung := b.next()
		if is() {
			return
		}
		select {
		case <-rung:
		case <-again.C:
		case <-deadline.C:
			for _, l := range log {
				t.Log(l)
			}
			t.Fatalf("in vain waited for: %s", what)
		}
	}
}

// Eventually waits for what happens without a bell, and fails with the log of
// the process when it does not.
func Eventually(t testing.TB, log *Log, what string, is func() bool) {
	t.Helper()
	new(Bell).Wait(t, what, is, log)
}

// Votes waits until a paper has so many in a channel.
func Votes(t testing.TB, log *Log, s core.Store, channel core.ChannelKey, id core.PaperID, want int) {
	t.Helper()
	ch, err := s.EnsureChannel(context.Background(), core.Channel{Key: channel})
	if err != nil {
		t.Fatal(err)
	}
	got := -1
	defer func() {
		if got != want {
			t.Logf("%d votes", got)
		}
	}()
	Eventually(t, log, fmt.Sprintf("%d votes", want), func() bool {
		tally, err := s.Tally(context.Background(), ch.ID, []core.PaperID{id}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		got = tally[id].Up
		return got == want
	})
}

var update = flag.Bool("update", false, "write the pictures in testdata anew")

// LooksLike holds what was drawn against its picture in testdata, or makes it
// the picture when the test runs with -update.
func LooksLike(t testing.TB, picture string, drawn []byte) {
	t.Helper()
	file := filepath.Join("testdata", picture)
	if *update {
		if err := os.WriteFile(file, drawn, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(drawn)); diff != "" {
		t.Error(diff)
	}
}

// Drawn fails where something of a platform's message is missing in a drawing of
// it, an HTML: a red box stands where a kind of thing is not drawn at all, and
// every word for people must be read.
func Drawn(t testing.TB, what, drawn string, message []byte) {
	t.Helper()
	if strings.Contains(drawn, "k-unknown") {
		t.Errorf("%s holds something that is not drawn:\n%s", what, drawn)
	}
	var m map[string]any
	if err := json.Unmarshal(message, &m); err != nil {
		t.Fatal(err)
	}
	shown := html.UnescapeString(htmlTag.ReplaceAllString(drawn, " "))
	for _, word := range said(m) {
		if !strings.Contains(shown, word) {
			t.Errorf("%s: %q is not shown", what, word)
		}
	}
}

var (
	htmlTag   = regexp.MustCompile(`<[^>]*>`)
	reference = regexp.MustCompile(`<[@#!:ta/][^>]*>|<https?://[^|>]*[|>]|\(<?https?://[^)]*\)|https?://\S+|:\w+:`)
	oneWord   = regexp.MustCompile(`[\pL\pN]{2,}`)
)

// said are the words that a message has for people.
func said(v any) (words []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			words = append(words, said(e)...)
		}
	case map[string]any:
		for name, e := range v {
			text, isText := e.(string)
			switch {
			case name == "placeholder" && (v["initial_option"] != nil || v["initial_options"] != nil || v["initial_value"] != nil || v["initial_time"] != nil || v["value"] != nil): // something stands in its place
			case !isText:
				words = append(words, said(e)...)
			case name == "text" && v["blocks"] != nil: // for notifications
			case name == "value" && v["name"] == nil: // of a button; that of a field has a name
			case slices.Contains([]string{"text", "content", "title", "description", "label", "placeholder", "name", "value"}, name):
				words = append(words, oneWord.FindAllString(html.UnescapeString(reference.ReplaceAllString(text, " ")), -1)...)
			}
		}
	}
	return words
}

// JSON is a message as its picture has it: indented, and < as it is.
func JSON(t testing.TB, message any) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(message); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ReportTimes reports the median and the 99th of a hundred, in milliseconds.
func ReportTimes(b *testing.B, what string, took []time.Duration) {
	slices.Sort(took)
	for _, percent := range []int{50, 99} {
		ms := float64(took[len(took)*percent/100].Microseconds()) / 1000
		b.ReportMetric(ms, fmt.Sprintf("%s-p%d-ms", what, percent))
	}
}
