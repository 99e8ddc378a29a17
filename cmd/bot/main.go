// Command bot is Paperboy: it fetches new papers, matches them with the topics
// that channels follow, and posts them where a team talks.
//
// This package does nothing but wire: one file per verb, each of which reads
// its arguments, calls the room that does the work and says what came of it.
// Results go to stdout, everything else to stderr. The exit status is 0 when
// it was done, 1 when it failed, 2 when the command or the configuration was
// wrong; then the last line on stderr is a sentence with the way out.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // the zones, for machines that have none

	"github.com/alecthomas/kong"
	_ "golang.org/x/crypto/x509roots/fallback" // whom to trust, likewise
	"golang.org/x/term"

	"paperboy/core"
	"paperboy/core/text"
	"paperboy/core/topic"
	"paperboy/internal/config"
	"paperboy/internal/loglimit"
	"paperboy/store"
)

// commands is the grammar of the command line.
type commands struct {
	Config    string `default:"config.toml" placeholder:"FILE" help:"The configuration; missing means the defaults."`
	LogLevel  string `enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" help:"What is logged: debug, info, warn or error (default info; demo: warn)."`
	LogFormat string `enum:"text,json" default:"text" placeholder:"FORMAT" help:"How it is logged: text or json (default text)."`

	Demo       demoCommand         `cmd:"" help:"The whole bot behind a chat page, without any token."`
	Run        runCommand          `cmd:"" help:"Fetch, post and answer on every platform that has a token."`
	Doctor     doctorCommand       `cmd:"" help:"Check configuration, tokens, database, sources and clock."`
	Init       initCommand         `cmd:"" help:"Write a configuration: asks, or takes flags."`
	Manifest   manifestCommand     `cmd:"" help:"Print Slack's app, or the link that invites to Discord."`
	Search     searchCommand       `cmd:"" help:"Find papers, as in the chat."`
	Missed     missedCommand       `cmd:"" help:"Say where a paper fell out, and what would have brought it; check guards."`
	Fetch      fetchCommand        `cmd:"" help:"Ask the sources for papers, once or for past days."`
	Import     importCommand       `cmd:"" help:"Take papers from JSONL files, or what export config wrote, into the store."`
	Match      matchCommand        `cmd:"" help:"Match a list of topics with the stored papers."`
	Eval       evalCommand         `cmd:"" help:"Measure search and ranking on recorded papers, beside the usual ways."`
	Export     exportCommand       `cmd:"" help:"Write papers as BibTeX, RIS, CSL-JSON, CSV, JSON or Markdown, or what channels follow."`
	Backup     backupCommand       `cmd:"" help:"Copy the database while the bot runs."`
	Restore    restoreCommand      `cmd:"" help:"Put such a copy in the place of the database."`
	Migrate    migrateStoreCommand `cmd:"" name:"migrate-store" help:"Copy a SQLite database into an empty PostgreSQL database."`
	Bounce     bounceCommand       `cmd:"" help:"Read what a mail server reports about a mail, from stdin, and end that subscription."`
	Workspaces workspacesCommand   `cmd:"" help:"List, pause, resume or delete the workspaces of a bot that serves several."`
	MCP        mcpCommand          `cmd:"" name:"mcp" help:"Answer an assistant that speaks the Model Context Protocol, over standard input and output."`
	Version    versionCommand      `cmd:"" help:"Say which version this is."`
}

// app is what every command has at hand.
type app struct {
	ctx     context.Context
	in      io.Reader
	out     io.Writer // results
	err     io.Writer // logs, progress, complaints
	environ []string
	log     *slog.Logger
	file    string           // the configuration's
	config  config.Config    // its content
	wrong   error            // what is wrong with it; only a tolerant command sees one
	clock   func() time.Time // the playground's calendar; nil: the wall's
}

// tolerant is a command that has something to do though the configuration is
// wrong.
type tolerant interface{ tolerant() }

// errUsage is a complaint about how the command was called.
type errUsage string

func (e errUsage) Error() string { return string(e) }

func usage(format string, args ...any) error { return errUsage(fmt.Sprintf(format, args...)) }

// errSilent is a failure about which everything has been said.
var errSilent = errors.New("said already")

// garbage is how much memory may be filled anew, in percent of what is in use,
// before the collector runs; the environment's GOGC says otherwise. Mornings come
// once a day: that they cost some milliseconds more is noticed by nobody, and that
// the program sits on their memory all day would be.
const garbage = 50

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())
	stop()
	os.Exit(status)
}

