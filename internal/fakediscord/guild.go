package fakediscord

import (
	"slices"
	"strconv"
	"time"
)

// Perm is a set of Discord's permission bits.
type Perm uint64

// The permissions that Paperboy meets.
const (
	Administrator         Perm = 1 << 3
	ManageChannels        Perm = 1 << 4
	AddReactions          Perm = 1 << 6
	ViewChannel           Perm = 1 << 10
	SendMessages          Perm = 1 << 11
	ManageMessages        Perm = 1 << 13
	EmbedLinks            Perm = 1 << 14
	AttachFiles           Perm = 1 << 15
	ReadMessageHistory    Perm = 1 << 16
	MentionEveryone       Perm = 1 << 17
	UseCommands           Perm = 1 << 31
	CreatePublicThreads   Perm = 1 << 35
	SendMessagesInThreads Perm = 1 << 38

	every Perm = 1<<53 - 1
)

// Invited is what the invite link asks for, without AddReactions.
const Invited = ViewChannel | SendMessages | SendMessagesInThreads | CreatePublicThreads | EmbedLinks | AttachFiles | ReadMessageHistory

// people is what everyone may do in a new guild.
const people = Invited | AddReactions | UseCommands

// Guild is a server.
type Guild struct {
	ID, Name string

	d        *Discord
	threads  []*Channel // the deleted ones too
	roles    []*Role
	members  map[string]*Member
	away     bool // the bot was removed
	outage   bool // unavailable
	channels []*Channel
}

// Role is a role of a guild.
type Role struct {
	ID, Name string
	perms    Perm
}

// Member is a person in a guild, or the bot.
type Member struct {
	ID, Name string

	d     *Discord
	guild *Guild
	bot   bool
	roles []string
}

// Channel types.
const (
	text   = 0
	thread = 11
	forum  = 15
)

// Channel is a text channel, a forum or a thread.
type Channel struct {
	ID, Name string

	d          *Discord
	guild      *Guild
	kind       int
	parent     *Channel // of a thread
	over       map[string]overwrite
	messages   []*Message
	tags       []object // of a forum
	tagNeeded  bool
	gone       bool
	applied    []string
	archived   bool
	locked     bool
	archivedAt time.Time
	minutes    int // auto-archive
}

type overwrite struct{ allow, deny Perm }

// Guild opens a guild with the bot in it, holding what the invite asks for, and
// @everyone able to read, write, react and type commands.
func (d *Discord) Guild(name string) *Guild {
	d.mu.Lock()
	defer d.mu.Unlock()
	// Shards are told by the part of the id that is a moment: each guild has one of
	// its own, also where time stands, so that they are spread evenly.
	d.founded++
	g := &Guild{ID: strconv.FormatInt(foundation+d.founded<<22, 10), Name: name, d: d, members: map[string]*Member{}}
	g.roles = []*Role{{ID: g.ID, Name: "@everyone", perms: people}, {ID: d.id(), Name: "Paperboy", perms: Invited}}
	g.members[Bot] = &Member{ID: Bot, Name: "paperboy", d: d, guild: g, bot: true, roles: []string{g.roles[1].ID}}
	d.guilds, d.byID[g.ID] = append(d.guilds, g), g
	d.happen("GUILD_CREATE", intentGuilds, g.ID, g.create())
	return g
}

// Channel opens a text channel.
func (g *Guild) Channel(name string) *Channel { return g.open(name, text) }

// Forum opens a forum channel with tags.
func (g *Guild) Forum(name string, tags ...string) *Channel {
	c := g.open(name, forum)
	g.d.mu.Lock()
	defer g.d.mu.Unlock()
	for _, tag := range tags {
		c.tags = append(c.tags, object{"id": g.d.id(), "name": tag, "moderated": false, "emoji_id": nil, "emoji_name": nil})
	}
	g.happens("CHANNEL_UPDATE", g.d.channelObject(c))
	return c
}

func (g *Guild) open(name string, kind int) *Channel {
	g.d.mu.Lock()
	defer g.d.mu.Unlock()
	c := &Channel{ID: g.d.id(), Name: name, d: g.d, guild: g, kind: kind, over: map[string]overwrite{}}
	g.channels = append(g.channels, c)
	g.d.channels[c.ID] = c
	g.happens("CHANNEL_CREATE", g.d.channelObject(c))
	return c
}

