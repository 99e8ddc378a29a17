package store

import (
	"context"
	"fmt"
	"log/slog"
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

// rules is the note of an index that this program made.
var rules = fmt.Sprintf("%d, names %d, meaning %s", text.Version, names.Version, meaning.Builtin().Name())

// mixed is the note of an index to which programs of different rules have
// written.
const mixed = "mixed"

// reindexPatience is how long we wait for another process, which may be making
// the index anew: 80,000 papers take 10 to 14 s of one core, and minutes on a Pi.
const reindexPatience = 5 * time.Minute

// reindexBatch is how many papers are in memory at a time.
const reindexBatch = 2000

// reindex makes the index of words anew where it was made by other rules than
// ours, or nobody knows by which. It is one transaction: until its end
// others read the old index, and if it is interrupted the old one stays and
// the next opening begins again.
func (s *Store) reindex(ctx context.Context) error {
	if made, err := s.Note(ctx, indexNote); err != nil || made == rules {
		return err
	}
	papers := 0
	err := s.write(ctx, "making the index of words anew", func(t tx) error {
		var made string
		err := ignoring(t.one([]any{&made}, `SELECT value FROM notes WHERE name = $1`, indexNote))
		if err != nil || made == rules { // another process was faster
			return err
		}
		if err := t.one([]any{&papers}, `SELECT count(*) FROM papers`); err != nil {
			return err
		}
		if papers > 0 {
			slog.InfoContext(ctx, "the rules of words have changed: making the index anew", "papers", papers, "was", made, "is", rules)
		}
		if err := t.indexAll(ctx); err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO notes (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`, indexNote, rules)
		return err
	})
	if err == nil && papers > 0 {
		slog.InfoContext(ctx, "the index of words is made anew", "papers", papers, "is", rules)
	}
	return err
}

// indexAll empties the index and fills it with every paper.
func (t tx) indexAll(ctx context.Context) error {
	if _, err := t.exec(emptyIndex); err != nil {
		return err
	}
	for last := core.Seq(0); ; {
		papers, err := all(t, wholePaper, selectPaper+`WHERE p.seq > $1 ORDER BY p.seq LIMIT $2`, last, reindexBatch)
		if ctx.Err() != nil { // which undid it already
			return ctx.Err()
		}
		if err != nil || len(papers) == 0 {
			return err
		}
		for i := range papers {
			if err := t.index(&papers[i]); err != nil {
				return fmt.Errorf("%s: %w", papers[i].ID, err)
			}
		}
		last = papers[len(papers)-1].Seq
	}
}

// index writes the paper's words, and what is compared of it.
func (t tx) index(p *core.Paper) error {
	d := p.Doc()
	if _, err := t.exec(`INSERT INTO words (title, abstract, authors, cats, sources, has, rowid) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		append(indexed(d), p.Seq)...); err != nil {
		return err
	}
	return t.keepFeatures(p.Seq, d)
}

// own notes that this program wrote to the index: where another one made it
// anew meanwhile by other rules, the next opening has to.
func (t tx) own() error {
	_, err := t.exec(`UPDATE notes SET value = $1 WHERE name = $2 AND value <> $3`, mixed, indexNote, rules)
	return err
}
