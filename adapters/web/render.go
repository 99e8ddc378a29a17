package web

import (
	"embed"
	"html/template"
	"io"
	"strings"

	"paperboy/core/say"
)

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"clean":   say.Clean, // what is left is isolated by <bdi>
	"href":    func(s string) string { return say.Href(s, "") },
	"command": command,
}).ParseFS(templateFiles, "templates/*.html"))

// render writes a message. It is a pure function of the view.
func render(w io.Writer, v view) error {
	return templates.ExecuteTemplate(w, "message", v)
}

// command tells a command, which can be tried by pressing it, from other code.
func command(s string) bool {
	return s == network.Command || strings.HasPrefix(s, network.Command+" ")
}
