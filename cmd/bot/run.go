package main

import "strings"

type runCommand struct{}

func (runCommand) Help() string {
	return `Set a token first: ` + tokenHelp + `.`
}

const tokenHelp = "PAPERBOY_SLACK_BOT_TOKEN with PAPERBOY_SLACK_APP_TOKEN, or PAPERBOY_DISCORD_TOKEN, in the environment or the configuration"

func (c *runCommand) Run(a *app) error {
	on := a.config.Platforms()
	if len(on) == 0 {
		return usage("no platform has a token, so there is nowhere to post\n"+
			"  set %s;\n  `bot init` asks for them, `bot doctor` checks them, and `bot demo` needs none", tokenHelp)
	}
	return usage("this version cannot connect to %s; `bot demo` shows everything else", strings.Join(on, " or "))
}
