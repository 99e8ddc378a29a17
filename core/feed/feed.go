// Package feed brings papers from the sources into the store.
//
// In: what each core.Source sends when its time has come. Out: papers and
// sightings in the store, and how each source is, in a word (Judge). What came
// of it others read from the store: a paper's Changed number grows, and nobody
// is called.
//
// Promises: polls overlap, so that what was missed is made up for, up to a
// month; a source that hangs keeps back neither the others nor their papers;
// one that asks for fewer requests is left alone; what a source sends the first
// time, and what a back-fill brings, is new for no channel; a source's trouble
// is a state and not an error.
package feed

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

	"paperboy/core"
)

// Limits of asking.
const (
	sourceTimeout = time.Minute      // for one source to answer, for each day asked for …
	longTimeout   = 5 * time.Minute  // … and in all
	longestGap    = 31               // days after which what was missed stays missed; a back-fill gets it
	keepBatch     = 500              // papers in a transaction, so that a long list holds no command back
	lookupBatch   = 100              // ids in one look-up
	lookupSince   = 31               // days back that papers are looked up for
	standingSince = 90               // days back that posted ones are, once a day
	patience      = 10 * time.Minute // that a back-fill waits when it is asked to …
	backfillTries = 10               // … and how often for one day
)

// Feed asks the sources. Its methods are safe for concurrent use.
type Feed struct {
	Store     Store
	Sources   []core.Source
	Now       func() time.Time
	Log       *slog.Logger  // nil: nothing is logged
	Interval  time.Duration // how often a source is asked
	Timeout   time.Duration // of a source for one day's papers; 0: a minute
	NotBefore time.Time     // a calendar earlier than this is a broken clock: nothing is asked
	Catalogue Catalogue     // knows what others leave out; nil: nothing is looked up
	// Sleep waits, or returns early with the context's error. nil: nobody waits,
	// and a source that asks for a pause ends a back-fill.
	Sleep func(context.Context, time.Duration) error

	mu     sync.Mutex
	asking map[string]chan struct{}   // closed when a source that is being asked has answered
	logged map[string]core.Date       // what was logged, and when last
	looked map[core.PaperID]core.Date // when last looked up
	lookAt time.Time                  // after a look-up that failed: not before
	posted []core.PaperID             // that stand in posts, as of …
	asOf   core.Date                  // … this day
}

// Store is the part of core.Store that is needed here.
type Store interface {
	PutPapers(ctx context.Context, seen []core.Seen, backlog bool, now time.Time) (core.Put, error)
	Papers(ctx context.Context, ids []core.PaperID) ([]core.Paper, error)
	Unread(ctx context.Context, since core.Date, limit int) ([]core.PaperID, error)
	SourceStates(ctx context.Context) ([]core.SourceState, error)
	UpdateSourceState(ctx context.Context, source string, change func(*core.SourceState)) error
	Standing(ctx context.Context, since time.Time) ([]core.PaperID, error)
	Sightings(ctx context.Context, ids []core.PaperID) (map[core.PaperID][]core.Sighting, error)
	PutLists(ctx context.Context, lists []core.List, now time.Time) error
}

// Catalogue is a source that can be asked for papers by id.
type Catalogue interface {
	Name() string
	// Lookup gives what it has of at most 100 papers.
	Lookup(ctx context.Context, ids []core.PaperID) ([]core.Seen, error)
}

// Poll asks every source whose time has come and keeps what they send. It
// returns when the last has answered or was given up; a source that hangs
// keeps back neither the others nor their papers. A source's trouble is no
// error: it is in its SourceState.
func (f *Feed) Poll(ctx context.Context) (core.Put, error) {
	return f.poll(ctx, func(src core.Source, s core.SourceState, now time.Time) bool {
		if s.RetryAt.IsZero() || s.LastTry.After(now) { // never, or the clock was set back
			return now.Sub(s.LastTry) >= f.Interval || s.LastTry.After(now) ||
				src.Due(now) > src.Due(s.LastTry) // a list that is not there is to be missed now, however rarely we ask
		}
		return !now.Before(s.RetryAt)
	})
}

// PollNow is Poll for a person who does not want to wait: it asks every source
// but those that want to be left alone.
func (f *Feed) PollNow(ctx context.Context) (core.Put, error) {
	return f.poll(ctx, func(_ core.Source, s core.SourceState, now time.Time) bool { return !leaveAlone(s, now) })
}

