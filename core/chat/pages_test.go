package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"paperboy/core"
)

// shown are the titles of a list, and its buttons for turning pages.
func shown(r core.Reply) (titles []string, turns map[string]string) {
	turns = map[string]string{}
	for _, v := range r.Card.Papers {
		titles = append(titles, v.Title)
	}
	for _, b := range r.Card.Buttons {
		if strings.Contains(b.ID, "|page|") {
			turns[b.Label] = b.ID
		}
	}
	return titles, turns
}

func labelled(m map[string]string) []string {
	var out []string
	for l := range m {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}

// papers are the ids of all that the store has, but for the first three.
func (l *lab) papers() (ids []string) {
	l.Helper()
	found, err := l.store.Store.Search(l.Context(), core.Query{Sort: core.SortNew, Limit: 1000})
	if err != nil {
		l.Fatal(err)
	}
	for _, h := range found.Hits {
		if !strings.HasPrefix(string(h.Paper.ID), "2611.0000") {
			ids = append(ids, string(h.Paper.ID))
		}
	}
	return ids
}

// The entries after the first five are one press away, in the place of those.
func TestALongListHasPages(t *testing.T) {
	l := newLab(t)
	l.brings(12, "Kettle")
	first, turns := shown(l.says("ana", `"kettle" | tea`))
	if got := labelled(turns); !slices.Equal(got, []string{"Next 5 ▸"}) || len(first) != 5 {
		t.Fatalf("%d papers and %q", len(first), got)
	}
	r := l.presses("ana", "ml", turns["Next 5 ▸"])
	second, turns := shown(r)
	l.sees(r, "6–10 of 12 for kettle | tea, the best first:")
	if got := labelled(turns); !r.Edit || r.Public || !slices.Equal(got, []string{"Next 2 ▸", "Share", "◀ Previous"}) || len(second) != 5 {
		t.Fatalf("%d papers and %q, in place %v", len(second), got, r.Edit)
	}
	share := turns["Share"]
	r = l.presses("ana", "ml", turns["Next 2 ▸"])
	third, turns := shown(r)
	l.sees(r, "11–12 of 12")
	if got := labelled(turns); !slices.Equal(got, []string{"Share", "◀ Previous"}) || len(third) != 2 {
		t.Fatalf("%d papers and %q", len(third), got)
	}
	if again, _ := shown(l.presses("ana", "ml", turns["◀ Previous"])); !slices.Equal(again, second) {
		t.Errorf("back are %q, which were %q", again, second)
	}
	// What everybody sees is what was shared, and nobody turns it.
	r = l.presses("ana", "ml", share)
	if everybody, turns := shown(r); !r.Public || r.Edit || len(turns) > 0 || !slices.Equal(everybody, second) {
		t.Errorf("shared are %q with %q", everybody, turns)
	}
	// Beyond the end is the end, whatever a button says.
	for _, n := range []int{12, 13, 1000000} {
		if r := l.presses("ana", "ml", fmt.Sprintf("pb1|page|%d|today", n)); r.Failed {
			t.Error(read(r))
		}
		if r := l.presses("ana", "ml", fmt.Sprintf("pb1|page|%d|search kettle -tea", n)); r.Failed || len(r.Card.Papers) == 0 {
			t.Errorf("from %d on: %s", n, read(r))
		}
	}
	for _, id := range []string{"pb1|page|-1|search kettle", "pb1|page|x|search kettle", "pb1|page|5", "pb1|page|5|subscribe kettle", "pb1|page|5|forgetme"} {
		if r := l.presses("ana", "ml", id); len(r.Line) > 0 || strings.Contains(id, "subscribe") && !r.Failed {
			t.Errorf("%s: %s", id, read(r))
		}
	}
	if len(l.says("ana", "list").Card.Rows) > 0 {
		t.Error("a page followed a topic")
	}
}

func TestEveryListHasPages(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe kettles")
	l.brings(23, "Kettles of the low rank adaptation")
	for n := range 23 {
		l.says("ana", fmt.Sprintf("save %s", l.papers()[n]))
	}
	for _, c := range []struct {
		words, next, place string
	}{
		{"today", "Next 10 ▸", "11–20 of 23"},
		{"saved", "Next 5 ▸", "6–10 of 23"}, // each has a row of buttons, of which there are five
		{"similar " + l.papers()[0], "Next 5 ▸", "6–10 of 20"},
		{"search kettles -tea limit:7", "Next 7 ▸", "8–14 of 23"},
	} {
		_, turns := shown(l.says("ana", c.words))
		if turns[c.next] == "" {
			t.Errorf("%s has %q", c.words, labelled(turns))
			continue
		}
		l.sees(l.presses("ana", "ml", turns[c.next]), c.place)
	}
	for _, id := range []string{"pb1|page|-5|today", "pb1|page|-1|search kettles", "pb1|page|x|today", "pb1|page|5", "pb1|page|5|schedule 09:00"} {
		l.sees(l.presses("ana", "ml", id), "no longer works")
	}
	l.sees(l.presses("ana", "ml", "pb1|page|99|today"), "21–23 of 23") // it had more when the button was drawn
	if r := l.asksAloud("ana", "search kettles"); len(r.Card.Buttons) > 0 {
		t.Errorf("what everybody reads can be turned by anybody: %v", r.Card.Buttons)
	}
}

// A search that does not fit a button is named by a key, among the last ones of
// whoever asked, and of nobody else.
func TestALongSearchIsTurnedByItsKey(t *testing.T) {
	l := newLab(t)
	l.brings(12, "Kettle of soup on a lamp")
	words := `kettle -"a phrase that nobody has ever written" -"and another one of these" -"and yet another one"`
	_, turns := shown(l.says("ana", words))
	next := turns["Next 5 ▸"]
	if next == "" || len(next) > 100 || strings.Contains(next, "phrase") {
		t.Fatalf("the button is %q", next)
	}
	l.sees(l.presses("ana", "ml", next), "6–10 of 12")
	if r := l.presses("ben", "ml", next); !r.Failed || strings.Contains(read(r), "phrase") {
		t.Errorf("ben turns Ana's pages: %s", read(r))
	}
	for n := range core.MostSearches {
		l.says("ana", fmt.Sprint("kettle since:", n+1, "d"))
	}
	l.sees(l.presses("ana", "ml", next), "I have forgotten what that search was")
}
