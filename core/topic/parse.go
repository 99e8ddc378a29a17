package topic

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"paperboy/core/names"
	"paperboy/core/say"
	"paperboy/core/text"
)

// Parse reads one topic. An error is an *Error.
func Parse(s string) (Topic, error) {
	p := newParser(s)
	return p.topic(0, len(p.in))
}

// MaxSearch is how many characters of a search's plain words are read: an abstract
// is a fine question.
const MaxSearch = 4000

// ParseSearch reads a search. One of plain words, without an operator (quotes, |, a
// star, a minus, like:; other fields with their values may stand beside the words), is never
// refused: what is no word in it, as & and a dash between blanks, is passed over,
// and no limit of a topic holds for it. With operators it is read as Parse does, but
// that what is no word is passed over there too, and brackets without choices in
// them. What Parse reads it reads alike. An error is an *Error.
func ParseSearch(s string) (Topic, error) {
	p := newParser(s)
	p.search = true
	if t, words, err := p.plain(); err != nil || len(words) > 0 {
		return t, err
	}
	pass := func(from, to int) {
		for i := from; i < to; i++ {
			p.in[i] = ' '
		}
	}
	p.pieces(false, func(from, to int) {
		if piece := string(p.in[from:to]); strings.Trim(piece, "-") == "" && string(p.typed[from:to]) != "-" {
			pass(from, to) // a typographer's dash; a minus belongs to a word
		}
	})
	// Brackets mean something only around choices, and after a minus.
	typed := string(p.in)
	chosen := strings.Contains(typed, "|") || strings.Contains(typed, "-(")
	for i, quoted := 0, false; !chosen && i < len(p.in); i++ {
		switch p.in[i] {
		case '"':
			quoted = !quoted
		case '(', ')':
			if !quoted {
				pass(i, i+1)
			}
		}
	}
	p.pieces(false, func(from, to int) {
		if piece := string(p.in[from:to]); !strings.ContainsAny(piece, `|*"()`) && piece[0] != '-' && len(text.Words(piece)) == 0 {
			pass(from, to)
		}
	})
	return p.topic(0, len(p.in))
}

// Plain are the words of a search of plain words, in order; none of any other, and
// of one of fields alone. They may be understood by what they mean: ParseSearch's
// topic has the papers with all of them.
func Plain(s string) []string {
	_, words, _ := newParser(s).plain()
	return words
}

// plain reads a search of plain words; words is empty where it is none.
func (p *parser) plain() (t Topic, words []string, err error) {
	prose := len(p.in) > MaxChars // somebody's sentences, of which quotes and stars are a part
	type part struct {
		from, to int
		field    bool
	}
	var parts []part
	operator := false
	p.pieces(prose, func(from, to int) {
		piece := string(p.in[from:to])
		name, named := p.fieldName(from, to)
		switch {
		case named && p.isField(name, from, to):
			value := string(p.in[from+len([]rune(name))+1 : to])
			whole := !strings.Contains(value, `"`) || strings.Count(value, `"`) == 2 && value[0] == '"' && strings.HasSuffix(value, `"`)
			operator = operator || value == "" || !whole || !slices.Contains(fields, Field(strings.ToLower(name))) || strings.EqualFold(name, string(Like)) || strings.ContainsAny(value, "|()")
			parts = append(parts, part{from, to, true})
			return
		case strings.Trim(piece, "-") == "":
			last := strings.TrimRight(string(p.in[to:]), " ") == ""
			operator = operator || last && !prose && string(p.typed[from:to]) == "-" // its word is still missing
			return
		case prose:
			operator = operator || piece == "|"
		case piece[0] == '-', strings.ContainsAny(piece, `|"`):
			operator = true
		case strings.Contains(piece, "*"):
			var term Term // A* is a name
			operator = operator || term.words(piece, false) != nil || term.Prefix
		}
		if colon := from + len([]rune(name)); named { // of a field that is none
			parts = append(parts, part{from, colon, false})
			from = colon + 1
		}
		parts = append(parts, part{from, to, false})
	})
	if operator {
		return Topic{}, nil, nil
	}
	var clause Clause
	seen := map[string]bool{}
	for _, part := range parts {
		var term Term
		switch {
		case part.field:
			var e *Error
			if term, e = p.term(lexeme{from: part.from, to: part.to}, 0, len(p.in), ""); e != nil {
				return Topic{}, nil, e
			}
		case part.to > MaxSearch:
			continue
		default:
			if term.words(string(p.in[part.from:part.to]), prose) != nil {
				continue // no word
			}
			words = append(words, term.Words...)
			term.Text = term.print()
		}
		if !seen[term.Text] {
			seen[term.Text] = true
			clause = append(clause, term)
		}
	}
	return Topic{Clauses: []Clause{clause}}, words, nil
}

