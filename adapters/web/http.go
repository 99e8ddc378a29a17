package web

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"paperboy/adapters/web/skins"
	"paperboy/core"
	"paperboy/core/say"
)

//go:embed static
var static embed.FS

// The limits of what a page may send and how long things may take.
const (
	maxBody     = 16 << 10
	maxText     = 2000
	answerTime  = 30 * time.Second // for the bot to answer
	morningTime = 5 * time.Minute  // for a digest to be delivered
	writeTime   = 30 * time.Second // for a browser to take what it is sent
	stopTime    = 5 * time.Second  // for requests under way, when the server stops
)

// securityPolicy: the page's own files and nothing else.
const securityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Site serves a room to browsers.
type Site struct {
	// Skins are the other looks that the page offers. Set them before it serves.
	Skins []Skin

	room *Room
	bot  Bot
	demo Demo
	log  *slog.Logger

	working sync.WaitGroup
	greet   sync.Mutex
	greeted map[string]bool
}

// NewSite puts the page before a room. The bot is the one that posts into it.
func NewSite(room *Room, bot Bot, demo Demo, log *slog.Logger) *Site {
	return &Site{room: room, bot: bot, demo: demo, log: log, greeted: map[string]bool{}}
}

// Serve serves the page on l until the context ends, and then lets the answers
// that are under way be given. It closes l.
func (s *Site) Serve(ctx context.Context, l net.Listener) error {
	streams, stop := context.WithCancel(ctx)
	defer stop()
	srv := &http.Server{
		Handler:           s.Handler(l.Addr()),
		BaseContext:       func(net.Listener) context.Context { return streams },
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      morningTime + writeTime, // the streams set their own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	// The streams end with their context; what else is under way gets a moment.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := srv.Shutdown(last); err != nil {
		s.log.Warn("playground: stopped with requests under way", "err", err)
		return srv.Close()
	}
	answered := make(chan struct{})
	go func() { s.working.Wait(); close(answered) }()
	select {
	case <-answered:
	case <-last.Done():
	}
	return nil
}

// Handler is all doors of the page. Where it listens on a loopback address,
// it answers only to a loopback host's name: a page elsewhere whose name was
// made to point here (DNS rebinding) gets nothing.
func (s *Site) Handler(listen net.Addr) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /files/{token}/{name}", s.download)
	mux.Handle("GET /static/", http.FileServerFS(static))
	mux.HandleFunc("GET /static/skins.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write(skins.CSS)
	})
	mux.Handle("POST /say", s.post(s.say))
	mux.Handle("POST /press", s.post(s.press))
	mux.Handle("POST /submit", s.post(s.submit))
	mux.Handle("POST /react", s.post(s.react))
	mux.Handle("POST /dismiss", s.post(s.dismiss))
	mux.Handle("POST /complete", s.post(s.complete))
	mux.Handle("POST /morning", s.post(s.morning))
	mux.Handle("POST /anew", s.post(s.anew))
	mux.HandleFunc("POST /channel", s.newChannel)

	// Refuses what another site's page makes a browser send.
	sameOrigin := http.NewCrossOriginProtection().Handler(mux)
	local := loopback(listen.String())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", securityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		if local && !loopback(r.Host) {
			http.Error(w, "This page is served on this machine only: open http://"+listen.String()+"/", http.StatusForbidden)
			return
		}
		sameOrigin.ServeHTTP(w, r)
	})
}

// loopback reports whether a host, with or without a port, is this machine by
// its own name for itself.
func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback()
}

// sent is what the page posts.
type sent struct {
	As      string `json:"as"`
	Channel string `json:"channel"`
	Thread  string `json:"thread"` // where it was typed or pressed; "" in the channel
	Text    string `json:"text"`
	Message string `json:"message"`
	Button  string `json:"button"`
	Label   string `json:"label"` // of the button, as the page shows it
	Emoji   string `json:"emoji"`
	On      bool   `json:"on"`

	Form   string            `json:"form"` // what is filled in …
	Values map[string]string `json:"values"`
	Verb   string            `json:"verb"` // … and which of its fields is being completed
	Option string            `json:"option"`

	thread int64
}

// refusal is a sentence for the person at the page.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

func read(w http.ResponseWriter, r *http.Request, to any) error {
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "Send application/json.")
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return refuse(http.StatusBadRequest, "That is not what this page sends; reload it.")
	}
	return nil
}

// post is a door that takes what the page sends and checks it. The answer is
// a JSON value, or nothing.
func (s *Site) post(do func(context.Context, sent) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in sent
		err := read(w, r, &in)
		if err == nil {
			err = s.check(&in)
		}
		var out any
		if err == nil {
			out, err = do(r.Context(), in)
		}
		s.respond(w, out, err)
	})
}

func (s *Site) respond(w http.ResponseWriter, out any, err error) {
	var no *refusal
	switch {
	case errors.As(err, &no):
		http.Error(w, no.text, no.status)
	case err != nil:
		s.log.Error("playground", "err", err)
		http.Error(w, "That failed on my side. The log says why.", http.StatusInternalServerError)
	case out == nil:
		w.WriteHeader(http.StatusAccepted)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(out)
	}
}

