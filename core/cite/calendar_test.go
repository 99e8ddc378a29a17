package cite_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/cite"
)

var meeting = cite.Event{
	UID: "1764774000-web..papers@paperboy", Start: time.Date(2025, 12, 4, 16, 0, 0, 0, time.FixedZone("", 3600)), Length: time.Hour,
	Summary: "Journal club: Lamps, and; more \\ of them",
	Paper:   core.Paper{ID: "2509.24002", Title: "Lamps, and; more \\ of them: " + strings.Repeat("ein schönes Licht ", 9), Authors: []string{"Jané Doe", "王小明\nEND:VEVENT"}},
}

var written = time.Date(2025, 12, 3, 15, 0, 0, 0, time.UTC)

func TestACalendarHasOneEvent(t *testing.T) {
	f := cite.Calendar(meeting, written)
	if f.Name != "journal-club-2025-12-04.ics" {
		t.Errorf("it is called %s", f.Name)
	}
	whole := strings.ReplaceAll(string(f.Data), "\r\n ", "")
	for _, line := range []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1764774000-web..papers@paperboy", "DTSTAMP:20251203T150000Z", "DTSTART:20251204T150000Z", "DTEND:20251204T160000Z",
		`SUMMARY:Journal club: Lamps\, and\; more \\ of them`, "URL:https://arxiv.org/abs/2509.24002", "END:VEVENT", "END:VCALENDAR",
	} {
		if strings.Count(whole, line+"\r\n") != 1 {
			t.Errorf("%q stands there %d times", line, strings.Count(whole, line+"\r\n"))
		}
	}
}

// well says what is wrong with the lines of a calendar.
func well(t *testing.T, data []byte) {
	t.Helper()
	text := string(data)
	if !strings.HasSuffix(text, "\r\n") || strings.Count(text, "\n") != strings.Count(text, "\r\n") || strings.Count(text, "\r") != strings.Count(text, "\r\n") {
		t.Fatal("lines end otherwise than in CRLF")
	}
	for _, l := range strings.Split(text, "\r\n") {
		if len(l) > 75 || !utf8.ValidString(l) {
			t.Errorf("a line of %d octets: %q", len(l), l)
		}
	}
	if n := strings.Count("\r\n"+text, "\r\nBEGIN:") + strings.Count("\r\n"+text, "\r\nEND:"); n != 4 {
		t.Errorf("%d things begin and end", n)
	}
}

func TestALongLineIsFoldedBetweenCharacters(t *testing.T) {
	well(t, cite.Calendar(meeting, written).Data)
}

// Another program reads it as it was meant.
func TestIcalendarReadsIt(t *testing.T) {
	if exec.Command("python3", "-c", "import icalendar").Run() != nil {
		t.Skip("python3 has no icalendar here")
	}
	file := filepath.Join(t.TempDir(), "a.ics")
	if err := os.WriteFile(file, cite.Calendar(meeting, written).Data, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("python3", "-c", `
import icalendar, sys
c = icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read())
e, = c.walk("VEVENT")
assert not e.errors, e.errors
print(e["UID"], e["DTSTART"].dt.isoformat(), e["DTEND"].dt.isoformat(), e["SUMMARY"], e["URL"], sep="\n")
print(e["DESCRIPTION"])`, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := []string{meeting.UID, "2025-12-04T15:00:00+00:00", "2025-12-04T16:00:00+00:00", meeting.Summary, "https://arxiv.org/abs/2509.24002", meeting.Paper.Title, "Jané Doe", "王小明", "END:VEVENT", "https://arxiv.org/abs/2509.24002"}
	if got := strings.TrimSpace(string(out)); got != strings.Join(want, "\n") {
		t.Errorf("it reads\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// Whatever a paper is called, it is one event and nothing else.
func FuzzCalendar(f *testing.F) {
	f.Add("Lamps", "Ana Doe", "feed:x")
	f.Add("a\r\nEND:VEVENT\r\nBEGIN:VALARM", "\x00\u2028;,\\", "2509.24002")
	f.Add(strings.Repeat("ü", 200), "\xff\xfe", "\r\nX")
	f.Fuzz(func(t *testing.T, title, author, id string) {
		e := meeting
		e.Summary, e.Paper = title, core.Paper{ID: core.PaperID(id), Title: title, Authors: []string{author}, Link: "https://example.org/" + author}
		well(t, cite.Calendar(e, written).Data)
	})
}
