package site

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"paperboy/internal/chromium"
)

// tab is a window of the page.
type tab struct{ chromium.Tab }

// browser starts a Chromium and gives a way to open tabs in it.
func browser(t *testing.T) (open func(url string, width, height int64) *tab) {
	t.Helper()
	first := chromium.Start(t)
	return func(url string, width, height int64) *tab {
		t.Helper()
		b := &tab{chromium.Open(t, first, width, height)}
		b.goes(url)
		return b
	}
}

func (b *tab) goes(url string) {
	b.T.Helper()
	b.Do(chromedp.Navigate(url), chromedp.WaitReady("main"))
}

// keys presses keys as a keyboard does: one event each, which the page may keep from
// having its effect.
func (b *tab) keys(keys string) {
	b.T.Helper()
	for _, k := range keys {
		for _, typ := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			p := input.DispatchKeyEventParams{Type: typ, Key: string(k)}
			if typ == input.DispatchKeyEventTypeKeyDown {
				p.Text = string(k)
			}
			if _, err := chromedp.Call(b.Ctx, input.DispatchKeyEvent, p); err != nil {
				b.T.Fatal(err)
			}
		}
	}
}

func (b *tab) empty(what, expression string) {
	b.T.Helper()
	if got := chromium.Value[string](b.Tab, expression); got != "" {
		b.T.Errorf("%s:\n%s", what, got)
	}
}

func (b *tab) media(features ...*emulation.MediaFeature) {
	b.T.Helper()
	if _, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		b.T.Fatal(err)
	}
}

func (b *tab) scheme(value string) {
	b.T.Helper()
	b.media(&emulation.MediaFeature{Name: "prefers-color-scheme", Value: value})
}

// faint lists texts whose contrast with what is behind them is less than WCAG's AA
// asks: 4.5, and 3 for what is large.
const faint = `(() => {
  const rgb = s => (s.match(/[\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4).reduce((n, c, i) => n + c * [.2126, .7152, .0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const out = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility({ visibilityProperty: true }) || e.closest('.vh, .skip, [aria-hidden=true]')) continue;
    const style = getComputedStyle(e), a = lum(rgb(style.color)), b = lum(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), size = parseFloat(style.fontSize);
    if (ratio < (size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5)) out.push(ratio.toFixed(2) + ' ' + e.outerHTML.slice(0, 100));
  }
  return out.join('\n');
})()`

// small lists what is to be pressed and is too small for a finger: WCAG's AA asks 24
// pixels (2.5.8), but within a sentence.
const small = `[...document.querySelectorAll('a, button, summary, input:not([type=hidden])')].filter(e => {
  const r = e.getBoundingClientRect();
  return e.checkVisibility({ visibilityProperty: true }) && r.width && !e.matches('.skip') && (r.height < 24 || r.width < 24);
}).map(e => Math.round(e.getBoundingClientRect().height) + ' ' + e.outerHTML.slice(0, 120)).join('\n')`

// tree is what a screen reader is told: the roles that have a name, and those that
// need one and have none.
func (b *tab) tree() (roles map[string][]string) {
	b.T.Helper()
	res, err := chromedp.Call(b.Ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		b.T.Fatal(err)
	}
	roles = map[string][]string{}
	for _, n := range res.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role, name := plain(n.Role), ""
		if n.Name != nil {
			name = plain(n.Name)
		}
		roles[role] = append(roles[role], name)
		switch role {
		case "link", "button", "searchbox", "navigation", "heading", "textbox":
			if name == "" {
				b.T.Errorf("a %s has no name", role)
			}
		}
	}
	return roles
}

// plain is a value that is a string.
func plain(v *accessibility.Value) (s string) {
	_ = json.Unmarshal(v.Value, &s)
	return s
}

