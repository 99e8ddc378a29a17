package fakeslack

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// responseURL is the address where an app answers a command or an interaction.
type responseURL struct {
	channel, user string
	origin        *Message // the message whose button was pressed
	made          time.Time
	uses          int
	sent          []*Message
}

// The life of a response_url.
const (
	answers    = 5
	answerLife = 30 * time.Minute
)

// respond makes a response_url. The caller holds mu.
func (s *Slack) respond(kind, channel, user string, origin *Message) (link string, r *responseURL) {
	path := "/" + kind + "/" + s.team + "/" + s.id("r") + "/secret"
	r = &responseURL{channel: channel, user: user, origin: origin, made: time.Now()}
	s.replies[path] = r
	return s.URL + path, r
}

func (s *Slack) serveAnswer(w http.ResponseWriter, r *http.Request) {
	defer s.flush()
	if f := s.failure(Call{Method: "response_url"}); f != nil && !f.stored {
		s.fail(w, r, "response_url", nil, *f)
		return
	} else if f != nil {
		s.takeAnswer(r)
		s.fail(w, r, "response_url", nil, *f)
		return
	}
	status, answer := s.takeAnswer(r)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(encode(answer))
}

func (s *Slack) takeAnswer(r *http.Request) (status int, answer object) {
	body, err := io.ReadAll(r.Body)
	var o object
	if r.Method != http.MethodPost || err != nil || json.Unmarshal(body, &o) != nil {
		return http.StatusBadRequest, refuse("invalid_payload")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed.Ring()
	link := s.replies[r.URL.Path]
	if link == nil {
		return http.StatusNotFound, refuse("invalid_url")
	}
	link.uses++
	if link.uses > answers || time.Since(link.made) > answerLife {
		s.counts.LateAnswers++
		if link.uses > answers {
			return http.StatusNotFound, refuse("used_url")
		}
		return http.StatusNotFound, refuse("expired_url")
	}
	if no := s.answer(link, o); no != nil {
		return http.StatusBadRequest, no
	}
	return http.StatusOK, object{"ok": true}
}

// answer shows what a response_url brought. The caller
// holds mu.
func (s *Slack) answer(link *responseURL, o object) (no object) {
	args := map[string]string{}
	for name, v := range o {
		if text, ok := v.(string); ok {
			args[name] = text
		} else if v != nil {
			args[name] = string(encode(v))
		}
	}
	c := s.channel(link.channel)
	if c == nil {
		return refuse("channel_not_found")
	}
	original := link.origin
	if original == nil && len(link.sent) > 0 {
		original = link.sent[0]
	}
	if truth(args["delete_original"]) {
		if original != nil {
			original.Deleted = true
		}
		return nil
	}
	if meta, _ := o["metadata"].(object); str(meta, "event_type") == "" {
		delete(args, "metadata") // slack-go sends an empty one with every answer
	}
	m, no := s.compose(args)
	if no != nil {
		return no
	}
	if truth(args["replace_original"]) && original != nil {
		original.replace(m, true)
		if link.origin == nil {
			return nil
		}
		link.sent = append(link.sent, original)
		return nil
	}
	switch args["response_type"] {
	case "in_channel":
	case "", "ephemeral":
		m.For = link.user
	default:
		return refuse("invalid_response_type")
	}
	if no := s.keep(c, m); no != nil {
		return no
	}
	link.sent = append(link.sent, m)
	return nil
}
