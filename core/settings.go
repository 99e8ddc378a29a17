package core

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"paperboy/core/topic"
)

// Pair is a setting as typed, key:value.
type Pair struct{ Key, Value string }

// Pairs are all settings in the order of the settings verb's options, each of
// which Set reads back.
func (s Settings) Pairs() []Pair {
	quiet, editors, scope := "silent", s.Editors, strings.ReplaceAll(s.Scope.String(), ", ", ",")
	if s.QuietNote {
		quiet = "note"
	}
	summary := "authors"
	if s.Summary {
		summary = "hf"
	}
	if editors == "" {
		editors = "default"
	}
	if scope == "*" {
		scope = "all"
	}
	return []Pair{
		{"max", strconv.Itoa(s.Max)},
		{"layout", string(s.Layout)},
		{"min", strconv.Itoa(s.Min)},
		{"quiet", quiet},
		{"scope", scope},
		{"editors", editors},
		{"seed", yesNo(s.Seed)},
		{"weekly", yesNo(s.Weekly)},
		{"links", yesNo(s.Links)},
		{"notforus", strconv.Itoa(s.NotForUsAt)},
		{"votes", strings.Join(s.VoteEmoji, ",")},
		{"excerpt", string(s.Excerpt)},
		{"summary", summary},
		{"discover", strconv.Itoa(s.Discover)},
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// maxUpvoteEmoji bounds `votes:`, which is a choice and not a catalogue.
const maxUpvoteEmoji = 20

var emojiForm = regexp.MustCompile(`^(?:[a-z0-9_+'-]{1,64}|[^\s\x00-\x22\x24-\x29\x2b-\x2f\x3a-\x7f]{1,16})$`)

// Set changes one setting as typed, key:value. The error, a *UserError (of a
// scope a *topic.Error), says what is allowed; then nothing is changed.
func (s *Settings) Set(key, value string) error {
	value = strings.TrimSpace(value)
	low := strings.ToLower(value)
	number := func(into *int, lo, hi int) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < lo || n > hi {
			return Userf("E-PARSE", "`%s` is a whole number from %d to %d, not `%s`.", key, lo, hi, value)
		}
		*into = n
		return nil
	}
	boolean := func(into *bool, yes, no string) error {
		switch low {
		case yes, "yes", "on", "true":
			*into = true
		case no, "no", "off", "false":
			*into = false
		default:
			return Userf("E-PARSE", "`%s` is `%s` or `%s`, not `%s`.", key, yes, no, value)
		}
		return nil
	}
	switch key = strings.ToLower(key); key {
	case "max":
		return number(&s.Max, 1, 15)
	case "min":
		return number(&s.Min, 0, 10000) // as the verb's option
	case "notforus":
		return number(&s.NotForUsAt, 1, 100) // as the verb's option
	case "discover":
		return number(&s.Discover, 0, 5) // as the verb's option
	case "quiet":
		return boolean(&s.QuietNote, "note", "silent")
	case "seed":
		return boolean(&s.Seed, "yes", "no")
	case "weekly":
		return boolean(&s.Weekly, "yes", "no")
	case "links":
		return boolean(&s.Links, "yes", "no")
	case "layout":
		l := Layout(low)
		if !slices.Contains(Layouts, l) {
			return Userf("E-PARSE", "`layout` is `channel`, `thread`, `cards`, `digest` or `forum`, not `%s`.", value)
		}
		s.Layout = l
	case "excerpt":
		e := Excerpt(low)
		if !slices.Contains([]Excerpt{ExcerptNone, ExcerptLine, ExcerptFull}, e) {
			return Userf("E-PARSE", "`excerpt` is `none`, `line` or `full`, not `%s`.", value)
		}
		s.Excerpt = e
	case "summary":
		return boolean(&s.Summary, "hf", "authors")
	case "scope":
		scope, err := topic.ParseScope(value)
		if err != nil {
			return err
		}
		if scope.Strict && len(scope.Patterns) == 0 { // about the categories that are
			if scope.Patterns = s.Scope.Patterns; len(scope.Patterns) == 0 {
				return Userf("E-PARSE", "Strict needs categories to be strict about: `scope:cs.*,stat.ML,strict`.")
			}
		}
		s.Scope = scope
	case "editors":
		role := strings.Trim(value, "<>") // Discord's <@&42> is the role 42
		role = strings.Replace(role, "@&", "@", 1)
		switch {
		case low == "members" || low == "managers":
			s.Editors = low
		case low == "default":
			s.Editors = ""
		case len(role) > 1 && role[0] == '@':
			s.Editors = role
		default:
			return Userf("E-PARSE", "`editors` is `members`, `managers` or a role such as `@Moderators`, not `%s`.", value)
		}
	case "votes":
		var emoji, folded []string
		for _, e := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }) {
			f := FoldEmoji(e)
			switch {
			case f == "👎" || f == "🔖":
				return Userf("E-PARSE", "%s has a meaning of its own and cannot be a vote for a paper. Write `votes:👍,❤️`.", f)
			case !emojiForm.MatchString(f):
				return Userf("E-PARSE", "`%s` is no emoji. Write `votes:👍,❤️`.", e)
			case !slices.Contains(folded, f):
				emoji, folded = append(emoji, e), append(folded, f)
			}
		}
		if len(emoji) == 0 || len(emoji) > maxUpvoteEmoji {
			return Userf("E-PARSE", "`votes` is one to %d emoji: `votes:👍,❤️`.", maxUpvoteEmoji)
		}
		s.VoteEmoji = emoji
	default:
		var keys []string
		for _, p := range s.Pairs() {
			keys = append(keys, p.Key)
		}
		return Userf("E-PARSE", "There is no setting `%s`. There are %s.", key, strings.Join(keys, ", "))
	}
	return nil
}
