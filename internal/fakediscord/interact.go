package fakediscord

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kinds of interactions and of callbacks.
const (
	command      = 2
	component    = 3
	autocomplete = 4

	answerNow    = 4
	answerLater  = 5
	updateLater  = 6
	updateNow    = 7
	offerChoices = 8

	callbackWindow = 3 * time.Second
	leastWindow    = 250 * time.Millisecond // however short Scale makes it
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
	choices   []Choice
	done      chan struct{}
}

// Answer is what became of a command or a press.
type Answer struct {
	ID, Token string
	Acked     time.Duration // until the callback, on the wall's clock
	Error     string        // what the person reads instead of an answer
	Deferred  bool          // "thinking" first
	Ephemeral bool          // only for the person
	Updated   bool          // the pressed message was, or will be, changed

	d *Discord
	i *interaction
}

// Choice is a line of an autocompletion.
type Choice struct {
	Name  string
	Value any
}

func (d *Discord) window() time.Duration { return max(leastWindow, d.scaled(callbackWindow)) }

// ask dispatches an interaction and waits for its callback. The caller holds mu,
// which is free meanwhile.
func (d *Discord) ask(kind int, m *Member, c *Channel, data object, on *Message) *Answer {
	i := &interaction{id: d.id(), kind: kind, member: m, c: c, at: time.Now(), born: d.opt.Now(), done: make(chan struct{}), original: on}
	i.token = "interaction-token-" + i.id
	d.interactions[i.token] = i
	channel := object{"id": c.ID, "type": c.kind, "name": c.Name, "permissions": d.may(m.ID, c).String(), "guild_id": c.guild.ID, "flags": 0}
	if c.parent != nil {
		channel["parent_id"] = c.parent.ID
	}
	o := object{"id": i.id, "application_id": AppID, "type": kind, "data": data, "guild_id": c.guild.ID, "channel_id": c.ID, "channel": channel,
		"guild": object{"id": c.guild.ID, "locale": "en-US", "features": []any{}}, "member": d.memberObject(m, c), "token": i.token, "version": 1,
		"locale": "en-US", "guild_locale": "en-US", "app_permissions": d.may(Bot, c).String(), "entitlements": []any{}, "context": 0,
		"authorizing_integration_owners": object{"0": c.guild.ID}, "attachment_size_limit": 10 << 20}
	if on != nil {
		o["message"] = d.messageObject(on)
	}
	d.counts.InteractionsSent++
	d.happen("INTERACTION_CREATE", 0, o)
	d.mu.Unlock()
	timer := time.NewTimer(d.window())
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
		if kind == component {
			a.Error = "This interaction failed"
		}
	case answerNow, answerLater:
		a.Deferred, a.Ephemeral = i.callback == answerLater, i.original.For != ""
	case updateLater, updateNow:
		a.Deferred, a.Updated = i.callback == updateLater, true
	}
	return a
}

