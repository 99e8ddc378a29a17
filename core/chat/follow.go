package core

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"paperboy/core/say"
	"paperboy/core/topic"
)

// maxTopics is how many topics a channel may follow (product.md 4.2).
const maxTopics = 50

// undoTime is how long a change can be taken back.
const undoTime = 10 * time.Minute

// previewDays is how far a preview looks back unless told.
const previewDays = 30

// subscribe follows topics here.
func (b *Bot) subscribe(c *call) (Reply, error) {
	ts, err := topic.ParseList(strings.TrimSpace(c.args["topic"]))
	if err != nil {
		return Reply{}, c.shift("topic", err)
	}
	if n := c.args["min"]; n != "" {
		for i := range ts {
			if ts[i], err = topic.Parse(withMin(ts[i], n)); err != nil {
				return Reply{}, err
			}
		}
	}
	followed, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return Reply{}, err
	}
	number := map[string]int{}
	for _, f := range followed {
		number[f.Topic.String()] = f.Number
	}
	var fresh []topic.Topic
	var dup *UserError
	for _, t := range ts {
		if n, ok := number[t.String()]; ok {
			dup = Userf("E-DUP", "This channel already follows *%s* (#%d). Nothing changed.", t.String(), n)
			continue
		}
		number[t.String()] = 0 // typed twice in one line
		fresh = append(fresh, t)
	}
	if len(fresh) == 0 {
		return Reply{}, dup
	}
	if len(followed)+len(fresh) > maxTopics {
		return Reply{}, Userf("E-LONG", "This channel follows %d topics; the limit is %d. %s frees a place.", len(followed), maxTopics, c.command("unsubscribe 1"))
	}
	if err := b.change(c, func(*Channel) {}); err != nil {
		return Reply{}, err
	}
	reply := Reply{}
	var names []say.Text
	scoped := false
	for _, t := range fresh {
		added, err := b.Store.AddTopic(c.ctx, c.channel.ID, t, c.user.Name, c.now)
		if err != nil {
			return Reply{}, err
		}
		f, err := b.forecast(c, t, previewDays, 0)
		if err != nil {
			return Reply{}, err
		}
		names = append(names, say.Say("*%s*", t.String()))
		reply.Card.Lines = append(reply.Card.Lines, say.Say("#%d *%s*: I read this as %s. %s", added.Number, t.String(), t.Reading(), f.rate()))
		scoped = scoped || !t.HasCat()
	}
	if in := c.channel.Settings.Scope.Reading(); scoped && len(in) > 0 {
		reply.Card.Lines = append(reply.Card.Lines, say.Say("I look %s.", in))
	}
	reply.Line = []say.Text{say.Say("%s follows %s here: %s.", c.mention(), count(len(fresh), "topic"), list(names))}
	if dup != nil {
		reply.Card.Lines = append(reply.Card.Lines, dup.Text)
	}
	reply.Card.Lines = append(reply.Card.Lines, say.Say("What I already have counts as seen; only papers that come from now on are posted."))
	reply.Card.Lines = append(reply.Card.Lines, b.nextPost(c))
	return reply, nil
}

// withMin adds min: to every clause, since a paper must have it whichever
// clause brings it.
func withMin(t topic.Topic, n string) string {
	clauses := strings.Split(t.String(), " | ")
	for i := range clauses {
		clauses[i] += " min:" + n
	}
	return strings.Join(clauses, " | ")
}

// forecast is what a topic brought lately.
type forecast struct {
	days     int
	weekdays int
	query    Query
	found    Found
}

// forecast looks at the last days, with the newest few papers as examples.
func (b *Bot) forecast(c *call, t topic.Topic, days, examples int) (f forecast, err error) {
	f.days = days
	from := c.today().AddDays(-days)
	for d := from.AddDays(1); d <= c.today(); d = d.AddDays(1) {
		if Weekdays.Has(d.Weekday()) {
			f.weekdays++
		}
	}
	f.query = Query{Topic: t, Scope: c.channel.Settings.Scope, Since: from, Sort: SortNew, Limit: examples}
	f.found, err = b.Store.Search(c.ctx, f.query)
	return f, err
}

// rate says how much to expect: "Last 30 days: 41 papers, 1.9 a weekday."
func (f *forecast) rate() say.Text {
	t := say.Say("Last %d days: *%s*", f.days, count(f.found.Total, "paper"))
	if f.found.Total > 0 && f.weekdays > 0 {
		t = append(t, say.Say(", %s a weekday", perDay(f.found.Total, f.weekdays))...)
	}
	return append(t, say.Say(".")...)
}

