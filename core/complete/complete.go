// Package complete offers ways to go on with a command that is being typed.
//
//	complete.go  which verb, option or value the cursor is in
//	words.go     topics and searches: what is followed, asked before, categories,
//	             and the words that papers have
//
// In: a core.Partial, and the channel and person that it is about. Out: choices, as
// many as the network takes, each with a label of its own.
//
// Promises: it reads only the store, in less than 200 ms of eighty thousand papers;
// it never fails, and for words it always offers something, because an empty list
// reads as if there were no papers. A choice goes on with what is typed: it never
// takes a word away. It knows only the channel that it is asked in, and the searches
// of whoever asks.
package complete

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/verbs"
)

// Store is what is read.
type Store interface {
	Topics(ctx context.Context, channel int64) ([]core.Topic, error)
	Mutes(ctx context.Context, channel int64, user string, now time.Time) ([]core.Mute, error)
	DeliveriesOf(ctx context.Context, channel int64, since time.Time, states ...core.DeliveryState) ([]core.Delivery, error)
	Papers(ctx context.Context, ids []core.PaperID) ([]core.Paper, error)
	Searches(ctx context.Context, user string) ([]string, error)
}

// Completer completes. It is safe for concurrent use.
type Completer struct {
	Store Store
	Query *query.Reader
	Log   *slog.Logger
}

// Where is the channel and the person that something is typed by.
type Where struct {
	Channel core.Channel
	Network core.Network
	User    core.User
	Now     time.Time
}

// box is something that is being typed.
type box struct {
	*Completer
	Where
	ctx context.Context
}

// Complete offers ways to go on.
func (c *Completer) Complete(ctx context.Context, w Where, p core.Partial) []core.Choice {
	b := &box{c, w, ctx}
	if p.Verb == "" {
		return b.offered(b.line(p.Text))
	}
	v, ok := verbs.Named(p.Verb)
	if !ok {
		return nil
	}
	o, ok := v.Option(p.Option)
	if !ok {
		return nil
	}
	out := b.offered(b.values(v, o, p.Value))
	if len(out) == 0 && verbs.Topical(o.Name) && v.Name != "unsubscribe" && v.Name != "unmute" && strings.TrimSpace(p.Value) != "" { // nothing would read as if there were no papers
		out = b.offered([]core.Choice{{Value: p.Value, Label: cards.Cut(p.Value, mostCharacters), Hint: "as it is typed"}})
	}
	return out
}

// mostCharacters is how long what is chosen may be: Discord takes no more.
const mostCharacters = 100

// offered are the choices without those that are there already: by their
// label, since a client picks the first of two equal names
// (discord/discord-api-docs#8565), or by what they stand for. And without more, or longer ones, than the network takes.
func (b *box) offered(cs []core.Choice) []core.Choice {
	most := cmp.Or(b.Network.Limits.Choices, len(cs))
	seen := map[string]bool{}
	var out []core.Choice
	for _, c := range cs {
		if !seen[c.Label] && !seen[c.Value] && len(out) < most && (b.Network.Limits.Choices == 0 || len([]rune(c.Value)) <= mostCharacters) {
			seen[c.Label], seen[c.Value] = true, true
			out = append(out, c)
		}
	}
	return out
}

