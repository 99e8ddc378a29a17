package discord

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/say"
)

const (
	archiveAfter = 10080 // minutes, the longest that Discord has: a week
	maxTags      = 5     // of a forum's post
	// Discord remembers a nonce for "the past few minutes". So long after the
	// first try the same message can safely be sent again without looking.
	nonceTrust = time.Minute
	seedTime   = 10 * time.Minute // later nobody needs the first 👍 any more
)

// noTurn is a request that would have had to wait longer than it may.
type noTurn struct{ after time.Duration }

func (e noTurn) Error() string { return fmt.Sprintf("no turn for %v", e.after) }

// sent is what a create answers.
type sent struct {
	ID      string  `json:"id"`
	Embeds  []embed `json:"embeds"`
	Message *sent   `json:"message"` // of a forum's post
}

// Post sends a message once, in its turn.
func (d *Discord) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	m := draw(p.Card)
	if p.Silent {
		m.Flags |= flagSilent
	}
	// Discord does not refuse an embed that may not be there: it drops it, and
	// says nothing. So a header does not go before papers that could not follow.
	if have, ok := d.world.may(p.Channel.Workspace, p.Channel.ID, d.self); ok && have&viewChannel != 0 && have&embedLinks == 0 {
		return core.MessageRef{}, &core.Refused{Reason: "missing Embed Links", Err: errors.New("embeds would be dropped")}
	}
	var ref core.MessageRef
	var err error
	if p.Place == core.InForum {
		ref, err = d.postInForum(ctx, p, m)
	} else {
		ref, err = d.post(ctx, p, m)
	}
	if err == nil && p.Seed {
		d.queue.Put("seeds", func(ctx context.Context) { d.seed(ctx, ref) }) // in one lane: they wait for each other anyway
	}
	return ref, err
}

func (d *Discord) post(ctx context.Context, p core.Post, m message) (core.MessageRef, error) {
	where, need := p.Channel.ID, viewChannel|sendMessages|embedLinks
	if p.Place == core.InThread && p.Header.ID != "" {
		switch there, err := d.openThread(ctx, p); {
		case err != nil:
			return core.MessageRef{}, err
		case there:
			where, need = p.Header.ID, viewChannel|sendMessagesInThreads|embedLinks
		}
	}
	m.Nonce, m.EnforceNonce = nonce(p.Key), true
	for {
		var got sent
		d.tries.note(p.Key, time.Now(), d.opt.Now())
		left, err := d.rest.once(ctx, &request{method: "POST", route: "/channels/{}/messages", args: []string{where}, body: m, into: &got})
		switch {
		case err == nil && got.ID != "":
			ref := core.MessageRef{Conversation: where, ID: got.ID}
			d.complete(ctx, ref, m, got)
			return ref, nil
		case err == nil:
			return core.MessageRef{}, errors.New("the answer says neither what was posted nor why not")
		case code(err) == invalidForm && len(m.Embeds) > 0:
			d.log.Error("discord does not show a message as it is meant; it is sent as plain text", "channel", where, "key", p.Key, "err", err)
			m = m.withoutEmbeds().as(m)
		case code(err) == unknownChannel && where != p.Channel.ID:
			d.log.Warn("the thread is gone; its message goes to the channel", "channel", p.Channel.ID, "key", p.Key)
			d.forgetThread(where)
			where, need = p.Channel.ID, viewChannel|sendMessages|embedLinks
		default:
			return core.MessageRef{}, d.certain(ctx, p, need, left, err)
		}
	}
}

// complete says in plain text what stood in an embed that was dropped, because
// the right was lost a moment ago.
func (d *Discord) complete(ctx context.Context, ref core.MessageRef, m message, got sent) {
	if len(m.Embeds) == 0 || len(got.Embeds) > 0 {
		return
	}
	bare := m.withoutEmbeds()
	bare.Components = m.Components
	if err := d.edit(ctx, ref, bare); err != nil {
		d.log.Error("a message lost its embeds, and its text", "channel", ref.Conversation, "err", err)
	}
}

