package core

// Request is something a person typed or chose.
type Request struct {
	ID      string // the platform's, so that repeats are recognised; may be empty
	Channel ChannelKey
	Name    string // of the channel, "#ml"; may be empty
	Private bool   // the channel is known not to be everybody's in its workspace
	User    User
	Text    string            // as typed after the command: "subscribe diffusion"
	Verb    string            // instead of Text, where the platform has options …
	Args    map[string]string // … by Option.Name
	Paper   PaperID           // implied: the request was made on this paper's message
	Aloud   bool              // asked before everybody, and answered so where it may be (Reply.Public)
}

// Press is a button that was pressed.
type Press struct {
	ID      string
	Channel ChannelKey
	Name    string
	Private bool
	User    User
	Button  string // Button.ID
	Message string // MessageRef.ID of the message it stands on; may be empty
}

// Partial is a command being typed, for completion.
type Partial struct {
	Channel ChannelKey
	User    User
	Text    string // as typed so far after the command, where it is free text
	Verb    string // or the verb and option in focus, with what is typed of it
	Option  string
	Value   string
}

// Choice is a way to go on.
type Choice struct {
	Value string // replaces the whole Text, or the option's Value
	Label string // unique among the choices, ≤ 100 characters
	Hint  string
}

// Defaults are what [digest] of the configuration says.
type Defaults struct {
	Settings Settings
	Schedule Schedule
}
