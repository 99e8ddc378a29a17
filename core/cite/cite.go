// Package cite writes papers as files of the trade: BibTeX, RIS, CSL-JSON, CSV,
// JSON and Markdown.
//
// In: papers. Out: a file named after the day.
//
// Promises: authors stand in the published order, and their names are read back
// part by part as core/names has them; no two BibTeX or CSL entries share a key, braces are balanced and special characters escaped whatever the title;
// no cell of a table is a formula; what is unknown is left out. Equal papers
// give equal bytes.
package cite

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"paperboy/core"
	"paperboy/core/names"
	"paperboy/core/text"
)

// Export writes papers as a file named after the day, "papers-2026-11-23.bib".
// Formats: bibtex, ris, csl, markdown, csv, json. Papers keep their order; one that
// comes twice is written once. The error is a *UserError.
func Export(format string, ps []core.Paper, now core.Date) (core.File, error) {
	var ext, mime string
	var write func([]core.Paper) []byte
	switch strings.ToLower(strings.TrimSpace(format)) {
	case "bibtex", "bib":
		ext, mime, write = "bib", "application/x-bibtex; charset=utf-8", bibTeX
	case "ris":
		ext, mime, write = "ris", "application/x-research-info-systems; charset=utf-8", ris
	case "markdown", "md":
		ext, mime, write = "md", "text/markdown; charset=utf-8", markdown
	case "csv":
		ext, mime, write = "csv", "text/csv; charset=utf-8", csvTable
	case "json":
		ext, mime, write = "json", "application/json", jsonList
	case "csl":
		ext, mime, write = "csl.json", "application/vnd.citationstyles.csl+json", csl
	default:
		return core.File{}, core.Userf("E-PARSE", "I cannot write `%s`. Choose `bibtex`, `ris`, `csl`, `markdown`, `csv` or `json`.", format)
	}
	return core.File{Name: "papers-" + string(now) + "." + ext, Type: mime, Data: write(ps)}, nil
}

// distinct are the papers without repeats.
func distinct(ps []core.Paper) []*core.Paper {
	seen := map[core.PaperID]bool{}
	var out []*core.Paper
	for i := range ps {
		if p := &ps[i]; !seen[p.ID] {
			seen[p.ID] = true
			out = append(out, p)
		}
	}
	return out
}

// bibTeX is the entries of papers.
func bibTeX(ps []core.Paper) []byte {
	var entries []string
	for p, key := range keyed(ps) {
		entries = append(entries, bibEntry(p, key))
	}
	return []byte(strings.Join(entries, "\n"))
}

// keyed are the papers without repeats; no two have the same key, whose case
// BibTeX ignores.
func keyed(ps []core.Paper) iter.Seq2[*core.Paper, string] {
	return func(yield func(*core.Paper, string) bool) {
		used := map[string]bool{}
		for _, p := range distinct(ps) {
			base := bibKey(p)
			key := base
			for n := 0; used[key]; n++ {
				key = base + letters(n)
			}
			used[key] = true
			if !yield(p, key) {
				return
			}
		}
	}
}

// letters counts a, b … z, aa, ab …
func letters(n int) string {
	s := ""
	for n++; n > 0; n = (n - 1) / 26 {
		s = string(rune('a'+(n-1)%26)) + s
	}
	return s
}

func bibEntry(p *core.Paper, key string) string {
	kind := "misc"
	if p.Journal != "" {
		kind = "article"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "@%s{%s,\n", kind, key)
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-13s = %s,\n", name, value)
		}
	}
	braced := func(s string) string {
		if s == "" {
			return ""
		}
		return "{" + s + "}"
	}
	field("title", braced(braced(tex(p.Title)))) // twice: no style changes its capitals
	var by []string
	people, others := authors(p)
	for _, n := range people {
		by = append(by, bibName(n))
	}
	if others {
		by = append(by, "others")
	}
	field("author", braced(strings.Join(by, " and ")))
	field("journal", braced(tex(p.Journal)))
	year, month := published(p)
	field("year", braced(year))
	if month > 0 {
		field("month", []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}[month-1])
	}
	if p.Link == "" {
		field("eprint", braced(string(p.ID)))
		field("archivePrefix", "{arXiv}")
		field("primaryClass", braced(verbatim(p.Primary())))
	}
	field("doi", braced(verbatim(p.DOI)))
	field("url", braced(verbatim(p.URL())))
	b.WriteString("}\n")
	return b.String()
}

