// Package cards turns a paper, or what a command found out, into what people
// see.
//
// In: papers, deliveries and why topics matched. Out: a core.Card or core.View,
// and the small words (counts, lists, dates) that every answer is made of.
//
// Promises: it reads nothing and knows no platform; strangers' words are
// arguments of core/say, never markup; what is not known is left out, not shown
// as zero. Buttons of earlier versions keep their meaning, because messages
// outlive the program that posted them.
package cards

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/excerpt"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/venue"
)

// known is what is known of a paper beside its abstract.
func known(p *core.Paper) core.View {
	v := core.View{
		ID: p.ID, URL: p.URL(), PDF: p.PDF(), Code: p.Code, Thumbnail: p.Thumbnail,
		Title:   excerpt.Plain(p.Title),
		Authors: byline(p.Authors),
	}
	if c := p.Primary(); c != "" {
		v.Facts = append(v.Facts, c)
	}
	if p.Upvotes != nil && *p.Upvotes > 0 {
		v.Facts = append(v.Facts, "▲"+Number(*p.Upvotes))
	}
	switch {
	case p.Code != "" && p.Stars != nil && *p.Stars > 0:
		v.Facts = append(v.Facts, core.LabelStars+Number(*p.Stars))
	case p.Code != "":
		v.Facts = append(v.Facts, core.LabelCode)
	}
	if p.Withdrawn {
		v.Labels = append(v.Labels, "withdrawn")
		v.Struck = true
	} else if l := accepted(p); l != "" {
		v.Labels = append(v.Labels, l)
	}
	return v
}

// wholeLength is how much of an abstract a message holds: a section of Slack's
// and an embed of Discord's.
const wholeLength = 2500

// View is a paper as messages of its own show it, as a channel has set it. What
// brought it there, if anything, helps to choose a sentence.
func View(p *core.Paper, s core.Settings, ms []core.Matched) core.View {
	v := known(p)
	v.Matched = Matched(p, ms)
	switch {
	case s.Excerpt == core.ExcerptNone:
	case s.Excerpt == core.ExcerptFull:
		v.Excerpt = Cut(excerpt.Plain(p.Abstract), wholeLength)
	case s.Summary && p.Summary != "":
		v.Excerpt, v.ExcerptBy = excerpt.Short(p.Summary), "summary by Hugging Face"
	default:
		v.Excerpt = excerpt.Of(p.Title, p.Abstract, found(p, ms)).Text
	}
	return v
}

// found is the first word in the abstract by which a topic brought the paper.
func found(p *core.Paper, ms []core.Matched) string {
	for _, m := range ms {
		for _, w := range m.Why {
			if s := w.Found("", p.Abstract); s != "" {
				return s
			}
		}
	}
	return ""
}

// Entry is a paper as a line of a list: no abstract, but its day.
func Entry(p *core.Paper) core.View {
	v := known(p)
	v.Code = "" // its own card leads there
	if !p.Day.IsZero() {
		v.Facts = append(v.Facts, LongDate(p.Day))
	}
	return v
}

// Listed is an entry with what one can do with it at once.
func Listed(p *core.Paper) core.View {
	v := Entry(p)
	id := string(p.ID)
	v.Buttons = []core.Button{Button("Save", "save", id), Button("Similar", "similar", id), Button("Abstract", "abstract", id)}
	v.Open = Button("", "abstract", id).ID
	return v
}

// Title is an entry of a digest: with what brought it, and what became of it.
func Title(p *core.Paper, d *core.Delivery, s core.Settings) core.View {
	v := Entry(p)
	v.Matched = Matched(p, d.Matched)
	became(&v, p, d, s)
	return v
}

// Whole is a paper as `show` gives it: the whole abstract, its dates, and the
// votes it has here.
func Whole(p *core.Paper, votes int) core.Card {
	v := known(p)
	v.Excerpt = Cut(excerpt.Plain(p.Abstract), wholeLength)
	v.Votes = votes
	v.Facts = append(v.Facts, Dates(p)...)
	card := Paper(v)
	card.Compact = compact(string(p.ID), Button("Similar", "similar", string(p.ID))) // the abstract is there
	return card
}

