// Package venue reads where a paper was accepted from what its authors say of it.
//
// In: the comment and the journal reference of an arXiv record. Out: a label of a
// few words, "accepted to ICML 2026", or nothing.
//
// It promises to miss rather than to claim: a sentence counts only where it begins
// with the paper itself, and not where it also speaks of a submission, a condition
// or an earlier version. What was accepted to a workshop, or to Findings, is never
// said to be accepted to the conference. A label is at most 72 characters
// long, and has none but letters, digits and those of names.
package venue

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	mostRead  = 1000 // bytes of a comment: arXiv takes 400 characters
	mostVenue = 48   // characters of a venue's name
	longVenue = 30   // … from which its short name is taken, where it has one
)

// Label is what is known of a paper's acceptance; empty where nothing is.
func Label(comment, journal string) string {
	comment, journal = begin(comment), begin(journal)
	if !verb.MatchString(comment) { // which most have not
		return published(journal)
	}
	for _, s := range sentences(comment) {
		if l := accepted(s); l != "" {
			return l
		}
	}
	return published(journal)
}

// begin is as much of what somebody wrote as is read.
func begin(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), mostRead)], "")
}

var (
	space   = regexp.MustCompile(`\s+`)
	link    = regexp.MustCompile(`\$?\\href\{[^}]*\}\{[^}]*\}+\$?|https?:\S+`)
	ends    = regexp.MustCompile(`[;!?|]|\.(?:\s|$)`)
	shorted = regexp.MustCompile(`(?:^|[\s(])(?:[A-Z][a-z]{1,4}|[A-Z]|vol|no|pp|eds?)$`) // of a name: "Proc. of", "Phys. Rev. D"

	// of another paper, another time, or no certain thing
	doubt = regexp.MustCompile(`(?i)\b(?:not|if|unless|until|under review|in review|submitted|submission to|resubmitted|reject\w*|withdrawn|previous\w*|earlier|preliminary|extends|extended|extension|pending|expected|hope\w*|should|may be|might|would|conditional\w*|provisional\w*|first version|old version|different version|precursor|companion|related)\b`)

	verb = regexp.MustCompile(`(?i)\b(?:accepted|to appear|will appear|appears|appeared|appearing|to be published|will be published|published|to be presented|will be presented|presented)\b`)
	// before: what may stand between the beginning of what is said and its verb
	before = regexp.MustCompile(`(?i)^\s*(?:(?:and|also|this|the|our|long|short|full|regular|oral|camera[- ]ready|journal|conference|workshop|system|demo|main) )*(?:(?:paper|work|manuscript|article|version|preprint|poster|thesis|chapter) )?(?:(?:has|have|is|was|been|be|it|recently|just|already|now|early|officially|will) )*$`)
	// what stands first: "ECCV 2026 accepted paper"
	named = regexp.MustCompile(`^\s*((?:[A-Z][\w&/-]*[A-Z][\w&/-]*|IEEE [A-Z][\w&/-]+)[ -]?['’]?(?:20)?\d\d)\b,? (?:[Mm]ain [Cc]onference )?[Aa]ccepted(?: (?:as |an? )*(?:paper|oral|poster))?\s*(?:\(|$)`)

	breaks  = regexp.MustCompile(`[,:()&–—]|-\s`)
	kind    = regexp.MustCompile(`(?i)^as an? (?:[\w-]+ ){0,3}(?:paper|article|abstract|presentation|poster|oral|spotlight) `)
	until   = regexp.MustCompile(`[,:("“\x60]|\s[-–—]+\s|(?i:\s(?:as|with|for (?:oral|publication|presentation|inclusion)|where|which|under|code|project|co-?located|held|hosted|in conjunction|on (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|and (?:published|presented|will|to|is|was))\b)`)
	brief   = regexp.MustCompile(`\(([A-Za-z]*[A-Z][A-Za-z&/-]*[A-Z][A-Za-z&/-]*)[ -]?(['’]?\d{2,4})?\)(?: ?,? ?(20\d\d)\b)?`)
	year    = regexp.MustCompile(`(?:['’]\d\d|20\d\d)$`)
	article = regexp.MustCompile(`(?i)^(?:the (?:main conference|main track) (?:of|at) (?:the )?|the proceedings of (?:the )?|proceedings of (?:the )?|proc\. of (?:the )?|the )`)
	tail    = regexp.MustCompile(`(?i)[ ,.]+(?:main(?: conference| track)?|conference|oral|poster|spotlight|highlight|accepted)$`)
)

