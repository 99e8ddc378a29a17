package discord

import (
	"fmt"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
)

// Kinds of components (components/reference.mdx).
const (
	kindRow       = 1
	kindButton    = 2
	kindSelect    = 3 // of strings
	kindTextInput = 4
	kindSection   = 9
	kindTextShown = 10
	kindPicture   = 11
	kindContainer = 17
	kindLabel     = 18

	styleSecondary = 2 // of a button
	styleLink      = 5

	styleShort = 1 // of a text input
	styleLong  = 2
)

// Discord's limits of what can be pressed, chosen and filled in.
const (
	maxRows      = 5
	maxInRow     = 5
	maxLabel     = 80
	maxCustomID  = 100
	maxButtonURL = 512
	maxOptions   = 25
	maxOption    = 100 // an option's label, value and description, each
	maxHolder    = 150 // of a select
)

// component is any of Discord's: a row with what is in it, a button, a select
// menu, or a part of a modal.
type component struct {
	Type        int         `json:"type"`
	Style       int         `json:"style,omitempty"`
	Label       string      `json:"label,omitempty"`
	Description string      `json:"description,omitempty"`
	CustomID    string      `json:"custom_id,omitempty"`
	URL         string      `json:"url,omitempty"`
	Placeholder string      `json:"placeholder,omitempty"`
	Options     []selection `json:"options,omitempty"`
	Content     string      `json:"content,omitempty"`
	Value       string      `json:"value,omitempty"`
	Required    *bool       `json:"required,omitempty"` // nil: it is
	MaxLength   int         `json:"max_length,omitempty"`
	Component   *component  `json:"component,omitempty"`
	Accessory   *component  `json:"accessory,omitempty"` // beside the text of a section
	Media       *picture    `json:"media,omitempty"`
	AccentColor int         `json:"accent_color,omitempty"`
	Components  []component `json:"components,omitempty"`
}

// selection is one of a select menu's options.
type selection struct {
	Label       string `json:"label"`
	Value       string `json:"value"` // the id of the button that it stands for
	Description string `json:"description,omitempty"`
	Default     bool   `json:"default,omitempty"`
}

// rows are what can be pressed under a card, in five rows: its papers to open, its
// rows to change, its menu, its buttons, and the links that a paper's own message
// has. What finds no room is left out before the card's own buttons are.
func rows(c core.Card) []component {
	var menus, buttons []component
	add := func(to *[]component, inside ...component) {
		if len(inside) > 0 {
			*to = append(*to, component{Type: kindRow, Components: inside})
		}
	}
	for _, m := range append(openers(c), menuOf("menu", c.Menu)...) {
		add(&menus, m)
	}
	seen := map[string]bool{}
	press := func(to *[]component, bs []core.Button) {
		var inside []component
		for _, b := range bs {
			k, ok := buttonOf(b)
			if id := k.CustomID + k.URL; ok && !seen[id] {
				seen[id] = true
				inside = append(inside, k)
			}
		}
		for chunk := range slices.Chunk(inside, maxInRow) {
			add(to, chunk...)
		}
	}
	own := c.Buttons
	if len(c.Compact) > 0 {
		own = c.Compact
		for _, b := range c.More {
			if b.URL != "" {
				own = append(slices.Clip(own), b)
			}
		}
	}
	press(&buttons, own)
	var beside []core.Button
	for _, r := range c.Rows {
		if !isOpened(c, r) {
			beside = append(beside, r.Buttons...)
		}
	}
	press(&menus, beside)
	buttons = buttons[:min(len(buttons), maxRows)]
	menus = menus[:min(len(menus), maxRows-len(buttons))]
	return append(append([]component{}, menus...), buttons...)
}

// openers are the select menus over a card's papers and over its rows: there is no
// room at the side of each.
func openers(c core.Card) (menus []component) {
	var papers, rows []core.Option
	label := ""
	for i, v := range c.Papers {
		title := v.Title
		if c.Numbered {
			title = fmt.Sprintf("%d. %s", i+1, title)
		}
		if v.Open != "" {
			papers = append(papers, core.Option{ID: v.Open, Label: title, Detail: plain(v.Line())})
			continue
		}
		for _, b := range v.Buttons {
			papers = append(papers, core.Option{ID: b.ID, Label: b.Label + " · " + title, Detail: plain(v.Line())})
		}
	}
	menus = append(menus, selects("papers", "Open a paper …", papers)...)
	for i, r := range c.Rows {
		switch {
		case isOpened(c, r):
			if label == "" && r.Menu != nil {
				label = r.Menu.Label
			}
			rows = append(rows, core.Option{ID: r.Open, Label: plain(r.Line(false)), Detail: plain(r.Small)})
		case r.Menu != nil:
			menus = append(menus, menuOf(fmt.Sprint("row", i), r.Menu)...)
		}
	}
	if label == "" {
		label = "Choose"
	}
	return append(menus, selects("rows", strings.TrimSuffix(label, " …")+" …", rows)...)
}

// isOpened reports whether what can be done with a row is behind a choice among the
// rows; one that is alone has it under the message itself.
func isOpened(c core.Card, r core.Row) bool {
	others := 0
	for _, o := range c.Rows {
		if o.Open != "" {
			others++
		}
	}
	return r.Open != "" && (others > 1 || r.Menu == nil && len(r.Buttons) == 0)
}

func menuOf(id string, m *core.Menu) []component {
	if m == nil {
		return nil
	}
	return selects(id, m.Label, m.Options)
}

// selects offers options, 25 in each menu. Of two that do the same the first is
// shown: Discord refuses both.
func selects(id, placeholder string, options []core.Option) (menus []component) {
	var all []selection
	seen := map[string]bool{}
	for _, o := range options {
		s := selection{Label: short(o.Label), Value: o.ID, Description: short(o.Detail), Default: o.Chosen}
		if s.Label == "" || s.Value == "" || say.Length(s.Value) > maxOption || seen[s.Value] {
			continue
		}
		seen[s.Value] = true
		all = append(all, s)
	}
	for part := range slices.Chunk(all, maxOptions) {
		m := component{Type: kindSelect, CustomID: fmt.Sprint("select|", id, "|", len(menus)), Options: part, Placeholder: placeholder}
		if len(all) > maxOptions {
			m.Placeholder = fmt.Sprintf("%s %d–%d", placeholder, len(menus)*maxOptions+1, len(menus)*maxOptions+len(part))
		}
		chosen := false
		for i := range part { // as many as can be chosen: one
			part[i].Default = part[i].Default && !chosen
			chosen = chosen || part[i].Default
		}
		m.Placeholder = say.Shorten(say.OneLine(m.Placeholder), maxHolder)
		menus = append(menus, m)
	}
	return menus
}

// short is a text as an option shows it: without markdown.
func short(s string) string { return say.Shorten(trimmed(s), maxOption) }

// buttonOf is a button as Discord takes it; ok is false for one that it would
// refuse, with the whole message.
func buttonOf(b core.Button) (k component, ok bool) {
	k = component{Type: kindButton, Style: styleSecondary, Label: say.Shorten(trimmed(b.Label), maxLabel), CustomID: b.ID}
	if b.URL != "" {
		k.Style, k.CustomID, k.URL = styleLink, "", href(b.URL)
		return k, k.Label != "" && k.URL != "" && say.Length(k.URL) <= maxButtonURL
	}
	return k, k.Label != "" && k.CustomID != "" && say.Length(k.CustomID) <= maxCustomID
}
