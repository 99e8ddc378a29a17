package fakediscord

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// form collects what is wrong with a request's body, as 50035 tells it: a tree
// of fields, those below at, whose leaves are _errors.
type form struct {
	at     string
	errors object
}

func (f *form) add(path, code, format string, args ...any) {
	if f.errors == nil {
		f.errors = object{}
	}
	at := f.errors
	for _, part := range strings.Split(f.at+"."+path, ".") {
		if part == "" {
			continue
		}
		if at[part] == nil {
			at[part] = object{}
		}
		at = at[part].(object)
	}
	all, _ := at["_errors"].([]object)
	at["_errors"] = append(all, object{"code": code, "message": fmt.Sprintf(format, args...)})
}

// refuse is the answer to a wrong body, or nil.
func (f *form) refuse() *refusal {
	if f.errors == nil {
		return nil
	}
	return &refusal{status: 400, code: 50035, message: "Invalid Form Body", errors: f.errors}
}

// size is a length in UTF-16 units.
func size(s string) int { return len(utf16.Encode([]rune(s))) }

// text checks a field's type and its length after trimming, as Discord counts
// it, and returns the length. A field that is required has least ≥ 1.
func (f *form) text(o object, path, key string, least, most int) int {
	path = strings.TrimPrefix(path+"."+key, ".")
	v, there := o[key]
	if v == nil {
		if least > 0 {
			f.add(path, "BASE_TYPE_REQUIRED", "This field is required")
		}
		return 0
	}
	s, ok := v.(string)
	if !ok && there {
		f.add(path, "STRING_TYPE_CONVERT", "Could not interpret %q as string.", fmt.Sprint(v))
		return 0
	}
	n := size(strings.TrimSpace(s))
	switch {
	case n == 0 && least > 0:
		f.add(path, "BASE_TYPE_REQUIRED", "This field is required")
	case n < least || n > most:
		f.add(path, "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length.", least, most)
	}
	return n
}

// link checks a URL, whose scheme is the web's or one more.
func (f *form) link(o object, path, key, scheme string) {
	v, ok := o[key].(string)
	if !ok || v == "" {
		return
	}
	u, err := url.Parse(v)
	path += "." + key
	switch {
	case err != nil || u.Host == "" || strings.ContainsAny(v, " \n"):
		f.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != scheme:
		f.add(path, "URL_TYPE_INVALID_SCHEME", "Scheme %q is not supported. Scheme must be one of ('http', 'https').", u.Scheme)
	case size(v) > 2048:
		f.add(path, "BASE_TYPE_MAX_LENGTH", "Must be 2048 or fewer in length.")
	}
}

