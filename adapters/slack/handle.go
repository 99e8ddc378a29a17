package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/say"
)

// The kinds of what Slack hands over, as Socket Mode calls them.
const (
	kindEvent   = "events_api"
	kindCommand = "slash_commands"
	kindPress   = "interactive"
)

// handleTime is how long the answer to one thing may take. A response_url lives
// 30 minutes; a person waits for seconds.
const handleTime = 60 * time.Second

// The shapes below have only what is used. Slack adds to them at will, and sends
// some of their fields as several types, so that nothing else is decoded.

type command struct {
	TeamID      string `json:"team_id"`
	Enterprise  string `json:"enterprise_id"`
	ChannelID   string `json:"channel_id"`
	ChannelName string `json:"channel_name"`
	UserID      string `json:"user_id"`
	UserName    string `json:"user_name"`
	Text        string `json:"text"`
	ResponseURL string `json:"response_url"`
	TriggerID   string `json:"trigger_id"`
}

type interaction struct {
	Type        string `json:"type"`
	CallbackID  string `json:"callback_id"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	ActionTS    string `json:"action_ts"`
	MessageTS   string `json:"message_ts"`
	Team        struct {
		ID string `json:"id"`
	} `json:"team"`
	Enterprise struct {
		ID string `json:"id"`
	} `json:"enterprise"`
	User struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
	} `json:"user"`
	Channel struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"channel"`
	Container struct {
		Type        string `json:"type"`
		MessageTS   string `json:"message_ts"`
		ThreadTS    string `json:"thread_ts"`
		IsEphemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Message struct {
		TS       string `json:"ts"`
		ThreadTS string `json:"thread_ts"`
	} `json:"message"`
	View     view    `json:"view"`
	Actions  []state `json:"actions"`
	ActionID string  `json:"action_id"` // of a search in a window, and what was typed
	Value    string  `json:"value"`
}

// view is App Home or a window.
type view struct {
	ID            string `json:"id"`
	Hash          string `json:"hash"` // of what it shows at the moment
	Type          string `json:"type"`
	CallbackID    string `json:"callback_id"`
	Metadata      string `json:"private_metadata"`
	InstalledTeam string `json:"app_installed_team_id"`
	Blocks        []struct {
		Type string `json:"type"`
		ID   string `json:"block_id"`
	} `json:"blocks"`
	State struct {
		Values map[string]map[string]state `json:"values"` // by block_id and action_id
	} `json:"state"`
}

// state is what somebody has done to an element.
type state struct {
	ActionTS string `json:"action_ts"`
	Value    string `json:"value"`
	Time     string `json:"selected_time"`
	Selected struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

type envelope struct {
	Type           string          `json:"type"`
	TeamID         string          `json:"team_id"`
	Enterprise     string          `json:"enterprise_id"`
	ContextTeamID  string          `json:"context_team_id"`
	EventID        string          `json:"event_id"`
	Challenge      string          `json:"challenge"`
	Event          json.RawMessage `json:"event"`
	Authorizations []struct {
		TeamID     string `json:"team_id"`
		Enterprise string `json:"enterprise_id"`
		OrgWide    bool   `json:"is_enterprise_install"`
	} `json:"authorizations"`
}

// teams are the workspaces that an event names, that of whom it is told first. In a
// channel that several share it may have happened in another one.
func (e envelope) teams() (teams []string) {
	for _, a := range e.Authorizations {
		teams = append(teams, a.TeamID)
	}
	return append(teams, e.TeamID, e.ContextTeamID)
}

// enterprise is the organisation that an event is of.
func (e envelope) enterprise() string {
	for _, a := range e.Authorizations {
		if a.Enterprise != "" {
			return a.Enterprise
		}
	}
	return e.Enterprise
}

// everywhere: it is of a whole organisation, and of no workspace of it.
func (e envelope) everywhere() bool {
	return len(e.Authorizations) > 0 && e.Authorizations[0].OrgWide && e.Authorizations[0].TeamID == ""
}

type event struct {
	Type     string          `json:"type"`
	Subtype  string          `json:"subtype"`
	User     string          `json:"user"`
	BotID    string          `json:"bot_id"`
	Text     string          `json:"text"`
	TS       string          `json:"ts"`
	ThreadTS string          `json:"thread_ts"`
	EventTS  string          `json:"event_ts"`
	Channel  json.RawMessage `json:"channel"` // a string, or an object in channel_created and its like
	Kind     string          `json:"channel_type"`
	Tab      string          `json:"tab"`
	Reaction string          `json:"reaction"`
	Item     struct {
		Type    string `json:"type"`
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	} `json:"item"`
	MessageTS string          `json:"message_ts"`
	Blocks    json.RawMessage `json:"blocks"`
	Links     []struct {
		URL string `json:"url"`
	} `json:"links"`
	Tokens struct {
		Bot []string `json:"bot"`
	} `json:"tokens"`
	Teams []string `json:"team_ids"`
}

func (e event) channel() (id string) {
	_ = json.Unmarshal(e.Channel, &id) // an object is no channel that we care for
	return id
}

// acknowledge tells Slack that something arrived and, where Slack waits for an
// answer with that, what it says; nil says nothing. An error is that Slack was not
// told.
type acknowledge func(says any) error

// take acknowledges and puts into the queue. It does not wait. Three things are
// acknowledged out of the queue: a window that was submitted and what is typed into its
// search, as Slack waits for what we say, and what only Slack can tell again. tries is how
// often it did.
func (s *Slack) take(kind string, payload []byte, tries int, ack acknowledge) error {
	var do func(context.Context)
	switch kind {
	case kindCommand:
		var c command
		if s.decode(kind, payload, &c) {
			do = func(ctx context.Context) { s.command(ctx, c) }
		}
	case kindPress:
		var i interaction
		switch readable := s.decode(kind, payload, &i); {
		case readable && i.Type == "view_submission":
			s.enqueue("", func(ctx context.Context) { s.whereOf(ctx, i).submission(ctx, i, ack) })
			return nil
		case readable && i.Type == "block_suggestion":
			s.enqueue("", func(ctx context.Context) { s.whereOf(ctx, i).search(ctx, i, ack) })
			return nil
		case readable:
			do = func(ctx context.Context) { s.whereOf(ctx, i).interaction(ctx, i) }
		}
	case kindEvent:
		var e envelope
		if s.decode(kind, payload, &e) {
			return s.envelope(e, tries, ack)
		}
	}
	err := ack(nil)
	if err == nil && do != nil {
		s.enqueue("", do)
	}
	return err
}

func (s *app) decode(kind string, payload []byte, v any) bool {
	if err := json.Unmarshal(payload, v); err != nil {
		// The words of a JSON error may quote the payload.
		s.log.Warn("slack sent what cannot be read", "kind", kind, "bytes", len(payload))
		return false
	}
	return true
}

// enqueue does it once it is known who we are.
func (s *Slack) enqueue(key string, do func(context.Context)) {
	s.queue.Put(key, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, handleTime)
		defer cancel()
		select {
		case <-s.ready:
			do(ctx)
		case <-ctx.Done():
		}
	})
}

