package web

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"paperboy/core"
	"paperboy/internal/chromium"
	"paperboy/internal/testkit"
)

// skinned is a play that offers two platforms' looks. What their adapters would
// send is a likeness here.
func skinned(t *testing.T) *play {
	p := newPlay(t)
	p.site.Skins = []Skin{
		{Name: "slack", Draw: func(c core.Card) ([]byte, error) {
			blocks := []any{}
			section := func(s string) {
				blocks = append(blocks, map[string]any{"type": "section", "text": map[string]any{"type": "plain_text", "text": s}})
			}
			for _, s := range append([]string{c.Title}, strings.Split(plain(core.Card{Lines: c.Lines, Papers: c.Papers, Block: c.Block}), "\n")...) {
				if s != "" {
					section(s)
				}
			}
			for _, b := range c.Buttons {
				blocks = append(blocks, map[string]any{"type": "actions", "elements": []any{map[string]any{"type": "button", "text": map[string]any{"type": "plain_text", "text": b.Label}, "value": b.ID}}})
			}
			if len(c.More) > 0 {
				options := []any{}
				for _, b := range c.More {
					options = append(options, map[string]any{"text": map[string]any{"type": "plain_text", "text": b.Label}, "value": b.ID})
				}
				blocks = append(blocks, map[string]any{"type": "actions", "elements": []any{map[string]any{"type": "overflow", "options": options}}})
			}
			return json.Marshal(map[string]any{"blocks": blocks})
		}},
		{Name: "discord", Draw: func(c core.Card) ([]byte, error) {
			row := []any{}
			for _, b := range c.Buttons {
				row = append(row, map[string]any{"type": 2, "style": 2, "label": b.Label, "custom_id": b.ID})
			}
			return json.Marshal(map[string]any{"content": plain(c), "components": []any{map[string]any{"type": 1, "components": row}}})
		}},
		{Name: "telex", Draw: func(core.Card) ([]byte, error) { return nil, nil }},
	}
	return p
}

func TestTheSameChannelInAnotherLook(t *testing.T) {
	p := skinned(t)
	ana := p.load("ana", "diffusion")
	testkit.Sees(t, ana.page, `aria-label="Drawn as"`, `<a href="/?channel=diffusion&amp;as=ana" aria-current="true">Paperboy</a>`, `skin=slack">Slack</a>`, `skin=discord">Discord</a>`)
	testkit.DoesNotSee(t, ana.page, "telex", "/static/skins.css", "skin-note")

	ana.skin = "slack"
	ana = ana.again()
	testkit.Sees(t, ana.page, `data-skin="slack"`, "/static/skins.css", `class="slack slack-message"`, `>Preview a topic</button>`, "What the bot would send to Slack", `skin=slack"><span># <bdi>llm-agents`, `as=ben&amp;skin=slack"`)
	ana.types("hello *all*")
	ana.types("/papers help")
	ana.sees(`class="slack slack-message"`, "hello *all*")
	ana.sees("Only visible to you", "words are ANDed")
	ben := p.open("ben", "diffusion")
	ben.skin = "discord"
	ben = ben.again()
	ben.types("/papers top")
	ben.sees(`class="discord discord-message"`, "ben used /papers top", "The week&#39;s best")
	ana.sees(`class="slack slack-message"`, "The week&#39;s best")
	ben.never("words are ANDed")

	// What is no look is the page's own.
	ben.skin = "telex"
	testkit.DoesNotSee(t, ben.again().page, "data-skin")
	if page := newPlay(t).load("ana", "diffusion").page; strings.Contains(page, "Drawn as") {
		t.Error("a switch where there is nothing to switch to")
	}
}

func TestAFileInAnotherLook(t *testing.T) {
	p := skinned(t)
	for _, skin := range []string{"slack", "discord"} {
		ana := p.load("ana", "diffusion")
		ana.skin = skin
		ana = ana.again()
		ana.types("/papers export bibtex")
		ana.sees(skin+"-file", `download="papers.bib"`, "9 bytes")
	}
}

