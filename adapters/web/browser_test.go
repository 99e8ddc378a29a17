package web

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"paperboy/core"
	"paperboy/internal/recordings"
)

// browser starts a Chromium and gives a way to open tabs in it.
func browser(t *testing.T) (tab func(url string, width, height int64) *tab) {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(recordings.Browser(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", false))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	first, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(first); err != nil {
		t.Fatal(err)
	}
	return newTabs(t, first)
}

func newTabs(t *testing.T, first context.Context) func(string, int64, int64) *tab {
	return func(url string, width, height int64) *tab {
		t.Helper()
		ctx, cancel := chromedp.NewContext(first, chromedp.WithNewWindow(true)) // a tab behind another one draws nothing
		t.Cleanup(cancel)
		tb := &tab{t: t, ctx: ctx}
		if err := chromedp.Do(ctx); err != nil { // opens the tab, for as long as ctx lives
			t.Fatal(err)
		}
		tb.do(chromedp.EmulateViewport(width, height), chromedp.Navigate(url), chromedp.WaitReady("#text"))
		return tb
	}
}

// tab is a window of the page.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// is waits until an expression of the page is true.
func (b *tab) is(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Poll[chromedp.Void]("!!("+expression+")", chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		html, _ := chromedp.Run(b.ctx, chromedp.OuterHTML("main"))
		b.t.Fatalf("never: %s (%v)\n%s", expression, err, html)
	}
}

func (b *tab) keys(keys string) { b.t.Helper(); b.do(chromedp.KeyEvent(keys)) }

// enter presses the key as a keyboard does: one event, which the page may keep
// from having its effect. (KeyEvent sends the character apart from the key.)
func (b *tab) enter() {
	b.t.Helper()
	for _, typ := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: typ, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}
		if typ == input.DispatchKeyEventTypeKeyDown {
			p.Text = "\r"
		}
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// value is what an expression of the page comes to.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (b *tab) dark() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	}); err != nil {
		b.t.Fatal(err)
	}
}

// picture keeps a screenshot where PAPERBOY_SCREENSHOTS asks for it.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("PAPERBOY_SCREENSHOTS")
	if dir == "" {
		return
	}
	b.is(`document.getAnimations().length === 0`)
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
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
	b.t.Helper()
	if got := value[string](b, expression); got != "" {
		b.t.Errorf("%s:\n%s", what, got)
	}
}

