// Package mcp answers assistants: programs that speak the Model Context Protocol,
// by which a model in somebody's editor or chat asks others.
//
//	mcp.go     the server, and whose questions it answers
//	tools.go   the tools that read: search, paper, digest, top, seen_before, why, missed
//	write.go   the tools that change something: save, vote
//	answer.go  what an answer looks like: fences, and how long it may be
//	http.go    /mcp: keys, origins, sizes
//
// In: calls of tools. Out: text for the model and the same as data for a program.
// It asks core/query, as everything does that shows papers.
//
// Promises: reading changes nothing, because a Store here cannot; whoever answers
// for one channel answers about no other, however it is asked; an answer that was
// not asked to be longer is at most 2,000 tokens; strangers' words stand in lines of
// their own, which no text can end; what goes wrong is one sentence with the way
// out, and what the operator has to know stands in the log.
package mcp

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/topic"
)

// Store is what is read beside what core/query reads. It has no method that writes.
type Store interface {
	query.Store
	Paper(ctx context.Context, id core.PaperID) (core.Paper, error)
	ChannelByID(ctx context.Context, id int64) (core.Channel, error)
	Channels(ctx context.Context) ([]core.Channel, error)
}

// Options are what a server is made of.
type Options struct {
	Store   Store
	Query   *query.Reader // its clock is the bot's calendar
	Version string        // of the program
	Log     *slog.Logger
	Channel int64   // the only one that is spoken of; 0: the whole store, and each question names its channel
	As      *Person // nil: nobody, and nothing can be changed
}

// desk answers the tools of one server.
type desk struct {
	Options
	now func() time.Time
}

// instructions tell a model how answers are to be read.
const instructions = `Paperboy brings new research papers to a group's channel. Ask it what the group got, voted for, or could read.
Papers are named by arXiv ids such as 2509.24002 (their page: https://arxiv.org/abs/ID) or by feed:….
In a line of facts ▲ is upvotes on Hugging Face, "votes here" are the group's own; what is unknown is left out. Days are YYYY-MM-DD.
` + notice + `
Answers are short. "limit" and "offset" give more of a list, abstract:"full" gives whole abstracts.`

// New makes a server. It can serve any number of sessions.
func New(o Options) *sdk.Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &desk{Options: o, now: o.Query.Now}
	s := sdk.NewServer(&sdk.Implementation{Name: "paperboy", Title: "Paperboy", Version: o.Version}, &sdk.ServerOptions{
		Instructions: instructions,
		Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}}, // which never change
		SchemaCache:  schemas,
	})
	s.AddReceivingMiddleware(unfit)
	d.reads(s)
	if o.As != nil {
		d.writes(s)
	}
	return s
}

// unfit says it as a sentence with the way out when what a tool was given does not
// fit: what comes of the schema says only what is wrong.
func unfit(next sdk.MethodHandler) sdk.MethodHandler {
	return func(ctx context.Context, method string, req sdk.Request) (sdk.Result, error) {
		res, err := next(ctx, method, req)
		called, ok := res.(*sdk.CallToolResult)
		if !ok || err != nil || !called.IsError {
			return res, err
		}
		for _, c := range called.Content {
			t, ok := c.(*sdk.TextContent)
			if why, found := "", false; ok {
				if why, found = strings.CutPrefix(t.Text, `validating "arguments": `); found {
					t.Text = "These arguments do not fit (" + strings.TrimPrefix(why, "validating root: ") + "). The tool's input schema says which it takes."
				}
			}
		}
		return res, err
	}
}

// A server is made for each request of HTTP, so what is known of the tools' types is
// kept: schemas by type, inputs by tool and whether it names a channel.
var (
	schemas = sdk.NewSchemaCache()
	inputs  sync.Map
)

// add adds a tool. enums are what its options may be, by name.
func add[In, Out any](d *desk, s *sdk.Server, t sdk.Tool, enums map[string][]any, answer func(context.Context, In) (string, Out, error)) {
	key := fmt.Sprintf("%s %t", t.Name, d.Channel != 0)
	in, known := inputs.Load(key)
	if !known {
		schema, err := jsonschema.For[In](nil)
		if err != nil {
			panic(err) // it is part of the program
		}
		for name, values := range enums {
			schema.Properties[name].Enum = values
		}
		if d.Channel != 0 {
			delete(schema.Properties, "channel")
		}
		in, _ = inputs.LoadOrStore(key, schema)
	}
	t.InputSchema = in
	sdk.AddTool(s, &t, func(ctx context.Context, _ *sdk.CallToolRequest, in In) (*sdk.CallToolResult, Out, error) {
		text, out, err := answer(ctx, in)
		if err != nil {
			return nil, out, d.trouble(ctx, t.Name, err)
		}
		return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: text}}}, out, nil
	})
}

// trouble is an error as the model reads it: a sentence with the way out, or a
// reference to what the log says.
func (d *desk) trouble(ctx context.Context, tool string, err error) error {
	if e, ok := errors.AsType[*core.UserError](err); ok {
		return errors.New(e.Error())
	}
	if e, ok := errors.AsType[*topic.Error](err); ok {
		return errors.New(e.Error())
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	ref := make([]byte, 2)
	rand.Read(ref)
	d.Log.Error("a tool failed", "tool", tool, "ref", hex.EncodeToString(ref), "channel", d.Channel, "err", err)
	return fmt.Errorf("that failed on my side (ref %x), and nothing was changed; whoever runs me finds the reference in the log", ref)
}

// channel is the one that a question is about: the only one there is to speak of,
// or the one that is named.
func (d *desk) channel(ctx context.Context, named string) (core.Channel, error) {
	if d.Channel != 0 {
		ch, err := d.Store.ChannelByID(ctx, d.Channel)
		if errors.Is(err, core.ErrNotFound) || err == nil && !ch.Gone.IsZero() {
			return ch, core.Userf("E-NOTFOUND", "The channel of this key is gone. In another one `/papers link assistant` gives a key.")
		}
		return ch, err
	}
	all, err := d.Store.Channels(ctx)
	if err != nil {
		return core.Channel{}, err
	}
	all = slices.DeleteFunc(all, func(ch core.Channel) bool { return ch.Follows != 0 }) // somebody's mail is nobody else's
	var found []core.Channel
	var names []string
	for _, ch := range all {
		if bare := strings.TrimPrefix(named, "#"); named == "" || strings.EqualFold(strings.TrimPrefix(ch.Name, "#"), bare) || ch.Key.ID == bare || ch.Key.String() == named {
			found = append(found, ch)
		}
		names = append(names, strings.TrimSpace(ch.Key.String()+" "+ch.Name))
	}
	switch {
	case len(all) == 0:
		return core.Channel{}, core.Userf("E-NOTFOUND", "No channel follows anything yet. `search` and `paper` need none.")
	case len(found) == 1:
		return found[0], nil
	case len(names) > 20:
		names = append(names[:20], "…")
	}
	return core.Channel{}, core.Userf("E-NOTFOUND", "Say which channel: write one of %s as `channel`.", strings.Join(names, ", "))
}
