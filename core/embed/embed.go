// Package embed has an endpoint say what papers are about, where an operator set
// one ([meaning] in the configuration): another model than the one inside the
// program, whose vectors search and likeness then go by.
//
// In: papers of the store that have no vector of the endpoint's model, the newest
// first. Out: their vectors, kept with them.
//
// Promises: no post, no search and no fetch waits for it; a paper is asked for
// once, however often the program starts; an endpoint that fails is left alone for
// as long as it says, else for longer each time, up to an hour; one text that it does
// not take keeps back no other.
package embed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"paperboy/core"
	"paperboy/core/breaker"
	"paperboy/core/meaning"
)

const (
	batch = 32 // texts in a request
	idle  = 30 * time.Second
	// An endpoint that fails is tried again after a minute, then after twice as
	// long each time.
	firstPause   = time.Minute
	longestPause = time.Hour
	longestText  = 8000 // characters: 2,000 tokens, which every model takes
)

// Store is what is needed of the store.
type Store interface {
	core.EmbeddingStore
	Seq(ctx context.Context) (core.Seq, error)
}

// Worker asks the endpoint.
type Worker struct {
	Store    Store
	Embedder core.Embedder
	Clock    core.Clock
	Breaker  *breaker.Breaker
	Log      *slog.Logger

	done   core.Seq // nothing of up to this change has to be asked for
	failed int      // how often running
}

// Run asks until the context ends.
func (w *Worker) Run(ctx context.Context) {
	for ctx.Err() == nil {
		pause := idle
		made, err := w.Round(ctx)
		switch {
		case err == nil && made > 0:
			w.failed, pause = 0, 0
		case err == nil:
			w.failed = 0
		case ctx.Err() == nil:
			pause = w.pause(err)
			w.Log.Warn("papers could not be embedded; the built-in model goes on", "model", w.Embedder.Name(), "again in", pause, "err", err)
		}
		if core.Sleep(ctx, w.Clock, pause) != nil {
			return
		}
	}
}

func (w *Worker) pause(err error) time.Duration {
	pause := min(firstPause<<min(w.failed, 10), longestPause)
	w.failed++
	if retry, ok := errors.AsType[*core.Retry](err); ok {
		return max(retry.After, time.Second)
	}
	if core.Is[*core.Unauthorised](err) {
		return longestPause
	}
	return pause
}

// Round asks for the next papers, and says how many have their vector now.
func (w *Worker) Round(ctx context.Context) (made int, err error) {
	if w.Breaker.Open(ctx) {
		return 0, nil
	}
	seq, err := w.Store.Seq(ctx)
	if err != nil || seq == w.done {
		return 0, err
	}
	papers, err := w.Store.Unembedded(ctx, w.Embedder.Name(), batch)
	if err != nil {
		return 0, err
	}
	if len(papers) == 0 {
		w.done = seq
		return 0, nil
	}
	vectors, err := w.embed(ctx, papers)
	if err != nil {
		return 0, err
	}
	return len(papers), w.Breaker.Note(w.Store.PutEmbeddings(ctx, w.Embedder.Name(), papers, vectors))
}

// embed asks for papers together, or one by one where that is refused and the
// endpoint is up: a text that is not taken has no direction.
func (w *Worker) embed(ctx context.Context, papers []core.Paper) ([]meaning.Vector, error) {
	texts := make([]string, len(papers))
	for i := range papers {
		texts[i] = Text(&papers[i])
	}
	vectors, err := w.Embedder.Embed(ctx, texts)
	if !core.Is[*core.Refused](err) {
		return vectors, err
	}
	together := err
	vectors = make([]meaning.Vector, len(papers))
	taken := false
	for i, text := range texts {
		one, err := w.Embedder.Embed(ctx, []string{text})
		if core.Is[*core.Refused](err) {
			w.Log.Info("the endpoint does not take a paper's text", "paper", papers[i].ID, "err", err)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", papers[i].ID, err)
		}
		vectors[i], taken = one[0], true
	}
	if !taken { // then it is not the text
		return nil, together
	}
	return vectors, nil
}

// Text is what an endpoint is asked about a paper.
func Text(p *core.Paper) string {
	text := []rune(p.Title + "\n\n" + p.Abstract)
	return string(text[:min(len(text), longestText)])
}
