package subscription_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/subscription"
	"paperboy/core/topic"
	"paperboy/internal/testkit"
	"paperboy/store"
)

// desk is #ml and the subscriptions to it. It is Monday, 24 November 2025, noon.
type desk struct {
	*testing.T
	now  time.Time
	db   *store.Store
	subs *subscription.Subscriptions
	ml   core.Channel
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, now: testkit.At("2025-11-24 12:00")}
	var err error
	if d.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "paperboy.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.db.Close() })
	d.subs = subscription.New(subscription.Options{Store: d.db, Connections: core.NewConnections(nil), Platform: "mail", PublicURL: "https://papers.example.org", Now: func() time.Time { return d.now }})
	d.ml = d.must(d.db.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "web", ID: "ml"}, Name: "#ml", Settings: core.DefaultSettings()}))
	return d
}

func (d *desk) must(ch core.Channel, err error) core.Channel {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
	return ch
}

var daily = core.Schedule{Time: "09:00", Zone: "Europe/Berlin", Days: core.Daily}

// asks is ana, or whoever, asking for #ml at an address.
func (d *desk) asks(address string, at core.Schedule, own ...topic.Topic) {
	d.Helper()
	if err := d.subs.Subscribe(d.Context(), d.ml, core.User{Key: "web:ana", Name: "ana"}, address, at, own...); err != nil {
		d.Fatal(err)
	}
}

