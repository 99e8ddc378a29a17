package slack

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// How long what Slack said is taken for true. Who can read what decides what is
// shown to whom.
const (
	membersTime = time.Minute      // who is in a channel
	publicTime  = time.Minute      // whether everybody can read it
	peopleTime  = 5 * time.Minute  // who somebody is
	channelTime = 10 * time.Minute // how a channel is called
)

// Slack's names for channels whose name it does not tell.
const (
	privateGroup  = "privategroup"
	directMessage = "directmessage"
	groupMessage  = "mpdm-" // and who is in it
)

// about is what a channel is called, "#ml", and whether it is known that not
// everybody in the workspace can read it. Where Slack does not say with what
// happened how it is called, it is asked.
func (s *workspace) about(ctx context.Context, id, name string) (called string, private bool) {
	switch {
	case name == directMessage || isDirect(id):
		return "our direct messages", true
	case strings.HasPrefix(name, groupMessage):
		s.names.groups.Put(id, true, time.Time{})
		s.names.private(id)
		return "our group messages", true
	case name != "" && name != privateGroup:
		s.names.channels.Put(id, "#"+name, time.Now().Add(channelTime))
		return "#" + name, s.isPrivate(id)
	case name == privateGroup:
		s.names.private(id)
	}
	if known, ok := s.names.channels.Get(id, time.Now()); ok {
		return known, s.isPrivate(id)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	c, err := s.channelInfo(ctx, id)
	if err != nil || c.Name == "" {
		s.names.channels.Put(id, "", time.Now().Add(membersTime))
		return "", s.isPrivate(id)
	}
	if isPrivate(c) {
		s.names.private(id)
	}
	called = "#" + c.Name
	if c.IsMpIM {
		s.names.groups.Put(id, true, time.Time{})
		called = "our group messages"
	}
	s.names.channels.Put(id, called, time.Now().Add(channelTime))
	return called, s.isPrivate(id)
}

// isDirect: a person's direct messages, or the person, to whom messages can be
// sent as well.
func isDirect(id string) bool { return strings.HasPrefix(id, "D") || isPerson(id) }

func isPerson(id string) bool { return strings.HasPrefix(id, "U") || strings.HasPrefix(id, "W") }

func isPrivate(c *slack.Channel) bool { return c.IsPrivate || c.IsGroup || c.IsIM || c.IsMpIM }

// isPrivate reports whether a channel is known to be private.
func (s *workspace) isPrivate(id string) bool {
	known, _ := s.names.privates.Get(id, time.Time{})
	return known || strings.HasPrefix(id, "G") || isDirect(id)
}

// ofOthers reports whether a conversation that we are not in is one to which
// nobody can add us.
func (s *workspace) ofOthers(id string) bool {
	group, _ := s.names.groups.Get(id, time.Time{})
	return group || strings.HasPrefix(id, "D")
}

func (s *workspace) channelInfo(ctx context.Context, id string) (c *slack.Channel, err error) {
	err = s.call(ctx, "conversations.info", id, func() (err error) {
		c, err = s.api().GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		return err
	})
	return c, err
}

// MayPost says whether messages are taken in a channel. Slack tells no app who
// may post where only some may: that shows with the first message.
func (s *workspace) MayPost(ctx context.Context, ch core.Channel) error {
	id := ch.Key.ID
	if isPerson(id) {
		return nil
	}
	c, err := s.channelInfo(ctx, id)
	refused := func(code string) error {
		return &core.Refused{Reason: refusals[code], Err: cmp.Or(err, errors.New("slack: "+code))}
	}
	switch {
	case code(err) == "channel_not_found" && s.ofOthers(id):
		return &core.MayNot{Err: err}
	case code(err) == "channel_not_found": // somebody sees it, and we do not
		s.names.private(id)
		return refused("channel_not_found")
	case err != nil:
		return err
	case c.IsArchived:
		return refused("is_archived")
	case !c.IsMember && !isPrivate(c) && s.lacks("chat:write.public"): // a private one we see only from inside
		return refused("not_in_channel")
	}
	return nil
}

// CanRead says whether a person can read a channel: everybody of the workspace
// but its guests a public one, and who is in it any. Of a private one that we are
// not in nobody tells us.
func (s *workspace) CanRead(ctx context.Context, ch core.ChannelKey, u core.User) (bool, error) {
	if err := s.known(ctx); err != nil {
		return false, err
	}
	person := idOf(u)
	if isPerson(ch.ID) { // their own page
		return ch.ID == person, nil
	}
	public, err := s.isPublic(ctx, ch.ID)
	if err == nil && public && s.isFullMember(ctx, person) {
		return true, nil
	}
	var members []string
	if err == nil {
		members, err = s.names.members.Ask(ch.ID, time.Now(), membersTime, func() ([]string, error) { return s.members(ctx, ch.ID) })
	}
	if code(err) == "channel_not_found" {
		return false, nil
	}
	return err == nil && slices.Contains(members, person), err
}

// isPublic reports whether everybody but guests can read a channel. Those that we
// are in are told all at once; the others, few or none, are asked about.
func (s *workspace) isPublic(ctx context.Context, id string) (bool, error) {
	if s.isPrivate(id) {
		return false, nil
	}
	joined, _ := s.names.joined.Ask("", time.Now(), publicTime, func() (map[string]bool, error) {
		all, err := s.joined(ctx)
		if err != nil {
			s.log.Warn("cannot ask which channels we are in; each is asked about", "err", err)
		}
		return all, nil
	})
	if public, ok := joined[id]; ok {
		return public, nil
	}
	return s.names.publics.Ask(id, time.Now(), publicTime, func() (bool, error) {
		c, err := s.channelInfo(ctx, id)
		return err == nil && !isPrivate(c), err
	})
}

// joined are the channels that we are in, and whether they are public.
func (s *workspace) joined(ctx context.Context) (map[string]bool, error) {
	all := map[string]bool{}
	for cursor := ""; ; {
		var some []slack.Channel
		err := s.call(ctx, "users.conversations", "", func() (err error) {
			some, cursor, err = s.api().GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{Cursor: cursor, Types: []string{"public_channel", "private_channel"}, Limit: 999})
			return err
		})
		if err != nil {
			return nil, err
		}
		for i := range some {
			all[some[i].ID] = !isPrivate(&some[i])
		}
		if cursor == "" {
			return all, nil
		}
	}
}

