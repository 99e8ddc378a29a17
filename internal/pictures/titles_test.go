package pictures

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paperboy/adapters/discord"
	"paperboy/adapters/slack"
	"paperboy/adapters/web/skins"
	"paperboy/core"
	"paperboy/core/say"
	"paperboy/internal/recordings"
)

// readAs is what a card is read as on each platform: what its adapter sends,
// drawn by a reader of the markup that knows nothing of how it was escaped.
func readAs(t interface {
	Helper()
	Fatal(...any)
}, c core.Card) map[string]string {
	t.Helper()
	read := map[string]string{}
	for _, on := range []struct {
		skin *skins.Skin
		draw func(core.Card) ([]byte, error)
	}{{skins.Slack, slack.Draw}, {skins.Discord, discord.Draw}} {
		body, err := on.draw(c)
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := on.skin.Draw(skins.Message{Body: body}, skins.Reader{Now: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		read[on.skin.Title] = plain(html.UnescapeString(tag.ReplaceAllString(string(drawn), "")))
	}
	return read
}

var tag = regexp.MustCompile(`<[^>]*>`)

// plain is a text without what Slack is escaped with: a sign that has no width,
// and a look-alike of the back-tick.
func plain(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\u2060", "", "ˋ", "`").Replace(s))
}

// No sign of what authors write formats, links or vanishes.
func TestWhatAuthorsWriteIsReadAsTheyWroteIt(t *testing.T) {
	type paper struct{ ID, Title, Abstract string }
	for i, p := range recordings.Values[paper](t, "arxiv-corpus.jsonl.gz", recordings.All) {
		if i%400 != 0 { // two hundred of them
			continue
		}
		title, abstract := say.OneLine(p.Title), say.Shorten(say.OneLine(p.Abstract), 800)
		for on, read := range readAs(t, core.Card{Papers: []core.View{{ID: core.PaperID(p.ID), URL: "https://arxiv.org/abs/" + p.ID, Title: title, Excerpt: abstract}}}) {
			for _, text := range []string{title, abstract} {
				if !strings.Contains(read, plain(text)) {
					t.Errorf("%s on %s: this\n%s\nis read as\n%s", p.ID, on, text, read)
				}
			}
		}
	}
}

// And none of what strangers might, whatever marks it is made of.
func TestWhatStrangersWriteIsReadAsTheyWroteIt(t *testing.T) {
	marks := strings.Split("*|**|_|__|~~|~|`|```|<|>|#|# |- |-# |1. |12) |\\|[|](|)|:|:+1:|+1|@everyone|<@1>|<#2>|https://x.example/| |a|b c|> |&lt;|&amp;|&|$|<t:1:R>|</a b:1>|é|word_word|x*y|!|(<https://y.example>)", "|")
	marks = append(marks, "|", "||", " *a* ", " _a_ ", " ~a~ ", " `a` ", "**a**", "__a__", "~~a~~", "||a||", "[a](https://x.example)")
	rapid.Check(t, func(t *rapid.T) {
		text := say.OneLine(strings.Join(rapid.SliceOfN(rapid.SampledFrom(marks), 1, 12).Draw(t, "text"), ""))
		for _, c := range []core.Card{
			{Papers: []core.View{{ID: "1", URL: "https://arxiv.org/abs/1", Title: "A " + text, Excerpt: text, Authors: text}}, Context: []say.Text{{{Text: text}}}},
			{Lines: []say.Text{{{Text: text}}, say.Say("*%s* and _%s_ x", text, text)}},
		} {
			for on, read := range readAs(t, c) {
				if !strings.Contains(read, plain(text)) {
					t.Fatalf("on %s: this\n%s\nis read as\n%s", on, text, read)
				}
			}
		}
	})
}
