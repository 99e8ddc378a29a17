package fakeslack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// Where blocks stand decides how many there may be and which kinds.
type surface int

const (
	inMessage surface = iota
	inHome
	inModal
)

// rule is what a block or element may and must contain. The figures are those
// of the comments in Slack's published types (@slack/types, block-kit).
type rule struct{ must, may string }

var blockRules = map[string]rule{
	"section":   {"", "text fields accessory expand"},
	"header":    {"text", "level"},
	"context":   {"elements", ""},
	"actions":   {"elements", ""},
	"divider":   {"", ""},
	"image":     {"alt_text", "image_url slack_file title"},
	"rich_text": {"elements", ""},
	"markdown":  {"text", ""},
	"table":     {"rows", "column_settings"},
	"input":     {"label element", "dispatch_action hint optional"},
}

var elementRules = map[string]rule{
	"button":                 {"text", "action_id value url style confirm accessibility_label"},
	"overflow":               {"options", "action_id confirm"},
	"static_select":          {"options", "action_id placeholder initial_option confirm focus_on_load"},
	"external_select":        {"", "action_id placeholder initial_option min_query_length confirm focus_on_load"},
	"multi_static_select":    {"options", "action_id placeholder initial_options confirm max_selected_items focus_on_load"},
	"checkboxes":             {"options", "action_id initial_options confirm focus_on_load"},
	"radio_buttons":          {"options", "action_id initial_option confirm focus_on_load"},
	"conversations_select":   {"", "action_id placeholder initial_conversation default_to_current_conversation confirm response_url_enabled filter focus_on_load"},
	"timepicker":             {"", "action_id placeholder initial_time confirm focus_on_load timezone"},
	"plain_text_input":       {"", "action_id placeholder initial_value multiline min_length max_length dispatch_action_config focus_on_load"},
	"image":                  {"alt_text", "image_url slack_file"},
	"mrkdwn":                 {"text", "verbatim"},
	"plain_text":             {"text", "emoji"},
	"rich_text_section":      {"elements", "border"},
	"rich_text_list":         {"elements style", "indent offset border"},
	"rich_text_preformatted": {"elements", "border language"},
	"rich_text_quote":        {"elements", "border"},
}

// where each kind of element may stand.
var (
	inActions   = []string{"button", "overflow", "static_select", "external_select", "multi_static_select", "checkboxes", "radio_buttons", "conversations_select", "timepicker"}
	asAccessory = append([]string{"image"}, inActions...)
	asInput     = append([]string{"plain_text_input"}, inActions[2:]...)
)

// length counts characters as Slack's limits do: after escaping, so that a bare
// & is five; in UTF-16 units.
func length(text string) int {
	n := len(utf16.Encode([]rune(text)))
	return n + 4*(strings.Count(text, "&")-len(entity.FindAllString(text, -1)))
}

var entity = regexp.MustCompile(`&(amp|lt|gt);`)

// checker collects what is wrong, each with a pointer to its place.
type checker struct {
	problems []string
	actions  map[string]bool // action_ids of the block
}

func (c *checker) bad(at, format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf("[ERROR] "+format+" [json-pointer:%s]", append(args, at)...))
}

// checkBlocks says all that Slack would refuse in these blocks.
func checkBlocks(blocks []map[string]any, on surface) []string {
	c := &checker{}
	most := 50
	if on != inMessage {
		most = 100
	}
	if len(blocks) > most {
		c.bad("/blocks", "no more than %d items allowed", most)
	}
	ids, markdown, tables := map[string]bool{}, 0, 0
	for i, b := range blocks {
		at, kind := fmt.Sprintf("/blocks/%d", i), str(b, "type")
		r, known := blockRules[kind]
		if !known || kind == "input" && on == inMessage || kind == "table" && on != inMessage {
			c.bad(at+"/type", "unsupported type: %s", kind)
			continue
		}
		c.fields(at, b, r, "block_id")
		if id := str(b, "block_id"); id != "" {
			c.size(at+"/block_id", id, 0, 255)
			if ids[id] {
				c.bad(at+"/block_id", "`block_id` %q already exists", id)
			}
			ids[id] = true
		}
		c.actions = map[string]bool{}
		switch kind {
		case "section":
			c.section(at, b)
		case "header":
			c.text(at+"/text", b["text"], 150, "plain_text")
		case "context":
			c.elements(at, b, 10, []string{"image", "mrkdwn", "plain_text"})
		case "actions":
			c.elements(at, b, 25, inActions)
		case "image":
			c.element(at, b, []string{"image"})
			if title, ok := b["title"]; ok {
				c.text(at+"/title", title, 2000, "plain_text")
			}
		case "rich_text":
			c.elements(at, b, 1<<20, []string{"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"})
		case "markdown":
			markdown += length(str(b, "text"))
			c.size(at+"/text", str(b, "text"), 1, 12_000)
		case "table":
			tables++
			c.table(at, b)
		case "input":
			c.text(at+"/label", b["label"], 2000, "plain_text")
			if hint, ok := b["hint"]; ok {
				c.text(at+"/hint", hint, 2000, "plain_text")
			}
			e, _ := b["element"].(object)
			c.element(at+"/element", e, asInput)
		}
	}
	if markdown > 12_000 {
		c.bad("/blocks", "markdown blocks must be less than 12001 characters in all")
	}
	if tables > 1 {
		c.bad("/blocks", "only one table allowed")
	}
	return c.problems
}

