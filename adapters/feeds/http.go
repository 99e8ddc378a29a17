package feeds

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// How much a feed holds: more than comes between two looks of a reader that looks once a
// day, or once a week at what a group posts.
const (
	postDays  = 30  // days of posts …
	mostPosts = 200 // … and their papers at most
	listDays  = 3   // days of what sources listed …
	mostOfDay = 50  // … and papers of each
	mostFound = 100 // papers of a topic
	maxQuery  = 500 // characters of a topic that is asked for
)

// everybody is the ID of no channel: of what is for all, nobody's votes decide the order.
const everybody = -1

// settled is for how long a feed's newest change is not told as when it last changed:
// something else may still be written down with the same second.
const settled = time.Minute

// Store is what feeds need beside core/query.
type Store interface {
	LinkBySecret(ctx context.Context, purpose core.Purpose, secret string) (core.Link, core.Channel, error)
	Topics(ctx context.Context, channel int64) ([]core.Topic, error)
	Mutes(ctx context.Context, channel int64, user string, now time.Time) ([]core.Mute, error)
	Sightings(ctx context.Context, ids []core.PaperID) (map[core.PaperID][]core.Sighting, error)
}

// Feeds answers what is asked below /feeds/.
type Feeds struct {
	Store  Store
	Query  *query.Reader
	Page   string // where people reach the readers' page, without a slash at its end
	Public bool   // the day's papers and searches are for everybody, without a link; nothing of any channel is
	Now    func() time.Time
	Log    *slog.Logger

	drawn kit.Cache[drawing] // by address
}

// An answer is what somebody gets.
type answer struct {
	mime    string
	body    []byte    // nil: it is what they have
	changed time.Time // zero: it may change without anything in it saying when
}

// A drawing is what a feed was drawn from, and the ETag of what came of it. Readers ask
// again and again for what has not changed; to draw it is most of the work.
type drawing struct {
	from [sha256.Size]byte
	etag string
}

// errNothing: there is nothing, or nothing for whoever asks. Nobody is told which.
var errNothing = errors.New("nothing here")

// ServeHTTP implements http.Handler.
func (s *Feeds) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	a, err := s.answer(r)
	var user *core.UserError
	switch {
	case errors.Is(err, errNothing):
		http.Error(w, "Not found.", http.StatusNotFound)
		return
	case errors.As(err, &user):
		http.Error(w, user.Error(), http.StatusBadRequest)
		return
	case r.Context().Err() != nil:
		return // nobody waits for it any more
	case err != nil:
		s.Log.Error("a feed could not be read", "err", err) // its address is a secret
		h.Set("Retry-After", "60")
		http.Error(w, "It cannot be read now. Try again in a minute.", http.StatusServiceUnavailable)
		return
	}
	h.Set("Cache-Control", "private, no-cache") // kept, and asked about: a link that is taken away ends at once
	if a.body == nil {
		h.Set("ETag", r.Header.Get("If-None-Match"))
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.mime+"; charset=utf-8")
	h.Set("ETag", etag(a.body))
	if s.Now().Sub(a.changed) < settled {
		a.changed = time.Time{}
	}
	http.ServeContent(w, r, "", a.changed, bytes.NewReader(a.body))
}

func etag(body []byte) string { return fmt.Sprintf(`"%x"`, sha256.Sum256(body)) }

// answer finds what is asked for by the path behind /feeds/.
func (s *Feeds) answer(r *http.Request) (answer, error) {
	path := strings.TrimPrefix(r.URL.Path, "/feeds/")
	secret, name, private := strings.Cut(path, "/")
	if !private {
		if !s.Public {
			return answer{}, errNothing
		}
		return s.written(r, &core.Channel{ID: everybody, Name: by}, "/feeds/", "/", path)
	}
	ctx := r.Context()
	_, ch, err := s.Store.LinkBySecret(ctx, core.LinkRead, secret)
	if errors.Is(err, core.ErrNotFound) {
		err = errNothing
	}
	if err != nil {
		return answer{}, err
	}
	base, home := "/feeds/"+secret+"/", "/c/"+secret
	switch {
	case name == "channel.opml":
		return s.list(ctx, &ch, base, home)
	case strings.HasPrefix(name, "digest/") && strings.HasSuffix(name, ".json"):
		return s.digest(ctx, &ch, name[len("digest/"):len(name)-len(".json")])
	}
	return s.written(r, &ch, base, home, name)
}

