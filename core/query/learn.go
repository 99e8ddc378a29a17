package query

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// What is proposed from papers that somebody gives.
const (
	MostProposals = 5
	proposalDays  = 30  // volumes are of so many days
	tooMany       = 3.0 // papers a weekday: a topic that brings more says too little
	mostProposed  = 40  // topics of which the volume is asked
	again         = 0.2 // what a paper counts that another topic covers
	nearText      = 20  // papers that stand for a text
	mostLikes     = 3   // papers, or own words, of which it is asked what is like them
	ownWordsMost  = 60  // bytes of own words: any platform's button carries them
)

// stricter are the thresholds that a like: is tried with, the next where one brings
// too much.
var stricter = []int{topic.Alike, topic.Alike + 10, topic.Alike + 20}

// Lesson is what can be learned from papers that somebody gives.
type Lesson struct {
	Papers    []core.Paper // that the store knows, as they were given
	Unknown   []string     // ids and titles that it does not
	Beyond    int          // that were given and not looked at: more than core.MostSeeds
	Prose     bool         // it was a text: Papers are those nearest to it
	Proposals []Proposal
}

// Proposal is a topic that would have brought some of the papers.
type Proposal struct {
	Topic    topic.Topic
	Covers   int    // of the lesson's papers
	Like     string // the title of the paper that its like: names
	Example  string
	Forecast Forecast
}

// Learn reads a file of BibTeX or RIS, ids and links among anything, or prose, and
// proposes topics: terms of the papers' titles of which each covers papers that those
// before do not, and brings no more than a few papers a weekday; where such terms leave
// many of the papers out, one topic is like: what they are about. Damaged entries are
// passed over.
func (r *Reader) Learn(ctx context.Context, ch core.Channel, given string) (l Lesson, err error) {
	ids, titles := references(given)
	l.Beyond = max(0, len(ids)+len(titles)-core.MostSeeds)
	ids = ids[:min(len(ids), core.MostSeeds)]
	titles = titles[:min(len(titles), core.MostSeeds-len(ids))]
	if len(ids)+len(titles) == 0 {
		l.Prose = true
		l.Papers, err = r.nearProse(ctx, ch, given)
	} else {
		err = r.lookUp(ctx, ids, titles, &l)
	}
	if err != nil || len(l.Papers) == 0 {
		return l, err
	}
	own := ""
	if l.Prose {
		own = given
	}
	l.Proposals, err = r.propose(ctx, ch, l.Papers, own)
	return l, err
}

// lookUp finds what was given by id, or by its exact title.
func (r *Reader) lookUp(ctx context.Context, ids []core.PaperID, titles []string, l *Lesson) (err error) {
	if l.Papers, err = r.Store.Papers(ctx, ids); err != nil {
		return err
	}
	known := map[core.PaperID]bool{}
	for _, p := range l.Papers {
		known[p.ID] = true
	}
	for _, id := range ids {
		if !known[id] {
			l.Unknown = append(l.Unknown, string(id))
		}
	}
	for _, title := range titles {
		words := text.Words(title)
		t, err := topic.Parse(`title:"` + strings.Join(words, " ") + `"`)
		if err != nil { // it has no words, or too many
			l.Unknown = append(l.Unknown, title)
			continue
		}
		found, err := r.Store.Search(ctx, core.Query{Topic: t, Limit: 3})
		if err != nil {
			return err
		}
		i := slices.IndexFunc(found.Hits, func(h core.Hit) bool { return slices.Equal(text.Words(h.Paper.Title), words) })
		switch {
		case i < 0:
			l.Unknown = append(l.Unknown, title)
		case !known[found.Hits[i].Paper.ID]:
			known[found.Hits[i].Paper.ID] = true
			l.Papers = append(l.Papers, found.Hits[i].Paper)
		}
	}
	return nil
}

// An entry of BibTeX begins with its kind, a line of RIS with two letters.
var (
	bibEntry = regexp.MustCompile(`(?m)^\s*@\s*[A-Za-z]+\s*[{(]`)
	bibTitle = regexp.MustCompile(`(?i)[\s,{]title\s*=\s*`)
	risEntry = regexp.MustCompile(`(?m)^TY {1,2}- ?`)
	risTitle = regexp.MustCompile(`(?m)^(?:TI|T1) {1,2}- ?(.*)$`)
)