func (s *Site) check(in *sent) (err error) {
	if in.As, err = cleanUser(in.As); err != nil {
		return err
	}
	if !s.room.has(in.Channel) {
		return refuse(http.StatusNotFound, "There is no channel #%s here any more; reload the page.", in.Channel)
	}
	if len(in.Text) > maxText*4 || len([]rune(in.Text)) > maxText {
		return refuse(http.StatusBadRequest, "That is longer than %d characters.", maxText)
	}
	if in.Thread != "" {
		if in.thread, err = strconv.ParseInt(in.Thread, 10, 64); err != nil {
			return refuse(http.StatusBadRequest, "There is no such thread.")
		}
	}
	return nil
}

// work gives an answer after the request was acknowledged, and also when the
// window that asked is closed meanwhile.
func (s *Site) work(ctx context.Context, do func(context.Context)) {
	s.working.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
		defer cancel()
		do(ctx)
	})
}

// say takes what was typed: a command, a mention of the bot, or a line to the
// others.
func (s *Site) say(ctx context.Context, in sent) (any, error) {
	text := strings.TrimSpace(in.Text)
	asked, isCommand := after(text, network.Command)
	mention, isMention := after(text, "@"+botName)
	switch {
	case text == "":
		return nil, nil
	case isCommand:
		s.ask(ctx, in, text, asked, false)
	case strings.HasPrefix(text, "/"):
		id := s.room.asked(in.Channel, in.As, in.thread, text, false)
		s.room.answer(id, "", core.Reply{Card: core.Card{Lines: []say.Text{
			say.Say("The only command here is `%s`. Try `%s help`.", network.Command, network.Command)}}})
	case isMention:
		s.room.say(in.Channel, in.As, in.thread, text)
		s.ask(ctx, in, text, mention, true)
	default:
		s.room.say(in.Channel, in.As, in.thread, text)
	}
	return nil, nil
}

// after is what follows a word, in any case, at the start of a text.
func after(text, word string) (rest string, ok bool) {
	if len(text) < len(word) || !strings.EqualFold(text[:len(word)], word) {
		return "", false
	}
	rest = text[len(word):]
	trimmed := strings.TrimLeft(rest, " \t\u00a0,:")
	return trimmed, rest == "" || trimmed != rest
}

func (s *Site) ask(ctx context.Context, in sent, typed, text string, aloud bool) {
	id := s.room.asked(in.Channel, in.As, in.thread, typed, aloud)
	s.work(ctx, func(ctx context.Context) { s.do(ctx, id, in, text) })
}

func (s *Site) do(ctx context.Context, id int64, in sent, text string) core.Reply {
	reply := s.bot.Do(ctx, core.Request{
		ID: s.eventID(id), Channel: key(in.Channel), Name: "#" + in.Channel, User: person(in.As),
		Text: text, Paper: s.room.paper(in.thread),
	})
	s.room.answer(id, "", reply)
	return reply
}

// Type types a command for somebody, and returns when it is answered: before
// anybody looks, what has been going on is made so.
func (s *Site) Type(ctx context.Context, user, channel, command string) error {
	s.welcome(ctx, channel)
	typed := network.Command + " " + command
	id := s.room.asked(channel, user, 0, typed, false)
	if reply := s.do(ctx, id, sent{As: user, Channel: channel}, command); reply.Failed {
		return fmt.Errorf("%s: %s", typed, plain(reply.Card))
	}
	return nil
}

func (s *Site) eventID(id int64) string { return fmt.Sprintf("%s-%d", s.room.epoch, id) }

var errNoMessage = refuse(http.StatusNotFound, "That message is not here any more; reload the page.")

// press answers with a form where the button opens one; any other is answered
// over the stream.
func (s *Site) press(ctx context.Context, in sent) (any, error) {
	press := core.Press{Channel: key(in.Channel), Name: "#" + in.Channel, User: person(in.As), Button: in.Button, Message: in.Message}
	if !s.room.sees(in.As, in.Channel, in.Message) {
		return nil, errNoMessage
	}
	if f, ok := s.bot.Form(ctx, press); ok {
		html, err := fragment("form", f)
		return form{html}, err
	}
	return nil, s.answer(ctx, in, in.Button, func(ctx context.Context, id string) core.Reply {
		press.ID = id
		return s.bot.Press(ctx, press)
	})
}

// answer has what was pressed, or filled in, answered over the stream.
func (s *Site) answer(ctx context.Context, in sent, button string, do func(ctx context.Context, id string) core.Reply) error {
	id, ok := s.room.pressed(in.Channel, in.As, in.thread, in.Message, button, in.Label)
	if !ok {
		return errNoMessage
	}
	s.work(ctx, func(ctx context.Context) { s.room.answer(id, in.Message, do(ctx, s.eventID(id))) })
	return nil
}

// form is one to fill in, as HTML.
type form struct {
	Form string `json:"form"`
}

