package excerpt

import (
	"strings"
	"unicode"
)

// contribution is the sentence in which the authors say what they did, and its
// clause; ok is false where none says so clearly. name is that of what they
// made, in small letters, or "".
func contribution(s string, sentences []Span, name string) (best Span, c clause, ok bool) {
	const enough, later = 4.0, 0.15 // of sentences that say it as clearly, the first
	most := enough
	for i, at := range sentences {
		score, where := judge(s[at.Start:at.End], name)
		if score -= later * float64(i); score > most {
			best, c, most, ok = at, where, score, true
		}
	}
	return best, c, ok
}

// judge says how clearly a sentence tells what its authors did, 10 and more
// where it could not be clearer, and where it says so.
func judge(text, name string) (score float64, at clause) {
	s := &sentence{text: text, words: tokens(text)}
	s.here = s.aboutItself()
	say := func(n float64, begin, end int) { // the first, but for a clause that is much clearer
		if n > 0 && (score == 0 || n > score+1.5) {
			score, at = n, clause{s.words[begin].start, s.words[min(end, len(s.words)-1)].end}
		}
	}
	for i := range s.words {
		n, end := s.authors(i)
		say(n, i, end)
		n, begin := s.passive(i)
		say(n, begin, i)
	}
	n, end := s.goal()
	say(n, 0, end)
	n, end = s.definition(name)
	say(n, 0, end)
	if score == 0 {
		return 0, clause{}
	}
	if s.here {
		score += 2
	}
	if name != "" && word(strings.ToLower(text), name) >= 0 {
		score += 1.5
	}
	for i := range s.words {
		if s.is(i, "novel") || s.is(i, "new") || s.is(i, "the", "first") {
			score += 0.5
			break
		}
	}
	if strings.HasSuffix(strings.TrimRight(text, closers), "?") {
		score--
	}
	if len(text) < 60 { // there is little in it
		score -= 1.5
	}
	if s.announces() {
		score -= 6
	}
	return score + s.begins(), at
}

// token is a word of a sentence in small letters, and its place.
type token struct {
	word       string
	start, end int
}

// tokens are a sentence's words: letters, digits, and what joins them.
func tokens(s string) []token {
	out := make([]token, 0, len(s)/6+1)
	lower := strings.ToLower(s)
	if len(lower) != len(s) { // places are those of s
		lower = strings.Map(func(r rune) rune {
			if l := unicode.ToLower(r); r < unicode.MaxASCII || len(string(l)) == len(string(r)) {
				return l
			}
			return r
		}, s)
	}
	start := -1
	add := func(end int) {
		if at := end - len("-we"); at > start && lower[at:end] == "-we" { // a dash
			out = append(out, token{lower[start:at], start, at})
			start = at + 1
		}
		out = append(out, token{lower[start:end], start, end})
		start = -1
	}
	for i, r := range s {
		in := unicode.IsLetter(r) || unicode.IsDigit(r) || start >= 0 && (r == '-' || r == '\'' || r == '’')
		if in && start < 0 {
			start = i
		} else if !in && start >= 0 {
			add(i)
		}
	}
	if start >= 0 {
		add(len(s))
	}
	return out
}

// sentence is one that is judged.
type sentence struct {
	text  string
	words []token
	here  bool // it says that it is about this very paper
}

func (s *sentence) word(i int) string {
	if i < 0 || i >= len(s.words) {
		return ""
	}
	return s.words[i].word
}

// is reports whether the words from i on are these.
func (s *sentence) is(i int, words ...string) bool {
	for k, w := range words {
		if s.word(i+k) != w {
			return false
		}
	}
	return true
}

// before reports whether the character before the word at i, but for a blank, is c.
func (s *sentence) before(i int, c byte) bool {
	return i > 0 && i < len(s.words) && s.text[s.words[i-1].end] == c
}

