package discord

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// Discord's limits of a completion.
const (
	maxChoices = 25
	maxChoice  = 100 // a choice's name, and its value
)

// suggest says how to go on. It is late when nothing comes in three seconds,
// and then nothing is shown.
func (d *Discord) suggest(ctx context.Context, i interaction, arrived time.Time) {
	key, _ := d.channelOf(ctx, i)
	verb := i.verb()
	p := core.Partial{Channel: key, User: d.person(i), Verb: verb.Name}
	for _, o := range verb.Options {
		if o.Focused {
			p.Option, p.Value = o.Name, o.text()
		}
	}
	choices, _ := offers(d.bot.Complete(ctx, p))
	d.callback(ctx, i, callback{offerChoices, map[string]any{"choices": choices}}, arrived)
}

// offers are suggestions as Discord shows them, with what is known of each beside
// it, and what each name stands for. Of two equal names a client takes the first
// (discord/discord-api-docs#8565), so there are none; a value that is too long for
// Discord goes by its name.
func offers(all []core.Choice) (choices []choice, meant map[string]string) {
	choices, meant = []choice{}, map[string]string{}
	for _, c := range all {
		if len(choices) == maxChoices {
			break
		}
		if c.Value == "" || slices.ContainsFunc(choices, func(o choice) bool { return meant[o.Name] == c.Value }) {
			continue
		}
		name := trimmed(c.Label)
		if name == "" {
			name = trimmed(c.Value)
		}
		if hint := trimmed(c.Hint); hint != "" {
			name += " · " + hint
		}
		plain := name
		name = say.Shorten(plain, maxChoice)
		for n := 2; meant[name] != "" && n < maxChoices; n++ {
			suffix := fmt.Sprintf(" (%d)", n)
			name = say.Shorten(plain, maxChoice-len(suffix)) + suffix
		}
		if name == "" || meant[name] != "" {
			continue
		}
		value := c.Value
		if say.Length(value) > maxChoice {
			value = name
		}
		meant[name] = c.Value
		choices = append(choices, choice{name, value})
	}
	return choices, meant
}

// meant is an option's value: people send a suggestion's name as well, or what
// they like. What a name begins with finds the suggestion again.
func (d *Discord) meant(ctx context.Context, r core.Request, o given) string {
	typed := o.text()
	v, _ := verbs.Named(r.Verb)
	if vo, ok := v.Option(o.Name); !ok || !vo.Complete {
		return typed
	}
	head, _, _ := strings.Cut(typed, " · ")
	for _, partial := range slices.Compact([]string{typed, head}) {
		_, meant := offers(d.bot.Complete(ctx, core.Partial{Channel: r.Channel, User: r.User, Verb: r.Verb, Option: o.Name, Value: partial}))
		if value := meant[typed]; value != "" {
			return value
		}
	}
	return typed
}
