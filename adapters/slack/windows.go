package slack

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/say"
)

// Windows are Slack's modals: a form to fill in, or an answer to who pressed
// something where no message can stand, in App Home.

// Slack's limits of a window and what stands in it (comments of @slack/types
// 3.2.0). For an error under an input it publishes none; more is hardly read.
const (
	maxWindowTitle = 24
	maxFieldLabel  = 2000
	maxPlaceholder = 150
	maxInput       = 3000
	maxOptions     = 100
	maxProblem     = 300
	maxAck         = 19 << 10 // bytes: an acknowledgement of 20 KB says nothing
)

// How long what belongs to a window may take.
const (
	triggerTime = 2500 * time.Millisecond // it opens within three seconds or not at all
	ackTime     = 2500 * time.Millisecond // Slack waits for three seconds for what an acknowledgement says
	ackSettled  = time.Second             // after which what it said is shown, and can be replaced
	addressTime = 30 * time.Minute        // a response_url's life
)

// place is where the button stood that opened a form; it travels with the window,
// which Slack shows to everybody who asks it, so that it holds no secret. Address
// finds the response_url, which is one, in our own memory.
type place struct {
	Channel string `json:"channel,omitempty"` // empty: App Home, or a window over it
	Thread  string `json:"thread,omitempty"`
	Address string `json:"address,omitempty"`
}

// drawForm is a form as a window.
func drawForm(f core.Form, at place) slack.ModalViewRequest {
	metadata, _ := json.Marshal(at) // strings always marshal
	d := drawing{blocksLeft: maxHomeBlocks - len(f.Fields), charsLeft: maxChars}
	d.lines(f.Lines)
	for _, field := range f.Fields {
		d.blocks = append(d.blocks, input(field))
	}
	return slack.ModalViewRequest{Type: slack.VTModal, CallbackID: f.ID, PrivateMetadata: string(metadata),
		Title: plainText(f.Title, maxWindowTitle), Submit: plainText(f.Submit, maxWindowTitle), Close: plainText("Cancel", maxWindowTitle),
		Blocks: slack.Blocks{BlockSet: d.blocks}}
}

// searchAction begins the action_id of a search; verb and option follow.
const searchAction = "search|"

var timeOfDay = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

// input is a field: its name is the block's, so that what is wrong with it finds
// it. The hint stands in the field while that is empty, else below it.
func input(f core.Field) *slack.InputBlock {
	var hint, placeholder *slack.TextBlockObject
	switch {
	case f.Hint == "":
	case f.Value == "" && (f.Kind == core.FieldText || f.Kind == core.FieldSearch):
		placeholder = plainText(f.Hint, maxPlaceholder)
	default:
		hint = plainText(f.Hint, maxFieldLabel)
	}
	var e slack.BlockElement
	switch f.Kind {
	case core.FieldChoice:
		choice := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, placeholder, "choice")
		for _, c := range f.Options[:min(len(f.Options), maxOptions)] {
			if o := option(core.Option{ID: c.Value, Label: c.Label, Detail: c.Hint}); o != nil {
				choice.Options = append(choice.Options, o)
				if c.Value == f.Value {
					choice.InitialOption = o
				}
			}
		}
		e = choice
	case core.FieldTime:
		t := slack.NewTimePickerBlockElement("time")
		if timeOfDay.MatchString(f.Value) {
			t.InitialTime = f.Value
		}
		e = t
	case core.FieldSearch:
		search, least := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, placeholder, searchAction+f.Verb+"|"+f.Option), 0
		search.MinQueryLength = &least
		search.InitialOption = option(core.Option{ID: f.Value, Label: f.Value})
		e = search
	default:
		t := slack.NewPlainTextInputBlockElement(placeholder, "text")
		t.MaxLength = maxInput
		if f.Max > 0 {
			t.MaxLength = min(f.Max, maxInput)
		}
		t.InitialValue = shorten(f.Value, t.MaxLength)
		e = t
	}
	b := slack.NewInputBlock(f.Name, plainText(f.Label, maxFieldLabel), hint, e)
	b.Optional = f.Optional
	return b
}

