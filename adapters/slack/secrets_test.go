package slack

import (
	"errors"
	"strings"
	"testing"
)

func TestSecretsAreTakenOutOfErrors(t *testing.T) {
	s := New(Options{BotToken: "xoxb-1", AppToken: "xapp-2", SigningSecret: "signing-3", APIURL: "https://slack.com/api/"})
	for text, want := range map[string]string{
		"token xoxb-1 or xapp-2 or signing-3":                                           "token [secret] or [secret] or [secret]",
		`Post "https://hooks.slack.com/commands/T1/2/hush": EOF`:                        `Post "https://hooks.slack.com/[secret]": EOF`,
		`Post "https://hooks.slack.com/actions/T1/2/hush": EOF`:                         `Post "https://hooks.slack.com/[secret]": EOF`,
		`parse "wss://wss-primary.slack.com/link/?ticket=hush&app_id=3": bad`:           `parse "wss://wss-primary.slack.com/[secret]": bad`,
		`Post "https://files.slack.com/upload/v1/hush": EOF`:                            `Post "https://files.slack.com/[secret]": EOF`,
		`Post "https://slack.com/api/chat.postMessage": dial tcp: connection refused`:   `Post "https://slack.com/api/chat.postMessage": dial tcp: connection refused`,
		"a paper at https://arxiv.org/abs/2511.00001 and one at https://link.example/a": "a paper at https://arxiv.org/abs/2511.00001 and one at https://link.example/a",
	} {
		cause := errors.New(text)
		err := s.discreet(cause)
		if err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("%s: %v", text, err)
		}
		if strings.Contains(s.one.outcome("x", "", cause).Error(), "hush") {
			t.Errorf("an outcome tells it: %s", text)
		}
	}
}