func TestLooksInABrowser(t *testing.T) {
	open := browser(t)
	p := skinned(t)
	ana := open(p.srv.URL+"/?as=ana", 1360, 860)
	ana.Do(chromedp.Evaluate[chromedp.Void](`window.violations = []; document.addEventListener('securitypolicyviolation', e => violations.push(e.blockedURI))`))
	ana.click("#clock [data-morning]")
	ana.Is(`document.querySelectorAll('#log .title').length === 2`)
	ana.click(`.looks a:nth-child(2)`)
	ana.Do(chromedp.WaitReady(chromedp.CSS(`[data-skin=slack] #text`)))
	ana.Is(`document.body.dataset.skin === 'slack' && document.querySelector('.looks [aria-current]').textContent === 'Slack'`)
	ana.Is(`document.querySelectorAll('#log .slack-message').length === 4`)
	ana.Is(`[...document.querySelectorAll('#log .slack-who')].filter(e => e.checkVisibility()).length === 2`)                                                                // one name over what follows one another on a day
	ana.Is(`(top => top >= 0 && top < 60)(document.querySelector('#log .begins').getBoundingClientRect().top - document.querySelector('#log').getBoundingClientRect().top)`) // the morning from its beginning, as before
	ana.Picture("20-as-slack")

	// Its buttons, menus and reactions work, and what comes is drawn alike.
	ana.click(`#log [data-press^="pb1|bibtex"]`)
	ana.Is(`document.querySelector('#log .slack-message.k-only')?.textContent.includes('@misc{zhang2025sla')`)
	ana.click(`#log .slack-menu summary`)
	ana.Is(`(r => r.width > 150 && r.left >= document.querySelector('#log').getBoundingClientRect().left && r.right <= innerWidth)(document.querySelector('.slack-menu[open] .pop').getBoundingClientRect())`)
	ana.click(`#log .slack-menu[open] [data-press^="pb1|why"]`)
	ana.Is(`!document.querySelector('.slack-menu[open]') && document.querySelector('#notice').textContent.includes('why of 2509.24006')`)
	ben := open(p.srv.URL+"/?as=ben&skin=discord", 390, 844)
	ana.Is(`document.querySelectorAll('#log .slack-replies').length === 1`)
	p.room.react("diffusion", "cem", ana.paper(t), "👍", true)
	ana.Is(`document.querySelector('#log .k-re')?.textContent.trim() === '👍 1'`)
	ana.click(`#log .k-re`)
	ana.Is(`document.querySelector('#log .k-re.k-mine')?.textContent.trim() === '👍 2'`)
	ben.Is(`document.querySelector('#log .discord-message .k-re')?.textContent.trim() === '👍 2'`)

	// The thread is drawn in the same look.
	ana.click(`#log .slack-replies`)
	ana.Is(`document.querySelector('#thread .list .slack-message')?.textContent.includes('Efficient Distillation')`)
	ana.Picture("21-as-slack-thread")
	ana.dark()
	ana.Picture("22-as-slack-dark")
	ana.empty("controls without a name", unnamed)

	ben.Is(`(at => at('.looks').top >= at('header .go').bottom && at('.looks').width > 350)(q => document.querySelector(q).getBoundingClientRect())`) // the switch has a row of its own
	ben.Picture("23-phone-as-discord")
	ben.empty("too small for a finger", small)
	ben.empty("controls without a name", unnamed)
	if w := chromium.Value[float64](ben.Tab, `Math.max(document.documentElement.scrollWidth, document.querySelector('#log').scrollWidth)`); w > 390 {
		t.Errorf("the page is %v wide on a phone of 390", w)
	}
	ben.click(`.looks a:nth-child(1)`)
	ben.Do(chromedp.WaitReady(chromedp.CSS(`body:not([data-skin]) #text`)))
	ben.Is(`!document.body.dataset.skin && document.querySelectorAll('#log .title').length === 2`)
	for _, tab := range []*tab{ana, ben} {
		tab.Is(`performance.getEntriesByType('resource').every(r => r.name.startsWith(location.origin))`)
	}
}

// paper is the id of the first paper's message.
func (b *tab) paper(t *testing.T) string {
	t.Helper()
	return chromium.Value[string](b.Tab, `document.querySelector('#log [data-press^="pb1|bibtex"]').closest('.m').id.slice(1)`)
}
