package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/core"
)

func id(n int64) string { return fmt.Sprint(n) }

func TestAnEmptyChannelGreets(t *testing.T) {
	p := newPlay(t)
	ana := p.open("ana", "diffusion")
	for _, want := range []string{
		"Hi, I&#39;m Paperboy.",
		`data-fill="/papers subscribe diffusion"`,
		"follows", "Next morning", "Europe/Berlin · papers: recorded days", "Wed 10 Dec, 09:00",
	} {
		if !strings.Contains(ana.page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if again := p.open("ben", "diffusion"); strings.Count(again.page, "Hi, I&#39;m Paperboy.") != 1 {
		t.Error("the greeting is there once, whoever comes")
	}
}

func TestPrivateStaysPrivate(t *testing.T) {
	p := newPlay(t)
	ana, ben := p.open("ana", "diffusion"), p.open("ben", "diffusion")

	ana.types("/papers help")
	answer := ana.sees("Only you can see this", "words are ANDed", "<code><bdi>/papers help</bdi></code>")

	ana.types("/papers top share:yes")
	ben.sees("The week&#39;s best, asked for by ana", "<b><bdi>ana</bdi></b> asked <code><bdi>/papers top share:yes</bdi></code>", "<b><bdi>Paperboy</bdi></b>")
	ben.never("words are ANDed")
	ben.never("/papers help")

	// Nor by loading the page, by pressing, or by dismissing what is not his.
	if page := p.load("ben", "diffusion").page; strings.Contains(page, "words are ANDed") {
		t.Error("ben's page shows ana's answer")
	}
	for _, path := range []string{"/press", "/dismiss"} {
		if status, _ := ben.post(path, map[string]any{"message": id(answer.ID), "button": "pb1|save|1", "label": "Save"}); status != http.StatusNotFound {
			t.Errorf("%s on another's answer: %d", path, status)
		}
	}

	ana.does("/dismiss", map[string]any{"message": id(answer.ID)})
	ana.until("the answer gone", func(e event) bool { return e.ID == answer.ID && e.HTML == "" })
	if page := p.load("ana", "diffusion").page; strings.Contains(page, "words are ANDed") {
		t.Error("a dismissed answer came back")
	}
}

func TestAChangeIsPublicInOneLine(t *testing.T) {
	p := newPlay(t)
	ana, ben := p.open("ana", "diffusion"), p.open("ben", "diffusion")
	ana.types("/PAPERS  subscribe lora")
	ana.sees("Only you can see this", "I read this as")
	ben.sees("@ana follows 1 topic here: ", "lora")
	ben.never("I read this as")
	if got := p.bot.asked[0]; got.Text != "subscribe lora" || got.User.Key != "web:ana" || got.Channel != key("diffusion") || got.Name != "#diffusion" || got.ID == "" {
		t.Errorf("the bot was asked %+v", got)
	}
}

func TestTheMorningsPostArrivesAndVotesCountInTheOtherWindow(t *testing.T) {
	p := newPlay(t)
	ana, ben := p.open("ana", "diffusion"), p.open("ben", "diffusion")
	ana.does("/morning", map[string]any{})
	head := ben.sees("Papers · Wed 10 Dec", "3 new for this channel")
	first := ben.sees("SLA: Beyond Sparsity")
	inThread := ben.sees("Efficient Distillation")
	if first.Thread != 0 || inThread.Thread != head.ID {
		t.Errorf("the first paper is in thread %d, the third in %d; the header is %d", first.Thread, inThread.Thread, head.ID)
	}
	ben.until("the header with its thread", func(e event) bool { return e.ID == head.ID && strings.Contains(e.HTML, "1 in thread") })
	ben.until("the new clock", func(e event) bool { return strings.Contains(e.Clock, "Thu 11 Dec, 09:00") })

	ana.reacts(id(first.ID), "👍", true)
	ben.sees(`aria-label="👍 1"`)
	ben.reacts(id(first.ID), "👍", true)
	ben.reacts(id(first.ID), "👍", true) // pressed twice
	ben.sees(`aria-label="👍 2, you reacted"`)
	ana.sees(`aria-label="👍 2, you reacted"`, `title="ana, ben"`)
	ana.reacts(id(first.ID), "👍", false)
	ben.sees(`aria-label="👍 1, you reacted"`)
	ana.reacts(id(first.ID), "🦄", true) // not offered

	var got []string
	for _, r := range p.bot.reactions {
		got = append(got, fmt.Sprintf("%s %s %v", r.User.Name, r.Emoji, r.Added))
	}
	if want := "ana 👍 true, ben 👍 true, ana 👍 false"; strings.Join(got, ", ") != want {
		t.Errorf("the bot heard %v", got)
	}
	back, err := readBack(t, p.room, core.MessageRef{ID: id(first.ID)})
	if err != nil || len(back) != 1 || back[0].User.Key != "web:ben" {
		t.Errorf("read back: %v %v", back, err)
	}
}

func readBack(t *testing.T, r *Room, ref core.MessageRef) (back []core.Reaction, err error) {
	_, err = r.Reactions(t.Context(), key("diffusion"), core.MessageRef{}, []core.MessageRef{ref}, func(_ core.MessageRef, rs []core.Reaction) error { back = rs; return nil })
	return back, err
}

func TestAPostWithTheSameKeyIsTheSameMessage(t *testing.T) {
	p := newPlay(t)
	ctx := t.Context()
	post := core.Post{Key: "c/2409.15371", Channel: key("diffusion"), Card: lonely(), Seed: true}
	if _, found, err := p.room.Find(ctx, post); found || err != nil {
		t.Fatalf("found before it was posted: %v %v", found, err)
	}
	ref, err := p.room.Post(ctx, post)
	again, err2 := p.room.Post(ctx, post)
	if err != nil || err2 != nil || ref != again {
		t.Fatalf("%v %v, %v %v", ref, err, again, err2)
	}
	if there, found, err := p.room.Find(ctx, post); !found || there != ref || err != nil {
		t.Errorf("found %v %v %v", there, found, err)
	}
	if rs, err := readBack(t, p.room, ref); len(rs) != 0 || err != nil {
		t.Errorf("the bot's own 👍 was read back: %v %v", rs, err)
	}
	ana := p.open("ana", "diffusion")
	if !strings.Contains(ana.page, `aria-label="👍 1"`) {
		t.Error("the seed is not shown")
	}
	post.Card.Papers[0].Struck, post.Card.Papers[0].Labels = true, []string{"withdrawn"}
	if err := p.room.Edit(ctx, post, ref); err != nil {
		t.Fatal(err)
	}
	ana.sees("<s><a", "withdrawn", `id="m`+ref.ID+`"`)

	stopped, cancel := context.WithCancel(ctx)
	cancel()
	var no *core.Retry
	if _, err := p.room.Post(stopped, core.Post{Key: "other", Channel: key("diffusion")}); !errors.As(err, &no) {
		t.Errorf("a post after the end: %v", err)
	}
}

func TestButtonsAnswerInPrivateOnce(t *testing.T) {
	p := newPlay(t)
	ana, ben := p.open("ana", "diffusion"), p.open("ben", "diffusion")
	p.digest(t.Context())
	m := ana.sees("SLA: Beyond Sparsity")
	ana.presses(id(m.ID), "pb1|similar|2509.24006", "Similar")
	first := ana.sees("The nearest", "pressed <b><bdi>Similar</bdi></b></p>")
	ana.presses(id(m.ID), "pb1|similar|2509.24006", "Similar")
	ana.until("the first answer gone", func(e event) bool { return e.ID == first.ID && e.HTML == "" })
	ana.until("another one", func(e event) bool { return e.ID != first.ID && strings.Contains(e.HTML, "The nearest") })
	ana.presses(id(m.ID), "pb1|fold|2509.24006", "Fold")
	ben.until("the message changed", func(e event) bool { return e.ID == m.ID && strings.Contains(e.HTML, "folded") })
	ben.never("The nearest")
	if got := p.bot.pressed[0]; got.Button != "pb1|similar|2509.24006" || got.Message != id(m.ID) || got.User.Key != "web:ana" {
		t.Errorf("the bot heard %+v", got)
	}
}

// What a button answers does not move what one looks at: it stands under the
// message that it was pressed on, and one line is told beside the messages.
func TestAnAnswerStandsUnderWhatWasPressed(t *testing.T) {
	p := newPlay(t)
	ana := p.open("ana", "diffusion")
	p.digest(t.Context())
	m := ana.sees("SLA: Beyond Sparsity")
	p.bot.wait = make(chan struct{})
	ana.presses(id(m.ID), "pb1|similar|2509.24006", "Similar")
	if page := p.load("ana", "diffusion").page; strings.Contains(page, "is looking") {
		t.Error("something moves before there is an answer")
	}
	close(p.bot.wait)
	answer := ana.until("the answer under its paper", func(e event) bool { return e.Under == m.ID && strings.Contains(e.HTML, "The nearest") })
	ana.presses(id(answer.ID), "pb1|similar|2509.24001", "Similar")
	second := ana.until("the answer to that under the same paper", func(e event) bool {
		return e.ID != answer.ID && e.Under == m.ID && strings.Contains(e.HTML, "The nearest")
	})
	page := p.load("ana", "diffusion").page
	order := []string{`id="m` + id(m.ID), `id="m` + id(answer.ID), `id="m` + id(second.ID), "Bone: Block Affine"}
	for i := range order[1:] {
		if a, b := strings.Index(page, order[i]), strings.Index(page, order[i+1]); a < 0 || a > b {
			t.Errorf("%s stands at %d, %s at %d", order[i], a, order[i+1], b)
		}
	}

	ana.presses(id(m.ID), "pb1|save|2509.24006", "Save")
	line := ana.until("one line beside the messages", func(e event) bool { return e.Toast && strings.Contains(e.HTML, "Saved. 3 in your list") })
	if strings.Contains(line.HTML, "<article") || !strings.Contains(line.HTML, `data-fill="/papers saved"`) {
		t.Errorf("it is %s", line.HTML)
	}
	if page := p.load("ana", "diffusion").page; strings.Contains(page, "Saved.") {
		t.Error("what was told for a moment is kept")
	}
}

func TestAFormIsFilledIn(t *testing.T) {
	p := newPlay(t)
	ana, ben := p.open("ana", "diffusion"), p.open("ben", "diffusion")
	var greeting string
	for _, m := range p.room.messages["diffusion"] {
		greeting = id(m.id)
	}
	press := map[string]any{"message": greeting, "button": "pb1|form|preview", "label": "Preview a topic"}
	if status, got := ana.post("/press", press); status != http.StatusOK || !strings.Contains(got, "Preview a topic") || !strings.Contains(got, `name=\"topic\"`) {
		t.Fatalf("the button opens %d %s", status, got)
	}
	form := func(topic string) map[string]any {
		return map[string]any{"message": greeting, "form": "pb1|form|preview", "label": "Preview", "values": map[string]string{"topic": topic}}
	}
	if _, got := ana.post("/submit", form("-video")); !strings.Contains(got, `{"wrong":{"topic":"`) || !strings.Contains(got, "at least one positive word") {
		t.Errorf("what is wrong: %s", got)
	}
	if len(p.bot.submitted) != 0 {
		t.Error("what is wrong was done")
	}
	ana.does("/submit", form("lora"))
	ana.sees("I read this as", "lora", "pressed <b><bdi>Preview</bdi></b>")
	ben.never("I read this as")
	if got := p.bot.submitted[0]; got.ID == "" || got.Form != "pb1|form|preview" || got.User.Key != "web:ana" || got.Channel != key("diffusion") || got.Values["topic"] != "lora" {
		t.Errorf("the bot got %+v", got)
	}
	private := ana.sees("I read this as")
	for _, path := range []string{"/press", "/submit"} {
		if status, _ := ben.post(path, map[string]any{"message": id(private.ID), "button": "pb1|form|preview", "form": "pb1|form|preview", "values": map[string]string{"topic": "-video"}}); status != http.StatusNotFound {
			t.Errorf("%s on another's answer: %d", path, status)
		}
	}
	if _, got := ana.post("/complete", map[string]any{"verb": "schedule", "option": "zone", "text": "h"}); got != `[{"value":"help ","label":"help","hint":"how it works"}]` {
		t.Errorf("a field is completed by %s", got)
	}
}

func TestAMorningThatBringsNothingSaysWhy(t *testing.T) {
	p := newPlay(t)
	ana, cem := p.open("ana", "diffusion"), p.open("cem", "reading-group")
	if status, got := ana.post("/morning", map[string]any{}); status != http.StatusAccepted {
		t.Errorf("a morning with a post: %d %s", status, got)
	}
	if _, got := cem.post("/morning", map[string]any{}); !strings.Contains(got, "Nothing for this channel; ") || !strings.Contains(got, "#diffusion") || !strings.Contains(got, "data-fill") {
		t.Errorf("a post elsewhere: %s", got)
	}
	p.demo.post = func(context.Context) {}
	if _, got := ana.post("/morning", map[string]any{}); !strings.Contains(got, "Nothing was posted: no channel follows a topic.") || !strings.Contains(got, `data-fill=\"/papers subscribe diffusion\"`) {
		t.Errorf("no post: %s", got)
	}
}

func TestTalkAndMentionsInAThread(t *testing.T) {
	p := newPlay(t)
	ana, ben := p.open("ana", "diffusion"), p.open("ben", "diffusion")
	p.digest(t.Context())
	m := ana.sees("SLA: Beyond Sparsity")
	ben.types("Good morning")
	ana.sees("Good morning")
	ben.replies(id(m.ID), "Worth a slot on Friday?")
	ana.until("the reply in the thread", func(e event) bool { return e.Thread == m.ID && strings.Contains(e.HTML, "Worth a slot") })
	ana.until("the count", func(e event) bool { return e.ID == m.ID && strings.Contains(e.HTML, "1 reply") })

	ben.replies(id(m.ID), "@paperboy similar")
	ben.until("the answer in the thread", func(e event) bool {
		return e.Thread == m.ID && strings.Contains(e.HTML, "The nearest to 2509.24006")
	})
	ana.sees("@paperboy similar") // a mention is said aloud
	for _, e := range ben.shown {
		if strings.Contains(e.HTML, "The nearest to") && strings.Contains(e.HTML, "@paperboy") {
			t.Error("the answer repeats what was said aloud")
		}
	}
	ana.types("/paper diffusion")
	ana.sees("The only command here is", "/papers")
	ana.types("/papersmith")
	ana.sees("The only command here is")
	if n := len(p.bot.asked); n != 1 {
		t.Errorf("the bot was asked %d times", n)
	}
}

func TestAFileIsForWhoeverAskedForIt(t *testing.T) {
	p := newPlay(t)
	ana := p.open("ana", "diffusion")
	ana.types("/papers export bibtex since:7d")
	_, link, _ := strings.Cut(ana.sees("papers.bib").HTML, `href="/files/`)
	link, _, _ = strings.Cut(link, `"`)
	res, err := http.Get(p.srv.URL + "/files/" + link)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if string(body) != "@misc{a}\n" || res.Header.Get("Content-Disposition") != "attachment; filename=papers.bib" || res.Header.Get("Content-Type") != "application/x-bibtex; charset=utf-8" {
		t.Errorf("%q %v", body, res.Header)
	}
	if res, _ := http.Get(p.srv.URL + "/files/guess/papers.bib"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a guessed file: %s", res.Status)
	}
}

func TestAWindowThatWasAwayGoesOn(t *testing.T) {
	p := newPlay(t)
	ana, ben := p.open("ana", "diffusion"), p.open("ben", "diffusion")
	ana.types("long ago")
	ana.types("one")
	ben.sees(">one<")
	ben.close()
	ana.types("two")
	ana.types("three")
	ana.sees(">three<")
	ben.seen, ben.shown = nil, map[int64]event{}
	ben.listen()
	ben.sees(">two<")
	ben.sees(">three<")
	ben.never("long ago")

	ben.close()
	ben.since = "another-7"
	ben.listen()
	ben.until("the word to load anew", func(e event) bool { return e.name == "reload" })
	ben.close()
	ben.channel = "gone" // with the process that it was added to
	ben.listen()
	ben.until("the word to load anew", func(e event) bool { return e.name == "reload" })
}

func TestUnreadIsCountedPerChannelAndPerson(t *testing.T) {
	p := newPlay(t)
	ana, ben := p.open("ana", "diffusion"), p.open("ben", "llm-agents")
	p.load("ben", "diffusion")
	ana.types("one")
	ana.types("two")
	ben.until("two unread", func(e event) bool { return strings.Contains(e.Channels, `aria-label="2 unread"`) })
	if page := p.load("ben", "diffusion").page; strings.Contains(page, "unread") {
		t.Error("an open channel is read")
	}
	if page := p.load("ben", "llm-agents").page; strings.Contains(page, "2 unread") {
		t.Error("what was read is unread again")
	}
}

func TestNamesAndChannels(t *testing.T) {
	p := newPlay(t)
	ana := p.open("ana", "diffusion")
	for _, c := range []struct{ path, body, want string }{
		{"/channel", `{"channel":"#Vision"}`, `{"channel":"vision"}`},
		{"/channel", `{"channel":"a b"}`, "A channel's name has"},
		{"/channel", `{"channel":"<script>"}`, "A channel's name has"},
		{"/say", `{"as":"paperboy","channel":"diffusion","text":"x"}`, "A name has 1 to 24"},
		{"/say", `{"as":"` + strings.Repeat("a", 25) + `","channel":"diffusion","text":"x"}`, "A name has 1 to 24"},
		{"/say", `{"as":"a\u202eb","channel":"diffusion","text":"x"}`, "A name has 1 to 24"},
		{"/say", `{"as":"ana","channel":"nowhere","text":"x"}`, "There is no channel #nowhere"},
		{"/say", `{"as":"ana","channel":"diffusion","text":"` + strings.Repeat("é", 2001) + `"}`, "longer than 2000"},
		{"/say", `{"as":"ana","channel":"diffusion","thread":"x"}`, "no such thread"},
		{"/say", `{"as":"ana","channel":"diffusion","text":"` + strings.Repeat("x", 20000) + `"}`, "not what this page sends"},
		{"/say", `{"as":"ana","rights":"all"}`, "not what this page sends"},
	} {
		res, err := http.Post(p.srv.URL+c.path, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if !strings.Contains(string(got), c.want) {
			t.Errorf("%s %.60s: %s", c.path, c.body, got)
		}
	}
	ana.until("the new channel", func(e event) bool { return strings.Contains(e.Channels, "vision") })
	for i := range maxChannels {
		p.room.addChannel(fmt.Sprint("c", i))
	}
	if _, err := p.room.addChannel("onemore"); err != errManyRooms {
		t.Errorf("a channel too many: %v", err)
	}
}

func TestAfterTheLastDayItBeginsAnew(t *testing.T) {
	p := newPlay(t)
	p.demo.can = false
	ana := p.open("ana", "diffusion")
	if strings.Contains(ana.page, "data-morning") || strings.Contains(ana.page, "disabled") || strings.Count(ana.page, "data-anew") != 3 || !strings.Contains(ana.page, "That was the last day") {
		t.Error("the page does not say why, or offers no way on")
	}
	if status, answer := ana.post("/morning", map[string]any{}); status != http.StatusConflict || !strings.Contains(answer, "That was the last day") {
		t.Errorf("%d %s", status, answer)
	}
	ana.does("/anew", map[string]any{})
	if p.demo.anew != 1 {
		t.Error("it does not begin anew")
	}
}

func TestCompletion(t *testing.T) {
	p := newPlay(t)
	ana := p.open("ana", "diffusion")
	verbs := `[{"value":"/papers search ","label":"/papers search","hint":"papers now: words, \"phrases\", -exclude, author:, cat:"},{"value":"/papers subscribe ","label":"/papers subscribe","hint":"follow topics in this channel"},{"value":"/papers schedule ","label":"/papers schedule","hint":"when this channel gets its post"},{"value":"/papers help ","label":"/papers help","hint":"how it works"}]`
	for typed, want := range map[string]string{
		"":                `[]`,
		"/":               verbs,
		"/PA":             verbs,
		"/papers":         verbs,
		"@P":              strings.ReplaceAll(verbs, "/papers", "@Paperboy"),
		"/papers h":       `[{"value":"/papers help ","label":"help","hint":"how it works"}]`,
		"@paperboy h":     `[{"value":"@Paperboy help ","label":"help","hint":"how it works"}]`,
		"/papersmith":     `[]`,
		"/papers nothing": `[]`,
	} {
		if _, got := ana.post("/complete", map[string]any{"text": typed}); got != want {
			t.Errorf("%s: %s", typed, got)
		}
	}
}

func TestOtherPagesGetNothing(t *testing.T) {
	p := newPlay(t)
	body := `{"as":"ana","channel":"diffusion","text":"hello"}`
	for _, c := range []struct {
		name, path, body string
		header           http.Header
		host             string
		want             int
	}{
		{"another origin", "/say", body, http.Header{"Origin": {"https://evil.example"}}, "", http.StatusForbidden},
		{"another site, as the browser says", "/say", body, http.Header{"Sec-Fetch-Site": {"cross-site"}}, "", http.StatusForbidden},
		{"no origin at all", "/say", body, http.Header{"Origin": {"null"}}, "", http.StatusForbidden},
		{"a form", "/say", body, http.Header{"Content-Type": {"text/plain"}}, "", http.StatusUnsupportedMediaType},
		{"a name that points here", "/say", body, nil, "evil.example", http.StatusForbidden},
		{"a name that points here, reading", "/?channel=diffusion", "", nil, "evil.example:80", http.StatusForbidden},
		{"its own page", "/say", body, http.Header{"Origin": {p.srv.URL}, "Sec-Fetch-Site": {"same-origin"}}, "", http.StatusAccepted},
		{"localhost", "/?channel=diffusion", "", nil, "localhost:8080", http.StatusOK},
		{"by GET", "/say", "", nil, "", http.StatusMethodNotAllowed},
		{"a channel that is not", "/?channel=%3Cscript%3E", "", nil, "", http.StatusNotFound},
	} {
		method := "GET"
		if c.body != "" {
			method = "POST"
		}
		req, _ := http.NewRequest(method, p.srv.URL+c.path, strings.NewReader(c.body))
		req.Header.Set("Content-Type", "application/json")
		for k, v := range c.header {
			req.Header[k] = v
		}
		req.Host = c.host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%s: %s, want %d", c.name, res.Status, c.want)
		}
		for h, want := range map[string]string{"Content-Security-Policy": "default-src 'none'; script-src 'self';", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
			if got := res.Header.Get(h); !strings.HasPrefix(got, want) || strings.Contains(got, "unsafe") {
				t.Errorf("%s: %s is %q", c.name, h, got)
			}
		}
	}

	// Who listens for others is asked for by other names.
	outside := p.site.Handler(&net.TCPAddr{IP: net.IPv4zero, Port: 8080})
	rec := httptest.NewRecorder()
	outside.ServeHTTP(rec, httptest.NewRequest("GET", "http://raspberrypi.local:8080/", nil))
	if rec.Code != http.StatusOK {
		t.Errorf("on the network: %d", rec.Code)
	}
}

func TestItStopsWithStreamsOpen(t *testing.T) {
	p := newPlay(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.site.Serve(ctx, l) }()
	res, err := http.Get("http://" + l.Addr().String() + "/events?as=ana&channel=diffusion&since=" + p.room.epoch + "-0")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(stopTime + time.Second):
		t.Error("it does not stop")
	}
}

func TestAThousandPeopleVoteAtOnce(t *testing.T) {
	p := newPlay(t)
	p.digest(t.Context())
	ana := p.open("ana", "diffusion")
	m := p.room.messages["diffusion"][1] // the first after the header
	var crowd sync.WaitGroup
	for i := range 1000 {
		crowd.Go(func() {
			who := fmt.Sprint("u", i)
			for _, on := range []bool{true, true, i%10 != 0} { // every tenth thinks better of it
				p.room.react("diffusion", who, id(m.id), "👍", on)
			}
		})
	}
	crowd.Wait()
	ana.sees(`aria-label="👍 900"`, " and 880 more")
	back, err := readBack(t, p.room, m.ref())
	if err != nil || len(back) != 900 {
		t.Errorf("read back: %d %v", len(back), err)
	}
}
