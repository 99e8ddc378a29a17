package store

import (
	"context"
	"strings"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/topic"
)

// The index of words in SQLite: the table words of FTS5, whose rowid is papers.seq.

// indexed are a paper's columns in the index.
func indexed(seq core.Seq, d *topic.Doc, authors []string) []any {
	mark := blockMark(seq)
	cats, sources, has := filedWords(seq, d)
	return []any{joined(mark, d.Title), joined(mark, d.Abstract), joined(authorMark(seq), authors),
		strings.Join(cats, " "), strings.Join(sources, " "), has}
}

func (*sqlite) keepWords(t tx, seq core.Seq, d *topic.Doc, authors []string) error {
	_, err := t.exec(`INSERT INTO words (title, abstract, authors, cats, sources, has, rowid) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		append(indexed(seq, d, authors), seq)...)
	return err
}

func (*sqlite) dropWords(t tx, seq core.Seq) error {
	_, err := t.exec(`DELETE FROM words WHERE rowid = $1`, seq)
	return err
}

func (*sqlite) emptyWords(t tx) error {
	_, err := t.exec(`INSERT INTO words (words) VALUES ('delete-all')`)
	return err
}

func (*sqlite) endWords(tx) error { return nil }

// Merging makes few segments of the index's many, in each of which every word is
// looked up: of any two that are about as large it makes one, a few pages at a time,
// so that a step keeps a writer waiting for some hundredths of a second.
const (
	mergePairs = `INSERT INTO words (words, rank) VALUES ('usermerge', 2)`
	mergeSome  = `INSERT INTO words (words, rank) VALUES ('merge', 500)`
	changes    = `SELECT total_changes()`
)

// indexedWords makes, for a connection alone, the table of the index's words: in
// how many rows (doc) a term stands in a column (col).
const indexedWords = `CREATE VIRTUAL TABLE IF NOT EXISTS temp.indexed USING fts5vocab('main', 'words', 'col')`

func (*sqlite) tidy(_ context.Context, write func(f func(t tx) error) error) error {
	if err := write(func(t tx) error { _, err := t.exec(mergePairs); return err }); err != nil {
		return err
	}
	for more := true; more; {
		if err := write(func(t tx) error {
			var before, after int64
			if err := t.one([]any{&before}, changes); err != nil {
				return err
			}
			if _, err := t.exec(mergeSome); err != nil {
				return err
			}
			err := t.one([]any{&after}, changes)
			more = after-before > 1 // the statement itself counts as one
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// rowids are one text, as a number to a row costs the driver more than the index takes
// to find it.
func (*sqlite) rowids(t tx, expression string, blocks []*block) (rowids []string, err error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	t.ctx = context.WithoutCancel(t.ctx) // it is short, and watching it costs the driver a goroutine
	const atOnce = 2                     // what is in each costs the more the more are asked for, what is rare costs the less
	err = spread(expression, blocks, atOnce, " OR ", func(expression string, from, to core.Seq) error {
		var found string
		err := t.one([]any{&found}, `SELECT coalesce(group_concat(rowid), '') FROM words WHERE words MATCH $1 AND rowid >= $2 AND rowid < $3`, expression, from, to)
		rowids = append(rowids, found)
		return err
	})
	return rowids, err
}

func (*sqlite) vocabulary(t tx, authors bool, marks []string, prefix string, words []string, add func(word string, papers int)) error {
	columns := []string{"title", "abstract"}
	if authors {
		columns = []string{"authors"}
	}
	if _, err := t.exec(indexedWords); err != nil {
		return err
	}
	type row struct {
		word   string
		papers int
	}
	for _, mark := range marks {
		counted := map[string]int{}
		keep := func(from string, args ...any) error {
			rows, err := all(t, func(r *row) []any { return []any{&r.word, &r.papers} },
				`SELECT term, max(doc) FROM `+from+` AND `+in("col", "$1")+` GROUP BY term`, append([]any{many(columns)}, args...)...)
			for _, r := range rows {
				counted[unmoved(r.word)] = r.papers
			}
			return err
		}
		if prefix != "" {
			from := joined(mark, []string{prefix})
			if err := keep(`indexed WHERE term >= $2 AND term < $3`, from, from+string(utf8.MaxRune)); err != nil {
				return err
			}
		}
		if err := keep(`json_each($2) j CROSS JOIN indexed WHERE term = j.value`, many(marked(mark, words))); err != nil {
			return err
		}
		for w, n := range counted {
			add(w, n)
		}
	}
	return nil
}

func (*sqlite) packedFeatures() string {
	return `SELECT coalesce(group_concat(seq), ''), coalesce(group_concat(length(vector)), ''), coalesce(group_concat(length(bag)), ''),
		CAST(coalesce(group_concat(vector, ''), '') AS BLOB), CAST(coalesce(group_concat(bag, ''), '') AS BLOB) FROM features WHERE `
}

func (*sqlite) packedVectors() string {
	return `SELECT coalesce(group_concat(seq), ''), CAST(coalesce(group_concat(vector, ''), '') AS BLOB) FROM features WHERE length(vector) = $2 AND `
}

func (*sqlite) grammar() grammar {
	return grammar{and: " AND ", or: " OR ", not: " NOT ", word: quote, phrase: phrase}
}

func phrase(t topic.Term) string {
	q := quote(joined(anyMark, t.Words), t.Prefix)
	if folded := t.Folded(); t.Prefix && folded != "" {
		q = "(" + q + " OR " + quote(anyMark+folded, false) + ")"
	}
	switch t.Field {
	case topic.Title:
		return "title : " + q
	case topic.Abstract:
		return "abstract : " + q
	}
	return q
}

// quote is words as they are; open: with whatever the last one goes on with.
func quote(words string, open bool) string {
	q := `"` + strings.ReplaceAll(words, `"`, `""`) + `"`
	if open {
		q += " *"
	}
	return q
}