// array is a list field with at most so many objects in it.
func (f *form) array(o object, path, key string, most int) []object {
	path = strings.TrimPrefix(path+"."+key, ".")
	if v := o[key]; v != nil {
		if _, ok := v.([]any); !ok {
			f.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
			return nil
		}
	}
	all := list(o, key)
	if len(all) > most {
		f.add(path, "BASE_TYPE_BAD_LENGTH", "Must be between 0 and %d in length.", most)
	}
	for i, e := range all {
		if e == nil {
			f.add(fmt.Sprint(path, ".", i), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
		}
	}
	return all
}

// What may be set of a message's flags. Edits ignore all but one without an
// error; IS_COMPONENTS_V2 would be another message than the fake knows.
const (
	flagsOfPost   = FlagSuppressEmbeds | FlagSilent
	flagsOfAnswer = flagsOfPost | FlagEphemeral
	flagsOfEdit   = 1<<15 - 1
)

// message checks what create, edit, callbacks and follow-ups have in common.
func (f *form) message(o object, flags int) {
	f.text(o, "", "content", 0, 2000)
	total := 0
	for i, e := range f.array(o, "", "embeds", 10) {
		total += f.embed(e, fmt.Sprint("embeds.", i))
	}
	if total > 6000 {
		f.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
	}
	f.components(f.array(o, "", "components", 5))
	f.mentions(obj(o, "allowed_mentions"))
	if v, ok := o["flags"]; ok && v != nil {
		if n, ok := v.(float64); !ok || n < 0 || n != float64(int(n)) {
			f.add("flags", "NUMBER_TYPE_COERCE", "Value %q is not int.", fmt.Sprint(v))
		} else if int(n)&^flags != 0 {
			f.add("flags", "BITFIELD_INVALID_BITS", "This flag cannot be set here.")
		}
	}
}

func (f *form) embed(e object, path string) (n int) {
	n += f.text(e, path, "title", 0, 256)
	n += f.text(e, path, "description", 0, 4096)
	f.link(e, path, "url", "")
	if footer := obj(e, "footer"); footer != nil {
		n += f.text(footer, path+".footer", "text", 0, 2048)
		f.link(footer, path+".footer", "icon_url", "attachment")
	}
	if author := obj(e, "author"); author != nil {
		n += f.text(author, path+".author", "name", 1, 256)
		f.link(author, path+".author", "url", "")
	}
	for _, key := range []string{"image", "thumbnail"} {
		if picture := obj(e, key); picture != nil {
			f.link(picture, path+"."+key, "url", "attachment")
		}
	}
	for i, field := range f.array(e, path, "fields", 25) {
		at := fmt.Sprint(path, ".fields.", i)
		n += f.text(field, at, "name", 1, 256) + f.text(field, at, "value", 1, 1024)
	}
	if c, ok := e["color"].(float64); ok && (c < 0 || c > 0xffffff) {
		f.add(path+".color", "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
	}
	if t, ok := e["timestamp"].(string); ok && !rfc3339.MatchString(t) {
		f.add(path+".timestamp", "DATE_TIME_TYPE_PARSE", "Could not parse %s. Should be ISO8601.", t)
	}
	return n
}

var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d`)

// components checks five rows of five buttons, or of one select menu.
func (f *form) components(rows []object) {
	seen := map[string]bool{}
	for i, row := range rows {
		path := fmt.Sprint("components.", i)
		if num(row, "type") != 1 {
			f.add(path+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1,).")
			continue
		}
		inside := f.array(row, path, "components", 5)
		if len(inside) == 0 {
			f.add(path+".components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
		}
		for j, c := range inside {
			at := fmt.Sprint(path, ".components.", j)
			switch num(c, "type") {
			case 2:
				f.button(c, at)
			case 3, 5, 6, 7, 8:
				if len(inside) > 1 {
					f.add(path+".components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The components in this row are too wide")
				}
				f.selects(c, at)
			default:
				f.add(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (2, 3, 5, 6, 7, 8).")
			}
			if id := str(c, "custom_id"); id != "" {
				if seen[id] {
					f.add(at+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
				}
				seen[id] = true
			}
		}
	}
}

// selects checks a select menu, of strings or of others.
func (f *form) selects(c object, at string) {
	f.text(c, at, "custom_id", 1, 100)
	f.text(c, at, "placeholder", 0, 150)
	options := f.array(c, at, "options", 25)
	if num(c, "type") == 3 && len(options) == 0 {
		f.add(at+".options", "BASE_TYPE_REQUIRED", "This field is required")
	}
	least, most := 1, 1
	if v, ok := c["min_values"].(float64); ok {
		least = int(v)
	}
	if v, ok := c["max_values"].(float64); ok {
		most = int(v)
	}
	if least < 0 || most < 1 || most > 25 || least > most || len(options) > 0 && most > len(options) {
		f.add(at+".max_values", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and the number of options.")
	}
	values, chosen := map[string]bool{}, 0
	for k, option := range options {
		within := fmt.Sprint(at, ".options.", k)
		f.text(option, within, "label", 1, 100)
		f.text(option, within, "value", 1, 100)
		f.text(option, within, "description", 0, 100)
		v := str(option, "value")
		if values[v] {
			f.add(within+".value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
		}
		values[v] = true
		if flag(option, "default") {
			chosen++
		}
	}
	if chosen > most {
		f.add(at+".options", "SELECT_COMPONENT_TOO_MANY_DEFAULT_OPTIONS", "More options are chosen than may be")
	}
}

// modal checks a window: a title, an id, and up to five parts, each a label with
// one thing to fill in, a row with one text input, or a text.
func (f *form) modal(o object) {
	f.text(o, "", "title", 1, 45)
	f.text(o, "", "custom_id", 1, 100)
	parts := f.array(o, "", "components", 5)
	if len(parts) == 0 {
		f.add("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
	}
	seen := map[string]bool{}
	input := func(c object, at string, labelled bool) {
		switch kind := num(c, "type"); {
		case kind == 4:
			f.input(c, at, labelled)
		case labelled && (kind == 3 || kind >= 5 && kind <= 8):
			f.selects(c, at)
			if flag(c, "disabled") {
				f.add(at+".disabled", "MODAL_SELECT_DISABLED", "Selects in modals cannot be disabled")
			}
		default:
			f.add(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (3, 4, 5, 6, 7, 8).")
		}
		id := str(c, "custom_id")
		if seen[id] {
			f.add(at+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
		}
		seen[id] = true
	}
	for i, part := range parts {
		at := fmt.Sprint("components.", i)
		switch num(part, "type") {
		case 1:
			inside := f.array(part, at, "components", 1)
			if len(inside) == 0 {
				f.add(at+".components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 1 in length.")
			}
			for j, c := range inside {
				input(c, fmt.Sprint(at, ".components.", j), false)
			}
		case 10:
			f.text(part, at, "content", 1, 4000)
		case 18:
			f.text(part, at, "label", 1, 45)
			if part["description"] != nil {
				f.text(part, at, "description", 1, 100)
			}
			input(obj(part, "component"), at+".component", true)
		default:
			f.add(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1, 10, 18).")
		}
	}
}

// input checks a text input, which has a label of its own or stands in one.
func (f *form) input(c object, at string, labelled bool) {
	f.text(c, at, "custom_id", 1, 100)
	f.text(c, at, "placeholder", 0, 100)
	if style := num(c, "style"); style != 1 && style != 2 {
		f.add(at+".style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.")
	}
	least, most := num(c, "min_length"), 4000
	if _, ok := c["max_length"]; ok {
		most = num(c, "max_length")
	}
	if least < 0 || most < 1 || most > 4000 || least > most {
		f.add(at+".max_length", "NUMBER_TYPE_MAX", "int value should be between 1 and 4000.")
	}
	f.text(c, at, "value", 0, most)
	if !labelled {
		f.text(c, at, "label", 1, 45)
	} else if c["label"] != nil {
		f.add(at+".label", "TEXT_INPUT_LABEL_NOT_ALLOWED", "A text input in a label has no label of its own")
	}
}

func (f *form) button(b object, path string) {
	f.text(b, path, "label", 0, 80)
	if str(b, "label") == "" && b["emoji"] == nil {
		f.add(path, "BUTTON_COMPONENT_INVALID_LABEL", "A button must have a label or an emoji")
	}
	switch style := num(b, "style"); {
	case style == 5:
		f.link(b, path, "url", "discord")
		if str(b, "url") == "" {
			f.add(path+".url", "BASE_TYPE_REQUIRED", "This field is required")
		} else if size(str(b, "url")) > 512 {
			f.add(path+".url", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 512 in length.")
		}
		if str(b, "custom_id") != "" {
			f.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified")
		}
	case style >= 1 && style <= 4:
		f.text(b, path, "custom_id", 1, 100)
		if str(b, "url") != "" {
			f.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified")
		}
	default:
		f.add(path+".style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5}.")
	}
}

func (f *form) mentions(o object) {
	for _, kind := range []string{"users", "roles"} {
		if len(words(o, kind)) > 100 {
			f.add("allowed_mentions."+kind, "BASE_TYPE_BAD_LENGTH", "Must be between 0 and 100 in length.")
		}
	}
	for _, kind := range words(o, "parse") {
		if kind != "everyone" && kind != "roles" && kind != "users" {
			f.add("allowed_mentions.parse", "BASE_TYPE_CHOICES", "Value must be one of ('users', 'roles', 'everyone').")
		}
		if len(words(o, kind)) > 0 {
			f.add("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse:[%q] and %s: [ids...] are mutually exclusive.", kind, kind)
		}
	}
}

// nonce checks a nonce and returns it as text.
func (f *form) nonce(o object) string {
	switch v := o["nonce"].(type) {
	case nil:
	case string:
		if size(v) > 25 {
			f.add("nonce", "NONCE_TYPE_TOO_LONG", "Nonce must be 25 or fewer in length.")
		}
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', 0, 64)
	default:
		f.add("nonce", "STRING_TYPE_CONVERT", "Could not interpret as a nonce.")
	}
	return ""
}