// nowhere is a workspace that has nothing and does nothing: whose it is, is none of
// ours.
func (s *Slack) nowhere() *workspace {
	return &workspace{app: &s.app, grant: s.newGrant("", core.Installed{}), self: identity{team: "-"}}
}

// whereOf is the workspace in which somebody pressed or filled in something.
func (s *Slack) whereOf(ctx context.Context, i interaction) *workspace {
	if w := s.within(ctx, i.Enterprise.ID, i.View.InstalledTeam, i.Team.ID); w != nil {
		return w
	}
	return s.nowhere()
}

// command answers a slash command in the workspace where it was typed.
func (s *Slack) command(ctx context.Context, c command) {
	if w := s.within(ctx, c.Enterprise, c.TeamID); w != nil {
		w.command(ctx, c)
		return
	}
	if s.mayAnswer(c.ResponseURL) {
		s.nowhere().answer(ctx, replyTo{url: c.ResponseURL}, core.Reply{Card: core.Card{Lines: []say.Text{
			say.Say("I am not installed in this workspace any more. Somebody can add me again: %s", s.installPage())}}})
	}
}

// ours reports whether one of the workspaces that are named, if any is, is this one:
// the app may be installed in others too.
func (s *workspace) ours(teams ...string) bool {
	named := slices.DeleteFunc(teams, func(team string) bool { return team == "" })
	return len(named) == 0 || slices.Contains(named, s.self.team)
}

// unique is an id of what happened in this workspace, and in no other.
func (s *workspace) unique(id string) string {
	if id == "" {
		return ""
	}
	return s.self.team + "/" + id
}

// user is a person. Where Slack tells no name, an earlier one is remembered.
func (s *workspace) user(id, name string) core.User {
	return core.User{Key: Name + ":" + s.self.team + "/" + id, Name: s.names.user(id, name)}
}

