package chat

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/cite"
	"paperboy/core/query"
	"paperboy/core/say"
)

const (
	clubHour   = time.Hour // a meeting in a calendar
	maxRota    = 30        // names …
	maxOfName  = 60        // … of so many characters
	readOnList = 15        // of what was read, that a message shows
)

// club is the journal club: how it stands, or what somebody wants of it.
func (b *Chat) club(c *call) (core.Reply, error) {
	words := strings.TrimSpace(c.Args["what"])
	verb, rest, _ := strings.Cut(words, " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(verb) {
	case "":
		return b.clubStands(c)
	case "nominate":
		return b.nominate(c, rest)
	case "list":
		return b.clubRead(c)
	case "calendar":
		return b.clubCalendar(c)
	}
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	switch strings.ToLower(verb) {
	case "off":
		return b.clubOff(c)
	case "rota":
		return b.rota(c, rest)
	}
	return b.clubTime(c, words)
}

func noClub(c *call) error {
	return core.Userf("E-NOTFOUND", "There is no journal club here yet. %s begins one.", c.command("club weekly thu 16:00"))
}

// clubTime sets when the club meets.
func (b *Chat) clubTime(c *call, words string) (core.Reply, error) {
	old := core.Schedule{Zone: c.channel.Schedule.Zone}
	if c.channel.Club.On() {
		old = c.channel.Club.Schedule
		old.Days = 0
	}
	said := slices.DeleteFunc(strings.Fields(words), func(w string) bool { // as people say it
		return slices.Contains([]string{"every", "on", "at"}, strings.ToLower(w))
	})
	s, err := core.ParseSchedule(strings.Join(said, " "), old)
	if e, ok := err.(*core.UserError); ok {
		e.Col = 0 // it counts from the first of the words
	}
	zone, noZone := errors.AsType[*core.ZoneError](err)
	switch {
	case err != nil && !strings.ContainsAny(words, "0123456789"):
		return core.Reply{}, core.Userf("E-PARSE", "I do not know `%s` of a journal club. Say when it meets, %s, or one of %s, %s, %s, %s and %s.", cards.Cut(words, 40), c.command("club weekly thu 16:00"),
			c.command("club nominate ID"), c.command("club list"), c.command("club calendar"), c.command("club rota @ana @ben"), c.command("club off"))
	case noZone:
		return core.Reply{}, core.Userf("E-ZONE", "`%s` is neither a day nor a time zone that I know. %s, say.", cards.Cut(zone.Zone, 40), c.command("club weekly thu 16:00 Europe/Berlin"))
	case err != nil:
		return core.Reply{}, err
	case s.Time == "" || s.Days == 0:
		return core.Reply{}, core.Userf("E-PARSE", "On which day and when does it meet? %s, say.", c.command("club weekly thu 16:00"))
	case !s.OneDay():
		return core.Reply{}, core.Userf("E-PARSE", "A journal club meets on one day of the week: %s, say.", c.command("club weekly thu "+s.Time))
	case s.Zone == "":
		return core.Reply{}, core.Userf("E-ZONE", "Which time zone? Add a name such as `Europe/Berlin`: %s.", c.command("club "+s.Days.String()+" "+s.Time+" Europe/Berlin"))
	}
	if err := b.canEverPost(c); err != nil {
		return core.Reply{}, err
	}
	if err := b.change(c, func(ch *core.Channel) { ch.Club.Schedule, ch.Club.Since = s, c.now }); err != nil {
		return core.Reply{}, err
	}
	reply, err := b.clubStands(c)
	reply.Line = []say.Text{say.Say("%s set the journal club here to *%s*. Its first vote opens %s: %s puts a paper on the ballot.", c.mention(), s.Human(), c.clubWhen(c.channel.Club.Opens(c.now)), c.command("club nominate ID"))}
	return reply, err
}

// clubOff ends the club. What was read stays known.
func (b *Chat) clubOff(c *call) (core.Reply, error) {
	if !c.channel.Club.On() {
		return core.Reply{}, noClub(c)
	}
	if err := b.change(c, func(ch *core.Channel) { ch.Club = core.Club{} }); err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Card: core.Card{Lines: []say.Text{say.Say("No vote opens here any more, and one that is open is not counted. %s keeps what was read.", c.command("club list"))}},
		Line: []say.Text{say.Say("%s ended the journal club here.", c.mention())},
	}, nil
}

