package fakediscord_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	fake "paperboy/internal/fakediscord"
)

// socket is a gateway client of a few lines, for what discordgo cannot do.
type socket struct {
	*testing.T
	ws      *websocket.Conn
	session string
	address string // to resume at
	seq     int
}

type event struct {
	Op int
	T  string
	S  int
	D  json.RawMessage
}

func dial(t *testing.T, d *fake.Discord) *socket { return dialAt(t, "ws"+d.URL[4:]+"/gateway") }

func dialAt(t *testing.T, address string) *socket {
	ws, _, err := websocket.DefaultDialer.Dial(address+"/?v=10&encoding=json", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	s := &socket{T: t, ws: ws}
	if e := s.next(); e.Op != 10 {
		t.Fatal(e)
	}
	return s
}

func (s *socket) next() (e event) {
	s.Helper()
	s.ws.SetReadDeadline(time.Now().Add(5 * time.Second))
	if err := s.ws.ReadJSON(&e); err != nil {
		s.Fatal(err)
	}
	if e.S > 0 {
		s.seq = e.S
	}
	if e.T == "READY" {
		var ready struct {
			SessionID string `json:"session_id"`
			URL       string `json:"resume_gateway_url"`
		}
		json.Unmarshal(e.D, &ready)
		s.session, s.address = ready.SessionID, ready.URL
	}
	return e
}

// until reads events up to one, and returns their names.
func (s *socket) until(last string) (names []string) {
	s.Helper()
	for !slices.Contains(names, last) {
		names = append(names, s.next().T)
	}
	return names
}

// code reads until the server closes, and says with which code.
func (s *socket) code() int {
	for {
		s.ws.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, _, err := s.ws.ReadMessage()
		if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) {
			return closed.Code
		} else if err != nil {
			s.Fatal(err)
		}
	}
}

func (s *socket) do(op int, d any) { s.ws.WriteJSON(map[string]any{"op": op, "d": d}) }

func (s *socket) identify(change body) {
	d := body{"token": fake.Token, "intents": 1 | 1<<10, "properties": body{"os": "linux"}}
	for k, v := range change {
		d[k] = v
	}
	s.do(2, d)
}

func (s *socket) resume(id string, seq int) {
	s.do(6, body{"token": fake.Token, "session_id": id, "seq": seq})
}

func TestAWrongIdentifyIsClosedWithItsCode(t *testing.T) {
	l := open(t, fake.Options{Scale: 1000})
	for _, c := range []struct {
		want int
		op   int
		d    body
	}{
		{4004, 2, body{"token": "wrong"}}, {4013, 2, body{"intents": 1 << 40}}, {4014, 2, body{"intents": 1 << 15}},
		{4010, 2, body{"shard": []int{0, 2}}}, {4010, 2, body{"shard": []int{1, 1}}}, {4002, 2, body{"properties": nil}}, {4001, 99, nil}, {4003, 3, nil},
	} {
		s := dial(t, l.Discord)
		if c.op == 2 {
			s.identify(c.d)
			s.identify(nil) // too late: it is closed
		} else {
			s.do(c.op, c.d)
		}
		if got := s.code(); got != c.want {
			t.Errorf("%v: %d", c, got)
		}
	}
	l = open(t)
	s := dial(t, l.Discord)
	s.identify(nil)
	s.until("GUILD_CREATE")
	s.resume(s.session, s.seq)
	if got := s.code(); got != 4005 || l.Counts().Ready != 1 {
		t.Error(got, l.Counts())
	}
}

