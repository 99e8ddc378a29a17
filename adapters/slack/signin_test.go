package slack

import (
	"encoding/json"
	"testing"
)

func TestWhomATokenIsOf(t *testing.T) {
	for _, tc := range []struct{ claims, key string }{
		{`{"sub":"U0JM","https://slack.com/team_id":"T0RR","https://slack.com/user_id":"U0JM","name":"ana"}`, "slack:T0RR/U0JM"},
		{`{"sub":"U0JM","https://slack.com/user_id":"U0JM","name":"ana"}`, ""},
		{`{"sub":"U0JM","https://slack.com/team_id":"T0RR"}`, ""},
		{`{"https://slack.com/team_id":"T0RR/U1","https://slack.com/user_id":"U0JM"}`, ""},
		{`{"https://slack.com/team_id":7,"https://slack.com/user_id":"U0JM"}`, ""},
	} {
		u, ok := Person(func(into any) error { return json.Unmarshal([]byte(tc.claims), into) })
		if ok != (tc.key != "") || u.Key != tc.key {
			t.Errorf("%s is %q, %v", tc.claims, u.Key, ok)
		}
	}
}
