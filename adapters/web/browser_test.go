package web

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"paperboy/core"
	"paperboy/internal/chromium"
)

// tab is a window of the page.
type tab struct{ chromium.Tab }

// browser starts a Chromium and gives a way to open tabs in it.
func browser(t *testing.T) (open func(url string, width, height int64) *tab) {
	t.Helper()
	return newTabs(t, chromium.Start(t, chromedp.Flag("hide-scrollbars", false)))
}

func newTabs(t *testing.T, first context.Context) func(string, int64, int64) *tab {
	return func(url string, width, height int64) *tab {
		t.Helper()
		b := &tab{chromium.Open(t, first, width, height)}
		b.Do(chromedp.Navigate(url), chromedp.WaitReady("#text"))
		return b
	}
}

func (b *tab) keys(keys string) { b.T.Helper(); b.Do(chromedp.KeyEvent(keys)) }

// enter presses the key as a keyboard does: one event, which the page may keep
// from having its effect. (KeyEvent sends the character apart from the key.)
func (b *tab) enter() {
	b.T.Helper()
	for _, typ := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: typ, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}
		if typ == input.DispatchKeyEventTypeKeyDown {
			p.Text = "\r"
		}
		if _, err := chromedp.Call(b.Ctx, input.DispatchKeyEvent, p); err != nil {
			b.T.Fatal(err)
		}
	}
}

func (b *tab) click(selector string) {
	b.T.Helper()
	b.Do(chromedp.Click(chromedp.CSS(selector)))
}

func (b *tab) dark() {
	b.T.Helper()
	if _, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	}); err != nil {
		b.T.Fatal(err)
	}
}

// unnamed lists what can be used but has no name for a screen reader, and on a
// phone what is too small for a finger.
const unnamed = `[...document.querySelectorAll('button, a, input:not([type=hidden]), summary, [tabindex]')].filter(e => {
  const by = e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels[0] && e.labels[0].textContent);
  return !by;
}).map(e => e.outerHTML).join('\n')`

const small = `[...document.querySelectorAll('button, summary, .btn, .reply, select, input:not([type=hidden]), nav a')].filter(e => {
  const r = e.getBoundingClientRect();
  return e.checkVisibility({visibilityProperty: true}) && r.width && !e.matches('.try, .skip') && (r.height < 44 || r.width < 32);
}).map(e => Math.round(e.getBoundingClientRect().height) + ' ' + e.outerHTML.slice(0, 120)).join('\n')`

// covered lists what is seen but cannot be pressed everywhere, because something
// else lies over it.
const covered = `[...document.querySelectorAll('button, a, summary, input:not([type=hidden]), select')].flatMap(e => {
  const r = e.getClientRects()[0], box = (e.closest('.log, .side') || document.documentElement).getBoundingClientRect();
  if (!r || e.matches('.skip') || (p => p && p.scrollWidth > p.clientWidth)(e.closest('.what p')) || e.closest('[inert]') || !e.checkVisibility({visibilityProperty: true})) return [];
  const left = Math.max(r.left, box.left, 0) + 3, right = Math.min(r.right, box.right, innerWidth) - 3, top = Math.max(r.top, box.top, 0) + 3, bottom = Math.min(r.bottom, box.bottom, innerHeight) - 3;
  if (left > right || top > bottom) return [];
  return [[left, top], [right, top], [left, bottom], [right, bottom], [(left + right) / 2, (top + bottom) / 2]].filter(([x, y]) => {
    const over = document.elementFromPoint(x, y);
    return !over || over !== e && !e.contains(over) && !over.contains(e);
  }).slice(0, 1).map(([x, y]) => e.outerHTML.slice(0, 90) + ' lies under ' + document.elementFromPoint(x, y)?.outerHTML.slice(0, 90));
}).join('\n')`

func (b *tab) empty(what, expression string) {
	b.T.Helper()
	if got := chromium.Value[string](b.Tab, expression); got != "" {
		b.T.Errorf("%s:\n%s", what, got)
	}
}

