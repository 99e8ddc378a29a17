package mcp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/chat"
	"paperboy/core/excerpt"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// reads adds the tools that change nothing.
func (d *desk) reads(s *sdk.Server) {
	no := false
	read := func(name, title, description string) sdk.Tool {
		return sdk.Tool{Name: name, Title: title, Description: description, Annotations: &sdk.ToolAnnotations{Title: title, ReadOnlyHint: true, IdempotentHint: true, OpenWorldHint: &no}}
	}
	abstract := map[string][]any{"abstract": {full}}
	add(d, s, read("search", "Search papers", "Find papers by what they are about: plain words are understood by meaning too. \"a phrase\", -word, word*, title:, author:\"Jane Doe\", cat:cs.CL, has:code, min:20 (upvotes), like:ID and | (or) narrow it."),
		map[string][]any{"abstract": {full}, "sort": {"best", "new", "top"}}, d.search)
	add(d, s, read("paper", "One paper", "All that is known of one paper: abstract, authors, dates, code, links, the group's votes, when it was posted."), abstract, d.paper)
	add(d, s, read("digest", "A day's post", "What the channel got on a day, in the order in which it was posted, with the group's votes."), abstract, d.digest)
	add(d, s, read("top", "Top papers", "What the group voted for most lately; without votes, by upvotes on Hugging Face."), abstract, d.top)
	add(d, s, read("seen_before", "Did the channel get these?", "Which of these papers the channel got, and when. Asking marks nothing as seen."), nil, d.seen)
	add(d, s, read("why", "Why a paper came", "Which of the channel's topics match a paper, where and in which sentence, and what became of it."), nil, d.why)
	add(d, s, read("missed", "Why a paper did not come", "Where a paper fell out on its way into the channel, what it lacks of the topics, and which change of a topic would bring its like, with how many more papers that costs."), nil, d.missed)
}

// Where is the channel that a question is about.
type Where struct {
	Channel string `json:"channel,omitempty" jsonschema:"whose: a channel's name or platform/workspace/id; only where there are several"`
}

type searchIn struct {
	Query string `json:"query" jsonschema:"what to look for"`
	Sort  string `json:"sort,omitempty" jsonschema:"best (default), new, or top: by votes"`
	Since string `json:"since,omitempty" jsonschema:"how far back: 7d, 2w, 2026-11-01"`
	Where
	Part
}

func (d *desk) search(ctx context.Context, in searchIn) (text string, out Papers, err error) {
	var ch core.Channel // none: everything
	if d.Channel != 0 || in.Channel != "" {
		if ch, err = d.channel(ctx, in.Channel); err != nil {
			return "", out, err
		}
	}
	t, err := topic.ParseSearch(in.Query)
	if err != nil {
		return "", out, err
	}
	if _, err := chat.Known(ctx, d.Query, t); err != nil {
		return "", out, err
	}
	if err := d.Query.Ready(ctx, &t); err != nil {
		return "", out, err
	}
	q := core.Query{Topic: t, Plain: topic.Plain(in.Query), Scope: ch.Settings.Scope, Sort: core.Sort(in.Sort), Limit: in.length(), Offset: in.from(), Channel: ch.ID}
	if in.Since != "" {
		if q.Since, err = core.ParseSince(in.Since, ch.Day(d.now())); err != nil {
			return "", out, err
		}
	}
	found, err := d.Query.Search(ctx, q)
	if err != nil {
		return "", out, err
	}
	total := found.Total
	if q.Plain != nil {
		total = found.Ranked // those that are near are shown too
	}
	asked := cards.Cut(strings.Join(strings.Fields(in.Query), " "), 200)
	if total == 0 {
		return d.nothing(ctx, q, asked)
	}
	head := fmt.Sprintf("%s for `%s`", cards.CountUpTo(found.Total, found.More, "paper"), asked)
	if total > found.Total {
		head = fmt.Sprintf("%s with all words of `%s`, and %s near in meaning", cards.CountUpTo(found.Total, found.More, "paper"), asked, cards.Number(total-found.Total))
	}
	entries := make([]entry, len(found.Hits))
	for i, h := range found.Hits {
		entries[i] = entry{Paper: h.Paper, votes: h.Votes, matched: cards.Found(&q, &h)}
	}
	text, out = in.list(head+".", entries, total)
	return text, out, nil
}

