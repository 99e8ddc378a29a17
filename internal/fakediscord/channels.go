package fakediscord

// What the bot does in channels: messages, reactions and threads.

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// channel finds the request's channel, if the bot sees it and may do something
// there. The caller holds mu.
func (d *Discord) channel(r *request, need Perm) (*Channel, *refusal) {
	c := d.channels[r.PathValue("channel")]
	switch {
	case c == nil || c.gone:
		return nil, refuse(404, 10003, "Unknown Channel")
	case d.may(Bot, c)&ViewChannel == 0:
		return nil, refuse(403, 50001, "Missing Access")
	case d.may(Bot, c)&need != need:
		return nil, refuse(403, 50013, "Missing Permissions")
	}
	return c, nil
}

func (d *Discord) message(r *request, need Perm) (*Channel, *Message, *refusal) {
	c, no := d.channel(r, need)
	if no != nil {
		return nil, nil, no
	}
	m := c.find(r.PathValue("message"))
	if m == nil {
		return nil, nil, refuse(404, 10008, "Unknown Message")
	}
	return c, m, nil
}

func (d *Discord) getChannel(r *request) (any, *refusal) {
	c, no := d.channel(r, 0)
	if no != nil {
		return nil, no
	}
	return d.channelObject(c), nil
}

// editThread opens a thread of the bot's again, which needs Send Messages unless
// it is locked, or archives it. Nothing else of a channel can be changed here.
func (d *Discord) editThread(r *request) (any, *refusal) {
	c, no := d.channel(r, SendMessages)
	value, given := r.body["archived"].(bool)
	switch {
	case no != nil:
		return nil, no
	case c.parent == nil || !given || len(r.body) != 1:
		return nil, refuse(403, 50013, "Missing Permissions")
	case c.locked:
		return nil, archived
	}
	c.archived, c.archivedAt = value, d.opt.Now()
	c.noted("THREAD_UPDATE", intentGuilds, d.channelObject(c))
	return d.channelObject(c), nil
}

// number reads a query's number between bounds.
func (r *request) number(f *form, key string, fallback, most int) int {
	if !r.query.Has(key) {
		return fallback
	}
	n, err := strconv.Atoi(r.query.Get(key))
	if err != nil || n < 1 || n > most {
		f.add(key, "NUMBER_TYPE_MAX", "int value should be between 1 and %d.", most)
	}
	return n
}

// snowflakes checks a query's ids.
func (r *request) snowflakes(f *form, keys ...string) (given int) {
	for _, key := range keys {
		if r.query.Has(key) {
			given++
			if _, err := strconv.ParseUint(r.query.Get(key), 10, 63); err != nil {
				f.add(key, "NUMBER_TYPE_COERCE", "Value %q is not snowflake.", r.query.Get(key))
			}
		}
	}
	return given
}

func (d *Discord) listMessages(r *request) (any, *refusal) {
	c, no := d.channel(r, 0)
	if no != nil {
		return nil, no
	}
	var f form
	limit := r.number(&f, "limit", 50, 100)
	if r.snowflakes(&f, "after", "before", "around") > 1 {
		f.add("_errors", "MUTUALLY_EXCLUSIVE", "before, after and around are mutually exclusive.")
	}
	if no := f.refuse(); no != nil {
		return nil, no
	}
	var seen []*Message
	if d.may(Bot, c)&ReadMessageHistory != 0 {
		for _, m := range c.messages {
			if !m.Deleted && m.For == "" {
				seen = append(seen, m)
			}
		}
	}
	at := func(key string) int {
		i, found := slices.BinarySearchFunc(seen, r.query.Get(key), func(m *Message, id string) int { return newer(m.ID, id) })
		if found && key == "after" {
			i++
		}
		return i
	}
	switch {
	case r.query.Has("after"):
		seen = seen[at("after"):]
		seen = seen[:min(limit, len(seen))]
	case r.query.Has("before"):
		seen = seen[:at("before")]
	case r.query.Has("around"):
		seen = seen[max(0, at("around")-limit/2):]
		seen = seen[:min(limit, len(seen))]
	}
	seen = seen[max(0, len(seen)-limit):]
	all := []object{}
	for _, m := range slices.Backward(seen) {
		all = append(all, d.messageObject(m))
	}
	return all, nil
}

