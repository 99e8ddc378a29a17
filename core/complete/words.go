package complete

import (
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// How much of each kind is offered.
const (
	mostTopics     = 8
	mostSearches   = 6
	mostCategories = 10
	mostWords      = 8
	emptyBox       = 6 // categories for a box in which nothing is typed
)

// fields of the topic language, and what they are for.
var fields = []struct {
	field topic.Field
	hint  string
}{
	{topic.Title, "in the title"}, {topic.Abstract, "in the abstract"}, {topic.Author, "an author's name"},
	{topic.Cat, "a category, as cat:cs.CV"}, {topic.Source, "hf, arxiv or a feed"}, {topic.Has, "has:code"}, {topic.Min, "upvotes on Hugging Face"},
	{topic.Like, "a paper or your own words: what is alike in meaning"},
}

// topical completes a topic or a search. What is there as a whole comes first:
// topics that are followed here (of no use to who is to follow one) and searches of
// before; then how the last word may go on.
func (b *box) topical(typed string, fresh bool) (out []core.Choice) {
	whole := strings.ToLower(strings.TrimSpace(typed))
	begins := func(value string) bool { return strings.Contains(strings.ToLower(value), whole) }
	if !fresh {
		topics, err := b.Store.Topics(b.ctx, b.Channel.ID)
		b.note(err)
		for _, t := range topics {
			if t.Unreadable == "" && begins(t.Text()) && len(out) < mostTopics {
				out = append(out, core.Choice{Value: t.Text(), Label: cards.Cut(t.Text(), 80) + " · followed here"})
			}
		}
	}
	searches, err := b.Store.Searches(b.ctx, b.User.Key)
	b.note(err)
	n := len(out)
	for _, s := range searches {
		words := searched(s)
		if words != "" && begins(words) && len(out) < n+mostSearches {
			out = append(out, core.Choice{Value: words, Label: cards.Cut(words, 80) + " · asked before"})
		}
	}
	cut := strings.LastIndexAny(typed, " ,|") + 1
	head, last := typed[:cut], typed[cut:]
	for _, mark := range []string{"-", "–"} {
		if rest, ok := strings.CutPrefix(last, mark); ok {
			head, last = head+mark, rest
			break
		}
	}
	return append(out, b.lastWord(head, last)...)
}

// searched is the query of a search that was remembered as it is typed.
func searched(line string) string {
	call, err := verbs.Parse(core.Request{Text: line}, core.Network{})
	if err != nil || call.Verb.Name != "search" {
		return ""
	}
	return strings.Join(strings.Fields(call.Args["query"]), " ")
}

// lastWord are ways in which the last word may go on.
func (b *box) lastWord(head, last string) (out []core.Choice) {
	low := strings.ToLower(last)
	if of, ok := strings.CutPrefix(low, "cat:"); ok {
		return b.categories(head, of, mostCategories)
	}
	if low == "" {
		return b.categories(head, "", emptyBox)
	}
	field := ""
	if name, rest, ok := strings.Cut(low, ":"); ok {
		if name != string(topic.Title) && name != string(topic.Abstract) {
			return nil
		}
		field, low = name+":", rest
	}
	known, err := b.Query.Beginning(b.ctx, b.Channel, low, mostWords)
	b.note(err)
	for _, w := range known {
		out = append(out, core.Choice{Value: head + field + w.Word, Label: field + w.Word + " · " + cards.Count(w.Papers, "paper") + " in 30 days"})
	}
	if field != "" {
		return out
	}
	for _, f := range fields {
		if strings.HasPrefix(string(f.field), low) {
			out = append(out, core.Choice{Value: head + string(f.field) + ":", Label: head + string(f.field) + ":", Hint: f.hint})
		}
	}
	if len(low) > 1 {
		out = append(out, b.categories(head, low, mostCategories)...)
	}
	return out
}

// usual are the categories that most people look for, for a box in which nothing is
// typed.
var usual = []string{"cs.LG", "cs.CL", "cs.CV", "cs.AI", "stat.ML", "cs.RO"}

// categories are those of an id or a name that begins so, with their names: none is
// typed, those that are usual.
func (b *box) categories(head, of string, most int) (out []core.Choice) {
	add := func(c topic.Category) {
		if len(out) < most {
			out = append(out, core.Choice{Value: head + "cat:" + c.ID, Label: "cat:" + c.ID + " · " + cards.Cut(c.Name, 70)})
		}
	}
	if of == "" {
		for _, id := range usual {
			for _, c := range topic.Categories {
				if c.ID == id {
					add(c)
				}
			}
		}
		return out
	}
	for _, c := range topic.Categories {
		id := strings.ToLower(c.ID)
		_, subject, _ := strings.Cut(id, ".")
		if strings.HasPrefix(id, of) || strings.HasPrefix(subject, of) {
			add(c)
		}
	}
	for _, c := range topic.Categories {
		if !strings.HasPrefix(strings.ToLower(c.ID), of) && len(of) > 2 && named(c.Name, of) {
			add(c)
		}
	}
	if len(out) == 0 {
		for _, c := range topic.NearCategories(of) {
			add(c)
		}
	}
	return out
}

// named: a word of the name begins so.
func named(name, begin string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, begin) || strings.Contains(name, " "+begin)
}