// pieces gives each stretch of the input without blanks; what is quoted is one
// piece with what stands before it, but in prose.
func (p *parser) pieces(prose bool, yield func(from, to int)) {
	for from := 0; from < len(p.in); from++ {
		to, quoted := from, false
		for to < len(p.in) && (quoted || p.in[to] != ' ') {
			quoted = !prose && quoted != (p.in[to] == '"')
			to++
		}
		if to > from {
			yield(from, to)
			from = to
		}
	}
}

// isField reports whether the name before a colon in a search is a field's or a
// search's option's, or may be meant so. "Title: …" at a line's begin is prose.
func (p *parser) isField(name string, from, to int) bool {
	field := Field(strings.ToLower(name))
	known := slices.Contains(fields, field) || slices.Contains(modifiers, string(field))
	if to == from+len([]rune(name))+1 { // a blank follows
		return known && string(field) == name
	}
	return known || nearest(field) != ""
}

// ParseList reads topics separated by commas (outside quotes), as subscribe
// takes them. The same topic twice is one. An error is an *Error.
func ParseList(s string) ([]Topic, error) {
	p := newParser(s)
	var out []Topic
	seen := map[string]bool{}
	for from := 0; from <= len(p.in); {
		to := p.comma(from)
		if strings.TrimSpace(string(p.in[from:to])) != "" {
			t, err := p.topic(from, to)
			if err != nil {
				return nil, err
			}
			if !seen[t.String()] {
				seen[t.String()] = true
				out = append(out, t)
			}
		}
		from = to + 1
	}
	if len(out) == 0 {
		return nil, p.fail(0, 0, len(p.in), say.Say("There is no word to look for. Write topics with commas between: `diffusion, lora`."))
	}
	return out, nil
}

// parser has the characters as typed and as read, place by place the same.
type parser struct {
	typed  []rune
	in     []rune
	search bool // it is one, and not a topic to follow
}

func newParser(s string) *parser {
	p := &parser{typed: []rune(s)}
	p.in = make([]rune, len(p.typed))
	for i, r := range p.typed {
		p.in[i] = straight(r)
	}
	return p
}

// straight is the plain character for what keyboards, phones and editors make
// of it.
func straight(r rune) rune {
	switch r {
	case '“', '”', '„', '‟', '«', '»', '＂', '″':
		return '"'
	case '–', '—', '−', '‐', '‑', '‒', '―', '－':
		return '-'
	case '｜':
		return '|'
	case '：':
		return ':'
	case '，', '、':
		return ','
	case '（':
		return '('
	case '）':
		return ')'
	}
	if unicode.IsSpace(r) || r == '\u200b' {
		return ' '
	}
	return r
}

// comma is the place of the next comma outside quotes, or the end.
func (p *parser) comma(from int) int {
	quoted := false
	for i := from; i < len(p.in); i++ {
		switch {
		case p.in[i] == '"':
			quoted = !quoted
		case p.in[i] == ',' && !quoted:
			return i
		}
	}
	return len(p.in)
}

// fail is an E-PARSE at a place: what was typed between from and to, and the hint.
func (p *parser) fail(at, from, to int, hint say.Text) *Error {
	const shown = 60 // a sentence is read, not scrolled
	typed := strings.Join(strings.Fields(string(p.typed[from:to])), " ")
	if r := []rune(typed); len(r) > shown {
		typed = string(r[:shown]) + "…"
	}
	e := &Error{Code: "E-PARSE", Col: at + 1, Text: hint}
	if typed != "" {
		e.Text = say.Join(" ", say.Say("I could not read `%s`.", typed), hint)
	}
	return e
}

// lexeme is a stretch of the input: a term as typed, or one of | ( ).
type lexeme struct {
	from, to int
	bar      bool
	paren    bool
}

