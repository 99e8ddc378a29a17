package discord

import (
	"context"
	"fmt"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/say"
)

const maxTags = 5 // of a forum's post

// IsForum tells forum channels from others.
func (d *Discord) IsForum(ctx context.Context, ch core.ChannelKey) (bool, error) {
	if ch.Workspace == "" {
		return false, nil // direct messages
	}
	c, err := d.look(ctx, ch.ID)
	return c.isForum(), err
}

// postInForum opens a forum's post with the message in it. Discord documents no
// nonce for that.
func (d *Discord) postInForum(ctx context.Context, p core.Post, m message) (core.MessageRef, error) {
	need := viewChannel | sendMessages | embedLinks
	c, err := d.look(ctx, p.Channel.ID)
	if err != nil && !isCertain(err) {
		err = &core.Retry{After: troubleAgain, Err: err} // nothing was sent yet
	}
	if err != nil {
		return core.MessageRef{}, d.lacks(ctx, p, need, err)
	}
	if !c.isForum() {
		return core.MessageRef{}, refusedNoForum
	}
	tags, ok := tagsFor(c, p)
	if !ok {
		return core.MessageRef{}, refusedTags
	}
	for {
		var got sent
		err := d.rest.once(ctx, &request{method: "POST", route: "/channels/{}/threads", args: []string{p.Channel.ID}, into: &got,
			body: map[string]any{"name": postName(p.Card), "auto_archive_duration": archiveAfter, "applied_tags": tags, "message": m}})
		switch {
		case err == nil && got.Message != nil && got.ID != "":
			ref := core.MessageRef{Conversation: got.ID, ID: got.Message.ID}
			d.complete(ctx, ref, m, *got.Message)
			return ref, nil
		case err == nil && got.ID != "":
			return core.MessageRef{Conversation: got.ID, ID: got.ID}, nil // the first message has its thread's id
		case err == nil:
			return core.MessageRef{}, errNothingSaid
		case code(err) == invalidForm && len(m.Embeds) > 0:
			d.log.Error("discord does not show a message as it is meant; it is sent as plain text", "channel", p.Channel.ID, "key", p.Key, "err", err)
			m = m.withoutEmbeds().as(m)
			d.guilds.lose(c.ID) // its tags may have changed
			if c, err := d.look(ctx, p.Channel.ID); err == nil {
				tags, _ = tagsFor(c, p)
			}
		default:
			if code(err) == tagRequired {
				d.guilds.lose(c.ID)
			}
			return core.MessageRef{}, d.lacks(ctx, p, need, err)
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

// findInForum looks through our posts in the forum: the open ones, and of those
// that were archived the ones that began since. People may rename them, so that
// it is the first message that tells; it has the post's own id.
func (d *Discord) findInForum(ctx context.Context, p core.Post, want message) (core.MessageRef, bool, error) {
	oldest := d.oldest(p.Since)
	var open struct {
		Threads []channel `json:"threads"`
	}
	if err := d.rest.call(ctx, request{method: "GET", route: "/guilds/{}/threads/active", args: []string{p.Channel.Workspace}, into: &open}); err != nil {
		return core.MessageRef{}, false, err
	}
	ref, found, err := d.findAmong(ctx, p, open.Threads, oldest, want)
	before := ""
	for range maxPages {
		if found || err != nil {
			return ref, found, err
		}
		var page struct {
			Threads []channel `json:"threads"` // the last to be archived first
			More    bool      `json:"has_more"`
		}
		if err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/threads/archived/public", args: []string{p.Channel.ID},
			query: fmt.Sprintf("limit=%d%s", pageSize, before), into: &page}); err != nil {
			return core.MessageRef{}, false, err
		}
		ref, found, err = d.findAmong(ctx, p, page.Threads, oldest, want)
		if found || err != nil || !page.More || len(page.Threads) == 0 {
			return ref, found, err
		}
		last := page.Threads[len(page.Threads)-1].Metadata.Since
		if !newer(idAt(last), oldest) {
			return core.MessageRef{}, false, nil // what follows was archived before the post was begun
		}
		before = "&before=" + last.UTC().Format(time.RFC3339Nano)
	}
	return core.MessageRef{}, false, errTooMuch
}

func (d *Discord) findAmong(ctx context.Context, p core.Post, posts []channel, oldest string, want message) (core.MessageRef, bool, error) {
	for _, t := range posts {
		if t.Parent != p.Channel.ID || t.Owner != d.self || !newer(t.ID, oldest) {
			continue
		}
		var m posted
		err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages/{}", args: []string{t.ID, t.ID}, into: &m})
		if err != nil && !core.Is[*core.Gone](err) {
			return core.MessageRef{}, false, err
		}
		if err == nil && m.is(want, d.self) {
			return core.MessageRef{Conversation: t.ID, ID: m.ID}, true, nil
		}
	}
	return core.MessageRef{}, false, nil
}
