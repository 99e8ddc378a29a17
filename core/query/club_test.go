package query_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/query"
)

// clubroom is a shelf with the votes of a journal club.
type clubroom struct {
	*shelf
	held   []core.Digest
	chosen map[core.PaperID]int
}

func (c *clubroom) Digests(context.Context, int64, ...core.DigestKind) ([]core.Digest, error) {
	return c.held, nil
}

func (c *clubroom) Ballot(_ context.Context, _ int64, ballot core.Item) (map[core.PaperID]int, error) {
	if len(c.held) == 0 || ballot != core.HeaderItem(core.Ballot, c.held[len(c.held)-1].Due) {
		return nil, nil
	}
	return c.chosen, nil
}

// nov is the nth day of the story, at four.
func nov(n int) time.Time { return time.Date(2026, 11, n, 16, 0, 0, 0, time.UTC) }

func digest(kind core.DigestKind, at time.Time, ids ...core.PaperID) core.Digest {
	d := core.Digest{Kind: kind, Due: at, Planned: at.Add(time.Minute)}
	if len(ids) > 0 {
		d.Header = &core.Card{}
		for _, id := range ids {
			d.Header.Papers = append(d.Header.Papers, core.View{ID: id})
		}
	}
	return d
}

func inClub(c *clubroom) *query.Reader {
	return &query.Reader{Store: c, Now: func() time.Time { return now }}
}

func TestWhateverComesAfterAVoteEndsIt(t *testing.T) {
	c := &clubroom{shelf: &shelf{}, held: []core.Digest{
		digest(core.Meeting, nov(1)), // of no vote
		digest(core.Ballot, nov(2), "a", "b"), digest(core.Meeting, nov(4), "b"),
		digest(core.Ballot, nov(9), "c"), digest(core.Meeting, nov(11)), // nobody voted
		digest(core.Ballot, nov(16), "d"), digest(core.Ballot, nov(23)), // the closing was missed
		digest(core.Ballot, nov(24), "e"),
	}}
	rounds, err := inClub(c).Rounds(t.Context(), channel())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rounds {
		got = append(got, fmt.Sprint(r.Opened.Day(), "-", r.Ended.Day(), r.Winner))
	}
	same(t, got, []string{"2-4b", "9-11", "16-23", "24-1"})
	if !rounds[3].Ended.IsZero() || len(query.Won(rounds)) != 1 {
		t.Errorf("%+v", rounds)
	}
}

func TestWhatStandsOnABallot(t *testing.T) {
	var papers []core.Paper
	s := &shelf{tally: map[core.PaperID]core.Tally{}, digests: map[int64]time.Time{1: nov(20)}}
	for i, id := range []core.PaperID{"best", "good", "won", "twice", "once", "liked", "fair", "unliked", "nominated", "late", "stood"} {
		papers = append(papers, paper(id, string(id), "cs.LG", "2026-11-20"))
		if id != "unliked" && id != "nominated" && id != "late" && id != "stood" {
			s.tally[id] = core.Tally{Up: 20 - i}
		}
	}
	s.papers = papers
	s.posted = append(s.posted, posted("unliked", 1))
	c := &clubroom{shelf: s, held: []core.Digest{
		digest(core.Ballot, nov(2), "won", "once"), digest(core.Meeting, nov(4), "won"),
		digest(core.Ballot, nov(9), "twice", "stood"), digest(core.Meeting, nov(11)),
		digest(core.Ballot, nov(16), "twice", "liked"), digest(core.Meeting, nov(18)),
	}}
	ch := channel()
	ch.Club.Nominated = []core.Nomination{{Paper: "nominated", At: nov(10)}, {Paper: "won", At: nov(19)}, {Paper: "stood", At: nov(8)}, {Paper: "good", At: nov(17)}, {Paper: "stood", At: nov(19)}}
	nominees, err := inClub(c).Nominees(t.Context(), ch, nov(23))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range nominees {
		got = append(got, fmt.Sprint(n.Paper.ID, n.Votes, n.Nominated))
	}
	// What won is never there again; "twice" stood on the last two; five are enough.
	same(t, got, []string{"nominated0 true", "good19 true", "stood0 true", "best20 false", "once16 false"})
	same(t, s.since.Format(time.RFC3339), "2026-11-16T00:00:00+01:00") // of a week
}

func TestHowABallotIsDecided(t *testing.T) {
	for _, c := range []struct {
		name   string
		chosen map[core.PaperID]int
		up     map[core.PaperID]core.Tally
		want   query.Outcome
	}{
		{"nobody voted", nil, nil, query.Outcome{}},
		{"votes for what is not there count nothing", map[core.PaperID]int{"z": 5}, nil, query.Outcome{}},
		{"the most votes win", map[core.PaperID]int{"a": 1, "b": 3}, map[core.PaperID]core.Tally{"a": {Up: 9}}, query.Outcome{Winner: "b", Votes: 3, Cast: 4}},
		{"of as many more 👍 here", map[core.PaperID]int{"a": 2, "b": 2, "c": 1}, map[core.PaperID]core.Tally{"a": {Up: 1}, "b": {Up: 4}, "c": {Up: 9}}, query.Outcome{Winner: "b", Votes: 2, Cast: 5, Tied: 1, ByVote: true}},
		{"of equals the first", map[core.PaperID]int{"a": 2, "b": 2, "c": 2}, map[core.PaperID]core.Tally{"b": {Up: 4}, "c": {Up: 4}}, query.Outcome{Winner: "b", Votes: 2, Cast: 6, Tied: 2}},
		{"without any 👍 too", map[core.PaperID]int{"b": 1, "c": 1}, nil, query.Outcome{Winner: "b", Votes: 1, Cast: 2, Tied: 1}},
	} {
		room := &clubroom{shelf: &shelf{tally: c.up}, held: []core.Digest{digest(core.Ballot, nov(23), "a", "b", "c")}, chosen: c.chosen}
		r := inClub(room)
		rounds, err := r.Rounds(t.Context(), channel())
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Outcome(t.Context(), channel(), rounds[0])
		if err != nil || got != c.want {
			t.Errorf("%s: %+v (%v), want %+v", c.name, got, err, c.want)
		}
	}
}