// rota sets who presents, in turn.
func (b *Chat) rota(c *call, typed string) (core.Reply, error) {
	if !c.channel.Club.On() {
		return core.Reply{}, noClub(c)
	}
	var names []string
	for _, w := range strings.FieldsFunc(typed, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' }) {
		names = append(names, cards.Cut(w, maxOfName))
	}
	none := len(names) == 1 && strings.EqualFold(names[0], "none")
	switch {
	case len(names) == 0:
		return core.Reply{}, core.Userf("E-PARSE", "Who presents, in which order? %s, say; %s goes on without.", c.command("club rota @ana @ben"), c.command("club rota none"))
	case slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "<@") }): // chosen from a platform's list of people
		return core.Reply{}, core.Userf("E-PARSE", "I keep names as they are typed and look nobody up: type them as words, as in %s.", c.command("club rota ana ben"))
	case len(names) > maxRota:
		return core.Reply{}, core.Userf("E-LONG", "That are %s. A rota holds %d.", cards.Count(len(names), "name"), maxRota)
	case none:
		names = nil
	}
	if err := b.change(c, func(ch *core.Channel) { ch.Club.Rota, ch.Club.RotaSince = names, c.now }); err != nil {
		return core.Reply{}, err
	}
	reply, err := b.clubStands(c)
	if reply.Line = []say.Text{say.Say("%s ended the rota of the journal club here.", c.mention())}; !none {
		reply.Line = []say.Text{say.Say("%s set who presents in the journal club here: *%s*, in turn.", c.mention(), strings.Join(names, ", "))}
	}
	return reply, err
}

// nominate puts a paper on the next ballot. Anybody may.
func (b *Chat) nominate(c *call, ref string) (core.Reply, error) {
	if !c.channel.Club.On() {
		return core.Reply{}, noClub(c)
	}
	if ref == "" {
		return core.Reply{}, core.Userf("E-PARSE", "Which paper? %s, say, or a link to it.", c.command("club nominate 2509.24002"))
	}
	p, err := b.paperNamed(c, ref)
	if err != nil {
		return core.Reply{}, err
	}
	rounds, err := b.Query.Rounds(c.ctx, c.channel)
	if err != nil {
		return core.Reply{}, err
	}
	title := cards.Cut(p.Title, 150)
	for i := range rounds {
		_, on := rounds[i].Paper(p.ID)
		switch r := rounds[i]; {
		case r.Winner == p.ID:
			return core.Reply{}, core.Userf("E-DUP", "The journal club chose _%s_ on %s already.", title, r.Ended.In(c.clubZone()).Format("Mon 2 Jan 2006"))
		case on && r.Ended.IsZero():
			return core.Reply{}, core.Userf("E-DUP", "_%s_ stands on the ballot that is open: give it your vote there.", title)
		}
	}
	var refused error
	ch, err := b.Store.UpdateChannel(c.ctx, c.channel.ID, func(ch *core.Channel) {
		waiting := query.Nominated(ch, rounds)
		switch {
		case slices.ContainsFunc(waiting, func(n core.Nomination) bool { return n.Paper == p.ID }):
			refused = core.Userf("E-DUP", "_%s_ is nominated already. The vote opens %s.", title, c.clubWhen(ch.Club.Opens(c.now)))
		case len(waiting) >= core.MostNominated:
			refused = core.Userf("E-LONG", "%d papers are nominated already, which is enough for %d weeks. Nominate it again when some of them had their vote.", len(waiting), (len(waiting)+query.MostOnBallot-1)/query.MostOnBallot)
		default:
			ch.Club.Nominated = append(waiting, core.Nomination{Paper: p.ID, At: c.now})
		}
	})
	if err = cmp.Or(err, refused); err != nil {
		return core.Reply{}, err
	}
	opens := ch.Club.Opens(c.now)
	return core.Reply{
		Card: core.Card{Lines: []say.Text{say.Say("Nominated. The vote opens %s.", c.clubWhen(opens))}},
		Line: []say.Text{say.Say("%s nominated *%s* for the journal club on %s.", c.mention(), title, say.At(ch.Club.Meets(opens), ch.Club.Meets(opens).In(c.clubZone()).Format("Mon 2 Jan")))},
	}, nil
}

