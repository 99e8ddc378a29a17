// Package configfile is the file in which channels' configurations are taken away
// and brought back.
//
// In: topics and what guards them, mutes, schedule and settings in the words of the commands. Out: JSON
// that people can read and change, and back.
//
// Promises: what is written is read as it was; reading is strict, and what the
// commands would refuse is refused with its line and column.
package configfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/topic"
)

// Channel is what a channel was told: its topics, mutes, schedule and
// settings, in the words of the commands. No votes, no lists, no secrets.
type Channel struct {
	Channel  string            `json:"channel"`       // its name
	Key      string            `json:"key,omitempty"` // platform/workspace/id: the same channel, should it be known where this is read
	Topics   []string          `json:"topics,omitempty"`
	Guards   []Guard           `json:"guards,omitempty"`
	Mutes    []Mute            `json:"mutes,omitempty"`
	Schedule string            `json:"schedule,omitempty"` // as ParseSchedule reads it
	Settings map[string]string `json:"settings,omitempty"` // as Settings.Set reads them
	Club     string            `json:"club,omitempty"`     // when its journal club meets, as Schedule
	Rota     []string          `json:"rota,omitempty"`     // who presents there, in turn
}

// Guard is a paper that was missed once, and the topic of the channel that has to
// match it since.
type Guard struct {
	Topic string `json:"topic"`
	Paper string `json:"paper"`
}

// Mute is one mute of a channel.
type Mute struct {
	What  string    `json:"what"`           // a topic's text or a paper's id
	Until time.Time `json:"until,omitzero"` // zero: for ever
}

// version is the only version of the file so far.
const version = 1

// Write makes a file of channels' configurations that Read and
// people can read.
func Write(cs []Channel) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(struct {
		Version  int       `json:"paperboy_config"`
		Channels []Channel `json:"channels"`
	}{version, append([]Channel{}, cs...)}); err != nil {
		panic(err) // only a mute beyond the year 9999 has no form in JSON
	}
	return b.Bytes()
}

// Read reads a file of Write's, strictly: what it does not know,
// or what the commands would refuse, is an error that names the line and
// column and what to write instead, a *UserError.
func Read(data []byte) ([]Channel, error) {
	refuse := func(offset int64, err error) error {
		before := data[:offset]
		line := bytes.Count(before, []byte("\n")) + 1
		col := max(1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]))
		pe := core.Userf("E-PARSE", "Line %d, column %d: %s.", line, col, strings.TrimRight(err.Error(), "."))
		pe.Col = col
		return pe
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(data, new(any)); errors.As(err, &syntax) {
		return nil, refuse(syntax.Offset, err)
	}
	r := reader{json.NewDecoder(bytes.NewReader(data))}
	given := 0
	var cs []Channel
	err := r.object(func(key string) error {
		switch key {
		case "paperboy_config":
			if err := r.value(&given); err != nil {
				return err
			}
			if given != version {
				return fmt.Errorf("this file has version %d, and I read version %d; a newer Paperboy may have written it", given, version)
			}
			return nil
		case "channels":
			return r.array(func() error {
				c, err := r.channel()
				cs = append(cs, c)
				return err
			})
		}
		return fmt.Errorf("there is no `%s`; here stand `paperboy_config` and `channels`", key)
	})
	if err == nil && given == 0 {
		err = errors.New("this is no configuration of Paperboy: `\"paperboy_config\": 1` is missing")
	}
	if err != nil {
		return nil, refuse(r.InputOffset(), err)
	}
	return cs, nil
}

// reader walks through valid JSON token by token, because json.Unmarshal
// does not say where an unknown key stands.
type reader struct{ *json.Decoder }

func (r reader) open(delim json.Delim, what string) error {
	t, err := r.Token()
	if err == nil && t != delim {
		err = fmt.Errorf("here belongs %s", what)
	}
	return err
}

