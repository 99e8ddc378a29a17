package site

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/cite"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

const (
	perPage     = 40 // papers of a list
	similarMost = 8
	channelDays = 14 // of a channel's posts on a page
	authorsMost = 200
)

// listed is a page of papers.
type listed struct {
	frame
	Heading string
	Said    say.Text // about what is shown
	Items   []item
	Spans   []choice
	Sorts   []choice
	Topics  []choice
	Before  *choice
	After   *choice
	Earlier string // the page before this one, and …
	Later   string // … the next
}

// home is the papers of some days, or what was searched for.
func (s *Site) home(ctx context.Context, v *visit) error {
	if v.Q != "" {
		return s.search(ctx, v)
	}
	ch := s.hereOr(v)
	today := ch.Day(s.Now())
	day := v.Date
	if day.IsZero() {
		day = today
		if before, _, err := s.Query.Beside(ctx, query.Span{From: today.AddDays(1), To: today}); err != nil {
			return err
		} else if !before.IsZero() {
			day = before
		}
	}
	within, heading := days(v.Span, day)
	l := listed{frame: s.frame(v, heading), Heading: heading}
	l.Feeds = s.feeds(v, "day", "The day's papers")
	var about topic.Topic
	if v.here != nil {
		topics, err := s.Store.Topics(ctx, v.here.ID)
		if err != nil {
			return err
		}
		found := v.Topic == 0
		for _, t := range topics {
			if t.Unreadable != "" {
				continue
			}
			is := t.Number == v.Topic
			if is {
				about, found = t.Topic, true
			}
			l.Topics = append(l.Topics, choice{Label: cards.Cut(t.Text(), 40), Title: t.Text(), Is: is, Href: v.with(func(a *ask) {
				if a.Topic = t.Number; is {
					a.Topic = 0
				}
			})})
		}
		if !found {
			return core.ErrNotFound
		}
	} else if v.Topic != 0 {
		return core.ErrNotFound
	}
	order := query.Trending
	switch v.Sort {
	case "new":
		order = query.Newest
	case "votes":
		order = query.ByVotes
	}
	found, err := s.Query.Listed(ctx, ch, within, about, order, (v.Page-1)*perPage, perPage)
	if err != nil {
		return err
	}
	for i := range found.Hits {
		p := &found.Hits[i].Paper
		l.Items = append(l.Items, v.item(cards.View(p, core.DefaultSettings(), nil), p, found.Hits[i].Votes))
	}
	switch papers := cards.CountUpTo(found.Total, found.More, "paper"); {
	case found.Total == 0 && order == query.ByVotes:
		l.Said = sayf("Nobody voted here for a paper of these days.")
	case found.Total == 0:
		l.Said = sayf("No papers.")
	case found.Total <= perPage:
		l.Said = sayf("%s", papers)
	default:
		l.Said = sayf("%s, page %d of %d", papers, v.Page, (found.Total+perPage-1)/perPage)
	}
	if err := v.turns(&l, found.Total); err != nil {
		return err
	}
	before, after, err := s.Query.Beside(ctx, within)
	if err != nil {
		return err
	}
	beside := func(d core.Date) *choice {
		if d.IsZero() {
			return nil
		}
		_, name := days(v.Span, d)
		return &choice{Label: name, Href: v.with(func(a *ask) { a.Date = d })}
	}
	l.Before, l.After = beside(before), beside(after)
	for _, one := range []struct{ span, label string }{{"", "Day"}, {"week", "Week"}, {"month", "Month"}} {
		l.Spans = append(l.Spans, choice{Label: one.label, Is: v.Span == one.span, Href: v.with(func(a *ask) { a.Span, a.Date = one.span, day })})
	}
	for _, one := range []struct {
		sort, label string
		is          query.Order
	}{{"", "Trending", query.Trending}, {"new", "Newest", query.Newest}, {"votes", "Votes here", query.ByVotes}} {
		if one.is == query.ByVotes && v.here == nil {
			continue
		}
		l.Sorts = append(l.Sorts, choice{Label: one.label, Is: order == one.is, Href: v.with(func(a *ask) { a.Sort = one.sort })})
	}
	s.write(v.w, http.StatusOK, "days", l)
	return nil
}

