package feed

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

var declaration = regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// inUTF8 is a body as text, by its byte order mark, by what it looks like, by
// what it says itself, and by what the server says, in this order. Whatever is
// no text becomes U+FFFD, and control characters are left out, so that one bad
// byte costs one character.
func inUTF8(body []byte, contentType string) string {
	named := ""
	if m := declaration.FindSubmatch(body[:min(len(body), 512)]); m != nil {
		named = string(m[1])
	} else if _, params, err := mime.ParseMediaType(contentType); err == nil {
		named = params["charset"]
	}
	if enc := charsetOf(body, named); enc != nil {
		if text, err := enc.NewDecoder().Bytes(body); err == nil {
			body = text
		}
	}
	return clean(string(bytes.TrimPrefix(body, []byte("\ufeff"))))
}

// charsetOf is how the body is encoded, when it is not UTF-8.
func charsetOf(body []byte, named string) encoding.Encoding {
	head := append(bytes.Clone(body[:min(len(body), 4)]), 1, 1, 1, 1)
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return nil
	case bytes.HasPrefix(body, []byte("\xff\xfe\x00\x00")), head[0] == '<' && head[1] == 0 && head[2] == 0 && head[3] == 0:
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case bytes.HasPrefix(body, []byte("\x00\x00\xfe\xff")), head[0] == 0 && head[1] == 0 && head[2] == 0 && head[3] == '<':
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case bytes.HasPrefix(body, []byte("\xff\xfe")), head[0] != 0 && head[1] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(body, []byte("\xfe\xff")), head[0] == 0 && head[1] != 0:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	var enc encoding.Encoding
	if e, err := htmlindex.Get(strings.ToLower(named)); err == nil {
		if name, err := htmlindex.Name(e); err == nil && name != "utf-8" && !strings.HasPrefix(name, "utf-16") { // which it is not, see above
			enc = e
		}
	}
	switch western := enc == nil || enc == charmap.Windows1252; {
	case !western:
		return enc
	case utf8.Valid(body): // chance does not write UTF-8
		return nil
	case enc != nil || !severalBytes(body):
		return charmap.Windows1252
	}
	return nil
}

// severalBytes reports whether there is a character that only UTF-8 writes so.
func severalBytes(b []byte) bool {
	for len(b) > 0 {
		i := bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf })
		if i < 0 {
			return false
		}
		if r, n := utf8.DecodeRune(b[i:]); r != utf8.RuneError || n > 1 {
			return true
		}
		b = b[i+1:]
	}
	return false
}

// clean leaves out control characters and replaces what is no text.
func clean(s string) string {
	good := utf8.ValidString(s)
	for i := 0; good && i < len(s); i++ {
		good = s[i] >= ' ' && s[i] != 0x7f || s[i] == '\n' || s[i] == '\t' || s[i] == '\r'
	}
	if good {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}
