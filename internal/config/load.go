package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"paperboy/core/text"
	"paperboy/internal/textfile"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// DefaultFile is read when no other is named; it need not exist.
const DefaultFile = "config.toml"

// Error is one thing that is wrong with the configuration.
type Error struct {
	Where string // "config.toml:12:8", or the variable of the environment
	Msg   string // what is wrong and what to write instead
}

func (e Error) Error() string { return e.Where + ": " + e.Msg }

// Errors are all things that are wrong: first those of single keys in the order
// of the file, then those of the environment, then values that cannot be.
type Errors []Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Load reads the file and lays the environment (as os.Environ gives it) over
// it. With mustExist a missing file is an error, else it means the defaults.
// An error about what is written is an Errors.
func Load(file string, mustExist bool, environ []string) (Config, error) {
	data, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !mustExist:
	case errors.Is(err, fs.ErrNotExist):
		return Config{}, Errors{{file, "there is no such file; `bot init --config " + file + "` writes one"}}
	case err != nil:
		return Config{}, Errors{{file, "cannot be read: " + cause(err)}}
	}
	return Parse(file, data, environ)
}

// invalid is where the first byte stands that is no UTF-8.
func invalid(data []byte) (at int) {
	for at < len(data) {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	return at
}

func cause(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// Parse is Load for a file's content.
func Parse(file string, data []byte, environ []string) (Config, error) {
	data = textfile.Bytes(data)
	if !utf8.Valid(data) {
		line := 1 + bytes.Count(data[:invalid(data)], []byte("\n"))
		return Config{}, Errors{{fmt.Sprintf("%s:%d", file, line), "there are signs in another encoding than UTF-8; have your editor save the file as UTF-8"}}
	}
	l := &loader{file: file, env: map[string]string{}, where: map[string]string{}}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		l.env[name] = bare(value)
	}
	c := Default()
	l.root = reflect.ValueOf(&c).Elem()

	// The library's own reading finds what is no TOML at all, and keys that
	// stand twice; nothing after that can be trusted.
	var whole map[string]any
	if err := toml.Unmarshal(data, &whole); err != nil {
		if de, ok := errors.AsType[*toml.DecodeError](err); ok {
			line, col := de.Position()
			return Config{}, Errors{{fmt.Sprintf("%s:%d:%d", file, line, col),
				strings.TrimPrefix(de.Error(), "toml: ") + "; a line is `key = \"value\"` or `[section]`"}}
		}
		return Config{}, Errors{{file, strings.TrimPrefix(err.Error(), "toml: ")}}
	}
	l.walk(data)
	l.environment(environ)
	l.entries(feedKey)
	l.entries(webhookKey)
	l.entries(folderKey)
	l.check(&c)
	if len(l.errs) > 0 {
		slices.SortStableFunc(l.errs, func(a, b Error) int { return cmp.Compare(l.line(a), l.line(b)) })
		return Config{}, l.errs
	}
	c.SecretsInFile = l.secrets
	return c, nil
}

// line is where an error stands in the file; what has no place there, as a
// variable of the environment, comes after it.
func (l *loader) line(e Error) int {
	var line int
	if place, ok := strings.CutPrefix(e.Where, l.file+":"); ok {
		if _, err := fmt.Sscanf(place, "%d:", &line); err == nil {
			return line
		}
	}
	return math.MaxInt
}

// loader fills a Config and collects what is wrong.
type loader struct {
	file  string
	root  reflect.Value
	env   map[string]string
	where map[string]string // of each key that somebody set: where its value stands
	bad   map[string]bool   // keys whose value could not be read: not to be judged again
	errs  Errors

	secrets []string // keys of secrets that stand in the file itself
}

func (l *loader) fail(where, format string, args ...any) {
	l.errs = append(l.errs, Error{where, fmt.Sprintf(format, args...)})
}

// walk takes every key of the file to its place in the Config.
func (l *loader) walk(data []byte) {
	var p unstable.Parser
	p.Reset(data)
	at := func(n *unstable.Node) string {
		s := p.Shape(n.Raw).Start
		return fmt.Sprintf("%s:%d:%d", l.file, s.Line, s.Column)
	}
	var table []string
	known := true
	for p.NextExpression() {
		n := p.Expression()
		switch n.Kind {
		case unstable.Table, unstable.ArrayTable:
			var first *unstable.Node
			table, first = path(n.Key())
			if key := strings.Join(table, "."); n.Kind == unstable.ArrayTable && repeats(key) {
				table = append(table, strconv.Itoa(l.entry(key, at(first))))
			}
			v, ok := l.find(table)
			known = ok && v.Kind() == reflect.Struct
			switch {
			case known:
			case ok && v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
				l.fail(at(first), "write [[%s]], with two brackets: there can be several", strings.Join(table, "."))
			case ok:
				l.fail(at(first), "%s is a key, not a section; write it as `%s = …` under [%s]",
					strings.Join(table, "."), table[len(table)-1], strings.Join(table[:len(table)-1], "."))
			default:
				l.unknown(at(first), table, "section")
			}
		case unstable.KeyValue:
			if known { // an unknown section is one error, not one for each of its keys
				l.keyValue(table, n, at)
			}
		}
	}
}

func path(it unstable.Iterator) (keys []string, first *unstable.Node) {
	for it.Next() {
		if first == nil {
			first = it.Node()
		}
		keys = append(keys, string(it.Node().Data))
	}
	return keys, first
}

func (l *loader) keyValue(table []string, n *unstable.Node, at func(*unstable.Node) string) {
	rest, first := path(n.Key())
	keys := slices.Concat(table, rest)
	key := strings.Join(keys, ".")
	v, ok := l.find(keys)
	if !ok {
		l.unknown(at(first), keys, "key")
		return
	}
	value := n.Value()
	where := at(first)
	if value.Raw.Length > 0 {
		where = at(value)
	}
	switch {
	case v.Kind() == reflect.Struct:
		if value.Kind != unstable.InlineTable {
			l.fail(where, "%s is a section; write [%s] on a line of its own", key, key)
			return
		}
		for it := value.Children(); it.Next(); {
			l.keyValue(keys, it.Node(), at)
		}
		return
	case repeats(key):
		if value.Kind != unstable.Array {
			l.fail(where, "write [[%s]] on a line of its own, with name and url below it", key)
			return
		}
		for it := value.Children(); it.Next(); {
			elem := slices.Concat(keys, []string{strconv.Itoa(l.entry(key, where))})
			for kv := it.Node().Children(); kv.Next(); {
				l.keyValue(elem, kv.Node(), at)
			}
		}
		return
	}
	l.where[key] = where
	switch v.Interface().(type) {
	case bool:
		if value.Kind != unstable.Bool {
			l.wrong(key, where, "true or false, without quotes", value)
			return
		}
		v.SetBool(string(value.Data) == "true")
	case int:
		i, err := strconv.Atoi(strings.ReplaceAll(string(value.Data), "_", ""))
		if value.Kind != unstable.Integer || err != nil {
			l.wrong(key, where, "a whole number, without quotes", value)
			return
		}
		v.SetInt(int64(i))
	case []string:
		if value.Kind != unstable.Array {
			l.wrong(key, where, `a list, as in ["one", "two"]`, value)
			return
		}
		list := []string{}
		for it := value.Children(); it.Next(); {
			if it.Node().Kind != unstable.String {
				l.wrong(key, at(it.Node()), `a list of texts in quotes, as in ["one", "two"]`, it.Node())
				return
			}
			list = append(list, l.expand(key, at(it.Node()), string(it.Node().Data)))
		}
		v.Set(reflect.ValueOf(list))
	default: // a text, of whatever type
		if value.Kind != unstable.String {
			l.wrong(key, where, "a text in quotes", value)
			return
		}
		l.text(v, key, l.expand(key, where, string(value.Data)))
		if !variable.Match(value.Data) && holdsSecret(v) {
			l.secrets = append(l.secrets, key)
		}
	}
}

// wrong is a value of the wrong type. It names the type, not the value, which
// may be a secret without its quotes.
func (l *loader) wrong(key, where, want string, got *unstable.Node) {
	l.judged(key)
	kind := map[unstable.Kind]string{
		unstable.String: "a text", unstable.Bool: "true or false", unstable.Integer: "a number", unstable.Float: "a number",
		unstable.Array: "a list", unstable.InlineTable: "a table",
	}[got.Kind]
	l.fail(where, "%s must be %s, and this is %s", key, want, cmp.Or(kind, "a date"))
}

func (l *loader) judged(key string) {
	if l.bad == nil {
		l.bad = map[string]bool{}
	}
	l.bad[key] = true
}

// text sets a value that is written as a text.
func (l *loader) text(v reflect.Value, key, s string) {
	if _, ok := v.Interface().(time.Duration); ok {
		d, err := time.ParseDuration(s)
		if err != nil {
			l.judged(key)
			l.fail(l.where[key], `%s: %q is no length of time; write it as "30m" or "1h30m"`, key, s)
			return
		}
		v.SetInt(int64(d))
		return
	}
	if v.Type() == reflect.TypeFor[Secret]() {
		s = token(s)
	}
	v.SetString(s)
}

// holdsSecret reports whether a value is one that others should not read.
func holdsSecret(v reflect.Value) bool {
	switch s := v.Interface().(type) {
	case Secret:
		return s != ""
	case Address:
		return s.String() != string(s)
	}
	return false
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// expand puts ${NAME} from the environment into a text.
func (l *loader) expand(key, where, s string) string {
	return variable.ReplaceAllStringFunc(s, func(m string) string {
		name := m[2 : len(m)-1]
		value, ok := l.env[name]
		if !ok {
			l.judged(key)
			l.fail(where, "%s wants ${%s} and the environment has no %s; set it, or write the value here", key, name, name)
		}
		return value
	})
}

const (
	feedKey    = "sources.feed"
	webhookKey = "webhook"
	folderKey  = "folder"
	envPrefix  = "PAPERBOY_"
)

// repeats reports whether there can be several of a section.
func repeats(key string) bool { return key == feedKey || key == webhookKey || key == folderKey }

// notKeys are variables with our prefix that are no keys of the file.
var notKeys = []string{"PAPERBOY_CLOCK_OFFSET", "PAPERBOY_REQUIRE"}

// environment lays PAPERBOY_<SECTION>_<KEY> over what the file said.
func (l *loader) environment(environ []string) {
	keys := map[string][]string{}
	for _, k := range Keys() {
		if section, _, _ := strings.Cut(k, "."); !strings.HasPrefix(k, feedKey) && !repeats(section) {
			keys[envName(k)] = strings.Split(k, ".")
		}
	}
	keys[envName(feedKey)] = strings.Split(feedKey, ".")
	names := make([]string, 0, len(environ))
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, envPrefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		s := l.env[name]
		path, ok := keys[name]
		if !ok {
			l.unknownVariable(name, keys)
			continue
		}
		v, _ := l.find(path)
		if s == "" && v.Kind() != reflect.String && v.Kind() != reflect.Slice {
			continue // as shells and compose files write what is not set
		}
		key := strings.Join(path, ".")
		l.where[key] = name
		switch v.Interface().(type) {
		case bool:
			b, err := strconv.ParseBool(s)
			if err != nil {
				l.judged(key)
				l.fail(name, "must be true or false, and is %q", s)
			}
			v.SetBool(b)
		case int:
			i, err := strconv.Atoi(s)
			if err != nil {
				l.judged(key)
				l.fail(name, "must be a whole number, and is %q", s)
			}
			v.SetInt(int64(i))
		case []string:
			v.Set(reflect.ValueOf(list(s)))
		case []Feed:
			var feeds []Feed
			for i, f := range list(s) {
				n, u, ok := strings.Cut(f, "=")
				if !ok {
					l.fail(name, `must be name=url, several with commas, as in "jmlr=https://jmlr.org/jmlr.xml"`)
					break
				}
				feeds = append(feeds, Feed{strings.TrimSpace(n), strings.TrimSpace(u)})
				for _, k := range []string{"name", "url"} {
					l.where[fmt.Sprintf("%s.%d.%s", feedKey, i, k)] = name
				}
			}
			v.Set(reflect.ValueOf(feeds))
		default:
			l.text(v, key, s)
		}
	}
}

func list(s string) []string {
	out := []string{}
	for _, e := range strings.Split(s, ",") {
		if e = strings.TrimSpace(e); e != "" {
			out = append(out, e)
		}
	}
	return out
}

func (l *loader) unknownVariable(name string, keys map[string][]string) {
	if slices.Contains(notKeys, name) {
		return
	}
	// Another program's variable may begin like ours; one that begins like one
	// of our sections is a slip.
	for i := range l.root.NumField() {
		section := tag(l.root.Type().Field(i))
		if section == "-" || !strings.HasPrefix(name, envPrefix+strings.ToUpper(section)+"_") {
			continue
		}
		all := make([]string, 0, len(keys))
		for k := range keys {
			all = append(all, k)
		}
		slices.Sort(all)
		l.fail(name, "sets no key that I know; did you mean %s?", Nearest(name, all))
	}
}

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// entry appends an empty entry to a section that repeats, which begins at where, and
// gives its place.
func (l *loader) entry(section, where string) int {
	v, _ := l.find(strings.Split(section, "."))
	n := v.Len()
	v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	for _, f := range reflect.VisibleFields(v.Type().Elem()) {
		l.where[fmt.Sprintf("%s.%d.%s", section, n, tag(f))] = where
	}
	return n
}

// find is the place in the Config that a key names.
func (l *loader) find(keys []string) (reflect.Value, bool) { return findIn(l.root, keys) }

func findIn(v reflect.Value, keys []string) (reflect.Value, bool) {
	for _, k := range keys {
		switch v.Kind() {
		case reflect.Struct:
			i := slices.IndexFunc(reflect.VisibleFields(v.Type()), func(f reflect.StructField) bool { return tag(f) == k && k != "-" })
			if i < 0 {
				return reflect.Value{}, false
			}
			v = v.Field(i)
		case reflect.Slice:
			i, err := strconv.Atoi(k)
			if err != nil || i >= v.Len() || v.Type().Elem().Kind() != reflect.Struct {
				return reflect.Value{}, false
			}
			v = v.Index(i)
		default:
			return reflect.Value{}, false
		}
	}
	return v, true
}

func tag(f reflect.StructField) string { return f.Tag.Get("toml") }

func (l *loader) unknown(where string, keys []string, what string) {
	key := strings.Join(keys, ".")
	all := Keys()
	if what == "section" {
		all = Sections()
	}
	near := Nearest(key, all)
	// [slak] bot_token is nearer to slack.bot_token than to anything in a
	// section of its own; a key at the top of the file lacks its section.
	if what == "key" && len(keys) == 1 {
		for _, k := range all {
			if strings.HasSuffix(k, "."+key) {
				near = k
				break
			}
		}
		section, name := near[:strings.LastIndexByte(near, '.')], near[strings.LastIndexByte(near, '.')+1:]
		l.fail(where, "I know no key %s outside a section; did you mean %s under [%s]?", key, name, section)
		return
	}
	l.fail(where, "I know no %s %s; did you mean %s?", what, key, near)
}

// Keys are all keys there are, "slack.bot_token" and so on, in the order of
// config.example.toml.
func Keys() []string {
	var keys []string
	visit(reflect.TypeFor[Config](), "", func(key string, leaf bool) {
		if leaf {
			keys = append(keys, key)
		}
	})
	return keys
}

// Sections are all sections there are.
func Sections() []string {
	var sections []string
	visit(reflect.TypeFor[Config](), "", func(key string, leaf bool) {
		if !leaf {
			sections = append(sections, key)
		}
	})
	return sections
}

func visit(t reflect.Type, prefix string, yield func(key string, leaf bool)) {
	for _, f := range reflect.VisibleFields(t) {
		if tag(f) == "-" {
			continue
		}
		key := prefix + tag(f)
		ft := f.Type
		if ft.Kind() == reflect.Slice {
			if elem := ft.Elem(); elem.Kind() == reflect.Struct {
				ft = elem
			}
		}
		yield(key, ft.Kind() != reflect.Struct)
		if ft.Kind() == reflect.Struct {
			visit(ft, key+".", yield)
		}
	}
}

// Nearest is the word of all that takes the fewest letters to become from
// what was typed (Levenshtein's distance), the first among equals.
func Nearest(typed string, all []string) string {
	best, least := "", -1
	for _, a := range all {
		if d := text.Distance(strings.ToLower(typed), strings.ToLower(a)); least < 0 || d < least {
			best, least = a, d
		}
	}
	return best
}
