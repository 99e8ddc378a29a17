package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/topic"
)

// The index of words in PostgreSQL: a tsvector for each paper, made from the same words
// as SQLite's, and the vocabulary, which no index of PostgreSQL tells.

// A tsvector keeps the places of a word up to this one, and 255 of each
// (https://www.postgresql.org/docs/current/textsearch-limitations.html): a phrase beyond
// that is not found, all words are. No abstract is a tenth as long.
const (
	lastPlace = 16383
	mostTimes = 255
)

// longestWord is how much of a word is kept: a lexeme has less than 2 kB.
const longestWord = 500

// lexeme is a word as a tsvector has it.
func lexeme(word string) string {
	if len(word) <= longestWord {
		return word
	}
	cut := longestWord
	for !utf8.RuneStart(word[cut]) {
		cut--
	}
	return word[:cut]
}

// literal is a word within the text of a tsvector or tsquery.
func literal(word string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(lexeme(word)) + "'"
}

func (*pg) keepWords(t tx, seq core.Seq, d *topic.Doc, authors []string) error {
	mark, place, places := blockMark(seq), 0, map[string][]string{}
	for _, part := range []struct {
		words  []string
		weight string
		count  func(*wordCount) *int
	}{{d.Title, "A", inTitle}, {d.Abstract, "B", inAbstract}} {
		distinct := map[string]bool{}
		for _, w := range part.words {
			w = lexeme(joined(mark, []string{w}))
			if !distinct[w] {
				distinct[w] = true
				t.counts(w, part.count, 1)
			}
			if place++; len(places[w]) < mostTimes {
				places[w] = append(places[w], fmt.Sprint(min(place, lastPlace), part.weight))
			}
		}
		place++ // so that no phrase runs from the title into the abstract
	}
	cats, sources, has := filedWords(seq, d)
	other := append(slices.Concat(cats, sources), has)
	for _, k := range marked(authorMark(seq), authors) {
		t.counts(lexeme(k), inTitle, 1)
		other = append(other, k)
	}
	for _, w := range other {
		if w != "" {
			places[lexeme(w)] = nil
		}
	}
	var doc strings.Builder
	for w, at := range places {
		doc.WriteString(literal(w))
		if len(at) > 0 {
			doc.WriteString(":" + strings.Join(at, ","))
		}
		doc.WriteByte(' ')
	}
	_, err := t.exec(`INSERT INTO words (seq, doc) VALUES ($1, CAST($2 AS tsvector))`, seq, doc.String())
	return err
}

func inTitle(n *wordCount) *int    { return &n.title }
func inAbstract(n *wordCount) *int { return &n.abstract }

// counts counts a word of the vocabulary more, or less, until endWords writes it down.
func (t tx) counts(word string, in func(*wordCount) *int, by int) {
	n := t.words[word]
	if n == nil {
		n = &wordCount{}
		t.words[word] = n
	}
	*in(n) += by
}

func (*pg) dropWords(t tx, seq core.Seq) error {
	type row struct{ word, weights string }
	had, err := all(t, func(r *row) []any { return []any{&r.word, &r.weights} },
		`SELECT lexeme, coalesce(array_to_string(weights, ''), '') FROM words, unnest(doc) WHERE seq = $1`, seq)
	if err != nil {
		return err
	}
	for _, w := range had {
		if strings.Contains(w.weights, "A") || strings.HasPrefix(w.word, authorMark(seq)) {
			t.counts(w.word, inTitle, -1)
		}
		if strings.Contains(w.weights, "B") {
			t.counts(w.word, inAbstract, -1)
		}
	}
	_, err = t.exec(`DELETE FROM words WHERE seq = $1`, seq)
	return err
}

func (*pg) emptyWords(t tx) error {
	clear(t.words)
	if _, err := t.exec(`DELETE FROM words`); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM vocabulary`)
	return err
}

func (*pg) endWords(t tx) error {
	if len(t.words) == 0 {
		return nil
	}
	words := slices.Sorted(maps.Keys(t.words))
	titles, abstracts := make([]int64, len(words)), make([]int64, len(words))
	for i, w := range words {
		titles[i], abstracts[i] = int64(t.words[w].title), int64(t.words[w].abstract)
	}
	_, err := t.exec(`INSERT INTO vocabulary (word, title, abstract) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
		ON CONFLICT (word) DO UPDATE SET title = vocabulary.title + excluded.title, abstract = vocabulary.abstract + excluded.abstract`,
		many(words), many(titles), many(abstracts))
	return err
}

// tidy has nothing to do: the index has no pieces, and autovacuum looks after it.
func (*pg) tidy(context.Context, func(func(tx) error) error) error { return nil }

func (*pg) rowids(t tx, expression string, blocks []*block) (rowids []string, err error) {
	const atOnce = 8
	err = spread(expression, blocks, atOnce, " | ", func(expression string, from, to core.Seq) error {
		var found string
		err := t.one([]any{&found}, `SELECT selected($1, $2, $3)`, expression, from, to)
		rowids = append(rowids, found)
		return err
	})
	return rowids, err
}

func (*pg) vocabulary(t tx, _ bool, marks []string, prefix string, words []string, add func(word string, papers int)) error {
	type row struct {
		word   string
		papers int
	}
	for _, mark := range marks {
		from := joined(mark, []string{prefix})
		if prefix == "" {
			from += string(utf8.MaxRune) // no word
		}
		asked := marked(mark, words)
		for i := range asked {
			asked[i] = lexeme(asked[i])
		}
		rows, err := all(t, func(r *row) []any { return []any{&r.word, &r.papers} },
			`SELECT word, greatest(title, abstract) FROM vocabulary WHERE (word >= $1 AND word < $2 OR `+in("word", "$3")+`) AND greatest(title, abstract) > 0`,
			from, from+string(utf8.MaxRune), many(asked))
		if err != nil {
			return err
		}
		for _, r := range rows {
			add(unmoved(r.word), r.papers)
		}
	}
	return nil
}

func (*pg) packedFeatures() string {
	return `SELECT coalesce(string_agg(CAST(seq AS text), ','), ''), coalesce(string_agg(CAST(length(vector) AS text), ','), ''), coalesce(string_agg(CAST(length(bag) AS text), ','), ''),
		coalesce(string_agg(vector, ''), ''), coalesce(string_agg(bag, ''), '') FROM features WHERE `
}

func (*pg) packedVectors() string {
	return `SELECT coalesce(string_agg(CAST(seq AS text), ','), ''), coalesce(string_agg(vector, ''), '') FROM features WHERE length(vector) = $2 AND `
}

func (*pg) grammar() grammar {
	return grammar{and: " & ", or: " | ", not: " & !", phrase: adjacent, word: func(word string, open bool) string { return weighed(word, open, "") }}
}

// adjacent is a phrase, of words of the field's weight.
func adjacent(t topic.Term) string {
	weight := map[topic.Field]string{topic.Title: "A", topic.Abstract: "B"}[t.Field]
	words := marked(anyMark, t.Words)
	for i, w := range words {
		words[i] = weighed(w, t.Prefix && i == len(words)-1, weight)
	}
	q := "(" + strings.Join(words, " <-> ") + ")"
	if folded := t.Folded(); t.Prefix && folded != "" {
		q = "(" + q + " | " + weighed(anyMark+folded, false, weight) + ")"
	}
	return q
}

// weighed is a word, or all that begin with it, of a weight; "": of any.
func weighed(word string, open bool, weight string) string {
	if open {
		weight = "*" + weight
	}
	if weight != "" {
		weight = ":" + weight
	}
	return literal(word) + weight
}
