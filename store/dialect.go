package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/names"
	"paperboy/core/topic"
)

// All that SQLite does in its own way is in this file; the driver's own errors
// are in driver.go. Elsewhere SQL is
// written for SQLite and PostgreSQL alike, with $1, $2 …

// bind writes a statement's parameters as SQLite numbers them: the driver
// takes $2 for "the next", ?2 for the second.
func bind(query string) string { return strings.ReplaceAll(query, "$", "?") }

func writer(path string) string {
	return dsn(path, "_txlock=immediate&_journal_mode=WAL&_synchronous=NORMAL&_foreign_keys=on&_secure_delete=on")
}

// A reader's file is read only, but not its tables of its own, which indexedWords is.
// Its cache is of 1 MB, as there are several readers: with 8 and with 32 MB no search in
// a million papers was faster than with 2.
func reader(path string) string { return dsn(path, "mode=ro&_cache_size=-1000") }

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

// blockMark begins every word of a paper's in the index, and says in which block of
// numbers the paper is: so a block can be searched alone, and what is common costs
// no more than a block. It is a sign that no word has. authorMark begins the keys of
// its authors, of which each is rare: it is that of several blocks.
func blockMark(seq core.Seq) string  { return string(rune(0xf0000 + int64(seq)/blockSize)) }
func authorMark(seq core.Seq) string { return string(rune(0xf8000 + int64(seq)/authorsBlock)) }

// authorsBlock is how many numbers of papers share a mark of authors. A person is
// looked up once in each, and there are five keys of a paper's and more to complete.
const authorsBlock = 4 * blockSize

// anyMark and anyAuthorMark stand for each block's marks in an expression: those of
// the first.
var anyMark, anyAuthorMark = blockMark(0), authorMark(0)

// What is no word of the title or the abstract has a sign of its column, so that none
// has to be named: to sort out columns costs FTS5 as much as to find the papers.
const (
	catSign    = "\ue101"
	sourceSign = "\ue102"
	hasSign    = "\ue103"
)

// joined is words of core/text as the index has them: marked, with blanks between
// them, and each one word to the tokenizer, c++ too.
func joined(mark string, words []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(mark)
		if strings.ContainsAny(w, "+#*.") { // spares most words the look at each letter
			w = strings.Map(moved, w)
		}
		b.WriteString(w)
	}
	return b.String()
}

// unmoved is a word of the index as it was before it was joined.
func unmoved(word string) string {
	_, mark := utf8.DecodeRuneInString(word)
	word = word[mark:]
	return strings.Map(func(r rune) rune {
		if r >= 0xe000 && r < 0xe080 {
			return r - 0xe000
		}
		return r
	}, word)
}