// written is a feed in the format that its name ends with.
func (s *Feeds) written(r *http.Request, ch *core.Channel, base, home, name string) (a answer, err error) {
	name, format, _ := strings.Cut(name, ".")
	draw := atom
	switch a.mime = atomType; format {
	case "atom":
	case "json":
		a.mime, draw = jsonType, jsonFeedOf
	default:
		return answer{}, errNothing
	}
	asked := r.URL.Query().Get("q")
	f, from, err := s.feed(r.Context(), ch, name, asked)
	if err != nil {
		return answer{}, err
	}
	f.self, f.home = s.Page+base+name+"."+format, s.Page+home
	if name == "search" {
		f.self += "?" + url.Values{"q": {asked}}.Encode()
	}
	b, err := json.Marshal([]any{f.title, f.about, ch.Settings, from.Posts, from.Papers})
	if err != nil {
		return answer{}, err
	}
	d := drawing{from: sha256.Sum256(b)}
	if last, ok := s.drawn.Get(f.self, s.Now()); ok && last.from == d.from && last.etag == r.Header.Get("If-None-Match") {
		return answer{}, nil
	}
	f.entries = append(postsOf(ch, from.Posts), papersOf(ch, from.Papers)...)
	f.updated = newest(f.entries, ch.Created)
	if from.Papers == nil { // of others, muting and votes change what is there
		a.changed = f.updated
	}
	if a.body, err = draw(f); err == nil {
		d.etag = etag(a.body)
		s.drawn.Put(f.self, d, time.Time{})
	}
	return a, err
}

// A source is what the entries of a feed are drawn from: posts, or papers that were found.
type source struct {
	Posts  []query.Post
	Papers []found
}

// feed is the feed of that name without its entries, and what they are drawn from.
func (s *Feeds) feed(ctx context.Context, ch *core.Channel, name, asked string) (f feed, from source, err error) {
	number, isTopic := strings.CutPrefix(name, "topics/")
	switch {
	case name == "posts" && ch.ID != everybody:
		f.title, f.about = postsTitle(ch), "What was posted in "+called(ch)+", as it was posted."
		from.Posts, err = s.posts(ctx, ch)
	case name == "day":
		f.title, f.about = dayTitle(ch), fmt.Sprintf("Of each of the last %d days the %d papers with the most votes%s.", listDays, mostOfDay, within(ch))
		from.Papers, err = s.day(ctx, ch)
	case isTopic && ch.ID != everybody:
		var t core.Topic
		if t, err = s.topic(ctx, ch, number); err == nil {
			f.title, f.about = topicTitle(ch, t.Text()), "The newest papers of topic #"+number+" of "+called(ch)+"."
			from.Papers, err = s.found(ctx, ch, newestOf(t.Topic))
		}
	case name == "search":
		var t topic.Topic
		if t, err = read(asked); err == nil {
			name += " " + t.String()
			f.title, f.about = topicTitle(ch, t.String()), "The newest papers for this search"+within(ch)+"."
			from.Papers, err = s.found(ctx, ch, newestOf(t))
		}
	default:
		err = errNothing
	}
	f.id = urn(ch.Key.String() + " feed " + name)
	return f, from, err
}

func newestOf(t topic.Topic) core.Query {
	return core.Query{Topic: t, Sort: core.SortNew, Limit: mostFound}
}

// read reads a topic that is asked for. The error is a *core.UserError.
func read(asked string) (topic.Topic, error) {
	switch {
	case len(asked) > maxQuery:
		return topic.Topic{}, core.Userf("E-LONG", "That is too long: write at most %d characters behind `q=`.", maxQuery)
	case strings.TrimSpace(asked) == "":
		return topic.Topic{}, core.Userf("E-PARSE", "Write behind `q=` what the feed is about, as in `search.atom?q=lora`.")
	}
	t, err := topic.Parse(asked)
	if wrong, ok := errors.AsType[*topic.Error](err); ok {
		err = &core.UserError{Code: wrong.Code, Text: wrong.Text}
	}
	return t, err
}

// posts are the last posts, as many as have the papers that a feed holds.
func (s *Feeds) posts(ctx context.Context, ch *core.Channel) ([]query.Post, error) {
	today := ch.Day(s.Now())
	posts, err := s.Query.Posts(ctx, *ch, query.Span{From: today.AddDays(-postDays), To: today})
	papers := 0
	for i, p := range posts {
		if papers += len(p.Papers); papers > mostPosts {
			return posts[:i], err
		}
	}
	return posts, err
}

