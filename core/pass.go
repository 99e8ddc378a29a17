package core

import "time"

// Pass says who somebody is who reads the pages: whoever has its secret is the person
// until it ends.
type Pass struct {
	Purpose Purpose
	Secret  string
	User    User // Key and Name
	Until   time.Time
}

// The purposes of passes.
const (
	PassEntry   Purpose = "entry"   // a person's own link, which signs in once
	PassSession Purpose = "session" // a browser that is signed in
)

// How long passes hold.
const (
	EntryTime   = 15 * time.Minute
	SessionTime = 30 * 24 * time.Hour
)
