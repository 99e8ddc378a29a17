package verbs

import (
	"strings"

	"paperboy/core"
	"paperboy/core/say"
)

// Typed shows a command as people of a network type it. Where options have to be
// named, `schedule 09:00 Europe/Berlin weekdays` is shown as
// `schedule time:09:00 zone:Europe/Berlin days:weekdays`.
func Typed(n core.Network, text string) say.Span {
	text = strings.TrimSpace(text)
	if !n.Named {
		return say.Span{Text: strings.TrimSpace(n.Command + " " + text), Style: say.Code}
	}
	var c Call
	if err := c.read(core.Request{Text: text}, n); err != nil {
		c.Args = nil // the verb alone
	}
	command := strings.TrimPrefix(n.Command, "/") + " "
	if c.Verb.Rare {
		command += More + " "
	}
	command += c.Verb.Name
	return say.Span{Text: "/" + command + c.named(), Style: say.Code, Command: command}
}

// named are the arguments by name, in the order of the verb's options.
func (c *Call) named() string {
	args := c.Args
	if c.Verb.Name == "schedule" { // the only one that reads three options from one line
		if s, err := core.ParseSchedule(args["time"], core.Schedule{}); err == nil {
			args = map[string]string{"time": s.Time, "zone": s.Zone, "days": s.Days.String()}
		}
	}
	var b strings.Builder
	for _, o := range c.Verb.Options {
		value := strings.Join(strings.Fields(args[o.Name]), " ")
		if yes, ok := Yes(value); ok && o.Kind == YesNo {
			value = map[bool]string{true: "True", false: "False"}[yes]
		}
		if value != "" && o.Kind != File {
			b.WriteString(" " + o.Name + ":" + value)
		}
	}
	return b.String()
}
