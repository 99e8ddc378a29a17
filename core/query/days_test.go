package query_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/topic"
	"paperboy/store"
)

// calendar is a store with papers of some days: "0 2026-11-20 7" is paper 0 of that day
// with seven upvotes.
func calendar(t *testing.T, rows ...string) (*query.Reader, *store.Store, core.Channel) {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "papers.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var seen []core.Seen
	for _, row := range rows {
		var n, upvotes int
		var day core.Date
		fmt.Sscan(row, &n, &day, &upvotes)
		p := core.Paper{ID: dated(n), Title: fmt.Sprint("Lamps ", n), Upvotes: &upvotes}
		if n%2 == 1 {
			p.Title += " of soup"
		}
		seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: day, Upvotes: &upvotes}, Authority: core.Index})
	}
	if _, err := s.PutPapers(t.Context(), seen, false, now); err != nil {
		t.Fatal(err)
	}
	ch, err := s.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "web", ID: "ml"}, Name: "#ml"})
	if err != nil {
		t.Fatal(err)
	}
	return &query.Reader{Store: s, Now: func() time.Time { return now }}, s, ch
}

func dated(n int) core.PaperID { return core.PaperID(fmt.Sprintf("2611.%05d", n)) }

// vote has so many people of a channel vote for a paper.
func vote(t *testing.T, s *store.Store, ch core.Channel, n, people int) {
	t.Helper()
	for i := range people {
		if _, err := s.PutReaction(t.Context(), ch.ID, dated(n), core.Up, core.Reaction{Channel: ch.Key, Message: fmt.Sprint("m", n), User: core.User{Key: fmt.Sprint("p", i)}, Emoji: "👍", Added: true, Order: 1, At: now}); err != nil {
			t.Fatal(err)
		}
	}
}

// shows are the papers of a listing by number, with their votes: "3", "3+2".
func shows(l query.Listing) (out []string) {
	for _, h := range l.Hits {
		n := fmt.Sprint(int(h.Paper.ID[len(h.Paper.ID)-1] - '0'))
		if h.Votes > 0 {
			n += fmt.Sprint("+", h.Votes)
		}
		out = append(out, n)
	}
	return out
}

func TestPapersOfDaysByTrendNewestAndVotesHere(t *testing.T) {
	r, s, ml := calendar(t, "0 2026-11-19 90", "1 2026-11-20 7", "2 2026-11-20 9", "3 2026-11-20 0", "4 2026-11-22 8", "5 2026-11-23 50")
	cv, err := s.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "web", ID: "cv"}})
	if err != nil {
		t.Fatal(err)
	}
	vote(t, s, ml, 3, 2)
	vote(t, s, ml, 2, 1)
	vote(t, s, ml, 0, 4)
	vote(t, s, cv, 1, 5) // which is none of ml's business
	soup, err := topic.Parse("soup")
	if err != nil {
		t.Fatal(err)
	}
	days := query.Span{From: "2026-11-20", To: "2026-11-22"}
	for _, c := range []struct {
		order         query.Order
		t             topic.Topic
		offset, limit int
		want          []string
		total         int
	}{
		{query.Trending, topic.Topic{}, 0, 9, []string{"2+1", "4", "1", "3+2"}, 4},
		{query.Newest, topic.Topic{}, 0, 9, []string{"4", "3+2", "2+1", "1"}, 4},
		{query.ByVotes, topic.Topic{}, 0, 9, []string{"3+2", "2+1"}, 2},
		{query.Trending, topic.Topic{}, 1, 2, []string{"4", "1"}, 4},
		{query.ByVotes, topic.Topic{}, 1, 2, []string{"2+1"}, 2},
		{query.ByVotes, topic.Topic{}, 7, 2, nil, 2},
		{query.Trending, soup, 0, 9, []string{"1", "3+2"}, 2},
		{query.ByVotes, soup, 0, 9, []string{"3+2"}, 1},
	} {
		l, err := r.Listed(t.Context(), ml, days, c.t, c.order, c.offset, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		if got := shows(l); !slices.Equal(got, c.want) || l.Total != c.total || l.More {
			t.Errorf("%s of %v from %d: %v of %d, want %v of %d", c.order, c.t, c.offset, got, l.Total, c.want, c.total)
		}
	}
	// Who reads no channel sees nobody's votes.
	l, err := r.Listed(t.Context(), core.Channel{ID: -1}, days, topic.Topic{}, query.Trending, 0, 9)
	if got := shows(l); err != nil || !slices.Equal(got, []string{"2", "4", "1", "3"}) {
		t.Errorf("without a channel: %v %v", got, err)
	}
}

