// Package arxiv reads arXiv: the announcement feed for what is new, the query
// API for what the feed no longer shows and for papers by id.
//
// In: RSS of the last announcement, Atom of queries. Out: papers with the day
// whose announcement they stood in; replacements, which belong to no day;
// look-ups.
//
// Promises: an announcement's day is told by its ids and the calendar, because
// the dates in the feed lie: a batch whose ids are known is the batch we had.
// Whatever is not the asked XML, an error entry among papers, and a page that
// is empty though it should not be, is an error and never "no papers". The
// pace is the Client's.
package arxiv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/internal/polite"
)

// Name is what papers and people call this source.
const (
	Name  = "arxiv"
	Title = "arXiv"
)

// pageSize of a query. The API gives up to 2000; smaller pages come more
// reliably and five categories fill a few of them a day.
const pageSize = 200

// Notes remember a fact across restarts.
type Notes interface {
	Note(ctx context.Context, name string) (string, error)
	SetNote(ctx context.Context, name, value string) error
}

// Config is what a Source is made of.
type Config struct {
	URL        string // of the query API: https://export.arxiv.org
	RSSURL     string // of the feeds: https://rss.arxiv.org
	Categories []string
	Client     *polite.Client // with arXiv's pace
	Notes      Notes
	Now        func() time.Time // the calendar
}

// Source is arXiv.
type Source struct{ Config }

// New is a Source.
func New(c Config) *Source {
	c.URL, c.RSSURL = strings.TrimRight(c.URL, "/"), strings.TrimRight(c.RSSURL, "/")
	return &Source{c}
}

// Name implements core.Source.
func (s *Source) Name() string { return Name }

// Short implements core.Source.
func (s *Source) Short() string { return Name }

// Title implements core.Source.
func (s *Source) Title() string { return Title }

// Note implements core.Source: the feed of a day is that day's announcement.
func (s *Source) Note(newest core.Date) string {
	return Title + ": " + newest.Time(time.UTC).Format("Monday") + "'s announcement"
}

// ready is when a day's announcement is surely in the feed: that is built at
// midnight Eastern, 04:00 or 05:00 UTC.
const ready = 6 * time.Hour

// Complete implements core.Source.
func (s *Source) Complete(day core.Date) time.Time { return day.Time(time.UTC).Add(ready) }

// Due implements core.Source.
func (s *Source) Due(now time.Time) core.Date {
	return core.LastDay(core.DateOf(now.UTC().Add(-ready)), Announces)
}

// Fetch implements core.Source. The feed holds the last announcement only, and
// at weekends none; other days are asked of the query API, by when papers were
// submitted.
func (s *Source) Fetch(ctx context.Context, from, until core.Date) (core.Batch, error) {
	now := s.Now()
	last := built(now)
	var b core.Batch
	var errs []error
	if until >= last {
		feed, err := s.announced(ctx)
		b = feed
		if err != nil {
			errs = append(errs, err)
		}
		// On a day of its own the feed will have what it does not have yet.
		if until = last; !b.Newest.IsZero() || last == core.DateOf(now.In(Eastern)) {
			until = last.AddDays(-1)
		}
	}
	until = core.LastDay(until, Announces)
	for from < until && !Announces(from) {
		from = from.AddDays(1)
	}
	if from <= until && len(errs) == 0 {
		missed, err := s.submitted(ctx, from, until)
		b.Seen = append(missed.Seen, b.Seen...)
		b.Problems = append(b.Problems, missed.Problems...)
		b.Lists = append(b.Lists, missed.Lists...)
		b.Newest = max(b.Newest, missed.Newest)
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		b.Newest = "" // the next fetch must begin at the same day
	}
	return b, errors.Join(errs...)
}

// built is the newest day for which a feed can have been built.
func built(now time.Time) core.Date {
	return core.LastDay(core.DateOf(now.In(Eastern)), core.IsWeekday)
}

// mostEntries is where arXiv cuts a feed off, however many categories it joins, and
// says nothing of it.
const mostEntries = 2000

// feed is that of some categories, all of it: one that was cut off is asked for by
// halves, which share what is in both.
func (s *Source) feed(ctx context.Context, categories []string) (rssFeed, error) {
	body, err := s.Client.Fresh(ctx, s.RSSURL+"/rss/"+strings.Join(categories, "+"))
	if err != nil {
		return rssFeed{}, err
	}
	f, err := parseRSS(body)
	if err != nil || len(f.Items) < mostEntries {
		return f, err
	}
	if len(categories) == 1 {
		return f, &core.SourceError{Reason: fmt.Sprintf("ends its feed of %s after %d papers", categories[0], len(f.Items))}
	}
	half := len(categories) / 2
	first, err := s.feed(ctx, categories[:half])
	second, err2 := s.feed(ctx, categories[half:])
	at := map[string]int{}
	all := rssFeed{pubDate: f.pubDate}
	for _, it := range slices.Concat(first.Items, second.Items, f.Items) { // of the whole, should a half not have come
		key := it.GUID + it.Link
		if i, had := at[key]; !had {
			at[key] = len(all.Items)
			all.Items = append(all.Items, it)
		} else if it.Announce == "new" { // in the one it is new, in the other it is listed too
			all.Items[i] = it
		}
	}
	return all, errors.Join(err, err2)
}

