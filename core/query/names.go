package query

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"paperboy/core"
	"paperboy/core/names"
	"paperboy/core/topic"
)

// mostNames is how many words a name has that is typed plainly.
const mostNames = 4

// AuthorMeant is the search for an author whose name plain words are, and the
// papers under that name; none where they find more than a few papers as words.
func (r *Reader) AuthorMeant(ctx context.Context, q core.Query, found core.Found, typed string) (guess string, papers int, err error) {
	if n := len(q.Plain); n == 0 || n > mostNames || found.Total > RareWord || len(FieldsOf(q.Topic).Clauses) > 0 {
		return "", 0, nil
	}
	guess = `author:"` + typed + `"`
	t, err := topic.Parse(guess)
	if err != nil { // no name
		return "", 0, nil
	}
	papers, err = r.count(ctx, core.Query{Topic: t})
	return guess, papers, err
}

// namesakePapers is how many papers are looked through for people of one
// family name.
const namesakePapers = 200

// Namesakes are authors who have the family name of the person whom the term
// names, at most most: those first whose first name begins alike, then those of
// more papers among the newest.
func (r *Reader) Namesakes(ctx context.Context, person topic.Term, most int) ([]string, error) {
	last := person.Words[len(person.Words)-1]
	found, err := r.Store.Search(ctx, core.Query{Topic: topic.Topic{Clauses: []topic.Clause{{{Field: topic.Author, Words: []string{last}}}}},
		Sort: core.SortNew, Limit: namesakePapers})
	if err != nil {
		return nil, err
	}
	papers, alike := map[string]int{}, map[string]int{}
	for _, h := range found.Hits {
		for _, a := range h.Paper.Authors {
			if words := names.Words(a); len(words) > 1 && words[len(words)-1] == last {
				papers[a]++
				if words[0][0] == person.Words[0][0] {
					alike[a] = 1
				}
			}
		}
	}
	like := slices.SortedFunc(maps.Keys(papers), func(a, b string) int {
		return cmp.Or(cmp.Compare(alike[b], alike[a]), cmp.Compare(papers[b], papers[a]), cmp.Compare(a, b))
	})
	return like[:min(len(like), most)], nil
}
