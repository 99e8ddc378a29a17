package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"paperboy/core/topic"
)

// All that SQLite does in its own way is in this file; the driver's own errors
// are in driver.go. Elsewhere SQL is
// written for SQLite and PostgreSQL alike, with $1, $2 …

// bind writes a statement's parameters as SQLite numbers them: the driver
// takes $2 for "the next", ?2 for the second.
func bind(query string) string { return strings.ReplaceAll(query, "$", "?") }

func writer(path string) string {
	return dsn(path, "_txlock=immediate&_journal_mode=WAL&_synchronous=NORMAL&_foreign_keys=on")
}

func reader(path string) string { return dsn(path, "mode=ro&_query_only=on") }

func dsn(path, options string) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	return fmt.Sprintf("file:%s?_busy_timeout=%d&_stmt_cache_size=64&%s", escaped, patience.Milliseconds(), options)
}

// patience is how long we wait for another process that writes.
const patience = 10 * time.Second

// able says at once when the program was built without what it needs.
func able(ctx context.Context, db *sql.DB) error {
	var fts bool
	if err := db.QueryRowContext(ctx, `SELECT sqlite_compileoption_used('ENABLE_FTS5')`).Scan(&fts); err != nil {
		return err
	}
	if !fts {
		return errors.New("this program was built without full text search: build it with -tags sqlite_fts5, or make build")
	}
	return nil
}

// backup copies the database to an empty file.
func backup(ctx context.Context, path, file string) error {
	// A connection of its own: a long copy keeps no writer waiting.
	db, err := sql.Open("sqlite3", dsn(path, ""))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `VACUUM INTO ?1`, file)
	return err
}

// in is "column is one of", for a parameter made by many.
func in(column, parameter string) string {
	return column + " IN (SELECT value FROM json_each(" + parameter + "))"
}

// many is a list as one parameter.
func many[T ~string | ~int64](values []T) string {
	b, err := json.Marshal(values)
	if err != nil {
		panic(err) // these always can
	}
	if values == nil {
		return "[]"
	}
	return string(b)
}

// apart stands between the names of two authors. No word has it: it is no
// letter. To the tokenizer it is a word, as all that is not ASCII.
const apart = " ¦ "

// unlisted is the category of a paper of which none is known.
const unlisted = "\ue100"

// term makes any value one word of the index: lower case, and what the
// tokenizer would split at is moved, as it is, to a place of Unicode where
// nothing else lives (U+E000–U+E07F).
func term(value string) string { return strings.Map(moved, strings.ToLower(value)) }

func moved(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 0x80:
		return r
	}
	return 0xe000 + r
}

// joined is words of core/text as the index has them: with blanks between
// them, and each one word to the tokenizer, c++ too.
func joined(words []string) string {
	s := strings.Join(words, " ")
	if !strings.ContainsAny(s, "+#*.") { // spares most texts the copy
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			return r
		}
		return moved(r)
	}, s)
}

// indexed are a paper's columns in the index.
func indexed(d *topic.Doc) []any {
	names := make([]string, len(d.Authors))
	for i, a := range d.Authors {
		names[i] = strings.Join(a, " ")
	}
	var cats, sources []string
	for _, c := range d.Categories {
		cats = append(cats, term(c))
		if archive, _, ok := strings.Cut(c, "."); ok {
			cats = append(cats, term(archive+".*")) // so that cs.* is one word to look up, as * is, and not forty
		}
	}
	if cats == nil {
		cats = []string{unlisted}
	} else {
		cats = append(cats, term("*"))
	}
	for _, s := range d.Sources {
		sources = append(sources, term(topic.SourceName(s)))
	}
	has := ""
	if d.Code {
		has = "code"
	}
	return []any{joined(d.Title), joined(d.Abstract), strings.Join(names, apart),
		strings.Join(cats, " "), strings.Join(sources, " "), has}
}

// emptyIndex takes every paper out of the index.
const emptyIndex = `INSERT INTO words (words) VALUES ('delete-all')`

// relevance is the score of a paper among those that MATCH selects: a title's
// word counts four times, what is no prose not at all.
const relevance = `-bm25(words, 4, 1, 1, 0, 0, 0)`

// found is MATCH's condition that a paper be among those of a parameter.
func found(parameter string) string {
	return "p.seq IN (SELECT rowid FROM words WHERE words MATCH " + parameter + ")"
}

// foundByEach are (j.value, words.rowid) for each expression of a list and
// each paper that it selects.
func foundByEach(parameter string) string {
	return "json_each(" + parameter + ") j CROSS JOIN words WHERE words MATCH j.value"
}

// expression is FTS5's for one term, without its minus. min: has none.
func expression(t topic.Term) string {
	switch t.Field {
	case topic.Any:
		return "{title abstract} : " + phrase(t)
	case topic.Title:
		return "title : " + phrase(t)
	case topic.Abstract:
		return "abstract : " + phrase(t)
	case topic.Author:
		return "authors : " + phrase(t)
	case topic.Cat:
		return "cats : " + category(t.Value)
	case topic.Source:
		return "sources : " + quote(term(t.Value))
	case topic.Has:
		return "has : " + quote(term(t.Value))
	}
	panic(fmt.Sprintf("store: the index cannot say %q", t.Field))
}

func phrase(t topic.Term) string {
	q := quote(joined(t.Words))
	if t.Prefix {
		q += " *"
		if folded := t.Folded(); folded != "" {
			q = "(" + q + " OR " + quote(folded) + ")"
		}
	}
	return q
}

// category is a pattern of categories.
func category(pattern string) string {
	if pattern == "*" {
		return "(" + quote(term("*")) + " OR " + quote(unlisted) + ")"
	}
	head, open := strings.CutSuffix(pattern, "*")
	if archive, dotted := strings.CutSuffix(head, "."); !open || dotted && !strings.Contains(archive, ".") {
		return quote(term(pattern))
	}
	return quote(term(head)) + " *"
}

func quote(words string) string { return `"` + strings.ReplaceAll(words, `"`, `""`) + `"` }