// fields refuses properties that are missing or that nobody knows.
func (c *checker) fields(at string, o object, r rule, more ...string) {
	must := strings.Fields(r.must)
	for _, name := range must {
		if o[name] == nil {
			c.bad(at, "missing required field: %s", name)
		}
	}
	allowed := slices.Concat([]string{"type"}, must, strings.Fields(r.may), more)
	for name := range o {
		if !slices.Contains(allowed, name) {
			c.bad(at, "invalid additional property: %s", name)
		}
	}
}

func (c *checker) size(at, text string, least, most int) {
	switch n := length(text); {
	case n < least:
		c.bad(at, "must be more than %d characters", least-1)
	case n > most:
		c.bad(at, "must be less than %d characters", most+1)
	}
}

// text checks a text object of one of the kinds.
func (c *checker) text(at string, v any, most int, kinds ...string) {
	o, ok := v.(object)
	if !ok {
		c.bad(at, "must provide an object")
		return
	}
	if kind := str(o, "type"); !slices.Contains(kinds, kind) {
		c.bad(at+"/type", "must be one of %s", strings.Join(kinds, ", "))
		return
	}
	c.fields(at, o, elementRules[str(o, "type")])
	c.size(at+"/text", str(o, "text"), 1, most)
}

func (c *checker) link(at string, o object, name string) {
	raw, ok := o[name]
	if !ok {
		return
	}
	link, _ := raw.(string)
	c.size(at+"/"+name, link, 1, 3000)
	if u, err := url.Parse(link); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.ContainsAny(link, " <>|") {
		c.bad(at+"/"+name, "must be a valid URL")
	}
}

func (c *checker) section(at string, b object) {
	fields, _ := b["fields"].([]any)
	if b["text"] == nil && len(fields) == 0 {
		c.bad(at, "missing required field: text")
	}
	if b["text"] != nil {
		c.text(at+"/text", b["text"], 3000, "mrkdwn", "plain_text")
	}
	if len(fields) > 10 {
		c.bad(at+"/fields", "no more than 10 items allowed")
	}
	for i, f := range fields {
		c.text(fmt.Sprintf("%s/fields/%d", at, i), f, 2000, "mrkdwn", "plain_text")
	}
	if a, ok := b["accessory"]; ok {
		e, _ := a.(object)
		c.element(at+"/accessory", e, asAccessory)
	}
}

func (c *checker) elements(at string, b object, most int, kinds []string) {
	list, _ := b["elements"].([]any)
	if len(list) == 0 {
		c.bad(at+"/elements", "must provide at least 1 item")
	}
	if len(list) > most {
		c.bad(at+"/elements", "no more than %d items allowed", most)
	}
	for i, e := range list {
		e, _ := e.(object)
		c.element(fmt.Sprintf("%s/elements/%d", at, i), e, kinds)
	}
}

func (c *checker) element(at string, e object, kinds []string) {
	kind := str(e, "type")
	if !slices.Contains(kinds, kind) {
		c.bad(at+"/type", "unsupported type: %s", kind)
		return
	}
	if at, ok := strings.CutPrefix(at, "/blocks/"); !ok || kind != "image" || strings.Contains(at, "/") { // an image block was checked as a block
		c.fields("/blocks/"+at, e, elementRules[kind])
	}
	switch kind {
	case "mrkdwn", "plain_text":
		c.size(at+"/text", str(e, "text"), 1, 3000)
		return
	case "image":
		c.size(at+"/alt_text", str(e, "alt_text"), 1, 2000)
		c.link(at, e, "image_url")
		if e["image_url"] == nil && e["slack_file"] == nil {
			c.bad(at, "missing required field: image_url")
		}
		return
	}
	if strings.HasPrefix(kind, "rich_text") {
		return
	}
	if id := str(e, "action_id"); id != "" {
		c.size(at+"/action_id", id, 1, 255)
		if c.actions[id] {
			c.bad(at+"/action_id", "`action_id` %q already exists for another element", id)
		}
		c.actions[id] = true
	}
	if p, ok := e["placeholder"]; ok {
		c.text(at+"/placeholder", p, 150, "plain_text")
	}
	if confirm, ok := e["confirm"].(object); ok {
		c.confirm(at+"/confirm", confirm)
	}
	if kind == "button" {
		c.text(at+"/text", e["text"], 75, "plain_text")
		c.size(at+"/value", str(e, "value"), 0, 2000)
		c.size(at+"/accessibility_label", str(e, "accessibility_label"), 0, 75)
		c.link(at, e, "url")
		if style := str(e, "style"); style != "" && style != "primary" && style != "danger" {
			c.bad(at+"/style", "must be one of primary, danger")
		}
	}
	if _, ok := e["options"]; ok {
		c.options(at, e, kind)
	}
	c.begins(at, e, kind)
}