// choose is a button of a ballot: my one vote, or not any more.
func (b *Chat) choose(c *call, args []string) (core.Reply, error) {
	opened, ok := cards.ReadMoment(args[0])
	if !ok || len(args) != 2 {
		return core.Reply{}, oldButton(c, "club")
	}
	rounds, err := b.Query.Rounds(c.ctx, c.channel)
	if err != nil {
		return core.Reply{}, err
	}
	i := slices.IndexFunc(rounds, func(r query.Round) bool { return r.Opened.Equal(opened) })
	if i < 0 {
		return core.Reply{}, oldButton(c, "club")
	}
	r := rounds[i]
	paper, on := r.Paper(core.PaperID(args[1]))
	switch winner, won := r.Paper(r.Winner); {
	case won:
		return core.Reply{}, core.Userf("E-OLDBUTTON", "That vote is over: _%s_ was chosen. %s says what comes next.", cards.Cut(winner.Title, 150), c.command("club"))
	case !r.Ended.IsZero() || !c.channel.Club.On():
		return core.Reply{}, core.Userf("E-OLDBUTTON", "That vote is over. %s says what comes next.", c.command("club"))
	case !on:
		return core.Reply{}, oldButton(c, "club")
	}
	mine, err := b.Voter.Choose(c.ctx, c.channel, r.Ballot(), paper.ID, c.user, c.now)
	if err != nil {
		return core.Reply{}, err
	}
	closes := c.clubWhen(c.channel.Club.Closes(r.Opened))
	if !mine {
		return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Taken back: you have no vote on this ballot now. It closes %s.", closes)}}}, nil
	}
	return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Your vote is for *%s*. Press another one to change it; the vote closes %s.", cards.Cut(paper.Title, 150), closes)}}}, nil
}

// clubZone is where the club's clock hangs.
func (c *call) clubZone() *time.Location {
	if loc, ok := c.channel.Club.Schedule.Location(); ok {
		return loc
	}
	return c.loc()
}

func (c *call) clubWhen(t time.Time) say.Span { return say.At(t, core.When(t, c.now, c.clubZone())) }

// clubStands says when the club meets and how its week stands.
func (b *Chat) clubStands(c *call) (core.Reply, error) {
	club := &c.channel.Club
	if !club.On() {
		return core.Reply{Card: core.Card{
			Lines: []say.Text{
				say.Say("There is no journal club here. %s begins one: it meets on Thursdays at 16:00.", c.command("club weekly thu 16:00")),
				say.Say("Three days before, a vote opens on what people nominated and on the best of the week; a day before, it closes, and the winner is announced with a thread and a date for the calendar. Nobody has to organise anything."),
			},
			Context: []say.Text{say.Say("A week in which nothing was nominated or voted for is a week off: nothing is posted.")},
		}}, nil
	}
	rounds, err := b.Query.Rounds(c.ctx, c.channel)
	if err != nil {
		return core.Reply{}, err
	}
	card := core.Card{Lines: []say.Text{say.Say("The journal club meets *%s*.", club.Schedule.Human())}}
	won := query.Won(rounds)
	opens := c.clubWhen(club.Opens(c.now))
	last := len(rounds) - 1
	switch {
	case last >= 0 && rounds[last].Ended.IsZero():
		card.Lines = append(card.Lines, say.Say("A vote on %s is open; it closes %s.", cards.Count(len(rounds[last].Papers), "paper"), c.clubWhen(club.Closes(rounds[last].Opened))))
	case last >= 0 && rounds[last].Winner != "" && club.Meets(rounds[last].Ended).After(c.now):
		v, _ := rounds[last].Paper(rounds[last].Winner)
		card.Lines = append(card.Lines, say.Say("It reads %s, %s.", say.Link(cards.Cut(v.Title, 150), v.URL), c.clubWhen(club.Meets(rounds[last].Ended))))
	}
	card.Lines = append(card.Lines, say.Say("The next vote opens %s, for the meeting on %s.", opens, club.Meets(club.Opens(c.now)).In(c.clubZone()).Format("Mon 2 Jan")))
	waiting := query.Nominated(&c.channel, rounds)
	ids := make([]core.PaperID, len(waiting))
	for i, n := range waiting {
		ids[i] = n.Paper
	}
	papers, err := b.Store.Papers(c.ctx, ids)
	if err != nil {
		return core.Reply{}, err
	}
	if len(papers) > 0 {
		card.Lines = append(card.Lines, say.Say("Nominated for it:"))
		for _, p := range papers {
			card.Papers = append(card.Papers, cards.Entry(&p))
		}
	}
	if len(club.Rota) > 0 {
		meetings := 0
		for _, r := range won {
			if r.Ended.After(club.RotaSince) {
				meetings++
			}
		}
		next, then := club.Presenter(meetings)
		line := say.Say("*%s* presents what is chosen next", next)
		if then != next {
			line = append(line, say.Say(", then *%s*", then)...)
		}
		card.Context = append(card.Context, append(line, say.Say(".")...))
	}
	if c.channel.Paused(c.now) {
		card.Context = append(card.Context, say.Say("Posts are paused here: no vote opens before %s.", c.command("resume")))
	}
	card.Context = append(card.Context, say.Say("%s · %s · %s", c.command("club nominate ID"), c.command("club list"), c.command("club calendar")))
	return core.Reply{Card: card}, nil
}

