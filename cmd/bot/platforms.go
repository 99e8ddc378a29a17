package main

import "strings"

// platforms are the ones that have a token.
func (a *app) platforms() ([]connection, error) {
	if on := a.config.Platforms(); len(on) > 0 {
		return nil, usage("this version cannot connect to %s; `bot demo` shows everything else", strings.Join(on, " or "))
	}
	return nil, nil
}
