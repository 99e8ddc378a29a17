package core

import (
	"net/mail"
	"strings"

	"paperboy/core/say"
)

// ParseAddress reads a mail address as people type it, and as chats make it a link:
// "<mailto:me@example.org|me@example.org>". The error is a *core.UserError.
func ParseAddress(typed string) (string, error) {
	text := strings.Trim(strings.TrimSpace(typed), "<>")
	text = strings.TrimPrefix(text, "mailto:")
	text, _, _ = strings.Cut(text, "|")
	a, err := mail.ParseAddress(text)
	if err == nil {
		local, domain, _ := strings.Cut(a.Address, "@")
		dot := strings.LastIndexByte(domain, '.')
		if a.Name == "" && a.Address == text && len(text) <= 254 && len(local) <= 64 && plain(text) && !strings.Contains(domain, "[") && dot > 0 && dot < len(domain)-1 {
			return local + "@" + strings.ToLower(domain), nil
		}
	}
	return "", Userf("E-PARSE", "`%s` is no mail address. Write it as `me@example.org`.", say.Shorten(typed, 60))
}

// plain: what every mail server takes, and no more.
func plain(address string) bool {
	return !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),:;<>[]\`, r) })
}
