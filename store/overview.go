package store

import (
	"cmp"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/topic"
)

// overview is what a search asks of every paper, in memory, 26 bytes each and what slices keep in reserve: the
// signs of its direction, its day, its upvotes, its categories and sources. It is as
// of one change of the store and never changes itself: what is newer shares with it
// the blocks in which nothing changed.
type overview struct {
	n      core.Seq // the newest change that is in it
	rules  string   // by which the index was made, and …
	model  string   // … the model of meaning, as their notes said
	blocks []*block // by first
	days   []core.Date
	order  []uint32 // of the days: the place of each among all, the oldest at 0
	filed  []filing
	scopes *scopes
}

// scopes are what scopes say of each filing: most channels have the same.
type scopes struct {
	mu    sync.Mutex
	known map[string][]int8
}

// mostScopes is of how many it is remembered.
const mostScopes = 16

// scope says of each filing whether a scope admits it: holds or differs.
func (o *overview) scope(s topic.Scope) []int8 {
	o.scopes.mu.Lock()
	defer o.scopes.mu.Unlock()
	admits, ok := o.scopes.known[s.String()]
	if !ok {
		admits = make([]int8, len(o.filed))
		for i := range admits {
			if admits[i] = differs; s.Admits(o.filed[i].doc()) {
				admits[i] = holds
			}
		}
		if len(o.scopes.known) == mostScopes {
			clear(o.scopes.known)
		}
		o.scopes.known[s.String()] = admits
	}
	return admits
}

// blockSize is how many numbers of papers a block spans, in the overview and in the
// index. A search goes block by block, so that it can stop when it has enough, and
// each costs it some 20 µs a word; the beginning of a word costs it up to 700 µs for
// every thousand papers of a block.
const blockSize = 1 << 14

// block are the papers whose seq is from first on, by seq.
type block struct {
	first   core.Seq
	newest  core.Date
	at      []uint16 // seq - first
	codes   []meaning.Code
	upvotes []int32  // unknownUpvotes: nobody knows
	days    []uint16 // places in overview.days: as many as 179 years have
	filed   []uint32 // places in overview.filed
}

const unknownUpvotes = -1 // less than any min: asks

// filing is under what a paper is filed; thousands are under the same.
type filing struct {
	Categories, Sources []string
	Code                bool
}

// How a paper's filing is kept.
const (
	filingParts = "\x1e" // between its parts
	filingItems = "\x1f" // between categories, between sources
)

func filed(p *core.Paper) string {
	code := ""
	if p.Code != "" {
		code = "code"
	}
	return strings.Join([]string{strings.Join(p.Categories, filingItems), strings.Join(p.Sources, filingItems), code}, filingParts)
}

func readFiling(s string) filing {
	categories, rest, _ := strings.Cut(s, filingParts)
	sources, code, _ := strings.Cut(rest, filingParts)
	items := func(s string) []string {
		if s == "" {
			return nil
		}
		return strings.Split(s, filingItems)
	}
	return filing{items(categories), items(sources), code != ""}
}

func (f *filing) doc() *topic.Doc {
	return &topic.Doc{Categories: f.Categories, Sources: f.Sources, Code: f.Code}
}

func (f *filing) primary() string {
	if len(f.Categories) == 0 {
		return ""
	}
	return f.Categories[0]
}

func (b *block) match(o *overview, i int) core.Match {
	m := core.Match{Seq: b.first + core.Seq(b.at[i]), Day: o.days[b.days[i]], Primary: o.filed[b.filed[i]].primary(), Code: b.codes[i]}
	if n := int(b.upvotes[i]); n != unknownUpvotes {
		m.Upvotes = &n
	}
	return m
}

// papers is the overview of a store, kept up to date by whoever asks for it.
type papers struct {
	now   atomic.Pointer[overview]
	mu    sync.Mutex // for what follows, and for making a newer one
	days  map[string]uint16
	filed map[string]uint32
}

