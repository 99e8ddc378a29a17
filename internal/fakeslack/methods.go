package fakeslack

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// method is one method of the Web API.
type method struct {
	scope string // what the token needs; methods for several kinds of channel check themselves
	tier  int    // calls a minute, see pace; 0 unlimited
	args  string // the arguments that Slack documents
	app   bool   // takes the app token
	do    func(s *Slack, args map[string]string, r *http.Request) object
}

const messageArgs = " channel text blocks attachments metadata as_user link_names parse mrkdwn username icon_emoji icon_url thread_ts reply_broadcast unfurl_links unfurl_media "

// methods is filled by init, for methods that mention it.
var methods map[string]method

func init() {
	methods = map[string]method{
		"auth.test":                    {do: authTest},
		"apps.connections.open":        {app: true, tier: 3, do: openConnection},
		"users.conversations":          {tier: 3, args: "user types exclude_archived limit cursor team_id", do: conversationsOf},
		"users.info":                   {scope: "users:read", tier: 4, args: "user include_locale", do: usersInfo},
		"chat.postMessage":             {scope: "chat:write", args: messageArgs, do: postMessage},
		"chat.postEphemeral":           {scope: "chat:write", tier: 4, args: messageArgs + "user", do: postEphemeral},
		"chat.update":                  {scope: "chat:write", tier: 3, args: messageArgs + "ts file_ids", do: update},
		"chat.unfurl":                  {scope: "links:write", tier: 3, args: "channel ts unfurls unfurl_id source user_auth_message user_auth_required user_auth_url user_auth_blocks metadata", do: unfurl},
		"conversations.history":        {tier: 3, args: "channel cursor inclusive latest oldest limit include_all_metadata", do: history},
		"conversations.replies":        {tier: 3, args: "channel ts cursor inclusive latest oldest limit include_all_metadata", do: thread},
		"conversations.info":           {tier: 3, args: "channel include_locale include_num_members", do: info},
		"conversations.members":        {tier: 4, args: "channel cursor limit", do: members},
		"conversations.open":           {scope: "im:write", tier: 3, args: "channel users return_im prevent_creation", do: openDirect},
		"reactions.add":                {scope: "reactions:write", tier: 3, args: "channel name timestamp", do: addReaction},
		"reactions.get":                {scope: "reactions:read", tier: 3, args: "channel timestamp full file file_comment", do: getReactions},
		"views.publish":                {tier: 4, args: "user_id view hash", do: publishView},
		"views.open":                   {tier: 4, args: "trigger_id interactivity_pointer view", do: openView},
		"views.update":                 {tier: 4, args: "view_id external_id view hash", do: updateView},
		"files.getUploadURLExternal":   {scope: "files:write", tier: 4, args: "filename length alt_txt snippet_type", do: uploadURL},
		"files.completeUploadExternal": {scope: "files:write", tier: 4, args: "files channel_id channels thread_ts initial_comment blocks", do: completeUpload},
	}
}

func authTest(s *Slack, _ map[string]string, _ *http.Request) object {
	return object{"url": s.URL + "/", "team": "Lab", "team_id": s.team, "user": "paperboy", "user_id": Bot, "bot_id": BotID, "is_enterprise_install": false}
}

func openConnection(s *Slack, _ map[string]string, _ *http.Request) object {
	ticket := s.id("ticket")
	s.tickets[ticket] = time.Now()
	s.counts.Opened++
	return object{"url": "ws" + strings.TrimPrefix(s.URL, "http") + "/link/?ticket=" + ticket + "&app_id=" + AppID}
}