// More than can be put in order are still trending by their upvotes, not by their age.
func TestManyDaysTrendToo(t *testing.T) {
	rows := []string{"0 2026-11-01 3"}
	for i := range core.Countable + 10 {
		rows = append(rows, fmt.Sprintf("%d 2026-11-02 0", i+10))
	}
	r, _, ml := calendar(t, rows...)
	l, err := r.Listed(t.Context(), ml, query.Span{From: "2026-11-01", To: "2026-11-30"}, topic.Topic{}, query.Trending, 0, 5)
	if got := shows(l); err != nil || !slices.Equal(got, []string{"0"}) || l.Total != 1 || !l.More {
		t.Errorf("%v of %d, more %v, %v", got, l.Total, l.More, err)
	}
}

func TestTheDaysBesideDays(t *testing.T) {
	r, _, _ := calendar(t, "0 2026-11-19 1", "1 2026-11-20 1", "2 2026-11-23 1")
	for _, c := range []struct {
		days          query.Span
		before, after core.Date
	}{
		{query.Span{From: "2026-11-20", To: "2026-11-20"}, "2026-11-19", "2026-11-23"},
		{query.Span{From: "2026-11-21", To: "2026-11-21"}, "2026-11-20", "2026-11-23"},
		{query.Span{From: "2026-11-16", To: "2026-11-22"}, "", "2026-11-23"},
		{query.Span{From: "2026-11-23", To: "2026-11-23"}, "2026-11-20", ""},
	} {
		if before, after, err := r.Beside(t.Context(), c.days); err != nil || before != c.before || after != c.after {
			t.Errorf("beside %v: %q, %q, %v", c.days, before, after, err)
		}
	}
}

func TestAChannelsPostsAreThoseOfItsDays(t *testing.T) {
	s := &shelf{
		papers: []core.Paper{paper("a", "A", "cs.LG", "2026-11-20"), paper("b", "B", "cs.LG", "2026-11-23"), paper("c", "C", "cs.LG", "2026-11-24"), paper("d", "D", "cs.LG", "2026-11-01")},
		posted: []core.Delivery{posted("d", 1), {Item: core.HeaderItem(core.DailyPost, now), Digest: 2, State: core.Posted}, posted("b", 2), posted("c", 2), posted("a", 3),
			{Item: core.HeaderItem(core.DailyPost, now.AddDate(0, 0, -3)), Digest: 4, State: core.Posted}, {Item: core.HeaderItem(core.Notice, now.AddDate(0, 0, -4)), Digest: 5, State: core.Posted}},
		digests: map[int64]time.Time{1: now.AddDate(0, 0, -20), 2: now.AddDate(0, 0, -1), 3: now, 4: now.AddDate(0, 0, -3), 5: now.AddDate(0, 0, -4)},
		kinds:   map[int64]core.DigestKind{5: core.Notice},
		tally:   map[core.PaperID]core.Tally{"c": {Up: 2, Down: 1}},
	}
	of := func(from, to core.Date) (got []string) {
		t.Helper()
		posts, err := reader(s).Posts(t.Context(), channel(), query.Span{From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range posts {
			line := p.Digest.Due.Format("02:")
			for _, one := range p.Papers {
				line += fmt.Sprint(" ", one.Paper.ID, one.Votes.Up, one.Votes.Down)
			}
			got = append(got, line)
		}
		return got
	}
	const quiet = "21:" // with the line that says so; the notice of the 20th is no post of papers
	same(t, of("2026-11-18", "2026-11-24"), []string{"24: a0 0", "23: b0 0 c2 1", quiet})
	same(t, of("2026-11-18", "2026-11-23"), []string{"23: b0 0 c2 1", quiet})
	ids, err := reader(s).PostedSince(t.Context(), channel(), "2026-11-18")
	if err != nil {
		t.Fatal(err)
	}
	same(t, ids, []core.PaperID{"b", "c", "a"})
	same(t, of("2026-11-24", "2026-11-24"), []string{"24: a0 0"})
	same(t, of("2026-11-25", "2026-11-26"), []string(nil))
}
