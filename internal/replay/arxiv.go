package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/sources/arxiv"
)

// corpusLine is a line of arxiv-corpus.jsonl.gz.
type corpusLine struct {
	ID         core.PaperID `json:"id"`
	Title      string       `json:"title"`
	Abstract   string       `json:"abstract"`
	Authors    []string     `json:"authors"`
	Categories []string     `json:"categories"`
	Comment    string       `json:"comment"`
	Published  core.Date    `json:"published"`
}

// scan reads the corpus and gives keep the papers of the lines that want says
// yes to. Only those are parsed: the corpus is great and most lines are not
// asked for.
func (d *folder) scan(want func(line []byte) bool, keep func(core.Paper)) error {
	f, err := os.Open(d.corpus())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if !want(lines.Bytes()) {
			continue
		}
		var l corpusLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("%s: %w", d.corpus(), err)
		}
		if len(l.Categories) > 0 { // without them it was never read from arXiv
			keep(core.Paper{ID: l.ID, Title: l.Title, Abstract: l.Abstract, Authors: l.Authors,
				Categories: l.Categories, Comment: l.Comment, Published: l.Published})
		}
	}
	return lines.Err()
}

// arxiv reads the days around the asked one too, for they are asked for next.
func (d *folder) arxiv(day core.Date) ([]core.Paper, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if papers, ok := d.announced[day]; ok {
		return papers, nil
	}
	from, to := day.AddDays(-7), day.AddDays(1)
	announced := map[core.Date][]core.Paper{}
	for d := from; d <= to; d = d.AddDays(1) {
		announced[d] = nil
	}
	var at core.Date // of the line that was wanted last
	err := d.scan(func(line []byte) bool {
		at = listed(line)
		return from <= at && at <= to
	}, func(p core.Paper) { announced[at] = append(announced[at], p) })
	if err != nil {
		return nil, err
	}
	d.announced = announced
	return announced[day], nil
}

// listed is the day that a line says its paper was listed on.
func listed(line []byte) core.Date {
	mark := []byte(`"listed": "`)
	i := bytes.LastIndex(line, mark) + len(mark)
	if i < len(mark) || i+10 > len(line) {
		return ""
	}
	return core.Date(line[i : i+10])
}

func (d *folder) papers(ids []core.PaperID) ([]core.Paper, error) {
	asked := map[string]bool{}
	for _, id := range ids {
		asked[string(id)] = true
	}
	var out []core.Paper
	err := d.scan(func(line []byte) bool {
		id, ok := bytes.CutPrefix(line, []byte(`{"id": "`))
		if !ok {
			return false
		}
		id, _, _ = bytes.Cut(id, []byte(`"`))
		return asked[string(id)]
	}, func(p core.Paper) { out = append(out, p) })
	return out, err
}

// rss is /rss/cs.LG+cs.CL: the last announcement's papers in those categories.
func (r *Replay) rss(categories, etag string, now time.Time) *http.Response {
	cats := strings.Split(strings.TrimSuffix(categories, "/"), "+")
	for _, c := range cats {
		if !category.MatchString(c) {
			return Answer(http.StatusBadRequest, feed(rssChannel{Title: "Feed error for query: " + categories, Description: "Bad archive or category: " + c}), "Content-Type", "application/xml")
		}
	}
	// Built at midnight Eastern, and empty on days without an announcement.
	day := core.DateOf(now.In(arxiv.Eastern))
	ch := rssChannel{
		Title: strings.Join(cats, ", ") + " updates on arXiv.org", Link: "http://rss.arxiv.org/rss/" + categories,
		Description: strings.Join(cats, ", ") + " updates on the arXiv.org e-print archive.", Language: "en-us",
		LastBuildDate: day.Time(arxiv.Eastern).UTC().Format(time.RFC1123Z), PubDate: day.Time(arxiv.Eastern).Format(time.RFC1123Z),
		SkipDays: []string{"Saturday", "Sunday"},
	}
	r.mu.Lock()
	for r.stale[day] {
		day = core.LastDay(day.AddDays(-1), arxiv.Announces)
	}
	r.mu.Unlock()
	if arxiv.Announces(day) {
		papers, err := r.data.arxiv(day)
		if err != nil {
			return Answer(http.StatusInternalServerError, err.Error())
		}
		for _, p := range papers {
			if kind := announce(p, cats); kind != "" {
				ch.Items = append(ch.Items, item(p, kind, day))
			}
		}
	}
	ch.Items = ch.Items[:min(len(ch.Items), 2000)] // where arXiv cuts it off
	body := feed(ch)
	sum := fnv.New64()
	sum.Write([]byte(body))
	tag := fmt.Sprintf(`"%x"`, sum.Sum64())
	if etag == tag {
		return Answer(http.StatusNotModified, "", "ETag", tag)
	}
	return Answer(http.StatusOK, body, "Content-Type", "application/rss+xml", "ETag", tag)
}

