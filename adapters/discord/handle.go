package discord

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

const (
	// An interaction has to be acknowledged within 3 s; a little earlier nobody
	// would hear it any more.
	ackTime    = 2900 * time.Millisecond
	handleTime = 60 * time.Second // a token lives 15 minutes; a person waits for seconds
)

// Kinds of interactions and callbacks (interactions/receiving-and-responding.mdx).
const (
	kindCommand      = 2
	kindPress        = 3
	kindAutocomplete = 4
	kindSubmit       = 5

	answerLater  = 5
	updateLater  = 6
	offerChoices = 8
	openModal    = 9
)

// interaction is what somebody did.
type interaction struct {
	ID        string  `json:"id"`
	App       string  `json:"application_id"`
	Type      int     `json:"type"`
	Token     string  `json:"token"` // a secret
	Guild     string  `json:"guild_id"`
	ChannelID string  `json:"channel_id"`
	Channel   channel `json:"channel"`
	User      user    `json:"user"`            // in direct messages
	Ours      perm    `json:"app_permissions"` // in this channel
	Member    struct {
		User  user     `json:"user"`
		Nick  string   `json:"nick"`
		Roles []string `json:"roles"`
		Perms perm     `json:"permissions"` // in this channel, overwrites included
	} `json:"member"`
	Data struct {
		Name     string   `json:"name"`
		Type     int      `json:"type"`
		Target   string   `json:"target_id"`
		CustomID string   `json:"custom_id"`
		Values   []string `json:"values"` // of a select menu
		Options  []given  `json:"options"`
		Filled   []filled `json:"components"` // of a modal
		Resolved struct {
			Files map[string]upload `json:"attachments"` // by id, which is their option's value
		} `json:"resolved"`
	} `json:"data"`
	Message struct {
		ID         string      `json:"id"`
		Flags      int         `json:"flags"`
		Components []component `json:"components"`
	} `json:"message"`
}

// given is an option as it was filled in, a verb with its options, or a group with
// its verb.
type given struct {
	Type    int             `json:"type"`
	Name    string          `json:"name"`
	Value   json.RawMessage `json:"value"`
	Options []given         `json:"options"`
	Focused bool            `json:"focused"`
}

// verb is what of a command was chosen, out of its group where it stands in one; of
// a message's command, nothing.
func (i *interaction) verb() (verb given) {
	for chosen := i.Data.Options; len(chosen) > 0; chosen = verb.Options {
		if verb = chosen[0]; verb.Type != optionGroup {
			break
		}
	}
	return verb
}

// text is a value as core reads it.
func (g given) text() string {
	var s string
	if json.Unmarshal(g.Value, &s) == nil {
		return s
	}
	switch v := string(g.Value); v {
	case "true":
		return "yes"
	case "false":
		return "no"
	default:
		if f, err := strconv.ParseFloat(v, 64); err == nil && f == float64(int64(f)) {
			return strconv.FormatInt(int64(f), 10)
		}
		return v
	}
}

// interact takes an interaction in, once: it is acknowledged, and then done.
func (d *Discord) interact(raw json.RawMessage) {
	var i interaction
	if json.Unmarshal(raw, &i) != nil { // its error might quote a token
		d.log.Warn("discord sent an interaction that cannot be read", "bytes", len(raw))
		return
	}
	arrived := time.Now()
	if d.seen.Before(i.ID, arrived) {
		return
	}
	kind, do := answerLater, d.command
	switch i.Type {
	case kindCommand:
	case kindPress:
		do = d.press
	case kindSubmit:
		do = d.submit
	case kindAutocomplete: // the suggestions are the acknowledgement
		d.acks.Put("", func(ctx context.Context) { d.suggest(ctx, i, arrived) })
		return
	default:
		return
	}
	if i.own() {
		kind = updateLater
	}
	d.acks.Put("", func(ctx context.Context) {
		if i.Type == kindPress && d.opens(ctx, i, arrived) {
			return
		}
		if d.acknowledge(ctx, i, kind, arrived) {
			d.queue.Put("", func(ctx context.Context) {
				handling, cancel := context.WithTimeout(ctx, handleTime)
				defer cancel()
				defer func() { // nobody waits for ever for an answer that does not come
					p := recover()
					if p != nil || errors.Is(handling.Err(), context.DeadlineExceeded) {
						kit.Briefly(context.WithoutCancel(ctx), func(ctx context.Context) { d.apologise(ctx, i) })
					}
					if p != nil {
						panic(p)
					}
				}()
				do(handling, i)
			})
		}
	})
}

// callback is a first answer.
type callback struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

// acknowledge tells Discord that an answer comes, before anything is done. It
// says whether anybody will see that answer.
func (d *Discord) acknowledge(ctx context.Context, i interaction, kind int, arrived time.Time) bool {
	c := callback{Type: kind}
	if kind == answerLater {
		c.Data = map[string]int{"flags": flagEphemeral}
	}
	return d.callback(ctx, i, c, arrived)
}