func TestInABrowser(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	ana := open(p.srv.URL+"/?as=ana", 1360, 860)
	ana.Is(`document.activeElement.id === 'text'`)
	ana.Is(`document.querySelector('#log').getAttribute('role') === 'log' && document.querySelector('#text').getAttribute('role') === 'combobox'`)
	ana.Picture("1-first-run")

	// A command, completed by keyboard.
	ana.keys("/papers s")
	ana.Is(`document.querySelectorAll('#text-options [role=option]').length === 3`)
	ana.Is(`document.querySelector('#text').getAttribute('aria-expanded') === 'true'`)
	ana.keys(kb.ArrowDown)
	ana.Is(`document.querySelector('#text').getAttribute('aria-activedescendant') === document.querySelector('#text-options [aria-selected=true]').id`)
	ana.Picture("2-completion")
	ana.enter()
	ana.Is(`document.querySelector('#text').value === '/papers subscribe '`)
	ana.keys(kb.Escape + "lora")
	ana.enter()
	ana.Is(`document.querySelector('.private .answer')?.textContent.includes('I read this as')`)
	ana.Is(`document.querySelector('#text').value === ''`)
	ana.Is(`document.querySelector('#log').textContent.includes('@ana follows 1 topic here')`)

	// Tab takes the first, Escape closes, Enter sends what is typed.
	ana.keys("/papers he")
	ana.Is(`document.querySelectorAll('#text-options [role=option]').length === 1`)
	ana.keys(kb.Tab)
	ana.Is(`document.querySelector('#text').value === '/papers help ' && document.activeElement.id === 'text'`)
	ana.enter()
	ana.Is(`document.querySelector('.private pre')?.textContent.includes('words are ANDed')`)
	ana.Picture("3-private")

	// The morning comes, also to ben, who votes; ana sees the count at once.
	ben := open(p.srv.URL+"/?as=ben", 1360, 860)
	ben.Is(`!document.body.textContent.includes('words are ANDed')`)
	ana.click("#clock [data-morning]")
	ben.Is(`document.querySelectorAll('#log .title').length === 2`)
	ana.Is(`document.querySelector('#log .paper [data-react="👍"]')`)
	ana.Do(chromedp.Focus(chromedp.CSS(`#log .paper [data-press^="pb1|save"]`)))
	ben.click(`#log .paper [data-react="👍"]`)
	ana.Is(`document.querySelector('#log .paper [data-react="👍"]').getAttribute('aria-label') === '👍 1'`)
	ben.Is(`document.querySelector('#log .paper [data-react="👍"]').getAttribute('aria-label') === '👍 1, you reacted'`)
	ana.Is(`document.activeElement.dataset.press?.startsWith('pb1|save')`) // the change took no focus away
	ana.enter()
	ana.Is(`document.querySelector('#notice').textContent.includes('Saved. 1 in your list')`)
	ana.Is(`document.querySelectorAll('#log > .list > .newday').length === 2`) // Wednesday and Thursday
	ben.Picture("4-morning")
	ben.click(`#log .paper details summary[aria-label="More"]`)
	ben.Is(`document.querySelector('details.menu[open] .pop')`)
	ben.Picture("5-menu")
	ben.keys(kb.Escape)
	ben.Is(`!document.querySelector('details.menu[open]')`)

	// The thread.
	ben.click(`#log .th`)
	ben.Is(`document.querySelector('#thread:not([hidden]) .list .title')?.textContent.includes('Efficient Distillation')`)
	ben.Is(`document.activeElement.id === 'reply'`)
	ben.keys("Worth a slot on Friday?")
	ben.enter()
	ben.Is(`document.querySelector('#thread-log').textContent.includes('Worth a slot')`)
	ana.Is(`[...document.querySelectorAll('.th')].some(a => a.textContent === '2 in thread')`)
	ben.keys("/papers diffusion")
	ben.enter()
	ben.Is(`document.querySelector('#thread-log .private ol')`)
	ben.Picture("6-thread")
	ben.dark()
	ben.Picture("7-dark")
	ben.empty("controls without a name", unnamed)
	ana.click(`#log .paper [data-press^="pb1|bibtex"]`)
	ana.Is(`document.querySelector('#log').textContent.includes('@misc{zhang2025sla')`)
	ana.keys("/papers diffusion")
	ana.enter()
	ana.Do(chromedp.Focus(chromedp.CSS("#text")))
	ana.keys("/papers diffusion")
	ana.enter()
	ana.Is(`document.querySelector('#log .private ol.papers')`)
	ana.Picture("8-search")

	// On a phone.
	cem := open(p.srv.URL+"/?as=cem", 390, 844)
	cem.Is(`!document.querySelector('#side').checkVisibility({visibilityProperty: true})`)
	cem.Picture("9-phone")
	cem.empty("too small for a finger", small)
	cem.empty("covered by something else", covered)
	if w := chromium.Value[float64](cem.Tab, `document.documentElement.scrollWidth`); w > 390 {
		t.Errorf("the page is %v wide on a phone of 390", w)
	}
	cem.click(".open-side")
	cem.Is(`document.querySelector('#side').classList.contains('open') && document.activeElement.matches('.close-side')`)
	cem.Is(`document.querySelector('#side').getBoundingClientRect().left === 0`)
	cem.Picture("10-drawer")
	cem.empty("too small for a finger", small)
	cem.keys(kb.Escape)
	cem.Is(`document.activeElement.matches('.open-side') && !document.querySelector('#side').checkVisibility({visibilityProperty: true})`)
	cem.click(`#log .th`)
	cem.Is(`document.querySelector('#thread').getBoundingClientRect().width === 390`)
	cem.Is(`document.querySelector('#main').inert`)
	cem.Picture("11-phone-thread")
	cem.empty("too small for a finger", small)
	cem.empty("covered by something else", covered)
	cem.click(".close-thread")
	cem.Is(`document.querySelector('#thread').hidden && !document.querySelector('#main').inert`)
	cem.empty("controls without a name", unnamed)
	// After Next morning the header stays in sight, however many papers follow.
	cem.Do(chromedp.EmulateViewport(390, 600))
	cem.click("header [data-morning]")
	cem.Is(`document.querySelectorAll('#log .head').length === 2 && document.querySelectorAll('#log .paper').length === 4`)
	cem.Is(`(t => t >= document.querySelector('#log').getBoundingClientRect().top && t < 200)([...document.querySelectorAll('#log .head')].at(-1).getBoundingClientRect().top)`)
	cem.Picture("12-phone-morning")
	cem.Do(chromedp.EmulateViewport(390, 844), chromedp.Focus(chromedp.CSS("#text")))
	cem.keys("/papers help")
	cem.enter()
	cem.Is(`document.querySelector('#log .private pre')`)
	cem.empty("too small for a finger", small)
	if w := chromium.Value[float64](cem.Tab, `document.documentElement.scrollWidth`); w > 390 {
		t.Errorf("the page with a long answer is %v wide on a phone of 390", w)
	}
	cem.Picture("13-phone-help")
	cem.dark()
	cem.Do(chromedp.Focus(chromedp.CSS("#text")))
	cem.keys("/papers s")
	cem.Is(`document.querySelectorAll('#text-options [role=option]').length === 3`)
	cem.Picture("14-phone-dark")
}

