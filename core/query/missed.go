package query

import (
	"context"
	"slices"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/topic"
)

// Miss is a topic that does not match a paper.
type Miss struct {
	Topic core.Topic
	Lacks []topic.Term // of the clause that comes nearest: what the paper lacks or, with Not, has
	alike float64      // the clause's words and the paper, in meaning
}

// Fate says where a paper that the store has stopped on its way into a channel, and
// what it lacks of the topics that do not match it.
func (r *Reader) Fate(ctx context.Context, ch core.Channel, p *core.Paper) (f Fate, err error) {
	topics, err := r.followed(ctx, ch.ID)
	if err != nil {
		return f, err
	}
	fates, err := r.fates(ctx, ch, topics, []core.Paper{*p})
	if err != nil {
		return f, err
	}
	if f = fates[0]; f.Stage == InLedger {
		return f, nil
	}
	if f.Stage == NoTopic {
		if f.Matched, err = r.toTaste(ctx, ch, p); err != nil {
			return f, err
		}
		if len(f.Matched) > 0 {
			f.Stage = ToTaste
		}
	}
	doc := p.Doc()
	for i := range topics {
		if _, ok := topics[i].Topic.Match(doc); !ok && topics[i].Unreadable == "" {
			f.Misses = append(f.Misses, miss(&topics[i], doc))
		}
	}
	slices.SortStableFunc(f.Misses, func(a, b Miss) int {
		if n := len(a.Lacks) - len(b.Lacks); n != 0 {
			return n
		}
		return int(1000 * (b.alike - a.alike))
	})
	return f, nil
}

// toTaste is what a channel's taste would bring a paper for, that no topic does, with
// the next post; nil where it would not.
func (r *Reader) toTaste(ctx context.Context, ch core.Channel, p *core.Paper) ([]core.Matched, error) {
	doc := p.Doc()
	if ch.Settings.Discover == 0 || p.Backlog || p.Seq <= ch.Planned || !ch.Enough(p) || !ch.Settings.Scope.Admits(doc) || ch.Paused(r.Now()) || p.Seen.Before(ch.Resumed) {
		return nil, nil
	}
	mutes, err := r.Store.Mutes(ctx, ch.ID, "", r.Now())
	if err != nil {
		return nil, err
	}
	hidden, err := r.Hide(ctx, mutes)
	if err != nil || hidden.Has(p.ID, doc) {
		return nil, err
	}
	tastes := r.Tastes(r.Now())
	if err := tastes.Learn(ctx, ch); err != nil {
		return nil, err
	}
	found, err := tastes.Discover(ctx, &ch, []Candidate{{Paper: p, Doc: doc}}, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0].Matched, nil
}

// miss is what a paper lacks of a topic that does not match it.
func miss(t *core.Topic, doc *topic.Doc) (m Miss) {
	m.Topic = *t
	for i, c := range t.Topic.Clauses {
		lacks := c.Lacks(doc)
		if i == 0 || len(lacks) < len(m.Lacks) {
			m.Lacks, m.alike = lacks, meaning.Builtin().Text(words(c)).Cosine(direction(doc))
		}
	}
	return m
}

// direction is what a paper is about.
func direction(doc *topic.Doc) meaning.Vector {
	return meaning.Builtin().Read(doc.Title, doc.Abstract).Vector
}

// words are those of a clause's positive terms that stand in texts.
func words(c topic.Clause) (out []string) {
	for _, t := range c {
		if isText(t) && !t.Not {
			out = append(out, t.Words...)
		}
	}
	return out
}

// isText: the term looks for words of a title or an abstract.
func isText(t topic.Term) bool {
	return t.Field == topic.Any || t.Field == topic.Title || t.Field == topic.Abstract
}

// BrokenGuard is a guard whose topic does not match its paper any more.
type BrokenGuard struct {
	Guard core.Guard
	Topic core.Topic
	Paper core.Paper   // its ID alone where the store does not have it
	Lacks []topic.Term // none: it lies outside of the channel's scope, or is not in the store, or the topic cannot be read
}

// Broken are those of the channel's guards that do not hold, by topic and paper;
// with to, only those of a topic, as if it said that.
func (r *Reader) Broken(ctx context.Context, ch core.Channel, id int64, to topic.Topic) (broken []BrokenGuard, err error) {
	guards, err := r.Store.Guards(ctx, ch.ID)
	if err != nil || len(guards) == 0 {
		return nil, err
	}
	topics, err := r.followed(ctx, ch.ID)
	if err != nil {
		return nil, err
	}
	if err := r.Ready(ctx, &to); err != nil {
		return nil, err
	}
	ids := make([]core.PaperID, len(guards))
	for i, g := range guards {
		ids[i] = g.Paper
	}
	papers, err := r.Store.Papers(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, g := range guards {
		at := slices.IndexFunc(topics, func(t core.Topic) bool { return t.ID == g.Topic })
		if at < 0 || id != 0 && g.Topic != id {
			continue
		}
		b := BrokenGuard{Guard: g, Topic: topics[at], Paper: core.Paper{ID: g.Paper}}
		if id != 0 {
			b.Topic.Topic = to
		}
		if at := slices.IndexFunc(papers, func(p core.Paper) bool { return p.ID == g.Paper }); at >= 0 {
			b.Paper = papers[at]
			doc := b.Paper.Doc()
			if _, ok := b.Topic.Topic.Match(doc); ok && (b.Topic.Topic.HasCat() || ch.Settings.Scope.Admits(doc)) {
				continue
			} else if !ok {
				b.Lacks = miss(&b.Topic, doc).Lacks
			}
		}
		broken = append(broken, b)
	}
	return broken, nil
}
