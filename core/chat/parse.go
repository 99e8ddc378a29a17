package chat

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/topic"
)

// quotes are what keyboards make of ".
const quotes = "\"“”„«»"

// word is a piece of what was typed: blanks separate, quotes hold together.
type word struct {
	text     string
	from, to int // in runes
}

func splitWords(s []rune) []word {
	var ws []word
	quoted, start := false, -1
	for i, r := range s {
		if strings.ContainsRune(quotes, r) {
			quoted = !quoted
		}
		if unicode.IsSpace(r) && !quoted {
			if start >= 0 {
				ws = append(ws, word{string(s[start:i]), start, i})
			}
			start = -1
		} else if start < 0 {
			start = i
		}
	}
	if start >= 0 {
		ws = append(ws, word{string(s[start:]), start, len(s)})
	}
	return ws
}

// unquote takes the quotes off a value.
func unquote(s string) string { return strings.TrimSpace(strings.Trim(s, quotes)) }

// topicFields are options that the topic language has as well; in free text
// they belong to the topic.
var topicFields = []topic.Field{topic.Title, topic.Abstract, topic.Author, topic.Cat, topic.Source, topic.Has, topic.Min}

// parse fills verb and args from what was typed or chosen. The Rest option
// keeps its place in the line, blanks where other options stood, so that a
// column in an error is a column of what the person typed.
func (c *call) parse(r core.Request) error {
	c.args = map[string]string{}
	if r.Verb != "" {
		v, ok := VerbNamed(r.Verb)
		if !ok {
			return core.Userf("E-PARSE", "I do not know `%s`. %s lists what I do.", r.Verb, c.command("help"))
		}
		c.verb = v
		for name, value := range r.Args {
			if value = strings.TrimSpace(value); value != "" {
				c.args[name] = value
			}
		}
		if rest, ok := v.rest(); ok && c.args[rest.Name] != "" {
			if c.text == "" {
				c.text = c.args[rest.Name]
			}
			// Who knows the words of a line writes them here too.
			line := []rune(c.args[rest.Name])
			c.options(line, splitWords(line), r.Args)
			c.args[rest.Name] = strings.TrimRightFunc(string(line), unicode.IsSpace)
		}
		return c.check(r)
	}

	line := []rune(r.Text)
	words := splitWords(line)
	if len(words) == 0 {
		c.verb, _ = VerbNamed("today")
		c.args["hint"] = "yes"
		return nil
	}
	v, named := VerbNamed(words[0].text)
	if named {
		blank(line, words[0])
		words = words[1:]
	} else {
		v, _ = VerbNamed("search")
	}
	c.verb = v
	c.options(line, words, nil)
	if left := strings.TrimRightFunc(string(line), unicode.IsSpace); strings.TrimSpace(left) != "" {
		rest, ok := v.rest()
		if !ok {
			extra := strings.Fields(left)[0]
			if len(v.Options) > 0 {
				return core.Userf("E-PARSE", "I could not read `%s` after %s. Write it as in %s.", extra, v.Name, c.command(v.Examples[len(v.Examples)-1]))
			}
			return core.Userf("E-PARSE", "%s takes no words after it: %s.", c.command(v.Name), c.command(v.Name))
		}
		c.args[rest.Name] = left
	}
	return c.check(r)
}

// options takes the verb's options out of a line, `name:value`; what has been
// chosen elsewhere stays as chosen.
func (c *call) options(line []rune, words []word, chosen map[string]string) {
	rest, hasRest := c.verb.rest()
	for _, w := range words {
		name, value, found := strings.Cut(w.text, ":")
		o, known := c.verb.option(name)
		if !found || !known || value == "" {
			continue
		}
		if hasRest && o.Name != rest.Name && slices.Contains(topicFields, topic.Field(o.Name)) && topical(rest.Name) {
			continue
		}
		if o.Name == rest.Name {
			blank(line, word{from: w.from, to: w.from + len(name) + 1})
			continue
		}
		if strings.TrimSpace(chosen[o.Name]) == "" {
			c.args[o.Name] = unquote(value)
		}
		blank(line, w)
	}
}

// topical says whether a free-text option is read by the topic language.
func topical(option string) bool {
	return option == "query" || option == "topic" || option == "what"
}

func blank(line []rune, w word) {
	for i := w.from; i < w.to; i++ {
		line[i] = ' '
	}
}

// check holds the arguments against the verb's options.
func (c *call) check(r core.Request) error {
	for _, o := range c.verb.Options {
		value, given := c.args[o.Name]
		switch {
		case !given && o.Name == "paper" && r.Paper != "":
			c.args[o.Name] = string(r.Paper)
		case !given && o.Required:
			return core.Userf("E-PARSE", "%s needs %s: %s.", c.command(c.verb.Name), o.Summary, c.command(c.verb.Examples[0]))
		case !given:
		case o.Kind == Number:
			if n, err := strconv.Atoi(strings.TrimSpace(value)); err != nil || n < o.Min || n > o.Max {
				return core.Userf("E-PARSE", "I could not read `%s:%s`. Write a number from %d to %d, as in `%s:%d`.", o.Name, value, o.Min, o.Max, o.Name, max(o.Min, min(5, o.Max)))
			}
		case o.Kind == YesNo:
			if _, ok := yes(value); !ok {
				return core.Userf("E-PARSE", "I could not read `%s:%s`. Write `%s:yes` or `%s:no`.", o.Name, value, o.Name, o.Name)
			}
		case o.Kind == Choose:
			value = strings.ToLower(unquote(value))
			if !slices.Contains(o.Choices, value) {
				return core.Userf("E-PARSE", "I do not know `%s`. Write one of %s.", value, cards.Codes(o.Choices))
			}
			c.args[o.Name] = value
		}
	}
	return nil
}

// yes reads a yes or a no.
func yes(s string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "y", "true", "on", "1":
		return true, true
	case "no", "n", "false", "off", "0":
		return false, true
	}
	return false, false
}

// int is a Number option's value, or def.
func (c *call) int(name string, def int) int {
	if n, err := strconv.Atoi(strings.TrimSpace(c.args[name])); err == nil {
		return n
	}
	return def
}

// topic reads a free-text option as a topic, exactly or as a search, with columns
// of the whole line.
func (c *call) topic(option string, parse func(string) (topic.Topic, error)) (topic.Topic, error) {
	t, err := parse(strings.TrimSpace(c.args[option]))
	return t, c.shift(option, err)
}

// shift moves a topic error's column from the option's text to the whole line.
func (c *call) shift(option string, err error) error {
	te, ok := err.(*topic.Error)
	if !ok {
		return err
	}
	arg := c.args[option]
	lead := len([]rune(arg)) - len([]rune(strings.TrimLeftFunc(arg, unicode.IsSpace)))
	return &core.UserError{Code: te.Code, Text: te.Text, Col: te.Col + lead}
}

// shared says whether the answer is for everybody.
func (c *call) shared() bool {
	value, _ := yes(c.args["share"])
	return value
}
