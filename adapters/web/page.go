package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/say"
)

// people are the names the page offers.
var people = []string{"ana", "ben", "cem"}

// pulse is how often an idle stream says that it lives, and what time it is.
const pulse = 10 * time.Second

// again is how soon a window whose stream ended asks for the next one.
const again = 300 * time.Millisecond

// state is all of the page but the messages.
type state struct {
	Channel, User string
	Skin          string // the look it is drawn in; "": its own
	Looks         []look
	Channels      []channelView
	People        []string
	About         say.Text
	Now           time.Time
	Zone, Source  string
	CanAdvance    bool
	Why           string

	Since             string
	Messages, Threads template.HTML
}

func (s *Site) state(ctx context.Context, channel, user string, skin *Skin) state {
	st := state{Channel: channel, User: user, Looks: s.looks(skin), Channels: s.room.channels(user, channel), People: people, About: s.bot.About(ctx, key(channel))}
	if skin != nil {
		st.Skin = skin.Name
	}
	st.Now, st.Zone, st.Source, st.CanAdvance, st.Why = s.demo.Status()
	st.Now = st.Now.In(zone(st.Zone))
	return st
}

// zone is the place whose time the page shows; UTC while there is none.
func zone(name string) *time.Location {
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	return time.UTC
}

// page is the whole page with all messages so far, so that it needs the stream
// only for what comes later.
func (s *Site) page(w http.ResponseWriter, r *http.Request) {
	channel, user := r.FormValue("channel"), people[0]
	if channel == "" {
		channel = s.room.first()
	}
	if !s.room.has(channel) {
		http.Error(w, "There is no channel of that name here. Go back, and add it on the left.", http.StatusNotFound)
		return
	}
	if as := r.FormValue("as"); as != "" {
		var err error
		if user, err = cleanUser(as); err != nil {
			s.respond(w, nil, err)
			return
		}
	}
	s.welcome(r.Context(), channel)
	ms, upto, _ := s.room.since(channel, user, 0)
	skin := s.skin(r.FormValue("skin"))
	st := s.state(r.Context(), channel, user, skin)
	if !slices.Contains(st.People, user) {
		st.People = append(slices.Clone(st.People), user)
	}
	st.Since = fmt.Sprintf("%s-%d", s.room.epoch, upto)
	var list, threads bytes.Buffer
	// Answers stand under what they answer.
	slices.SortFunc(ms, func(a, b message) int {
		return cmp.Or(cmp.Compare(cmp.Or(a.under, a.id), cmp.Or(b.under, b.id)), cmp.Compare(a.id, b.id))
	})
	for i := range ms {
		to := &list
		if ms[i].parent != 0 {
			to = &threads
		}
		if ms[i].gone || ms[i].toast || unanswered(&ms[i]) {
			continue
		}
		if err := skin.show(to, see(&ms[i], user, st.Now.Location()), st.Now); err != nil {
			s.respond(w, nil, err)
			return
		}
	}
	st.Messages, st.Threads = template.HTML(list.String()), template.HTML(threads.String())
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, "page", st); err != nil {
		s.respond(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(page.Bytes())
}

// welcome tells the bot of a channel that somebody opens for the first time,
// and shows its greeting there.
func (s *Site) welcome(ctx context.Context, channel string) {
	s.greet.Lock()
	defer s.greet.Unlock()
	if s.greeted[channel] {
		return
	}
	card, err := s.bot.Joined(ctx, key(channel), "#"+channel, false)
	if err != nil {
		s.log.Error("playground: greeting", "channel", channel, "err", err)
		return
	}
	s.greeted[channel] = true
	if !card.Empty() {
		s.room.Post(ctx, core.Post{Key: "joined/" + channel, Channel: key(channel), Card: card})
	}
}

// piece is one thing that a window is told: a message to put in its place, or
// to take away.
type piece struct {
	ID     int64  `json:"id"`
	Thread int64  `json:"thread,omitempty"`
	Under  int64  `json:"under,omitempty"`
	Toast  bool   `json:"toast,omitempty"`
	HTML   string `json:"html,omitempty"` // empty: it is gone
}

// unanswered reports whether it is a button's answer that is on its way. The
// button shows that, and nothing moves.
func unanswered(m *message) bool { return m.pending && m.source != "" }

// frame is what stands around the messages, as HTML.
type frame struct {
	Channels string `json:"channels"`
	About    string `json:"about"`
	Clock    string `json:"clock"`
	Next     string `json:"next"`
	Ended    string `json:"ended"`
}

// events streams what changes in one channel to one window. Each event's id is
// the change up to which the window then knows everything, so a window that
// comes back goes on from there. One that knows another process's room is told
// to load anew.
func (s *Site) events(w http.ResponseWriter, r *http.Request) {
	user, err := cleanUser(r.FormValue("as"))
	channel := r.FormValue("channel")
	since := r.Header.Get("Last-Event-ID")
	if since == "" {
		since = r.FormValue("since")
	}
	epoch, number, _ := strings.Cut(since, "-")
	there := s.room.has(channel)
	if err != nil || !there && epoch == s.room.epoch {
		// 204 tells the browser not to try again by itself.
		w.WriteHeader(http.StatusNoContent)
		return
	}
	seq, err := strconv.ParseUint(number, 10, 64)

	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	send := func(event string, seq uint64, data any) error {
		text, err := json.Marshal(data)
		if err != nil {
			return err
		}
		control.SetWriteDeadline(time.Now().Add(writeTime))
		_, err = fmt.Fprintf(w, "id: %s-%d\nevent: %s\ndata: %s\n\n", s.room.epoch, seq, event, text)
		return err
	}
	if epoch != s.room.epoch || err != nil {
		send("reload", 0, there)
		return
	}
	fmt.Fprintf(w, "retry: %d\n\n", again.Milliseconds())

	skin := s.skin(r.FormValue("skin"))
	alive := time.NewTicker(pulse)
	defer alive.Stop()
	var shown frame
	for {
		ms, upto, changed := s.room.since(channel, user, seq)
		st := s.state(r.Context(), channel, user, skin)
		for i := range ms {
			p := piece{ID: ms[i].id, Thread: ms[i].parent, Under: ms[i].under, Toast: ms[i].toast}
			if unanswered(&ms[i]) {
				continue
			}
			if !ms[i].gone {
				template := "message"
				if p.Toast {
					template = "toast"
				}
				if p.HTML, err = skin.fragment(template, see(&ms[i], user, st.Now.Location()), st.Now); err != nil {
					s.log.Error("playground: message", "err", err)
					continue
				}
			}
			if send("message", ms[i].seq-1, p) != nil {
				return
			}
		}
		seq = upto
		if f := around(st); f != shown {
			if send("frame", seq, f) != nil {
				return
			}
			shown = f
		}
		if control.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		case <-alive.C:
			control.SetWriteDeadline(time.Now().Add(writeTime))
			if _, err := fmt.Fprint(w, ":\n\n"); err != nil {
				return
			}
		}
	}
}

func around(st state) frame {
	part := func(name string) string {
		html, err := fragment(name, st)
		if err != nil {
			panic(err) // the templates are ours and the data are strings
		}
		return html
	}
	return frame{Channels: part("channels"), About: part("about"), Clock: part("clock"), Next: part("next"), Ended: part("ended")}
}
