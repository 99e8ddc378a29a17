package slack

import (
	"strings"

	"github.com/slack-go/slack"

	"paperboy/core"
	"paperboy/core/say"
)

// A post in layout cards is drawn in sections, which every Slack takes: of each
// paper a line above it, its title and its sentence, the small print, and its
// buttons. That is four blocks, so that ten papers fit into the 50 of a message. Slack's own card blocks
// hold 200 characters and stand beside one another where one has to scroll; a
// picture that Slack cannot fetch would have the whole message refused.
const blocksOfCard = 4

// apart draws papers that stand for themselves, each as its own message would.
func (d *drawing) apart(papers []core.View) {
	for i, v := range papers {
		each := d.charsLeft / (len(papers) - i)
		if d.blocksLeft < blocksOfCard || !d.card(v, each) {
			d.blocksLeft++
			d.charsLeft += maxContext / 10
			d.context([]say.Text{say.Say("… and %d more", len(papers)-i)})
			return
		}
	}
}

// card draws a paper with so many characters, its buttons among them.
func (d *drawing) card(v core.View, chars int) bool {
	var buttons []slack.BlockElement
	for _, e := range inFront(v.Buttons) {
		buttons = append(buttons, e)
		chars -= weigh(e)
	}
	text := newWriter(min(maxSection, chars*3/5))
	text.title(v)
	small := newWriter(min(maxContext, chars*2/5))
	if !v.Folded {
		text.below(say.Text{{Text: v.Excerpt}})
		small.text(v.Line())
	}
	if text.String() == "" || !d.add(slack.NewDividerBlock(), 0) || !d.section(text.String()) {
		return false
	}
	if strings.TrimSpace(small.String()) != "" {
		d.add(slack.NewContextBlock("", mrkdwn(small.String())), say.Length(small.String()))
	}
	d.controls(buttons...)
	return true
}
