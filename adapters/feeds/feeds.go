// Package feeds gives a channel's papers to readers of feeds, as Atom (RFC 4287) and as
// JSON Feed 1.1; the list of a channel's feeds as OPML; and the posts of a day as data,
// for programs.
//
//	feed.go     papers as entries: what an entry is called, says, and when it changed
//	atom.go     a feed as Atom
//	json.go     a feed as JSON Feed
//	opml.go     the feeds of a channel as OPML
//	digest.go   the posts of a day as data
//	http.go     who gets what, and what has not changed since
//
// In: a channel that a secret link opens, core/query's answers. Out: bytes.
//
// Promises: a feed of posts has what the ledger says was posted, once a paper, in its
// order and with its time. An entry's id is made of the channel's and the paper's, so
// that it is the same for ever, in all feeds of the channel; its content has nothing that
// changes by the hour, as votes, and its time of change moves when it has news and only
// then. Strangers' text is text: nothing of it is read as markup in whatever shows the
// feed. Who has no link, or one that was taken away, learns nothing.
package feeds
