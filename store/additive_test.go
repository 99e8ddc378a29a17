package store

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/internal/postgres"
)

// takesAway is what an older process could not live with: of a rolling upgrade both
// versions run on the new schema for a while.
var takesAway = regexp.MustCompile(`(?is)\b(DROP\s+(TABLE|COLUMN)|RENAME|ALTER\s+COLUMN|TRUNCATE|DROP\s+(INDEX|CONSTRAINT)|ADD\s+(CONSTRAINT|UNIQUE|CHECK|PRIMARY|FOREIGN)|UNIQUE\s+INDEX|TRIGGER)\b|ADD\s+COLUMN[^;,]*NOT\s+NULL`)

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

// says is how a migration that takes something away keeps older programs out.
func says(file string) string {
	number := strings.TrimLeft(file[:5], "0")
	return "VALUES ('" + neededNote + "', '" + number + "')"
}

// Processes are upgraded one after the other, so older ones go on, and start anew, while
// a newer one brings the schema up to date: migrations of PostgreSQL add, and one that
// takes something away says so.
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
		lite, _ := fs.ReadFile(schema("sqlite"), file) // whose notes go to PostgreSQL when it is copied
		if what := removes(string(text)); what != "" && !(strings.Contains(string(text), says(file)) && strings.Contains(string(lite), says(file))) {
			t.Errorf("%s has %q: an older process that runs meanwhile could not go on. If it has to be, keep those out that start, in both engines' files: INSERT INTO notes (name, value) %s ON CONFLICT (name) DO UPDATE SET value = excluded.value",
				file, what, says(file))
		}
	}
	for _, bad := range []string{
		"DROP TABLE x;", "ALTER TABLE x RENAME TO y;", "ALTER TABLE x\n DROP COLUMN y;", "ALTER TABLE x ADD COLUMN y BIGINT NOT NULL;", "ALTER TABLE x ALTER COLUMN y SET NOT NULL;",
		"ALTER TABLE x DROP CONSTRAINT y;", "ALTER TABLE x ADD CONSTRAINT y CHECK (z > 0);", "ALTER TABLE x ADD UNIQUE (y);", "CREATE UNIQUE INDEX z ON x (y);", "DROP INDEX x_y;",
		"CREATE TRIGGER z BEFORE INSERT ON x EXECUTE FUNCTION y();",
	} {
		if removes(bad) == "" {
			t.Errorf("%q would pass", bad)
		}
	}
	for _, good := range []string{"ALTER TABLE x ADD COLUMN y BIGINT NOT NULL DEFAULT 0;", "CREATE TABLE x (y TEXT NOT NULL UNIQUE); -- DROP TABLE", "CREATE INDEX x_y ON x (y);"} {
		if what := removes(good); what != "" {
			t.Errorf("%q is refused", good)
		}
	}
}

// While processes are upgraded one after the other, an older one goes on with what a newer
// one has added to the schema, and starts anew on it; both read what the other writes.
func TestAnOlderProgramWorksOnASchemaThatHasGrown(t *testing.T) {
	h := aDatabase(t)
	ml := h.channel("ml")
	newer, err := openPostgres(t.Context(), h.path, with(t, "postgres", map[string]string{
		"99998_moods.sql": `CREATE TABLE moods (id BIGINT NOT NULL PRIMARY KEY); ALTER TABLE channels ADD COLUMN mood TEXT COLLATE "C" NOT NULL DEFAULT 'good';`,
		"99999_soon.sql":  `CREATE INDEX deliveries_mood ON deliveries (updated, channel);`,
	}))
	h.ok(err)
	defer newer.Close()
	started := inPostgres(t, h.path)
	for i, older := range []*Store{h.Store, started} {
		id := core.PaperID(fmt.Sprintf("2509.0000%d", i+1))
		_, err := older.PutPapers(t.Context(), []core.Seen{listed(id, "Lamps", "hf", "2025-09-05")}, false, h.now)
		h.ok(err)
		fresh, err := older.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: string(id)}, Settings: core.DefaultSettings(), Created: h.now})
		h.ok(err)
		n, err := older.PlanDigests(t.Context(), []core.Plan{daily(fresh.ID, h.now, id), daily(ml.ID, h.now.AddDate(0, 0, i), id)})
		h.ok(err)
		h.wants("planned", n, 2)
		owner := core.Owner{ID: string(id), Host: "here", PID: 1, Started: h.now}
		h.ok(older.Join(t.Context(), owner))
		claims, err := older.Claim(t.Context(), owner.ID, h.now, 100, nil)
		h.ok(err)
		h.wants("claims", len(claims) > 0, true)
		h.ok(older.Leave(t.Context(), owner.ID))
		p, err := newer.Paper(t.Context(), id)
		h.ok(err)
		h.wants("what the older wrote", p.Title, "Lamps")
	}
	_, err = newer.UpdateChannel(t.Context(), ml.ID, func(c *core.Channel) { c.Greeted = true })
	h.ok(err)
	for _, older := range []*Store{h.Store, started} {
		c, err := older.ChannelByID(t.Context(), ml.ID)
		h.ok(err)
		h.wants("what the newer wrote", c.Greeted, true)
	}
	h.wants("the schema", columns(h, `SELECT mood FROM channels GROUP BY mood`), []string{"good"})
}