// as takes over how a message is sent.
func (m message) as(n message) message {
	m.Flags, m.Nonce, m.EnforceNonce = n.Flags, n.Nonce, n.EnforceNonce
	return m
}

// nonce makes a delivery's key fit. It is unique by author, not by channel; the
// key names the channel.
func nonce(key string) string {
	sum := sha256.Sum256([]byte(key))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:24]
}

// openThread opens the header's thread, unless it is there. there is false when
// the header is gone, and a thread with it.
func (d *Discord) openThread(ctx context.Context, p core.Post) (there bool, err error) {
	id := p.Header.ID
	d.mu.Lock()
	known := d.threads[id]
	d.mu.Unlock()
	if known {
		return true, nil
	}
	if _, known := d.world.channel(id); known {
		return true, nil
	}
	name := say.Shorten(say.OneLine(p.Thread), maxName)
	if strings.TrimSpace(name) == "" {
		name = "Papers"
	}
	left, err := d.rest.once(ctx, &request{method: "POST", route: "/channels/{}/messages/{}/threads", args: []string{p.Channel.ID, id},
		body: map[string]any{"name": name, "auto_archive_duration": archiveAfter}})
	switch c := code(err); {
	case c == unknownMessage, c == wrongChannelType:
		d.log.Warn("no thread can be opened there; its messages go to the channel", "channel", p.Channel.ID, "err", err)
		return false, nil
	case err != nil && c != threadExists:
		err = d.certain(ctx, p, viewChannel|createPublicThreads|sendMessagesInThreads|embedLinks, left, err)
		if !isCertain(err) {
			// Whether the thread is there shows at the next try; no message was sent.
			err = &core.Retry{After: d.wait(troubleAgain), Err: err}
		}
		return false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.threads) > 10000 {
		clear(d.threads)
	}
	d.threads[id] = true
	return true, nil
}

func isCertain(err error) bool {
	_, not := errors.AsType[*core.Retry](err)
	_, no := errors.AsType[*core.Refused](err)
	return not || no || core.Is[*core.Gone](err) || core.Is[*core.Unauthorised](err)
}

func (d *Discord) forgetThread(id string) {
	d.world.lose(id)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.threads, id)
}

// postInForum opens a forum's post with the message in it. Discord documents no
// nonce for that.
func (d *Discord) postInForum(ctx context.Context, p core.Post, m message) (core.MessageRef, error) {
	c, err := d.look(ctx, p.Channel.ID)
	if err != nil {
		return core.MessageRef{}, d.certain(ctx, p, viewChannel|sendMessages|embedLinks, false, err)
	}
	if !c.isForum() {
		return core.MessageRef{}, &core.Refused{Reason: "this is no forum channel; /papers settings layout:channel", Err: errors.New("not a forum")}
	}
	tags, ok := tagsFor(c, p)
	if !ok {
		return core.MessageRef{}, &core.Refused{Reason: "the forum wants a tag on every post and has none", Err: errors.New("no tags")}
	}
	for {
		var got sent
		left, err := d.rest.once(ctx, &request{method: "POST", route: "/channels/{}/threads", args: []string{p.Channel.ID}, into: &got,
			body: map[string]any{"name": postName(p.Card), "auto_archive_duration": archiveAfter, "applied_tags": tags, "message": m}})
		switch {
		case err == nil && got.Message != nil && got.ID != "":
			ref := core.MessageRef{Conversation: got.ID, ID: got.Message.ID}
			d.complete(ctx, ref, m, *got.Message)
			return ref, nil
		case err == nil && got.ID != "":
			return core.MessageRef{Conversation: got.ID, ID: got.ID}, nil // the first message has its thread's id
		case err == nil:
			return core.MessageRef{}, errors.New("the answer says neither what was posted nor why not")
		case code(err) == invalidForm && len(m.Embeds) > 0:
			d.log.Error("discord does not show a message as it is meant; it is sent as plain text", "channel", p.Channel.ID, "key", p.Key, "err", err)
			m = m.withoutEmbeds().as(m)
			d.world.lose(c.ID) // its tags may have changed
			if c, err := d.look(ctx, p.Channel.ID); err == nil {
				tags, _ = tagsFor(c, p)
			}
		default:
			if code(err) == tagRequired {
				d.world.lose(c.ID)
			}
			return core.MessageRef{}, d.certain(ctx, p, viewChannel|sendMessages|embedLinks, left, err)
		}
	}
}

