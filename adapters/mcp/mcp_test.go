package mcp

import (
	"encoding/json"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/topic"
	"paperboy/core/votes"
	"paperboy/internal/catalogue"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// lab is a store with the papers of the catalogue and two channels: #ml, which
// follows agents, and #cv, which is private.
type lab struct {
	testing.TB
	store  *store.Store
	file   string
	clock  testkit.Clock
	log    strings.Builder
	ml, cv core.Channel
}

func newLab(t testing.TB) *lab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "paperboy.db")
	s, err := store.Open(t.Context(), file)
	l := &lab{TB: t, store: s, file: file}
	l.ok(err)
	t.Cleanup(func() { s.Close() })
	l.clock.Set(time.Date(2026, 4, 28, 12, 0, 0, 0, time.UTC))
	days := catalogue.Days()
	for _, day := range slices.Sorted(maps.Keys(days)) {
		_, err := s.PutPapers(t.Context(), days[day], false, day.Time(time.UTC).Add(8*time.Hour))
		l.ok(err)
	}
	l.ok(s.Join(t.Context(), core.Owner{ID: "test", Host: "here", PID: 1, Started: l.clock.Now()}))
	l.ml = l.opens("C1", "#ml", "agent*")
	l.cv = l.opens("C2", "#cv", "image | video")
	return l
}

func (l *lab) ok(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// opens makes a channel that follows a topic.
func (l *lab) opens(id, name, follows string) core.Channel {
	l.Helper()
	ch, err := l.store.EnsureChannel(l.Context(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: id}, Name: name, Settings: core.DefaultSettings(),
		Schedule: core.Schedule{Time: "09:00", Zone: "UTC", Days: core.Weekdays}})
	l.ok(err)
	t, err := topic.Parse(follows)
	l.ok(err)
	_, err = l.store.AddTopic(l.Context(), ch.ID, t, core.User{Name: "ana"}, l.clock.Now())
	l.ok(err)
	return ch
}

// posts has a channel get papers with a post of a day at nine.
func (l *lab) posts(ch core.Channel, day core.Date, ids ...core.PaperID) {
	l.Helper()
	l.postsAt(ch, day.Time(time.UTC).Add(9*time.Hour), ids...)
}

func (l *lab) postsAt(ch core.Channel, due time.Time, ids ...core.PaperID) {
	l.Helper()
	plan := core.Plan{Digest: core.Digest{Channel: ch.ID, Due: due, Kind: core.DailyPost, Planned: due}}
	papers, err := l.store.Papers(l.Context(), ids)
	l.ok(err)
	for i, p := range papers {
		follows, err := l.store.Topics(l.Context(), ch.ID)
		l.ok(err)
		var matched []core.Matched
		for _, t := range follows {
			if w, ok := t.Topic.Match(p.Doc()); ok {
				matched = append(matched, core.Matched{Topic: t.Topic.String(), Why: w})
			}
		}
		plan.Items = append(plan.Items, core.Delivery{Item: core.PaperItem(p.ID), Position: i + 1, Place: core.InChannel, Matched: matched})
	}
	if n, err := l.store.PlanDigests(l.Context(), []core.Plan{plan}); err != nil || n != 1 {
		l.Fatalf("%d planned: %v", n, err)
	}
	l.sends(ch, due)
}

// sends brings out what is planned.
func (l *lab) sends(ch core.Channel, due time.Time) {
	l.Helper()
	claims, err := l.store.Claim(l.Context(), "test", due, 9, nil)
	l.ok(err)
	for _, c := range claims {
		var last core.Message
		last.Position = -1
		for {
			m, ok, err := l.store.Begin(l.Context(), c, last.Delivery.Digest, last.Position, due)
			l.ok(err)
			if !ok {
				break
			}
			l.ok(l.store.Posted(l.Context(), c, m.Item, core.MessageRef{Conversation: ch.Key.ID, ID: ch.Key.ID + "/" + string(m.Item)}, 1, due))
			last = m
		}
		l.ok(l.store.Release(l.Context(), c, time.Time{}))
	}
}

// votes has somebody vote in a channel for a paper that it got.
func (l *lab) votes(ch core.Channel, who string, kind core.VoteKind, id core.PaperID) {
	l.Helper()
	d, err := l.store.Delivery(l.Context(), ch.ID, core.PaperItem(id))
	l.ok(err)
	_, err = l.voter().Give(l.Context(), ch, d, id, kind, core.User{Key: who, Name: who}, true, l.clock.Now())
	l.ok(err)
}

