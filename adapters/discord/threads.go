package discord

import (
	"context"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
)

// archiveAfter is when a thread is put away: a week, the longest that Discord
// has. In minutes.
const archiveAfter = 10080

// openThread opens the header's thread, unless it is there. there is false where
// no thread takes messages, so that they go to the channel.
func (d *Discord) openThread(ctx context.Context, p core.Post) (there bool, err error) {
	id := p.Header.ID
	d.mu.Lock()
	open, known := d.threads[id]
	d.mu.Unlock()
	if known {
		return open, nil
	}
	if _, known := d.guilds.channel(id); known {
		return true, nil
	}
	name := say.Shorten(say.OneLine(p.Thread), maxName)
	if strings.TrimSpace(name) == "" {
		name = "Papers"
	}
	err = d.rest.once(ctx, &request{method: "POST", route: "/channels/{}/messages/{}/threads", args: []string{p.Channel.ID, id},
		body: map[string]any{"name": name, "auto_archive_duration": archiveAfter}})
	switch c := code(err); {
	case c == unknownMessage, c == wrongChannelType, c == tooManyThreads:
		d.log.Warn("no thread can be opened there; its messages go to the channel", "channel", p.Channel.ID, "err", err)
		return false, nil
	case err != nil && c != threadExists:
		if !isCertain(err) {
			// Whether the thread is there shows at the next try; no message was sent.
			err = &core.Retry{After: troubleAgain, Err: err}
		}
		return false, d.lacks(ctx, p, viewChannel|createPublicThreads|sendMessagesInThreads|embedLinks, err)
	}
	d.noteThread(id, true)
	return true, nil
}

func (d *Discord) noteThread(id string, open bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.threads) > 10000 {
		clear(d.threads)
	}
	d.threads[id] = open
}

// closeThread notes that a thread takes no messages any more.
func (d *Discord) closeThread(id string) {
	d.guilds.lose(id)
	d.noteThread(id, false)
}

func (d *Discord) archive(ctx context.Context, thread string, archived bool) error {
	return d.rest.call(ctx, request{method: "PATCH", route: "/channels/{}", args: []string{thread}, body: map[string]bool{"archived": archived}})
}
