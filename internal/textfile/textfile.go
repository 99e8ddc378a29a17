// Package textfile reads the text files that people hand in, whatever editor or
// shell wrote them.
//
// In: bytes. Out: UTF-8 without a byte order mark, whose lines end in a line
// feed. It promises: UTF-8, UTF-16 and UTF-32 in either order are read, those of
// 16 bits without a mark too where the text begins with two signs of ASCII; CR LF
// and a lone CR end a line; what is none of these passes as it is, and a text of
// ours is not changed. Bytes that are no text are never an error: whoever parses
// what comes out says what is wrong.
package textfile

import (
	"bufio"
	"bytes"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// NewReader reads r as text.
func NewReader(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	head, _ := b.Peek(4)
	return transform.NewReader(b, transform.Chain(decoder(head), &lines{}))
}

// Read is all of r as text.
func Read(r io.Reader) ([]byte, error) { return io.ReadAll(NewReader(r)) }

// Bytes is NewReader for a whole file.
func Bytes(b []byte) []byte {
	out, err := Read(bytes.NewReader(b))
	if err != nil {
		return b // no reader of bytes, no decoder here fails
	}
	return out
}

// decoder is how a text that begins so becomes UTF-8.
func decoder(head []byte) transform.Transformer {
	ascii := func(c byte) bool { return c == '\t' || c == '\n' || c == '\r' || ' ' <= c && c < 0x7f }
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xfe, 0xff}):
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewDecoder()
	case len(head) == 4 && ascii(head[0]) && head[1] == 0 && ascii(head[2]) && head[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	case len(head) == 4 && head[0] == 0 && ascii(head[1]) && head[2] == 0 && ascii(head[3]):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		return &withoutMark{} // and else as it is
	}
	return unicode.BOMOverride(transform.Nop)
}

// withoutMark takes the three bytes of UTF-8's mark away.
type withoutMark struct{ taken int }

func (m *withoutMark) Reset() { m.taken = 0 }

func (m *withoutMark) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	skip := min(3-m.taken, len(src))
	m.taken += skip
	n := copy(dst, src[skip:])
	if n < len(src)-skip {
		err = transform.ErrShortDst
	}
	return n, skip + n, err
}

// lines makes CR LF and a lone CR a line feed.
type lines struct{ cr bool } // the last byte was a CR

func (l *lines) Reset() { l.cr = false }

func (l *lines) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	for ; nSrc < len(src); nSrc++ {
		c := src[nSrc]
		if c == '\n' && l.cr {
			l.cr = false
			continue
		}
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		if l.cr = c == '\r'; l.cr {
			c = '\n'
		}
		dst[nDst] = c
		nDst++
	}
	return nDst, nSrc, nil
}
