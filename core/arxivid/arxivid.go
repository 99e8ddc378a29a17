// Package arxivid knows arXiv's ids as people and sources write them.
//
// In: an id, a link, a citation. Out: the id in one form. What is no id is none.
package arxivid

import (
	"regexp"
	"strconv"
	"strings"
)

// The two forms of arXiv ids (arXiv's help page "arxiv_identifier"): YYMM.NNNN
// until 1412 and YYMM.NNNNN from 1501; archive/YYMMNNN before 0704, where a
// subject class ("math.CA") is dropped from the canonical form.
var (
	newID = regexp.MustCompile(`^(\d{2})(0[1-9]|1[0-2])\.(\d{4,5})(?:[vV]([1-9]\d*))?$`)
	oldID = regexp.MustCompile(`^([a-zA-Z]+(?:-[a-zA-Z]+)*)(?:\.[a-zA-Z]{2})?/(\d{2})(0[1-9]|1[0-2])(\d{3})(?:[vV]([1-9]\d*))?$`)
	// what stands before the id in a link or citation
	idPrefix = regexp.MustCompile(`(?i)^(?:https?://)?(?:(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html|src|e-print|format)/|(?:dx\.)?doi\.org/10\.48550/arxiv\.|huggingface\.co/papers/|(?:www\.)?alphaxiv\.org/(?:abs|pdf|overview)/|ar5iv\.(?:labs\.arxiv\.)?org/(?:abs|html)/)|^(?:arxiv:\s*|oai:arxiv\.org:|(?:doi:\s*)?10\.48550/arxiv\.)`)
)

// Month is the month in which the paper of an id was submitted; ok is false for what
// is no id.
func Month(id string) (year, month int, ok bool) {
	m := newID.FindStringSubmatch(id)
	if m == nil {
		if m = oldID.FindStringSubmatch(id); m == nil {
			return 0, 0, false
		}
		m = m[1:]
	}
	year, _ = strconv.Atoi(m[1])
	month, _ = strconv.Atoi(m[2])
	if year > 90 { // arXiv began in 1991
		return 1900 + year, month, true
	}
	return 2000 + year, month, true
}

// Parse finds the arXiv id and version (0 when none is given) in any of
// the forms people and sources write it: bare, arXiv:…, [arXiv:…], links to
// arxiv.org, doi.org, huggingface.co/papers, alphaxiv and ar5iv, OAI names,
// Slack's <url|text>. ok is false for everything else, prices and version
// numbers among it.
func Parse(s string) (id string, version int, ok bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimLeft(s, "<[(")
	if before, _, found := strings.Cut(s, "|"); found {
		s = before
	}
	s = strings.TrimRight(s, ".,;:)>|]!?")
	if loc := idPrefix.FindStringIndex(s); loc != nil {
		s = s[loc[1]:]
		s, _, _ = strings.Cut(s, "?")
		s, _, _ = strings.Cut(s, "#")
		s = strings.TrimRight(s, "/")
		for _, ext := range []string{".pdf", ".md"} {
			if n := len(s) - len(ext); n > 0 && strings.EqualFold(s[n:], ext) {
				s = s[:n]
			}
		}
	}
	if m := newID.FindStringSubmatch(s); m != nil {
		yymm := m[1] + m[2]
		digits := 4
		if yymm >= "1501" {
			digits = 5
		}
		if yymm < "0704" || len(m[3]) != digits {
			return "", 0, false
		}
		version, _ = strconv.Atoi(m[4])
		return yymm + "." + m[3], version, true
	}
	if m := oldID.FindStringSubmatch(s); m != nil {
		version, _ = strconv.Atoi(m[5])
		return strings.ToLower(m[1]) + "/" + m[2] + m[3] + m[4], version, true
	}
	return "", 0, false
}