// Paper is a paper's own message.
func Paper(v core.View) core.Card {
	id := string(v.ID)
	card := core.Card{
		Papers: []core.View{v},
		Buttons: []core.Button{
			Button("Save", "save", id), Button("Similar", "similar", id), Button("BibTeX", "bibtex", id),
			Button("Not for us", "notforus", id), Button("Mute", "mute", id),
		},
		More:    []core.Button{Button("Abstract", "abstract", id), Button("Why?", "why", id)},
		Compact: compact(id, Button("Abstract", "abstract", id)),
	}
	if v.PDF != "" {
		card.More = append(card.More, core.Button{Label: "PDF", URL: v.PDF})
	}
	if v.Code != "" {
		card.More = append(card.More, core.Button{Label: Capital(cmp.Or(v.CodeFact(), core.LabelCode)), URL: v.Code})
	}
	return card
}

// compact are a paper's buttons where there is no small menu: what leads further
// into the paper comes first.
func compact(id string, first core.Button) []core.Button {
	return []core.Button{first, Button("Why?", "why", id), Button("Save", "save", id), Button("Not for us", "notforus", id), Button("More…", "more", id)}
}

// Rest is what a paper's compact buttons leave to the last of them.
func Rest(p *core.Paper) core.Card {
	id := string(p.ID)
	return core.Card{
		Lines:   []say.Text{say.Say("_%s_", p.Title)},
		Buttons: []core.Button{Button("Similar", "similar", id), Button("BibTeX", "bibtex", id), Button("Mute…", "mute", id)},
	}
}

// Delivered is a paper's message in a channel, as it stands now.
func Delivered(p *core.Paper, d *core.Delivery, s core.Settings) core.Card {
	v := View(p, s, d.Matched)
	v.Tags = Tags(d.Matched)
	became(&v, p, d, s)
	return Paper(v)
}

// Inside is a header in whose message these papers stand, as they stand now.
func Inside(header core.Card, papers map[core.Item]*core.Paper, ds []core.Delivery, s core.Settings) core.Card {
	header.Papers = slices.Clone(header.Papers)
	for i, v := range header.Papers {
		item := core.PaperItem(v.ID)
		n := slices.IndexFunc(ds, func(d core.Delivery) bool { return d.Item == item })
		switch p := papers[item]; {
		case n < 0 || p == nil: // as it was
		case header.Apart:
			header.Papers[i] = Apart(p, &ds[n], s)
		default:
			header.Papers[i] = Title(p, &ds[n], s)
		}
	}
	return header
}

// became says what became of a paper since, and before, it was posted.
func became(v *core.View, p *core.Paper, d *core.Delivery, s core.Settings) {
	if d.Late {
		v.Labels = append(v.Labels, LabelLate)
	}
	if version := d.Item.Again(); version > 0 {
		v.Labels = append(v.Labels, fmt.Sprintf("again: v%d", version))
	}
	if IsNewer(p, d) {
		v.Labels = append(v.Labels, fmt.Sprintf("updated v%d", p.Version))
	}
	if codeSince(p, d) {
		v.Labels = append(v.Labels, LabelCoded)
	}
	if v.Folded = d.Folded; v.Folded {
		v.Against = s.NotForUsAt
	}
}

// IsNews reports whether a message has to say something of a paper that it may not
// have said when it was posted.
func IsNews(p *core.Paper, d *core.Delivery) bool {
	return IsNewer(p, d) || p.Withdrawn || codeSince(p, d) || accepted(p) != ""
}

// codeSince reports whether a paper got code after it was posted.
func codeSince(p *core.Paper, d *core.Delivery) bool {
	return p.Code != "" && d.State == core.Posted && p.Coded.After(d.Updated)
}

func accepted(p *core.Paper) string { return venue.Label(p.Comment, p.Journal) }

// LabelCoded marks what got code after it was posted.
const LabelCoded = "now with code"

// LabelLate marks what was listed only after the post that it belonged to.
const LabelLate = "listed late"

// IsNewer reports whether a version came after the one that was posted. A
// source that names none lists first versions. Of a paper inside a header's
// message it is written down with the first that comes.
func IsNewer(p *core.Paper, d *core.Delivery) bool {
	return p.Version > max(d.Shown, 1) && (d.Shown > 0 || d.Place != core.InDigest)
}

// Tags are a paper's topics as words for a forum's tags.
func Tags(ms []core.Matched) []string {
	var ts []string
	for _, m := range ms {
		if m.Topic != "" {
			ts = append(ts, strings.ToLower(m.Topic))
		}
	}
	return ts
}

