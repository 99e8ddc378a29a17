package fakediscord

import (
	"fmt"
	"slices"
	"time"
)

// Kinds of interactions and of callbacks.
const (
	command      = 2
	component    = 3
	autocomplete = 4
	modalSubmit  = 5

	answerLater  = 5
	updateLater  = 6
	offerChoices = 8
	showModal    = 9

	callbackWindow = 3 * time.Second
	tokenLife      = 15 * time.Minute
)

type interaction struct {
	id, token string
	kind      int
	member    *Member
	c         *Channel
	at        time.Time // wall
	born      time.Time // calendar
	took      time.Duration
	callback  int      // 0 before it
	original  *Message // its answer, or the component's message
	messages  []*Message
	modal     object   // the window that it was answered with
	on        *Message // what was pressed, also for the window that opened
	choices   []Choice
	done      chan struct{}
}

// Answer is what became of a command or a press.
type Answer struct {
	ID, Token string
	Acked     time.Duration // until the callback, on the wall's clock
	Error     string        // what the person reads instead of an answer
	Updated   bool          // the pressed message was, or will be, changed

	d *Discord
	i *interaction
}

// Choice is a line of an autocompletion.
type Choice struct {
	Name  string
	Value any
}

// ask dispatches an interaction and waits for its callback. The caller holds mu,
// which is free meanwhile.
func (d *Discord) ask(kind int, m *Member, c *Channel, data object, on *Message) *Answer {
	i := &interaction{id: d.id(), kind: kind, member: m, c: c, at: time.Now(), born: d.opt.Now(), done: make(chan struct{}), original: on, on: on}
	i.token = "interaction-token-" + i.id
	d.interactions[i.token] = i
	channel := object{"id": c.ID, "type": c.kind, "name": c.Name, "permissions": d.may(m.ID, c).String(), "guild_id": c.guild.ID, "flags": 0}
	if c.parent != nil {
		channel["parent_id"] = c.parent.ID
	}
	o := object{"id": i.id, "application_id": AppID, "type": kind, "data": data, "guild_id": c.guild.ID, "channel_id": c.ID, "channel": channel,
		"guild": object{"id": c.guild.ID, "locale": "en-US", "features": []any{}}, "member": d.memberObject(m, c), "token": i.token, "version": 1,
		"locale": "en-US", "guild_locale": "en-US", "app_permissions": d.may(Bot, c).String(), "entitlements": []any{}, "context": 0,
		"authorizing_integration_owners": object{"0": c.guild.ID}, "attachment_size_limit": maxFile}
	if on != nil {
		o["message"] = d.messageObject(on)
	}
	d.happen("INTERACTION_CREATE", 0, c.guild.ID, o)
	d.mu.Unlock()
	timer := time.NewTimer(callbackWindow)
	defer timer.Stop()
	select {
	case <-i.done:
	case <-timer.C:
	case <-d.ctx.Done():
	}
	d.mu.Lock()
	a := &Answer{ID: i.id, Token: i.token, d: d, i: i, Acked: i.took}
	switch i.callback {
	case 0:
		d.counts.Unanswered++
		a.Error = "The application did not respond"
		if kind == component || kind == modalSubmit {
			a.Error = "This interaction failed"
		}
	case updateLater:
		a.Updated = true
	}
	return a
}

// callback is the bot's first answer.
func (d *Discord) callback(r *request) (any, *refusal) {
	i := d.interactions[r.PathValue("token")]
	switch {
	case i == nil || i.id != r.PathValue("interaction") || i.callback == 0 && time.Since(i.at) > callbackWindow:
		d.counts.Late++
		return nil, refuse(404, 10062, "Unknown interaction")
	case i.callback != 0:
		return nil, refuse(400, 40060, "Interaction has already been acknowledged.")
	case i.c.gone:
		return nil, refuse(404, 10003, "Unknown Channel")
	}
	var f form
	kind, data := num(r.body, "type"), obj(r.body, "data")
	takes := map[int][]int{command: {answerLater, showModal}, component: {answerLater, updateLater, showModal}, autocomplete: {offerChoices}, modalSubmit: {answerLater}}[i.kind]
	if i.kind == modalSubmit && i.on != nil { // it began at a message, which may be changed
		takes = append(takes, updateLater)
	}
	if !slices.Contains(takes, kind) {
		f.add("type", "UNION_TYPE_CHOICES", "Callback type %d does not answer an interaction of type %d.", kind, i.kind)
		return nil, f.refuse()
	}
	switch kind {
	case answerLater:
		if flags := num(data, "flags"); flags&^FlagEphemeral != 0 {
			f.add("data.flags", "BITFIELD_INVALID_BITS", "Only EPHEMERAL can be set on a deferral.")
			return nil, f.refuse()
		}
		m, no := d.reply(i, object{"flags": data["flags"], "allowed_mentions": object{}}, nil, FlagLoading) // it says nothing yet
		if no != nil {
			return nil, no
		}
		i.original = m
	case showModal:
		f.at = "data"
		if f.modal(data); f.errors != nil {
			return nil, f.refuse()
		}
		i.modal = data
	case offerChoices:
		choices := f.array(data, "data", "choices", 25)
		f.choices(choices, "data.choices", 3)
		if f.errors != nil {
			return nil, f.refuse()
		}
		for _, c := range choices {
			i.choices = append(i.choices, Choice{str(c, "name"), c["value"]})
		}
	}
	i.callback, i.took = kind, time.Since(i.at)
	close(i.done)
	return nil, nil
}

