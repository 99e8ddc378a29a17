package fakeslack

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// person finds a user by name or id, and makes people who are new. The caller
// holds mu.
func (s *Slack) person(name string) *User {
	if u := s.users[name]; u != nil {
		return u
	}
	if name == "paperboy" {
		return s.users[Bot]
	}
	id := named("U", name)
	if s.users[id] == nil {
		s.users[id] = &User{ID: id, Name: name, RealName: strings.ToUpper(name[:1]) + name[1:], Zone: "Europe/Berlin"}
	}
	return s.users[id]
}

// place finds a channel by name or id; "@paperboy" is a person's direct channel
// with the bot. The caller holds mu.
func (s *Slack) place(name, user string) *channel {
	s.t.Helper()
	if name == "@paperboy" {
		return s.direct(user)
	}
	for _, c := range s.channels {
		if c.ID == name || c.Name == name && c.im == "" {
			return c
		}
	}
	s.t.Errorf("no channel %q", name)
	return &channel{ID: name, Name: name}
}

// User is a person's id; new people are made.
func (s *Slack) User(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.person(name).ID
}

// Channel makes a public channel with people in it and returns its id.
func (s *Slack) Channel(name string, people ...string) string { return s.make("C", name, people) }

// PrivateChannel makes a channel that only its members know of.
func (s *Slack) PrivateChannel(name string, people ...string) string {
	return s.make("G", name, people)
}

// NewPrivateChannel is one as Slack makes them today: its id does not tell that
// it is private.
func (s *Slack) NewPrivateChannel(name string, people ...string) string {
	id := s.make("C", name, people)
	s.ConvertToPrivate(name)
	return id
}

// ConvertToPrivate makes a public channel private. Nobody is told.
func (s *Slack) ConvertToPrivate(channel string) {
	s.act(func() { s.place(channel, "").private = true })
}

// GroupMessage is a conversation of a few people. Nobody can be added to it.
func (s *Slack) GroupMessage(people ...string) string {
	return s.make("G", "mpdm-"+strings.Join(people, "--")+"-1", people)
}

// DirectMessage is one of two people, neither of them the bot: a D id, which
// means nothing to it.
func (s *Slack) DirectMessage(a, b string) string {
	id := s.make("D", a+b, []string{a, b})
	s.act(func() { c := s.place(id, ""); c.private, c.im, c.Name = true, s.person(b).ID, directName })
	return id
}

const directName = "directmessage"

// Guest is a person who sees only the channels that they are in.
func (s *Slack) Guest(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person(name).Guest = true
}

func (s *Slack) make(kind, name string, people []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &channel{ID: named(kind, name), Name: name, private: kind == "G"}
	for _, p := range people {
		c.members = append(c.members, s.person(p).ID)
	}
	s.channels = append(s.channels, c)
	return c.ID
}

// enter makes somebody a member. The caller holds mu.
func (s *Slack) enter(c *channel, user, inviter string) {
	if c.has(user) {
		return
	}
	c.members = append(c.members, user)
	if c.has(Bot) {
		s.happen(object{"type": "member_joined_channel", "user": user, "channel": c.ID, "channel_type": c.ID[:1], "team": s.team, "inviter": inviter})
	}
}

// Invite brings somebody into a channel; the bot is "paperboy".
func (s *Slack) Invite(who, channel string) {
	s.act(func() { s.enter(s.place(channel, ""), s.person(who).ID, s.person("pi").ID) })
}

// Kick takes somebody out of a channel.
func (s *Slack) Kick(who, channel string) {
	s.act(func() {
		c, u := s.place(channel, ""), s.person(who)
		c.members = slices.DeleteFunc(c.members, func(id string) bool { return id == u.ID })
	})
}

// Deletes is a moderator who deletes a message. Where others replied to it Slack shows
// that something stood there, and not what.
func (s *Slack) Deletes(m Message) {
	s.act(func() {
		if kept := s.channel(m.Channel).find(m.TS); kept != nil {
			kept.Deleted = true
		}
	})
}

// Distributes makes the app one that is sold outside of Slack's Marketplace: it reads a
// page of 15 messages a minute, of all channels together, and one of all threads.
func (s *Slack) Distributes() { s.act(func() { s.distributed = true }) }

