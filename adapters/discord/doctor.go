package discord

import (
	"context"
	"fmt"
	"strings"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// Examine asks Discord whether the token is good, whether sessions are left for
// today, what time it is, whether the commands are registered, and what the bot
// may do in the channels. It posts nothing.
func (d *Discord) Examine(ctx context.Context, channels []core.Channel) (all []kit.Finding) {
	defer d.rest.http.CloseIdleConnections()
	bad := func(check, detail, fix string) { all = append(all, kit.Failed(check, detail, fix)) }
	warn := func(check, detail, fix string) { all = append(all, kit.Warning(check, detail, fix)) }
	well := func(check, detail string) { all = append(all, kit.OK(check, detail)) }

	var me user
	switch err := d.rest.call(ctx, request{method: "GET", route: "/users/@me", into: &me}); {
	case core.Is[*core.Unauthorised](err):
		bad("discord", "Discord does not take the token", "copy it anew under Bot → Reset Token at https://discord.com/developers/applications into [discord] token")
		return all
	case kit.NeverLeft(err):
		bad("discord", "cannot be reached", "check this machine's network, HTTPS_PROXY where it needs one, and [discord] api_url")
		return all
	case err != nil:
		bad("discord", err.Error(), "check this machine's network, and [discord] api_url")
		return all
	}
	well("discord", "as "+me.core("").Name)

	info, err := d.askGateway(ctx)
	switch {
	case err != nil:
		bad("discord gateway", err.Error(), "try again")
	case info.Limits.Total > 0 && info.Limits.Remaining < 20:
		warn("discord gateway", fmt.Sprintf("%d of %d sessions are left today", info.Limits.Remaining, info.Limits.Total), "find out what starts the bot again and again")
	default:
		well("discord gateway", "intents: guilds, reactions (none is privileged)")
	}
	if d.opt.Leases != nil {
		if detail, all, err := d.whoHears(ctx, info.Shards); err != nil {
			bad("discord shards", err.Error(), "see what is said of the database")
		} else if !all {
			warn("discord shards", detail, "when that stays so for more than some minutes, look into the log of the processes that run")
		} else {
			well("discord shards", detail)
		}
	}
	if off := time.Since(info.now); !info.now.IsZero() && off.Abs() > time.Minute {
		warn("discord clock", fmt.Sprintf("this machine's is %v off Discord's", off.Abs().Round(time.Second)), "set this machine's clock, as `timedatectl set-ntp true` does")
	}

	if app, err := d.application(ctx); err != nil {
		bad("discord commands", err.Error(), "set [discord] application_id")
	} else {
		guilds := d.opt.GuildIDs
		if len(guilds) == 0 {
			guilds = []string{""}
		}
		for _, g := range guilds {
			where := "everywhere"
			if g != "" {
				where = "in the server " + g
			}
			switch have, err := d.getCommands(ctx, app, g); {
			case err != nil:
				bad("discord commands", err.Error(), "invite the bot there with `bot manifest discord`, or mend [discord] application_id and guild_ids")
			case !same(tree(g == ""), have):
				warn("discord commands", "not registered "+where+" as this version has them", "`bot run` registers them")
			default:
				well("discord commands", "registered "+where)
			}
		}
	}

	for _, ch := range channels {
		name := ch.Name
		if name == "" {
			name = ch.Key.ID
		}
		if ch.Key.Workspace == "" {
			continue
		}
		c, err := d.look(ctx, ch.Key.ID)
		switch {
		case code(err) == unknownChannel:
			bad("discord "+name, "it does not exist any more", "nothing is posted there")
			continue
		case code(err) == missingAccess:
			bad("discord "+name, "missing View Channel", "give it to the bot under the channel's permissions")
			continue
		case err != nil:
			bad("discord "+name, err.Error(), "try again")
			continue
		}
		have, err := d.may(ctx, ch.Key.Workspace, ch.Key.ID)
		if err != nil {
			bad("discord "+name, err.Error(), "try again")
			continue
		}
		need := needed(ch.Settings.Layout)
		nice := readMessageHistory
		if ch.Settings.Layout == core.LayoutForum && !c.isForum() {
			bad("discord "+name, "it is no forum", "`/papers settings layout:channel` there")
			continue
		}
		if ch.Settings.Seed {
			need |= addReactions
		}
		const fix = "give it to the bot under the channel's permissions"
		switch missing, lost := lacking(have, need), lacking(have, nice); {
		case len(missing) > 0:
			bad("discord "+name, "missing "+strings.Join(missing, ", "), fix)
		case len(lost) > 0:
			warn("discord "+name, "missing "+strings.Join(lost, ", ")+": a post whose answer was lost stays uncertain, and votes given while the bot is away are not read", fix)
		default:
			well("discord "+name, "I may post")
		}
	}
	return all
}