// Words between a verb and where it leads. A preposition is one of them.
var (
	preposition = set("to into at by in for on")
	between     = set("to into at by in for on as a an oral poster spotlight highlight full long short regular main track paper presentation publication be appear presented published inclusion and")
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// sentences cuts a comment where one ends; a full stop behind a short word with a
// capital is that of a name.
func sentences(comment string) (out []string) {
	text := space.ReplaceAllString(link.ReplaceAllString(comment, " "), " ")
	from := 0
	for _, at := range ends.FindAllStringIndex(text, -1) {
		if text[at[0]] == '.' && shorted.MatchString(text[from:at[0]]) && at[1] < len(text) {
			continue
		}
		out = append(out, text[from:at[0]])
		from = at[1]
	}
	return append(out, text[from:])
}

// accepted is the label of one sentence.
func accepted(s string) string {
	if doubt.MatchString(s) {
		return ""
	}
	for _, part := range strings.Split(s, ",") { // "12 pages, ICPR 2026 accepted"
		if m := named.FindStringSubmatch(part); m != nil {
			return say("accepted to ", m[1], s)
		}
	}
	for _, at := range verb.FindAllStringIndex(s, -1) {
		parts := breaks.Split(s[:at[0]], -1)
		where, leads := behind(s[at[1]:])
		if !leads || !before.MatchString(parts[len(parts)-1]) {
			continue
		}
		switch said := strings.ToLower(s[at[0]:at[1]]); {
		case said == "accepted":
			return say("accepted to ", where, s)
		case said == "presented":
			return say("presented at ", where, s)
		case strings.HasSuffix(said, "presented"):
			return say("to be presented at ", where, s)
		case said == "published", said == "appeared":
			return say("published in ", where, s)
		default:
			return say("to appear in ", where, s)
		}
	}
	return ""
}

// behind is what stands behind a verb and a preposition.
func behind(s string) (where string, leads bool) {
	rest := kind.ReplaceAllString(strings.TrimLeft(s, " ,"), "")
	for {
		word, after, _ := strings.Cut(rest, " ")
		low := strings.ToLower(word)
		if !between[low] {
			return rest, leads
		}
		leads = leads || preposition[low]
		rest = after
	}
}

// say names a venue, or what of its name can be said.
func say(how, where, sentence string) string {
	low := strings.ToLower(sentence)
	name := strings.TrimSpace(until.Split(where, 2)[0])
	name = article.ReplaceAllString(name, "")
	for t := tail.ReplaceAllString(name, ""); t != name; t = tail.ReplaceAllString(name, "") {
		name = t
	}
	if utf8.RuneCountInString(name) > longVenue || name == "" {
		if m := brief.FindStringSubmatch(where); m != nil {
			y := m[2]
			if y == "" {
				y = m[3]
			}
			if y == "" {
				y = year.FindString(name)
			}
			name = strings.TrimSpace(m[1] + " " + y)
		}
	}
	name = strings.Trim(name, " .,-–'’@/&+")
	bare := strings.ToLower(name)
	switch {
	case !isName(name):
		return how[:strings.LastIndex(strings.TrimSpace(how), " ")]
	case strings.Contains(bare, "arxiv"):
		return ""
	case strings.Contains(low, "workshop") && !strings.Contains(bare, "workshop"):
		how, name = "accepted to ", "a workshop at "+name
	case strings.Contains(low, "findings") && !strings.Contains(bare, "findings"):
		name = "Findings of " + name
	}
	return how + name
}

// isName reports whether something can be the name of a venue: short, with a
// capital letter, and with nothing in it but what names are made of.
func isName(s string) bool {
	return utf8.RuneCountInString(s) <= mostVenue && strings.ContainsFunc(s, unicode.IsUpper) &&
		!strings.ContainsFunc(s, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" &/-'’.+@", r)
		})
}

var numbers = regexp.MustCompile(`(?i)(?:[ ,.:;]+(?:vol(?:ume)?|no|number|issue|art(?:icle)?|pages?|pp?|paper|id)\b\.?)?[ ,:;]+(?:[A-Z]?\d+\S*|\([^)]*\))(?:[ ,:;].*)?$`)

// published is the label of a journal reference: the journal's name, without where
// in it.
func published(journal string) string {
	s := strings.TrimSpace(space.ReplaceAllString(journal, " "))
	if s == "" || doubt.MatchString(s) {
		return ""
	}
	if m := conference.FindString(s); m != "" {
		return say("published in ", m, s)
	}
	return say("published in ", numbers.ReplaceAllString(s, ""), s)
}

// conference is a conference's short name and year at the beginning.
var conference = regexp.MustCompile(`^[A-Z][\w&/-]*[A-Z][\w&/-]* ['’]?(?:20)?\d\d\b`)