// document is how many words from i on name a paper: "paper", "short research
// paper". 0 when they do not.
func (s *sentence) document(i int) int {
	for n := range 3 {
		if documents[s.word(i+n)] {
			for documents[s.word(i+n+1)] {
				n++
			}
			return n + 1
		}
	}
	return 0
}

// aboutItself reads "in this paper" and "here".
func (s *sentence) aboutItself() bool {
	if s.is(0, "here") {
		return true
	}
	for i := range min(len(s.words), 13) {
		own := s.is(i+1, "this") || s.is(i+1, "our") || s.is(i+1, "the", "present")
		if own && prepositions[s.word(i)] && s.document(i+2) > 0 && (i == 0 || i > 2 && !strings.HasSuffix(s.word(i-1), "ed")) {
			return true // "grounded in this survey" is about another
		}
	}
	return false
}

// authors reads who did what at word i: "we propose", "this paper presents".
// end is the place of the verb.
func (s *sentence) authors(i int) (score float64, end int) {
	j, we := i+1, false
	switch w := s.word(i); {
	case w == "we", w == "i" && s.text[s.words[i].start] == 'I':
		if subordinate[s.word(i-1)] { // as we show
			return 0, 0
		}
		we = true
	case s.is(i, "the", "authors"), w == "the" && documents[s.word(i+1)] && verbs[s.word(i+2)] > 0:
		j++
	case (w == "this" || w == "our") && !prepositions[s.word(i-1)], s.is(i, "the", "present"), s.is(i, "the", "current"):
		n := s.document(j)
		if n == 0 || w == "our" && !works[s.word(j+n-1)] {
			return 0, 0
		}
		if j += n; w == "our" {
			score--
		} else {
			score++
		}
	default:
		return 0, 0
	}
	meant := false
skip:
	for {
		switch w := s.word(j); {
		case s.is(j, "for", "the", "first", "time"):
			j += 4
		case s.is(j, "set", "out", "to"):
			j, meant = j+3, true
		case attempts[w] && s.is(j+1, "to"):
			j, meant = j+2, true
		case w == "also", w == "further", w == "additionally":
			score -= 3
			j++
		case w == "then", w == "next", w == "first":
			score -= 2
			j++
		case w == "previously", modal[w]:
			return 0, 0
		case adverbs[w], strings.HasSuffix(w, "ly") && verbs[w] == 0:
			j++
		default:
			break skip
		}
	}
	verb := s.word(j)
	n := verbs[verb]
	switch {
	case n > 0 || verb == "":
	case meant, we && s.here, !we && singular(verb):
		n = 5.5
	case we && i < 3:
		n = 4.4
	}
	if n < 8 && verb != "" { // what they say behind it may be clearer
		for k := j + 1; k < min(len(s.words), j+30); k++ {
			w := s.word(k)
			if (s.word(k-1) == "and" || s.is(k-2, "and", "then")) && verbs[w] >= 9 && !strings.HasSuffix(w, "ed") && (we || singular(w)) {
				n, j = verbs[w]-1.5, k
				break
			}
			if introducing[w] && (s.word(k-1) == "by" || s.before(k, ',')) {
				n, j = 8, k
				break
			}
		}
	}
	if n == 0 {
		return 0, 0
	}
	if score += n; !we && significant[s.word(j)] {
		score -= 1.5
	}
	switch next := s.word(j + 1); {
	case next == "that", next == "how":
		score -= 0.5
	case (next == "this" || next == "these" || next == "such") && vague[s.word(j+2)]:
		score--
	}
	return score, j
}

// singular reports whether a word may be a verb behind "this paper".
func singular(w string) bool {
	return strings.HasSuffix(w, "s") && w != "is" && w != "was" && w != "has"
}

