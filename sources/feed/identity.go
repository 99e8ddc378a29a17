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
	guid string
	day  core.Date // that it names
}

// names are what identifies the entry by itself; none where arXiv's id does.
func (it *item) names() (names []core.Name) {
	if it.Paper.Link == "" {
		return nil
	}
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

// spare is what is left to an entry that has no name of its own.
func (it *item) spare() core.Name {
	if it.Paper.Link == "" {
		return core.Name{Kind: core.NameEarlier, Value: string(it.Paper.ID)}
	}
	return core.Name{Kind: core.NameTitle, Value: sameLink(it.Paper.Link) + "\n" + strings.ToLower(it.Paper.Title)}
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

// A register knows which names the entries of one fetch carry, in numbers, so
// that a long feed need not be in memory to be judged as a whole.
type register struct {
	lines  []line
	first  map[int64]int32 // the first line that carries a name
	shared map[int64]bool
	groups map[int32][]int32 // lines that are one entry, by the first of them
	leader map[int32]int32   // of those lines
}

// line is an entry in the register: numbers of its title and names, 0 for none.
type line struct{ title, guid, doi, link, spare int64 }

func (r *register) add(it *item) {
	source := it.Sighting.Source
	l := line{title: core.Name{Value: strings.ToLower(it.Paper.Title)}.Number(source), spare: it.spare().Number(source)}
	for _, n := range it.names() {
		switch n.Kind {
		case core.NameGUID:
			l.guid = n.Number(source)
		case core.NameDOI:
			l.doi = n.Number(source)
		case core.NameLink:
			l.link = n.Number(source)
		}
	}
	r.lines = append(r.lines, l)
}

// close finds out which names are shared and which lines are one entry.
//
// A name that different entries carry identifies none of them. Which are
// different? A feed that gives all its entries one guid has entries of different
// titles and links under it; one that lists its talks with the list's address
// has different guids or titles under a link; a DOI of a whole journal has many
// titles. Two versions of an entry side by side have different titles too, but
// the same page, or the same DOI.
func (r *register) close() {
	r.first, r.shared, r.groups, r.leader = make(map[int64]int32, 2*len(r.lines)), map[int64]bool{}, map[int32][]int32{}, map[int32]int32{}
	type carriers struct{ titles, links, guids, dois map[int64]bool }
	carried := map[int64]*carriers{} // of names that more than one line has
	for i, l := range r.lines {
		for _, n := range []int64{l.guid, l.doi, l.link} {
			if n == 0 {
				continue
			}
			before, again := r.first[n]
			if !again {
				r.first[n] = int32(i)
				continue
			}
			c := carried[n]
			if c == nil {
				c = &carriers{map[int64]bool{}, map[int64]bool{}, map[int64]bool{}, map[int64]bool{}}
				carried[n] = c
			}
			for _, l := range []line{r.lines[before], l} {
				c.titles[l.title], c.links[l.link], c.guids[l.guid], c.dois[l.doi] = true, true, true, true
			}
		}
	}
	for n, c := range carried {
		l := r.lines[r.first[n]]
		one := len(c.dois) == 1 && !c.dois[0] // work
		switch n {
		case l.guid:
			r.shared[n] = len(c.titles) > 2 || len(c.titles) > 1 && len(c.links) > 1 && !one
		case l.doi:
			r.shared[n] = len(c.titles) > 2
		default:
			r.shared[n] = !one && (len(c.titles) > 1 || len(c.guids) > 1)
		}
	}
	at := r.first // from here on: the first line of whose own a name is
	clear(at)
	for i, l := range r.lines {
		own := []int64{l.guid, l.doi, l.link}
		own = slices.DeleteFunc(own, func(n int64) bool { return n == 0 || r.shared[n] })
		if len(own) == 0 {
			own = append(own, l.spare)
		}
		leader := int32(i)
		for _, n := range own {
			if first, again := at[n]; again {
				leader = first
				break
			}
		}
		if leader != int32(i) {
			if r.groups[leader] == nil {
				r.groups[leader], r.leader[leader] = []int32{leader}, leader
			}
			r.groups[leader] = append(r.groups[leader], int32(i))
			r.leader[int32(i)] = leader
		}
		for _, n := range own {
			if _, taken := at[n]; !taken {
				at[n] = leader
			}
		}
	}
}

// name gives the entry its id and names.
func (r *register) name(it *item) {
	if it.Paper.Link == "" {
		return
	}
	it.Names = it.names()
	it.Paper.ID = it.spare().ID(it.Sighting.Source)
	link := false
	for i := len(it.Names) - 1; i >= 0; i-- {
		n := &it.Names[i]
		if n.Shared = r.shared[n.Number(it.Sighting.Source)]; !n.Shared {
			it.Paper.ID = n.ID(it.Sighting.Source)
		}
		link = link || n.Kind == core.NameLink && n.Shared
	}
	for _, n := range it.earlier() {
		n.Shared = link
		it.Names = append(it.Names, n)
	}
}

// newest is one of several items that are one entry, with the names of all.
func newest(items []*item) *item {
	best := items[0]
	for _, it := range items[1:] {
		if it.day > best.day {
			best = it
		}
	}
	for _, it := range items {
		for _, n := range it.Names {
			if !slices.Contains(best.Names, n) {
				best.Names = append(best.Names, n)
			}
		}
	}
	return best
}