// Archive and Unarchive close and reopen a channel; Delete ends it.
func (s *Slack) Archive(channel string) {
	s.act(func() {
		c := s.place(channel, "")
		c.archived = true
		s.happen(object{"type": "channel_archive", "channel": c.ID, "user": s.person("pi").ID})
	})
}

func (s *Slack) Unarchive(channel string) {
	s.act(func() { s.place(channel, "").archived = false })
}

func (s *Slack) Delete(channel string) {
	s.act(func() {
		c := s.place(channel, "")
		s.happen(object{"type": "channel_deleted", "channel": c.ID})
		c.deleted = true
	})
}

// Uninstall removes the app from the workspace.
func (s *Slack) Uninstall() {
	s.act(func() {
		s.happen(object{"type": "tokens_revoked", "tokens": object{"oauth": []string{}, "bot": []string{Bot}}})
		s.happen(object{"type": "app_uninstalled"})
		s.refused = "account_inactive"
	})
}

// act does something and tells the app.
func (s *Slack) act(do func()) {
	s.t.Helper()
	s.mu.Lock()
	do()
	s.changed.Ring()
	s.mu.Unlock()
	s.flush()
}

// Types is a person typing a command in a channel, and its acknowledgement:
// s.Types("ana", "papers", "/papers diffusion").
func (s *Slack) Types(user, channel, text string) *Answer {
	s.t.Helper()
	command, rest, _ := strings.Cut(text, " ")
	if command != s.opt.Command {
		s.t.Errorf("no app knows %s", command)
	}
	s.mu.Lock()
	u := s.person(user)
	c := s.place(channel, u.ID)
	if !c.has(u.ID) {
		c.members = append(c.members, u.ID)
	}
	address, link := s.respond("commands", c.ID, u.ID, nil)
	payload := object{"token": "legacy", "team_id": s.team, "team_domain": "lab", "channel_id": c.ID, "channel_name": c.told(), "user_id": u.ID, "user_name": u.Name,
		"command": command, "text": strings.TrimSpace(rest), "response_url": address, "trigger_id": s.trigger(u.ID), "api_app_id": AppID, "enterprise_id": s.org, "is_enterprise_install": "false"}
	s.mu.Unlock()
	return s.ask("slash_commands", payload, link)
}

// told is what Slack tells of a channel's name with what happened there.
func (c *channel) told() string {
	if c.kind() == "group" {
		return "privategroup"
	}
	return c.Name
}