// overview is as new as the transaction at least: what another process wrote is
// there too.
func (t tx) overview(s *papers) (*overview, error) {
	var n core.Seq
	var rules, model string
	if err := t.one([]any{&n, &rules, &model}, `SELECT n, coalesce((SELECT value FROM notes WHERE name = $1), ''),
		coalesce((SELECT value FROM notes WHERE name = $2), '') FROM counter`, indexNote, modelNote); err != nil {
		return nil, err
	}
	fresh := func(o *overview) bool { return o != nil && o.n >= n && o.rules == rules && o.model == model }
	if o := s.now.Load(); fresh(o) {
		return o, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.now.Load()
	if fresh(old) {
		return old, nil
	}
	if old == nil || old.rules != rules || old.model != model { // everything was made anew
		old = &overview{}
		s.days, s.filed = map[string]uint16{}, map[string]uint32{}
	}
	o, err := t.newer(old, s)
	if err != nil {
		s.now.Store(nil) // what is half known is read again
		return nil, err
	}
	o.n, o.rules, o.model = n, rules, model
	s.now.Store(o)
	return o, nil
}

// newer is the overview with what came and changed since.
func (t tx) newer(old *overview, s *papers) (*overview, error) {
	o := &overview{days: old.days, filed: old.filed, scopes: &scopes{known: map[string][]int8{}}}
	blocks := map[core.Seq]*block{}
	for _, b := range old.blocks {
		blocks[b.first] = b
	}
	own := map[core.Seq]bool{} // blocks that only we have yet
	rows, err := t.rows(`SELECT seq, upvotes, day, filed, signs FROM papers WHERE seq > $1
		UNION ALL SELECT seq, upvotes, day, filed, signs FROM papers WHERE changed > seq AND changed > $1 AND seq <= $1`, old.n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq core.Seq
		var upvotes sql.NullInt32
		var day, file, signs sql.RawBytes
		if err := rows.Scan(&seq, &upvotes, &day, &file, &signs); err != nil {
			return nil, err
		}
		first := seq &^ (blockSize - 1)
		b := blocks[first]
		if b == nil {
			b = &block{first: first}
		} else if !own[first] {
			b = &block{first, b.newest, slices.Clone(b.at), slices.Clone(b.codes), slices.Clone(b.upvotes), slices.Clone(b.days), slices.Clone(b.filed)}
		}
		blocks[first], own[first] = b, true

		d, ok := s.days[string(day)]
		if !ok {
			d = uint16(len(o.days))
			s.days[string(day)] = d
			o.days = append(o.days, core.Date(day))
		}
		f, ok := s.filed[string(file)]
		if !ok {
			f = uint32(len(o.filed))
			s.filed[string(file)] = f
			o.filed = append(o.filed, readFiling(string(file)))
		}
		votes := int32(unknownUpvotes)
		if upvotes.Valid {
			votes = upvotes.Int32
		}
		b.put(uint16(seq-first), meaning.CodeOf(signs), votes, d, f)
	}
	for first := range own {
		b := blocks[first]
		b.newest = ""
		for _, d := range b.days {
			b.newest = max(b.newest, o.days[d])
		}
	}
	byDay := make([]uint16, len(o.days))
	for i := range byDay {
		byDay[i] = uint16(i)
	}
	slices.SortFunc(byDay, func(a, b uint16) int { return cmp.Compare(o.days[a], o.days[b]) })
	o.order = make([]uint32, len(o.days))
	for place, d := range byDay {
		o.order[d] = uint32(place)
	}
	o.blocks = slices.SortedFunc(maps.Values(blocks), func(a, b *block) int { return cmp.Compare(a.first, b.first) })
	return o, rows.Err()
}

// put puts a paper at its place, where an older state of it may be.
func (b *block) put(at uint16, code meaning.Code, upvotes int32, day uint16, filed uint32) {
	i := len(b.at)
	if i > 0 && b.at[i-1] >= at {
		var known bool
		if i, known = slices.BinarySearch(b.at, at); known {
			b.codes[i], b.upvotes[i], b.days[i], b.filed[i] = code, upvotes, day, filed
			return
		}
	}
	b.at = slices.Insert(b.at, i, at)
	b.codes = slices.Insert(b.codes, i, code)
	b.upvotes = slices.Insert(b.upvotes, i, upvotes)
	b.days = slices.Insert(b.days, i, day)
	b.filed = slices.Insert(b.filed, i, filed)
}
