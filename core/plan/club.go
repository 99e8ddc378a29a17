package plan

import (
	"context"
	"slices"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// club plans what the channel's journal club does at its last moment that has come:
// a vote is opened, or what won is announced. Where there is nothing to vote on,
// nobody voted, or the meeting is over already, nothing is posted, and that is
// written down too.
func (r *round) club(ctx context.Context, ch *core.Channel) ([]core.Plan, error) {
	at, kind := ch.Club.Due(r.now)
	if at.IsZero() {
		return nil, nil
	}
	network, _ := r.Connections.Network(ch.Key.Platform)
	loc, _ := ch.Club.Schedule.Location()
	vote := cards.ClubVote{
		Opens: at, Closes: at, Meets: ch.Club.Meets(at), Zone: loc,
		Command: func(text string) say.Span { return verbs.Typed(network, text) },
	}
	plan := core.Plan{Digest: core.Digest{Channel: ch.ID, Due: at, Kind: kind, Planned: r.now}}
	place := core.InChannel
	if ch.Settings.Layout == core.LayoutForum {
		place = core.InForum
	}
	header := core.Delivery{Channel: ch.ID, Item: core.HeaderItem(kind, at), Place: place, State: core.Planned}
	if kind == core.Ballot {
		vote.Closes = ch.Club.Closes(at)
		papers, err := r.ballot(ctx, ch, vote)
		if err != nil {
			return nil, err
		}
		if len(papers) > 0 {
			card := cards.Ballot(vote, papers)
			plan.Digest.Header, plan.Items = &card, []core.Delivery{header}
		}
	} else if vote.Meets.After(r.now) {
		card, winner, err := r.chosen(ctx, ch, vote)
		if err != nil {
			return nil, err
		}
		if winner != "" {
			plan.Digest.Header, plan.Items = &card, []core.Delivery{header}
			plan.Digest.Thread = "Journal club" + vote.Meets.In(loc).Format(" · Mon 2 Jan")
			if network.Threads && place == core.InChannel {
				plan.Items = append(plan.Items, core.Delivery{Channel: ch.ID, Item: core.ReadItem(winner), Position: 1, Place: core.InThread, State: core.Planned})
			}
		}
	}
	r.doubtHeader(at, plan.Items)
	return []core.Plan{plan}, nil
}

// ballot are the papers of a vote as its message shows them.
func (r *round) ballot(ctx context.Context, ch *core.Channel, vote cards.ClubVote) (papers []core.View, err error) {
	nominees, err := r.Query.Nominees(ctx, *ch, vote.Opens)
	for _, n := range nominees {
		v := cards.Entry(&n.Paper)
		v.Votes = n.Votes
		if n.Nominated {
			v.Labels = append(slices.Clip(v.Labels), "nominated")
		}
		papers = append(papers, v)
	}
	return papers, err
}

// chosen counts the vote that is open, and announces what won; winner is "" where
// nothing did.
func (r *round) chosen(ctx context.Context, ch *core.Channel, vote cards.ClubVote) (card core.Card, winner core.PaperID, err error) {
	rounds, err := r.Query.Rounds(ctx, *ch)
	if err != nil || len(rounds) == 0 || !rounds[len(rounds)-1].Ended.IsZero() {
		return card, "", err
	}
	open := rounds[len(rounds)-1]
	o, err := r.Query.Outcome(ctx, *ch, open)
	if err != nil || o.Winner == "" {
		return card, "", err
	}
	papers, err := r.Store.Papers(ctx, []core.PaperID{o.Winner})
	if err != nil || len(papers) == 0 {
		return card, "", err
	}
	meetings := 0
	for _, won := range query.Won(rounds) {
		if won.Ended.After(ch.Club.RotaSince) {
			meetings++
		}
	}
	presenter, next := ch.Club.Presenter(meetings)
	return cards.Chosen(vote, &papers[0], why(o), presenter, next), o.Winner, nil
}

// why says how a paper won.
func why(o query.Outcome) say.Text {
	votes := say.Say("*%s of %s* chose this one", cards.Number(o.Votes), cards.Count(o.Cast, "vote"))
	switch {
	case o.Cast == 1:
		votes = say.Say("*One vote* chose this one")
	case o.Votes == o.Cast:
		votes = say.Say("*All %s votes* chose this one", cards.Number(o.Cast))
	}
	others := "another"
	if o.Tied > 1 {
		others = cards.Number(o.Tied) + " others"
	}
	switch {
	case o.Tied == 0:
		return say.Join("", votes, say.Say("."))
	case o.ByVote:
		return say.Join("", votes, say.Say(", as many as %s, and it has more 👍 here.", others))
	}
	return say.Join("", votes, say.Say(", as many as %s with as many 👍 here, and it stood further up.", others))
}