// mailed are the subscriptions, and each with its messages.
func (d *desk) mailed() (chs []core.Channel, messages int) {
	d.Helper()
	all, err := d.db.Channels(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	for _, ch := range all {
		if ch.Key.Platform != "mail" {
			continue
		}
		ds, err := d.db.DeliveriesOf(d.Context(), ch.ID, time.Time{})
		if err != nil {
			d.Fatal(err)
		}
		chs, messages = append(chs, ch), messages+len(ds)
	}
	return chs, messages
}

// link is the token of the newest confirmation.
func (d *desk) link() string {
	d.Helper()
	chs, _ := d.mailed()
	ds, err := d.db.DeliveriesOf(d.Context(), chs[0].ID, time.Time{})
	if err != nil || len(ds) == 0 {
		d.Fatal("no confirmation", err)
	}
	digest, err := d.db.Digest(d.Context(), ds[len(ds)-1].Digest)
	if err != nil {
		d.Fatal(err)
	}
	_, token, _ := strings.Cut(digest.Header.Buttons[0].URL, "?t=")
	return token
}

// Topics of one's own are those of the link that was pressed last, and before it is
// pressed nobody's.
func TestOnesOwnTopicsAreThoseOfTheLink(t *testing.T) {
	d := newDesk(t)
	follows := func() (texts []string) {
		chs, _ := d.mailed()
		topics, err := d.db.Topics(t.Context(), chs[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, tp := range topics {
			texts = append(texts, tp.Topic.String())
		}
		return texts
	}
	for _, c := range []struct{ asked, want []string }{{[]string{"lora", "diffusion"}, []string{"lora", "diffusion"}}, {[]string{"diffusion", "agent"}, []string{"diffusion", "agent"}}, {nil, nil}} {
		var own []topic.Topic
		for _, a := range c.asked {
			tp, err := topic.Parse(a)
			if err != nil {
				t.Fatal(err)
			}
			own = append(own, tp)
		}
		d.now = d.now.Add(25 * time.Hour)
		before := []string(nil)
		if chs, _ := d.mailed(); len(chs) > 0 {
			before = follows()
		}
		d.asks("ana@example.net", daily, own...)
		if got := follows(); !slices.Equal(got, before) {
			t.Errorf("before the link is pressed it follows %q", got)
		}
		asked, err := d.subs.Confirm(t.Context(), d.link())
		if err != nil || !slices.Equal(asked.Topics, c.want) {
			t.Error(asked, err)
		}
		if got := follows(); !slices.Equal(got, c.want) {
			t.Errorf("it follows %q, want %q", got, c.want)
		}
	}
}

func TestWhatNobodyConfirmedIsNeverDue(t *testing.T) {
	d := newDesk(t)
	d.asks("ana@example.net", daily)
	chs, messages := d.mailed()
	if len(chs) != 1 || messages != 1 || !chs[0].NextDue().IsZero() {
		t.Fatalf("%d subscriptions, %d messages, due %v", len(chs), messages, chs[0].NextDue())
	}
	confirmation := "7/" + string(core.HeaderItem(subscription.Confirmation, d.now))
	if _, _, err := d.subs.Goes(t.Context(), chs[0].Key, confirmation); err != nil {
		t.Error("the confirmation:", err)
	}
	post := "7/" + string(core.HeaderItem(core.DailyPost, d.now))
	if _, _, err := d.subs.Goes(t.Context(), chs[0].Key, post); !core.Is[*core.Refused](err) {
		t.Error("a post:", err)
	}
	if _, err := d.subs.Confirm(t.Context(), d.link()); err != nil {
		t.Fatal(err)
	}
	if chs, _ = d.mailed(); !chs[0].NextDue().Equal(testkit.At("2025-11-25 09:00")) {
		t.Errorf("due %v", chs[0].NextDue())
	}
	if _, of, err := d.subs.Goes(t.Context(), chs[0].Key, post); err != nil || of.ID != d.ml.ID {
		t.Error("a post:", err)
	}
}

func TestALinkHoldsFor48Hours(t *testing.T) {
	d := newDesk(t)
	d.asks("ana@example.net", daily)
	link := d.link()
	d.now = d.now.Add(subscription.ConfirmTime)
	if _, err := d.subs.Asks(t.Context(), link); err != nil {
		t.Error("after 48 hours:", err)
	}
	d.now = d.now.Add(time.Second)
	if _, err := d.subs.Confirm(t.Context(), link); !errors.As(err, new(*core.UserError)) {
		t.Error("later:", err)
	}
}

func TestWhatNobodyConfirmedIsDeletedAfter48Hours(t *testing.T) {
	d := newDesk(t)
	d.asks("ana@example.net", daily)
	d.asks("ben@example.net", daily)
	if _, err := d.subs.Confirm(t.Context(), d.link()); err != nil { // ana does
		t.Fatal(err)
	}
	for _, after := range []time.Duration{subscription.ConfirmTime - 1, 1} {
		d.now = d.now.Add(after)
		if err := d.subs.Expire(t.Context()); err != nil {
			t.Fatal(err)
		}
		chs, _ := d.mailed()
		if want := map[bool]int{true: 1, false: 2}[after == 1]; len(chs) != want || chs[0].Name != "ana@example.net" {
			t.Errorf("%d are kept, want %d", len(chs), want)
		}
	}
}

func TestAnAddressIsAskedOnceADay(t *testing.T) {
	d := newDesk(t)
	d.asks("ana@example.net", daily)
	d.now = d.now.Add(time.Minute)
	d.asks("Ana@example.NET", daily)
	d.now = d.now.Add(23 * time.Hour)
	d.asks("ana@example.net", daily)
	if chs, messages := d.mailed(); len(chs) != 1 || messages != 1 {
		t.Errorf("%d subscriptions, %d messages", len(chs), messages)
	}
	d.now = d.now.Add(2 * time.Hour)
	d.asks("ana@example.net", daily)
	if chs, messages := d.mailed(); len(chs) != 1 || messages != 2 {
		t.Errorf("%d subscriptions, %d messages", len(chs), messages)
	}
}

// Who asks for another hour changes nothing before that is confirmed.
func TestAnotherHourIsConfirmedToo(t *testing.T) {
	d := newDesk(t)
	d.asks("ana@example.net", daily)
	if _, err := d.subs.Confirm(t.Context(), d.link()); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(25 * time.Hour)
	later := daily
	later.Time = "18:00"
	d.asks("ana@example.net", later)
	if chs, _ := d.mailed(); chs[0].Schedule != daily {
		t.Errorf("it is %v before anybody said yes", chs[0].Schedule)
	}
	if _, err := d.subs.Confirm(t.Context(), d.link()); err != nil {
		t.Fatal(err)
	}
	if chs, _ := d.mailed(); chs[0].Schedule != later || len(chs) != 1 {
		t.Errorf("it is %v", chs[0].Schedule)
	}
}

func TestALinkOfOneKindIsNoOther(t *testing.T) {
	d := newDesk(t)
	d.asks("ana@example.net", daily)
	confirm := d.link()
	chs, _ := d.mailed()
	end, err := d.subs.EndLink(t.Context(), chs[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	_, end, _ = strings.Cut(end, "?t=")
	ticket, err := d.subs.Ticket(t.Context(), d.ml)
	if err != nil {
		t.Fatal(err)
	}
	other := newDesk(t) // another bot's
	foreign, err := other.subs.Ticket(t.Context(), other.ml)
	if err != nil {
		t.Fatal(err)
	}
	_, e1 := d.subs.Confirm(t.Context(), end)
	_, e2 := d.subs.Confirm(t.Context(), ticket)
	_, e3 := d.subs.Ticketed(t.Context(), confirm)
	_, e4 := d.subs.Ticketed(t.Context(), foreign)
	for i, err := range []error{e1, e2, e3, e4, d.subs.End(t.Context(), confirm), d.subs.End(t.Context(), ticket), d.subs.End(t.Context(), "")} {
		if !errors.As(err, new(*core.UserError)) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if ch, err := d.subs.Ticketed(t.Context(), ticket); err != nil || ch.ID != d.ml.ID {
		t.Error(err)
	}
	for range 2 {
		if err := d.subs.End(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	if chs, _ := d.mailed(); len(chs) != 0 {
		t.Error("it did not end")
	}
}

func TestNobodyTellsTheAddressFromItsId(t *testing.T) {
	d, other := newDesk(t), newDesk(t)
	d.asks("ana@example.net", daily)
	other.asks("ana@example.net", daily)
	mine, _ := d.mailed()
	theirs, _ := other.mailed()
	if mine[0].Key.ID == theirs[0].Key.ID || strings.Contains(mine[0].Key.ID, "ana") {
		t.Errorf("%s and %s", mine[0].Key.ID, theirs[0].Key.ID)
	}
}

func TestAMessageHasOneName(t *testing.T) {
	d, other := newDesk(t), newDesk(t)
	name := func(d *desk, post string) string {
		s, err := d.subs.MessageName(t.Context(), post)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := name(d, "1/a")
	if again := name(d, "1/a"); again != first || first == name(d, "1/b") || first == name(other, "1/a") {
		t.Error("a name is another's, or another one the next time")
	}
}
