package chat

import (
	"context"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// A form is a verb filled in by hand: its fields are the verb's options. A button
// opens it, pb1|form|schedule, and what was filled in is done as if it were typed.
var forms = map[string]func(*Chat, *call) core.Form{
	"preview":   (*Chat).previewForm,
	"subscribe": (*Chat).subscribeForm,
	"schedule":  (*Chat).scheduleForm,
}

// formOf is the verb of a form; ok is false for what is none.
func formOf(id string) (verb string, ok bool) {
	kind, args, ok := cards.Pressed(id)
	if !ok || kind != "form" || len(args) == 0 || forms[args[0]] == nil {
		return "", false
	}
	return args[0], true
}

// Form is what a button opens. Who may not do what it asks for gets none: the
// press says why.
func (b *Chat) Form(ctx context.Context, p core.Press) (core.Form, bool) {
	verb, ok := formOf(p.Button)
	if !ok {
		return core.Form{}, false
	}
	c := b.call(ctx, p.Channel, p.User)
	c.Verb, _ = verbs.Named(verb)
	if b.begin(c, "", p.Channel, p.Name, p.Private, false) != nil || c.Verb.Who == verbs.ForEditor && b.mayEdit(c) != nil {
		return core.Form{}, false
	}
	f := forms[verb](b, c)
	f.ID = p.Button
	return f, true
}

// unfilled answers the button of a form where none was shown: to who may not do
// it, why; to others, how it is typed.
func (b *Chat) unfilled(c *call, args []string) (core.Reply, error) {
	if forms[args[0]] == nil {
		return core.Reply{}, oldButton(c, "help")
	}
	v, _ := verbs.Named(args[0])
	if v.Who == verbs.ForEditor {
		if err := b.mayEdit(c); err != nil {
			return core.Reply{}, err
		}
	}
	return b.help(&call{ctx: c.ctx, network: c.network, Call: verbs.Call{Args: map[string]string{"verb": args[0]}}})
}

func (b *Chat) previewForm(c *call) core.Form {
	return core.Form{Title: "Preview a topic", Submit: "Preview", Fields: []core.Field{topicField(b.example(c))}}
}

func (b *Chat) subscribeForm(c *call) core.Form {
	return core.Form{Title: "Follow a topic", Submit: "Follow", Fields: []core.Field{topicField(b.example(c))}}
}

func topicField(example string) core.Field {
	return core.Field{Name: "topic", Label: "Topic", Hint: "as in: " + example, Kind: core.FieldText, Max: 1000}
}

func (b *Chat) scheduleForm(c *call) core.Form {
	s := c.channel.Schedule
	days := []core.Choice{{Value: "weekdays", Label: "weekdays"}, {Value: "daily", Label: "every day"}, {Value: "weekly:mon", Label: "Mondays"}}
	if now := s.Days.String(); now != "weekdays" && now != "daily" && now != "weekly:mon" {
		days = append(days, core.Choice{Value: now, Label: now})
	}
	return core.Form{Title: "Set the time", Submit: "Set", Fields: []core.Field{
		{Name: "time", Label: "Time of day", Kind: core.FieldTime, Value: s.Time},
		{Name: "zone", Label: "Time zone", Hint: "a city or a name such as Europe/Berlin", Kind: core.FieldSearch, Value: s.Zone, Verb: "schedule", Option: "zone"},
		{Name: "days", Label: "Days", Kind: core.FieldChoice, Value: s.Days.String(), Options: days},
	}}
}

// request is a submission as a command.
func request(s core.Submission) (core.Request, bool) {
	verb, ok := formOf(s.Form)
	return core.Request{ID: s.ID, Channel: s.Channel, Name: s.Name, Private: s.Private, User: s.User, Verb: verb, Args: s.Values}, ok
}

// Check says what is wrong with what was filled in.
func (b *Chat) Check(ctx context.Context, s core.Submission) map[string]say.Text {
	r, ok := request(s)
	if !ok {
		return nil // Submit says so
	}
	network, _ := b.Connections.Network(s.Channel.Platform)
	wrong := map[string]say.Text{}
	note := func(field string, err error) {
		if err != nil {
			wrong[field], _ = userMessage(err)
		}
	}
	if _, err := verbs.Parse(r, network); err != nil {
		note(forms[r.Verb](b, b.call(ctx, s.Channel, s.User)).Fields[0].Name, err)
		return wrong
	}
	switch r.Verb {
	case "schedule":
		for _, field := range []string{"time", "zone"} {
			_, err := core.ParseSchedule(s.Values[field], core.Schedule{})
			note(field, err)
		}
	case "subscribe":
		_, err := topic.ParseList(s.Values["topic"])
		note("topic", err)
	case "preview":
		_, err := topic.Parse(s.Values["topic"])
		note("topic", err)
	}
	return wrong
}

// Submit does what was filled in.
func (b *Chat) Submit(ctx context.Context, s core.Submission) core.Reply {
	r, ok := request(s)
	if !ok {
		return b.Press(ctx, core.Press{ID: s.ID, Channel: s.Channel, Name: s.Name, Private: s.Private, User: s.User, Button: s.Form})
	}
	return b.Do(ctx, r)
}
