package topic

import (
	"strconv"
	"strings"

	"paperboy/core/arxivid"
	"paperboy/core/say"
	"paperboy/core/text"
)

// like reads the value of a like: a paper's id or link, or words, and how alike a
// paper must be: "video of people"@60. It gives a hint where that is nothing.
func (t *Term) like(raw string) (hint say.Text) {
	t.N = Alike
	quoted := raw[0] == '"'
	end := strings.LastIndexByte(raw, '@')
	if quoted {
		end = strings.LastIndexByte(raw, '"') + 1
	} else if end < 0 {
		end = len(raw)
	}
	value, threshold := strings.Trim(raw[:end], `"`), raw[end:]
	words := text.Join(text.Words(value))
	if threshold != "" {
		n, err := strconv.ParseUint(strings.TrimPrefix(threshold, "@"), 10, 31)
		if threshold[0] != '@' || err != nil || n < 1 || n > 100 {
			example := `"video of people"`
			if words != "" {
				example = quote(words)
			}
			return say.Say("How alike papers must be is a whole number from 1 to 100 right behind it: `like:%s@70`.", example)
		}
		t.N = int(n)
	}
	switch id := paperID(value); {
	case id != "":
		t.Value = id
	case strings.HasPrefix(raw, "-"):
		return say.Say("The minus goes in front of the field: `-like:%s`.", strings.TrimLeft(raw, "-"))
	case words == "":
		return say.Say("`like:` takes a paper's number or your own words in quotes: `like:2509.24002`, `like:\"video of people\"`.")
	case !quoted && strings.Contains(value, "*") && !strings.Contains(words, "*"):
		return say.Say("`like:` looks at meaning, and needs whole words: `like:%s`.", quote(words))
	default:
		t.Value = words
	}
	return nil
}

// quote puts quotes around several words.
func quote(words string) string {
	if strings.Contains(words, " ") {
		return `"` + words + `"`
	}
	return words
}

// paperID is the id of the paper that a person wrote; "" where that is none.
func paperID(s string) string {
	id, _, _ := arxivid.Parse(s)
	return id
}
