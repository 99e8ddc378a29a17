package topic

import (
	"strconv"
	"strings"
	"unicode"

	"paperboy/core/say"
	"paperboy/core/text"
)

// String prints the topic as people are shown it; Parse(t.String()) equals t.
func (t Topic) String() string {
	var b []string
	for _, c := range t.Clauses {
		b = append(b, c.String())
	}
	return strings.Join(b, " | ")
}

// String prints the clause as in a topic.
func (c Clause) String() string {
	return strings.Join(c.Terms(), " ")
}

// Terms are the clause's terms as printed.
func (c Clause) Terms() []string {
	out := make([]string, len(c))
	for i, t := range c {
		out[i] = t.String()
	}
	return out
}

// Edit is the topic with each clause's terms as edit writes them. The error is
// Parse's, of what that makes.
func (t Topic) Edit(edit func(Clause) []string) (Topic, error) {
	clauses := make([]string, len(t.Clauses))
	for i, c := range t.Clauses {
		clauses[i] = strings.Join(edit(c), " ")
	}
	return Parse(strings.Join(clauses, " | "))
}

// String prints the term as in a topic, with its minus.
func (t Term) String() string {
	if t.Not {
		return "-" + t.Text
	}
	return t.Text
}

// print makes Text. Its words are the folded ones, because they are what is
// looked for.
func (t Term) print() string {
	field := ""
	if t.Field != Any {
		field = string(t.Field) + ":"
	}
	switch t.Field {
	case Cat, Has:
		return field + t.Value
	case Min:
		return field + strconv.Itoa(t.N)
	case Like:
		if t.N != Alike {
			return field + quote(t.Value) + "@" + strconv.Itoa(t.N)
		}
		return field + quote(t.Value)
	case Source:
		if strings.IndexFunc(t.Value, func(r rune) bool { return !isWordRune(r) && !strings.ContainsRune("._", r) }) >= 0 {
			return field + `"` + t.Value + `"`
		}
		return field + t.Value
	}
	switch words := t.joined(); {
	case t.Prefix:
		return field + words + "*"
	case strings.Contains(words, " "):
		return field + `"` + words + `"`
	default:
		return field + words
	}
}

// joined is the words as one reads them.
func (t Term) joined() string {
	if t.Field == Author {
		return strings.Join(t.Words, " ")
	}
	return text.Join(t.Words)
}

// Reading says the topic in words: word *diffusion* in title or abstract,
// without "video". The channel's scope is not in it (Scope.Reading).
func (t Topic) Reading() say.Text {
	var clauses []say.Text
	for _, c := range t.Clauses {
		clauses = append(clauses, c.reading())
	}
	return say.Join(", or ", clauses...)
}

// reading puts the terms that look in the same place together, then the other
// fields, then what is excluded.
func (c Clause) reading() say.Text {
	var parts, without []say.Text
	for _, place := range []struct {
		field Field
		where string
	}{{Any, " in title or abstract"}, {Title, " in title"}, {Abstract, " in abstract"}} {
		var found, missing []say.Text
		for _, t := range c {
			if t.Field != place.field {
				continue
			}
			words := t.joined()
			switch {
			case t.Prefix && t.Not:
				missing = append(missing, t.beginning())
			case t.Not:
				missing = append(missing, say.Say(`"%s"`, words))
			case t.Prefix:
				found = append(found, t.beginning())
			case len(t.Words) > 1:
				found = append(found, say.Say("phrase *%s*", words))
			default:
				found = append(found, say.Say("word *%s*", words))
			}
		}
		if len(found) > 0 {
			parts = append(parts, say.Join("", say.Join(" and ", found...), say.Say("%s", place.where)))
		}
		if len(missing) > 0 {
			where := place.where
			if place.field == Any {
				where = ""
			}
			without = append(without, say.Join("", say.Say("without "), say.Join(" or ", missing...), say.Say("%s", where)))
		}
	}
	for _, t := range c {
		var r say.Text
		switch t.Field {
		case Author:
			if r = say.Say("author *%s*", capitals(t.Words)); t.Prefix {
				r = say.Say("author beginning with *%s*", capitals(t.Words))
			}
		case Cat:
			if r = say.Say("category *%s*", t.Value); t.Value == "*" {
				r = say.Say("any category or none")
			}
		case Source:
			r = say.Say("from *%s*", t.Value)
			if title, ok := sourceTitle(t.Value); ok {
				r = say.Say("from %s", title)
			}
		case Has:
			r = say.Say("with code")
			if t.Not {
				without = append(without, say.Say("without code"))
				continue
			}
		case Min:
			r = say.Say("at least %d upvotes on Hugging Face", t.N)
			if t.N == 1 {
				r = say.Say("at least 1 upvote on Hugging Face")
			}
		case Like:
			if r = say.Say("papers like *%s* (at least %d alike)", t.Value, t.N); t.Not {
				without = append(without, say.Join("", say.Say("no "), r))
				continue
			}
		default:
			continue
		}
		if t.Not {
			without = append(without, say.Join("", say.Say("not "), r))
		} else {
			parts = append(parts, r)
		}
	}
	return say.Join(", ", append(parts, without...)...)
}

// beginning says a prefix: words beginning with *models* or the word *model*.
func (t Term) beginning() say.Text {
	r := say.Say("words beginning with *%s*", t.Words[0])
	if folded := t.Folded(); folded != "" {
		r = append(r, say.Say(" or the word *%s*", folded)...)
	}
	return r
}

// capitals writes a name as names are written.
func capitals(words []string) string {
	before := ' '
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -'", before) {
			before, r = r, unicode.ToTitle(r)
			return r
		}
		before = r
		return r
	}, strings.Join(words, " "))
}