// passive reads "a new method is proposed" with its participle at word i.
// begin is where its subject begins.
func (s *sentence) passive(i int) (score float64, begin int) {
	w, next := s.word(i), s.word(i+1)
	if !strings.HasSuffix(w, "ed") && !participles[w] || verbs[w] < 6 {
		return 0, 0
	}
	b := i - 1
	for adverbs[s.word(b)] || strings.HasSuffix(s.word(b), "ly") {
		b--
	}
	be := s.word(b)
	switch {
	case b < 1 || be != "is" && be != "are" && be != "was" && be != "were":
		return 0, 0
	case next == "by", next == "as" && verbs[w] < 10, next == "on", next == "that" && !s.here:
		return 0, 0
	case next == "to" && (be == "is" || be == "are") && verbs[w] < 10 && !s.here: // designed to
		return 0, 0
	}
	if score = verbs[w] - 4; s.here {
		score++
	}
	for begin = i; begin > 0; begin-- { // the subject, from its article on
		if (s.is(begin, "a") || s.is(begin, "an")) && s.before(begin, ',') {
			return score + 1, begin
		}
	}
	if s.is(0, "a") || s.is(0, "an") {
		score++
	}
	return score, 0
}

// goal reads "the aim of this study is to" and "Objective: to".
func (s *sentence) goal() (score float64, end int) {
	if goals[s.word(0)] && s.before(1, ':') {
		return 9, 1
	}
	for i := range 6 {
		if goals[s.word(i)] && (s.is(i+1, "of", "this") || s.is(i+1, "of", "our") || s.is(i+1, "of", "the")) {
			if n := s.document(i + 3); n > 0 {
				return 9, i + 3 + n
			}
		}
	}
	if s.is(0, "our") || s.is(0, "the") {
		for i := 1; i < 4; i++ {
			if goals[s.word(i)] && (s.is(i+1, "is") || s.is(i+1, "was") || s.is(i+1, "are")) {
				return 6, i + 1
			}
		}
	}
	return 0, 0
}

// definition reads "SLA is a fine-tunable attention", of what the title names,
// and "our method does".
func (s *sentence) definition(name string) (score float64, end int) {
	if name != "" && len(s.text) > len(name) && strings.EqualFold(s.text[:len(name)], name) {
		n := len(tokens(name))
		if rest := s.text[len(name):]; strings.HasPrefix(rest, " (") {
			for n < len(s.words) && s.words[n].start < len(name)+strings.IndexByte(rest, ')') {
				n++
			}
		}
		switch w := s.word(n); {
		case w == "is" && (s.is(n+1, "a") || s.is(n+1, "an") || s.is(n+1, "the")):
			return 7, n + 1
		case verbs[w] >= 7 && singular(w) && !results[w]:
			return 6, n
		case singular(w) && !results[w]:
			return 4.5, n
		}
	}
	if s.is(0, "our") {
		for i := 1; i < 5; i++ {
			if made[s.word(i)] {
				return 5, i + 1
			}
		}
	}
	return 0, 0
}

// begins is what a sentence gains by its first words, or loses by those that
// go on with something, check it, or tell of results.
func (s *sentence) begins() float64 {
	switch first := s.word(0); {
	case s.is(0, "to", "this", "end"), first == "to" && needs[s.word(1)]:
		return 0.5
	case first == "to": // do a part of it
		return -1
	case s.is(0, "in", "addition"), s.is(0, "in", "particular"), s.is(0, "in", "our"), s.is(0, "as", "a", "result"), s.is(0, "along", "the"):
		return -3
	case first == "in" && (s.is(1, "experiments") || s.is(2, "experiments") || s.is(2, "evaluations")):
		return -4
	case s.is(0, "on", "the"), s.is(0, "for", "example"), s.is(0, "for", "instance"):
		return -2
	default:
		return -openings[first]
	}
}

// announces reports whether a sentence only says where the code is.
func (s *sentence) announces() bool {
	code, public := false, false
	for _, t := range s.words {
		code = code || artefacts[t.word]
		public = public || publicity[t.word]
	}
	return code && public
}