var category = regexp.MustCompile(`^(?i)[a-z]+(-[a-z]+)*(\.[a-z-]{2,})?$`)

// announce is the paper's announce type in a feed of these categories; empty
// when it is in none.
func announce(p core.Paper, cats []string) string {
	in := func(c string) bool {
		return slices.ContainsFunc(cats, func(asked string) bool {
			return strings.EqualFold(asked, c) || strings.HasPrefix(strings.ToLower(c), strings.ToLower(asked)+".")
		})
	}
	switch {
	case !slices.ContainsFunc(p.Categories, in):
		return ""
	case p.Version > 1 && in(p.Categories[0]):
		return "replace"
	case p.Version > 1:
		return "replace-cross"
	case in(p.Categories[0]):
		return "new"
	}
	return "cross"
}

type rssChannel struct {
	Title         string    `xml:"title"`
	Link          string    `xml:"link"`
	Description   string    `xml:"description"`
	Language      string    `xml:"language,omitempty"`
	LastBuildDate string    `xml:"lastBuildDate,omitempty"`
	PubDate       string    `xml:"pubDate,omitempty"`
	SkipDays      []string  `xml:"skipDays>day,omitempty"`
	Items         []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string   `xml:"title"`
	Link        string   `xml:"link"`
	Description string   `xml:"description"`
	GUID        string   `xml:"guid"`
	Categories  []string `xml:"category"`
	PubDate     string   `xml:"pubDate"`
	Announce    string   `xml:"http://arxiv.org/schemas/atom announce_type"`
	Creator     string   `xml:"http://purl.org/dc/elements/1.1/ creator"`
}

func item(p core.Paper, kind string, day core.Date) rssItem {
	v := max(p.Version, 1)
	return rssItem{
		Title: p.Title, Link: "https://arxiv.org/abs/" + string(p.ID), Categories: p.Categories,
		Description: fmt.Sprintf("arXiv:%sv%d Announce Type: %s \nAbstract: %s", p.ID, v, kind, p.Abstract),
		GUID:        fmt.Sprintf("oai:arXiv.org:%sv%d", p.ID, v),
		PubDate:     day.Time(arxiv.Eastern).Format(time.RFC1123Z), Announce: kind, Creator: strings.Join(p.Authors, ", "),
	}
}

func feed(ch rssChannel) string {
	type rss struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Channel rssChannel `xml:"channel"`
	}
	return encode(rss{Version: "2.0", Channel: ch})
}

func encode(v any) string {
	b, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		return err.Error()
	}
	return xml.Header + string(b)
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Items   int         `xml:"http://a9.com/-/spec/opensearch/1.1/ itemsPerPage"`
	Total   int         `xml:"http://a9.com/-/spec/opensearch/1.1/ totalResults"`
	Start   int         `xml:"http://a9.com/-/spec/opensearch/1.1/ startIndex"`
	Entries []atomEntry `xml:"entry"`
}

type atomEntry struct {
	ID         string     `xml:"id"`
	Title      string     `xml:"title"`
	Updated    string     `xml:"updated"`
	Summary    string     `xml:"summary"`
	Categories []atomTerm `xml:"category"`
	Published  string     `xml:"published,omitempty"`
	Comment    string     `xml:"http://arxiv.org/schemas/atom comment,omitempty"`
	Primary    *atomTerm  `xml:"http://arxiv.org/schemas/atom primary_category"`
	Authors    []atomName `xml:"author"`
}

type atomTerm struct {
	Term string `xml:"term,attr"`
}

type atomName struct {
	Name string `xml:"name"`
}

// submitted reads the one form of search_query that Paperboy sends.
var submitted = regexp.MustCompile(`submittedDate:\[(\d{12}) TO (\d{12})\]`)

// wellFormed are ids of no paper that arXiv takes all the same: 0000.0000.
var wellFormed = regexp.MustCompile(`^\d{4}\.\d{4,5}(v\d+)?$`)

// maxResults and maxDepth are arXiv's own limits.
const maxResults, maxDepth = 2000, 30000

