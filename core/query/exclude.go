package query

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"paperboy/core"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// Exclusion is a word or a phrase that would have kept papers away from a topic.
type Exclusion struct {
	Words    string // without quotes: "survey", "low rank"
	Kept, Of int    // of so many of the last days, so many
}

// Term is the exclusion as it stands in a topic.
func (e Exclusion) Term() string {
	if strings.Contains(e.Words, " ") {
		return `-"` + e.Words + `"`
	}
	return "-" + e.Words
}

// What counts for exclusions.
const (
	excludeDays   = 30
	maxExclusions = 3
	leastKept     = 2  // papers: what would keep away one alone helps nobody
	votedDays     = 90 // what was liked in so many days is not kept away
)

// sayNothing are words of titles that say of no paper what it is about.
var sayNothing = set(`a about across advancing against all along among an and any apart approach are as at based be between beyond by can case combining comprehensive deep do does
	efficient effective enhancing exploring fast for framework free from general generalized good how improved improving in into investigating is it its large learning level leveraging method methods
	model modeling models more multi need network neural new no non not novel of on one or out over paper per perspective pre post problem rethinking revisiting robust scalable self semi simple single
	some study system systems task tasks that the their them through to toward towards two under understanding unified unifying up use using via view want we what when where which why with within without you your`)

func set(list string) map[string]bool {
	in := map[string]bool{}
	for _, w := range strings.Fields(list) {
		for _, folded := range text.Words(w) {
			in[folded] = true
		}
	}
	return in
}

// Exclusions are words and phrases of a paper's title that would have kept its like
// away from a topic of the channel in the last days, those first that keep most, at
// most maxExclusions. Each was tried: it keeps away more than one paper and no more
// than half of them, none that somebody liked here or that guards a topic, and no word of it is one that
// the channel follows. Of a hyphenated word the whole is tried, and never a half.
func (r *Reader) Exclusions(ctx context.Context, ch core.Channel, p *core.Paper, from topic.Topic) ([]Exclusion, error) {
	topics, err := r.followed(ctx, ch.ID)
	if err != nil {
		return nil, err
	}
	followed := map[string]bool{}
	for _, t := range append(topics, core.Topic{Topic: from}) {
		for _, c := range t.Topic.Clauses {
			for _, term := range c {
				for _, w := range append(text.Terms(term.Words), term.Words...) {
					followed[w] = followed[w] || !term.Not
				}
			}
		}
	}
	q := core.Query{Topic: from, Scope: ch.Settings.Scope, Since: ch.Day(r.Now()).AddDays(-excludeDays)}
	of, err := r.count(ctx, q)
	if err != nil || of < 2*leastKept {
		return nil, err
	}
	liked, err := r.liked(ctx, ch)
	if err != nil {
		return nil, err
	}
	guards, err := r.guards(ctx, ch.ID)
	if err != nil {
		return nil, err
	}
	liked = append(liked, guards...)
	var found []Exclusion
	for _, words := range pieces(p.Title) {
		if slices.ContainsFunc(words, func(w string) bool { return followed[w] }) {
			continue
		}
		e := Exclusion{Words: strings.Join(words, " "), Of: of}
		with := edited(from, func(c topic.Clause) []string { return append(c.Terms(), strings.TrimPrefix(e.Term(), "-")) })
		without := edited(from, func(c topic.Clause) []string { return append(c.Terms(), e.Term()) })
		if err := r.Ready(ctx, &with); err != nil {
			return nil, err
		}
		if len(with.Clauses) == 0 || len(without.Clauses) == 0 { // it has no room for it
			continue
		}
		if slices.ContainsFunc(liked, func(p core.Paper) bool { _, ok := with.Match(p.Doc()); return ok }) {
			continue
		}
		narrower := q
		narrower.Topic = without
		left, err := r.count(ctx, narrower)
		if err != nil {
			return nil, err
		}
		if e.Kept = of - left; e.Kept >= leastKept && 2*e.Kept <= of {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b Exclusion) int { return cmp.Compare(b.Kept, a.Kept) })
	var out []Exclusion
	for _, e := range found {
		overlaps := func(o Exclusion) bool {
			return slices.ContainsFunc(strings.Fields(e.Words), func(w string) bool { return slices.Contains(strings.Fields(o.Words), w) })
		}
		if len(out) < maxExclusions && !slices.ContainsFunc(out, overlaps) {
			out = append(out, e)
		}
	}
	return out, nil
}

// liked are the papers that somebody voted for in the channel lately.
func (r *Reader) liked(ctx context.Context, ch core.Channel) ([]core.Paper, error) {
	since := r.Now().AddDate(0, 0, -votedDays)
	ids, err := r.Store.Voted(ctx, ch.ID, since)
	if err != nil {
		return nil, err
	}
	tally, err := r.Store.Tally(ctx, ch.ID, ids, since)
	if err != nil {
		return nil, err
	}
	return r.Store.Papers(ctx, slices.DeleteFunc(ids, func(id core.PaperID) bool { return tally[id].Up == 0 }))
}

// guards are the papers that guard a channel's topics.
func (r *Reader) guards(ctx context.Context, channel int64) ([]core.Paper, error) {
	all, err := r.Store.Guards(ctx, channel)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var ids []core.PaperID
	for _, g := range all {
		ids = append(ids, g.Paper)
	}
	return r.Store.Papers(ctx, ids)
}

// mostPieces is how many pieces of a title are tried.
const mostPieces = 24

// pieces are what of a title may be excluded: phrases of two neighbours and
// compounds first, which say more, then single words.
func pieces(title string) (out [][]string) {
	var single [][]string
	var before string
	for _, token := range strings.Fields(title) {
		bare := strings.TrimFunc(token, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		terms := text.Terms(text.Words(bare))
		joined := strings.ContainsFunc(bare, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		switch {
		case len(terms) == 0 || slices.ContainsFunc(terms, func(w string) bool { return sayNothing[w] && !joined }):
			before = ""
			continue
		case joined:
			if len(terms) > 1 && len(terms) <= 4 && slices.ContainsFunc(terms, func(w string) bool { return !sayNothing[w] && len(w) > 2 }) {
				out = append(out, terms)
			}
			before = ""
			continue
		}
		for _, w := range terms {
			if len(w) > 2 {
				single = append(single, []string{w})
			}
		}
		if before != "" && len(terms) == 1 {
			out = append(out, []string{before, terms[0]})
		}
		if before = ""; len(terms) == 1 && strings.HasSuffix(token, bare) {
			before = terms[0]
		}
	}
	all := append(out, single...)
	return all[:min(len(all), mostPieces)]
}