// run is the whole program.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer, environ []string) int {
	if !fullText {
		fmt.Fprintln(errOut, "bot: this program was built without SQLite's full-text search; install gcc and build it with `make build`, or `CGO_ENABLED=1 go build -tags sqlite_fts5 ./cmd/bot`")
		return 1
	}
	a := &app{ctx: ctx, in: in, out: out, err: errOut, environ: environ, log: slog.New(slog.DiscardHandler)}
	if err := a.run(args); err != nil {
		return a.complain(err)
	}
	return 0
}

func (a *app) run(args []string) error {
	var c commands
	parser, err := kong.New(&c, kong.Name("bot"), kong.Writers(a.out, a.err),
		kong.Description("Paperboy posts new papers where a team talks. `bot demo` shows it without any token."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.Vars{"sources": "huggingface, arxiv or a feed's name"},
	)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		k, err := kong.Trace(parser, nil)
		if err == nil {
			err = k.PrintUsage(false)
		}
		return errors.Join(err, usage("say what to do, as `bot demo`"))
	}
	switch args[0] { // as other programs have it
	case "help":
		args = append(slices.Clone(args[1:]), "--help")
		if args[0] == "help" {
			args = args[1:]
		}
	case "--version":
		args = []string{"version"}
	}
	if err := known(parser, args); err != nil {
		return err
	}
	if err := typedAsInChat(parser, args); err != nil {
		return err
	}
	k, err := parser.Parse(maskWords(args))
	if err != nil {
		return misused(args, err)
	}

	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return err
	}
	if k.Command() == "demo" && !given(args, "--log-level") {
		level = slog.LevelWarn // who plays looks at the page
	}
	options := &slog.HandlerOptions{Level: level}
	var lines slog.Handler = slog.NewTextHandler(a.err, options)
	if c.LogFormat == "json" {
		lines = slog.NewJSONHandler(a.err, options)
	}
	a.log = slog.New(loglimit.New(lines))
	slog.SetDefault(a.log) // of what is given none: a store that is opened, libraries

	a.file = c.Config
	a.config, err = config.Load(c.Config, given(args, "--config"), a.environ)
	if _, ok := k.Selected().Target.Addr().Interface().(tolerant); err != nil && !ok {
		return err
	}
	a.wrong = err
	return k.Run(a)
}

// given reports whether a flag that takes a value is among the arguments.
func given(args []string, flag string) bool {
	return slices.ContainsFunc(args, func(arg string) bool { return arg == flag || strings.HasPrefix(arg, flag+"=") })
}

// known refuses a command that does not exist, with the nearest that does.
func known(parser *kong.Kong, args []string) error {
	var names []string
	for _, n := range parser.Model.Children {
		names = append(names, n.Name)
	}
	i := command(args)
	if i < 0 || slices.Contains(names, args[i]) {
		return nil
	}
	if near := config.Nearest(args[i], names); strings.HasPrefix(near, args[i]) || text.Distance(near, args[i]) <= 2 {
		return usage("there is no command %q; did you mean `bot %s`?", args[i], near)
	}
	return usage("there is no command %q; `bot --help` lists them, and `bot search %s` searches for papers", args[i], strings.Join(args[i:], " "))
}

// typedAsInChat refuses since:7d where the command has a flag --since. A search
// reads what it knows of these words itself, as the chat does.
func typedAsInChat(parser *kong.Kong, args []string) error {
	i := command(args)
	if i < 0 || args[i] == "search" {
		return nil
	}
	var flags []string
	for _, n := range parser.Model.Children {
		if n.Name == args[i] {
			for _, f := range n.Flags {
				flags = append(flags, f.Name)
			}
		}
	}
	for _, arg := range args[i+1:] {
		if _, found := modifiers(arg, flags...); len(found) > 0 && !strings.HasPrefix(arg, "-") {
			m := found[0]
			return usage("%s:%s is how the chat has it; on the command line write --%s %s", m.name, m.value, m.name, m.value)
		}
	}
	return nil
}

// command is the place of the command among the arguments, -1 if there is none.
func command(args []string) int {
	for i := 0; i < len(args); i++ {
		switch {
		case !strings.HasPrefix(args[i], "-"):
			return i
		case args[i] == "--config" || args[i] == "--log-level" || args[i] == "--log-format":
			i++ // its value
		}
	}
	return -1
}

var missing = regexp.MustCompile(`^(?:expected "(<[^"]*)"|missing flags: (.*)|expected one of (.*))`)

// misused says the parser's complaint as a sentence with the way out.
func misused(args []string, err error) error {
	call := "bot"
	if i := command(args); i >= 0 {
		call += " " + args[i]
	}
	complaint := strings.TrimSuffix(strings.ReplaceAll(err.Error(), mask, ""), "?")
	if flag, _, ok := strings.Cut(complaint, `: expected string value but got "EOL"`); ok {
		complaint = flag + " needs a value"
	}
	if m := missing.FindStringSubmatch(complaint); m != nil {
		complaint = fmt.Sprintf("`%s` needs %s", call, m[1]+m[2]+strings.ReplaceAll(m[3], `", "`, `" or "`))
	}
	return usage("%s; `%s --help` explains it", complaint, call)
}

