package main

import "strings"

// platforms are the ones that have a token.
func (a *app) platforms() ([]connection, error) {
	var out []connection
	var unknown []string
	for _, name := range a.config.Platforms() {
		unknown = append(unknown, name)
	}
	if len(unknown) > 0 {
		return nil, usage("this version cannot connect to %s; `bot demo` shows everything else", strings.Join(unknown, " or "))
	}
	return out, nil
}
