package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/say"
)

// Emoji are what the page offers to react with.
var emoji = []string{"👍", "🔖", "👎", "❤️", "🔥"}

// The bot's name in the room. Nobody else may take it.
const botName = "Paperboy"

// maxChannels bounds what a page can make the server remember.
const maxChannels = 50

// Room is a chat in memory. It is a core.Connection that can find, edit, open
// threads and read votes back. It is safe for concurrent use.
type Room struct {
	now func() time.Time

	mu       sync.Mutex
	epoch    string // tells this room's order of changes from an earlier process's
	last     int64  // the id of the latest message; grows from the time of the start, so that no earlier process's come again
	seq      uint64 // of the latest change
	order    []string
	messages map[string][]*message // by channel, in the order they came
	byID     map[int64]*message
	byKey    map[string]*message
	read     map[[2]string]uint64 // by person and channel: the change up to which they have seen it
	changed  chan struct{}        // closed, and made anew, with every change
}

// message is one message, as the room keeps it.
type message struct {
	id      int64
	seq     uint64 // of its latest change
	born    uint64 // of the change that made it visible to everybody
	channel string
	parent  int64 // the message whose thread it is in; 0: in the channel
	key     string
	author  string
	to      string // who alone sees it; "": everybody
	at      time.Time

	ask     string // what the author typed or pressed to get the card; "" when nobody asked
	aloud   bool   // ask was said aloud, as a mention, and needs no repeating
	about   string // the title of the paper whose button was pressed
	source  string // of an answer to a button: which one, so that the next answer takes its place
	under   int64  // of a private answer to a button: the message it stands under; else 0
	toast   bool   // of one line, which is shown for a moment and not kept
	text    string // an ordinary line
	card    core.Card
	file    *file
	pending bool // the answer is on its way
	gone    bool

	thread    string // the name of the thread on it, when it was given one
	replies   int
	reactions map[string]map[string]uint64 // emoji, person: the change that added it
}

// file is something to download, under a name nobody can guess.
type file struct {
	core.File
	token string
}

// NewRoom is a room with empty channels; now is the clock that the messages
// are dated by.
func NewRoom(now func() time.Time, channels ...string) *Room {
	start := time.Now().UnixMicro()
	r := &Room{
		now:      now,
		epoch:    strconv.FormatInt(start, 36),
		last:     start,
		messages: map[string][]*message{},
		byID:     map[int64]*message{},
		byKey:    map[string]*message{},
		read:     map[[2]string]uint64{},
		changed:  make(chan struct{}),
	}
	for _, c := range channels {
		r.order = append(r.order, c)
		r.messages[c] = nil
	}
	return r
}

