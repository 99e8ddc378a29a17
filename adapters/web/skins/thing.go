package skins

import (
	"fmt"
	"strconv"
)

// thing is an object of a platform's JSON, and who looks at it. What is not
// there, or is of another type than expected, is empty: templates need no nil.
type thing struct {
	of map[string]any
	by *Reader
}

// Has reports whether there is something of that name.
func (t thing) Has(name string) bool { return t.of[name] != nil }

// Str is a text.
func (t thing) Str(name string) string { s, _ := t.of[name].(string); return s }

// Link is an address that may be opened, "" for any other.
func (t thing) Link(name string) string {
	if s := t.Str(name); opens(s) {
		return s
	}
	return ""
}

// Int is a whole number.
func (t thing) Int(name string) int { n, _ := t.of[name].(float64); return int(n) }

// Is is a truth.
func (t thing) Is(name string) bool { b, _ := t.of[name].(bool); return b }

// In is the object of that name.
func (t thing) In(name string) thing {
	o, _ := t.of[name].(map[string]any)
	return thing{o, t.by}
}

// All are the objects of a list.
func (t thing) All(name string) (all []thing) {
	list, _ := t.of[name].([]any)
	for _, v := range list {
		o, _ := v.(map[string]any)
		all = append(all, thing{o, t.by})
	}
	return all
}

// Type is what kind of thing it is, as its platform calls it: a name or a number.
func (t thing) Type() string {
	switch v := t.of["type"].(type) {
	case string:
		return v
	case float64:
		return strconv.Itoa(int(v))
	}
	return fmt.Sprint(t.of["type"])
}

// Colour is a number as a colour, "" for none.
func (t thing) Colour(name string) string {
	if n, ok := t.of[name].(float64); ok && n >= 0 && n <= 0xFFFFFF {
		return fmt.Sprintf("#%06x", int(n))
	}
	return ""
}

// Mrkdwn is the text of a Slack message that has no blocks.
func (t thing) Mrkdwn() []node { return t.by.mrkdwn(t.Str("text"), false) }

// Rich is a piece of Slack's rich text, nil for one that is not known.
func (t thing) Rich() []node {
	var n node
	style := t.In("style")
	switch t.Type() {
	case "text":
		n = words(t.Str("text"))
	case "link":
		label := t.Str("text")
		if label == "" {
			label = t.Str("url")
		}
		n = link(t.Str("url"), []node{words(label)})
	case "emoji":
		n = words(":" + t.Str("name") + ":")
		if char, known := emoji[t.Str("name")]; known {
			n = words(char)
		}
	case "user", "usergroup", "channel", "broadcast":
		sign, id := "@", t.Str("user_id")+t.Str("usergroup_id")+t.Str("range")
		if t.Type() == "channel" {
			sign, id = "#", t.Str("channel_id")
		}
		return []node{t.by.slackReference(sign + id)}
	case "date":
		return []node{{Kind: "time", Text: t.by.slackDate("!date^"+strconv.Itoa(t.Int("timestamp"))+"^"+t.Str("format"), t.Str("fallback"))}}
	default:
		return nil
	}
	if style.Is("code") && n.Kind == "text" {
		return []node{{Kind: "code", Text: n.Text}}
	}
	for _, mark := range []struct{ name, kind string }{{"strike", "s"}, {"italic", "i"}, {"bold", "b"}} {
		if style.Is(mark.name) {
			n = node{Kind: mark.kind, In: []node{n}}
		}
	}
	return []node{n}
}

// Chosen are the values of what is ticked in Slack's checkboxes and radio buttons.
func (t thing) Chosen() map[string]bool {
	on := map[string]bool{t.In("initial_option").Str("value"): t.Has("initial_option")}
	for _, o := range t.All("initial_options") {
		on[o.Str("value")] = true
	}
	return on
}

// Embeds are those of a Discord message that its client shows: none where they
// are suppressed, and of those with one address the first.
func (t thing) Embeds() (shown []thing) {
	const suppressed = 1 << 2
	if t.Int("flags")&suppressed != 0 {
		return nil
	}
	seen := map[string]bool{}
	for _, e := range t.All("embeds") {
		if at := e.Str("url"); at == "" || !seen[at] {
			seen[at] = true
			shown = append(shown, e)
		}
	}
	return shown
}

// Default is what a Discord select shows before anything is chosen.
func (t thing) Default() (label string) {
	for _, o := range t.All("options") {
		if o.Is("default") {
			if label != "" {
				label += ", "
			}
			label += o.Str("label")
		}
	}
	return label
}

// Required reports whether a field of a Discord modal must be filled in, as it
// must unless it says otherwise.
func (t thing) Required() bool { return t.of["required"] != false }

// Ruled reports whether a Discord separator shows its line, as it does unless it
// says otherwise.
func (t thing) Ruled() bool { return t.of["divider"] != false }
