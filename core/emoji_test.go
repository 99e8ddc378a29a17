package core

import "testing"

func TestEveryWayToWriteAnEmojiIsTheSame(t *testing.T) {
	for written, want := range map[string]string{
		"👍": "👍", "👍🏽": "👍", "👍🏿": "👍", ":+1:": "👍", "+1": "👍", "thumbsup": "👍",
		":+1::skin-tone-3:": "👍", "+1::skin-tone-2": "👍", "thumbsup::skin-tone-6": "👍", "THUMBSUP": "👍",
		"❤️": "❤", "❤": "❤", "❤\ufe0e": "❤", "heart": "❤", ":red_heart:": "❤",
		"⬆️": "⬆", "arrow_up": "⬆", "fire": "🔥", "🔖": "🔖", ":bookmark:": "🔖",
		"-1": "👎", "thumbsdown": "👎", "👎🏻": "👎",
		":Party_Parrot:": "party_parrot", "<:llama:123456>": "llama", "<a:llama:123456>": "llama", "llama:123456": "llama",
		"🧑🏽‍🔬": "🧑‍🔬", "❤️‍🔥": "❤‍🔥", "": "", ":": "",
	} {
		if got := FoldEmoji(written); got != want {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
		if again := FoldEmoji(want); again != want {
			t.Errorf("%q becomes %q when folded again", want, again)
		}
	}
}

func TestWhatAnEmojiSays(t *testing.T) {
	own := DefaultSettings()
	own.VoteEmoji = []string{":tada:", "llama"}
	for _, c := range []struct {
		settings Settings
		emoji    string
		kind     VoteKind
		ok       bool
	}{
		{DefaultSettings(), "👍🏽", Up, true},
		{DefaultSettings(), "❤️", Up, true},
		{DefaultSettings(), "❤", Up, true},
		{DefaultSettings(), "heart", Up, true},
		{DefaultSettings(), "⬆", Up, true},
		{DefaultSettings(), "🔥", Up, true},
		{DefaultSettings(), "👎", Down, true},
		{DefaultSettings(), "-1::skin-tone-4", Down, true},
		{DefaultSettings(), "🔖", Bookmark, true},
		{DefaultSettings(), "🎉", "", false},
		{DefaultSettings(), "", "", false},
		{own, "🎉", Up, true},
		{own, "<:llama:42>", Up, true},
		{own, "👍", "", false},
	} {
		if kind, ok := c.settings.VoteKind(c.emoji); kind != c.kind || ok != c.ok {
			t.Errorf("%q with %v says %q, %v; want %q", c.emoji, c.settings.VoteEmoji, kind, ok, c.kind)
		}
	}
}
