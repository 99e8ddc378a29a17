package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/say"
)

// play is a playground with a scripted bot behind it.
type play struct {
	t    *testing.T
	room *Room
	site *Site
	bot  *script
	demo *mornings
	srv  *httptest.Server
}

func newPlay(t *testing.T) *play {
	demo := &mornings{now: time.Date(2025, 12, 10, 8, 0, 0, 0, time.UTC), can: true}
	room := NewRoom(demo.time, "diffusion", "llm-agents", "reading-group")
	p := &play{t: t, room: room, demo: demo, bot: &script{t: t}}
	demo.post = p.digest
	p.site = NewSite(room, p.bot, demo, slog.New(slog.NewTextHandler(t.Output(), nil)))
	p.srv = httptest.NewUnstartedServer(nil)
	p.srv.Config.Handler = p.site.Handler(p.srv.Listener.Addr())
	p.srv.Start()
	t.Cleanup(func() {
		p.srv.CloseClientConnections()
		p.srv.Close()
		p.site.working.Wait()
	})
	return p
}

// digest posts a header, two papers, and one in the header's thread.
func (p *play) digest(ctx context.Context) {
	post := func(k string, place core.Place, header core.MessageRef, card core.Card) core.MessageRef {
		ref, err := p.room.Post(ctx, core.Post{Key: k, Channel: key("diffusion"), Place: place, Header: header, Thread: "Papers · Wed 10 Dec", Card: card})
		if err != nil {
			p.t.Error(err)
		}
		return ref
	}
	day := p.demo.time().Format("02")
	h := post("h"+day, core.InChannel, core.MessageRef{}, header())
	post("p1"+day, core.InChannel, h, paper("2509.24006", "SLA: Beyond Sparsity in Diffusion Transformers via Fine-Tunable Sparse-Linear Attention"))
	post("p2"+day, core.InChannel, h, lonely())
	post("p3"+day, core.InThread, h, paper("2503.07274", "Efficient Distillation of Classifier-Free Guidance using Adapters"))
}

// mornings is a demo's clock.
type mornings struct {
	mu   sync.Mutex
	now  time.Time
	can  bool
	anew int
	post func(context.Context)
}

func (m *mornings) time() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *mornings) Morning(ctx context.Context) error {
	m.mu.Lock()
	m.now = m.now.Add(24 * time.Hour)
	m.mu.Unlock()
	m.post(ctx)
	return nil
}

func (m *mornings) Quiet(context.Context) (say.Text, error) {
	return say.Say("Nothing was posted: no channel follows a topic. Try `/papers subscribe diffusion`."), nil
}

func (m *mornings) Anew() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.anew++
}

func (m *mornings) Status() (time.Time, string, string, bool, string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	why := ""
	if !m.can {
		why = "That was the last day that I have papers of (Wednesday 10 December)."
	}
	return m.now, "Europe/Berlin", "recorded days", m.can, why
}

// script answers a few commands as the bot would, and keeps what it was asked.
type script struct {
	t         *testing.T
	mu        sync.Mutex
	asked     []core.Request
	pressed   []core.Press
	submitted []core.Submission
	wait      chan struct{} // closed when presses are to be answered; nil: at once
	reactions []core.Reaction
}

func line(format string, args ...any) core.Card {
	return core.Card{Lines: []say.Text{say.Say(format, args...)}}
}

func (b *script) Do(_ context.Context, r core.Request) core.Reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, r)
	verb, rest, _ := strings.Cut(r.Text, " ")
	switch verb {
	case "help":
		return core.Reply{Card: core.Card{Title: "Paperboy", Block: "/papers <words>                search: words are ANDed, | is OR, -word excludes, \"exact phrase\", diffus*\n/papers subscribe <topic>[, <topic>]   follow in this channel       /papers unsubscribe <n>\n/papers status   is it quiet or is something broken?"}}
	case "top":
		return core.Reply{Card: line("The week's best, asked for by %s", r.User.Name), Public: true}
	case "subscribe":
		return core.Reply{
			Card: line("I read this as: papers with the word *%s*, in cs.**, stat.ML, eess.**. About 1.9 a weekday.", rest),
			Line: []say.Text{say.Say("@%s follows 1 topic here: *%s*", r.User.Name, rest)}}
	case "export":
		return core.Reply{Card: line("2 papers."), File: &core.File{Name: "papers.bib", Type: "application/x-bibtex; charset=utf-8", Data: []byte("@misc{a}\n")}}
	case "similar":
		return core.Reply{Card: line("The nearest to %s", r.Paper)}
	case "":
		return core.Reply{Card: line("This channel has no topics yet. Start with `/papers subscribe diffusion`.")}
	}
	return core.Reply{Card: found()}
}

