package query

import (
	"cmp"
	"context"
	"slices"
	"time"

	"paperboy/core"
)

// Sizes of a ballot.
const (
	MostOnBallot = 5 // papers: one row of buttons
	ballotDays   = 7 // the week whose best stand on it
	ballotsInRow = 2 // so often the week's best may stand on one after another
)

// Round is one vote of a channel's journal club, and what came of it.
type Round struct {
	Opened  time.Time // its moment: it names the ballot
	Planned time.Time // what was nominated by then had its chance
	Papers  []core.View
	Ended   time.Time    // zero: it is open
	Winner  core.PaperID // "": nobody voted, or it is open
}

// Ballot is the item under which its votes are counted.
func (r *Round) Ballot() core.Item { return core.HeaderItem(core.Ballot, r.Opened) }

// Paper is one on the ballot.
func (r *Round) Paper(id core.PaperID) (v core.View, ok bool) {
	i := slices.IndexFunc(r.Papers, func(v core.View) bool { return v.ID == id })
	if i < 0 {
		return v, false
	}
	return r.Papers[i], true
}

// Rounds are the votes of a channel's journal club, the first first. At most the
// last is open: whatever comes after a vote ends it.
func (r *Reader) Rounds(ctx context.Context, ch core.Channel) (rounds []Round, err error) {
	digests, err := r.Store.Digests(ctx, ch.ID, core.Ballot, core.Meeting)
	for _, d := range digests {
		if n := len(rounds); n > 0 && rounds[n-1].Ended.IsZero() {
			rounds[n-1].Ended = d.Due
			if d.Kind == core.Meeting && d.Header != nil && len(d.Header.Papers) > 0 {
				rounds[n-1].Winner = d.Header.Papers[0].ID
			}
		}
		if d.Kind == core.Ballot && d.Header != nil {
			rounds = append(rounds, Round{Opened: d.Due, Planned: d.Planned, Papers: d.Header.Papers})
		}
	}
	return rounds, err
}

// Won are the rounds that something won.
func Won(rounds []Round) []Round {
	return slices.DeleteFunc(slices.Clone(rounds), func(r Round) bool { return r.Winner == "" })
}

// Nominated are the papers that people nominated and that stood on no ballot since,
// in that order; never one that won.
func Nominated(ch *core.Channel, rounds []Round) (waiting []core.Nomination) {
	for _, n := range ch.Club.Nominated {
		if !slices.ContainsFunc(rounds, func(r Round) bool {
			_, on := r.Paper(n.Paper)
			return r.Winner == n.Paper || on && !n.At.After(r.Planned)
		}) {
			waiting = append(waiting, n)
		}
	}
	return waiting
}

// Nominee is a paper for a ballot.
type Nominee struct {
	Paper     core.Paper
	Votes     int  // here, in the week before
	Nominated bool // by somebody
}

// Nominees are the papers for the ballot that opens at a moment: what people
// nominated, in that order, then the best of the week before by votes here, at most
// MostOnBallot. What won once never stands there again; the week's best not when they
// stood on the last two ballots.
func (r *Reader) Nominees(ctx context.Context, ch core.Channel, opens time.Time) (out []Nominee, err error) {
	rounds, err := r.Rounds(ctx, ch)
	if err != nil {
		return nil, err
	}
	ranked, _, _, err := r.Top(ctx, ch, ch.Day(opens).AddDays(-ballotDays))
	if err != nil {
		return nil, err
	}
	var ids []core.PaperID
	for _, n := range Nominated(&ch, rounds) {
		ids = append(ids, n.Paper)
	}
	people := len(ids)
	last := rounds[max(0, len(rounds)-ballotsInRow):]
	for _, h := range ranked {
		stood := 0
		for i := range last {
			if _, on := last[i].Paper(h.Paper.ID); on {
				stood++
			}
		}
		won := slices.ContainsFunc(rounds, func(r Round) bool { return r.Winner == h.Paper.ID })
		if h.Votes > 0 && stood < ballotsInRow && !won {
			ids = append(ids, h.Paper.ID)
		}
	}
	nominated := slices.Clone(ids[:people])
	ids = distinct(ids)
	papers, err := r.Store.Papers(ctx, ids[:min(len(ids), MostOnBallot)])
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(papers, func(a, b core.Paper) int { return cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID)) })
	for _, p := range papers {
		n := Nominee{Paper: p, Nominated: slices.Contains(nominated, p.ID)}
		for _, h := range ranked {
			if h.Paper.ID == p.ID {
				n.Votes = h.Votes
			}
		}
		out = append(out, n)
	}
	return out, nil
}

// Outcome is what became of a ballot.
type Outcome struct {
	Winner core.PaperID // "": nobody voted
	Votes  int          // that it got …
	Cast   int          // … of so many
	Tied   int          // how many others got as many …
	ByVote bool         // … and have fewer 👍 here; else it stands before them on the ballot
}

// Outcome counts a ballot. Of papers with as many votes the one with more 👍 here
// wins, ever; then the one that stands first on the ballot.
func (r *Reader) Outcome(ctx context.Context, ch core.Channel, round Round) (o Outcome, err error) {
	chosen, err := r.Store.Ballot(ctx, ch.ID, round.Ballot())
	if err != nil {
		return o, err
	}
	most := 0
	for _, v := range round.Papers {
		o.Cast += chosen[v.ID]
		most = max(most, chosen[v.ID])
	}
	if most == 0 {
		return o, nil
	}
	var first []core.PaperID
	for _, v := range round.Papers {
		if chosen[v.ID] == most {
			first = append(first, v.ID)
		}
	}
	tally, err := r.Store.Tally(ctx, ch.ID, first, time.Time{})
	if err != nil {
		return o, err
	}
	o.Winner = slices.MaxFunc(first, func(a, b core.PaperID) int { return cmp.Compare(tally[a].Up, tally[b].Up) }) // of equals the first
	o.Votes, o.Tied = most, len(first)-1
	o.ByVote = o.Tied > 0 && !slices.ContainsFunc(first, func(id core.PaperID) bool { return id != o.Winner && tally[id].Up == tally[o.Winner].Up })
	return o, nil
}
