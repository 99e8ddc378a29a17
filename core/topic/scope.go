package topic

import (
	"regexp"
	"slices"
	"strings"

	"paperboy/core/say"
)

// Scope is the categories a channel looks at when a topic names none.
type Scope struct {
	Patterns []string // "cs.*", "stat.ML"; none: everything
	Strict   bool     // papers listed by Hugging Face do not pass by that alone
}

// Admits reports whether a paper of these categories and sources lies in the
// scope. A paper whose categories nobody knows lies in every scope: unknown is
// not outside.
func (s Scope) Admits(d *Doc) bool {
	if len(s.Patterns) == 0 || len(d.Categories) == 0 {
		return true
	}
	if !s.Strict && slices.Contains(d.Sources, huggingFace) {
		return true
	}
	return slices.ContainsFunc(s.Patterns, func(p string) bool {
		return slices.ContainsFunc(d.Categories, func(c string) bool { return CatMatches(p, c) })
	})
}

// ParseScope reads what a person sets: patterns with commas or blanks between,
// "strict", and "*" or "all" for everything. "strict" alone gives no patterns
// and Strict: it leaves to the caller which ones it is about. With everything
// in it, strict says nothing and is dropped. An error is an *Error.
func ParseScope(s string) (Scope, error) {
	var out Scope
	everything, named := false, false
	p := newParser(s)
	for from := 0; from < len(p.in); {
		to := from
		for to < len(p.in) && !strings.ContainsRune(` ,"`, p.in[to]) {
			to++
		}
		word := string(p.in[from:to])
		switch strings.ToLower(word) {
		case "":
		case "strict":
			out.Strict, named = true, true
		case "*", "all":
			everything, named = true, true
		default:
			c, hint := category(word)
			if hint != nil {
				return Scope{}, p.fail(from, from, to, hint)
			}
			if named = true; !slices.Contains(out.Patterns, c) {
				out.Patterns = append(out.Patterns, c)
			}
		}
		from = to + 1
	}
	if !named {
		return Scope{}, p.fail(0, 0, 0, say.Say("A scope names categories, such as `cs.*, stat.ML`, or `*` for everything."))
	}
	if everything {
		return Scope{}, nil
	}
	return out, nil
}

// String prints the scope; ParseScope reads it back.
func (s Scope) String() string {
	words := slices.Clone(s.Patterns)
	if s.Strict {
		words = append(words, "strict")
	}
	if len(words) == 0 {
		return "*"
	}
	return strings.Join(words, ", ")
}

// Reading says the scope in words, as the end of a topic's reading; nothing
// where everything is admitted.
func (s Scope) Reading() say.Text {
	switch in := strings.Join(s.Patterns, ", "); {
	case in == "":
		return nil
	case s.Strict:
		return say.Say("in %s", in)
	default:
		return say.Say("in %s (HF-listed papers always included)", in)
	}
}

// CatMatches reports whether a category is the pattern or, where the pattern
// ends in *, begins with what stands before it. Case does not matter.
func CatMatches(pattern, category string) bool {
	if head, ok := strings.CutSuffix(pattern, "*"); ok {
		return len(category) >= len(head) && strings.EqualFold(category[:len(head)], head)
	}
	return strings.EqualFold(pattern, category)
}

// groups are arXiv's archives that are divided into categories; alone they
// mean all of them. physics and cond-mat write theirs in small letters.
// https://arxiv.org/category_taxonomy
var groups = []string{"astro-ph", "cond-mat", "cs", "econ", "eess", "math", "nlin", "physics", "q-bio", "q-fin", "stat"}

var categoryForm = regexp.MustCompile(`^(?:[a-z]+(?:-[a-z]+)*(?:\.[a-z-]*)?\*|[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*|[a-z]+-[a-z]+)$`)

// category is a category or pattern in arXiv's spelling, or the hint why not.
func category(s string) (string, say.Text) {
	c := strings.ToLower(strings.TrimSpace(s))
	if c == "*" {
		return c, nil
	}
	if slices.Contains(groups, c) {
		return c + ".*", nil
	}
	if !categoryForm.MatchString(c) {
		return "", NoCategory(s)
	}
	archive, subject, dotted := strings.Cut(c, ".")
	if dotted && archive != "physics" && archive != "cond-mat" {
		return archive + "." + strings.ToUpper(subject), nil
	}
	return c, nil
}
