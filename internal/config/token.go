package config

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// pairs are the quotes that people, editors and shells put around a value.
var pairs = []string{`""`, "''", "``", "“”", "„“", "‘’", "«»", "<>"}

// bare is a value of the environment without what files of the environment
// leave around it: `docker --env-file` keeps quotes and Windows's line ends.
func bare(s string) string {
	s = strings.TrimFunc(s, blank)
	for _, q := range pairs[:2] {
		if len(s) >= 2 && s[0] == q[0] && s[len(s)-1] == q[1] {
			return strings.TrimFunc(s[1:len(s)-1], blank)
		}
	}
	return s
}

// token is a secret without what does not belong to it: none begins or ends so.
func token(s string) string {
	for {
		before := s
		s = strings.TrimFunc(s, blank)
		for _, p := range pairs {
			q := []rune(p)
			if inner, ok := strings.CutPrefix(s, string(q[0])); ok {
				if inner, ok := strings.CutSuffix(inner, string(q[1])); ok {
					s = inner
				}
			}
		}
		for _, scheme := range []string{"bearer ", "bot "} {
			if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
				s = s[len(scheme):]
			}
		}
		if s == before {
			return s
		}
	}
}

// blank reports whether a sign shows nothing.
func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) // zero-width ones among the last
}

// kind is one of tokens that is told by its form.
type kind struct {
	is   *regexp.Regexp
	what string
}

var kinds = []kind{
	{regexp.MustCompile(`^xoxb-|^xoxe\.xoxb-`), "a bot token of Slack"},
	{regexp.MustCompile(`^xapp-`), "an app-level token of Slack"},
	{regexp.MustCompile(`^xox[a-z]-|^xoxe[.-]`), "another kind of token of Slack, a person's or one of configuration"},
	{regexp.MustCompile(`^https?://`), "an address"},
	{regexp.MustCompile(`^[A-Za-z0-9_-]{18,}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}$`), "a bot token of Discord"},
	{regexp.MustCompile(`^\d{17,20}$`), "an id"},
	{regexp.MustCompile(`^[0-9a-f]{64}$`), "a public key"},
	{regexp.MustCompile(`^[0-9a-f]{32}$`), "a signing secret of Slack, or a client secret"},
	{regexp.MustCompile(`^[A-Za-z0-9_-]{32}$`), "a client secret"},
	{regexp.MustCompile(`^[A-Z][A-Z0-9_]*=`), "the line of an environment file; only what stands behind the = belongs here"},
}

// place is a key that holds a token.
type place struct {
	key, kind, is, where string
	form                 *regexp.Regexp // that every token of the kind has
	get                  func(*Config) Secret
}

// places are the keys of tokens. A signing secret may look like anything.
var places = []place{
	{"slack.bot_token", "a bot token of Slack", "the bot's begins with xoxb-", "OAuth & Permissions", regexp.MustCompile(`^(xoxe\.)?xoxb-.`), func(c *Config) Secret { return c.Slack.BotToken }},
	{"slack.app_token", "an app-level token of Slack", "the app's begins with xapp-", "Basic Information", regexp.MustCompile(`^xapp-.`), func(c *Config) Secret { return c.Slack.AppToken }},
	{"slack.signing_secret", "a signing secret of Slack, or a client secret", "a signing secret is 32 digits and letters from a to f", "Basic Information", regexp.MustCompile(``), func(c *Config) Secret { return c.Slack.SigningSecret }},
	{"discord.token", "a bot token of Discord", "the bot's has three parts with dots between", "Bot → Reset Token", regexp.MustCompile(`^[\w-]+\.[\w-]+\.[\w-]+$`), func(c *Config) Secret { return c.Discord.Token }},
}

// wrong says what is wrong with a token there; "" when nothing is, as far as its
// form tells, and when there is none.
func (p place) wrong(token Secret) string {
	s := string(token)
	switch {
	case s == "":
		return ""
	case strings.ContainsFunc(s, func(r rune) bool { return r == '…' }):
		return "this is an example; copy your own from " + p.where
	case strings.ContainsFunc(s, blank):
		return "there is a blank or a line end in it; copy it anew from " + p.where + ", in one piece"
	case strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }):
		return "there are signs in it that no token has; copy it anew from " + p.where
	}
	what := ""
	if i := slices.IndexFunc(kinds, func(k kind) bool { return k.is.MatchString(s) }); i >= 0 {
		what = kinds[i].what
	}
	switch {
	case (what == p.kind || what == "") && p.form.MatchString(s):
		return ""
	case what == p.kind || what == "":
		what = "not " + p.kind
	}
	return "this is " + what + "; " + p.is + " (copy it from " + p.where + ")"
}
