package mcp

import (
	"context"
	"errors"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"paperboy/core"
	"paperboy/core/cards"
)

// Person is whom an assistant acts for: a vote and a list are somebody's.
type Person struct {
	User core.User
	List interface {
		Save(ctx context.Context, s core.Saved) (changed bool, err error)
	}
	Voter interface {
		Give(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID, kind core.VoteKind, user core.User, on bool, now time.Time) (changed bool, err error)
	}
}

// writes adds the tools that change something, all of which can be taken back.
func (d *desk) writes(s *sdk.Server) {
	no := false
	write := func(name, title, description string) sdk.Tool {
		return sdk.Tool{Name: name, Title: title, Description: description, Annotations: &sdk.ToolAnnotations{Title: title, DestructiveHint: &no, IdempotentHint: true, OpenWorldHint: &no}}
	}
	add(d, s, write("save", "Save a paper", "Put a paper on the list of the person you act for. Only when they ask for it."), nil, d.save)
	add(d, s, write("vote", "Vote for a paper", "Vote for or against a paper that was posted in the channel, for the person you act for; everybody there sees the count. Only when they ask for it."),
		map[string][]any{"vote": {"up", "down", "none"}}, d.vote)
}

type saveIn struct {
	ID   string `json:"id" jsonschema:"an arXiv id or link, or feed:…"`
	Note string `json:"note,omitempty" jsonschema:"a few words of theirs about it"`
}

// Done is what came of a change.
type Done struct {
	ID    core.PaperID `json:"id"`
	Votes int          `json:"votes,omitempty" jsonschema:"the paper's in the channel now"`
}

func (d *desk) save(ctx context.Context, in saveIn) (string, Done, error) {
	p, err := d.known(ctx, in.ID)
	if err != nil {
		return "", Done{}, err
	}
	_, err = d.As.List.Save(ctx, core.Saved{User: d.As.User.Key, Paper: p.ID, Note: cards.Cut(in.Note, 500), At: d.now()})
	return "Saved. `/papers saved` shows the list in the chat.\n", Done{ID: p.ID}, err
}

type voteIn struct {
	ID   string `json:"id" jsonschema:"an arXiv id or link, or feed:…"`
	Vote string `json:"vote" jsonschema:"up, down (not for us), or none: take it back"`
	Where
}

func (d *desk) vote(ctx context.Context, in voteIn) (string, Done, error) {
	ch, err := d.channel(ctx, in.Channel)
	if err != nil {
		return "", Done{}, err
	}
	p, err := d.known(ctx, in.ID)
	if err != nil {
		return "", Done{}, err
	}
	del, err := d.Store.Delivery(ctx, ch.ID, core.PaperItem(p.ID))
	if errors.Is(err, core.ErrNotFound) || err == nil && del.State != core.Posted {
		return "", Done{}, core.Userf("E-NOTFOUND", "That paper was not posted in the channel, so nobody can vote for it there. `save` keeps it.")
	}
	if err != nil {
		return "", Done{}, err
	}
	for i, kind := range []core.VoteKind{core.Up, core.Down} {
		if _, err := d.As.Voter.Give(ctx, ch, del, p.ID, kind, d.As.User, in.Vote == string(kind), d.now().Add(time.Duration(i)*time.Microsecond)); err != nil {
			return "", Done{}, err
		}
	}
	tally, err := d.Store.Tally(ctx, ch.ID, []core.PaperID{p.ID}, time.Time{})
	if err != nil {
		return "", Done{}, err
	}
	var out page
	out.say("Done. It has %s here.", cards.Count(tally[p.ID].Up, "vote"))
	return out.String(), Done{p.ID, tally[p.ID].Up}, nil
}
