//go:build race

package testkit

// Race reports whether the race detector runs, which makes long sums of one
// goroutine five times as long and finds nothing in them.
const Race = true
