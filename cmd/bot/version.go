package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCommand struct{}

// tolerant: a version is told whatever the configuration says; that it is
// wrong is told after it.
func (*versionCommand) tolerant() {}

func (v *versionCommand) Run(a *app) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = ", revision " + s.Value[:min(12, len(s.Value))]
			case s.Key == "vcs.modified" && s.Value == "true":
				revision += " with changes"
			}
		}
	}
	fmt.Fprintf(a.out, "paperboy %s%s (%s, %s/%s, SQLite %s)\n", version(), revision, runtime.Version(), runtime.GOOS, runtime.GOARCH, sqliteVersion())
	return a.wrong
}
