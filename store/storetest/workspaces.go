package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// holding are the columns, by table, that can hold something of a workspace or of its
// people. What is new in the schema has to be put here or among the others, so that no
// deletion forgets it.
var holding = map[string]string{
	"channels":      "platform workspace channel name settings schedule set_up_by owner hold taste club",
	"deliveries":    "conversation message thread reason matched",
	"digests":       "header thread",
	"events":        "id",
	"installations": "platform workspace enterprise name bot_user scopes token refresh installed_by",
	"libraries":     "path name collection secret",
	"links":         "secret made_by made_key",
	"mutes":         "person value muted_by muted_key",
	"passes":        "person name",
	"reactions":     "message person emoji",
	"saves":         "person note",
	"searches":      "person search",
	"subjects":      "subject person name",
	"topics":        "topic added_by added_key",
}

// others are the columns that hold nothing of them: numbers, papers, how things stand,
// what the bot keeps of itself, and of who was forgotten a hash.
var others = map[string]string{
	"channels":      "id created scheduled paused_at paused_until planned last_due gone greeted closed next_due next_send reread resumed private attempt follows",
	"claims":        "channel owner attempt",
	"counter":       "n papers",
	"deliveries":    "channel item digest position place state attempt late shown edited folded updated begun edit_at revision revised count_at counted",
	"digests":       "id channel due kind planned",
	"embeddings":    "seq model vector",
	"events":        "at",
	"features":      "seq vector bag",
	"forgotten":     "person at",
	"guards":        "topic paper at",
	"identifiers":   "number paper feed",
	"installations": "expires renewing installed paused gone",
	"leases":        "name owner",
	"libraries":     "channel what least at",
	"links":         "channel purpose at",
	"lists":         "source day entries again parts due since until",
	"mutes":         "id channel kind at until",
	"notes":         "name value",
	"owners":        "id host pid started beat",
	"passes":        "secret purpose until", // a hash
	"papers":        "seq id changed backlog day prim upvotes unread signs filed",
	"reactions":     "channel paper kind present ord at heard",
	"saves":         "paper at done",
	"searches":      "at",
	"sightings":     "paper source day place announce upvotes",
	"subjects":      "issuer",
	"sources":       "source word reason last_try last_success last_new newest since retry_at told title note",
	"texts":         "seq version title abstract authors categories sources published comments code stars project summary keywords organization thumbnail comment journal doi link withdrawn seen tellers coded",
	"topics":        "id channel number added_at since removed",
	"turns":         "name owner free",
}

func columnsOf(tables map[string]string) (columns []string) {
	for table, names := range tables {
		for _, name := range strings.Fields(names) {
			columns = append(columns, table+"."+name)
		}
	}
	slices.Sort(columns)
	return columns
}