// callback is the bot's first answer.
func (d *Discord) callback(r *request) (any, *refusal) {
	i := d.interactions[r.PathValue("token")]
	switch {
	case i == nil || i.id != r.PathValue("interaction") || i.callback == 0 && time.Since(i.at) > d.window():
		d.counts.Late++
		return nil, refuse(404, 10062, "Unknown interaction")
	case i.callback != 0:
		d.counts.Twice++
		return nil, refuse(400, 40060, "Interaction has already been acknowledged.")
	}
	var f form
	kind, data := num(r.body, "type"), obj(r.body, "data")
	if !slices.Contains(map[int][]int{command: {answerNow, answerLater}, component: {answerNow, answerLater, updateLater, updateNow},
		autocomplete: {offerChoices}}[i.kind], kind) {
		f.add("type", "UNION_TYPE_CHOICES", "Callback type %d does not answer an interaction of type %d.", kind, i.kind)
		return nil, f.refuse()
	}
	switch kind {
	case answerNow:
		if f.message(data); f.errors != nil {
			return nil, f.refuse()
		}
		m, no := d.say(i, data, r.files)
		if no != nil {
			return nil, no
		}
		i.original = m
	case answerLater:
		if flags := num(data, "flags"); flags&^FlagEphemeral != 0 {
			f.add("data.flags", "BITFIELD_INVALID_BITS", "Only EPHEMERAL can be set on a deferral.")
			return nil, f.refuse()
		}
		i.original = d.reply(i, object{"flags": data["flags"], "allowed_mentions": object{}}, nil) // it says nothing yet
		i.original.Flags |= FlagLoading
	case updateNow:
		if i.original.For == "" && i.c.archived {
			return nil, archived
		}
		r.body = data
		if no := d.edit(i.original, r); no != nil {
			return nil, no
		}
		i.messages = append(i.messages, i.original)
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
	if r.query.Get("with_response") != "true" {
		return nil, nil
	}
	o := object{"interaction": object{"id": i.id, "type": i.kind}}
	if kind == answerNow || kind == answerLater || kind == updateNow {
		o["interaction"].(object)["response_message_id"] = i.original.ID
		o["resource"] = object{"type": kind, "message": d.messageObject(i.original)}
	}
	return o, nil
}

// reply puts an answer's message into the channel, for one or for all.
func (d *Discord) reply(i *interaction, body object, files []File) *Message {
	m := d.add(i.c, Bot, body, files)
	m.Interaction, m.mention = i.id, "users"
	if num(body, "flags")&FlagEphemeral != 0 {
		m.For = i.member.ID
		m.Flags |= FlagEphemeral
	}
	i.messages = append(i.messages, m)
	return m
}

// say is reply for what must not be empty.
func (d *Discord) say(i *interaction, body object, files []File) (*Message, *refusal) {
	m := d.reply(i, body, files)
	if m.empty() {
		m.Deleted = true
		i.c.messages = without(i.c.messages, m)
		i.messages = without(i.messages, m)
		return nil, refuse(400, 50006, "Cannot send an empty message")
	}
	return m, nil
}

// hook finds the interaction of a webhook's token.
func (d *Discord) hook(r *request) (*interaction, *refusal) {
	i := d.interactions[r.PathValue("token")]
	switch {
	case i == nil || r.PathValue("app") != AppID || i.callback == 0 || i.callback == offerChoices:
		return nil, refuse(404, 10015, "Unknown Webhook")
	case d.opt.Now().Sub(i.born) > tokenLife:
		return nil, refuse(401, 50027, "Invalid Webhook Token")
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
	if i.original.Flags&FlagLoading != 0 && i.callback == answerLater {
		return d.finish(i.original, r)
	}
	var f form
	if f.message(r.body); f.errors != nil {
		return nil, f.refuse()
	}
	m, no := d.say(i, r.body, r.files)
	if no != nil {
		return nil, no
	}
	return d.messageObject(m), nil
}

// finish edits an answer and ends its "thinking".
func (d *Discord) finish(m *Message, r *request) (any, *refusal) {
	if m.For == "" && m.c.archived {
		return nil, archived
	}
	if no := d.edit(m, r); no != nil {
		return nil, no
	}
	m.Flags &^= FlagLoading
	return d.messageObject(m), nil
}

// original reads, edits or deletes the first answer, or a follow-up by id.
func (d *Discord) original(r *request) (any, *refusal) {
	i, no := d.hook(r)
	if no != nil {
		return nil, no
	}
	m := i.original
	if id := r.PathValue("message"); id != "" {
		m = nil
		for _, sent := range i.messages {
			if sent.ID == id {
				m = sent
			}
		}
	}
	if m == nil || m.Deleted {
		return nil, refuse(404, 10008, "Unknown Message")
	}
	switch r.Method {
	case "PATCH":
		if !slices.Contains(i.messages, m) {
			i.messages = append(i.messages, m)
		}
		return d.finish(m, r)
	case "DELETE":
		d.remove(m)
		return nil, nil
	}
	return d.messageObject(m), nil
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

// findCommand is the command of a name and type that a member sees in a channel: the
// guild's own or a global one. The caller holds mu.
func (d *Discord) findCommand(m *Member, c *Channel, name string, kind int) (object, string) {
	p := d.may(m.ID, c)
	switch {
	case c.gone || p&ViewChannel == 0:
		return nil, "You do not see this channel"
	case c.guild.away:
		return nil, "The app was removed"
	case p&UseCommands == 0:
		return nil, "You cannot use commands in this channel"
	case c.kind == forum:
		return nil, "There is nowhere to type in a forum's root"
	case c.archived:
		return nil, "This thread is archived"
	}
	for _, o := range slices.Concat(d.commands[c.guild.ID], d.commands[""]) {
		if str(o, "name") != name || num(o, "type") != kind {
			continue
		}
		if need, ok := o["default_member_permissions"].(string); ok {
			bits, _ := strconv.ParseUint(need, 10, 64)
			if p != every && (bits == 0 || p&Perm(bits) != Perm(bits)) {
				continue
			}
		}
		return o, ""
	}
	return nil, fmt.Sprintf("There is no command %q", name)
}

// compose builds the data of a typed command: the words of a verb lead through
// groups to a subcommand, whose options are filled in. Discord's own input
// refuses what is wrong in them.
func (d *Discord) compose(m *Member, c *Channel, verb string, given map[string]any, focused string) (object, string) {
	cmd, problem := d.findCommand(m, c, d.opt.Command, 1)
	if problem != "" {
		return nil, problem
	}
	data := object{"id": cmd["id"], "name": cmd["name"], "type": 1, "guild_id": c.guild.ID}
	at, into := cmd, data
	for _, word := range strings.Fields(verb) {
		i := slices.IndexFunc(list(at, "options"), func(o object) bool { return str(o, "name") == word && num(o, "type") < 3 })
		if i < 0 {
			return nil, fmt.Sprintf("There is no command %q", verb)
		}
		at = list(at, "options")[i]
		inner := object{"name": word, "type": num(at, "type")}
		into["options"] = []any{inner}
		into = inner
	}
	left := maps.Clone(given)
	options := []any{}
	for _, o := range list(at, "options") {
		name := str(o, "name")
		v, ok := left[name]
		delete(left, name)
		if num(o, "type") < 3 {
			return nil, fmt.Sprintf("%q wants a subcommand", verb)
		}
		if !ok && focused == name {
			v, ok = "", true
		}
		if !ok {
			if flag(o, "required") && focused == "" {
				return nil, "This option is required: " + name
			}
			continue
		}
		filled := object{"name": name, "type": num(o, "type"), "value": v}
		if focused == name {
			if filled["focused"] = true; !flag(o, "autocomplete") {
				return nil, "This option does not complete: " + name
			}
		} else if filled["value"], problem = enter(o, v); problem != "" {
			return nil, fmt.Sprintf("%s: %s", name, problem)
		}
		options = append(options, filled)
	}
	for name := range left {
		return nil, "There is no option " + name
	}
	if len(options) > 0 {
		into["options"] = options
	}
	return data, ""
}

// enter is an option's value as Discord's input takes it.
func enter(o object, v any) (value any, problem string) {
	typed := fmt.Sprint(v)
	if choices := list(o, "choices"); len(choices) > 0 {
		for _, c := range choices {
			if typed == str(c, "name") || typed == fmt.Sprint(c["value"]) {
				return c["value"], ""
			}
		}
		return nil, fmt.Sprintf("%q is not offered", typed)
	}
	limit := func(key string, broken func(limit float64) bool) bool {
		n, ok := o[key].(float64)
		return ok && broken(n)
	}
	switch num(o, "type") {
	case 3:
		n := float64(size(typed))
		if n > 6000 || limit("max_length", func(most float64) bool { return n > most }) || limit("min_length", func(least float64) bool { return n < least }) {
			return nil, "too long or too short"
		}
		return typed, ""
	case 4, 10:
		n, err := strconv.ParseFloat(typed, 64)
		if err != nil || num(o, "type") == 4 && n != float64(int64(n)) {
			return nil, "not a number"
		}
		if limit("max_value", func(most float64) bool { return n > most }) || limit("min_value", func(least float64) bool { return n < least }) {
			return nil, "too great or too small"
		}
		return n, ""
	case 5:
		b, err := strconv.ParseBool(typed)
		if err != nil {
			return nil, "choose True or False"
		}
		return b, ""
	}
	return typed, ""
}
