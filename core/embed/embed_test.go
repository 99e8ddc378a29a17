package embed_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/core/breaker"
	"paperboy/core/embed"
	"paperboy/core/meaning"
	"paperboy/internal/wallclock"
)

// shelf is a store of papers by Seq, the newest last.
type shelf struct {
	papers  []core.Paper
	vectors map[core.PaperID]meaning.Vector
}

func (s *shelf) Seq(context.Context) (core.Seq, error) { return core.Seq(len(s.papers)), nil }

func (s *shelf) Unembedded(_ context.Context, _ string, limit int) (out []core.Paper, err error) {
	for _, p := range slices.Backward(s.papers) {
		if _, has := s.vectors[p.ID]; !has && len(out) < limit {
			out = append(out, p)
		}
	}
	return out, nil
}

func (s *shelf) PutEmbeddings(_ context.Context, _ string, papers []core.Paper, vectors []meaning.Vector) error {
	for i, p := range papers {
		s.vectors[p.ID] = vectors[i]
	}
	return nil
}

func (s *shelf) Embeddings(context.Context, string, []core.Seq) (map[core.Seq]meaning.Vector, error) {
	return nil, errors.ErrUnsupported
}

// endpoint is one that answers as it is told to.
type endpoint struct {
	asked  []int // texts, by request
	answer func(texts []string) error
}

func (*endpoint) Name() string { return "test" }

func (e *endpoint) Embed(_ context.Context, texts []string) ([]meaning.Vector, error) {
	e.asked = append(e.asked, len(texts))
	if err := e.answer(texts); err != nil {
		return nil, err
	}
	vectors := make([]meaning.Vector, len(texts))
	for i := range texts {
		vectors[i] = meaning.Vector{int8(len(texts[i]))}
	}
	return vectors, nil
}

func worker(papers int, answer func(texts []string) error) (*embed.Worker, *shelf, *endpoint) {
	s, e := &shelf{vectors: map[core.PaperID]meaning.Vector{}}, &endpoint{answer: answer}
	for i := range papers {
		s.papers = append(s.papers, core.Paper{ID: core.PaperID(fmt.Sprint(i)), Title: fmt.Sprint("Lamp ", i)})
	}
	log := slog.New(slog.DiscardHandler)
	never := func(context.Context) error { return nil }
	return &embed.Worker{Store: s, Embedder: e, Clock: wallclock.New(time.Now), Breaker: breaker.New(never, func() {}, log), Log: log}, s, e
}

// runs runs the worker for so long.
func runs(t *testing.T, w *embed.Worker, d time.Duration) {
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	w.Run(ctx)
}

func fine([]string) error { return nil }

func TestEveryPaperIsAskedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s, e := worker(70, fine)
		runs(t, w, 24*time.Hour)
		if len(s.vectors) != 70 || !slices.Equal(e.asked, []int{32, 32, 6}) {
			t.Errorf("%d vectors of requests %v", len(s.vectors), e.asked)
		}
		s.papers = append(s.papers, core.Paper{ID: "new", Title: "New"})
		runs(t, w, time.Minute)
		if s.vectors["new"] == nil || len(e.asked) != 4 {
			t.Errorf("a paper that comes later: %v, requests %v", s.vectors["new"], e.asked)
		}
	})
}

func TestAnEndpointThatFailsIsLeftAloneForLongerEachTime(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int // requests in a day
	}{
		{errors.New("connection refused"), 6 + 22}, // after 1, 2, 4, 8, 16, 32 minutes, then each hour
		{&core.Retry{After: 6 * time.Hour, Err: errors.New("429")}, 4},
		{&core.Unauthorised{Err: errors.New("401")}, 24},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, s, e := worker(1, func([]string) error { return c.err })
			runs(t, w, 24*time.Hour-time.Second)
			if len(s.vectors) != 0 || len(e.asked) > c.want+1 || len(e.asked) < c.want-1 {
				t.Errorf("%v: %d requests, want %d", c.err, len(e.asked), c.want)
			}
			e.answer = fine
			runs(t, w, 2*time.Hour)
			if len(s.vectors) != 1 {
				t.Errorf("%v: nothing comes when it is over", c.err)
			}
		})
	}
}

func TestOneTextThatIsRefusedKeepsBackNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := func(bad func(text string) bool) func([]string) error {
			return func(texts []string) error {
				if slices.ContainsFunc(texts, bad) {
					return &core.Refused{Message: true, Reason: "it is too long"}
				}
				return nil
			}
		}
		w, s, _ := worker(5, refuse(func(text string) bool { return strings.HasPrefix(text, "Lamp 3") }))
		runs(t, w, time.Minute)
		if len(s.vectors) != 5 || s.vectors["3"] != nil || s.vectors["2"] == nil {
			t.Errorf("%v", s.vectors)
		}
		w, s, _ = worker(5, refuse(func(string) bool { return true })) // which is no text's fault
		runs(t, w, time.Minute)
		if len(s.vectors) != 0 {
			t.Errorf("an endpoint that takes nothing: %v", s.vectors)
		}
	})
}
