package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"paperboy/core"
)

// sameLink is a link without what may change while the page stays the same:
// scheme, www., fragment, tracking parameters, a slash at the end.
func sameLink(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	host := strings.TrimPrefix(strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), "www.")
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	path := u.Path
	if i := strings.Index(strings.ToLower(path), ";jsessionid="); i >= 0 {
		path = path[:i]
	}
	query := u.Query()
	for name := range query {
		if tracking(strings.ToLower(name)) {
			query.Del(name)
		}
	}
	s := host + version.ReplaceAllString(strings.TrimRight(path, "/"), "$1")
	if len(query) > 0 {
		s += "?" + query.Encode() // in the order of the names
	}
	return s
}

// version is what preprint servers put behind a number: …/2026.11.18.123456v2.
var version = regexp.MustCompile(`(\d{4})v\d{1,2}$`)

// tracking reports whether a parameter says whence a reader came, or who it is,
// and not what is read.
func tracking(name string) bool {
	for _, prefix := range []string{"utm_", "mtm_", "pk_", "piwik_", "hsa_", "mc_", "at_", "_hs", "wt.", "stm_", "vero_", "oly_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return trackers[name]
}

var trackers = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(`fbclid gclid dclid gbraid wbraid msclkid yclid twclid igshid igsh ref ref_src ref_url referrer referer rss source xtor cmpid cmp af dgcid spm _ga _gl
		mkt_tok s_cid ncid soc_src soc_trk ocid sr_share guccounter trk trkcampaign hss_channel campaign_id sid phpsessid jsessionid sessionid session_id cftoken cfid
		share_id via from_rss rss_feed feedname origin_rss`) {
		m[name] = true
	}
	return m
}()

// item is an entry that was read.
type item struct {
	core.Seen
	entry
	day core.Date // that it names
}

// names are what identifies the entry by itself.
func (it *item) names() []core.Name {
	if it.Paper.Link == "" {
		return nil // arXiv's id does
	}
	var names []core.Name
	if g := strings.TrimSpace(it.guid); g != "" {
		if absolute(g) { // whose site may move to https
			_, g, _ = strings.Cut(g, "://")
			g = version.ReplaceAllString(strings.TrimPrefix(g, "www."), "$1")
		}
		names = append(names, core.Name{Kind: core.NameGUID, Value: g})
	}
	if d := strings.ToLower(it.Paper.DOI); d != "" {
		names = append(names, core.Name{Kind: core.NameDOI, Value: d})
	}
	return append(names, core.Name{Kind: core.NameLink, Value: sameLink(it.Paper.Link)})
}

// earlier are the ids by which earlier versions of Paperboy, which knew links
// only, kept the entry.
func (it *item) earlier() (names []core.Name) {
	rest, _ := strings.CutPrefix(strings.Replace(it.Paper.Link, "http://", "https://", 1), "https://")
	for _, scheme := range []string{"https://", "http://"} {
		sum := sha256.Sum256([]byte(scheme + rest))
		names = append(names, core.Name{Kind: core.NameEarlier, Value: "feed:" + hex.EncodeToString(sum[:6])})
	}
	return names
}

// identify says by which names each entry is known, and leaves one of those
// that are the same: the newest. A name that different entries carry identifies
// none of them.
//
// Which are different? A feed that gives all its entries one guid has entries of
// different titles and links under it; one that lists its talks with the list's
// address has different guids under a link; a DOI of a whole journal has many
// titles. Two versions of an entry side by side have different titles too, but
// the same page, or the same DOI.
func identify(items []*item) []core.Seen {
	type carriers struct{ titles, links, guids, dois map[string]bool }
	carried := map[core.Name]*carriers{}
	for _, it := range items {
		names := it.names()
		it.Names = names
		value := map[core.NameKind]string{}
		for _, n := range names {
			value[n.Kind] = n.Value
		}
		for _, n := range names {
			c := carried[n]
			if c == nil {
				c = &carriers{}
				carried[n] = c
			}
			count(&c.titles, strings.ToLower(it.Paper.Title))
			count(&c.links, value[core.NameLink])
			count(&c.guids, value[core.NameGUID])
			count(&c.dois, value[core.NameDOI])
		}
	}
	shared := func(n core.Name) bool {
		c := carried[n]
		one := len(c.dois) == 1 && !c.dois[""] // work
		switch n.Kind {
		case core.NameGUID:
			return len(c.titles) > 2 || len(c.titles) > 1 && len(c.links) > 1 && !one
		case core.NameDOI:
			return len(c.titles) > 2
		}
		return !one && (len(c.titles) > 1 || len(c.guids) > 1)
	}
	var out []*item
	at := map[core.Name]int{}
	for _, it := range items {
		var own []core.Name
		if it.Paper.Link == "" {
			own = []core.Name{{Kind: core.NameEarlier, Value: string(it.Paper.ID)}}
		}
		linkShared := false
		for i, n := range it.Names {
			if shared(n) {
				it.Names[i].Shared = true
				linkShared = linkShared || n.Kind == core.NameLink
			} else {
				own = append(own, n)
			}
		}
		if it.Paper.Link != "" {
			if len(own) > 0 {
				it.Paper.ID = own[0].ID(it.Sighting.Source)
			} else {
				n := core.Name{Kind: core.NameTitle, Value: it.Paper.Link + "\n" + strings.ToLower(it.Paper.Title)}
				it.Paper.ID, own = n.ID(it.Sighting.Source), []core.Name{n}
			}
			for _, n := range it.earlier() {
				n.Shared = linkShared
				it.Names = append(it.Names, n)
			}
		}
		place, again := -1, false
		for _, n := range own {
			if place, again = at[n]; again {
				break
			}
		}
		if !again {
			place = len(out)
			out = append(out, it)
		} else {
			old := out[place]
			if it.day > old.day {
				out[place], old = it, it
			}
			for _, n := range append(slices.Clone(it.Names), out[place].Names...) {
				if !slices.Contains(old.Names, n) {
					old.Names = append(old.Names, n)
				}
			}
		}
		for _, n := range own {
			at[n] = place
		}
	}
	seen := make([]core.Seen, len(out))
	for i, it := range out {
		seen[i] = it.Seen
	}
	return seen
}

// count adds to a set that is made when it is needed.
func count(set *map[string]bool, s string) {
	if *set == nil {
		*set = make(map[string]bool, 1)
	}
	(*set)[s] = true
}