// clockTime is a time as a time picker has it.
var clockTime = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

// begins checks what an element shows before anybody has touched it.
func (c *checker) begins(at string, e object, kind string) {
	switch first, chosen := e["initial_option"].(object); {
	case !chosen:
	case kind == "external_select":
		c.option(at+"/initial_option", first, kind)
	default:
		list, _ := e["options"].([]any)
		if !slices.ContainsFunc(list, func(o any) bool { return reflect.DeepEqual(o, any(first)) }) {
			c.bad(at+"/initial_option", "must exactly match one of the options")
		}
	}
	if least, ok := e["min_query_length"]; ok {
		if n, _ := least.(float64); n < 0 || n != float64(int(n)) {
			c.bad(at+"/min_query_length", "must be a whole number")
		}
	}
	if t, ok := e["initial_time"]; ok && !clockTime.MatchString(fmt.Sprint(t)) {
		c.bad(at+"/initial_time", "must be HH:mm")
	}
	if kind == "plain_text_input" {
		least, most := bound(e, "min_length", 0), bound(e, "max_length", 3000)
		if least < 0 || least > most || most < 1 || most > 3000 {
			c.bad(at, "must have lengths between 0 and 3000")
		}
		c.size(at+"/initial_value", str(e, "initial_value"), 0, most)
	}
}

// bound is a number of an element.
func bound(e object, name string, otherwise int) int {
	if n, ok := e[name].(float64); ok {
		return int(n)
	}
	return otherwise
}

func (c *checker) confirm(at string, o object) {
	c.fields(at, o, rule{"title text confirm deny", "style"})
	c.text(at+"/title", o["title"], 100, "plain_text")
	c.text(at+"/text", o["text"], 300, "plain_text", "mrkdwn")
	c.text(at+"/confirm", o["confirm"], 30, "plain_text")
	c.text(at+"/deny", o["deny"], 30, "plain_text")
}

func (c *checker) options(at string, e object, kind string) {
	list, _ := e["options"].([]any)
	most := map[string]int{"overflow": 5, "checkboxes": 10, "radio_buttons": 10}[kind]
	if most == 0 {
		most = 100
	}
	if len(list) == 0 || len(list) > most {
		c.bad(at+"/options", "must have between 1 and %d items", most)
	}
	for i, v := range list {
		o, _ := v.(object)
		c.option(fmt.Sprintf("%s/options/%d", at, i), o, kind)
	}
}

func (c *checker) option(at string, o object, kind string) {
	r, kinds := rule{"text value", "description"}, []string{"plain_text"}
	if kind == "overflow" {
		r.may += " url"
	}
	if kind == "checkboxes" || kind == "radio_buttons" {
		kinds = append(kinds, "mrkdwn")
	}
	c.fields(at, o, r)
	c.text(at+"/text", o["text"], 75, kinds...)
	c.size(at+"/value", str(o, "value"), 1, 150)
	c.link(at, o, "url")
	if d, ok := o["description"]; ok {
		c.text(at+"/description", d, 75, kinds...)
	}
}

func (c *checker) table(at string, b object) {
	rows, _ := b["rows"].([]any)
	if len(rows) > 100 {
		c.bad(at+"/rows", "no more than 100 items allowed")
	}
	for i, row := range rows {
		if cells, _ := row.([]any); len(cells) > 20 {
			c.bad(fmt.Sprintf("%s/rows/%d", at, i), "no more than 20 items allowed")
		}
	}
}

// weight is the characters of all texts in the blocks.
func weight(v any) (n int) {
	switch v := v.(type) {
	case []map[string]any:
		for _, b := range v {
			n += weight(b)
		}
	case []any:
		for _, e := range v {
			n += weight(e)
		}
	case object:
		for name, e := range v {
			if text, ok := e.(string); ok && name == "text" {
				n += length(text)
			} else {
				n += weight(e)
			}
		}
	}
	return n
}

// metadata checks and decodes a message's metadata: an event_type and a payload
// of texts, numbers and truths, at most one object deep, 8 KB.
func metadata(raw string) (object, error) {
	if raw == "" || raw == "null" {
		return nil, nil
	}
	if len(raw) > 8<<10 {
		return nil, errors.New("metadata_too_large")
	}
	invalid := errors.New("invalid_metadata_format")
	var m object
	if json.Unmarshal([]byte(raw), &m) != nil {
		return nil, invalid
	}
	payload, ok := m["event_payload"].(object)
	if str(m, "event_type") == "" || !ok {
		return nil, invalid
	}
	for name := range m {
		if name != "event_type" && name != "event_payload" {
			return nil, invalid
		}
	}
	for _, v := range payload {
		if inner, ok := v.(object); ok {
			for _, v := range inner {
				if !scalar(v) {
					return nil, invalid
				}
			}
		} else if !scalar(v) {
			return nil, invalid
		}
	}
	return m, nil
}

func scalar(v any) bool {
	switch v.(type) {
	case string, float64, bool:
		return true
	}
	return false
}
