package discord

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// sent is what a create answers.
type sent struct {
	ID      string  `json:"id"`
	Embeds  []embed `json:"embeds"`
	Message *sent   `json:"message"` // of a forum's post
}

var errNothingSaid = errors.New("the answer says neither what was posted nor why not")

// Post sends a message once, in its turn.
func (d *Discord) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	m := d.draw(p.Channel.Workspace, p.Card)
	if p.Silent {
		m.Flags |= flagSilent
	}
	if p.Plain {
		m = m.withoutEmbeds().as(m)
	}
	// Discord does not refuse an embed that may not be there: it drops it, and
	// says nothing. So a header does not go before papers that could not follow.
	if have, ok := d.guilds.may(p.Channel.Workspace, p.Channel.ID, d.self); ok && !p.Plain && have&viewChannel != 0 && have&embedLinks == 0 {
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
		seed := func(ctx context.Context) { d.seed(ctx, ref) }
		if !d.queue.Put("seeds", seed) { // under one key: they wait for each other anyway
			kit.Briefly(ctx, seed) // a message that was on its way at the stop
		}
	}
	return ref, err
}

func (d *Discord) post(ctx context.Context, p core.Post, m message) (core.MessageRef, error) {
	inChannel := viewChannel | sendMessages | embedLinks
	where, need := p.Channel.ID, inChannel
	if p.Place == core.InThread && p.Header.ID != "" && !p.Plain {
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
		err := d.rest.once(ctx, &request{method: "POST", route: "/channels/{}/messages", args: []string{where}, body: m, into: &got})
		switch {
		case err == nil && got.ID != "":
			ref := core.MessageRef{Conversation: where, ID: got.ID}
			d.complete(ctx, ref, m, got)
			return ref, nil
		case err == nil:
			return core.MessageRef{}, errNothingSaid
		case code(err) == invalidForm && len(m.Embeds) > 0:
			d.log.Error("discord does not show a message as it is meant; it is sent as plain text", "channel", where, "key", p.Key, "err", err)
			m = m.withoutEmbeds().as(m)
		case where != p.Channel.ID && (code(err) == unknownChannel || isLocked(err)):
			d.log.Warn("the thread is gone or locked; its message goes to the channel", "channel", p.Channel.ID, "key", p.Key, "err", err)
			d.closeThread(where)
			where, need = p.Channel.ID, inChannel
		default:
			return core.MessageRef{}, d.lacks(ctx, p, need, err)
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

// lacks puts the names of the permissions into a refusal for the lack of one.
// need is what the post would have had to be allowed.
func (d *Discord) lacks(ctx context.Context, p core.Post, need perm, err error) error {
	if refused, ok := errors.AsType[*core.Refused](err); ok && code(err) == missingPermission {
		return &core.Refused{Reason: d.missing(ctx, p, need), Err: refused.Err}
	}
	return err
}

// missing names the permission that a post lacked, without asking Discord again:
// the gateway says when somebody changes one, maybe a moment later.
func (d *Discord) missing(ctx context.Context, p core.Post, need perm) string {
	for range 5 {
		if have, ok := d.guilds.may(p.Channel.Workspace, p.Channel.ID, d.self); ok {
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
