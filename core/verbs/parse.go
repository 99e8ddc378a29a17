package verbs

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/topic"
)

// Quotes are what keyboards make of ".
const Quotes = "\"“”„«»"

// word is a piece of what was typed: blanks separate, quotes hold together.
type word struct {
	text     string
	from, to int // in runes
}

func splitWords(s []rune) []word {
	var ws []word
	quoted, start := false, -1
	for i, r := range s {
		if strings.ContainsRune(Quotes, r) {
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

// Unquote takes the quotes off a value.
func Unquote(s string) string { return strings.TrimSpace(strings.Trim(s, Quotes)) }

// topicFields are options that the topic language has as well; in free text
// they belong to the topic.
var topicFields = []topic.Field{topic.Title, topic.Abstract, topic.Author, topic.Cat, topic.Source, topic.Has, topic.Min}

// Call is a command taken apart.
type Call struct {
	Verb Verb
	Args map[string]string // by Option.Name
	Text string            // as typed
	// Guess: by an alias that is a word of papers as well, before one thing. It is
	// meant where that thing is known, else the line is a search (Search).
	Guess bool
}

// Search reads a line as a search, whatever its first word.
func Search(text string, n core.Network) (Call, error) {
	c, err := Parse(core.Request{Verb: "search", Args: map[string]string{"query": text}}, n)
	c.Text = text
	return c, err
}

// Parse takes apart what was typed or chosen. The Rest option keeps its place in
// the line, blanks where other options stood, so that a column in an error, a
// *core.UserError in the words of the network n, is a column of what the person
// typed. What could be read before an error is in the Call.
func Parse(r core.Request, n core.Network) (Call, error) {
	c := Call{Text: r.Text}
	err := c.read(r, n)
	if err == nil {
		err = c.check(r, n)
	}
	return c, err
}

func (c *Call) read(r core.Request, n core.Network) error {
	c.Args = map[string]string{}
	if r.Verb != "" {
		v, ok := Named(r.Verb)
		if !ok {
			return core.Userf("E-PARSE", "I do not know `%s`. %s lists what I do.", r.Verb, Typed(n, "help"))
		}
		c.Verb = v
		for name, value := range r.Args {
			if value = strings.TrimSpace(value); value != "" {
				c.Args[name] = value
			}
		}
		if rest, ok := v.Rest(); ok && c.Args[rest.Name] != "" {
			if c.Text == "" {
				c.Text = c.Args[rest.Name]
			}
			// Who knows the words of a line writes them here too.
			if Topical(rest.Name) { // what was chosen may come back as its label: "diffusion · 88 papers in 30 days"
				c.Args[rest.Name], _, _ = strings.Cut(c.Args[rest.Name], " · ")
			}
			line := []rune(c.Args[rest.Name])
			c.options(line, splitWords(line), r.Args)
			c.Args[rest.Name] = strings.TrimRightFunc(string(line), unicode.IsSpace)
		}
		return nil
	}

	line := []rune(r.Text)
	words := splitWords(line)
	if len(words) == 0 {
		c.Verb, _ = Named("today")
		c.Args["hint"] = "yes"
		return nil
	}
	v, named := Named(words[0].text)
	said := 1
	if v.Word && !v.meant(words[1:]) {
		named = false
	}
	if !named {
		v, said, c.Guess = aliased(words)
		named = said > 0
	}
	if named {
		for range said {
			blank(line, words[0])
			words = words[1:]
		}
		if len(words) > 1 && slices.Contains(fillers[v.Name], strings.ToLower(words[0].text)) {
			blank(line, words[0])
			words = words[1:]
		}
	} else {
		v, _ = Named("search")
	}
	c.Verb = v
	c.options(line, words, nil)
	if left := strings.TrimRightFunc(string(line), unicode.IsSpace); strings.TrimSpace(left) != "" {
		rest, ok := v.Rest()
		if !ok {
			extra := strings.Fields(left)[0]
			if len(v.Options) > 0 {
				return core.Userf("E-PARSE", "I could not read `%s` after %s. Write it as in %s.", extra, v.Name, Typed(n, v.Examples[1]))
			}
			return core.Userf("E-PARSE", "%s takes no words after it: %s.", Typed(n, v.Name), Typed(n, v.Name))
		}
		c.Args[rest.Name] = left
	}
	return nil
}

// fillers are words that people put between a verb and what it is about.
var fillers = map[string][]string{"subscribe": {"to"}, "unsubscribe": {"from", "topic"}}

// meant: the words behind a verb that is a word of papers as well leave no doubt.
func (v Verb) meant(words []word) bool {
	rest, _ := v.Rest()
	var values []string
	for _, w := range words {
		values = append(values, strings.ToLower(Unquote(strings.TrimPrefix(w.text, rest.Name+":"))))
	}
	return len(words) == 0 || slices.Contains(rest.Choices, strings.Join(values, " "))
}

// aliased is the verb that somebody called by another word, and how many words of
// the line that is; none where the line is a search.
func aliased(words []word) (v Verb, said int, guess bool) {
	for _, v := range Table {
		for _, a := range v.Aliases {
			parts := strings.Fields(a.Word)
			if len(parts) > len(words) || !same(parts, words[:len(parts)], a.Then == Nothing) {
				continue
			}
			rest := words[len(parts):]
			switch {
			case len(rest) == 0, a.Then == Anything:
				return v, len(parts), false
			case a.Then == OnePaper && len(rest) == 1 && isPaper(rest[0].text):
				return v, len(parts), false
			case a.Then == OneThing && (len(rest) == 1 || listed(rest)):
				return v, len(parts), true
			}
		}
	}
	return Verb{}, 0, false
}

// isPaper: the word names a paper.
func isPaper(word string) bool {
	_, _, ok := core.ParsePaperID(Unquote(word))
	return ok || strings.HasPrefix(word, "feed:")
}

// same: the words are those of an alias; what ends a sentence does not matter where
// nothing may follow.
func same(parts []string, words []word, loose bool) bool {
	for i, p := range parts {
		w := strings.ReplaceAll(strings.ToLower(words[i].text), "’", "'")
		if loose && w != p {
			w = strings.TrimRight(w, "?!.,")
		}
		if w != p {
			return false
		}
	}
	return true
}

// listed: each but the last thing has a comma behind it.
func listed(words []word) bool {
	for _, w := range words[:len(words)-1] {
		if !strings.HasSuffix(w.text, ",") {
			return false
		}
	}
	return true
}

// options takes the verb's options out of a line, `name:value`; what has been
// chosen elsewhere stays as chosen.
func (c *Call) options(line []rune, words []word, chosen map[string]string) {
	rest, hasRest := c.Verb.Rest()
	for _, w := range words {
		name, value, found := strings.Cut(w.text, ":")
		o, known := c.Verb.Option(name)
		if !found || !known || value == "" || o.Kind == File {
			continue
		}
		if hasRest && o.Name != rest.Name && slices.Contains(topicFields, topic.Field(o.Name)) && Topical(rest.Name) {
			continue
		}
		if o.Name == rest.Name {
			blank(line, word{from: w.from, to: w.from + len(name) + 1})
			continue
		}
		if strings.TrimSpace(chosen[o.Name]) == "" {
			c.Args[o.Name] = Unquote(value)
		}
		blank(line, w)
	}
}

// Topical says whether a free-text option is read by the topic language.
func Topical(option string) bool {
	return option == "query" || option == "topic" || option == "what"
}

func blank(line []rune, w word) {
	for i := w.from; i < w.to; i++ {
		line[i] = ' '
	}
}

// check holds the arguments against the verb's options.
func (c *Call) check(r core.Request, n core.Network) error {
	for _, o := range c.Verb.Options {
		value, given := c.Args[o.Name]
		switch {
		case !given && o.Name == "paper" && r.Paper != "":
			c.Args[o.Name] = string(r.Paper)
		case !given && o.Name == "query" && o.Required:
			for _, after := range []string{"since", "sort"} {
				if v := c.Args[after]; v != "" {
					return core.Userf("E-PARSE", "Say what to look for: %s. For everything of a week: %s.", Typed(n, "agent "+after+":"+v), Typed(n, "top since:7d"))
				}
			}
			return core.Userf("E-PARSE", "Say what to look for: %s.", Typed(n, c.Verb.Examples[0]))
		case !given && o.Required:
			summary, _, _ := strings.Cut(o.Summary, ";")
			return core.Userf("E-PARSE", "%s needs %s: %s.", Typed(n, c.Verb.Name), summary, Typed(n, c.Verb.Examples[0]))
		case !given:
		case o.Kind == Number:
			if k, err := strconv.Atoi(strings.TrimSpace(value)); err != nil || k < o.Min || k > o.Max {
				return core.Userf("E-PARSE", "I could not read `%s:%s`. Write a number from %d to %d, as in `%s:%d`.", o.Name, value, o.Min, o.Max, o.Name, max(o.Min, min(5, o.Max)))
			}
		case o.Kind == YesNo:
			if _, ok := Yes(value); !ok {
				return core.Userf("E-PARSE", "I could not read `%s:%s`. Write `%s:yes` or `%s:no`.", o.Name, value, o.Name, o.Name)
			}
		case o.Kind == Choose:
			value = strings.ToLower(Unquote(value))
			if !slices.Contains(o.Choices, value) {
				return core.Userf("E-PARSE", "I do not know `%s`. Write one of %s.", value, cards.Codes(o.Choices))
			}
			c.Args[o.Name] = value
		}
	}
	return nil
}

// Yes reads a yes or a no.
func Yes(s string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "y", "true", "on", "1":
		return true, true
	case "no", "n", "false", "off", "0":
		return false, true
	}
	return false, false
}
