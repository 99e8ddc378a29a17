package store

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// takesAway is what an older process could not live with: of a rolling upgrade both
// versions run on the new schema for a while.
var takesAway = regexp.MustCompile(`(?is)\b(DROP\s+(TABLE|COLUMN)|RENAME|ALTER\s+COLUMN|TRUNCATE)\b|ADD\s+COLUMN[^;,]*NOT\s+NULL`)

func removes(migration string) string {
	var lines []string
	for line := range strings.Lines(migration) {
		code, _, _ := strings.Cut(line, "--")
		lines = append(lines, code)
	}
	for _, found := range takesAway.FindAllString(strings.Join(lines, "\n"), -1) {
		if !strings.Contains(strings.ToUpper(found), "NOT NULL") {
			return found
		}
	}
	for _, column := range regexp.MustCompile(`(?is)ADD\s+COLUMN[^;]*`).FindAllString(strings.Join(lines, "\n"), -1) {
		if upper := strings.ToUpper(column); strings.Contains(upper, "NOT NULL") && !strings.Contains(upper, "DEFAULT") {
			return column
		}
	}
	return ""
}

// Processes are upgraded one after the other, so older ones go on while a newer one
// brings the schema up to date: migrations of PostgreSQL add, and take nothing away.
func TestMigrationsTakeNothingAwayFromOlderProcesses(t *testing.T) {
	files, err := fs.Glob(schema("postgres"), "*.sql")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files[1:] { // before the first there was none
		text, err := fs.ReadFile(schema("postgres"), file)
		if err != nil {
			t.Fatal(err)
		}
		if what := removes(string(text)); what != "" {
			t.Errorf("%s has %q: an older process that runs meanwhile could not go on", file, what)
		}
	}
	for _, bad := range []string{"DROP TABLE x;", "ALTER TABLE x RENAME TO y;", "ALTER TABLE x\n DROP COLUMN y;", "ALTER TABLE x ADD COLUMN y BIGINT NOT NULL;", "ALTER TABLE x ALTER COLUMN y SET NOT NULL;"} {
		if removes(bad) == "" {
			t.Errorf("%q would pass", bad)
		}
	}
	for _, good := range []string{"ALTER TABLE x ADD COLUMN y BIGINT NOT NULL DEFAULT 0;", "CREATE TABLE x (y TEXT NOT NULL); -- DROP TABLE"} {
		if what := removes(good); what != "" {
			t.Errorf("%q is refused", good)
		}
	}
}
