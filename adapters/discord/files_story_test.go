package discord_test

import (
	"bytes"
	"strings"
	"testing"

	"paperboy/internal/fakediscord"
)

// A library is given as the file that a reference manager writes.
func TestALibraryIsLearnedFromItsFile(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		l.lists("2025-11-20", 1, 2, 3)
		var bib strings.Builder
		for _, p := range l.papers.Listed("2025-11-20", 1, 2) {
			bib.WriteString("@misc{x, title={Whatever}, eprint={" + string(p.Paper.ID) + "}}\n")
		}
		gives := func(f fakediscord.File, more ...any) string {
			return l.types(l.ana, "more learn", append([]any{"file", f}, more...)...).Reads()
		}
		l.sees(gives(fakediscord.File{Name: "library of ours.bib", Content: []byte(bib.String())}), "I know 2 of the 2 papers that you gave me", "Nothing is followed yet")
		third := string(l.papers.Listed("2025-11-20", 3)[0].Paper.ID)
		l.sees(gives(fakediscord.File{Name: "a.bib", Content: []byte(bib.String())}, "papers", third), "I know 3 of the 3 papers")
		l.sees(gives(fakediscord.File{Name: "a.ris", Content: []byte("\ufeffTY  - JOUR\r\nTI  - Nobody's\r\nER  - ")}), "I have none of these papers: Nobody's")
		l.sees(gives(fakediscord.File{Name: "paper.pdf", Content: []byte("%PDF-1.7\x00\xff\xfe")}), "That file is no text that I can read")
		l.sees(gives(fakediscord.File{Name: "all.bib", Content: bytes.Repeat([]byte("@misc{a}\n"), 1<<18)}), "That file is too large for me: I read up to 2 MB")
		l.sees(l.types(l.ana, "more learn").Reads(), "Give me something to learn from", l.command("more learn")+" papers:2509.24002 2510.04618")
		l.sees(l.types(l.ana, "help", "verb", "learn").Reads(), "file: or the .bib or .ris file itself")
		l.discord.Loses("library.bib")
		l.sees(gives(fakediscord.File{Name: "library.bib", Content: []byte(bib.String())}), "I could not fetch that file from Discord", l.command("more learn"))
		if strings.Contains(l.log.String(), "hm=") {
			t.Error("a signed address stands in the log")
		}
	})
}
