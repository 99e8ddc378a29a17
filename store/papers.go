package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/topic"
	"paperboy/core/venue"
)

// A paper's columns: those of papers, which search sifts, and those of texts.
const (
	paperColumns = `seq, id, changed, backlog, day, upvotes`
	textColumns  = `version, title, abstract, authors, categories, sources, published, comments, code, stars, project,
		summary, keywords, organization, thumbnail, comment, journal, doi, link, withdrawn, seen, coded`
	fromPapers  = ` FROM papers p JOIN texts USING (seq) `
	selectPaper = `SELECT p.` + paperColumns + `, ` + textColumns + fromPapers
)

var textPlaceholders = places(textColumns + `, seq, tellers`)

func paperPlaces(p *core.Paper) []any {
	return []any{&p.Seq, &p.ID, &p.Changed, &p.Backlog, &p.Day, &p.Upvotes}
}

func textPlaces(p *core.Paper) []any {
	return []any{&p.Version, &p.Title, &p.Abstract, list{&p.Authors}, list{&p.Categories}, list{&p.Sources}, &p.Published,
		&p.Comments, &p.Code, &p.Stars, &p.Project, &p.Summary, list{&p.Keywords}, &p.Organization, &p.Thumbnail, &p.Comment,
		&p.Journal, &p.DOI, &p.Link, &p.Withdrawn, millis{&p.Seen}, millis{&p.Coded}}
}

func wholePaper(p *core.Paper) []any { return append(paperPlaces(p), textPlaces(p)...) }

// PutPapers implements core.PaperStore. Nobody else writes meanwhile: a few
// thousand papers at a time are as fast as all at once.
func (s *Store) PutPapers(ctx context.Context, seen []core.Seen, backlog bool, now time.Time) (put core.Put, err error) {
	err = s.write(ctx, "keeping papers", func(t tx) error {
		put = core.Put{}
		var n core.Seq
		if err := t.one([]any{&n}, `SELECT n FROM counter`); err != nil {
			return err
		}
		before := n
		known, err := t.known(seen)
		if err != nil {
			return err
		}
		reading, stop := context.WithCancel(ctx)
		defer stop()
		for news := range comes(reading, seen, known) {
			came := news.Paper.ID
			found, err := t.identify(&news.Seen)
			if err == nil {
				news.fresh = news.fresh && news.Paper.ID == came && !known[came] // which may stand twice in a batch
				known[news.Paper.ID] = true
				err = t.put(news, backlog, now, &n, &put)
			}
			if err == nil {
				err = t.remember(news.Paper.ID, found)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", cmp.Or(string(news.Paper.ID), "a paper without an id"), err)
			}
		}
		if err := ctx.Err(); err != nil || n == before {
			return err
		}
		if _, err := t.exec(`UPDATE counter SET n = $1, papers = papers + $2`, n, put.New); err != nil {
			return err
		}
		return t.own()
	})
	if err != nil {
		put = core.Put{}
	}
	return put, err
}

// known are those of the ids that came that are in the store.
func (t tx) known(seen []core.Seen) (map[core.PaperID]bool, error) {
	ids := make([]core.PaperID, len(seen))
	for i := range seen {
		ids[i] = seen[i].Paper.ID
	}
	there, err := all(t, value[core.PaperID], `SELECT id FROM papers WHERE `+in("id", "$1"), many(ids))
	known := make(map[core.PaperID]bool, len(seen))
	for _, id := range there {
		known[id] = true
	}
	return known, err
}

// A coming paper is one that came, with what is made of its text where it is new.
type coming struct {
	core.Seen
	fresh    bool // no paper has its id
	doc      *topic.Doc
	authors  []string // their keys
	features meaning.Features
}

