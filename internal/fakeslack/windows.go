package fakeslack

import (
	"encoding/json"
	"slices"
	"strings"
)

// longestProblem is how long an error under an input may be. Slack publishes no
// figure; in a window more would hardly be read.
const longestProblem = 300

// begun is what stands in the inputs of a window that has just been opened, as
// Slack tells it when the window is submitted.
func begun(blocks []map[string]any) object {
	values := object{}
	for _, b := range blocks {
		e, _ := b["element"].(object)
		if b["type"] != "input" || e == nil {
			continue
		}
		values[str(b, "block_id")] = object{str(e, "action_id"): content(e, firstOf(e))}
	}
	return values
}

func firstOf(e object) any {
	for _, name := range []string{"initial_value", "initial_option", "initial_time"} {
		if v, ok := e[name]; ok {
			return v
		}
	}
	return nil
}

// content is an input's state.
func content(e object, v any) object {
	name := map[string]string{"plain_text_input": "value", "timepicker": "selected_time"}[str(e, "type")]
	if name == "" {
		name = "selected_option"
	}
	return object{"type": str(e, "type"), name: v}
}

// Filled is what became of a window that somebody filled in.
type Filled struct {
	*Answer
	Problems map[string]string // what stands in red, by label
	Closed   bool              // the window is gone
}

// Fills is a person filling in the inputs of the window that they see, by their
// labels, and pressing its button. What is not named stays as it is. It fails the
// test where Slack's client would not let them: something is missing, too long,
// or not among what is offered.
func (s *Slack) Fills(user string, values map[string]string) Filled {
	s.t.Helper()
	v, ok := s.Modal(user)
	if !ok {
		s.t.Fatalf("%s sees no window", user)
	}
	labels := map[string]string{}
	for _, b := range v.Blocks {
		e, _ := b["element"].(object)
		if b["type"] != "input" || e == nil {
			continue
		}
		label := textOf(b["label"])
		labels[label] = str(b, "block_id")
		if typed, named := values[label]; named {
			s.put(user, v, b, e, typed)
		}
		s.mu.Lock()
		for _, state := range v.filled[str(b, "block_id")].(object) {
			for name, is := range state.(object) {
				if optional, _ := b["optional"].(bool); name != "type" && !optional && (is == nil || is == "") {
					s.t.Errorf("the window wants %q to be filled in", label)
				}
			}
		}
		s.mu.Unlock()
	}
	for label := range values {
		if labels[label] == "" {
			s.t.Errorf("the window has no %q, but %v", label, labels)
		}
	}
	return s.Submits(user)
}