// callback is a first answer. It says whether Discord took it.
func (d *Discord) callback(ctx context.Context, i interaction, c callback, arrived time.Time) bool {
	return d.call(ctx, i, c, arrived) == nil
}

func (d *Discord) call(ctx context.Context, i interaction, c callback, arrived time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, arrived.Add(ackTime))
	defer cancel()
	r := request{method: "POST", route: "/interactions/{}/{}/callback", args: []string{i.ID, i.Token}, body: c, open: true}
	for try := 0; ; try++ {
		err := d.rest.once(ctx, &r)
		switch {
		case err == nil || try > 0 && code(err) == alreadyAnswered:
			return nil
		case c.Type == openModal && code(err) == invalidForm:
			return err // another answer may be taken
		case ctx.Err() != nil || code(err) == unknownInteraction || code(err) == alreadyAnswered || status(err) >= 400 && status(err) < 429:
			d.log.Warn("an interaction could not be acknowledged in time; the person was told that it failed, and nothing was done", "id", i.ID, "after", time.Since(arrived), "err", err)
			return err
		}
		if err := kit.Sleep(ctx, 50*time.Millisecond<<try); err != nil {
			return err
		}
	}
}

// person is who did it, as core knows people.
func (d *Discord) person(i interaction) core.User {
	if i.Guild == "" {
		return i.User.core("")
	}
	u := i.Member.User.core(i.Member.Nick)
	u.Manager = i.Member.Perms&(manageChannels|administrator) != 0
	u.Roles = d.guilds.roleNames(i.Guild, i.Member.Roles)
	return u
}

// channelOf is where it was done, and how that is called: in a thread, or a forum's
// post, the channel that it belongs to.
func (d *Discord) channelOf(ctx context.Context, i interaction) (core.ChannelKey, string) {
	id, name := i.ChannelID, i.Channel.Name
	switch {
	case i.Guild == "":
		return d.key("", id), "our direct messages"
	case i.Channel.isThread() && i.Channel.Parent != "":
		id, name = i.Channel.Parent, ""
		if c, ok := d.guilds.channel(id); ok {
			name = c.Name
		}
	case name == "":
		if c, err := d.look(ctx, id); err == nil {
			name = c.Name
		}
	}
	if name != "" {
		name = "#" + name
	}
	d.told.Put(id, i.Ours, time.Now().Add(toldTime))
	return d.key(i.Guild, id), name
}

// directVerbs are what can be asked for where nothing can be followed.
var directVerbs = []string{"saved", "export", "search", "help"}

func (d *Discord) command(ctx context.Context, i interaction) {
	key, name := d.channelOf(ctx, i)
	r := core.Request{ID: i.ID, Channel: key, Name: name, Private: d.isPrivate(i.Guild, key.ID), User: d.person(i)}
	if i.Data.Type == messageCommand {
		for _, m := range menu {
			if m.name == i.Data.Name {
				r.Verb = m.verb
			}
		}
		r.Paper, _ = d.bot.PaperOf(ctx, key, i.Data.Target)
		if r.Paper == "" {
			d.answer(ctx, i, core.Reply{Card: sentence("That message shows no paper of mine. %s takes an arXiv id or a link.", verbs.Typed(network, r.Verb))})
			return
		}
	} else if verb := i.verb(); verb.Name != "" {
		r.Verb, r.Args = verb.Name, map[string]string{}
		for _, o := range verb.Options {
			if o.Type != optionFile {
				r.Args[o.Name] = d.meant(ctx, r, o)
				continue
			}
			text, err := d.read(ctx, i.Data.Resolved.Files[o.text()])
			if no, ok := errors.AsType[*core.UserError](err); ok {
				d.answer(ctx, i, core.Reply{Card: core.Card{Lines: []say.Text{no.Text}}})
				return
			} else if err != nil {
				d.log.Warn("a file that somebody gave could not be fetched", "channel", i.ChannelID, "err", err)
				d.answer(ctx, i, core.Reply{Card: sentence("I could not fetch that file from Discord. Please try again, or paste its text into %s.", verbs.Typed(network, r.Verb))})
				return
			}
			r.Args[o.Name] = text
		}
	}
	if i.Guild == "" && !slices.Contains(directVerbs, r.Verb) {
		d.answer(ctx, i, core.Reply{Card: sentence("That belongs into a server's channel. Here I know %s, %s and %s.",
			verbs.Typed(network, "saved"), verbs.Typed(network, "export"), verbs.Typed(network, "search"))})
		return
	}
	welcome, first := d.bot.Welcome(ctx, key, name, r.User)
	d.answer(ctx, i, d.bot.Do(ctx, r))
	if first {
		d.tell(ctx, i, d.draw(i.Guild, welcome), true, nil)
	}
}

func sentence(format string, args ...any) core.Card {
	return core.Card{Lines: []say.Text{say.Say(format, args...)}}
}

func (d *Discord) press(ctx context.Context, i interaction) {
	d.answer(ctx, i, d.bot.Press(ctx, d.pressed(ctx, i)))
}

