package cards

import (
	"fmt"
	"strconv"
	"time"

	"paperboy/core"
	"paperboy/core/say"
)

// ClubVote is a vote of a journal club: when it opens and closes, and for which meeting.
type ClubVote struct {
	Opens, Closes, Meets time.Time
	Zone                 *time.Location
	Command              func(string) say.Span
}

// at tells one of its moments: "Thu 4 Dec 16:00".
func (v ClubVote) at(t time.Time) say.Span { return say.At(t, t.In(v.Zone).Format("Mon 2 Jan 15:04")) }

// Ballot is the vote of a journal club: one message, a button a paper.
func Ballot(v ClubVote, papers []core.View) core.Card {
	card := core.Card{
		Title:    "🗳 Journal club" + v.Meets.In(v.Zone).Format(" · Mon 2 Jan") + ": what do we read?",
		Lines:    []say.Text{say.Say("One vote a person, until *%s*; until then you can change it.", v.at(v.Closes))},
		Numbered: true, Papers: papers,
		Context: []say.Text{
			say.Say("The count comes when the vote is closed. Of papers with as many votes the one with more 👍 here wins, then the one further up."),
			say.Say("Missing one? %s puts it on the next ballot.", v.Command("club nominate ID")),
		},
	}
	for i, p := range papers {
		card.Buttons = append(card.Buttons, Button(fmt.Sprintf("%d %s", i+1, Cut(ShortTitle(p.Title), 32)), "ballot", Moment(v.Opens), string(p.ID)))
	}
	return card
}

// Moment is a moment as buttons carry it, and ReadMoment reads it.
func Moment(t time.Time) string { return strconv.FormatInt(t.Unix(), 36) }

// ReadMoment reads what Moment wrote; ok is false for anything else.
func ReadMoment(s string) (t time.Time, ok bool) {
	n, err := strconv.ParseInt(s, 36, 64)
	return time.Unix(n, 0).UTC(), err == nil
}

// Chosen is what a journal club reads next. why says how it won; presenter and next
// are "" where there is no rota.
func Chosen(v ClubVote, p *core.Paper, why say.Text, presenter, next string) core.Card {
	id := string(p.ID)
	card := core.Card{
		Title: "📖 Journal club" + v.Meets.In(v.Zone).Format(" · Mon 2 Jan 15:04"),
		Lines: []say.Text{why}, Papers: []core.View{Entry(p)},
		Buttons: []core.Button{Button("Add to calendar", "ics", Moment(v.Closes)), Button("Save", "save", id), Button("Abstract", "abstract", id), Button("BibTeX", "bibtex", id)},
		Context: []say.Text{say.Say("What was read before: %s", v.Command("club list"))},
	}
	switch {
	case presenter != "" && next != presenter:
		card.Lines = append(card.Lines, say.Say("We meet *%s*. *%s* presents; after that it is *%s*'s turn.", v.at(v.Meets), presenter, next))
	case presenter != "":
		card.Lines = append(card.Lines, say.Say("We meet *%s*. *%s* presents.", v.at(v.Meets), presenter))
	default:
		card.Lines = append(card.Lines, say.Say("We meet *%s*.", v.at(v.Meets)))
	}
	return card
}

// Reading is a paper that was chosen, as the first message of its thread.
func Reading(p *core.Paper) core.Card {
	card := Whole(p, 0)
	card.Context = []say.Text{say.Say("Questions and thoughts for the journal club belong here.")}
	return card
}
