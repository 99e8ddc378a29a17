package query

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/topic"
)

// Ready fills into topics what the papers that their like: terms name are about, so
// that Match can say it. A paper that the store does not have stays unknown: like it
// is nothing.
func (r *Reader) Ready(ctx context.Context, topics ...*topic.Topic) error {
	var ids []core.PaperID
	for _, t := range topics {
		for _, like := range t.Likes() {
			if like.OfPaper() && like.Vector == nil {
				ids = append(ids, core.PaperID(like.Value))
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	papers, err := r.Store.Papers(ctx, ids)
	if err != nil {
		return err
	}
	features, err := r.Store.Features(ctx, seqs(papers))
	if err != nil {
		return err
	}
	about := make(map[string]meaning.Vector, len(papers))
	for _, p := range papers {
		about[string(p.ID)] = features[p.Seq].Vector
	}
	for _, t := range topics {
		clauses := slices.Clone(t.Clauses) // they may be somebody else's too
		for i, c := range clauses {
			clauses[i] = slices.Clone(c)
			for j, term := range c {
				if term.OfPaper() && term.Vector == nil {
					clauses[i][j].Vector = about[term.Value]
				}
			}
		}
		t.Clauses = clauses
	}
	return nil
}

func seqs(papers []core.Paper) []core.Seq {
	out := make([]core.Seq, len(papers))
	for i := range papers {
		out[i] = papers[i].Seq
	}
	return out
}

// find is the store's search for every topic: of those with like:, of which no index
// knows, the candidates come by the clause's other terms and by their direction. Best
// are the most alike.
func (r *Reader) find(ctx context.Context, q core.Query) (core.Found, error) {
	if len(q.Topic.Likes()) == 0 {
		return r.Store.Search(ctx, q)
	}
	hits, more, err := r.alike(ctx, q)
	if err != nil {
		return core.Found{}, err
	}
	found := core.Found{Total: len(hits), More: more, Primary: map[string]int{}}
	for _, h := range hits {
		found.Primary[h.Paper.Primary()]++
	}
	switch q.Sort {
	case core.SortNew:
		slices.SortFunc(hits, newest)
	case core.SortTop:
		if err := r.top(ctx, q.Channel, hits); err != nil {
			return core.Found{}, err
		}
	default:
		slices.SortFunc(hits, best)
	}
	hits = hits[min(q.Offset, len(hits)):]
	found.Hits = hits[:min(q.Limit, len(hits))]
	return found, nil
}

// matching is the store's Matching for every topic.
func (r *Reader) matching(ctx context.Context, q core.Query, most int) (found []core.Match, more bool, err error) {
	if len(q.Topic.Likes()) == 0 {
		return r.Store.Matching(ctx, q, most)
	}
	hits, more, err := r.alike(ctx, q)
	slices.SortFunc(hits, newest)
	for _, h := range hits[:min(most, len(hits))] {
		found = append(found, core.Match{Seq: h.Paper.Seq, Day: h.Paper.Day, Primary: h.Paper.Primary(), Upvotes: h.Paper.Upvotes})
	}
	return found, more || len(hits) > most, err
}

// followed are the topics that a channel follows, ready.
func (r *Reader) followed(ctx context.Context, channel int64) ([]core.Topic, error) {
	topics, err := r.Store.Topics(ctx, channel)
	if err != nil {
		return nil, err
	}
	return r.ready(ctx, topics)
}

// ready are topics that are Ready; those that were given stay as they are.
func (r *Reader) ready(ctx context.Context, topics []core.Topic) ([]core.Topic, error) {
	topics = slices.Clone(topics)
	of := make([]*topic.Topic, len(topics))
	for i := range topics {
		of[i] = &topics[i].Topic
	}
	return topics, r.Ready(ctx, of...)
}

// alike are all the papers that a query with like: selects, each with how alike it is
// as its Score; more says that some clause has more than were looked at.
func (r *Reader) alike(ctx context.Context, q core.Query) (hits []core.Hit, more bool, err error) {
	return r.most(ctx, q, core.Countable)
}

// most is alike of so many candidates of a clause, the nearest to its like:.
func (r *Reader) most(ctx context.Context, q core.Query, looked int) (hits []core.Hit, more bool, err error) {
	t := q.Topic
	if err := r.Ready(ctx, &t); err != nil {
		return nil, false, err
	}
	if t.HasCat() {
		q.Scope = topic.Scope{}
	}
	candidates := map[core.Seq]bool{}
	for _, c := range t.Clauses {
		ask := core.Query{Scope: q.Scope, Since: q.Since, Until: q.Until}
		var rest topic.Clause
		var like *topic.Term
		for i, term := range c {
			if term.Field != topic.Like {
				rest = append(rest, term)
			} else if !term.Not {
				like = &c[i]
			}
		}
		if slices.ContainsFunc(rest, func(t topic.Term) bool { return !t.Not }) {
			ask.Topic = topic.Topic{Clauses: []topic.Clause{rest}}
		}
		if like == nil {
			found, further, err := r.Store.Matching(ctx, ask, looked)
			if err != nil {
				return nil, false, err
			}
			for _, m := range found {
				candidates[m.Seq] = true
			}
			more = more || further
			continue
		}
		if like.Direction() == nil {
			continue
		}
		near, err := r.Store.Nearest(ctx, like.Direction(), ask, looked)
		if err != nil {
			return nil, false, err
		}
		end := slices.IndexFunc(near, func(n core.Near) bool { return like.Alike(n.Alike) < like.N })
		if end < 0 {
			end = len(near)
			more = more || end == looked
		}
		for _, n := range near[:end] {
			candidates[n.Seq] = true
		}
	}
	of := make([]core.Seq, 0, len(candidates))
	for seq := range candidates {
		of = append(of, seq)
	}
	papers, err := r.Store.PapersBySeq(ctx, of)
	if err != nil {
		return nil, false, err
	}
	features, err := r.Store.Features(ctx, of)
	if err != nil {
		return nil, false, err
	}
	for i := range papers {
		doc := papers[i].Doc()
		doc.Vector = features[papers[i].Seq].Vector
		if why, ok := t.Match(doc); ok {
			hits = append(hits, core.Hit{Paper: papers[i], Score: float64(Alike(why))})
		}
	}
	return hits, more, nil
}

// Alike is how alike a paper is that a topic with like: brings, the most of its terms;
// 0 where no such term brought it.
func Alike(why []topic.Why) (alike int) {
	for _, w := range why {
		alike = max(alike, w.Alike)
	}
	return alike
}

// Threshold is what the threshold of a topic's first like: does in some days.
type Threshold struct {
	Term  topic.Term
	Best  []core.Hit // the most alike that it lets in, the most alike first
	Least []core.Hit // that it just lets in, the least alike last; the Score says how alike
	Below []core.Hit // that it just keeps out, the most alike first; where it lets nothing in the nearest, however far
	Lower topic.Topic
	Upper topic.Topic // the next thresholds that change what comes; zero where none does
}

// How much of a threshold is shown, and how far below it is looked.
const (
	shownBest   = 2
	shownAround = 3
	below       = 20
	shownFar    = 50 // candidates where nothing lies there
	stepAlike   = 5
)

// Threshold looks around the threshold of a forecast's topic; ok is false where it
// has no like: without a minus.
func (r *Reader) Threshold(ctx context.Context, f Forecast) (th Threshold, ok bool, err error) {
	for _, term := range f.query.Topic.Likes() {
		if !term.Not {
			th.Term, ok = term, true
			break
		}
	}
	if !ok {
		return th, false, nil
	}
	at := func(n int) topic.Topic {
		return edited(f.query.Topic, func(c topic.Clause) []string {
			out := c.Terms()
			for i, term := range c {
				if term.Text == th.Term.Text && !term.Not {
					out[i] = term.At(n)
				}
			}
			return out
		})
	}
	wider := with(f.query, at(max(1, th.Term.N-below)))
	all, _, err := r.alike(ctx, wider)
	if err != nil {
		return th, false, err
	}
	// By the topic as it is: another clause may let in what is less alike.
	in, _, err := r.alike(ctx, f.query)
	if err != nil {
		return th, false, err
	}
	if len(all) == 0 { // nothing comes near: what is nearest all the same
		if all, _, err = r.most(ctx, with(f.query, at(1)), shownFar); err != nil {
			return th, false, err
		}
	}
	slices.SortFunc(all, best)
	slices.SortFunc(in, best)
	have := map[core.Seq]bool{}
	for _, h := range in {
		have[h.Paper.Seq] = true
	}
	th.Best = in[:min(shownBest, len(in))]
	th.Least = in[max(0, len(in)-shownAround):]
	for _, h := range all {
		if !have[h.Paper.Seq] && len(th.Below) < shownAround {
			th.Below = append(th.Below, h)
		}
	}
	if th.Term.N > stepAlike {
		th.Lower = at(th.Term.N - stepAlike)
	}
	if th.Term.N+stepAlike <= 100 {
		th.Upper = at(th.Term.N + stepAlike)
	}
	return th, true, nil
}

// NearMiss is a paper that a topic does not bring, because it has other words, and
// that is alike in meaning to what the topic brings.
type NearMiss struct {
	Paper core.Paper
	Topic string
	Alike int // as meaning.Model.Alike says
}

// What counts for near misses.
const (
	mostMisses  = 3
	missDays    = 30 // whose matches say what a topic means in practice
	missMatches = 25
	leastAlike  = 60 // to the middle of those matches
	mostNear    = 60 // papers looked at for a topic
)

// NearMisses are papers of the days from since to until that none of the channel's
// topics brings, nor any of the topics asked about, and that are nearest in meaning to one of the latter: to the middle
// of what it brought lately and of its words. All else that a topic asks for, as a
// category or what it excludes, holds for them; muted ones and those that the channel
// has had are left out. At most 3, the most alike first.
func (r *Reader) NearMisses(ctx context.Context, ch core.Channel, topics []topic.Topic, since, until core.Date) ([]NearMiss, error) {
	nearest := map[core.Seq]NearMiss{}
	for _, t := range topics {
		var loose topic.Topic // each clause without its words
		for _, c := range t.Clauses {
			v, err := r.middle(ctx, ch, c)
			if err != nil {
				return nil, err
			}
			if v == nil {
				continue
			}
			clause := topic.Clause{{Field: topic.Like, Value: middleOf, N: leastAlike, Vector: v, Text: middleOf}}
			for _, term := range c {
				if term.Not || !isText(term) {
					clause = append(clause, term)
				}
			}
			loose.Clauses = append(loose.Clauses, clause)
		}
		if len(loose.Clauses) == 0 {
			continue
		}
		hits, _, err := r.alike(ctx, core.Query{Topic: loose, Scope: ch.Settings.Scope, Since: since, Until: until})
		if err != nil {
			return nil, err
		}
		slices.SortFunc(hits, best)
		for _, h := range hits[:min(len(hits), mostNear)] {
			if alike := int(h.Score); alike > nearest[h.Paper.Seq].Alike {
				nearest[h.Paper.Seq] = NearMiss{h.Paper, t.String(), alike}
			}
		}
	}
	if len(nearest) == 0 {
		return nil, nil
	}
	followed, err := r.followed(ctx, ch.ID)
	if err != nil {
		return nil, err
	}
	mutes, err := r.Store.Mutes(ctx, ch.ID, "", r.Now())
	if err != nil {
		return nil, err
	}
	hidden, err := r.Hide(ctx, mutes)
	if err != nil {
		return nil, err
	}
	topics = slices.Clone(topics) // some may be asked about that nobody follows
	of := make([]*topic.Topic, len(topics))
	for i := range topics {
		of[i] = &topics[i]
	}
	if err := r.Ready(ctx, of...); err != nil {
		return nil, err
	}
	for _, f := range followed {
		topics = append(topics, f.Topic)
	}
	near := make([]NearMiss, 0, len(nearest))
	for _, m := range nearest {
		near = append(near, m)
	}
	slices.SortFunc(near, func(a, b NearMiss) int {
		return cmp.Or(cmp.Compare(b.Alike, a.Alike), cmp.Compare(b.Paper.Seq, a.Paper.Seq))
	})
	var misses []NearMiss
	for _, m := range near {
		if len(misses) == mostMisses {
			break
		}
		doc := m.Paper.Doc()
		if hidden.Has(m.Paper.ID, doc) || slices.ContainsFunc(topics, func(t topic.Topic) bool { _, ok := t.Match(doc); return ok }) {
			continue
		}
		if had, err := r.had(ctx, ch, m.Paper.ID); err != nil {
			return nil, err
		} else if !had {
			misses = append(misses, m)
		}
	}
	return misses, nil
}

// middleOf stands for what a topic's words mean; no person can write it.
const middleOf = "(what its words mean)"

// middle is the middle of a clause's words and of what it brought lately (a
// centroid, as of Rocchio's feedback); nil where it asks for no words.
func (r *Reader) middle(ctx context.Context, ch core.Channel, c topic.Clause) (meaning.Vector, error) {
	var words []string
	for _, term := range c {
		if !term.Not && isText(term) && !term.Prefix {
			words = append(words, term.Words...)
		}
		if term.Field == topic.Like && !term.Not {
			return nil, nil // it looks at meaning itself
		}
	}
	if !slices.ContainsFunc(c, func(t topic.Term) bool { return !t.Not && isText(t) }) {
		return nil, nil
	}
	q := core.Query{Topic: topic.Topic{Clauses: []topic.Clause{c}}, Scope: ch.Settings.Scope, Since: ch.Day(r.Now()).AddDays(-missDays), Sort: core.SortNew, Limit: missMatches}
	lately, err := r.find(ctx, q)
	if err != nil {
		return nil, err
	}
	papers := make([]core.Paper, len(lately.Hits))
	for i, h := range lately.Hits {
		papers[i] = h.Paper
	}
	features, err := r.Store.Features(ctx, seqs(papers))
	if err != nil {
		return nil, err
	}
	vectors := []meaning.Vector{meaning.Builtin().Text(words)}
	for _, p := range papers {
		vectors = append(vectors, features[p.Seq].Vector)
	}
	return meaning.Middle(vectors), nil
}

// had reports whether the channel has had a paper, or is about to.
func (r *Reader) had(ctx context.Context, ch core.Channel, id core.PaperID) (bool, error) {
	_, err := r.Store.Delivery(ctx, ch.ID, core.PaperItem(id))
	if errors.Is(err, core.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// UnknownLike is a like: that is about nothing that can be known: a paper that the
// store does not have, or words of which the model knows none.
func (r *Reader) UnknownLike(ctx context.Context, t topic.Topic) (topic.Term, bool, error) {
	if err := r.Ready(ctx, &t); err != nil {
		return topic.Term{}, false, err
	}
	for _, like := range t.Likes() {
		if like.Direction() == nil {
			return like, true, nil
		}
	}
	return topic.Term{}, false, nil
}
