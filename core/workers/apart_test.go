package workers_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/verbs"
	"paperboy/core/workers"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// half is one of two installations that share a store, with words that only it has.
type half struct {
	in       core.Installation
	marker   string
	channels []string
	users    []core.User
	buttons  []string // that were shown there last
	shown    int
	forms    []string
	messages []core.MessageRef
}

// mostButtons are remembered of each.
const mostButtons = 300

// two are both, behind one connection, and the database to look into.
type two struct {
	*testing.T
	network core.Network
	bot     *workers.Workers
	db      *sql.DB
	clock   *testkit.Clock
	r       *rand.Rand
	halves  [2]*half

	mu     sync.Mutex
	serial map[core.ChannelKey]int
}

func (w *two) Network() core.Network { return w.network }
func (w *two) Serves(in core.Installation) bool {
	return in == w.halves[0].in || in == w.halves[1].in
}

func (w *two) of(in core.Installation) (mine, other *half) {
	if in == w.halves[0].in {
		return w.halves[0], w.halves[1]
	}
	return w.halves[1], w.halves[0]
}

// Post gives messages of both the same ids.
func (w *two) Post(_ context.Context, p core.Post) (core.MessageRef, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	mine, other := w.of(p.Channel.Installation())
	w.shows("a post", mine, other, p.Card, "")
	w.serial[p.Channel]++
	ref := core.MessageRef{Conversation: p.Channel.ID, ID: fmt.Sprintf("m%d", w.serial[p.Channel])}
	mine.messages = append(mine.messages, ref)
	return ref, nil
}

func (w *two) Edit(_ context.Context, p core.Post, _ core.MessageRef) error {
	mine, other := w.of(p.Channel.Installation())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shows("an edit", mine, other, p.Card, "")
	return nil
}

// CanRead: everybody reads every channel of their own installation.
func (w *two) CanRead(_ context.Context, ch core.ChannelKey, u core.User) (bool, error) {
	mine, _ := w.of(ch.Installation())
	return slices.ContainsFunc(mine.users, func(m core.User) bool { return m.Key == u.Key }), nil
}

// shows looks through what somebody is shown, and keeps its buttons.
func (w *two) shows(what string, mine, other *half, answer any, asked string) {
	text, err := json.Marshal(answer)
	if err != nil {
		w.Error(err)
	}
	if strings.Contains(string(text), other.marker) {
		w.Errorf("%s in %v (%s) shows what is of %v:\n%s", what, mine.in, asked, other.in, text)
	}
	var card core.Card
	switch a := answer.(type) {
	case core.Card:
		card = a
	case core.Reply:
		card = a.Card
	}
	for _, b := range testkit.Pressable(card) {
		if b.ID != "" {
			mine.buttons = append(mine.buttons, b.ID)
			mine.shown++
		}
	}
	if over := len(mine.buttons) - mostButtons; over > 0 { // what was shown long ago does nothing any more
		mine.buttons = mine.buttons[over:]
	}
}

// shared are the tables that are nobody's: papers, and what is known of sources and
// processes. Ids of events are the platform's.
var shared = []string{"counter", "papers", "texts", "sightings", "events", "sources", "notes", "owners", "leases", "turns", "features", "identifiers", "lists", "embeddings", "forgotten", "told", "sqlite_sequence", "goose_db_version"}