// line goes on with a line of free text: its verb, one of the verb's options, or an
// option's value.
func (b *box) line(line string) []core.Choice {
	first, _, more := strings.Cut(strings.TrimLeft(line, " "), " ")
	if !more {
		var out []core.Choice
		for _, v := range verbs.Table {
			if strings.HasPrefix(v.Name, strings.ToLower(first)) {
				out = append(out, core.Choice{Value: v.Name + " ", Label: v.Name, Hint: v.Summary})
			}
		}
		if len(out) == 0 { // a search without its verb, as below
			return b.topical(line, false)
		}
		return out
	}
	v, ok := verbs.Named(first)
	if !ok { // a search without its verb
		return b.topical(line, false)
	}
	cut := strings.LastIndexByte(line, ' ') + 1
	head, last := line[:cut], line[cut:]
	var out []core.Choice
	if name, value, found := strings.Cut(last, ":"); found {
		if o, ok := v.Option(name); ok && (!o.Rest || !verbs.Topical(o.Name)) {
			for _, choice := range b.values(v, o, value) {
				out = append(out, core.Choice{Value: head + name + ":" + quoteIf(choice.Value), Label: choice.Label, Hint: choice.Hint})
			}
			return out
		}
	}
	if rest, ok := v.Rest(); ok {
		_, typed, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
		keep := v.Name + " "
		if v.Name == "schedule" { // the zone is what needs completing
			rest, typed, keep = v.Options[1], last, head
		}
		for _, choice := range b.values(v, rest, strings.TrimLeft(typed, " ")) {
			out = append(out, core.Choice{Value: keep + choice.Value, Label: choice.Label, Hint: choice.Hint})
		}
	}
	for _, o := range v.Options {
		if !o.Rest && o.Kind != verbs.File && strings.HasPrefix(o.Name, strings.ToLower(last)) && !strings.Contains(line, " "+o.Name+":") {
			out = append(out, core.Choice{Value: head + o.Name + ":", Label: o.Name + ":", Hint: o.Summary})
		}
	}
	return out
}

func quoteIf(s string) string {
	if strings.Contains(s, " ") {
		return `"` + s + `"`
	}
	return s
}

// values completes an option's value.
func (b *box) values(v verbs.Verb, o verbs.Option, typed string) []core.Choice {
	low := strings.ToLower(strings.TrimSpace(typed))
	var out []core.Choice
	offer := func(value, label, hint string) {
		if strings.Contains(strings.ToLower(label), low) || strings.Contains(strings.ToLower(value), low) {
			out = append(out, core.Choice{Value: value, Label: label, Hint: hint})
		}
	}
	if o.Kind == verbs.YesNo {
		offer("yes", "yes", "")
		offer("no", "no", "")
	}
	for _, choice := range o.Choices {
		offer(choice, choice, "")
	}
	if !o.Complete {
		return out
	}
	switch o.Name {
	case "zone":
		for _, z := range append(core.ZonesMeant(typed, b.Now), core.Zones(typed, cmp.Or(b.Network.Limits.Choices, zonesOffered))...) {
			out = append(out, core.Choice{Value: z, Label: z})
		}
	case "verb":
		for _, verb := range verbs.Table {
			offer(verb.Name, verb.Name, verb.Summary)
		}
	case "paper":
		b.recentPapers(offer)
	case "topic", "query", "what":
		switch v.Name {
		case "unsubscribe":
			b.followed(offer)
		case "unmute":
			mutes, err := b.Store.Mutes(b.ctx, b.Channel.ID, b.User.Key, b.Now)
			b.note(err)
			for _, m := range mutes {
				offer(m.Value, cards.Cut(m.Value, mostCharacters), cards.Remaining(m.Until, b.Now))
			}
		default:
			return b.topical(typed, v.Name == "subscribe")
		}
	}
	return out
}

// zonesOffered is how many zones are offered where a network sets no limit.
const zonesOffered = 25

// note logs what completion passes over.
func (b *box) note(err error) {
	if err != nil {
		b.Log.Warn("completion", "err", err)
	}
}

// followed are the channel's topics, by number.
func (b *box) followed(offer func(value, label, hint string)) {
	topics, err := b.Store.Topics(b.ctx, b.Channel.ID)
	b.note(err)
	for _, t := range topics {
		offer(fmt.Sprint(t.Number), cards.Cut(fmt.Sprintf("#%d %s", t.Number, t.Text()), mostCharacters), "added by "+t.AddedBy)
	}
}

// recentPapers are those last posted here.
func (b *box) recentPapers(offer func(value, label, hint string)) {
	ds, err := b.Store.DeliveriesOf(b.ctx, b.Channel.ID, b.Now.AddDate(0, 0, -14), core.Posted)
	b.note(err)
	var ids []core.PaperID
	for _, d := range slices.Backward(ds) {
		if id, ok := d.Item.Paper(); ok && len(ids) < 100 {
			ids = append(ids, id)
		}
	}
	papers, err := b.Store.Papers(b.ctx, ids)
	b.note(err)
	for _, p := range papers {
		offer(string(p.ID), cards.Cut(string(p.ID)+" · "+p.Title, mostCharacters), "")
	}
}