// topic is the one that a channel calls by that number.
func (s *Feeds) topic(ctx context.Context, ch *core.Channel, number string) (core.Topic, error) {
	topics, err := s.Store.Topics(ctx, ch.ID)
	for _, t := range topics {
		if strconv.Itoa(t.Number) == number && t.Unreadable == "" {
			return t, err
		}
	}
	return core.Topic{}, cmp.Or(err, errNothing)
}

// day is the most voted of the last days, the newest day first.
func (s *Feeds) day(ctx context.Context, ch *core.Channel) ([]found, error) {
	papers := []found{}
	today := ch.Day(s.Now())
	for n := range listDays {
		day := today.AddDays(-n)
		of, err := s.found(ctx, ch, core.Query{Since: day, Until: day, Sort: core.SortTop, Limit: mostOfDay, Channel: ch.ID})
		if err != nil {
			return nil, err
		}
		papers = append(papers, of...)
	}
	return papers, nil
}

// found are the papers that a query finds in a channel's scope, without what the channel
// hides.
func (s *Feeds) found(ctx context.Context, ch *core.Channel, q core.Query) ([]found, error) {
	q.Scope = ch.Settings.Scope
	if err := s.Query.Ready(ctx, &q.Topic); err != nil {
		return nil, err
	}
	hits, err := s.Query.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	mutes, err := s.Store.Mutes(ctx, ch.ID, "", s.Now())
	if err != nil {
		return nil, err
	}
	hidden, err := s.Query.Hide(ctx, mutes)
	if err != nil {
		return nil, err
	}
	papers := []found{}
	var ids []core.PaperID
	for _, h := range hits.Hits {
		f := found{Paper: h.Paper}
		if len(mutes) > 0 || len(q.Topic.Clauses) > 0 {
			doc := h.Paper.Doc()
			if hidden.Has(h.Paper.ID, doc) {
				continue
			}
			if why, ok := q.Topic.Match(doc); ok {
				f.Matched = []core.Matched{{Topic: q.Topic.String(), Why: why}}
			}
		}
		papers, ids = append(papers, f), append(ids, h.Paper.ID)
	}
	seen, err := s.Store.Sightings(ctx, ids)
	for i := range papers {
		papers[i].Seen = seen[papers[i].Paper.ID]
	}
	return papers, err
}

// list is what feeds a channel has.
func (s *Feeds) list(ctx context.Context, ch *core.Channel, base, home string) (answer, error) {
	topics, err := s.Store.Topics(ctx, ch.ID)
	if err != nil {
		return answer{}, err
	}
	feeds := []feed{{title: postsTitle(ch), self: "posts"}, {title: dayTitle(ch), self: "day"}}
	for _, t := range topics {
		if t.Unreadable == "" {
			feeds = append(feeds, feed{title: topicTitle(ch, t.Text()), self: "topics/" + strconv.Itoa(t.Number)})
		}
	}
	for i := range feeds {
		feeds[i].self, feeds[i].home = s.Page+base+feeds[i].self+".atom", s.Page+home
	}
	body, err := opml("Papers of "+called(ch), feeds)
	return answer{mime: opmlType, body: body}, err
}

// digest is a day's posts.
func (s *Feeds) digest(ctx context.Context, ch *core.Channel, asked string) (answer, error) {
	day, err := core.ParseDate(asked)
	if err != nil {
		return answer{}, errNothing
	}
	posts, err := s.Query.Posts(ctx, *ch, query.Span{From: day, To: day})
	if err != nil {
		return answer{}, err
	}
	body, err := jsonOf(digestOf(ch, day, posts))
	return answer{mime: "application/json", body: body}, err
}

func called(ch *core.Channel) string {
	return cmp.Or(strings.TrimSpace(say.OneLine(ch.Name)), "this channel")
}

func postsTitle(ch *core.Channel) string { return "Papers in " + called(ch) }

func dayTitle(ch *core.Channel) string {
	if ch.ID == everybody {
		return "Papers of the day"
	}
	return "Papers of the day for " + called(ch)
}

func topicTitle(ch *core.Channel, text string) string { return called(ch) + ": " + say.OneLine(text) }

// within says where papers are looked for.
func within(ch *core.Channel) string {
	if in := ch.Settings.Scope.Reading().String(); in != "" {
		return " " + in
	}
	return ""
}