// whose it is: who did something.
func (s *workspace) whose(i interaction) core.User {
	return s.user(i.User.ID, cmp.Or(i.User.Username, i.User.Name))
}

// command answers a slash command.
func (s *workspace) command(ctx context.Context, c command) {
	to := replyTo{url: c.ResponseURL, channel: c.ChannelID, user: c.UserID}
	if !s.ours(c.TeamID) {
		s.answer(ctx, to, core.Reply{Card: core.Card{Lines: []say.Text{say.Say("I work for another workspace. Whoever runs me can set up a Paperboy of your own.")}}})
		return
	}
	name, private := s.about(ctx, c.ChannelID, c.ChannelName)
	s.answer(ctx, to,
		s.bot.Do(ctx, core.Request{
			ID: s.unique(c.TriggerID), Channel: s.key(c.ChannelID), Name: name, Private: private,
			User: s.user(c.UserID, c.UserName), Text: s.typed(c.Text),
		}))
}

// shortcutVerbs are the message shortcuts, by callback_id.
var shortcutVerbs = map[string]string{"paperboy_save": "save", "paperboy_similar": "similar", "paperboy_why": "why"}

func (s *workspace) interaction(ctx context.Context, i interaction) {
	if !s.ours(i.Team.ID, i.View.InstalledTeam) {
		return
	}
	user := s.whose(i)
	to := replyTo{url: i.ResponseURL, channel: i.Channel.ID, user: i.User.ID, private: i.Container.IsEphemeral}
	if t := i.Container.ThreadTS; t != i.Container.MessageTS { // a message that begins a thread is not in it
		to.thread = t
	}
	switch i.Type {
	case "block_actions":
		if len(i.Actions) == 0 {
			return
		}
		a := i.Actions[0]
		value := a.Value
		if value == "" {
			value = a.Selected.Value
		}
		if value == "" || value == linkValue { // a page was opened
			return
		}
		p := core.Press{ID: s.unique(i.TriggerID + "/" + a.ActionTS), Channel: s.key(i.Channel.ID), User: user, Button: value, Message: i.Container.MessageTS}
		if i.Container.Type == "view" {
			p.Channel.ID, p.Private = i.User.ID, true // messages to a person's id reach them
			if !s.opens(ctx, i, p, replyTo{}) {
				s.answerView(ctx, i, s.bot.Press(ctx, p))
			}
			return
		}
		p.Private = s.isPrivate(i.Channel.ID)
		if s.opens(ctx, i, p, to) {
			return
		}
		p.Name, p.Private = s.about(ctx, i.Channel.ID, i.Channel.Name)
		s.answer(ctx, to, s.bot.Press(ctx, p))
	case "message_action":
		verb := shortcutVerbs[i.CallbackID]
		if verb == "" {
			return
		}
		if t := i.Message.ThreadTS; t != "" && t != i.Message.TS {
			to.thread = t
		}
		r := core.Request{ID: s.unique(i.TriggerID + "/" + i.ActionTS), Channel: s.key(i.Channel.ID), User: user, Text: verb}
		r.Name, r.Private = s.about(ctx, i.Channel.ID, i.Channel.Name)
		r.Paper, _ = s.bot.PaperOf(ctx, r.Channel, i.Message.TS)
		if r.Paper == "" {
			s.answer(ctx, to, core.Reply{Card: core.Card{Lines: []say.Text{say.Say("That message shows no paper of mine. `%s %s` takes an arXiv id or a link.", s.opt.Command, verb)}}})
			return
		}
		s.answer(ctx, to, s.bot.Do(ctx, r))
	}
}

// kept are events that are acknowledged once they are written down: nobody waits for an
// answer, and what a process had heard and not written down when it was killed nobody
// else would ever know. Slack sends what is not acknowledged three times more, to any
// process, and each of them says the same however often it is told.
var kept = map[string]bool{"reaction_added": true, "reaction_removed": true, "app_uninstalled": true, "team_access_revoked": true, "tokens_revoked": true}

// lastTry is acknowledged whatever came of it: an app that acknowledges hardly anything for
// an hour is told no more, and what this process could not write down it remembers.
const lastTry = 3

