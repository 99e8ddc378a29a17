package feeds

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/internal/recordings"
	"paperboy/internal/testkit"
)

var monday = testkit.At("2025-11-24 09:00")

// ml is a channel, and hostile is what strangers write.
var (
	ml      = &core.Channel{ID: 7, Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "C2"}, Name: "#ml", Settings: core.DefaultSettings(), Schedule: core.Schedule{Zone: "Europe/Berlin"}}
	hostile = "<script>alert(1)</script> ]]> & \"quotes\" \x00\x07\u202eturned\u2028 <!channel> 日本語 🧪"
)

func ptr(n int) *int { return &n }

// posts are a Tuesday's and a Monday's: a paper as most are, one of strangers' worst, one
// with news, one that is withdrawn and one that was folded.
func posts() []query.Post {
	diffusion, _ := topic.Parse("diffusion")
	matched := func(p core.Paper) []core.Matched {
		why, _ := diffusion.Match(p.Doc())
		return []core.Matched{{Topic: "diffusion", Why: why}}
	}
	paper := func(p core.Paper, minute int, change func(*query.PostedPaper)) query.PostedPaper {
		pp := query.PostedPaper{Paper: p, Delivery: core.Delivery{
			Channel: ml.ID, Item: core.PaperItem(p.ID), Digest: 1, State: core.Posted, Place: core.InChannel,
			Matched: matched(p), Shown: 1, Updated: monday.Add(time.Duration(minute) * time.Minute),
		}}
		if change != nil {
			change(&pp)
		}
		return pp
	}
	return []query.Post{
		{Digest: core.Digest{ID: 2, Due: monday.AddDate(0, 0, 1), Kind: core.DailyPost}, Papers: []query.PostedPaper{
			paper(core.Paper{ID: "2511.00004", Version: 2, Title: "Diffusion, once more", Abstract: "We mend it.", Authors: []string{"Ana Lee"}, Categories: []string{"cs.LG"}}, 24*60+1, func(p *query.PostedPaper) {
				p.Delivery.Late, p.Delivery.Revised = true, monday.AddDate(0, 0, 3)
			}),
			paper(core.Paper{ID: "2511.00005", Title: "Diffusion, taken back", Withdrawn: true}, 24*60+2, nil),
		}},
		{Digest: core.Digest{ID: 1, Due: monday, Kind: core.DailyPost, Header: &core.Card{Title: "Papers · Mon 24 Nov", Lines: []say.Text{say.Say("*3 new for this channel*")}}}, Papers: []query.PostedPaper{
			paper(core.Paper{
				ID: "2511.00001", Version: 1, Title: `Lamps: Diffusion of $\alpha$-Light`, Abstract: "Light is everywhere. We propose lamps by diffusion.", Authors: []string{"Ana Lee", "Ben Roe", "Cy Doe", "Dee Poe"},
				Categories: []string{"cs.CV", "cs.LG"}, Published: "2025-11-21", Upvotes: ptr(41), Code: "https://github.com/lab/lamps", Stars: ptr(312), DOI: "10.1000/1",
			}, 1, func(p *query.PostedPaper) { p.Votes = core.Tally{Up: 3, Down: 1} }),
			paper(core.Paper{ID: "feed:abc", Title: hostile, Abstract: hostile + " diffusion", Authors: []string{hostile}, Categories: []string{"<cs>"}, Code: "javascript:alert(1)", Link: "https://example.org/p?a=1&b=\"2\""}, 2, nil),
			paper(core.Paper{ID: "2511.00003", Title: "Diffusion of nothing", Abstract: "Not for us."}, 3, func(p *query.PostedPaper) { p.Delivery.Folded = true }),
		}},
	}
}