// Role makes a role.
func (g *Guild) Role(name string, perms ...Perm) *Role {
	g.d.mu.Lock()
	defer g.d.mu.Unlock()
	return g.role(name, perms)
}

func (g *Guild) role(name string, perms []Perm) *Role {
	r := &Role{ID: g.d.id(), Name: name, perms: union(perms)}
	g.roles = append(g.roles, r)
	g.happens("GUILD_ROLE_CREATE", object{"guild_id": g.ID, "role": r.object(g)})
	return r
}

// Member finds a person by name, or lets them join; permissions given come by a
// role of their own. The same name in two guilds is the same person.
func (g *Guild) Member(name string, perms ...Perm) *Member {
	g.d.mu.Lock()
	defer g.d.mu.Unlock()
	return g.member(name, perms)
}

func (g *Guild) member(name string, perms []Perm) *Member {
	var id string
	for _, u := range g.d.users {
		if u.Name == name {
			id = u.ID
		}
	}
	if id == "" {
		id = g.d.id()
		g.d.users[id] = &Member{ID: id, Name: name, d: g.d}
	}
	m := g.members[id]
	if m == nil {
		m = &Member{ID: id, Name: name, d: g.d, guild: g, bot: id == Bot}
		g.members[id] = m
	}
	if len(perms) > 0 {
		m.roles = append(m.roles, g.role(name+"'s", perms).ID)
	}
	return m
}

// Takes gives a member a role.
func (m *Member) Takes(r *Role) {
	m.d.mu.Lock()
	defer m.d.mu.Unlock()
	m.roles = append(m.roles, r.ID)
}

// Grants and Revokes change what the bot may do in a channel.
func (d *Discord) Grants(c *Channel, perms ...Perm)  { d.Permits(c, Bot, union(perms), 0) }
func (d *Discord) Revokes(c *Channel, perms ...Perm) { d.Permits(c, Bot, 0, union(perms)) }

// Permits allows and denies a member or role, by id, something in a channel.
func (d *Discord) Permits(c *Channel, who string, allow, deny Perm) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o := c.over[who]
	c.over[who] = overwrite{o.allow&^deny | allow, o.deny&^allow | deny}
	c.guild.happens("CHANNEL_UPDATE", d.channelObject(c))
	d.changed.Ring()
}

func union(perms []Perm) (all Perm) {
	for _, p := range perms {
		all |= p
	}
	return all
}

// may computes a member's permissions in a channel, as Discord's page on
// permissions does it: @everyone, roles, then the channel's overwrites (threads
// use their parent's), then what the lack of one implies. The caller holds mu.
func (d *Discord) may(id string, c *Channel) Perm {
	m := c.guild.members[id]
	if m == nil || c.guild.away && id == Bot {
		return 0
	}
	var p Perm
	for _, r := range c.guild.roles {
		if r.ID == c.guild.ID || slices.Contains(m.roles, r.ID) {
			p |= r.perms
		}
	}
	if p&Administrator != 0 {
		return every
	}
	at := c
	if c.parent != nil {
		at = c.parent
	}
	apply := func(o overwrite) { p = p&^o.deny | o.allow }
	apply(at.over[c.guild.ID])
	var roles overwrite
	for _, r := range m.roles {
		roles.allow |= at.over[r].allow
		roles.deny |= at.over[r].deny
	}
	apply(roles)
	apply(at.over[id])
	if p&ViewChannel == 0 {
		return 0
	}
	write := SendMessages
	if c.kind == thread {
		write = SendMessagesInThreads
	}
	if p&write == 0 {
		p &^= EmbedLinks | AttachFiles | MentionEveryone
	}
	return p
}

func (p Perm) String() string { return strconv.FormatUint(uint64(p), 10) }

// Archives closes a thread; locked, only moderators may open it again.
func (d *Discord) Archives(c *Channel, locked bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c.archived, c.locked, c.archivedAt = true, locked, d.opt.Now()
	c.noted("THREAD_UPDATE", intentGuilds, d.channelObject(c))
}