func TestInABrowser(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	ana := open(p.srv.URL+"/?as=ana", 1360, 860)
	ana.is(`document.activeElement.id === 'text'`)
	ana.is(`document.querySelector('#log').getAttribute('role') === 'log' && document.querySelector('#text').getAttribute('role') === 'combobox'`)
	ana.picture("1-first-run")

	// A command, completed by keyboard.
	ana.keys("/papers s")
	ana.is(`document.querySelectorAll('#text-options [role=option]').length === 3`)
	ana.is(`document.querySelector('#text').getAttribute('aria-expanded') === 'true'`)
	ana.keys(kb.ArrowDown)
	ana.is(`document.querySelector('#text').getAttribute('aria-activedescendant') === document.querySelector('#text-options [aria-selected=true]').id`)
	ana.picture("2-completion")
	ana.enter()
	ana.is(`document.querySelector('#text').value === '/papers subscribe '`)
	ana.keys(kb.Escape + "lora")
	ana.enter()
	ana.is(`document.querySelector('.private .answer')?.textContent.includes('I read this as')`)
	ana.is(`document.querySelector('#text').value === ''`)
	ana.is(`document.querySelector('#log').textContent.includes('@ana follows 1 topic here')`)

	// Tab takes the first, Escape closes, Enter sends what is typed.
	ana.keys("/papers he")
	ana.is(`document.querySelectorAll('#text-options [role=option]').length === 1`)
	ana.keys(kb.Tab)
	ana.is(`document.querySelector('#text').value === '/papers help ' && document.activeElement.id === 'text'`)
	ana.enter()
	ana.is(`document.querySelector('.private pre')?.textContent.includes('words are ANDed')`)
	ana.picture("3-private")

	// The morning comes, also to ben, who votes; ana sees the count at once.
	ben := open(p.srv.URL+"/?as=ben", 1360, 860)
	ben.is(`!document.body.textContent.includes('words are ANDed')`)
	ana.click("#clock [data-morning]")
	ben.is(`document.querySelectorAll('#log .title').length === 2`)
	ana.is(`document.querySelector('#log .paper [data-react="👍"]')`)
	ana.do(chromedp.Focus(chromedp.CSS(`#log .paper [data-press^="pb1|save"]`)))
	ben.click(`#log .paper [data-react="👍"]`)
	ana.is(`document.querySelector('#log .paper [data-react="👍"]').getAttribute('aria-label') === '👍 1'`)
	ben.is(`document.querySelector('#log .paper [data-react="👍"]').getAttribute('aria-label') === '👍 1, you reacted'`)
	ana.is(`document.activeElement.dataset.press?.startsWith('pb1|save')`) // the change took no focus away
	ana.enter()
	ana.is(`document.querySelector('#notice').textContent.includes('Saved. 1 in your list')`)
	ana.is(`document.querySelectorAll('#log > .list > .newday').length === 2`) // Wednesday and Thursday
	ben.picture("4-morning")
	ben.click(`#log .paper details summary[aria-label="More"]`)
	ben.is(`document.querySelector('details.menu[open] .pop')`)
	ben.picture("5-menu")
	ben.keys(kb.Escape)
	ben.is(`!document.querySelector('details.menu[open]')`)

	// The thread.
	ben.click(`#log .th`)
	ben.is(`document.querySelector('#thread:not([hidden]) .list .title')?.textContent.includes('Efficient Distillation')`)
	ben.is(`document.activeElement.id === 'reply'`)
	ben.keys("Worth a slot on Friday?")
	ben.enter()
	ben.is(`document.querySelector('#thread-log').textContent.includes('Worth a slot')`)
	ana.is(`[...document.querySelectorAll('.th')].some(a => a.textContent === '2 in thread')`)
	ben.keys("/papers diffusion")
	ben.enter()
	ben.is(`document.querySelector('#thread-log .private ol')`)
	ben.picture("6-thread")
	ben.dark()
	ben.picture("7-dark")
	ben.empty("controls without a name", unnamed)
	ana.click(`#log .paper [data-press^="pb1|bibtex"]`)
	ana.is(`document.querySelector('#log').textContent.includes('@misc{zhang2025sla')`)
	ana.keys("/papers diffusion")
	ana.enter()
	ana.do(chromedp.Focus(chromedp.CSS("#text")))
	ana.keys("/papers diffusion")
	ana.enter()
	ana.is(`document.querySelector('#log .private ol.papers')`)
	ana.picture("8-search")

	// On a phone.
	cem := open(p.srv.URL+"/?as=cem", 390, 844)
	cem.is(`!document.querySelector('#side').checkVisibility({visibilityProperty: true})`)
	cem.picture("9-phone")
	cem.empty("too small for a finger", small)
	cem.empty("covered by something else", covered)
	if w := value[float64](cem, `document.documentElement.scrollWidth`); w > 390 {
		t.Errorf("the page is %v wide on a phone of 390", w)
	}
	cem.click(".open-side")
	cem.is(`document.querySelector('#side').classList.contains('open') && document.activeElement.matches('.close-side')`)
	cem.is(`document.querySelector('#side').getBoundingClientRect().left === 0`)
	cem.picture("10-drawer")
	cem.empty("too small for a finger", small)
	cem.keys(kb.Escape)
	cem.is(`document.activeElement.matches('.open-side') && !document.querySelector('#side').checkVisibility({visibilityProperty: true})`)
	cem.click(`#log .th`)
	cem.is(`document.querySelector('#thread').getBoundingClientRect().width === 390`)
	cem.is(`document.querySelector('#main').inert`)
	cem.picture("11-phone-thread")
	cem.empty("too small for a finger", small)
	cem.empty("covered by something else", covered)
	cem.click(".close-thread")
	cem.is(`document.querySelector('#thread').hidden && !document.querySelector('#main').inert`)
	cem.empty("controls without a name", unnamed)
	// After Next morning the header stays in sight, however many papers follow.
	cem.do(chromedp.EmulateViewport(390, 600))
	cem.click("header [data-morning]")
	cem.is(`document.querySelectorAll('#log .head').length === 2 && document.querySelectorAll('#log .paper').length === 4`)
	cem.is(`(t => t >= document.querySelector('#log').getBoundingClientRect().top && t < 200)([...document.querySelectorAll('#log .head')].at(-1).getBoundingClientRect().top)`)
	cem.picture("12-phone-morning")
	cem.do(chromedp.EmulateViewport(390, 844), chromedp.Focus(chromedp.CSS("#text")))
	cem.keys("/papers help")
	cem.enter()
	cem.is(`document.querySelector('#log .private pre')`)
	cem.empty("too small for a finger", small)
	if w := value[float64](cem, `document.documentElement.scrollWidth`); w > 390 {
		t.Errorf("the page with a long answer is %v wide on a phone of 390", w)
	}
	cem.picture("13-phone-help")
	cem.dark()
	cem.do(chromedp.Focus(chromedp.CSS("#text")))
	cem.keys("/papers s")
	cem.is(`document.querySelectorAll('#text-options [role=option]').length === 3`)
	cem.picture("14-phone-dark")
}

// What strangers write stays text in a real browser too, and the page asks
// nobody else for anything.
func TestNothingRunsInABrowser(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	ana := open(p.srv.URL+"/?as=ana", 1000, 700)
	ana.do(chromedp.Evaluate[chromedp.Void](`window.violations = []; document.addEventListener('securitypolicyviolation', e => violations.push(e.blockedURI))`))
	card := paper("1", hostile)
	card.Papers[0].URL, card.Papers[0].Excerpt = "javascript:window.hacked=1", `<img src=x onerror="window.hacked=1"> `+strings.Repeat("W", 400)
	p.room.say("diffusion", "ben", 0, hostile)
	if _, err := p.room.Post(t.Context(), core.Post{Channel: key("diffusion"), Card: card}); err != nil {
		t.Fatal(err)
	}
	ana.is(`document.querySelector('#log').textContent.includes('onerror')`)
	ana.is(`!document.querySelector('#log script, #log img') && !window.hacked`)
	ana.is(`performance.getEntriesByType('resource').every(r => r.name.startsWith(location.origin))`)
	ana.is(`document.documentElement.scrollWidth <= innerWidth && document.querySelector('#log').scrollWidth <= document.querySelector('#log').clientWidth`)
	if violations := value[string](ana, `violations.join()`); violations != "" {
		t.Errorf("the page broke its own policy: %s", violations)
	}
	if n := value[float64](ana, fmt.Sprintf(`[...document.querySelectorAll('#log *')].filter(e => [...e.attributes].some(a => a.name.startsWith(%q))).length`, "on")); n != 0 {
		t.Errorf("%v elements have handlers in their text", n)
	}
}
