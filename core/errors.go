package core

import (
	"errors"
	"fmt"
	"time"

	"paperboy/core/say"
)

// What a connection may answer to anything it is asked to do: post, look, edit,
// read reactions, seed, open a thread, register commands. nil is done; the five
// errors below are certain; any other error means that nobody knows what became
// of it.

// Retry: it was certainly not done, and can be tried again After that time.
type Retry struct {
	After time.Duration // 0: at once
	Err   error
}

func (e *Retry) Error() string { return fmt.Sprintf("not done, again in %v: %v", e.After, e.Err) }
func (e *Retry) Unwrap() error { return e.Err }

// Refused: it was certainly not done, and will not be until somebody changes
// something. It is the channel that does not take us or, with Message, only
// this message that is not taken: the next one may be.
type Refused struct {
	Message bool   // this message, and not us
	Reason  string // completes "I may not post in #papers: …"; after a semicolon what mends it, without one an admin can
	Err     error
}

func (e *Refused) Error() string { return "refused: " + e.Reason }
func (e *Refused) Unwrap() error { return e.Err }

// Gone: what it was to be done to does not exist any more.
type Gone struct {
	What Subject
	Err  error
}

// Subject is what is gone.
type Subject string

// The subjects.
const (
	TheMessage   Subject = "message"
	TheChannel   Subject = "channel"
	TheWorkspace Subject = "workspace"
)

func (e *Gone) Error() string { return fmt.Sprintf("the %s is gone: %v", e.What, e.Err) }
func (e *Gone) Unwrap() error { return e.Err }

// Unauthorised: this installation's token is not taken. Nothing will work there
// until an operator changes it.
type Unauthorised struct{ Err error }

func (e *Unauthorised) Error() string { return fmt.Sprintf("the token was refused: %v", e.Err) }
func (e *Unauthorised) Unwrap() error { return e.Err }

// MayNot: our rights there do not suffice for this, though they may for other
// things. Right is what the platform calls the right that is missing; "" where
// it cannot be done at all.
type MayNot struct {
	Right string
	Err   error
}

func (e *MayNot) Error() string {
	if e.Right == "" {
		return fmt.Sprintf("may not: %v", e.Err)
	}
	return fmt.Sprintf("may not without %s: %v", e.Right, e.Err)
}
func (e *MayNot) Unwrap() error { return e.Err }

// Is reports whether err is, or wraps, an error of type E: one of the five.
func Is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// UserError is trouble that a person can mend: one sentence that says what to
// do. Everything else is the operator's and reaches people as E-BUG with a
// reference.
type UserError struct {
	Code string // "E-DUP"
	Text say.Text
	Col  int // 1-based place in what was typed; 0 when it has none
}

func (e *UserError) Error() string { return e.Text.String() }

// Userf makes a UserError; see say.Say for the format.
func Userf(code, format string, args ...any) *UserError {
	return &UserError{Code: code, Text: say.Say(format, args...)}
}
