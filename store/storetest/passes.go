package storetest

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"paperboy/core"
)

// signsIn keeps a pass of ana's for an hour.
func (h *house) signsIn(purpose core.Purpose, secret string) core.Pass {
	h.Helper()
	p := core.Pass{Purpose: purpose, Secret: secret, User: core.User{Key: "slack:T1/ana", Name: "ana"}, Until: h.now.UTC().Add(time.Hour)}
	h.ok(h.store.PutPass(h.ctx(), p, h.now))
	return p
}

var passes = []story{
	it("a pass says who somebody is until it ends, for its purpose alone, and its secret is not kept", func(h *house) {
		made := h.signsIn(core.PassSession, "SECRET")
		got, err := h.store.Pass(h.ctx(), core.PassSession, "SECRET", h.now.Add(59*time.Minute))
		h.ok(err)
		h.wants("the session", got, made)
		_, err = h.store.Pass(h.ctx(), core.PassEntry, "SECRET", h.now)
		h.fails("as an entry", err, core.ErrNotFound)
		_, err = h.store.Pass(h.ctx(), core.PassSession, "secret", h.now)
		h.fails("another secret", err, core.ErrNotFound)
		_, err = h.store.Pass(h.ctx(), core.PassSession, "SECRET", h.now.Add(time.Hour))
		h.fails("an hour later", err, core.ErrNotFound)
		for _, value := range h.store.Everything(h) {
			if strings.HasSuffix(value, "SECRET") {
				h.Error("the secret stands in the store")
			}
		}
	}),

	it("a pass is taken once, whoever asks at the same moment", func(h *house) {
		h.signsIn(core.PassEntry, "SECRET")
		_, err := h.store.EndPass(h.ctx(), core.PassSession, "SECRET", h.now)
		h.fails("as a session", err, core.ErrNotFound)
		other := h.store.Again(h)
		var took atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				s := core.Store(h.store)
				if i%2 == 0 {
					s = other
				}
				if p, err := s.EndPass(h.ctx(), core.PassEntry, "SECRET", h.now); err == nil && p.User.Name == "ana" {
					took.Add(1)
				}
			})
		}
		wg.Wait()
		h.wants("times that it was taken", took.Load(), int32(1))
		h.signsIn(core.PassEntry, "LATE")
		_, err = h.store.EndPass(h.ctx(), core.PassEntry, "LATE", h.now.Add(time.Hour))
		h.fails("after it ended", err, core.ErrNotFound)
	}),

	it("a subject of an issuer is whom it was said to be last", func(h *house) {
		_, err := h.store.PersonOf(h.ctx(), "https://id.example", "7")
		h.fails("before", err, core.ErrNotFound)
		ana, ben := core.User{Key: "slack:T1/ana", Name: "ana"}, core.User{Key: "discord:8", Name: "ben"}
		h.ok(h.store.SetPersonOf(h.ctx(), "https://id.example", "7", ben))
		h.ok(h.store.SetPersonOf(h.ctx(), "https://id.example", "7", ana))
		h.ok(h.store.SetPersonOf(h.ctx(), "https://other.example", "7", ben))
		got, err := h.store.PersonOf(h.ctx(), "https://id.example", "7")
		h.ok(err)
		h.wants("the subject", got, ana)
	}),

	it("who is forgotten is signed in nowhere, and no subject's person", func(h *house) {
		p := h.signsIn(core.PassSession, "SECRET")
		h.ok(h.store.SetPersonOf(h.ctx(), "https://id.example", "7", p.User))
		h.ok(h.store.ForgetUser(h.ctx(), p.User.Key, h.now))
		_, err := h.store.Pass(h.ctx(), core.PassSession, "SECRET", h.now)
		h.fails("the session", err, core.ErrNotFound)
		_, err = h.store.PersonOf(h.ctx(), "https://id.example", "7")
		h.fails("the subject", err, core.ErrNotFound)
	}),
}