// verbatim is a value that BibTeX styles set as it stands, an address or a DOI:
// what could break the entry is percent-encoded.
func verbatim(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c <= ' ' || c == 0x7f || strings.IndexByte(`{}\"^`+"`", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return strings.ToValidUTF8(b.String(), "")
}

// published is the year and month of the first version; when nobody said, an
// arXiv id tells them. 0 when unknown.
func published(p *core.Paper) (year string, month int) {
	if d := string(p.Published); len(d) == len("2006-01-02") {
		month, _ = strconv.Atoi(d[5:7])
		return d[:4], month
	}
	if year, month, ok := p.ID.Month(); ok {
		return strconv.Itoa(year), month
	}
	return "", 0
}

// authors are a paper's, in the published order, without what no name is:
// arXiv's ":" after a collaboration. others says that there are more, whom the
// source calls et al.
func authors(p *core.Paper) (out []names.Name, others bool) {
	for _, a := range p.Authors {
		n := names.Parse(a)
		if w := strings.ToLower(strings.Trim(a, " .,")); w == "et al" || w == "others" {
			others = true
		} else if n != (names.Name{}) {
			out = append(out, n)
		}
	}
	return out, others
}

// bibName is a name of an author field: as published where BibTeX takes its last
// word, and no other, for the family; else "von Last, Jr, First", which it reads
// in one way only. The name of a team stays whole.
func bibName(n names.Name) string {
	switch plain := n.Given + " " + n.Family; {
	case n.Literal != "":
		return whole(n.Literal, strings.ContainsAny(n.Literal, " ,"))
	case n.Given != "" && n.Particle+n.Suffix == "" && !strings.Contains(n.Family, " ") && !small.MatchString(plain):
		return whole(n.Given, false) + " " + whole(n.Family, false)
	}
	// BibTeX would take all up to the last small word for the particle, and some
	// readers all up to a small word behind a hyphen.
	name := whole(n.Family, strings.ContainsAny(n.Family, " -") && small.MatchString(n.Family))
	if n.Particle != "" {
		name = whole(n.Particle, false) + " " + name
	}
	if n.Suffix != "" {
		name += ", " + whole(n.Suffix, false)
	}
	if n.Given != "" {
		name += ", " + whole(n.Given, false)
	}
	return name
}

// whole is a part of a name for BibTeX, in braces where that must not be read as
// several.
func whole(s string, braced bool) string {
	if braced || strings.Contains(" "+strings.ToLower(s)+" ", " and ") {
		return "{" + tex(s) + "}"
	}
	return tex(s)
}

// small is a word that begins with a small letter, or does behind a hyphen.
var small = regexp.MustCompile(`(?:^|[\s-])\p{Ll}`)

// risName is a name as RIS has it: "Last, First, Suffix".
func risName(n names.Name) string {
	if n.Literal != "" {
		return strings.ReplaceAll(n.Literal, ",", "") // which would part it
	}
	name := strings.TrimSpace(n.Particle + " " + n.Family)
	if n.Given != "" || n.Suffix != "" {
		name += ", " + n.Given
	}
	if n.Suffix != "" {
		name += ", " + n.Suffix
	}
	return name
}

// dull are words that say nothing in a key.
var dull = map[string]bool{"a": true, "an": true, "the": true, "on": true, "of": true, "in": true, "is": true, "for": true, "to": true,
	"and": true, "with": true, "from": true, "how": true, "what": true, "why": true, "can": true, "are": true, "do": true, "towards": true, "toward": true}

// bibKey is first author, year and first telling word of the title, as in
// hu2021lora; ASCII letters and digits only.
func bibKey(p *core.Paper) string {
	ascii := func(words []string) string {
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, strings.Join(words, ""))
	}
	author := ""
	people, _ := authors(p)
	for _, n := range people {
		if author = ascii(text.Names(n.Particle + n.Family + n.Literal)); author != "" {
			break
		}
	}
	word := ""
	for _, w := range text.Names(p.Title) {
		if word = ascii([]string{w}); word != "" && !dull[w] {
			break
		}
	}
	year, _ := published(p)
	return cmp.Or(author, "anon") + year + word
}

