// Package store is Paperboy's memory: one Store on database/sql that keeps
// papers and the index of their words, channels and what they follow, the
// ledger of posts, votes, and how the sources are.
//
// In and out flow only the words of package core; the contract of each method
// is the comment at core.Store, and storetest holds this store to it. Nothing
// outside this package writes SQL, and nothing in it asks a network or a
// platform, or a clock but for whether a process lives. There is a file for each
// noun, whose SQL means the same to both engines, and one for the mapping of values
// to columns (columns.go).
//
// # Engines
//
// What a database does in its own way is an engine (engine.go): a SQLite file for one
// process (sqlite.go, fts5.go, with driver.go, generation.go and restore.go), or a
// PostgreSQL database for any number (postgres.go, tsvector.go, notify.go). Each has
// its schema in migrations/; copy.go moves a store from the one to the other.
//
// # Promises
//
// Each method is one transaction. What has returned without an error is kept
// over a crash of the process; the last few moments may be lost, never half
// kept, when the machine of a SQLite file goes down (WAL with synchronous=NORMAL).
//
// Readers never wait for a writer, and see one moment. Whoever writes is alone from its
// start, so that what it reads stays true until it writes; only what becomes of messages
// of different channels is written side by side, where the engine can. In SQLite there is
// one writing connection, whose transactions begin with the write lock (BEGIN IMMEDIATE),
// and a pool that cannot write; in PostgreSQL a lock of the transaction. Nobody waits for
// longer than ten seconds: then it is core.ErrBusy.
//
// Numbers: papers.seq is drawn from a counter that every change draws from
// too. So "papers after n" and "changes after n" need no clock, and a reader
// that has seen n has seen all that is numbered below it.
//
// # The same words everywhere
//
// The index (table words: FTS5, or a tsvector) is made of core/text's words, not of the
// text (words.go); no tokenizer of a database has a say in it. What a person typed was
// made words by the same function. So what search.go compiles a topic to selects exactly the
// papers that topic.Match and Scope.Admits admit; a property test holds the
// two against each other on real papers. Names of authors are parted by a
// word nobody can type, so that a phrase does not run from one person into
// the next; categories, sources and has:code are one word each (see term in
// words.go). What an index of words cannot say, min: and absence, the
// overview says (overview.go), which has in memory what a search sifts by.
//
// Every word of the index carries the mark of its block, of 16,384 numbers of
// papers: a search goes block by block, the newest first, and stops when it has
// enough. What is best of what it found is decided by features: a paper's
// direction and its counted words, read without its text. papers is narrow and
// texts is wide, so that only the hits' texts are read.
//
// # Schema
//
// The index is made of what core/text gave when a paper came, and a note in
// the store has the text.Version of that. Where it is not this program's, the
// index is made anew when the store is opened (index.go): in one transaction,
// so that nobody reads half of it.
//
// Migrations run when a store is opened; a copy of the older SQLite database is put
// beside it first (paperboy.db.before-N). A schema that is newer than this
// program is refused, not guessed at.
package store
