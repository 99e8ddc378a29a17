package kit

// A Finding is what the doctor says about one thing; as JSON it is what `bot
// doctor --json` prints.
type Finding struct {
	Check  string `json:"check"`
	State  State  `json:"state"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"`
}

// State is how it is with what was looked at.
type State string

// The states.
const (
	StateOK      State = "ok"
	StateOff     State = "off"
	StateWarning State = "warning"
	StateFailed  State = "failed"
)

// OK: it is well.
func OK(check, detail string) Finding { return Finding{Check: check, State: StateOK, Detail: detail} }

// Off: it is not used, which fix would change, if anybody wanted that.
func Off(check, detail, fix string) Finding { return Finding{check, StateOff, detail, fix} }

// Warning: one can do without what does not work.
func Warning(check, detail, fix string) Finding { return Finding{check, StateWarning, detail, fix} }

// Failed: something that should work does not.
func Failed(check, detail, fix string) Finding { return Finding{check, StateFailed, detail, fix} }
