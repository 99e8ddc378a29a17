package store

import (
	"testing"

	"paperboy/internal/postgres"
	"paperboy/internal/testkit"
	"paperboy/store/storetest"
)

// Everything works behind PgBouncer, where each transaction may have another connection.
func TestPostgreSQLBehindPgBouncer(t *testing.T) {
	if testkit.Race {
		t.Skip("skipped, the race detector has nothing to find there that it does not find without the pooler")
	}
	postgres.Pooled(t, "postgres:///any") // asks whether there is one
	storetest.Run(t, func(t *testing.T) storetest.Engine {
		url := postgres.Pooled(t, database(t))
		return onPostgres{inPostgres(t, url), url}
	})
}
