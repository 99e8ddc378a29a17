package fakediscord

// Commands as the app registers them, and as people fill them in.

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

func (d *Discord) scope(r *request) (string, *refusal) {
	if r.PathValue("app") != AppID {
		return "", refuse(403, 20012, "You are not authorized to perform this action on this application")
	}
	if r.PathValue("guild") == "" {
		return "", nil
	}
	g, no := d.guild(r)
	if no != nil {
		return "", refuse(403, 50001, "Missing Access")
	}
	return g.ID, nil
}

func (d *Discord) getCommands(r *request) (any, *refusal) {
	scope, no := d.scope(r)
	if no != nil {
		return nil, no
	}
	return append([]object{}, d.commands[scope]...), nil
}

// prune leaves out what is null in a command, as Discord's answers do, but for
// the two fields whose null says something.
func prune(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for key, inner := range v {
			if inner = prune(inner); inner != nil || key == "default_member_permissions" || key == "contexts" {
				out[key] = inner
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = prune(inner)
		}
		return out
	}
	return v
}

// putCommands overwrites all commands. Those that are new by name count as
// created, of which there are 200 a day.
func (d *Discord) putCommands(r *request) (any, *refusal) {
	scope, no := d.scope(r)
	if no != nil {
		return nil, no
	}
	var f form
	f.commands(r.array)
	if no := f.refuse(); no != nil {
		return nil, no
	}
	now := d.opt.Now()
	today := slices.DeleteFunc(slices.Clone(d.created[scope]), func(t time.Time) bool { return now.Sub(t) >= 24*time.Hour })
	before := len(today)
	var set []object
	for _, given := range r.array {
		c := object{"application_id": AppID, "default_member_permissions": nil, "nsfw": false, "description": "", "type": 1.0}
		if scope != "" {
			c["guild_id"] = scope
		} else {
			c["dm_permission"], c["contexts"], c["integration_types"] = true, nil, []any{0.0}
		}
		maps.Copy(c, prune(given).(object))
		c["id"] = ""
		for _, old := range d.commands[scope] {
			if old["name"] == c["name"] && old["type"] == c["type"] {
				c["id"] = old["id"]
			}
		}
		if c["id"] == "" {
			c["id"] = d.id()
			today = append(today, now)
		}
		c["version"] = d.id()
		set = append(set, c)
	}
	if len(today) > 200 {
		return nil, &refusal{status: 429, code: 30034, message: "Max number of daily application command creates has been reached (200)", retry: 24 * time.Hour}
	}
	d.counts.CommandsCreated += len(today) - before
	d.created[scope], d.commands[scope] = today, set
	return append([]object{}, set...), nil
}

var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