// mask marks words of a query that begin with a minus, which would be taken
// for flags: -video excludes a word, --json is a flag. Nobody types it, and it
// can be printed.
const mask = "␀"

func maskWords(args []string) []string {
	i := command(args)
	if i < 0 || args[i] != "search" {
		return args
	}
	out := slices.Clone(args)
	for j := i + 1; j < len(out); j++ {
		if a := out[j]; len(a) > 1 && a[0] == '-' && a[1] != '-' && a != "-h" {
			out[j] = mask + a
		}
	}
	return out
}

// complain tells the person what went wrong and gives the exit status.
func (a *app) complain(err error) int {
	var wrong errUsage
	var configErrors config.Errors
	var personal *core.UserError
	var unreadable *topic.Error
	switch {
	case errors.Is(err, errSilent):
		return 1
	case errors.Is(err, errMisconfigured):
		return 2
	case errors.As(err, &configErrors):
		for _, e := range configErrors {
			fmt.Fprintf(a.err, "bot: %v\n", e)
		}
		return 2
	case errors.As(err, &wrong):
		fmt.Fprintf(a.err, "bot: %s\n", wrong)
		return 2
	case errors.As(err, &personal), errors.As(err, &unreadable):
		fmt.Fprintf(a.err, "bot: %v\n", err)
		return 2
	case a.ctx.Err() != nil: // whatever the work that was broken off calls it
		a.log.Debug("interrupted", "err", err)
		fmt.Fprintln(a.err, "bot: interrupted; what was done is kept, and the same command goes on from there")
		return 1
	}
	if errors.Is(err, core.ErrFull) {
		a.log.Error("the disk is full", "err", err)
		err = errors.New("the disk is full; free some space and type the same again, it goes on from there")
	}
	failures := []error{err}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		failures = several.Unwrap() // that have nothing to do with each other, as two sources' have
	}
	for _, err := range failures {
		fmt.Fprintf(a.err, "bot: %v\n", err)
	}
	return 1
}

// now is the bot's calendar.
func (a *app) now() time.Time {
	if a.clock != nil {
		return a.clock()
	}
	return time.Now().Add(a.config.ClockOffset)
}

// notBefore is a time on that calendar before which it cannot be right.
func (a *app) notBefore() time.Time { return builtAfter().Add(a.config.ClockOffset) }

// open opens the store. Commands that only read do not make one: an empty
// answer from a database that was not there a moment ago helps nobody.
func (a *app) open(mustExist bool) (*store.Store, error) {
	url := string(a.config.Store.URL)
	if mustExist && !strings.Contains(url, "://") {
		if _, err := os.Stat(url); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%w at %s yet; `bot fetch` or `bot import FILE` makes it, `--config FILE` names another", errNoDatabase, url)
		}
	}
	s, err := store.Open(a.ctx, url)
	if a.config.Store.URL.Server() {
		return s, err
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok || err != nil && strings.HasSuffix(err.Error(), "file is not a database") {
		if ok {
			err = fmt.Errorf("cannot open the database %s: %w", url, path.Err)
		}
		err = fmt.Errorf("%w; %s", err, writeDatabase)
	}
	return s, err
}

const writeDatabase = "set [store] url to a SQLite file that this user may write"

var errNoDatabase = errors.New("there is no database")

// channels are those that a --channel names: all when it does not.
func (a *app) channels(s *store.Store, name string) ([]core.Channel, error) {
	all, err := s.Channels(a.ctx)
	all = slices.DeleteFunc(all, func(ch core.Channel) bool { return ch.Follows != 0 }) // somebody's mail has what another one has
	if err != nil || name == "" {
		return all, err
	}
	want := strings.TrimPrefix(name, "#")
	found := slices.DeleteFunc(slices.Clone(all), func(ch core.Channel) bool {
		return !strings.EqualFold(strings.TrimPrefix(ch.Name, "#"), want) && ch.Key.ID != want && ch.Key.String() != name
	})
	var names []string
	for _, ch := range all {
		names = append(names, ch.Key.String())
	}
	switch {
	case len(found) == 0 && len(all) == 0:
		return nil, fmt.Errorf("no channel is known in %s yet", a.config.Store.URL)
	case len(found) == 0:
		return nil, usage("there is no channel %s; there are %s", name, strings.Join(names, ", "))
	case len(found) > 1:
		return nil, usage("several channels are called %s; name one of %s", name, strings.Join(names, ", "))
	}
	return found, nil
}

// terminal reports whether a person sees what is written to w as it comes.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