// nameForm is that of the name of a channel or a person. How long one is, is counted
// beside it: an expression that did would take megabytes.
var nameForm = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{Nd}][\p{Ll}\p{Lo}\p{Nd}_-]*$`)

const (
	longestChannel = 40
	longestUser    = 24
)

func named(s string, longest int) bool {
	return utf8.RuneCountInString(s) <= longest && nameForm.MatchString(s)
}

var (
	errChannelName = refuse(http.StatusBadRequest, "A channel's name has 1 to 40 small letters, digits, - or _.")
	errUserName    = refuse(http.StatusBadRequest, "A name has 1 to 24 letters, digits, - or _, and is not Paperboy.")
	errManyRooms   = refuse(http.StatusConflict, "There are %d channels already; that is all the playground keeps.", maxChannels)
)

func cleanUser(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if !named(s, longestUser) || s == strings.ToLower(botName) {
		return "", errUserName
	}
	return s, nil
}

// addChannel opens a channel; one that exists is left as it is.
func (r *Room) addChannel(name string) (string, error) {
	name = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(name), "#"))
	if !named(name, longestChannel) {
		return "", errChannelName
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.messages[name]; ok {
		return name, nil
	}
	if len(r.order) >= maxChannels {
		return "", errManyRooms
	}
	r.order = append(r.order, name)
	r.messages[name] = nil
	r.touch()
	return name, nil
}

func (r *Room) has(channel string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.messages[channel]
	return ok
}

// touch notes a change and wakes everybody who waits for one. The caller holds
// the lock.
func (r *Room) touch(ms ...*message) {
	r.seq++
	for _, m := range ms {
		m.seq = r.seq
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// add puts a new message into the room. The caller holds the lock.
func (r *Room) add(m *message) *message {
	r.last++
	m.id = r.last
	m.at = r.now()
	if p := r.byID[m.parent]; p == nil || p.channel != m.channel {
		m.parent = 0
	} else if p.parent != 0 {
		m.parent = p.parent // threads have no threads
	}
	r.messages[m.channel] = append(r.messages[m.channel], m)
	r.byID[m.id] = m
	r.touch(m)
	if m.to == "" {
		r.publish(m)
	}
	return m
}

// publish makes a message everybody's. The caller holds the lock.
func (r *Room) publish(m *message) {
	m.to, m.born = "", r.seq
	if p := r.byID[m.parent]; p != nil {
		p.replies++
		p.seq = r.seq
	}
}

// Profile says the playground's customs.
func (r *Room) Network() core.Network { return network }

// Serves reports whether the installation is the playground.
func (r *Room) Serves(in core.Installation) bool { return in.Platform == network.Name }

// Post adds a message; one with the same key is returned instead, as Discord
// does with a nonce.
func (r *Room) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	if err := ctx.Err(); err != nil {
		return core.MessageRef{}, &core.Retry{Err: err}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.byKey[p.Key]; m != nil && p.Key != "" {
		return m.ref(), nil
	}
	if _, ok := r.messages[p.Channel.ID]; !ok {
		return core.MessageRef{}, &core.Gone{What: core.TheChannel, Err: fmt.Errorf("there is no channel #%s in the playground", p.Channel.ID)}
	}
	m := &message{channel: p.Channel.ID, key: p.Key, author: botName}
	m.show(p)
	if p.Place == core.InThread && !p.Plain { // where there is no such thread, it stands in the channel
		m.parent, _ = strconv.ParseInt(p.Header.ID, 10, 64)
		if h := r.byID[m.parent]; h != nil && h.thread == "" {
			h.thread = p.Thread
		}
	}
	if p.Seed {
		m.reactions = map[string]map[string]uint64{emoji[0]: {botName: r.seq}}
	}
	r.add(m)
	if p.Key != "" {
		r.byKey[p.Key] = m
	}
	return m.ref(), nil
}

func (m *message) ref() core.MessageRef {
	return core.MessageRef{Conversation: m.channel, ID: strconv.FormatInt(m.id, 10)}
}

// Find looks for a post by its key. What a room of an earlier process held is
// certainly gone.
func (r *Room) Find(_ context.Context, p core.Post) (core.MessageRef, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.byKey[p.Key]
	if m == nil {
		return core.MessageRef{}, false, nil
	}
	return m.ref(), true, nil
}

// show puts a post's card into its message, or the words of it.
func (m *message) show(p core.Post) {
	m.card, m.text = p.Card, ""
	if p.Plain {
		m.card, m.text = core.Card{}, plain(p.Card)
	}
}

// plain is a card as text.
func plain(c core.Card) string {
	lines := []string{c.Title}
	for _, t := range c.Lines {
		lines = append(lines, t.String())
	}
	for _, r := range c.Rows {
		lines = append(lines, r.Line(false).String())
	}
	for _, v := range c.Papers {
		lines = append(lines, v.Title, v.URL)
	}
	lines = append(lines, c.Block)
	for _, t := range c.Context {
		lines = append(lines, t.String())
	}
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
}

// Edit changes what a post shows.
func (r *Room) Edit(_ context.Context, p core.Post, ref core.MessageRef) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.lookup(ref.ID)
	if m == nil || m.gone {
		return &core.Gone{What: core.TheMessage, Err: fmt.Errorf("there is no message %s in the playground", ref.ID)}
	}
	m.show(p)
	r.touch(m)
	return nil
}

// Reactions reads people's reactions on messages back; the bot's own are not
// among them.
func (r *Room) Reactions(_ context.Context, ch core.ChannelKey, _ core.MessageRef, refs []core.MessageRef, keep func(core.MessageRef, []core.Reaction) error) (rest []core.MessageRef, err error) {
	for _, ref := range refs {
		rs, ok := r.reactions(ch, ref)
		if !ok {
			continue // what is gone has none to give
		}
		if err := keep(ref, rs); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (r *Room) reactions(ch core.ChannelKey, ref core.MessageRef) (out []core.Reaction, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.lookup(ref.ID)
	if m == nil || m.gone {
		return nil, false
	}
	for e, people := range m.reactions {
		for name, seq := range people {
			if name != botName {
				out = append(out, core.Reaction{Channel: ch, Message: ref.ID, User: person(name), Emoji: e, Added: true, Order: int64(seq), At: m.at})
			}
		}
	}
	slices.SortFunc(out, func(a, b core.Reaction) int { return cmp.Compare(a.Order, b.Order) })
	return out, true
}

func (r *Room) lookup(id string) *message {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	return r.byID[n]
}

// visible finds a message that this person can see in this channel.
func (r *Room) visible(user, channel, id string) *message {
	m := r.lookup(id)
	if m == nil || m.gone || m.channel != channel || m.to != "" && m.to != user {
		return nil
	}
	return m
}

// sees reports whether a person can see a message in a channel.
func (r *Room) sees(user, channel, id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.visible(user, channel, id) != nil
}

// say adds an ordinary line.
func (r *Room) say(channel, user string, thread int64, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(&message{channel: channel, author: user, parent: thread, text: text})
}

// asked opens a private message that shows what somebody typed, until the
// answer takes its place.
func (r *Room) asked(channel, user string, thread int64, typed string, aloud bool) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.add(&message{channel: channel, author: user, to: user, parent: thread, ask: typed, aloud: aloud, pending: true}).id
}

// pressed does the same for a button; an earlier answer to the same button
// goes. ok is false when that person sees no such message.
func (r *Room) pressed(channel, user string, thread int64, id, button, label string) (answer int64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	on := r.visible(user, channel, id)
	if on == nil {
		return 0, false
	}
	m := &message{channel: channel, author: user, to: user, parent: thread, ask: label, source: id + "|" + button, under: cmp.Or(on.under, on.id), pending: true}
	if len(on.card.Papers) == 1 {
		m.about = on.card.Papers[0].Title
	}
	for _, old := range r.messages[channel] {
		if old.to == user && old.source == m.source && !old.gone {
			r.remove(old)
		}
	}
	return r.add(m).id, true
}

// remove leaves only the knowledge that a message is gone. The caller holds
// the lock.
func (r *Room) remove(m *message) {
	m.gone, m.card, m.file, m.ask, m.about = true, core.Card{}, nil, "", ""
	r.touch(m)
}

// answer puts a reply where the question waits. pressed is the message whose
// button was pressed, "" for a command.
func (r *Room) answer(id int64, pressed string, reply core.Reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.byID[id]
	m.pending = false
	if on := r.lookup(pressed); reply.Edit && on != nil {
		on.card = reply.Card
		r.touch(on)
		reply.Card = core.Card{}
	}
	if reply.File != nil {
		m.file = &file{*reply.File, rand.Text()}
	}
	switch m.card = reply.Card; {
	case m.card.Empty() && m.file == nil:
		r.remove(m)
	case reply.Public:
		m.under = 0
		r.touch(m)
		r.publish(m)
	default:
		m.toast = m.under != 0 && m.file == nil && !reply.Failed && isLine(m.card)
		r.touch(m)
	}
	for _, line := range reply.Line {
		r.add(&message{channel: m.channel, parent: m.parent, author: botName, card: core.Card{Lines: []say.Text{line}}})
	}
}

// isLine reports whether a card is one line of words, and nothing else.
func isLine(c core.Card) bool {
	if len(c.Lines) != 1 {
		return false
	}
	c.Lines = nil
	return c.Empty()
}

// dismiss takes a private answer away.
func (r *Room) dismiss(channel, user, id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.visible(user, channel, id)
	if m == nil || m.to != user {
		return false
	}
	r.remove(m)
	return true
}

// react puts somebody's emoji on a message or takes it off. ok is false when
// nothing changed.
func (r *Room) react(channel, user, id, e string, on bool) (re core.Reaction, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.visible(user, channel, id)
	if m == nil || m.to != "" || !slices.Contains(emoji, e) {
		return core.Reaction{}, false
	}
	if _, is := m.reactions[e][user]; is == on {
		return core.Reaction{}, false
	}
	r.touch(m)
	if m.reactions == nil {
		m.reactions = map[string]map[string]uint64{}
	}
	if m.reactions[e] == nil {
		m.reactions[e] = map[string]uint64{}
	}
	if on {
		m.reactions[e][user] = r.seq
	} else {
		delete(m.reactions[e], user)
	}
	return core.Reaction{
		EventID: fmt.Sprintf("%s-%d", r.epoch, r.seq), Channel: key(channel), Message: id, User: person(user),
		Emoji: e, Added: on, Order: int64(r.seq), At: r.now(),
	}, true
}

// paper is the paper a thread is about.
func (r *Room) paper(thread int64) core.PaperID {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.byID[thread]; m != nil && len(m.card.Papers) == 1 {
		return m.card.Papers[0].ID
	}
	return ""
}

// download finds a file by its secret name.
func (r *Room) download(token string) *core.File {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.byID {
		if m.file != nil && m.file.token == token {
			return &m.file.File
		}
	}
	return nil
}

// since is what changed in a channel for one person after seq, in the order of
// the changes; upto is the seq to ask with next, and changed is closed when
// there is more. It also notes that the person has now read the channel.
func (r *Room) since(channel, user string, seq uint64) (ms []message, upto uint64, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.messages[channel] {
		if m.seq > seq && (m.to == "" || m.to == user) {
			c := *m
			c.reactions = make(map[string]map[string]uint64, len(m.reactions))
			for e, people := range m.reactions {
				c.reactions[e] = maps.Clone(people)
			}
			ms = append(ms, c)
		}
	}
	slices.SortStableFunc(ms, func(a, b message) int { return cmp.Compare(a.seq, b.seq) })
	r.read[[2]string{user, channel}] = r.seq
	return ms, r.seq, r.changed
}

// channels are the rooms with the number of messages that user has not read.
func (r *Room) channels(user, open string) []channelView {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]channelView, len(r.order))
	for i, name := range r.order {
		out[i] = channelView{Name: name, Open: name == open}
		if name == open {
			continue
		}
		for _, m := range r.messages[name] {
			if m.to == "" && m.parent == 0 && m.author != user && m.born > r.read[[2]string{user, name}] {
				out[i].Unread++
			}
		}
	}
	return out
}

// delivered is how many posts of the bot each channel has.
func (r *Room) delivered() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := map[string]int{}
	for _, m := range r.byKey {
		n[m.channel]++
	}
	return n
}

// wake tells every window that something around the messages has changed.
func (r *Room) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.touch()
}

// first is the channel that opens when none is named.
func (r *Room) first() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.order) == 0 {
		return ""
	}
	return r.order[0]
}
