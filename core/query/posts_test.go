package query_test

import (
	"fmt"
	"testing"
	"time"

	"paperboy/core"
)

// Two posts of a day and one of the day before: each with its papers in its order, and
// their votes; what was only planned, and what was skipped, is in none.
func TestPostsAreWhatWasPostedInItsOrder(t *testing.T) {
	monday := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	at := func(d core.Delivery, minute int) core.Delivery {
		d.Updated = monday.Add(time.Duration(minute) * time.Minute)
		return d
	}
	header := core.Delivery{Item: core.HeaderItem(core.DailyPost, monday), Digest: 1, State: core.Posted}
	s := &shelf{
		papers:  []core.Paper{paper("a", "A", "cs.LG", ""), paper("b", "B", "cs.LG", ""), paper("c", "C", "cs.LG", ""), paper("d", "D", "cs.LG", "")},
		posted:  []core.Delivery{at(header, 1), at(posted("b", 1), 2), at(posted("a", 1), 3), at(posted("c", 2), 5000), at(posted("d", 3), 2000)},
		digests: map[int64]time.Time{1: monday, 2: monday.AddDate(0, 0, 1), 3: monday.AddDate(0, 0, 1).Add(-time.Hour)},
		tally:   map[core.PaperID]core.Tally{"a": {Up: 2, Down: 1}},
	}
	tell := func(from, until core.Date) (told []string) {
		t.Helper()
		posts, err := reader(s).Posts(t.Context(), channel(), from, until)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range posts {
			told = append(told, "post "+p.Posted.Format("Mon 15:04"))
			for _, paper := range p.Papers {
				told = append(told, fmt.Sprintf("%s %s +%d-%d", paper.Paper.ID, paper.Paper.Title, paper.Votes.Up, paper.Votes.Down))
			}
		}
		return told
	}
	same(t, tell("2026-11-23", "2026-11-24"), []string{"post Thu 19:20", "c C +0-0", "post Tue 17:20", "d D +0-0", "post Mon 08:01", "b B +0-0", "a A +2-1"})
	same(t, tell("2026-11-23", "2026-11-23"), []string{"post Mon 08:01", "b B +0-0", "a A +2-1"})
	same(t, tell("2026-11-24", "2026-11-24"), []string{"post Thu 19:20", "c C +0-0", "post Tue 17:20", "d D +0-0"})
	same(t, tell("2026-11-25", "2026-11-25"), []string(nil))
}
