// Package query answers what people ask about papers, as data: what was found,
// what a channel voted for, what a day brought, a person's list, what is alike,
// what a topic would bring, and how else to ask (hints.go). Chat puts it into words, a page or a mail may
// show it otherwise.
//
// In: a channel, a day, a topic. Out: papers with what is known of them there;
// never a sentence and never a card. The pieces that tell which paper concerns
// which channel (Matches, Hidden, Taste) are here too, so that what `today`
// shows and what is posted are decided by the same lines.
//
// Promises: it only reads, and only the store; equal questions have equal
// answers in an equal order, on which no other channel's votes have a say.
package query

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/topic"
)

// Store is what is read.
type Store interface {
	Papers(ctx context.Context, ids []core.PaperID) ([]core.Paper, error)
	PapersBySeq(ctx context.Context, seqs []core.Seq) ([]core.Paper, error)
	Search(ctx context.Context, q core.Query) (core.Found, error)
	CountPapers(ctx context.Context) (int, error)
	FirstDay(ctx context.Context, since core.Date) (core.Date, error)
	Vocabulary(ctx context.Context, field topic.Field, prefix string, words []string) (map[string]int, error)
	SourceStates(ctx context.Context) ([]core.SourceState, error)
	Matching(ctx context.Context, q core.Query, most int) (found []core.Match, more bool, err error)
	Nearest(ctx context.Context, v meaning.Vector, q core.Query, limit int) ([]core.Near, error)
	Features(ctx context.Context, seqs []core.Seq) (map[core.Seq]meaning.Features, error)
	Embeddings(ctx context.Context, model string, seqs []core.Seq) (map[core.Seq]meaning.Vector, error)
	Topics(ctx context.Context, channel int64) ([]core.Topic, error)
	Guards(ctx context.Context, channel int64) ([]core.Guard, error)
	Mutes(ctx context.Context, channel int64, user string, now time.Time) ([]core.Mute, error)
	Digest(ctx context.Context, id int64) (core.Digest, error)
	Delivery(ctx context.Context, channel int64, item core.Item) (core.Delivery, error)
	DeliveriesFor(ctx context.Context, channel int64, papers []core.PaperID) (map[core.PaperID]core.Delivery, error)
	OnDay(ctx context.Context, day core.Date) ([]core.Listed, error)
	Lists(ctx context.Context, day core.Date) ([]core.List, error)
	DeliveriesOf(ctx context.Context, channel int64, since time.Time, states ...core.DeliveryState) ([]core.Delivery, error)
	Tally(ctx context.Context, channel int64, papers []core.PaperID, since time.Time) (map[core.PaperID]core.Tally, error)
	Voted(ctx context.Context, channel int64, since time.Time) ([]core.PaperID, error)
	Voters(ctx context.Context, channel int64, since time.Time) (int, error)
	Ballot(ctx context.Context, channel int64, ballot core.Item) (map[core.PaperID]int, error)
	Digests(ctx context.Context, channel int64, kinds ...core.DigestKind) ([]core.Digest, error)
	Votes(ctx context.Context, channels []int64, since time.Time) (map[int64][]core.Voted, error)
	SavedBy(ctx context.Context, user string) ([]core.Saved, error)
}

// Reader asks the store. It is safe for concurrent use.
type Reader struct {
	Store    Store
	Now      func() time.Time
	Embedder core.Embedder // nil: the model inside the program is all

	mu    sync.Mutex
	asked map[string]meaning.Vector // what the Embedder said of words
}

