package core

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Authority is how much somebody's word about a paper counts. Each source says
// its own; zero counts as Mention.
type Authority int

// The authorities, the least first.
const (
	Mention   Authority = iota + 1 // links the paper: a feed
	Unsure                         // kept before it was noted who speaks, and a feed may have
	Copy                           // somebody's copy of a record: an import
	Index                          // takes its records from the publisher: Hugging Face
	Publisher                      // arXiv, on its own papers
)

var authorities = []string{"", "mention", "unsure", "copy", "index", "publisher"}

// Fact is something that is said about a paper by somebody.
type Fact string

// The facts. Some have company that only the same teller can say.
const (
	FactTitle        Fact = "title" // with the version
	FactAbstract     Fact = "abstract"
	FactAuthors      Fact = "authors"
	FactCategories   Fact = "categories"
	FactPublished    Fact = "published"
	FactUpvotes      Fact = "upvotes"
	FactComments     Fact = "comments"
	FactCode         Fact = "code" // with its stars; a link in the abstract or the comment is theirs
	FactProject      Fact = "project"
	FactSummary      Fact = "summary"
	FactKeywords     Fact = "keywords"
	FactOrganization Fact = "organization"
	FactThumbnail    Fact = "thumbnail"
	FactComment      Fact = "comment"
	FactWithdrawn    Fact = "withdrawn"
	FactJournal      Fact = "journal"
	FactDOI          Fact = "doi"
	FactLink         Fact = "link"
)

// facts says of each whether a paper has it, and how it is taken over.
var facts = []struct {
	name   Fact
	theirs bool // of the publisher alone: what it does not say is not so, whoever said it
	has    func(*Paper) bool
	take   func(to, from *Paper)
}{
	{FactTitle, false, func(p *Paper) bool { return p.Title != "" }, func(to, from *Paper) { to.Title, to.Version = from.Title, from.Version }},
	{FactAbstract, false, func(p *Paper) bool { return p.Abstract != "" }, func(to, from *Paper) { to.Abstract = from.Abstract }},
	{FactAuthors, false, func(p *Paper) bool { return len(p.Authors) > 0 }, func(to, from *Paper) { to.Authors = from.Authors }},
	{FactCategories, false, func(p *Paper) bool { return len(p.Categories) > 0 }, func(to, from *Paper) { to.Categories = from.Categories }},
	{FactPublished, false, func(p *Paper) bool { return !p.Published.IsZero() }, func(to, from *Paper) { to.Published = from.Published }},
	{FactUpvotes, false, func(p *Paper) bool { return p.Upvotes != nil }, func(to, from *Paper) { to.Upvotes = from.Upvotes }},
	{FactComments, false, func(p *Paper) bool { return p.Comments != nil }, func(to, from *Paper) { to.Comments = from.Comments }},
	{FactCode, false, func(p *Paper) bool { return p.Code != "" }, takeCode},
	{FactProject, false, func(p *Paper) bool { return p.Project != "" }, func(to, from *Paper) { to.Project = from.Project }},
	{FactSummary, false, func(p *Paper) bool { return p.Summary != "" }, func(to, from *Paper) { to.Summary = from.Summary }},
	{FactKeywords, false, func(p *Paper) bool { return len(p.Keywords) > 0 }, func(to, from *Paper) { to.Keywords = from.Keywords }},
	{FactOrganization, false, func(p *Paper) bool { return p.Organization != "" }, func(to, from *Paper) { to.Organization = from.Organization }},
	{FactThumbnail, false, func(p *Paper) bool { return p.Thumbnail != "" }, func(to, from *Paper) { to.Thumbnail = from.Thumbnail }},
	{FactComment, true, func(p *Paper) bool { return p.Comment != "" }, func(to, from *Paper) { to.Comment = from.Comment }},
	{FactWithdrawn, true, func(p *Paper) bool { return p.Withdrawn }, func(to, from *Paper) { to.Withdrawn = from.Withdrawn }},
	{FactJournal, false, func(p *Paper) bool { return p.Journal != "" }, func(to, from *Paper) { to.Journal = from.Journal }},
	{FactDOI, false, func(p *Paper) bool { return p.DOI != "" }, func(to, from *Paper) { to.DOI = from.DOI }},
	{FactLink, false, func(p *Paper) bool { return p.Link != "" }, func(to, from *Paper) { to.Link = from.Link }},
}

