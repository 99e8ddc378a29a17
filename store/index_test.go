package store

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

// ages makes the index one of older rules: of every paper it has the one word
// "xstale", and the note says by which rules, or nothing.
func (h *house) ages(note string) {
	h.Helper()
	h.ok(h.write(context.Background(), "making the index old", func(t tx) error {
		if err := t.engine.emptyWords(t); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO words (title, cats, rowid) SELECT $1, $2, seq FROM papers`, blockMark(0)+"xstale", blockMark(0)+catSign+unlisted); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM notes WHERE name = $1`, indexNote); err != nil || note == "" {
			return err
		}
		_, err := t.exec(`INSERT INTO notes (name, value) VALUES ($1, $2)`, indexNote, note)
		return err
	}))
}

func (h *house) total(words string) int {
	h.Helper()
	f, err := h.Search(context.Background(), core.Query{Topic: query(h, words)})
	h.ok(err)
	return f.Total
}

func (h *house) note() string {
	h.Helper()
	note, err := h.Note(context.Background(), indexNote)
	h.ok(err)
	return note
}

// logged has what is logged until the test ends; on calls f with each line's
// message.
func logged(t *testing.T, on func(message string)) *bytes.Buffer {
	var b bytes.Buffer
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.MessageKey && on != nil {
			on(a.Value.String())
		}
		return a
	}})))
	return &b
}

func TestAnIndexOfOtherRulesIsMadeAnewAtOpening(t *testing.T) {
	h := newHouse(t)
	h.wants("the note of a new store", h.note(), rules)
	papers := h.realPapers()
	for _, was := range []string{"", "0", "1", mixed} {
		h.ages(was)
		h.wants("before", []int{h.total("xstale"), h.total("model")}, []int{len(papers), 0})

		log := logged(t, nil)
		h.ok(h.Close())
		h.Store = h.another()
		why := "making the index anew"
		if was == "" {
			why = "there is no index of words yet: making it"
		}
		if s := log.String(); strings.Count(s, "\n") != 2 || !strings.Contains(s, why) {
			t.Errorf("rules %q: logged %q", was, s)
		}
		h.wants("the note", h.note(), rules)
		h.wants("the old word", h.total("xstale"), 0)
		for _, words := range []string{"model", "diffus*", `"language model"`, "author:near", "cat:cs.*", "cat:*", "source:hf", "has:code"} {
			want := map[core.PaperID]bool{}
			for i := range papers {
				if _, ok := query(t, words).Match(papers[i].Doc()); ok {
					want[papers[i].ID] = true
				}
			}
			got := map[core.PaperID]bool{}
			for _, id := range h.finds(core.Query{Topic: query(t, words), Limit: len(papers)}) {
				got[id] = true
			}
			if d := cmp.Diff(want, got); d != "" || len(want) == 0 {
				t.Errorf("rules %q, %s: want -, got +\n%s", was, words, d)
			}
		}
		if _, err := h.lite().w.Exec(`INSERT INTO words (words) VALUES ('integrity-check')`); err != nil {
			t.Error(err)
		}

		log.Reset()
		h.another()
		if log.Len() > 0 {
			t.Errorf("an index of these rules was made anew: %s", log)
		}
	}
}

func TestReadersNeverSeeHalfAnIndex(t *testing.T) {
	h := newHouse(t)
	const papers = reindexBatch*3/2/50*50 + 50
	for k := range papers / 50 {
		h.comes(batch(k, 50)...)
	}
	h.ages("0")
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, s := range []*Store{h.Store, h.Store} {
		wg.Go(func() {
			for old := true; ; {
				f, err := s.Search(context.Background(), core.Query{Topic: query(t, "xstale | lamp")})
				if err != nil || f.Total != papers {
					t.Errorf("%d papers of %d have words, %v", f.Total, papers, err)
					return
				}
				f, err = s.Search(context.Background(), core.Query{Topic: query(t, "lamp")})
				if err != nil || f.Total != 0 && f.Total != papers || !old && f.Total == 0 {
					t.Errorf("%d papers of %d have new words, %v", f.Total, papers, err)
					return
				}
				old = f.Total == 0
				select {
				case <-done:
					if old {
						t.Error("the new index is not read")
					}
					return
				default:
				}
			}
		})
	}
	// Several processes that open it: one makes it anew, the others wait for it.
	log := logged(t, nil)
	var opening sync.WaitGroup
	for range 3 {
		opening.Go(func() {
			s, err := Open(context.Background(), h.path)
			if err != nil {
				t.Error(err)
				return
			}
			if f, err := s.Search(context.Background(), core.Query{Topic: query(t, "lamp")}); err != nil || f.Total != papers {
				t.Errorf("opened with %d papers of %d, %v", f.Total, papers, err)
			}
			s.Close()
		})
	}
	opening.Wait()
	close(done)
	wg.Wait()
	h.wants("lines logged", strings.Count(log.String(), "\n"), 2)
}

func TestAnInterruptedIndexIsTheOldOne(t *testing.T) {
	h := newHouse(t)
	h.comes(batch(0, 50)...)
	h.ages("0")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	logged(t, func(message string) {
		if strings.Contains(message, "making the index anew") {
			cancel()
		}
	})
	if _, err := Open(ctx, h.path); !errors.Is(err, context.Canceled) {
		t.Errorf("opened in spite of it: %v", err)
	}
	h.wants("the note", h.note(), "0")
	h.wants("the old index", []int{h.total("xstale"), h.total("lamp")}, []int{50, 0})
	h.Store = h.another()
	h.wants("the new index", []int{h.total("xstale"), h.total("lamp")}, []int{0, 50})
}

// A program that runs on while a newer one makes the index anew writes words
// of its own rules into it. The next opening puts that right.
func TestAProgramOfOtherRulesThatWritesOnIsNoticed(t *testing.T) {
	h := newHouse(t)
	h.comes(batch(0, 50)...)
	h.wants("its own index", h.note(), rules)
	h.ages("999") // meanwhile
	h.comes(batch(0, 50)...)
	h.wants("nothing new", h.note(), "999")
	h.comes(batch(1, 50)...)
	h.wants("words of two rules", h.note(), mixed)
	h.wants("both", []int{h.total("xstale"), h.total("lamp")}, []int{50, 50})
	h.Store = h.another()
	h.wants("all words", []int{h.total("xstale"), h.total("lamp")}, []int{0, 100})
}
