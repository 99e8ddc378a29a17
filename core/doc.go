// Package core is what Paperboy is: papers, the topics a channel follows, the
// daily post, the votes, and the words it says about them.
//
// This package is the vocabulary; it does nothing by itself. Those who work are
// below it: feed brings papers, plan decides what goes where, post sends it,
// votes counts what people said, chat answers them. A paper walks from left to
// right once: a Source hands over a Batch, feed merges it into the store, plan
// matches it with every due channel's topics, and post delivers each (channel,
// paper) through a Connection at most once. A person's wish walks the other
// way: an adapter hands a Request, a Press or a Reaction to a Handler, and the
// Reply leaves by the same door.
//
// Promises: nothing here knows SQL, HTTP or a chat SDK; what a worker needs of
// the world it names in small interfaces beside their use; time is a parameter;
// what the outside will see is written down before it is sent; strangers' text
// is carried as data (core/say) and never as markup.
package core
