package store

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"paperboy/core"
)

// What is deleted is not left in the file either, where no page has it any more.
func TestWhatIsDeletedIsNotInTheFileAnyMore(t *testing.T) {
	h := newHouse(t)
	in := core.Installation{Platform: "slack", Workspace: "ZYQUWS"}
	for i := range 300 {
		ch, err := h.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: in.Platform, Workspace: in.Workspace, ID: fmt.Sprint("zyqu", i)},
			Name: fmt.Sprint("#zyqu", i), SetUpBy: "Zyqu", Owner: "slack:ZYQUWS/zyqu", Settings: core.DefaultSettings()})
		h.ok(err)
		_, err = h.AddTopic(t.Context(), ch.ID, query(t, fmt.Sprint("zyqu", i)), core.User{Name: "Zyqu", Key: fmt.Sprint("slack:ZYQUWS/zyqu", i)}, h.now)
		h.ok(err)
		h.plans(ch, "2509.00001")
		_, err = h.PutReaction(t.Context(), ch.ID, "2509.00001", core.Up, core.Reaction{Message: "zyqu", User: core.User{Key: fmt.Sprint("slack:ZYQUWS/zyqu", i)}, Emoji: "👍", Added: true, At: h.now})
		h.ok(err)
		h.ok(h.Remember(t.Context(), fmt.Sprint("slack:ZYQUWS/zyqu", i), "search zyqu", h.now))
		h.ok(h.ForgetUser(t.Context(), fmt.Sprint("slack:ZYQUWS/zyqu", i/2), h.now))
	}
	found := func() (n int) {
		for _, file := range []string{h.path, h.path + "-wal"} {
			data, err := os.ReadFile(file)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			n += bytes.Count(bytes.ToLower(data), []byte("zyqu"))
		}
		return n
	}
	if found() == 0 {
		t.Fatal("it never was there")
	}
	h.ok(h.DeleteWorkspace(t.Context(), in))
	h.ok(h.Close())
	if n := found(); n != 0 {
		t.Errorf("it stands there %d times", n)
	}
}