func usersInfo(s *Slack, args map[string]string, _ *http.Request) object {
	u := s.users[args["user"]]
	if u == nil {
		return refuse("user_not_found")
	}
	zone, err := time.LoadLocation(u.Zone)
	if err != nil {
		zone = time.UTC
	}
	_, offset := time.Now().In(zone).Zone()
	return object{"user": object{"id": u.ID, "team_id": s.team, "name": u.Name, "real_name": u.RealName, "deleted": false, "is_bot": u.Bot, "is_app_user": false,
		"tz": zone.String(), "tz_label": zone.String(), "tz_offset": offset, "updated": 1700000000,
		"is_restricted": u.Guest, "is_ultra_restricted": false,
		"profile": object{"display_name": u.Name, "display_name_normalized": u.Name, "real_name": u.RealName, "real_name_normalized": u.RealName, "avatar_hash": "g0", "team": s.team,
			"title": "", "phone": "", "skype": "", "status_text": "", "status_emoji": "", "fields": nil}}}
}

// reach finds a channel the bot may act in. Private channels that it is not in
// do not exist for it.
func (s *Slack) reach(id, publicScope string) (*channel, object) {
	if strings.HasPrefix(id, "U") && s.users[id] != nil {
		return s.direct(id), nil
	}
	c := s.channel(id)
	switch {
	case c == nil, c.private && !c.has(Bot):
		return nil, refuse("channel_not_found")
	case c.archived:
		return nil, refuse("is_archived")
	case !c.has(Bot) && (publicScope == "" || !s.scopes[publicScope]):
		return nil, refuse("not_in_channel")
	}
	return c, nil
}

// compose checks what a message is made of and makes it.
func (s *Slack) compose(args map[string]string) (*Message, object) {
	m := &Message{User: Bot, Text: args["text"], ThreadTS: args["thread_ts"],
		NoLinks: !truth(args["unfurl_links"]), NoMedia: args["unfurl_media"] == "false" || args["unfurl_media"] == "0",
		parsed: truth(args["link_names"]) || args["parse"] == "full", broadcast: truth(args["reply_broadcast"])}
	var err error
	if m.Blocks, err = list(args["blocks"]); err != nil {
		return nil, refuse("invalid_blocks_format")
	}
	if m.Attachments, err = list(args["attachments"]); err != nil {
		return nil, refuse("invalid_attachments")
	}
	if m.Text == "" && len(m.Blocks) == 0 && len(m.Attachments) == 0 {
		return nil, refuse("no_text")
	}
	if length(m.Text) > 40_000 {
		return nil, refuse("msg_too_long")
	}
	if len(m.Attachments) > 100 {
		return nil, refuse("too_many_attachments")
	}
	if problems := checkBlocks(m.Blocks, inMessage); len(problems) > 0 {
		return nil, refuse("invalid_blocks", problems...)
	}
	if weight(m.Blocks) > 13_200 {
		return nil, refuse("msg_blocks_too_long")
	}
	s.nameBlocks(m.Blocks)
	if m.Metadata, err = metadata(args["metadata"]); err != nil {
		return nil, refuse(err.Error())
	}
	return m, nil
}

// nameBlocks gives a block_id to the blocks that have none, as Slack does.
func (s *Slack) nameBlocks(blocks []map[string]any) {
	for _, b := range blocks {
		if str(b, "block_id") == "" {
			b["block_id"] = s.id("b")
		}
	}
}

// keep puts a message into a channel.
func (s *Slack) keep(c *channel, m *Message) object {
	if m.ThreadTS != "" {
		parent := c.find(m.ThreadTS)
		switch {
		case parent == nil:
			return refuse("thread_not_found")
		case parent.reply():
			return refuse("cannot_reply_to_message")
		case m.For == "":
			parent.ThreadTS = parent.TS
			parent.replies = append(parent.replies, m)
			m.parent = parent.User
		}
	}
	m.Channel, m.TS = c.ID, s.ts()
	c.messages = append(c.messages, m)
	if c.im != "" && c.has(Bot) && m.For == "" { // the app hears of its own, too
		e := m.json(false, false)
		e["channel"], e["channel_type"] = c.ID, "im"
		s.happen(e)
	}
	return nil
}

func postMessage(s *Slack, args map[string]string, _ *http.Request) object {
	c, no := s.reach(args["channel"], "chat:write.public")
	if no != nil {
		return no
	}
	m, no := s.compose(args)
	if no != nil {
		return no
	}
	if no := s.keep(c, m); no != nil {
		return no
	}
	return object{"channel": c.ID, "ts": m.TS, "message": m.json(true, true)}
}

