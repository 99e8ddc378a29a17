package feed_test

import (
	"fmt"
	"strings"
	"testing"
)

// longFeed is a feed of n entries, as long as DBLP's are.
func longFeed(n int) []string {
	entries := make([]string, 0, n)
	for i := range n {
		e := an(fmt.Sprintf("Entry %d on attention and memory", i), fmt.Sprintf("e%d", i), fmt.Sprintf("https://lab.example/p/%d", i))
		entries = append(entries, strings.Replace(e, "</item>", "<dc:creator>Jane Doe, Wei Wang</dc:creator><description>We study how models learn from data, and show that a simple method does well.</description></item>", 1))
	}
	return entries
}

// A feed of 60,000 entries: the first time, unchanged, and with one entry more.
func BenchmarkLongFeed(b *testing.B) {
	entries := longFeed(60_000)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			feeds(b, "lab").sends("lab", entries...)
		}
	})
	s := feeds(b, "lab")
	s.etag = true
	s.sends("lab", entries...)
	b.Run("unchanged", func(b *testing.B) {
		for b.Loop() {
			s.polls()
		}
	})
	b.Run("one more", func(b *testing.B) {
		i := 0
		for b.Loop() {
			i++
			s.sends("lab", append(entries, an("One more", fmt.Sprintf("more %d", i), fmt.Sprintf("https://lab.example/more/%d", i)))...)
		}
	})
}