// Where a migration took something away, it says which programs cannot live without: they
// are refused in a sentence, and nobody else is.
func TestAnOlderProgramIsRefusedWhereSomethingWasTakenAway(t *testing.T) {
	h := aDatabase(t)
	before := map[string]string{"99997_more.sql": `CREATE TABLE more (id BIGINT);`}
	able := map[string]string{"99998_less.sql": `DROP TABLE more; INSERT INTO notes (name, value) ` + says("99998_less.sql") + ` ON CONFLICT (name) DO UPDATE SET value = excluded.value;`}
	able["99997_more.sql"] = before["99997_more.sql"]
	newest := map[string]string{"99999_soon.sql": `CREATE TABLE soon (id BIGINT);`}
	for name, up := range able {
		newest[name] = up
	}
	open := func(more map[string]string) error {
		s, err := openPostgres(t.Context(), h.path, with(t, "postgres", more))
		if err == nil {
			err = s.Close()
		}
		return err
	}
	h.ok(open(newest))
	h.ok(open(able))
	for _, older := range []map[string]string{before, nil} {
		err := open(older)
		if err == nil || !strings.Contains(err.Error(), "version 99999 and this program knows versions up to ") || !strings.HasSuffix(err.Error(), "use the version of Paperboy that wrote it, or a newer one") {
			t.Errorf("one that knows %v besides: %v", older, err)
		}
	}
}

// A setting that only a newer program knows stays, whatever an older one beside it changes
// of the channel.
func TestAnOlderProgramLosesNoSettingOfANewerOne(t *testing.T) {
	postgres.Needed(t)
	for name, open := range map[string]func(*testing.T) *house{"SQLite": func(t *testing.T) *house { return newHouse(t) }, "PostgreSQL": aDatabase} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			ml := h.channel("ml")
			h.ok(h.write(t.Context(), "a newer program sets something", func(t tx) error {
				_, err := t.exec(`UPDATE channels SET settings = '{"Mood":["good"],"Max":3}'`)
				return err
			}))
			h.changes(ml, func(c *core.Channel) { c.Greeted = true })
			c := h.changes(ml, func(c *core.Channel) { c.Settings.Min = 7 })
			h.wants("what both know", []any{c.Greeted, c.Settings.Max, c.Settings.Min}, []any{true, 3, 7})
			var mood string
			h.ok(h.read(t.Context(), "reading as the newer program", func(t tx) error {
				all, err := t.settings(ml.ID)
				mood = string(all["Mood"])
				return err
			}))
			h.wants("what only the newer one knows", mood, `["good"]`)
		})
	}
}

// A newer version's index of words is not made anew by an older one that starts beside it;
// by one that is alone it is: somebody went back.
func TestAnOlderProgramLeavesTheIndexToANewerOneBesideIt(t *testing.T) {
	h := aDatabase(t)
	newer, err := openPostgres(t.Context(), h.path, with(t, "postgres", map[string]string{"99999_soon.sql": `CREATE TABLE soon (id BIGINT);`}))
	h.ok(err)
	defer newer.Close()
	const its = "99, names 99"
	h.ok(newer.SetNote(t.Context(), indexNote, its))
	h.ok(newer.Join(t.Context(), core.Owner{ID: "newer", Started: h.now}))
	for _, want := range []string{its, rules} {
		note, err := inPostgres(t, h.path).Note(t.Context(), indexNote)
		h.ok(err)
		h.wants("the index's rules", note, want)
		h.ok(newer.Leave(t.Context(), "newer"))
	}
}