var (
	// TeX that authors leave in titles and names and that stays: escaped specials, accents.
	accented = regexp.MustCompile(`^(?:\\[&%$#_]|(\{)?\\(?:['"` + "`" + `^~=.](?:[A-Za-z]|\{\\?[A-Za-z]\}|\\[ij]\b)|[cvuHkrdb]\{\\?[A-Za-z]\}|(?:o|O|l|L|ss|aa|AA|ae|AE|oe|OE|i|j)(?:\{\}|\b))(\})?)`)
	styled   = regexp.MustCompile(`^\\(?:emph|underline|text(?:it|bf|sc|tt|rm|sf|superscript|subscript))\{`)
	specials = map[byte]string{
		'&': `\&`, '%': `\%`, '$': `\$`, '#': `\#`, '_': `\_`,
		'~': `\textasciitilde{}`, '^': `\textasciicircum{}`, '\\': `\textbackslash{}`,
	}
)

// tex writes prose for LaTeX. Math between two $ (or \( \)), accents and the
// commands for styles that are there already stay; a $ that opens no math is
// money. Literal braces that have no partner are spelt out, because BibTeX
// counts escaped ones too.
func tex(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	pair := partners(s)
	var b strings.Builder
	for i := 0; i < len(s); {
		rest := s[i:]
		if m, n := math(rest); n > 0 {
			b.WriteString("$" + m + "$")
			i += n
			continue
		}
		if m := accented.FindStringSubmatch(rest); m != nil && m[1]+m[2] != "{" && m[1]+m[2] != "}" {
			b.WriteString(m[0])
			i += len(m[0])
			continue
		}
		if cmd := styled.FindString(rest); cmd != "" {
			if end, ok := pair[i+len(cmd)-1]; ok {
				b.WriteString(cmd + tex(s[i+len(cmd):end]) + "}")
				i = end + 1
				continue
			}
		}
		c := s[i]
		if c == '\\' && i+1 < len(s) && (s[i+1] == '{' || s[i+1] == '}') { // an escaped brace is a brace
			i++
			c = s[i]
		}
		_, balanced := pair[i]
		switch {
		case c == '{' && balanced:
			b.WriteString(`\{`)
		case c == '}' && balanced:
			b.WriteString(`\}`)
		case c == '{':
			b.WriteString(`\textbraceleft{}`)
		case c == '}':
			b.WriteString(`\textbraceright{}`)
		case specials[c] != "":
			b.WriteString(specials[c])
		default:
			b.WriteByte(c)
		}
		i++
	}
	return b.String()
}

// partners maps the place of each brace to its partner's, without those that
// stand alone. What tex takes whole is skipped here as there, so that no part
// of it is anybody's partner.
func partners(s string) map[int]int {
	pair := map[int]int{}
	var open []int
	for i := 0; i < len(s); i++ {
		if _, n := math(s[i:]); n > 0 {
			i += n - 1
			continue
		}
		if m := accented.FindStringSubmatch(s[i:]); m != nil && m[1]+m[2] != "{" && m[1]+m[2] != "}" {
			i += len(m[0]) - 1
			continue
		}
		switch {
		case s[i] == '{':
			open = append(open, i)
		case s[i] == '}' && len(open) > 0:
			last := open[len(open)-1]
			open = open[:len(open)-1]
			pair[last], pair[i] = i, last
		}
	}
	return pair
}

var texMath = regexp.MustCompile(`^(?:\$([^$\s](?:[^$]*[^$\s\\])?)\$|\\\((.+?)\\\))`)