// with are the columns in which the word stands, in whatever case, or as bytes.
func (h *house) with(word string) (columns []string) {
	h.Helper()
	found := map[string]bool{}
	for _, v := range h.store.Everything(h) {
		if column, value, _ := strings.Cut(v, ": "); strings.Contains(strings.ToLower(value), word) || strings.Contains(value, fmt.Sprintf("%x", word)) {
			found[column] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// fills everything that a workspace and its people can leave with words that begin with
// mark, in channels that have no other one's name.
func (h *house) fills(mark string, in core.Installation) {
	h.Helper()
	ctx := h.ctx()
	ana := core.User{Key: in.Platform + ":" + in.Workspace + "/" + mark + "-ana", Name: mark + " Ana"}
	lives := func(id string, more ...func(*core.Channel)) core.Channel {
		c := core.Channel{Key: core.ChannelKey{Platform: in.Platform, Workspace: in.Workspace, ID: mark + id}, Name: "#" + mark, SetUpBy: ana.Name, Owner: ana.Key, Settings: core.DefaultSettings()}
		everyDayAtNine(&c)
		for _, m := range more {
			m(&c)
		}
		return h.meets(c)
	}
	c := lives("C1", func(c *core.Channel) {
		c.Settings.Editors, c.Settings.VoteEmoji = "@"+mark, []string{mark}
		c.Schedule.Zone = mark + "/Zone"
		c.Taste.More, c.Club.Rota = []string{mark}, []string{mark}
	})
	mail := h.meets(core.Channel{Key: core.ChannelKey{Platform: "mail", ID: mark + "-hash"}, Name: mark + "@example.org", SetUpBy: ana.Name, Owner: ana.Key, Follows: c.ID})
	h.ok(h.store.SetLibrary(ctx, core.Library{Channel: mail.ID, What: core.ShelvePosts, Path: mark, Name: mark, Collection: mark, Secret: mark, At: h.now}))
	h.ok(h.store.PutPass(ctx, core.Pass{Purpose: core.PassSession, Secret: mark, User: ana, Until: h.now.Add(day)}, h.now))
	h.ok(h.store.SetPersonOf(ctx, "https://id.example.org", mark, ana))
	follows, err := h.store.AddTopic(ctx, c.ID, query(h, mark), ana, h.now)
	h.ok(err)
	h.ok(h.store.AddGuard(ctx, c.ID, core.Guard{Topic: follows.ID, Paper: lamps, At: h.now}))
	for _, m := range []core.Mute{
		{Channel: c.ID, Kind: core.MuteTopic, Value: mark, By: ana.Name, ByKey: ana.Key, At: h.now},
		{User: ana.Key, Kind: core.MutePaper, Value: string(lamps), By: ana.Name, ByKey: ana.Key, At: h.now},
	} {
		_, err := h.store.AddMute(ctx, m)
		h.ok(err)
	}
	h.ok(h.store.SetLink(ctx, core.Link{Channel: c.ID, Purpose: core.LinkRead, Secret: mark + "secret", By: ana.Name, ByKey: ana.Key, At: h.now}))
	h.saves(ana.Key, lamps, mark, false)
	h.ok(h.store.Remember(ctx, ana.Key, "search "+mark, h.now))
	_, err = h.store.SeenEvent(ctx, "request/"+in.Platform+"/"+in.Workspace+"/"+mark, h.now)
	h.ok(err)
	h.ok(h.store.SetNote(ctx, fmt.Sprint("sample/", c.ID), "2026-11-23"))

	p := h.plan(c, core.DailyPost, h.now, lamps, "2511.00002")
	p.Digest.Header = &core.Card{Title: mark, Lines: []say.Text{say.Say("%s", mark)}}
	p.Digest.Thread = mark
	p.Items[1].Matched = []core.Matched{{Topic: mark, Why: []topic.Why{{Term: mark, Field: topic.Title}}}}
	h.plans(p)
	owner := h.joins("the process")
	claims, err := h.store.Claim(ctx, owner, h.now, 1, func(i core.Installation) bool { return i == in })
	h.ok(err)
	var last core.Message
	for _, claim := range claims {
		for i := range 3 {
			m := h.begins(claim, []core.Message{last}[:min(i, 1)]...)
			last = m
			if i < 2 {
				h.ok(h.store.Posted(ctx, claim, m.Item, core.MessageRef{Conversation: mark, ID: mark + string(m.Item), Thread: mark}, 1, h.now))
				continue
			}
			h.ok(h.store.Held(ctx, claim, m.Item, false, core.Hold{Since: h.now, Reason: "missing " + mark, NextTry: h.now}, h.now))
			h.releases(claim, h.now)
		}
	}
	h.ok(h.store.Leave(ctx, owner))
	h.reacts(c, mark+string(lamps), lamps, ana.Key, mark, core.Up)
	_, err = h.store.UpdateInstallation(ctx, in, func(i *core.Installed) error {
		i.Enterprise, i.Name, i.BotUser, i.Scopes, i.Token, i.Refresh, i.By = mark, mark, mark, []string{mark}, []byte(mark), []byte(mark), ana.Key
		return nil
	})
	h.ok(err)
}

func (h *house) workspace(in core.Installation, since time.Time) core.Workspace {
	h.Helper()
	ws, err := h.store.Workspaces(h.ctx(), since)
	h.ok(err)
	if i := slices.IndexFunc(ws, func(w core.Workspace) bool { return w.Installation == in }); i >= 0 {
		return ws[i]
	}
	h.Fatalf("%v is not among %v", in, ws)
	return core.Workspace{}
}

func (h *house) pauses(in core.Installation) {
	h.Helper()
	h.ok(h.store.PauseWorkspace(h.ctx(), in, h.now))
}

func (h *house) resumes(in core.Installation) {
	h.Helper()
	h.ok(h.store.ResumeWorkspace(h.ctx(), in))
}

var workspaces = []story{
	it("every column is known to hold something of a workspace or its people, or not to", func(h *house) {
		known := append(columnsOf(holding), columnsOf(others)...)
		slices.Sort(known)
		h.wants("columns", h.store.Columns(h), known)
	}),

	it("a workspace that is deleted leaves nothing in any column, and others lose nothing", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23"))
		kept, dropped := core.Installation{Platform: "quonx", Workspace: "quonx"}, core.Installation{Platform: "zyqu", Workspace: "zyqu"}
		h.fills("quonx", kept)
		before := h.store.Everything(h)
		h.fills("zyqu", dropped)
		h.wants("what stands of it", h.with("zyqu"), columnsOf(holding))
		h.wants("notes of it", strings.Count(strings.Join(h.store.Everything(h), "\n"), "notes.name: sample/"), 2)
		h.ok(h.store.DeleteWorkspace(h.ctx(), dropped))
		h.wants("what is left of it", h.with("zyqu"), []string(nil))
		h.wants("what there is", slices.Sorted(slices.Values(h.store.Everything(h))), slices.Sorted(slices.Values(before)))
		h.fails("a second time", h.store.DeleteWorkspace(h.ctx(), dropped), core.ErrNotFound)
	}),

	it("a workspace that was left for long enough leaves nothing either", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23"))
		in := core.Installation{Platform: "zyqu", Workspace: "zyqu"}
		h.fills("zyqu", in)
		h.leaves(in)
		h.ok(h.store.Forget(h.ctx(), h.now.Add(time.Millisecond)))
		h.wants("what is left of it", h.with("zyqu"), []string(nil))
	}),

	it("what its people left in another workspace goes with theirs", func(h *house) {
		ml := h.channel("ml")
		far := core.Installation{Platform: "slack", Workspace: "T10"}
		guest := core.User{Key: "slack:T10/zyqu", Name: "Zyqu"}
		h.meets(core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T10", ID: "C1"}})
		tp, err := h.store.AddTopic(h.ctx(), ml.ID, query(h, "lora"), guest, h.now)
		h.ok(err)
		h.reacts(ml, "m1", lamps, guest.Key, "👍", core.Up)
		h.reacts(ml, "m1", lamps, "slack:T1/ana", "👍", core.Up)
		h.ok(h.store.DeleteWorkspace(h.ctx(), far))
		h.wants("what is left of them", h.with("zyqu"), []string(nil))
		h.wants("what is left there", []any{tp.Number, h.votes(ml.ID)}, []any{1, core.Tally{Up: 1}})
	}),

	it("a person who is forgotten leaves nothing in any column", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23"))
		ana := core.User{Key: "slack:T1/zyqu", Name: "Zyqu"}
		ml, cv := h.channel("ml"), h.channel("cv")
		theirs := h.meets(core.Channel{Key: key("set up"), SetUpBy: ana.Name, Owner: ana.Key})
		h.meets(core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "zyqu"}, Name: "zyqu"})
		h.meets(core.Channel{Key: core.ChannelKey{Platform: "mail", ID: "zyqu-hash"}, Name: "zyqu@example.org", SetUpBy: ana.Name, Owner: ana.Key, Follows: cv.ID})
		_, err := h.store.AddTopic(h.ctx(), ml.ID, query(h, "lora"), ana, h.now)
		h.ok(err)
		for _, m := range []core.Mute{
			{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey", By: ana.Name, ByKey: ana.Key, At: h.now},
			{User: ana.Key, Kind: core.MutePaper, Value: string(lamps), By: ana.Name, ByKey: ana.Key, At: h.now},
		} {
			_, err := h.store.AddMute(h.ctx(), m)
			h.ok(err)
		}
		h.ok(h.store.SetLink(h.ctx(), core.Link{Channel: ml.ID, Purpose: core.LinkRead, Secret: "s", By: ana.Name, ByKey: ana.Key, At: h.now}))
		h.saves(ana.Key, lamps, "zyqu", false)
		h.ok(h.store.Remember(h.ctx(), ana.Key, "search zyqu", h.now))
		h.reacts(ml, "m1", lamps, ana.Key, "👍", core.Up)
		h.ok(h.store.PutPass(h.ctx(), core.Pass{Purpose: core.PassSession, Secret: "s", User: ana, Until: h.now.Add(day)}, h.now))
		h.ok(h.store.SetPersonOf(h.ctx(), "https://id.example.org", "zyqu", ana))
		_, err = h.store.UpdateInstallation(h.ctx(), slack, func(i *core.Installed) error { i.By = ana.Key; return nil })
		h.ok(err)
		h.wants("what stands of them", h.with("zyqu"), []string{
			"channels.channel", "channels.name", "channels.owner", "channels.set_up_by", "installations.installed_by", "links.made_by", "links.made_key",
			"mutes.muted_by", "mutes.muted_key", "mutes.person", "passes.name", "passes.person", "reactions.person", "saves.note", "saves.person", "searches.person", "searches.search",
			"subjects.name", "subjects.person", "subjects.subject", "topics.added_by", "topics.added_key"})
		h.forgets(ana.Key)
		h.wants("what is left of them", h.with("zyqu"), []string(nil))
		h.wants("what they set up", h.again(theirs).ID, theirs.ID)
	}),

	it("in a workspace that is paused nothing is due, and what was begun waits", func(h *house) {
		a := h.joins("A")
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23"))
		ml := h.scheduled("ml", "09:00")
		h.daily(ml, lamps, "2511.00002")
		far := h.elsewhere()
		h.daily(far, lamps)
		c, err := h.store.Claim(h.ctx(), a, h.now, 9, on("slack"))
		h.ok(err)
		m := h.begins(c[0])
		h.pauses(slack)
		h.posted(c[0], m, 1)
		_, more := h.begin(c[0], m)
		h.wants("another message", more, false)
		h.releases(c[0], time.Time{})
		h.ok(h.store.Fold(h.ctx(), ml.ID, m.Item, true, h.now))
		h.ok(h.store.Reread(h.ctx(), ml.ID, h.now))
		h.passes(3 * day)
		edits, err := h.store.Edits(h.ctx(), h.now, 9, nil)
		h.ok(err)
		h.wants("paused", []any{h.due(9, on("slack")), claimed(h.claims(a)), len(edits), h.toReread()}, []any{[]string(nil), []string{"8"}, 0, []string(nil)})

		h.resumes(slack)
		h.wants("resumed", []any{h.due(9, on("slack")), claimed(h.claims(a)), h.toReread()}, []any{[]string{"ml"}, []string{"ml"}, []string{"ml"}})
		ml = h.again(ml)
		_, posts := ml.Missed(h.now)
		h.wants("posts that were missed, which come as one", posts, 3)
	}),

	it("a pause is of one workspace, and is kept until somebody ends it", func(h *house) {
		h.channel("ml")
		other := core.Installation{Platform: "slack", Workspace: "T2"}
		h.fails("of nobody's", h.store.PauseWorkspace(h.ctx(), other, h.now), core.ErrNotFound)
		h.fails("resumed", h.store.ResumeWorkspace(h.ctx(), other), core.ErrNotFound)
		since := h.now
		h.pauses(slack)
		h.passes(time.Hour)
		h.pauses(slack)
		h.wants("since", h.workspace(slack, h.now).Paused, since)
		for in, want := range map[core.Installation]bool{slack: true, other: false} {
			paused, err := h.store.Again(h).WorkspacePaused(h.ctx(), in)
			h.ok(err)
			h.wants(in.Workspace, paused, want)
		}
		h.resumes(slack)
		h.resumes(slack)
		h.wants("ended", h.workspace(slack, h.now).Paused, time.Time{})
	}),

	it("workspaces are told with their channels, topics and messages", func(h *house) {
		a := h.joins("A")
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23"))
		ml := h.channel("ml")
		h.follows(ml, "lora")
		h.follows(ml, "nerf")
		gone := h.follows(ml, "survey")
		h.ok(h.store.RemoveTopic(h.ctx(), gone.ID, h.now))
		h.channel("cv")
		h.daily(ml, lamps)
		h.posts(a)
		posted := h.now
		h.passes(day)
		h.elsewhere()
		h.leaves(core.Installation{Platform: "discord", Workspace: "7"})
		granted := core.Installation{Platform: "slack", Workspace: "T0"}
		_, err := h.store.UpdateInstallation(h.ctx(), granted, func(i *core.Installed) error { i.Name = "Vision Lab"; return nil })
		h.ok(err)
		ws, err := h.store.Workspaces(h.ctx(), posted)
		h.ok(err)
		h.wants("all", ws, []core.Workspace{
			{Installation: core.Installation{Platform: "discord", Workspace: "7"}, Gone: h.now},
			{Installation: granted, Name: "Vision Lab"},
			{Installation: slack, Channels: 2, Follow: 1, Topics: 2, Most: 2, Messages: 2, LastPost: posted},
		})
		h.wants("lately", h.workspace(slack, posted.Add(time.Millisecond)).Messages, 0)
	}),
}