func (f *Feed) poll(ctx context.Context, due func(core.Source, core.SourceState, time.Time) bool) (all core.Put, err error) {
	now := f.Now()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for _, src := range f.Sources {
		s, err := f.state(ctx, src.Name())
		if err != nil {
			return all, err
		}
		if !due(src, s, now) {
			continue
		}
		wg.Go(func() {
			if others := f.acquire(src.Name()); others != nil { // whoever needs the papers waits for them
				select {
				case <-others:
				case <-ctx.Done():
				}
				return
			}
			defer f.release(src.Name())
			put, err := f.ask(ctx, src)
			mu.Lock()
			defer mu.Unlock()
			all.Add(put)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", src.Name(), err))
			}
		})
	}
	wg.Wait()
	return all, errors.Join(errs...)
}

// acquire makes the caller the one who asks a source, until it calls release; nil
// when it is, else what is closed when the other one has done.
func (f *Feed) acquire(source string) (others <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if others := f.asking[source]; others != nil {
		return others
	}
	if f.asking == nil {
		f.asking = map[string]chan struct{}{}
	}
	f.asking[source] = make(chan struct{})
	return nil
}

func (f *Feed) release(source string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.asking[source])
	delete(f.asking, source)
}

func (f *Feed) state(ctx context.Context, source string) (core.SourceState, error) {
	states, err := f.Store.SourceStates(ctx)
	if err != nil {
		return core.SourceState{}, err
	}
	if i := slices.IndexFunc(states, func(s core.SourceState) bool { return s.Source == source }); i >= 0 {
		return states[i], nil
	}
	return core.SourceState{Source: source}, nil
}

// ask asks one source for what may have come since the last time. The first
// time ever, what it has is backlog.
func (f *Feed) ask(ctx context.Context, src core.Source) (core.Put, error) {
	now := f.Now()
	if now.Before(f.NotBefore) {
		return core.Put{}, f.judge(ctx, src, Outcome{Err: &core.SourceError{Reason: "was not asked: my clock says " + now.Format("2 January 2006")}}, now)
	}
	s, err := f.state(ctx, src.Name())
	if err != nil {
		return core.Put{}, err
	}
	until := core.DateOf(now.UTC())
	from := until
	if !s.Newest.IsZero() {
		from = min(max(s.Newest.AddDays(1), until.AddDays(-longestGap)), until)
	}
	batch, fetchErr := f.fetch(ctx, src, from, until)
	if ctx.Err() != nil { // we are told to stop; that says nothing about the source
		return core.Put{}, ctx.Err()
	}
	if err := f.again(ctx, src, s, &batch); err != nil {
		return core.Put{}, err
	}
	put, err := f.keep(ctx, src, batch, first(s, now), now)
	if err != nil {
		return put, err
	}
	if fetchErr == nil && len(batch.Seen) == 0 && batch.Rest == nil && len(batch.Problems) > 0 {
		fetchErr = core.NoneReadable(batch.Problems)
	}
	if fetchErr == nil && batch.Kept != nil {
		if err := batch.Kept(ctx); err != nil {
			return put, err
		}
	}
	now = f.Now()
	due := src.Due(now)
	err = f.judge(ctx, src, Outcome{
		Newest:   batch.Newest,
		New:      put.New,
		Due:      due,
		Quiet:    !due.IsZero() && (src.Due(now.Add(-longGap)) == due || src.Due(now.Add(longGap)) == due),
		Again:    batch.Again,
		Err:      fetchErr,
		Interval: f.Interval,
	}, now)
	if err != nil {
		return put, err
	}
	if s, err = f.state(ctx, src.Name()); err != nil {
		return put, err
	}
	return put, f.Store.PutLists(ctx, listsOf(src, s, batch, now), now)
}

// fewEntries is how many entries a list has at least that is told by them: one or two
// may well stand on two days' lists.
const fewEntries = 5

