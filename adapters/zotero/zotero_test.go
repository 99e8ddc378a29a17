package zotero_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/adapters/kit"
	"paperboy/adapters/zotero"
	"paperboy/core"
	"paperboy/core/topic"
	"paperboy/internal/fakezotero"
	"paperboy/internal/testkit"
	"paperboy/store"
)

const key = "P9NiFoyLeZu2bZNvvuQPDWsd"

// With [store] key a library's key stands in no database; it opens for its own library
// alone, and not with another key of ours: then that library waits and says why.
func TestAKeyIsKeptSealed(t *testing.T) {
	d := newDesk(t)
	keys := func(text string) *kit.Keys {
		k, err := kit.NewKeys(strings.Repeat(text, 32))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	plain, err := d.z.Library(t.Context(), key, "", "")
	if err != nil || plain.Secret != key {
		t.Fatalf("without a key of ours: %+v %v", plain, err)
	}
	d.z.Keys = keys("a")
	l, err := d.z.Library(t.Context(), key, "", "To read")
	if err != nil || strings.Contains(l.Secret, key) {
		t.Fatalf("%+v %v", l, err)
	}
	shelf := d.channel(core.Channel{Key: core.ChannelKey{Platform: zotero.Name, ID: "x"}, Follows: d.of.ID})
	mine := post(shelf, "feed:1")
	keep := func(l core.Library) {
		l.Channel = shelf.ID
		if err := d.store.SetLibrary(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	keep(l)
	if _, err := d.z.Post(t.Context(), mine); err != nil {
		t.Error(err)
	}
	d.z.Keys = keys("b")
	if _, err := d.z.Post(t.Context(), mine); !core.Is[*core.Refused](err) || !strings.Contains(err.Error(), "cannot be opened") {
		t.Error("by another key:", err)
	}
	// Both keys, the new one first, for one start: then the old one is not needed any more.
	restart := func(z *kit.Keys) {
		d.z.Keys = z
		if err := d.z.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	both, err := kit.NewKeys(strings.Repeat("b", 32) + "," + strings.Repeat("a", 32))
	if err != nil {
		t.Fatal(err)
	}
	restart(keys("b"))
	restart(both)
	restart(keys("b"))
	if _, err := d.z.Post(t.Context(), mine); err != nil {
		t.Error("when the key was replaced:", err)
	}
	// What was given while there was no key is sealed by the first start with one.
	keep(core.Library{What: core.ShelvePosts, Path: l.Path, Secret: key})
	restart(keys("a"))
	if kept, err := d.store.Library(t.Context(), shelf.ID); err != nil || strings.Contains(kept.Secret, key) {
		t.Errorf("%+v %v", kept, err)
	}
	if _, err := d.z.Post(t.Context(), mine); err != nil {
		t.Error("when it was sealed:", err)
	}
	l.Path = "users/13"
	keep(l)
	if _, err := d.z.Post(t.Context(), mine); err == nil || !strings.Contains(err.Error(), "cannot be opened") {
		t.Error("for another library:", err)
	}
}

// A desk has a library of Zotero's, and papers to put into it.
type desk struct {
	*testing.T
	server *fakezotero.Server
	store  *store.Store
	z      *zotero.Zotero
	of     core.Channel
	now    time.Time
}

func newDesk(t *testing.T) *desk {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d := &desk{T: t, server: fakezotero.New(t), store: s, now: testkit.At("2025-11-24 12:00")}
	d.server.SetKey(key, fakezotero.Key{User: 12, Name: "ana", Write: true, Groups: map[int]bool{7: true, 8: false}})
	d.server.SetGroup(7, "Vision lab")
	d.server.SetGroup(8, "Others")
	d.server.SetCollection("users/12", "ABCD2345", "To read")
	d.z = zotero.New(zotero.Options{Store: s, URL: d.server.URL, Now: func() time.Time { return d.now }})
	d.of = d.channel(core.Channel{Key: core.ChannelKey{Platform: "web", ID: "ml"}, Name: "#ml"})
	for _, p := range []core.Paper{
		{ID: "2511.00001", Title: "LoRA & <b>friends</b>", Abstract: "What was done.", Authors: []string{"Edward J. van der Berg Jr.", "Meta AI"}, Categories: []string{"cs.CL", "cs.LG"}, Published: "2025-11-21"},
		{ID: "feed:1", Title: "Elsewhere", Link: "https://lab.example/1", DOI: "10.1000/1", Authors: []string{"Jane Doe"}},
	} {
		if _, err := s.PutPapers(t.Context(), []core.Seen{{Paper: p, Sighting: core.Sighting{Source: "hf", Day: "2025-11-24"}}}, false, d.now); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *desk) channel(c core.Channel) core.Channel {
	d.Helper()
	c.Settings, c.Created = core.DefaultSettings(), d.now
	ch, err := d.store.EnsureChannel(d.Context(), c)
	if err != nil {
		d.Fatal(err)
	}
	return ch
}

// library sets one up, as a person would.
func (d *desk) library(name, group, collection string) core.Channel {
	d.Helper()
	l, err := d.z.Library(d.Context(), key, group, collection)
	if err != nil {
		d.Fatal(err)
	}
	ch := d.channel(core.Channel{Key: core.ChannelKey{Platform: zotero.Name, ID: name}, Owner: "web:ana", Follows: d.of.ID})
	l.Channel, l.What, l.At = ch.ID, core.ShelveSaves, d.now
	if err := d.store.SetLibrary(d.Context(), l); err != nil {
		d.Fatal(err)
	}
	return ch
}

func post(ch core.Channel, id core.PaperID) core.Post {
	return core.Post{Key: fmt.Sprintf("%d/%s", ch.ID, id), Channel: ch.Key, Card: core.Card{Papers: []core.View{{ID: id}}}}
}

// sends sends a paper and says what came of it.
func (d *desk) sends(ch core.Channel, id core.PaperID) string {
	d.Helper()
	_, err := d.z.Post(d.Context(), post(ch, id))
	return d.outcome(err)
}

func (d *desk) outcome(err error) string {
	d.Helper()
	if err != nil && (strings.Contains(err.Error(), key) || strings.Contains(err.Error(), d.server.URL)) {
		d.Errorf("an error has the key or the address: %v", err)
	}
	if e, ok := errors.AsType[*core.Retry](err); ok {
		return "retry " + e.After.String()
	}
	if e, ok := errors.AsType[*core.Refused](err); ok {
		return fmt.Sprintf("refused %v: %s", e.Message, e.Reason)
	}
	switch {
	case err == nil:
		return "done"
	case core.Is[*core.Gone](err):
		return "gone"
	}
	return "unknown"
}

func (d *desk) wants(what string, got, want any) {
	d.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		d.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func TestAPaperBecomesAnItem(t *testing.T) {
	d := newDesk(t)
	ch := d.library("ana", "", " to READ ")
	lora, err := topic.Parse("lora")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.PlanDigests(t.Context(), []core.Plan{{Digest: core.Digest{Channel: ch.ID, Kind: core.Shelving, Due: d.now},
		Items: []core.Delivery{{Item: "2511.00001", Position: 1, Place: core.InChannel, State: core.Planned, Matched: []core.Matched{{Topic: lora.String()}}}}}}); err != nil {
		t.Fatal(err)
	}
	d.wants("sent", d.sends(ch, "2511.00001"), "done")
	d.wants("sent", d.sends(ch, "feed:1"), "done")
	d.wants("the library", d.server.Items("users/12"), map[string]map[string]any{
		zotero.Key("users/12", "2511.00001"): {
			"key": zotero.Key("users/12", "2511.00001"), "version": 1, "itemType": "preprint", "title": "LoRA & <b>friends</b>", "abstractNote": "What was done.",
			"creators":   []any{map[string]any{"creatorType": "author", "firstName": "Edward J., Jr.", "lastName": "van der Berg"}, map[string]any{"creatorType": "author", "name": "Meta AI"}},
			"repository": "arXiv", "archiveID": "arXiv:2511.00001", "extra": "arXiv:2511.00001 [cs]", "date": "2025-11-21", "DOI": "10.48550/arXiv.2511.00001",
			"url": "https://arxiv.org/abs/2511.00001", "tags": []any{map[string]any{"tag": "lora", "type": 1.0}}, "collections": []any{"ABCD2345"},
		},
		zotero.Key("users/12", "feed:1"): {
			"key": zotero.Key("users/12", "feed:1"), "version": 2, "itemType": "preprint", "title": "Elsewhere", "abstractNote": "",
			"creators":   []any{map[string]any{"creatorType": "author", "firstName": "Jane", "lastName": "Doe"}},
			"repository": "", "archiveID": "", "extra": "", "date": "", "DOI": "10.1000/1",
			"url": "https://lab.example/1", "tags": []any{}, "collections": []any{"ABCD2345"},
		},
	})
}

func TestAPaperIsInALibraryOnce(t *testing.T) {
	d := newDesk(t)
	ours, theirs := d.library("ml", "7", ""), d.library("cv", "https://www.zotero.org/groups/7/vision_lab", "")
	for _, ch := range []core.Channel{ours, ours, theirs} {
		d.wants("sent", d.sends(ch, "2511.00001"), "done")
	}
	it := d.server.Items("groups/7")
	d.wants("how many, and of which version", []any{len(it), it[zotero.Key("groups/7", "2511.00001")]["version"]}, []any{1, 1})
}

func TestWhatALostAnswerMeantIsLookedUp(t *testing.T) {
	d := newDesk(t)
	ch := d.library("ana", "", "")
	for _, fault := range []string{"lost", "500", "502", "503"} {
		d.server.Fails(fault)
		d.wants(fault, d.sends(ch, "2511.00001"), "unknown")
		_, found, err := d.z.Find(t.Context(), post(ch, "2511.00001"))
		d.wants("found after "+fault, []any{found, err}, []any{true, nil})
	}
	d.server.Fails("500")
	d.wants("another", d.sends(ch, "feed:1"), "unknown")
	_, found, err := d.z.Find(t.Context(), post(ch, "feed:1"))
	d.wants("not there", []any{found, err}, []any{false, nil})
	d.server.Fails("500")
	_, _, err = d.z.Find(t.Context(), post(ch, "feed:1"))
	d.wants("a look without an answer", d.outcome(err), "retry 1m0s")
}

func TestZoterosPaceIsKeptForItsLibrary(t *testing.T) {
	d := newDesk(t)
	ana, lab := d.library("ana", "", ""), d.library("lab", "7", "")
	asked := len(d.server.Asked())
	d.server.Fails("429 7")
	d.wants("too many", d.sends(ana, "2511.00001"), "retry 7s")
	d.now = d.now.Add(2 * time.Second)
	d.wants("too soon", d.sends(ana, "2511.00001"), "retry 5s")
	d.wants("asked", len(d.server.Asked())-asked, 1)
	d.wants("another library", d.sends(lab, "2511.00001"), "done")
	d.now = d.now.Add(5 * time.Second)
	d.server.Fails("backoff 30")
	d.wants("with a wish to go slower", d.sends(ana, "2511.00001"), "done")
	d.wants("slower", d.sends(ana, "feed:1"), "retry 30s")
	d.now = d.now.Add(30 * time.Second)
	d.server.Fails("503 9")
	d.wants("not now", d.sends(ana, "feed:1"), "retry 9s")
	d.now = d.now.Add(9 * time.Second)
	d.server.Fails("429 999999")
	d.wants("however long it says", d.sends(ana, "feed:1"), "retry 1h0m0s")
	d.now = d.now.Add(-48 * time.Hour)
	d.wants("when the clock was set back", d.sends(ana, "feed:1"), "done")
}

func TestAKeyThatLostItsRightStopsItsLibraryAlone(t *testing.T) {
	d := newDesk(t)
	ana, lab := d.library("ana", "", ""), d.library("lab", "7", "")
	d.server.SetKey(key, fakezotero.Key{User: 12, Write: false, Groups: map[int]bool{7: true}})
	const why = "refused false: Zotero does not let its key write there any more; set it up anew with a new key"
	d.wants("her own", d.sends(ana, "2511.00001"), why)
	d.wants("the group's", d.sends(lab, "2511.00001"), "done")
	d.server.RemoveKey(key)
	d.wants("without a key", d.sends(lab, "feed:1"), why)
}

func TestWhatZoteroDoesNotTake(t *testing.T) {
	d := newDesk(t)
	ch := d.library("ana", "", "To read")
	for fault, want := range map[string]string{
		"400": "refused true: Zotero does not take it (400)", "413": "refused true: Zotero does not take it (413)",
		"428": "refused true: Zotero does not take it (428)", "409": "retry 1m0s",
	} {
		d.server.Fails(fault)
		d.wants(fault, d.sends(ch, "2511.00001"), want)
	}
	d.server.SetCollection("users/12", "ABCD2345", "")
	d.wants("its collection gone", d.sends(ch, "2511.00001"), "refused false: its collection is not there any more; set it up anew")
	if err := d.store.DropChannel(t.Context(), ch.ID); err != nil {
		t.Fatal(err)
	}
	d.wants("off", d.sends(ch, "2511.00001"), "gone")
	nobody := zotero.New(zotero.Options{Store: d.store, Now: func() time.Time { return d.now }, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("no route")}
	}})
	_, err := nobody.Post(t.Context(), post(d.library("ana", "", ""), "2511.00001"))
	d.wants("nobody there", d.outcome(err), "retry 1m0s")
}

func TestAKeyIsCheckedBeforeItIsKept(t *testing.T) {
	d := newDesk(t)
	d.server.SetKey("reads", fakezotero.Key{User: 13, Name: "ben"})
	for _, c := range []struct{ key, group, collection, want string }{
		{key, "", "", "users/12 ana "},
		{key, "7", "", "groups/7 Vision lab "},
		{key, "https://www.zotero.org/groups/7/vision_lab/library", "", "groups/7 Vision lab "},
		{key, "", "To Read", "users/12 ana ABCD2345"},
		{key, "8", "", "E-KEY"},
		{key, "9", "", "E-KEY"},
		{key, "our lab", "", "E-PARSE"},
		{key, "https://evil.example/groups/7", "", "E-PARSE"},
		{key, "", "Elsewhere", "E-NOTFOUND"},
		{"reads", "", "", "E-KEY"},
		{"nobody's", "", "", "E-KEY"},
		{"two words", "", "", "E-KEY"},
		{"", "", "", "E-KEY"},
	} {
		l, err := d.z.Library(t.Context(), c.key, c.group, c.collection)
		got := l.Path + " " + l.Name + " " + l.Collection
		if e, ok := errors.AsType[*core.UserError](err); ok {
			got = e.Code
			if strings.Contains(e.Error(), c.key) && c.key != "" {
				t.Errorf("the answer shows the key: %s", e)
			}
		}
		d.wants(fmt.Sprint(c), got, c.want)
	}
	d.server.Fails("500")
	_, err := d.z.Library(t.Context(), key, "", "")
	if e, ok := errors.AsType[*core.UserError](err); !ok || e.Code != "E-LATER" {
		t.Errorf("without an answer: %v", err)
	}
}

func TestAKeyIsOneOfZoteros(t *testing.T) {
	form := regexp.MustCompile(`^[23456789ABCDEFGHIJKLMNPQRSTUVWXYZ]{8}$`)
	rapid.Check(t, func(t *rapid.T) {
		id := core.PaperID(rapid.String().Draw(t, "id"))
		k := zotero.Key("users/1", id)
		if !form.MatchString(k) || k != zotero.Key("users/1", id) {
			t.Errorf("%q", k)
		}
	})
}