func (b *script) Press(_ context.Context, p core.Press) core.Reply {
	if b.wait != nil {
		<-b.wait
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pressed = append(b.pressed, p)
	verb, id, _ := strings.Cut(strings.TrimPrefix(p.Button, "pb1|"), "|")
	switch verb {
	case "save":
		return core.Reply{Card: line("Saved. %d in your list · `/papers saved`", len(b.pressed))}
	case "bibtex":
		return core.Reply{Card: core.Card{Block: "@misc{zhang2025sla,\n  title={{SLA}: Beyond Sparsity in Diffusion Transformers via Fine-Tunable Sparse-Linear Attention},\n  eprint={2509.24006},\n  archivePrefix={arXiv},\n  primaryClass={cs.LG}\n}"}}
	case "fold":
		return core.Reply{Card: line("folded"), Edit: true}
	case "page":
		card := found()
		card.Lines = []say.Text{say.Say("Page %s of these papers:", id)}
		card.Papers = card.Papers[1:]
		next, _ := strconv.Atoi(id)
		card.Buttons = []core.Button{{ID: fmt.Sprintf("pb1|page|%d", next+1), Label: "Next 5 ▸"}}
		return core.Reply{Card: card, Edit: true}
	case "similar":
		card := found()
		card.Lines = []say.Text{say.Say("*The nearest* to this one:")}
		return core.Reply{Card: card}
	}
	return core.Reply{Card: line("%s of %s", verb, id)}
}

// Form is what the greeting's buttons open.
func (b *script) Form(_ context.Context, p core.Press) (core.Form, bool) {
	switch p.Button {
	case "pb1|form|preview":
		return core.Form{ID: p.Button, Title: "Preview a topic", Submit: "Preview", Fields: []core.Field{{Name: "topic", Label: "Topic", Hint: "as in: diffusion", Kind: core.FieldText, Max: 1000}}}, true
	case "pb1|form|schedule":
		return core.Form{ID: p.Button, Title: "Set the time", Submit: "Set", Lines: []say.Text{say.Say("When this channel gets its post.")}, Fields: []core.Field{
			{Name: "time", Label: "Time of day", Kind: core.FieldTime, Value: "09:00"},
			{Name: "zone", Label: "Time zone", Hint: "a city or a name such as Europe/Berlin", Kind: core.FieldSearch, Value: "Europe/Berlin", Verb: "schedule", Option: "zone"},
			{Name: "days", Label: "Days", Kind: core.FieldChoice, Value: "daily", Options: []core.Choice{{Value: "weekdays", Label: "weekdays"}, {Value: "daily", Label: "every day"}}},
		}}, true
	}
	return core.Form{}, false
}

func (b *script) Check(_ context.Context, s core.Submission) map[string]say.Text {
	if s.Values["topic"] == "-video" {
		return map[string]say.Text{"topic": say.Say("A topic needs at least one positive word. `-video` alone would match almost everything.")}
	}
	return nil
}

func (b *script) Submit(_ context.Context, s core.Submission) core.Reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.submitted = append(b.submitted, s)
	if topic := s.Values["topic"]; topic != "" {
		card := found()
		card.Lines = []say.Text{say.Say("I read this as: papers with the word *%s*.", topic)}
		return core.Reply{Card: card}
	}
	return core.Reply{Card: line("This channel gets its post at %s.", s.Values["time"])}
}

func (b *script) React(_ context.Context, r core.Reaction) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reactions = append(b.reactions, r)
	return nil
}

func (b *script) Complete(_ context.Context, p core.Partial) []core.Choice {
	var out []core.Choice
	for _, v := range [][2]string{{"search", "papers now: words, \"phrases\", -exclude, author:, cat:"}, {"subscribe", "follow topics in this channel"}, {"schedule", "when this channel gets its post"}, {"help", "how it works"}} {
		if strings.HasPrefix(v[0], p.Text+p.Value) {
			out = append(out, core.Choice{Value: v[0] + " ", Label: v[0], Hint: v[1]})
		}
	}
	return out
}

func (b *script) Joined(_ context.Context, key core.ChannelKey, name string, _ bool) (core.Card, error) {
	return core.Card{
		Lines: []say.Text{
			say.Say("Hi, I'm Paperboy. I post new papers that match this channel's topics: one message per paper, and a 👍 on it is a vote."),
			say.Say("1  `/papers preview diffusion`  see what you would get, nothing is posted\n2  `/papers subscribe diffusion`  follow it here\n3  `/papers schedule 09:00 Europe/Berlin weekdays`"),
		},
		Context: []say.Text{say.Say("Sources: Hugging Face Daily Papers and arXiv. I read only commands and reactions on my own posts.")},
		Buttons: []core.Button{{ID: "pb1|form|preview", Label: "Preview a topic"}, {ID: "pb1|form|schedule", Label: "Set time"}, {ID: "pb1|do|help", Label: "Help"}},
	}, nil
}