// postName is the name of a paper's post in a forum.
func postName(c core.Card) string {
	name := c.Title
	if len(c.Papers) > 0 {
		name = c.Papers[0].Title
	}
	if name = strings.TrimSpace(say.Shorten(say.OneLine(name), maxName)); name == "" {
		return "Paper"
	}
	return name
}

// tagsFor are the forum's tags that are called as the paper's topics are. Where
// one is required and none fits, it is "papers", or the first; ok is false when
// there is none at all.
func tagsFor(c channel, p core.Post) (ids []string, ok bool) {
	ids = []string{}
	find := func(name string) {
		for _, t := range c.Tags {
			if strings.EqualFold(t.Name, name) && len(ids) < maxTags {
				ids = append(ids, t.ID)
			}
		}
	}
	for _, v := range p.Card.Papers {
		for _, name := range v.Tags {
			find(name)
		}
	}
	if len(ids) == 0 && c.Flags&flagTagRequired != 0 {
		if find("papers"); len(ids) == 0 && len(c.Tags) > 0 {
			ids = append(ids, c.Tags[0].ID)
		}
		return ids, len(ids) > 0
	}
	return ids, true
}

// certain turns the error of a post into what the ledger decides by. need is
// what the post would have had to be allowed.
func (d *Discord) certain(ctx context.Context, p core.Post, need perm, left bool, err error) error {
	if core.Is[*core.Unauthorised](err) {
		return err
	}
	e, answered := errors.AsType[*apiError](err)
	if !answered {
		if left {
			return err
		}
		after := d.wait(dialAgain)
		if no, ok := errors.AsType[noTurn](err); ok {
			after = no.after
		} else if ctx.Err() != nil {
			after = 0
		}
		return &core.Retry{After: after, Err: err}
	}
	refused := func(format string, args ...any) error {
		return &core.Refused{Reason: fmt.Sprintf(format, args...), Err: err}
	}
	switch {
	case e.Status == http.StatusTooManyRequests:
		return &core.Retry{After: e.wait, Err: err}
	case e.Status >= 500:
		return err
	case e.Code == unknownChannel || e.Code == unknownGuild:
		return &core.Gone{What: core.TheChannel, Err: err}
	case e.Code == missingAccess:
		return refused("missing %s", "View Channel")
	case e.Code == missingPermission:
		return refused("%s", d.missing(ctx, p, need))
	case e.Code == isForum:
		return refused("this is a forum, which takes posts only; /papers settings layout:forum")
	case e.Code == tagRequired:
		return refused("the forum wants a tag on every post")
	case e.Code == threadArchived:
		return refused("the thread is locked")
	case e.Status == http.StatusForbidden && e.Code == 0:
		return &core.Retry{After: d.wait(time.Minute), Err: err} // Cloudflare's, not Discord's
	}
	if e.Message == "" {
		e.Message = strconv.Itoa(e.Status)
	}
	return refused("Discord says %s", strings.TrimSuffix(e.Message, "."))
}

// missing names the permission that a post lacked, without asking Discord again:
// the gateway says when somebody changes one, maybe a moment later.
func (d *Discord) missing(ctx context.Context, p core.Post, need perm) string {
	for range 5 {
		if have, ok := d.world.may(p.Channel.Workspace, p.Channel.ID, d.self); ok {
			if names := lacking(have, need); len(names) > 0 {
				return "missing " + strings.Join(names, " and ")
			}
		}
		if kit.Sleep(ctx, 50*time.Millisecond) != nil {
			break
		}
	}
	return "missing permissions; they are " + strings.Join(lacking(0, need), ", ")
}

