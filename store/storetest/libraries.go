package storetest

import (
	"slices"
	"strings"

	"paperboy/core"
)

// shelf gives somebody a library that follows a channel.
func (h *house) shelf(owner string, of core.Channel, secret string) core.Library {
	h.Helper()
	ch := h.meets(core.Channel{Key: core.ChannelKey{Platform: "zotero", ID: secret + "'s"}, Owner: owner, Follows: of.ID})
	l := core.Library{Channel: ch.ID, What: core.ShelvePosts, Least: 2, Path: "groups/7", Name: "Lab", Collection: "ABCD2345", Secret: secret, At: h.now.UTC()}
	h.ok(h.store.SetLibrary(h.ctx(), l))
	return l
}

var libraries = []story{
	it("a library is its channel's, and what is set takes the place of what was", func(h *house) {
		ml := h.channel("ml")
		_, err := h.store.Library(h.ctx(), ml.ID)
		h.fails("a channel is no library", err, core.ErrNotFound)
		a, b := h.shelf("slack:T1/ana", ml, "key-a"), h.shelf("slack:T1/ben", ml, "key-b")
		b.What, b.Least, b.Path, b.Name, b.Collection, b.Secret = core.ShelveSaves, 0, "users/9", "ben", "", "key-c"
		h.ok(h.store.SetLibrary(h.ctx(), b))
		all, err := h.store.Again(h).Libraries(h.ctx())
		h.ok(err)
		h.wants("all", all, []core.Library{a, b})
		got, err := h.store.Library(h.ctx(), b.Channel)
		h.ok(err)
		h.wants("one", got, b)
	}),

	it("a library's key takes another form only where it is still as it was read", func(h *house) {
		ml := h.channel("ml")
		a, b := h.shelf("slack:T1/ana", ml, "key-a"), h.shelf("slack:T1/ben", ml, "key-b")
		h.ok(h.store.ReplaceSecret(h.ctx(), a.Channel, "key-a", "sealed-a"))
		h.ok(h.store.ReplaceSecret(h.ctx(), b.Channel, "key-of-before", "sealed-b"))
		a.Secret = "sealed-a"
		all, err := h.store.Libraries(h.ctx())
		h.ok(err)
		h.wants("all", all, []core.Library{a, b})
	}),

	it("a library and its key go with who asked for it, and with the channel that it follows", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.shelf("slack:T1/ana", ml, "key-a")
		h.shelf("slack:T1/ben", cv, "key-b")
		ben := h.shelf("slack:T1/ben", ml, "key-c")
		h.ok(h.store.ForgetUser(h.ctx(), "slack:T1/ana", h.now))
		h.ok(h.store.DropChannel(h.ctx(), cv.ID))
		all, err := h.store.Libraries(h.ctx())
		h.ok(err)
		h.wants("left", all, []core.Library{ben})
		for _, gone := range []string{"key-a", "key-b"} {
			h.wants(gone+" is kept", slices.ContainsFunc(h.store.Everything(h), func(v string) bool { return strings.Contains(v, gone) }), false)
		}
	}),
}
