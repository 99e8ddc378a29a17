package web

import (
	"embed"
	"html/template"
	"io"
	"net/url"
	"strings"
)

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"clean":   clean,
	"href":    href,
	"command": command,
}).ParseFS(templateFiles, "templates/*.html"))

// render writes a message. It is a pure function of the view.
func render(w io.Writer, v view) error {
	return templates.ExecuteTemplate(w, "message", v)
}

// clean takes out of a stranger's text what has no picture but an effect:
// control characters, and those that turn the direction of the text around
// them (Unicode's bidirectional embeddings, overrides and isolates). What is
// left is isolated by <bdi>.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r >= 0x7f && r < 0xa0,
			r == 0x200e, r == 0x200f, r == 0x061c,
			r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
			r >= 0xe0000 && r <= 0xe007f: // invisible tags
			return -1
		}
		return r
	}, s)
}

// href lets a link pass that leads to a web page, and nothing else.
func href(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return u.String()
}

// command tells a command, which can be tried by pressing it, from other code.
func command(s string) bool {
	return s == profile.Command || strings.HasPrefix(s, profile.Command+" ")
}