func postEphemeral(s *Slack, args map[string]string, _ *http.Request) object {
	c, no := s.reach(args["channel"], "")
	if no != nil {
		return no
	}
	if !c.has(args["user"]) {
		return refuse("user_not_in_channel")
	}
	m, no := s.compose(args)
	if no != nil {
		return no
	}
	m.For = args["user"]
	if no := s.keep(c, m); no != nil {
		return no
	}
	return object{"message_ts": m.TS}
}

func update(s *Slack, args map[string]string, _ *http.Request) object {
	c, no := s.reach(args["channel"], "chat:write.public")
	if no != nil {
		return no
	}
	m := c.find(args["ts"])
	switch {
	case m == nil:
		return refuse("message_not_found")
	case m.User != Bot:
		return refuse("cant_update_message")
	}
	next, no := s.compose(args)
	if no != nil {
		return no
	}
	m.replace(next, args["blocks"] != "")
	return object{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": m.json(true, true)}
}

// replace is an edit. Blocks that are not mentioned stay; metadata that are not
// mentioned go.
func (m *Message) replace(next *Message, blocks bool) {
	m.Text, m.Metadata, m.parsed = next.Text, next.Metadata, next.parsed
	if blocks {
		m.Blocks = next.Blocks
	}
	m.Edits++
}

func unfurl(s *Slack, args map[string]string, _ *http.Request) object {
	c := s.channel(args["channel"])
	ts := args["ts"]
	if at, id, ok := strings.Cut(args["unfurl_id"], " "); ok && c == nil {
		c, ts = s.channel(at), id
	}
	if c == nil {
		return refuse("channel_not_found")
	}
	m := c.find(ts)
	var cards map[string]map[string]any
	if err := json.Unmarshal([]byte(args["unfurls"]), &cards); err != nil || len(cards) == 0 {
		return refuse("missing_unfurls")
	}
	if m == nil {
		return refuse("cannot_unfurl_url")
	}
	for link, card := range cards {
		if !slices.ContainsFunc(m.Links(), func(l Link) bool { return l.URL == link }) || !s.listensTo(link) {
			return refuse("cannot_unfurl_url")
		}
		blocks, err := list(string(encode(card["blocks"])))
		if err != nil {
			return refuse("invalid_unfurls_format")
		}
		if problems := checkBlocks(blocks, inMessage); len(problems) > 0 {
			return refuse("invalid_blocks", problems...)
		}
	}
	m.Unfurls = cards
	return object{}
}

// listensTo says whether a link stands on one of the app's domains.
func (s *Slack) listensTo(link string) bool {
	u, err := url.Parse(link)
	return err == nil && slices.ContainsFunc(s.UnfurlDomains, func(domain string) bool {
		return u.Hostname() == domain || strings.HasSuffix(u.Hostname(), "."+domain)
	})
}

var scopeOf = map[string]string{"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}

// scoped checks the scope "channels:verb", "groups:verb" or "im:verb" of a
// channel's kind.
func (s *Slack) scoped(c *channel, verb string) object {
	scope := scopeOf[c.kind()] + ":" + verb
	if !s.scopes[scope] {
		return s.missing(scope)
	}
	return nil
}

// read is what history and replies have in common: who may, and which part.
func (s *Slack) read(args map[string]string, pick func(*channel, *Message) bool) (part []*Message, no object) {
	c := s.channel(args["channel"])
	if c == nil || c.private && !c.has(Bot) {
		return nil, refuse("channel_not_found")
	}
	if no := s.scoped(c, "history"); no != nil {
		return nil, no
	}
	if !c.has(Bot) {
		return nil, refuse("not_in_channel")
	}
	oldest, latest := args["oldest"], args["latest"]
	for name, ts := range map[string]string{"invalid_ts_oldest": oldest, "invalid_ts_latest": latest} {
		if ts != "" && !timestamp.MatchString(ts) {
			return nil, refuse(name)
		}
	}
	for _, m := range c.messages {
		edge := truth(args["inclusive"]) && (sameTS(m.TS, oldest) || sameTS(m.TS, latest))
		if m.Deleted && len(m.replies) == 0 || m.For != "" || !pick(c, m) || !edge && (oldest != "" && !later(m.TS, oldest) || latest != "" && !later(latest, m.TS)) {
			continue
		}
		part = append(part, m)
	}
	return part, nil
}

// cut is one page of a list, and the cursor of the next one.
func cut[T any](all []T, args map[string]string, standard, most int) (part []T, cursor string, no object) {
	limit := standard
	if args["limit"] != "" {
		var err error
		if limit, err = strconv.Atoi(args["limit"]); err != nil || limit < 1 || limit > 1000 {
			return nil, "", refuse("invalid_limit")
		}
	}
	limit = min(limit, most)
	from := 0
	if args["cursor"] != "" {
		raw, err := base64.StdEncoding.DecodeString(args["cursor"])
		if err == nil {
			from, err = strconv.Atoi(strings.TrimPrefix(string(raw), "next:"))
		}
		if err != nil || from < 0 || from > len(all) {
			return nil, "", refuse("invalid_cursor")
		}
	}
	to := min(from+limit, len(all))
	if to < len(all) {
		cursor = base64.StdEncoding.EncodeToString([]byte("next:" + strconv.Itoa(to)))
	}
	return all[from:to], cursor, nil
}

func (s *Slack) pageOf(messages []*Message, args map[string]string) object {
	most := 999
	if s.distributed {
		most = 15
	}
	part, cursor, no := cut(messages, args, min(most, 100), most)
	if no != nil {
		return no
	}
	shown := []any{}
	for _, m := range part {
		shown = append(shown, m.json(truth(args["include_all_metadata"]), false))
	}
	return object{"messages": shown, "has_more": cursor != "", "response_metadata": object{"next_cursor": cursor}}
}

func history(s *Slack, args map[string]string, _ *http.Request) object {
	part, no := s.read(args, func(_ *channel, m *Message) bool { return !m.reply() || m.broadcast })
	if no != nil {
		return no
	}
	slices.Reverse(part)
	answer := s.pageOf(part, args)
	if answer["error"] == nil {
		answer["pin_count"], answer["channel_actions_ts"], answer["channel_actions_count"] = 0, nil, 0
	}
	return answer
}

func thread(s *Slack, args map[string]string, _ *http.Request) object {
	var root *Message
	part, no := s.read(args, func(c *channel, m *Message) bool {
		root = c.find(args["ts"])
		return root != nil && m != root && m.ThreadTS == root.TS
	})
	if no != nil {
		return no
	}
	if root == nil {
		return refuse("thread_not_found")
	}
	return s.pageOf(append([]*Message{root}, part...), args)
}

func (s *Slack) describe(c *channel) object {
	if c.im != "" {
		return object{"id": c.ID, "created": 1700000000, "is_archived": false, "is_im": true, "is_org_shared": false, "user": c.im, "priority": 0}
	}
	return object{"id": c.ID, "name": c.Name, "name_normalized": c.Name, "created": 1700000000, "creator": named("U", "pi"), "is_archived": c.archived,
		"is_channel": !c.private, "is_group": c.kind() == "group", "is_im": false, "is_mpim": c.kind() == "mpim", "is_private": c.private, "is_member": c.has(Bot),
		"is_general": false, "is_shared": false, "is_ext_shared": false, "is_org_shared": false, "is_pending_ext_shared": false,
		"topic": object{"creator": "", "last_set": 0, "value": ""}, "purpose": object{"creator": "", "last_set": 0, "value": ""}, "num_members": len(c.members)}
}

func info(s *Slack, args map[string]string, _ *http.Request) object {
	c := s.channel(args["channel"])
	if c == nil || c.private && !c.has(Bot) {
		return refuse("channel_not_found")
	}
	if no := s.scoped(c, "read"); no != nil {
		return no
	}
	return object{"channel": s.describe(c)}
}

// members are who is in a conversation, in pages.
func members(s *Slack, args map[string]string, _ *http.Request) object {
	c := s.channel(args["channel"])
	if c == nil || c.private && !c.has(Bot) {
		return refuse("channel_not_found")
	}
	if no := s.scoped(c, "read"); no != nil {
		return no
	}
	part, cursor, no := cut(c.members, args, 100, 1000)
	if no != nil {
		return no
	}
	return object{"members": append([]string{}, part...), "response_metadata": object{"next_cursor": cursor}}
}

// conversationsOf are the bot's conversations of some kinds, in pages; a scope
// for each kind is needed.
func conversationsOf(s *Slack, args map[string]string, _ *http.Request) object {
	kinds := map[string]string{"public_channel": "channel", "private_channel": "group", "mpim": "mpim", "im": "im"}
	wanted := map[string]bool{}
	for _, name := range strings.Split(cmp.Or(args["types"], "public_channel"), ",") {
		kind := kinds[strings.TrimSpace(name)]
		if kind == "" {
			return refuse("invalid_types")
		}
		if scope := scopeOf[kind] + ":read"; !s.scopes[scope] {
			return s.missing(scope)
		}
		wanted[kind] = true
	}
	if args["user"] != "" && args["user"] != Bot {
		return refuse("invalid_arg_name") // nobody asks for others
	}
	found := []any{}
	for _, c := range s.channels {
		if c.has(Bot) && !c.deleted && wanted[c.kind()] && !(truth(args["exclude_archived"]) && c.archived) {
			found = append(found, s.describe(c))
		}
	}
	part, cursor, no := cut(found, args, 100, 999)
	if no != nil {
		return no
	}
	return object{"channels": append([]any{}, part...), "response_metadata": object{"next_cursor": cursor}}
}

func openDirect(s *Slack, args map[string]string, _ *http.Request) object {
	if s.users[args["users"]] == nil {
		return refuse("user_not_found")
	}
	return object{"channel": object{"id": s.direct(args["users"]).ID}}
}

var (
	emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(::skin-tone-[2-6])?$`)
	timestamp = regexp.MustCompile(`^\d+(\.\d+)?$`)
)

// item finds the message that a reaction belongs to.
func (s *Slack) item(args map[string]string) (*channel, *Message, object) {
	c := s.channel(args["channel"])
	switch {
	case args["timestamp"] == "":
		return nil, nil, refuse("no_item_specified")
	case !timestamp.MatchString(args["timestamp"]):
		return nil, nil, refuse("bad_timestamp")
	case c == nil, c.private && !c.has(Bot):
		return nil, nil, refuse("channel_not_found")
	}
	m := c.find(args["timestamp"])
	if m == nil {
		return nil, nil, refuse("message_not_found")
	}
	return c, m, nil
}

func addReaction(s *Slack, args map[string]string, _ *http.Request) object {
	c, m, no := s.item(args)
	switch {
	case no != nil:
		return no
	case !c.has(Bot):
		return refuse("not_in_channel")
	case c.archived:
		return refuse("is_archived")
	case !emojiName.MatchString(args["name"]):
		return refuse("invalid_name")
	case s.reacts(c, m, Bot, args["name"], true) == nil:
		return refuse("already_reacted")
	}
	return object{}
}

func getReactions(s *Slack, args map[string]string, _ *http.Request) object {
	c, m, no := s.item(args)
	if no != nil {
		return no
	}
	if !c.has(Bot) && c.private {
		return refuse("not_in_channel")
	}
	return object{"type": "message", "channel": c.ID, "message": m.json(false, truth(args["full"]))}
}

func truth(v string) bool { return v == "true" || v == "1" }

// later compares message ids by their numbers.
func later(a, b string) bool {
	as, au, _ := strings.Cut(a, ".")
	bs, bu, _ := strings.Cut(b, ".")
	if len(as) != len(bs) {
		return len(as) > len(bs)
	}
	return as+"."+(au + "000000")[:6] > bs+"."+(bu + "000000")[:6]
}

func sameTS(a, b string) bool { return b != "" && !later(a, b) && !later(b, a) }
