package core

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"paperboy/core/arxivid"
)

// OnArxiv reports whether it is arXiv's id, rather than one that we gave to a
// feed's entry.
func (id PaperID) OnArxiv() bool { return id != "" && !strings.HasPrefix(string(id), "feed:") }

// Month is arxivid.Month.
func (id PaperID) Month() (year, month int, ok bool) { return arxivid.Month(string(id)) }

// ParsePaperID is arxivid.Parse.
func ParsePaperID(s string) (id PaperID, version int, ok bool) {
	parsed, version, ok := arxivid.Parse(s)
	return PaperID(parsed), version, ok
}

// IdentifierKind says what an Identifier is.
type IdentifierKind string

// The kinds of identifiers, the strongest first.
const (
	IdentifierGUID IdentifierKind = "guid" // an entry's own, within its feed
	IdentifierDOI  IdentifierKind = "doi"
	IdentifierLink IdentifierKind = "link" // of its page, without what may change
	// IdentifierEarlier is the PaperID that earlier versions of Paperboy gave it.
	IdentifierEarlier IdentifierKind = "earlier"
	// IdentifierTitle is a link and a title, where nothing else is left.
	IdentifierTitle IdentifierKind = "title"
)

// Identifier is something by which a paper that only feeds know is found again,
// though its others have changed.
type Identifier struct {
	Kind  IdentifierKind
	Value string
	// Shared is one that several entries carry at once: it identifies none of
	// them, now and later.
	Shared bool
}

// Number stands for it in a store; source is the Short of who gave it.
func (n Identifier) Number(source string) int64 {
	sum := n.sum(source)
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// ID is the PaperID of a paper that is first seen under it.
func (n Identifier) ID(source string) PaperID {
	if n.Kind == IdentifierEarlier {
		return PaperID(n.Value)
	}
	sum := n.sum(source)
	return PaperID("feed:" + hex.EncodeToString(sum[:6]))
}

func (n Identifier) sum(source string) [sha256.Size]byte {
	if n.Kind != IdentifierGUID {
		source = "" // whoever says it
	}
	return sha256.Sum256([]byte(string(n.Kind) + "\x00" + source + "\x00" + n.Value))
}
