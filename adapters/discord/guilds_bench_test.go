package discord

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// BenchmarkServers says how much memory the servers take that a process hears: with
// 30 channels and 15 roles each, a third of the channels with overwrites.
//
//	go test -tags sqlite_fts5 -bench Servers -benchtime 1x -run - ./adapters/discord
func BenchmarkServers(b *testing.B) {
	for _, servers := range []int{2_500, 20_000} {
		b.Run(fmt.Sprint(servers), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				var gc guildCache
				for i := range servers {
					var g guild // as an event is read
					if err := json.Unmarshal(someServer(i), &g); err != nil {
						b.Fatal(err)
					}
					gc.has(g, "1", time.Time{})
				}
				took := heap() - before
				b.ReportMetric(float64(took)/(1<<20), "MB")
				b.ReportMetric(float64(took)/float64(servers)/1024, "kB/server")
				runtime.KeepAlive(&gc)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func someServer(i int) []byte {
	id := func(n int) string { return fmt.Sprint(int64(i+1)<<32 + int64(n)) }
	roles, channels := []any{}, []any{}
	for r := range 15 {
		roles = append(roles, map[string]any{"id": id(r), "name": fmt.Sprint("role ", r), "permissions": "1071698660929", "color": 0, "position": r})
	}
	for c := range 30 {
		over := []any{}
		if c%3 == 0 {
			over = []any{map[string]any{"id": id(0), "type": 0, "allow": "0", "deny": "1024"}, map[string]any{"id": id(1), "type": 0, "allow": "1024", "deny": "0"}}
		}
		channels = append(channels, map[string]any{"id": id(100 + c), "type": 0, "name": fmt.Sprint("channel-", c), "parent_id": id(99), "permission_overwrites": over, "topic": "what is said here"})
	}
	raw, _ := json.Marshal(map[string]any{"id": id(0), "name": fmt.Sprint("server ", i), "owner_id": id(50), "roles": roles, "channels": channels,
		"members": []any{map[string]any{"user": map[string]any{"id": "1"}, "roles": []string{id(1)}}}})
	return raw
}
