package fakeslack

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// View is a Home tab or a modal.
type View struct {
	ID, Hash      string
	Type          string // "home" or "modal"
	Title, Submit string // of a modal
	Private       string // its private_metadata
	Blocks        []map[string]any
	raw           object
	filled        object // by block_id: what stands in its inputs
}

// Reads is the view as a person reads it.
func (v View) Reads() string {
	return strings.TrimSpace(v.Title + "\n" + Message{Blocks: v.Blocks}.Reads() + "\n" + v.Submit)
}

// JSON is the view as it was sent, with what Slack adds.
func (v View) JSON() map[string]any { return v.raw }

// Buttons lists what can be pressed in the view.
func (v View) Buttons() []Button { return buttons(v.Blocks) }

// makeView checks a view as views.open and views.publish do. The caller holds
// mu.
func (s *Slack) makeView(raw, kind string) (*View, object) {
	var o object
	if json.Unmarshal([]byte(raw), &o) != nil || str(o, "type") != kind {
		return nil, refuse("invalid_arguments", "[ERROR] missing or wrong view [json-pointer:/view]")
	}
	blocks, problems := checkView(o)
	if len(problems) > 0 {
		return nil, refuse("invalid_arguments", problems...)
	}
	s.nameBlocks(blocks)
	v := &View{ID: s.id("V"), Hash: s.id("h"), Type: kind, Title: textOf(o["title"]), Submit: textOf(o["submit"]), Private: str(o, "private_metadata"),
		Blocks: blocks, raw: o, filled: begun(blocks)}
	for _, name := range []string{"private_metadata", "callback_id", "external_id"} { // Slack gives them back empty
		o[name] = str(o, name)
	}
	o["id"], o["hash"], o["blocks"], o["team_id"], o["app_id"], o["bot_id"], o["app_installed_team_id"] = v.ID, v.Hash, blocks, s.team, AppID, BotID, s.team
	o["state"] = object{"values": begun(blocks)}
	return v, nil
}

// told is the view as an interaction in it tells it: as it is filled in. The
// caller holds mu.
func (v *View) told() object {
	o := maps.Clone(v.raw)
	o["state"] = object{"values": maps.Clone(v.filled)}
	return o
}

// CheckView says all that Slack would refuse in a view.
func CheckView(view map[string]any) []string {
	_, problems := checkView(view)
	return problems
}

func checkView(o object) ([]map[string]any, []string) {
	kind, c := str(o, "type"), &checker{}
	c.fields("/view", o, viewRules[kind])
	c.size("/view/callback_id", str(o, "callback_id"), 0, 255)
	c.size("/view/private_metadata", str(o, "private_metadata"), 0, 3000)
	if kind == "modal" {
		c.text("/view/title", o["title"], 24, "plain_text")
		for _, name := range []string{"submit", "close"} {
			if v, ok := o[name]; ok && v != nil {
				c.text("/view/"+name, v, 24, "plain_text")
			}
		}
	}
	blocks, err := list(string(encode(o["blocks"])))
	if err != nil || blocks == nil {
		c.bad("/view/blocks", "must be an array")
	}
	where := inHome
	if kind == "modal" {
		where = inModal
	}
	for _, b := range blocks {
		if b["type"] == "input" && kind == "modal" && o["submit"] == nil {
			c.bad("/view", "missing required field: submit")
		}
	}
	return blocks, append(c.problems, checkBlocks(blocks, where)...)
}

// viewRules are the properties of views (@slack/types, views.d.ts).
var viewRules = map[string]rule{
	"home":  {"blocks", "private_metadata callback_id external_id"},
	"modal": {"title blocks", "close submit private_metadata callback_id clear_on_close notify_on_close external_id"},
}

func publishView(s *Slack, args map[string]string, _ *http.Request) object {
	if s.users[args["user_id"]] == nil {
		return refuse("user_not_found")
	}
	v, no := s.makeView(args["view"], "home")
	if no != nil {
		return no
	}
	key := "home " + args["user_id"]
	if old := s.views[key]; args["hash"] != "" && old != nil && old.Hash != args["hash"] {
		return refuse("hash_conflict")
	}
	s.views[key] = v
	return object{"view": v.raw}
}

// A trigger opens one modal within three seconds.
func openView(s *Slack, args map[string]string, _ *http.Request) object {
	made, known := s.triggers[args["trigger_id"]]
	switch {
	case !known:
		return refuse("invalid_trigger_id")
	case made.IsZero():
		return refuse("exchanged_trigger_id")
	case time.Since(made) > 3*time.Second:
		return refuse("expired_trigger_id")
	}
	v, no := s.makeView(args["view"], "modal")
	if no != nil {
		return no
	}
	s.triggers[args["trigger_id"]] = time.Time{}
	_, user, _ := strings.Cut(args["trigger_id"], ".")
	s.views["modal "+user] = v
	return object{"view": v.raw}
}

// An app draws a modal anew by the id that Slack gave it.
func updateView(s *Slack, args map[string]string, _ *http.Request) object {
	for key, old := range s.views {
		if old.ID != args["view_id"] || old.Type != "modal" {
			continue
		}
		if args["hash"] != "" && args["hash"] != old.Hash {
			return refuse("hash_conflict")
		}
		v, no := s.makeView(args["view"], "modal")
		if no != nil {
			return no
		}
		v.ID, v.raw["id"] = old.ID, old.ID
		s.views[key] = v
		return object{"view": v.raw}
	}
	return refuse("not_found")
}

// trigger makes a trigger_id for a person's action. The caller holds mu.
func (s *Slack) trigger(user string) string {
	id := s.id("trigger") + "." + user
	s.triggers[id] = time.Now()
	return id
}

func uploadURL(s *Slack, args map[string]string, _ *http.Request) object {
	n, err := strconv.Atoi(args["length"])
	if err != nil || n <= 0 || args["filename"] == "" {
		return refuse("invalid_arguments")
	}
	f := &File{ID: s.id("F"), Name: args["filename"], Alt: args["alt_txt"], length: n}
	s.files[f.ID] = f
	return object{"upload_url": s.URL + "/upload/v1/" + f.ID, "file_id": f.ID}
}

// serveUpload takes a file's bytes.
func (s *Slack) serveUpload(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "" {
		s.counts.UploadToken++
	}
	f := s.files[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]
	if f == nil || err != nil || len(body) != f.length || f.Body != nil {
		http.Error(w, "unknown upload or wrong length", http.StatusBadRequest)
		return
	}
	f.Body = body
	io.WriteString(w, "OK - "+strconv.Itoa(len(body)))
}

func completeUpload(s *Slack, args map[string]string, _ *http.Request) object {
	var wanted []struct{ ID, Title string }
	if json.Unmarshal([]byte(args["files"]), &wanted) != nil || len(wanted) == 0 {
		return refuse("invalid_arguments")
	}
	m := &Message{User: Bot, Text: args["initial_comment"], ThreadTS: args["thread_ts"]}
	shown := []any{}
	for _, file := range wanted {
		f := s.files[file.ID]
		if f == nil || f.Body == nil || f.done {
			return refuse("file_not_found")
		}
		f.Title = file.Title
		m.Files = append(m.Files, *f)
		shown = append(shown, object{"id": f.ID, "title": f.Title})
	}
	if args["channel_id"] != "" {
		c, no := s.reach(args["channel_id"], "")
		if no != nil {
			return no
		}
		if no := s.keep(c, m); no != nil {
			return no
		}
	}
	for _, file := range wanted {
		s.files[file.ID].done = true
	}
	return object{"files": shown}
}