// takeCode keeps the stars of a repository that is named again without them.
func takeCode(to, from *Paper) {
	if stars := to.Stars; to.Code == from.Code {
		to.Stars = cmp.Or(from.Stars, stars)
	} else {
		to.Stars = from.Stars
	}
	to.Code = from.Code
}

// Teller is who said a fact.
type Teller struct {
	Source    string // as in Sighting.Source; "" when that was not kept
	Authority Authority
	Silent    bool // it knows, and says that there is none
}

// over reports whether the word of t counts for more than that of u; not for
// what the same teller said before. Among equals the name decides, so that two
// feeds that link one paper do not contradict each other for ever.
func (t Teller) over(u Teller) bool {
	if t.Authority != u.Authority || u.Source == "" {
		return t.Authority > u.Authority
	}
	return t.Source < u.Source
}

// said reports whether the word of u was that of t; of words of before who spoke
// was kept, those that t knows better.
func (t Teller) said(u Teller) bool {
	return t.is(u) && u.Authority > 0 || u.Source == "" && u.Authority > 0 && t.Authority > u.Authority
}

func (t Teller) is(u Teller) bool {
	return t.Authority == u.Authority && (t.Source == u.Source || u.Source == "")
}

// Tellers are who said what is known about a paper, by fact. As JSON they are
// the facts of each teller, those that it denies with a minus:
// {"publisher arxiv":"title abstract -journal"}.
type Tellers map[Fact]Teller

// MarshalJSON implements json.Marshaler.
func (ts Tellers) MarshalJSON() ([]byte, error) {
	by := map[string]string{}
	for _, f := range slices.Sorted(maps.Keys(ts)) {
		t := ts[f]
		who, what := strings.TrimSpace(authorities[t.Authority]+" "+t.Source), string(f)
		if t.Silent {
			what = "-" + what
		}
		by[who] = strings.TrimSpace(by[who] + " " + what)
	}
	return json.Marshal(by)
}

// UnmarshalJSON implements json.Unmarshaler.
func (ts *Tellers) UnmarshalJSON(b []byte) error {
	var by map[string]string
	if err := json.Unmarshal(b, &by); err != nil {
		return err
	}
	*ts = make(Tellers, len(facts))
	for who, what := range by {
		rank, source, _ := strings.Cut(who, " ")
		a := slices.Index(authorities, rank)
		if a < 1 {
			return fmt.Errorf("nobody has the authority %q", rank)
		}
		for _, f := range strings.Fields(what) {
			name, silent := strings.CutPrefix(f, "-")
			(*ts)[Fact(name)] = Teller{source, Authority(a), silent}
		}
	}
	return nil
}

// Known is a paper, and who said what of it.
type Known struct {
	Paper
	Tellers Tellers
	Unread  bool // more is to be had from the publisher than was said: who knows less mentioned the paper, or announced a version
}

