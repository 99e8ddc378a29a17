package main

import (
	"errors"
	"fmt"
	"io/fs"

	"paperboy/core"
	"paperboy/internal/config"
	"paperboy/store"
)

type restoreCommand struct {
	File string `arg:"" optional:"" help:"A copy that bot backup made."`
	Done bool   `help:"Another program has put a copy in place: a snapshot, Litestream, a server's own way back."`
}

func (restoreCommand) Help() string {
	return `Stop what uses the database first. The copy is checked, and stays as it is; what was there is kept beside the database.
What may have been posted since the copy was made is looked for before anything is sent; --done has that done alone.`
}

func (c *restoreCommand) Run(a *app) error {
	url := a.config.Store.URL
	switch {
	case c.Done == (c.File != ""):
		return usage("name the copy, as `bot restore copy.db`; or, where another program has put it in place, `bot restore --done`")
	case c.Done:
		return c.done(a)
	case url.Server():
		return usage("%s is PostgreSQL's to bring back: stop the bot, and `pg_restore --clean --if-exists -d DATABASE copy.dump`; a SQLite database comes there with `bot migrate-store`", url)
	}
	r, err := store.Restore(a.ctx, string(url), c.File, a.now())
	taken, isTaken := errors.AsType[*core.Taken](err)
	path, isPath := errors.AsType[*fs.PathError](err)
	why, noCopy := store.NoCopy(err)
	switch {
	case err == nil:
	case noCopy:
		return fmt.Errorf("cannot restore %s: %s. Nothing was changed", c.File, why)
	case isTaken:
		return inUse(url, taken)
	case errors.Is(err, store.ErrInUse):
		return fmt.Errorf("%s is open in another process; stop that first. Nothing was changed", url)
	case isPath && !errors.Is(err, core.ErrFull):
		return fmt.Errorf("cannot restore %s: %s: %w", c.File, path.Path, path.Err)
	default:
		return fmt.Errorf("cannot restore %s: %w", c.File, err)
	}
	asOf := ""
	if !r.Copied.IsZero() {
		asOf = r.Copied.Format(", as of 2 Jan 2006 15:04 MST")
	}
	fmt.Fprintf(a.out, "restored %s from %s: %s%s\n", url, c.File, count(r.Papers, "paper"), asOf)
	if r.Kept != "" {
		fmt.Fprintf(a.out, "what was there before is %s\n", r.Kept)
	}
	fmt.Fprintln(a.out, restoredNext)
	return nil
}

const restoredNext = "start `bot run` now: what may have been posted since the copy was made is looked for before anything is sent"

func inUse(url config.Address, by *core.Taken) error {
	return fmt.Errorf("%s is in use by %v; stop that first. Nothing was changed", url, by.By)
}

// done is a restore by another program.
func (c *restoreCommand) done(a *app) error {
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Doubt(a.ctx, a.now()); err != nil {
		if taken, ok := errors.AsType[*core.Taken](err); ok {
			return inUse(a.config.Store.URL, taken)
		}
		return err
	}
	r, err := s.Restored(a.ctx)
	if err != nil {
		return err
	}
	if r.From.IsZero() {
		fmt.Fprintf(a.out, "%s knows of nothing that was posted: nothing is in doubt\n", a.config.Store.URL)
		return nil
	}
	fmt.Fprintf(a.out, "%s is taken for a copy%s\n%s\n", a.config.Store.URL, r.From.Format(" as of 2 Jan 2006 15:04 MST"), restoredNext)
	return nil
}
