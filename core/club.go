package core

import (
	"time"
)

// Club is a channel's journal club. Its weeks need no organiser: a vote opens,
// closes, and what won is read, all by the clock. What became of the votes stands
// in the ledger, as digests of the kinds Ballot and Meeting.
type Club struct {
	Schedule  Schedule     `json:",omitzero"` // of its meetings: one day of the week; zero: there is no club
	Since     time.Time    `json:",omitzero"` // when it was set up, or anew: no moment before counts
	Done      time.Time    `json:",omitzero"` // the last moment that was planned
	Nominated []Nomination `json:",omitempty"`
	Rota      []string     `json:",omitempty"` // who presents, in turn: names as somebody typed them
	RotaSince time.Time    `json:",omitzero"`  // the first of them presents what is chosen next after this
}

// Nomination is a paper that somebody wants to read. By whom is not kept.
type Nomination struct {
	Paper PaperID
	At    time.Time
}

// The moments of a club's week, in days before its meeting, at its time of day.
const (
	voteOpens  = 3
	voteCloses = 1
)

// MostNominated is how many papers wait for a ballot at most.
const MostNominated = 20

// OneDay reports whether the schedule has a single day of the week, as a club's has.
func (s Schedule) OneDay() bool { return s.Days != 0 && s.Days&(s.Days-1) == 0 }

// On reports whether there is a club.
func (c *Club) On() bool { return c.Schedule.Time != "" }

// Opens, Closes and Meets are the next such moment strictly after another one;
// zero where there is no club. Days and hours are those of the club's zone, as
// Schedule.Next has them.
func (c *Club) Opens(after time.Time) time.Time  { return c.next(voteOpens, after) }
func (c *Club) Closes(after time.Time) time.Time { return c.next(voteCloses, after) }
func (c *Club) Meets(after time.Time) time.Time  { return c.next(0, after) }

func (c *Club) next(before int, after time.Time) time.Time {
	s := c.Schedule
	s.Days = (s.Days>>before | s.Days<<(7-before)) & Daily
	at, _ := s.Next(after)
	return at
}

// Next is the next moment that has to be planned; zero where there is no club.
func (c *Club) Next() time.Time {
	at, _ := c.after(c.planned())
	return at
}

// Due is the last moment that has come by now and was not planned, and what it is
// for; zero: none. Moments before it are past: nobody opens last week's vote.
func (c *Club) Due(now time.Time) (at time.Time, kind DigestKind) {
	after := c.planned()
	if oldest := now.AddDate(0, 0, -7); after.Before(oldest) {
		after = oldest
	}
	for {
		next, k := c.after(after)
		if next.IsZero() || next.After(now) {
			return at, kind
		}
		at, kind, after = next, k, next
	}
}

func (c *Club) planned() time.Time {
	if c.Since.After(c.Done) {
		return c.Since
	}
	return c.Done
}

func (c *Club) after(t time.Time) (time.Time, DigestKind) {
	if !c.On() {
		return time.Time{}, ""
	}
	opens, closes := c.Opens(t), c.Closes(t)
	if opens.IsZero() || !closes.IsZero() && closes.Before(opens) {
		return closes, Meeting
	}
	return opens, Ballot
}

// Presenter is whose turn it is after so many meetings, and whose it is then; "":
// there is no rota.
func (c *Club) Presenter(meetings int) (name, next string) {
	if len(c.Rota) == 0 {
		return "", ""
	}
	return c.Rota[meetings%len(c.Rota)], c.Rota[(meetings+1)%len(c.Rota)]
}