// nothing answers a search that found nothing: with what finds something.
func (d *desk) nothing(ctx context.Context, q core.Query, asked string) (string, Papers, error) {
	hints, err := d.Query.Instead(ctx, q)
	var p page
	p.say("No paper matches `%s`.", asked)
	for _, h := range few(hints, 5) {
		since := ""
		if !h.Since.IsZero() {
			since = ", since " + string(h.Since)
		}
		p.say("`%s` finds %s%s.", cards.Cut(h.Topic.String(), 200), cards.Count(h.Found, "paper"), since)
	}
	return p.String(), Papers{Papers: []Paper{}}, err
}

type paperIn struct {
	ID       string `json:"id" jsonschema:"an arXiv id or link, or feed:…"`
	Abstract string `json:"abstract,omitempty" jsonschema:"full: all of a long abstract, and all authors"`
	Where
}

// Whole is one paper as data.
type Whole struct {
	Notice string `json:"notice"`
	Paper
	Published  core.Date `json:"published,omitempty"`
	Version    int       `json:"version,omitempty"`
	Withdrawn  bool      `json:"withdrawn,omitempty"`
	Categories []string  `json:"categories,omitempty"`
	PDF        string    `json:"pdf,omitempty"`
	Code       string    `json:"code,omitempty"`
	Project    string    `json:"project,omitempty"`
	DOI        string    `json:"doi,omitempty"`
	Journal    string    `json:"journal,omitempty"`
	Comment    string    `json:"comment,omitempty" jsonschema:"the authors', quoted too"`
	State      string    `json:"state,omitempty" jsonschema:"what became of it in the channel"`
}

func (d *desk) paper(ctx context.Context, in paperIn) (text string, out Whole, err error) {
	p, err := d.known(ctx, in.ID)
	if err != nil {
		return "", out, err
	}
	e := entry{Paper: p}
	if d.Channel != 0 || in.Channel != "" {
		ch, err := d.channel(ctx, in.Channel)
		if err != nil {
			return "", out, err
		}
		tally, err := d.Store.Tally(ctx, ch.ID, []core.PaperID{p.ID}, time.Time{})
		if err != nil {
			return "", out, err
		}
		e.votes = tally[p.ID].Up
		got, err := d.Store.DeliveriesFor(ctx, ch.ID, []core.PaperID{p.ID})
		if err != nil {
			return "", out, err
		}
		if del, had := got[p.ID]; had {
			if out.State = state(&del); del.State == core.Posted {
				e.posted = ch.Day(del.Updated)
			}
		}
	}
	whole := in.Abstract == full
	v := e.view(true)
	if whole {
		v.Authors = strings.Join(few(p.Authors, 500), ", ")
	}
	short := func(s string) string { return cards.Cut(s, 300) }
	out.Notice, out.Published, out.Version, out.Withdrawn = quoted, p.Published, p.Version, p.Withdrawn
	out.Categories, out.PDF, out.Code, out.Project = few(p.Categories, 10), short(p.PDF()), short(p.Code), short(p.Project)
	out.DOI, out.Journal, out.Comment = short(p.DOI), short(p.Journal), short(p.Comment)
	draw := func(abstract string) int {
		v.Excerpt = abstract
		out.Paper = e.data(&v)
		var t page
		t.say("%s", notice)
		e.write(&t, "", &v)
		if p.Published != "" {
			t.say("Version %d, first published %s.", max(p.Version, 1), p.Published)
		}
		for _, f := range []struct{ name, value string }{{"PDF", out.PDF}, {"Code", out.Code}, {"Project", out.Project}, {"DOI", out.DOI}} {
			if f.value != "" {
				t.quote(f.name + ": " + f.value)
			}
		}
		t.quote(out.Journal)
		t.quote(out.Comment)
		if out.State != "" {
			t.say("In the channel: %s.", out.State)
		}
		text = t.String()
		return len(text) + size(out)
	}
	room := standard
	if whole {
		room = longest
	}
	abstract := excerpt.Plain(p.Abstract)
	if shown := shorten(room-100, abstract, draw); shown != abstract && !whole {
		text += "The abstract goes on: abstract:\"full\" gives all of it.\n"
	}
	return text, out, nil
}

