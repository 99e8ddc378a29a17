package query

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/rank"
	"paperboy/core/text"
)

// tasteDays is how far back votes say what a channel likes.
const tasteDays = 90

// Tastes tell what the votes of several channels say about the same papers. They
// are for one question: what was read of a paper or a channel is remembered.
type Tastes struct {
	r      *Reader
	now    time.Time
	points map[core.Seq]rank.Point
	of     map[int64]*Taste
	liked  map[core.PaperID]core.Paper
}

// Tastes are those of now.
func (r *Reader) Tastes(now time.Time) *Tastes {
	return &Tastes{r: r, now: now, points: map[core.Seq]rank.Point{}, of: map[int64]*Taste{}, liked: map[core.PaperID]core.Paper{}}
}

// Taste is what one channel likes.
type Taste struct {
	rank.Taste
	Liked []core.Voted // what it voted for, and what its taste began with (Up is 0); Clusters are of these
}

// noTaste is that of a channel where nothing was said.
var noTaste = &Taste{}

// Learn reads what the channels' votes say, of all at once. Where nobody has voted
// and nothing was said, they say nothing.
func (ts *Tastes) Learn(ctx context.Context, channels ...core.Channel) error {
	var ids []int64
	var seeds []core.PaperID
	for _, ch := range channels {
		if ts.of[ch.ID] == nil {
			ids = append(ids, ch.ID)
			seeds = append(seeds, ch.Taste.Seeds...)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	votes, err := ts.r.Store.Votes(ctx, ids, ts.now.AddDate(0, 0, -tasteDays))
	if err != nil {
		return err
	}
	seq := map[core.PaperID]core.Seq{}
	if len(seeds) > 0 {
		papers, err := ts.r.Store.Papers(ctx, distinct(seeds))
		if err != nil {
			return err
		}
		for _, p := range papers {
			seq[p.ID] = p.Seq
		}
	}
	var seqs []core.Seq
	for _, vs := range votes {
		for _, v := range vs {
			seqs = append(seqs, v.Seq)
		}
	}
	for _, s := range seq {
		seqs = append(seqs, s)
	}
	if err := ts.read(ctx, seqs); err != nil {
		return err
	}
	for i := range channels {
		ch := &channels[i]
		if ts.of[ch.ID] != nil {
			continue
		}
		voted := votes[ch.ID]
		if ch.Taste.Since.After(ts.now.AddDate(0, 0, -tasteDays)) {
			since, err := ts.r.Store.Votes(ctx, []int64{ch.ID}, ch.Taste.Since) // it has forgotten those before
			if err != nil {
				return err
			}
			voted = since[ch.ID]
		}
		ts.of[ch.ID] = ts.learn(ch, voted, seq)
	}
	return nil
}

func (ts *Tastes) learn(ch *core.Channel, voted []core.Voted, seeds map[core.PaperID]core.Seq) *Taste {
	taste := &Taste{}
	var up, down []rank.Point
	had := map[core.PaperID]bool{}
	for _, v := range voted {
		had[v.Paper] = true
		switch {
		case v.Up > v.Down:
			taste.Liked = append(taste.Liked, v)
			up = append(up, ts.points[v.Seq])
		case v.Down > v.Up:
			down = append(down, ts.points[v.Seq])
		}
	}
	for _, id := range ch.Taste.Seeds {
		if at, known := seeds[id]; known && !had[id] {
			taste.Liked = append(taste.Liked, core.Voted{Paper: id, Seq: at})
			up = append(up, ts.points[at])
		}
	}
	lean := rank.Leaning{More: wordPoints(ch.Taste.More), Less: wordPoints(ch.Taste.Less)}
	for _, w := range ch.Taste.Forgotten {
		for _, term := range text.Words(w) {
			lean.Forgotten = append(lean.Forgotten, meaning.Builtin().Term(term))
		}
	}
	taste.Taste = rank.NewTaste(up, down, lean)
	return taste
}

func wordPoints(words []string) (ps []rank.Point) {
	for _, w := range words {
		ps = append(ps, rank.NewPoint(meaning.Builtin().Read(text.Words(w), nil)))
	}
	return ps
}

// read reads what is compared of papers, where it is not known yet.
func (ts *Tastes) read(ctx context.Context, seqs []core.Seq) error {
	seqs = slices.DeleteFunc(slices.Clone(seqs), func(s core.Seq) bool { _, known := ts.points[s]; return known })
	if len(seqs) == 0 {
		return nil
	}
	slices.Sort(seqs)
	features, err := ts.r.Store.Features(ctx, slices.Compact(seqs))
	for seq, f := range features {
		ts.points[seq] = rank.NewPoint(f)
	}
	return err
}

// Taste is a channel's that was learned.
func (ts *Tastes) Taste(channel int64) *Taste { return cmp.Or(ts.of[channel], noTaste) }

// Affinity gives each paper its affinity to the taste of a channel that was
// learned, from -1 to 1; all 0 where nothing was said.
func (ts *Tastes) Affinity(ctx context.Context, channel int64, cs []Candidate) ([]float64, error) {
	affinity := make([]float64, len(cs))
	taste := ts.Taste(channel)
	if taste == noTaste {
		return affinity, nil
	}
	seqs := make([]core.Seq, len(cs))
	for i, c := range cs {
		seqs[i] = c.Paper.Seq
	}
	err := ts.read(ctx, seqs)
	for i, seq := range seqs {
		affinity[i] = taste.Affinity(ts.points[seq])
	}
	return affinity, err
}

// Nearest is the paper that the channel likes and that is most like this one, which
// its taste was asked about; ok is false where none is like it.
func (ts *Tastes) Nearest(ctx context.Context, channel int64, p *core.Paper) (liked core.Liked, ok bool, err error) {
	var near core.Voted
	best := 0.0
	for _, v := range ts.Taste(channel).Liked {
		if like := rank.Alike(ts.points[p.Seq], ts.points[v.Seq]); like > best {
			near, best = v, like
		}
	}
	if best == 0 {
		return core.Liked{}, false, nil
	}
	if _, known := ts.liked[near.Paper]; !known {
		papers, err := ts.r.Store.Papers(ctx, []core.PaperID{near.Paper})
		if err != nil || len(papers) == 0 {
			return core.Liked{}, false, err
		}
		ts.liked[near.Paper] = papers[0]
	}
	return core.Liked{Title: ts.liked[near.Paper].Title, Votes: near.Up}, true, nil
}

// wanted is the affinity from which on a paper that no topic brings is worth a
// place. Of the recorded papers that have it, two at most a day, readers of 15
// votes wanted four of five; 0.8 a day had it.
const wanted = 0.4

// Discover are the papers, of those that no topic of a channel brings, that are most
// to its taste, which was learned: at most most, the best first. They say which
// paper that the channel likes they are like.
func (ts *Tastes) Discover(ctx context.Context, ch *core.Channel, others []Candidate, most int) ([]Candidate, error) {
	if most <= 0 || len(ts.Taste(ch.ID).Liked) < core.LikedForTaste {
		return nil, nil
	}
	affinity, err := ts.Affinity(ctx, ch.Reads(), others)
	if err != nil {
		return nil, err
	}
	places := make([]int, 0, len(others))
	for i := range others {
		if affinity[i] >= wanted {
			places = append(places, i)
		}
	}
	slices.SortFunc(places, func(i, j int) int {
		return cmp.Or(cmp.Compare(affinity[j], affinity[i]), cmp.Compare(others[i].Paper.ID, others[j].Paper.ID))
	})
	var found []Candidate
	for _, i := range places[:min(most, len(places))] {
		liked, _, err := ts.Nearest(ctx, ch.Reads(), others[i].Paper)
		if err != nil {
			return nil, err
		}
		c := others[i]
		c.Matched = []core.Matched{{Liked: &liked}}
		found = append(found, c)
	}
	return found, nil
}

// Interest is one of the kinds of papers that a channel likes.
type Interest struct {
	Words  []string // the most telling, as they stand in those papers
	Papers []core.Paper
}

// What is said of an interest.
const (
	interestWords = 6
	tastePapers   = 200 // the newest of those that a taste is told from
)

// Interests are what a channel's taste was learned from, the largest first.
func (ts *Tastes) Interests(ctx context.Context, channel int64) ([]Interest, error) {
	m := meaning.Builtin()
	taste := ts.Taste(channel)
	var out []Interest
	for cluster, members := range taste.Clusters {
		var ids []core.PaperID
		for _, i := range members {
			ids = append(ids, taste.Liked[i].Paper)
		}
		slices.Reverse(ids)
		papers, err := ts.r.Store.Papers(ctx, ids[:min(len(ids), tastePapers)])
		if err != nil {
			return nil, err
		}
		in := Interest{Papers: papers}
		docs, err := ts.r.docs(ctx, papers)
		if err != nil {
			return nil, err
		}
		about := middleOfDocs(docs)
		written := map[meaning.Term]string{}
		for _, p := range papers {
			for _, s := range []string{p.Title, p.Abstract} {
				for _, token := range text.Tokens(s) {
					if term := m.Term(token.Word); written[term] == "" && len(token.Word) > 2 && !sayNothing[token.Word] {
						written[term] = strings.ToLower(s[token.Start:token.End])
					}
				}
			}
		}
		var words []string
		for _, term := range taste.Words(cluster, 5*interestWords) {
			if w := written[term]; w != "" {
				words = append(words, w)
			}
		}
		in.Words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !says(text.Words(w), about, almost) })
		if len(in.Words) == 0 { // poor words are better than none
			in.Words = words
		}
		in.Words = in.Words[:min(interestWords, len(in.Words))]
		out = append(out, in)
	}
	return out, nil
}
