package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of asking.
const (
	sourceTimeout = time.Minute      // for one source to answer, for each day asked for …
	longTimeout   = 5 * time.Minute  // … and in all
	longestGap    = 31               // days after which what was missed stays missed; a back-fill gets it
	lookupBatch   = 100              // ids in one look-up
	lookupSince   = 31               // days back that categories are looked up for
	patience      = 10 * time.Minute // that a back-fill waits when it is asked to …
	backfillTries = 10               // … and how often for one day
)

// Ingest brings papers from the sources into the store. Its methods are safe
// for concurrent use.
type Ingest struct {
	Store     IngestStore
	Sources   []Source
	Now       func() time.Time
	Log       *slog.Logger  // nil: nothing is logged
	Interval  time.Duration // how often a source is asked
	Timeout   time.Duration // of a source for one day's papers; 0: a minute
	NotBefore time.Time     // a calendar earlier than this is a broken clock: nothing is asked
	// Lookup asks arXiv for papers by id, at most 100. nil: nothing is looked up.
	Lookup func(ctx context.Context, ids []PaperID) ([]Seen, error)

	mu     sync.Mutex
	asking map[string]bool  // sources that are being asked
	logged map[string]Date  // what was logged, and when last
	looked map[PaperID]Date // when last looked up
	lookAt time.Time        // after a look-up that failed: not before
}

// IngestStore is the part of the Store that Ingest needs.
type IngestStore interface {
	PaperStore
	SourceStore
}

// Poll asks every source whose time has come and keeps what they send. It
// returns when the last has answered or was given up; a source that hangs
// keeps back neither the others nor their papers. A source's trouble is no
// error: it is in its SourceState.
func (in *Ingest) Poll(ctx context.Context) (Put, error) {
	return in.poll(ctx, func(s SourceState, now time.Time) bool {
		if s.RetryAt.IsZero() || s.LastTry.After(now) { // never, or the clock was set back
			return now.Sub(s.LastTry) >= in.Interval || s.LastTry.After(now)
		}
		return !now.Before(s.RetryAt)
	})
}

// PollNow is Poll for a person who does not want to wait: it asks every source
// but those that want to be left alone.
func (in *Ingest) PollNow(ctx context.Context) (Put, error) {
	return in.poll(ctx, func(s SourceState, now time.Time) bool { return !s.leaveAlone(now) })
}

func (in *Ingest) poll(ctx context.Context, due func(SourceState, time.Time) bool) (all Put, err error) {
	now := in.Now()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for _, src := range in.Sources {
		s, err := in.state(ctx, src.Name())
		if err != nil {
			return all, err
		}
		if !due(s, now) || !in.take(src.Name()) {
			continue
		}
		wg.Go(func() {
			defer in.give(src.Name())
			put, err := in.ask(ctx, src)
			mu.Lock()
			defer mu.Unlock()
			all.add(put)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", src.Name(), err))
			}
		})
	}
	wg.Wait()
	return all, errors.Join(errs...)
}

func (p *Put) add(q Put) {
	p.New += q.New
	p.Updated += q.Updated
	p.Unchanged += q.Unchanged
	p.NewVersions = append(p.NewVersions, q.NewVersions...)
	p.NewIDs = append(p.NewIDs, q.NewIDs...)
}

func (in *Ingest) take(source string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.asking[source] {
		return false
	}
	if in.asking == nil {
		in.asking = map[string]bool{}
	}
	in.asking[source] = true
	return true
}

func (in *Ingest) give(source string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.asking, source)
}

func (in *Ingest) state(ctx context.Context, source string) (SourceState, error) {
	states, err := in.Store.SourceStates(ctx)
	if err != nil {
		return SourceState{}, err
	}
	if i := slices.IndexFunc(states, func(s SourceState) bool { return s.Source == source }); i >= 0 {
		return states[i], nil
	}
	return SourceState{Source: source}, nil
}

// ask asks one source for what may have come since the last time. The first
// time ever, what it has is backlog.
func (in *Ingest) ask(ctx context.Context, src Source) (Put, error) {
	now := in.Now()
	if now.Before(in.NotBefore) {
		return Put{}, in.judge(ctx, src, Outcome{Err: &SourceError{Reason: "was not asked: my clock says " + now.Format("2 January 2006")}}, now)
	}
	s, err := in.state(ctx, src.Name())
	if err != nil {
		return Put{}, err
	}
	until := DateOf(now.UTC())
	from := until
	if !s.Newest.IsZero() {
		from = min(max(s.Newest.AddDays(1), until.AddDays(-longestGap)), until)
	}
	batch, fetchErr := in.fetch(ctx, src, from, until)
	if ctx.Err() != nil { // we are told to stop; that says nothing about the source
		return Put{}, ctx.Err()
	}
	put, err := in.keep(ctx, src, batch, first(s, now), now)
	if err != nil {
		return put, err
	}
	now = in.Now()
	due := src.Due(now)
	return put, in.judge(ctx, src, Outcome{
		Newest:   batch.Newest,
		New:      put.New,
		Due:      due,
		Quiet:    !due.IsZero() && (src.Due(now.Add(-longGap)) == due || src.Due(now.Add(longGap)) == due),
		Err:      fetchErr,
		Interval: in.Interval,
	}, now)
}

