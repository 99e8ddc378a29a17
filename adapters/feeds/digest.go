package feeds

import (
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
)

// digestDay is what a channel got on a day, for programs. Fields are added and never
// renamed; what is not known is left out.
type digestDay struct {
	Channel string       `json:"channel"`
	Date    core.Date    `json:"date"`
	Zone    string       `json:"timezone"`
	Posts   []digestPost `json:"posts"`
}

type digestPost struct {
	Kind   core.DigestKind `json:"kind"`
	Due    time.Time       `json:"due"`
	Title  string          `json:"title,omitempty"`
	Lines  []string        `json:"lines,omitempty"` // of the header, as it was planned
	Papers []digestPaper   `json:"papers"`
}

type digestPaper struct {
	ID         core.PaperID `json:"id"`
	Version    int          `json:"version,omitempty"`
	Title      string       `json:"title"`
	Authors    []string     `json:"authors,omitempty"`
	URL        string       `json:"url,omitempty"`
	PDF        string       `json:"pdf,omitempty"`
	Code       string       `json:"code,omitempty"`
	DOI        string       `json:"doi,omitempty"`
	Categories []string     `json:"categories,omitempty"`
	Published  core.Date    `json:"published,omitempty"`
	Summary    string       `json:"summary,omitempty"` // the authors' sentence
	Abstract   string       `json:"abstract,omitempty"`
	Labels     []string     `json:"labels,omitempty"`
	Topics     []string     `json:"topics,omitempty"` // that brought it
	Why        string       `json:"why,omitempty"`    // in words, as its message says it
	Votes      digestVotes  `json:"votes"`            // people's here
	Upvotes    *int         `json:"upvotes,omitempty"`
	Posted     time.Time    `json:"posted"`
}

type digestVotes struct {
	Up   int `json:"up"`
	Down int `json:"down"`
}

// digestOf is a day's posts, the first first.
func digestOf(ch *core.Channel, day core.Date, posts []query.Post) digestDay {
	out := digestDay{Channel: say.OneLine(ch.Name), Date: day, Zone: ch.Location().String(), Posts: []digestPost{}}
	for i := len(posts) - 1; i >= 0; i-- {
		post := &posts[i]
		d := digestPost{Kind: post.Digest.Kind, Due: moment(post.Digest.Due), Papers: []digestPaper{}}
		if h := post.Digest.Header; h != nil {
			d.Title = say.OneLine(h.Title)
			for _, l := range h.Lines {
				d.Lines = append(d.Lines, say.OneLine(l.String()))
			}
		}
		for j := range post.Papers {
			d.Papers = append(d.Papers, digestPaperOf(ch, &post.Papers[j]))
		}
		out.Posts = append(out.Posts, d)
	}
	return out
}

func digestPaperOf(ch *core.Channel, p *query.PostedPaper) digestPaper {
	v := cards.Delivered(&p.Paper, &p.Delivery, words(ch)).Papers[0]
	e := entryOf(ch, &p.Paper, v, p.Delivery.Updated, p.Delivery.Updated)
	out := digestPaper{
		ID: p.Paper.ID, Version: p.Paper.Version, Title: say.OneLine(v.Title), Authors: e.authors, URL: e.url, PDF: e.pdf, Code: e.code,
		DOI: say.OneLine(p.Paper.DOI), Categories: e.tags, Published: p.Paper.Published, Summary: e.summary, Abstract: say.OneLine(p.Paper.Abstract),
		Labels: labels(v), Why: v.Matched.String(), Votes: digestVotes(p.Votes), Upvotes: p.Paper.Upvotes, Posted: e.published,
	}
	for _, m := range p.Delivery.Matched {
		if m.Topic != "" {
			out.Topics = append(out.Topics, m.Topic)
		}
	}
	return out
}

func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
