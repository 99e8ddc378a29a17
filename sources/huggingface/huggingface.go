// Package huggingface reads Hugging Face Daily Papers.
//
// In: the JSON of /api/daily_papers, a day at a time. Out: papers with the
// list they stood on, their place in it and their upvotes.
//
// Promises: of an entry only the id and the title must be there; an entry that
// cannot be read becomes a Problem and its neighbours are kept; what came of a
// body that was cut off is kept too; a web page, an error object or anything
// else that is no list is an error, never an empty day. The list of a day
// grows for more than a day, so the days before are asked for again.
package huggingface

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/internal/polite"
)

// What the source is called: where it is configured, by papers about who listed
// them, and by people.
const (
	Name  = "huggingface"
	Short = "hf"
	Title = "Hugging Face"
)

const (
	pageSize = 100 // the most that the API gives at once
	maxPages = 20  // a day has at most a few dozen papers; this is against a server gone mad
	again    = 4   // days before the newest that are asked for again
)

// Source is Hugging Face Daily Papers.
type Source struct {
	url    string
	client *polite.Client
	now    func() time.Time
}

// New is a Source at address ("https://huggingface.co"); now is the calendar.
func New(address string, client *polite.Client, now func() time.Time) *Source {
	return &Source{url: strings.TrimRight(address, "/"), client: client, now: now}
}

// Name implements core.Source.
func (s *Source) Name() string { return Name }

// Short implements core.Source.
func (s *Source) Short() string { return Short }

// Title implements core.Source.
func (s *Source) Title() string { return Title }

// Note implements core.Source.
func (s *Source) Note(newest core.Date) string {
	return "HF list of " + newest.Time(time.UTC).Format("2 Jan")
}

// Complete implements core.Source: the next list begins around 21:30 US
// Eastern, which is 01:30 UTC of the day after in summer and 02:30 in winter.
func (s *Source) Complete(day core.Date) time.Time {
	return day.AddDays(1).Time(time.UTC).Add(2*time.Hour + 30*time.Minute)
}

// Due implements core.Source: the newest weekday whose list is complete. There
// is no list at weekends. About holidays nothing is announced (that of
// 2025-01-01 was empty), so one of them looks stale until the next list begins.
func (s *Source) Due(now time.Time) core.Date {
	return core.LastDay(core.DateOf(now.UTC()), func(d core.Date) bool { return core.IsWeekday(d) && !s.Complete(d).After(now) })
}

// Fetch implements core.Source. When until is today, the four days before it
// are asked for too.
func (s *Source) Fetch(ctx context.Context, from, until core.Date) (core.Batch, error) {
	today := core.DateOf(s.now().UTC())
	if until >= today {
		until = today
		from = min(from, until.AddDays(-again))
	}
	var b core.Batch
	var errs []error
	hole := false // a day is missing that nobody will ask for again
	for day := from; day <= until; day = day.AddDays(1) {
		list, unread, problems, err := s.day(ctx, day, today)
		b.Problems = append(b.Problems, problems...)
		b.Seen = append(b.Seen, list...)
		if err == nil {
			b.Lists = append(b.Lists, counted(list, unread, day)...)
		}
		hole = hole || err != nil && day < today.AddDays(-again)
		for _, seen := range list {
			if !hole {
				b.Newest = max(b.Newest, seen.Sighting.Day)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("the list of %s: %w", day, err))
			var se *core.SourceError
			if ctx.Err() != nil || errors.As(err, &se) && (se.Limit || se.Wait > 0) {
				break
			}
		}
	}
	return b, errors.Join(errs...)
}

// counted is how many entries each day's list has: those that can be read say whose
// they are, the others are the asked day's.
func counted(list []core.Seen, unread int, day core.Date) (lists []core.List) {
	counts := map[core.Date]int{day: unread}
	for _, seen := range list {
		counts[seen.Sighting.Day]++
	}
	for day, n := range counts {
		if n > 0 {
			lists = append(lists, core.List{Day: day, Count: n})
		}
	}
	return lists
}

