package fakediscord

import (
	"bytes"
	"io"
	"mime/multipart"
	"strings"
	"time"
)

// route is one of the API's: its bucket, whether it needs no token, and what it
// does, under mu.
type route struct {
	Limit
	group string // shares its bucket with the others of the group
	open  bool
	do    func(*Discord, *request) (any, *refusal)
}

// Routes that tests name.
const (
	CreateMessage = "POST /channels/{channel}/messages"
	ListMessages  = "GET /channels/{channel}/messages"
	EditMessage   = "PATCH /channels/{channel}/messages/{message}"
	ArchivedPosts = "GET /channels/{channel}/threads/archived/public"
	GetReactions  = "GET /channels/{channel}/messages/{message}/reactions/{emoji}"
	AddReaction   = "PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me"
	StartThread   = "POST /channels/{channel}/messages/{message}/threads"
	CreatePost    = "POST /channels/{channel}/threads" // in a forum
	Callback      = "POST /interactions/{interaction}/{token}/callback"
	FollowUp      = "POST /webhooks/{app}/{token}"
	EditOriginal  = "PATCH /webhooks/{app}/{token}/messages/@original"
	PutCommands   = "PUT /applications/{app}/commands"
	PutGuild      = "PUT /applications/{app}/guilds/{guild}/commands"
)

var (
	few  = Limit{5, 5 * time.Second}
	many = Limit{30, 30 * time.Second}
)

var routes map[string]route

func init() {
	routes = map[string]route{
		"GET /gateway/bot":                                {Limit: many, do: (*Discord).gatewayAddress},
		"GET /users/@me":                                  {Limit: many, do: (*Discord).me},
		"GET /applications/@me":                           {Limit: many, do: (*Discord).application},
		"GET /applications/{app}/commands":                {Limit: many, do: (*Discord).getCommands},
		"GET /applications/{app}/guilds/{guild}/commands": {Limit: many, do: (*Discord).getCommands},
		PutCommands:                                       {Limit: few, do: (*Discord).putCommands},
		PutGuild:                                          {Limit: few, do: (*Discord).putCommands},
		"GET /guilds/{guild}":                             {Limit: many, do: inGuild(getGuild)},
		"GET /guilds/{guild}/channels":                    {Limit: many, do: inGuild(getChannels)},
		"GET /guilds/{guild}/members/{user}":              {Limit: many, do: inGuild(getMember)},
		"GET /guilds/{guild}/threads/active":              {Limit: many, do: inGuild(activeThreads)},
		"GET /channels/{channel}":                         {Limit: many, do: (*Discord).getChannel},
		"PATCH /channels/{channel}":                       {Limit: few, do: (*Discord).editThread},
		ListMessages:                                      {Limit: few, do: (*Discord).listMessages},
		CreateMessage:                                     {Limit: few, do: (*Discord).createMessage},
		"GET /channels/{channel}/messages/{message}":      {Limit: many, do: (*Discord).getMessage},
		EditMessage:                                       {Limit: few, do: (*Discord).editMessage},
		GetReactions:                                      {Limit: many, do: (*Discord).getReactions},
		AddReaction:                                       {Limit: Limit{1, 250 * time.Millisecond}, group: "reactions", do: (*Discord).react},
		ArchivedPosts:                                     {Limit: many, do: (*Discord).archivedThreads},
		StartThread:                                       {Limit: few, group: "threads", do: (*Discord).startThread},
		CreatePost:                                        {Limit: few, group: "threads", do: (*Discord).createPost},
		Callback:                                          {open: true, do: (*Discord).callback},
		FollowUp:                                          {Limit: few, group: "webhook", open: true, do: (*Discord).followUp},
		EditOriginal:                                      {Limit: few, group: "webhook", open: true, do: (*Discord).original},
		"DELETE /webhooks/{app}/{token}/messages/@original": {Limit: few, group: "webhook", open: true, do: (*Discord).original},
	}
}

// maxFile is an attachment's size in guilds without boosts.
const maxFile = 10 << 20

// parts reads a form: payload_json is returned, files[n] are kept.
func (r *request) parts(raw []byte, boundary string) (payload []byte, err error) {
	form := multipart.NewReader(bytes.NewReader(raw), boundary)
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return payload, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		if part.FormName() == "payload_json" {
			payload = content
		} else if strings.HasPrefix(part.FormName(), "file") {
			r.files = append(r.files, File{Name: part.FileName(), Content: content})
		}
	}
}

func (d *Discord) gatewayAddress(*request) (any, *refusal) {
	return object{"url": "ws" + strings.TrimPrefix(d.URL, "http") + "/gateway", "shards": d.opt.Shards,
		"session_start_limit": object{"total": 1000, "remaining": max(0, d.left), "reset_after": int((24 * time.Hour).Milliseconds()), "max_concurrency": d.opt.Concurrency}}, nil
}

func (d *Discord) me(*request) (any, *refusal) {
	o := userObject(d.users[Bot])
	o["mfa_enabled"], o["locale"], o["verified"], o["email"] = false, "en-US", true, nil
	return o, nil
}

func (d *Discord) application(*request) (any, *refusal) {
	owner := userObject(&Member{ID: "100000000000000002", Name: "owner"})
	return object{"id": AppID, "name": "Paperboy", "icon": nil, "description": "", "type": nil, "verify_key": strings.Repeat("0", 64), "flags": 0,
		"flags_new": "0", "redirect_uris": []any{}, "interactions_endpoint_url": nil, "role_connections_verification_url": nil, "owner": owner,
		"approximate_guild_count": len(d.guilds), "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
		"explicit_content_filter": 0, "team": nil, "eligible_oauth2_scopes": []any{}, "bot_public": true, "bot_require_code_grant": false,
		"bot": userObject(d.users[Bot])}, nil
}

func (d *Discord) guild(r *request) (*Guild, *refusal) {
	if g := d.byID[r.PathValue("guild")]; g != nil && !g.away {
		return g, nil
	}
	return nil, refuse(404, 10004, "Unknown Guild")
}

// inGuild is a route below a guild.
func inGuild(do func(*request, *Guild) (any, *refusal)) func(*Discord, *request) (any, *refusal) {
	return func(d *Discord, r *request) (any, *refusal) {
		g, no := d.guild(r)
		if no != nil {
			return nil, no
		}
		return do(r, g)
	}
}

func getGuild(_ *request, g *Guild) (any, *refusal) { return g.object(), nil }

func getChannels(_ *request, g *Guild) (any, *refusal) { return g.create()["channels"], nil }

func activeThreads(_ *request, g *Guild) (any, *refusal) {
	return object{"threads": g.create()["threads"], "members": []any{}, "has_more": false}, nil
}

func getMember(r *request, g *Guild) (any, *refusal) {
	if m := g.members[r.PathValue("user")]; m != nil {
		return g.d.memberObject(m, nil), nil
	}
	return nil, refuse(404, 10007, "Unknown Member")
}