// interaction is what all interactions say.
func (s *Slack) interaction(kind string, u *User) object {
	return object{"type": kind, "token": "legacy", "api_app_id": AppID, "trigger_id": s.trigger(u.ID), "action_ts": s.ts(),
		"team": object{"id": s.team, "domain": "lab"}, "enterprise": s.enterprise(), "is_enterprise_install": false,
		"user": object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": s.team}}
}

// enterprise is the organisation as interactions name it.
func (s *Slack) enterprise() any {
	if s.org == "" {
		return nil
	}
	return object{"id": s.org, "name": "Organisation " + s.org}
}

// press finds what is called so among the buttons: a label, an action_id or a
// value.
func (s *Slack) press(all []Button, what string) Button {
	s.t.Helper()
	for _, b := range all {
		if b.Label == what || b.ActionID == what || b.Value == what {
			return b
		}
	}
	s.t.Errorf("nothing to press called %q in %v", what, all)
	return Button{}
}

func (b Button) action(ts string) object {
	a := object{"type": b.kind, "action_id": b.ActionID, "block_id": b.block, "action_ts": ts}
	text := object{"type": "plain_text", "text": b.Label, "emoji": true}
	if b.kind == "button" {
		a["text"] = text
		if b.Value != "" {
			a["value"] = b.Value
		}
	} else {
		a["selected_option"] = object{"text": text, "value": b.Value}
	}
	return a
}

// Presses is a person pressing a button, or a line of a menu, on a message.
func (s *Slack) Presses(user string, m Message, what string) *Answer {
	s.t.Helper()
	s.mu.Lock()
	u, c := s.person(user), s.place(m.Channel, "")
	at := slices.IndexFunc(c.messages, func(other *Message) bool { return other.TS == m.TS })
	if at < 0 || c.messages[at].Deleted || c.messages[at].For != "" && c.messages[at].For != u.ID {
		s.mu.Unlock()
		s.t.Errorf("the message %s is not there for %s", m.TS, user)
		return &Answer{s: s, link: &responseURL{}, Error: "message_not_found"}
	}
	kept := c.messages[at]
	b := s.press(kept.copy().Buttons(), what)
	address, link := s.respond("actions", c.ID, u.ID, kept)
	payload := s.interaction("block_actions", u)
	payload["response_url"], payload["channel"] = address, object{"id": c.ID, "name": c.told()}
	payload["container"] = object{"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": kept.For != "", "thread_ts": kept.ThreadTS}
	if kept.For == "" {
		payload["message"] = kept.json(true, true)
	}
	payload["state"], payload["actions"] = object{"values": object{}}, []any{b.action(s.ts())}
	s.mu.Unlock()
	return s.ask("interactive", payload, link)
}

// PressesHome is a person pressing a button in the app's Home tab, PressesModal
// in the modal they see.
func (s *Slack) PressesHome(user, what string) *Answer {
	s.t.Helper()
	return s.pressIn("home ", user, what)
}

func (s *Slack) PressesModal(user, what string) *Answer {
	s.t.Helper()
	return s.pressIn("modal ", user, what)
}

func (s *Slack) pressIn(view, user, what string) *Answer {
	s.t.Helper()
	s.mu.Lock()
	u := s.person(user)
	v := s.views[view+u.ID]
	if v == nil {
		s.mu.Unlock()
		s.t.Errorf("%s has no %s", user, view)
		return &Answer{s: s, link: &responseURL{}, Error: "no_view"}
	}
	payload := s.interaction("block_actions", u)
	payload["container"], payload["view"] = object{"type": "view", "view_id": v.ID}, v.told()
	payload["actions"] = []any{s.press(v.Buttons(), what).action(s.ts())}
	s.mu.Unlock()
	return s.ask("interactive", payload, &responseURL{})
}

// Shortcut is a person choosing the app's message shortcut on a message.
func (s *Slack) Shortcut(user, callback string, m Message) *Answer {
	s.t.Helper()
	s.mu.Lock()
	u, c := s.person(user), s.place(m.Channel, "")
	payload := s.interaction("message_action", u)
	address, link := s.respond("actions", c.ID, u.ID, nil)
	payload["response_url"], payload["callback_id"] = address, callback
	payload["channel"], payload["message_ts"], payload["message"] = object{"id": c.ID, "name": c.told()}, m.TS, m.json(true, true)
	s.mu.Unlock()
	return s.ask("interactive", payload, link)
}

// Reacts adds a person's emoji to a message, "+1::skin-tone-3" for example;
// Unreacts takes it away. Slack tells the app when its bot is in the channel.
func (s *Slack) Reacts(user string, m Message, emoji string) Event {
	return s.vote(user, m, emoji, true)
}
func (s *Slack) Unreacts(user string, m Message, emoji string) Event {
	return s.vote(user, m, emoji, false)
}

func (s *Slack) vote(user string, m Message, emoji string, on bool) (e Event) {
	s.t.Helper()
	if bare, ok := strings.CutPrefix(emoji, "thumbsup"); ok { // Slack's own name of it
		emoji = "+1" + bare
	}
	s.act(func() {
		c := s.place(m.Channel, "")
		kept := c.find(m.TS)
		if kept == nil {
			s.t.Errorf("the message %s is not there any more", m.TS)
			return
		}
		if made := s.reacts(c, kept, s.person(user).ID, emoji, on); made != nil {
			e = *made
		}
	})
	return e
}

// reacts changes a reaction; nil when nothing changed. The caller holds mu.
func (s *Slack) reacts(c *channel, m *Message, user, emoji string, on bool) *Event {
	if !m.react(user, emoji, on) {
		return nil
	}
	if !c.has(Bot) {
		return &Event{}
	}
	kind := map[bool]string{true: "reaction_added", false: "reaction_removed"}[on]
	e := s.happen(object{"type": kind, "user": user, "reaction": emoji, "item_user": m.User,
		"item": object{"type": "message", "channel": c.ID, "ts": m.TS}})
	return &e
}

// Says is a person writing into a channel, or into a thread when one is given.
// The app hears of it when it is mentioned, or when a link stands on one of its
// domains.
func (s *Slack) Says(user, channel, text string, thread ...Message) (said Message) {
	s.t.Helper()
	s.act(func() {
		u := s.person(user)
		c := s.place(channel, u.ID)
		m := &Message{User: u.ID, Text: text}
		if len(thread) > 0 {
			m.ThreadTS = thread[0].TS
			if thread[0].ThreadTS != "" {
				m.ThreadTS = thread[0].ThreadTS
			}
		}
		if no := s.keep(c, m); no != nil {
			s.t.Errorf("%s cannot write there: %v", user, no["error"])
			return
		}
		said = m.copy()
		if c.has(Bot) && c.im == "" && slices.Contains(m.Notifies(), Bot) {
			e := object{"type": "app_mention", "user": u.ID, "text": text, "ts": m.TS, "channel": c.ID, "team": s.team}
			if m.ThreadTS != "" {
				e["thread_ts"] = m.ThreadTS
			}
			s.happen(e)
		}
		var links []any
		for _, l := range m.Links() {
			if at, err := url.Parse(l.URL); err == nil && s.listensTo(l.URL) {
				links = append(links, object{"url": l.URL, "domain": at.Hostname()})
			}
		}
		if len(links) > 0 {
			s.happen(object{"type": "link_shared", "user": u.ID, "channel": c.ID, "message_ts": m.TS, "links": links,
				"unfurl_id": c.ID + " " + m.TS, "source": "conversations_history", "is_bot_user_member": c.has(Bot)})
		}
	})
	return said
}

// Mentions is a person writing "@Paperboy …" under a message.
func (s *Slack) Mentions(user string, thread Message, text string) Message {
	s.t.Helper()
	return s.Says(user, thread.Channel, fmt.Sprintf("<@%s> %s", Bot, text), thread)
}

// OpensHome is a person opening the app's Home tab.
func (s *Slack) OpensHome(user string) {
	s.act(func() {
		u := s.person(user)
		e := object{"type": "app_home_opened", "user": u.ID, "channel": s.direct(u.ID).ID, "tab": "home"}
		if v := s.views["home "+u.ID]; v != nil {
			e["view"] = v.raw
		}
		s.happen(e)
	})
}

// Home and Modal are what a person sees there; ok is false while it is nothing.
func (s *Slack) Home(user string) (v View, ok bool)  { return s.view("home ", user) }
func (s *Slack) Modal(user string) (v View, ok bool) { return s.view("modal ", user) }

func (s *Slack) view(kind, user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.views[kind+s.person(user).ID]; v != nil {
		return *v, true
	}
	return View{}, false
}

// Sees is what a person sees in a channel, top to bottom, threads closed:
// everybody's messages and those for them alone.
func (s *Slack) Sees(user, channel string) []Message {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.person(user)
	c := s.place(channel, u.ID)
	if c.private && !c.has(u.ID) {
		return nil
	}
	return clip(c.messages, func(m *Message) bool { return (m.For == "" || m.For == u.ID) && (!m.reply() || m.broadcast) })
}

// Whispers are the messages for one person alone in a channel, those in threads
// included.
func (s *Slack) Whispers(user, channel string) []Message {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.person(user)
	return clip(s.place(channel, u.ID).messages, func(m *Message) bool { return m.For == u.ID })
}

// Posts are the app's messages for everybody in a channel, replies not
// included.
func (s *Slack) Posts(channel string) []Message {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	return clip(s.place(channel, "").messages, func(m *Message) bool { return m.User == Bot && m.For == "" && !m.reply() })
}

// Thread are the replies under a message.
func (s *Slack) Thread(m Message) []Message {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	return clip(s.place(m.Channel, "").messages, func(r *Message) bool { return r.For == "" && r.reply() && r.ThreadTS == m.TS })
}

// Message is a message as it stands now; ok is false when it is gone.
func (s *Slack) Message(m Message) (now Message, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kept := range s.place(m.Channel, "").messages {
		if kept.TS == m.TS && !kept.Deleted {
			return kept.copy(), true
		}
	}
	return Message{}, false
}

// DirectMessages are the app's messages to people alone, outside channels.
func (s *Slack) DirectMessages() (all []Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.channels {
		if c.im != "" && c.has(Bot) {
			all = append(all, clip(c.messages, func(m *Message) bool { return m.User == Bot })...)
		}
	}
	return all
}