// turns are the pages before and after one, which is there.
func (v *visit) turns(l *listed, total int) error {
	if v.Page > 1 && (v.Page-1)*perPage >= total {
		return core.Userf("E-NOTFOUND", "There is no page %d of this.", v.Page)
	}
	if v.Page > 1 {
		a := v.ask
		a.Page--
		l.Earlier = a.Href()
	}
	if v.Page*perPage < total && v.Page < maxPage {
		a := v.ask
		a.Page++
		l.Later = a.Href()
	}
	return nil
}

// hereOr is the channel that is read, or one without a name, whose votes are nobody's.
func (s *Site) hereOr(v *visit) core.Channel {
	if v.here != nil {
		return *v.here
	}
	return core.Channel{ID: -1, Schedule: core.Schedule{Zone: s.Zone.String()}}
}

// search is what words find, by what they say and by what they mean.
func (s *Site) search(ctx context.Context, v *visit) error {
	l := listed{frame: s.frame(v, v.Q), Heading: v.Q}
	ch := s.hereOr(v)
	t, err := topic.ParseSearch(v.Q)
	if err == nil {
		q := core.Query{Topic: t, Plain: topic.Plain(v.Q), Sort: core.SortBest, Limit: perPage, Offset: (v.Page - 1) * perPage, Channel: ch.ID}
		switch v.Sort {
		case "new":
			q.Sort = core.SortNew
		case "votes", "trending":
			q.Sort = core.SortTop
		}
		var found core.Found
		if found, err = s.Query.Search(ctx, q); err != nil {
			return err
		}
		shown := max(found.Total, found.Ranked)
		if q.Plain != nil {
			shown = found.Ranked
		}
		for i := range found.Hits {
			h := &found.Hits[i]
			view := cards.Entry(&h.Paper)
			view.Matched = cards.Found(&q, h)
			l.Items = append(l.Items, v.item(view, &h.Paper, h.Votes))
		}
		papers := cards.CountUpTo(found.Total, found.More, "paper")
		switch {
		case shown == 0:
			l.Said = sayf("Nothing was found. Fewer words find more.")
		case q.Plain != nil && found.Total == 0:
			l.Said = sayf("No paper has all the words; these are nearest in meaning.")
		case q.Plain != nil && shown > found.Total:
			l.Said = sayf("%s with all the words, and what is near in meaning.", papers)
		default:
			l.Said = sayf("%s.", papers)
		}
		if err := v.turns(&l, shown); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if err != nil {
		text, mistaken := sentence(err)
		if !mistaken {
			return err
		}
		l.Said, status = text, http.StatusBadRequest
	}
	for _, one := range []struct{ sort, label string }{{"", "Best"}, {"new", "Newest"}, {"votes", "Top"}} {
		l.Sorts = append(l.Sorts, choice{Label: one.label, Is: v.Sort == one.sort, Href: v.with(func(a *ask) { a.Sort = one.sort })})
	}
	s.write(v.w, status, "search", l)
	return nil
}

// whole is a paper's page.
type whole struct {
	frame
	item
	Heading  string
	Abstract string
	Authors  []choice
	Others   int // authors that are not named
	Versions []choice
	Known    []fact
	Here     []posted
	Similar  []item
	BibTeX   string
	Files    []choice
}

// fact is something that is known of a paper.
type fact struct {
	Name, Value, Href string
}

// posted is a paper in a channel that the reader may read.
type posted struct {
	Channel, Href string
	When          string // "" where it was not posted
	Up, Down      int
	Matched       say.Text
}

// paper is all that is known of a paper; with .bib or .ris behind it, that file.
func (s *Site) paper(ctx context.Context, v *visit) error {
	id := v.r.PathValue("id")
	format := ""
	for _, f := range []struct{ ext, format string }{{".bib", "bibtex"}, {".ris", "ris"}} {
		if cut, ok := strings.CutSuffix(id, f.ext); ok {
			id, format = cut, f.format
		}
	}
	papers, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	p := &papers[0]
	today := s.today(v)
	if format != "" {
		f, err := cite.Export(format, papers, today)
		if err != nil {
			return err
		}
		v.w.Header().Set("Content-Type", f.Type)
		v.w.Header().Set("Content-Disposition", `attachment; filename="`+f.Name+`"`)
		v.w.Write(f.Data)
		return nil
	}
	view := cards.Whole(p, 0).Papers[0]
	w := whole{frame: s.frame(v, view.Title), item: v.item(view, p, 0), Heading: view.Title, Abstract: view.Excerpt}
	for i, name := range p.Authors {
		if i == authorsMost {
			w.Others = len(p.Authors) - i
			break
		}
		w.Authors = append(w.Authors, choice{Label: cards.Name(name), Href: v.authorHref(name)})
	}
	w.Versions, w.Known = versions(p), known(p)
	if w.Here, err = s.posted(ctx, v, p.ID); err != nil {
		return err
	}
	near, err := s.similar(ctx, p)
	if err != nil {
		return err
	}
	for i := range near {
		w.Similar = append(w.Similar, v.item(cards.Entry(&near[i]), &near[i], 0))
	}
	f, err := cite.Export("bibtex", papers, today)
	if err != nil {
		return err
	}
	w.BibTeX = strings.TrimSpace(string(f.Data))
	for _, ext := range []string{"bib", "ris"} {
		w.Files = append(w.Files, choice{Label: map[string]string{"bib": "BibTeX", "ris": "RIS"}[ext], Href: v.paperHref(p.ID + core.PaperID("."+ext))})
	}
	s.write(v.w, http.StatusOK, "paper", w)
	return nil
}

func (s *Site) today(v *visit) core.Date {
	ch := s.hereOr(v)
	return ch.Day(s.Now())
}

// find is the paper with an id, as people write it.
func (s *Site) find(ctx context.Context, id string) ([]core.Paper, error) {
	ids := []core.PaperID{core.PaperID(id)}
	if parsed, _, ok := core.ParsePaperID(id); ok && parsed != ids[0] {
		ids = append(ids, parsed)
	}
	papers, err := s.Store.Papers(ctx, ids)
	if err == nil && len(papers) == 0 {
		err = core.ErrNotFound
	}
	return papers[:min(1, len(papers))], err
}

// versionsMost is how many of a paper's versions are linked, the newest.
const versionsMost = 12

func versions(p *core.Paper) (out []choice) {
	if p.Link != "" {
		return nil
	}
	for n := p.Version; n > 0 && len(out) < versionsMost; n-- {
		label := "v" + strconv.Itoa(n)
		out = append(out, choice{Label: label, Href: p.URL() + label, Is: n == p.Version})
	}
	slices.Reverse(out)
	return out
}

func known(p *core.Paper) (out []fact) {
	add := func(name, value, to string) {
		if value != "" {
			out = append(out, fact{name, value, say.Href(to, "")})
		}
	}
	count := func(n *int) string {
		if n == nil {
			return ""
		}
		return cards.Number(*n)
	}
	if !p.Day.IsZero() {
		add("Listed", long(p.Day), "")
	}
	if !p.Published.IsZero() && p.Published != p.Day {
		add("Published", long(p.Published), "")
	}
	add("Categories", strings.Join(p.Categories, ", "), "")
	add("Upvotes on Hugging Face", count(p.Upvotes), "")
	add("Comments there", count(p.Comments), "")
	add("Organization", p.Organization, "")
	add("Authors' comment", p.Comment, "")
	add("Journal", p.Journal, "")
	if p.DOI != "" {
		add("DOI", p.DOI, "https://doi.org/"+p.DOI)
	}
	return out
}

// posted says where the paper was posted or voted for, of channels that the reader may read.
func (s *Site) posted(ctx context.Context, v *visit, id core.PaperID) (out []posted, err error) {
	ids := []core.PaperID{id}
	for i := range v.channels {
		ch := &v.channels[i]
		ledger, err := s.Store.DeliveriesFor(ctx, ch.ID, ids)
		if err != nil {
			return nil, err
		}
		tally, err := s.Store.Tally(ctx, ch.ID, ids, time.Time{})
		if err != nil {
			return nil, err
		}
		one := posted{Channel: named(ch), Href: ask{Path: "/channels/" + strconv.FormatInt(ch.ID, 10), In: v.In}.Href(), Up: tally[id].Up, Down: tally[id].Down}
		if d, ok := ledger[id]; ok && d.State == core.Posted {
			digest, err := s.Store.Digest(ctx, d.Digest)
			if err != nil {
				return nil, err
			}
			one.When = long(ch.Day(digest.Due))
			one.Matched = matched(d.Matched)
		}
		if one.When != "" || one.Up+one.Down > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// matched names the topics that brought a paper.
func matched(ms []core.Matched) say.Text {
	var topics []say.Text
	for _, m := range ms {
		if m.Topic != "" {
			topics = append(topics, sayf("%s", m.Topic))
		}
	}
	return say.Join(", ", topics...)
}

// sent is a channel's page.
type sent struct {
	frame
	Heading string
	When    string
	Topics  []choice
	Posts   []post
	Ticket  string // to subscribe by mail; "": nothing is sent
	Zone    string // of the channel
	Before  *choice
	After   *choice
}

// post is what was posted at once.
type post struct {
	Day, Clock, Kind string
	Items            []item
}

// kinds are what people call the occasions of posts, but for the daily one.
var kinds = map[core.DigestKind]string{core.CatchUp: "catch-up", core.Sample: "a sample", core.Weekly: "the best of the week"}

// channel is what a channel was sent, and what of it was voted for.
func (s *Site) channel(ctx context.Context, v *visit) error {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return core.ErrNotFound
	}
	ch, ok := v.reader.channel(id)
	if !ok {
		return core.ErrNotFound
	}
	v.here, v.In = ch, v.seenFrom(ch)
	l := sent{frame: s.frame(v, named(ch)), Heading: named(ch), When: ch.Schedule.Human()}
	if l.Feeds = s.feeds(v, "posts", "What is posted in "+named(ch)); !v.linkedTo(ch) {
		l.Feeds = nil
	}
	if s.Mail != nil {
		if l.Ticket, err = s.Mail.Ticket(ctx, *ch); err != nil {
			return err
		}
		l.Zone = ch.Schedule.Zone
	}
	topics, err := s.Store.Topics(ctx, ch.ID)
	if err != nil {
		return err
	}
	for _, t := range topics {
		if t.Unreadable == "" {
			l.Topics = append(l.Topics, choice{Label: cards.Cut(t.Text(), 60), Title: t.Text(), Href: ask{Path: "/", Topic: t.Number, Span: "month", In: v.In}.Href()})
		}
	}
	today := ch.Day(s.Now())
	last := v.Date
	if last.IsZero() || last > today {
		last = today
	}
	within := query.Span{From: last.AddDays(1 - channelDays), To: last}
	posts, err := s.Query.Posts(ctx, *ch, within)
	if err != nil {
		return err
	}
	for _, one := range posts {
		if len(one.Papers) == 0 { // a quiet day's line
			continue
		}
		due := one.Digest.Due.In(ch.Location())
		out := post{Day: long(core.DateOf(due)), Clock: due.Format("15:04"), Kind: kinds[one.Digest.Kind]}
		for i := range one.Papers {
			p := &one.Papers[i]
			i := v.item(cards.Title(&p.Paper, &p.Delivery, ch.Settings), &p.Paper, p.Votes.Up)
			out.Items = append(out.Items, i)
		}
		l.Posts = append(l.Posts, out)
	}
	if ch.Created.IsZero() || ch.Day(ch.Created).Before(within.From) {
		l.Before = &choice{Label: "Earlier", Href: v.with(func(a *ask) { a.Date = within.From.AddDays(-1) })}
	}
	if last < today {
		l.After = &choice{Label: "Later", Href: v.with(func(a *ask) {
			if a.Date = last.AddDays(channelDays); a.Date >= today {
				a.Date = ""
			}
		})}
	}
	s.write(v.w, http.StatusOK, "channel", l)
	return nil
}
