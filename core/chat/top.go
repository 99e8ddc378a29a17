package core

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"paperboy/core/rank"
	"paperboy/core/say"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// topPapers are the papers that were posted or voted for here since a day, by
// votes here in that time, then Hugging Face upvotes, then newest. voted says
// whether anybody voted at all.
func (b *Bot) topPapers(c *call, from Date) (ranked []Hit, voted bool, err error) {
	start := from.Time(c.loc())
	ids, err := b.Store.Voted(c.ctx, c.channel.ID, start)
	if err != nil {
		return nil, false, err
	}
	posted, err := b.postedSince(c, from)
	if err != nil {
		return nil, false, err
	}
	for _, id := range posted {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	tally, err := b.Store.Tally(c.ctx, c.channel.ID, ids, start)
	if err != nil {
		return nil, false, err
	}
	papers, err := b.Store.Papers(c.ctx, ids)
	if err != nil {
		return nil, false, err
	}
	for _, p := range papers {
		h := Hit{Paper: p, Votes: tally[p.ID].Up}
		voted = voted || h.Votes > 0
		ranked = append(ranked, h)
	}
	slices.SortFunc(ranked, func(a, b Hit) int { return rank.CompareTop(topKey(&a), topKey(&b)) })
	return ranked, voted, nil
}

func topKey(h *Hit) rank.TopKey {
	return rank.TopKey{Votes: h.Votes, Upvotes: h.Paper.Upvotes, Day: string(h.Paper.Day), ID: string(h.Paper.ID)}
}

// postedSince are the papers posted in the channel since that day, in the order they were.
func (b *Bot) postedSince(c *call, from Date) ([]PaperID, error) {
	ds, err := b.Store.DeliveriesOf(c.ctx, c.channel.ID, from.Time(c.loc()), Posted)
	if err != nil {
		return nil, err
	}
	var ids []PaperID
	for _, d := range ds {
		digest, err := b.Store.Digest(c.ctx, d.Digest)
		if err != nil {
			return nil, err
		}
		if id, ok := d.Item.Paper(); ok && !DateOf(digest.Due.In(c.loc())).Before(from) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// ofDay is what a day brought for this channel, posted or not, as a list; and
// how many papers were listed in all.
func (b *Bot) ofDay(c *call, day Date, topics []Topic) ([]View, int, error) {
	q := Query{Since: day, Until: day, Sort: SortTop, Limit: 2000}
	found, err := b.Store.Search(c.ctx, q)
	if err != nil {
		return nil, 0, err
	}
	papers := make([]Paper, len(found.Hits))
	for i, h := range found.Hits {
		papers[i] = h.Paper
	}
	// What was posted that day counts too, though it may have been listed earlier.
	posted, err := b.postedSince(c, day)
	if err != nil {
		return nil, 0, err
	}
	if day == c.today() {
		more, err := b.Store.Papers(c.ctx, posted)
		if err != nil {
			return nil, 0, err
		}
		for _, p := range more {
			if !slices.ContainsFunc(papers, func(have Paper) bool { return have.ID == p.ID }) {
				papers = append(papers, p)
			}
		}
	}
	hits := newMatches(papers, []Channel{c.channel}, map[int64][]Topic{c.channel.ID: topics})
	mutes, err := b.Store.Mutes(c.ctx, c.channel.ID, "", c.now)
	if err != nil {
		return nil, 0, err
	}
	hidden := hide(mutes)
	var views []View
	for _, cand := range hits.of(&c.channel, topics, func(*Paper, *Topic) bool { return true }) {
		if hidden.has(cand.paper) {
			continue
		}
		v := listed(cand.paper)
		v.Matched = matchedText(cand.matched)
		if slices.Contains(posted, v.ID) {
			v.Labels = append(v.Labels, "posted")
		}
		views = append(views, v)
	}
	return views, found.Total, nil
}

// matchedHere are the channel's topics that match the paper, whatever its age.
func (b *Bot) matchedHere(c *call, p *Paper) ([]Matched, error) {
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return nil, err
	}
	doc := p.Doc()
	var ms []Matched
	for _, t := range topics {
		if why, ok := t.Topic.Match(doc); ok && (t.Topic.HasCat() || c.channel.Settings.Scope.Admits(doc)) {
			ms = append(ms, Matched{Topic: t.Topic.String(), Why: why})
		}
	}
	return ms, nil
}

// why says which topic matched a paper, in which field, with the sentence.
func (b *Bot) why(c *call) (Reply, error) {
	p, err := b.paperNamed(c, c.args["paper"])
	if err != nil {
		return Reply{}, err
	}
	card := Card{Papers: []View{entry(&p)}}
	matched, err := b.matchedHere(c, &p)
	if err != nil {
		return Reply{}, err
	}
	d, err := b.Store.Delivery(c.ctx, c.channel.ID, PaperItem(p.ID))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Reply{}, err
	}
	posted := err == nil
	if len(matched) == 0 && posted {
		matched = d.Matched // of a topic that is not followed any more
	}
	if len(matched) == 0 {
		card.Lines = []say.Text{say.Say("No topic of this channel matches it. %s shows the topics.", c.command("list"))}
		return Reply{Card: card}, nil
	}
	for _, m := range matched {
		card.Lines = append(card.Lines, say.Say("Topic *%s*", m.Topic))
		for _, w := range m.Why {
			line := whyText(w)
			if s := w.Sentence(p.Title, p.Abstract); s != "" && w.Field != topic.Title {
				line = append(line, say.Say(": “%s”", cut(s, 400))...)
			}
			card.Lines = append(card.Lines, line)
		}
	}
	switch {
	case posted && d.State == Posted && d.Late:
		card.Context = append(card.Context, say.Say("It was listed late, after the post it belonged to."))
	case posted && d.State == Skipped:
		card.Context = append(card.Context, say.Say("It was not posted: %s.", d.Reason))
	case !posted:
		card.Context = append(card.Context, say.Say("It has not been posted here."))
	}
	return Reply{Card: card}, nil
}

// How similar papers are found: candidates share one of the most telling words.
const (
	tellingWords   = 12
	nearCandidates = 400
	similarAnswer  = 5
)

// similar finds the nearest papers by shared rare words.
func (b *Bot) similar(c *call) (Reply, error) {
	p, err := b.paperNamed(c, c.args["paper"])
	if err != nil {
		return Reply{}, err
	}
	near, err := b.nearest(c.ctx, &p)
	if err != nil {
		return Reply{}, err
	}
	if c.args["sort"] == "new" {
		slices.SortStableFunc(near, func(a, b Paper) int { return strings.Compare(string(b.Day), string(a.Day)) })
	}
	if len(near) == 0 {
		return Reply{Card: Card{Lines: []say.Text{say.Say("I have nothing that is like _%s_.", p.Title)}}}, nil
	}
	card := Card{Lines: []say.Text{say.Say("Nearest to _%s_ by shared rare words:", p.Title)}}
	for i := range near {
		card.Papers = append(card.Papers, listed(&near[i]))
	}
	return b.shareable(c, card)
}

// nearest are the papers most like p, the nearest first.
func (b *Bot) nearest(ctx context.Context, p *Paper) ([]Paper, error) {
	corpus, err := b.corpus(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := b.Store.Near(ctx, rank.RareWords(p.Words(), corpus, tellingWords), nearCandidates)
	if err != nil {
		return nil, err
	}
	papers, err := b.Store.Papers(ctx, ids)
	if err != nil {
		return nil, err
	}
	ranked := make([]rank.Paper, len(papers))
	for i := range papers {
		ranked[i] = ranking(corpus, &papers[i])
	}
	var near []Paper
	for _, i := range rank.Similar(ranking(corpus, p), ranked) {
		if len(near) < similarAnswer {
			near = append(near, papers[i])
		}
	}
	return near, nil
}

// How common words are is learned from the newest papers, and learned again
// when it is a day old or there are half as many papers again: enough to tell
// a telling word from a common one, quick to make, and small in memory.
const (
	corpusPapers = 4000
	corpusAge    = 24 * time.Hour
)

// corpus says how common words are in what the store holds.
func (b *Bot) corpus(ctx context.Context) (rank.Corpus, error) {
	n, err := b.Store.CountPapers(ctx)
	if err != nil {
		return rank.Corpus{}, err
	}
	n = min(n, corpusPapers)
	now := b.Now()
	b.mu.Lock()
	known, learned := b.words, b.learned
	b.mu.Unlock()
	if known.Papers > 0 && n*2 <= known.Papers*3 && now.Sub(learned).Abs() < corpusAge {
		return known, nil
	}
	found, err := b.Store.Search(ctx, Query{Sort: SortNew, Limit: corpusPapers})
	if err != nil {
		return rank.Corpus{}, err
	}
	known = rank.Corpus{Freq: map[string]int{}, Papers: len(found.Hits)}
	for _, h := range found.Hits {
		words := h.Paper.Words()
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			known.Freq[strings.Clone(w)]++ // a word is a piece of its paper's text, which need not stay
		}
	}
	b.mu.Lock()
	b.words, b.learned = known, now
	b.mu.Unlock()
	return known, nil
}

func ranking(c rank.Corpus, p *Paper) rank.Paper {
	return rank.Paper{ID: string(p.ID), Primary: p.Primary(), Vector: vector(c, p)}
}

func vector(c rank.Corpus, p *Paper) rank.Vector {
	return c.Vector(text.Words(p.Title), text.Words(p.Abstract))
}
