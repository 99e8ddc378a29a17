package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// us is an installation that knows who it is, and Ana.
func us() *workspace {
	s := New(Options{BotToken: "xoxb-1"}).one
	s.self.user = "U0PAPERBOY"
	s.names.user("U0ANA", "ana")
	return s
}

// What Slack makes of what people type is taken back.
func TestWhatWasTyped(t *testing.T) {
	s := us()
	for from, want := range map[string]string{
		// Slack links whatever ends like a domain.
		"search cat:<http://cs.AI|cs.AI> diffusion": "search cat:cs.AI diffusion",
		"cat:<http://cs.AI|cs.AI>":                  "cat:cs.AI",
		"cat:<http://cs.AI>":                        "cat:cs.AI",
		"<http://cs.AI|cs.AI>":                      "cs.AI",
		"<http://cs.AI>":                            "cs.AI",
		"<http://cs.AI/>":                           "cs.AI",
		"<https://cs.AI|cs.AI>":                     "cs.AI",
		"<http://stat.ML/|stat.ML>":                 "stat.ML",
		"<http://cs.CL|cs.CL> <http://cs.CV|cs.CV>": "cs.CL cs.CV",
		"settings scope:<http://cs.AI|cs.AI>,<http://stat.ML|stat.ML>,eess.*": "settings scope:cs.AI,stat.ML,eess.*",
		"cat:<http://cs.SE|cs.SE>|cat:<http://cs.RO|cs.RO>":                   "cat:cs.SE|cat:cs.RO",
		"-<http://cs.NE|cs.NE>":                                              "-cs.NE",
		"mute cat:<http://cs.IR|cs.IR> for:7d":                               "mute cat:cs.IR for:7d",
		"subscribe <http://llama.cpp|llama.cpp>, <http://hello.py|hello.py>": "subscribe llama.cpp, hello.py",
		"<http://model.safetensors.ai|model.safetensors.ai>":                 "model.safetensors.ai",
		"“<http://vit.so|vit.so> models”":                                    "“vit.so models”",
		"<http://CS.AI|cs.AI>":                                               "cs.AI",
		"<http://openai.com|OpenAI> agents":                                  "OpenAI agents",
		"<https://openai.com/research?a=1&amp;b=2|their page>":               "their page",
		"<http://deepmind.google/blog|deepmind.google/blog>":                 "deepmind.google/blog",
		"<http://10.1234/abc|10.1234/abc>":                                   "10.1234/abc",
		// Papers' addresses stay ones.
		"show <https://arxiv.org/abs/2509.24002>":                                            "show https://arxiv.org/abs/2509.24002",
		"show <https://arxiv.org/abs/2509.24002|arxiv.org/abs/2509.24002>":                   "show arxiv.org/abs/2509.24002",
		"show <http://arxiv.org/abs/2509.24002|arxiv.org/abs/2509.24002>":                    "show arxiv.org/abs/2509.24002",
		"show <https://arxiv.org/abs/2509.24002v2|https://arxiv.org/abs/2509.24002v2>":       "show https://arxiv.org/abs/2509.24002v2",
		"similar <https://arxiv.org/abs/2509.24002|SLA: Beyond Sparsity>":                    "similar https://arxiv.org/abs/2509.24002",
		"save <https://huggingface.co/papers/2509.24002|this one> note:later":                "save https://huggingface.co/papers/2509.24002 note:later",
		"why <https://arxiv.org/pdf/2509.24002v1>":                                           "why https://arxiv.org/pdf/2509.24002v1",
		"show <https://doi.org/10.48550/arXiv.2509.24002|doi.org/10.48550/arXiv.2509.24002>": "show doi.org/10.48550/arXiv.2509.24002",
		// Mail addresses, numbers, people, channels, dates.
		"author:<mailto:ana@lab.org|ana@lab.org>":        "author:ana@lab.org",
		"<mailto:ana@lab.org>":                           "ana@lab.org",
		"<tel:+49301234567|030 1234567>":                 "030 1234567",
		"<tel:+49301234567>":                             "+49301234567",
		"search <#C123|papers> today":                    "search #papers today",
		"<#C123>":                                        "#C123",
		"<#C123|>":                                       "#C123",
		"settings editors:<@U0ANA>":                      "settings editors:@ana",
		"<@U0ANA|ana.doe>":                               "@ana.doe",
		"<@U9>":                                          "@U9",
		"<!here> list":                                   "@here list",
		"<!channel|@channel>":                            "@channel",
		"settings editors:<!subteam^S123|@curators>":     "settings editors:@curators",
		"today <!date^1392734382^{date_num}|2014-02-18>": "today 2014-02-18",
		"<slack://open|open>":                            "open",
		"<lora>":                                         "lora",
		"<>":                                             "<>",
		// Escapes, each once.
		"AT&amp;T &lt;b&gt; &amp;lt; &amp;nbsp;": "AT&T <b> &lt; &nbsp;",
		"subscribe&nbsp;lora":                    "subscribe lora",
		"subscribe\u00a0lora":                    "subscribe lora",
		"subscribe agent\u2217":                  "subscribe agent*",
		"search “state of the art” –video":       "search “state of the art” –video",
		`search "R&amp;D"`:                       `search "R&D"`,
		// Emphasis.
		"*subscribe diffusion*":                "subscribe diffusion",
		"*subscribe* _diffusion_":              "subscribe diffusion",
		"*a* *b* *c*":                          "a b c",
		"subscribe _*diffusion*_":              "subscribe diffusion",
		"subscribe ~video~ lora":               "subscribe video lora",
		"subscribe `diffusion -video`":         "subscribe diffusion -video",
		"```subscribe diffusion```":            "subscribe diffusion",
		"`subscribe` *(lora)*":                 "subscribe (lora)",
		`subscribe *"stable diffusion"*, lora`: `subscribe "stable diffusion", lora`,
		"*<http://cs.AI|cs.AI>*":               "cs.AI",
		// What is no emphasis stays.
		"diffus* agent*":           "diffus* agent*",
		"cat:cs.* lora cat:stat.*": "cat:cs.* lora cat:stat.*",
		"cat:*":                    "cat:*",
		"cat:* lora":               "cat:* lora",
		"scope:cs.*,stat.*,eess.*": "scope:cs.*,stat.*,eess.*",
		"diffus*, model*":          "diffus*, model*",
		"-video* | adapt*":         "-video* | adapt*",
		"max_pool under_score":     "max_pool under_score",
		"~5B parameters":           "~5B parameters",
		"A* search Q*":             "A* search Q*",
		// What is copied from our own answers.
		"/invite @Paperboy cs.\u2060*": "/invite @Paperboy cs.*",
		"\u200bdiffusion\ufeff":        "diffusion",
	} {
		if got := s.typed(from); got != want {
			t.Errorf("%q is read as %q, want %q", from, got, want)
		}
	}
}