// authorKeys are the keys by which a paper's authors are found.
func authorKeys(authors []string) (keys []string) {
	known := map[string]bool{}
	for _, a := range authors {
		for _, k := range names.Keys(a) {
			if !known[k] {
				known[k] = true
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// indexed are a paper's columns in the index.
func indexed(seq core.Seq, d *topic.Doc, authors []string) []any {
	mark := blockMark(seq)
	var cats, sources []string
	for _, c := range d.Categories {
		cats = append(cats, mark+catSign+term(c))
		if archive, _, ok := strings.Cut(c, "."); ok {
			cats = append(cats, mark+catSign+term(archive+".*")) // so that cs.* is one word to look up, as * is, and not forty
		}
	}
	if cats == nil {
		cats = []string{mark + catSign + unlisted}
	} else {
		cats = append(cats, mark+catSign+term("*"))
	}
	for _, s := range d.Sources {
		sources = append(sources, mark+sourceSign+term(topic.SourceName(s)))
	}
	has := ""
	if d.Code {
		has = mark + hasSign + "code"
	}
	return []any{joined(mark, d.Title), joined(mark, d.Abstract), joined(authorMark(seq), authors),
		strings.Join(cats, " "), strings.Join(sources, " "), has}
}

// emptyIndex takes every paper out of the index.
const emptyIndex = `INSERT INTO words (words) VALUES ('delete-all')`

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

// rowids are the papers of some blocks that an expression of the index selects, by
// seq within each text: numbers with commas between, as a number to a row costs the
// driver more than the index takes to find it. Others may be among them.
func (t tx) rowids(expression string, blocks []*block) (rowids []string, err error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	t.ctx = context.WithoutCancel(t.ctx) // it is short, and watching it costs the driver a goroutine
	atOnce := 2                          // what is in each costs the more the more are asked for, what is rare costs the less
	if strings.Contains(expression, anyAuthorMark) {
		if atOnce = len(blocks); strings.Contains(expression, anyMark) {
			atOnce = 1 // as an author of one block is none of another's, whose words say nothing of it
		}
	}
	for some := range slices.Chunk(blocks, atOnce) {
		var each []string
		from, to := some[0].first, some[0].first
		for _, b := range some {
			from, to = min(from, b.first), max(to, b.first)
			e := "(" + strings.NewReplacer(anyMark, blockMark(b.first), anyAuthorMark, authorMark(b.first)).Replace(expression) + ")"
			if !slices.Contains(each, e) {
				each = append(each, e)
			}
		}
		var found string
		if err := t.one([]any{&found}, `SELECT coalesce(group_concat(rowid), '') FROM words WHERE words MATCH $1 AND rowid >= $2 AND rowid < $3`,
			strings.Join(each, " OR "), from, to+blockSize); err != nil {
			return nil, err
		}
		rowids = append(rowids, found)
	}
	return rowids, nil
}

// packedFeatures and packedVectors are several papers' in one row, for the same
// reason as rowids: numbers with commas between, and all bytes one after another.
const (
	packedFeatures = `SELECT coalesce(group_concat(seq), ''), coalesce(group_concat(length(vector)), ''), coalesce(group_concat(length(bag)), ''),
		CAST(coalesce(group_concat(vector, ''), '') AS BLOB), CAST(coalesce(group_concat(bag, ''), '') AS BLOB) FROM features WHERE `
	packedVectors = `SELECT coalesce(group_concat(seq), ''), CAST(coalesce(group_concat(vector, ''), '') AS BLOB) FROM features WHERE length(vector) = $2 AND `
)

// each calls f with the numbers of rowids.
func each(rowids string, f func(core.Seq)) {
	n := core.Seq(0)
	for i := range len(rowids) {
		if rowids[i] == ',' {
			f(n)
			n = 0
			continue
		}
		n = n*10 + core.Seq(rowids[i]-'0')
	}
	if rowids != "" {
		f(n)
	}
}

// expression is FTS5's for one term, without its minus, with anyMark for a block's
// mark. min: has none.
func expression(t topic.Term) string {
	switch t.Field {
	case topic.Any:
		return phrase(t)
	case topic.Title:
		return "title : " + phrase(t)
	case topic.Abstract:
		return "abstract : " + phrase(t)
	case topic.Author:
		return person(t)
	case topic.Cat:
		return category(t.Value)
	case topic.Source:
		return quote(anyMark + sourceSign + term(t.Value))
	case topic.Has:
		return quote(anyMark + hasSign + term(t.Value))
	}
	panic(fmt.Sprintf("store: the index cannot say %q", t.Field))
}

func phrase(t topic.Term) string {
	q := quote(joined(anyMark, t.Words))
	if t.Prefix {
		q += " *"
		if folded := t.Folded(); folded != "" {
			q = "(" + q + " OR " + quote(anyMark+folded) + ")"
		}
	}
	return q
}

// person is any of the keys by which a person is found.
func person(t topic.Term) string {
	keys, prefixes := t.Names()
	var any []string
	for _, k := range keys {
		any = append(any, quote(joined(anyAuthorMark, []string{k})))
	}
	for _, p := range prefixes {
		any = append(any, quote(joined(anyAuthorMark, []string{p}))+" *")
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

// category is a pattern of categories.
func category(pattern string) string {
	if pattern == "*" {
		return "(" + quote(anyMark+catSign+term("*")) + " OR " + quote(anyMark+catSign+unlisted) + ")"
	}
	head, open := strings.CutSuffix(pattern, "*")
	if archive, dotted := strings.CutSuffix(head, "."); !open || dotted && !strings.Contains(archive, ".") {
		return quote(anyMark + catSign + term(pattern))
	}
	return quote(anyMark+catSign+term(head)) + " *"
}

func quote(words string) string { return `"` + strings.ReplaceAll(words, `"`, `""`) + `"` }