// seed adds the first 👍.
func (d *Discord) seed(ctx context.Context, ref core.MessageRef) {
	ctx, cancel := context.WithTimeout(ctx, d.wait(seedTime))
	defer cancel()
	err := d.rest.call(ctx, request{method: "PUT", route: "/channels/{}/messages/{}/reactions/{}/@me", args: []string{ref.Conversation, ref.ID, "👍"}})
	if err != nil && ctx.Err() == nil {
		d.log.Warn("cannot add the first reaction", "channel", ref.Conversation, "err", err)
	}
}

// MaySeed says whether the bot may add reactions in a channel.
func (d *Discord) MaySeed(ctx context.Context, ch core.ChannelKey) error {
	have, err := d.may(ctx, ch.Workspace, ch.ID)
	if err != nil {
		return err
	}
	if names := lacking(have, addReactions|readMessageHistory); len(names) > 0 {
		return &core.UserError{Code: "E-BOTPERM", Text: say.Say("I may not add reactions here: missing *%s*. An admin can give it to me under channel permissions; then ask again.", strings.Join(names, " and "))}
	}
	return nil
}

// IsForum tells forum channels from others.
func (d *Discord) IsForum(ctx context.Context, ch core.ChannelKey) (bool, error) {
	if ch.Workspace == "" {
		return false, nil // direct messages
	}
	c, err := d.look(ctx, ch.ID)
	return c.isForum(), err
}

// tries remembers when a delivery was first tried, by the machine's running time
// and by the calendar: while a machine sleeps, only the calendar goes on. Its
// zero value is ready.
type tries struct {
	mu sync.Mutex
	at map[string]try
}

type try struct{ wall, calendar time.Time }

func (t try) ago(wall, calendar time.Time) time.Duration {
	return max(wall.Sub(t.wall), calendar.Round(0).Sub(t.calendar.Round(0)).Abs())
}

func (t *tries) note(key string, wall, calendar time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == nil {
		t.at = map[string]try{}
	}
	for k, at := range t.at {
		if at.ago(wall, calendar) > 10*time.Minute {
			delete(t.at, k)
		}
	}
	if _, tried := t.at[key]; !tried {
		t.at[key] = try{wall, calendar}
	}
}

func (t *tries) ago(key string, wall, calendar time.Time) (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.at[key]
	return at.ago(wall, calendar), ok
}

// posted is a message as it is read back.
type posted struct {
	ID      string `json:"id"`
	Content string `json:"content"`
	Author  struct {
		ID string `json:"id"`
	} `json:"author"`
	Webhook string  `json:"webhook_id"` // an answer's: no post
	Embeds  []embed `json:"embeds"`

	Reactions []struct {
		Emoji emoji `json:"emoji"`
		Count int   `json:"count"`
		Each  struct {
			Burst  int `json:"burst"`
			Normal int `json:"normal"`
		} `json:"count_details"`
	} `json:"reactions"`
}

// is reports whether a message is the post: by the paper's address, or by a
// header's first line.
func (m posted) is(want message, self string) bool {
	if m.Author.ID != self || m.Webhook != "" {
		return false
	}
	if len(want.Embeds) == 0 || want.Embeds[0].URL == "" {
		return firstLine(m.Content) != "" && firstLine(m.Content) == firstLine(want.Content)
	}
	for _, e := range m.Embeds {
		if e.URL == want.Embeds[0].URL {
			return true
		}
	}
	return len(m.Embeds) == 0 && strings.Contains(m.Content, want.Embeds[0].URL)
}

// Discord gives at most so many messages at once. So many pages are read: what was
// said since a few minutes before the post was begun, in the liveliest channel.
const (
	pageSize = 100
	maxPages = 10
)