// references are the ids that stand anywhere in a text, and the titles of those
// entries of BibTeX and RIS that have none, each once.
func references(given string) (ids []core.PaperID, titles []string) {
	for _, form := range []struct {
		entry *regexp.Regexp
		title func(entry string) string
	}{{bibEntry, titleOfBib}, {risEntry, titleOfRIS}} {
		starts := form.entry.FindAllStringIndex(given, -1)
		for i, at := range starts {
			end := len(given)
			if i+1 < len(starts) {
				end = starts[i+1][0]
			}
			entry := given[at[0]:end]
			if title := form.title(entry); len(idsIn(entry)) == 0 && title != "" {
				titles = append(titles, title)
			}
		}
	}
	ids = idsIn(given)
	slices.Sort(titles)
	return ids, slices.Compact(titles)
}

func idsIn(s string) []core.PaperID {
	var ids []core.PaperID
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;{}\"'`", r) }) {
		if id, _, ok := core.ParsePaperID(word); ok {
			ids = append(ids, id)
		}
	}
	return distinct(ids)
}

// titleOfBib is the title field's value, without braces.
func titleOfBib(entry string) string {
	at := bibTitle.FindStringIndex(entry)
	if at == nil || at[1] == len(entry) {
		return ""
	}
	value, depth := entry[at[1]:], 0
	for i, c := range value {
		switch {
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
		if i > 0 && depth == 0 && (c == '}' || c == '"' && value[0] == '"') || depth < 0 {
			value = value[:i]
			break
		}
	}
	return strings.Join(strings.Fields(strings.NewReplacer("{", "", "}", "", `"`, "").Replace(value)), " ")
}

func titleOfRIS(entry string) string {
	if m := risTitle.FindStringSubmatch(entry); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}

// nearProse are the papers that a search for the text's words finds best.
func (r *Reader) nearProse(ctx context.Context, ch core.Channel, given string) (papers []core.Paper, err error) {
	words := text.Words(given)
	if len(words) == 0 {
		return nil, nil
	}
	var all topic.Clause
	for _, w := range distinctWords(words) {
		all = append(all, topic.Term{Words: []string{w}, Text: w})
	}
	found, err := r.Search(ctx, core.Query{Topic: topic.Topic{Clauses: []topic.Clause{all}}, Plain: words, Scope: ch.Settings.Scope, Limit: nearText})
	for _, h := range found.Hits {
		papers = append(papers, h.Paper)
	}
	return papers, err
}

// propose chooses topics greedily: the next is the one that covers the most papers,
// each weighed by how telling the topic's words are, and one that is covered already
// by little. No word is in two of them. What they leave out may be said by meaning, also
// in the person's own words.
func (r *Reader) propose(ctx context.Context, ch core.Channel, papers []core.Paper, own string) ([]Proposal, error) {
	type candidate struct {
		Proposal
		words   []string
		covers  []int // papers by place
		telling float64
	}
	docs, err := r.docs(ctx, papers)
	if err != nil {
		return nil, err
	}
	var asks meaning.Vector // what a text of the person's own says
	if own != "" {
		asks = meaning.Builtin().Text(text.Words(own))
	}
	least := 1 + min(len(papers)/4, 1) // one paper's own word is no topic where there are several
	var all []candidate
	tried := map[string]bool{}
	for i := range papers {
		for _, words := range pieces(papers[i].Title) {
			phrase := strings.Join(words, " ")
			if tried[phrase] {
				continue
			}
			tried[phrase] = true
			if len(words) > 1 {
				phrase = `"` + phrase + `"`
			}
			t, err := topic.Parse(phrase)
			if err != nil {
				continue
			}
			c := candidate{Proposal: Proposal{Topic: t}, words: words, telling: tells(words)}
			var those []*topic.Doc
			for j, d := range docs {
				if _, ok := t.Match(d); ok {
					c.covers, those = append(c.covers, j), append(those, d)
				}
			}
			if len(c.covers) >= least && says(words, middleOfDocs(those), almost) && (asks == nil || says(words, asks, almost)) {
				all = append(all, c)
			}
		}
	}
	covered := make([]bool, len(papers))
	worth := func(c candidate) (sum float64) {
		for _, j := range c.covers {
			if covered[j] {
				sum += again * c.telling
			} else {
				sum += c.telling
			}
		}
		return sum
	}
	var out []Proposal
	for try := 0; try < mostProposed && len(out) < MostProposals && len(all) > 0; try++ {
		best := 0
		for i := range all {
			if worth(all[i]) > worth(all[best]) {
				best = i
			}
		}
		c := all[best]
		all = slices.Delete(all, best, best+1)
		f, err := r.Forecast(ctx, ch, c.Topic, proposalDays, 1)
		if err != nil {
			return nil, err
		}
		if f.PerWeekday() > tooMany {
			continue
		}
		c.Forecast, c.Covers, c.Example = f, len(c.covers), papers[c.covers[0]].Title
		if len(f.Found.Hits) > 0 {
			c.Example = f.Found.Hits[0].Paper.Title
		}
		for _, j := range c.covers {
			covered[j] = true
		}
		all = slices.DeleteFunc(all, func(o candidate) bool {
			return slices.ContainsFunc(o.words, func(w string) bool { return slices.Contains(c.words, w) })
		})
		out = append(out, c.Proposal)
	}
	var left []int
	for i := range docs {
		if !covered[i] {
			left = append(left, i)
		}
	}
	if 3*len(left) <= len(papers) {
		return out, nil
	}
	like, ok, err := r.likeThem(ctx, ch, papers, docs, left, own)
	if err == nil && ok {
		out = append(out[:min(len(out), MostProposals-1)], like)
	}
	return out, err
}

// middleOfDocs is what papers are about, all in all.
func middleOfDocs(docs []*topic.Doc) meaning.Vector {
	vectors := make([]meaning.Vector, len(docs))
	for i, d := range docs {
		vectors[i] = d.Direction()
	}
	return meaning.Middle(vectors)
}

// docs are what topics see of papers, with what the store keeps of their meaning.
func (r *Reader) docs(ctx context.Context, papers []core.Paper) ([]*topic.Doc, error) {
	features, err := r.Store.Features(ctx, seqs(papers))
	docs := make([]*topic.Doc, len(papers))
	for i := range papers {
		docs[i] = papers[i].Doc()
		docs[i].Vector = features[papers[i].Seq].Vector
	}
	return docs, err
}

// likeThem is the like: that covers the most of those papers that are left, by place:
// of own words where they are few, or of one of the papers. ok is false where none
// covers two of several, or all bring too much.
func (r *Reader) likeThem(ctx context.Context, ch core.Channel, papers []core.Paper, docs []*topic.Doc, left []int, own string) (best Proposal, ok bool, err error) {
	type candidate struct {
		of           topic.Term
		title        string
		covers, left int
	}
	var all []candidate
	add := func(value, title string) {
		if t, err := topic.Parse("like:" + value); err == nil && len(t.Likes()) == 1 {
			all = append(all, candidate{of: t.Likes()[0], title: title})
		}
	}
	if own = strings.Join(strings.Fields(strings.ReplaceAll(own, `"`, " ")), " "); own != "" && len(own) <= ownWordsMost {
		add(`"`+own+`"`, "")
	}
	asks := meaning.Builtin().Text(text.Words(own))
	for _, i := range left {
		if asks != nil && meaning.Builtin().AlikeWords(asks.Cosine(docs[i].Direction())) < almost {
			continue // it is among the nearest and yet about something else
		}
		add(string(papers[i].ID), papers[i].Title)
		if at := len(all) - 1; at >= 0 && all[at].of.Value == string(papers[i].ID) {
			all[at].of.Vector = docs[i].Direction()
		}
	}
	count := func(c *candidate) {
		c.covers, c.left = 0, 0
		for i, d := range docs {
			if v := c.of.Direction(); v != nil && c.of.Alike(v.Cosine(d.Direction())) >= c.of.N {
				c.covers++
				if slices.Contains(left, i) {
					c.left++
				}
			}
		}
	}
	for i := range all {
		count(&all[i])
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		if (a.title == "") != (b.title == "") {
			return cmp.Compare(a.title, b.title) // what somebody said stands before what we found
		}
		return cmp.Or(cmp.Compare(b.left, a.left), cmp.Compare(b.covers, a.covers))
	})
	for _, c := range all[:min(mostLikes, len(all))] {
		for _, n := range stricter {
			t, err := topic.Parse(c.of.At(n))
			if err != nil {
				break
			}
			if c.of.N = n; n > topic.Alike {
				count(&c)
			}
			if c.left < min(2, len(papers)) {
				break
			}
			f, err := r.Forecast(ctx, ch, t, proposalDays, 1)
			if err != nil {
				return best, false, err
			}
			if f.PerWeekday() > tooMany {
				continue
			}
			best = Proposal{Topic: t, Covers: c.covers, Like: c.title, Forecast: f}
			if len(f.Found.Hits) > 0 {
				best.Example = f.Found.Hits[0].Paper.Title
			}
			return best, true, nil
		}
	}
	return best, false, nil
}

// tells is how telling words that stand together are: as much as the most
// telling of them, and a little for each.
func tells(words []string) float64 {
	most, sum := 0.0, 0.0
	for _, w := range words {
		idf := meaning.Builtin().IDF(meaning.Builtin().Term(w))
		most, sum = max(most, idf), sum+idf
	}
	return most + sum/4
}
