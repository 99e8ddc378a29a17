package cards

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/names"
	"paperboy/core/say"
)

// byline names the authors: up to three; of more the first and the last, and
// how many there are.
func byline(authors []string) string {
	// arXiv has a ":" after a collaboration.
	authors = slices.DeleteFunc(slices.Clone(authors), func(a string) bool { return !strings.ContainsFunc(a, unicode.IsLetter) })
	if n := len(authors); n > 3 {
		return fmt.Sprintf("%s … %s (%s)", Name(authors[0]), Name(authors[n-1]), Number(n))
	}
	for i, a := range authors {
		authors[i] = Name(a)
	}
	return strings.Join(authors, ", ")
}

// Name is an author's, or a team's, as published. One that goes on and on is cut.
func Name(name string) string { return Cut(cmp.Or(names.Full(name), name), 60) }

// LongDate is a day with its year: "2 Jan 2006".
func LongDate(d core.Date) string { return d.Time(time.UTC).Format("2 Jan 2006") }

// Dates are the day that the paper counts for, as lists show it, and when it
// was published, where that is another day and known.
func Dates(p *core.Paper) (facts []string) {
	if !p.Day.IsZero() {
		facts = append(facts, LongDate(p.Day))
	}
	if !p.Published.IsZero() && p.Published != p.Day {
		facts = append(facts, "published "+LongDate(p.Published))
	}
	return facts
}

// Count says "1 paper", "2 papers", with thousands as in 2,913.
func Count(n int, one string) string {
	s := one
	if n != 1 {
		s += "s"
	}
	return Number(n) + " " + s
}

// CountUpTo is Count, of what was only counted so far where there is more: "more
// than 4,000 papers".
func CountUpTo(n int, more bool, one string) string {
	if more {
		return "more than " + Count(n, one)
	}
	return Count(n, one)
}

// NoneOf says that of so many papers none match so many topics.
func NoneOf(listed, topics int) say.Text {
	mine := "your topic"
	if topics != 1 {
		mine = "your " + Count(topics, "topic")
	}
	switch listed {
	case 0:
		return say.Say("No papers were listed.")
	case 1:
		return say.Say("1 paper was listed, and it does not match %s.", mine)
	}
	return say.Say("%s were listed, none match %s.", Count(listed, "paper"), mine)
}

// Number writes 2913 as 2,913.
func Number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Capital begins s with a capital letter.
func Capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// List joins "a", "a and b", "a, b and c".
func List(texts []say.Text) say.Text {
	switch len(texts) {
	case 0:
		return nil
	case 1:
		return texts[0]
	}
	last := len(texts) - 1
	return append(say.Join(", ", texts[:last]...), append(say.Text{{Text: " and "}}, texts[last]...)...)
}

// Codes shows words to type: `a`, `b` or `c`.
func Codes(words []string) say.Text {
	var t say.Text
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			t = append(t, say.Span{Text: " or "})
		default:
			t = append(t, say.Span{Text: ", "})
		}
		t = append(t, say.Span{Text: w, Style: say.Code})
	}
	return t
}

// Cut shortens s to at most n characters at the end of a word, with an
// ellipsis that counts as one of them.
func Cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	r = r[:n-1]
	if i := strings.LastIndexAny(string(r), " \t\n"); i > len(string(r))/2 {
		return strings.TrimRight(string(r)[:i], " ,;:.-–—") + " …"
	}
	return string(r) + "…"
}

// Full says that the store has no room.
func Full() say.Text {
	return say.Say("My disk is full, so I can keep nothing new and post nothing. Whoever runs me has to free some space; then I go on by myself, and nothing is lost.")
}

// Held says why a channel's posts wait (E-BOTPERM).
func Held(ch *core.Channel) say.Text {
	return say.Join(" ", Closed(ch, ch.Hold.Reason), say.Say("Nothing was lost; I will post when I can."))
}

// Closed says why nothing can be posted in a channel, and who can mend it.
func Closed(ch *core.Channel, reason string) say.Text {
	t := say.Say("I may not post %s: %s.", In(ch.Name), reason)
	if !strings.Contains(reason, ";") {
		t = append(t, say.Say(" An admin can fix this under channel permissions.")...)
	}
	return t
}

// In says where: "in #papers", or "here" where the name is not known.
func In(name string) string {
	if name == "" {
		return "here"
	}
	return "in " + name
}

// Remaining says how long until something ends; zero: never.
func Remaining(until, now time.Time) string {
	if until.IsZero() {
		return "for ever"
	}
	left := until.Sub(now)
	switch {
	case left >= 24*time.Hour:
		return "for " + Count(int((left+12*time.Hour)/(24*time.Hour)), "day")
	case left >= time.Hour:
		return "for " + Count(int((left+30*time.Minute)/time.Hour), "hour")
	}
	return "for " + Count(max(1, int(left/time.Minute)), "minute")
}
