package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/term"

	"paperboy/internal/config"
)

type initCommand struct {
	SlackBotToken string `placeholder:"TOKEN" help:"Slack's bot token, xoxb-…, or $${NAME} of the environment."`
	SlackAppToken string `placeholder:"TOKEN" help:"Slack's app token, xapp-…, for Socket Mode."`
	DiscordToken  string `placeholder:"TOKEN" help:"Discord's bot token."`
	Timezone      string `placeholder:"ZONE" help:"The zone of new channels, as Europe/Berlin."`
	Contact       string `placeholder:"ADDRESS" help:"A mail address or URL; arXiv asks for it."`
}

func (initCommand) Help() string {
	return `Without flags it asks. A file that exists is never overwritten. A token on the command line can be
seen by others on this machine: let it ask, or write '${NAME}', which is read from the environment.`
}

// tolerant: what init is to write need not be right yet.
func (*initCommand) tolerant() {}

// question is a key of the file, and how a person is asked for it.
type question struct {
	key    string
	ask    string
	answer *string
	secret bool
}

func (c *initCommand) questions() []question {
	return []question{
		{"slack.bot_token", "Slack bot token (xoxb-…; empty: no Slack)", &c.SlackBotToken, true},
		{"slack.app_token", "Slack app token (xapp-…, for Socket Mode)", &c.SlackAppToken, true},
		{"discord.token", "Discord bot token (empty: no Discord)", &c.DiscordToken, true},
		{"digest.timezone", "Time zone of new channels (as Europe/Berlin; empty: ask there)", &c.Timezone, false},
		{"fetch.user_agent_contact", "Mail address or URL that arXiv may see (empty: none)", &c.Contact, false},
	}
}

func (c *initCommand) Run(a *app) error {
	if _, err := os.Lstat(a.file); err == nil {
		return fmt.Errorf("%s exists and stays as it is; edit it, or name another with --config FILE", a.file)
	}
	if *c == (initCommand{}) {
		if err := c.ask(a, terminal(a.in)); err != nil {
			return err
		}
	}
	body, err := written(c.questions())
	if err != nil {
		return err
	}
	content := append([]byte("# Paperboy's configuration. What is not here has its default; config.example.toml\n# shows every key. `bot doctor` checks it.\n\n"), body...)
	if _, err := config.Parse(a.file, content, a.environ); err != nil {
		var wrong config.Errors
		if !errors.As(err, &wrong) {
			return err
		}
		// The file is not there yet, so its lines say nothing.
		lines := make([]string, len(wrong))
		for i, w := range wrong {
			lines[i] = w.Msg
		}
		return usage("%s; nothing was written", strings.Join(lines, "; "))
	}
	f, err := os.OpenFile(a.file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists and stays as it is; edit it, or name another with --config FILE", a.file)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", a.file, cause(err))
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w", a.file, cause(err))
	}
	next := "`bot doctor` checks it, `bot run` starts"
	if c.SlackBotToken == "" && c.DiscordToken == "" {
		next = "it has no token yet: put one in before `bot run`; `bot demo` needs none"
	}
	fmt.Fprintf(a.out, "wrote %s; %s\n", a.file, next)
	return nil
}

// written are the answers as they stand in the file.
func written(answers []question) ([]byte, error) {
	sections := map[string]map[string]string{}
	for _, q := range answers {
		if *q.answer == "" {
			continue
		}
		section, key, _ := strings.Cut(q.key, ".")
		if sections[section] == nil {
			sections[section] = map[string]string{}
		}
		sections[section][key] = *q.answer
	}
	return toml.Marshal(sections)
}

// wrong says what cannot be in an answer; "" when nothing. What only the other
// answers can make right is looked at when all are there.
func (q question) wrong(environ []string) string {
	body, err := written([]question{q})
	if err != nil {
		return err.Error()
	}
	const file = "config.toml"
	_, err = config.Parse(file, body, environ)
	var found config.Errors
	errors.As(err, &found)
	for _, e := range found {
		if strings.HasPrefix(e.Where, file+":") && strings.HasPrefix(e.Msg, q.key) { // not about the environment, nor about other keys
			return e.Msg
		}
	}
	return ""
}

// ask asks for every key. An empty answer, or the end of the input, leaves the
// default. What is secret is not shown as it is typed. A person is asked again
// when an answer cannot be; a program's next line answers the next question.
func (c *initCommand) ask(a *app, again bool) error {
	in := bufio.NewScanner(a.in)
	questions := c.questions()
	for i := 0; i < len(questions); i++ {
		q := questions[i]
		fmt.Fprintf(a.err, "%s: ", q.ask)
		more := true
		if f, ok := a.in.(*os.File); ok && q.secret && terminal(f) {
			b, err := term.ReadPassword(int(f.Fd()))
			fmt.Fprintln(a.err)
			if err != nil {
				return err
			}
			*q.answer = strings.TrimSpace(string(b))
		} else {
			if more = in.Scan(); more {
				*q.answer = strings.TrimSpace(in.Text())
			}
			if !terminal(a.in) {
				fmt.Fprintln(a.err)
			}
		}
		if wrong := q.wrong(a.environ); again && more && wrong != "" {
			fmt.Fprintf(a.err, "  %s\n", wrong)
			*q.answer = ""
			i--
		}
	}
	return in.Err()
}