// lex cuts a topic into lexemes. Quotes keep blanks together.
func (p *parser) lex(from, to int) ([]lexeme, *Error) {
	var out []lexeme
	for i := from; i < to; {
		switch r := p.in[i]; r {
		case ' ':
			i++
			continue
		case '|', '(', ')':
			out = append(out, lexeme{i, i + 1, r == '|', r != '|'})
			i++
			continue
		}
		start := i
	term:
		for i < to {
			switch p.in[i] {
			case ' ', '|', '(', ')':
				break term
			case '"':
				value := start
				for value < i && p.in[value] == '-' {
					value++
				}
				if name, ok := p.fieldName(value, i); ok {
					value += len([]rune(name)) + 1
				}
				if value < i {
					break term // a quote in the middle of a word begins the next term
				}
				like := strings.EqualFold(strings.TrimLeft(string(p.in[start:i]), "-"), "like:")
				end := slices.Index(p.in[i+1:to], '"')
				if end < 0 {
					open := strings.TrimSpace(string(p.in[start:to]))
					return nil, p.fail(i, from, to, say.Say("A quote is missing at the end: `%s\"`.", open))
				}
				i += end + 2
				if i < to && p.in[i] == '*' {
					return nil, p.fail(i, from, to, say.Say("A `*` widens one word, not a phrase: `diffus*`."))
				}
				for like && i < to && !strings.ContainsRune(` |()"`, p.in[i]) {
					i++ // how alike: @60
				}
				break term
			}
			i++
		}
		out = append(out, lexeme{from: start, to: i})
	}
	return out, nil
}

// topic reads what stands between two places.
func (p *parser) topic(from, to int) (Topic, error) {
	for from < to && p.in[from] == ' ' {
		from++
	}
	for to > from && p.in[to-1] == ' ' {
		to--
	}
	if from == to {
		return Topic{}, p.fail(from, from, to, say.Say("There is no word to look for. Write one, such as `diffusion`."))
	}
	if n := to - from; n > MaxChars {
		return Topic{}, p.tooLong(from+MaxChars, n, "characters", MaxChars)
	}
	lexemes, err := p.lex(from, to)
	if err != nil {
		return Topic{}, err
	}
	for _, l := range lexemes {
		if l.paren {
			return Topic{}, p.brackets(lexemes, l.from)
		}
	}
	var (
		t      Topic
		clause Clause
		n      int
		begin  = from // where the clause begins
	)
	// A clause ends at a bar and at the end of the topic.
	end := func(at int) *Error {
		switch {
		case len(clause) == 0 && at < to:
			return p.fail(at, from, to, say.Say("A `|` stands between two choices: `diffusion | lora`."))
		case len(clause) == 0:
			return p.fail(to-1, from, to, say.Say("A `|` needs a word after it too: `diffusion | lora`."))
		case !slices.ContainsFunc(clause, func(t Term) bool { return !t.Not }):
			return &Error{Code: "E-ONLYNEG", Col: begin + 1, Text: say.Say(
				"A topic needs at least one positive word. `%s` alone would match almost everything.", clause)}
		}
		if !slices.ContainsFunc(t.Clauses, func(c Clause) bool { return c.String() == clause.String() }) {
			t.Clauses = append(t.Clauses, clause)
		}
		clause, begin = nil, at+1
		for begin < to && p.in[begin] == ' ' {
			begin++
		}
		return nil
	}
	count, likes := 0, 0
	for _, l := range lexemes {
		if !l.bar {
			count++
		}
	}
	for i, l := range lexemes {
		if l.bar {
			if err := end(l.from); err != nil {
				return Topic{}, err
			}
			continue
		}
		if n++; n > MaxTerms {
			return Topic{}, p.tooLong(l.from, count, "words", MaxTerms)
		}
		next := ""
		if i+1 < len(lexemes) && !lexemes[i+1].bar {
			next = string(p.in[lexemes[i+1].from:lexemes[i+1].to])
		}
		term, err := p.term(l, from, to, next)
		if err != nil {
			return Topic{}, err
		}
		if term.Field == Like {
			if likes++; likes > MaxLikes {
				return Topic{}, p.tooLong(l.from, likes, "`like:`", MaxLikes)
			}
		}
		if !slices.ContainsFunc(clause, func(t Term) bool { return t.Not == term.Not && t.Text == term.Text }) {
			clause = append(clause, term)
		}
	}
	if err := end(to); err != nil {
		return Topic{}, err
	}
	// What is printed must be readable again, and it can be longer: by the
	// quotes of text-to-image, or by a letter that stands for many.
	if n := len([]rune(t.String())); n > MaxChars {
		return Topic{}, p.tooLong(to-1, n, "characters", MaxChars)
	}
	return t, nil
}

func (p *parser) tooLong(at, n int, what string, limit int) *Error {
	kind, way := "topic", "Split it with commas into two topics."
	switch {
	case p.search:
		kind, way = "search", "Leave some out."
	case !strings.ContainsFunc(strings.TrimSpace(string(p.typed)), unicode.IsSpace):
		way = "Shorten it."
	}
	return &Error{Code: "E-LONG", Col: at + 1, Text: say.Say("That %s has %d %s; the limit is %d. %s", kind, n, what, limit, way)}
}

