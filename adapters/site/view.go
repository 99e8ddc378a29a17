package site

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// sayf is a sentence of a page.
func sayf(format string, args ...any) say.Text { return say.Say(format, args...) }

// sentence is what an error says of what was asked; mistaken is false where it says
// something of us.
func sentence(err error) (text say.Text, mistaken bool) {
	if e, ok := errors.AsType[*core.UserError](err); ok {
		return e.Text, true
	}
	if e, ok := errors.AsType[*topic.Error](err); ok {
		return e.Text, true
	}
	return nil, false
}

// ask is what an address asks for.
type ask struct {
	Path  string
	Date  core.Date // zero: the newest
	Span  string    // "", "week", "month"
	Sort  string    // "": the page's first
	Topic int       // a number of the channel's; 0: none
	Q     string
	Page  int // from 1
	In    int64
	here  *core.Channel // whose votes and topics are shown; nil: nobody's
}

const (
	maxQuery = 500 // characters
	maxPage  = 1000
)

// asked reads an address. What is not asked for on a page is passed over.
func (s *Site) asked(me *reader, r *http.Request) (a ask, err error) {
	q := r.URL.Query()
	a.Path, a.Page = r.URL.Path, 1
	if me.own() {
		a.here = &me.channels[0]
	}
	if v := q.Get("in"); v != "" {
		id, _ := strconv.ParseInt(v, 10, 64)
		ch, ok := me.channel(id)
		if !ok {
			return a, core.ErrNotFound
		}
		a.here, a.In = ch, me.seenFrom(ch)
	}
	if v := q.Get("date"); v != "" {
		if a.Date, err = core.ParseDate(v); err != nil || a.Date < "1900" || a.Date > "2999" {
			return ask{here: a.here, In: a.In}, core.Userf("E-PARSE", "I could not read the day `%s`. Write it as in `/?date=2026-11-20`.", cards.Cut(v, 40))
		}
	}
	if v := q.Get("page"); v != "" {
		if a.Page, err = strconv.Atoi(v); err != nil || a.Page < 1 || a.Page > maxPage {
			return ask{here: a.here, In: a.In}, core.Userf("E-PARSE", "There is no page `%s`.", cards.Cut(v, 40))
		}
	}
	if v := q.Get("topic"); v != "" {
		if a.Topic, err = strconv.Atoi(v); err != nil || a.Topic < 1 {
			return a, core.ErrNotFound
		}
	}
	for _, one := range []struct {
		name string
		into *string
		may  []string
	}{{"span", &a.Span, []string{"day", "week", "month"}}, {"sort", &a.Sort, []string{"trending", "new", "votes", "best"}}} {
		v := q.Get(one.name)
		if v == "" {
			continue
		}
		for _, known := range one.may {
			if v == known {
				*one.into = v
			}
		}
		if *one.into == "" {
			return ask{here: a.here, In: a.In}, core.Userf("E-PARSE", "I do not know `%s`. Write one of %s.", one.name+"="+cards.Cut(v, 40), cards.Codes(one.may))
		}
	}
	if a.Span == "day" {
		a.Span = ""
	}
	a.Q = strings.TrimSpace(say.OneLine(q.Get("q")))
	if n := len([]rune(a.Q)); n > maxQuery {
		a.Q = ""
		return a, core.Userf("E-LONG", "That search has %s characters; %d are read.", cards.Number(n), maxQuery)
	}
	return a, nil
}

// Href is the address that asks for it.
func (a ask) Href() string {
	q := url.Values{}
	set := func(name, value string, is bool) {
		if is {
			q.Set(name, value)
		}
	}
	set("q", a.Q, a.Q != "")
	set("date", string(a.Date), !a.Date.IsZero())
	set("span", a.Span, a.Span != "")
	set("sort", a.Sort, a.Sort != "")
	set("topic", strconv.Itoa(a.Topic), a.Topic != 0)
	set("page", strconv.Itoa(a.Page), a.Page > 1)
	set("in", strconv.FormatInt(a.In, 10), a.In != 0)
	u := url.URL{Path: a.Path, RawQuery: q.Encode()}
	return u.String()
}

// with is the same asked otherwise, from its first page on.
func (a ask) with(change func(*ask)) string {
	a.Page = 1
	change(&a)
	return a.Href()
}

// to is another page, as seen from the same channel.
func (a ask) to(path string) string { return ask{Path: path, In: a.In}.Href() }

// paperHref is a paper's page.
func (a ask) paperHref(id core.PaperID) string { return a.to("/papers/" + string(id)) }

// authorHref finds what an author wrote.
func (a ask) authorHref(name string) string {
	return ask{Path: "/", In: a.In, Q: `author:"` + strings.Map(noQuotes, name) + `"`}.Href()
}

func noQuotes(r rune) rune {
	if strings.ContainsRune("\"“”„«»", r) {
		return -1
	}
	return r
}

// choice is one of several links of which one is where one is.
type choice struct {
	Label, Href string
	Is          bool
	Title       string
}

// frame is what every page has around it.
type frame struct {
	Title  string
	In     bool     // the reader is let in …
	Linked bool     // … by a link
	Person string   // who is signed in
	SignIn []choice // how one signs in
	Pages  []choice
	Feeds  []choice // of what the page shows; Title is a feed's type
	Ask    ask
}

