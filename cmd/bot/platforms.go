package main

import (
	"context"

	"paperboy/adapters/discord"
	"paperboy/adapters/folder"
	"paperboy/adapters/kit"
	"paperboy/adapters/slack"
	"paperboy/adapters/webhook"
	"paperboy/core"
)

// platforms are the ones that are set up. leases are where processes agree who
// hears what; owner is this one there.
func (a *app) platforms(leases core.Leases, owner string) ([]connection, error) {
	var out []connection
	for _, name := range a.config.Platforms() {
		switch name {
		case slack.Name:
			s, err := a.slack()
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		case discord.Name:
			out = append(out, a.discord(leases, owner))
		case webhook.Name:
			w, err := a.webhook()
			if err != nil {
				return nil, err
			}
			out = append(out, w)
		case folder.Name:
			out = append(out, a.folders())
		default:
			return nil, usage("this version cannot connect to %s; `bot demo` shows everything else", name)
		}
	}
	return out, nil
}

// slack is the app that the configuration describes.
func (a *app) slack() (*slack.Slack, error) {
	c := a.config.Slack
	switch {
	case c.AppToken == "" && c.SigningSecret == "":
		return nil, usage("slack.app_token: nobody could reach the bot; set app_token for Socket Mode, or signing_secret with [http] listen and public_url")
	case c.AppToken == "" && a.config.HTTP.Listen == "":
		return nil, usage("http.listen: Slack sends requests where signing_secret is set without app_token; set listen, as \":8080\", and public_url")
	}
	keys, err := kit.NewKeys(string(a.config.Store.Key))
	if err != nil {
		return nil, usage("store.key: %v", err)
	}
	return slack.New(slack.Options{
		BotToken: string(c.BotToken), AppToken: string(c.AppToken), SigningSecret: string(c.SigningSecret),
		ClientID: c.ClientID, ClientSecret: string(c.ClientSecret), PublicURL: a.config.HTTP.PublicURL, Keys: keys,
		APIURL: c.APIURL, Command: c.Command, Now: a.now, Log: a.log,
	}), nil
}

// examineSlack asks Slack about the tokens, and about the channels that follow
// something.
func (c *doctorCommand) examineSlack(a *app) []kit.Finding {
	app, err := a.slack()
	if err != nil {
		return []kit.Finding{kit.Failed(slack.Name, err.Error(), "`bot manifest slack` makes the app, and `bot init` asks for its tokens")}
	}
	ctx, cancel := context.WithTimeout(a.ctx, doctorPatience)
	defer cancel()
	if a.config.Slack.Many() {
		s, err := a.open(true)
		if err != nil {
			return nil // the database has a finding of its own
		}
		defer s.Close()
		if err := app.Load(ctx, s); err != nil {
			return []kit.Finding{kit.Failed(slack.Name, err.Error(), "without that key those workspaces have to install the app anew; their channels and papers stay")}
		}
	}
	return app.Examine(ctx, a.following(ctx, slack.Name), a.config.HTTP.Listen != "", a.config.HTTP.PublicURL)
}

// discord is the bot that the configuration describes.
func (a *app) discord(leases core.Leases, owner string) *discord.Discord {
	c := a.config.Discord
	return discord.New(discord.Options{
		Token: string(c.Token), ApplicationID: c.ApplicationID, APIURL: c.APIURL, GuildIDs: c.GuildIDs, Now: a.now, Log: a.log,
		Leases: leases, Owner: owner,
	})
}

// examineDiscord asks Discord about the token, and about the channels that
// follow something.
func (c *doctorCommand) examineDiscord(a *app) []kit.Finding {
	ctx, cancel := context.WithTimeout(a.ctx, doctorPatience)
	defer cancel()
	var leases core.Leases
	if s, err := a.open(true); err == nil { // else the database has a finding of its own
		defer s.Close()
		leases = s
	}
	return a.discord(leases, "").Examine(ctx, a.following(ctx, discord.Name))
}

// following are a platform's channels that follow something; none when there is
// no database yet.
func (a *app) following(ctx context.Context, platform string) (out []core.Channel) {
	s, err := a.open(true)
	if err != nil {
		return nil // the database has a finding of its own
	}
	defer s.Close()
	topics, err := s.Topics(ctx, 0)
	if err != nil {
		return nil
	}
	follows := map[int64]bool{}
	for _, t := range topics {
		follows[t.Channel] = true
	}
	channels, err := s.Channels(ctx)
	if err != nil {
		return nil
	}
	for _, ch := range channels {
		if ch.Key.Platform == platform && follows[ch.ID] && ch.Gone.IsZero() {
			out = append(out, ch)
		}
	}
	return out
}
