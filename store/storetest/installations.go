package storetest

import (
	"errors"
	"slices"
	"time"

	"paperboy/core"
)

// installed keeps an installation with every field that one can have.
func (h *house) installed(in core.Installation, more ...func(*core.Installed)) core.Installed {
	h.Helper()
	got, err := h.store.UpdateInstallation(h.ctx(), in, func(i *core.Installed) error {
		*i = core.Installed{Enterprise: "E1", Name: "Vision Lab", BotUser: "U9", Scopes: []string{"chat:write", "commands"},
			Token: []byte{0, 1, 255}, Refresh: []byte{2, 0}, Expires: h.now.Add(12 * time.Hour).UTC(), Renewing: h.now.UTC(), By: "slack:" + in.Workspace + "/ana", At: h.now.UTC()}
		for _, m := range more {
			m(i)
		}
		return nil
	})
	h.ok(err)
	return got
}

var installations = []story{
	it("an installation is kept as it was changed, beside those of other workspaces and platforms", func(h *house) {
		_, err := h.store.InstallationOf(h.ctx(), slack)
		h.fails("before anything is kept", err, core.ErrNotFound)
		a := h.installed(core.Installation{Platform: "slack", Workspace: "T2"})
		b := h.installed(core.Installation{Platform: "slack", Workspace: "T1"}, func(i *core.Installed) { i.Name, i.Token = "Optics", []byte{7} })
		c := h.installed(core.Installation{Platform: "discord", Workspace: "T1"}, func(i *core.Installed) {
			*i = core.Installed{Paused: h.now.UTC()}
		})
		got, err := h.store.InstallationOf(h.ctx(), a.Installation)
		h.ok(err)
		h.wants("T2", got, core.Installed{Installation: core.Installation{Platform: "slack", Workspace: "T2"}, Enterprise: "E1", Name: "Vision Lab", BotUser: "U9",
			Scopes: []string{"chat:write", "commands"}, Token: []byte{0, 1, 255}, Refresh: []byte{2, 0}, Expires: h.now.Add(12 * time.Hour).UTC(), By: "slack:T2/ana", Renewing: h.now.UTC(), At: h.now.UTC()})
		all, err := h.store.Installations(h.ctx(), "slack")
		h.ok(err)
		h.wants("Slack's", all, []core.Installed{b, a})
		all, err = h.store.Installations(h.ctx(), "")
		h.ok(err)
		h.wants("all", all, []core.Installed{c, b, a})
		h.ok(h.store.DropInstallation(h.ctx(), b.Installation))
		h.ok(h.store.DropInstallation(h.ctx(), b.Installation))
		all, err = h.store.Installations(h.ctx(), "")
		h.ok(err)
		h.wants("without T1", all, []core.Installed{c, a})
	}),

	it("a change of an installation that fails keeps nothing, and none changes whose it is", func(h *house) {
		before := h.installed(slack)
		wrong := errors.New("wrong")
		_, err := h.store.UpdateInstallation(h.ctx(), slack, func(i *core.Installed) error {
			i.Name = "Another"
			return wrong
		})
		h.fails("the change", err, wrong)
		got, err := h.store.InstallationOf(h.ctx(), slack)
		h.ok(err)
		h.wants("as before", got, before)
		got, err = h.store.UpdateInstallation(h.ctx(), slack, func(i *core.Installed) error {
			i.Workspace = "T9"
			return nil
		})
		h.ok(err)
		h.wants("its workspace", got.Installation, slack)
	}),

	it("what was granted is forgotten at once when the app is removed, and the rest after its days", func(h *house) {
		h.channel("ml")
		h.installed(slack)
		other := h.installed(core.Installation{Platform: "slack", Workspace: "T2"})
		h.leaves(slack)
		first := h.now
		h.passes(day)
		h.leaves(slack)
		got, err := h.store.InstallationOf(h.ctx(), slack)
		h.ok(err)
		h.wants("granted", []any{len(got.Token), len(got.Refresh), got.Expires}, []any{0, 0, time.Time{}})
		h.wants("gone since", got.Gone, first.UTC())
		h.returns(slack)
		got, err = h.store.InstallationOf(h.ctx(), slack)
		h.ok(err)
		h.wants("back", []any{got.Gone, got.Name}, []any{time.Time{}, "Vision Lab"})
		h.leaves(slack)
		h.ok(h.store.Forget(h.ctx(), h.now.Add(time.Millisecond)))
		_, err = h.store.InstallationOf(h.ctx(), slack)
		h.fails("forgotten", err, core.ErrNotFound)
		got, err = h.store.InstallationOf(h.ctx(), other.Installation)
		h.ok(err)
		h.wants("the other workspace's", got, other)
	}),

	it("who installed the app is forgotten with the person; the installation stays", func(h *house) {
		was := h.installed(slack)
		h.forgets("slack:T1/ana")
		was.By = ""
		got, err := h.store.InstallationOf(h.ctx(), slack)
		h.ok(err)
		h.wants("without who installed it", got, was)
		if slices.Contains(h.store.Everything(h), "slack:T1/ana") {
			h.Error("who installed it is kept")
		}
	}),
}