// day asks for all pages of a day's list; unread is how many entries of it name no
// paper.
func (s *Source) day(ctx context.Context, day, today core.Date) (list []core.Seen, unread int, problems []core.Problem, err error) {
	known := map[core.PaperID]bool{}
	for p := range maxPages {
		q := url.Values{"date": {string(day)}, "limit": {fmt.Sprint(pageSize)}}
		if p > 0 {
			q.Set("p", fmt.Sprint(p))
		}
		body, getErr := s.client.Get(ctx, s.url+"/api/daily_papers?"+q.Encode())
		var status *polite.StatusError
		if errors.As(getErr, &status) {
			if code := status.Code; day >= today && (code == http.StatusBadRequest || code == http.StatusNotFound) {
				break // the day has not begun there
			}
			return list, unread, problems, getErr
		}
		entries, parseErr := split(body)
		if err = cmp.Or(getErr, parseErr); len(body) == 0 && getErr != nil {
			return list, unread, problems, getErr
		}
		fresh := 0
		for i, raw := range entries {
			where := fmt.Sprintf("%s entry %d", day, p*pageSize+i+1)
			seen, entryErr := Entry(raw, day, today)
			if entryErr != nil {
				problems = append(problems, core.Problem{Where: where, Err: entryErr})
			}
			if id := seen.Paper.ID; id == "" {
				unread++
			} else if !known[id] {
				known[id] = true
				fresh++
				list = append(list, seen)
			}
		}
		// A page that has nothing new is the last one, whatever its length:
		// the order changes between pages when somebody votes.
		if err != nil || len(entries) < pageSize || fresh == 0 {
			break
		}
	}
	rank(list)
	return list, unread, problems, err
}

// rank numbers the papers by upvotes, as the page shows them.
func rank(list []core.Seen) {
	order := make([]*core.Seen, len(list))
	for i := range list {
		order[i] = &list[i]
	}
	votes := func(s *core.Seen) int {
		if s.Paper.Upvotes == nil {
			return -1
		}
		return *s.Paper.Upvotes
	}
	slices.SortStableFunc(order, func(a, b *core.Seen) int { return cmp.Compare(votes(b), votes(a)) })
	for i, seen := range order {
		seen.Sighting.Rank = i + 1
	}
}

// split takes the array apart. Of an array that is cut off it gives the whole
// entries, with an error.
func split(body []byte) ([]json.RawMessage, error) {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return nil, &core.SourceError{Reason: "sent an empty answer"}
	case body[0] == '<':
		return nil, &core.SourceError{Reason: "sent a web page instead of papers", Err: errors.New(polite.Excerpt(body))}
	case body[0] == '{':
		return nil, &core.SourceError{Reason: "sent an error instead of papers", Err: errors.New(polite.Excerpt(body))}
	case body[0] != '[':
		return nil, &core.SourceError{Reason: "sent something else than papers", Err: errors.New(polite.Excerpt(body))}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.Token() // the bracket
	var entries []json.RawMessage
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return entries, cut(err)
		}
		entries = append(entries, raw)
	}
	if _, err := d.Token(); err != nil {
		return entries, cut(err)
	}
	return entries, nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &core.SourceError{Reason: "sent only a part of its answer", Err: err}
}

// entry is an element of the array, with the fields that we use.
type entry struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// publishedAt beside paper is in no known time zone; paper's own is right.
	Summary      string `json:"summary"`
	Thumbnail    string `json:"thumbnail"`
	NumComments  number `json:"numComments"`
	Organization *named `json:"organization"`
	Paper        struct {
		ID      string `json:"id"`
		Title   string `json:"title"`
		Summary string `json:"summary"`
		Authors []struct {
			Name   string `json:"name"`
			Hidden bool   `json:"hidden"`
		} `json:"authors"`
		PublishedAt        string   `json:"publishedAt"`
		SubmittedOnDailyAt string   `json:"submittedOnDailyAt"`
		Upvotes            number   `json:"upvotes"`
		GithubRepo         string   `json:"githubRepo"`
		GithubStars        number   `json:"githubStars"`
		ProjectPage        string   `json:"projectPage"`
		AISummary          string   `json:"ai_summary"`
		AIKeywords         []string `json:"ai_keywords"`
		Organization       *named   `json:"organization"`
	} `json:"paper"`
}

