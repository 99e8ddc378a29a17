package skins

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// node is a piece of text as a client shows it: words, or a mark around others.
type node struct {
	Kind string // "text"; a mark as in text.html
	Text string // of "text", "code", "pre", "mention", "time"
	URL  string // of "a"
	In   []node // of what encloses others
}

func words(s string) node { return node{Kind: "text", Text: s} }

// pen puts nodes one after another, and words that touch into one.
type pen struct {
	nodes []node
	text  strings.Builder
}

func (p *pen) write(s string) { p.text.WriteString(s) }

func (p *pen) put(n node) {
	p.flush()
	p.nodes = append(p.nodes, n)
}

func (p *pen) flush() {
	if p.text.Len() > 0 {
		p.nodes = append(p.nodes, words(p.text.String()))
		p.text.Reset()
	}
}

func (p *pen) done() []node {
	p.flush()
	return p.nodes
}

// link is an address that a client opens; others stay text.
func link(address string, in []node) node {
	if !opens(address) {
		return node{Kind: "in", In: in}
	}
	return node{Kind: "a", URL: address, In: in}
}

func opens(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// emojiName is a :name: at the beginning of a text.
var emojiName = regexp.MustCompile(`^:([a-z0-9_+'-]+):(:skin-tone-[2-6]:)?`)

// emoji are the names that the project may meet. Both clients leave a name that
// they do not know as it stands.
var emoji = map[string]string{
	"+1": "👍", "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "bookmark": "🔖", "heart": "❤️", "fire": "🔥", "arrow_up": "⬆️",
	"newspaper": "📰", "rolled_up_newspaper": "🗞️", "newspaper2": "🗞️", "thread": "🧵", "tada": "🎉", "eyes": "👀", "skull": "💀", "star": "⭐",
	"white_check_mark": "✅", "warning": "⚠️", "gear": "⚙️", "mag": "🔍", "x": "❌", "bell": "🔔", "no_bell": "🔕", "smile": "😄",
	"calendar": "📆", "date": "📅", "clock9": "🕘", "bulb": "💡", "link": "🔗", "page_facing_up": "📄", "computer": "💻", "wave": "👋",
}

// takeEmoji reads a name at the beginning of a text; n is how long it is.
func takeEmoji(s string) (char string, n int) {
	if m := emojiName.FindStringSubmatch(s); m != nil && emoji[m[1]] != "" {
		return emoji[m[1]], len(m[0])
	}
	return "", 0
}

// ago is a moment as clients say it beside the present one: "in 3 days".
func (r *Reader) ago(at time.Time) string {
	d := at.Sub(r.Now)
	span := "a few seconds"
	for _, u := range []struct {
		one, many string
		long      time.Duration
	}{{"a minute", "minutes", time.Minute}, {"an hour", "hours", time.Hour}, {"a day", "days", day}, {"a month", "months", 30 * day}, {"a year", "years", 365 * day}} {
		switch n := int((d.Abs() + u.long/2) / u.long); {
		case n == 1:
			span = u.one
		case n > 1:
			span = fmt.Sprintf("%d %s", n, u.many)
		}
	}
	if d < 0 {
		return span + " ago"
	}
	return "in " + span
}

const day = 24 * time.Hour
