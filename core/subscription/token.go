package subscription

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"paperboy/core"
)

// What a link may allow.
const (
	confirms = "confirm"
	ends     = "end"
	asks     = "ask"
)

// grant is what a link allows. It stands in the link, signed: nothing of it has to be
// kept.
type grant struct {
	Kind     string   `json:"k"`
	Channel  string   `json:"c"`           // ChannelKey.ID of a subscription; of asks, the id of the channel that may be asked for
	Schedule string   `json:"s,omitempty"` // that a confirmation sets
	Topics   []string `json:"t,omitempty"` // likewise, as printed
	Until    int64    `json:"u,omitempty"` // Unix seconds; 0: for as long as the subscription lasts
}

var (
	errForged = core.Userf("E-NOTFOUND", "This link is not whole. Copy all of it, or open it from the mail.")
	errOver   = core.Userf("E-NOTFOUND", "This link holds no more. Subscribe again, and a new one comes.")
)

// mac signs data for one purpose.
func (s *Subscriptions) mac(ctx context.Context, purpose, data string) ([]byte, error) {
	key, err := s.secret(ctx)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s\x00%s", purpose, data)
	return h.Sum(nil)[:16], nil
}

// sign writes a grant as a token.
func (s *Subscriptions) sign(ctx context.Context, g grant) (string, error) {
	b, err := json.Marshal(g)
	if err != nil {
		return "", err
	}
	sum, err := s.mac(ctx, "grant", string(b))
	encode := base64.RawURLEncoding.EncodeToString
	return encode(b) + "." + encode(sum), err
}

// read reads a token of one kind. The error is a *core.UserError where it is none of
// ours, or holds no more.
func (s *Subscriptions) read(ctx context.Context, token, kind string) (g grant, err error) {
	body, sum, _ := strings.Cut(token, ".")
	b, err1 := base64.RawURLEncoding.DecodeString(body)
	signed, err2 := base64.RawURLEncoding.DecodeString(sum)
	if errors.Join(err1, err2) != nil {
		return g, errForged
	}
	ours, err := s.mac(ctx, "grant", string(b))
	if err != nil {
		return g, err
	}
	if !hmac.Equal(ours, signed) || json.Unmarshal(b, &g) != nil || g.Kind != kind {
		return grant{}, errForged
	}
	if g.Until != 0 && s.Now().Unix() > g.Until {
		return grant{}, errOver
	}
	return g, nil
}

// id is that of an address's subscription to a channel. Nobody can tell the address
// from it, and who asks twice gets one.
func (s *Subscriptions) id(ctx context.Context, address string, of int64) (string, error) {
	sum, err := s.mac(ctx, "subscription", fmt.Sprintf("%d/%s", of, strings.ToLower(address)))
	return hex.EncodeToString(sum), err
}

// EndLink is where a subscription is ended by one press, or by one POST (RFC 8058).
func (s *Subscriptions) EndLink(ctx context.Context, ch core.ChannelKey) (string, error) {
	token, err := s.sign(ctx, grant{Kind: ends, Channel: ch.ID})
	return s.page("unsubscribe", token), err
}

// MessageName is the first half of a message's Message-ID, made from the delivery's
// key: the same message has the same one, and no other store's has it.
func (s *Subscriptions) MessageName(ctx context.Context, post string) (string, error) {
	sum, err := s.mac(ctx, "message", post)
	return hex.EncodeToString(sum), err
}

// Ticket lets whoever holds it ask for a channel's papers by mail: a page puts it into
// its form, for those who may see that channel.
func (s *Subscriptions) Ticket(ctx context.Context, of core.Channel) (string, error) {
	return s.sign(ctx, grant{Kind: asks, Channel: strconv.FormatInt(of.ID, 10)})
}

// Ticketed is the channel that a ticket lets one ask for.
func (s *Subscriptions) Ticketed(ctx context.Context, ticket string) (core.Channel, error) {
	g, err := s.read(ctx, ticket, asks)
	if err != nil {
		return core.Channel{}, err
	}
	id, err := strconv.ParseInt(g.Channel, 10, 64)
	if err != nil {
		return core.Channel{}, errForged
	}
	ch, err := s.Store.ChannelByID(ctx, id)
	if errors.Is(err, core.ErrNotFound) || err == nil && !ch.Gone.IsZero() {
		err = errOver
	}
	return ch, err
}