// What strangers write stays text in a real browser too, and the page asks
// nobody else for anything.
func TestNothingRunsInABrowser(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	ana := open(p.srv.URL+"/?as=ana", 1000, 700)
	ana.Do(chromedp.Evaluate[chromedp.Void](`window.violations = []; document.addEventListener('securitypolicyviolation', e => violations.push(e.blockedURI))`))
	card := paper("1", hostile)
	card.Papers[0].URL, card.Papers[0].Excerpt = "javascript:window.hacked=1", `<img src=x onerror="window.hacked=1"> `+strings.Repeat("W", 400)
	p.room.say("diffusion", "ben", 0, hostile)
	if _, err := p.room.Post(t.Context(), core.Post{Channel: key("diffusion"), Card: card}); err != nil {
		t.Fatal(err)
	}
	ana.Is(`document.querySelector('#log').textContent.includes('onerror')`)
	ana.Is(`!document.querySelector('#log script, #log img') && !window.hacked`)
	ana.Is(`performance.getEntriesByType('resource').every(r => r.name.startsWith(location.origin))`)
	ana.Is(`document.documentElement.scrollWidth <= innerWidth && document.querySelector('#log').scrollWidth <= document.querySelector('#log').clientWidth`)
	if violations := chromium.Value[string](ana.Tab, `violations.join()`); violations != "" {
		t.Errorf("the page broke its own policy: %s", violations)
	}
	if n := chromium.Value[float64](ana.Tab, fmt.Sprintf(`[...document.querySelectorAll('#log *')].filter(e => [...e.attributes].some(a => a.name.startsWith(%q))).length`, "on")); n != 0 {
		t.Errorf("%v elements have handlers in their text", n)
	}
}
