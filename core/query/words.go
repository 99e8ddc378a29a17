package query

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// Word is one that papers have.
type Word struct {
	Word   string
	Papers int // of the last days, in the channel's scope
}

// How words are completed.
const (
	wordDays   = 30
	wordsTried = 10
	wordTime   = 120 * time.Millisecond // somebody is typing: what is not read and counted by then is not offered
)

// sayLittle are words that nobody looks for.
var sayLittle = set(`a about above achieve achieved across address addressing after all almost along also although among an and another any are as at available be because been before being between both but by can could
	demonstrate demonstrated demonstrating despite did different difficult directly do does due during each either especially even every existing few for from further furthermore given has have having he hence her here his how however
	if in include including indeed instead into is it its itself lead leading less like made make making many may might more moreover most much must nor not of often on one only or other our out outperform over own particularly per
	present presented propose proposed proposing provide provided quite rather recent recently remain respectively result resulting same several shall she should show showed showing shown significant significantly since so some still such
	than that the their them then there thereby therefore these they this those three through thus to too toward towards two typically under until up upon us use used using various very via was we well were what when where whereas
	whether which while who whose why will with within without would yet you your`)

// Beginning are words that begin so and that papers of the last days have, those of
// most papers first, at most most.
func (r *Reader) Beginning(ctx context.Context, ch core.Channel, prefix string, most int) ([]Word, error) {
	folded := text.Words(prefix)
	if len(folded) != 1 || len(strings.Fields(prefix)) != 1 {
		return nil, nil
	}
	begin := strings.ToLower(prefix)
	counting, cancel := context.WithTimeout(ctx, wordTime)
	defer cancel()
	late := func() bool { return counting.Err() != nil && ctx.Err() == nil }
	known := map[string]int{}
	if len(begin) == 1 { // so many begin so that the field's own are looked through, not the papers'
		for w, n := range meaning.Builtin().Beginning(begin) {
			if len(w) > 2 {
				known[w] = n
			}
		}
	} else {
		var err error
		if known, err = r.Store.Vocabulary(counting, topic.Any, begin, folded); err != nil {
			if late() {
				return nil, nil
			}
			return nil, err
		}
	}
	common := slices.SortedFunc(maps.Keys(known), func(a, b string) int {
		return cmp.Or(cmp.Compare(known[b], known[a]), cmp.Compare(a, b))
	})
	common = slices.DeleteFunc(common, func(w string) bool { return sayLittle[w] })
	var out []Word
	for _, w := range common[:min(len(common), wordsTried)] {
		t, err := topic.Parse(w)
		if err != nil {
			continue
		}
		n, err := r.count(counting, core.Query{Topic: t, Scope: ch.Settings.Scope, Since: ch.Day(r.Now()).AddDays(-wordDays)})
		if err != nil {
			if late() {
				break
			}
			return nil, err
		}
		if n > 0 {
			out = append(out, Word{t.String(), n})
		}
	}
	slices.SortStableFunc(out, func(a, b Word) int { return cmp.Compare(b.Papers, a.Papers) })
	return out[:min(len(out), most)], nil
}
