// Package folder writes a channel's papers as notes into a folder, one a paper, as
// Obsidian and other editors of Markdown keep them.
//
// In: posts and edits of channels that the configuration names. Out: files.
//
// It promises: a paper's note is named by its id, so there is one, however often it is
// written; a note is there whole or not at all; what somebody wrote below its last line
// of ours stays; strangers' text cannot format, link, embed or begin a block, there or
// in the properties; nothing is made outside of the folder, nor the folder itself, which
// may be a disk that is not there yet.
package folder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cite"
)

// Name is the platform's in keys: "folder//reading".
const Name = "folder"

// again is when a disk that failed is tried again.
const again = time.Minute

// ends is the last line of ours in a note. Obsidian does not show it.
const ends = "%% Paperboy writes above this line; what stands below is yours. %%\n"

var (
	_ core.Connection = (*Folder)(nil)
	_ core.Editor     = (*Folder)(nil)
	_ core.Finder     = (*Folder)(nil)
)

// Folder writes into all folders. It is safe for concurrent use.
type Folder struct{ paths map[string]string }

// New makes one of folders by their channels' ids.
func New(paths map[string]string) *Folder { return &Folder{paths} }

// Key names a channel of this platform.
func Key(name string) core.ChannelKey { return core.ChannelKey{Platform: Name, ID: name} }

// Network says what a folder takes: anything, and nobody says anything there.
func (f *Folder) Network() core.Network {
	return core.Network{Name: Name, Command: "/papers", Editors: "managers"}
}

// Serves implements core.Connection.
func (f *Folder) Serves(in core.Installation) bool { return in == Key("").Installation() }

// Run ends with the context: nobody says anything here.
func (f *Folder) Run(ctx context.Context, _ core.Handler) error {
	<-ctx.Done()
	return nil
}

// Ready is always so.
func (f *Folder) Ready() error { return nil }

// Handlers are none.
func (f *Folder) Handlers() map[string]http.Handler { return nil }

// Post implements core.Connection.
func (f *Folder) Post(_ context.Context, p core.Post) (core.MessageRef, error) {
	ref := core.MessageRef{Conversation: p.Channel.ID}
	for _, v := range p.Card.Papers { // one
		ref.ID = file(v.ID)
		if err := f.write(p.Channel.ID, v); err != nil {
			return core.MessageRef{}, err
		}
	}
	return ref, nil
}

// Edit implements core.Editor. A note that somebody took away stays away.
func (f *Folder) Edit(_ context.Context, p core.Post, ref core.MessageRef) error {
	for _, v := range p.Card.Papers {
		if _, err := os.Stat(filepath.Join(f.paths[p.Channel.ID], ref.ID)); errors.Is(err, fs.ErrNotExist) {
			return &core.Gone{What: core.TheMessage, Err: err}
		}
		if err := f.write(p.Channel.ID, v); err != nil {
			return err
		}
	}
	return nil
}

// Find implements core.Finder: to write a note again is to write it once.
func (f *Folder) Find(context.Context, core.Post) (core.MessageRef, bool, error) {
	return core.MessageRef{}, false, nil
}

// write puts a note in its place, and keeps what is below our last line.
func (f *Folder) write(channel string, v core.View) error {
	dir, ok := f.paths[channel]
	if !ok {
		return &core.Gone{What: core.TheChannel, Err: errors.New("the configuration names no such folder any more")}
	}
	name := filepath.Join(dir, file(v.ID))
	old, err := os.ReadFile(name)
	_, own, ours := strings.Cut(string(old), "\n"+ends)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return trouble(err)
	case !ours: // somebody's own note, or one without our last line: it is theirs
		own = string(old)
	}
	temp, err := os.CreateTemp(dir, ".paperboy-*")
	if err != nil {
		return trouble(err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(Note(v) + ends + own)
	if err = errors.Join(err, temp.Sync(), temp.Chmod(0o644), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		return trouble(err)
	}
	return nil
}

// trouble is a file's error in core's words: what is missing or not allowed somebody
// has to mend, all else may be over in a while.
func trouble(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &core.Refused{Reason: "the folder is not there; make it, or mend path under [[folder]]", Err: err}
	case errors.Is(err, fs.ErrPermission):
		return &core.Refused{Reason: "the folder may not be written to; let this user write there", Err: err}
	}
	return &core.Retry{After: again, Err: err}
}

var odd = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// file is the name of a paper's note.
func file(id core.PaperID) string {
	return strings.TrimLeft(odd.ReplaceAllString(string(id), "-"), ".-") + ".md"
}

// plain is Markdown that begins no list, and in which nothing is Obsidian's: no comment,
// no highlight, no field of Dataview.
func plain(s string) string {
	s = strings.NewReplacer("%%", `%\%`, "==", `=\=`, "::", `:\:`).Replace(s)
	return number.ReplaceAllString(bullet.ReplaceAllString(s, `\$0`), `$1\$2`)
}

var (
	bullet = regexp.MustCompile(`^[-+=]`)
	number = regexp.MustCompile(`^(\d+)([.)])`)
)

// Note is a paper's note, without what is somebody's own.
func Note(v core.View) string {
	var b strings.Builder
	property := func(name string, value any) {
		line, _ := json.Marshal(value) // which YAML reads as it is
		fmt.Fprintf(&b, "%s: %s\n", name, line)
	}
	b.WriteString("---\n")
	property("title", v.Title)
	property("authors", v.Authors)
	property("id", v.ID)
	property("url", v.URL)
	if v.PDF != "" {
		property("pdf", v.PDF)
	}
	if v.Code != "" {
		property("code", v.Code)
	}
	if len(v.Labels) > 0 {
		property("labels", v.Labels)
	}
	if len(v.Tags) > 0 {
		property("topics", v.Tags)
	}
	b.WriteString("---\n")
	fmt.Fprintf(&b, "# %s\n\n", plain(cite.MarkdownLink(v.Title, v.URL)))
	if line := v.Line().String(); line != "" {
		fmt.Fprintf(&b, "%s\n\n", plain(cite.MarkdownText(line)))
	}
	if v.Excerpt != "" {
		fmt.Fprintf(&b, "> %s\n\n", plain(cite.MarkdownText(v.Excerpt)))
	}
	return b.String()
}
