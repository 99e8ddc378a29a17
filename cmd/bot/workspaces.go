package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"paperboy/core"
	"paperboy/store"
)

// workspacesCommand looks after the installations of a bot that serves several, beside
// the bot that runs.
type workspacesCommand struct {
	List   workspacesList   `cmd:"" help:"Say which there are, and what they take."`
	Pause  workspacesPause  `cmd:"" help:"Have nothing more be planned, posted or answered in one."`
	Resume workspacesResume `cmd:"" help:"Have it go on: what was missed comes as one post."`
	Delete workspacesDelete `cmd:"" help:"Delete everything of one, at once and for good."`
}

// lately is how far back messages are counted.
const lately = 30

type workspacesList struct {
	JSON bool `name:"json" help:"One object a line: workspace, name, channels, following, topics, most, messages, state, since, last_post."`
}

func (workspacesList) Help() string {
	return fmt.Sprintf(`FOLLOWING are the channels that follow something, and how many may; TOPICS are all that they follow,
and those of the channel that follows the most, and how many may be there: see [limits]. Messages are
those of the last %d days. The other commands name a workspace as the first column does:
  bot workspaces pause slack/T024BE7LD`, lately)
}

func (c *workspacesList) Run(a *app) error {
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	all, err := s.Workspaces(a.ctx, a.now().AddDate(0, 0, -lately))
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(a.out)
		for _, w := range all {
			state, since := stateOf(w)
			if err := out.Encode(struct {
				Workspace string     `json:"workspace"`
				Name      string     `json:"name"`
				Channels  int        `json:"channels"`
				Following int        `json:"following"`
				Topics    int        `json:"topics"`
				Most      int        `json:"most"` // of one channel
				Messages  int        `json:"messages"`
				State     string     `json:"state"`
				Since     *time.Time `json:"since"`
				LastPost  *time.Time `json:"last_post"`
			}{inFull(w.Installation), w.Name, w.Channels, w.Follow, w.Topics, w.Most, w.Messages, state, moment(since), moment(w.LastPost)}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(all) == 0 {
		fmt.Fprintln(a.err, "no workspace is known yet; one is when somebody there uses a command")
		return nil
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "WORKSPACE\tNAME\tCHANNELS\tFOLLOWING\tTOPICS (IN ONE)\tMESSAGES (%d DAYS)\tSTATE\tLAST POST\n", lately)
	for _, w := range all {
		state, since := stateOf(w)
		if !since.IsZero() {
			state += " since " + day(since)
		}
		limits := a.config.Limits
		if w.Installation.Workspace == "" {
			limits.Channels = 0
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%d (%s)\t%d\t%s\t%s\n", inFull(w.Installation), printable(w.Name), w.Channels,
			most(w.Follow, limits.Channels), w.Topics, most(w.Most, limits.Topics), w.Messages, state, day(w.LastPost))
	}
	return t.Flush()
}

// most is a number beside its limit.
func most(n, limit int) string {
	if limit == 0 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d of %d", n, limit)
}

// stateOf is active, paused or gone, and since when it is not the first.
func stateOf(w core.Workspace) (state string, since time.Time) {
	switch {
	case !w.Gone.IsZero():
		return "gone", w.Gone
	case !w.Paused.IsZero():
		return "paused", w.Paused
	}
	return "active", time.Time{}
}

func day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format(time.DateOnly)
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// direct stands for what is in no workspace of its platform: direct messages, mail.
const direct = "-"

// inFull is how an operator names a workspace.
func inFull(in core.Installation) string {
	if in.Workspace == "" {
		return in.Platform + "/" + direct
	}
	return in.Platform + "/" + in.Workspace
}

// A named workspace is what the commands that change one take.
type named struct {
	Workspace string `arg:"" help:"As bot workspaces list has it: slack/T024BE7LD."`
}

// workspace is the one that is named: by its platform and id, or by its id or its name
// where no other one is called so.
func (n named) workspace(a *app, s *store.Store) (core.Workspace, error) {
	all, err := s.Workspaces(a.ctx, a.now().AddDate(0, 0, -lately))
	if err != nil {
		return core.Workspace{}, err
	}
	var names []string
	for _, w := range all {
		if inFull(w.Installation) == n.Workspace {
			return w, nil
		}
		names = append(names, inFull(w.Installation))
	}
	found := slices.DeleteFunc(slices.Clone(all), func(w core.Workspace) bool {
		return w.Installation.Workspace != n.Workspace && (w.Name == "" || !strings.EqualFold(w.Name, n.Workspace))
	})
	switch {
	case len(all) == 0:
		return core.Workspace{}, fmt.Errorf("no workspace is known yet in %s", a.config.Store.URL)
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		names = nil
		for _, w := range found {
			names = append(names, inFull(w.Installation))
		}
		return core.Workspace{}, usage("several workspaces are called %s; name one of %s", n.Workspace, strings.Join(names, ", "))
	case len(names) > mostNamed:
		names = append(names[:mostNamed], fmt.Sprintf("%d more (`bot workspaces list`)", len(all)-mostNamed))
	}
	return core.Workspace{}, usage("there is no workspace %s; there are %s", n.Workspace, strings.Join(names, ", "))
}

const mostNamed = 8

type workspacesPause struct{ named }

func (c *workspacesPause) Run(a *app) error {
	return c.change(a, "is paused: nothing is planned, posted or answered there; `bot workspaces resume` has it go on", func(s *store.Store, w core.Workspace) error {
		return s.PauseWorkspace(a.ctx, w.Installation, a.now())
	})
}

type workspacesResume struct{ named }

func (c *workspacesResume) Run(a *app) error {
	return c.change(a, "goes on; what was missed comes as one post", func(s *store.Store, w core.Workspace) error {
		if w.Paused.IsZero() {
			return fmt.Errorf("%s is not paused", inFull(w.Installation))
		}
		return s.ResumeWorkspace(a.ctx, w.Installation)
	})
}

// change does something to the workspace that is named, and says what became of it.
func (n named) change(a *app, became string, do func(s *store.Store, w core.Workspace) error) error {
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	w, err := n.workspace(a, s)
	if err != nil {
		return err
	}
	if err := do(s, w); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s %s\n", inFull(w.Installation), became)
	return nil
}

type workspacesDelete struct {
	named
	Yes bool `help:"Do not ask."`
}

func (workspacesDelete) Help() string {
	return `Its channels, topics, posts, votes and links go, and its people's lists, searches and names. Messages
that were posted stay where they are. Copies of the database keep what they have: delete those, too.
Where the app is still installed, the next command there begins anew; have it uninstalled first.`
}

func (c *workspacesDelete) Run(a *app) error {
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	w, err := c.workspace(a, s)
	if err != nil {
		return err
	}
	called := inFull(w.Installation)
	if w.Name != "" {
		called += " (" + printable(w.Name) + ")"
	}
	what := fmt.Sprintf("%s with %s and %s", called, count(w.Channels, "channel"), count(w.Topics, "topic"))
	if !w.Gone.IsZero() { // it is in no channel any more, and all that was there is kept
		what = fmt.Sprintf("%s, gone since %s, with all that is kept of it", called, day(w.Gone))
	}
	if !c.Yes {
		fmt.Fprintf(a.err, "Delete everything of %s, for good? Type yes: ", what)
		answer, _ := bufio.NewReader(a.in).ReadString('\n')
		if strings.TrimSpace(answer) != "yes" {
			fmt.Fprintln(a.err)
			return errors.New("nothing was deleted; type yes, or give --yes")
		}
	}
	if err := s.DeleteWorkspace(a.ctx, w.Installation); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s is deleted\n", what)
	return nil
}
