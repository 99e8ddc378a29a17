package fakediscord

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// in is a member in a channel's guild. The caller holds mu.
func (m *Member) in(c *Channel) *Member {
	if here := c.guild.members[m.ID]; here != nil {
		return here
	}
	return m
}

// Types lets a member type a command, "subscribe" or "group subscribe" below
// the app's own, with its options filled in, and waits for the callback. What
// Discord's input would not let through is in Answer.Error and never sent.
func (d *Discord) Types(m *Member, c *Channel, verb string, options map[string]any) *Answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	m = m.in(c)
	data, problem := d.compose(m, c, verb, options, "")
	if problem != "" {
		return &Answer{d: d, Error: problem}
	}
	return d.ask(command, m, c, data, nil)
}

// Completes lets a member type a part of an option and returns what is offered.
// Options before it may be filled in.
func (d *Discord) Completes(m *Member, c *Channel, verb, option, partial string, others ...map[string]any) []Choice {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	m = m.in(c)
	given := map[string]any{option: partial}
	for _, o := range others {
		for name, v := range o {
			given[name] = v
		}
	}
	data, problem := d.compose(m, c, verb, given, option)
	if problem != "" {
		d.t.Errorf("%s cannot complete %s of %s: %s", m.Name, option, verb, problem)
		return nil
	}
	a := d.ask(autocomplete, m, c, data, nil)
	if a.Error != "" {
		d.t.Errorf("%s waited in vain for completions of %q", m.Name, partial)
	}
	return a.i.choices
}

// Menu lets a member choose one of the app's commands in a message's menu.
func (d *Discord) Menu(m *Member, on Message, name string) *Answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, target, unseen := d.before(m, on)
	if unseen != nil {
		return unseen
	}
	cmd, problem := d.findCommand(m, on.c, name, 3)
	if problem != "" {
		return &Answer{d: d, Error: problem}
	}
	data := object{"id": cmd["id"], "name": name, "type": 3, "guild_id": on.c.guild.ID, "target_id": on.ID,
		"resolved": object{"messages": object{on.ID: d.whole(target)}}}
	return d.ask(command, m, on.c, data, nil)
}

// live is the message itself of a copy.
func (d *Discord) live(m Message) *Message {
	for _, now := range m.c.messages {
		if now.ID == m.ID {
			return now
		}
	}
	return &m
}

// sees says that a message is there for a member.
func (d *Discord) sees(who *Member, m *Message) bool {
	return !m.Deleted && (m.For == "" || m.For == who.ID) && d.may(who.ID, m.c)&ViewChannel != 0
}

// before is the member of a message's guild and the message as it is now, or the
// answer to who does not see it.
func (d *Discord) before(m *Member, on Message) (*Member, *Message, *Answer) {
	m = m.in(on.c)
	now := d.live(on)
	if !d.sees(m, now) {
		return m, now, &Answer{d: d, Error: m.Name + " does not see that message"}
	}
	return m, now, nil
}

// Presses lets a member press a button by its label or emoji.
func (d *Discord) Presses(m *Member, on Message, label string) *Answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, now, unseen := d.before(m, on)
	if unseen != nil {
		return unseen
	}
	for _, b := range now.copy().Buttons() {
		switch {
		case b.Label != label:
		case b.Disabled || b.URL != "":
			return &Answer{d: d, Error: "That button only opens a link or is disabled"}
		default:
			return d.ask(component, m, on.c, object{"custom_id": b.CustomID, "component_type": 2}, now)
		}
	}
	return &Answer{d: d, Error: fmt.Sprintf("There is no button %q", label)}
}

// Chooses lets a member choose in one of a message's select menus: the first
// option that begins with a label.
func (d *Discord) Chooses(m *Member, on Message, label string) *Answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, now, unseen := d.before(m, on)
	if unseen != nil {
		return unseen
	}
	for _, menu := range now.copy().Menus() {
		for _, o := range menu.Options {
			if strings.HasPrefix(o.Label, label) {
				return d.ask(component, m, on.c, object{"custom_id": menu.customID, "component_type": 3, "values": []any{o.Value}}, now)
			}
		}
	}
	return &Answer{d: d, Error: fmt.Sprintf("There is no option %q", label)}
}

// PressesOld is Presses for a button that the message no longer has, or never
// had: by its custom id, as a client does that shows an older state.
func (d *Discord) PressesOld(m *Member, on Message, customID string) *Answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ask(component, m.in(on.c), on.c, object{"custom_id": customID, "component_type": 2}, d.live(on))
}

// Reacts and Unreacts give and take a member's reaction, or burst reaction.
// The error is Discord's refusal.
func (d *Discord) Reacts(m *Member, on Message, emoji string, burst ...bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.may(m.ID, on.c)&(ViewChannel|ReadMessageHistory) != ViewChannel|ReadMessageHistory {
		return fmt.Errorf("%s does not see that message", m.Name)
	}
	if no := d.vote(on.c, d.live(on), m.ID, emoji, slices.Contains(burst, true)); no != nil {
		return fmt.Errorf("%d %s", no.code, no.message)
	}
	return nil
}

// Unreacts takes a reaction back.
func (d *Discord) Unreacts(m *Member, on Message, emoji string, burst ...bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if no := d.unvote(on.c, d.live(on), m.ID, emoji, slices.Contains(burst, true)); no != nil {
		d.t.Errorf("%s cannot take a reaction back: %s", m.Name, no.message)
	}
}