// again takes a list out of a batch that says it is a new day's and is an earlier
// one's: of its papers the source had listed 19 in 20 before. What is new on it
// comes with the right one; the earlier day's list has what it says of the others.
func (f *Feed) again(ctx context.Context, src core.Source, s core.SourceState, b *core.Batch) error {
	if s.Newest.IsZero() {
		return nil
	}
	ids := map[core.Date][]core.PaperID{}
	var all []core.PaperID
	for _, seen := range b.Seen {
		if day := seen.Sighting.Day; day > s.Newest && !seen.Sighting.Assumed && seen.Sighting.Source == src.Short() {
			ids[day] = append(ids[day], seen.Paper.ID)
			all = append(all, seen.Paper.ID)
		}
	}
	if len(all) < fewEntries {
		return nil
	}
	sightings, err := f.Store.Sightings(ctx, all)
	if err != nil {
		return err
	}
	for day, list := range ids {
		before, earlier := 0, core.Date("")
		for _, id := range list {
			i := slices.IndexFunc(sightings[id], func(o core.Sighting) bool { return o.Source == src.Short() && o.Day <= s.Newest })
			if i >= 0 {
				before++
				earlier = max(earlier, sightings[id][i].Day)
			}
		}
		if len(list) < fewEntries || 20*before < 19*len(list) {
			continue
		}
		b.Again = &core.Again{Day: earlier, Claims: day}
		b.Seen = slices.DeleteFunc(b.Seen, func(seen core.Seen) bool { return seen.Sighting.Day == day })
		b.Lists = slices.DeleteFunc(b.Lists, func(l core.List) bool { return l.Day == day })
		if b.Newest == day {
			b.Newest = s.Newest
		}
	}
	return nil
}

// listsOf is what a batch says of the source's lists, s being how the source is now:
// of a list that came again, in whose place it came.
func listsOf(src core.Source, s core.SourceState, b core.Batch, now time.Time) []core.List {
	lists := slices.Clone(b.Lists)
	if a := b.Again; a != nil {
		today := core.DateOf(now.UTC())
		due := src.Due(now)
		l := core.List{Again: a.Day, Parts: a.Parts}
		switch {
		case !a.Claims.IsZero():
			l.Day, l.Due = a.Claims, true
		case s.Word == core.Stale:
			l.Day, l.Due = due, true
		case a.Day < today && due == src.Due(today.AddDays(1).Time(time.UTC)): // nothing comes due today
			l.Day = today
		}
		if !l.Day.IsZero() {
			lists = slices.DeleteFunc(lists, func(o core.List) bool { return o.Day == l.Day }) // of a part that came, nobody knows of how much
			lists = append(lists, l)
		}
	}
	for i := range lists {
		lists[i].Source = src.Short()
	}
	return lists
}

// first reports whether what a source sends is still its first fetch: until it
// has given everything once, but when a part keeps failing no longer than a day.
func first(s core.SourceState, now time.Time) bool {
	return s.LastSuccess.IsZero() && (s.LastNew.IsZero() || now.Sub(s.Since) < longGap)
}

