package fakeslack

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatATextDoes(t *testing.T) {
	for text, want := range map[string]struct {
		notifies, links, formats string
		reads                    string
	}{
		"<!channel> look":               {notifies: "@channel", reads: "@channel look"},
		"&lt;!channel&gt; look":         {reads: "<!channel> look"},
		"<!here|here> <!everyone>":      {notifies: "@here @everyone", reads: "@here @everyone"},
		"<@U0ANA|ana> and <@U0BEN>":     {notifies: "U0ANA U0BEN", reads: "@ana and @U0BEN"},
		"<!subteam^S1|@lab>":            {notifies: "S1", reads: "@lab"},
		"<#C1|papers>":                  {reads: "papers"},
		"<https://evil|arxiv.org>":      {links: "https://evil=arxiv.org", reads: "arxiv.org"},
		"&lt;https://evil|arxiv.org>":   {links: "https://evil=bare", reads: "<https://evil|arxiv.org>"},
		"see https://a.b/c?x=1&amp;y=2": {links: "https://a.b/c?x=1&y=2=bare", reads: "see https://a.b/c?x=1&y=2"},
		"*bold* and _it_ and ~no~":      {formats: "bold: bold, italic: it, strike: no", reads: "bold and it and no"},
		"a*b*c x_i, 2 * 3 * 4":          {reads: "a*b*c x_i, 2 * 3 * 4"},
		"run `go test` now":             {formats: "code: go test", reads: "run go test now"},
		"*\u2060not bold\u2060*":        {reads: "*\u2060not bold\u2060*"},
		"*a* *b*, x\u200b*c*":           {formats: "bold: a, bold: b, bold: c", reads: "a b, x\u200bc"},
		"_$x$_":                         {formats: "italic: $x$", reads: "$x$"},
		"> said":                        {formats: "quote:  said", reads: " said"},
		"@channel, a #name":             {reads: "@channel, a #name"},
	} {
		m := Message{Text: text}
		var links []string
		for _, l := range m.Links() {
			label := l.Label
			if l.Bare {
				label = "bare"
			}
			links = append(links, l.URL+"="+label)
		}
		got := []string{strings.Join(m.Notifies(), " "), strings.Join(links, " "), strings.Join(m.Formats(), ", "), m.Reads()}
		if diff := cmp.Diff([]string{want.notifies, want.links, want.formats, want.reads}, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// Blocks parse names and addresses unless they are verbatim; plain text does
// nothing.
func TestWhatBlocksDo(t *testing.T) {
	section := func(kind string, verbatim bool) []map[string]any {
		text := object{"type": kind, "text": "@here https://a.b *x*"}
		if verbatim {
			text["verbatim"] = true
		}
		return []map[string]any{{"type": "section", "text": text}}
	}
	for want, m := range map[string]Message{
		"[@here] 1 [bold: x]": {Blocks: section("mrkdwn", false)},
		"[] 0 [bold: x]":      {Blocks: section("mrkdwn", true)},
		"[] 0 []":             {Blocks: section("plain_text", false)},
		"[U1 @here] 1 []": {Blocks: []map[string]any{{"type": "rich_text", "elements": []any{object{"type": "rich_text_section", "elements": []any{
			object{"type": "user", "user_id": "U1"}, object{"type": "broadcast", "range": "here"}, object{"type": "text", "text": "*<!here>*"}, object{"type": "link", "url": "https://a.b", "text": "t"}}}}}}},
		"[@here] 0 []": {Text: "@here", parsed: true},
	} {
		if got := fmt.Sprint(m.Notifies(), len(m.Links()), m.Formats()); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Whatever stands in a text: escaped, it rings nobody and names no link but
// plain addresses.
func FuzzEscapedTextIsHarmless(f *testing.F) {
	for _, seed := range []string{"<!channel>", "<@U1>", "a & b", "<https://x|y>", "&lt;!here&gt;", "*a*", "<<!here>>"} {
		f.Add(seed)
	}
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	f.Fuzz(func(t *testing.T, text string) {
		m := Message{Text: escape.Replace(text)}
		if m.Notifies() != nil || slices.ContainsFunc(m.Links(), func(l Link) bool { return !l.Bare }) {
			t.Errorf("%q: %v %v", text, m.Notifies(), m.Links())
		}
		if len(m.Formats()) == 0 && m.Reads() != text {
			t.Errorf("%q reads %q", text, m.Reads())
		}
	})
}

func TestMessageIDsGrowWhenTheClockStands(t *testing.T) {
	if !later("1760000000.000002", "1760000000.000001") || later("999999999.9", "1000000000.0") || !sameTS("1.5", "1.500000") {
		t.Error("ids are compared as numbers")
	}
}
