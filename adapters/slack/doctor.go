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

// mostExamined is how many workspaces are asked for, of many.
const mostExamined = 50

// findings are gathered as they are found.
type findings []kit.Finding

func (f *findings) bad(check, detail, fix string) { *f = append(*f, kit.Failed(check, detail, fix)) }
func (f *findings) well(check, detail string)     { *f = append(*f, kit.OK(check, detail)) }
func (f *findings) warn(check, detail, fix string) {
	*f = append(*f, kit.Warning(check, detail, fix))
}

// Examine asks Slack whether the tokens are good, what they may do, what time it
// is, and whether it may post in the channels. It posts nothing. HTTP mode needs
// listening and publicURL. Where people install the app, Load comes first.
func (s *Slack) Examine(ctx context.Context, channels []core.Channel, listening bool, publicURL string) []kit.Finding {
	defer s.http.CloseIdleConnections()
	var all findings
	if s.one != nil {
		who, ok := s.one.examine(ctx, &all, "slack")
		if !ok {
			return all
		}
		s.examineReach(ctx, &all, listening, publicURL)
		examineClock(&all, who)
		s.one.examineChannels(ctx, &all, channels)
		return all
	}
	s.examineReach(ctx, &all, listening, publicURL)
	there := s.tenants.all()
	if len(there) == 0 {
		all.warn("slack", "nobody has installed the app yet", "open "+s.installPage())
	}
	for i, w := range there {
		if i == mostExamined {
			all.warn("slack", fmt.Sprintf("%d more workspaces were not asked for", len(there)-i), "the log of `bot run` names those whose token is refused")
			break
		}
		who, ok := w.examine(ctx, &all, "slack "+w.self.team)
		if i == 0 && ok {
			examineClock(&all, who)
		}
		if ok {
			w.examineChannels(ctx, &all, channels)
		}
	}
	return all
}

// examine asks about a workspace's token.
func (s *workspace) examine(ctx context.Context, all *findings, check string) (who *slack.AuthTestResponse, ok bool) {
	anew := reinstall
	if s.opt.BotToken == "" {
		anew = "install it there anew from " + s.installPage()
	}
	err := s.call(ctx, "auth.test", "", func() (err error) {
		who, err = s.api().AuthTestContext(ctx)
		return err
	})
	refused := noToken[code(err)]
	if s.opt.BotToken == "" && (refused != "" || core.Is[*core.Unauthorised](err)) {
		refused = anew
	}
	switch {
	case kit.NeverLeft(err):
		all.bad(check, "cannot be reached", "check this machine's network, HTTPS_PROXY where it needs one, and [slack] api_url")
		return who, false
	case refused != "" && code(err) == "":
		all.bad(check, err.Error(), refused)
		return who, false
	case refused != "":
		all.bad(check, "Slack does not take the bot token: "+code(err), refused)
		return who, false
	case err != nil && code(err) != "":
		all.bad(check, "Slack answers "+code(err), "try again; where it stays so, https://slack-status.com may know")
		return who, false
	case err != nil:
		all.bad(check, err.Error(), "check this machine's network, and [slack] api_url")
		return who, false
	}
	all.well(check, fmt.Sprintf("%s, as @%s", who.Team, who.User))

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
		all.bad(check+" scopes", "missing: "+strings.Join(append(missing, lost...), ", "), anew)
	case len(lost) > 0:
		all.warn(check+" scopes", "missing: "+strings.Join(lost, ", "), anew)
	default:
		all.well(check+" scopes", "all there")
	}
	return who, true
}

// examineReach asks whether people are heard.
func (s *Slack) examineReach(ctx context.Context, all *findings, listening bool, publicURL string) {
	switch {
	case s.opt.AppToken != "":
		if _, _, err := s.socket.StartSocketModeContext(ctx); err != nil {
			fix := "make an app-level token with the scope connections:write, under Basic Information of the app, and switch Socket Mode on"
			if code(err) == "" { // nothing was said of the token
				fix = "check this machine's network, and try again"
			}
			all.bad("slack app token", s.openError(ctx, err).Error(), fix)
		} else {
			all.well("slack app token", "opens connections")
		}
	case s.opt.SigningSecret == "":
		all.bad("slack app token", "nobody can reach the bot", "set [slack] app_token for Socket Mode, or signing_secret with [http] listen and public_url")
	case !listening || publicURL == "":
		all.bad("slack requests", "Slack has no address to send requests to", "set [http] listen and public_url, or app_token for Socket Mode")
	default:
		all.well("slack requests", "to "+strings.TrimRight(publicURL, "/")+"/slack/")
	}
}

// examineClock compares this machine's clock with Slack's.
func examineClock(all *findings, who *slack.AuthTestResponse) {
	if theirs, err := http.ParseTime(who.Header.Get("Date")); err == nil {
		if off := time.Since(theirs); off.Abs() > clockTolerance {
			all.bad("slack clock", fmt.Sprintf("this machine's is %v off Slack's", off.Abs().Round(time.Second)), "set this machine's clock, as `timedatectl set-ntp true` does")
		} else {
			all.well("slack clock", "agrees with Slack's")
		}
	}
}

// examineChannels asks about those of the channels that are in the workspace.
func (s *workspace) examineChannels(ctx context.Context, all *findings, channels []core.Channel) {
	for _, ch := range channels {
		if s.opt.BotToken == "" && ch.Key.Workspace != s.self.team {
			continue
		}
		name := ch.Name
		if name == "" {
			name = ch.Key.ID
		}
		if s.opt.BotToken == "" { // each workspace may have one of the name
			name = s.self.team + " " + name
		}
		c, err := s.channelInfo(ctx, ch.Key.ID)
		switch {
		case strings.HasPrefix(ch.Key.ID, "D"):
		case slices.Contains([]string{"channel_not_found", "missing_scope"}, code(err)):
			all.bad("slack "+name, "I cannot see it", "type `/invite @Paperboy` there, or unsubscribe its topics")
		case err != nil:
			all.bad("slack "+name, err.Error(), "try again")
		case c.IsArchived:
			all.bad("slack "+name, "it is archived", "unarchive it, or unsubscribe its topics")
		case !c.IsMember && s.lacks("chat:write.public"):
			all.bad("slack "+name, "I am not in it", "type `/invite @Paperboy` there")
		default:
			all.well("slack "+name, "I may post")
		}
	}
}
