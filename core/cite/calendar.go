package cite

import (
	"strings"
	"time"
	"unicode/utf8"

	"paperboy/core"
)

// Event is a meeting about a paper.
type Event struct {
	UID     string // for ever and everywhere the same meeting, however often it is written
	Start   time.Time
	Length  time.Duration
	Summary string
	Paper   core.Paper
}

// Calendar is an event as iCalendar (RFC 5545), as calendars take it: written at
// now, in UTC, so that no zone has to be described. Who imports it again has the
// event once.
func Calendar(e Event, now time.Time) core.File {
	const moment = "20060102T150405Z"
	about := strings.Join(append([]string{e.Paper.Title}, e.Paper.Authors...), "\n")
	var b strings.Builder
	for _, l := range [][2]string{
		{"BEGIN", "VCALENDAR"}, {"VERSION", "2.0"}, {"PRODID", "-//Paperboy//Journal club//EN"},
		{"BEGIN", "VEVENT"},
		{"UID", icsText(e.UID)}, {"DTSTAMP", now.UTC().Format(moment)},
		{"DTSTART", e.Start.UTC().Format(moment)}, {"DTEND", e.Start.Add(e.Length).UTC().Format(moment)},
		{"SUMMARY", icsText(e.Summary)}, {"DESCRIPTION", icsText(about + "\n" + e.Paper.URL())}, {"URL", icsLine(e.Paper.URL())},
		{"END", "VEVENT"}, {"END", "VCALENDAR"},
	} {
		fold(&b, l[0]+":"+l[1])
	}
	return core.File{Name: "journal-club-" + e.Start.UTC().Format("2006-01-02") + ".ics", Type: "text/calendar; charset=utf-8", Data: []byte(b.String())}
}

var icsEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// icsText is a stranger's text as a value: it ends no line and begins no property.
func icsText(s string) string {
	return icsEscapes.Replace(strings.Map(func(r rune) rune {
		if r != '\n' && (r < ' ' || r == 0x7f) || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n")))
}

// icsLine is a value that is no text: an address.
func icsLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// fold writes a line of at most 75 octets, and what is beyond on lines that begin
// with a blank, between characters.
func fold(b *strings.Builder, line string) {
	room := 75
	for _, r := range line {
		if n := utf8.RuneLen(r); n > room {
			b.WriteString("\r\n ")
			room = 74 - n
		} else {
			room -= n
		}
		b.WriteRune(r)
	}
	b.WriteString("\r\n")
}
