package main

import (
	"errors"
	"io"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"paperboy/adapters/mcp"
	"paperboy/core"
	"paperboy/core/breaker"
	"paperboy/core/query"
	"paperboy/core/votes"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

type mcpCommand struct {
	Channel string `placeholder:"NAME" help:"Only this channel: its name, or platform/workspace/id."`
	As      string `placeholder:"PERSON" help:"Whom the assistant may save and vote for, as slack:T012/U345 or discord:678; without it, it only reads."`
}

func (mcpCommand) Help() string {
	return `A program that speaks the Model Context Protocol starts this and asks it over its standard
input and output. docs/assistants.md has the lines for its configuration.

Examples:
  bot mcp                                    everything that is stored; questions about a channel name it
  bot mcp --channel ml                       one channel, and nothing of others
  bot mcp --channel ml --as slack:T012/U345  which may save and vote for that person`
}

func (c *mcpCommand) Run(a *app) error {
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	o := a.assistants(s)
	if c.Channel != "" {
		channels, err := a.channels(s, c.Channel)
		if err != nil {
			return err
		}
		o.Channel = channels[0].ID
	}
	if c.As != "" {
		if o.As, err = c.person(a, s); err != nil {
			return err
		}
	}
	// Only the protocol goes to stdout: the log goes to stderr.
	err = mcp.New(o).Run(a.ctx, &sdk.IOTransport{Reader: io.NopCloser(a.in), Writer: unclosed{a.out}})
	if errors.Is(err, io.EOF) || a.ctx.Err() != nil { // who asked is gone, or we are told to stop
		return nil
	}
	return err
}

// assistants is what assistants are answered from.
func (a *app) assistants(s core.Store) mcp.Options {
	return mcp.Options{Store: s, Query: &query.Reader{Store: s, Now: a.now, Embedder: a.embedder()}, Version: version(), Log: a.log}
}

// person is whom --as names: somebody of a platform whose channels are known.
func (c *mcpCommand) person(a *app, s *store.Store) (*mcp.Person, error) {
	all, err := s.Channels(a.ctx)
	if err != nil {
		return nil, err
	}
	platform, rest, _ := strings.Cut(c.As, ":")
	known := false
	for _, ch := range all {
		workspace, _, named := strings.Cut(rest, "/")
		known = known || rest != "" && ch.Key.Platform == platform && (!named || ch.Key.Workspace == workspace)
	}
	if !known {
		return nil, usage("--as %s is nobody of a workspace or server that is known here; write it as slack:T012/U345 (team and member) or discord:678 (user)", c.As)
	}
	voter := votes.New(votes.Options{Store: s, Connections: core.NewConnections(a.log), Clock: wallclock.New(a.now), Log: a.log, Breaker: breaker.New(nil, nil, a.log)})
	return &mcp.Person{User: core.User{Key: c.As}, List: s, Voter: voter}, nil
}

// unclosed is a stream that others close.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