func (b *script) About(context.Context, core.ChannelKey) say.Text {
	return say.Say("follows *diffusion -\"stable diffusion\"* and *lora* · weekdays 09:00 Berlin · `/papers settings`")
}

// Cards as core makes them.

func buttons(id string) []core.Button {
	var out []core.Button
	for _, b := range [][2]string{{"save", "Save"}, {"similar", "Similar"}, {"bibtex", "BibTeX"}, {"notforus", "Not for us"}, {"mute", "Mute"}} {
		out = append(out, core.Button{ID: "pb1|" + b[0] + "|" + id, Label: b[1]})
	}
	return out
}

func header() core.Card {
	return core.Card{
		Title:   "📰 Papers · Wed 10 Dec",
		Lines:   []say.Text{say.Say("3 new for this channel · diffusion (2) · lora (1) · top 2 below, 1 in thread")},
		Context: []say.Text{say.Say("Hugging Face list of 9 Dec complete · arXiv: Tuesday's announcement · next post Thu 09:00 Berlin")},
	}
}

func paper(id, title string) core.Card {
	return core.Card{
		Papers: []core.View{{
			ID: core.PaperID(id), URL: "https://huggingface.co/papers/" + id, PDF: "https://arxiv.org/pdf/" + id,
			Title: title, Authors: "Jintao Zhang … Jianfei Chen (11)", Facts: []string{"cs.LG", "▲41", "code ★312"}, Labels: []string{"listed late", "updated v2"},
			Excerpt: "We propose SLA, which splits attention weights into those that matter and those that can be linear, and fine-tunes the mix so that video models spend a fraction of the time on attention …",
			Matched: say.Say("matched *Diffusion*"),
		}},
		Buttons: buttons(id),
		More:    []core.Button{{ID: "pb1|abstract|" + id, Label: "Abstract"}, {ID: "pb1|why|" + id, Label: "Why?"}, {Label: "PDF", URL: "https://arxiv.org/pdf/" + id}},
	}
}

// morning is a post in layout cards.
func morning() core.Card {
	c := header()
	c.Apart = true
	for i, title := range []string{"SLA: Beyond Sparsity in Diffusion Transformers", "Efficient Distillation of Classifier-Free Guidance using Adapters"} {
		id := fmt.Sprintf("2509.2400%d", i)
		v := paper(id, title).Papers[0]
		v.Buttons = []core.Button{{ID: "pb1|up|" + id, Label: "👍"}, {ID: "pb1|save|" + id, Label: "Save"}}
		c.Papers = append(c.Papers, v)
	}
	c.Papers[0].Buttons[0].Label = "👍 2"
	return c
}

// lonely is a paper of which nothing but the title is known.
func lonely() core.Card {
	return core.Card{Papers: []core.View{{ID: "2409.15371", URL: "https://arxiv.org/abs/2409.15371", Title: "Bone: Block Affine Transformation as Parameter Efficient Fine-tuning Methods for Large Language Models"}}, Buttons: buttons("2409.15371")}
}

func found() core.Card {
	c := core.Card{
		Lines: []say.Text{say.Say("*2 papers* for *diffusion*, the newest first:")}, Numbered: true,
		Context: []say.Text{say.Say("I read this as: papers with the word *diffusion*, in cs.**, stat.ML, eess.**.")},
		Buttons: []core.Button{{ID: "pb1|page|2", Label: "Next 5 ▸"}, {ID: "pb1|share|1", Label: "Share"}},
	}
	for i, title := range []string{"SLA: Beyond Sparsity in Diffusion Transformers via Fine-Tunable Sparse-Linear Attention", "Efficient Distillation of Classifier-Free Guidance using Adapters"} {
		id := fmt.Sprintf("2509.2400%d", i)
		c.Papers = append(c.Papers, core.View{ID: core.PaperID(id), URL: "https://arxiv.org/abs/" + id, Title: title, Authors: "Jintao Zhang … Jianfei Chen (11)", Facts: []string{"cs.LG", "▲41", "29 Sep 2025"}, Votes: i,
			Matched: say.Say("matched *diffusion*"), Buttons: []core.Button{{ID: "pb1|save|" + id, Label: "Save"}, {ID: "pb1|similar|" + id, Label: "Similar"}, {ID: "pb1|why|" + id, Label: "Why?"}}})
	}
	return c
}