// reply puts an answer's message into the channel, for one or for all.
func (d *Discord) reply(i *interaction, body object, files []File, flags int) (*Message, *refusal) {
	m := d.draft(Bot, body, files)
	m.Interaction, m.mention = i.id, "users"
	m.Flags |= flags
	if num(body, "flags")&FlagEphemeral != 0 {
		m.For = i.member.ID
		m.Flags |= FlagEphemeral
	}
	if m.empty() && flags&FlagLoading == 0 {
		return nil, isEmpty
	}
	if no := d.place(m, i.c); no != nil {
		return nil, no
	}
	i.messages = append(i.messages, m)
	return m, nil
}

// hook finds the interaction of a webhook's token.
func (d *Discord) hook(r *request) (*interaction, *refusal) {
	i := d.interactions[r.PathValue("token")]
	switch {
	case i == nil || r.PathValue("app") != AppID || i.callback == 0 || i.callback == offerChoices || i.callback == showModal:
		return nil, refuse(404, 10015, "Unknown Webhook")
	case d.opt.Now().Sub(i.born) > tokenLife:
		return nil, refuse(401, 50027, "Invalid Webhook Token")
	case i.c.gone:
		return nil, refuse(404, 10003, "Unknown Channel")
	}
	return i, nil
}

// followUp adds a message to the answer. The first one after a deferral becomes
// the deferred answer, as private as that was announced.
func (d *Discord) followUp(r *request) (any, *refusal) {
	i, no := d.hook(r)
	if no != nil {
		return nil, no
	}
	if i.original.Flags&FlagLoading != 0 && !i.original.Deleted {
		return d.finish(i.original, r)
	}
	var f form
	if f.message(r.body, flagsOfAnswer); f.errors != nil {
		return nil, f.refuse()
	}
	m, no := d.reply(i, r.body, r.files, 0)
	if no != nil {
		return nil, no
	}
	return d.messageObject(m), nil
}

// finish edits an answer and ends its "thinking".
func (d *Discord) finish(m *Message, r *request) (any, *refusal) {
	if no := d.edit(m, r); no != nil {
		return nil, no
	}
	m.Flags &^= FlagLoading
	return d.messageObject(m), nil
}

// original edits or deletes the first answer.
func (d *Discord) original(r *request) (any, *refusal) {
	i, no := d.hook(r)
	if no != nil {
		return nil, no
	}
	m := i.original
	if m == nil || m.Deleted {
		return nil, refuse(404, 10008, "Unknown Message")
	}
	if r.Method == "DELETE" {
		d.remove(m)
		return nil, nil
	}
	if !slices.Contains(i.messages, m) {
		i.messages = append(i.messages, m)
	}
	return d.finish(m, r)
}

// Messages are the messages that the answer brought so far, as the person sees
// them: without one that is still "thinking".
func (a *Answer) Messages() (seen []Message) {
	if a.i == nil {
		return nil
	}
	a.d.mu.Lock()
	defer a.d.mu.Unlock()
	for _, m := range a.i.messages {
		if !m.Deleted && m.Flags&FlagLoading == 0 {
			seen = append(seen, m.copy())
		}
	}
	return seen
}

// Wait waits for the answer's n-th message and returns all.
func (a *Answer) Wait(n int) []Message {
	a.d.t.Helper()
	if a.Error != "" {
		a.d.t.Fatalf("no answer: %s", a.Error)
	}
	a.d.Wait(fmt.Sprintf("%d messages in answer", n), func() bool { return len(a.Messages()) >= n })
	return a.Messages()
}

// Reads waits for the answer's first message and reads it.
func (a *Answer) Reads() string {
	a.d.t.Helper()
	return a.Wait(1)[0].Reads()
}