func (d *Discord) getMessage(r *request) (any, *refusal) {
	_, m, no := d.message(r, ReadMessageHistory)
	if no != nil {
		return nil, no
	}
	return d.messageObject(m), nil
}

// attaching is what the bot must be allowed to send files.
func attaching(r *request) Perm {
	if len(r.files) > 0 {
		return AttachFiles
	}
	return 0
}

// withoutLinks is a body as it arrives where the bot lacks EMBED_LINKS: its
// embeds are left out without an error (discord/discord-api-docs#2601, #5648).
func (d *Discord) withoutLinks(c *Channel, body object) object {
	if d.may(Bot, c)&EmbedLinks == 0 {
		body = maps.Clone(body)
		delete(body, "embeds")
	}
	return body
}

// compile is a draft of the bot's in a channel. Only when nothing but its embeds
// would show are they refused for the lack of EMBED_LINKS.
func (d *Discord) compile(c *Channel, r *request, body object) (*Message, *refusal) {
	m := d.draft(Bot, d.withoutLinks(c, body), r.files)
	if m.empty() && len(list(body, "embeds")) > 0 && d.may(Bot, c)&EmbedLinks == 0 {
		return nil, refuse(403, 50013, "Missing Permissions")
	}
	if m.empty() {
		return nil, isEmpty
	}
	return m, nil
}

// nonceLife is how long a nonce is remembered: "the past few minutes".
const nonceLife = 3 * time.Minute

