package query

import (
	"context"
	"slices"

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

// Others are the papers that no topic of a channel brings, though its scope would
// let them through, in the papers' order.
func (m *Matches) Others(ch *core.Channel, topics []core.Topic) (others []Candidate) {
	brought := map[int32]bool{}
	for i := range topics {
		for _, d := range m.hits[topics[i].Topic.String()] {
			brought[d] = true
		}
	}
	for d := range m.papers {
		if !brought[int32(d)] && ch.Settings.Scope.Admits(m.Docs[d]) {
			others = append(others, Candidate{Paper: &m.papers[d], Doc: m.Docs[d]})
		}
	}
	return others
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
