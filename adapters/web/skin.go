package web

import (
	"cmp"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"

	"paperboy/adapters/web/skins"
	"paperboy/core"
)

// Skin is another platform's way to show a channel: what its adapter makes of a
// card is drawn as its client would.
type Skin struct {
	Name string                          // of the platform: "slack"
	Draw func(core.Card) ([]byte, error) // a card as the JSON that is sent there
}

// skin finds one by its name; nil is the page's own look.
func (s *Site) skin(name string) *Skin {
	for i := range s.Skins {
		if s.Skins[i].Name == name && skins.Find(name) != nil {
			return &s.Skins[i]
		}
	}
	return nil
}

// look is a way to show the channel, as the switch offers it.
type look struct {
	Name, Title string
	On          bool
}

func (s *Site) looks(on *Skin) []look {
	if len(s.Skins) == 0 {
		return nil
	}
	all := []look{{Title: botName, On: on == nil}}
	for i := range s.Skins {
		if drawn := skins.Find(s.Skins[i].Name); drawn != nil {
			all = append(all, look{drawn.Name, drawn.Title, on == &s.Skins[i]})
		}
	}
	return all
}

// show writes a message, in the page's own look or in another.
func (sk *Skin) show(w io.Writer, v view, now time.Time) error {
	if sk == nil {
		return render(w, v)
	}
	at, err := time.Parse(time.RFC3339, v.At)
	if err != nil {
		return err
	}
	m := skins.Message{
		Text: v.Text, Author: v.Author, App: v.Bot, At: at.In(now.Location()), Only: v.Private, Thread: "#t" + strconv.FormatInt(v.ID, 10),
	}
	if v.Replies > 0 {
		m.Replies = cmp.Or(v.Inside, v.Reply)
	}
	if v.Answer && v.Private { // until it is there, the page shows it as the asker's
		m.Author, m.App = botName, true
	}
	if v.Pending {
		m.Text = "Paperboy is looking …"
	}
	if v.Command && v.Asked != "" {
		m.Asked = cmp.Or(v.Asker, v.Author) + " used " + v.Asked
	}
	for _, c := range v.Chips {
		if c.Count > 0 {
			m.Reactions = append(m.Reactions, skins.Reaction{Emoji: c.Emoji, Count: c.Count, Mine: c.Mine})
		}
	}
	if v.File != nil {
		m.Files = []skins.File{{Name: v.File.Name, Href: v.File.Href + "/" + v.File.Name, Size: v.File.Size, Alt: v.File.Alt}}
	}
	if !v.Card.Empty() {
		if m.Body, err = sk.Draw(v.Card); err != nil {
			return err
		}
	}
	drawn, err := skins.Find(sk.Name).Draw(m, skins.Reader{Now: now})
	if err != nil {
		return err
	}
	return templates.ExecuteTemplate(w, "skinned", struct {
		view
		Drawn template.HTML
	}{v, drawn})
}

// fragment is a message as HTML, or, in whatever look, a line that is no message.
func (sk *Skin) fragment(name string, v view, now time.Time) (string, error) {
	if name != "message" {
		return fragment(name, v)
	}
	var b strings.Builder
	err := sk.show(&b, v, now)
	return b.String(), err
}