// Matched says which words brought a paper, as they stand in it: "matched
// agentic, LLMs". Of what is no word of its text, or none any more, it is what
// the topic says.
func Matched(p *core.Paper, ms []core.Matched) say.Text {
	if core.Discovered(ms) {
		return Discovered(*ms[0].Liked)
	}
	var words []say.Text
	seen := map[string]bool{}
	for _, m := range ms {
		for _, w := range m.Why {
			word := Why(w)
			if s := w.Found(p.Title, p.Abstract); s != "" {
				word = say.Say("*%s*", Cut(s, 80))
			} else if w.Field == topic.Title || w.Field == topic.Abstract {
				word = say.Say("*%s*", bare(w))
			}
			if low := strings.ToLower(word.String()); !seen[low] {
				seen[low] = true
				words = append(words, word)
			}
		}
	}
	if len(words) == 0 {
		return nil
	}
	if n := len(words) - 5; n > 1 {
		words = append(words[:5], say.Say("%d more", n))
	}
	return append(say.Say("matched "), say.Join(", ", words...)...)
}

// Discovered says why a paper comes that no topic brought.
func Discovered(l core.Liked) say.Text {
	return say.Say("not in your topics: like _%s_, which %s", ShortTitle(l.Title), likers(l))
}

// WhoLiked says that people liked a paper: "2 of you liked _RAGEN-2_".
func WhoLiked(l core.Liked) say.Text {
	return say.Say("%s _%s_", likers(l), ShortTitle(l.Title))
}

func likers(l core.Liked) string {
	switch l.Votes {
	case 0:
		return "you gave me"
	case 1:
		return "one of you liked"
	}
	return Number(l.Votes) + " of you liked"
}

// ShortTitle is what people call a paper: what stands before the colon, where
// that is short.
func ShortTitle(title string) string {
	if name, _, ok := strings.Cut(title, ": "); ok && utf8.RuneCountInString(name) <= 40 {
		return name
	}
	return Cut(title, 60)
}

// bare is a term without its field.
func bare(w topic.Why) string { return strings.TrimPrefix(w.Term, string(w.Field)+":") }

// Found says why a paper stands in the answer to a search: what of it was found, or,
// of plain words, which it has and which of its own are near.
func Found(q *core.Query, h *core.Hit) say.Text {
	if len(q.Plain) == 0 || h.Why.All {
		matched, _ := q.Topic.Match(h.Paper.Doc())
		return Matched(&h.Paper, []core.Matched{{Why: matched}})
	}
	var parts []say.Text
	b := h.Why
	if len(b.Has) > 0 {
		parts = append(parts, say.Say("has *%s*", Cut(strings.Join(b.Has, ", "), 80)))
	}
	if len(b.Near) > 0 {
		parts = append(parts, say.Say("near: *%s*", strings.Join(b.Near, ", ")))
	}
	if len(parts) == 0 {
		return say.Say("near in meaning")
	}
	return say.Join(" · ", parts...)
}

// Why says what of a topic was found where.
func Why(w topic.Why) say.Text {
	switch w.Field {
	case topic.Title:
		return say.Say("*%s* in title", bare(w))
	case topic.Abstract:
		return say.Say("*%s* in abstract", bare(w))
	case topic.Author:
		if w.Name != "" { // kept by earlier versions without
			return say.Say("author *%s* (name match)", Cut(w.Name, 80))
		}
	}
	return say.Say("*%s*", w.Term)
}

// version is that of the buttons' ids.
const version = "pb1"

// Button carries its verb and what it is about: "pb1|save|2509.24002".
func Button(label string, parts ...string) core.Button {
	return core.Button{ID: version + "|" + strings.Join(parts, "|"), Label: label}
}

// Pressed takes a button's id apart; ok is false for one of another version.
func Pressed(id string) (verb string, args []string, ok bool) {
	parts := strings.Split(id, "|")
	if len(parts) < 2 || parts[0] != version {
		return "", nil, false
	}
	return parts[1], parts[2:], true
}

// Fit is the button; none where its id is too long for the platform.
func Fit(b core.Button, limits core.Limits) []core.Button {
	if limits.ButtonID > 0 && len(b.ID) > limits.ButtonID {
		return nil
	}
	return []core.Button{b}
}