// state says what became of a paper, as the ledger has it.
func state(d *core.Delivery) string {
	return chat.Stopped(&query.Fate{Stage: query.InLedger, Delivery: *d})
}

// known is a paper that the store has, by what somebody calls it.
func (d *desk) known(ctx context.Context, ref string) (core.Paper, error) {
	id, ok := named(ref)
	if !ok {
		return core.Paper{}, core.Userf("E-PARSE", "`%s` is no paper's id. Write an arXiv id or link, as in 2509.24002; `search` finds papers by words.", cards.Cut(ref, 80))
	}
	p, err := d.Store.Paper(ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		return p, core.Userf("E-NOTFOUND", "I do not have the paper %s: no source has listed it since I was set up. `search` finds what I have by words.", string(id))
	}
	return p, err
}

// named is the id in an id or a link.
func named(ref string) (core.PaperID, bool) {
	ref = strings.TrimSpace(ref)
	if strings.HasPrefix(ref, "feed:") {
		return core.PaperID(ref), true
	}
	id, _, ok := core.ParsePaperID(ref)
	return id, ok
}

type digestIn struct {
	Date string `json:"date,omitempty" jsonschema:"YYYY-MM-DD, today or yesterday; without it, the last day with a post"`
	Where
	Part
}

// lookBack is how many days back the last post is looked for.
const lookBack = 31

func (d *desk) digest(ctx context.Context, in digestIn) (text string, out Papers, err error) {
	ch, err := d.channel(ctx, in.Channel)
	if err != nil {
		return "", out, err
	}
	day := ch.Day(d.now())
	switch s := strings.ToLower(strings.TrimSpace(in.Date)); s {
	case "", "today":
	case "yesterday":
		day = day.AddDays(-1)
	default:
		if day, err = core.ParseDate(s); err != nil {
			return "", out, core.Userf("E-PARSE", "I could not read the date `%s`. Write a day as 2026-11-20, today or yesterday.", cards.Cut(in.Date, 40))
		}
	}
	from := day
	if in.Date == "" {
		from = day.AddDays(-lookBack)
	}
	posts, err := d.Query.Posts(ctx, ch, query.Span{From: from, To: day})
	if err != nil {
		return "", out, err
	}
	posts = slices.DeleteFunc(posts, func(p query.Post) bool { return len(p.Papers) == 0 }) // a quiet day's line
	if len(posts) == 0 {
		out.Papers = []Paper{}
		if in.Date == "" {
			return fmt.Sprintf("%s got nothing in the last %d days.\n", called(&ch), lookBack), out, nil
		}
		return fmt.Sprintf("%s got nothing on %s. Without a date, digest gives the last day with a post.\n", called(&ch), weekday(day)), out, nil
	}
	last := ch.Day(posts[0].Digest.Due) // the newest is the first
	var entries []entry
	for _, post := range slices.Backward(posts) {
		for _, p := range post.Papers {
			if why := p.Delivery.Matched; ch.Day(post.Digest.Due) == last {
				entries = append(entries, entry{Paper: p.Paper, votes: p.Votes.Up, matched: cards.Matched(&p.Paper, why), why: why})
			}
		}
	}
	text, out = in.list(fmt.Sprintf("%s got %s on %s.", called(&ch), cards.Count(len(entries), "paper"), weekday(last)), part(in.Part, entries), len(entries))
	return text, out, nil
}

// called is how a channel is called, on one line.
func called(ch *core.Channel) string {
	if ch.Name == "" {
		return "The channel"
	}
	return say.OneLine(cards.Cut(ch.Name, 80))
}

type topIn struct {
	Since string `json:"since,omitempty" jsonschema:"votes since then: 7d (default), 30d, 2026-11-01"`
	Where
	Part
}

