package main

import (
	"errors"
	"fmt"
	"io/fs"

	"paperboy/core"
	"paperboy/store"
)

type restoreCommand struct {
	File string `arg:"" help:"A copy that bot backup made."`
}

func (restoreCommand) Help() string {
	return `Stop what uses the database first. The copy is checked, and stays as it is; what was there is kept beside the database.
What may have been posted since the copy was made is looked for before anything is sent.`
}

func (c *restoreCommand) Run(a *app) error {
	url := a.config.Store.URL
	if url.Server() {
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
		return fmt.Errorf("%s is in use by %v; stop that first. Nothing was changed", url, taken.By)
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
	fmt.Fprintln(a.out, "start `bot run` now: what may have been posted since the copy was made is looked for before anything is sent")
	return nil
}