// query is /api/query, for id lists, and for categories within a time.
func (r *Replay) query(q url.Values, now time.Time) *http.Response {
	stamp := now.UTC().Format(time.RFC3339)
	refuse := func(what, why string) *http.Response {
		e := "https://arxiv.org/api/errors#" + what
		return atom(http.StatusBadRequest, atomFeed{ID: "https://arxiv.org/", Title: "arXiv Search Results", Updated: stamp, Items: 1, Total: 1,
			Entries: []atomEntry{{ID: e, Title: "Error", Updated: stamp, Summary: why, Authors: []atomName{{"arXiv api core"}}}}})
	}
	number := func(name string, fallback int) int {
		n, err := strconv.Atoi(q.Get(name))
		if q.Get(name) == "" {
			return fallback
		} else if err != nil {
			return -1
		}
		return n
	}
	start, most := number("start", 0), number("max_results", 10)
	switch {
	case start < 0:
		return refuse("start_must_be_non-negative", "start must be non-negative")
	case most < 0 || most > maxResults || start+most > maxDepth:
		return refuse("max_results", "max_results must be at most 2000, and 30000 in all")
	}
	var entries []atomEntry
	if list := q.Get("id_list"); list != "" {
		var ids []core.PaperID
		for _, s := range strings.Split(list, ",") {
			id, _, ok := core.ParsePaperID(s)
			if !ok && wellFormed.MatchString(s) {
				continue // silently missing
			}
			if !ok {
				return refuse("incorrect_id_format_for_"+s, "incorrect id format for "+s)
			}
			ids = append(ids, id)
		}
		papers, err := r.data.papers(ids)
		if err != nil {
			return Answer(http.StatusInternalServerError, err.Error())
		}
		for _, p := range papers {
			at := p.Published.Time(time.UTC)
			if at.IsZero() {
				at = now.AddDate(0, 0, -2)
			}
			entries = append(entries, atomOf(p, at))
		}
	} else if m := submitted.FindStringSubmatch(q.Get("search_query")); m != nil {
		from, _ := time.Parse("200601021504", m[1])
		to, _ := time.Parse("200601021504", m[2])
		var cats []string
		for _, c := range regexp.MustCompile(`cat:([A-Za-z.-]+)`).FindAllStringSubmatch(q.Get("search_query"), -1) {
			cats = append(cats, c[1])
		}
		found, err := r.submitted(from, to, cats)
		if err != nil {
			return Answer(http.StatusInternalServerError, err.Error())
		}
		entries = found
	} else {
		return refuse("search_query", "this replay knows id_list, and submittedDate with categories")
	}
	f := atomFeed{ID: "https://arxiv.org/api/replay", Title: "arXiv Query: search_query=" + q.Get("search_query") + "&id_list=" + q.Get("id_list"),
		Updated: stamp, Items: most, Total: len(entries), Start: start}
	start = min(start, len(entries))
	f.Entries = entries[start:min(start+most, len(entries))]
	return atom(http.StatusOK, f)
}

// submitted are the papers that were submitted in that time, oldest first: the
// recordings say when a paper was announced, so each counts as submitted a
// minute after the one before it, from the beginning of what that announcement
// covers.
func (r *Replay) submitted(from, to time.Time, cats []string) ([]atomEntry, error) {
	var entries []atomEntry
	for day := arxiv.Day(from); day <= arxiv.Day(to); day = day.AddDays(1) {
		if !core.IsWeekday(day) {
			continue
		}
		papers, err := r.data.arxiv(day)
		if err != nil {
			return nil, err
		}
		first, _ := arxiv.Window(day)
		for i, p := range papers {
			at := first.Add(time.Duration(i) * 30 * time.Second)
			if kind := announce(p, cats); (kind == "new" || kind == "cross") && !at.Before(from) && at.Before(to) {
				entries = append(entries, atomOf(p, at))
			}
		}
	}
	return entries, nil
}

func atomOf(p core.Paper, at time.Time) atomEntry {
	stamp := at.UTC().Format(time.RFC3339)
	e := atomEntry{
		ID: fmt.Sprintf("http://arxiv.org/abs/%sv%d", p.ID, max(p.Version, 1)), Title: p.Title, Summary: p.Abstract,
		Updated: stamp, Published: stamp, Comment: p.Comment, Primary: &atomTerm{p.Categories[0]},
	}
	for _, c := range p.Categories {
		e.Categories = append(e.Categories, atomTerm{c})
	}
	for _, a := range p.Authors {
		e.Authors = append(e.Authors, atomName{a})
	}
	return e
}

func atom(code int, f atomFeed) *http.Response {
	return Answer(code, encode(f), "Content-Type", "application/atom+xml; charset=UTF-8")
}