func perDay(n, days int) string {
	r := float64(n) / float64(days)
	if r < 0.1 {
		return "less than 0.1"
	}
	return fmt.Sprintf("%.1f", r)
}

// beyond says what the channel's scope keeps out: "12 more outside your scope,
// mostly physics.flu-dyn."
func (b *Bot) beyond(c *call, f forecast) (say.Text, error) {
	q := f.query
	q.Scope, q.Limit = topic.Scope{}, 0
	everywhere, err := b.Store.Search(c.ctx, q)
	n := everywhere.Total - f.found.Total
	if err != nil || n <= 0 {
		return nil, err
	}
	most, best := "", 0
	for cat, total := range everywhere.Primary {
		if extra := total - f.found.Primary[cat]; cat != "" && (extra > best || extra == best && cat < most) {
			most, best = cat, extra
		}
	}
	if most == "" {
		return say.Say("%s more outside your scope.", number(n)), nil
	}
	return say.Say("%s more outside your scope, mostly %s.", number(n), most), nil
}

// crossListed says for a topic with cat: how many are primary there and how
// many only listed there as well.
func (f *forecast) crossListed(t topic.Topic) say.Text {
	var pattern string
	for _, cl := range t.Clauses {
		for _, term := range cl {
			if term.Field == topic.Cat && !term.Not {
				if pattern != "" {
					return nil // with several there is no one number
				}
				pattern = term.Value
			}
		}
	}
	if pattern == "" || pattern == "*" || f.found.Total == 0 {
		return nil
	}
	primary := 0
	for cat, n := range f.found.Primary {
		if cat != "" && topic.CatMatches(pattern, cat) {
			primary += n
		}
	}
	return say.Say("%s primary in %s, %s cross-listed.", number(primary), pattern, number(f.found.Total-primary))
}

// preview shows what a topic would bring; nothing is posted.
func (b *Bot) preview(c *call) (Reply, error) {
	t, err := c.topic("topic")
	if err != nil {
		return Reply{}, err
	}
	f, err := b.forecast(c, t, c.int("days", previewDays), 5)
	if err != nil {
		return Reply{}, err
	}
	card := Card{Lines: []say.Text{
		say.Say("I read this as: %s.", reading(t, c.channel.Settings.Scope)),
		f.rate(),
	}}
	beyond, err := b.beyond(c, f)
	if err != nil {
		return Reply{}, err
	}
	for _, extra := range []say.Text{f.crossListed(t), beyond} {
		if extra != nil {
			card.Lines = append(card.Lines, extra)
		}
	}
	examples := f.found.Hits
	if f.found.Total > len(examples) {
		examples = examples[:min(3, len(examples))]
		card.Lines = append(card.Lines, say.Say("The newest %d:", len(examples)))
	}
	for _, h := range examples {
		card.Papers = append(card.Papers, entry(&h.Paper))
	}
	if f.found.Total == 0 {
		card.Lines = append(card.Lines, say.Say("Matching looks at words, not meaning: a paper that never writes the word is missed."))
	}
	card.Context = []say.Text{say.Say("Nothing was posted.")}
	card.Buttons = doButton("Follow it here", "subscribe "+t.String())
	return Reply{Card: card}, nil
}

// unsubscribe stops following a topic.
func (b *Bot) unsubscribe(c *call) (Reply, error) {
	t, err := b.topicNamed(c, c.args["topic"])
	if err != nil {
		return Reply{}, err
	}
	if err := b.Store.RemoveTopic(c.ctx, t.ID, c.now); err != nil {
		return Reply{}, err
	}
	return Reply{
		Card: Card{
			Lines:   []say.Text{say.Say("This channel no longer follows *%s* (#%d). It can be taken back for ten minutes.", t.Topic.String(), t.Number)},
			Buttons: []Button{button("Undo", "undo", "topic", strconv.FormatInt(t.ID, 10), strconv.FormatInt(c.now.Unix(), 10))},
		},
		Line: []say.Text{say.Say("%s stopped following *%s* here.", c.mention(), t.Topic.String())},
	}, nil
}

// topicNamed finds a topic of the channel by number, by its text however
// written, or by the label that completion showed ("#3 lora").
func (b *Bot) topicNamed(c *call, ref string) (Topic, error) {
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return Topic{}, err
	}
	if len(topics) == 0 {
		return Topic{}, Userf("E-NOTFOUND", "This channel has no topics yet. Start with %s.", c.command("subscribe diffusion"))
	}
	ref = strings.TrimSpace(ref)
	first, _, _ := strings.Cut(strings.TrimPrefix(ref, "#"), " ")
	if n, err := strconv.Atoi(first); err == nil && (strings.HasPrefix(ref, "#") || first == ref) {
		for _, t := range topics {
			if t.Number == n {
				return t, nil
			}
		}
		return Topic{}, Userf("E-NOTFOUND", "No topic #%d here. %s shows %s.", n, c.command("list"), numbers(topics))
	}
	asked, err := topic.Parse(ref)
	if err != nil {
		return Topic{}, c.shift("topic", err)
	}
	for _, t := range topics {
		if t.Topic.String() == asked.String() {
			return t, nil
		}
	}
	return Topic{}, Userf("E-NOTFOUND", "This channel does not follow *%s*. %s shows %s.", asked.String(), c.command("list"), numbers(topics))
}

