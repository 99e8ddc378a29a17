package chat

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"paperboy/core"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// changes reports whether what was asked for changes something; everything else
// only reads.
func (c *call) changes() bool {
	switch c.Verb.Name {
	case "settings", "schedule", "taste": // which show how it is when nothing is said
		return len(c.Args) > 0
	case "club":
		return !slices.Contains([]string{"", "list", "calendar"}, strings.ToLower(strings.TrimSpace(c.Args["what"])))
	case "mute", "unmute", "save", "mail":
		return true
	}
	return c.Verb.Who == verbs.ForEditor
}

// aboutMe reports whether a verb of editors is asked for what concerns the person alone.
func (c *call) aboutMe() bool { return c.Verb.Name == "link" && c.Args["change"] == "me" }

// int is a Number option's value, or def.
func (c *call) int(name string, def int) int {
	if n, err := strconv.Atoi(strings.TrimSpace(c.Args[name])); err == nil {
		return n
	}
	return def
}

// topic reads a free-text option as a topic, exactly or as a search, with columns
// of the whole line.
func (c *call) topic(option string, parse func(string) (topic.Topic, error)) (topic.Topic, error) {
	t, err := parse(strings.TrimSpace(c.Args[option]))
	return t, c.shift(option, err)
}

// shift moves a topic error's column from the option's text to the whole line.
func (c *call) shift(option string, err error) error {
	te, ok := err.(*topic.Error)
	if !ok {
		return err
	}
	arg := c.Args[option]
	lead := len([]rune(arg)) - len([]rune(strings.TrimLeftFunc(arg, unicode.IsSpace)))
	return &core.UserError{Code: te.Code, Text: te.Text, Col: te.Col + lead}
}

// shared says whether the answer is for everybody.
func (c *call) shared() bool {
	value, _ := verbs.Yes(c.Args["share"])
	return value
}
