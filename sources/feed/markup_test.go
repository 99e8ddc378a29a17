package feed_test

import (
	"html"
	"strings"
	"testing"
)

// textOf is what becomes of a title in RSS (HTML) or Atom.
func textOf(t *testing.T, element string) string {
	t.Helper()
	body := `<rss xmlns:mml="http://www.w3.org/1998/Math/MathML"><channel><item>` + element + `<link>https://l.example/1</link></item></channel></rss>`
	if strings.HasPrefix(element, "<title type") || strings.HasPrefix(element, "<title >") {
		body = `<feed xmlns="http://www.w3.org/2005/Atom"><entry>` + element + `<link href="https://l.example/1"/></entry></feed>`
	}
	b, err := fetch(t, body, "2026-11-23", "2026-11-23")
	if err != nil || len(b.Seen) != 1 {
		t.Fatalf("%s: %v %v", element, err, b.Problems)
	}
	return b.Seen[0].Paper.Title
}

func TestMarkupGoesAndSignsStay(t *testing.T) {
	for markup, want := range map[string]string{
		"a<b and c>d":                         "a<b and c>d",
		"when n<p and q":                      "when n<p and q",
		"if a < b":                            "if a < b",
		"x<y":                                 "x<y",
		"n <p and q> m":                       "n <p and q> m",
		"List<int> and Map<K, V>":             "List<int> and Map<K, V>",
		"Let's <think> about it</think>":      "Let's <think> about it</think>",
		"the <input> element":                 "the <input> element",
		"p<0.05 vs p<0.01":                    "p<0.05 vs p<0.01",
		"<1 GB VRAM":                          "<1 GB VRAM",
		"I <3 NY":                             "I <3 NY",
		"a <- b -> c":                         "a <- b -> c",
		"<b>bold</b> and <i>E. coli</i>":      "bold and E. coli",
		"H<sub>2</sub>O and CO<sub>2</sub>":   "H2O and CO2",
		"10<sup>6</sup> and R<sup>2</sup>":    "10^6 and R2",
		"10<sup>−3</sup>, the 2<sup>nd</sup>": "10^−3, the 2nd",
		"one<br>two<br/>three<p>four<p>five":  "one two three four five",
		"<a href='x'>link</a>":                "link",
		"<script>alert(1)</script>safe":       "safe",
		"<style>p{}</style>styled":            "styled",
		"<!-- hidden -->seen":                 "seen",
		"AT&amp;T and AT&amp;amp;T":           "AT&T and AT&T",
		"&lt;i&gt;twice&lt;/i&gt; escaped":    "twice escaped",
		"5 &lt; 6":                            "5 < 6",
		"&nbsp;spaces&#8201;x":                "spaces x",
		"<mml:math><mml:mi>x</mml:mi> <mml:mo>=</mml:mo> <mml:mn>1</mml:mn></mml:math>":                                                 "x=1",
		"<math><msup><mn>10</mn><mn>6</mn></msup></math>":                                                                               "10^6",
		"<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>":                                                                              "1/2",
		"<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>x</annotation></semantics></math>":                         "x",
		"<jats:italic>p</jats:italic> and <jats:sc>Sc</jats:sc>":                                                                        "p and Sc",
		"<inline-formula><alternatives><tex-math>$x$</tex-math><mml:math><mml:mi>x</mml:mi></mml:math></alternatives></inline-formula>": "x",
		"<inline-formula><tex-math>$x$</tex-math></inline-formula>":                                                                     "$x$",
		`<img class="latex" alt="\epsilon">-close`:                                                                                      `\epsilon-close`,
		`<img alt="A photo" src="x.png">seen`:                                                                                           "seen",
		`<script type="math/tex">x^2</script> grows`:                                                                                    "$x^2$ grows",
		`$a<b$ and $\alpha$`: `$a<b$ and $\alpha$`,
	} {
		for _, element := range []string{"<title>" + html.EscapeString(markup) + "</title>", "<title><![CDATA[" + markup + "]]></title>", `<title type="html">` + html.EscapeString(markup) + "</title>"} {
			if got := textOf(t, element); got != want {
				t.Errorf("%s\n got %q\nwant %q", element, got, want)
			}
		}
	}
	for element, want := range map[string]string{
		`<title type="text">Bounds when n &lt; p, a&lt;b and c>d</title>`:                                            "Bounds when n < p, a<b and c>d",
		`<title type="text">The &lt;b>bold&lt;/b> tag &amp;amp; more</title>`:                                        "The <b>bold</b> tag &amp; more",
		`<title >Sharp bounds when n&lt;p</title>`:                                                                   "Sharp bounds when n<p",
		`<title >An &lt;i>escaped&lt;/i> title without a type</title>`:                                               "An escaped title without a type",
		`<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>bold</b> &lt; B</div></title>`:           "A bold < B",
		`<title>Raw <i>E. coli</i> and <mml:math><mml:mi>x</mml:mi></mml:math> in XML, a &lt; b</title>`:             "Raw E. coli and x in XML, a < b",
		`<title>Solitons in <mrow xmlns="http://www.w3.org/1998/Math/MathML"><msub>H2</msub></mrow> systems</title>`: "Solitons in H2 systems",
	} {
		if got := textOf(t, element); got != want {
			t.Errorf("%s\n got %q\nwant %q", element, got, want)
		}
	}
}
