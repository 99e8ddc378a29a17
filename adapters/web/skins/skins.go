// Package skins draws a message as its platform's client would: in goes the JSON
// that an adapter sends, out goes HTML with the client's type, colours and widths.
// The playground shows a channel so, and the pictures of the documents are made
// of it. No client's code or picture is in here; distances are near, not exact.
//
//	mrkdwn.go    Slack's markup, and
//	markdown.go  Discord's, as nodes
//	thing.go     the JSON, as templates read it
//	slack.html, discord.html: what each draws, and text.html the nodes
//	skins.css    how all of it looks
//
// Whoever shows several messages puts each into an element, of class k-app where
// it is the app's and for everybody: they stand under one name then.
//
// It promises: strangers' text stays text, since every character of it passes
// html/template and addresses are http or https; nothing is loaded from anywhere,
// a picture is a grey tile with what it shows in words, and nothing needs a style
// attribute, so that a strict content security policy may stand; and a kind of
// block, element or component that it does not know is a red box, so that nothing
// is missing in silence. What can be pressed carries data-press, with what the
// platform would send back.
package skins

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed text.html slack.html discord.html
var templateFiles embed.FS

// CSS is the style of all skins.
//
//go:embed skins.css
var CSS []byte

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"initial": initial,
}).ParseFS(templateFiles, "*.html"))

// Skin is a client: how it draws what it is sent.
type Skin struct {
	Name  string // of the platform, in small letters
	Title string // for people
}

// The clients that there are.
var (
	Slack   = &Skin{"slack", "Slack"}
	Discord = &Skin{"discord", "Discord"}
)

// Find is the skin of a platform, nil where there is none.
func Find(platform string) *Skin {
	for _, s := range []*Skin{Slack, Discord} {
		if s.Name == platform {
			return s
		}
	}
	return nil
}

// Reader is who looks.
type Reader struct {
	Now   time.Time         // in their zone
	Names map[string]string // of people, roles and channels, by their ids
}

// Message is a message, and what a client knows of it beside its body.
type Message struct {
	Body      []byte // the JSON: a message, a view, a modal; nil for none
	Text      string // what a person wrote, as it is
	Author    string
	App       bool // the author is one
	At        time.Time
	Asked     string // "ana used /papers search": what it answers
	Only      bool   // only the reader sees it
	Reactions []Reaction
	Replies   string // "2 replies"; "" for no thread
	Thread    string // the address of that
	Files     []File // attached
}

// Reaction is an emoji under a message.
type Reaction struct {
	Emoji string
	Count int
	Mine  bool
}

// File is something to download or, with an Alt, a picture to look at.
type File struct{ Name, Href, Size, Alt string }

// Draw draws a message for a reader, with its author and what stands around it.
// A view or modal is drawn in its own frame.
func (s *Skin) Draw(m Message, r Reader) (template.HTML, error) {
	body := thing{by: &r}
	if m.Body != nil {
		if err := json.Unmarshal(m.Body, &body.of); err != nil {
			return "", fmt.Errorf("drawing as %s: %w", s.Title, err)
		}
	}
	// What carries a message or a form is taken off.
	for _, around := range []string{"view", "data"} {
		if inner := body.In(around); inner.of != nil {
			body = inner
		}
	}
	if s == Discord && body.Int("flags")&flagEphemeral != 0 {
		m.Only = true
	}
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, s.Name, drawing{m, body})
	return template.HTML(b.String()), err
}

const flagEphemeral = 1 << 6

// drawing is what a template gets.
type drawing struct {
	Message
	Body thing
}

// Clock is when the message came, as a client says it beside the author.
func (d drawing) Clock(withDay bool) string {
	if d.At.IsZero() {
		return ""
	}
	now := d.Body.by.Now
	at := d.At.In(now.Location())
	clock := at.Format("3:04 PM")
	if !withDay {
		return clock
	}
	if y, m, day := at.Date(); now.Year() == y && now.Month() == m && now.Day() == day {
		return "Today at " + clock
	}
	return at.Format("02/01/2006 ") + clock
}

func initial(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n])
}
