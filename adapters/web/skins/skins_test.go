package skins_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"paperboy/adapters/web/skins"
	"paperboy/internal/testkit"
)

var reader = skins.Reader{Now: testkit.At("2025-11-25 09:05"), Names: map[string]string{"U0PI": "pi", "C0PAPERS": "papers", "200000000000000007": "ana", "300000000000000001": "papers"}}

var both = []*skins.Skin{skins.Slack, skins.Discord}

func draw(t testing.TB, s *skins.Skin, body []byte) string {
	t.Helper()
	out, err := s.Draw(skins.Message{Body: body, Author: "Paperboy", App: true, At: testkit.At("2025-11-25 09:00")}, reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// bodies are messages of a folder by their files' names.
func bodies(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < 2 {
		t.Fatalf("%s: %d messages, %v", pattern, len(files), err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		if all[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// What the adapters are known to send, and in testdata what the platforms take
// beyond that.
func all(t testing.TB, s *skins.Skin) map[string][]byte {
	t.Helper()
	m := bodies(t, filepath.Join("..", "..", s.Name, "testdata", "*.json"))
	for name, body := range bodies(t, filepath.Join("testdata", s.Name+"-*.json")) {
		m[name] = body
	}
	return m
}

func TestEveryGoldenMessageIsDrawn(t *testing.T) {
	for _, s := range both {
		for name, body := range all(t, s) {
			testkit.Drawn(t, name, draw(t, s, body), body)
		}
	}
}

func TestHowItIsDrawn(t *testing.T) {
	for _, s := range both {
		for name, body := range bodies(t, filepath.Join("testdata", s.Name+"-*.json")) {
			testkit.LooksLike(t, strings.TrimSuffix(filepath.Base(name), ".json")+".html", []byte(draw(t, s, body)+"\n"))
		}
	}
}

func TestWhatIsNotKnownIsARedBox(t *testing.T) {
	for _, tc := range []struct {
		skin *skins.Skin
		body string
	}{
		{skins.Slack, `{"blocks":[{"type":"video","title":"x"}]}`},
		{skins.Slack, `{"blocks":[{"type":"actions","elements":[{"type":"datepicker"}]}]}`},
		{skins.Slack, `{"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"users_select"}}]}`},
		{skins.Slack, `{"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"color"}]}]}]}`},
		{skins.Slack, `{"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"file_input"}}]}`},
		{skins.Slack, `{"blocks":[{}]}`},
		{skins.Discord, `{"flags":32768,"components":[{"type":99}]}`},
		{skins.Discord, `{"components":[{"type":1,"components":[{"type":15}]}]}`},
		{skins.Discord, `{"flags":32768,"components":[{"type":17,"components":[{"type":9,"components":[],"accessory":{"type":19}}]}]}`},
		{skins.Discord, `{"title":"x","components":[{"type":18,"label":"x","component":{"type":19}}]}`},
	} {
		if drawn := draw(t, tc.skin, []byte(tc.body)); !strings.Contains(drawn, "k-unknown") {
			t.Errorf("%s is drawn without a word:\n%s", tc.body, drawn)
		}
	}
}

func TestMarkupOfSlack(t *testing.T) {
	for text, want := range map[string]string{
		"*bold* _it_ ~no~ `co*d*e`":               `<b>bold</b> <i>it</i> <s>no</s> <code class="k-code">co*d*e</code>`,
		"a*b* 2*3*4 x_i_j * no * *no":             `a*b* 2*3*4 x_i_j * no * *no`,
		"*a _b_ c*, (*d*)":                        `<b>a <i>b</i> c</b>, (<b>d</b>)`,
		"\u2060*\u2060b\u2060*\u2060":             "\u2060*\u2060b\u2060*\u2060",
		"<https://a.example/x*y|*t* &amp; u>":     `<a class="k-a" href="https://a.example/x*y" target="_blank" rel="noopener noreferrer">*t* &amp; u</a>`,
		"*<https://a.example/|title>*":            `<b><a class="k-a" href="https://a.example/" target="_blank" rel="noopener noreferrer">title</a></b>`,
		"<javascript:alert(1)|x> <@U0PI> <@U9|b>": `x <span class="k-mention">@pi</span> <span class="k-mention">@b</span>`,
		"<#C0PAPERS> <!here> <!subteam^S1|@team>": `<span class="k-mention">#papers</span> <span class="k-mention">@here</span> <span class="k-mention">@@team</span>`,
		"&lt;@U0PI&gt; &lt;b&gt; &amp;lt; &amp":   `&lt;@U0PI&gt; &lt;b&gt; &amp;lt; &amp;amp`,
		":+1: :nobody_knows: 10:30: :bookmark:":   `👍 :nobody_knows: 10:30: 🔖`,
		"&gt; quoted\nmore":                       `<div class="k-quote">quoted</div>more`,
		"a\n```\n*x* &lt;\n```\nb":                "a<pre class=\"k-pre\">*x* &lt;\n</pre>b",
		"<!date^1764057600^{date_long} {time}|s>": `<span class="k-time">Tuesday, November 25, 2025 9:00 AM</span>`,
		"<!date^x^{time}|soon> <!date^1|s>":       `<span class="k-time">soon</span> <span class="k-time">s</span>`,
	} {
		body, err := json.Marshal(map[string]any{"blocks": []any{map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text, "verbatim": true}}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := between(draw(t, skins.Slack, body), `<div class="slack-section"><div class="slack-words"><div class="slack-text">`, `</div></div></div></div></div></div>`); got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestMarkupOfDiscord(t *testing.T) {
	for text, want := range map[string]string{
		"**bold** *it* _it_ __under__ ~~no~~ ||s|| `co**d**e`":    `<b>bold</b> <i>it</i> <i>it</i> <u>under</u> <s>no</s> <span class="k-spoiler">s</span> <code class="k-code">co**d**e</code>`,
		`\*\*no\*\* 1\. \# x snake_case_name 2 * 3 * 4 09\:00`:    `**no** 1. # x snake_case_name 2 * 3 * 4 09:00`,
		"***both*** **a *b* c**":                                  `<b><i>both</i></b> <b>a <i>b</i> c</b>`,
		"**[title](<https://a.example/x_y>)**":                    `<b><a class="k-a" href="https://a.example/x_y" target="_blank" rel="noopener noreferrer">title</a></b>`,
		"[x](javascript:alert) https://b.example/?a=1&b=2":        `[x](javascript:alert) <a class="k-a" href="https://b.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">https://b.example/?a=1&amp;b=2</a>`,
		"<@200000000000000007> <#300000000000000001> <@&5> @here": `<span class="k-mention">@ana</span> <span class="k-mention">#papers</span> <span class="k-mention">@unknown</span> <span class="k-mention">@here</span>`,
		"</papers subscribe:123> </papers:x> <b>":                 `<span class="k-mention">/papers subscribe</span> &lt;/papers:x&gt; &lt;b&gt;`,
		"<t:1764057600:F> <t:1764144000:R> <t:1764057600:t>":      `<span class="k-time">Tuesday, 25 November 2025 09:00</span> <span class="k-time">in a day</span> <span class="k-time">09:00</span>`,
		"-# small *print*\n# Big\n> quoted":                       `<div class="k-small">small <i>print</i></div><div class="k-h1">Big</div><div class="k-quote">quoted</div>`,
		"- one\n1. two\n#not":                                     `<div class="k-li">one</div><div class="k-li k-oli"><span>1.</span> two</div>#not`,
		"a\n```py\nx **y**\n```\nb":                               "a<pre class=\"k-pre\">x **y**\n</pre>b",
		":+1: :nobody: <:frog:12345>":                             `👍 :nobody: <span class="k-mention">:frog:</span>`,
	} {
		body, err := json.Marshal(map[string]any{"content": text})
		if err != nil {
			t.Fatal(err)
		}
		if got := between(draw(t, skins.Discord, body), `</div><div class="discord-text">`, `</div></div></div>`); got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
}

func between(s, begin, end string) string {
	_, s, _ = strings.Cut(s, begin)
	return strings.TrimSuffix(s, end)
}

// What is drawn may hold these tags and attributes and no others.
var (
	tags  = strings.Fields("div span b i u s a code pre button details summary svg rect path hr ol ul li time small")
	marks = strings.Fields("class href target rel type role aria-label aria-hidden data-press data-dismiss disabled viewBox viewbox preserveAspectRatio preserveaspectratio width height fill d stroke stroke-width")
)

// tame fails where a drawing holds what its templates do not write.
func tame(t *testing.T, drawn string) {
	t.Helper()
	for z := html.NewTokenizer(strings.NewReader(drawn)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.CommentToken, html.DoctypeToken:
			t.Fatalf("%s in\n%s", z.Raw(), drawn)
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if !slices.Contains(tags, token.Data) {
				t.Fatalf("<%s> in\n%s", token.Data, drawn)
			}
			for _, a := range token.Attr {
				if !slices.Contains(marks, a.Key) || a.Key == "href" && !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "http://") {
					t.Fatalf("%s=%q in\n%s", a.Key, a.Val, drawn)
				}
			}
		}
	}
}

// stranger puts a text into every place of a message that holds one.
func stranger(v any, text string) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if s, ok := e.(string); ok && (name == "type" || s == "mrkdwn" || s == "plain_text") {
				continue
			}
			v[name] = stranger(e, text)
		}
	case []any:
		for i := range v {
			v[i] = stranger(v[i], text)
		}
	case string:
		return text
	}
	return v
}

func FuzzStrangersTextStaysText(f *testing.F) {
	for _, s := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, "<javascript:alert(1)|x>", "[x](<javascript:alert(1)>)", "*_~`<https://x.example/\"onclick=|<b>>`~_*",
		"<!date^1^{date}\"^https://x|<i>>", "<t:9223372036854775807:F>", "</x\"y:1>", "```\n</pre><script>\n```", "\x00\xff<a href=", "https://x.example/\"><svg onload=x>", "**__~~||a||~~__**", "data:text/html,x", "//x.example", "http:///x", "https://",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range both {
			for _, body := range bodies(t, filepath.Join("testdata", s.Name+"-*.json")) {
				var m any
				if err := json.Unmarshal(body, &m); err != nil {
					t.Fatal(err)
				}
				hostile, err := json.Marshal(stranger(m, text))
				if err != nil {
					t.Fatal(err)
				}
				tame(t, draw(t, s, hostile))
			}
			content, err := json.Marshal(map[string]any{"content": text, "text": text})
			if err != nil {
				t.Fatal(err)
			}
			tame(t, draw(t, s, content))
		}
	})
}

func FuzzAnyMessageIsDrawn(f *testing.F) {
	for _, s := range both {
		for _, body := range bodies(f, filepath.Join("testdata", s.Name+"-*.json")) {
			f.Add(string(body))
		}
	}
	f.Add(`{"blocks":[null,1,"x",[],{"type":null}],"components":{"type":1},"embeds":[[]],"title":1}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, s := range both {
			if drawn, err := s.Draw(skins.Message{Body: []byte(body)}, reader); err == nil {
				tame(t, string(drawn))
			}
		}
	})
}

func TestAPersonsWordsAreNoMarkup(t *testing.T) {
	for _, s := range both {
		drawn, err := s.Draw(skins.Message{Text: "*a* <b>", Author: "ana", Reactions: []skins.Reaction{{Emoji: "👍", Count: 2, Mine: true}}, Replies: "2 replies", Thread: "#t1"}, reader)
		if err != nil {
			t.Fatal(err)
		}
		testkit.Sees(t, string(drawn), "*a* &lt;b&gt;", `data-react="👍" aria-pressed="true"`, `href="#t1">2 replies</a>`)
	}
}
