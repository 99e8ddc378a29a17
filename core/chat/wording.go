package core

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"paperboy/core/say"
	"paperboy/core/topic"
)

// sentence is what a person is told about err, and whether it is one that a
// person can mend. A bug gets a reference, which the log carries too.
func sentence(err error) (text say.Text, ref string) {
	var pe *UserError
	if errors.As(err, &pe) {
		return pe.Text, ""
	}
	var te *topic.Error
	if errors.As(err, &te) {
		return te.Text, ""
	}
	if errors.Is(err, ErrFull) {
		return fullText(), ""
	}
	var b [2]byte
	rand.Read(b[:])
	ref = hex.EncodeToString(b[:])
	return say.Say("That failed on my side (ref %s). Nothing was changed. The operator can see the reference in the log.", ref), ref
}

// count says "1 paper", "2 papers", with thousands as in 2,913.
func count(n int, one string) string {
	s := one
	if n != 1 {
		s += "s"
	}
	return number(n) + " " + s
}

// number writes 2913 as 2,913.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// list joins "a", "a and b", "a, b and c".
func list(texts []say.Text) say.Text {
	switch len(texts) {
	case 0:
		return nil
	case 1:
		return texts[0]
	}
	last := len(texts) - 1
	return append(say.Join(", ", texts[:last]...), append(say.Text{{Text: " and "}}, texts[last]...)...)
}

// cut shortens s to at most n characters at the end of a word, with an
// ellipsis that counts as one of them.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	r = r[:n-1]
	if i := strings.LastIndexAny(string(r), " \t\n"); i > len(string(r))/2 {
		return strings.TrimRight(string(r)[:i], " ,;:.-–—") + " …"
	}
	return string(r) + "…"
}

// codes shows words to type: `a`, `b` or `c`.
func codes(words []string) say.Text {
	var t say.Text
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			t = append(t, say.Span{Text: " or "})
		default:
			t = append(t, say.Span{Text: ", "})
		}
		t = append(t, say.Span{Text: w, Style: say.Code})
	}
	return t
}

// fullText says that the disk is full.
func fullText() say.Text {
	return say.Say("My disk is full, so I can keep nothing new and post nothing. Whoever runs me has to free some space; then I go on by myself, and nothing is lost.")
}

// heldText says why a channel's posts wait (E-BOTPERM).
func heldText(ch *Channel) say.Text {
	return say.Say("I may not post in %s: %s. An admin can fix this under channel permissions. Nothing was lost; I will post when I can.", ch.Name, ch.Hold.Reason)
}

// oldButton is a button from a message that an earlier version posted.
func oldButton(c *call, same string) *UserError {
	return Userf("E-OLDBUTTON", "This button is from an older post and no longer works. %s does the same.", c.command(same))
}
