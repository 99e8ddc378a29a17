package web

import (
	"embed"
	"html/template"
	"io"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
)

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"clean":   say.Clean, // what is left is isolated by <bdi>
	"href":    func(s string) string { return say.Href(s, "") },
	"command": command,
	"shown":   shown,
}).ParseFS(templateFiles, "templates/*.html"))

// render writes a message. It is a pure function of the view.
func render(w io.Writer, v view) error {
	return templates.ExecuteTemplate(w, "message", v)
}

// fragment is a part of the page as HTML.
func fragment(name string, data any) (string, error) {
	var b strings.Builder
	err := templates.ExecuteTemplate(&b, name, data)
	return b.String(), err
}

// shown is what stands on a menu: what is chosen in it, or what it is for.
func shown(m core.Menu) string {
	for _, o := range m.Options {
		if o.Chosen {
			return o.Label
		}
	}
	return m.Label
}

// command tells a command, which can be tried by pressing it, from other code.
func command(s string) bool {
	return s == network.Command || strings.HasPrefix(s, network.Command+" ")
}