// put fills one input in.
func (s *Slack) put(user string, v View, b, e object, typed string) {
	s.t.Helper()
	var is any
	switch kind := str(e, "type"); kind {
	case "plain_text_input":
		if n := length(typed); n > bound(e, "max_length", 3000) || n < bound(e, "min_length", 0) {
			s.t.Errorf("%d characters do not fit into %q", n, textOf(b["label"]))
		}
		if is = typed; typed == "" {
			is = nil
		}
	case "timepicker":
		if is = typed; !clockTime.MatchString(typed) {
			s.t.Errorf("%q is no time", typed)
		}
	case "static_select", "external_select":
		offered, _ := e["options"].([]any)
		if kind == "external_select" {
			offered = s.suggest(user, v, b, e, typed)
		}
		at := slices.IndexFunc(offered, func(o any) bool {
			option, _ := o.(object)
			return textOf(option["text"]) == typed || str(option, "value") == typed
		})
		if at < 0 {
			s.t.Fatalf("%q is not offered, but %v", typed, offered)
		}
		is = offered[at]
	default:
		s.t.Fatalf("nobody can fill in a %s here", kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.filled[str(b, "block_id")] = object{str(e, "action_id"): content(e, is)}
}

// Searches is a person typing into the search of a window: what is offered.
func (s *Slack) Searches(user, label, typed string) (offered []string) {
	s.t.Helper()
	v, _ := s.Modal(user)
	for _, b := range v.Blocks {
		if e, _ := b["element"].(object); textOf(b["label"]) == label && str(e, "type") == "external_select" {
			for _, o := range s.suggest(user, v, b, e, typed) {
				option, _ := o.(object)
				offered = append(offered, textOf(option["text"]))
			}
			return offered
		}
	}
	s.t.Errorf("nothing to search called %q in %s", label, v.Reads())
	return nil
}

// suggest asks the app what to offer for what was typed, as often as Slack does:
// not before enough was typed.
func (s *Slack) suggest(user string, v View, b, e object, typed string) []any {
	s.t.Helper()
	if len([]rune(typed)) < bound(e, "min_query_length", 3) {
		return nil
	}
	s.mu.Lock()
	payload := s.interaction("block_suggestion", s.person(user))
	delete(payload, "trigger_id")
	delete(payload, "action_ts")
	payload["container"], payload["view"] = object{"type": "view", "view_id": v.ID}, v.told()
	payload["action_id"], payload["block_id"], payload["value"] = str(e, "action_id"), str(b, "block_id"), typed
	s.mu.Unlock()
	a := s.ask("interactive", payload, &responseURL{})
	var says object
	if a.Error != "" || json.Unmarshal(a.says, &says) != nil {
		s.t.Errorf("nothing is offered for %q: %s %s", typed, a.Error, a.says)
		return nil
	}
	options, ok := says["options"].([]any)
	c := &checker{}
	c.fields("", says, rule{must: "options"})
	if len(options) > 0 || !ok {
		c.options("", says, "external_select")
	}
	if len(c.problems) > 0 {
		s.t.Errorf("Slack does not take what is offered: %v", c.problems)
	}
	return options
}

// Submits is a person pressing the button of the window as it is filled in.
func (s *Slack) Submits(user string) Filled {
	s.t.Helper()
	s.mu.Lock()
	u := s.person(user)
	key := "modal " + u.ID
	v := s.views[key]
	if v == nil || v.Submit == "" {
		s.mu.Unlock()
		s.t.Fatalf("%s has nothing to submit", user)
	}
	payload := s.interaction("view_submission", u)
	delete(payload, "action_ts")
	payload["view"], payload["response_urls"] = v.told(), []any{}
	s.mu.Unlock()
	f := Filled{Answer: s.ask("interactive", payload, &responseURL{})}
	if f.Error != "" { // the window says that there was some trouble connecting
		return f
	}
	var says struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if text := strings.TrimSpace(string(f.says)); text != "" {
		if err := json.Unmarshal(f.says, &says); err != nil {
			s.t.Errorf("the answer to a window is no JSON: %s", text)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed.Ring()
	switch says.Action {
	case "", "clear":
		f.Closed = true
		if s.views[key] == v {
			delete(s.views, key)
		}
	case "errors":
		f.Problems = map[string]string{}
		for block, problem := range says.Errors {
			at := slices.IndexFunc(v.Blocks, func(b map[string]any) bool { return b["type"] == "input" && str(b, "block_id") == block })
			if at < 0 || problem == "" || length(problem) > longestProblem {
				s.t.Errorf("an error that Slack does not show at %q: %q", block, problem)
				continue
			}
			f.Problems[textOf(v.Blocks[at]["label"])] = problem
		}
		if len(f.Problems) == 0 {
			s.t.Error("errors without an error")
		}
	case "update":
		next, no := s.makeView(string(says.View), "modal")
		if no != nil {
			s.t.Errorf("Slack does not take the window: %v", no)
			break
		}
		next.ID, next.raw["id"] = v.ID, v.ID
		s.views[key] = next
	default:
		s.t.Errorf("an answer to a window that nobody knows: %q", says.Action)
	}
	return f
}

// Closes is a person closing the window that they see.
func (s *Slack) Closes(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.views, "modal "+s.person(user).ID)
}

// CheckBlocks says all that Slack would refuse in the blocks of a message.
func CheckBlocks(blocks []map[string]any) []string { return checkBlocks(blocks, inMessage) }

// Repeat delivers a command or an interaction once more, as it was.
func (s *Slack) Repeat(kind string, payload map[string]any) *Answer {
	return s.ask(kind, payload, &responseURL{})
}
