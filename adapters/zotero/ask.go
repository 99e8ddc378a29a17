package zotero

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"paperboy/core"
)

// groupIn is a group's number, alone or in its address.
var groupIn = regexp.MustCompile(`^(?:https?://(?:www\.)?zotero\.org/groups/)?(\d{1,12})(?:/.*)?$`)

// Library is what a key lets us write into: its owner's own library where group is "",
// else that group's, and there the collection of that name, "": none. Trouble that
// whoever typed it can mend is a *core.UserError.
func (z *Zotero) Library(ctx context.Context, key, group, collection string) (core.Library, error) {
	key, group, collection = strings.TrimSpace(key), strings.TrimSpace(group), strings.TrimSpace(collection)
	notTaken := core.Userf("E-KEY", "Zotero does not know that key. Make one at %s that may write, and copy all of it.", "https://www.zotero.org/settings/keys/new")
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return core.Library{}, notTaken
	}
	var k struct {
		UserID   int64  `json:"userID"`
		Username string `json:"username"`
		Access   struct {
			User   rights            `json:"user"`
			Groups map[string]rights `json:"groups"`
		} `json:"access"`
	}
	l := core.Library{Secret: key}
	switch err := z.ask(ctx, l, http.MethodGet, "/keys/current", nil, &k); {
	case errors.Is(err, errNothing), core.Is[*core.Refused](err), err == nil && k.UserID == 0:
		return core.Library{}, notTaken
	case err != nil:
		return core.Library{}, silent
	}
	may := k.Access.User
	l.Path, l.Name = "users/"+strconv.FormatInt(k.UserID, 10), k.Username
	if group != "" {
		m := groupIn.FindStringSubmatch(group)
		if m == nil {
			return core.Library{}, core.Userf("E-PARSE", "`%s` is no group. Write its number, or its address as `https://www.zotero.org/groups/12345`.", group)
		}
		may = k.Access.Groups["all"]
		if own, ok := k.Access.Groups[m[1]]; ok {
			may = own
		}
		l.Path, l.Name = "groups/"+m[1], "group "+m[1]
		var g struct {
			Data struct {
				Name string `json:"name"`
			} `json:"data"`
		}
		if may.Write {
			switch err := z.ask(ctx, l, http.MethodGet, "", nil, &g); {
			case errors.Is(err, errNothing), core.Is[*core.Refused](err):
				may.Write = false
			case err != nil:
				return core.Library{}, silent
			case g.Data.Name != "":
				l.Name = g.Data.Name
			}
		}
	}
	if !may.Write {
		return core.Library{}, core.Userf("E-KEY", "That key may not write there. Zotero says what it may at %s; or make a new one.", "https://www.zotero.org/settings/keys")
	}
	if collection != "" {
		var err error
		if l.Collection, err = z.collection(ctx, l, collection); err != nil {
			return core.Library{}, err
		}
	}
	return z.seal(l), nil
}

type rights struct {
	Library bool `json:"library"`
	Write   bool `json:"write"`
}

var silent = core.Userf("E-LATER", "Zotero does not answer at the moment. Nothing was changed; try again in a minute.")

// page is how many collections Zotero shows at once; mostPages ends a library that
// never does.
const (
	page      = 100
	mostPages = 20
)

// collection is the key of the collection with that name.
func (z *Zotero) collection(ctx context.Context, l core.Library, name string) (string, error) {
	for i := range mostPages {
		var found []struct {
			Key  string `json:"key"`
			Data struct {
				Name string `json:"name"`
			} `json:"data"`
		}
		q := url.Values{"limit": {strconv.Itoa(page)}, "start": {strconv.Itoa(i * page)}}
		if err := z.ask(ctx, l, http.MethodGet, "/collections?"+q.Encode(), nil, &found); err != nil {
			return "", silent
		}
		for _, c := range found {
			if strings.EqualFold(strings.TrimSpace(c.Data.Name), name) {
				return c.Key, nil
			}
		}
		if len(found) < page {
			break
		}
	}
	return "", core.Userf("E-NOTFOUND", "There is no collection `%s` in that library. Make it in Zotero first, or leave that field empty.", name)
}
