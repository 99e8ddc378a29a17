package discord

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"paperboy/core"
)

// perm is a set of Discord's permission bits; in JSON it is a text.
type perm uint64

// The permissions that matter here (topics/permissions.mdx).
const (
	administrator         perm = 1 << 3
	manageChannels        perm = 1 << 4
	addReactions          perm = 1 << 6
	viewChannel           perm = 1 << 10
	sendMessages          perm = 1 << 11
	embedLinks            perm = 1 << 14
	attachFiles           perm = 1 << 15
	readMessageHistory    perm = 1 << 16
	createPublicThreads   perm = 1 << 35
	sendMessagesInThreads perm = 1 << 38
)

// permNames are as Discord's settings call them, in the order in which they are
// missed.
var permNames = []struct {
	bit  perm
	name string
}{
	{viewChannel, "View Channel"}, {sendMessages, "Send Messages"}, {embedLinks, "Embed Links"},
	{createPublicThreads, "Create Public Threads"}, {sendMessagesInThreads, "Send Messages in Threads"},
	{readMessageHistory, "Read Message History"}, {attachFiles, "Attach Files"}, {addReactions, "Add Reactions"},
}

// lacking names what of need is not in have.
func lacking(have, need perm) (names []string) {
	for _, p := range permNames {
		if need&p.bit != 0 && have&p.bit == 0 {
			names = append(names, p.name)
		}
	}
	return names
}

func (p *perm) UnmarshalJSON(raw []byte) error {
	n, err := strconv.ParseUint(strings.Trim(string(raw), `"`), 10, 64)
	*p = perm(n)
	if string(raw) == "null" {
		return nil
	}
	return err
}

// The shapes below have only what is used.

type channel struct {
	ID       string      `json:"id"`
	Type     int         `json:"type"`
	Guild    string      `json:"guild_id"`
	Name     string      `json:"name"`
	Parent   string      `json:"parent_id"`
	Flags    int         `json:"flags"`
	Over     []overwrite `json:"permission_overwrites"`
	Tags     []tag       `json:"available_tags"`
	Owner    string      `json:"owner_id"` // of a thread
	Metadata struct {
		Archived bool      `json:"archived"`
		Since    time.Time `json:"archive_timestamp"`
	} `json:"thread_metadata"`

	until time.Time // it is taken for true; zero: the gateway tells
}

// Types of channels.
const (
	typeDM    = 1
	typeForum = 15
	typeMedia = 16

	flagTagRequired = 1 << 4
)

func (c channel) isThread() bool { return c.Type >= 10 && c.Type <= 12 }
func (c channel) isForum() bool  { return c.Type == typeForum || c.Type == typeMedia }

type overwrite struct {
	ID    string `json:"id"`
	Type  int    `json:"type"` // 0 a role, 1 a member
	Allow perm   `json:"allow"`
	Deny  perm   `json:"deny"`
}

type tag struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type role struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Perms perm   `json:"permissions"`
}

// member is the bot itself in a guild.
type member struct {
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Roles []string `json:"roles"`
}

type guild struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Owner    string    `json:"owner_id"`
	Away     bool      `json:"unavailable"`
	Roles    []role    `json:"roles"`
	Members  []member  `json:"members"`
	Channels []channel `json:"channels"`
	Threads  []channel `json:"threads"`
}

// askedTime is how long an answer of Discord's is taken for true, of servers whose
// changes nobody tells this process: another one hears them.
const askedTime = time.Minute

// guildCache is what the gateway tells of guilds, roles and channels, so that
// nothing has to be asked when it is needed. What it does not know is asked once,
// or once a minute where the gateway does not tell this process. Its zero value is
// ready.
type guildCache struct {
	mu       sync.Mutex
	guilds   map[string]*cachedGuild
	channels map[string]channel
	swept    time.Time
}

// cachedGuild is a guild: its roles, and which of them are ours.
type cachedGuild struct {
	owner    string
	roles    map[string]role
	mine     []string
	channels map[string]bool
	until    time.Time // as a channel's
}

func (gc *guildCache) init() {
	if gc.guilds == nil {
		gc.guilds, gc.channels = map[string]*cachedGuild{}, map[string]channel{}
	}
}