func TestAConnectionThatSaysTooMuchIsClosed(t *testing.T) {
	l := open(t)
	s := dial(t, l.Discord)
	s.do(1, strings.Repeat("x", 4096))
	if got := s.code(); got != 4002 {
		t.Error("a payload beyond 4096 bytes:", got)
	}
	s = dial(t, l.Discord)
	for range 121 {
		s.do(1, nil)
	}
	if got := s.code(); got != 4008 {
		t.Error("more than 120 in a minute:", got)
	}
	ws, _, err := websocket.DefaultDialer.Dial("ws"+l.URL[4:]+"/gateway/?v=8&encoding=json", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if got := (&socket{T: t, ws: ws}).code(); got != 4012 {
		t.Error("an old version:", got)
	}
}

func TestIdentifiesAreFiveSecondsApartAndAThousandADay(t *testing.T) {
	l := open(t, fake.Options{Identifies: 3})
	first := dial(t, l.Discord)
	first.identify(nil)
	l.Connected(1)
	second := dial(t, l.Discord)
	second.identify(nil)
	if e := second.next(); e.Op != 9 {
		t.Error(e)
	}
	second.identify(nil)
	if e := second.next(); e.Op != 9 {
		t.Error(e)
	}
	last := dial(t, l.Discord)
	last.identify(nil)
	if got := []int{last.code(), first.code()}; !slices.Equal(got, []int{4004, 4004}) {
		t.Error("the token should be reset, for all", got)
	}
	if _, err := l.s.User("@me"); err == nil || l.Counts().Identifies != 4 {
		t.Error(err, l.Counts().Identifies)
	}
}

func TestWhatWasMissedIsRepeatedInOrderOnResume(t *testing.T) {
	l := open(t, fast)
	m := l.Says(l.ana, l.papers, "hello")
	first := dial(t, l.Discord)
	first.identify(nil)
	first.until("GUILD_CREATE")
	l.Reacts(l.ana, m, "👍")
	first.until("MESSAGE_REACTION_ADD")
	first.ws.NetConn().Close()
	l.Connected(0)
	l.Reacts(l.ben, m, "👍")
	l.Unreacts(l.ben, m, "👍")

	l.Repeats(1)
	again := dialAt(t, first.address)
	again.resume(first.session, first.seq)
	if got := again.until("RESUMED"); l.Counts().Astray != 0 || !slices.Equal(got, []string{"MESSAGE_REACTION_ADD", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "RESUMED"}) {
		t.Error(got)
	}

	twice := dialAt(t, first.address)
	twice.resume(first.session, again.seq)
	twice.until("RESUMED")
	if got := again.code(); got != 4000 {
		t.Error("a session has one connection:", got)
	}
	again = twice

	again.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
	l.Connected(0)
	third := dial(t, l.Discord)
	third.resume(first.session, again.seq)
	if e := third.next(); e.Op != 9 || string(e.D) != "false" {
		t.Error("a close with 1000 ends the session", e)
	}
}

func TestASessionDiesOfflineAndOfAWrongSequence(t *testing.T) {
	l := open(t, fast)
	first := dial(t, l.Discord)
	first.identify(nil)
	first.until("GUILD_CREATE")
	again := dial(t, l.Discord)
	again.resume(first.session, 99)
	if got := again.code(); got != 4007 {
		t.Error(got)
	}
	l = open(t, fake.Options{Scale: 1e6})
	first = dial(t, l.Discord)
	first.identify(nil)
	first.until("GUILD_CREATE")
	first.ws.NetConn().Close()
	l.Connected(0)
	offline := time.Now()
	l.Wait("the end of a session's life", func() bool { return time.Since(offline) > 5*time.Millisecond })
	again = dial(t, l.Discord)
	again.resume(first.session, first.seq)
	if e := again.next(); e.Op != 9 {
		t.Error(e)
	}
}

func TestTheGatewayFailsInItsManyWays(t *testing.T) {
	l := open(t, fake.Options{Heartbeat: 50 * time.Millisecond, Scale: 1000})
	quiet := dial(t, l.Discord)
	quiet.identify(nil)
	if got := quiet.code(); got != 4009 {
		t.Error("no heartbeat:", got)
	}
	late := dial(t, l.Discord)
	late.resume(quiet.session, quiet.seq)
	if e := late.next(); e.Op != 9 {
		t.Error("a session that timed out goes on:", e)
	}
	l.FailNext("gateway", fake.HTML(502))
	if _, _, err := websocket.DefaultDialer.Dial("ws"+l.URL[4:]+"/gateway/?v=10&encoding=json", nil); err == nil {
		t.Error("it opened")
	}
	l.HelloOnly(1)
	mute := dial(t, l.Discord)
	mute.identify(nil)
	mute.do(1, nil)
	if l.Counts().Ready != 1 {
		t.Error("hello and nothing")
	}

	s := dial(t, l.Discord)
	s.identify(nil)
	s.until("GUILD_CREATE")
	s.do(1, s.seq)
	if e := s.next(); e.Op != 11 {
		t.Error(e)
	}
	for _, c := range []struct {
		do func()
		op int
	}{{l.AsksHeartbeat, 1}, {l.AsksReconnect, 7}, {func() { l.Invalidates(true) }, 9}} {
		c.do()
		if e := s.next(); e.Op != c.op {
			t.Error(c.op, e)
		}
	}
	m := l.Says(l.ana, l.papers, "hello")
	l.Reacts(l.ben, m, "👍")
	s.resume(s.session, s.seq)
	if got := s.until("RESUMED"); !slices.Equal(got, []string{"MESSAGE_REACTION_ADD", "RESUMED"}) {
		t.Error("an invalid session that may be resumed:", got)
	}
	l.Zombie()
	s.do(1, s.seq)
	s.ws.SetReadDeadline(time.Now().Add(60 * time.Millisecond))
	if _, raw, err := s.ws.ReadMessage(); err == nil {
		t.Errorf("a zombie said %s", raw)
	}
	n := dial(t, l.Discord)
	l.Closes(4000)
	if got := n.code(); got != 4000 {
		t.Error(got)
	}
}

func TestTheBotHearsOnlyOfWhatItSees(t *testing.T) {
	l := open(t, fast)
	s := dial(t, l.Discord)
	s.identify(body{"intents": 1 | 1<<9 | 1<<10})
	s.until("GUILD_CREATE")
	m := l.Says(l.ana, l.papers, "hello")
	if e := s.next(); e.T != "MESSAGE_CREATE" || strings.Contains(string(e.D), "hello") {
		t.Error("without MESSAGE_CONTENT it reads no strangers:", e.T, string(e.D))
	}
	l.Revokes(l.papers, fake.ViewChannel)
	l.Says(l.ana, l.papers, "hidden")
	l.Reacts(l.ben, m, "👍")
	l.Grants(l.papers, fake.ViewChannel)
	l.Says(l.ana, l.papers, "<@"+fake.Bot+"> hi")
	if got := s.until("MESSAGE_CREATE"); !slices.Equal(got, []string{"CHANNEL_UPDATE", "CHANNEL_UPDATE", "MESSAGE_CREATE"}) {
		t.Error(got)
	}
	l.Kicks(l.guild)
	l.guild.Channel("later")
	l.Says(l.ana, l.papers, "alone")
	if a := l.Types(l.ana, l.papers, "today", nil); a.Error == "" || l.Counts().InteractionsSent != 0 {
		t.Error("its commands are gone with it")
	}
	l.Returns(l.guild)
	if got := s.until("GUILD_CREATE"); !slices.Equal(got, []string{"GUILD_DELETE", "GUILD_CREATE"}) {
		t.Error(got)
	}
}

func TestDiscordgoResumesWhatItMissed(t *testing.T) {
	l := open(t).listen(t)
	m := l.Says(l.ana, l.papers, "hello")
	l.Closes(4000)
	l.Connected(0)
	l.Reacts(l.ben, m, "👍")
	l.hears("MESSAGE_REACTION_ADD", 1)
	if c := l.Counts(); c.Resumes != 1 || c.Identifies != 1 || c.Astray != 1 { // discordgo knows one address
		t.Errorf("%+v", c)
	}
}

func TestChannelsThreadsAndGuildsComeAndGoOnTheGateway(t *testing.T) {
	l := open(t, fast).listen(t)
	m, err := l.s.ChannelMessageSend(l.papers.ID, "head")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.s.MessageThreadStart(l.papers.ID, m.ID, "Papers", 1440); err != nil {
		t.Fatal(err)
	}
	l.hears("THREAD_CREATE", 1)
	l.Archives(l.Threads(l.papers)[0], false)
	l.hears("THREAD_UPDATE", 1)
	post := l.Posts(l.papers)[0]
	l.Storm(100, post, "👍")
	l.hears("MESSAGE_REACTION_ADD", 100)
	if n := len(l.Message(post).Voters("👍")); n != 100 {
		t.Error(n)
	}
	seen, after := 0, ""
	for {
		page, err := l.s.MessageReactions(l.papers.ID, m.ID, "👍", 40, "", after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		seen, after = seen+len(page), page[len(page)-1].ID
	}
	if seen != 100 {
		t.Errorf("%d voters in pages", seen)
	}
	l.ClearsReactions(post, "👍")
	l.hears("MESSAGE_REACTION_REMOVE_EMOJI", 1)
	l.ClearsReactions(post)
	l.hears("MESSAGE_REACTION_REMOVE_ALL", 1)
	l.DeletesChannel(l.papers)
	l.hears("CHANNEL_DELETE", 1)
	l.Kicks(l.guild)
	l.hears("GUILD_DELETE", 1)
	l.Returns(l.guild)
	l.hears("GUILD_CREATE", 2)
	if got := l.Intents(); !slices.Equal(got, []int{int(discordgo.IntentsGuilds | discordgo.IntentsGuildMessageReactions)}) {
		t.Error(got)
	}
}
