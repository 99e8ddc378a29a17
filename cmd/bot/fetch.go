package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/feed"
)

type fetchCommand struct {
	Source string `placeholder:"NAME" help:"Only this one: huggingface, arxiv or a feed's name."`
	Since  string `placeholder:"DATE" help:"Back-fill from this day on: 2026-11-01, 7d."`
	Until  string `placeholder:"DATE" help:"Back-fill up to this day (default today)."`
}

func (fetchCommand) Help() string {
	return `Without days it asks each source once for what is new. Papers of a back-fill, and of a source's first
fetch, are never posted as new. It is safe to interrupt and to repeat.`
}

func (c *fetchCommand) Run(a *app) error {
	from, until, err := a.days(c.Since, c.Until)
	if err != nil {
		return err
	}
	if from == "" && until != "" {
		return usage("--until needs --since, the first day of the back-fill")
	}
	if today := core.DateOf(a.now().UTC()); from > today {
		return usage("--since %s is still to come; today is %s (UTC)", from, today)
	}
	s, err := a.open(false)
	if err != nil {
		return err
	}
	defer s.Close()
	sources := a.sources(s, nil, a.now)
	if c.Source != "" {
		var names []string
		for _, src := range sources {
			names = append(names, src.Name())
		}
		sources = slices.DeleteFunc(sources, func(s core.Source) bool { return s.Name() != c.Source && s.Short() != c.Source })
		if len(sources) == 0 {
			return usage("there is no source %q that is enabled; there are %s", c.Source, strings.Join(names, ", "))
		}
	}
	if len(sources) == 0 {
		return usage("no source is enabled; set enabled = true under [sources.huggingface] or [sources.arxiv]")
	}
	in := a.ingest(s, sources, a.now)
	in.NotBefore = a.notBefore()

	var put core.Put
	if from == "" {
		put, err = in.PollNow(a.ctx)
		if _, e := in.Lookup(a.ctx); e != nil {
			a.log.Warn("categories could not be looked up", "err", e)
		}
	} else {
		if until == "" {
			until = core.DateOf(a.now().UTC())
		}
		for _, src := range sources {
			one, missing, e := c.backfill(a, in, src.Name(), from, until)
			put.Add(one)
			if a.ctx.Err() != nil {
				err = e
				break
			}
			if e != nil {
				err = errors.Join(err, a.lacking(src, missing, e))
			}
		}
	}
	fmt.Fprintf(a.out, "fetched %d new, updated %d, unchanged %d\n", put.New, put.Updated, put.Unchanged)
	if err != nil {
		return err
	}
	states, err := s.SourceStates(a.ctx)
	if err != nil {
		return err
	}
	down, unreached := false, false
	now := a.now()
	for _, st := range states {
		if slices.ContainsFunc(sources, func(src core.Source) bool { return src.Name() == st.Source }) {
			fmt.Fprintln(a.err, printable(cards.SourceSentence(st, now, now.Location()).String()))
			down = down || st.Word == core.Failed
			unreached = unreached || st.Word == core.Failed && st.Reason == unreachable
		}
	}
	if unreached {
		fmt.Fprintf(a.err, "bot: %s, and fetch again\n", checkNetwork)
	}
	if down {
		return errSilent
	}
	return nil
}

// unreachable is the reason of a source to which there is no way (internal/polite).
const unreachable = "cannot be reached"

const checkNetwork = "check this machine's network, and HTTPS_PROXY where it needs one"

// lacking says which days a back-fill lacks and what to do about it. What the
// source itself said is for the log.
func (a *app) lacking(source core.Source, missing core.Date, err error) error {
	trouble, ok := errors.AsType[*core.SourceError](err)
	if !ok {
		return fmt.Errorf("%s: %s: %w", source.Name(), missing, err)
	}
	if trouble.Err != nil {
		a.log.Warn("a back-fill was cut short", "source", source.Name(), "day", missing, "err", err)
	}
	wayOut := "type the same again, it goes on from there"
	switch {
	case trouble.Reason == unreachable:
		wayOut = checkNetwork + ", and type the same again"
	case trouble.Wait > 0:
		wayOut = "it may be asked again at " + a.now().Add(trouble.Wait).UTC().Format("15:04 UTC") + ", and goes on from there"
	}
	reason := trouble.Reason
	if trouble.Limit && !strings.HasPrefix(reason, "is ") {
		reason = "is limiting requests"
	}
	return fmt.Errorf("%s %s, so its days from %s on are not all here; %s", source.Title(), reason, missing, wayOut)
}

// backfill shows on a terminal how far it has come. With an error, missing is
// the first day that may lack papers.
func (c *fetchCommand) backfill(a *app, in *feed.Feed, source string, from, until core.Date) (put core.Put, missing core.Date, err error) {
	missing = from
	var bar *progressbar.ProgressBar
	put, err = in.Backfill(a.ctx, source, from, until, func(done, total int) {
		missing = from.AddDays(done)
		if bar == nil && terminal(a.err) {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(source),
				progressbar.OptionShowCount(), progressbar.OptionSetItsString("days"), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth())
		}
		if bar != nil {
			bar.Set(done) // a bar that cannot be drawn is no reason to stop
		}
	})
	return put, missing, err
}
