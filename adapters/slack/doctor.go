package slack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// losses are what does not work without a scope; the others are needed.
var losses = map[string]string{
	"app_mentions:read": "mentions are not heard",
	"channels:history":  "a post whose answer was lost stays uncertain",
	"groups:history":    "a post whose answer was lost in a private channel stays uncertain",
	"groups:read":       "private channels have no name, and stand in nobody's App Home",
	"files:write":       "exports are not handed over",
	"im:history":        "what people write to the app in its own messages is not answered",
	"im:read":           "direct messages of others are told from our own only when a post is due",
	"im:write":          "exports are not handed over",
	"links:read":        "pasted links do not unfold",
	"links:write":       "pasted links do not unfold",
	"reactions:write":   "settings seed:yes does not work",
	"mpim:read":         "group messages of others are told from our own only when a post is due",
	"users:read":        "settings editors:managers knows nobody but who made the channel, and App Home shows people only the channels that they are in",
}

// clockTolerance is less than the five minutes after which a signature is old.
const clockTolerance = 2 * time.Minute

// Examine asks Slack whether the tokens are good, what they may do, what time it
// is, and whether it may post in the channels. It posts nothing. HTTP mode needs
// listening and publicURL.
func (s *Slack) Examine(ctx context.Context, channels []core.Channel, listening bool, publicURL string) (all []kit.Finding) {
	defer s.http.CloseIdleConnections()
	bad := func(check, detail, fix string) { all = append(all, kit.Failed(check, detail, fix)) }
	well := func(check, detail string) { all = append(all, kit.OK(check, detail)) }

	var who *slack.AuthTestResponse
	err := s.call(ctx, "auth.test", "", func() (err error) {
		who, err = s.api.AuthTestContext(ctx)
		return err
	})
	switch {
	case kit.NeverLeft(err):
		bad("slack", "cannot be reached", "check this machine's network, HTTPS_PROXY where it needs one, and [slack] api_url")
		return all
	case noToken[code(err)] != "":
		bad("slack", "Slack does not take the bot token: "+code(err), noToken[code(err)])
		return all
	case err != nil && code(err) != "":
		bad("slack", "Slack answers "+code(err), "try again; where it stays so, https://slack-status.com may know")
		return all
	case err != nil:
		bad("slack", err.Error(), "check this machine's network, and [slack] api_url")
		return all
	}
	well("slack", fmt.Sprintf("%s, as @%s", who.Team, who.User))

	var missing, lost []string
	for _, scope := range Scopes {
		switch loss := losses[scope]; {
		case !s.lacks(scope):
		case loss == "":
			missing = append(missing, scope)
		default:
			lost = append(lost, scope+" ("+loss+")")
		}
	}
	switch {
	case len(missing) > 0:
		bad("slack scopes", "missing: "+strings.Join(append(missing, lost...), ", "), reinstall)
	case len(lost) > 0:
		all = append(all, kit.Warning("slack scopes", "missing: "+strings.Join(lost, ", "), reinstall))
	default:
		well("slack scopes", "all there")
	}

	switch {
	case s.opt.AppToken != "":
		if _, _, err := s.app.StartSocketModeContext(ctx); err != nil {
			fix := "make an app-level token with the scope connections:write, under Basic Information of the app, and switch Socket Mode on"
			if code(err) == "" { // nothing was said of the token
				fix = "check this machine's network, and try again"
			}
			bad("slack app token", s.openError(ctx, err).Error(), fix)
		} else {
			well("slack app token", "opens connections")
		}
	case s.opt.SigningSecret == "":
		bad("slack app token", "nobody can reach the bot", "set [slack] app_token for Socket Mode, or signing_secret with [http] listen and public_url")
	case !listening || publicURL == "":
		bad("slack requests", "Slack has no address to send requests to", "set [http] listen and public_url, or app_token for Socket Mode")
	default:
		well("slack requests", "to "+strings.TrimRight(publicURL, "/")+"/slack/")
	}

	if theirs, err := http.ParseTime(who.Header.Get("Date")); err == nil {
		if off := time.Since(theirs); off.Abs() > clockTolerance {
			bad("slack clock", fmt.Sprintf("this machine's is %v off Slack's", off.Abs().Round(time.Second)), "set this machine's clock, as `timedatectl set-ntp true` does")
		} else {
			well("slack clock", "agrees with Slack's")
		}
	}

	for _, ch := range channels {
		name := ch.Name
		if name == "" {
			name = ch.Key.ID
		}
		c, err := s.channelInfo(ctx, ch.Key.ID)
		switch {
		case strings.HasPrefix(ch.Key.ID, "D"):
		case slices.Contains([]string{"channel_not_found", "missing_scope"}, code(err)):
			bad("slack "+name, "I cannot see it", "type `/invite @Paperboy` there, or unsubscribe its topics")
		case err != nil:
			bad("slack "+name, err.Error(), "try again")
		case c.IsArchived:
			bad("slack "+name, "it is archived", "unarchive it, or unsubscribe its topics")
		case !c.IsMember && s.lacks("chat:write.public"):
			bad("slack "+name, "I am not in it", "type `/invite @Paperboy` there")
		default:
			well("slack "+name, "I may post")
		}
	}
	return all
}
