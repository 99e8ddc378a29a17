package core

import "paperboy/core/say"

// Form is something to fill in: a verb's options, each with what is known of it.
// A button opens it (Handler.Form); a platform shows it as a window of its own and
// hands back a Submission.
type Form struct {
	ID     string     // what Submission.Form says: as a Button.ID, ≤ 100 characters
	Title  string     // ≤ 24 characters
	Lines  []say.Text // what it is about; left out where a form cannot show it
	Fields []Field    // as many as Limits.Fields, where there is a limit
	Submit string     // what the button says, ≤ 24 characters: "Follow"
}

// Field is one thing to fill in.
type Field struct {
	Name     string // of the value in Submission.Values; the name of the verb's option
	Label    string // ≤ 45 characters
	Hint     string // an example or what it means, ≤ 100 characters; may be empty
	Kind     FieldKind
	Value    string   // filled in already; of a FieldChoice the Value of an option
	Options  []Choice // of a FieldChoice, ≤ 25; of a FieldText: suggestions
	Optional bool
	Max      int // characters; 0: as many as the platform takes
	// Verb and Option, where they are set, complete a FieldSearch (Handler.Complete).
	Verb, Option string
}

// FieldKind is how a field is filled in.
type FieldKind string

// The kinds. A platform that has no such control takes text.
const (
	FieldText   FieldKind = "text"
	FieldChoice FieldKind = "choice" // one of Options
	FieldTime   FieldKind = "time"   // a time of day, "09:00"
	FieldSearch FieldKind = "search" // text, with completion: a time zone
)

// Submission is a form as it was filled in.
type Submission struct {
	ID      string
	Channel ChannelKey // where the button was pressed that opened it
	Name    string
	Private bool
	User    User
	Form    string            // Form.ID
	Values  map[string]string // by Field.Name
}