func (l *lab) voter() *votes.Votes {
	return votes.New(votes.Options{Store: l.store, Clock: wallclock.New(l.clock.Now)})
}

// options are those of a server for a channel; 0: for all.
func (l *lab) options(channel int64) Options {
	return Options{Store: l.store, Query: &query.Reader{Store: l.store, Now: l.clock.Now}, Version: "test", Log: slog.New(slog.NewTextHandler(&l.log, nil)), Channel: channel}
}

// assistant is a client that asks a server.
type assistant struct {
	*lab
	*sdk.ClientSession
}

// asks connects an assistant to a server in memory.
func (l *lab) asks(o Options) assistant {
	l.Helper()
	ours, theirs := sdk.NewInMemoryTransports()
	_, err := New(o).Connect(l.Context(), ours, nil)
	l.ok(err)
	s, err := sdk.NewClient(&sdk.Implementation{Name: "assistant", Version: "1"}, nil).Connect(l.Context(), theirs, nil)
	l.ok(err)
	l.Cleanup(func() { s.Close() })
	return assistant{l, s}
}

type args map[string]any

// calls calls a tool: its text, its data as it was sent, and whether it failed.
func (a assistant) calls(tool string, in args) (text, data string, failed bool) {
	a.Helper()
	res, err := a.CallTool(a.Context(), &sdk.CallToolParams{Name: tool, Arguments: in})
	a.ok(err)
	for _, c := range res.Content {
		text += c.(*sdk.TextContent).Text
	}
	if res.StructuredContent != nil {
		b, err := json.Marshal(res.StructuredContent)
		a.ok(err)
		data = string(b)
	}
	return text, data, res.IsError
}

// hears calls a tool and wants words in its text, in order.
func (a assistant) hears(tool string, in args, words ...string) string {
	a.Helper()
	text, _, failed := a.calls(tool, in)
	rest := text
	for _, w := range words {
		_, after, found := strings.Cut(rest, w)
		if !found {
			a.Errorf("%s %v: no %q (any more) in\n%s", tool, in, w, text)
			return text
		}
		rest = after
	}
	if failed {
		a.Errorf("%s %v failed:\n%s", tool, in, text)
	}
	return text
}

// refuses calls a tool that fails with a sentence.
func (a assistant) refuses(tool string, in args, words ...string) {
	a.Helper()
	text, _, failed := a.calls(tool, in)
	for _, w := range words {
		if !failed || !strings.Contains(text, w) {
			a.Errorf("%s %v: failed %t, %q is to be in\n%s", tool, in, failed, w, text)
		}
	}
}

func tokens(parts ...string) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n / bytesPerToken
}

func TestAMorningWithAnAssistant(t *testing.T) {
	l := newLab(t)
	l.posts(l.ml, "2026-04-27", "2604.07429", "2604.20987")
	l.votes(l.ml, "slack:T1/ana", core.Up, "2604.20987")
	a := l.asks(l.options(l.ml.ID))

	a.hears("digest", nil, "#ml got 2 papers on 2026-04-27 (Monday).", "1. 2604.07429 · 2026-04-10 · cs.CV · ▲42 · code ★2\n", "> GameWorld: ", "> Mingyu Ouyang … Mike Zheng Shou (5)\n", "> A standard way", "> matched Agents",
		"2. 2604.20987 · ", " · 1 vote here\n")
	a.hears("digest", args{"date": "yesterday"}, "#ml got 2 papers on 2026-04-27")
	a.hears("digest", args{"date": "2026-04-20"}, "#ml got nothing on 2026-04-20 (Monday). Without a date")
	a.hears("top", nil, "Top papers of #ml since 2026-04-21, by the group's votes.", "1. 2604.20987", "2. 2604.07429")
	a.hears("search", args{"query": "title:agent", "sort": "new", "limit": 2}, "65 papers for `title:agent`.", "Shown: 1–2 of 65. offset:2 goes on.", "1. 2604.19548", "2. 2604.21480")
	a.hears("search", args{"query": "title:agent", "sort": "new", "limit": 2, "offset": 64}, "Shown: 65–65 of 65, the last.", "65. ")
	a.hears("search", args{"query": "agents that use tools"}, "2 papers with all words of `agents that use tools`, and 81 near in meaning.", "1. 2604.15715")
	a.hears("search", args{"query": "title:diffusoin"}, "No paper matches `title:diffusoin`.", "`title:diffusion` finds ")
	a.hears("paper", args{"id": "https://arxiv.org/abs/2604.20987v1"}, "2604.20987 · 2026-04-24 · cs.AI · ▲5 · code ★3 · 1 vote here · posted 2026-04-27", "> Co-Evolving", "first published 2026-04-22.", "> PDF: https://arxiv.org/pdf/2604.20987", "In the channel: posted.")
	a.hears("seen_before", args{"ids": []string{"arXiv:2604.20987v2", "2604.21480", "2604.00001", "soup"}}, "#ml got 1 of 4 papers.", "2604.20987: posted 2026-04-27, 1 vote", "2604.21480: not posted\n", "2604.00001: unknown here", "soup: no id of a paper")
	a.hears("why", args{"id": "2604.20987"}, "2604.20987 in #ml: posted 2026-04-27.", "> topic agent*", "> agent* in title")
	a.hears("missed", args{"id": "2604.18131"}, "seen: it was there before the topic.")
	l.clock.Set(l.clock.Now().AddDate(0, 2, 0))
	a.hears("digest", nil, "#ml got nothing in the last 31 days.")
}

