package main

import "paperboy/adapters/slack"

// manifestCommand prints what a platform has to be told about the app.
type manifestCommand struct {
	Slack slackManifest `cmd:"" help:"The app manifest, to paste at api.slack.com/apps."`
}

type slackManifest struct{}

func (slackManifest) Help() string {
	return `Create the app at https://api.slack.com/apps → Create New App → From a manifest. It works in Socket
Mode, which needs no public address; when [http] public_url is set and there is no app_token, it works
by requests to that address.`
}

func (slackManifest) Run(a *app) error {
	public := a.config.HTTP.PublicURL
	if a.config.Slack.AppToken != "" {
		public = ""
	}
	_, err := a.out.Write(slack.Manifest(a.config.Slack.Command, public))
	return err
}