// Storm lets n new members react to a message, all at once, and returns them.
func (d *Discord) Storm(n int, on Message, emoji string) (crowd []*Member) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.live(on)
	for range n {
		id := d.id()
		m := &Member{ID: id, Name: "crowd" + id, d: d, guild: on.c.guild}
		d.users[id], on.c.guild.members[id] = m, m
		if no := d.vote(on.c, now, id, emoji, false); no != nil {
			d.t.Errorf("%s could not react: %s", m.Name, no.message)
		}
		crowd = append(crowd, m)
	}
	return crowd
}

// vote adds a reaction. Who lacks ADD_REACTIONS may still join one that is
// there. The caller holds mu.
func (d *Discord) vote(c *Channel, m *Message, user, emoji string, burst bool) *refusal {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == emoji })
	switch {
	case m.Deleted || m.For != "":
		return refuse(404, 10008, "Unknown Message")
	case c.archived:
		return archived
	case !isEmoji(emoji):
		return unknownEmoji
	case i < 0 && d.may(user, c)&AddReactions == 0:
		return refuse(403, 50013, "Missing Permissions")
	case i < 0 && len(m.Reactions) >= 20:
		return refuse(400, 30010, "Maximum number of reactions reached (20)")
	case i < 0:
		m.Reactions = append(m.Reactions, Reaction{Emoji: emoji})
		i = len(m.Reactions) - 1
	}
	who := m.Reactions[i].of(burst)
	if slices.Contains(*who, user) {
		return nil
	}
	*who = append(*who, user)
	o := d.reactionEvent(c, m, user, emoji, burst)
	o["member"] = d.memberObject(c.guild.members[user], nil)
	o["message_author_id"] = m.Author
	if burst {
		o["burst_colors"] = []string{"#ffaa00"}
	}
	c.noted("MESSAGE_REACTION_ADD", intentReactions, o)
	return nil
}

var unknownEmoji = refuse(400, 10014, "Unknown Emoji")

// emojis has the shapes of Unicode's; guilds have none of their own here.
var emojis = regexp.MustCompile(`^([0-9#*]\x{fe0f}?\x{20e3}|[^\x00-\x7f\pZ]+)$`)

func isEmoji(s string) bool {
	return emojis.MatchString(s) && !strings.ContainsFunc(s, unicode.IsLetter)
}

func (r *Reaction) of(burst bool) *[]string {
	if burst {
		return &r.Burst
	}
	return &r.Normal
}

func (d *Discord) unvote(c *Channel, m *Message, user, emoji string, burst bool) *refusal {
	if c.archived {
		return archived
	}
	for i := range m.Reactions {
		r := &m.Reactions[i]
		if who := r.of(burst); r.Emoji == emoji && slices.Contains(*who, user) {
			*who = without(*who, user)
			if len(r.Normal)+len(r.Burst) == 0 {
				m.Reactions = slices.Delete(m.Reactions, i, i+1)
			}
			c.noted("MESSAGE_REACTION_REMOVE", intentReactions, d.reactionEvent(c, m, user, emoji, burst))
			break
		}
	}
	return nil
}

func (d *Discord) reactionEvent(c *Channel, m *Message, user, emoji string, burst bool) object {
	o := object{"channel_id": c.ID, "message_id": m.ID, "guild_id": c.guild.ID}
	if emoji != "" {
		o["emoji"] = object{"id": nil, "name": emoji}
	}
	if user != "" {
		o["user_id"], o["burst"], o["type"] = user, burst, map[bool]int{true: 1}[burst]
	}
	return o
}

// ClearsReactions lets a moderator remove all reactions of a message, or all
// with one emoji.
func (d *Discord) ClearsReactions(on Message, emoji ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m := d.live(on)
	if len(emoji) == 0 {
		m.Reactions = nil
		on.c.noted("MESSAGE_REACTION_REMOVE_ALL", intentReactions, d.reactionEvent(on.c, m, "", "", false))
	}
	for _, e := range emoji {
		m.Reactions = slices.DeleteFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == e })
		on.c.noted("MESSAGE_REACTION_REMOVE_EMOJI", intentReactions, d.reactionEvent(on.c, m, "", e, false))
	}
}

// Says lets a member write in a channel.
func (d *Discord) Says(m *Member, c *Channel, words string) Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.kind == forum {
		d.t.Errorf("there is nowhere to type in %s's root", c.Name)
	}
	said := d.draft(m.ID, object{"content": words}, nil)
	if no := d.place(said, c); no != nil {
		d.t.Errorf("%s cannot write in %s: %s", m.Name, c.Name, no.message)
	}
	return said.copy()
}

// Sees is what a member reads in a channel: what is for all and what is for
// them alone, oldest first.
func (d *Discord) Sees(m *Member, c *Channel) []Message {
	return d.pick(c, func(x *Message) bool { return d.sees(m, x) })
}

// Posts are the bot's messages for all in a channel, oldest first, answers to
// commands among them.
func (d *Discord) Posts(c *Channel) []Message {
	return d.pick(c, func(x *Message) bool { return x.For == "" && x.Author == Bot })
}

func (d *Discord) pick(c *Channel, show func(*Message) bool) (seen []Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range c.messages {
		if !m.Deleted && m.kind == 0 && m.Flags&FlagLoading == 0 && show(m) {
			seen = append(seen, m.copy())
		}
	}
	return seen
}

// Message is how a message stands now.
func (d *Discord) Message(m Message) Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.live(m).copy()
}
