package query

import (
	"context"
	"slices"
	"time"

	"paperboy/core"
	"paperboy/core/match"
	"paperboy/core/rank"
	"paperboy/core/topic"
)

// Candidate is a paper that concerns a channel.
type Candidate struct {
	Paper   *core.Paper
	Doc     *topic.Doc // the paper as topics see it
	Matched []core.Matched
	Late    bool
}

// Rank is the candidate as core/rank sees it, without what the votes say.
func Rank(c *Candidate) rank.Candidate {
	r := rank.Candidate{ID: string(c.Paper.ID), Upvotes: c.Paper.Upvotes, Topics: len(c.Matched)}
	for _, m := range c.Matched {
		for _, w := range m.Why {
			r.Author = r.Author || w.Field == topic.Author
			r.TitleHit = r.TitleHit || w.Field == topic.Title
		}
	}
	return r
}

// Matches is topics, of one channel or of many, run over some papers once.
type Matches struct {
	Docs []*topic.Doc // parallel to the papers

	papers []core.Paper
	hits   map[string][]int32 // by topic text: the papers, by place
}

// NewMatches runs every distinct topic, which is Ready, over the papers.
func NewMatches(papers []core.Paper, topics []core.Topic) *Matches {
	m := &Matches{papers: papers, Docs: make([]*topic.Doc, len(papers)), hits: map[string][]int32{}}
	for i := range papers {
		m.Docs[i] = papers[i].Doc()
	}
	all := make([]topic.Topic, len(topics))
	for i := range topics {
		all[i] = topics[i].Topic
	}
	match.Index(m.Docs, all).Each(all, func(i int, docs []int32) {
		if text := all[i].String(); m.hits[text] == nil {
			m.hits[text] = slices.Clone(docs)
		}
	})
	return m
}

// Of are the papers that a channel's topics bring and its scope and admit (nil:
// everything) let through, each once with all the topics that matched it, in
// the papers' order.
func (m *Matches) Of(ch *core.Channel, topics []core.Topic, admit func(*core.Paper, *core.Topic) bool) []Candidate {
	by := map[int32][]core.Matched{}
	for i := range topics {
		t := &topics[i]
		text, hasCat := t.Topic.String(), t.Topic.HasCat()
		for _, d := range m.hits[text] {
			if admit != nil && !admit(&m.papers[d], t) || !hasCat && !ch.Settings.Scope.Admits(m.Docs[d]) {
				continue
			}
			why, _ := t.Topic.Match(m.Docs[d])
			by[d] = append(by[d], core.Matched{Topic: text, Why: why})
		}
	}
	places := make([]int32, 0, len(by))
	for d := range by {
		places = append(places, d)
	}
	slices.Sort(places)
	found := make([]Candidate, len(places))
	for i, d := range places {
		found[i] = Candidate{Paper: &m.papers[d], Doc: m.Docs[d], Matched: by[d]}
	}
	return found
}

// Enough reports whether a paper has the upvotes that the channel asks for; how many
// is unknown is not enough.
func Enough(ch *core.Channel, p *core.Paper) bool {
	return ch.Settings.Min == 0 || p.Upvotes != nil && *p.Upvotes >= ch.Settings.Min
}

// Hidden is what some mutes hide.
type Hidden struct {
	papers map[core.PaperID]bool
	topics []topic.Topic
}

// Hide reads mutes.
func (r *Reader) Hide(ctx context.Context, mutes []core.Mute) (Hidden, error) {
	h := Hidden{papers: map[core.PaperID]bool{}}
	for _, m := range mutes {
		if m.Kind == core.MutePaper {
			h.papers[core.PaperID(m.Value)] = true
		} else if t, err := topic.Parse(m.Value); err == nil {
			if err := r.Ready(ctx, &t); err != nil {
				return h, err
			}
			h.topics = append(h.topics, t)
		}
	}
	return h, nil
}

// Has reports whether a paper, which topics see as doc, is hidden.
func (h *Hidden) Has(id core.PaperID, doc *topic.Doc) bool {
	return h.papers[id] || slices.ContainsFunc(h.topics, func(t topic.Topic) bool { _, ok := t.Match(doc); return ok })
}

// tasteDays is how far back votes say what a channel likes.
const tasteDays = 90

// Tastes tell what several channels' votes say about the same papers. They
// are for one question: what a paper says is remembered.
type Tastes struct {
	r       *Reader
	now     time.Time
	corpus  rank.Corpus
	learned bool
	vectors map[core.PaperID]rank.Vector // of the papers asked about
	liked   []liked                      // of the channel asked about last
}

// liked is a paper that a channel voted for.
type liked struct {
	paper  *core.Paper
	vector rank.Vector
	votes  int
}

// Tastes are those of now.
func (r *Reader) Tastes(now time.Time) *Tastes {
	return &Tastes{r: r, now: now, vectors: map[core.PaperID]rank.Vector{}}
}

// Of gives each paper its affinity to what the channel's votes say, from -1 to
// 1; all 0 where nobody has voted.
func (ts *Tastes) Of(ctx context.Context, channel int64, papers []core.Paper) ([]float64, error) {
	affinity := make([]float64, len(papers))
	since := ts.now.AddDate(0, 0, -tasteDays)
	ids, err := ts.r.Store.Voted(ctx, channel, since)
	if err != nil || len(ids) == 0 {
		return affinity, err
	}
	tally, err := ts.r.Store.Tally(ctx, channel, ids, since)
	if err != nil {
		return nil, err
	}
	voted, err := ts.r.Store.Papers(ctx, ids)
	if err != nil {
		return nil, err
	}
	if !ts.learned {
		if ts.corpus, err = ts.r.Corpus(ctx); err != nil {
			return nil, err
		}
		ts.learned = true
	}
	var up, down []rank.Vector
	ts.liked = nil
	for i := range voted {
		switch t := tally[voted[i].ID]; {
		case t.Up > t.Down:
			up = append(up, vector(ts.corpus, &voted[i]))
			ts.liked = append(ts.liked, liked{&voted[i], up[len(up)-1], t.Up})
		case t.Down > t.Up:
			down = append(down, vector(ts.corpus, &voted[i]))
		}
	}
	taste := rank.NewTaste(up, down)
	for i := range papers {
		v, ok := ts.vectors[papers[i].ID]
		if !ok {
			v = vector(ts.corpus, &papers[i])
			ts.vectors[papers[i].ID] = v
		}
		affinity[i] = taste.Affinity(v)
	}
	return affinity, nil
}

// Nearest is the paper that the channel, the last that Of was asked about, voted
// for and that is most like this one of the papers asked about, and how many votes
// it has; ok is false where none is like it.
func (ts *Tastes) Nearest(p *core.Paper) (paper *core.Paper, votes int, ok bool) {
	best := 0.0
	for _, l := range ts.liked {
		if like := ts.vectors[p.ID].Cosine(l.vector); like > best {
			paper, votes, best = l.paper, l.votes, like
		}
	}
	return paper, votes, best > 0
}