// first reports whether what a source sends is still its first fetch: until it
// has given everything once, but when a part keeps failing no longer than a day.
func first(s SourceState, now time.Time) bool {
	return s.LastSuccess.IsZero() && (s.LastNew.IsZero() || now.Sub(s.Since) < longGap)
}

// fetch gives the source a limited time; one that does not even notice that it
// is over is left behind.
func (in *Ingest) fetch(ctx context.Context, src Source, from, until Date) (Batch, error) {
	timeout := in.Timeout
	if timeout == 0 {
		timeout = sourceTimeout
	}
	for d := from; d < until && timeout < longTimeout; d = d.AddDays(1) {
		timeout = min(timeout+sourceTimeout, longTimeout)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return src.Fetch(ctx, from, until)
}

// keep puts a batch into the store. A replacement makes no paper new: it is
// kept only when the paper is known.
func (in *Ingest) keep(ctx context.Context, src Source, batch Batch, backlog bool, now time.Time) (Put, error) {
	for _, p := range batch.Problems {
		in.warn(src.Name(), "an entry could not be read", p.Err.Error(), "where", p.Where)
	}
	var replaced []PaperID
	for _, seen := range batch.Seen {
		if isReplacement(seen) {
			replaced = append(replaced, seen.Paper.ID)
		}
	}
	known := map[PaperID]bool{}
	if len(replaced) > 0 {
		papers, err := in.Store.Papers(ctx, replaced)
		if err != nil {
			return Put{}, err
		}
		for _, p := range papers {
			known[p.ID] = true
		}
	}
	seen := slices.DeleteFunc(slices.Clone(batch.Seen), func(s Seen) bool { return isReplacement(s) && !known[s.Paper.ID] })
	if len(seen) == 0 {
		return Put{}, nil
	}
	return in.Store.PutPapers(ctx, seen, backlog, now)
}

func isReplacement(s Seen) bool { return strings.HasPrefix(s.Sighting.Announce, "replace") }

// judge writes down how the source is now.
func (in *Ingest) judge(ctx context.Context, src Source, o Outcome, now time.Time) error {
	var prev, s SourceState
	if err := in.Store.UpdateSourceState(ctx, src.Name(), func(state *SourceState) {
		prev = *state
		prev.Source = src.Name()
		s = Judge(prev, o, now)
		*state = s
	}); err != nil {
		return err
	}
	if o.Err != nil {
		in.warn(src.Name(), "a source failed", firstCause(o.Err), "retry", s.RetryAt)
		in.log().Debug("all of a source's trouble", "source", src.Name(), "err", o.Err)
	} else if s.Word != prev.Word {
		in.log().Info("a source's state changed", "source", s.Source, "from", prev.Word, "to", s.Word, "newest", s.Newest)
	}
	return nil
}

// firstCause stands for all of an error that was joined from several: without
// a network each day's list fails in the same way.
func firstCause(err error) string {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		if causes := several.Unwrap(); len(causes) > 1 {
			return fmt.Sprintf("%v (and %d more)", causes[0], len(causes)-1)
		}
	}
	return err.Error()
}

func (in *Ingest) log() *slog.Logger {
	if in.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return in.Log
}

// warn logs a source's trouble with a reference, the same trouble once a day.
func (in *Ingest) warn(source, what, cause string, more ...any) {
	sum := sha256.Sum256([]byte(source + "\n" + cause))
	ref := hex.EncodeToString(sum[:2])
	today := DateOf(in.Now().UTC())
	in.mu.Lock()
	if in.logged == nil || len(in.logged) > 10_000 {
		in.logged = map[string]Date{}
	}
	key := source + "\n" + cause
	said := in.logged[key] == today
	in.logged[key] = today
	in.mu.Unlock()
	if !said {
		in.log().Warn(what, append([]any{"ref", ref, "source", source, "err", cause}, more...)...)
	}
}

// Backfill asks a source for the days from..until, one by one, and keeps the
// papers as backlog: they are new for no channel. It may be interrupted and
// repeated. The lists that are still growing are asked for as Poll does, so
// that a back-fill takes no new paper away from the channels. progress, when
// not nil, is called before the first and after each day: when an error ends
// it, from and done days later is the first that may lack papers. A source's
// trouble is a *SourceError.
func (in *Ingest) Backfill(ctx context.Context, source string, from, until Date, progress func(done, total int)) (Put, error) {
	i := slices.IndexFunc(in.Sources, func(s Source) bool { return s.Name() == source || shortName(s.Name()) == source })
	if i < 0 {
		return Put{}, fmt.Errorf("there is no source %q", source)
	}
	src := in.Sources[i]
	if progress == nil {
		progress = func(int, int) {}
	}
	today := DateOf(in.Now().UTC())
	until = min(until, today)
	total := 0
	for d := from; d <= until; d = d.AddDays(1) {
		total++
	}
	progress(0, total)
	var all Put
	if s, err := in.state(ctx, src.Name()); err != nil || s.leaveAlone(in.Now()) {
		return all, errors.Join(err, refused(s, in.Now()))
	}
	if until == today && total > 0 {
		put, err := in.ask(ctx, src)
		all.add(put)
		if err != nil {
			return all, err
		}
		if s, err := in.state(ctx, src.Name()); err != nil || s.Word == Failed {
			return all, errors.Join(err, refused(s, in.Now()))
		}
		until = until.AddDays(-1)
	}
	done := 0
	for d := from; d <= until; d = d.AddDays(1) {
		put, err := in.backfillDay(ctx, src, d)
		all.add(put)
		if err != nil {
			return all, err
		}
		done++
		progress(done, total)
	}
	progress(total, total)
	return all, nil
}