// window is the page as somebody has it open.
type window struct {
	t             *testing.T
	p             *play
	user, channel string
	skin          string // the look it is drawn in
	page          string // as it was loaded
	since         string
	events        chan event
	seen          []event         // all that came
	shown         map[int64]event // the last of each message; under 0 what is around them
	close         func()
}

type event struct {
	id, name string
	piece
	frame
}

// open loads the page and listens to its stream.
func (p *play) open(user, channel string) *window {
	p.t.Helper()
	w := p.load(user, channel)
	w.listen()
	return w
}

// load only loads the page.
func (p *play) load(user, channel string) *window { p.t.Helper(); return p.fetch(user, channel, "") }

// again is the window in another look.
func (w *window) again() *window {
	w.t.Helper()
	fresh := w.p.fetch(w.user, w.channel, w.skin)
	fresh.listen()
	return fresh
}

func (p *play) fetch(user, channel, skin string) *window {
	p.t.Helper()
	q := url.Values{"channel": {channel}, "as": {user}, "skin": {skin}}
	res, err := http.Get(p.srv.URL + "/?" + q.Encode())
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	page, _ := io.ReadAll(res.Body)
	if res.StatusCode != 200 {
		p.t.Fatalf("the page: %s %s", res.Status, page)
	}
	_, since, _ := strings.Cut(string(page), `data-since="`)
	since, _, _ = strings.Cut(since, `"`)
	return &window{t: p.t, p: p, user: user, channel: channel, skin: skin, page: string(page), since: since, shown: map[int64]event{}}
}

func (w *window) listen() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	w.close = cancel
	events := make(chan event, 100)
	w.events = events
	q := url.Values{"channel": {w.channel}, "as": {w.user}, "since": {w.since}, "skin": {w.skin}}
	req, _ := http.NewRequestWithContext(ctx, "GET", w.p.srv.URL+"/events?"+q.Encode(), nil)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer res.Body.Close()
		defer close(events)
		var e event
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				json.Unmarshal([]byte(value), &e.piece)
				json.Unmarshal([]byte(value), &e.frame)
			case "":
				if e.name != "" {
					events <- e
				}
				e = event{}
			}
		}
	}()
}

// sees waits until the window shows a message with all these words.
func (w *window) sees(words ...string) event {
	w.t.Helper()
	return w.until("a message with "+strings.Join(words, " and "), func(e event) bool {
		for _, word := range words {
			if e.HTML == "" || !strings.Contains(e.HTML, word) {
				return false
			}
		}
		return true
	})
}

// until waits until the window shows something: what it has been sent last of
// each message, and of what is around them, is looked at.
func (w *window) until(what string, is func(event) bool) event {
	w.t.Helper()
	late := time.After(5 * time.Second)
	for {
		for _, e := range w.shown {
			if is(e) {
				return e
			}
		}
		select {
		case e, ok := <-w.events:
			if !ok {
				w.t.Fatalf("%s's stream ended before %s", w.user, what)
			}
			w.seen = append(w.seen, e)
			w.shown[e.ID] = e
			w.since = e.id
		case <-late:
			w.t.Fatalf("%s never saw %s", w.user, what)
		}
	}
}

// never says that nothing seen so far has these words.
func (w *window) never(words string) {
	w.t.Helper()
	for _, e := range w.seen {
		if strings.Contains(e.HTML, words) {
			w.t.Errorf("%s saw %q: %s", w.user, words, e.HTML)
		}
	}
}

func (w *window) post(path string, body map[string]any) (status int, answer string) {
	w.t.Helper()
	body["as"], body["channel"] = w.user, w.channel
	text, _ := json.Marshal(body)
	res, err := http.Post(w.p.srv.URL+path, "application/json", bytes.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, strings.TrimSpace(string(b))
}

func (w *window) does(path string, body map[string]any) {
	w.t.Helper()
	if status, answer := w.post(path, body); status >= 300 {
		w.t.Fatalf("%s %v: %d %s", path, body, status, answer)
	}
}

func (w *window) types(text string) { w.t.Helper(); w.does("/say", map[string]any{"text": text}) }
func (w *window) replies(thread, text string) {
	w.t.Helper()
	w.does("/say", map[string]any{"text": text, "thread": thread})
}
func (w *window) reacts(id, e string, on bool) {
	w.t.Helper()
	w.does("/react", map[string]any{"message": id, "emoji": e, "on": on})
}
func (w *window) presses(id, button, label string) {
	w.t.Helper()
	w.does("/press", map[string]any{"message": id, "button": button, "label": label})
}
