package fakediscord

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// upload keeps a file that a member gives with a command, where Discord's CDN would:
// under a signed address, without which it is not found.
func (d *Discord) upload(c *Channel, f File) object {
	id := d.id()
	path := "/ephemeral-attachments/" + c.ID + "/" + id + "/" + f.Name
	link := d.URL + (&url.URL{Path: path}).EscapedPath() + "?ex=69a&is=698&hm=" + strings.Repeat("c0de", 16) + "&"
	d.given[path] = f.Content
	return object{"id": id, "filename": f.Name, "size": len(f.Content), "url": link, "proxy_url": link, "content_type": "application/octet-stream", "ephemeral": true}
}

// Loses has the CDN answer nothing where files of a name are asked for, which members
// give from now on.
func (d *Discord) Loses(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lost = name
}

// serveFile is Discord's CDN.
func (d *Discord) serveFile(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	content, there := d.given[r.URL.Path]
	lost := d.lost != "" && strings.HasSuffix(r.URL.Path, "/"+d.lost)
	d.mu.Unlock()
	if r.Header.Get("Authorization") != "" {
		d.t.Error("the token went to the CDN")
	}
	switch {
	case lost:
		reset(w)
	case r.Method != http.MethodGet || !there:
		http.Error(w, "404", http.StatusNotFound)
	case r.URL.Query().Get("hm") == "":
		http.Error(w, "This content is no longer available.", http.StatusForbidden)
	default:
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content)
	}
}
