package discord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"paperboy/core"
)

// maxRead is the largest file that is read: a library of some thousand entries.
const maxRead = 2 << 20

// upload is a file that somebody gave with a command (resources/message.mdx).
type upload struct {
	Name string `json:"filename"`
	Size int    `json:"size"`
	URL  string `json:"url"`
}

// cdn are the hosts that keep attachments.
var cdn = []string{"cdn.discordapp.com", "media.discordapp.net"}

// fetchable reports whether an attachment's address is Discord's own: nothing else is
// ever asked, whatever an interaction says. A local stand-in for the API keeps its own.
func (c *client) fetchable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	if u.Scheme == "https" && slices.Contains(cdn, u.Host) {
		return true
	}
	api, err := url.Parse(c.base)
	local, no := netip.ParseAddrPort(u.Host)
	return err == nil && no == nil && local.Addr().IsLoopback() && u.Host == api.Host
}

// read is the text of a file that somebody gave; a *core.UserError says why it is none.
// Our token does not go along, and no redirect is followed.
func (d *Discord) read(ctx context.Context, a upload) (string, error) {
	if !d.rest.fetchable(a.URL) {
		return "", fmt.Errorf("an attachment lies outside of Discord")
	}
	if a.Size > maxRead {
		return "", tooLarge
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL, nil)
	if err != nil {
		return "", errors.New("an attachment's address cannot be read")
	}
	req.Header.Set("User-Agent", userAgent)
	resp, err := d.rest.http.Do(req)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err // its address is signed
		}
		return "", fmt.Errorf("an attachment: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("an attachment: status %d", resp.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxRead+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("an attachment: %w", err)
	case len(raw) > maxRead:
		return "", tooLarge
	}
	text, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), raw)
	if err != nil || !utf8.Valid(text) || strings.ContainsRune(string(text), 0) {
		return "", core.Userf("E-PARSE", "That file is no text that I can read. I learn from a `.bib` or `.ris` file, or a text with ids and links.")
	}
	return string(text), nil
}

var tooLarge = core.Userf("E-LONG", "That file is too large for me: I read up to %d MB. A part of your library is enough to learn from.", maxRead>>20)
