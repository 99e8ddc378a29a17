package core

import (
	"errors"
	"testing"
)

func TestAnAddressIsReadAsPeopleAndChatsWriteIt(t *testing.T) {
	for typed, want := range map[string]string{
		"me@example.org": "me@example.org", " Me.You+papers@Example.ORG ": "Me.You+papers@example.org",
		"<mailto:me@example.org|me@example.org>": "me@example.org", "mailto:me@example.org": "me@example.org", "<me@example.org>": "me@example.org",
	} {
		if got, err := ParseAddress(typed); err != nil || got != want {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "me", "me@localhost", "@example.org", "me@example.", "me@@example.org", "me@example.org, you@example.org", "Me <me@example.org>",
		"me@[127.0.0.1]", "mé@example.org", "me@exämple.org", "\"a b\"@example.org", "me@example.org\r\nBcc: you@example.org", "me(comment)@example.org"} {
		if got, err := ParseAddress(typed); !errors.As(err, new(*UserError)) {
			t.Errorf("%q is read as %q", typed, got)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"me@example.org", "<mailto:a@b.c|d>", "\"x\"@y.z", "a@b.c\r\nX: y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, err := ParseAddress(typed)
		if err != nil {
			return
		}
		if again, err := ParseAddress(got); err != nil || again != got {
			t.Errorf("%q is read as %q, and that as %q, %v", typed, got, again, err)
		}
	})
}