// clubRead lists what the club chose, the newest first.
func (b *Chat) clubRead(c *call) (core.Reply, error) {
	rounds, err := b.Query.Rounds(c.ctx, c.channel)
	if err != nil {
		return core.Reply{}, err
	}
	won := query.Won(rounds)
	if len(won) == 0 {
		return core.Reply{}, core.Userf("E-NOTFOUND", "The journal club has chosen nothing yet. %s says how it stands.", c.command("club"))
	}
	card := core.Card{Lines: []say.Text{say.Say("The journal club chose *%s*:", cards.Count(len(won), "paper"))}, Buttons: c.do("Export BibTeX", "export bibtex what:club")}
	slices.Reverse(won)
	for _, r := range won[:min(len(won), readOnList)] {
		v, _ := r.Paper(r.Winner)
		v.Votes, v.Labels = 0, nil
		v.Facts = append(slices.Clip(v.Facts), "chosen "+r.Ended.In(c.clubZone()).Format("2 Jan 2006"))
		card.Papers = append(card.Papers, v)
	}
	if more := len(won) - readOnList; more > 0 {
		card.Context = append(card.Context, say.Say("%s more: %s takes all of them away.", cards.Number(more), c.command("export markdown what:club")))
	}
	return core.Reply{Card: card}, nil
}

// calendarOf is the button under an announcement: its meeting for a calendar.
func (b *Chat) calendarOf(c *call, args []string) (core.Reply, error) {
	rounds, err := b.Query.Rounds(c.ctx, c.channel)
	if err != nil {
		return core.Reply{}, err
	}
	ended, ok := cards.ReadMoment(args[0])
	i := slices.IndexFunc(rounds, func(r query.Round) bool { return r.Winner != "" && r.Ended.Equal(ended) })
	if !ok || i < 0 {
		return core.Reply{}, oldButton(c, "club calendar")
	}
	return b.clubEvent(c, rounds[i])
}

// clubCalendar is the meeting that was announced last.
func (b *Chat) clubCalendar(c *call) (core.Reply, error) {
	rounds, err := b.Query.Rounds(c.ctx, c.channel)
	if err != nil {
		return core.Reply{}, err
	}
	won := query.Won(rounds)
	if len(won) == 0 {
		return core.Reply{}, core.Userf("E-NOTFOUND", "No meeting has been announced yet. %s says how the journal club stands.", c.command("club"))
	}
	return b.clubEvent(c, won[len(won)-1])
}

// clubEvent is a meeting as a file for a calendar. Its time is that of the club as
// it is set now.
func (b *Chat) clubEvent(c *call, r query.Round) (core.Reply, error) {
	if !c.channel.Club.On() {
		return core.Reply{}, noClub(c)
	}
	p, err := b.Store.Paper(c.ctx, r.Winner)
	if err != nil {
		return core.Reply{}, err
	}
	meets := c.channel.Club.Meets(r.Ended)
	f := cite.Calendar(cite.Event{
		UID:   fmt.Sprintf("%d-%s@paperboy", r.Ended.Unix(), strings.ReplaceAll(c.channel.Key.String(), "/", ".")),
		Start: meets, Length: clubHour, Summary: "Journal club: " + p.Title, Paper: p,
	}, c.now)
	return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("*%s*: %s.", cards.Cut(p.Title, 150), c.clubWhen(meets))}}, File: &f}, nil
}