func ofPosts(self string) feed {
	f := feed{id: urn("x"), title: postsTitle(ml), about: "What was posted in #ml, as it was posted.", self: self, home: "https://papers.example/c/SECRET", entries: postsOf(ml, posts())}
	f.updated = newest(f.entries, monday)
	return f
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestHowFeedsLook(t *testing.T) {
	testkit.LooksLike(t, "posts.atom", must(atom(ofPosts("https://papers.example/feeds/SECRET/posts.atom"))))
	testkit.LooksLike(t, "posts.json", must(jsonFeedOf(ofPosts("https://papers.example/feeds/SECRET/posts.json"))))
	testkit.LooksLike(t, "digest.json", must(jsonOf(digestOf(ml, "2025-11-24", posts()[1:]))))
	testkit.LooksLike(t, "channel.opml", must(opml("Papers of #ml", []feed{
		{title: postsTitle(ml), self: "https://papers.example/feeds/SECRET/posts.atom", home: "https://papers.example/c/SECRET"},
		{title: topicTitle(ml, `diffusion -"stable diffusion"`), self: "https://papers.example/feeds/SECRET/topics/1.atom", home: "https://papers.example/c/SECRET"},
	})))
	testkit.LooksLike(t, "empty.atom", must(atom(feed{id: urn("y"), title: "Papers in #ml", about: "Nothing yet.", self: "https://papers.example/feeds/SECRET/posts.atom", home: "https://papers.example/c/SECRET", updated: newest(nil, monday)})))
}

// A reader of feeds that is not ours, Slack's kind of question: what is new, called how,
// where and when.
func TestAnotherReaderReadsTheSameInBothFormats(t *testing.T) {
	var told [][]string
	for _, file := range [][]byte{must(atom(ofPosts("https://papers.example/feeds/SECRET/posts.atom"))), must(jsonFeedOf(ofPosts("https://papers.example/feeds/SECRET/posts.json")))} {
		f, err := gofeed.NewParser().Parse(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		var items []string
		for _, i := range f.Items {
			var authors []string
			for _, a := range i.Authors {
				authors = append(authors, a.Name)
			}
			items = append(items, fmt.Sprint(i.GUID, i.Title, i.Link, i.PublishedParsed, i.UpdatedParsed, i.Description, i.Content, i.Categories, authors))
		}
		told = append(told, items)
	}
	if diff := cmp.Diff(told[0], told[1]); diff != "" {
		t.Error(diff)
	}
	if len(told[0]) != 5 {
		t.Errorf("%d entries", len(told[0]))
	}
}

// Of what changes by the hour nothing is in an entry, so that it is news only when there
// is news: a new version changes when it was changed, and not its id.
func TestAnEntryChangesWithNewsAndOnlyThen(t *testing.T) {
	before := postsOf(ml, posts())
	later := posts()
	lamps := &later[1].Papers[0]
	lamps.Paper.Upvotes, lamps.Paper.Stars, lamps.Votes = ptr(900), ptr(5000), core.Tally{Up: 12}
	if diff := cmp.Diff(before, postsOf(ml, later), cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("votes changed an entry: %s", diff)
	}
	lamps.Paper.Version, lamps.Delivery.Revised = 2, monday.Add(72*time.Hour)
	after := postsOf(ml, later)
	is, was := after[2], before[2]
	if is.id != was.id || !is.published.Equal(was.published) || !is.updated.Equal(monday.Add(72*time.Hour)) || !strings.Contains(is.content, "updated v2") {
		t.Errorf("a new version gives %+v", is)
	}
	for i := range after {
		if i != 2 && !after[i].updated.Equal(before[i].updated) {
			t.Errorf("it changed %s too", after[i].title)
		}
	}
}

// The ids are for ever: that of a paper in a channel is written down here.
func TestWhatComesAgainIsAnEntryOfItsOwn(t *testing.T) {
	again := posts()
	first := postsOf(ml, again)[0]
	p := &again[0].Papers[0]
	p.Delivery.Item, p.Delivery.Shown = core.AgainItem(p.Paper.ID, 2), 2
	if e := postsOf(ml, again)[0]; e.id == first.id || !strings.Contains(e.content, "again: v2") {
		t.Errorf("%s, first %s: %s", e.id, first.id, e.content)
	}
}

func TestAnIDIsForEver(t *testing.T) {
	if got := entryOf(ml, &core.Paper{ID: "2511.00001", Title: "A"}, core.View{}, monday, monday).id; got != "urn:uuid:49eb1064-5c41-5adc-8278-37ee40615f63" {
		t.Error(got)
	}
	moved := *ml
	moved.ID, moved.Name = 99, "#renamed" // in another database, under another name
	if urn(moved.Key.String()+" 2511.00001") != urn(ml.Key.String()+" 2511.00001") {
		t.Error("an id follows the database")
	}
}

// Whatever strangers write, a feed is a document that its format's rules allow: what has
// to be there is there once, ids differ, addresses are whole, and text is text.
func TestWhateverStrangersWriteAFeedIsValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		odd := rapid.Custom(func(t *rapid.T) string {
			return rapid.OneOf(rapid.String(), rapid.Just(hostile), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		})
		var post query.Post
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[0-9]{4}\.[0-9]{5}|feed:[a-f0-9]{8}|[a-z]+/[0-9]{7}`), 1, 5, rapid.ID).Draw(t, "ids")
		for _, id := range ids {
			p := core.Paper{ID: core.PaperID(id), Title: odd.Draw(t, "title"), Abstract: odd.Draw(t, "abstract"), Link: odd.Draw(t, "link"), Code: odd.Draw(t, "code"),
				Authors: rapid.SliceOfN(odd, 0, 40).Draw(t, "authors"), Categories: rapid.SliceOfN(odd, 0, 3).Draw(t, "categories"), Withdrawn: rapid.Bool().Draw(t, "withdrawn")}
			post.Papers = append(post.Papers, query.PostedPaper{Paper: p, Delivery: core.Delivery{Item: core.PaperItem(p.ID), Updated: monday, Folded: rapid.Bool().Draw(t, "folded")}})
		}
		channel := *ml
		channel.Name = odd.Draw(t, "channel")
		f := feed{id: urn("x"), title: postsTitle(&channel), about: called(&channel), self: "https://papers.example/feeds/S/posts.atom", home: "https://papers.example/", entries: postsOf(&channel, []query.Post{post})}
		f.updated = newest(f.entries, monday)
		validAtom(t, must(atom(f)), len(ids))
		validJSON(t, must(jsonFeedOf(f)), len(ids))
		var list struct {
			Outlines []struct {
				XML string `xml:"xmlUrl,attr"`
			} `xml:"body>outline"`
		}
		if err := xml.Unmarshal(must(opml(f.title, []feed{f})), &list); err != nil || len(list.Outlines) != 1 || list.Outlines[0].XML != f.self {
			t.Fatalf("OPML: %v %v", err, list)
		}
	})
}

type fataler interface{ Fatalf(string, ...any) }

// validAtom holds a document against what RFC 4287 asks for of feeds and entries.
func validAtom(t fataler, b []byte, entries int) {
	const ns = "http://www.w3.org/2005/Atom"
	if !utf8.Valid(b) {
		t.Fatalf("not UTF-8")
	}
	type place map[string]int
	var path []string
	var counts []place
	ids, total := map[string]bool{}, 0
	text := ""
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if tok.Name.Space != ns {
				t.Fatalf("%v is none of Atom's", tok.Name)
			}
			if n := len(counts); n > 0 {
				counts[n-1][tok.Name.Local]++
			}
			for _, a := range tok.Attr {
				if u, err := url.Parse(a.Value); a.Name.Local == "href" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
					t.Fatalf("an address that leads nowhere: %q", a.Value)
				}
			}
			path, counts, text = append(path, tok.Name.Local), append(counts, place{}), ""
		case xml.CharData:
			text += string(tok)
		case xml.EndElement:
			n := len(path) - 1
			have := counts[n]
			switch path[n] {
			case "feed", "entry":
				for _, once := range []string{"id", "title", "updated"} {
					if have[once] != 1 {
						t.Fatalf("%d %s in a %s", have[once], once, path[n])
					}
				}
				if path[n] == "entry" {
					total++
				} else if have["author"] != 1 {
					t.Fatalf("no author for entries without one")
				}
			case "updated", "published":
				if _, err := time.Parse(time.RFC3339, text); err != nil {
					t.Fatalf("%v", err)
				}
			case "id":
				if ids[text] || !strings.HasPrefix(text, "urn:uuid:") {
					t.Fatalf("id %q is no id, or stands twice", text)
				}
				ids[text] = true
			case "content":
				plainMarkup(t, text)
			}
			path, counts = path[:n], counts[:n]
		}
	}
	if total != entries {
		t.Fatalf("%d entries, want %d", total, entries)
	}
}

// validJSON holds a document against JSON Feed 1.1.
func validJSON(t fataler, b []byte, entries int) {
	var f struct {
		Version, Title string
		Items          []struct {
			ID, Title string
			URL       *string
			Content   string `json:"content_html"`
			Published string `json:"date_published"`
		}
	}
	if err := json.Unmarshal(b, &f); err != nil || f.Version != "https://jsonfeed.org/version/1.1" || f.Title == "" || len(f.Items) != entries {
		t.Fatalf("%v in\n%s", err, b)
	}
	ids := map[string]bool{}
	for _, i := range f.Items {
		if i.ID == "" || ids[i.ID] || i.Content == "" {
			t.Fatalf("an item without what it needs: %+v", i)
		}
		ids[i.ID] = true
		if _, err := time.Parse(time.RFC3339, i.Published); err != nil {
			t.Fatalf("%v", err)
		}
		plainMarkup(t, i.Content)
	}
}

// plainMarkup fails where there is any tag but the few that are ours.
func plainMarkup(t fataler, content string) {
	rest := content
	for _, ours := range []string{"<p>", "</p>", "<em>", "</em>", "</a>"} {
		rest = strings.ReplaceAll(rest, ours, "")
	}
	for _, scheme := range []string{`<a href="https://`, `<a href="http://`} {
		rest = strings.ReplaceAll(rest, scheme, "")
	}
	rest = strings.NewReplacer(`">PDF`, "", `">Code`, "").Replace(rest)
	if strings.ContainsAny(rest, `<>"`) {
		t.Fatalf("markup that is not ours in %q", content)
	}
}

// Python's readers of feeds take what we write for what it is.
func TestPythonsReadersReadTheSame(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err == nil {
		err = exec.Command(python, "-c", "import feedparser, listparser").Run()
	}
	if err != nil {
		recordings.Missing(t, "feedparser", "python3 with feedparser and listparser: "+err.Error())
	}
	out, err := exec.Command(python, "testdata/judge.py", "testdata/posts.atom", "testdata/empty.atom", "testdata/channel.opml").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	type judged struct {
		Wrong   bool
		Entries [][2]string
	}
	want := []judged{{Entries: [][2]string{}}, {Entries: [][2]string{}}, {Entries: [][2]string{
		{"Papers in #ml", "https://papers.example/feeds/SECRET/posts.atom"},
		{`#ml: diffusion -"stable diffusion"`, "https://papers.example/feeds/SECRET/topics/1.atom"},
	}}}
	for _, e := range ofPosts("").entries {
		want[0].Entries = append(want[0].Entries, [2]string{e.title, e.id})
	}
	var got []judged
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var j judged
		if err := d.Decode(&j); err != nil {
			t.Fatal(err)
		}
		got = append(got, j)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