func (d *Discord) createMessage(r *request) (any, *refusal) {
	c, no := d.channel(r, 0)
	if no != nil {
		return nil, no
	}
	if c.kind == forum {
		return nil, refuse(400, 40058, "Cannot send messages in a forum channel")
	}
	need := SendMessages
	if c.kind == thread {
		need = SendMessagesInThreads
	}
	if _, no := d.channel(r, need|attaching(r)); no != nil {
		return nil, no
	}
	var f form
	f.message(r.body, flagsOfPost)
	nonce := f.nonce(r.body)
	if ref := obj(r.body, "message_reference"); ref != nil {
		if d.may(Bot, c)&ReadMessageHistory == 0 {
			return nil, refuse(400, 160002, "Cannot reply without permission to read message history")
		}
		if c.find(str(ref, "message_id")) == nil {
			f.add("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
		}
	}
	if no := f.refuse(); no != nil {
		return nil, no
	}
	now := d.opt.Now()
	if seen, ok := d.nonces[nonce]; ok && nonce != "" && flag(r.body, "enforce_nonce") && now.Sub(seen.at) < nonceLife {
		d.counts.NonceHits++
		return d.messageObject(seen.m), nil
	}
	m, no := d.compile(c, r, r.body)
	if no != nil {
		return nil, no
	}
	if no := d.place(m, c); no != nil {
		return nil, no
	}
	if m.Nonce = nonce; nonce != "" {
		d.nonces[nonce] = remembered{m, now}
	}
	o := d.messageObject(m)
	if v := r.body["nonce"]; v != nil {
		o["nonce"] = v
	}
	return o, nil
}

func (d *Discord) editMessage(r *request) (any, *refusal) {
	c, m, no := d.message(r, attaching(r))
	switch {
	case no != nil:
		return nil, no
	case m.Author != Bot:
		return nil, refuse(403, 50005, "Cannot edit a message authored by another user")
	case m.kind != 0:
		return nil, refuse(403, 50021, "Cannot execute action on a system message")
	}
	// "Maximum number of edits to messages older than 1 hour": its number is
	// unpublished; five an hour and message is on the strict side.
	now := d.opt.Now()
	if now.Sub(m.Sent) > time.Hour {
		m.hourly = slices.DeleteFunc(m.hourly, func(t time.Time) bool { return now.Sub(t) >= time.Hour })
		if len(m.hourly) >= oldEdits {
			return nil, &refusal{status: 429, code: 30046, message: "Maximum number of edits to messages older than 1 hour reached. Try again later.", retry: m.hourly[0].Add(time.Hour).Sub(now)}
		}
	}
	r.body = d.withoutLinks(c, r.body)
	if no := d.edit(m, r); no != nil {
		return nil, no
	}
	if now.Sub(m.Sent) > time.Hour {
		m.hourly = append(m.hourly, now)
	}
	return d.messageObject(m), nil
}

const oldEdits = 5

// edit checks a body and takes it over. In archived and in locked threads it
// cannot.
func (d *Discord) edit(m *Message, r *request) *refusal {
	if m.For == "" && (m.c.archived || m.c.locked) {
		return archived
	}
	f := form{isLayout: m.Flags&FlagLayout != 0}
	f.message(r.body, flagsOfEdit)
	if num(r.body, "flags")&FlagLayout != 0 && !f.isLayout { // what stands there has to be taken away
		for key, there := range map[string]bool{"content": m.Content != "", "embeds": len(m.Embeds) > 0} {
			if _, given := r.body[key]; there && !given {
				f.add(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The '%s' field cannot be used when using MessageFlags.IS_COMPONENTS_V2", key)
			}
		}
	}
	if f.errors != nil {
		return f.refuse()
	}
	was := *m
	if d.fill(m, r.body, r.files); m.empty() {
		*m = was
		return isEmpty
	}
	m.edited = d.opt.Now()
	m.tell("MESSAGE_UPDATE", d.messageObject(m))
	return nil
}

func (d *Discord) remove(m *Message) {
	m.Deleted = true
	m.tell("MESSAGE_DELETE", object{"id": m.ID, "channel_id": m.Channel, "guild_id": m.c.guild.ID})
	d.changed.Ring()
}

func (d *Discord) getReactions(r *request) (any, *refusal) {
	_, m, no := d.message(r, ReadMessageHistory)
	if no != nil {
		return nil, no
	}
	var f form
	limit := r.number(&f, "limit", 25, 100)
	r.snowflakes(&f, "after")
	if kind := r.query.Get("type"); kind != "" && kind != "0" && kind != "1" {
		f.add("type", "BASE_TYPE_CHOICES", "Value must be one of {0, 1}.")
	}
	if no := f.refuse(); no != nil {
		return nil, no
	}
	if !isEmoji(r.PathValue("emoji")) {
		return nil, unknownEmoji
	}
	var ids []string
	for _, x := range m.Reactions {
		if x.Emoji == r.PathValue("emoji") {
			ids = slices.Clone(x.Normal)
			if r.query.Get("type") == "1" {
				ids = slices.Clone(x.Burst)
			}
		}
	}
	slices.SortFunc(ids, newer)
	all := []object{}
	for _, id := range ids {
		if (!r.query.Has("after") || newer(id, r.query.Get("after")) > 0) && len(all) < limit {
			all = append(all, userObject(d.users[id]))
		}
	}
	return all, nil
}

func (d *Discord) react(r *request) (any, *refusal) {
	c, m, no := d.message(r, ReadMessageHistory)
	if no != nil {
		return nil, no
	}
	return nil, d.vote(c, m, Bot, r.PathValue("emoji"), false)
}

// startThread starts a thread on a message.
func (d *Discord) startThread(r *request) (any, *refusal) {
	c, m, no := d.message(r, CreatePublicThreads)
	if no != nil {
		return nil, no
	}
	if c.kind != text {
		return nil, refuse(400, 50024, "Cannot execute action on this channel type")
	}
	if t := d.channels[m.ID]; t != nil {
		return nil, refuse(400, 160004, "A thread has already been created for this message")
	}
	var f form
	f.text(r.body, "", "name", 1, 100)
	minutes := f.minutes(r.body)
	if no := f.refuse(); no != nil {
		return nil, no
	}
	t := d.thread(c, m.ID, str(r.body, "name"), minutes)
	m.Flags |= flagThread
	d.place(&Message{ID: d.id(), Author: Bot, Sent: d.opt.Now(), kind: starter, starts: m}, t)
	return created(d.channelObject(t)), nil
}

func (f *form) minutes(o object) int {
	n := num(o, "auto_archive_duration")
	if o["auto_archive_duration"] == nil {
		return 1440
	}
	if !slices.Contains([]int{60, 1440, 4320, 10080}, n) {
		f.add("auto_archive_duration", "BASE_TYPE_CHOICES", "Value must be one of {60, 1440, 4320, 10080}.")
	}
	return n
}

// thread opens a thread. The caller holds mu.
func (d *Discord) thread(parent *Channel, id, name string, minutes int, applied ...string) *Channel {
	t := &Channel{ID: id, Name: name, d: d, guild: parent.guild, kind: thread, parent: parent,
		minutes: minutes, archivedAt: d.opt.Now(), applied: applied}
	d.channels[t.ID], parent.guild.threads = t, append(parent.guild.threads, t)
	o := d.channelObject(t)
	o["newly_created"] = true
	t.noted("THREAD_CREATE", intentGuilds, o)
	return t
}

// archivedThreads are a channel's, the last to be archived first.
func (d *Discord) archivedThreads(r *request) (any, *refusal) {
	c, no := d.channel(r, ReadMessageHistory)
	if no != nil {
		return nil, no
	}
	var f form
	limit := r.number(&f, "limit", 50, 100)
	before, err := time.Parse(time.RFC3339, r.query.Get("before"))
	if r.query.Has("before") && err != nil {
		f.add("before", "DATE_TIME_TYPE_PARSE", "Could not parse %s. Should be ISO8601.", r.query.Get("before"))
	}
	if no := f.refuse(); no != nil {
		return nil, no
	}
	all := slices.DeleteFunc(threadsOf(c.guild, c), func(t *Channel) bool {
		return !t.archived || !before.IsZero() && !t.archivedAt.Before(before)
	})
	slices.SortStableFunc(all, func(a, b *Channel) int { return b.archivedAt.Compare(a.archivedAt) })
	threads := []object{}
	for _, t := range all[:min(limit, len(all))] {
		threads = append(threads, d.channelObject(t))
	}
	return object{"threads": threads, "members": []any{}, "has_more": len(all) > limit}, nil
}

// createPost starts a forum's post with its first message.
func (d *Discord) createPost(r *request) (any, *refusal) {
	body := obj(r.body, "message")
	c, no := d.channel(r, SendMessages|attaching(r))
	if no != nil {
		return nil, no
	}
	if c.kind != forum {
		return nil, refuse(400, 50024, "Cannot execute action on this channel type")
	}
	var f form
	f.text(r.body, "", "name", 1, 100)
	minutes := f.minutes(r.body)
	if body == nil {
		f.add("message", "BASE_TYPE_REQUIRED", "This field is required")
	}
	f.at = "message"
	f.message(body, flagsOfPost)
	f.nonce(body)
	f.at = ""
	tags := words(r.body, "applied_tags")
	if len(tags) > 5 {
		f.add("applied_tags", "BASE_TYPE_BAD_LENGTH", "Must be between 0 and 5 in length.")
	}
	for i, id := range tags {
		if !slices.ContainsFunc(c.tags, func(tag object) bool { return tag["id"] == id }) {
			f.add(fmt.Sprint("applied_tags.", i), "UNKNOWN_TAG", "Unknown tag.")
		}
	}
	if no := f.refuse(); no != nil {
		return nil, no
	}
	if c.tagNeeded && len(tags) == 0 {
		return nil, refuse(400, 40067, "A tag is required to create a forum post in this channel")
	}
	m, no := d.compile(c, r, body)
	if no != nil {
		return nil, no
	}
	// A forum's post has the id of its first message.
	t := d.thread(c, m.ID, str(r.body, "name"), minutes, tags...)
	d.place(m, t)
	o := d.channelObject(t)
	o["message"] = d.messageObject(m)
	delete(o["message"].(object), "thread")
	return created(o), nil
}
