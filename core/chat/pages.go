package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// What is too long for one message has pages: the buttons under it ask for the one
// before and the one after, which takes its place. Only who asked turns pages: what
// everybody sees stays as it is.

// Lengths of a page.
const (
	shortPage = 5  // papers of a search
	longPage  = 10 // of a list
)

// paged are the verbs that answer with a list.
var paged = []string{"search", "today", "top", "similar", "saved", "audit"}

// part is which entries of a list of total are shown, length of them at a time.
func (c *call) part(length, total int) (from, to int) {
	if c.from >= total { // it became shorter
		c.from = max(0, (total-1)/length*length)
	}
	return c.from, min(c.from+length, total)
}

// place says which they are: "6–10 of 2,913".
func place(from, to, total int) say.Text {
	if to-from < 2 {
		return say.Say("%s of %s", cards.Number(to), cards.Number(total))
	}
	return say.Say("%s–%s of %s", cards.Number(from+1), cards.Number(to), cards.Number(total))
}

// pages puts the buttons under a private list of which from to to are shown.
func (c *call) pages(card *core.Card, from, to, length, total int) {
	if from > 0 {
		card.Buttons = append(card.Buttons, c.page("◀ Previous", max(0, from-length))...)
	}
	if left := total - to; left > 0 {
		card.Buttons = append(card.Buttons, c.page("Next "+strconv.Itoa(min(left, length))+" ▸", to)...)
	}
}

// page is a button that shows the list from an entry on: pb1|page|5|search lora. A
// search that is too long for a button stands there by its key, among the last ones
// of whoever asked.
func (c *call) page(label string, from int) []core.Button {
	line := c.line()
	if b := c.fits(c.button(label, "page", strconv.Itoa(from), line)); b != nil || c.Verb.Name != "search" {
		return b
	}
	return c.fits(c.button(label, "page", strconv.Itoa(from), "="+searchKey(line)))
}

// searchKey names a search of a person's.
func searchKey(line string) string {
	sum := sha256.Sum256([]byte(line))
	return hex.EncodeToString(sum[:6])
}

// remember keeps a search that found something, for its pages and for completion.
func (b *Chat) remember(c *call) {
	user, line, now := c.user.Key, c.line(), c.now
	b.notes.put(c.ctx, func(ctx context.Context) error { return b.Store.Remember(ctx, user, line, now) })
}

// turn shows another part of a list in its place, or shares it.
func (b *Chat) turn(c *call, args []string) (core.Reply, error) {
	from, err := strconv.Atoi(args[0])
	if err != nil || from < 0 || len(args) < 2 {
		return core.Reply{}, oldButton(c, "search "+b.example(c))
	}
	line := strings.Join(args[1:], "|")
	if key, ok := strings.CutPrefix(line, "="); ok {
		searches, err := b.Store.Searches(c.ctx, c.user.Key)
		if err != nil {
			return core.Reply{}, err
		}
		i := slices.IndexFunc(searches, func(s string) bool { return searchKey(s) == key })
		if i < 0 {
			return core.Reply{}, core.Userf("E-OLDBUTTON", "I have forgotten what that search was: you have asked for others since. Type it again, as in %s.", c.command("search "+b.example(c)))
		}
		line = searches[i]
	}
	if c.Call, err = verbs.Parse(core.Request{Text: line}, c.network); err != nil {
		return core.Reply{}, err
	}
	if !slices.Contains(paged, c.Verb.Name) {
		return core.Reply{}, oldButton(c, "help")
	}
	c.from = from
	reply, err := b.does(c)
	reply.Edit = err == nil && !reply.Public
	return reply, err
}