// envelope sorts an event. What it says about one message stays in its order.
func (s *Slack) envelope(e envelope, tries int, ack acknowledge) error {
	var ev event
	limited := e.Type == "app_rate_limited"
	readable := !limited && s.decode(kindEvent, e.Event, &ev)
	if !kept[ev.Type] {
		if err := ack(nil); err != nil {
			return err
		}
		if e.EventID != "" && s.seen.Before(strings.Join(e.teams(), " ")+" "+e.EventID, time.Now()) {
			return nil
		}
	}
	if limited {
		s.enqueue("", func(context.Context) {
			if s.one == nil || s.one.ours(e.teams()...) {
				s.log.Warn("slack sends no more events this minute: there were too many; votes are read again")
				s.readVotes()
			}
		})
	}
	if !readable {
		return nil
	}
	queue := ""
	if strings.HasPrefix(ev.Type, "reaction_") {
		queue = queueKey(ev.Item.Channel, ev.Item.TS) // two workspaces may share a lane, and do each other no harm
	}
	s.enqueue(queue, func(ctx context.Context) {
		err := s.event(ctx, e, ev)
		if err != nil {
			s.log.Error("an event failed", "type", ev.Type, "tries", tries, "err", s.discreet(err))
		}
		if kept[ev.Type] && (err == nil || tries >= lastTry) {
			_ = ack(nil) // or it is told again
		}
	})
	return nil
}

// told is the workspace that is told of an event.
func (s *Slack) told(ctx context.Context, e envelope) *workspace {
	if s.one == nil && e.everywhere() {
		return s.anyOf(e.enterprise())
	}
	return s.within(ctx, e.enterprise(), e.teams()...)
}

// event does what an event says; what it says of the app itself first.
func (s *Slack) event(ctx context.Context, e envelope, ev event) error {
	if ev.Type == "team_access_revoked" { // it names the workspaces; which one it is told for says nothing
		return s.revoked(ctx, ev.Teams, time.UnixMicro(micros(ev.EventTS)))
	}
	w := s.told(ctx, e)
	if w == nil || !e.everywhere() && !w.ours(e.teams()...) {
		return nil
	}
	if ev.Type == "app_uninstalled" || ev.Type == "tokens_revoked" && len(ev.Tokens.Bot) > 0 {
		if s.one != nil {
			return w.gone(ctx)
		}
		return s.removed(ctx, w, e.everywhere(), time.UnixMicro(micros(ev.EventTS)))
	}
	return w.event(ctx, e.EventID, ev)
}

// queueKey keeps what happens to a message in its order.
func queueKey(conversation, ts string) string { return conversation + "/" + ts }

func (s *workspace) event(ctx context.Context, id string, e event) error {
	switch e.Type {
	case "reaction_added", "reaction_removed":
		if e.Item.Type != "message" || e.User == s.self.user {
			return nil
		}
		return s.bot.React(ctx, core.Reaction{
			EventID: s.unique(id), Channel: s.key(e.Item.Channel), Message: e.Item.TS, User: s.user(e.User, ""),
			Emoji: e.Reaction, Added: e.Type == "reaction_added", Order: micros(e.EventTS),
		})
	case "app_mention":
		if s.somebodySaid(e) {
			s.mention(ctx, id, e)
		}
	case "message":
		if e.Kind == "im" && e.Subtype == "" && s.somebodySaid(e) {
			s.written(ctx, id, e)
		}
	case "member_joined_channel":
		if e.User == s.self.user {
			return s.welcome(ctx, e)
		}
	case "app_home_opened":
		if e.Tab == "home" || e.Tab == "" {
			return s.publishHome(ctx, e.User)
		}
	case "link_shared":
		return s.unfurl(ctx, e)
	case "channel_deleted":
		if id := e.channel(); id != "" {
			return s.bot.Left(ctx, s.key(id))
		}
	case "channel_archive":
		// Posts there are refused from now on, which the ledger holds.
	}
	return nil
}

// gone is the app removed from the workspace: nothing is tried there any more.
func (s *workspace) gone(ctx context.Context) error {
	err := s.bot.Removed(ctx, s.installation())
	s.token.Refuse(errors.New("the app was removed from the workspace"))
	return err
}

// welcome greets a channel that invited us, once.
func (s *workspace) welcome(ctx context.Context, e event) error {
	id := e.channel()
	if e.Kind == "G" || e.Kind == "group" {
		s.names.private(id)
	}
	s.names.forget(id) // what could not be known of it before
	name, private := s.about(ctx, id, "")
	card, err := s.bot.Joined(ctx, s.key(id), name, private)
	if err != nil || card.Empty() {
		return err
	}
	for {
		_, err := s.send(ctx, id, "", "", draw(card))
		again, ok := errors.AsType[*core.Retry](err)
		if !ok || kit.Sleep(ctx, again.After) != nil {
			return err
		}
	}
}