// A message that mentions us is what follows the mention, wherever that stands.
func TestWhatWasSaidToUs(t *testing.T) {
	s := us()
	link := `{"type":"link","url":"http://cs.AI","text":"cs.AI"}`
	rich := func(elements string) string {
		return `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U0PAPERBOY"},` + elements + `]}]}]`
	}
	for _, c := range []struct{ text, blocks, want string }{
		{"<@U0PAPERBOY> list", "", "list"},
		{"<@U0PAPERBOY|paperboy> list", "", "list"},
		{"<@U0PAPERBOY>: list", "", "list"},
		{"<@U0PAPERBOY>, list", "", "list"},
		{"<@U0PAPERBOY>", "", ""},
		{"list <@U0PAPERBOY>", "", "list"},
		{"<@U0PAPERBOY> <@U0PAPERBOY> list", "", "list"},
		{"<@U0PAPERBOY> search cat:<http://cs.AI|cs.AI> diffusion", "", "search cat:cs.AI diffusion"},
		{"<@U0PAPERBOY>\nsubscribe lora", "", "subscribe lora"},
		{"*<@U0PAPERBOY>* list", "", "list"},
		{"_<@U0PAPERBOY>_ *list*", "", "list"},
		{"*<@U0PAPERBOY>* *list*", rich(`{"type":"text","text":" "},{"type":"text","text":"list","style":{"bold":true}}`), "list"},
		{"<@U0PAPERBOY> cat:<http://cs.AI|cs.AI>", rich(`{"type":"text","text":" cat:"},` + link), "cat:cs.AI"},
		{"<@U0PAPERBOY> *x*", rich(`{"type":"text","text":" *x* &amp; <b>"}`), "*x* &amp; <b>"}, // typed so, and not marked
		{"-", rich(`{"type":"text","text":" settings votes:"},{"type":"emoji","name":"fire","unicode":"1f525"}`), "settings votes::fire:"},
		{"-", rich(`{"type":"text","text":" ask "},{"type":"user","user_id":"U0ANA"},{"type":"broadcast","range":"here"}`), "ask @ana@here"},
		{"-", rich(`{"type":"text","text":" show "},{"type":"link","url":"https://arxiv.org/abs/2509.24002","text":"a paper"}`), "show https://arxiv.org/abs/2509.24002"},
		{"-", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U0PAPERBOY"}]},
			{"type":"rich_text_preformatted","elements":[{"type":"text","text":"subscribe lora"}]}]}]`, "subscribe lora"},
		{"-", `[{"type":"rich_text","elements":[{"type":"rich_text_list","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"list"}]}]}]}]`, "list"},
		// Other blocks are nobody's words; and what cannot be read is no reason to say nothing.
		{"<@U0PAPERBOY> list", `[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]`, "list"},
		{"<@U0PAPERBOY> list", `[{"type":"rich_text","elements":"x"}]`, "list"},
		{"<@U0PAPERBOY> list", `{}`, "list"},
		{"<@U0PAPERBOY> list", `[]`, "list"},
	} {
		if got := s.said(event{Text: c.text, Blocks: json.RawMessage(c.blocks)}); got != c.want {
			t.Errorf("%q %s is read as %q, want %q", c.text, c.blocks, got, c.want)
		}
	}
}

// Words without signs are what they are, however Slack had to escape them; and
// whatever it links is its label.
func TestPlainWordsAndLinksComeBack(t *testing.T) {
	s := us()
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringMatching(`[\pL\pN &<>"':;,.|-]*`).Draw(t, "words")
		host := rapid.StringMatching(`[a-z]{1,8}\.[A-Za-z]{2}`).Draw(t, "host")
		line := fmt.Sprintf("%s <http://%s|%s> %s", escape.Replace(words), host, host, escape.Replace(words))
		if got, want := s.typed(line), words+" "+host+" "+words; got != want {
			t.Errorf("%q is read as %q, want %q", line, got, want)
		}
	})
}

func FuzzTyped(f *testing.F) {
	for _, seed := range []string{"<http://cs.AI|cs.AI>", "*a* _b_ ~c~ `d`", "<@U0PAPERBOY> &amp;lt;", "<!date^1^{date}|x>", "<|>", "<@>", "<#|>", "<:>", "*_~_*", "<http://|>", "<mailto:>"} {
		f.Add(seed)
	}
	s := us()
	f.Fuzz(func(t *testing.T, text string) {
		got := s.typed(text)
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q is read as %q, which is no text", text, got)
		}
		if strings.Contains(got, "`") || strings.ContainsRune(got, '\u2060') {
			t.Errorf("%q is read as %q", text, got)
		}
		s.said(event{Text: text, Blocks: json.RawMessage(text)})
	})
}
