package discord

import (
	"errors"
	"fmt"
	"net/url"
)

// invited are the permissions that the bot works with.
const invited = viewChannel | sendMessages | sendMessagesInThreads | createPublicThreads | embedLinks | attachFiles | readMessageHistory

// Invite is the link by which somebody adds the bot to a server, asking for
// exactly the permissions that it uses; with seed also for adding the first 👍.
// It needs no network: the application's id is the configuration's, or the
// token's first part.
func Invite(applicationID, token string, seed bool) (string, error) {
	if applicationID == "" {
		applicationID = idOf(token)
	}
	if applicationID == "" {
		return "", errors.New("the application's id is not known; set [discord] application_id, the number under General Information, or token")
	}
	p := invited
	if seed {
		p |= addReactions
	}
	q := url.Values{"client_id": {applicationID}, "permissions": {fmt.Sprint(uint64(p))}, "scope": {"bot applications.commands"}}
	return "https://discord.com/oauth2/authorize?" + q.Encode(), nil
}
