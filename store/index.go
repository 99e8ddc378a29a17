package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/names"
	"paperboy/core/text"
)

// indexNote is the note that says by which rules of words the index was made.
// Whoever changes what indexed gives, and neither core/text nor core/names, adds
// a migration that deletes it.
const indexNote = "index of words"

// modelNote is the note that says by which model of core/meaning directions and bags
// were made.
const modelNote = "model of meaning"

// rules is the note of an index that this program made.
var rules = fmt.Sprintf("%d, names %d", text.Version, names.Version)

// model is the note of what this program made by its model, which is not read before
// a store is opened: a command that needs none waits for nothing.
func model() string { return meaning.Builtin().Name() }

// mixed is the note of an index to which programs of different rules have
// written.
const mixed = "mixed"

// reindexPatience is how long we wait for another process, which may be making
// the index anew: 80,000 papers take 10 to 14 s of one core, minutes on a Pi, and in
// PostgreSQL up to eight of them on a busy machine.
const reindexPatience = 15 * time.Minute

// indexTells is how often whoever waits for an index is told how far it is.
const indexTells = 15 * time.Second

// reindexBatch is how many papers are in memory at a time.
const reindexBatch = 2000

// reindex makes the index of words anew where it was made by other rules than
// ours, or nobody knows by which, and so what is compared of papers where it was made
// by another model. It is one transaction: until its end
// others read the old index, and if it is interrupted the old one stays and
// the next opening begins again. A newer program's is left alone by an older one that
// starts beside it: they would make it anew in turn, and each time nobody could write.
func (s *Store) reindex(ctx context.Context) error {
	stale := func(note func(name string) (string, error)) (words, features bool, was string, err error) {
		made, err := note(indexNote)
		by, err2 := note(modelNote)
		return made != rules, by != model(), made + " " + by, errors.Join(err, err2)
	}
	if words, features, _, err := stale(func(name string) (string, error) { return s.Note(ctx, name) }); err != nil || !words && !features {
		return err
	}
	if s.engine.outgrown() {
		if living, err := s.Owners(ctx); err != nil || len(living) > 0 {
			return err
		}
	}
	papers := 0
	err := s.write(ctx, "making the index of words anew", func(t tx) error {
		words, features, was, err := stale(func(name string) (note string, err error) {
			return note, ignoring(t.one([]any{&note}, `SELECT value FROM notes WHERE name = $1`, name))
		})
		if err != nil || !words && !features { // another process was faster
			return err
		}
		if err := t.one([]any{&papers}, `SELECT count(*) FROM papers`); err != nil {
			return err
		}
		if papers > 0 {
			why := "the rules of words or the model of meaning have changed: making the index anew"
			if strings.HasPrefix(was, " ") { // as after bot migrate-store
				why = "there is no index of words yet: making it"
			}
			slog.InfoContext(ctx, why, "papers", papers, "was", was, "is", rules+" "+model())
			if err := t.indexAll(ctx, words, features, papers); err != nil {
				return err
			}
		}
		for name, note := range map[string]string{indexNote: rules, modelNote: model()} {
			if _, err := t.exec(`INSERT INTO notes (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`, name, note); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && papers > 0 {
		slog.InfoContext(ctx, "the index is made anew", "papers", papers, "is", rules+" "+model())
		err = s.Tidy(ctx)
	}
	return err
}

// indexAll makes the words of every paper anew, or what is compared of it, or both.
func (t tx) indexAll(ctx context.Context, words, features bool, of int) error {
	if words {
		if err := t.engine.emptyWords(t); err != nil {
			return err
		}
	}
	done, told := 0, time.Now()
	for last := core.Seq(0); ; {
		papers, err := all(t, wholePaper, selectPaper+`WHERE p.seq > $1 ORDER BY p.seq LIMIT $2`, last, reindexBatch)
		if ctx.Err() != nil { // which undid it already
			return ctx.Err()
		}
		if err != nil || len(papers) == 0 {
			return err
		}
		for i := range papers {
			p := &papers[i]
			d, f := read(p)
			if words {
				err = t.engine.keepWords(t, p.Seq, d, authorKeys(d.Authors))
			}
			if err == nil && features {
				err = t.keepFeatures(p.Seq, f)
			}
			if err == nil {
				_, err = t.exec(`UPDATE papers SET filed = $2, signs = $3 WHERE seq = $1`, p.Seq, filed(p), f.Vector.Code().Bytes())
			}
			if err != nil {
				return fmt.Errorf("%s: %w", p.ID, err)
			}
		}
		last = papers[len(papers)-1].Seq
		done += len(papers)
		if now := time.Now(); now.Sub(told) > indexTells {
			told = now
			slog.InfoContext(ctx, "making the index", "papers", done, "of", of)
		}
	}
}

// Tidy implements core.PaperStore.
func (s *Store) Tidy(ctx context.Context) error {
	return s.engine.tidy(ctx, func(f func(t tx) error) error { return s.write(ctx, "tidying the index", f) })
}

// own notes that this program wrote to the index: where another one made it
// anew meanwhile by other rules, the next opening has to.
func (t tx) own() error {
	for name, note := range map[string]string{indexNote: rules, modelNote: model()} {
		if _, err := t.exec(`UPDATE notes SET value = $1 WHERE name = $2 AND value <> $3`, mixed, name, note); err != nil {
			return err
		}
	}
	return nil
}