// somebodySaid: a message is a person's, and not an app's or our own.
func (s *workspace) somebodySaid(e event) bool {
	return e.User != "" && e.User != s.self.user && e.BotID == ""
}

// mention answers what was said to the bot aloud, in the thread where it was
// said: aloud what everybody may read, in private the rest.
func (s *workspace) mention(ctx context.Context, id string, e event) {
	r := s.asked(ctx, id, e)
	r.Aloud = true
	s.answer(ctx, replyTo{channel: e.channel(), user: e.User, thread: cmp.Or(e.ThreadTS, e.TS)}, s.bot.Do(ctx, r))
}

// written answers what was written to the bot in its direct messages, where nobody
// else reads: as messages, which stay.
func (s *workspace) written(ctx context.Context, id string, e event) {
	reply := s.bot.Do(ctx, s.asked(ctx, id, e))
	reply.Public = true
	s.answer(ctx, replyTo{channel: e.channel(), user: e.User, thread: e.ThreadTS}, reply)
}

// asked is a message to the bot as a request.
func (s *workspace) asked(ctx context.Context, id string, e event) core.Request {
	r := core.Request{ID: s.unique(id), Channel: s.key(e.channel()), User: s.user(e.User, ""), Text: s.said(e)}
	r.Name, r.Private = s.about(ctx, e.channel(), "")
	if e.ThreadTS != "" {
		r.Paper, _ = s.bot.PaperOf(ctx, r.Channel, e.ThreadTS)
	}
	return r
}

// unfurl shows pasted links to papers as cards, where the channel wants that.
func (s *workspace) unfurl(ctx context.Context, e event) error {
	cards := map[string]slack.Attachment{}
	for _, l := range e.Links {
		if card, ok := s.bot.Unfurl(ctx, s.key(e.channel()), l.URL); ok {
			m := draw(card)
			cards[l.URL] = slack.Attachment{Fallback: m.Text, Blocks: slack.Blocks{BlockSet: m.Blocks}}
		}
	}
	if len(cards) == 0 {
		return nil
	}
	return s.call(ctx, "chat.unfurl", e.channel(), func() error {
		_, _, _, err := s.api().UnfurlMessageContext(ctx, e.channel(), e.MessageTS, cards)
		return err
	})
}

// readVotes reads the reactions again, because events were lost.
func (s *Slack) readVotes() {
	s.queue.Put("votes", func(ctx context.Context) {
		select {
		case <-s.ready:
		case <-ctx.Done():
			return
		}
		var one []string
		if s.one != nil {
			one = []string{s.one.installation().Workspace}
		}
		if err := s.bot.ReadVotes(ctx, Name, one...); err != nil && ctx.Err() == nil {
			s.log.Error("reading votes again", "platform", Name, "err", s.discreet(err))
		}
	})
}

// micros reads Slack's "1360782804.083113" as microseconds; 0 when it is none.
func micros(ts string) int64 {
	sec, frac, _ := strings.Cut(ts, ".")
	n, err := strconv.ParseInt(sec, 10, 64)
	f, ferr := strconv.ParseInt((frac + "000000")[:6], 10, 64)
	if err != nil || ferr != nil {
		return 0
	}
	return n*1e6 + f
}

// Ready is nil while what people do reaches us, else it says why not.
func (s *Slack) Ready() error {
	if err := s.Refused(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.app.state
}

func (s *app) setState(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = err
}

var errStarting = errors.New("not connected yet")

// identify asks who we are, until Slack answers.
func (s *workspace) identify(ctx context.Context) error {
	for try := 0; ; try++ {
		var who *slack.AuthTestResponse
		err := s.call(ctx, "auth.test", "", func() (err error) {
			who, err = s.api().AuthTestContext(ctx)
			return err
		})
		switch {
		case err == nil && who.TeamID == "":
			err = errNoAnswer
		case err == nil:
			s.self = identity{team: who.TeamID, user: who.UserID, bot: who.BotID}
			s.once.Do(func() { close(s.ready) })
			return s.bot.Returned(ctx, s.installation())
		case core.Is[*core.Unauthorised](err):
			return fmt.Errorf("the bot token: %w", err)
		}
		s.setState(fmt.Errorf("Slack does not answer: %w", err))
		s.log.Warn("slack does not answer", "err", err)
		if err := kit.Sleep(ctx, s.backoff(try)); err != nil {
			return err
		}
	}
}