// numbers says which numbers there are: "1–3", "1, 4–5".
func numbers(topics []Topic) string {
	ns := make([]int, len(topics))
	for i, t := range topics {
		ns[i] = t.Number
	}
	sort.Ints(ns)
	var parts []string
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] == ns[j]+1 {
			j++
		}
		if j > i {
			parts = append(parts, fmt.Sprintf("%d–%d", ns[i], ns[j]))
		} else {
			parts = append(parts, strconv.Itoa(ns[i]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// listTopics shows what the channel follows and hides.
func (b *Bot) listTopics(c *call) (Reply, error) {
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return Reply{}, err
	}
	card := Card{}
	if len(topics) == 0 {
		card.Lines = append(card.Lines, b.noTopics(c))
	} else {
		card.Lines = append(card.Lines, say.Say("This channel follows %s:", count(len(topics), "topic")))
	}
	for _, t := range topics {
		f, err := b.forecast(c, t.Topic, previewDays, 0)
		if err != nil {
			return Reply{}, err
		}
		rate := "nothing in 30 days"
		if f.found.Total > 0 {
			rate = perDay(f.found.Total, max(f.weekdays, 1)) + " a weekday"
		}
		card.Lines = append(card.Lines, say.Say("#%d *%s* · %s · added by %s on %s", t.Number, t.Topic.String(), rate, t.AddedBy, t.AddedAt.In(c.loc()).Format("2 Jan 2006")))
	}
	mutes, err := b.Store.Mutes(c.ctx, c.channel.ID, c.user.Key, c.now)
	if err != nil {
		return Reply{}, err
	}
	for _, m := range mutes {
		whose := "here"
		if m.Channel == 0 {
			whose = "for you"
		}
		card.Lines = append(card.Lines, say.Say("Muted %s: *%s*, %s · %s shows it again", whose, m.Value, remaining(m, c.now), c.command("unmute "+m.Value)))
	}
	if len(topics) > 0 {
		card.Lines = append(card.Lines, b.nextPost(c))
	}
	return Reply{Card: card}, nil
}

func (b *Bot) noTopics(c *call) say.Text {
	return say.Say("This channel has no topics yet. Start with %s.", c.command("subscribe diffusion"))
}

// nextPost says when the channel gets its next post, or what is missing.
func (b *Bot) nextPost(c *call) say.Text {
	if c.channel.Paused(c.now) {
		if c.channel.PausedUntil.IsZero() {
			return say.Say("Paused until somebody types %s.", c.command("resume"))
		}
		return say.Say("Paused until %s.", When(c.channel.PausedUntil, c.now, c.loc()))
	}
	next, ok := c.channel.Schedule.Next(c.now)
	if !ok {
		return say.Say("No post can come before a time is set: %s.", c.command("schedule 09:00 Europe/Berlin weekdays"))
	}
	return say.Say("Next post: %s.", When(next, c.now, c.loc()))
}

// undo takes a change back.
func (b *Bot) undo(c *call, args []string) (Reply, error) {
	if len(args) < 3 || args[0] != "topic" {
		return Reply{}, oldButton(c, "list")
	}
	id, err1 := strconv.ParseInt(args[1], 10, 64)
	at, err2 := strconv.ParseInt(args[2], 10, 64)
	if errors.Join(err1, err2) != nil || c.now.Sub(time.Unix(at, 0)) > undoTime {
		return Reply{}, Userf("E-OLDBUTTON", "That was more than ten minutes ago. %s follows it again.", c.command("subscribe"))
	}
	if err := c.mayEdit(); err != nil {
		return Reply{}, err
	}
	t, err := b.Store.RestoreTopic(c.ctx, id)
	if err != nil {
		return Reply{}, err
	}
	return Reply{
		Card: Card{Lines: []say.Text{say.Say("This channel follows *%s* (#%d) again.", t.Topic.String(), t.Number)}},
		Line: []say.Text{say.Say("%s follows *%s* here again.", c.mention(), t.Topic.String())},
		Edit: true,
	}, nil
}
