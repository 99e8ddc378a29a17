package chat

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/text"
	"paperboy/core/verbs"
)

// taste says what the channel likes, in words, or changes that.
func (b *Chat) taste(c *call) (core.Reply, error) {
	what, word, _ := strings.Cut(strings.TrimSpace(c.Args["change"]), " ")
	if what == "" {
		card, err := b.tasteCard(c)
		return core.Reply{Card: card}, err
	}
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	what, word = strings.ToLower(what), verbs.Unquote(word)
	if what == "forget" && strings.EqualFold(word, "all") {
		return b.forgetTaste(c)
	}
	if !slices.Contains([]string{"more", "less", "forget"}, what) || len(text.Words(word)) == 0 {
		return core.Reply{}, core.Userf("E-PARSE", "Say what to change: %s, %s, %s or %s.", c.command("taste more robotics"), c.command("taste less robotics"),
			c.command("taste forget robotics"), c.command("taste forget all"))
	}
	if len(word) > mostChosen {
		return core.Reply{}, core.Userf("E-LONG", "A word or two are enough, as in %s. From a paragraph %s learns.", c.command("taste more robotics"), c.command("learn"))
	}
	said := map[string]say.Text{
		"more":   say.Say("%s wants more of *%s* here.", c.mention(), word),
		"less":   say.Say("%s wants less of *%s* here.", c.mention(), word),
		"forget": say.Say("%s had me forget *%s* of this channel's taste.", c.mention(), word),
	}[what]
	same := func(w string) bool { return slices.Equal(text.Words(w), text.Words(word)) }
	full := false
	reply, err := b.changeTaste(c, said, func(t *core.Taste) {
		leant := slices.ContainsFunc(append(slices.Clone(t.More), t.Less...), same)
		t.More, t.Less, t.Forgotten = without(t.More, same), without(t.Less, same), without(t.Forgotten, same)
		if full = len(t.More)+len(t.Less)+len(t.Forgotten) >= core.MostLeanings; full {
			return
		}
		switch {
		case what == "more":
			t.More = append(t.More, word)
		case what == "less":
			t.Less = append(t.Less, word)
		case !leant: // else what was said of it is forgotten
			t.Forgotten = append(t.Forgotten, word)
		}
	})
	if err == nil && full {
		return core.Reply{}, core.Userf("E-LONG", "I keep %d words of a taste at most. %s begins anew.", core.MostLeanings, c.command("taste forget all"))
	}
	return reply, err
}

// forgetTaste has the taste begin anew, and keeps what it was for as long as that can
// be taken back.
func (b *Chat) forgetTaste(c *call) (core.Reply, error) {
	reply, err := b.changeTaste(c, say.Say("%s had me forget this channel's taste. It begins anew with the next vote.", c.mention()), func(t *core.Taste) {
		before := *t
		*t = core.Taste{Since: c.now, Before: &before}
	})
	if err == nil {
		reply.Card.Buttons = append(reply.Card.Buttons, c.button("Undo", "undo", "taste", strconv.FormatInt(c.now.Unix(), 36)))
	}
	return reply, err
}

// untaste takes back that all was forgotten: pb1|undo|taste|t2k9b1.
func (b *Chat) untaste(c *call, args []string) (core.Reply, error) {
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	was := c.channel.Taste
	if len(args) != 2 || was.Before == nil || strconv.FormatInt(was.Since.Unix(), 36) != args[1] {
		return core.Reply{}, core.Userf("E-OLDBUTTON", "The taste was changed since, or has come back already. %s shows it.", c.command("taste"))
	}
	if c.now.Sub(was.Since).Abs() > undoTime {
		return core.Reply{}, core.Userf("E-OLDBUTTON", "That was more than ten minutes ago. %s shows what I know since.", c.command("taste"))
	}
	reply, err := b.changeTaste(c, say.Say("%s took that back: I know this channel's taste again.", c.mention()), func(t *core.Taste) { *t = *was.Before })
	reply.Edit = err == nil
	return reply, err
}

func without(words []string, same func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(words), same)
}

// changeTaste changes what was said of the channel's taste, and shows it.
func (b *Chat) changeTaste(c *call, line say.Text, change func(*core.Taste)) (core.Reply, error) {
	if err := b.change(c, func(ch *core.Channel) {
		ch.Taste.Before = nil // to take that back would lose what is said now
		change(&ch.Taste)
	}); err != nil {
		return core.Reply{}, err
	}
	card, err := b.tasteCard(c)
	return core.Reply{Card: card, Line: []say.Text{line}}, err
}

// liked is what the channel likes, paper by paper and by interests.
func (b *Chat) liked(c *call) ([]core.Voted, []query.Interest, error) {
	tastes := b.Query.Tastes(c.now)
	if err := tastes.Learn(c.ctx, c.channel); err != nil {
		return nil, nil, err
	}
	interests, err := tastes.Interests(c.ctx, c.channel.ID)
	return tastes.Taste(c.channel.ID).Liked, interests, err
}

