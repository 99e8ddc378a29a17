package core

import (
	"slices"
	"strings"
)

// shortNames are Slack's names of the emoji that people vote with, and some
// more that channels choose, so that a choice means the same on every platform.
// The characters are without variation selectors.
var shortNames = map[string]string{
	"+1": "👍", "thumbsup": "👍", "thumbs_up": "👍",
	"-1": "👎", "thumbsdown": "👎", "thumbs_down": "👎",
	"heart": "❤", "red_heart": "❤",
	"fire": "🔥", "arrow_up": "⬆", "bookmark": "🔖",
	"star": "⭐", "tada": "🎉", "rocket": "🚀", "eyes": "👀", "100": "💯",
	"clap": "👏", "raised_hands": "🙌", "white_check_mark": "✅", "heavy_plus_sign": "➕",
}

// FoldEmoji gives every way of writing an emoji one form: without skin tone
// and variation selectors, a character for the short names that we know, else
// the name in small letters, without Slack's colons or Discord's <:name:id>.
func FoldEmoji(s string) string {
	s = strings.Trim(strings.TrimSpace(s), "<>")
	s = strings.TrimPrefix(s, "a:") // <a:name:id>: an animated one
	s = strings.TrimPrefix(s, ":")
	if i := strings.IndexByte(s, ':'); i > 0 { // the end, ::skin-tone-3 or an id
		s = s[:i]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0x1F3FB && r <= 0x1F3FF, r == 0xFE0E, r == 0xFE0F:
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, s)
	if c, ok := shortNames[s]; ok {
		return c
	}
	return s
}

// VoteKind is what an emoji on a paper says here; ok is false when it says
// nothing.
func (s Settings) VoteKind(emoji string) (kind VoteKind, ok bool) {
	e := FoldEmoji(emoji)
	switch {
	case e == "👎":
		return Down, true
	case e == "🔖":
		return Bookmark, true
	case e != "" && slices.ContainsFunc(s.VoteEmoji, func(u string) bool { return FoldEmoji(u) == e }):
		return Up, true
	}
	return "", false
}