// commands checks a whole set of commands, as bulk overwrite takes it.
func (f *form) commands(all []object) {
	count, seen := map[int]int{}, map[string]bool{}
	for i, c := range all {
		path := strconv.Itoa(i)
		if c == nil {
			f.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
			continue
		}
		kind := max(1, num(c, "type"))
		count[kind]++
		if key := fmt.Sprint(kind, str(c, "name")); seen[key] {
			f.add(path+".name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		} else {
			seen[key] = true
		}
		if kind == 1 {
			f.named(c, path)
			f.options(c, path, 0)
		} else {
			f.text(c, path, "name", 1, 32)
			if str(c, "description") != "" || len(list(c, "options")) > 0 {
				f.add(path, "APPLICATION_COMMAND_CONTEXT_MENU", "Context menu commands have neither description nor options")
			}
		}
		if weight(c) > 8000 {
			f.add(path, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
		}
		if v := c["default_member_permissions"]; v != nil {
			if s, ok := v.(string); !ok || strings.Trim(s, "0123456789") != "" || s == "" {
				f.add(path+".default_member_permissions", "BITFIELD_INVALID", "Not a bitfield as a string.")
			}
		}
	}
	for kind, most := range map[int]int{1: 100, 2: 15, 3: 15} {
		if count[kind] > most {
			f.add("", "APPLICATION_COMMANDS_MAX", "Maximum number of application commands reached (%d).", most)
		}
	}
}

func (f *form) named(o object, path string) {
	name := str(o, "name")
	if !commandName.MatchString(name) || strings.ContainsFunc(name, unicode.IsUpper) {
		f.add(path+".name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
	}
	f.text(o, path, "description", 1, 100)
}

// options checks the options below a command (parent 0), a subcommand (1) or a
// group (2).
func (f *form) options(c object, path string, parent int) {
	optional, nested := false, 0
	seen := map[string]bool{}
	all := f.array(c, path, "options", 25)
	if parent == 2 && len(all) == 0 {
		f.add(path+".options", "BASE_TYPE_REQUIRED", "This field is required")
	}
	for i, o := range all {
		at := fmt.Sprint(path, ".options.", i)
		f.named(o, at)
		if seen[str(o, "name")] {
			f.add(at+".name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
		}
		seen[str(o, "name")] = true
		kind := num(o, "type")
		switch {
		case kind == 1 || kind == 2:
			nested++
			if parent == 1 || parent == 2 && kind == 2 {
				f.add(at+".type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command and sub-command group option types are nested too deeply")
			}
			f.options(o, at, kind)
			continue
		case parent == 2:
			f.add(at+".type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A sub-command group takes sub-commands only")
		case kind < 1 || kind > 11:
			f.add(at+".type", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}.")
		}
		if flag(o, "required") && optional {
			f.add(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		}
		optional = optional || !flag(o, "required")
		choices := f.array(o, at, "choices", 25)
		if takes := kind == 3 || kind == 4 || kind == 10; !takes && (len(choices) > 0 || flag(o, "autocomplete")) {
			f.add(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Only strings, integers and numbers have choices or autocomplete")
		}
		if len(choices) > 0 && flag(o, "autocomplete") {
			f.add(at+".autocomplete", "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", "Options with choices cannot autocomplete")
		}
		f.choices(choices, at+".choices", kind)
	}
	if nested > 0 && nested < len(all) {
		f.add(path+".options", "APPLICATION_COMMAND_OPTIONS_TYPE_MIXED", "Sub-commands and other options cannot be mixed")
	}
}

// choices checks fixed choices and those of an autocompletion.
func (f *form) choices(all []object, path string, kind int) {
	seen := map[string]bool{}
	for i, c := range all {
		at := fmt.Sprint(path, ".", i)
		f.text(c, at, "name", 1, 100)
		if seen[str(c, "name")] {
			f.add(at+".name", "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", "Option choice name already exists")
		}
		seen[str(c, "name")] = true
		if kind == 3 {
			f.text(c, at, "value", 1, 100)
		} else if n, ok := c["value"].(float64); !ok || kind == 4 && n != math.Trunc(n) {
			f.add(at+".value", "NUMBER_TYPE_COERCE", "Value is not a number.")
		}
	}
}

// weight is a command's size: its names, descriptions and values.
func weight(o object) int {
	n := size(str(o, "name")) + size(str(o, "description")) + size(str(o, "value"))
	for _, inner := range append(list(o, "options"), list(o, "choices")...) {
		n += weight(inner)
	}
	return n
}

// findCommand is the command of a name and type that a member sees in a channel: the
// guild's own or a global one. The caller holds mu.
func (d *Discord) findCommand(m *Member, c *Channel, name string, kind int) (object, string) {
	p := d.may(m.ID, c)
	switch {
	case c.gone || p&ViewChannel == 0:
		return nil, "You do not see this channel"
	case c.guild.away:
		return nil, "The app was removed"
	case p&UseCommands == 0:
		return nil, "You cannot use commands in this channel"
	case c.kind == forum:
		return nil, "There is nowhere to type in a forum's root"
	case c.archived || c.locked:
		return nil, "This thread is archived or locked"
	}
	for _, o := range slices.Concat(d.commands[c.guild.ID], d.commands[""]) {
		if str(o, "name") != name || num(o, "type") != kind {
			continue
		}
		if need, ok := o["default_member_permissions"].(string); ok {
			bits, _ := strconv.ParseUint(need, 10, 64)
			if p != every && (bits == 0 || p&Perm(bits) != Perm(bits)) {
				continue
			}
		}
		return o, ""
	}
	return nil, fmt.Sprintf("There is no command %q", name)
}

// CommandID is the id of a command that people of a guild see, "" when there is
// none.
func (d *Discord) CommandID(g *Guild, name string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range slices.Concat(d.commands[g.ID], d.commands[""]) {
		if str(o, "name") == name {
			return str(o, "id")
		}
	}
	return ""
}

// compose builds the data of a typed command: the words of a verb lead through
// groups to a subcommand, whose options are filled in. Discord's own input
// refuses what is wrong in them.
func (d *Discord) compose(m *Member, c *Channel, verb string, given map[string]any, focused string) (object, string) {
	cmd, problem := d.findCommand(m, c, "papers", 1)
	if problem != "" {
		return nil, problem
	}
	data := object{"id": cmd["id"], "name": cmd["name"], "type": 1, "guild_id": c.guild.ID}
	at, into := cmd, data
	for _, word := range strings.Fields(verb) {
		i := slices.IndexFunc(list(at, "options"), func(o object) bool { return str(o, "name") == word && num(o, "type") < 3 })
		if i < 0 {
			return nil, fmt.Sprintf("There is no command %q", verb)
		}
		at = list(at, "options")[i]
		inner := object{"name": word, "type": num(at, "type")}
		into["options"] = []any{inner}
		into = inner
	}
	left := maps.Clone(given)
	options := []any{}
	for _, o := range list(at, "options") {
		name := str(o, "name")
		v, ok := left[name]
		delete(left, name)
		if num(o, "type") < 3 {
			return nil, fmt.Sprintf("%q wants a subcommand", verb)
		}
		if !ok && focused == name {
			v, ok = "", true
		}
		if !ok {
			if flag(o, "required") && focused == "" {
				return nil, "This option is required: " + name
			}
			continue
		}
		filled := object{"name": name, "type": num(o, "type"), "value": v}
		if focused == name {
			if filled["focused"] = true; !flag(o, "autocomplete") {
				return nil, "This option does not complete: " + name
			}
		} else if f, is := v.(File); is && num(o, "type") == 11 {
			if len(f.Content) > maxFile {
				return nil, name + ": Your files are too powerful"
			}
			a := d.upload(c, f)
			filled["value"] = a["id"]
			data["resolved"] = object{"attachments": object{str(a, "id"): a}}
		} else if filled["value"], problem = enter(o, v); problem != "" {
			return nil, fmt.Sprintf("%s: %s", name, problem)
		}
		options = append(options, filled)
	}
	for name := range left {
		return nil, "There is no option " + name
	}
	if len(options) > 0 {
		into["options"] = options
	}
	return data, ""
}

// enter is an option's value as Discord's input takes it.
func enter(o object, v any) (value any, problem string) {
	typed := fmt.Sprint(v)
	if choices := list(o, "choices"); len(choices) > 0 {
		for _, c := range choices {
			if typed == str(c, "name") || typed == fmt.Sprint(c["value"]) {
				return c["value"], ""
			}
		}
		return nil, fmt.Sprintf("%q is not offered", typed)
	}
	limit := func(key string, broken func(limit float64) bool) bool {
		n, ok := o[key].(float64)
		return ok && broken(n)
	}
	switch num(o, "type") {
	case 3:
		n := float64(size(typed))
		if n > 6000 || limit("max_length", func(most float64) bool { return n > most }) || limit("min_length", func(least float64) bool { return n < least }) {
			return nil, "too long or too short"
		}
		return typed, ""
	case 4, 10:
		n, err := strconv.ParseFloat(typed, 64)
		if err != nil || num(o, "type") == 4 && n != float64(int64(n)) {
			return nil, "not a number"
		}
		if limit("max_value", func(most float64) bool { return n > most }) || limit("min_value", func(least float64) bool { return n < least }) {
			return nil, "too great or too small"
		}
		return n, ""
	case 5:
		b, err := strconv.ParseBool(typed)
		if err != nil {
			return nil, "choose True or False"
		}
		return b, ""
	case 11:
		return nil, "choose a file"
	}
	return typed, ""
}
