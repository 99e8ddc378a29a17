//go:build !cgo

package store

import "errors"

// A program built without cgo says so when it is started, in words; the
// compiler would only miss names of the driver.

func built() error {
	return errors.New("this program was built without cgo, which SQLite needs: install gcc, then make build, or go build -tags sqlite_fts5 with CGO_ENABLED=1")
}

func busy(error) bool { return false }

func full(error) bool { return false }
