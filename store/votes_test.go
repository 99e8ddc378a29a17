package store

import (
	"fmt"
	"path/filepath"
	"testing"

	"paperboy/core"
)

func BenchmarkPutReaction(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "paperboy.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c, err := s.EnsureChannel(b.Context(), core.Channel{Key: core.ChannelKey{Platform: "discord", ID: "1"}, Settings: core.DefaultSettings()})
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		r := core.Reaction{Message: "m1", User: core.User{Key: fmt.Sprint("discord:", n/2)}, Emoji: "👍", Added: n%2 == 0, Order: int64(n), At: monday}
		if _, err := s.PutReaction(b.Context(), c.ID, "2509.00001", core.Up, r); err != nil {
			b.Fatal(err)
		}
	}
}
