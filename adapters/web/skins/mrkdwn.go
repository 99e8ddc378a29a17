package skins

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Text is a Slack text object as its client shows it.
func (t thing) Text() []node {
	s := t.Str("text")
	if t.Str("type") == "mrkdwn" {
		return t.by.mrkdwn(s, t.Is("verbatim"))
	}
	var p pen
	named := t.of["emoji"] != false
	for s != "" {
		if char, n := takeEmoji(s); n > 0 && named {
			p.write(char)
			s = s[n:]
			continue
		}
		_, n := utf8.DecodeRuneInString(s)
		p.write(s[:n])
		s = s[n:]
	}
	for i := range p.done() {
		p.nodes[i].Text = entities.Replace(p.nodes[i].Text)
	}
	return p.nodes
}

// entities are the three that Slack knows.
var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

var (
	slackFence = regexp.MustCompile("(?s)```(.+?)```")
	slackQuote = regexp.MustCompile(`^(?:&gt;|>) ?`)
)

// mrkdwn reads Slack's markup. What is verbatim has no bare addresses made into
// links.
func (r *Reader) mrkdwn(s string, verbatim bool) []node {
	var out []node
	for s != "" {
		m := slackFence.FindStringSubmatchIndex(s)
		if m == nil {
			return append(out, r.slackLines(s, verbatim)...)
		}
		if before := strings.TrimSuffix(s[:m[0]], "\n"); before != "" {
			out = append(out, r.slackLines(before, verbatim)...)
		}
		out = append(out, node{Kind: "pre", Text: entities.Replace(strings.Trim(s[m[2]:m[3]], "\n"))})
		s = strings.TrimPrefix(s[m[1]:], "\n")
	}
	return out
}

// slackLines are lines without fences; those that begin with > are quoted.
func (r *Reader) slackLines(s string, verbatim bool) (out []node) {
	quoted := false
	for i, line := range strings.Split(s, "\n") {
		mark := slackQuote.FindString(line)
		in := r.slackLine(line[len(mark):], verbatim)
		switch {
		case mark != "" && quoted:
			last := &out[len(out)-1]
			last.In = append(append(last.In, words("\n")), in...)
		case mark != "":
			out = append(out, node{Kind: "quote", In: in})
		default:
			if i > 0 && !quoted {
				out = append(out, words("\n"))
			}
			out = append(out, in...)
		}
		quoted = mark != ""
	}
	return out
}

var (
	slackAngle = regexp.MustCompile(`^<([^<>\n]+)>`)
	slackBare  = regexp.MustCompile(`^https?://[^\s<>|]+`)
	slackMarks = map[byte]string{'*': "b", '_': "i", '~': "s"}
)

// solid tells what a mark may touch from what is a space to Slack.
func solid(s string) bool {
	return s != "" && !strings.HasPrefix(s, " ") && !strings.HasPrefix(s, "\u200b") && !strings.HasPrefix(s, "\u2060") && !strings.HasPrefix(s, "\ufeff")
}

// slackLine reads what stands inside of a line.
func (r *Reader) slackLine(s string, verbatim bool) []node {
	var p pen
	before := ' '
	for s != "" {
		n := 1
		if m := slackAngle.FindStringSubmatch(s); m != nil {
			n = len(m[0])
			p.put(r.slackReference(m[1]))
		} else if end := slackSpan(s, before); end > 0 {
			n = end + 1
			if s[0] == '`' {
				p.put(node{Kind: "code", Text: entities.Replace(s[1:end])})
			} else {
				p.put(node{Kind: slackMarks[s[0]], In: r.slackLine(s[1:end], verbatim)})
			}
		} else if bare := slackBare.FindString(s); bare != "" && !verbatim {
			n = len(bare)
			p.put(link(entities.Replace(bare), []node{words(entities.Replace(bare))}))
		} else if char, long := takeEmoji(s); long > 0 {
			n = long
			p.write(char)
		} else if s[0] == '&' {
			n = 1
			for _, e := range []string{"&lt;", "&gt;", "&amp;"} {
				if strings.HasPrefix(s, e) {
					n = len(e)
				}
			}
			p.write(entities.Replace(s[:n]))
		} else {
			_, n = utf8.DecodeRuneInString(s)
			p.write(s[:n])
		}
		before, _ = utf8.DecodeLastRuneInString(s[:n])
		s = s[n:]
	}
	return p.done()
}

// slackSpan is where the mark is that closes the one at the beginning, 0 for
// none: marks touch the words inside and no letter or digit outside.
func slackSpan(s string, before rune) int {
	mark := s[0]
	if mark == '`' {
		if end := strings.IndexByte(s[1:], '`'); end > 0 {
			return end + 1
		}
		return 0
	}
	if slackMarks[mark] == "" || wordy(before) || !solid(s[1:]) {
		return 0
	}
	for i := 1; i < len(s); i++ {
		if m := slackAngle.FindString(s[i:]); m != "" { // an address may hold any mark
			i += len(m) - 1
			continue
		}
		if s[i] != mark {
			continue
		}
		_, n := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+1:])
		if i == 1 || !solid(s[i-n:]) || wordy(after) {
			return 0
		}
		return i
	}
	return 0
}

// slackReference is what stands between < and >.
func (r *Reader) slackReference(inside string) node {
	what, label, labelled := strings.Cut(inside, "|")
	label = entities.Replace(label)
	mention := func(sign, id string) node {
		if name := r.Names[id]; name != "" {
			label = name
		} else if label == "" {
			label = id
		}
		return node{Kind: "mention", Text: sign + label}
	}
	switch {
	case strings.HasPrefix(what, "@"):
		return mention("@", what[1:])
	case strings.HasPrefix(what, "#"):
		return mention("#", what[1:])
	case strings.HasPrefix(what, "!subteam^"):
		return mention("@", strings.TrimPrefix(what, "!subteam^"))
	case strings.HasPrefix(what, "!date^"):
		return node{Kind: "time", Text: r.slackDate(what, label)}
	case strings.HasPrefix(what, "!"):
		return mention("@", what[1:])
	}
	address := entities.Replace(what)
	if !labelled {
		return link(address, []node{words(address)})
	}
	return link(address, []node{words(label)})
}

// slackDate writes <!date^1392734382^{date_short} at {time}^link|fallback>.
func (r *Reader) slackDate(what, fallback string) string {
	parts := strings.SplitN(what, "^", 4)
	if len(parts) < 3 {
		return fallback
	}
	unix, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return fallback
	}
	at := time.Unix(unix, 0).In(r.Now.Location())
	forms := []string{
		"{date_num}", "2006-01-02", "{date}", "January 2, 2006", "{date_short}", "Jan 2, 2006", "{date_long}", "Monday, January 2, 2006",
		"{date_pretty}", "January 2, 2006", "{date_short_pretty}", "Jan 2, 2006", "{date_long_pretty}", "Monday, January 2, 2006", "{time}", "3:04 PM", "{time_secs}", "3:04:05 PM",
	}
	for i := 1; i < len(forms); i += 2 {
		forms[i] = at.Format(forms[i])
	}
	return strings.NewReplacer(append(forms, "{ago}", r.ago(at))...).Replace(entities.Replace(parts[2]))
}
