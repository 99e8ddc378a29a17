package store

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A database file and the -wal beside it are one thing, and SQLite cannot tell
// when they are not: whoever puts another file in the place of the database
// while a -wal is left there, as after a crash, has what stands in it written
// over that file. So each process gives the database a new number, its
// generation, with the first thing that it writes, and a copy that Backup makes
// has one of its own. It is the header's user_version, which can be read without
// SQLite. A small file beside the database says which generations the -wal may
// belong to: that which the database file had when the -wal began, and those of
// the processes that have written to it since. A -wal beside a file of another
// generation is strange.
//
// What this cannot see: a copy that another program than ours made, of the very
// same process's database.

// generationsFile keeps the generations, a line each, the newest last.
func generationsFile(path string) string { return path + ".generation" }

// newGeneration is never 0, which a file has that was never given one.
func newGeneration() uint32 {
	var b [4]byte
	rand.Read(b[:])
	return binary.BigEndian.Uint32(b[:])>>1 | 1 // SQLite's is signed
}

// generation is that of a database file; 0 when it has none. The file must not be
// closed while SQLite has it open in this process: that would let go of SQLite's
// locks.
func generation(f io.ReaderAt) (uint32, error) {
	var header [generationAt + 4]byte
	n, err := f.ReadAt(header[:], 0)
	if n < len(header) || string(header[:len(magic)]) != magic {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return 0, err
	}
	return binary.BigEndian.Uint32(header[generationAt:]), nil
}

// setGeneration gives a generation to a database file that nobody has open.
func setGeneration(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(binary.BigEndian.AppendUint32(nil, newGeneration()), generationAt)
	return errors.Join(err, f.Sync(), f.Close())
}

// generationAt is where SQLite's header has the user_version.
const generationAt = 60

// magic is how a SQLite database begins.
const magic = "SQLite format 3\x00"

func generations(path string) ([]uint32, error) {
	text, err := os.ReadFile(generationsFile(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []uint32
	for _, line := range strings.Fields(string(text)) {
		n, err := strconv.ParseUint(line, 10, 32)
		if err != nil {
			return nil, nil // nobody knows
		}
		out = append(out, uint32(n))
	}
	return out, err
}

// ErrStrangeWAL: the -wal beside the database belongs to another file.
var ErrStrangeWAL = errors.New("the -wal beside it belongs to another file, which was there before; nothing was touched: " +
	"`bot restore FILE` puts a copy in its place (if it is that copy already, give it another name and restore that)")

// ownWAL reports ErrStrangeWAL where a -wal beside the file is surely not its own.
func ownWAL(path string) error {
	if !hasWAL(path) {
		return nil
	}
	known, err := generations(path)
	if err != nil || len(known) == 0 {
		return err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrStrangeWAL
	}
	if err != nil {
		return err
	}
	defer f.Close()
	has, err := generation(f)
	if err == nil && !slices.Contains(known, has) {
		err = ErrStrangeWAL
	}
	return err
}

// adopt says that a -wal that is still to be made will be this file's: somebody
// may have put it there while there was none, which is well. Where that cannot be
// written down nothing can be written.
func adopt(path string, has uint32) {
	if known, err := generations(path); err == nil && len(known) > 0 && !slices.Contains(known, has) && !hasWAL(path) {
		_ = keepGenerations(path, []uint32{has})
	}
}

// hasWAL reports whether a -wal with anything in it is beside the file.
func hasWAL(path string) bool {
	const header = 32
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > header
}

// renew gives the database a new generation, in the transaction that is this
// process's first. The file of the generations knows it before the database does.
// has is the one that stood in the database file when it was opened.
func (t tx) renew(path string, has uint32) error {
	known, err := generations(path)
	if err != nil {
		return err
	}
	if known = since(known, has); len(known) == 0 {
		known = []uint32{has}
	}
	next := newGeneration()
	if err := keepGenerations(path, append(known, next)); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return nil // then nobody looks after it
		}
		return err
	}
	_, err = t.exec(fmt.Sprintf(`PRAGMA user_version = %d`, next))
	return err
}

// overtake forgets the generations before the one that stands in the database
// file by now. It is asked in a transaction: nobody else writes meanwhile.
func overtake(path string, has uint32) error {
	known, err := generations(path)
	if err != nil {
		return err
	}
	if now := since(known, has); len(now) > 0 && len(now) < len(known) {
		return keepGenerations(path, now)
	}
	return nil
}

// since are the generations from one on; none when it is not among them.
func since(known []uint32, has uint32) []uint32 {
	if i := slices.Index(known, has); i >= 0 {
		return known[i:]
	}
	return nil
}

func keepGenerations(path string, known []uint32) error {
	var lines strings.Builder
	for _, n := range known {
		fmt.Fprintln(&lines, n)
	}
	return replaceFile(generationsFile(path), []byte(lines.String()))
}

// replaceFile writes a file whole: whatever happens, it has its old content or
// the new.
func replaceFile(path string, content []byte) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		os.Remove(part)
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes what was renamed in a folder last.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
