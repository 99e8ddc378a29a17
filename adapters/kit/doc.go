// Package kit is what every adapter of a chat platform needs and none should
// write anew.
//
//	queue.go    a keyed queue for what people do, and the memory of what was brought already
//	net.go      waiting, and whether a failed request ever left this machine
//	writer.go   text within a platform's limits, strangers' words escaped
//
// It knows no platform. It promises: of one key the queue never does two things
// at once, nor in another order than they came; a panic ends only the piece of
// work that it is in; what comes before Run waits for it. No text is longer than
// its room, and a cut is never inside an escape.
package kit