// A day may have several posts, and one with nothing but a line: the last day with
// papers is told, all of it, in the order of the day.
func TestADigestIsTheWholeDay(t *testing.T) {
	l := newLab(t)
	monday := time.Date(2026, 4, 27, 0, 0, 0, 0, time.UTC)
	l.posts(l.ml, "2026-04-24", "2604.15715")
	l.postsAt(l.ml, monday.Add(9*time.Hour), "2604.20987")
	l.postsAt(l.ml, monday.Add(15*time.Hour), "2604.07429")
	_, err := l.store.PlanDigests(l.Context(), []core.Plan{{Digest: core.Digest{Channel: l.ml.ID, Due: monday.Add(33 * time.Hour), Kind: core.DailyPost, Planned: monday.Add(33 * time.Hour), Header: &core.Card{Title: "quiet"}},
		Items: []core.Delivery{{Item: core.HeaderItem(core.DailyPost, monday.Add(33*time.Hour)), Place: core.InChannel}}}})
	l.ok(err)
	l.sends(l.ml, monday.Add(33*time.Hour))
	if d, err := l.store.Delivery(l.Context(), l.ml.ID, core.HeaderItem(core.DailyPost, monday.Add(33*time.Hour))); err != nil || d.State != core.Posted {
		t.Fatalf("the quiet day's line: %+v, %v", d, err)
	}
	a := l.asks(l.options(l.ml.ID))
	if text := a.hears("digest", nil, "#ml got 2 papers on 2026-04-27", "1. 2604.20987", "2. 2604.07429"); strings.Contains(text, "2604.15715") {
		t.Errorf("another day's is there:\n%s", text)
	}
	a.hears("digest", args{"date": "today"}, "#ml got nothing on 2026-04-28 (Tuesday).")
	a.hears("digest", args{"date": "2026-04-24"}, "#ml got 1 paper on 2026-04-24 (Friday).", "2604.15715")
}

func TestWhatWasMissedComesWithItsPrice(t *testing.T) {
	l := newLab(t)
	a := l.asks(l.options(l.cv.ID))
	text := a.hears("missed", args{"id": "2604.20987"}, "2604.20987 in #cv: no topic matches it.", "What it lacks of the topics that come nearest:", "> #1 image | video: it never says `image`", "What would bring its like from now on", " more papers a weekday")
	if why := a.hears("why", args{"id": "2604.20987"}, "no topic matches it."); len(why) >= len(text) || strings.Contains(why, "a weekday") {
		t.Errorf("why says as much as missed:\n%s", why)
	}
}

