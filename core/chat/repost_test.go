package chat_test

import (
	"testing"

	"paperboy/core"
)

func TestWhatCannotComeAgainSaysWhy(t *testing.T) {
	l := newLab(t)
	l.says("pi", "subscribe diffusion")
	second := paper("2611.00001", "Diffusion")
	second.Version = 2
	l.comes(second)
	shows := func(version int, state core.DeliveryState) {
		l.store.ledger = []core.Delivery{{Channel: l.channel().ID, Item: "2611.00001", State: state, Shown: version}}
	}
	l.sees(l.says("pi", "repost 2611.00001"), "was not posted here")
	shows(0, core.Skipped)
	l.sees(l.says("pi", "repost 2611.00001"), "was not posted here")
	shows(2, core.Posted)
	l.sees(l.says("pi", "repost 2611.00001"), "is the newest that I know")
	shows(1, core.Posted)
	l.sees(l.says("pi", "repost 2611.00001"), "Version 2", "comes as a message of its own")
	second.Withdrawn = true
	l.comes(second)
	l.sees(l.says("pi", "repost 2611.00001"), "is withdrawn")
}