// has takes a guild in as a whole: for true until then, or as the gateway tells it.
func (gc *guildCache) has(g guild, self string, until time.Time) {
	gc.mu.Lock()
	defer gc.mu.Unlock()
	gc.init()
	p := &cachedGuild{owner: g.Owner, roles: make(map[string]role, len(g.Roles)), channels: make(map[string]bool, len(g.Channels)), until: until}
	for _, r := range g.Roles {
		p.roles[r.ID] = r
	}
	for _, m := range g.Members {
		if m.User.ID == self {
			p.mine = m.Roles
		}
	}
	gc.forgetChannels(g.ID)
	gc.guilds[g.ID] = p
	for _, c := range slices.Concat(g.Channels, g.Threads) {
		c.Guild, c.until = g.ID, until
		gc.put(c)
	}
}

func (gc *guildCache) put(c channel) {
	gc.channels[c.ID] = c
	if p := gc.guilds[c.Guild]; p != nil {
		p.channels[c.ID] = true
	}
}

func (gc *guildCache) forgetChannels(guild string) {
	if p := gc.guilds[guild]; p != nil {
		for id := range p.channels {
			delete(gc.channels, id)
		}
	}
}

// forget drops a guild.
func (gc *guildCache) forget(guild string) {
	gc.mu.Lock()
	defer gc.mu.Unlock()
	gc.forgetChannels(guild)
	delete(gc.guilds, guild)
}

// forgetAll drops the guilds that are meant, and what was asked of them.
func (gc *guildCache) forgetAll(meant func(guild string) bool) {
	gc.mu.Lock()
	defer gc.mu.Unlock()
	for id := range gc.guilds {
		if meant(id) {
			gc.forgetChannels(id)
			delete(gc.guilds, id)
		}
	}
}

// keep takes a channel or thread in; lose drops it. Where the gateway does not tell
// of its guild it is kept as an answer is.
func (gc *guildCache) keep(c channel) {
	gc.mu.Lock()
	defer gc.mu.Unlock()
	gc.init()
	if old, ok := gc.channels[c.ID]; ok && c.Guild == "" {
		c.Guild = old.Guild
	}
	if g := gc.guilds[c.Guild]; g == nil || !g.until.IsZero() {
		c.until = time.Now().Add(askedTime)
		gc.sweep()
	}
	gc.put(c)
}

// sweep drops answers that are too old, now and then.
func (gc *guildCache) sweep() {
	now := time.Now()
	if now.Before(gc.swept.Add(askedTime)) {
		return
	}
	gc.swept = now
	for id, g := range gc.guilds {
		if old(g.until) {
			gc.forgetChannels(id)
			delete(gc.guilds, id)
		}
	}
	for id, c := range gc.channels {
		if old(c.until) {
			delete(gc.channels, id)
		}
	}
}

// old reports whether what is true until then is not any more.
func old(until time.Time) bool { return !until.IsZero() && time.Now().After(until) }

// guild is what is known of a guild; nil: nothing. The caller holds mu.
func (gc *guildCache) guild(id string) *cachedGuild {
	if g := gc.guilds[id]; g != nil && !old(g.until) {
		return g
	}
	return nil
}

// known is what is known of a channel. The caller holds mu.
func (gc *guildCache) known(id string) (c channel, ok bool) {
	if c, ok = gc.channels[id]; ok && old(c.until) {
		return channel{}, false
	}
	return c, ok
}

func (gc *guildCache) lose(id string) {
	gc.mu.Lock()
	defer gc.mu.Unlock()
	if p := gc.guilds[gc.channels[id].Guild]; p != nil {
		delete(p.channels, id)
	}
	delete(gc.channels, id)
}

// heard takes in what an event says of guilds. It is quick.
func (gc *guildCache) heard(name string, raw json.RawMessage, self string) {
	var c channel
	var r struct {
		Guild string `json:"guild_id"`
		Role  role   `json:"role"`
		ID    string `json:"role_id"`
		member
		Threads []channel `json:"threads"`
	}
	switch name {
	case "CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE":
		switch {
		case json.Unmarshal(raw, &c) != nil:
		case c.Metadata.Archived: // a large server has more of them every day
			gc.lose(c.ID)
		default:
			gc.keep(c)
		}
	case "CHANNEL_DELETE", "THREAD_DELETE":
		if json.Unmarshal(raw, &c) == nil {
			gc.lose(c.ID)
		}
	case "THREAD_LIST_SYNC":
		if json.Unmarshal(raw, &r) == nil {
			for _, t := range r.Threads {
				t.Guild = r.Guild
				gc.keep(t)
			}
		}
	case "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE", "GUILD_MEMBER_UPDATE":
		if json.Unmarshal(raw, &r) != nil {
			return
		}
		gc.mu.Lock()
		defer gc.mu.Unlock()
		p := gc.guilds[r.Guild]
		switch {
		case p == nil:
		case name == "GUILD_ROLE_DELETE":
			delete(p.roles, r.ID)
		case name == "GUILD_MEMBER_UPDATE":
			if r.User.ID == self {
				p.mine = r.Roles
			}
		default:
			p.roles[r.Role.ID] = r.Role
		}
	}
}

