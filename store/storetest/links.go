package storetest

import (
	"time"

	"paperboy/core"
)

// linked gives a channel a link, which ana made.
func (h *house) linked(c core.Channel, purpose core.Purpose, secret string) core.Link {
	h.Helper()
	l := core.Link{Channel: c.ID, Purpose: purpose, Secret: secret, By: "ana", ByKey: "slack:T1/ana", At: h.now.UTC()}
	h.ok(h.store.SetLink(h.ctx(), l))
	return l
}

// opens checks what a secret opens: a channel, or nothing.
func (h *house) opens(what string, purpose core.Purpose, secret string, want ...core.Channel) {
	h.Helper()
	l, c, err := h.store.LinkBySecret(h.ctx(), purpose, secret)
	if len(want) == 0 {
		h.fails(what, err, core.ErrNotFound)
		h.wants(what, []any{l, c.ID}, []any{core.Link{}, int64(0)})
		return
	}
	h.ok(err)
	h.wants(what, []any{l.Channel, l.Secret, c}, []any{want[0].ID, secret, want[0]})
}

var links = []story{
	it("a channel's link is found by its secret, with its channel, for its purpose alone", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		_, err := h.store.Link(h.ctx(), ml.ID, core.LinkRead)
		h.fails("before it is made", err, core.ErrNotFound)
		made := h.linked(ml, core.LinkRead, "S1")
		h.linked(ml, core.LinkAssistant, "S2")
		h.linked(cv, core.LinkRead, "S3")
		got, err := h.store.Link(h.ctx(), ml.ID, core.LinkRead)
		h.ok(err)
		h.wants("as made", got, made)
		h.opens("#ml's page", core.LinkRead, "S1", ml)
		h.opens("#ml's assistant", core.LinkAssistant, "S2", ml)
		h.opens("#cv's page", core.LinkRead, "S3", cv)
		h.opens("an assistant's secret at a page", core.LinkRead, "S2")
		h.opens("a page's secret at an assistant's door", core.LinkAssistant, "S1")
		for _, secret := range []string{"", "s1", "S", "S1 ", "%"} {
			h.opens("another secret", core.LinkRead, secret)
		}
	}),

	it("a new link takes the old one's place, and one that is removed opens nothing, in other processes either", func(h *house) {
		ml := h.channel("ml")
		h.linked(ml, core.LinkRead, "S1")
		h.linked(ml, core.LinkAssistant, "S2")
		other := h.store.Again(h)
		h.linked(ml, core.LinkRead, "S3")
		_, _, err := other.LinkBySecret(h.ctx(), core.LinkRead, "S1")
		h.fails("the old one", err, core.ErrNotFound)
		h.opens("the new one", core.LinkRead, "S3", ml)
		h.ok(h.store.RemoveLink(h.ctx(), ml.ID, core.LinkRead))
		_, _, err = other.LinkBySecret(h.ctx(), core.LinkRead, "S3")
		h.fails("removed", err, core.ErrNotFound)
		h.fails("removed again", h.store.RemoveLink(h.ctx(), ml.ID, core.LinkRead), core.ErrNotFound)
		h.opens("that of another purpose", core.LinkAssistant, "S2", ml)
	}),

	it("a link opens nothing while its channel is gone, and is forgotten with it", func(h *house) {
		ml := h.channel("ml")
		h.linked(ml, core.LinkRead, "S1")
		h.leaves(slack)
		h.opens("of a workspace that left", core.LinkRead, "S1")
		h.returns(slack)
		h.opens("of one that is back", core.LinkRead, "S1", ml)
		h.leaves(slack)
		h.ok(h.store.Forget(h.ctx(), h.now.Add(time.Millisecond)))
		for _, value := range h.store.Everything(h) {
			if value == "S1" {
				h.Error("the secret of a forgotten channel is kept")
			}
		}
	}),

	it("who made a link is forgotten with the person; the link stays", func(h *house) {
		ml := h.channel("ml")
		l := h.linked(ml, core.LinkRead, "S1")
		h.forgets("slack:T1/ben")
		got, err := h.store.Link(h.ctx(), ml.ID, core.LinkRead)
		h.ok(err)
		h.wants("when another goes", got, l)
		h.forgets("slack:T1/ana")
		l.By, l.ByKey = "", ""
		got, err = h.store.Link(h.ctx(), ml.ID, core.LinkRead)
		h.ok(err)
		h.wants("without its maker", got, l)
	}),
}
