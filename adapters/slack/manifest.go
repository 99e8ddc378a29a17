package slack

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Scopes are what the app asks for, each for something it does. It works
// without channels:history and groups:history, but then cannot look whether a
// post arrived, and reads votes back one message at a time; without users:read nobody is known to manage a channel.
var Scopes = []string{
	"app_mentions:read", // @Paperboy similar
	"channels:history",  // look before sending again; votes while we were away
	"channels:read",     // a channel's name, and whether we are in it
	"chat:write",
	"commands",
	"files:write", // exports
	"groups:history",
	"groups:read", // a private channel's name, and who is in it
	"im:history",  // what is written to the app's own messages
	"im:read",     // whether direct messages are ours, and whose
	"im:write",    // an export goes to who asked for it
	"links:read",  // settings links:yes
	"links:write",
	"mpim:read",       // whether we are in a group message, and who is
	"reactions:read",  // votes
	"reactions:write", // settings seed:yes
	"users:read",      // settings editors:managers; who is a guest
}

// Events are what the app is told about, and where organisations install it also of
// the workspaces that they take it off.
var Events = []string{
	"app_home_opened", "app_mention", "app_uninstalled", "channel_archive", "channel_deleted",
	"link_shared", "member_joined_channel", "message.im", "reaction_added", "reaction_removed", "tokens_revoked",
}

// unfurlDomains are whose links show as cards; Slack takes five.
var unfurlDomains = []string{"arxiv.org", "huggingface.co"}

// brand is the colour behind the app's name, dark enough for white letters. An
// icon no manifest can carry.
const brand = "#a3441a"

type object map[string]any

// Manifest is the app as Slack is told about it, as JSON. With an address the
// app works by signed requests to it, without one in Socket Mode. With an
// address that people reach, Slack sends them back there when they have installed it;
// with many, that is in their own workspaces and organisations, and tokens are renewed
// every twelve hours.
func Manifest(command, publicURL, installURL string, many bool) []byte {
	at := func(o object, key, path string) object {
		if publicURL != "" {
			o[key] = strings.TrimRight(publicURL, "/") + path
		}
		return o
	}
	shortcut := func(name, verb, does string) object {
		return object{"name": name, "type": "message", "callback_id": "paperboy_" + verb, "description": does}
	}
	oauth := object{"scopes": object{"bot": Scopes}}
	if installURL != "" {
		oauth["redirect_urls"] = []string{strings.TrimRight(installURL, "/") + oauthPath}
	}
	events := Events
	if many {
		events = append(slices.Clone(Events), "team_access_revoked")
	}
	interactivity := at(at(object{"is_enabled": true}, "request_url", "/slack/interactions"), "message_menu_options_url", "/slack/interactions")
	m := object{
		"_metadata": object{"major_version": 1, "minor_version": 1},
		"display_information": object{
			"name":             "Paperboy",
			"description":      "New papers that match a channel's topics, one message each",
			"long_description": "Paperboy posts new papers from Hugging Face Daily Papers and arXiv that match the topics a channel follows: one message per paper, and a 👍 on it is a vote. It searches, finds similar papers, keeps reading lists and exports BibTeX. It reads only what is written to it, and reactions on its own posts.",
			"background_color": brand,
		},
		"features": object{
			"app_home": object{"home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false},
			"bot_user": object{"display_name": "Paperboy", "always_online": true},
			"shortcuts": []object{
				shortcut("Save paper", "save", "Put this paper on your list"),
				shortcut("Similar papers", "similar", "The nearest papers to this one"),
				shortcut("Why this paper?", "why", "The topic, field and sentence that matched"),
			},
			"slash_commands": []object{at(object{
				"command": command, "description": "Papers: search, follow topics, votes",
				"usage_hint": "diffusion -video | subscribe lora | today | help", "should_escape": false,
			}, "url", "/slack/commands")},
			"unfurl_domains": unfurlDomains,
		},
		"oauth_config": oauth,
		"settings": object{
			"event_subscriptions":    at(object{"bot_events": events}, "request_url", "/slack/events"),
			"interactivity":          interactivity,
			"org_deploy_enabled":     many,
			"socket_mode_enabled":    publicURL == "",
			"token_rotation_enabled": many,
		},
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(m) // strings, numbers and lists always encode
	return b.Bytes()
}
