package fakediscord

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Message flags.
const (
	FlagSuppressEmbeds = 1 << 2
	FlagEphemeral      = 1 << 6
	FlagLoading        = 1 << 7 // "thinking"
	FlagSilent         = 1 << 12
	flagThread         = 1 << 5

	starter = 21 // the type of the first message in a thread that began with a message
)

// Message is a message as it stands. What a verb returns is a copy.
type Message struct {
	ID, Channel     string
	Author          string // Bot for the bot's
	For             string // the only person who sees it; empty for everybody
	Content         string
	Embeds          []map[string]any
	Components      []map[string]any
	AllowedMentions map[string]any // of the last create or edit; nil when absent
	Flags           int
	Nonce           string
	Sent            time.Time
	Deleted         bool
	Reactions       []Reaction
	Files           []File
	Interaction     string // the id of the interaction that it answers

	c       *Channel
	kind    int
	starts  *Message // of a starter: the message that its thread began with
	mention string   // what an absent allowed_mentions allows: all, or users
	edited  time.Time
	hourly  []time.Time // edits of the last hour once the message is old
}

// Reaction is an emoji on a message and who gave it, normal and burst, in
// their order.
type Reaction struct {
	Emoji         string
	Normal, Burst []string
}

// File is an attachment.
type File struct {
	Name        string
	Description string // its alt text
	Content     []byte
}

// Button is a button of a message.
type Button struct {
	Label, CustomID, URL string
	Style                int
	Disabled             bool
}

func (m *Message) copy() Message {
	c := *m
	c.Reactions = nil
	for _, r := range m.Reactions {
		c.Reactions = append(c.Reactions, Reaction{r.Emoji, slices.Clone(r.Normal), slices.Clone(r.Burst)})
	}
	c.Embeds, c.Components = slices.Clone(m.Embeds), slices.Clone(m.Components)
	return c
}

// Buttons are the message's buttons in their order.
func (m Message) Buttons() (all []Button) {
	each(m.Components, func(b object) {
		if num(b, "type") != 2 {
			return
		}
		label := str(b, "label")
		if label == "" {
			label = str(obj(b, "emoji"), "name")
		}
		all = append(all, Button{label, str(b, "custom_id"), str(b, "url"), num(b, "style"), flag(b, "disabled")})
	})
	return all
}

// Silent says that the message rings nowhere.
func (m Message) Silent() bool { return m.Flags&FlagSilent != 0 }

// Voters are the people with an emoji on the message, the bot among them, each
// once.
func (m Message) Voters(emoji string) (people []string) {
	for _, r := range m.Reactions {
		if r.Emoji == emoji {
			people = append(slices.Clone(r.Normal), r.Burst...)
		}
	}
	slices.Sort(people)
	return slices.Compact(people)
}

var mention = regexp.MustCompile(`@everyone|@here|<@[!&]?\d+>`)

// Notifies names whom the message rings: @everyone, @here, and the names of
// roles and members that are really in its guild and in its content. Embeds
// ring nobody; backslashes save nobody.
func (m Message) Notifies() (whom []string) {
	allowed := func(kind, id string) bool {
		if m.AllowedMentions == nil {
			return m.mention != "users" || kind == "users"
		}
		return slices.Contains(words(m.AllowedMentions, "parse"), kind) || slices.Contains(words(m.AllowedMentions, kind), id)
	}
	content := m.Content
	each(m.Components, func(c object) { content += "\n" + str(c, "content") })
	m.c.d.mu.Lock()
	defer m.c.d.mu.Unlock()
	for _, found := range mention.FindAllString(content, -1) {
		id := strings.Trim(found, "<@!&>")
		switch {
		case found[0] == '@':
			if allowed("everyone", "") {
				whom = append(whom, found)
			}
		case strings.HasPrefix(found, "<@&"):
			for _, r := range m.c.guild.roles {
				if r.ID == id && allowed("roles", id) {
					whom = append(whom, "@"+r.Name)
				}
			}
		case m.c.guild.members[id] != nil && allowed("users", id):
			whom = append(whom, "@"+m.c.guild.members[id].Name)
		}
	}
	return whom
}

// fill takes a checked body over into the message. An edit changes only what it
// names. The caller holds mu.
func (d *Discord) fill(m *Message, body object, files []File) {
	if v, ok := body["content"]; ok {
		m.Content, _ = v.(string)
		m.Content = strings.TrimSpace(m.Content)
	}
	if _, ok := body["embeds"]; ok {
		m.Embeds = nil
		for _, e := range list(body, "embeds") {
			if !blank(e) {
				e = trim(e).(object)
				e["type"] = "rich"
				m.Embeds = append(m.Embeds, e)
			}
		}
	}
	if _, ok := body["components"]; ok {
		m.Components = nil
		id := 0
		for _, c := range list(body, "components") {
			m.Components = append(m.Components, numbered(c, &id))
		}
	}
	if _, ok := body["flags"]; ok {
		m.Flags = m.Flags&^FlagSuppressEmbeds | num(body, "flags")&(FlagSuppressEmbeds|FlagLayout)
	}
	if m.AllowedMentions = obj(body, "allowed_mentions"); m.AllowedMentions == nil && m.Author == Bot {
		d.counts.NoMentions++
	}
	m.Files = append(m.Files, files...)
}

