package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// The types of commands and options (interactions/application-commands.mdx).
const (
	chatCommand    = 1
	messageCommand = 3

	optionVerb    = 1 // a subcommand
	optionGroup   = 2 // of subcommands
	optionString  = 3
	optionInteger = 4
	optionBoolean = 5
	optionFile    = 11
)

// command is one as Discord keeps it. Contexts are where it can be used (0
// servers, 1 direct messages); a server's own commands have none.
type command struct {
	ID           string   `json:"id,omitempty"` // Discord's
	Name         string   `json:"name"`
	Type         int      `json:"type"`
	Description  string   `json:"description,omitempty"`
	Options      []option `json:"options,omitempty"`
	Contexts     []int    `json:"contexts,omitempty"`
	Integrations []int    `json:"integration_types,omitempty"`
}

type option struct {
	Type        int      `json:"type"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Required    bool     `json:"required,omitempty"`
	Options     []option `json:"options,omitempty"`
	Choices     []choice `json:"choices,omitempty"`
	Completes   bool     `json:"autocomplete,omitempty"`
	Min         *int     `json:"min_value,omitempty"`
	Max         *int     `json:"max_value,omitempty"`
}

type choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// menu are the commands in a message's menu, and their verbs.
var menu = []struct{ name, verb string }{{"Similar", "similar"}, {"Save", "save"}, {"Why", "why"}}

// tree is every command, out of chat's table of verbs. Its name is fixed:
// Discord has no free text after a command, so that the bare one cannot be.
func tree(global bool) []command {
	papers := command{Name: "papers", Type: chatCommand, Description: "New papers for this channel: search, follow topics, votes"}
	more := option{Type: optionGroup, Name: verbs.More, Description: "what is asked for now and then"}
	for _, v := range verbs.Table {
		if v.Rare {
			more.Options = append(more.Options, verbOf(v))
		} else {
			papers.Options = append(papers.Options, verbOf(v))
		}
	}
	papers.Options = append(papers.Options, more)
	all := []command{papers}
	for _, m := range menu {
		all = append(all, command{Name: m.name, Type: messageCommand})
	}
	if global {
		for i := range all {
			all[i].Contexts, all[i].Integrations = []int{0}, []int{0}
		}
		all[0].Contexts = []int{0, 1} // saved, export and search also in direct messages
	}
	return all
}

func verbOf(v verbs.Verb) option {
	o := option{Type: optionVerb, Name: v.Name, Description: say.Shorten(v.Summary, 100)}
	for _, vo := range v.Options {
		o.Options = append(o.Options, optionOf(vo))
	}
	slices.SortStableFunc(o.Options, func(a, b option) int { // Discord wants the required ones first
		switch {
		case a.Required == b.Required:
			return 0
		case a.Required:
			return -1
		}
		return 1
	})
	return o
}

func optionOf(vo verbs.Option) option {
	o := option{Name: vo.Name, Description: say.Shorten(vo.Summary, 100), Required: vo.Required, Type: optionString}
	switch vo.Kind {
	case verbs.Number:
		o.Type, o.Min, o.Max = optionInteger, &vo.Min, &vo.Max
	case verbs.YesNo:
		o.Type = optionBoolean
	case verbs.File:
		o.Type = optionFile
	case verbs.Choose:
		for _, c := range vo.Choices {
			o.Choices = append(o.Choices, choice{c, c})
		}
	default:
		o.Completes = vo.Complete || len(vo.Choices) > 0 // suggestions; anything else is as good
	}
	return o
}

// same compares commands as we write them, whatever else Discord keeps with them.
func same(a, b []command) bool {
	order := func(cs []command) []command {
		cs = slices.Clone(cs)
		slices.SortFunc(cs, func(a, b command) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
		})
		return cs
	}
	a, b = order(a), order(b)
	for i := range b {
		b[i].ID = ""
	}
	for i := range a {
		if i < len(b) && len(a[i].Contexts) == 0 { // a server's own: Discord may fill these in
			b[i].Contexts, b[i].Integrations = nil, nil
		}
	}
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// commandsOf is a request about the commands of a guild, or the global ones.
func commandsOf(app, guild string) request {
	if guild == "" {
		return request{route: "/applications/{}/commands", args: []string{app}}
	}
	return request{route: "/applications/{}/guilds/{}/commands", args: []string{app, guild}}
}

func (d *Discord) getCommands(ctx context.Context, app, guild string) (have []command, err error) {
	r := commandsOf(app, guild)
	r.method, r.into = "GET", &have
	err = d.rest.call(ctx, r)
	return have, err
}

// putCommands brings the commands of a guild, or the global ones, to what they should be;
// nothing is written when they are that already, since a day has only so many
// creates.
func (d *Discord) putCommands(ctx context.Context, app, guild string, want []command) error {
	have, err := d.getCommands(ctx, app, guild)
	if err == nil {
		d.keepID(guild, have)
	}
	if err != nil || same(want, have) {
		return err
	}
	if want == nil {
		want = []command{}
	}
	r := commandsOf(app, guild)
	r.method, r.body, r.into = "PUT", want, &have
	if err := d.rest.call(ctx, r); err != nil {
		return err
	}
	d.keepID(guild, have)
	d.log.Info("discord: commands registered", "guild", guild, "commands", len(want))
	return nil
}

// keepID remembers the id of /papers in a guild, or of the one that is everywhere:
// with it a command that is named in a text can be tapped.
func (d *Discord) keepID(guild string, all []command) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.papers, guild)
	for _, c := range all {
		if c.Name == "papers" && c.Type == chatCommand {
			d.papers[guild] = c.ID
		}
	}
}

// draw draws a card for those who read it in a guild.
func (d *Discord) draw(guild string, c core.Card) message {
	return d.drawer(guild).message(c)
}

func (d *Discord) drawer(guild string) drawer {
	d.mu.Lock()
	defer d.mu.Unlock()
	return drawer{cmp.Or(d.papers[guild], d.papers[""])}
}

// keepCommands registers the commands where they belong and takes them away
// where they do not, until the context ends: at the start, and when a guild
// comes.
func (d *Discord) keepCommands(ctx context.Context) {
	for try := 0; ; try++ {
		err := d.mainCommands(ctx)
		if ctx.Err() != nil || core.Is[*core.Unauthorised](err) {
			return
		}
		d.setCommands(err)
		if err == nil {
			break
		}
		d.log.Error("discord: the commands are not registered", "err", err)
		again := d.backoff(try)
		if s := status(err); s >= 400 && s < 429 {
			again = 15 * time.Minute // somebody has to mend it first
		}
		d.pauseUntilHome(ctx, again)
	}
	for try := 0; ctx.Err() == nil; {
		if !d.sweep(ctx) {
			_ = kit.Sleep(ctx, d.backoff(try))
			try++
			continue
		}
		try = 0
		select {
		case <-ctx.Done():
		case <-d.home:
		}
	}
}

// pauseUntilHome waits so long, or until we came into a server whose commands
// are still missing. Others that come do not let us try, and fail, again.
func (d *Discord) pauseUntilHome(ctx context.Context, long time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	was := d.guilds.all()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.home:
		}
		for _, g := range d.guilds.all() {
			if slices.Contains(d.opt.GuildIDs, g) && !slices.Contains(was, g) && !d.isRegistered(g) {
				return
			}
		}
	}
}

func (d *Discord) isRegistered(guild string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.registered[guild]
}

func (d *Discord) register(guild string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.registered[guild] = true
}

// mainCommands registers the commands that people are waiting for.
func (d *Discord) mainCommands(ctx context.Context) error {
	app, err := d.application(ctx)
	if err != nil {
		return err
	}
	if len(d.opt.GuildIDs) == 0 {
		if err := d.putCommands(ctx, app, "", tree(true)); err != nil {
			return fmt.Errorf("the commands cannot be registered: %w", err)
		}
		return nil
	}
	var errs []error
	for _, g := range d.opt.GuildIDs {
		if d.isRegistered(g) {
			continue
		}
		if err := d.putCommands(ctx, app, g, tree(false)); err != nil {
			errs = append(errs, fmt.Errorf("the commands cannot be registered in the server %s (is the bot in it?): %w", g, err))
			continue
		}
		d.register(g)
	}
	if err := d.putCommands(ctx, app, "", nil); err != nil {
		errs = append(errs, fmt.Errorf("the global commands cannot be taken away: %w", err))
	}
	return errors.Join(errs...)
}

// Whether a server has commands of its own left, from a configuration of before, is
// asked of so many at once, and of further ones at this pace.
const (
	sweepAtOnce = 100
	sweepPause  = time.Second
)

// sweep looks after the commands of the guilds that came. It says whether all
// are as they should be.
func (d *Discord) sweep(ctx context.Context) bool {
	app, err := d.application(ctx)
	if err != nil {
		return false
	}
	ok, asked := true, 0
	for _, g := range d.guilds.all() {
		if d.isRegistered(g) {
			continue
		}
		if asked++; asked > sweepAtOnce { // nobody waits for it, and posts need the requests
			_ = kit.Sleep(ctx, sweepPause)
		}
		if ctx.Err() != nil {
			break
		}
		var want []command
		if slices.Contains(d.opt.GuildIDs, g) {
			want = tree(false)
		}
		switch err := d.putCommands(ctx, app, g, want); {
		case err == nil, code(err) == missingAccess, code(err) == unknownGuild:
			d.register(g)
		default:
			d.log.Warn("discord: a server's commands are not as they should be", "guild", g, "err", err)
			ok = false
		}
	}
	return ok
}

// needCommands asks for a guild's commands to be looked after. Who is looking
// after them already looks at all guilds.
func (d *Discord) needCommands() {
	select {
	case d.home <- struct{}{}:
	default:
	}
}

// application is our application's id, which Discord is asked for when nobody
// else has said it.
func (d *Discord) application(ctx context.Context) (string, error) {
	d.mu.Lock()
	app := d.app
	d.mu.Unlock()
	if app != "" {
		return app, nil
	}
	var a struct {
		ID string `json:"id"`
	}
	if err := d.rest.call(ctx, request{method: "GET", route: "/applications/@me", into: &a}); err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.app = a.ID
	return a.ID, nil
}