// pressed is a button, or what was chosen in a select menu, as core knows it.
func (d *Discord) pressed(ctx context.Context, i interaction) core.Press {
	key, name := d.channelOf(ctx, i)
	p := core.Press{ID: i.ID, Channel: key, Name: name, Private: d.isPrivate(i.Guild, key.ID), User: d.person(i), Button: i.Data.CustomID, Message: i.Message.ID}
	if len(i.Data.Values) > 0 {
		p.Button = i.Data.Values[0]
	}
	return p
}

// answer brings a reply to who asked, and its lines to everybody. The private
// part comes first: the first message after a deferral is as private as that was.
func (d *Discord) answer(ctx context.Context, i interaction, r core.Reply) {
	own := i.own()
	empty := r.Card.Empty()
	var files []core.File
	if r.File != nil {
		files = append(files, *r.File)
	}
	var err error
	switch {
	case own && r.Public && !empty:
		err = d.tell(ctx, i, d.draw(i.Guild, r.Card), false, files)
	case own && r.Edit && !empty:
		err = d.rewrite(ctx, i, d.draw(i.Guild, r.Card), files)
	case own && !empty:
		err = d.tell(ctx, i, d.draw(i.Guild, r.Card), true, files)
	case own:
	case r.Public && !empty:
		if err = d.rewrite(ctx, i, d.draw(i.Guild, sentence("Everybody sees the answer below.")), nil); err == nil {
			err = d.tell(ctx, i, d.draw(i.Guild, r.Card), false, files)
		}
	case !empty:
		err = d.rewrite(ctx, i, d.draw(i.Guild, r.Card), files)
	case len(r.Line) > 0:
		err = d.rewrite(ctx, i, d.draw(i.Guild, sentence("Done.")), files)
	default: // it was asked before
		d.hook(ctx, i, request{method: "DELETE", route: originalRoute})
	}
	if err != nil && ctx.Err() == nil {
		d.apologise(ctx, i)
	}
	if len(r.Line) > 0 {
		d.tell(ctx, i, d.draw(i.Guild, core.Card{Lines: r.Line}), false, nil)
	}
}

// apologise says that an answer is not coming.
func (d *Discord) apologise(ctx context.Context, i interaction) {
	failed := d.draw(i.Guild, sentence("My answer did not get through to Discord. Please ask once more; if that does not help, tell whoever runs me."))
	if i.own() {
		d.tell(ctx, i, failed, true, nil)
	} else {
		d.rewrite(ctx, i, failed, nil)
	}
}

// own reports whether what was pressed is an answer to the person alone: it was
// acknowledged as an update, and may be changed.
func (i interaction) own() bool { return i.Message.Flags&flagEphemeral != 0 }

const (
	hookRoute     = "/webhooks/{}/{}"
	originalRoute = "/webhooks/{}/{}/messages/@original"
)

// rewrite turns the acknowledgement, or the message that was pressed, into an answer.
func (d *Discord) rewrite(ctx context.Context, i interaction, m message, files []core.File) error {
	return d.hook(ctx, i, request{method: "PATCH", route: originalRoute, body: m.described(files), files: files})
}

// tell adds a message to the answer.
func (d *Discord) tell(ctx context.Context, i interaction, m message, private bool, files []core.File) error {
	if private {
		m.Flags |= flagEphemeral
	}
	return d.hook(ctx, i, request{method: "POST", route: hookRoute, body: m.described(files), files: files})
}

// hook makes a request with an interaction's token. A form that Discord does not
// take becomes plain text, and a file that it does not take is left out, which
// the message then says. What may be there already is not sent again.
func (d *Discord) hook(ctx context.Context, i interaction, r request) error {
	r.args, r.open, r.single = []string{i.App, i.Token}, true, r.method == http.MethodPost
	err := d.rest.call(ctx, r)
	if m, ok := r.body.(message); ok && len(r.files) > 0 && err != nil && (!r.single || core.Is[*core.Refused](err)) {
		d.log.Error("discord does not take a file; the answer is sent without it", "channel", i.ChannelID, "err", err)
		why := "Its file is missing: Discord did not take it."
		if status(err) == http.StatusForbidden {
			why = "Its file is missing: I may not attach any here. An admin can give me *Attach Files* under channel permissions."
		}
		note := d.draw(i.Guild, sentence(why)).Content
		m.Content = together(say.Shorten(m.Content, maxContent-say.Length(note)-1), note)
		m.Attachments = nil
		r.body, r.files = m, nil
		err = d.rest.call(ctx, r)
	}
	if m, ok := r.body.(message); ok && code(err) == invalidForm && len(m.Embeds)+len(m.Components) > 0 {
		d.log.Error("discord does not show an answer as it is meant; it is sent as plain text", "err", err)
		plain := m.withoutEmbeds()
		plain.Flags = m.Flags
		r.body = plain
		err = d.rest.call(ctx, r)
	}
	if err != nil && ctx.Err() == nil {
		d.log.Error("an answer did not arrive", "server", i.Guild, "channel", i.ChannelID, "err", err)
	}
	return err
}
