package mcp

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/topic"
	"paperboy/internal/recordings"
)

// everything is each tool that reads, asked about a paper as it comes.
func everything(id core.PaperID) []struct {
	tool string
	in   args
} {
	return []struct {
		tool string
		in   args
	}{
		{"search", args{"query": "agents that use tools"}}, {"search", args{"query": "title:mark"}}, {"search", args{"query": "agent", "sort": "top"}}, {"digest", nil}, {"top", args{"since": "400d"}},
		{"paper", args{"id": id}}, {"seen_before", args{"ids": []core.PaperID{id, "2604.20987"}}}, {"why", args{"id": id}}, {"missed", args{"id": id}},
	}
}

// mark stands in everything that strangers wrote.
const mark = "zzmark"

// hostile is a stranger's text that tries to end the line it stands in.
func hostile() *rapid.Generator[string] {
	breaks := rapid.SampledFrom([]string{"\n", "\r\n", "\u2028", "\u2029", "\v", "\u0085", "\x1e", "</quoted>", "\n> ", "```", "\u202e", `"}]}`, "<", "…", "漢字", " the agent ", `\`})
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		b.WriteString(mark)
		for range rapid.IntRange(0, 12).Draw(t, "pieces") {
			b.WriteString(breaks.Draw(t, "break"))
			b.WriteString(strings.Repeat(mark+rapid.SampledFrom([]string{" ", "", "."}).Draw(t, "end"), rapid.SampledFrom([]int{1, 1, 3, 60}).Draw(t, "times")))
		}
		return b.String()
	})
}

// Whatever strangers write, it stands in quoted lines, and an answer that nobody
// asked to be longer is at most 2,000 tokens.
func TestStrangersWordsStayInTheirLinesAndAnswersAreShort(t *testing.T) {
	l := newLab(t)
	a := l.asks(l.options(l.ml.ID))
	words, n := hostile(), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		id := core.PaperID(fmt.Sprintf("2604.%05d", 90000+n))
		upvotes := 3
		p := core.Paper{ID: id, Title: "Mark agent " + words.Draw(t, "title"), Abstract: strings.Repeat("We mark agents. "+words.Draw(t, "abstract")+" ", rapid.SampledFrom([]int{1, 9}).Draw(t, "long")),
			Authors: rapid.SliceOfN(words, 1, 9).Draw(t, "authors"), Categories: []string{rapid.SampledFrom([]string{"cs.AI", "cs.AI " + mark}).Draw(t, "category")}, Upvotes: &upvotes,
			Comment: words.Draw(t, "comment"), Journal: words.Draw(t, "journal"), Code: "https://github.com/" + words.Draw(t, "code"), Published: "2026-04-28", Day: "2026-04-28"}
		if _, err := l.store.PutPapers(l.Context(), []core.Seen{{Paper: p, Sighting: core.Sighting{Source: "hf", Day: "2026-04-28"}, Authority: core.Index}}, false, l.clock.Now()); err != nil {
			t.Fatal(err)
		}
		if n == 1 || rapid.Bool().Draw(t, "posted") {
			l.posts(l.ml, core.Date("2026-04-01").AddDays(n), id)
		}
		for _, c := range everything(id) {
			text, data, failed := a.calls(c.tool, c.in)
			if failed {
				t.Fatalf("%s %v: %s", c.tool, c.in, text)
			}
			if tokens(text, data) > 2000 {
				t.Fatalf("%s %v: %d tokens\n%s", c.tool, c.in, tokens(text, data), text)
			}
			for line := range strings.SplitSeq(text, "\n") {
				if strings.ContainsAny(line, "\r\u2028\u2029\v\u0085\x1e\u202e") || strings.Contains(line, mark) && !strings.HasPrefix(line, "> ") {
					t.Fatalf("%s %v: a stranger's line\n%q", c.tool, c.in, line)
				}
			}
			if strings.Contains(text, mark) && !strings.Contains(text, notice) {
				t.Fatalf("%s %v has strangers' words, and does not say so\n%s", c.tool, c.in, text)
			}
		}
	})
}

// The recorded days have what people really write: long abstracts, formulas, two
// hundred authors.
func TestAnswersOfRecordedDaysAreShort(t *testing.T) {
	type recorded struct {
		ID         core.PaperID
		Title      string
		Abstract   string
		Authors    []string
		Categories []string
		Published  core.Date
	}
	all := recordings.Values[recorded](t, "arxiv-corpus.jsonl.gz", 2000)
	l := newLab(t)
	var seen []core.Seen
	for i, r := range all {
		day := core.Date("2026-04-27").AddDays(-i / 200)
		seen = append(seen, core.Seen{Paper: core.Paper{ID: r.ID, Title: r.Title, Abstract: r.Abstract, Authors: r.Authors, Categories: r.Categories, Published: r.Published, Day: day, Version: 1},
			Sighting: core.Sighting{Source: "arxiv", Day: day}, Authority: core.Publisher})
	}
	_, err := l.store.PutPapers(l.Context(), seen, false, l.clock.Now())
	l.ok(err)
	var ids []core.PaperID
	for _, r := range all[:15] {
		ids = append(ids, r.ID)
	}
	l.posts(l.ml, "2026-04-28", ids...)
	a := l.asks(l.options(l.ml.ID))
	most, count := 0, map[string][]int{}
	look := func(tool string, in args) {
		text, data, failed := a.calls(tool, in)
		n := tokens(text, data)
		if count[tool] = append(count[tool], n); failed || n > 2000 {
			t.Errorf("%s %v: failed %t, %d tokens", tool, in, failed, n)
		}
		most = max(most, n)
	}
	for i, r := range all {
		if i%10 == 0 {
			look("paper", args{"id": r.ID})
		}
		if i%50 == 0 {
			look("search", args{"query": r.Title})
			look("missed", args{"id": r.ID})
		}
	}
	look("digest", nil)
	look("top", nil)
	for tool, ns := range count {
		slices.Sort(ns)
		t.Logf("%s: of %d answers the middle one has %d tokens, the longest %d", tool, len(ns), ns[len(ns)/2], ns[len(ns)-1])
	}
	if most < 1000 {
		t.Errorf("the longest has %d tokens: this test looks at nothing", most)
	}
}

func TestMoreIsGivenWhereItIsAskedFor(t *testing.T) {
	l := newLab(t)
	long := core.Paper{ID: "2604.99999", Title: "Long agent", Abstract: strings.Repeat("We say it again and again. ", 1000), Authors: slices.Repeat([]string{"Ana Doe"}, 40), Day: "2026-04-28"}
	_, err := l.store.PutPapers(l.Context(), []core.Seen{{Paper: long, Sighting: core.Sighting{Source: "hf", Day: "2026-04-28"}, Authority: core.Index}}, false, l.clock.Now())
	l.ok(err)
	a := l.asks(l.options(l.ml.ID))
	short, data, _ := a.calls("paper", args{"id": "2604.99999"})
	if n := tokens(short, data); n > 2000 || n < 1500 || !strings.Contains(short, `abstract:"full" gives all of it`) {
		t.Errorf("%d tokens\n%s", n, short)
	}
	if whole := a.hears("paper", args{"id": "2604.99999", "abstract": "full"}, strings.TrimSpace(long.Abstract)); strings.Count(whole, "Ana Doe") != 40 {
		t.Errorf("of 40 authors there are %d", strings.Count(whole, "Ana Doe"))
	}

	ask := func(in args) (out Papers) {
		in["query"] = "title:agent"
		_, data, _ := a.calls("search", in)
		l.ok(json.Unmarshal([]byte(data), &out))
		return out
	}
	var first, paged []core.PaperID
	for _, p := range ask(args{"limit": 50}).Papers {
		first = append(first, p.ID)
	}
	for at, end := 0, false; !end && len(paged) < 50; {
		out := ask(args{"offset": at})
		for _, p := range out.Papers {
			paged = append(paged, p.ID)
		}
		at, end = out.Next, out.Next == 0
	}
	if len(first) != 50 || !slices.Equal(first, paged[:50]) {
		t.Errorf("at once: %v\npage by page: %v", first, paged)
	}
	if n := len(ask(args{"limit": 900}).Papers); n != 50 {
		t.Errorf("%d papers at once", n)
	}
}

// Asking leaves the store as it was, byte for byte.
func TestReadingChangesNothing(t *testing.T) {
	l := newLab(t)
	l.posts(l.ml, "2026-04-27", "2604.07429", "2604.20987")
	l.votes(l.ml, "slack:T1/ana", core.Up, "2604.20987")
	kept := func() (files string) {
		for _, part := range []string{"", "-wal"} {
			b, err := os.ReadFile(l.file + part)
			l.ok(err)
			files += string(b)
		}
		return files
	}
	before := kept()
	for _, as := range []*Person{nil, {User: core.User{Key: "slack:T1/ana"}, List: l.store, Voter: l.voter()}} {
		for _, channel := range []int64{l.ml.ID, l.cv.ID} {
			o := l.options(channel)
			o.As = as
			a := l.asks(o)
			for _, id := range []core.PaperID{"2604.20987", "2604.07429", "2604.15715"} {
				for _, c := range everything(id) {
					if text, _, failed := a.calls(c.tool, c.in); failed && c.tool != "search" {
						t.Errorf("%s %v: %s", c.tool, c.in, text)
					}
				}
			}
		}
	}
	if kept() != before {
		t.Error("the store is another one")
	}
	l.votes(l.ml, "slack:T1/ben", core.Up, "2604.20987")
	if kept() == before {
		t.Error("a vote is not noticed either: this test looks at nothing")
	}
}

// An assistant of one channel hears the same whatever happens in another: nothing
// of it leads out.
func TestNothingOfAnotherChannelIsHeard(t *testing.T) {
	l := newLab(t)
	l.posts(l.ml, "2026-04-27", "2604.07429", "2604.20987")
	l.votes(l.ml, "slack:T1/ana", core.Up, "2604.20987")
	a := l.asks(l.options(l.ml.ID))
	var ids []core.PaperID
	for _, p := range func() []core.Paper {
		found, err := l.store.Search(l.Context(), core.Query{Limit: 200})
		l.ok(err)
		var ps []core.Paper
		for _, h := range found.Hits {
			ps = append(ps, h.Paper)
		}
		return ps
	}() {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	day, got := core.Date("2026-04-01"), map[core.PaperID]bool{}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(ids)
		call := func() (string, args) {
			one := id.Draw(t, "id")
			switch tool := rapid.SampledFrom([]string{"search", "paper", "digest", "top", "seen_before", "why", "missed"}).Draw(t, "tool"); tool {
			case "search":
				return tool, args{"query": rapid.SampledFrom([]string{"agent", "image | video", "title:model", "like:" + string(one)}).Draw(t, "query"), "sort": rapid.SampledFrom([]string{"best", "new", "top"}).Draw(t, "sort")}
			case "digest":
				return tool, rapid.SampledFrom([]args{nil, {"date": "today"}, {"date": "2026-04-27"}, {"limit": 50}}).Draw(t, "in")
			case "top":
				return tool, args{"since": rapid.SampledFrom([]string{"1d", "7d", "300d"}).Draw(t, "since")}
			case "seen_before":
				return tool, args{"ids": rapid.SliceOfN(id, 1, 9).Draw(t, "ids")}
			default:
				return tool, args{"id": one}
			}
		}
		tool, in := call()
		before, data, _ := a.calls(tool, in)
		one := id.Draw(t, "theirs")
		switch rapid.SampledFrom([]string{"post", "vote", "follow", "mute", "settings", "save"}).Draw(t, "event") {
		case "post", "vote":
			if !got[one] {
				day = day.AddDays(1)
				l.posts(l.cv, day, one)
				got[one] = true
			}
			l.votes(l.cv, fmt.Sprintf("slack:T1/%d", rapid.IntRange(0, 9).Draw(t, "who")), rapid.SampledFrom([]core.VoteKind{core.Up, core.Down}).Draw(t, "kind"), one)
		case "follow":
			tp, err := topic.Parse(fmt.Sprintf("secret%d | %s", len(got), rapid.SampledFrom([]string{"agent", "video"}).Draw(t, "word")))
			l.ok(err)
			_, err = l.store.AddTopic(l.Context(), l.cv.ID, tp, core.User{Name: "ben"}, l.clock.Now())
			l.ok(err)
		case "mute":
			_, err := l.store.AddMute(l.Context(), core.Mute{Channel: l.cv.ID, Kind: core.MutePaper, Value: string(one), At: l.clock.Now()})
			l.ok(err)
		case "settings":
			_, err := l.store.UpdateChannel(l.Context(), l.cv.ID, func(c *core.Channel) {
				c.Private, c.Settings.NotForUsAt = !c.Private, 1
				c.Name = "#secret"
			})
			l.ok(err)
		case "save":
			_, err := l.store.Save(l.Context(), core.Saved{User: "slack:T1/ben", Paper: one, Note: "secret", At: l.clock.Now()})
			l.ok(err)
		}
		after, same, _ := a.calls(tool, in)
		if before != after || data != same {
			t.Fatalf("%s %v: before\n%s\nafter something happened in another channel\n%s", tool, in, before, after)
		}
		if strings.Contains(after+same, "secret") || strings.Contains(after+same, "#cv") {
			t.Fatalf("%s %v: %s", tool, in, after)
		}
	})
	for _, c := range everything("2604.20987") { // there is no word for it …
		named := args{"channel": "#secret"}
		maps.Copy(named, c.in)
		a.refuses(c.tool, named, "These arguments do not fit", "channel")
	}
	d := desk{Options: l.options(l.ml.ID)} // … and it would not be heard
	if ch, err := d.channel(t.Context(), "slack/T1/C2"); err != nil || ch.ID != l.ml.ID {
		t.Errorf("#%d is answered for, %v", ch.ID, err)
	}
}