// announced reads the feed.
func (s *Source) announced(ctx context.Context) (core.Batch, error) {
	var b core.Batch
	// What could be read of a feed that breaks off is of use.
	feed, feedErr := s.feed(ctx, s.Categories)
	if feedErr != nil && len(feed.Items) == 0 && feed.pubDate == "" {
		return core.Batch{}, feedErr
	}
	var ids []core.PaperID
	for i := range feed.Items {
		seen, err := feed.Items[i].seen()
		if err != nil {
			b.Problems = append(b.Problems, core.Problem{Where: fmt.Sprintf("feed item %d", i+1), Err: err})
			continue
		}
		if listed(seen) {
			ids = append(ids, seen.Paper.ID)
		}
		b.Seen = append(b.Seen, seen)
	}
	days, err := s.days(ctx, ids, feed.day())
	if err != nil {
		return core.Batch{}, err
	}
	counts := map[core.Date]int{}
	for i := range b.Seen {
		if listed(b.Seen[i]) {
			b.Seen[i].Sighting.Day = days[b.Seen[i].Paper.ID]
			b.Newest = max(b.Newest, b.Seen[i].Sighting.Day)
		}
	}
	for _, day := range days {
		counts[day]++
	}
	if feedErr == nil && !b.Newest.IsZero() {
		counts[b.Newest] += len(b.Problems)
		for day, n := range counts {
			b.Lists = append(b.Lists, core.List{Day: day, Count: n})
		}
	}
	if b.Again = s.again(b.Seen, b.Newest); b.Again != nil && len(b.Again.Parts) > 0 {
		b.Newest = b.Again.Day // what is missing has to be asked for again
	}
	return b, feedErr
}

// again finds what of the feed is an earlier announcement: all of it, or that of a
// category of which nothing is of the newest day (ZJU-REAL/Polaris#414).
func (s *Source) again(seen []core.Seen, newest core.Date) *core.Again {
	switch {
	case newest.IsZero():
		return nil
	case newest < core.DateOf(s.Now().In(Eastern)):
		return &core.Again{Day: newest}
	}
	var a core.Again
	for _, c := range s.Categories {
		var earlier core.Date
		whole := true
		for _, p := range seen {
			if p.Sighting.Announce != "new" || !within(p.Paper.Primary(), c) {
				continue
			}
			whole = whole && p.Sighting.Day < newest
			earlier = max(earlier, p.Sighting.Day)
		}
		if whole && !earlier.IsZero() {
			a.Day = max(a.Day, earlier)
			a.Parts = append(a.Parts, c)
		}
	}
	if len(a.Parts) == 0 {
		return nil
	}
	return &a
}

// within reports whether a category is the asked one, or of the asked archive.
func within(category, asked string) bool {
	return category == asked || strings.HasPrefix(category, asked+".")
}

// listed reports whether the paper is new in the feed's categories, rather
// than replaced.
func listed(s core.Seen) bool { return s.Sighting.Announce == "new" || s.Sighting.Announce == "cross" }

// Which ids stood in which day's announcement is kept in a note, a line for
// each day: "2026-11-23 2611.10001 2611.10002 …".
const (
	batchNote  = "arxiv/announced"
	rememberOf = 7 // days
)

// days says for each id of a feed the day of its announcement. Ids that we saw
// before keep their day; others are of the newest announcement that can be out.
// says is the day that the feed itself names: it is believed only where that
// fills a gap.
func (s *Source) days(ctx context.Context, ids []core.PaperID, says core.Date) (map[core.PaperID]core.Date, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	note, err := s.Notes.Note(ctx, batchNote)
	if err != nil {
		return nil, err
	}
	known := map[core.PaperID]core.Date{}
	var newest core.Date
	for line := range strings.Lines(note) {
		if f := strings.Fields(line); len(f) > 1 {
			newest = max(newest, core.Date(f[0]))
			for _, id := range f[1:] {
				known[core.PaperID(id)] = core.Date(f[0])
			}
		}
	}
	now := s.Now().In(Eastern)
	day := built(now)
	anyKnown := slices.ContainsFunc(ids, func(id core.PaperID) bool { return known[id] != "" })
	switch tomorrow := core.DateOf(now).AddDays(1); {
	case core.IsWeekday(says) && says > newest && says < day && says > day.AddDays(-rememberOf):
		day = says // the announcement that was missing, or our first look at an old feed
	case newest == day && !anyKnown && now.Hour() >= 20 && core.IsWeekday(tomorrow):
		day = tomorrow // announced this evening, and the feed was built early
	}
	out := map[core.PaperID]core.Date{}
	changed := false
	for _, id := range ids {
		if known[id] == "" {
			known[id] = day
			changed = true
		}
		out[id] = known[id]
	}
	if !changed {
		return out, nil
	}
	lines := map[core.Date][]string{}
	for id, d := range known {
		if d > day.AddDays(-rememberOf) {
			lines[d] = append(lines[d], string(id))
		}
	}
	var b strings.Builder
	for d, ids := range lines {
		slices.Sort(ids)
		fmt.Fprintln(&b, d, strings.Join(ids, " "))
	}
	return out, s.Notes.SetNote(ctx, batchNote, b.String())
}

