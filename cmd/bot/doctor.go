package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"paperboy/adapters/discord"
	"paperboy/adapters/kit"
	"paperboy/adapters/slack"
	"paperboy/core"
	"paperboy/core/query"
	"paperboy/internal/config"
	"paperboy/internal/polite"
	"paperboy/store"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"A list of objects: check, state (ok, off, warning, failed), detail, fix."`
}

func (doctorCommand) Help() string {
	return `Asks each source for one page. Exit 1 when something failed, 2 when the configuration is wrong; a warning, as that
a source does not answer, is no failure: ` + "`bot doctor && bot run`" + ` starts.`
}

// tolerant: that the configuration is wrong is a finding.
func (*doctorCommand) tolerant() {}

// doctorPatience is how long a source may take to answer. arXiv's turn may
// have to be waited for, when another process has just asked.
const doctorPatience = 15 * time.Second

// clockTolerance is how far the clock may be off: Slack refuses what is signed
// more than five minutes ago.
const clockTolerance = 2 * time.Minute

func (c *doctorCommand) Run(a *app) error {
	findings := c.configuration(a)
	if a.wrong == nil {
		findings = append(findings, c.tokens(a)...)
		findings = append(findings, c.mailServer(a)...)
		findings = append(findings, c.memory(a)...)
		findings = append(findings, c.meaning(a)...)
	}
	if c.JSON {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(findings); err != nil {
			return err
		}
	} else if err := table(a, findings); err != nil {
		return err
	}
	switch {
	case a.wrong != nil:
		return errMisconfigured
	case slices.ContainsFunc(findings, func(f kit.Finding) bool { return f.State == kit.StateFailed }):
		return errSilent
	}
	return nil
}

func table(a *app, findings []kit.Finding) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Check, f.State, printable(f.Detail))
		if f.Fix != "" {
			fmt.Fprintf(w, "\t\t→ %s\n", f.Fix)
		}
	}
	return w.Flush()
}

func (c *doctorCommand) configuration(a *app) []kit.Finding {
	if a.wrong == nil {
		detail := a.file
		if _, err := os.Stat(a.file); err != nil {
			detail = "the defaults; there is no " + a.file
		}
		out := []kit.Finding{kit.OK("configuration", detail)}
		if told := a.readable(); told != "" {
			out = append(out, kit.Warning("secrets", told, "chmod 600 "+a.file+", and change the secrets if somebody may have read them"))
		}
		return out
	}
	var wrong config.Errors
	if !errors.As(a.wrong, &wrong) {
		return []kit.Finding{kit.Failed("configuration", a.wrong.Error(), "")}
	}
	var out []kit.Finding
	for _, e := range wrong {
		what, fix, _ := strings.Cut(e.Msg, "; ")
		out = append(out, kit.Failed("configuration", e.Where+": "+what, fix))
	}
	return out
}

// tokens says which platforms are on.
func (c *doctorCommand) tokens(a *app) []kit.Finding {
	on := a.config.Platforms()
	var out []kit.Finding
	for _, p := range []struct {
		name, key string
		examine   func(*app) []kit.Finding
	}{{slack.Name, "PAPERBOY_SLACK_BOT_TOKEN", c.examineSlack}, {discord.Name, "PAPERBOY_DISCORD_TOKEN", c.examineDiscord}} {
		if slices.Contains(on, p.name) {
			out = append(out, p.examine(a)...)
			continue
		}
		f := kit.Off(p.name, "no token", "")
		if len(on) == 0 {
			f.Fix = "set " + p.key + ", or `bot init` asks for it; `bot demo` needs none"
		}
		out = append(out, f)
	}
	return append(out, c.examineFollowed(a)...)
}

// memory looks at the database, and through its notes at the sources.
func (c *doctorCommand) memory(a *app) []kit.Finding {
	s, err := a.open(true)
	if errors.Is(err, errNoDatabase) {
		f := kit.OK("database", fmt.Sprintf("%s is not there yet; the first start makes it", a.config.Store.URL))
		if err := writable(filepath.Dir(string(a.config.Store.URL))); err != nil {
			f = kit.Failed("database", err.Error(), "set [store] url to a file in a folder that is there and that this user may write to")
		}
		return append([]kit.Finding{f}, c.sources(a, nil)...)
	}
	if err != nil && a.config.Store.URL.Server() {
		what, fix, _ := strings.Cut(err.Error(), "; ")
		return append([]kit.Finding{kit.Failed("database", what, fix)}, c.sources(a, nil)...)
	}
	if err != nil {
		what, fix, ok := strings.Cut(err.Error(), "; ")
		if !ok && !strings.Contains(what, ": use the version") { // which is a way out already
			fix = restoreCopy + ", or set [store] url to another file"
		}
		return append([]kit.Finding{kit.Failed("database", what, fix)}, c.sources(a, nil)...)
	}
	defer s.Close()
	return slices.Concat([]kit.Finding{c.database(a, s)}, c.databaseClock(a, s), c.guards(a, s), c.sources(a, s))
}

// guards says whether all guards hold, where there are any.
func (c *doctorCommand) guards(a *app, s *store.Store) []kit.Finding {
	channels, err := s.Channels(a.ctx)
	if err != nil {
		return nil // the database's finding says so
	}
	held, broken, err := guards(a, &query.Reader{Store: s, Now: a.now}, channels)
	switch {
	case err != nil || held+len(broken) == 0:
		return nil
	case len(broken) > 0:
		return []kit.Finding{kit.Warning("guards", fmt.Sprintf("%d of %s broken: a topic would miss a paper again that was missed once", len(broken), count(held+len(broken), "guard")), "`bot missed --guards` names them")}
	}
	return []kit.Finding{kit.OK("guards", count(held, "guard"))}
}

const restoreCopy = "`bot restore FILE` puts a copy that `bot backup` made in its place"

// database looks at every page of the database, and writes: that proves more than
// that it is there. It is ours to write and the disk has room for a day's papers.
func (c *doctorCommand) database(a *app, s *store.Store) kit.Finding {
	damaged, write := restoreCopy, "make room on the disk, or let this user write the file"
	if a.config.Store.URL.Server() {
		damaged, write = "look at the server's log", "make room on the server's disk, or let this user write"
	}
	if err := s.Check(a.ctx); err != nil {
		return kit.Failed("database", fmt.Sprintf("%s: %v", a.config.Store.URL, err), damaged)
	}
	n, err := s.CountPapers(a.ctx)
	if err != nil {
		return kit.Failed("database", err.Error(), damaged)
	}
	if err = s.SetNote(a.ctx, "doctor", strings.Repeat(" ", 1<<20)); err == nil {
		err = s.SetNote(a.ctx, "doctor", a.now().UTC().Format(time.RFC3339))
	}
	switch {
	case errors.Is(err, core.ErrBusy):
		return kit.Warning("database", "another process has been writing to it for a while", "look again when that is done; reading works meanwhile")
	case err != nil:
		return kit.Failed("database", err.Error(), write)
	}
	return kit.OK("database", fmt.Sprintf("%s, %s", a.config.Store.URL, count(n, "paper")))
}

// databaseClock holds a server's clock, by which it is known which process lives, against
// this machine's.
func (c *doctorCommand) databaseClock(a *app, s *store.Store) []kit.Finding {
	if !a.config.Store.URL.Server() {
		return nil // it is this machine's
	}
	theirs, err := s.Clock(a.ctx)
	if err != nil {
		return nil // the database's finding says so
	}
	if off := time.Since(theirs).Abs(); off > clockTolerance {
		return []kit.Finding{kit.Warning("database clock", fmt.Sprintf("is %v off this machine's", off.Round(time.Second)), "set the clocks of both, as `timedatectl set-ntp true` does")}
	}
	return nil
}

// readable says that others may read secrets in the configuration; "" when not.
func (a *app) readable() string {
	info, err := os.Stat(a.file)
	const others = 0o004
	if err != nil || info.Mode().Perm()&others == 0 || len(a.config.SecretsInFile) == 0 || runtime.GOOS == "windows" { // which has other rights
		return ""
	}
	return fmt.Sprintf("everybody on this machine may read %s in %s (mode %04o)", strings.Join(a.config.SecretsInFile, ", "), a.file, info.Mode().Perm())
}

// writable tries to make a file in the folder.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, "paperboy-*")
	if err != nil {
		return fmt.Errorf("cannot write to %s: %w", dir, cause(err))
	}
	f.Close()
	return os.Remove(f.Name())
}

// sources asks every source that is on for one page, and holds the clock
// against theirs.
func (c *doctorCommand) sources(a *app, s sourceStore) []kit.Finding {
	pages := a.pages()
	var out []kit.Finding
	for _, name := range []string{"huggingface", "arxiv"} {
		if !slices.ContainsFunc(pages, func(p page) bool { return p.source == name }) {
			out = append(out, kit.Off(name, "disabled in the configuration", ""))
		}
	}
	clock := &serverClock{}
	answers := make([]kit.Finding, len(pages))
	var wg sync.WaitGroup
	for i, p := range pages {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(a.ctx, doctorPatience)
			defer cancel()
			begun := time.Now()
			var err error
			if p.read != nil {
				err = p.read(ctx, s, clock)
			} else {
				_, err = a.client(s, p.source, clock).Get(ctx, p.url)
			}
			answers[i] = kit.OK(p.source, fmt.Sprintf("answers in %v", time.Since(begun).Round(time.Millisecond)))
			if err != nil {
				// A bot that is set up well goes on when its sources come back.
				answers[i] = kit.Warning(p.source, sourceTrouble(err), sourceWayOut(p, err)+"; `bot run` tries again by itself")
			}
		})
	}
	wg.Wait()
	return append(append(answers, out...), c.clock(a, clock))
}

// meaning asks the endpoint for embeddings, where one is set, about one word.
func (c *doctorCommand) meaning(a *app) []kit.Finding {
	e := a.embedder()
	if e == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(a.ctx, doctorPatience)
	defer cancel()
	begun := time.Now()
	vectors, err := e.Embed(ctx, []string{"diffusion"})
	switch {
	case core.Is[*core.Unauthorised](err):
		return []kit.Finding{kit.Failed("meaning", err.Error(), "set [meaning] api_key")}
	case err != nil: // the built-in model goes on
		return []kit.Finding{kit.Warning("meaning", err.Error(), "look at [meaning] url and model; until it answers the model inside the program is used")}
	}
	return []kit.Finding{kit.OK("meaning", fmt.Sprintf("%s answers in %v with %d numbers", e.Name(), time.Since(begun).Round(time.Millisecond), len(vectors[0])))}
}

// sourceTrouble is an error of a source, for people.
func sourceTrouble(err error) string {
	if se, ok := errors.AsType[*core.SourceError](err); ok && se.Reason != "" {
		return se.Reason
	}
	return err.Error()
}

// sourceWayOut is what to look at when a source does not answer as it should:
// the network only where nobody answered.
func sourceWayOut(p page, err error) string {
	se, _ := errors.AsType[*core.SourceError](err)
	var status *polite.StatusError
	switch {
	case se == nil || strings.HasPrefix(se.Reason, polite.Unreachable) || strings.HasPrefix(se.Reason, "did not answer"):
		return checkNetwork
	case p.read != nil && !se.Limit && !(errors.As(err, &status) && status.Code >= 500):
		return "look at url of " + p.source + " under [[sources.feed]]"
	}
	return "look at " + p.url
}

func (c *doctorCommand) clock(a *app, servers *serverClock) kit.Finding {
	const fix = "set this machine's clock, as `timedatectl set-ntp true` does"
	now := time.Now()
	if now.Before(builtAfter()) {
		return kit.Failed("clock", fmt.Sprintf("says %s, which is before this program was made; nothing is posted", now.Format("2 Jan 2006 15:04")), fix)
	}
	ahead, known := servers.difference()
	switch {
	case !known:
		return kit.OK("clock", now.Format("2 Jan 2006 15:04 MST")+", not compared: no source answered")
	case ahead.Abs() > clockTolerance:
		return kit.Failed("clock", fmt.Sprintf("is %v off the sources' clocks", ahead.Abs().Round(time.Second)), fix)
	}
	return kit.OK("clock", now.Format("2 Jan 2006 15:04 MST"))
}

// serverClock notes what time the servers say it is, on the way through.
type serverClock struct {
	mu    sync.Mutex
	ahead []time.Duration // of our clock before theirs
}

func (c *serverClock) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if theirs, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ahead = append(c.ahead, time.Since(theirs))
	}
	return resp, nil
}

// difference is the median over the servers: one of them may be wrong.
func (c *serverClock) difference() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ahead) == 0 {
		return 0, false
	}
	slices.Sort(c.ahead)
	return c.ahead[len(c.ahead)/2], true
}

// errMisconfigured is a wrong configuration about which everything has been said.
var errMisconfigured = errors.New("the configuration is wrong")