func (b *Chat) tasteCard(c *call) (core.Card, error) {
	liked, interests, err := b.liked(c)
	if err != nil {
		return core.Card{}, err
	}
	given := 0
	for _, v := range liked {
		if v.Up == 0 {
			given++
		}
	}
	card := core.Card{}
	var from []say.Text
	if voted := len(liked) - given; voted > 0 {
		from = append(from, say.Say("*%s* voted for here in 90 days", cards.Count(voted, "paper")))
	}
	if given > 0 {
		from = append(from, say.Say("*%s* that you gave me", cards.Count(given, "paper")))
	}
	if len(liked) == 0 {
		card.Lines = append(card.Lines, say.Say("I do not know yet what this channel likes. A 👍 on a paper tells me; %s learns from papers that you give.", c.command("learn")))
	} else {
		card.Lines = append(card.Lines, say.Join("", say.Say("What this channel likes, by "), cards.List(from), say.Say(":")))
	}
	for i, in := range interests {
		card.Rows = append(card.Rows, c.interestRow(i, in))
	}
	said := c.channel.Taste
	for _, l := range []struct {
		label string
		words []string
		then  string
	}{{"More of", said.More, "forget"}, {"Less of", said.Less, "forget"}, {"Does not count:", said.Forgotten, "more"}} {
		for _, w := range l.words {
			label := "Forget that"
			if l.then == "more" {
				label = "More of it"
			}
			card.Rows = append(card.Rows, core.Row{Text: say.Say("%s *%s*", l.label, w), Buttons: c.do(label, "taste "+l.then+" "+w)})
		}
	}
	switch {
	case len(liked) == 0:
	case len(liked) < core.LikedForTaste:
		card.Context = append(card.Context, say.Say("Papers like these come first in a post."))
	case c.channel.Settings.Discover == 0:
		card.Context = append(card.Context, say.Say("Papers like these come first in a post. %s brings up to two a day that no topic does.", c.command("settings discover:2")))
	default:
		card.Context = append(card.Context, say.Say("Papers like these come first in a post, and up to %d a day that no topic brings.", c.channel.Settings.Discover))
	}
	if len(liked) > 0 {
		card.Context = append(card.Context, say.Say("%s · %s · %s", c.command("taste more WORD"), c.command("taste less WORD"), c.command("taste forget all")))
	}
	return card, nil
}

// interestRow is a kind of papers that the channel likes, and its words to weigh.
func (c *call) interestRow(i int, in query.Interest) core.Row {
	var words []say.Text
	menu := &core.Menu{Label: "Change"}
	for _, w := range in.Words {
		words = append(words, say.Say("*%s*", w))
		for _, o := range []struct{ label, what string }{{"More of ", "more"}, {"Less of ", "less"}, {"Forget ", "forget"}} {
			for _, b := range c.do("", "taste "+o.what+" "+w) {
				menu.Options = append(menu.Options, core.Option{ID: b.ID, Label: cards.Cut(o.label+w, mostChosen)})
			}
		}
	}
	var like []say.Text
	for _, p := range in.Papers[:min(len(in.Papers), 2)] {
		like = append(like, say.Say("_%s_", cards.ShortTitle(p.Title)))
	}
	row := core.Row{Text: say.Join(", ", words...), Small: say.Say("%s, such as %s", cards.Count(len(in.Papers), "paper"), cards.List(like)), Open: c.button("", "interest", strconv.Itoa(i)).ID}
	if len(menu.Options) > 0 {
		row.Menu = menu
	}
	return row
}

// oneInterest answers with an interest's row alone.
func (b *Chat) oneInterest(c *call, args []string) (core.Reply, error) {
	_, interests, err := b.liked(c)
	if err != nil {
		return core.Reply{}, err
	}
	i, err := strconv.Atoi(args[0])
	if err != nil || i < 0 || i >= len(interests) {
		return core.Reply{}, oldButton(c, "taste")
	}
	return core.Reply{Card: core.Card{Rows: []core.Row{c.interestRow(i, interests[i])}}}, nil
}