func (s *Site) frame(v *visit, title string) frame {
	f := frame{Title: cards.Cut(title, 100), Ask: v.ask, Linked: v.linked, In: v.in}
	if v.person != nil {
		f.Person = cmp.Or(v.person.Name, "yourself")
	} else if v.in {
		f.SignIn = s.signIn("Sign in")
	}
	f.Pages = []choice{{Label: "Days", Href: v.to("/"), Is: v.Path == "/" && v.Q == ""}}
	if v.person != nil {
		f.Pages = append(f.Pages, choice{Label: "My list", Href: v.to("/list"), Is: v.Path == "/list"})
	}
	for i := range v.channels {
		if v.person != nil && i == mostLinks {
			f.Pages = append(f.Pages, choice{Label: "All channels", Href: v.to("/channels"), Is: v.Path == "/channels"})
			break
		}
		ch := &v.channels[i]
		to := ask{Path: fmt.Sprint("/channels/", ch.ID), In: v.seenFrom(ch)}
		f.Pages = append(f.Pages, choice{Label: named(ch), Href: to.Href(), Is: v.Path == to.Path})
	}
	return f
}

// seenFrom is what an address says of the channel whose votes and topics are shown:
// nothing where that is the one that is shown anyway.
func (r *reader) seenFrom(ch *core.Channel) int64 {
	if r.own() && ch == &r.channels[0] {
		return 0
	}
	return ch.ID
}

// named is what a channel is called.
func named(ch *core.Channel) string {
	if ch.Name == "" {
		return "the channel"
	}
	return ch.Name
}

// Home is where the day is.
func (f frame) Home() string { return f.Ask.to("/") }

// note is a page of one sentence.
type note struct {
	frame
	Text  say.Text
	Links []choice
	Post  string // where its button goes; "": it has none …
	Press string // … and what that says
}

// item is a paper in a list.
type item struct {
	core.View
	Href  string
	Links []choice
	Small []string // facts that are no links
	Where string   // whose votes they are
	Keep  *keep    // nil: nobody is signed in
}

// keep is the button that puts a paper on one's list, or takes it off.
type keep struct {
	ID    core.PaperID
	Saved bool
	Back  string // where the page is
}

// item is a paper as lists show it.
func (v *visit) item(view core.View, p *core.Paper, votes int) item {
	i := item{View: view, Href: v.paperHref(p.ID), Links: links(p)}
	i.Votes = votes
	if v.here != nil {
		i.Where = named(v.here)
	}
	if v.person != nil {
		i.Keep = &keep{p.ID, v.saved[p.ID], v.Href()}
	}
	code := view.CodeFact()
	for _, f := range view.Facts {
		if f != code {
			i.Small = append(i.Small, f)
		}
	}
	return i
}

// links are where a paper is elsewhere.
func links(p *core.Paper) (out []choice) {
	add := func(label, to string) {
		if to = say.Href(to, ""); to != "" {
			out = append(out, choice{Label: label, Href: to})
		}
	}
	if p.Link != "" {
		add("Paper", p.Link)
	} else {
		add("arXiv", p.URL())
		add("PDF", p.PDF())
		for _, s := range p.Sources {
			if s == "hf" {
				add("Hugging Face", "https://huggingface.co/papers/"+string(p.ID))
			}
		}
	}
	code := "Code"
	if p.Stars != nil && *p.Stars > 0 {
		code += " ★" + cards.Number(*p.Stars)
	}
	add(code, p.Code)
	add("Project", p.Project)
	return out
}

// long is a day as its heading: "Mon 24 Nov 2025".
func long(d core.Date) string { return d.Time(time.UTC).Format("Mon 2 Jan 2006") }

// days are those of a span that holds a day, and what they are called.
func days(span string, d core.Date) (query.Span, string) {
	switch t := d.Time(time.UTC); span {
	case "week":
		monday := d.AddDays(-(int(t.Weekday()) + 6) % 7)
		return query.Span{From: monday, To: monday.AddDays(6)}, "Week of " + cards.LongDate(monday)
	case "month":
		first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
		return query.Span{From: core.DateOf(first), To: core.DateOf(first.AddDate(0, 1, -1))}, t.Format("January 2006")
	}
	return query.Span{From: d, To: d}, long(d)
}

//go:embed templates
var templateFiles embed.FS

// templates are the pages, each in the frame.
var templates = func() map[string]*template.Template {
	frame := template.Must(template.New("").Funcs(template.FuncMap{
		"clean": say.Clean, // what is left is isolated by <bdi>
		"href":  func(s string) string { return say.Href(s, "") },
		"file":  href,
		"num":   cards.Number,
	}).ParseFS(templateFiles, "templates/frame.html"))
	out := map[string]*template.Template{}
	for _, name := range []string{"days", "search", "paper", "channel", "channels", "list", "note"} {
		t := template.Must(frame.Clone())
		out[name] = template.Must(t.ParseFS(templateFiles, path.Join("templates", name+".html")))
	}
	return out
}()

// write sends a page.
func (s *Site) write(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := templates[name].ExecuteTemplate(&b, "frame", data); err != nil {
		s.Log.Error("a page could not be drawn", "page", name, "err", err)
		http.Error(w, "That failed on my side. Try again in a moment.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}