// Renames gives a thread another name.
func (d *Discord) Renames(c *Channel, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c.Name = name
	c.noted("THREAD_UPDATE", intentGuilds, d.channelObject(c))
}

// Requires makes a forum refuse posts without a tag.
func (d *Discord) Requires(forum *Channel) {
	d.mu.Lock()
	defer d.mu.Unlock()
	forum.tagNeeded = true
	forum.guild.happens("CHANNEL_UPDATE", d.channelObject(forum))
}

// Tags are the names of the tags of a forum, or of those on a forum's post.
func (d *Discord) Tags(c *Channel) (names []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := c.tags
	if c.parent != nil {
		all = c.parent.tags
	}
	for _, tag := range all {
		if c.parent == nil || slices.Contains(c.applied, str(tag, "id")) {
			names = append(names, str(tag, "name"))
		}
	}
	return names
}

// DeletesChannel deletes a channel with its threads, or a thread.
func (d *Discord) DeletesChannel(c *Channel) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c.gone = true
	for _, t := range d.channels {
		t.gone = t.gone || t.parent == c
	}
	if c.kind == thread {
		c.noted("THREAD_DELETE", intentGuilds, object{"id": c.ID, "guild_id": c.guild.ID, "parent_id": c.parent.ID, "type": c.kind})
	} else {
		c.guild.channels = without(c.guild.channels, c)
		c.guild.happens("CHANNEL_DELETE", d.channelObject(c))
	}
	d.changed.Ring()
}

// Kicks removes the bot from a guild; Returns brings it back.
func (d *Discord) Kicks(g *Guild) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g.away = true
	d.happen("GUILD_DELETE", intentGuilds, g.ID, object{"id": g.ID})
	d.changed.Ring()
}

// Outage makes a guild unavailable, which is no removal; Returns ends it.
func (d *Discord) Outage(g *Guild) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g.outage = true
	d.happen("GUILD_DELETE", intentGuilds, g.ID, object{"id": g.ID, "unavailable": true})
}

// Returns brings the bot back to a guild, or a guild back to it.
func (d *Discord) Returns(g *Guild) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g.away, g.outage = false, false
	d.happen("GUILD_CREATE", intentGuilds, g.ID, g.create())
	d.changed.Ring()
}

// Thread is the thread of a message, or nil.
func (d *Discord) Thread(m Message) *Channel {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.channels[m.ID]; c != nil && !c.gone {
		return c
	}
	return nil
}

// Threads are the threads of a channel, or a forum's posts, oldest first.
func (d *Discord) Threads(c *Channel) []*Channel {
	d.mu.Lock()
	defer d.mu.Unlock()
	return threadsOf(c.guild, c)
}

// threadsOf a guild, or of one channel of it. The caller holds mu.
func threadsOf(g *Guild, of *Channel) (all []*Channel) {
	for _, c := range g.threads {
		if !c.gone && (of == nil || c.parent == of) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *Channel) int { return newer(a.ID, b.ID) })
	return all
}

// Below, things as the API shows them. The caller holds mu.

func userObject(m *Member) object {
	o := object{"id": m.ID, "username": m.Name, "avatar": nil, "discriminator": "0", "public_flags": 0, "flags": 0,
		"global_name": nil, "primary_guild": nil, "banner": nil, "accent_color": nil}
	if m.bot {
		o["bot"] = true
	}
	return o
}

func (d *Discord) memberObject(m *Member, at *Channel) object {
	o := object{"user": userObject(m), "roles": append([]string{}, m.roles...), "joined_at": "2024-01-02T03:04:05.000000+00:00",
		"nick": nil, "avatar": nil, "banner": nil, "premium_since": nil, "deaf": false, "mute": false, "flags": 0, "pending": false, "communication_disabled_until": nil}
	if at != nil {
		o["permissions"] = d.may(m.ID, at).String()
	}
	return o
}

func (r *Role) object(g *Guild) object {
	return object{"id": r.ID, "name": r.Name, "description": nil, "permissions": r.perms.String(), "position": slices.Index(g.roles, r), "color": 0,
		"colors": object{"primary_color": 0, "secondary_color": nil, "tertiary_color": nil},
		"hoist":  false, "managed": r.Name == "Paperboy", "mentionable": false, "icon": nil, "unicode_emoji": nil, "flags": 0}
}

