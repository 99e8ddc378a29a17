package chat

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// Complete offers ways to go on, as many as the network takes, each with a label
// of its own, from the store alone. It never fails; where it knows nothing, it offers nothing.
func (b *Chat) Complete(ctx context.Context, p core.Partial) []core.Choice {
	c := b.call(ctx, p.Channel, p.User)
	if b.begin(c, "", p.Channel, "", false, false) != nil {
		return nil
	}
	if p.Verb != "" {
		v, ok := verbs.Named(p.Verb)
		if !ok {
			return nil
		}
		o, ok := v.Option(p.Option)
		if !ok {
			return nil
		}
		return c.offered(b.values(c, v, o, p.Value))
	}
	return c.offered(b.completeText(c, p.Text))
}

// completeText goes on with a line of free text: its verb, one of the verb's
// options, or an option's value.
func (b *Chat) completeText(c *call, line string) []core.Choice {
	first, _, more := strings.Cut(strings.TrimLeft(line, " "), " ")
	if !more {
		var out []core.Choice
		for _, v := range verbs.Table {
			if strings.HasPrefix(v.Name, strings.ToLower(first)) {
				out = append(out, core.Choice{Value: v.Name + " ", Label: v.Name, Hint: v.Summary})
			}
		}
		return out
	}
	v, ok := verbs.Named(first)
	if !ok {
		return nil
	}
	cut := strings.LastIndexByte(line, ' ') + 1
	head, last := line[:cut], line[cut:]
	var out []core.Choice
	if name, value, found := strings.Cut(last, ":"); found {
		if o, ok := v.Option(name); ok {
			for _, choice := range b.values(c, v, o, value) {
				out = append(out, core.Choice{Value: head + name + ":" + quoteIf(choice.Value), Label: choice.Label, Hint: choice.Hint})
			}
			return out
		}
	}
	if rest, ok := v.Rest(); ok {
		_, typed, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
		if v.Name == "schedule" {
			rest, typed = v.Options[1], last // the zone is what needs completing
		}
		for _, choice := range b.values(c, v, rest, strings.TrimLeft(typed, " ")) {
			keep := v.Name + " "
			if v.Name == "schedule" {
				keep = head
			}
			out = append(out, core.Choice{Value: keep + choice.Value, Label: choice.Label, Hint: choice.Hint})
		}
	}
	for _, o := range v.Options {
		if !o.Rest && strings.HasPrefix(o.Name, strings.ToLower(last)) && !strings.Contains(line, " "+o.Name+":") {
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
func (b *Chat) values(c *call, v verbs.Verb, o verbs.Option, typed string) []core.Choice {
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
		for _, z := range core.Zones(typed, cmp.Or(c.network.Limits.Choices, zonesOffered)) {
			offer(z, z, "")
		}
	case "verb":
		for _, verb := range verbs.Table {
			offer(verb.Name, verb.Name, verb.Summary)
		}
	case "paper":
		b.recentPapers(c, offer)
	case "topic":
		if v.Name == "unsubscribe" || v.Name == "top" {
			b.followedTopics(c, v.Name == "unsubscribe", offer)
			break
		}
		fallthrough
	case "query":
		suggestFields(typed, offer)
	case "what":
		if v.Name == "unmute" {
			mutes, err := b.Store.Mutes(c.ctx, c.channel.ID, c.user.Key, c.now)
			b.note(err)
			for _, m := range mutes {
				offer(m.Value, m.Value, remaining(m, c.now))
			}
			break
		}
		b.followedTopics(c, false, offer)
	}
	return out
}

// note logs what completion passes over.
func (b *Chat) note(err error) {
	if err != nil {
		b.Log.Warn("completion", "err", err)
	}
}

func (b *Chat) followedTopics(c *call, byNumber bool, offer func(value, label, hint string)) {
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	b.note(err)
	for _, t := range topics {
		text := t.Text()
		switch {
		case byNumber:
			offer(fmt.Sprint(t.Number), cards.Cut(fmt.Sprintf("#%d %s", t.Number, text), 100), "added by "+t.AddedBy)
		case t.Unreadable == "":
			offer(text, cards.Cut(text, 100), "")
		}
	}
}

// recentPapers are those last posted here.
func (b *Chat) recentPapers(c *call, offer func(value, label, hint string)) {
	ds, err := b.Store.DeliveriesOf(c.ctx, c.channel.ID, c.now.AddDate(0, 0, -14), core.Posted)
	b.note(err)
	var ids []core.PaperID
	for _, d := range slices.Backward(ds) {
		if id, ok := d.Item.Paper(); ok && len(ids) < 100 {
			ids = append(ids, id)
		}
	}
	papers, err := b.Store.Papers(c.ctx, ids)
	b.note(err)
	for _, p := range papers {
		offer(string(p.ID), cards.Cut(string(p.ID)+" · "+p.Title, 100), "")
	}
}

// suggestFields offers the fields of the topic language for the word being typed.
func suggestFields(typed string, offer func(value, label, hint string)) {
	cut := strings.LastIndexByte(typed, ' ') + 1
	head, last := typed[:cut], strings.ToLower(typed[cut:])
	if last == "" {
		return
	}
	for _, f := range []struct {
		field topic.Field
		hint  string
	}{
		{topic.Title, "in the title"}, {topic.Abstract, "in the abstract"}, {topic.Author, "an author's name"},
		{topic.Cat, "a category, as cat:cs.CV"}, {topic.Source, "hf, arxiv or a feed"}, {topic.Has, "has:code"}, {topic.Min, "upvotes on Hugging Face"},
	} {
		if strings.HasPrefix(string(f.field), last) {
			offer(head+string(f.field)+":", head+string(f.field)+":", f.hint)
		}
	}
}

// zonesOffered is how many zones are offered where a network sets no limit.
const zonesOffered = 25

// offered are the choices without those whose label is there already, since a
// client picks the first of two equal names (discord/discord-api-docs#8565), and
// without more than the network takes.
func (c *call) offered(cs []core.Choice) []core.Choice {
	most := cmp.Or(c.network.Limits.Choices, len(cs))
	seen := map[string]bool{}
	var out []core.Choice
	for _, choice := range cs {
		if !seen[choice.Label] && len(out) < most {
			seen[choice.Label] = true
			out = append(out, choice)
		}
	}
	return out
}