// Top are the papers that were posted or voted for in a channel since a day, by
// votes there in that time, then Hugging Face upvotes, then newest. voted says
// whether anybody voted at all. Those that were turned down, by so many people as
// fold a paper or by more than voted for it, are left out and counted.
func (r *Reader) Top(ctx context.Context, ch core.Channel, from core.Date) (ranked []core.Hit, voted bool, turnedDown int, err error) {
	start := from.Time(ch.Location())
	ids, err := r.Store.Voted(ctx, ch.ID, start)
	if err != nil {
		return nil, false, 0, err
	}
	posted, err := r.PostedSince(ctx, ch, from)
	if err != nil {
		return nil, false, 0, err
	}
	ids = distinct(append(ids, posted...))
	ever, err := r.Store.Tally(ctx, ch.ID, ids, time.Time{})
	if err != nil {
		return nil, false, 0, err
	}
	all := len(ids)
	ids = slices.DeleteFunc(ids, func(id core.PaperID) bool {
		t := ever[id]
		return t.Down > t.Up || t.Down > 0 && t.Down >= ch.Settings.NotForUsAt
	})
	tally, err := r.Store.Tally(ctx, ch.ID, ids, start)
	if err != nil {
		return nil, false, 0, err
	}
	papers, err := r.Store.Papers(ctx, ids)
	if err != nil {
		return nil, false, 0, err
	}
	for _, p := range papers {
		h := core.Hit{Paper: p, Votes: tally[p.ID].Up}
		voted = voted || h.Votes > 0
		ranked = append(ranked, h)
	}
	slices.SortFunc(ranked, mostVoted)
	return ranked, voted, all - len(ids), nil
}

// distinct are the ids, each at its first place.
func distinct(ids []core.PaperID) []core.PaperID {
	seen := make(map[core.PaperID]bool, len(ids))
	return slices.DeleteFunc(ids, func(id core.PaperID) bool {
		had := seen[id]
		seen[id] = true
		return had
	})
}

// PostedSince are the papers of a channel's posts since that day, in the order
// in which they were posted.
func (r *Reader) PostedSince(ctx context.Context, ch core.Channel, from core.Date) (ids []core.PaperID, err error) {
	err = r.eachPosted(ctx, ch, from, func(_ core.Digest, id core.PaperID, _ core.Delivery) {
		if id != "" {
			ids = append(ids, id)
		}
	})
	return ids, err
}

// eachPosted goes through the papers and headers, which have no id, of a channel's posts
// since that day, by digest.
func (r *Reader) eachPosted(ctx context.Context, ch core.Channel, from core.Date, each func(core.Digest, core.PaperID, core.Delivery)) error {
	ds, err := r.Store.DeliveriesOf(ctx, ch.ID, from.Time(ch.Location()), core.Posted)
	if err != nil {
		return err
	}
	var digest core.Digest // they come by digest
	for _, d := range ds {
		id, ok := d.Item.Paper()
		if digest.ID != d.Digest {
			if digest, err = r.Store.Digest(ctx, d.Digest); err != nil {
				return err
			}
		}
		if !ok && d.Item != core.HeaderItem(digest.Kind, digest.Due) {
			continue
		}
		if !ch.Day(digest.Due).Before(from) {
			each(digest, id, d)
		}
	}
	return nil
}

// dayPapers is the most of a day's papers that are looked at.
const dayPapers = 2000

// OfDay is what a day brought for a channel that follows the topics, posted or
// not and without what is muted there; how many papers were listed in all; and
// which papers were posted since that day.
func (r *Reader) OfDay(ctx context.Context, ch core.Channel, topics []core.Topic, day core.Date) (found []Candidate, listed int, posted map[core.PaperID]bool, err error) {
	listing, err := r.Store.Search(ctx, core.Query{Since: day, Until: day, Sort: core.SortTop, Limit: dayPapers, Channel: ch.ID})
	if err != nil {
		return nil, 0, nil, err
	}
	papers := make([]core.Paper, len(listing.Hits))
	posted = map[core.PaperID]bool{}
	have := map[core.PaperID]bool{}
	for i, h := range listing.Hits {
		papers[i], have[h.Paper.ID] = h.Paper, true
	}
	ids, err := r.PostedSince(ctx, ch, day)
	if err != nil {
		return nil, 0, nil, err
	}
	for _, id := range ids {
		posted[id] = true
	}
	now := r.Now()
	if day == ch.Day(now) { // what was posted today counts too, though it may have been listed earlier
		more, err := r.Store.Papers(ctx, slices.DeleteFunc(ids, func(id core.PaperID) bool { return have[id] }))
		if err != nil {
			return nil, 0, nil, err
		}
		papers = append(papers, more...)
	}
	mutes, err := r.Store.Mutes(ctx, ch.ID, "", now)
	if err != nil {
		return nil, 0, nil, err
	}
	hidden, err := r.Hide(ctx, mutes)
	if err != nil {
		return nil, 0, nil, err
	}
	if topics, err = r.ready(ctx, topics); err != nil {
		return nil, 0, nil, err
	}
	matches := NewMatches(papers, topics)
	seen := func(c Candidate) bool { return hidden.Has(c.Paper.ID, c.Doc) }
	found = slices.DeleteFunc(matches.Of(&ch, topics, nil), seen)
	others, err := r.others(ctx, ch, day, slices.DeleteFunc(matches.Others(&ch, topics), seen), posted)
	return append(found, others...), listing.Total, posted, err
}

