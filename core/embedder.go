package core

import (
	"context"

	"paperboy/core/meaning"
)

// Embedder is a model that says what texts are about, asked over the network.
type Embedder interface {
	// Name tells its vectors from those of another.
	Name() string
	// Embed gives a vector for each text, in order, nil for one that says nothing.
	// Errors: *Retry, *Unauthorised, *Refused with Message for texts that it does not
	// take, anything else for trouble that may pass.
	Embed(ctx context.Context, texts []string) ([]meaning.Vector, error)
}
