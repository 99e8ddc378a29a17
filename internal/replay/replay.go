// Package replay answers as Hugging Face and arXiv do, from recorded days.
//
// In: requests for /api/daily_papers (Hugging Face), /api/query and /rss/…
// (arXiv), over a socket (it is an http.Handler) or without one (it is an
// http.RoundTripper). Out: what those servers would send at that moment of the
// calendar, from the files of shared/data or from papers given to it.
//
// Promises: it refuses what the real ones refuse (a day to come, an unknown
// order, too great a limit, a malformed id); it counts who asked what and when,
// and how many at once; a test can put any answer in the place of its own.
package replay

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"paperboy/core"
)

// Replay is the fake of both servers.
type Replay struct {
	// Now is the calendar; nil: the real one.
	Now func() time.Time

	data data

	mu       sync.Mutex
	fail     func(*http.Request) *http.Response
	stale    map[core.Date]bool
	requests []Request
	open     map[string]int
	most     map[string]int
}

// Request is one that came.
type Request struct {
	Server string // "huggingface" or "arxiv"
	At     time.Time
	URL    string
	Agent  string
}

// data is where the papers are.
type data interface {
	// huggingFace is the day's list, as the API gives it; newest is the time it is seen at.
	huggingFace(day core.Date, now time.Time) ([]json.RawMessage, error)
	// arxiv are the papers that the day's announcement had.
	arxiv(day core.Date) ([]core.Paper, error)
	// papers finds those that are known, in any order.
	papers(ids []core.PaperID) ([]core.Paper, error)
	// newest is the newest day that has a list.
	newest() core.Date
}

// FromDir reads a folder in the format of shared/data: hf_daily/DATE.json.gz,
// hf_daily_later/DATE@TIME.json.gz (the same day, seen later) and
// arxiv-corpus.jsonl.gz; each may be missing, but not all.
func FromDir(dir string) (*Replay, error) {
	d := &folder{dir: dir, announced: map[core.Date][]core.Paper{}}
	names, err := filepath.Glob(filepath.Join(dir, "hf_daily", "*.json.gz"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if day, err := core.ParseDate(strings.TrimSuffix(filepath.Base(name), ".json.gz")); err == nil {
			d.last = max(d.last, day)
		}
	}
	if _, err := os.Stat(d.corpus()); err != nil && d.last.IsZero() {
		return nil, fmt.Errorf("%s has no recorded days: neither hf_daily nor arxiv-corpus.jsonl.gz", dir)
	}
	return &Replay{data: d}, nil
}

// FromPapers answers from papers by the day they were listed on. Those whose
// sighting is arXiv's make arXiv's announcements, all others Hugging Face's lists.
func FromPapers(byDay map[core.Date][]core.Seen) *Replay { return &Replay{data: catalogue(byDay)} }

// Newest is the newest recorded day: where a demo's calendar may stand.
func (r *Replay) Newest() core.Date { return r.data.newest() }

// Fail lets f answer first; what it answers with nil goes its usual way. A nil
// f ends that. See Answer, Cut and Hang.
func (r *Replay) Fail(f func(*http.Request) *http.Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = f
}

// Stale makes arXiv's feed show the announcement before on that day, as if
// nobody had built it anew.
func (r *Replay) Stale(day core.Date, on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stale == nil {
		r.stale = map[core.Date]bool{}
	}
	r.stale[day] = on
}

// Requests are all that came, in order.
func (r *Replay) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// AtOnce is the greatest number of requests that a server had open at a time.
func (r *Replay) AtOnce(server string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.most[server]
}

// Answer is an answer for Fail; header is name, value, name, value …
func Answer(code int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// Cut is an answer whose connection breaks after body.
func Cut(body string) *http.Response {
	res := Answer(http.StatusOK, "")
	res.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), broken{}))
	return res
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Hang is an answer that never comes.
func Hang(req *http.Request) *http.Response {
	<-req.Context().Done()
	return Answer(http.StatusGatewayTimeout, "")
}

// RoundTrip implements http.RoundTripper, whatever the request's host.
func (r *Replay) RoundTrip(req *http.Request) (*http.Response, error) {
	res := r.answer(req)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	res.Status = fmt.Sprintf("%d %s", res.StatusCode, http.StatusText(res.StatusCode))
	res.Proto, res.ProtoMajor, res.ProtoMinor = "HTTP/1.1", 1, 1
	res.Request = req
	res.ContentLength = -1
	return res, nil
}

// ServeHTTP implements http.Handler.
func (r *Replay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	res := r.answer(req)
	defer res.Body.Close()
	for name, values := range res.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(res.StatusCode)
	if _, err := io.Copy(w, res.Body); err != nil {
		panic(http.ErrAbortHandler) // breaks the connection, as Cut wants
	}
}

