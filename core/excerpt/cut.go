package excerpt

import (
	"strings"
	"unicode/utf8"
)

// clause is what of a sentence has to be seen: from the subject to the verb,
// in bytes.
type clause struct{ begin, end int }

// room is how many characters behind the verb say what was done.
const room = 90

// Short is somebody else's sentence, as Plain gives it, cut where it is longer
// than Length.
func Short(s string) string { return cut(Plain(s), clause{}) }

// cut shortens a sentence to Length. What leads up to the clause is kept where
// there is room for what follows it, and left out for "… " where there is not.
func cut(s string, c clause) string {
	if utf8.RuneCountInString(s) <= Length {
		return s
	}
	lead := ""
	if c.begin > 0 && utf8.RuneCountInString(s[:c.end])+room > Length {
		lead, s = "… ", s[c.begin:]
		c.end -= c.begin
		if utf8.RuneCountInString(s)+2 <= Length {
			return lead + s
		}
	}
	least := c.end
	most := len(s) // in bytes
	n := Length - utf8.RuneCountInString(lead) - 2
	for i := range s {
		if n == 0 {
			most = i
			break
		}
		n--
	}
	return lead + s[:cutAt(s, least, most)] + " …"
}

// cutAt is where a sentence that may have most bytes ends best: at the end of a
// clause in the last third, else of a word, else where it has to.
func cutAt(s string, least, most int) int {
	formulas := math(s)
	inside := func(i int) bool {
		for _, f := range formulas {
			if f.Start < i && i < f.End {
				return true
			}
		}
		// in brackets that were opened in what is kept, and not closed
		return strings.Count(s[:i], "(") > strings.Count(s[:i], ")")
	}
	enough := max(least+40, most*2/3)
	end := 0
	for i := most; i > enough; i-- {
		if !utf8.RuneStart(at(s, i)) || inside(i) {
			continue
		}
		if strings.IndexByte(",;:", s[i-1]) >= 0 && at(s, i) == ' ' {
			return tidy(s, i-1)
		}
		if at(s, i) == ' ' && clauseBegins(s[i+1:]) {
			return tidy(s, i)
		}
	}
	for i := most; i > most/2; i-- {
		if at(s, i) != ' ' {
			continue
		}
		if end == 0 {
			end = i
		}
		if i > enough && !inside(i) && !hanging[trailing(s[:i])] {
			return tidy(s, i)
		}
	}
	if end == 0 {
		end = most
	}
	return tidy(s, end)
}

func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return ' '
}

// tidy leaves out what stands badly before " …".
func tidy(s string, i int) int { return len(strings.TrimRight(s[:i], " ,;:.-–—(")) }

// clauseBegins reports whether a clause begins here, before which a sentence
// may be cut without breaking what was said.
func clauseBegins(s string) bool {
	w, _, _ := strings.Cut(s, " ")
	return clauses[w] || strings.HasPrefix(s, "(") || strings.HasPrefix(s, "– ") || strings.HasPrefix(s, "— ")
}

var (
	clauses = set(`that which who whose where while when by with without and but so because through via using based to for under from across`)

	// hanging are the words after which something has to come.
	hanging = set(`a an the of in on at to for from by with and or as is are that which its their our we into between via using novel new`)
)