// Find looks for a post among our own messages since it was planned. Within a
// minute of the first try there is nothing to look for: sent again, its nonce
// makes it the same message.
func (d *Discord) Find(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	if ago, tried := d.tries.ago(p.Key, time.Now(), d.opt.Now()); tried && ago < d.wait(nonceTrust) && p.Place != core.InForum {
		return core.MessageRef{}, false, nil
	}
	have, err := d.may(ctx, p.Channel.Workspace, p.Channel.ID)
	switch c := code(err); {
	case c == unknownChannel || c == unknownGuild:
		return core.MessageRef{}, false, nil // posting will tell
	case c == missingAccess || c == missingPermission:
		return core.MessageRef{}, false, &core.MayNot{Err: err}
	case err != nil:
		return core.MessageRef{}, false, err
	}
	// Without Read Message History Discord shows an empty channel, not an error.
	if names := lacking(have, viewChannel|readMessageHistory); len(names) > 0 {
		if _, there := d.world.channel(p.Channel.ID); !there {
			return core.MessageRef{}, false, nil
		}
		return core.MessageRef{}, false, &core.MayNot{Right: strings.Join(names, " and "), Err: errors.New("a permission is missing")}
	}
	want := draw(p.Card)
	if p.Place == core.InForum {
		return d.findInForum(ctx, p, want)
	}
	if p.Place == core.InThread && p.Header.ID != "" {
		ref, found, err := d.findIn(ctx, p, p.Header.ID, want)
		if err == nil && found || err != nil && code(err) != unknownChannel {
			return ref, found, err
		}
	}
	ref, found, err := d.findIn(ctx, p, p.Channel.ID, want)
	if code(err) == unknownChannel {
		return core.MessageRef{}, false, nil
	}
	return ref, found, err
}

func (d *Discord) findIn(ctx context.Context, p core.Post, where string, want message) (core.MessageRef, bool, error) {
	after := d.oldest(p.Since)
	for range maxPages {
		var page []posted
		if err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages", args: []string{where},
			query: fmt.Sprintf("limit=%d&after=%s", pageSize, after), into: &page}); err != nil {
			return core.MessageRef{}, false, err
		}
		newest := after
		for _, m := range page {
			if m.is(want, d.self) {
				return core.MessageRef{Conversation: where, ID: m.ID}, true, nil
			}
			if newer(m.ID, newest) {
				newest = m.ID
			}
		}
		if len(page) < pageSize || newest == after {
			return core.MessageRef{}, false, nil
		}
		after = newest
	}
	return core.MessageRef{}, false, &core.MayNot{Err: errors.New("too much was said since then to read it all")}
}

// findInForum looks through the forum's open posts, of which the first message
// has the post's own id.
func (d *Discord) findInForum(ctx context.Context, p core.Post, want message) (core.MessageRef, bool, error) {
	var open struct {
		Threads []channel `json:"threads"`
	}
	if err := d.rest.call(ctx, request{method: "GET", route: "/guilds/{}/threads/active", args: []string{p.Channel.Workspace}, into: &open}); err != nil {
		return core.MessageRef{}, false, err
	}
	after, name := d.oldest(p.Since), postName(p.Card)
	for _, t := range open.Threads {
		if t.Parent != p.Channel.ID || t.Name != name || !newer(t.ID, after) {
			continue
		}
		var m posted
		err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages/{}", args: []string{t.ID, t.ID}, into: &m})
		if err != nil && code(err) != unknownMessage {
			return core.MessageRef{}, false, err
		}
		if m.is(want, d.self) {
			return core.MessageRef{Conversation: t.ID, ID: m.ID}, true, nil
		}
	}
	return core.MessageRef{}, false, nil
}

// discordEpoch is the millisecond from which ids count: the first of 2015.
const discordEpoch = 1420070400000

// oldest is the id where looking back may stop. Since is of the bot's calendar,
// which may have been shifted against Discord's.
func (d *Discord) oldest(since time.Time) string {
	if since.IsZero() {
		return "0"
	}
	if wall := time.Now().Add(-d.opt.Now().Sub(since)); wall.Before(since) {
		since = wall
	}
	return strconv.FormatInt(max(0, since.Add(-5*time.Minute).UnixMilli()-discordEpoch)<<22, 10)
}