func (r *Replay) answer(req *http.Request) *http.Response {
	server := "arxiv"
	if strings.HasPrefix(req.URL.Path, "/api/daily_papers") {
		server = "huggingface"
	}
	r.mu.Lock()
	r.requests = append(r.requests, Request{Server: server, At: time.Now(), URL: req.URL.String(), Agent: req.UserAgent()})
	if r.open == nil {
		r.open, r.most = map[string]int{}, map[string]int{}
	}
	r.open[server]++
	r.most[server] = max(r.most[server], r.open[server])
	fail := r.fail
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.open[server]--
	}()
	if fail != nil {
		if res := fail(req); res != nil {
			return res
		}
	}
	now := time.Now
	if r.Now != nil {
		now = r.Now
	}
	switch {
	case req.Method != http.MethodGet:
		return Answer(http.StatusMethodNotAllowed, "")
	case req.URL.Path == "/api/daily_papers":
		return r.dailyPapers(req.URL.Query(), now().UTC())
	case req.URL.Path == "/api/query":
		return r.query(req.URL.Query(), now())
	case strings.HasPrefix(req.URL.Path, "/rss/"):
		return r.rss(strings.TrimPrefix(req.URL.Path, "/rss/"), req.Header.Get("If-None-Match"), now())
	}
	return Answer(http.StatusNotFound, `{"error":"Not found"}`, "Content-Type", "application/json")
}

// folder is shared/data.
type folder struct {
	dir  string
	last core.Date

	mu        sync.Mutex
	announced map[core.Date][]core.Paper
}

func (d *folder) newest() core.Date { return d.last }

func (d *folder) corpus() string { return filepath.Join(d.dir, "arxiv-corpus.jsonl.gz") }

func (d *folder) huggingFace(day core.Date, now time.Time) ([]json.RawMessage, error) {
	name := filepath.Join(d.dir, "hf_daily", string(day)+".json.gz")
	later, err := filepath.Glob(filepath.Join(d.dir, "hf_daily_later", string(day)+"@*.json.gz"))
	if err != nil {
		return nil, err
	}
	for _, l := range later { // sorted by name, so by time
		_, stamp, _ := strings.Cut(strings.TrimSuffix(filepath.Base(l), ".json.gz"), "@")
		if t, err := time.Parse("20060102T1504Z", stamp); err == nil && !t.After(now) {
			name = l
		}
	}
	body, err := unzip(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

func unzip(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return io.ReadAll(z)
}

// catalogue is papers in memory.
type catalogue map[core.Date][]core.Seen

func (c catalogue) newest() core.Date {
	var last core.Date
	for day := range c {
		last = max(last, day)
	}
	return last
}

func (c catalogue) huggingFace(day core.Date, _ time.Time) ([]json.RawMessage, error) {
	var list []core.Seen
	for _, s := range c[day] {
		if s.Sighting.Source != "arxiv" {
			list = append(list, s)
		}
	}
	votes := func(s core.Seen) int {
		if s.Paper.Upvotes == nil {
			return -1
		}
		return *s.Paper.Upvotes
	}
	slices.SortStableFunc(list, func(a, b core.Seen) int { return cmp.Compare(votes(b), votes(a)) })
	var out []json.RawMessage
	for _, s := range list {
		b, err := json.Marshal(daily(s.Paper, day))
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// daily is a paper as an element of Hugging Face's list.
func daily(p core.Paper, day core.Date) map[string]any {
	type object = map[string]any
	authors := []object{}
	for _, name := range p.Authors {
		authors = append(authors, object{"name": name, "hidden": false})
	}
	paper := object{
		"id": p.ID, "title": p.Title, "summary": p.Abstract, "authors": authors,
		"publishedAt":        string(cmp.Or(p.Published, day)) + "T00:00:00.000Z",
		"submittedOnDailyAt": string(day) + "T00:00:00.000Z",
	}
	out := object{"paper": paper, "title": p.Title, "summary": p.Abstract, "publishedAt": paper["publishedAt"]}
	optional := func(o object, key string, set bool, value any) {
		if set {
			o[key] = value
		}
	}
	optional(paper, "upvotes", p.Upvotes != nil, p.Upvotes)
	optional(paper, "githubRepo", p.Code != "", p.Code)
	optional(paper, "githubStars", p.Stars != nil, p.Stars)
	optional(paper, "projectPage", p.Project != "", p.Project)
	optional(paper, "ai_summary", p.Summary != "", p.Summary)
	optional(paper, "ai_keywords", len(p.Keywords) > 0, p.Keywords)
	optional(out, "organization", p.Organization != "", object{"name": p.Organization, "fullname": p.Organization})
	optional(out, "thumbnail", p.Thumbnail != "", p.Thumbnail)
	optional(out, "numComments", p.Comments != nil, p.Comments)
	return out
}

func (c catalogue) arxiv(day core.Date) ([]core.Paper, error) {
	var out []core.Paper
	for _, s := range c[day] {
		if s.Sighting.Source == "arxiv" {
			out = append(out, s.Paper)
		}
	}
	return out, nil
}

func (c catalogue) papers(ids []core.PaperID) ([]core.Paper, error) {
	var out []core.Paper
	for _, seen := range c {
		for _, s := range seen {
			if slices.Contains(ids, s.Paper.ID) && len(s.Paper.Categories) > 0 {
				out = append(out, s.Paper)
			}
		}
	}
	return out, nil
}

// jsonAnswer is a JSON answer.
func jsonAnswer(code int, v any) *http.Response {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return Answer(http.StatusInternalServerError, err.Error())
	}
	return Answer(code, b.String(), "Content-Type", "application/json; charset=utf-8")
}
