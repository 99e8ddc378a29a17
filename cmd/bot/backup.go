package main

import "fmt"

type backupCommand struct {
	File string `arg:"" help:"Where the copy goes; it must not exist yet."`
}

func (c *backupCommand) Run(a *app) error {
	if a.config.Store.URL.Server() {
		return usage("%s is PostgreSQL's to copy: `pg_dump -Fc DATABASE > copy.dump` does it while the bot runs", a.config.Store.URL)
	}
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Backup(a.ctx, c.File); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "copied %s to %s\n", a.config.Store.URL, c.File)
	return nil
}