// What goes wrong is a sentence that says what to do.
func TestWhatGoesWrongHasAWayOut(t *testing.T) {
	l := newLab(t)
	a := l.asks(l.options(l.ml.ID))
	a.refuses("paper", args{"id": "soup"}, "`soup` is no paper's id. Write an arXiv id or link")
	a.refuses("paper", args{"id": "2601.00001"}, "I do not have the paper 2601.00001", "`search` finds")
	a.refuses("search", args{"query": "cat:cs.XX"}, "`cs.XX` is no category. Did you mean `cs.*`")
	a.refuses("search", args{"query": "source:nobody lora"}, "I have no source `nobody`")
	a.refuses("search", args{"query": `"open`}, "quote")
	a.refuses("search", args{"query": "lora", "since": "soon"}, "Write `7d`, `2w` or a day")
	a.refuses("digest", args{"date": "2026-13-01"}, "I could not read the date `2026-13-01`. Write a day as 2026-11-20, today or yesterday.")
	a.refuses("seen_before", args{"ids": []string{}}, "Name between 1 and 50 papers")
	a.refuses("search", args{}, `These arguments do not fit (required: missing properties: ["query"]). The tool's input schema says which it takes.`)
	a.refuses("search", args{"query": "lora", "sort": "worst"}, "These arguments do not fit (", "sort")
	if l.log.Len() > 0 {
		t.Errorf("the log has %s", l.log.String())
	}

	l.store.Close()
	a.refuses("top", nil, "that failed on my side (ref ", "whoever runs me finds the reference in the log")
	text, _, _ := a.calls("paper", args{"id": "2604.20987"})
	ref := strings.TrimSuffix(strings.Fields(text[strings.Index(text, "(ref ")+5:])[0], "),")
	if !strings.Contains(l.log.String(), ref) || strings.Contains(text, "sql") {
		t.Errorf("it says %s, and the log\n%s", text, l.log.String())
	}
}

func TestAChannelThatIsGoneIsNotAnsweredFor(t *testing.T) {
	l := newLab(t)
	a := l.asks(l.options(l.ml.ID))
	_, err := l.store.UpdateChannel(l.Context(), l.ml.ID, func(c *core.Channel) { c.Gone = l.clock.Now() })
	l.ok(err)
	a.refuses("digest", nil, "The channel of this key is gone.")
	a.refuses("search", args{"query": "lora"}, "The channel of this key is gone.")
}

// The operator's assistant, which sees everything, says whose channel it means;
// where there is only one, nobody has to.
func TestTheWholeStore(t *testing.T) {
	l := newLab(t)
	l.posts(l.ml, "2026-04-27", "2604.07429")
	l.posts(l.cv, "2026-04-28", "2604.20987")
	a := l.asks(l.options(0))
	a.hears("digest", args{"channel": "ml"}, "#ml got 1 paper on 2026-04-27", "2604.07429")
	a.hears("digest", args{"channel": "slack/T1/C2"}, "#cv got 1 paper on 2026-04-28", "2604.20987")
	a.hears("digest", args{"channel": "C2"}, "#cv got 1 paper")
	a.refuses("digest", nil, "Say which channel", "slack/T1/C1 #ml, slack/T1/C2 #cv")
	a.refuses("top", args{"channel": "soup"}, "Say which channel")
	a.hears("search", args{"query": "title:agent"}, "papers for `title:agent`")
	a.hears("paper", args{"id": "2604.07429"}, "> GameWorld")

	_, err := l.store.UpdateChannel(l.Context(), l.cv.ID, func(c *core.Channel) { c.Gone = l.clock.Now() })
	l.ok(err)
	a.hears("digest", nil, "#ml got 1 paper")
}

// Another scope is another channel's: a search goes by the one that is spoken of.
func TestASearchGoesByTheChannelsScopeAndVotes(t *testing.T) {
	l := newLab(t)
	_, err := l.store.UpdateChannel(l.Context(), l.ml.ID, func(c *core.Channel) {
		c.Settings.Scope = topic.Scope{Patterns: []string{"cs.CL"}, Strict: true}
	})
	l.ok(err)
	l.posts(l.cv, "2026-04-28", "2604.20987")
	l.votes(l.cv, "slack:T1/ben", core.Up, "2604.20987")
	a := l.asks(l.options(l.ml.ID))
	a.hears("search", args{"query": "title:agent", "limit": 1}, "36 papers for") // of 65
	l.asks(l.options(l.cv.ID)).hears("search", args{"query": "title:agent", "sort": "top", "limit": 1}, "1. 2604.20987", "1 vote here")
	if text := a.hears("search", args{"query": "title:agent cat:cs.AI", "sort": "top", "limit": 1}, "1. "); strings.Contains(text, "vote here") {
		t.Errorf("another channel's vote is there:\n%s", text)
	}
}