func TestInABrowser(t *testing.T) {
	open := browser(t)
	l, _, _ := withProvider(t)
	first := l.posted(papers)[0]
	l.votes(papers, first, 3)
	stranger := open(l.srv.URL+"/", 1280, 800)
	stranger.Is(`document.body.textContent.includes('for people with a link')`)
	stranger.Picture("site-stranger")

	ana := open(l.srv.URL+l.link(papers), 1280, 900)
	ana.Is(`location.pathname === '/' && document.querySelectorAll('li.paper').length > 5`)
	pages := map[string]string{
		"day": "/", "votes": "/?span=month&sort=votes", "search": "/?q=agents+that+remember", "paper": "/papers/" + string(first),
		"channel": fmt.Sprint("/channels/", l.channel(papers).ID), "mistyped": "/?date=tomorrow",
	}
	for name, path := range pages {
		ana.scheme("light")
		ana.goes(l.srv.URL + path)
		ana.Picture("site-" + name)
		ana.empty(name+": faint", faint)
		ana.empty(name+": too small", small)
		roles := ana.tree()
		for _, landmark := range []string{"banner", "main", "contentinfo", "search", "navigation"} {
			if len(roles[landmark]) == 0 {
				t.Errorf("%s has no %s", name, landmark)
			}
		}
		if n := chromium.Value[int](ana.Tab, `document.querySelectorAll('h1').length`); n != 1 {
			t.Errorf("%s has %d first headings", name, n)
		}
		ana.scheme("dark")
		ana.Picture("site-" + name + "-dark")
		ana.empty(name+": faint in the dark", faint)
		if elsewhere := chromium.Value[string](ana.Tab, `performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(location.origin)).join(' ')`); elsewhere != "" {
			t.Errorf("%s loads %s", name, elsewhere)
		}
	}

	// Keys: a search as one types, down the list, and into a paper.
	ana.scheme("light")
	ana.goes(l.srv.URL + "/")
	ana.keys("/")
	ana.Is(`document.activeElement.id === 'q'`)
	ana.keys("diffusion")
	ana.Is(`document.querySelector('h1').textContent === 'diffusion' && document.querySelectorAll('li.paper').length > 0`)
	ana.Is(`document.querySelector('#q').value === 'diffusion' && document.activeElement.id === 'q' && location.search === '?q=diffusion'`)
	ana.Is(`!document.querySelector('header nav [aria-current]')`)
	ana.Picture("site-typed")
	ana.Do(chromedp.KeyEvent("\x1b"))
	ana.keys("j")
	ana.Is(`document.activeElement === document.querySelectorAll('h3 a')[0]`)
	ana.keys("j")
	ana.Is(`document.activeElement === document.querySelectorAll('h3 a')[1]`)
	ana.keys("k")
	title := chromium.Value[string](ana.Tab, `document.activeElement.textContent`)
	ana.keys("o")
	ana.Do(chromedp.WaitReady("article h1"))
	ana.Is(fmt.Sprintf(`document.querySelector('article h1')?.textContent === %q`, title))

	// Signed in as herself, ana saves a paper with a key, and finds it in her list.
	ana.goes(l.srv.URL + "/signin?tie=1")
	ana.Is(`document.body.textContent.includes('I do not know yet who you are in the chat')`)
	ana.Picture("site-unknown")
	ana.goes(l.srv.URL + l.own("ana"))
	ana.Picture("site-own-link")
	ana.empty("her own link: faint", faint)
	ana.Do(chromedp.Click("main button"), chromedp.WaitReady("footer"))
	ana.Is(`document.querySelector('h1').textContent === 'My list' && document.querySelectorAll('li.paper').length === 0`)
	ana.goes(l.srv.URL + "/signin?tie=1") // from where the provider sends her back
	ana.Is(`location.pathname === '/list'`)
	ana.goes(l.srv.URL + "/")
	ana.keys("js")
	ana.Is(`document.activeElement.closest('.paper').querySelector('form.save button').textContent === 'Remove from my list' && location.pathname === '/'`)
	ana.keys("j")
	kept := chromium.Value[string](ana.Tab, `document.querySelector('h3 a').textContent`)
	ana.Do(chromedp.Click("li.paper:nth-child(2) form.save button"), chromedp.WaitReady("li.paper:nth-child(2) form.save input[name=off]"))
	for _, scheme := range []string{"light", "dark"} {
		ana.scheme(scheme)
		for name, path := range map[string]string{"list": "/list", "channels": "/channels", "saved": "/papers/" + string(first)} {
			ana.goes(l.srv.URL + path)
			ana.Picture("site-" + name + "-" + scheme)
			ana.empty(name+": faint", faint)
			ana.empty(name+": too small", small)
			ana.tree()
		}
	}
	ana.scheme("light")
	ana.goes(l.srv.URL + "/list")
	ana.Is(fmt.Sprintf(`document.querySelectorAll('li.paper').length === 2 && [...document.querySelectorAll('h3 a')].some(a => a.textContent === %q)`, kept))
	ana.keys("js")
	ana.Is(`document.querySelectorAll('li.paper').length === 1`)
	other := open(l.srv.URL+"/signin", 1280, 900) // the same browser, which is somebody's whole
	other.Is(`document.querySelector('h1').textContent === 'My list'`)
	ana.goes(l.srv.URL + "/list")
	ana.Do(chromedp.Click("form[action='/signout'] button"), chromedp.WaitReady("body:not(:has(form[action='/signout'])) footer"))
	ana.Is(`location.pathname === '/' && !document.body.textContent.includes('Sign out')`)

	// On a phone.
	for name, path := range pages {
		cem := open(l.srv.URL+l.link(papers), 390, 844)
		cem.goes(l.srv.URL + path)
		cem.Picture("site-" + name + "-phone")
		if w := chromium.Value[float64](cem.Tab, `document.documentElement.scrollWidth`); w > 390 {
			t.Errorf("%s is %v wide on a phone of 390", name, w)
		}
		cem.empty(name+": too small on a phone", small)
	}
}