type named struct {
	Name     string `json:"name"`
	Fullname string `json:"fullname"`
}

func (n *named) String() string {
	if n == nil {
		return ""
	}
	return cmp.Or(n.Fullname, n.Name)
}

// knows is what people and Hugging Face take out of an entry again. Counts are
// not among it: one that is missing is unknown.
var knows = []core.Fact{core.FactCode, core.FactProject, core.FactSummary, core.FactKeywords, core.FactOrganization, core.FactThumbnail}

// Entry reads one element of the list of a day. A field of a wrong type is
// left out and named in the error; without an id or a title there is no paper.
func Entry(raw []byte, day, today core.Date) (core.Seen, error) {
	var e entry
	err := json.Unmarshal(raw, &e) // on a wrong type the other fields are filled all the same
	given := cmp.Or(e.Paper.ID, e.ID)
	id, version, ok := core.ParsePaperID(given)
	if !ok {
		return core.Seen{}, errors.Join(fmt.Errorf("%q is not an arXiv id", polite.Excerpt([]byte(given))), err)
	}
	title := cmp.Or(strings.TrimSpace(e.Paper.Title), strings.TrimSpace(e.Title))
	if title == "" {
		return core.Seen{}, errors.Join(fmt.Errorf("%s has no title", id), err)
	}
	p := core.Paper{
		ID:           id,
		Version:      version,
		Title:        title,
		Abstract:     cmp.Or(e.Paper.Summary, e.Summary),
		Sources:      []string{Short},
		Published:    dateOf(e.Paper.PublishedAt),
		Upvotes:      e.Paper.Upvotes.count(),
		Comments:     e.NumComments.count(),
		Code:         link(e.Paper.GithubRepo),
		Stars:        e.Paper.GithubStars.count(),
		Project:      link(e.Paper.ProjectPage),
		Summary:      e.Paper.AISummary,
		Keywords:     e.Paper.AIKeywords,
		Organization: cmp.Or(e.Paper.Organization.String(), e.Organization.String()),
		Thumbnail:    link(e.Thumbnail),
	}
	for _, a := range e.Paper.Authors {
		if !a.Hidden && strings.TrimSpace(a.Name) != "" {
			p.Authors = append(p.Authors, a.Name)
		}
	}
	p.Clean()
	// A server that ignores the date tells here which list it sent.
	if d := dateOf(e.Paper.SubmittedOnDailyAt); !d.IsZero() && d <= today {
		day = d
	}
	seen := core.Seen{Paper: p, Sighting: core.Sighting{Source: Short, Day: day, Upvotes: p.Upvotes}, Authority: core.Index}
	if err == nil { // of what could not be read nothing is taken back
		seen.Knows = knows
	}
	return seen, err
}

// number is a count that may be missing: unknown is not zero, and what cannot
// be a count is unknown.
type number struct{ n *int }

func (c *number) UnmarshalJSON(b []byte) error {
	err := json.Unmarshal(b, &c.n)
	if err != nil {
		c.n = nil
	}
	return err
}

func (c number) count() *int {
	if c.n == nil || *c.n < 0 {
		return nil
	}
	return c.n
}

// link is an address that may be linked; anything else is left out.
func link(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return u.String()
}

// dateOf is the day of a time stamp, in UTC; zero when it is none.
func dateOf(stamp string) core.Date {
	t, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		d, err := core.ParseDate(stamp)
		if err != nil {
			return ""
		}
		return d
	}
	return core.DateOf(t.UTC())
}
