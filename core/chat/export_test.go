package chat

// Running reports whether what questions teach is written down beside the answers.
func (b *Chat) Running() bool { return b.notes.running.Load() }
