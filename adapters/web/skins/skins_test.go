package skins_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paperboy/adapters/web/skins"
	"paperboy/internal/testkit"
)

var reader = skins.Reader{Now: testkit.At("2025-11-25 09:05"), Names: map[string]string{"U0PI": "pi", "C0PAPERS": "papers", "200000000000000007": "ana"}}

func draw(t *testing.T, s *skins.Skin, body string) string {
	t.Helper()
	out, err := s.Draw(skins.Message{Body: []byte(body), Author: "Paperboy", App: true, At: testkit.At("2025-11-25 09:00")}, reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// golden are the messages that the platform's adapter is known to send.
func golden(t *testing.T, s *skins.Skin) (files []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", s.Name, "testdata", "*.json"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%s: %d golden messages, %v", s.Name, len(files), err)
	}
	return files
}

func TestEveryGoldenMessageIsDrawn(t *testing.T) {
	for _, s := range []*skins.Skin{skins.Slack, skins.Discord} {
		for _, file := range golden(t, s) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			testkit.Drawn(t, file, draw(t, s, string(body)), body)
		}
	}
}

func TestWhatIsNotKnownIsARedBox(t *testing.T) {
	for _, tc := range []struct {
		skin *skins.Skin
		body string
	}{
		{skins.Slack, `{"blocks":[{"type":"video","title":"x"}]}`},
		{skins.Slack, `{"blocks":[{"type":"actions","elements":[{"type":"datepicker"}]}]}`},
		{skins.Slack, `{"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"color"}]}]}]}`},
		{skins.Slack, `{"blocks":[{}]}`},
		{skins.Discord, `{"flags":32768,"components":[{"type":99}]}`},
		{skins.Discord, `{"components":[{"type":1,"components":[{"type":15}]}]}`},
	} {
		if drawn := draw(t, tc.skin, tc.body); !strings.Contains(drawn, "k-unknown") {
			t.Errorf("%s is drawn without a word:\n%s", tc.body, drawn)
		}
	}
}