// math is the inside of the math that s begins with, made safe, and how long
// it was; 0 when there is none. As in Pandoc, $ is followed and preceded by no
// blank, and no digit follows the second: $5 and $10 are money.
func math(s string) (inside string, n int) {
	if s == "" || s[0] != '$' && s[0] != '\\' {
		return "", 0
	}
	m := texMath.FindStringSubmatch(s)
	if m == nil {
		return "", 0
	}
	inside, n = m[1]+m[2], len(m[0])
	if s[0] == '$' && n < len(s) && s[n] >= '0' && s[n] <= '9' {
		return "", 0
	}
	var b strings.Builder
	depth, escaped := 0, false
	for _, r := range inside {
		switch {
		case escaped:
			escaped = false
			if r == '{' || r == '}' || r == '$' { // BibTeX would count \{; better no math than a broken file
				return "", 0
			}
		case r == '\\':
			escaped = true
		case r == '{':
			depth++
		case r == '}':
			if depth--; depth < 0 {
				return "", 0
			}
		case r == '&' || r == '%' || r == '#':
			b.WriteByte('\\')
		case r == '$':
			return "", 0
		}
		b.WriteRune(r)
	}
	if depth != 0 || escaped {
		return "", 0
	}
	return b.String(), n
}

// ris is the papers for reference managers (Research Information Systems'
// format: tag, two blanks, hyphen, blank, value; CRLF).
func ris(ps []core.Paper) []byte {
	var b bytes.Buffer
	for _, p := range distinct(ps) {
		tag := func(name, value string) {
			if value = strings.Join(strings.Fields(value), " "); value != "" {
				fmt.Fprintf(&b, "%s  - %s\r\n", name, value)
			}
		}
		if p.Journal != "" {
			tag("TY", "JOUR")
		} else {
			tag("TY", "UNPB")
		}
		tag("TI", p.Title)
		people, _ := authors(p)
		for _, n := range people {
			tag("AU", risName(n))
		}
		year, _ := published(p)
		tag("PY", year)
		tag("DA", strings.ReplaceAll(string(p.Published), "-", "/"))
		tag("JO", p.Journal)
		tag("AB", p.Abstract)
		for _, k := range p.Keywords {
			tag("KW", k)
		}
		tag("DO", p.DOI)
		if p.Link == "" {
			tag("AN", "arXiv:"+string(p.ID))
		}
		tag("UR", p.URL())
		tag("L1", p.PDF())
		b.WriteString("ER  - \r\n\r\n")
	}
	return b.Bytes()
}

var markdownMarks = regexp.MustCompile("[\\\\`*_{}\\[\\]<>#|~$@&!]")

// MarkdownText is text in which nothing is Markdown.
func MarkdownText(s string) string {
	return markdownMarks.ReplaceAllString(strings.Join(strings.Fields(s), " "), `\$0`)
}

// MarkdownLink is text that leads to an address of the web, or only the text.
func MarkdownLink(text, url string) string {
	if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		return MarkdownText(text)
	}
	return fmt.Sprintf("[%s](%s)", MarkdownText(text), markdownAddress.Replace(url))
}

var markdownAddress = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\n", "", "\r", "")