func (gc *guildCache) channel(id string) (channel, bool) {
	gc.mu.Lock()
	defer gc.mu.Unlock()
	return gc.known(id)
}

// roleNames are the names of roles, and their ids.
func (gc *guildCache) roleNames(guild string, ids []string) (names []string) {
	gc.mu.Lock()
	defer gc.mu.Unlock()
	for _, id := range ids {
		names = append(names, id)
		if p := gc.guild(guild); p != nil && p.roles[id].Name != "" {
			names = append(names, p.roles[id].Name)
		}
	}
	return names
}

// may are our permissions in a channel. ok is false when the guild or the channel
// is not known.
func (gc *guildCache) may(guild, id, self string) (p perm, ok bool) {
	gc.mu.Lock()
	var mine []string
	if g := gc.guild(guild); g != nil {
		mine = g.mine
	}
	gc.mu.Unlock()
	return gc.permissions(guild, id, self, mine)
}

// permissions are a member's in a channel as Discord computes them: @everyone,
// their roles, then the channel's overwrites (a thread has its parent's); those
// of "" are everybody's.
func (gc *guildCache) permissions(guild, id, who string, has []string) (p perm, ok bool) {
	gc.mu.Lock()
	defer gc.mu.Unlock()
	g := gc.guild(guild)
	c, known := gc.known(id)
	if known && c.isThread() {
		c, known = gc.known(c.Parent)
	}
	if g == nil || !known {
		return 0, false
	}
	if g.owner == who && who != "" {
		return ^perm(0), true
	}
	p = g.roles[guild].Perms // @everyone has the guild's id
	for _, r := range has {
		p |= g.roles[r].Perms
	}
	if p&administrator != 0 {
		return ^perm(0), true
	}
	var everyone, roles, one overwrite
	for _, o := range c.Over {
		switch {
		case o.ID == guild:
			everyone = o
		case o.Type == 0 && slices.Contains(has, o.ID):
			roles.Allow |= o.Allow
			roles.Deny |= o.Deny
		case o.ID == who:
			one = o
		}
	}
	for _, o := range []overwrite{everyone, roles, one} {
		p = p&^o.Deny | o.Allow
	}
	if p&viewChannel == 0 {
		return 0, true
	}
	return p, true
}

// look is a channel or thread, asked for when it is not known.
func (d *Discord) look(ctx context.Context, id string) (channel, error) {
	if c, ok := d.guilds.channel(id); ok {
		return c, nil
	}
	var c channel
	err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}", args: []string{id}, into: &c})
	if err == nil {
		d.guilds.keep(c)
	}
	return c, err
}

// may are our permissions in a channel, asked for when they are not known.
func (d *Discord) may(ctx context.Context, guildID, id string) (perm, error) {
	if p, ok := d.guilds.may(guildID, id, d.self); ok {
		return p, nil
	}
	var g guild
	var me member
	var channels []channel
	for _, r := range []request{
		{route: "/guilds/{}", args: []string{guildID}, into: &g},
		{route: "/guilds/{}/members/{}", args: []string{guildID, d.self}, into: &me},
		{route: "/guilds/{}/channels", args: []string{guildID}, into: &channels},
	} {
		r.method = "GET"
		if err := d.rest.call(ctx, r); err != nil {
			return 0, err
		}
	}
	me.User.ID = d.self
	g.Members, g.Channels = []member{me}, channels
	var until time.Time
	if !d.Hears(core.Installation{Platform: Name, Workspace: guildID}) {
		until = time.Now().Add(askedTime)
	}
	d.guilds.has(g, d.self, until)
	p, _ := d.guilds.may(guildID, id, d.self)
	return p, nil
}

// all are the guilds that the gateway tells of.
func (gc *guildCache) all() []string {
	gc.mu.Lock()
	defer gc.mu.Unlock()
	var ids []string
	for id, g := range gc.guilds {
		if g.until.IsZero() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