func (g *Guild) object() object {
	roles := []object{}
	for _, r := range g.roles {
		roles = append(roles, r.object(g))
	}
	return object{"id": g.ID, "name": g.Name, "icon": nil, "description": nil, "owner_id": g.ID, "roles": roles, "emojis": []any{}, "stickers": []any{},
		"features": []any{}, "preferred_locale": "en-US", "region": "deprecated", "afk_channel_id": nil, "afk_timeout": 300, "system_channel_id": nil,
		"system_channel_flags": 0, "widget_enabled": false, "widget_channel_id": nil, "verification_level": 0, "default_message_notifications": 0,
		"mfa_level": 0, "explicit_content_filter": 0, "max_presences": nil, "max_members": 500000, "max_stage_video_channel_users": 50,
		"max_video_channel_users": 25, "vanity_url_code": nil, "premium_tier": 0, "premium_subscription_count": 0, "premium_progress_bar_enabled": false,
		"rules_channel_id": nil, "public_updates_channel_id": nil, "safety_alerts_channel_id": nil, "nsfw_level": 0, "nsfw": false,
		"home_header": nil, "splash": nil, "discovery_splash": nil, "banner": nil, "application_id": nil, "incidents_data": nil}
}

// create is the guild as GUILD_CREATE has it: with channels, active threads and
// the bot's own member.
func (g *Guild) create() object {
	o := g.object()
	channels, threads := []object{}, []object{}
	for _, c := range g.channels {
		channels = append(channels, g.d.channelObject(c))
	}
	for _, c := range threadsOf(g, nil) {
		if !c.archived && g.d.may(Bot, c)&ViewChannel != 0 {
			threads = append(threads, g.d.channelObject(c))
		}
	}
	o["channels"], o["threads"], o["members"] = channels, threads, []object{g.d.memberObject(g.members[Bot], nil)}
	o["joined_at"], o["large"], o["unavailable"], o["member_count"] = "2024-01-02T03:04:05.000000+00:00", false, false, len(g.members)
	for _, empty := range []string{"voice_states", "presences", "stage_instances", "guild_scheduled_events", "soundboard_sounds"} {
		o[empty] = []any{}
	}
	return o
}

func (d *Discord) channelObject(c *Channel) object {
	o := object{"id": c.ID, "type": c.kind, "guild_id": c.guild.ID, "name": c.Name, "flags": 0, "parent_id": nil, "last_message_id": nil,
		"rate_limit_per_user": 0}
	said, total := 0, 0 // in a thread, not counting what it began with
	for _, m := range c.messages {
		if m.For != "" {
			continue
		}
		o["last_message_id"] = m.ID
		if m.kind == 0 && m.ID != c.ID {
			if total++; !m.Deleted {
				said++
			}
		}
	}
	if c.kind == thread {
		o["parent_id"], o["owner_id"] = c.parent.ID, Bot
		o["message_count"], o["total_message_sent"], o["member_count"] = said, total, 1
		o["thread_metadata"] = object{"archived": c.archived, "locked": c.locked, "auto_archive_duration": c.minutes,
			"archive_timestamp": stamp(c.archivedAt), "create_timestamp": stamp(c.archivedAt)}
		if c.parent.kind == forum {
			o["applied_tags"] = append([]string{}, c.applied...)
		}
		return o
	}
	over := []object{}
	for id, w := range c.over {
		kind := 0
		if c.guild.members[id] != nil {
			kind = 1
		}
		over = append(over, object{"id": id, "type": kind, "allow": w.allow.String(), "deny": w.deny.String()})
	}
	o["position"], o["permission_overwrites"], o["topic"], o["nsfw"] = slices.Index(c.guild.channels, c), over, nil, false
	if c.kind == forum {
		o["available_tags"] = append([]object{}, c.tags...)
		o["default_reaction_emoji"], o["default_sort_order"], o["default_forum_layout"] = nil, nil, 0
		if c.tagNeeded {
			o["flags"] = 1 << 4
		}
	}
	return o
}
