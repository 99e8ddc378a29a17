package fakeslack

import (
	"regexp"
	"strings"
)

// Link is what a reader can click in a message.
type Link struct {
	URL, Label string
	Bare       bool // Slack made it from a plain address in the text
}

// Notifies lists what would make people's clients ring: @channel, @here,
// @everyone, user ids and ids of user groups.
func (m Message) Notifies() (who []string) {
	m.each(func(r reading) { who = append(who, r.mentions...) })
	return who
}

// Links lists the links in texts, blocks' buttons not included, in the order of
// reading: the text first, then the blocks.
func (m Message) Links() (links []Link) {
	m.each(func(r reading) { links = append(links, r.links...) })
	return links
}

// Formats lists the stretches that would be shown as "bold", "italic",
// "strike", "code" or "quote", as "bold: words".
func (m Message) Formats() (spans []string) {
	m.each(func(r reading) { spans = append(spans, r.formats...) })
	return spans
}

// Reads is the message as a person reads it: the blocks where there are some,
// the text otherwise; one line a text, labels in place of links. What can be
// pressed is in Buttons.
func (m Message) Reads() string {
	var lines []string
	if len(m.Blocks) == 0 {
		return read(m.Text, true, false).plain
	}
	texts(m.Blocks, func(text string, kind string, verbatim bool) {
		if kind == "plain_text" {
			lines = append(lines, unescape.Replace(text))
		} else {
			lines = append(lines, read(text, verbatim, false).plain)
		}
	})
	return strings.Join(lines, "\n")
}

// each reads every text that Slack parses.
func (m Message) each(see func(reading)) {
	see(read(m.Text, false, m.parsed))
	texts(m.Blocks, func(text, kind string, verbatim bool) {
		if kind != "plain_text" {
			see(read(text, verbatim, !verbatim))
		}
	})
	for _, card := range m.Unfurls {
		if blocks, ok := card["blocks"].([]any); ok {
			texts(blocks, func(text, kind string, verbatim bool) {
				if kind != "plain_text" {
					see(read(text, verbatim, !verbatim))
				}
			})
		}
	}
}

// texts walks through the text objects of blocks in the order of reading.
func texts(v any, see func(text, kind string, verbatim bool)) {
	switch v := v.(type) {
	case []map[string]any:
		for _, b := range v {
			texts(b, see)
		}
	case []any:
		for _, e := range v {
			texts(e, see)
		}
	case object:
		kind := str(v, "type")
		switch kind {
		case "mrkdwn", "plain_text", "markdown":
			verbatim, _ := v["verbatim"].(bool)
			see(str(v, "text"), kind, verbatim)
			return
		case "button", "overflow": // plain text; see Buttons
			return
		case "static_select", "external_select": // closed: what is chosen, or what stands on it
			chosen, _ := v["initial_option"].(object)
			if texts(chosen["text"], see); chosen == nil {
				texts(v["placeholder"], see)
			}
			return
		case "plain_text_input", "timepicker":
			for _, name := range []string{"initial_value", "initial_time"} {
				if text := str(v, name); text != "" {
					see(text, "plain_text", true)
				}
			}
			texts(v["placeholder"], see)
			return
		case "text": // of rich text
			see(str(v, "text"), "plain_text", true)
			return
		case "link":
			see("<"+str(v, "url")+"|"+str(v, "text")+">", "mrkdwn", true)
			return
		case "user", "usergroup", "broadcast":
			see(map[string]string{"user": "<@" + str(v, "user_id"), "usergroup": "<!subteam^" + str(v, "usergroup_id"), "broadcast": "<!" + str(v, "range")}[kind]+">", "mrkdwn", true)
			return
		}
		for _, name := range []string{"text", "title", "label", "fields", "elements", "accessory", "rows", "element", "hint"} {
			texts(v[name], see)
		}
	}
}

// reading is what a piece of mrkdwn does.
type reading struct {
	plain             string
	links             []Link
	mentions, formats []string
}

var (
	angle    = regexp.MustCompile(`<([^<>\n]+)>`)
	bareLink = regexp.MustCompile(`https?://[^\s<>|]+`)
	atAll    = regexp.MustCompile(`(?:^|[^\w@])@(channel|here|everyone)\b`)
	unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	spans    = map[string]*regexp.Regexp{
		"bold":   span(`\*`),
		"italic": span(`_`),
		"strike": span(`~`),
		"code":   regexp.MustCompile("()`([^`\n]+)`"),
		"quote":  regexp.MustCompile(`(?m)(^)(?:&gt;|>)(.+)$`),
	}
)

// span finds words between two marks: the marks touch the words inside and no
// letter or digit outside. Invisible spaces (U+200B, U+2060, U+FEFF) are spaces.
func span(mark string) *regexp.Regexp {
	const solid = `[^\s\x{200B}\x{2060}\x{FEFF}]`
	return regexp.MustCompile(`(^|[^\pL\pN])` + mark + `(` + solid + `|` + solid + `[^` + mark + `\n]*` + solid + `)` + mark + `($|[^\pL\pN])`)
}

// read parses mrkdwn. Not verbatim, plain addresses become links; with names,
// @channel and its like ring without angle brackets, as parse=full and blocks
// that are not verbatim do.
func read(text string, verbatim, names bool) (r reading) {
	rest := angle.ReplaceAllStringFunc(text, func(whole string) string {
		inside, label, labelled := strings.Cut(whole[1:len(whole)-1], "|")
		show := inside
		if labelled {
			show = label
		}
		switch {
		case strings.HasPrefix(inside, "@"):
			r.mentions = append(r.mentions, inside[1:])
			return "@" + strings.TrimPrefix(show, "@")
		case strings.HasPrefix(inside, "!subteam^"):
			r.mentions = append(r.mentions, inside[len("!subteam^"):])
			return show
		case inside == "!channel", inside == "!here", inside == "!everyone":
			r.mentions = append(r.mentions, "@"+inside[1:])
			return "@" + inside[1:]
		case strings.HasPrefix(inside, "#"), strings.HasPrefix(inside, "!"): // channels, dates
			return show
		}
		r.links = append(r.links, Link{URL: unescape.Replace(inside), Label: unescape.Replace(show)})
		return show
	})
	outside := angle.ReplaceAllString(text, " ")
	if !verbatim {
		for _, address := range bareLink.FindAllString(outside, -1) {
			address = unescape.Replace(address)
			r.links = append(r.links, Link{URL: address, Label: address, Bare: true})
		}
	}
	if names {
		for _, found := range atAll.FindAllStringSubmatch(outside, -1) {
			r.mentions = append(r.mentions, "@"+found[1])
		}
	}
	for _, name := range []string{"bold", "italic", "strike", "code", "quote"} {
		var plain strings.Builder
		for at := spans[name].FindStringSubmatchIndex(rest); at != nil; at = spans[name].FindStringSubmatchIndex(rest) {
			inner, end := rest[at[4]:at[5]], at[1]
			if len(at) > 6 {
				end = at[6] // what ends one span may begin the next
			}
			r.formats = append(r.formats, name+": "+unescape.Replace(inner))
			plain.WriteString(rest[:at[3]] + inner)
			rest = rest[end:]
		}
		rest = plain.String() + rest
	}
	r.plain = unescape.Replace(rest)
	return r
}