// newer compares ids, which grow.
func newer(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// Edit changes a message. One that is gone, or in a locked thread, stays as it
// is; a thread that is archived only is opened for a moment.
func (d *Discord) Edit(ctx context.Context, p core.Post, ref core.MessageRef) error {
	m := draw(p.Card)
	err := d.edit(ctx, ref, m)
	if code(err) == threadArchived && d.archive(ctx, ref.Conversation, false) == nil {
		err = d.edit(ctx, ref, m)
		if err := d.archive(ctx, ref.Conversation, true); err != nil {
			d.log.Info("a thread stays open after an edit", "thread", ref.Conversation, "err", err)
		}
	}
	if code(err) == invalidForm && len(m.Embeds) > 0 {
		d.log.Error("discord does not show a message as it is meant; it becomes plain text", "channel", ref.Conversation, "key", p.Key, "err", err)
		err = d.edit(ctx, ref, m.withoutEmbeds())
	}
	switch status(err) {
	case http.StatusBadRequest, http.StatusNotFound: // it will never go
		d.log.Info("a message cannot be edited any more", "channel", ref.Conversation, "key", p.Key, "err", err)
		return nil
	}
	return err
}

func (d *Discord) edit(ctx context.Context, ref core.MessageRef, m message) error {
	return d.rest.call(ctx, request{method: "PATCH", route: "/channels/{}/messages/{}", args: []string{ref.Conversation, ref.ID}, body: m})
}

func (d *Discord) archive(ctx context.Context, thread string, archived bool) error {
	return d.rest.call(ctx, request{method: "PATCH", route: "/channels/{}", args: []string{thread}, body: map[string]bool{"archived": archived}})
}

// Reactions reads back who put what on a message, in the lane of its events. Our
// own do not count. It waits for the gateway, so that nothing that happens later
// is missed.
func (d *Discord) Reactions(ctx context.Context, ch core.ChannelKey, ref core.MessageRef, keep func([]core.Reaction) error) error {
	select {
	case <-d.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	have, err := d.may(ctx, ch.Workspace, ch.ID)
	if err == nil {
		if names := lacking(have, viewChannel|readMessageHistory); len(names) > 0 {
			return &core.MayNot{Right: strings.Join(names, " and "), Err: errors.New("a permission is missing")}
		}
		err = d.queue.Do(ctx, ref.ID, func() error {
			rs, err := d.reactions(ctx, ch, ref)
			if err != nil {
				return err
			}
			return keep(rs)
		})
	}
	switch {
	case status(err) == http.StatusNotFound:
		return nil
	case status(err) == http.StatusForbidden:
		return &core.MayNot{Err: err}
	}
	return err
}

func (d *Discord) reactions(ctx context.Context, ch core.ChannelKey, ref core.MessageRef) ([]core.Reaction, error) {
	var m posted
	if err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages/{}", args: []string{ref.Conversation, ref.ID}, into: &m}); err != nil {
		return nil, err
	}
	var out []core.Reaction
	for _, r := range m.Reactions {
		for _, kind := range []struct {
			burst bool
			n     int
		}{{false, r.Each.Normal}, {true, r.Each.Burst}} {
			if kind.n == 0 && (kind.burst || r.Each.Burst > 0) {
				continue
			}
			users, err := d.reacted(ctx, ref, r.Emoji, kind.burst)
			if err != nil {
				return nil, err
			}
			for _, u := range users {
				if u.ID != d.self && !u.Bot {
					out = append(out, core.Reaction{Channel: ch, Message: ref.ID, User: u.core(""), Emoji: r.Emoji.name(kind.burst), Added: true})
				}
			}
		}
	}
	return out, nil
}

func (d *Discord) reacted(ctx context.Context, ref core.MessageRef, e emoji, burst bool) (all []user, err error) {
	kind, after := "0", "0"
	if burst {
		kind = "1"
	}
	for {
		var page []user
		if err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages/{}/reactions/{}", args: []string{ref.Conversation, ref.ID, e.path()},
			query: fmt.Sprintf("limit=%d&type=%s&after=%s", pageSize, kind, after), into: &page}); err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < pageSize || !newer(page[len(page)-1].ID, after) {
			return all, nil
		}
		after = page[len(page)-1].ID
	}
}