// isFullMember: guests, and people of other workspaces, read only the channels
// that they are in. So it is with whom we may not ask about.
func (s *workspace) isFullMember(ctx context.Context, person string) bool {
	full, err := s.names.full.Ask(person, time.Now(), peopleTime, func() (bool, error) {
		u, err := s.person(ctx, person)
		if err != nil {
			return false, err
		}
		return !u.IsRestricted && !u.IsUltraRestricted && !u.IsStranger && !u.Deleted && (u.TeamID == "" || u.TeamID == s.self.team), nil
	})
	return err == nil && full
}

func (s *workspace) members(ctx context.Context, id string) (all []string, err error) {
	for cursor := ""; ; {
		var some []string
		err := s.call(ctx, "conversations.members", id, func() (err error) {
			some, cursor, err = s.api().GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: id, Cursor: cursor, Limit: 1000})
			return err
		})
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); cursor == "" {
			return all, nil
		}
	}
}

func (s *workspace) person(ctx context.Context, id string) (u *slack.User, err error) {
	err = s.call(ctx, "users.info", "", func() (err error) {
		u, err = s.api().GetUserInfoContext(ctx, id)
		return err
	})
	return u, err
}

// idOf is a person's id at Slack.
func idOf(u core.User) string { return u.Key[strings.LastIndexByte(u.Key, '/')+1:] }

// Manages reports whether a person is an administrator of the workspace or made
// the channel. Without the scope to ask, nobody is known to be.
func (s *workspace) Manages(ctx context.Context, ch core.ChannelKey, u core.User) bool {
	id := idOf(u)
	yes, _ := s.names.managers.Ask(ch.ID+" "+id, time.Now(), peopleTime, func() (bool, error) {
		info, err := s.person(ctx, id)
		if err == nil && (info.IsAdmin || info.IsOwner || info.IsPrimaryOwner) {
			return true, nil
		}
		c, cerr := s.channelInfo(ctx, ch.ID)
		if cerr == nil && c.Creator == id {
			return true, nil
		}
		if err = errors.Join(err, cerr); err != nil {
			s.log.Warn("cannot ask who manages a channel", "channel", ch.ID, "err", err)
		}
		return false, nil
	})
	return yes
}

// names remembers what Slack says beside other things, by the ids of channels
// and people. Its zero value is ready.
type names struct {
	users    kit.Cache[string]
	channels kit.Cache[string]          // "#ml"; "": Slack does not tell
	privates kit.Cache[bool]            // channels that are private, once known for ever
	groups   kit.Cache[bool]            // group messages
	publics  kit.Cache[bool]            // channels that everybody can read
	joined   kit.Cache[map[string]bool] // those that we are in, under "": whether everybody can read them
	members  kit.Cache[[]string]        // of a channel
	full     kit.Cache[bool]            // people who are no guests
	managers kit.Cache[bool]            // by channel and person
}

// user remembers a name, or finds it. Nameless people are called by their id.
func (n *names) user(id, name string) string {
	if name != "" {
		n.users.Put(id, name, time.Time{})
	} else {
		name, _ = n.users.Get(id, time.Time{})
	}
	return cmp.Or(name, id)
}

// private notes that a channel is private, maybe since a moment ago.
func (n *names) private(id string) {
	n.privates.Put(id, true, time.Time{})
	n.publics.Forget(id)
}

// forget has a channel asked about again.
func (n *names) forget(id string) {
	n.channels.Forget(id)
	n.publics.Forget(id)
	n.members.Forget(id)
}