// others are what a channel's taste brought on a day, and what it would bring now,
// of papers that no topic does.
func (r *Reader) others(ctx context.Context, ch core.Channel, day core.Date, others []Candidate, posted map[core.PaperID]bool) (found []Candidate, err error) {
	had, err := r.Discovered(ctx, ch, day)
	if err != nil {
		return nil, err
	}
	var fresh []Candidate
	for _, c := range others {
		if ms := had[c.Paper.ID]; ms != nil {
			c.Matched = ms
			found = append(found, c)
		} else if !posted[c.Paper.ID] && c.Paper.Seq > ch.Planned && ch.Enough(c.Paper) {
			fresh = append(fresh, c)
		}
	}
	most := ch.Settings.Discover - len(had)
	if now := r.Now(); most > 0 && day == ch.Day(now) {
		tastes := r.Tastes(now)
		if err := tastes.Learn(ctx, ch); err != nil {
			return nil, err
		}
		fresh, err = tastes.Discover(ctx, &ch, fresh, most)
		found = append(found, fresh...)
	}
	return found, err
}

// Discovered are the papers that a channel's taste alone brought, and that were
// planned since that day, each with what it is like.
func (r *Reader) Discovered(ctx context.Context, ch core.Channel, from core.Date) (map[core.PaperID][]core.Matched, error) {
	ds, err := r.Store.DeliveriesOf(ctx, ch.ID, from.Time(ch.Location()))
	found := map[core.PaperID][]core.Matched{}
	for _, d := range ds {
		if id, ok := d.Item.Paper(); ok && core.Discovered(d.Matched) {
			found[id] = d.Matched
		}
	}
	return found, err
}

// NewestDay is the newest day that has a paper of one of the topics; zero where
// none has.
func (r *Reader) NewestDay(ctx context.Context, ch core.Channel, topics []core.Topic) (newest core.Date, err error) {
	for _, t := range topics {
		found, err := r.find(ctx, core.Query{Topic: t.Topic, Scope: ch.Settings.Scope, Until: ch.Day(r.Now()), Sort: core.SortNew, Limit: 1})
		if err != nil {
			return "", err
		}
		for _, h := range found.Hits {
			newest = max(newest, h.Paper.Day)
		}
	}
	return newest, nil
}

// MatchedHere are the channel's topics that match the paper, whatever its age.
func (r *Reader) MatchedHere(ctx context.Context, ch core.Channel, p *core.Paper) ([]core.Matched, error) {
	topics, err := r.followed(ctx, ch.ID)
	if err != nil {
		return nil, err
	}
	doc := p.Doc()
	var ms []core.Matched
	for _, t := range topics {
		if why, ok := t.Topic.Match(doc); ok && (t.Topic.HasCat() || ch.Settings.Scope.Admits(doc)) {
			ms = append(ms, core.Matched{Topic: t.Topic.String(), Why: why})
		}
	}
	return ms, nil
}

// Why is what brought a paper to a channel: the topics that match it now, else
// those that did when it was planned; and what the ledger says of it, where
// known.
func (r *Reader) Why(ctx context.Context, ch core.Channel, p *core.Paper) (matched []core.Matched, d core.Delivery, known bool, err error) {
	if matched, err = r.MatchedHere(ctx, ch, p); err != nil {
		return nil, d, false, err
	}
	d, err = r.Store.Delivery(ctx, ch.ID, core.PaperItem(p.ID))
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return nil, d, false, err
	}
	if known = err == nil; known && len(matched) == 0 {
		matched = d.Matched // of a topic that is not followed any more
	}
	return matched, d, known, nil
}

// SavedPaper is a paper of somebody's list.
type SavedPaper struct {
	Paper core.Paper
	Saved core.Saved
}