// trim copies an embed and takes the space around its texts away.
func trim(v any) any {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case object:
		out := object{}
		for key, inner := range v {
			out[key] = trim(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = trim(inner)
		}
		return out
	}
	return v
}

// blank says that an embed has nothing to show; Discord drops it.
func blank(e object) bool {
	return obj(e, "image") == nil && obj(e, "thumbnail") == nil && len(list(e, "fields")) == 0 &&
		strings.TrimSpace(str(e, "title")+str(e, "description")+str(obj(e, "author"), "name")+str(obj(e, "footer"), "text")) == ""
}

// tell dispatches an event of a message, unless it is for one person only.
func (m *Message) tell(name string, v any) {
	if m.For == "" {
		m.c.noted(name, intentMessages, v)
	}
}

// empty says that there is nothing to show.
func (m *Message) empty() bool {
	return m.Content == "" && len(m.Embeds) == 0 && len(m.Files) == 0 && len(m.Components) == 0
}

// messageObject is a message as the API shows it to a bot without the privileged
// intent MESSAGE_CONTENT: of other people's only those that mention it. The
// caller holds mu.
func (d *Discord) messageObject(m *Message) object {
	o := d.whole(m)
	if m.Author != Bot && !strings.Contains(m.Content, "<@"+Bot+">") {
		o["content"], o["embeds"], o["components"], o["attachments"] = "", []any{}, []any{}, []any{}
	}
	return o
}

func (d *Discord) whole(m *Message) object {
	o := object{"id": m.ID, "channel_id": m.Channel, "type": m.kind, "content": m.Content, "embeds": append([]object{}, m.Embeds...),
		"components": append([]object{}, m.Components...), "author": userObject(d.users[m.Author]), "timestamp": stamp(m.Sent), "edited_timestamp": nil,
		"flags": m.Flags, "pinned": false, "tts": false, "mention_everyone": false, "mentions": []any{}, "mention_roles": []any{}}
	if !m.edited.IsZero() {
		o["edited_timestamp"] = stamp(m.edited)
	}
	if m.Interaction != "" {
		o["type"], o["application_id"], o["webhook_id"] = 20, AppID, AppID
	}
	if m.starts != nil {
		o["message_reference"] = object{"type": 0, "guild_id": m.c.guild.ID, "channel_id": m.starts.Channel, "message_id": m.starts.ID}
	}
	attachments := []object{}
	for i, f := range m.Files {
		link := fmt.Sprintf("%s/attachments/%s/%s/%s", d.URL, m.Channel, m.ID, f.Name)
		attachments = append(attachments, object{"id": strconv.Itoa(i + 1), "filename": f.Name, "size": len(f.Content), "url": link, "proxy_url": link})
	}
	o["attachments"] = attachments
	if len(m.Reactions) > 0 {
		all := []object{}
		for _, r := range m.Reactions {
			all = append(all, object{"emoji": object{"id": nil, "name": r.Emoji}, "count": len(r.Normal) + len(r.Burst), "burst_colors": []any{},
				"count_details": object{"burst": len(r.Burst), "normal": len(r.Normal)}, "me": slices.Contains(r.Normal, Bot), "me_burst": slices.Contains(r.Burst, Bot)})
		}
		o["reactions"] = all
	}
	if c := d.channels[m.ID]; c != nil && c != m.c && !c.gone {
		o["thread"] = d.channelObject(c)
	}
	return o
}

// find is a message of a channel that everybody sees, or nil.
func (c *Channel) find(id string) *Message {
	i, ok := slices.BinarySearchFunc(c.messages, id, func(m *Message, id string) int { return newer(m.ID, id) })
	if !ok || c.messages[i].Deleted || c.messages[i].For != "" {
		return nil
	}
	return c.messages[i]
}

var (
	isEmpty  = refuse(400, 50006, "Cannot send an empty message")
	archived = refuse(400, 50083, "Thread is archived")
)

// draft is a message before it stands anywhere. The caller holds mu.
func (d *Discord) draft(author string, body object, files []File) *Message {
	m := &Message{ID: d.id(), Author: author, Sent: d.opt.Now(), Flags: num(body, "flags") & (FlagSilent | FlagLayout)}
	d.fill(m, body, files)
	return m
}

// place puts a draft into a channel. It opens an archived thread again, but no
// locked one. The caller holds mu.
func (d *Discord) place(m *Message, c *Channel) *refusal {
	if m.For == "" && c.locked {
		return archived
	}
	if m.For == "" && c.archived {
		c.archived, c.archivedAt = false, m.Sent
		c.noted("THREAD_UPDATE", intentGuilds, d.channelObject(c))
	}
	m.c, m.Channel = c, c.ID
	c.messages = append(c.messages, m)
	m.tell("MESSAGE_CREATE", d.messageObject(m))
	return nil
}
