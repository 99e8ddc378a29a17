package web

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/internal/chromium"
)

// at is where the first element of a selector has its upper edge.
func (b *tab) at(selector string) float64 {
	b.T.Helper()
	return chromium.Value[float64](b.Tab, fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().top`, selector))
}

// stays says that an element is where it was.
func (b *tab) stays(selector string, was float64, what string) {
	b.T.Helper()
	if now := b.at(selector); now < was-2 || now > was+2 {
		b.T.Errorf("%s: %s went from %.0f to %.0f", what, selector, was, now)
	}
}

// many posts so many mornings.
func (p *play) many(n int) {
	for range n {
		if err := p.demo.Morning(context.Background()); err != nil {
			p.t.Fatal(err)
		}
	}
}

// nth is the selector of the nth message from the end that is a paper's.
func nth(p *play, n int) (m *message, selector string) {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	ms := p.room.messages["diffusion"]
	for i := len(ms) - 1; i >= 0; i-- {
		if m := ms[i]; m.parent == 0 && m.key != "" && len(m.card.Papers) == 1 {
			if n--; n < 0 {
				return m, fmt.Sprintf("#m%d", m.id)
			}
		}
	}
	p.t.Fatal("there are not so many papers")
	return nil, ""
}

func TestWhatOneLooksAtStaysInPlace(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	p.many(12)
	ana := open(p.srv.URL+"/?as=ana", 1360, 860)
	m, at := nth(p, 9)
	middle := `document.querySelector('` + at + `').scrollIntoView({block: 'center'})`
	ana.Do(chromedp.Evaluate[chromedp.Void](middle))

	// A thread opens and closes beside the channel.
	was := ana.at(at)
	ana.Do(chromedp.Focus(chromedp.CSS(at + " > .reply")))
	ana.enter()
	ana.Is(`!document.querySelector('#thread').hidden && document.activeElement.id === 'reply'`)
	ana.Is(fmt.Sprintf(`document.querySelector('#thread [data-of="m%d"]')`, m.id))
	ana.stays(at, was, "a thread opens")
	ana.Picture("20-thread-in-the-middle")
	ana.keys(kb.Escape)
	ana.Is(`document.querySelector('#thread').hidden`)
	ana.stays(at, was, "the thread closes")
	ana.Is(`document.activeElement.matches('` + at + ` > .reply')`)

	// A line is told below everything; what lies under the pointer stays there.
	save := at + ` [data-press^="pb1|save"]`
	ana.click(save)
	ana.Is(`document.querySelector('#notice').textContent.includes('Saved. 1 in your list')`)
	ana.stays(at, was, "a line is told")
	ana.Is(`document.activeElement.matches('` + save + `') && document.activeElement.getAttribute('aria-busy') === null`)
	ana.Picture("21-told")
	ana.empty("covered by something else", covered)

	// A longer answer stands under its paper, and comes after it by keyboard.
	ana.Do(chromedp.Focus(chromedp.CSS(at + ` [data-press^="pb1|similar"]`)))
	ana.enter()
	ana.Is(fmt.Sprintf(`document.querySelector('%s + .own[data-under="%d"]')?.textContent.includes('The nearest')`, at, m.id))
	ana.stays(at, was, "an answer comes")
	ana.Is(`document.activeElement.dataset.press?.startsWith('pb1|similar')`)
	ana.Picture("22-answer")

	// The next page takes the place of this one, and the button keeps the focus.
	under := fmt.Sprintf(`%s + .own[data-under="%d"]`, at, m.id)
	ana.Do(chromedp.Focus(chromedp.CSS(under + ` [data-press^="pb1|page"]`)))
	was = ana.at(at)
	ana.enter()
	ana.Is(`document.querySelector('` + under + `').textContent.includes('Page 2 of these papers') && document.activeElement.dataset.press === 'pb1|page|3'`)
	ana.enter()
	ana.Is(`document.querySelector('` + under + `').textContent.includes('Page 3 of these papers') && document.querySelectorAll('#log .own').length === 1`)
	ana.stays(at, was, "the next page comes")

	// A reaction by keyboard keeps the focus, though the count is drawn anew.
	ana.Do(chromedp.Focus(chromedp.CSS(at + ` [data-react="👍"]`)))
	ana.enter()
	ana.Is(`document.activeElement.dataset.react === '👍' && document.activeElement.ariaPressed === 'true' && document.activeElement.ariaLabel === '👍 1, you reacted'`)
	ana.enter()
	ana.Is(`document.activeElement.dataset.react === '👍' && document.activeElement.ariaLabel === 'Vote for this paper, no votes yet'`)

	// What is drawn anew as a whole gives the focus back too.
	poor, next := nth(p, 8)
	poor.card.Papers[0].Labels = []string{"updated v2"}
	ana.Do(chromedp.Focus(chromedp.CSS(next + " .title a")))
	if err := p.room.Edit(t.Context(), core.Post{Key: poor.key, Channel: key("diffusion"), Card: poor.card}, poor.ref()); err != nil {
		t.Fatal(err)
	}
	ana.Is(`document.querySelector('` + next + ` .label')`)
	ana.Is(`document.activeElement.matches('` + next + ` .title a')`)

	// What is folded above what one looks at moves nothing.
	was = ana.at(at)
	before, above := nth(p, 12)
	card := before.card
	card.Papers = []core.View{card.Papers[0]}
	card.Papers[0].Folded, card.Papers[0].Against = true, 2
	fold := core.Post{Key: before.key, Channel: key("diffusion"), Card: card}
	if err := p.room.Edit(t.Context(), fold, before.ref()); err != nil {
		t.Fatal(err)
	}
	ana.Is(`document.querySelector('` + above + ` .folded')`)
	ana.stays(at, was, "a paper is folded above")

	// By keyboard on to the next morning: the button keeps the focus.
	ana.Do(chromedp.Focus(chromedp.CSS("#clock [data-morning]")))
	ana.enter()
	ana.Is(`document.querySelectorAll('#log .head').length === 13`)
	ana.Is(`document.activeElement.matches('#clock [data-morning]') && document.activeElement.getAttribute('aria-disabled') === 'false'`)
}

func TestWhatIsTurnedDownSaysSo(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	p.many(1)
	ana := open(p.srv.URL+"/?as=ana", 1000, 800)
	m, at := nth(p, 1)
	ana.Do(chromedp.Focus(chromedp.CSS(at + ` [data-press^="pb1|notforus"]`)))
	card := paper("2509.24006", m.card.Papers[0].Title)
	card.Papers[0].Folded, card.Papers[0].Against = true, 2
	if err := p.room.Edit(t.Context(), core.Post{Key: m.key, Channel: key("diffusion"), Card: card}, m.ref()); err != nil {
		t.Fatal(err)
	}
	ana.Is(`document.querySelector('` + at + ` summary')?.textContent === 'folded: 2 people said not for us · show'`)
	ana.Is(`document.activeElement.matches('` + at + `')`) // the button is away, its message is not
	ana.Is(`![...document.querySelectorAll('` + at + ` button')].some(b => b.checkVisibility())`)
	ana.Picture("23-folded")
	ana.click(at + " summary")
	ana.Is(`document.querySelector('` + at + ` [data-press^="pb1|save"]').checkVisibility()`)
}

func TestEverythingHasAName(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	p.many(1)
	ana := open(p.srv.URL+"/?as=ana", 1000, 800)
	ana.Is(`[...document.querySelectorAll('article.paper')].every(a => a.ariaLabel === a.querySelector('.title').textContent)`)
	ana.Is(`document.querySelectorAll('article').length === 5 && [...document.querySelectorAll('article')].every(a => a.ariaLabel)`)
	ana.Is(`new Set([...document.querySelectorAll('#log .reply')].map(a => a.ariaLabel)).size === document.querySelectorAll('#log .reply').length`)
	ana.Is(`[...document.querySelectorAll('.re.zero')].every(b => b.ariaLabel && !/\d/.test(b.ariaLabel))`)
}

func TestTypingIsForgiven(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	ana := open(p.srv.URL+"/?as=ana", 1360, 860)
	said := func() int { p.bot.mu.Lock(); defer p.bot.mu.Unlock(); return len(p.bot.asked) }

	// A stroke shows what there is.
	ana.keys("/")
	ana.Is(`document.querySelectorAll('#text-options [role=option]').length === 4`)
	ana.Picture("24-verbs")
	ana.keys("papers subs")

	// Half a word is not sent, however fast Enter comes; Enter takes the word.
	ana.enter()
	ana.Is(`document.querySelector('#text').value === '/papers subscribe '`)
	ana.keys("lora")
	ana.enter()
	ana.Is(`document.querySelector('#log').textContent.includes('@ana follows 1 topic here')`)
	if n := said(); n != 1 {
		t.Errorf("the bot was asked %d times", n)
	}
	// Who closes what is offered sends what is typed.
	ana.keys("/papers sea")
	ana.Is(`document.querySelector('#text-options [aria-selected=true]')`)
	ana.keys(kb.Escape)
	ana.enter()
	ana.Is(`document.querySelector('#text').value === '' && document.querySelector('#log .private ol.papers')`)
	if p.bot.asked[1].Text != "sea" {
		t.Errorf("the bot was asked %q", p.bot.asked[1].Text)
	}

	// Of an answer that is longer than the window the beginning is shown.
	ana.Do(chromedp.EmulateViewport(1360, 400))
	ana.keys("/papers agents")
	ana.enter()
	ana.Is(`(m => m && !m.querySelector('.pending') && m.offsetHeight > document.querySelector('#log').clientHeight && Math.abs(m.offsetTop - 8 - document.querySelector('#log').scrollTop) < 2)([...document.querySelectorAll('#log .own')].at(-1))`)

	// Up brings back the last line, and the one before; down what was being typed.
	ana.keys(kb.ArrowUp)
	ana.Is(`document.querySelector('#text').value === '/papers agents'`)
	ana.keys(kb.ArrowUp)
	ana.Is(`document.querySelector('#text').value === '/papers sea'`)
	ana.keys(kb.ArrowUp)
	ana.Is(`document.querySelector('#text').value === '/papers subscribe lora'`)
	ana.keys(kb.ArrowUp)
	ana.Is(`document.querySelector('#text').value === '/papers subscribe lora'`)
	ana.keys(kb.ArrowDown + kb.ArrowDown + kb.ArrowDown)
	ana.Is(`document.querySelector('#text').value === ''`)
}

func TestAMorningWithoutAPostOffersAWayOn(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	p.demo.post = func(context.Context) {}
	ana := open(p.srv.URL+"/?as=ana", 390, 844)
	ana.click("header [data-morning]")
	ana.Is(`document.querySelector('#notice').textContent.startsWith('Nothing was posted: no channel follows a topic.')`)
	ana.Picture("25-phone-quiet")
	ana.empty("covered by something else", covered)
	ana.empty("too small for a finger", small)
	ana.click("#notice .try")
	ana.Is(`document.querySelector('#text').value === '/papers subscribe diffusion ' && document.activeElement.id === 'text'`)
}

func TestAfterTheLastDayThePhoneSaysWhyAndBeginsAnew(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	ana := open(p.srv.URL+"/?as=ana", 390, 844)
	p.demo.mu.Lock()
	p.demo.can = false
	p.demo.mu.Unlock()
	p.room.wake()
	ana.Is(`(e => e?.checkVisibility() && e.getBoundingClientRect().bottom < innerHeight && e.textContent.includes('That was the last day'))(document.querySelector('#ended'))`)
	ana.Is(`document.querySelector('header [data-anew]').checkVisibility() && !document.querySelector('[data-morning]')`)
	ana.Picture("26-phone-last-day")
	ana.empty("covered by something else", covered)
	ana.empty("too small for a finger", small)
	ana.click("header [data-anew]") // who presses on and on throws nothing away
	ana.Is(`document.querySelector('#anew').open`)
	ana.Picture("27-phone-anew")
	ana.Is(`(document.querySelector('#anew').addEventListener('close', () => { window.dialogClosed = true; }), true)`)
	ana.keys(kb.Escape)
	ana.Is(`window.dialogClosed && !document.querySelector('#anew').open && document.activeElement.matches('header [data-anew]')`)
	if said := chromium.Value[string](ana.Tab, `document.querySelector('#notice').textContent`); said != "" || p.demo.anew != 0 {
		t.Errorf("it began anew unasked: %s", said)
	}
	ana.click("#ended [data-anew]")
	ana.click("#anew .go")
	ana.Is(`document.querySelector('#notice').textContent.includes('Beginning anew')`)
}

func TestFormsAndMenusInABrowser(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	for _, size := range [][2]int64{{1000, 800}, {390, 844}, {320, 640}} {
		ana := open(p.srv.URL+"/?as=ana", size[0], size[1])
		name := func(what string) string { return fmt.Sprintf("%s-%d", what, size[0]) }
		button := `#log [data-press="pb1|form|preview"]`
		ana.Do(chromedp.Focus(chromedp.CSS(button)))
		ana.enter()
		ana.Is(`document.querySelector('#dialog').open && document.activeElement.id === 'field-topic'`)
		ana.Is(`document.querySelector('label[for=field-topic]').textContent === 'Topic'`)
		ana.keys("-video")
		ana.enter()
		ana.Is(`document.querySelector('#wrong-topic').textContent.includes('at least one positive word') && document.activeElement.ariaInvalid === 'true' && document.activeElement.value === '-video'`)
		ana.Picture(name("28-form"))
		ana.Is(`document.querySelector('#dialog').scrollWidth <= innerWidth`)
		if size[0] < 900 {
			ana.empty("too small for a finger", `[...document.querySelectorAll('#dialog input, #dialog button')].filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML).join()`)
			ana.Is(`Math.round(document.querySelector('#dialog').getBoundingClientRect().bottom) === innerHeight`)
		}
		ana.keys(kb.Escape)
		ana.Is(`!document.querySelector('#dialog').open && document.activeElement.matches('` + button + `')`)
		ana.enter()
		ana.Is(`document.activeElement.id === 'field-topic'`)
		ana.keys("lora")
		ana.enter()
		ana.Is(`!document.querySelector('#dialog').open && document.activeElement.matches('` + button + `')`)
		ana.Is(`document.querySelector('#log article + .own[data-under]')?.textContent.includes('I read this as: papers with the word lora')`)

		ana.click(`#log [data-press="pb1|form|schedule"]`)
		ana.Is(`document.querySelector('#field-time')?.type === 'time' && document.querySelector('#field-days').value === 'daily'`)
		ana.Is(`(z => { z.value = 'h'; z.dispatchEvent(new Event('input')); return true; })(document.querySelector('#field-zone'))`)
		ana.Is(`document.querySelector('#list-zone').options.length === 1`)
		ana.Picture(name("29-schedule"))
		ana.click(`#dialog [type=submit]`)
		ana.Is(`document.querySelector('#notice').textContent.includes('This channel gets its post at 09:00')`)
	}

	// Rows with their value at the side, and the menu behind it.
	p = newPlay(t) // a browser keeps six connections to a server
	chosen := core.Menu{Label: "Change", Options: []core.Option{{ID: "pb1|set|3", Label: "3"}, {ID: "pb1|set|5", Label: "5", Detail: "the usual", Chosen: true}, {ID: "pb1|set|10", Label: "10", Detail: "for a busy channel"}}}
	settings := core.Card{Lines: []say.Text{say.Say("How this channel is served:")}, Rows: []core.Row{
		{Text: say.Say("The post")},
		{Text: say.Say("*max*"), Small: say.Say("papers in the channel each morning; the rest goes into the thread"), Menu: &chosen},
		{Text: say.Say("*diffusion*"), Small: say.Say("about 4 a weekday · ana, 3 March"), Buttons: []core.Button{{ID: "pb1|preview|1", Label: "Preview"}}, Menu: &chosen},
	}}
	ref, err := p.room.Post(t.Context(), core.Post{Key: "settings", Channel: key("diffusion"), Card: settings})
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{1000, 390, 320} {
		ben := open(p.srv.URL+"/?as=ben", width, 800)
		menu := "#m" + ref.ID + " .line:nth-child(2) details"
		ben.Is(`document.querySelector('` + menu + ` summary').textContent.startsWith('5')`)
		ben.Do(chromedp.Focus(chromedp.CSS(menu + " summary")))
		ben.enter()
		ben.Is(`document.querySelector('` + menu + `').open`)
		ben.Is(`(r => r.left >= 0 && r.right <= innerWidth)(document.querySelector('` + menu + ` .pop').getBoundingClientRect())`)
		ben.Picture(fmt.Sprintf("30-rows-%d", width))
		ben.keys(kb.ArrowDown + kb.ArrowDown)
		ben.Is(`document.activeElement.getAttribute('aria-current') === 'true'`)
		ben.keys(kb.ArrowDown)
		ben.enter()
		ben.Is(`!document.querySelector('` + menu + `').open && document.activeElement.matches('` + menu + ` summary')`)
		ben.Is(`document.querySelector('#notice').textContent.includes('set of 10')`)
		ben.Is(`document.documentElement.scrollWidth <= innerWidth`)
		ben.Is(`[...document.querySelectorAll('.line p')].every(p => p.scrollWidth <= p.clientWidth)`) // nothing is cut
	}
}

// Nothing lies over anything, on small screens and on large letters.
func TestNothingCoversAnything(t *testing.T) {
	open := browser(t)
	p := newPlay(t)
	p.many(2)
	for _, size := range [][2]int64{{320, 640}, {390, 844}, {680, 430}, {1360, 860}} {
		ana := open(p.srv.URL+"/?as=ana", size[0], size[1])
		for _, at := range []string{"0", "600", "99999"} {
			ana.Is(`(document.querySelector('#log').scrollTop = ` + at + `, true)`)
			ana.empty(fmt.Sprintf("at %d, scrolled to %s", size[0], at), covered)
		}
		ana.Is(`document.documentElement.scrollWidth <= innerWidth && document.querySelector('#log').scrollWidth <= document.querySelector('#log').clientWidth`)
		ana.Picture(fmt.Sprintf("31-small-%d", size[0]))
	}
}