// kept is everything that is kept of one half, as text.
func (w *two) kept(h *half) string {
	w.Helper()
	var out strings.Builder
	for _, table := range w.strings(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'words%' ORDER BY name`) {
		if slices.Contains(shared, table) {
			continue
		}
		columns := w.strings(`SELECT name FROM pragma_table_info('` + table + `')`)
		ours := fmt.Sprintf(`channel IN (SELECT id FROM channels WHERE platform = '%s' AND workspace = '%s')`, h.in.Platform, h.in.Workspace)
		var whose []string
		for _, c := range columns {
			switch {
			case c == "workspace":
				whose = append(whose, fmt.Sprintf(`workspace = '%s'`, h.in.Workspace))
			case c == "channel" && table != "channels":
				whose = append(whose, ours)
			case c == "person":
				for _, u := range h.users {
					whose = append(whose, fmt.Sprintf(`person = '%s'`, u.Key))
				}
			case c == "topic" && table != "topics":
				whose = append(whose, `topic IN (SELECT id FROM topics WHERE `+ours+`)`)
			}
		}
		if whose == nil {
			w.Fatalf("nobody knows whose the rows of the table %s are", table)
		}
		quoted := make([]string, len(columns))
		for i, c := range columns {
			quoted[i] = `quote("` + c + `")`
		}
		lasting := `1 = 1`
		if table == "passes" { // one that has ended opens nothing, and whoever asks for another sweeps it away
			lasting = fmt.Sprintf(`until > %d`, w.clock.Now().UnixMilli())
		}
		for _, row := range w.strings(`SELECT ` + strings.Join(quoted, `||' '||`) + ` FROM ` + table + ` WHERE (` + strings.Join(whose, ` OR `) + `) AND ` + lasting + ` ORDER BY 1`) {
			out.WriteString(table + ": " + row + "\n")
		}
	}
	return out.String()
}

func (w *two) strings(query string) (out []string) {
	w.Helper()
	rows, err := w.db.Query(query)
	if err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			w.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		w.Fatal(err)
	}
	return out
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// typed is a line that somebody of the half may type: every example of every verb,
// with words of theirs, and numbers and papers of anybody.
func (w *two) typed(h *half) string {
	id := string(testkit.SeedID(1 + w.r.IntN(30)))
	switch n := 1 + w.r.IntN(6); w.r.IntN(16) {
	case 0:
		return "subscribe " + h.marker + pick(w.r, []string{"", ", lora", " | diffusion", " cat:cs.CV"})
	case 1:
		return "subscribe " + pick(w.r, []string{"lora", "diffusion", "agents", "video", "author:\"" + h.marker + "\""})
	case 2:
		return "search " + pick(w.r, []string{h.marker, "lora", "diffusion", "nothing " + h.marker})
	case 3:
		return fmt.Sprintf("unsubscribe %d", n)
	case 4:
		return "save " + id + " " + h.marker
	case 5:
		return pick(w.r, []string{"saved", "list", "status", "today", "top since:30d", "settings", "stats", "taste", "link", "more"})
	case 6:
		return fmt.Sprintf("mute %s for:%s", pick(w.r, []string{h.marker, "survey", id}), pick(w.r, []string{"7d", "forever"}))
	case 7:
		return pick(w.r, []string{"why ", "missed ", "show ", "similar ", "repost "}) + id
	case 8:
		return "export " + pick(w.r, []string{"config", "bibtex", "csv", "json", "markdown saved"})
	case 9:
		return "schedule 09:00 Europe/Berlin daily"
	case 10:
		return fmt.Sprintf("settings max:%d", n)
	}
	v := pick(w.r, verbs.Table)
	if len(v.Examples) == 0 || v.Name == "pause" {
		return v.Name
	}
	return pick(w.r, v.Examples)
}

// does is somebody of a half doing something, perhaps with a button of the other's.
func (w *two) does(n int, mine, other *half) {
	ctx := w.Context()
	u := pick(w.r, mine.users)
	key := core.ChannelKey{Platform: mine.in.Platform, Workspace: mine.in.Workspace, ID: pick(w.r, mine.channels)}
	name := "#" + mine.marker + "-" + key.ID
	id := fmt.Sprintf("%s/%d", mine.in.Workspace, n) // as every adapter gives them
	buttons := slices.Concat(mine.buttons, other.buttons)
	if len(other.buttons) > 0 && w.r.IntN(2) == 0 {
		buttons = other.buttons // forged
	}
	message := "m1"
	if len(mine.messages) > 0 {
		message = pick(w.r, mine.messages).ID
	}
	switch k := w.r.IntN(12); {
	case k < 4 || len(buttons) == 0:
		line := w.typed(mine)
		reply := w.bot.Do(ctx, core.Request{ID: id, Channel: key, Name: name, User: u, Text: line})
		w.shows("a command", mine, other, reply, line)
	case k < 8:
		b := strings.ReplaceAll(pick(w.r, buttons), other.marker, mine.marker) // what one types oneself is no secret
		p := core.Press{ID: id, Channel: key, Name: name, User: u, Button: b, Message: message}
		if f, ok := w.bot.Form(ctx, p); ok {
			w.shows("a form", mine, other, f, b)
			mine.forms = append(mine.forms, f.ID)
			return
		}
		w.shows("a button", mine, other, w.bot.Press(ctx, p), b)
	case k == 8:
		forms := slices.Concat(mine.forms, other.forms)
		if len(forms) == 0 {
			return
		}
		f := strings.ReplaceAll(pick(w.r, forms), other.marker, mine.marker)
		s := core.Submission{ID: id, Channel: key, Name: name, User: u, Form: f, Values: map[string]string{"topic": mine.marker, "query": "lora", "note": mine.marker, "time": "09:00", "zone": "Europe/Berlin", "what": "survey"}}
		w.shows("a form's errors", mine, other, w.bot.Check(ctx, s), f)
		w.shows("a form", mine, other, w.bot.Submit(ctx, s), f)
	case k == 9:
		if err := w.bot.React(ctx, core.Reaction{EventID: id, Channel: key, Message: message, User: u, Emoji: pick(w.r, []string{"+1", "-1", "bookmark"}), Added: w.r.IntN(3) > 0, Order: int64(n)}); err != nil {
			w.Error(err)
		}
	case k == 10:
		w.shows("a home", mine, other, w.bot.Home(ctx, mine.in, u), "")
	default:
		partial := core.Partial{Channel: key, User: u, Text: pick(w.r, []string{"unsubscribe ", "unmute ", "search ", "top ", "sub", "save "})}
		w.shows("a completion", mine, other, w.bot.Complete(ctx, partial), "")
		card, _ := w.bot.Unfurl(ctx, key, "https://arxiv.org/abs/"+string(testkit.SeedID(1+w.r.IntN(30))))
		w.shows("a link", mine, other, card, "")
		paper, _ := w.bot.PaperOf(ctx, key, message)
		w.shows("a message's paper", mine, other, paper, "")
	}
}

// Ten thousand random things that people do in two installations, of which each has
// channels, people and messages with the other's ids where the platform can have that,
// and presses the other's buttons: nothing of the other is shown or changed.
func TestTwoInstallationsKnowNothingOfEachOther(t *testing.T) {
	people := func(keys ...string) (users []core.User) {
		for _, k := range keys {
			users = append(users, core.User{Key: k})
		}
		return users
	}
	for _, tc := range []struct {
		network core.Network
		halves  [2]*half
	}{
		{core.Network{Name: "slack", Command: "/papers", Editors: "members", Threads: true, VoteButton: true, Limits: core.Limits{ButtonID: 255}}, [2]*half{
			{in: core.Installation{Platform: "slack", Workspace: "T1"}, marker: "alfaword", channels: []string{"C1", "C2", "U1"}, users: people("slack:T1/U1", "slack:T1/U2")},
			{in: core.Installation{Platform: "slack", Workspace: "T2"}, marker: "bravoword", channels: []string{"C1", "C2", "U1"}, users: people("slack:T2/U1", "slack:T2/U2")},
		}},
		{core.Network{Name: "discord", Command: "/papers", Editors: "members", Roles: true, Threads: true, Named: true, Limits: core.Limits{Choices: 25, ButtonID: 100, Fields: 5, Rows: 5}}, [2]*half{
			{in: core.Installation{Platform: "discord", Workspace: "1"}, marker: "alfaword", channels: []string{"11", "12"}, users: people("discord:91", "discord:92")},
			{in: core.Installation{Platform: "discord", Workspace: "2"}, marker: "bravoword", channels: []string{"21", "22"}, users: people("discord:93", "discord:94")},
		}},
	} {
		t.Run(tc.network.Name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "paperboy.db")
			s, err := store.Open(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			db, err := sql.Open("sqlite3", "file:"+file+"?mode=ro&_busy_timeout=10000")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			w := &two{T: t, network: tc.network, db: db, clock: &testkit.Clock{}, r: rand.New(rand.NewPCG(14, 4)), halves: tc.halves, serial: map[core.ChannelKey]int{}}
			for _, h := range w.halves {
				for i := range h.users {
					h.users[i].Name = fmt.Sprintf("%s-%d", h.marker, i)
				}
			}
			wire := &testkit.Wire{}
			w.bot = workers.New(workers.Options{
				Store: s, Connections: core.NewConnections(nil, w), Clock: wallclock.New(w.clock.Now), Page: "https://papers.example.org",
				Feed: &feed.Feed{Store: s, Sources: []core.Source{wire}, Now: w.clock.Now},
			})
			day := testkit.At("2025-11-24 08:00")
			w.clock.Set(day)
			page := testkit.SeedPage(t)
			wire.Fetches(t, w.bot)
			const run = 20
			operations := 10_000
			if testkit.Race {
				operations /= 5
			}
			for n := 0; n < operations && !t.Failed(); n += run {
				mine, other := w.halves[n/run%2], w.halves[1-n/run%2]
				before := w.kept(other)
				for i := range run {
					w.does(n+i, mine, other)
				}
				if after := w.kept(other); after != before {
					t.Errorf("what people do in %v changes %v:\nbefore\n%s\nafter\n%s", mine.in, other.in, before, after)
				}
				if n%500 == 0 { // a day goes by
					day = day.AddDate(0, 0, 1)
					w.clock.Set(day)
					wire.Fetches(t, w.bot, append(page.Fresh(day), page.Listed(core.DateOf(day), 10+n/500%8, 18+n/500%8)...)...)
					w.clock.Set(day.Add(90 * time.Minute))
					if err := w.bot.Tick(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, h := range w.halves {
				rows, posts := strings.Count(w.kept(h), "\n"), len(h.messages)
				t.Logf("%v: %d rows are kept, %d messages were posted, %d buttons shown, %d forms", h.in, rows, posts, h.shown, len(h.forms))
				if rows < 20 || posts < 3 || h.shown < 1000 {
					t.Error("too little happened to say anything")
				}
			}
		})
	}
}
