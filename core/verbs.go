package core

// Verb is one thing people can ask for. The table below is the only place
// that knows the verbs: help, parsing, completion and Discord's options are
// derived from it.
type Verb struct {
	Name     string
	Summary  string // for completion and help, ≤ 100 characters
	Who      Who
	Options  []Option // the first may be typed without its name
	Examples []string // three, without the command
}

// Who may use a verb.
type Who string

// Kinds of people.
const (
	Anyone    Who = "anyone"
	ForEditor Who = "editor" // of the channel
	Self      Who = "self"   // about their own list
)

// Option is one argument of a verb.
type Option struct {
	Name     string
	Summary  string
	Kind     OptionKind
	Required bool
	Rest     bool     // typed as free text after the verb: takes all that is not name:value
	Choices  []string // closed for Kind Choice, otherwise suggestions
	Min, Max int      // of a Number
	Complete bool     // values are completed from the store
}

// OptionKind is the form of a value.
type OptionKind string

// The forms.
const (
	String OptionKind = "string"
	Number OptionKind = "number"
	YesNo  OptionKind = "yesno"
	Choose OptionKind = "choice"
)