// learn proposes topics from papers that somebody gives; nothing is followed
// without a press.
func (b *Chat) learn(c *call) (core.Reply, error) {
	given := strings.TrimSpace(c.Args["papers"] + "\n" + c.Args["file"])
	if given == "" {
		return core.Reply{}, core.Userf("E-PARSE", "Give me something to learn from: ids or links, the text of a .bib or .ris file, or a paragraph of what you work on, as in %s.", c.command(c.Verb.Examples[0]))
	}
	l, err := b.Query.Learn(c.ctx, c.channel, given)
	if err != nil {
		return core.Reply{}, err
	}
	if len(l.Papers) == 0 {
		if l.Prose {
			return core.Reply{}, core.Userf("E-NOTFOUND", "I found no paper like that text. Give me ids or links, the text of a .bib or .ris file, or a paragraph of what you work on.")
		}
		return core.Reply{}, core.Userf("E-NOTFOUND", "I have none of these papers: %s. I know what Hugging Face and arXiv listed since I was set up; a paragraph of what you work on does, too.", unknown(l.Unknown))
	}
	card := core.Card{}
	if l.Prose {
		card.Lines = append(card.Lines, say.Say("The *%s* most like your text, such as _%s_.", cards.Count(len(l.Papers), "paper"), cards.ShortTitle(l.Papers[0].Title)))
	} else {
		card.Lines = append(card.Lines, say.Say("I know *%d* of the %s that you gave me.", len(l.Papers), cards.Count(len(l.Papers)+len(l.Unknown), "paper")))
	}
	if l.Beyond > 0 {
		card.Lines = append(card.Lines, say.Say("I looked at the first %d; %s more stand there.", core.MostSeeds, cards.Number(l.Beyond)))
	}
	if len(l.Unknown) > 0 {
		card.Lines = append(card.Lines, say.Say("I do not have %s.", unknown(l.Unknown)))
	}
	if len(l.Proposals) == 0 {
		card.Lines = append(card.Lines, say.Say("No few words of theirs would bring their like without much else."))
	} else {
		card.Lines = append(card.Lines, say.Say("Nothing is followed yet. These would bring their like:"))
	}
	for _, p := range l.Proposals {
		often := say.Say("nothing in %s", cards.Count(p.Forecast.Known, "day"))
		if p.Forecast.Found.Total > 0 {
			often = say.Say("%s", howOften(p.Forecast.Found.Total, p.Forecast.Found.More, p.Forecast.Weekdays))
		}
		of := say.Say("%d of your %d", p.Covers, len(l.Papers))
		if l.Prose {
			of = say.Say("%d of these %d", p.Covers, len(l.Papers))
		}
		parts := []say.Text{of, often}
		switch {
		case p.Like != "":
			parts = append(parts, say.Say("papers like _%s_", cards.Cut(p.Like, 80)))
		case p.Example != "":
			parts = append(parts, say.Say("e.g. _%s_", cards.Cut(p.Example, 80)))
		}
		small := say.Join(" · ", parts...)
		card.Rows = append(card.Rows, core.Row{Text: say.Say("*%s*", p.Topic.String()), Small: small, Buttons: c.do(cards.Cut("Follow "+p.Topic.String(), mostChosen), "subscribe "+p.Topic.String())})
	}
	var ids []core.PaperID
	for _, p := range l.Papers {
		ids = append(ids, p.ID)
	}
	fresh := b.newChannel(c.channel.Key, c.channel.Name, c.now)
	b.notes.put(c.ctx, func(ctx context.Context) error {
		ch, err := b.ensure(ctx, fresh, c.channel.Private)
		if err == nil {
			_, err = b.Store.UpdateChannel(ctx, ch.ID, func(ch *core.Channel) { ch.Taste.Offered = ids })
		}
		return err
	})
	card.Buttons = append(card.Buttons, c.button("Use as taste", "seeds", offer(ids)))
	card.Context = append(card.Context, say.Say("As this channel's taste they count as voted for: papers like them come first. %s shows it, and forgets.", c.command("taste")))
	return core.Reply{Card: card}, nil
}

// offer names papers that were given.
func offer(ids []core.PaperID) string {
	if len(ids) == 0 {
		return ""
	}
	return fmt.Sprintf("%d-%s", len(ids), ids[0])
}

func unknown(given []string) say.Text {
	var some []say.Text
	for _, u := range given[:min(len(given), 5)] {
		some = append(some, say.Say("*%s*", cards.Cut(u, 60)))
	}
	if more := len(given) - len(some); more > 0 {
		some = append(some, say.Say("%s more", cards.Number(more)))
	}
	return cards.List(some)
}

// useAsTaste makes the papers that were given last the beginning of the channel's taste.
func (b *Chat) useAsTaste(c *call, args []string) (core.Reply, error) {
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	given := c.channel.Taste.Offered
	if offer(given) != args[0] || len(given) == 0 {
		return core.Reply{}, oldButton(c, "learn")
	}
	reply, err := b.changeTaste(c, say.Say("%s gave me %s to learn this channel's taste from.", c.mention(), cards.Count(len(given), "paper")), func(t *core.Taste) {
		var seeds []core.PaperID
		for _, id := range append(slices.Clone(given), t.Seeds...) {
			if !slices.Contains(seeds, id) && len(seeds) < core.MostSeeds {
				seeds = append(seeds, id)
			}
		}
		t.Seeds, t.Offered = seeds, nil
	})
	reply.Edit = err == nil
	return reply, err
}
