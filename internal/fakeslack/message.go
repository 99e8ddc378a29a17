package fakeslack

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Message is one message as the workspace keeps it.
type Message struct {
	Channel, TS string
	ThreadTS    string // the parent's TS: set on replies, and on a parent that has some
	User        string // who wrote it: Bot for the app's
	For         string // the only person who sees it; empty for everybody
	Text        string
	Blocks      []map[string]any // with the block_ids that Slack gave
	Attachments []map[string]any
	Metadata    map[string]any // event_type, event_payload
	Files       []File
	Reactions   []Reaction
	Unfurls     map[string]map[string]any // by URL
	Edits       int
	Deleted     bool
	NoLinks     bool // unfurl_links was false
	NoMedia     bool // unfurl_media was false
	parsed      bool // link_names, or parse=full: names become mentions
	broadcast   bool
	replies     []*Message
	parent      string // who wrote the message above a reply
}

// Reaction is an emoji on a message and who gave it, in their order.
type Reaction struct {
	Name  string
	Users []string
}

// File was uploaded in three steps.
type File struct {
	ID, Name, Title string
	Alt             string // of a picture
	Body            []byte
	length          int
	done            bool
}

// Key is the value in the metadata's payload, "" when there is none.
func (m Message) Key(name string) string {
	payload, _ := m.Metadata["event_payload"].(object)
	key, _ := payload[name].(string)
	return key
}

func (m *Message) copy() Message {
	c := *m
	c.Reactions = slices.Clone(m.Reactions)
	for i := range c.Reactions {
		c.Reactions[i].Users = slices.Clone(c.Reactions[i].Users)
	}
	c.Files = slices.Clone(m.Files)
	c.Unfurls = maps.Clone(m.Unfurls)
	return c // blocks, attachments and metadata are replaced, never changed
}

// reply says that the message stands in a thread under another one.
func (m *Message) reply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// json is the message as the Web API shows it. Lists of voters are cut at 50,
// as Slack does it, their counts stay right.
func (m *Message) json(metadata, full bool) object {
	if m.Deleted { // what hung on it is still there
		return object{"type": "message", "subtype": "tombstone", "hidden": true, "user": "USLACKBOT", "text": "This message was deleted.", "ts": m.TS, "thread_ts": m.ThreadTS}
	}
	o := object{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": Team}
	if m.User == Bot {
		o["bot_id"], o["app_id"] = BotID, AppID
	}
	if len(m.Blocks) > 0 {
		o["blocks"] = m.Blocks
	}
	if len(m.Attachments) > 0 {
		o["attachments"] = m.Attachments
	}
	if m.ThreadTS != "" {
		o["thread_ts"] = m.ThreadTS
	}
	if m.parent != "" {
		o["parent_user_id"] = m.parent
	}
	if answers := clip(m.replies, func(*Message) bool { return true }); len(answers) > 0 {
		var users []string
		for _, r := range answers {
			if !slices.Contains(users, r.User) {
				users = append(users, r.User)
			}
		}
		o["reply_count"], o["reply_users"], o["reply_users_count"] = len(answers), users, len(users)
		o["latest_reply"], o["subscribed"] = answers[len(answers)-1].TS, false
	}
	if m.Edits > 0 {
		o["edited"] = object{"user": m.User, "ts": m.TS}
	}
	if metadata && m.Metadata != nil {
		o["metadata"] = m.Metadata
	}
	if len(m.Files) > 0 {
		var files []any
		for _, f := range m.Files {
			files = append(files, object{"id": f.ID, "name": f.Name, "title": f.Title, "size": len(f.Body)})
		}
		o["files"] = files
	}
	if len(m.Reactions) > 0 {
		var list []any
		for _, r := range m.Reactions {
			users := r.Users
			if !full {
				users = users[:min(len(users), 50)]
			}
			list = append(list, object{"name": r.Name, "users": users, "count": len(r.Users)})
		}
		o["reactions"] = list
	}
	return o
}

// react adds or takes a reaction and says whether that changed anything.
func (m *Message) react(user, name string, on bool) bool {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	if i < 0 {
		if !on {
			return false
		}
		m.Reactions = append(m.Reactions, Reaction{Name: name, Users: []string{user}})
		return true
	}
	r := &m.Reactions[i]
	at := slices.Index(r.Users, user)
	if on == (at >= 0) {
		return false
	}
	if on {
		r.Users = append(r.Users, user)
		return true
	}
	if r.Users = slices.Delete(r.Users, at, at+1); len(r.Users) == 0 {
		m.Reactions = slices.Delete(m.Reactions, i, i+1)
	}
	return true
}

// Voters is the set of people who hold one of these reactions, in any skin.
func (m Message) Voters(names ...string) []string {
	var users []string
	for _, r := range m.Reactions {
		if bare, _, _ := strings.Cut(r.Name, "::"); slices.Contains(names, bare) {
			users = append(users, r.Users...)
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// Button is a thing in a message that can be pressed: a button, or one line of
// an overflow menu or a select.
type Button struct {
	Label, ActionID, Value, URL string

	block string
	kind  string // of the element
}

// Buttons lists what can be pressed, in the order of reading.
func (m Message) Buttons() []Button { return buttons(m.Blocks) }

func buttons(blocks []map[string]any) (found []Button) {
	for _, b := range blocks {
		var elements []any
		if list, ok := b["elements"].([]any); ok && b["type"] == "actions" {
			elements = list
		}
		if a, ok := b["accessory"]; ok {
			elements = append(elements, a)
		}
		for _, e := range elements {
			e, _ := e.(object)
			made := Button{ActionID: str(e, "action_id"), block: str(b, "block_id"), kind: str(e, "type")}
			if options, ok := e["options"].([]any); ok {
				for _, option := range options {
					option, _ := option.(object)
					made.Label, made.Value, made.URL = textOf(option["text"]), str(option, "value"), str(option, "url")
					found = append(found, made)
				}
			} else if made.kind == "button" {
				made.Label, made.Value, made.URL = textOf(e["text"]), str(e, "value"), str(e, "url")
				found = append(found, made)
			}
		}
	}
	return found
}

// str is a string field of an object, "" when it is something else.
func str(o object, name string) string {
	v, _ := o[name].(string)
	return v
}

// textOf is the text of a text object.
func textOf(v any) string {
	o, _ := v.(object)
	return str(o, "text")
}

// list decodes a JSON array of objects.
func list(raw string) (l []map[string]any, err error) {
	if raw == "" || raw == "null" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(raw), &l)
	return l, err
}