// fetch gives the source a limited time; one that does not even notice that it
// is over is left behind.
func (f *Feed) fetch(ctx context.Context, src core.Source, from, until core.Date) (core.Batch, error) {
	timeout := f.Timeout
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

// keep puts a batch into the store.
func (f *Feed) keep(ctx context.Context, src core.Source, batch core.Batch, backlog bool, now time.Time) (core.Put, error) {
	for _, p := range batch.Problems {
		f.warn(src.Name(), "an entry could not be read", p.Err.Error(), "where", p.Where)
	}
	all, err := f.keepPart(ctx, batch.Seen, backlog, now)
	if err != nil || batch.Rest == nil {
		return all, err
	}
	for part := range batch.Rest {
		put, err := f.keepPart(ctx, part, backlog, now)
		all.Add(put)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// keepPart puts papers into the store. A replacement makes no paper new: it is
// kept only when the paper is known.
func (f *Feed) keepPart(ctx context.Context, seen []core.Seen, backlog bool, now time.Time) (all core.Put, err error) {
	var replaced []core.PaperID
	for _, s := range seen {
		if isReplacement(s) {
			replaced = append(replaced, s.Paper.ID)
		}
	}
	known := map[core.PaperID]bool{}
	if len(replaced) > 0 {
		papers, err := f.Store.Papers(ctx, replaced)
		if err != nil {
			return all, err
		}
		for _, p := range papers {
			known[p.ID] = true
		}
	}
	seen = slices.DeleteFunc(slices.Clone(seen), func(s core.Seen) bool { return isReplacement(s) && !known[s.Paper.ID] })
	for part := range slices.Chunk(seen, keepBatch) {
		put, err := f.Store.PutPapers(ctx, part, backlog, now)
		all.Add(put)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func isReplacement(s core.Seen) bool { return strings.HasPrefix(s.Sighting.Announce, "replace") }

// judge writes down how the source is now.
func (f *Feed) judge(ctx context.Context, src core.Source, o Outcome, now time.Time) error {
	var prev, s core.SourceState
	if err := f.Store.UpdateSourceState(ctx, src.Name(), func(state *core.SourceState) {
		prev = *state
		prev.Source = src.Name()
		s = Judge(prev, o, now)
		if s.Title, s.Note = src.Title(), ""; !s.Newest.IsZero() {
			s.Note = src.Note(s.Newest)
		}
		*state = s
	}); err != nil {
		return err
	}
	if o.Err != nil {
		f.warn(src.Name(), "a source failed", firstCause(o.Err), "retry", s.RetryAt)
		f.log().Debug("all of a source's trouble", "source", src.Name(), "err", o.Err)
	} else if s.Word != prev.Word {
		f.log().Info("a source's state changed", "source", s.Source, "from", prev.Word, "to", s.Word, "newest", s.Newest)
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

func (f *Feed) log() *slog.Logger {
	if f.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return f.Log
}

// warn logs a source's trouble with a reference, the same trouble once a day.
func (f *Feed) warn(source, what, cause string, more ...any) {
	sum := sha256.Sum256([]byte(source + "\n" + cause))
	ref := hex.EncodeToString(sum[:2])
	today := core.DateOf(f.Now().UTC())
	f.mu.Lock()
	if f.logged == nil || len(f.logged) > 10_000 {
		f.logged = map[string]core.Date{}
	}
	key := source + "\n" + cause
	said := f.logged[key] == today
	f.logged[key] = today
	f.mu.Unlock()
	if !said {
		f.log().Warn(what, append([]any{"ref", ref, "source", source, "err", cause}, more...)...)
	}
}

// Backfill asks a source for the days from..until, one by one, and keeps the
// papers as backlog: they are new for no channel. It may be interrupted and
// repeated. The lists that are still growing are asked for as Poll does, so
// that a back-fill takes no new paper away from the channels. progress, when
// not nil, is called before the first and after each day: when an error ends
// it, from and done days later is the first that may lack papers. A source's
// trouble is a *SourceError.
func (f *Feed) Backfill(ctx context.Context, source string, from, until core.Date, progress func(done, total int)) (core.Put, error) {
	i := slices.IndexFunc(f.Sources, func(s core.Source) bool { return s.Name() == source || s.Short() == source })
	if i < 0 {
		return core.Put{}, fmt.Errorf("there is no source %q", source)
	}
	src := f.Sources[i]
	if progress == nil {
		progress = func(int, int) {}
	}
	today := core.DateOf(f.Now().UTC())
	until = min(until, today)
	total := 0
	for d := from; d <= until; d = d.AddDays(1) {
		total++
	}
	progress(0, total)
	var all core.Put
	if s, err := f.state(ctx, src.Name()); err != nil || leaveAlone(s, f.Now()) {
		return all, errors.Join(err, refused(s, f.Now()))
	}
	if until == today && total > 0 {
		put, err := f.ask(ctx, src)
		all.Add(put)
		if err != nil {
			return all, err
		}
		if s, err := f.state(ctx, src.Name()); err != nil || s.Word == core.Failed {
			return all, errors.Join(err, refused(s, f.Now()))
		}
		until = until.AddDays(-1)
	}
	done := 0
	for d := from; d <= until; d = d.AddDays(1) {
		put, err := f.backfillDay(ctx, src, d)
		all.Add(put)
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
func refused(s core.SourceState, now time.Time) error {
	if s.Word != core.Failed {
		return nil
	}
	return &core.SourceError{Reason: s.Reason, Limit: s.Limited(), Wait: max(0, s.RetryAt.Sub(now))}
}

// backfillDay keeps one day, and waits as long as the source asks for when
// that is not long.
func (f *Feed) backfillDay(ctx context.Context, src core.Source, day core.Date) (all core.Put, err error) {
	for try := 1; ; try++ {
		batch, err := f.fetch(ctx, src, day, day)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		put, keepErr := f.keep(ctx, src, batch, true, f.Now())
		all.Add(put)
		for i := range batch.Lists {
			batch.Lists[i].Source = src.Short()
		}
		keepErr = errors.Join(keepErr, f.Store.PutLists(ctx, batch.Lists, f.Now()))
		var e *core.SourceError
		if keepErr != nil || err == nil || !errors.As(err, &e) || e.Wait == 0 || e.Wait > patience || try == backfillTries || f.Sleep == nil {
			if e != nil && (e.Limit || e.Wait > 0) {
				err = errors.Join(err, f.judge(ctx, src, Outcome{Err: err, Interval: f.Interval}, f.Now()))
			}
			return all, errors.Join(err, keepErr)
		}
		if err := f.Sleep(ctx, e.Wait); err != nil {
			return all, err
		}
	}
}

// Lookup asks the catalogue for papers that were listed without categories, that
// only a feed has spoken of, or of which a version came without its comment, and,
// where there is room, those that stand in posts: nobody announces that a paper was
// accepted. It asks for at most a hundred, newest first, and for each once a day.
// Nothing waits for it.
func (f *Feed) Lookup(ctx context.Context) (core.Put, error) {
	now := f.Now()
	if f.Catalogue == nil || now.Before(f.NotBefore) {
		return core.Put{}, nil
	}
	s, err := f.state(ctx, f.Catalogue.Name())
	if err != nil || now.Before(s.RetryAt) || f.lookupRests(now) || f.acquire("lookup") != nil {
		return core.Put{}, err
	}
	defer f.release("lookup")
	today := core.DateOf(now.UTC())
	ids, err := f.Store.Unread(ctx, today.AddDays(-lookupSince), lookupBatch+f.vain(today))
	if err != nil {
		return core.Put{}, err
	}
	posted, err := f.standing(ctx, now)
	if err != nil {
		return core.Put{}, err
	}
	f.mu.Lock()
	ids = slices.DeleteFunc(ids, func(id core.PaperID) bool { return f.looked[id] == today })
	for _, id := range posted {
		if len(ids) >= lookupBatch {
			break
		}
		if f.looked[id] != today && id.OnArxiv() && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	f.mu.Unlock()
	if len(ids) == 0 {
		return core.Put{}, nil
	}
	ids = ids[:min(len(ids), lookupBatch)]
	found, err := f.lookup(ctx, ids)
	if ctx.Err() != nil {
		return core.Put{}, ctx.Err()
	}
	f.mu.Lock()
	if err != nil {
		f.lookAt = now.Add(max(f.Interval, firstBackOff))
	} else {
		for _, id := range ids { // what it does not know now it may know tomorrow
			f.looked[id] = today
		}
	}
	f.mu.Unlock()
	if err != nil {
		f.warn(f.Catalogue.Name(), "papers could not be looked up", err.Error())
		i := slices.IndexFunc(f.Sources, func(s core.Source) bool { return s.Name() == f.Catalogue.Name() })
		var e *core.SourceError
		if errors.As(err, &e) && (e.Limit || e.Wait > 0) && i >= 0 {
			return core.Put{}, f.judge(ctx, f.Sources[i], Outcome{Err: err, Interval: f.Interval}, now)
		}
	}
	found = slices.DeleteFunc(found, func(s core.Seen) bool { return !slices.Contains(ids, s.Paper.ID) })
	if len(found) == 0 {
		return core.Put{}, nil
	}
	return f.Store.PutPapers(ctx, found, true, now)
}

// standing are the papers that stand in posts, as of the first look-up of the day.
func (f *Feed) standing(ctx context.Context, now time.Time) ([]core.PaperID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	today := core.DateOf(now.UTC())
	if f.asOf == today {
		return f.posted, nil
	}
	ids, err := f.Store.Standing(ctx, now.AddDate(0, 0, -standingSince))
	if err == nil {
		f.posted, f.asOf = ids, today
	}
	return ids, err
}

func (f *Feed) lookupRests(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return now.Before(f.lookAt)
}

// vain counts the papers that were looked up today, and forgets the others.
func (f *Feed) vain(today core.Date) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.looked == nil {
		f.looked = map[core.PaperID]core.Date{}
	}
	for id, day := range f.looked {
		if day != today {
			delete(f.looked, id)
		}
	}
	return len(f.looked)
}

func (f *Feed) lookup(ctx context.Context, ids []core.PaperID) ([]core.Seen, error) {
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	return f.Catalogue.Lookup(ctx, ids)
}

// Complete is when a source's list of a day is as good as whole; source is its
// name or the short one that sightings carry. A source that is no more never
// makes a paper late.
func (f *Feed) Complete(source string, day core.Date) time.Time {
	for _, s := range f.Sources {
		if s.Name() == source || s.Short() == source {
			return s.Complete(day)
		}
	}
	return time.Unix(1<<40, 0)
}