func (d *desk) top(ctx context.Context, in topIn) (text string, out Papers, err error) {
	ch, err := d.channel(ctx, in.Channel)
	if err != nil {
		return "", out, err
	}
	if in.Since == "" {
		in.Since = "7d"
	}
	from, err := core.ParseSince(in.Since, ch.Day(d.now()))
	if err != nil {
		return "", out, err
	}
	ranked, voted, turnedDown, err := d.Query.Top(ctx, ch, from)
	if err != nil {
		return "", out, err
	}
	head := fmt.Sprintf("Top papers of %s since %s, by the group's votes.", called(&ch), from)
	switch {
	case len(ranked) == 0:
		head = fmt.Sprintf("%s got and voted for nothing since %s. An earlier `since` looks further back.", called(&ch), from)
	case !voted:
		head = fmt.Sprintf("Nobody has voted in %s since %s; what it got, by upvotes on Hugging Face.", called(&ch), from)
	}
	if turnedDown > 0 {
		head += fmt.Sprintf(" Left out as not for them: %s.", cards.Count(turnedDown, "paper"))
	}
	entries := make([]entry, 0, usual)
	for _, h := range part(in.Part, ranked) {
		entries = append(entries, entry{Paper: h.Paper, votes: h.Votes})
	}
	text, out = in.list(head, entries, len(ranked))
	return text, out, nil
}

type seenIn struct {
	IDs []string `json:"ids" jsonschema:"arXiv ids or links, at most 50"`
	Where
}

// mostAsked is how many papers seen_before is asked about at once.
const mostAsked = 50

// Seen says whether a channel got a paper.
type Seen struct {
	ID     string    `json:"id"`
	Seen   bool      `json:"seen"`
	Posted core.Date `json:"posted,omitempty"`
	Votes  int       `json:"votes,omitempty"`
	State  string    `json:"state" jsonschema:"posted, or what else became of it"`
}

// SeenOut is what seen_before answers.
type SeenOut struct {
	Papers []Seen `json:"papers"`
}

func (d *desk) seen(ctx context.Context, in seenIn) (text string, out SeenOut, err error) {
	if len(in.IDs) == 0 || len(in.IDs) > mostAsked {
		return "", out, core.Userf("E-PARSE", "Name between 1 and %d papers, as `ids`: [\"2509.24002\"].", mostAsked)
	}
	ch, err := d.channel(ctx, in.Channel)
	if err != nil {
		return "", out, err
	}
	ids := make([]core.PaperID, len(in.IDs))
	for i, ref := range in.IDs {
		ids[i], _ = named(ref)
	}
	got, err := d.Store.DeliveriesFor(ctx, ch.ID, ids)
	if err != nil {
		return "", out, err
	}
	have, err := d.Store.Papers(ctx, ids)
	if err != nil {
		return "", out, err
	}
	here := map[core.PaperID]bool{}
	for _, p := range have {
		here[p.ID] = true
	}
	tally, err := d.Store.Tally(ctx, ch.ID, ids, time.Time{})
	if err != nil {
		return "", out, err
	}
	n := 0
	for i, ref := range in.IDs {
		id := ids[i]
		s := Seen{ID: string(id), Votes: tally[id].Up}
		del, had := got[id]
		switch {
		case id == "":
			s.ID, s.State = cards.Cut(say.OneLine(ref), 40), "no id of a paper"
		case had && del.State == core.Posted:
			s.Seen, s.Posted, s.State = true, ch.Day(del.Updated), "posted"
			n++
		case had:
			s.State = "not posted: " + state(&del)
		case here[id]:
			s.State = "not posted"
		default:
			s.State = "unknown here: no source has listed it"
		}
		out.Papers = append(out.Papers, s)
	}
	var p page
	p.say("%s got %d of %s.", called(&ch), n, cards.Count(len(in.IDs), "paper"))
	for _, s := range out.Papers {
		line := s.ID + ": " + s.State
		if s.Seen {
			line += " " + string(s.Posted)
		}
		if s.Votes > 0 {
			line += ", " + cards.Count(s.Votes, "vote")
		}
		p.say("%s", cards.Cut(line, 200))
	}
	return p.String(), out, nil
}

type fateIn struct {
	ID string `json:"id" jsonschema:"an arXiv id or link, or feed:…"`
	Where
}

// Fate is what became of a paper in a channel, as data.
type Fate struct {
	ID     core.PaperID `json:"id"`
	Posted core.Date    `json:"posted,omitempty" jsonschema:"the day it was posted"`
	State  string       `json:"state" jsonschema:"where it stopped, or posted"`
	Topics []string     `json:"topics" jsonschema:"the channel's topics that match it"`
	Lacks  []Lack       `json:"lacks,omitempty" jsonschema:"what it lacks of the topics that come nearest"`
	Offers []Offer      `json:"offers,omitempty" jsonschema:"what would bring its like from now on"`
}

