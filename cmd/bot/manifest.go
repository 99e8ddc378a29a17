package main

import (
	"fmt"

	"paperboy/adapters/discord"
	"paperboy/adapters/slack"
)

// manifestCommand prints what a platform has to be told about the app.
type manifestCommand struct {
	Slack   slackManifest   `cmd:"" help:"The app manifest, to paste at api.slack.com/apps."`
	Discord discordManifest `cmd:"" help:"The link that invites the bot to a server."`
}

type slackManifest struct{}

func (slackManifest) Help() string {
	return `Create the app at https://api.slack.com/apps → Create New App → From a manifest. It works in Socket
Mode, which needs no public address; when [http] public_url is set and there is no app_token, it works
by requests to that address. Once client_id and client_secret are set instead of bot_token, the manifest
is that of an app that people install in their workspaces, with tokens that are renewed: paste it once
more then. A manifest carries no picture: upload the app's under Basic Information,
Display Information.`
}

func (slackManifest) Run(a *app) error {
	public := a.config.HTTP.PublicURL
	page := public
	if a.config.Slack.AppToken != "" {
		public = ""
	}
	_, err := a.out.Write(slack.Manifest(a.config.Slack.Command, public, page, a.config.Slack.Many()))
	return err
}

type discordManifest struct {
	Seed bool `help:"Ask for Add Reactions as well: settings seed:yes needs it."`
}

func (discordManifest) Help() string {
	return `Whoever opens the link and manages a server can add the bot there. It asks for exactly the permissions
that are used, and needs no network: the application's id is [discord] application_id, or the token's
first part.`
}

func (m discordManifest) Run(a *app) error {
	link, err := discord.Invite(a.config.Discord.ApplicationID, string(a.config.Discord.Token), m.Seed)
	if err != nil {
		return usage("%v", err)
	}
	_, err = fmt.Fprintln(a.out, link)
	return err
}