// term reads one term of the topic that stands between from and to. next is
// the term typed after it, for hints.
func (p *parser) term(l lexeme, from, to int, next string) (Term, *Error) {
	fail := func(at int, hint say.Text) (Term, *Error) { return Term{}, p.fail(at, from, to, hint) }
	var t Term
	at := l.from
	for at < l.to && p.in[at] == '-' {
		t.Not = true
		at++
	}
	if at == l.to {
		example := "video"
		if next != "" && next[0] != '-' {
			example = next
		}
		return fail(l.from, say.Say("A minus needs a word right after it: `-%s`.", example))
	}
	value := at
	if name, ok := p.fieldName(at, l.to); ok {
		colon := at + len([]rune(name))
		field := Field(strings.ToLower(name))
		switch {
		case slices.Contains(fields, field):
			t.Field, value = field, colon+1
			if value == l.to {
				example := examples[field]
				if next != "" && next[0] != '-' {
					example = next
				}
				return fail(colon, say.Say("Its value stands right after the colon: `%s:%s`.", string(field), example))
			}
		case slices.Contains(modifiers, string(field)):
			return fail(at, say.Say("`%s:` belongs to a search, not to a topic. Leave it out here.", string(field)))
		case nearest(field) != "":
			return fail(at, say.Say("There is no field `%s:`. Did you mean `%s:%s`?",
				name, string(nearest(field)), string(p.in[colon+1:l.to])))
		case paperID(string(p.in[at:l.to])) != "":
			return fail(at, say.Say("That is a paper. To look for others like it write `like:%s`.", paperID(string(p.in[at:l.to]))))
		case colon+1 < l.to:
			return fail(at, say.Say("There is no field `%s:`. The fields are `title:`, `abstract:`, `author:`, `cat:`, `source:`, `has:`, `min:` and `like:`; put anything else in quotes.", name))
		} // else a word with a colon after it, as titles have them
	}
	raw := string(p.in[value:l.to])
	if t.Field == Like {
		if hint := t.like(raw); hint != nil {
			return fail(value, hint)
		}
		t.Text = t.print()
		return t, nil
	}
	quoted := raw[0] == '"'
	if quoted {
		raw = strings.Trim(raw, `"`)
		if strings.TrimSpace(raw) == "" {
			return fail(value, say.Say("There is nothing between the quotes. Write a phrase: `%s`.", `"stable diffusion"`))
		}
	} else if t.Field != Any && raw[0] == '-' {
		return fail(value, say.Say("The minus goes in front of the field: `-%s:%s`.", string(t.Field), strings.TrimLeft(raw, "-")))
	}

	switch t.Field {
	case Cat:
		v, hint := category(raw)
		if hint != nil {
			return fail(value, hint)
		}
		t.Value = v
	case Source:
		t.Value = SourceName(raw)
		if strings.IndexFunc(t.Value, isWordRune) < 0 {
			return fail(value, say.Say("A source is `source:hf`, `source:arxiv` or a feed's name."))
		}
	case Has:
		t.Value = strings.ToLower(strings.TrimSpace(raw))
		if t.Value != "code" {
			return fail(value, say.Say("Only `has:code` can be asked for."))
		}
	case Min:
		n, err := strconv.ParseUint(strings.TrimSpace(raw), 10, 31)
		if err != nil {
			return fail(value, say.Say("`min:` takes a whole number of upvotes: `min:20`."))
		}
		if t.Not {
			return fail(l.from, say.Say("`min:` cannot be excluded. Write `min:%d` for at least so many upvotes.", n))
		}
		t.N = int(n)
	default:
		if hint := t.words(raw, quoted); hint != nil {
			return fail(value, hint)
		}
	}
	t.Text = t.print()
	return t, nil
}

// words reads the word, prefix or phrase of a text field. It gives a hint
// where there is none.
func (t *Term) words(raw string, quoted bool) (hint say.Text) {
	split, prefix := text.Words, text.Prefix
	if t.Field == Author {
		split, prefix = names.Words, names.Prefix
	}
	t.Words = split(raw)
	if star := strings.IndexByte(raw, '*'); star >= 0 && !quoted && !t.named(raw) {
		word := raw[:star]
		switch all := t.Words; {
		case len(all) == 0:
			return say.Say("A `*` needs the beginning of a word in front of it: `diffus*`.")
		case star < len(raw)-1:
			return say.Say("A `*` stands only at the end of a word: `%s*`.", all[0])
		case t.Field != Author && (text.Whole(word) || text.Whole(prefix(word))):
			t.Words = split(word)
		case prefix(word) == "":
			return say.Say("A `*` widens one word, not several: `%s*`.", all[len(all)-1])
		default:
			t.Words, t.Prefix = []string{prefix(word)}, true
		}
		return nil
	}
	if len(t.Words) == 0 {
		return say.Say("`%s` has no letter and no digit. Write words: `diffusion`.", raw)
	}
	return nil
}