// comes cleans papers and makes words and features of the new ones, a few ahead of
// who keeps them: it is a third of the work, and another core's.
func comes(ctx context.Context, seen []core.Seen, known map[core.PaperID]bool) <-chan coming {
	known = maps.Clone(known)
	out := make(chan coming, 32)
	go func() {
		defer close(out)
		for _, s := range seen {
			c := coming{Seen: s, fresh: !known[s.Paper.ID]}
			c.Paper.Clean()
			if c.fresh {
				c.doc, c.features = read(&c.Paper)
				c.authors = authorKeys(c.Paper.Authors)
			}
			select {
			case out <- c:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// of has c know the words and features of a paper that is as it came, or is another by
// now.
func (c *coming) of(p *core.Paper) {
	if c.doc == nil || p.Title != c.Paper.Title || p.Abstract != c.Paper.Abstract {
		c.doc, c.features = read(p)
	}
	if c.authors == nil || !slices.Equal(p.Authors, c.Paper.Authors) {
		c.authors = authorKeys(p.Authors)
	}
	d := *c.doc
	d.Authors, d.Categories, d.Sources, d.Code, d.Upvotes = p.Authors, p.Categories, p.Sources, p.Code != "", p.Upvotes
	c.doc = &d
}

// keep writes what c knows.
func (t tx) keep(seq core.Seq, c *coming) error {
	return errors.Join(t.engine.keepWords(t, seq, c.doc, c.authors), t.keepFeatures(seq, c.features))
}

func read(p *core.Paper) (*topic.Doc, meaning.Features) {
	d := p.Doc()
	return d, meaning.Builtin().Read(d.Title, d.Abstract)
}

// put keeps one paper; n is the newest number that is taken.
func (t tx) put(news coming, backlog bool, now time.Time, n *core.Seq, put *core.Put) error {
	old := core.Known{Paper: core.Paper{ID: news.Paper.ID}}
	var since core.Date // when it became Unread
	known := false
	if !news.fresh {
		err := t.one(append(wholePaper(&old.Paper), &since, document{&old.Tellers}), `SELECT p.`+paperColumns+`, `+textColumns+`, p.unread, tellers`+fromPapers+`WHERE p.id = $1`, news.Paper.ID)
		if known = err == nil; err != nil && !errors.Is(err, core.ErrNotFound) {
			return err
		}
	}
	old.Unread = !since.IsZero()
	p := core.Merge(old, news.Seen)
	if p.ID == "" || p.Title == "" {
		return errors.New("a paper needs an id and a title")
	}
	switch {
	case !p.Unread:
		since = ""
	case since.IsZero() || p.Version != old.Version:
		since = core.DateOf(now.UTC())
	}
	listed := !news.Sighting.Day.IsZero()
	if listed && news.Sighting.Source == "" {
		return errors.New("a paper was listed by nobody: its sighting names no source")
	}
	if listed && !slices.Contains(p.Sources, news.Sighting.Source) {
		p.Sources = append(slices.Clone(p.Sources), news.Sighting.Source)
		slices.Sort(p.Sources)
	}

	if !known {
		*n++
		p.Seq, p.Changed, p.Backlog, p.Seen = *n, *n, backlog, now
		p.Day = cmp.Or(news.Sighting.Day, p.Published)
		put.New++
		news.of(&p.Paper)
		if _, err := t.exec(`INSERT INTO papers (`+paperColumns+`, prim, unread, filed, signs) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			append(paperPlaces(&p.Paper), p.Primary(), since, filed(&p.Paper), news.features.Vector.Code().Bytes())...); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO texts (`+textColumns+`, seq, tellers) VALUES (`+textPlaceholders+`)`, append(textPlaces(&p.Paper), p.Seq, document{p.Tellers})...); err != nil {
			return err
		}
		if err := t.keep(p.Seq, &news); err != nil || !listed {
			return err
		}
		return t.firstSighting(p.Seq, news.Sighting)
	}

	sighted := false
	if news.Sighting.Assumed {
		var before bool
		if err := t.one([]any{&before}, `SELECT EXISTS (SELECT 1 FROM sightings WHERE paper = $1 AND source = $2)`, p.Seq, news.Sighting.Source); err != nil {
			return err
		}
		listed = listed && !before
	}
	if listed {
		var err error
		if sighted, err = t.sighting(p.Seq, news.Sighting); err != nil {
			return err
		}
	}
	var first *core.Date
	if err := t.one([]any{&first}, `SELECT min(day) FROM sightings WHERE paper = $1`, p.Seq); err != nil {
		return err
	}
	if p.Day = p.Published; first != nil {
		p.Day = *first
	}
	same := samePaper(&old.Paper, &p.Paper)
	told := !same || p.Unread != old.Unread || !maps.Equal(p.Tellers, old.Tellers)
	if told {
		if err := t.must(`UPDATE papers SET unread = $2 WHERE seq = $1`, p.Seq, since); err != nil {
			return err
		}
		if err := t.must(`UPDATE texts SET tellers = $2 WHERE seq = $1`, p.Seq, document{p.Tellers}); err != nil {
			return err
		}
	}
	if !sighted && same {
		put.Unchanged++
		return nil
	}
	put.Updated++
	switch {
	case p.Code == "":
		p.Coded = time.Time{}
	case old.Code == "":
		p.Coded = now
	}
	if err := t.news(&old, &p, news.Sighting.Announce, now, put); err != nil {
		return err
	}
	worded := p.Title != old.Title || p.Abstract != old.Abstract || !slices.Equal(p.Authors, old.Authors) ||
		!slices.Equal(p.Categories, old.Categories) || !slices.Equal(p.Sources, old.Sources) || (p.Code == "") != (old.Code == "")
	if worded || p.Version != old.Version || p.Withdrawn != old.Withdrawn || p.Day != old.Day || !sameCount(p.Upvotes, old.Upvotes) {
		*n++
		p.Changed = *n
	}
	if same {
		return nil // only the sighting is new
	}
	if err := t.must(`UPDATE papers SET changed = $2, day = $3, prim = $4, upvotes = $5 WHERE seq = $1`,
		p.Seq, p.Changed, p.Day, p.Primary(), p.Upvotes); err != nil {
		return err
	}
	if err := t.must(`UPDATE texts SET `+assign(textColumns)+` WHERE seq = $23`, append(textPlaces(&p.Paper), p.Seq)...); err != nil {
		return err
	}
	if !worded {
		return nil
	}
	if err := t.engine.dropWords(t, p.Seq); err != nil {
		return err
	}
	if p.Title != old.Title || p.Abstract != old.Abstract {
		if _, err := t.exec(`DELETE FROM embeddings WHERE seq = $1`, p.Seq); err != nil {
			return err
		}
	}
	news.of(&p.Paper)
	if err := t.must(`UPDATE papers SET filed = $2, signs = $3 WHERE seq = $1`, p.Seq, filed(&p.Paper), news.features.Vector.Code().Bytes()); err != nil {
		return err
	}
	return t.keep(p.Seq, &news)
}

// news has a paper's messages edited when they are wrong now.
func (t tx) news(old, p *core.Known, announce string, now time.Time, put *core.Put) error {
	published := func(k *core.Known) bool { return k.Tellers[core.FactTitle].Authority == core.Publisher }
	newer := published(p) && (published(old) && p.Version > old.Version ||
		!published(old) && p.Version > 1 && p.Version != old.Version && strings.HasPrefix(announce, "replace"))
	if version := p.Version; p.Better(old) && version > 0 {
		if newer {
			version--
		}
		if err := t.shows(p.ID, version); err != nil {
			return err
		}
	}
	list := &put.NewVersions
	switch {
	case newer || p.Withdrawn != old.Withdrawn:
	case p.Corrected(old):
		list = &put.Corrected
	case p.Code != old.Code, accepted(p) != accepted(old):
		list = &put.Furthered
	default:
		return nil
	}
	if !slices.Contains(*list, p.ID) {
		*list = append(*list, p.ID)
	}
	before := 0
	if newer {
		before = max(1, min(old.Version, p.Version-1))
	}
	return t.outdate(p.ID, before, now)
}

// accepted is what people are told of a paper's acceptance.
func accepted(k *core.Known) string { return venue.Label(k.Comment, k.Journal) }

// announcements are arXiv's words, the most telling first: a paper that is new
// in one category's list stands as a cross-list in another's.
var announcements = []string{"new", "cross", "replace", "replace-cross"}

// sighting writes a listing down and reports whether it said anything new.
func (t tx) sighting(paper core.Seq, s core.Sighting) (changed bool, err error) {
	var old core.Sighting
	err = t.one([]any{&old.Rank, &old.Announce, &old.Upvotes},
		`SELECT place, announce, upvotes FROM sightings WHERE paper = $1 AND source = $2 AND day = $3`, paper, s.Source, s.Day)
	if errors.Is(err, core.ErrNotFound) {
		return true, t.firstSighting(paper, s)
	}
	if err != nil {
		return false, err
	}
	merged := core.Sighting{Rank: cmp.Or(s.Rank, old.Rank), Announce: cmp.Or(old.Announce, s.Announce), Upvotes: cmp.Or(s.Upvotes, old.Upvotes)}
	if i := slices.Index(announcements, s.Announce); i >= 0 && i < slices.Index(announcements, merged.Announce) {
		merged.Announce = s.Announce
	}
	if merged.Rank == old.Rank && merged.Announce == old.Announce && sameCount(merged.Upvotes, old.Upvotes) {
		return false, nil
	}
	return true, t.must(`UPDATE sightings SET place = $4, announce = $5, upvotes = $6 WHERE paper = $1 AND source = $2 AND day = $3`,
		paper, s.Source, s.Day, merged.Rank, merged.Announce, merged.Upvotes)
}

func (t tx) firstSighting(paper core.Seq, s core.Sighting) error {
	_, err := t.exec(`INSERT INTO sightings (paper, source, day, place, announce, upvotes) VALUES ($1, $2, $3, $4, $5, $6)`,
		paper, s.Source, s.Day, s.Rank, s.Announce, s.Upvotes)
	return err
}

func sameCount(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

// samePaper compares all that a source can say.
func samePaper(a, b *core.Paper) bool {
	return a.Version == b.Version && a.Title == b.Title && a.Abstract == b.Abstract && slices.Equal(a.Authors, b.Authors) &&
		slices.Equal(a.Categories, b.Categories) && slices.Equal(a.Sources, b.Sources) && a.Published == b.Published && a.Day == b.Day &&
		sameCount(a.Upvotes, b.Upvotes) && sameCount(a.Comments, b.Comments) && a.Code == b.Code && sameCount(a.Stars, b.Stars) &&
		a.Project == b.Project && a.Summary == b.Summary && slices.Equal(a.Keywords, b.Keywords) && a.Organization == b.Organization &&
		a.Thumbnail == b.Thumbnail && a.Comment == b.Comment && a.Journal == b.Journal && a.DOI == b.DOI && a.Link == b.Link &&
		a.Withdrawn == b.Withdrawn
}

// Paper implements core.PaperStore.
func (s *Store) Paper(ctx context.Context, id core.PaperID) (p core.Paper, err error) {
	err = s.read(ctx, "reading paper "+string(id), func(t tx) error {
		return t.one(wholePaper(&p), selectPaper+`WHERE p.id = $1`, id)
	})
	return p, err
}

// Papers implements core.PaperStore.
func (s *Store) Papers(ctx context.Context, ids []core.PaperID) (papers []core.Paper, err error) {
	err = s.read(ctx, "reading papers", func(t tx) error {
		found, err := all(t, wholePaper, selectPaper+`WHERE `+in("p.id", "$1"), many(ids))
		if err != nil {
			return err
		}
		byID := make(map[core.PaperID]core.Paper, len(found))
		for _, p := range found {
			byID[p.ID] = p
		}
		papers = make([]core.Paper, 0, len(found))
		for _, id := range ids {
			if p, ok := byID[id]; ok {
				papers = append(papers, p)
			}
		}
		return nil
	})
	return papers, err
}

// PapersBySeq implements core.PaperStore.
func (s *Store) PapersBySeq(ctx context.Context, seqs []core.Seq) (papers []core.Paper, err error) {
	err = s.read(ctx, "reading papers", func(t tx) error {
		papers, err = t.bySeq(seqs)
		return err
	})
	return papers, err
}

func (t tx) bySeq(seqs []core.Seq) ([]core.Paper, error) {
	found, err := all(t, wholePaper, selectPaper+`WHERE `+in("p.seq", "$1"), many(seqs))
	if err != nil {
		return nil, err
	}
	of := make(map[core.Seq]core.Paper, len(found))
	for _, p := range found {
		of[p.Seq] = p
	}
	papers := make([]core.Paper, 0, len(found))
	for _, seq := range seqs {
		if p, ok := of[seq]; ok {
			papers = append(papers, p)
		}
	}
	return papers, nil
}

// ChangedPapers implements core.PaperStore.
func (s *Store) ChangedPapers(ctx context.Context, after core.Seq) (papers []core.Paper, err error) {
	err = s.read(ctx, "reading changed papers", func(t tx) error {
		papers, err = all(t, wholePaper, selectPaper+`WHERE p.changed > $1 AND p.backlog = 0 ORDER BY p.changed`, after)
		return err
	})
	return papers, err
}

// Seq implements core.PaperStore.
func (s *Store) Seq(ctx context.Context) (n core.Seq, err error) {
	err = s.read(ctx, "reading the newest change's number", func(t tx) error {
		return t.one([]any{&n}, `SELECT n FROM counter`)
	})
	return n, err
}

// Sightings implements core.PaperStore.
func (s *Store) Sightings(ctx context.Context, ids []core.PaperID) (sightings map[core.PaperID][]core.Sighting, err error) {
	type row struct {
		id core.PaperID
		core.Sighting
	}
	err = s.read(ctx, "reading sightings", func(t tx) error {
		rows, err := all(t, func(r *row) []any {
			return []any{&r.id, &r.Source, &r.Day, &r.Rank, &r.Announce, &r.Upvotes}
		}, `SELECT p.id, s.source, s.day, s.place, s.announce, s.upvotes FROM papers p JOIN sightings s ON s.paper = p.seq
			WHERE `+in("p.id", "$1")+` ORDER BY s.day, s.source`, many(ids))
		sightings = make(map[core.PaperID][]core.Sighting)
		for _, r := range rows {
			sightings[r.id] = append(sightings[r.id], r.Sighting)
		}
		return err
	})
	return sightings, err
}

// Listed implements core.PaperStore.
func (s *Store) Listed(ctx context.Context, day core.Date) (n int, err error) {
	err = s.read(ctx, "counting the papers of a day", func(t tx) error {
		return t.one([]any{&n}, `SELECT count(DISTINCT paper) FROM sightings WHERE day = $1`, day)
	})
	return n, err
}

// OnDay implements core.PaperStore.
func (s *Store) OnDay(ctx context.Context, day core.Date) (listed []core.Listed, err error) {
	type row struct {
		id     core.PaperID
		source string
	}
	err = s.read(ctx, "reading who listed what on a day", func(t tx) error {
		rows, err := all(t, func(r *row) []any { return []any{&r.id, &r.source} }, `SELECT p.id, s.source FROM sightings s JOIN papers p ON p.seq = s.paper
			WHERE s.day = $1 ORDER BY s.paper, s.source`, day)
		listed = nil
		for _, r := range rows {
			if n := len(listed); n == 0 || listed[n-1].Paper != r.id {
				listed = append(listed, core.Listed{Paper: r.id})
			}
			last := &listed[len(listed)-1]
			last.Sources = append(last.Sources, r.source)
		}
		return err
	})
	return listed, err
}

// Unread implements core.PaperStore.
func (s *Store) Unread(ctx context.Context, since core.Date, limit int) (ids []core.PaperID, err error) {
	err = s.read(ctx, "reading what to look up", func(t tx) error {
		ids, err = all(t, value[core.PaperID], `SELECT id FROM (
			SELECT p.seq, p.id FROM sightings s CROSS JOIN papers p WHERE s.day >= $1 AND p.seq = s.paper AND p.prim = ''
			UNION SELECT seq, id FROM papers WHERE unread <> '' AND unread >= $1) AS asked
			WHERE id NOT LIKE 'feed:%' ORDER BY seq DESC LIMIT $2`, since, limit)
		return err
	})
	return ids, err
}

// FirstDay implements core.PaperStore.
func (s *Store) FirstDay(ctx context.Context, since core.Date) (first core.Date, err error) {
	err = s.read(ctx, "looking for the first day", func(t tx) error {
		return t.one([]any{&first}, `SELECT coalesce(min(day), '') FROM papers WHERE day >= $1 AND day <> ''`, since)
	})
	return first, err
}

// CountPapers implements core.PaperStore.
func (s *Store) CountPapers(ctx context.Context) (n int, err error) {
	err = s.read(ctx, "counting papers", func(t tx) error {
		return t.one([]any{&n}, `SELECT papers FROM counter`)
	})
	return n, err
}
