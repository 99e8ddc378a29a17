package testkit

import (
	"slices"

	"paperboy/core"
)

// Pressable is all that can be pressed on a card: its buttons, those of its rows and
// papers, and the options of its menus.
func Pressable(c core.Card) []core.Button {
	buttons := slices.Concat(c.Buttons, c.More)
	menus := []*core.Menu{c.Menu}
	for _, row := range c.Rows {
		buttons = append(buttons, row.Buttons...)
		menus = append(menus, row.Menu)
	}
	for _, m := range menus {
		if m != nil {
			for _, o := range m.Options {
				buttons = append(buttons, core.Button{ID: o.ID, Label: o.Label})
			}
		}
	}
	for _, v := range c.Papers {
		buttons = append(buttons, v.Buttons...)
	}
	return buttons
}
