package configfile

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

const configOnPaper = `{
  "paperboy_config": 1,
  "channels": [
    {
      "channel": "#ml",
      "topics": [
        "diffusion -\"stable diffusion\"",
        "lora"
      ],
      "guards": [
        {
          "topic": "lora",
          "paper": "2509.24002"
        }
      ],
      "mutes": [
        {
          "what": "survey",
          "until": "2026-12-01T09:00:00Z"
        },
        {
          "what": "2509.24002"
        }
      ],
      "schedule": "09:00 Europe/Berlin weekdays",
      "settings": {
        "layout": "thread",
        "max": "5"
      },
      "club": "16:00 Europe/Berlin weekly:thu",
      "rota": [
        "@ana",
        "@ben"
      ]
    },
    {
      "channel": "#quiet"
    }
  ]
}
`

func TestAConfigurationIsReadAsItWasWritten(t *testing.T) {
	want := []Channel{
		{
			Channel:  "#ml",
			Topics:   []string{`diffusion -"stable diffusion"`, "lora"},
			Guards:   []Guard{{Topic: "lora", Paper: "2509.24002"}},
			Mutes:    []Mute{{What: "survey", Until: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)}, {What: "2509.24002"}},
			Schedule: "09:00 Europe/Berlin weekdays", Club: "16:00 Europe/Berlin weekly:thu", Rota: []string{"@ana", "@ben"},
			Settings: map[string]string{"max": "5", "layout": "thread"},
		},
		{Channel: "#quiet"},
	}
	if diff := cmp.Diff(configOnPaper, string(Write(want))); diff != "" {
		t.Errorf("written (-want +got)\n%s", diff)
	}
	got, err := Read([]byte(configOnPaper))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got)\n%s", diff)
	}
	if got, err := Read(Write(nil)); err != nil || len(got) != 0 {
		t.Errorf("no channels come back as %v, %v", got, err)
	}
}

func TestAWrongConfigurationIsRefusedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"paperboy_config": 1`, `"paperboy_config": 2`, "Line 2, column 22: this file has version 2, and I read version 1; a newer Paperboy may have written it."},
		{"  \"paperboy_config\": 1,\n", "", "Line 39, column 1: this is no configuration of Paperboy: `\"paperboy_config\": 1` is missing."},
		{`"channels"`, `"chanels"`, "Line 3, column 11: there is no `chanels`; here stand `paperboy_config` and `channels`."},
		{`"topics"`, `"subjects"`, "Line 6, column 16: there is no `subjects`; a channel has `channel`, `key`, `topics`, `guards`, `mutes`, `schedule`, `settings`, `club` and `rota`."},
		{`"topic": "lora"`, `"topic": "soup"`, "Line 35, column 5: `2509.24002` guards a topic that is not among `topics`: `soup`."},
		{`"topic": "lora"`, `"what": "lora"`, "Line 12, column 16: there is no `what`; a guard has `topic` and `paper`."},
		{`"paper": "2509.24002"`, `"paper": "soup"`, "Line 13, column 25: `soup` is no paper's id."},
		{`"until"`, `"till"`, "Line 19, column 16: there is no `till`; a mute has `what` and `until`."},
		{`"2026-12-01T09:00:00Z"`, `"tomorrow"`, `Line 19, column 29: here belongs a time such as "2026-12-01T09:00:00Z".`},
		{`"lora"`, `17`, "Line 8, column 10: here belongs a text in quotes."},
		{`"lora"`, `null`, "Line 8, column 12: here belongs a text in quotes."},
		{`"lora"`, `"-lora"`, "Line 8, column 15: "},
		{"09:00 Europe/Berlin", "09:00 CET+1", "Line 25, column 40: I do not know the zone `CET+1`. Use a name such as `Europe/Berlin`."},
		{`"max": "5"`, `"max": "50"`, "Line 28, column 19: `max` is a whole number from 1 to 15, not `50`."},
		{`"max"`, `"maximum"`, "Line 28, column 22: There is no setting `maximum`."},
		{`"max": "5"`, `"layout": "digest"`, "Line 28, column 16: `layout` is given twice."},
		{`weekly:thu`, `weekdays`, "Line 30, column 44: a journal club meets on one day of the week, as in `16:00 Europe/Berlin weekly:thu`."},
		{`"channel": "#quiet"`, ``, "Line 38, column 5: this channel has no name: `\"channel\"` is missing."},
		{"  ]\n}\n", "", "unexpected end of JSON input."},
		{"  ]\n}\n", "  ]\n}\n{}", "after top-level value."},
		{`"lora"`, `lora`, "Line 8, column 9: invalid character 'l' looking for beginning of value."},
		{configOnPaper, "[]", "Line 1, column 1: here belongs an object in { }."},
		{configOnPaper, "", "Line 1, column 1: unexpected end of JSON input."},
	} {
		file := strings.Replace(configOnPaper, c.old, c.new, 1)
		_, err := Read([]byte(file))
		var pe *core.UserError
		if !errors.As(err, &pe) || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "Line ") {
			t.Errorf("%s → %s:\ngot  %v\nwant %s", c.old, c.new, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(configOnPaper))
	f.Add([]byte(`{"paperboy_config":1,"channels":[{"channel":"x","mutes":[{"what":"a"}]}]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		cs, err := Read(file)
		if err != nil {
			return
		}
		again, err := Read(Write(cs))
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if diff := cmp.Diff(string(Write(cs)), string(Write(again))); diff != "" {
			t.Fatal(diff)
		}
	})
}