// named reports whether every * of what was typed is part of a name, as that
// of A* and A*-search is.
func (t *Term) named(raw string) bool {
	stars := 0
	for _, w := range t.Words {
		stars += strings.Count(w, "*")
	}
	return t.Field != Author && stars == strings.Count(raw, "*")
}

var (
	fields    = []Field{Title, Abstract, Author, Cat, Source, Has, Min, Like}
	modifiers = []string{"since", "limit", "sort", "share"}
	examples  = map[Field]string{
		Title: "diffusion", Abstract: "diffusion", Author: `"Jane Doe"`, Cat: "cs.CV", Source: "hf", Has: "code", Min: "20", Like: `"video of people"`,
	}
)

// fieldName is the run of letters before a colon that directly follows it.
func (p *parser) fieldName(from, to int) (string, bool) {
	for i := from; i < to; i++ {
		if p.in[i] == ':' && i > from {
			return string(p.in[from:i]), true
		}
		if !unicode.IsLetter(p.in[i]) {
			break
		}
	}
	return "", false
}

// nearest is the field that a person who typed f may have meant, or "".
func nearest(f Field) Field {
	switch f {
	case "category", "categories", "cats":
		return Cat
	case "by", "au":
		return Author
	case "in", "ti":
		return Title
	case "abs":
		return Abstract
	case "from":
		return Source
	case "alike", "similar", "near":
		return Like
	}
	for _, known := range fields {
		if known == Like {
			continue // titles have a word before a colon that is near to it: life, line, time
		}
		if len(known) > 3 && text.Distance(string(f), string(known)) <= 2 || text.Distance(string(f), string(known)) <= 1 {
			return known
		}
	}
	return ""
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// brackets is an E-PAREN with the form that works, where what was typed tells it.
func (p *parser) brackets(lexemes []lexeme, at int) *Error {
	e := &Error{Code: "E-PAREN", Col: at + 1, Text: say.Say(
		"Brackets are not supported. Write every choice out, with a `|` between: `bert lora | gpt lora`.")}
	x := expander{p: p, lexemes: lexemes}
	clauses, ok := x.or()
	if !ok || len(x.lexemes) > 0 {
		return e
	}
	var b []string
	for _, c := range clauses {
		b = append(b, strings.Join(c, " "))
	}
	form := strings.Join(b, " | ")
	if _, err := Parse(form); err == nil {
		e.Text = say.Say("Brackets are not supported. Write `%s`.", form)
	}
	return e
}

// expander multiplies brackets out: a (b | c) is a b | a c.
type expander struct {
	p       *parser
	lexemes []lexeme
}

func (x *expander) or() (clauses [][]string, ok bool) {
	for {
		c, ok := x.and()
		if !ok {
			return nil, false
		}
		clauses = append(clauses, c...)
		if len(x.lexemes) == 0 || !x.lexemes[0].bar {
			return clauses, true
		}
		x.lexemes = x.lexemes[1:]
	}
}

func (x *expander) and() (clauses [][]string, ok bool) {
	clauses = [][]string{nil}
	for len(x.lexemes) > 0 && !x.lexemes[0].bar {
		l := x.lexemes[0]
		typed := string(x.p.in[l.from:l.to])
		if typed == ")" {
			break
		}
		x.lexemes = x.lexemes[1:]
		factor := [][]string{{typed}}
		not := typed == "-" && len(x.lexemes) > 0 && x.lexemes[0].from == l.to && x.lexemes[0].paren
		if not {
			typed = "("
			x.lexemes = x.lexemes[1:]
		}
		if typed == "(" {
			factor, ok = x.or()
			if !ok || len(x.lexemes) == 0 {
				return nil, false
			}
			x.lexemes = x.lexemes[1:] // the ) that ended it
		}
		if not {
			// Neither b nor c is without b, without c; not both has no such form.
			var none []string
			for _, c := range factor {
				if len(c) != 1 || strings.HasPrefix(c[0], "-") {
					return nil, false
				}
				none = append(none, "-"+c[0])
			}
			factor = [][]string{none}
		}
		var product [][]string
		for _, a := range clauses {
			for _, b := range factor {
				product = append(product, slices.Concat(a, b))
			}
		}
		if clauses = product; len(clauses) > MaxTerms {
			return nil, false
		}
	}
	return clauses, true
}
