package chat

import (
	"crypto/rand"
	"encoding/hex"
	"errors"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// userMessage is what a person is told about err, and whether it is one that a
// person can mend. A bug gets a reference, which the log carries too.
func userMessage(err error) (text say.Text, ref string) {
	var pe *core.UserError
	if errors.As(err, &pe) {
		return pe.Text, ""
	}
	var te *topic.Error
	if errors.As(err, &te) {
		return te.Text, ""
	}
	if errors.Is(err, core.ErrFull) {
		return cards.Full(), ""
	}
	if errors.Is(err, core.ErrBusy) {
		return say.Say("My database is busy with something long, so nothing was changed. Ask again in a moment; searching works meanwhile."), ""
	}
	if no, ok := errors.AsType[*core.MayNot](err); ok {
		return mayNot("do that", no).Text, ""
	}
	var b [2]byte
	rand.Read(b[:])
	ref = hex.EncodeToString(b[:])
	return say.Say("That failed on my side (ref %s). Nothing was changed. The operator can see the reference in the log.", ref), ref
}

// mayNot says which right we lack, and what then.
func mayNot(do string, no *core.MayNot) *core.UserError {
	if no.Right == "" {
		return core.Userf("E-BOTPERM", "I cannot %s here.", do)
	}
	return core.Userf("E-BOTPERM", "I may not %s here: missing *%s*. An admin can give it to me; then ask again.", do, no.Right)
}

// oldButton is a button from a message that an earlier version posted.
func oldButton(c *call, same string) *core.UserError {
	return core.Userf("E-OLDBUTTON", "This button is from an older post and no longer works. %s does the same.", c.command(same))
}
