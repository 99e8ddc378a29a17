// Package kit is what every adapter of a chat platform needs and none should
// write anew.
//
//	queue.go    a keyed queue for what people do, and the memory of what was brought already
//	net.go      an HTTP client, pauses, and whether a failed request ever left this machine
//	token.go    whether our token is taken
//	cache.go    what a platform said, for a while
//	writer.go   text within a platform's limits, strangers' words escaped
//	finding.go  what the doctor says
//
// It knows no platform. It promises: of one key the queue never does two things
// at once, nor in another order than they came; a panic ends only the piece of
// work that it is in; what comes before Run waits for it. No text is longer than
// its room, and a cut is never inside an escape.
package kit
