package discord

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/say"
)

// apiError is Discord's refusal. The client never returns it bare: verdict says
// what it means.
type apiError struct {
	Status  int
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Retry   float64         `json:"retry_after"`
	Fields  json.RawMessage `json:"errors"`
	route   string
	foreign bool          // somebody on the way answered, and not Discord
	wait    time.Duration // until it may be tried again
}

func (e *apiError) Error() string {
	s := fmt.Sprintf("discord %s: %d", e.route, e.Status)
	if e.Code != 0 {
		s += fmt.Sprintf(" (%d)", e.Code)
	}
	if e.Message != "" {
		s += " " + e.Message
	}
	if len(e.Fields) > 0 {
		s += " " + say.Shorten(string(e.Fields), 500)
	}
	return s
}

// Codes of errors (topics/opcodes-and-status-codes.mdx).
const (
	unknownChannel     = 10003
	unknownGuild       = 10004
	unknownMessage     = 10008
	unknownInteraction = 10062
	wrongOfForum       = 40058 // a message in a forum's root
	alreadyAnswered    = 40060
	tagRequired        = 40067
	missingAccess      = 50001
	cannotTalkTo       = 50007
	wrongPlace         = 50008
	missingPermission  = 50013
	wrongChannelType   = 50024
	invalidForm        = 50035
	threadArchived     = 50083
	threadExists       = 160004
	threadLocked       = 160005
	tooManyThreads     = 160006
	blockedByRules     = 200000 // AutoMod: a message …
	blockedTitle       = 200001 // … and a forum post's title
	harmfulLink        = 240000
)

// code is Discord's number of an error; 0 for those that are not its answer.
func code(err error) int {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.Code
	}
	return 0
}

func status(err error) int {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.Status
	}
	return 0
}

var (
	// errHeld says that Discord's front refuses the whole address for a while.
	errHeld = errors.New("the front of Discord (Cloudflare) refuses this address for a while")
	// errTooLate is a request that would have had to wait for the rate limit longer
	// than it may, or than anybody does.
	errTooLate = errors.New("the rate limit lets it leave too late")
)

// isCertain reports whether an error says what became of the request.
func isCertain(err error) bool {
	return core.Is[*core.Retry](err) || core.Is[*core.Refused](err) || core.Is[*core.Gone](err) || core.Is[*core.Unauthorised](err) || core.Is[*core.MayNot](err)
}

// isLocked reports whether a thread takes nothing any more.
func isLocked(err error) bool { return code(err) == threadArchived || code(err) == threadLocked }

// verdict is the one place where Discord's answers become core's vocabulary.
// What refuses us, or the channel, is told from what refuses this one message;
// a code that nobody knows is taken for the message's, since the next one may be
// taken all the same.
func (e *apiError) verdict() error {
	refused := func(message bool, reason string) error {
		return &core.Refused{Message: message, Reason: reason, Err: e}
	}
	switch {
	case e.Status == http.StatusTooManyRequests:
		return &core.Retry{After: e.wait, Err: e}
	case e.Status >= 500:
		return e // nobody knows
	case e.foreign:
		return &core.Retry{After: e.wait, Err: e}
	}
	says := "Discord says " + strings.TrimSuffix(e.Message, ".")
	if e.Message == "" {
		says += strconv.Itoa(e.Status)
	}
	switch e.Code {
	case unknownGuild:
		return &core.Gone{What: core.TheWorkspace, Err: e}
	case unknownChannel:
		return &core.Gone{What: core.TheChannel, Err: e}
	case unknownMessage:
		return &core.Gone{What: core.TheMessage, Err: e}
	case missingAccess:
		return refused(false, "missing View Channel")
	case wrongOfForum:
		return refused(false, refusedForum.Reason)
	case tagRequired:
		return refused(false, "the forum wants a tag on every post")
	case missingPermission, wrongChannelType, wrongPlace, cannotTalkTo, tooManyThreads:
		return refused(false, says)
	case threadArchived, threadLocked:
		return refused(true, "the thread is locked")
	case blockedByRules, blockedTitle:
		return refused(true, "the server's automatic moderation blocks it")
	case harmfulLink:
		return refused(true, "Discord takes a link in it for harmful")
	case 0: // the address is wrong, and not what was sent to it
		return refused(e.Status == http.StatusBadRequest, says)
	}
	return refused(true, says)
}