// Merge is what is known after somebody spoke. For each fact the word of the
// greatest authority stands, in whatever order they speak: a lesser one adds
// what nobody better has said, or taken back. Who speaks again takes the place of
// what it said, and takes back what it Knows about and is silent of; of what is
// the publisher's alone, what others said too. Silence about anything else says
// nothing. An older version of the same teller's says
// nothing about what is known of a newer one. What was said of a version ends
// with it: a newer one is withdrawn only when somebody says so of it.
func Merge(old Known, news Seen) Known {
	m := Known{Paper: old.Paper, Tellers: maps.Clone(old.Tellers), Unread: old.Unread}
	if m.Tellers == nil {
		m.Tellers = make(Tellers, len(facts))
	}
	p, by := news.Paper, Teller{Source: news.Sighting.Source, Authority: max(news.Authority, Mention)}
	if by.Authority == Mention && p.ID.OnArxiv() {
		p.Version = 0 // anybody can write a number into a link
	}
	older := p.Version < old.Version && by.is(m.Tellers[FactTitle])
	if m.linked() { // that is nobody's own word
		m.Code, m.Stars = "", nil
	}
	read := false
	for _, f := range facts {
		said, was := f.has(&p), m.Tellers[f.name]
		spoken := was.Silent || f.has(&m.Paper)
		text := f.name == FactTitle || f.name == FactAbstract || f.name == FactAuthors
		switch {
		case !said && (!slices.Contains(news.Knows, f.name) || !f.theirs && !by.said(was)):
			continue
		case spoken && !by.over(was) && !by.is(was):
			continue
		case f.name != FactTitle && text && by.Authority == Mention && !by.is(m.Tellers[FactTitle]):
			continue // its text belongs to its own title
		case spoken && older && by.is(was) && (text || p.Version > 0):
			continue
		case (f.name == FactComment || f.name == FactWithdrawn) && 0 < p.Version && p.Version < m.Version:
			continue // it is about another version
		case f.name == FactPublished && spoken && by.is(was) && m.Published < p.Published:
			continue // a first version has one date: the first
		}
		if f.name == FactTitle && p.Version > 0 && old.Version > 0 && p.Version != old.Version {
			m.Comment, m.Withdrawn = "", false // of this version nobody has said it
			delete(m.Tellers, FactComment)
			delete(m.Tellers, FactWithdrawn)
		}
		if f.name == FactTitle && !by.is(was) {
			m.forgetText()
		}
		f.take(&m.Paper, &p)
		m.Tellers[f.name] = Teller{by.Source, by.Authority, !said}
		read = read || f.name == FactComment
	}
	switch {
	case by.Authority == Publisher && read:
		m.Unread = false
	case by.Authority == Publisher && m.Version > max(1, old.Version), p.ID.OnArxiv() && m.Tellers[FactTitle].Authority == Mention:
		m.Unread = true
	}
	m.Code = cmp.Or(m.Code, m.written())
	m.Sources = union(old.Sources, p.Sources)
	return m
}

// forgetText drops what a feed said below its own title.
func (k *Known) forgetText() {
	if k.Tellers[FactAbstract].Authority <= Unsure {
		k.Abstract = ""
		delete(k.Tellers, FactAbstract)
	}
	if k.Tellers[FactAuthors].Authority <= Unsure {
		k.Authors = nil
		delete(k.Tellers, FactAuthors)
	}
}

// linked reports whether the code is a link of the authors' that nobody named
// besides.
func (k *Known) linked() bool {
	t := k.Tellers[FactCode]
	return k.Code != "" && (t.Silent || t.Source == "" && k.Code == k.written())
}

// written is the code that the authors link to in their abstract or their comment.
func (k *Known) written() string { return cmp.Or(CodeLink(k.Abstract), CodeLink(k.Comment)) }

func union(a, b []string) []string {
	u := slices.Concat(a, b)
	slices.Sort(u)
	return slices.Compact(u)
}

// Better reports whether somebody better than before told the title, and with
// it the version.
func (k *Known) Better(old *Known) bool { return k.better(old, FactTitle) }

// Corrected reports whether somebody better than before told another text.
func (k *Known) Corrected(old *Known) bool {
	title, abstract, authors := k.Title != old.Title, k.Abstract != old.Abstract, !slices.Equal(k.Authors, old.Authors)
	return k.Better(old) && (title || abstract || authors) || abstract && k.better(old, FactAbstract) || authors && k.better(old, FactAuthors)
}

func (k *Known) better(old *Known, f Fact) bool {
	was := old.Tellers[f]
	return was.Authority > 0 && k.Tellers[f].Authority > was.Authority
}
