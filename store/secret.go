package store

import (
	"database/sql/driver"
	"fmt"
)

// secret is a column with what lets us into somebody else's service, as whoever uses it
// seals it: adapters/zotero.
type secret struct{ s *string }

func (c secret) Value() (driver.Value, error) { return *c.s, nil }

func (c secret) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*c.s = v
	case []byte:
		*c.s = string(v)
	default:
		return fmt.Errorf("a secret is kept as %T", src) // and not what it is
	}
	return nil
}