// option is one of a select's; nil where Slack would not take it.
func option(o core.Option) *slack.OptionBlockObject {
	label := plainText(o.Label, maxLabel)
	if o.ID == "" || say.Length(o.ID) > maxOption || label.Text == "" {
		return nil
	}
	out := slack.NewOptionBlockObject(o.ID, label, nil)
	if detail := plainText(o.Detail, maxLabel); detail.Text != "" {
		out.Description = detail
	}
	return out
}

// opens shows the form that a button opens, if it opens one: over what was
// pressed, or in the window in which that stands. Where it cannot be shown in
// time, the press is answered like any other, and says how it is typed.
func (s *workspace) opens(ctx context.Context, i interaction, p core.Press, to replyTo) bool {
	f, ok := s.bot.Form(ctx, p)
	if !ok {
		return false
	}
	at := place{Channel: to.channel, Thread: to.thread}
	if to.channel != "" {
		at.Address = i.Actions[0].ActionTS
		s.addresses.Put(i.User.ID+"/"+at.Address, to, time.Now().Add(addressTime))
	}
	if err := s.show(ctx, i, drawForm(f, at)); err != nil {
		s.log.Warn("a form could not be shown", "form", f.ID, "err", s.discreet(err))
		return false
	}
	return true
}

// show opens a window for who pressed something, or draws the one anew in which
// they pressed it.
func (s *workspace) show(ctx context.Context, i interaction, view slack.ModalViewRequest) error {
	if i.View.Type == string(slack.VTModal) {
		return s.redraw(ctx, i.View.ID, view)
	}
	ctx, cancel := context.WithTimeout(ctx, triggerTime)
	defer cancel()
	return s.call(ctx, "views.open", "", func() error {
		_, err := s.api().OpenViewContext(ctx, i.TriggerID, view)
		return err
	})
}

func (s *workspace) redraw(ctx context.Context, id string, view slack.ModalViewRequest) error {
	return s.call(ctx, "views.update", "", func() error {
		_, err := s.api().UpdateViewContext(ctx, view, "", "", id)
		return err
	})
}

// answerWindow is a window that says something.
func answerWindow(c core.Card) slack.ModalViewRequest {
	return slack.ModalViewRequest{Type: slack.VTModal, Title: plainText("Paperboy", maxWindowTitle), Close: plainText("Close", maxWindowTitle),
		Blocks: slack.Blocks{BlockSet: drawBlocks(c, maxHomeBlocks)}}
}

// What Slack hears in the acknowledgement of a window that was submitted.
type submitted struct {
	Action string                  `json:"response_action"`
	Errors map[string]string       `json:"errors,omitempty"` // by block_id
	View   *slack.ModalViewRequest `json:"view,omitempty"`
}

// submission takes in a form that was filled in. What is wrong with it is said in
// the acknowledgement, and the window stays as it was filled in; else it is done
// after the acknowledgement, once.
func (s *workspace) submission(ctx context.Context, i interaction, ack acknowledge) {
	var at place
	if !s.ours(i.Team.ID, i.View.InstalledTeam) || i.View.CallbackID == "" || json.Unmarshal([]byte(i.View.Metadata), &at) != nil {
		_ = ack(submitted{Action: "clear"})
		return
	}
	home := at.Channel == ""
	sub := core.Submission{ID: s.unique(i.View.ID + "/" + i.View.Hash), Channel: s.key(at.Channel), User: s.whose(i), Form: i.View.CallbackID, Values: i.View.values()}
	sub.Private = s.isPrivate(at.Channel)
	if home {
		sub.Channel.ID, sub.Private = i.User.ID, true
	}
	soon := time.Now().Add(ackTime)
	short, cancel := context.WithDeadline(ctx, soon)
	wrong := s.bot.Check(short, sub)
	cancel()
	if len(wrong) > 0 {
		_ = ack(submitted{Action: "errors", Errors: i.View.problems(wrong)})
		return
	}
	if s.seen.Before("window "+sub.ID, time.Now()) {
		_ = ack(submitted{Action: "clear"})
		return
	}
	if home {
		s.submitHome(ctx, i, sub, soon, ack)
		return
	}
	// Whoever is not told, and submits it again, gets it closed.
	_ = ack(submitted{Action: "clear"})
	to, ok := s.addresses.Get(i.User.ID+"/"+at.Address, time.Now())
	if !ok { // an earlier life of this process had it
		to = replyTo{channel: at.Channel, user: i.User.ID, thread: at.Thread}
	}
	sub.Name, sub.Private = s.about(ctx, at.Channel, "")
	s.answer(ctx, to, s.bot.Submit(ctx, sub))
}