// Lack is what a paper lacks of a topic.
type Lack struct {
	Topic string `json:"topic"`
	Lacks string `json:"lacks"`
}

// Offer is a change of a topic that would let a paper's like in.
type Offer struct {
	Topic      string  `json:"topic" jsonschema:"as it would be followed"`
	Instead    string  `json:"instead_of,omitempty" jsonschema:"the topic it would replace"`
	PerWeekday float64 `json:"papers_per_weekday" jsonschema:"how many more papers come with it"`
}

func (d *desk) why(ctx context.Context, in fateIn) (string, Fate, error) {
	t, err := d.told(ctx, in)
	if err != nil {
		return "", Fate{}, err
	}
	return t.String(), t.out, nil
}

func (d *desk) missed(ctx context.Context, in fateIn) (string, Fate, error) {
	t, err := d.told(ctx, in)
	if err != nil {
		return "", Fate{}, err
	}
	for i, m := range few(t.fate.Misses, 3) {
		if i == 0 {
			t.say("What it lacks of the topics that come nearest:")
		}
		l := Lack{topicLine(&m.Topic), cards.Cut(chat.Lacks(m.Lacks).String(), 300)}
		t.quote(l.Topic + ": " + l.Lacks)
		t.out.Lacks = append(t.out.Lacks, l)
	}
	if t.fate.Stage == query.NoTopic || t.fate.Stage == query.OutOfScope {
		offers, err := d.Query.Widenings(ctx, t.channel, &t.paper)
		if err != nil {
			return "", Fate{}, err
		}
		for i, w := range offers {
			if i == 0 {
				t.say("What would bring its like from now on, when somebody in the channel follows it:")
			}
			o := Offer{Topic: cards.Cut(w.To.String(), 200), PerWeekday: math.Round(10*w.PerWeekday()) / 10}
			line := fmt.Sprintf("%s: %.1f more papers a weekday", o.Topic, o.PerWeekday)
			if w.Topic.ID != 0 {
				o.Instead = topicLine(&w.Topic)
				line += ", instead of " + o.Instead
			}
			t.quote(line)
			t.out.Offers = append(t.out.Offers, o)
		}
	}
	return t.String(), t.out, nil
}

// topicLine is a topic with its number: "#3 lora -video".
func topicLine(t *core.Topic) string {
	return fmt.Sprintf("#%d %s", t.Number, cards.Cut(t.Text(), 200))
}

// told is what became of a paper in a channel, on its way into an answer.
type told struct {
	page
	channel core.Channel
	paper   core.Paper
	fate    query.Fate
	out     Fate
}

// told begins an answer about what became of a paper.
func (d *desk) told(ctx context.Context, in fateIn) (t *told, err error) {
	t = &told{}
	if t.channel, err = d.channel(ctx, in.Channel); err != nil {
		return nil, err
	}
	if t.paper, err = d.known(ctx, in.ID); err != nil {
		return nil, err
	}
	if t.fate, err = d.Query.Fate(ctx, t.channel, &t.paper); err != nil {
		return nil, err
	}
	t.out = Fate{ID: t.paper.ID, State: cards.Cut(chat.Stopped(&t.fate), 300), Topics: []string{}}
	line := t.out.State
	if del := t.fate.Delivery; t.fate.Stage == query.InLedger && del.State == core.Posted {
		t.out.Posted = t.channel.Day(del.Updated)
		line += " " + string(t.out.Posted)
	}
	t.say("%s in %s: %s.", t.paper.ID, called(&t.channel), line)
	t.say("%s", notice)
	t.quote(cards.Cut(excerpt.Plain(t.paper.Title), 300))
	for _, m := range few(t.fate.Matched, 3) {
		if m.Liked != nil {
			t.quote(cards.Discovered(*m.Liked).String())
			continue
		}
		t.out.Topics = append(t.out.Topics, cards.Cut(m.Topic, 200))
		t.quote("topic " + cards.Cut(m.Topic, 200))
		for _, w := range few(m.Why, 3) {
			line := cards.Why(w)
			if s := w.Sentence(t.paper.Title, t.paper.Abstract); s != "" && w.Field != topic.Title {
				line = append(line, say.Say(": “%s”", cards.Cut(s, 300))...)
			}
			t.quote(line.String())
		}
	}
	return t, nil
}