// wrong is what has to be filled in otherwise: by field, as HTML.
type wrong struct {
	Wrong map[string]string `json:"wrong"`
}

// submit takes a form that was filled in, or says what is wrong with it.
func (s *Site) submit(ctx context.Context, in sent) (any, error) {
	if !s.room.sees(in.As, in.Channel, in.Message) {
		return nil, errNoMessage
	}
	filled := core.Submission{Channel: key(in.Channel), Name: "#" + in.Channel, User: person(in.As), Form: in.Form, Values: in.Values}
	if trouble := s.bot.Check(ctx, filled); len(trouble) > 0 {
		w := wrong{map[string]string{}}
		for field, text := range trouble {
			html, err := fragment("text", text)
			if err != nil {
				return nil, err
			}
			w.Wrong[field] = html
		}
		return w, nil
	}
	return nil, s.answer(ctx, in, in.Form, func(ctx context.Context, id string) core.Reply {
		filled.ID = id
		return s.bot.Submit(ctx, filled)
	})
}

func (s *Site) react(ctx context.Context, in sent) (any, error) {
	re, changed := s.room.react(in.Channel, in.As, in.Message, in.Emoji, in.On)
	if !changed {
		return nil, nil
	}
	return nil, s.bot.React(context.WithoutCancel(ctx), re)
}

func (s *Site) dismiss(_ context.Context, in sent) (any, error) {
	if !s.room.dismiss(in.Channel, in.As, in.Message) {
		return nil, refuse(http.StatusNotFound, "That answer is not here any more.")
	}
	return nil, nil
}

// choice is a way to complete what was typed: all of it is replaced by Value.
type choice struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Hint  string `json:"hint,omitempty"`
}

func (s *Site) complete(ctx context.Context, in sent) (any, error) {
	out := []choice{}
	if in.Verb != "" { // a field of a form
		for _, c := range s.bot.Complete(ctx, core.Partial{Channel: key(in.Channel), User: person(in.As), Verb: in.Verb, Option: in.Option, Value: in.Text}) {
			out = append(out, choice{Value: c.Value, Label: c.Label, Hint: c.Hint})
		}
		return out, nil
	}
	for _, p := range []string{network.Command, "@" + botName} {
		rest, begun := "", in.Text != "" && len(in.Text) <= len(p) && strings.EqualFold(in.Text, p[:len(in.Text)])
		if !begun {
			var is bool
			if rest, is = cutFold(in.Text, p+" "); !is {
				continue
			}
		}
		for _, c := range s.bot.Complete(ctx, core.Partial{Channel: key(in.Channel), User: person(in.As), Text: rest}) {
			if begun { // what there is, before its name is typed
				c.Label = p + " " + c.Label
			}
			out = append(out, choice{Value: p + " " + c.Value, Label: c.Label, Hint: c.Hint})
		}
	}
	return out, nil
}

// cutFold is strings.CutPrefix in any case.
func cutFold(text, prefix string) (rest string, ok bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return "", false
	}
	return text[len(prefix):], true
}

func (s *Site) morning(ctx context.Context, in sent) (any, error) {
	if _, _, _, can, why := s.demo.Status(); !can {
		return nil, refuse(http.StatusConflict, "%s", why)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), morningTime)
	defer cancel()
	before := s.room.delivered()
	err := s.demo.Morning(ctx)
	s.room.wake()
	if err != nil {
		return nil, err
	}
	text, err := s.quiet(ctx, in.Channel, before)
	if err != nil || text == nil {
		return nil, err
	}
	html, err := fragment("text", text)
	return notice{html}, err
}

// notice is something to tell the person who did something, beside the messages.
type notice struct {
	HTML string `json:"html"`
}

// quiet says why a channel got nothing this morning; nil where it did.
func (s *Site) quiet(ctx context.Context, channel string, before map[string]int) (say.Text, error) {
	var elsewhere []string
	for c, n := range s.room.delivered() {
		if n > before[c] {
			elsewhere = append(elsewhere, "#"+c)
		}
		if n > before[c] && c == channel {
			return nil, nil
		}
	}
	if len(elsewhere) == 0 {
		return s.demo.Quiet(ctx)
	}
	slices.Sort(elsewhere)
	return say.Say("Nothing for this channel; %s got a post. To follow something here: `%s subscribe diffusion`", strings.Join(elsewhere, ", "), network.Command), nil
}

// anew begins the demo again; every window then loads anew.
func (s *Site) anew(context.Context, sent) (any, error) {
	s.demo.Anew()
	return nil, nil
}

func (s *Site) newChannel(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Channel string `json:"channel"`
	}
	err := read(w, r, &in)
	if err == nil {
		in.Channel, err = s.room.addChannel(in.Channel)
	}
	s.respond(w, in, err)
}

func (s *Site) download(w http.ResponseWriter, r *http.Request) {
	f := s.room.download(r.PathValue("token"))
	if f == nil {
		http.Error(w, "That file was dismissed, or the playground started anew. Ask for it again.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", f.Type)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	w.Header().Set("Cache-Control", "no-store")
	w.Write(f.Data)
}
