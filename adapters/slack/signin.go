package slack

import "paperboy/core"

// Issuer is Slack as an OpenID provider: "Sign in with Slack".
const Issuer = "https://slack.com"

// Person is whom one of its tokens is of; ok is false where it names nobody.
func Person(claims func(into any) error) (u core.User, ok bool) {
	var said struct {
		Team string `json:"https://slack.com/team_id"`
		User string `json:"https://slack.com/user_id"`
		Name string `json:"name"`
	}
	if claims(&said) != nil || !isID(said.Team) || !isID(said.User) {
		return u, false
	}
	return core.User{Key: Name + ":" + said.Team + "/" + said.User, Name: said.Name}, true
}

// isID: capital letters and digits, as all of Slack's ids are.
func isID(s string) bool {
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