// submitted asks the query API for what the announcements of from..until had.
func (s *Source) submitted(ctx context.Context, from, until core.Date) (core.Batch, error) {
	start, _ := Window(from)
	_, end := Window(until)
	const layout = "200601021504"
	cats := make([]string, len(s.Categories))
	for i, c := range s.Categories {
		cats[i] = "cat:" + c
		if !strings.Contains(c, ".") {
			cats[i] += "*" // a whole archive
		}
	}
	q := url.Values{
		"search_query": {fmt.Sprintf("(%s) AND submittedDate:[%s TO %s]", strings.Join(cats, " OR "),
			start.UTC().Format(layout), end.UTC().Add(-time.Minute).Format(layout))},
		"sortBy": {"submittedDate"}, "sortOrder": {"ascending"},
	}
	b, err := s.pages(ctx, q)
	for i := range b.Seen {
		p := &b.Seen[i]
		p.Paper.Sources = []string{Name}
		day := min(max(p.announced, from), until)
		b.Newest = max(b.Newest, day)
		p.Sighting = core.Sighting{Source: Name, Day: day, Announce: "new"}
		if !slices.Contains(s.Categories, p.Paper.Primary()) {
			p.Sighting.Announce = "cross"
		}
	}
	batch := b.batch()
	if err == nil && from == until {
		batch.Lists = []core.List{{Day: until, Count: len(b.Seen) + len(b.Problems)}}
	}
	return batch, err
}

// found is what a query found.
type found struct {
	Seen     []hit
	Problems []core.Problem
	Newest   core.Date
}

type hit struct {
	core.Seen
	announced core.Date // the day whose announcement it should have stood in
}

func (f found) batch() core.Batch {
	b := core.Batch{Problems: f.Problems, Newest: f.Newest}
	for _, h := range f.Seen {
		b.Seen = append(b.Seen, h.Seen)
	}
	return b
}

const (
	emptyTries = 3     // a page that is empty though it should not be is asked for so often
	maxDepth   = 30000 // of one query: arXiv gives no more
)

// pages reads all pages of a query.
func (s *Source) pages(ctx context.Context, q url.Values) (found, error) {
	var f found
	empty := 0
	for start, total := 0, 1; start < min(total, maxDepth); {
		page, err := s.query(ctx, q, start, pageSize)
		total = page.total
		where := start
		start += len(page.entries)
		for i := range page.entries {
			seen, at, err := page.entries[i].seen()
			if err != nil {
				f.Problems = append(f.Problems, core.Problem{Where: fmt.Sprintf("query result %d", where+i+1), Err: err})
				continue
			}
			f.Seen = append(f.Seen, hit{seen, Day(at)})
		}
		if err != nil {
			return f, err
		}
		if len(page.entries) > 0 {
			empty = 0
			continue
		}
		if start >= total {
			break
		}
		if empty++; empty >= emptyTries {
			return f, &core.SourceError{Reason: "sent an empty page instead of papers", Err: fmt.Errorf("result %d of %d", start, total)}
		}
	}
	return f, nil
}

// query asks for one page.
func (s *Source) query(ctx context.Context, q url.Values, start, most int) (atomPage, error) {
	q.Set("start", fmt.Sprint(start))
	q.Set("max_results", fmt.Sprint(most))
	body, err := s.Client.Get(ctx, s.URL+"/api/query?"+q.Encode())
	if err != nil {
		var status *polite.StatusError
		if page, e := parseAtom(body); errors.As(err, &status) && e != nil && page.refused != "" {
			err = errors.Join(e, err)
		}
		return atomPage{}, err
	}
	return parseAtom(body)
}

// Lookup asks for papers by id; those that arXiv does not have are missing in
// the answer. A request holds 100 ids, so that its URL stays short.
func (s *Source) Lookup(ctx context.Context, ids []core.PaperID) ([]core.Seen, error) {
	const perRequest = 100
	var out []core.Seen
	for batch := range slices.Chunk(ids, perRequest) {
		list := make([]string, len(batch))
		for i, id := range batch {
			list[i] = string(id)
		}
		page, err := s.query(ctx, url.Values{"id_list": {strings.Join(list, ",")}}, 0, len(batch))
		for i := range page.entries {
			if seen, _, e := page.entries[i].seen(); e == nil {
				out = append(out, seen)
			} else {
				err = cmp.Or(err, e)
			}
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}
