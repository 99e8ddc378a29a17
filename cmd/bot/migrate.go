package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"

	"paperboy/internal/config"
	"paperboy/store"
)

type migrateStoreCommand struct {
	From string `arg:"" help:"A SQLite database; it stays as it is, and may be in use."`
	To   string `arg:"" help:"An empty PostgreSQL database: postgres://USER@HOST/DATABASE. A password is better written as '$${NAME}', which is read from the environment."`
}

func (migrateStoreCommand) Help() string {
	return `Copies all of it, as it is at one moment, or nothing. The rows of every table are counted and summed on both sides
before they are kept.`
}

// tolerant: it reads nothing of the configuration, which may be on its way there too.
func (*migrateStoreCommand) tolerant() {}

func (c *migrateStoreCommand) Run(a *app) error {
	from, err := address(a, c.From)
	if err != nil {
		return err
	}
	to, err := address(a, c.To)
	if err != nil {
		return err
	}
	if from.Server() || !to.Server() {
		return usage("from a SQLite file to PostgreSQL, as `bot migrate-store paperboy.db postgres://USER@HOST/DATABASE`; the other way there is `bot export config`, and the papers come again from their sources")
	}
	m, err := store.Copy(a.ctx, string(from), string(to))
	path, isPath := errors.AsType[*fs.PathError](err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no database at %s", from)
	case errors.Is(err, store.ErrNotEmpty):
		return fmt.Errorf("%v; a copy needs an empty database: make one with `createdb`. Where this one is the copy already, start `bot run` on it. Nothing was changed", err)
	case isPath:
		return fmt.Errorf("cannot open the database %s: %w", from, path.Err)
	case err != nil:
		return fmt.Errorf("%w. Nothing was copied", err)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "table\trows\tchecksum")
	for _, t := range m.Tables {
		fmt.Fprintf(w, "%s\t%d\t%s\n", t.Table, t.Rows, t.Sum)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "copied %s to %s: %s; each table has the same rows and the same checksum on both sides\n", from, to, count(m.Papers(), "paper"))
	s, err := store.Open(a.ctx, string(to)) // which makes the index of words
	if err != nil {
		return fmt.Errorf("everything is copied; the index of words is made by the first start: %w", err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	if m.Living != nil {
		fmt.Fprintf(a.out, "%s works on %s and goes on without the copy: stop it before you start `bot run` on the copy. What it posts until then is looked for there before anything is sent\n", m.Living, from)
	}
	fmt.Fprintf(a.out, "set [store] url to %s, with its password, and start `bot run`; %s is not needed any more, and stays as it is\n", to, from)
	return nil
}

// address is where a database is, as [store] url would have it.
func address(a *app, typed string) (config.Address, error) {
	body, err := written([]question{{key: "store.url", answer: &typed}})
	if err != nil {
		return "", err
	}
	var environ []string // without what would be laid over it
	for _, e := range a.environ {
		if !strings.HasPrefix(e, "PAPERBOY_") {
			environ = append(environ, e)
		}
	}
	c, err := config.Parse("", body, environ)
	if wrong, ok := errors.AsType[config.Errors](err); ok {
		return "", usage("%s", strings.TrimPrefix(wrong[0].Msg, "store.url: "))
	}
	return c.Store.URL, err
}