// markdown is the papers as a list of links.
func markdown(ps []core.Paper) []byte {
	plain, address := MarkdownText, markdownAddress
	var b bytes.Buffer
	for _, p := range distinct(ps) {
		fmt.Fprintf(&b, "- [%s](%s)", plain(p.Title), address.Replace(p.URL()))
		var by []string
		people, _ := authors(p)
		for _, n := range people {
			by = append(by, n.String())
		}
		if len(by) > 0 {
			b.WriteString("  \n  " + plain(strings.Join(by, ", ")))
		}
		facts := []string{string(p.Published), plain(p.Primary())}
		if p.Code != "" {
			facts = append(facts, "[code]("+address.Replace(p.Code)+")")
		}
		if p.DOI != "" {
			facts = append(facts, "doi:"+plain(p.DOI))
		}
		line := ""
		for _, f := range facts {
			if f != "" && line != "" {
				line += " · "
			}
			line += f
		}
		if line != "" {
			b.WriteString("  \n  " + line)
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}

// csvTable is the papers as a table with a heading, for spreadsheets: it begins
// with the mark without which they take UTF-8 for something else, a cell that they
// would run as a formula gets an apostrophe in front, and an id is written so that
// it is no number, of which they would cut the last 0.
func csvTable(ps []core.Paper) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Write([]string{"id", "title", "authors", "published", "categories", "upvotes", "url", "pdf", "code", "doi"})
	for _, p := range distinct(ps) {
		upvotes := ""
		if p.Upvotes != nil {
			upvotes = strconv.Itoa(*p.Upvotes)
		}
		id := string(p.ID)
		if _, _, ok := core.ParsePaperID(id); ok {
			id = "arXiv:" + id
		}
		row := []string{id, p.Title, strings.Join(p.Authors, "; "), string(p.Published),
			strings.Join(p.Categories, " "), upvotes, p.URL(), p.PDF(), p.Code, p.DOI}
		for i, cell := range row {
			if cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 {
				row[i] = "'" + cell
			}
		}
		w.Write(row)
	}
	w.Flush() // into memory, which does not fail
	return b.Bytes()
}

// jsonList is the papers as a list with the names of `bot search --json`; what is
// unknown is left out.
func jsonList(ps []core.Paper) []byte {
	type paper struct {
		ID           core.PaperID `json:"id"`
		Version      int          `json:"version,omitempty"`
		Title        string       `json:"title"`
		Abstract     string       `json:"abstract,omitempty"`
		Authors      []string     `json:"authors,omitempty"`
		Published    core.Date    `json:"published,omitempty"`
		Categories   []string     `json:"categories,omitempty"`
		Upvotes      *int         `json:"upvotes,omitempty"`
		URL          string       `json:"url"`
		PDF          string       `json:"pdf,omitempty"`
		Code         string       `json:"code,omitempty"`
		Project      string       `json:"project,omitempty"`
		Organization string       `json:"organization,omitempty"`
		Comment      string       `json:"comment,omitempty"`
		Journal      string       `json:"journal,omitempty"`
		DOI          string       `json:"doi,omitempty"`
		Withdrawn    bool         `json:"withdrawn,omitempty"`
	}
	list := []paper{}
	for _, p := range distinct(ps) {
		list = append(list, paper{p.ID, p.Version, p.Title, p.Abstract, p.Authors, p.Published, p.Categories, p.Upvotes,
			p.URL(), p.PDF(), p.Code, p.Project, p.Organization, p.Comment, p.Journal, p.DOI, p.Withdrawn})
	}
	return indented(list)
}

// csl is the papers as the Citation Style Language's processors read them.
// https://github.com/citation-style-language/schema, csl-data.json 1.0.2
func csl(ps []core.Paper) []byte {
	type name struct {
		Family   string `json:"family,omitempty"`
		Given    string `json:"given,omitempty"`
		Particle string `json:"non-dropping-particle,omitempty"`
		Suffix   string `json:"suffix,omitempty"`
		Literal  string `json:"literal,omitempty"`
	}
	type date struct {
		Parts [][]int `json:"date-parts"`
	}
	type item struct {
		ID        string `json:"id"`
		Type      string `json:"type"`
		Title     string `json:"title"`
		Author    []name `json:"author,omitempty"`
		Issued    *date  `json:"issued,omitempty"`
		Container string `json:"container-title,omitempty"`
		Publisher string `json:"publisher,omitempty"`
		Number    string `json:"number,omitempty"`
		Abstract  string `json:"abstract,omitempty"`
		Keyword   string `json:"keyword,omitempty"`
		DOI       string `json:"DOI,omitempty"`
		URL       string `json:"URL"`
	}
	list := []item{}
	for p, key := range keyed(ps) {
		it := item{ID: key, Type: "article", Title: p.Title, Container: p.Journal, Abstract: p.Abstract,
			Keyword: strings.Join(p.Keywords, ", "), DOI: p.DOI, URL: p.URL()}
		if p.Journal != "" {
			it.Type = "article-journal"
		}
		if p.Link == "" {
			it.Number = "arXiv:" + string(p.ID)
			if p.Journal == "" {
				it.Publisher = "arXiv"
			}
		}
		people, _ := authors(p)
		for _, n := range people {
			it.Author = append(it.Author, name{n.Family, n.Given, n.Particle, n.Suffix, n.Literal})
		}
		if year, month := published(p); year != "" {
			y, _ := strconv.Atoi(year)
			parts := []int{y}
			if month > 0 {
				parts = append(parts, month)
			}
			if !p.Published.IsZero() {
				parts = append(parts, p.Published.Time(time.UTC).Day())
			}
			it.Issued = &date{[][]int{parts}}
		}
		list = append(list, it)
	}
	return indented(list)
}

func indented(list any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(list); err != nil {
		panic(err) // strings and numbers always have a form in JSON
	}
	return b.Bytes()
}