// submitHome does what was filled in over App Home. The answer stands where the
// form stood: it is the acknowledgement, where it is there soon and not too long,
// for what is drawn right after that may be drawn before it.
func (s *workspace) submitHome(ctx context.Context, i interaction, sub core.Submission, soon time.Time, ack acknowledge) {
	wait := func() {
		v := answerWindow(core.Card{Lines: []say.Text{say.Say("One moment …")}})
		_ = ack(submitted{Action: "update", View: &v})
	}
	late := time.AfterFunc(time.Until(soon), wait)
	reply := s.bot.Submit(ctx, sub)
	if late.Stop() {
		card, told := withLines(reply)
		answer := answerWindow(card)
		if text, err := json.Marshal(answer); err == nil && len(text) <= maxAck {
			_ = ack(submitted{Action: "update", View: &answer})
			if reply.Card = (core.Card{}); told {
				reply.Line = nil
			}
			s.answerView(ctx, i, reply)
			return
		}
		wait()
	}
	_ = kit.Sleep(ctx, ackSettled)
	s.answerView(ctx, i, reply)
}

// values are what stands in a window's inputs, by the name of their field. What
// was left empty is left out.
func (v view) values() map[string]string {
	out := map[string]string{}
	for field, actions := range v.State.Values {
		for _, a := range actions {
			if value := a.Value + a.Time + a.Selected.Value; value != "" { // each has but one of them
				out[field] = value
			}
		}
	}
	return out
}

// problems are what is wrong, as Slack shows it below the inputs. What is wrong
// with none of them stands below the first.
func (v view) problems(wrong map[string]say.Text) map[string]string {
	var inputs []string
	for _, b := range v.Blocks {
		if b.Type == "input" {
			inputs = append(inputs, b.ID)
		}
	}
	out := map[string]string{}
	for field, text := range wrong {
		if !slices.Contains(inputs, field) && len(inputs) > 0 {
			field = inputs[0]
		}
		if text := shorten(strings.TrimSpace(say.Clean(text.String())), maxProblem); out[field] == "" && text != "" {
			out[field] = text
		}
	}
	return out
}

// offered are the options of a search.
type offered struct {
	Options []*slack.OptionBlockObject `json:"options"`
}

// search answers what is typed into a window's search. What was typed can be
// chosen as it is too: the check of the form says what is wrong with it.
func (s *workspace) search(ctx context.Context, i interaction, ack acknowledge) {
	out := offered{Options: []*slack.OptionBlockObject{}}
	defer func() { _ = ack(out) }()
	verb, opt, ok := strings.Cut(strings.TrimPrefix(i.ActionID, searchAction), "|")
	var at place
	if !ok || !s.ours(i.Team.ID, i.View.InstalledTeam) || json.Unmarshal([]byte(i.View.Metadata), &at) != nil {
		return
	}
	p := core.Partial{Channel: s.key(at.Channel), User: s.whose(i), Verb: verb, Option: opt, Value: i.Value}
	if at.Channel == "" {
		p.Channel.ID = i.User.ID
	}
	ctx, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	choices := s.bot.Complete(ctx, p)
	typed := strings.TrimSpace(i.Value)
	if !slices.ContainsFunc(choices, func(c core.Choice) bool { return strings.EqualFold(c.Value, typed) }) {
		choices = append(slices.Clone(choices[:min(len(choices), maxOptions-1)]), core.Choice{Value: typed, Label: typed})
	}
	room := maxAck
	for _, c := range choices {
		o := option(core.Option{ID: c.Value, Label: c.Label, Detail: c.Hint})
		if o == nil || len(out.Options) == maxOptions {
			continue
		}
		size, _ := json.Marshal(o) // as it will be written
		if room -= len(size) + 1; room < 0 {
			return
		}
		out.Options = append(out.Options, o)
	}
}