func (r reader) object(field func(key string) error) error {
	if err := r.open('{', "an object in { }"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for r.More() {
		t, err := r.Token()
		if err != nil {
			return err
		}
		key := t.(string) // the decoder accepts no other keys
		if seen[key] {
			return fmt.Errorf("`%s` is given twice", key)
		}
		seen[key] = true
		if err := field(key); err != nil {
			return err
		}
	}
	_, err := r.Token()
	return err
}

func (r reader) array(element func() error) error {
	if err := r.open('[', "a list in [ ]"); err != nil {
		return err
	}
	for r.More() {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := r.Token()
	return err
}

// value reads a string, number or time into v.
func (r reader) value(v any) error {
	var raw json.RawMessage
	if err := r.Decode(&raw); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil || string(raw) == "null" {
		switch v.(type) {
		case *int:
			return errors.New("here belongs a whole number")
		case *time.Time:
			return errors.New("here belongs a time such as \"2026-12-01T09:00:00Z\"")
		}
		return errors.New("here belongs a text in quotes")
	}
	return nil
}

func (r reader) channel() (Channel, error) {
	var c Channel
	follows := map[string]bool{} // as topics are printed
	err := r.object(func(key string) error {
		switch key {
		case "channel":
			return r.value(&c.Channel)
		case "key":
			if err := r.value(&c.Key); err != nil {
				return err
			}
			_, err := core.ParseChannelKey(c.Key)
			return err
		case "schedule":
			if err := r.value(&c.Schedule); err != nil {
				return err
			}
			_, err := core.ParseSchedule(c.Schedule, core.Schedule{})
			return err
		case "club":
			if err := r.value(&c.Club); err != nil {
				return err
			}
			s, err := core.ParseSchedule(c.Club, core.Schedule{})
			if err == nil && (!s.OneDay() || s.Time == "" || s.Zone == "") {
				err = errors.New("a journal club meets on one day of the week, as in `16:00 Europe/Berlin weekly:thu`")
			}
			return err
		case "rota":
			return r.array(func() error {
				var s string
				err := r.value(&s)
				c.Rota = append(c.Rota, s)
				return err
			})
		case "topics":
			return r.array(func() error {
				var s string
				if err := r.value(&s); err != nil {
					return err
				}
				c.Topics = append(c.Topics, s)
				t, err := topic.Parse(s)
				follows[t.String()] = true
				return err
			})
		case "settings":
			c.Settings = map[string]string{}
			s := core.DefaultSettings()
			return r.object(func(key string) error {
				var v string
				if err := r.value(&v); err != nil {
					return err
				}
				c.Settings[key] = v
				return s.Set(key, v)
			})
		case "guards":
			return r.array(func() error {
				g, err := r.guard()
				c.Guards = append(c.Guards, g)
				return err
			})
		case "mutes":
			return r.array(func() error {
				m, err := r.mute()
				c.Mutes = append(c.Mutes, m)
				return err
			})
		}
		return fmt.Errorf("there is no `%s`; a channel has `channel`, `key`, `topics`, `guards`, `mutes`, `schedule`, `settings`, `club` and `rota`", key)
	})
	if err == nil && c.Channel == "" {
		err = errors.New("this channel has no name: `\"channel\"` is missing")
	}
	for _, g := range c.Guards {
		if t, _ := topic.Parse(g.Topic); err == nil && !follows[t.String()] {
			err = fmt.Errorf("`%s` guards a topic that is not among `topics`: `%s`", g.Paper, g.Topic)
		}
	}
	return c, err
}

func (r reader) guard() (Guard, error) {
	var g Guard
	err := r.object(func(key string) error {
		switch key {
		case "topic":
			if err := r.value(&g.Topic); err != nil {
				return err
			}
			_, err := topic.Parse(g.Topic)
			return err
		case "paper":
			if err := r.value(&g.Paper); err != nil {
				return err
			}
			if KindOf(g.Paper) != core.MutePaper {
				return fmt.Errorf("`%s` is no paper's id", g.Paper)
			}
			return nil
		}
		return fmt.Errorf("there is no `%s`; a guard has `topic` and `paper`", key)
	})
	if err == nil && (g.Topic == "" || g.Paper == "") {
		err = errors.New("a guard has a `topic` and a `paper`")
	}
	return g, err
}

func (r reader) mute() (Mute, error) {
	var m Mute
	err := r.object(func(key string) error {
		switch key {
		case "what":
			if err := r.value(&m.What); err != nil {
				return err
			}
			if KindOf(m.What) == core.MutePaper {
				return nil
			}
			_, err := topic.Parse(m.What)
			return err
		case "until":
			return r.value(&m.Until)
		}
		return fmt.Errorf("there is no `%s`; a mute has `what` and `until`", key)
	})
	if err == nil && m.What == "" {
		err = errors.New("this mute says not what: `\"what\"` is missing")
	}
	return m, err
}

// KindOf tells what a mute's value is about.
func KindOf(what string) core.MuteKind {
	if _, _, ok := core.ParsePaperID(what); ok || strings.HasPrefix(what, "feed:") {
		return core.MutePaper
	}
	return core.MuteTopic
}