// refused is the error of a source whose state says why it is not asked; the
// cause was logged when it became so.
func refused(s SourceState, now time.Time) error {
	if s.Word != Failed {
		return nil
	}
	return &SourceError{Reason: s.Reason, Limit: s.Limited(), Wait: max(0, s.RetryAt.Sub(now))}
}

// backfillDay keeps one day, and waits as long as the source asks for when
// that is not long.
func (in *Ingest) backfillDay(ctx context.Context, src Source, day Date) (all Put, err error) {
	for try := 1; ; try++ {
		batch, err := in.fetch(ctx, src, day, day)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		put, keepErr := in.keep(ctx, src, batch, true, in.Now())
		all.add(put)
		var e *SourceError
		if keepErr != nil || err == nil || !errors.As(err, &e) || e.Wait == 0 || e.Wait > patience || try == backfillTries {
			if e != nil && (e.Limit || e.Wait > 0) {
				err = errors.Join(err, in.judge(ctx, src, Outcome{Err: err, Interval: in.Interval}, in.Now()))
			}
			return all, errors.Join(err, keepErr)
		}
		t := time.NewTimer(e.Wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return all, ctx.Err()
		}
	}
}

// LookupCategories asks arXiv for the categories of papers that a source
// listed without them, at most a hundred, newest first. Nothing waits for it.
func (in *Ingest) LookupCategories(ctx context.Context) (Put, error) {
	now := in.Now()
	if in.Lookup == nil || now.Before(in.NotBefore) {
		return Put{}, nil
	}
	s, err := in.state(ctx, "arxiv")
	if err != nil || now.Before(s.RetryAt) || in.lookupRests(now) || !in.take("lookup") {
		return Put{}, err
	}
	defer in.give("lookup")
	today := DateOf(now.UTC())
	ids, err := in.Store.Uncategorised(ctx, today.AddDays(-lookupSince), lookupBatch+in.vain(today))
	if err != nil {
		return Put{}, err
	}
	in.mu.Lock()
	ids = slices.DeleteFunc(ids, func(id PaperID) bool { return in.looked[id] == today || strings.HasPrefix(string(id), "feed:") })
	in.mu.Unlock()
	if len(ids) == 0 {
		return Put{}, nil
	}
	ids = ids[:min(len(ids), lookupBatch)]
	found, err := in.lookup(ctx, ids)
	if ctx.Err() != nil {
		return Put{}, ctx.Err()
	}
	in.mu.Lock()
	if err != nil {
		in.lookAt = now.Add(max(in.Interval, firstBackOff))
	} else {
		for _, id := range ids { // what arXiv does not know now it may know tomorrow
			in.looked[id] = today
		}
	}
	in.mu.Unlock()
	if err != nil {
		in.warn("arxiv", "categories could not be looked up", err.Error())
		i := slices.IndexFunc(in.Sources, func(s Source) bool { return s.Name() == "arxiv" })
		var e *SourceError
		if errors.As(err, &e) && (e.Limit || e.Wait > 0) && i >= 0 {
			return Put{}, in.judge(ctx, in.Sources[i], Outcome{Err: err, Interval: in.Interval}, now)
		}
	}
	found = slices.DeleteFunc(found, func(s Seen) bool { return !slices.Contains(ids, s.Paper.ID) })
	if len(found) == 0 {
		return Put{}, nil
	}
	return in.Store.PutPapers(ctx, found, true, now)
}

func (in *Ingest) lookupRests(now time.Time) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return now.Before(in.lookAt)
}

// vain counts the papers that were looked up today, and forgets the others.
func (in *Ingest) vain(today Date) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.looked == nil {
		in.looked = map[PaperID]Date{}
	}
	for id, day := range in.looked {
		if day != today {
			delete(in.looked, id)
		}
	}
	return len(in.looked)
}

func (in *Ingest) lookup(ctx context.Context, ids []PaperID) ([]Seen, error) {
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	return in.Lookup(ctx, ids)
}

// Complete is when a source's list of a day is as good as whole; source is its
// name or the short one that sightings carry. A source that is no more never
// makes a paper late.
func (in *Ingest) Complete(source string, day Date) time.Time {
	for _, s := range in.Sources {
		if s.Name() == source || shortName(s.Name()) == source {
			return s.Complete(day)
		}
	}
	return time.Unix(1<<40, 0)
}

// shortName is what Paper.Sources and sightings say.
func shortName(source string) string {
	if source == "huggingface" {
		return "hf"
	}
	return source
}
