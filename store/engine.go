package store

import (
	"context"
	"database/sql"
	"time"

	"paperboy/core"
	"paperboy/core/topic"
)

// An asker is a transaction, as far as a clock needs one.
type asker interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// An engine is what a database does in its own way: sqlite.go, postgres.go. All else is
// SQL that means the same to each, with $1, $2 … and = ANY ($1) for "one of many".
type engine interface {
	// bind writes a statement as the engine reads it, and args its parameters.
	bind(query string) string
	args(args []any) []any

	// migrate brings the schema up to date.
	migrate(ctx context.Context) error
	// begin begins what writes: it waits for its turn, no longer than patience. Where
	// alone is false, others that are not alone may write at the same time; what they
	// write must not meet. done is called when the transaction is over.
	begin(ctx context.Context, alone bool) (t *sql.Tx, done func(err error), err error)
	// locks ends a SELECT whose row nobody else who is not alone may have meanwhile.
	locks() string
	// reader is where reading begins.
	reader() (pool, *sql.TxOptions)
	// seconds is how many of those who read may use a second connection at once, whose view
	// is of a moment later.
	seconds() int64
	// clock is the database's, asked in a transaction or, with nil, outside of any.
	clock(ctx context.Context, in asker) (int64, error)
	// moment is that clock for what is heard and read: by it, nothing comes before what
	// came before it in the same process.
	moment(ctx context.Context, in asker) (int64, error)
	// limit is how long a statement may take before its transaction is given up: the
	// database may be cut off. Zero: it cannot be.
	limit() time.Duration
	// ring tells other processes of work, when the transaction is committed; hear calls
	// heard for what they ring, until ctx ends.
	ring(t tx, from string, works []core.Work) error
	hear(ctx context.Context, from string, heard func(core.Work))
	// outgrown: a newer program has added to the schema.
	outgrown() bool
	// exclusive: it is for one process at a time.
	exclusive() bool
	// join reports whether the owner is the first that works on the database since
	// others did who are all dead. *core.Taken: others live, and it is for one process.
	join(ctx context.Context) (first bool, err error)
	// unjoin takes back that it was the first.
	unjoin() error
	// home is where the database is, by what a copy that others make of it does not have;
	// "": that is known otherwise.
	home(ctx context.Context) (string, error)
	// backup copies everything, as it is at one moment, to a new file; check looks for
	// damage.
	backup(ctx context.Context, file string) error
	check(ctx context.Context) error
	close() error

	// What errors mean: somebody stands in the way, there is no room.
	busy(err error) bool
	full(err error) bool

	// The index of words. A paper's words are kept once; drop takes them out, and empty
	// takes out all.
	grammar() grammar
	keepWords(t tx, seq core.Seq, d *topic.Doc, authors []string) error
	dropWords(t tx, seq core.Seq) error
	emptyWords(t tx) error
	// endWords is called before a transaction that kept or dropped words commits.
	endWords(t tx) error
	// tidy makes the index quick again; write runs a step of it.
	tidy(ctx context.Context, write func(f func(t tx) error) error) error
	// rowids are the papers of some blocks that an expression selects: numbers with commas
	// between. Others may be among them.
	rowids(t tx, expression string, blocks []*block) ([]string, error)
	// vocabulary adds up in how many papers words stand that begin with prefix ("": none
	// does), and those of words, each with the mark of its block.
	vocabulary(t tx, authors bool, marks []string, prefix string, words []string, add func(word string, papers int)) error

	// Several papers in one row: numbers with commas between, and all bytes one after another.
	packedFeatures() string // numbers, sizes of vectors, sizes of bags, vectors, bags
	packedVectors() string  // numbers, vectors of the length $2
}

// A grammar is how expressions of the index are written.
type grammar struct {
	and, or, not string
	word         func(word string, open bool) string // open: and all that begin with it
	phrase       func(t topic.Term) string           // in the title, the abstract or either
}
