package textfile

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// As editors and shells write a text.
var writers = map[string]encoding.Encoding{
	"UTF-8":                       unicode.UTF8,
	"UTF-8 with a mark (Notepad)": unicode.UTF8BOM,
	"UTF-16 LE (PowerShell's >)":  unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"UTF-16 BE":                   unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"UTF-16 LE without a mark":    unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"UTF-16 BE without a mark":    unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"UTF-32 LE":                   utf32.UTF32(utf32.LittleEndian, utf32.UseBOM),
	"UTF-32 BE":                   utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
}

// Whoever wrote a text, and however its lines end, it is read as it was meant.
func TestATextIsReadWhoeverWroteIt(t *testing.T) {
	for _, text := range []string{
		"[slack]\nbot_token = \"xoxb-1\"\n", `{"id": "2601.00001", "title": "Größe 扩散模型 😀"}` + "\n", "# ü\n\n\nlast line without an end", "ab", "\n\nx y",
	} {
		for name, how := range writers {
			for end, eol := range map[string]string{"LF": "\n", "CR LF": "\r\n", "CR": "\r"} {
				written, err := how.NewEncoder().Bytes([]byte(strings.ReplaceAll(text, "\n", eol)))
				if err != nil {
					t.Fatal(err)
				}
				if got := string(Bytes(written)); got != text {
					t.Errorf("%s, %s: %q is read as %q", name, end, text, got)
				}
				slowly, err := io.ReadAll(NewReader(iotest.OneByteReader(bytes.NewReader(written))))
				if err != nil || string(slowly) != text {
					t.Errorf("%s, %s, byte by byte: %q, %v", name, end, slowly, err)
				}
			}
		}
	}
}

func TestWhatIsNoTextPassesAsItIs(t *testing.T) {
	for _, b := range []string{"", "a", "\xef", "\xef\xbb", "caf\xe9 au lait", "a\x00\x00\x00", "\x1f\x8b\x08", "\xef\xbb\xbfcaf\xe9"} {
		if got := string(Bytes([]byte(b))); got != strings.TrimPrefix(b, "\ufeff") {
			t.Errorf("%q is read as %q", b, got)
		}
	}
}

// Whatever comes in, no CR and no mark comes out, what is UTF-8 already is not
// changed but for its lines, and reading the result again changes nothing.
func FuzzText(f *testing.F) {
	f.Add([]byte("a\r\nb\rc\n"))
	f.Add([]byte("\xff\xfea\x00\r\x00\n\x00"))
	f.Add([]byte("\xfe\xff\x00a\xd8\x00"))
	f.Add([]byte("{\x00\"\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got := Bytes(b)
		if bytes.ContainsRune(got, '\r') {
			t.Errorf("%q has a CR", got)
		}
		plain := utf8.Valid(b) && !bytes.ContainsRune(b, 0) && !bytes.HasPrefix(b, []byte("\ufeff"))
		if want := strings.ReplaceAll(strings.ReplaceAll(string(b), "\r\n", "\n"), "\r", "\n"); plain && string(got) != want {
			t.Errorf("%q is read as %q", b, got)
		}
		if again := Bytes(got); plain && !bytes.Equal(again, got) {
			t.Errorf("%q is read again as %q", got, again)
		}
	})
}