// Saved are the papers of a person's list that match t (zero: all) and were
// saved since (zero: ever) by a clock at loc, newest first.
func (r *Reader) Saved(ctx context.Context, user string, t topic.Topic, since core.Date, loc *time.Location) ([]SavedPaper, error) {
	mine, err := r.Store.SavedBy(ctx, user)
	if err != nil {
		return nil, err
	}
	about := map[core.PaperID]core.Saved{}
	var ids []core.PaperID
	for _, s := range mine {
		if since.IsZero() || !core.DateOf(s.At.In(loc)).Before(since) {
			about[s.Paper] = s
			ids = append(ids, s.Paper)
		}
	}
	papers, err := r.Store.Papers(ctx, ids)
	if err != nil {
		return nil, err
	}
	if err := r.Ready(ctx, &t); err != nil {
		return nil, err
	}
	var out []SavedPaper
	for _, p := range papers {
		if len(t.Clauses) > 0 {
			if _, ok := t.Match(p.Doc()); !ok {
				continue
			}
		}
		out = append(out, SavedPaper{p, about[p.ID]})
	}
	return out, nil
}

// Forecast is what a topic brought lately.
type Forecast struct {
	Days     int // that were asked for
	Known    int // the last ones, of which the store knows papers at all; Days, but in a young store
	Weekdays int // of those that are known
	Found    core.Found
	query    core.Query
}

// Forecast looks at the last days before today, with the newest few papers as
// examples.
func (r *Reader) Forecast(ctx context.Context, ch core.Channel, t topic.Topic, days, examples int) (Forecast, error) {
	f, from, err := r.lately(ctx, ch, days)
	if err != nil {
		return f, err
	}
	f.query = core.Query{Topic: t, Scope: ch.Settings.Scope, Since: from, Sort: core.SortNew, Limit: examples}
	f.Found, err = r.find(ctx, f.query)
	return f, err
}

// lately is a forecast without its papers: the days that it looks at.
func (r *Reader) lately(ctx context.Context, ch core.Channel, days int) (f Forecast, from core.Date, err error) {
	today := ch.Day(r.Now())
	from = today.AddDays(-days)
	first, err := r.Store.FirstDay(ctx, from) // of any topic
	if err != nil {
		return f, from, err
	}
	f.Days = days
	if f.Known = days; first.IsZero() || first > from.AddDays(1+days/3) {
		for f.Known = 0; !first.IsZero() && first.AddDays(f.Known) <= today; f.Known++ {
		}
	}
	for n := range f.Known {
		if core.Weekdays.Has(today.AddDays(-n).Weekday()) {
			f.Weekdays++
		}
	}
	return f, from, nil
}

// Ever is the forecast's query without its days.
func (f *Forecast) Ever() core.Query {
	q := f.query
	q.Since, q.Limit = "", 1
	return q
}

// PerWeekday is how many papers a weekday brought, as far as days are known.
func (f *Forecast) PerWeekday() float64 {
	return float64(f.Found.Total) / float64(max(f.Weekdays, 1))
}

// Beyond is how many papers more the topic would bring without the channel's
// scope, and the category that most of them are of ("" when that is unknown); 0 also
// where there are more than can be counted.
func (r *Reader) Beyond(ctx context.Context, f Forecast) (more int, most string, err error) {
	q := f.query
	q.Scope, q.Limit = topic.Scope{}, 0
	everywhere, err := r.find(ctx, q)
	if err != nil {
		return 0, "", err
	}
	best := 0
	for cat, total := range everywhere.Primary {
		if extra := total - f.Found.Primary[cat]; cat != "" && (extra > best || extra == best && cat < most) {
			most, best = cat, extra
		}
	}
	if everywhere.More {
		return 0, "", nil // nobody knows how many
	}
	return max(0, everywhere.Total-f.Found.Total), most, nil
}

// CrossListed is, for a topic with one cat:, how many of its papers are primary
// there; pattern is "" for any other topic.
func (f *Forecast) CrossListed() (pattern string, primary int) {
	for _, cl := range f.query.Topic.Clauses {
		for _, term := range cl {
			if term.Field == topic.Cat && !term.Not {
				if pattern != "" {
					return "", 0 // with several there is no one number
				}
				pattern = term.Value
			}
		}
	}
	if pattern == "" || pattern == "*" || f.Found.More {
		return "", 0
	}
	for cat, n := range f.Found.Primary {
		if cat != "" && topic.CatMatches(pattern, cat) {
			primary += n
		}
	}
	return pattern, primary
}
