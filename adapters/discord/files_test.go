package discord

import "testing"

// Whatever an interaction says, only Discord's own hosts are asked for a file.
func TestAFileIsFetchedFromDiscordAlone(t *testing.T) {
	for _, c := range []struct {
		api, address string
		ok           bool
	}{
		{"https://discord.com/api/v10/", "https://cdn.discordapp.com/ephemeral-attachments/1/2/a.bib?ex=1&hm=2", true},
		{"https://discord.com/api/v10/", "https://media.discordapp.net/attachments/1/2/a.bib", true},
		{"https://discord.com/api/v10/", "http://cdn.discordapp.com/attachments/1/2/a.bib", false},
		{"https://discord.com/api/v10/", "https://cdn.discordapp.com.example.org/a.bib", false},
		{"https://discord.com/api/v10/", "https://cdn.discordapp.com@example.org/a.bib", false},
		{"https://discord.com/api/v10/", "https://me@cdn.discordapp.com/a.bib", false},
		{"https://discord.com/api/v10/", "https://cdn.discordapp.com:8443/a.bib", false},
		{"https://discord.com/api/v10/", "https://discord.com/a.bib", false},
		{"https://discord.com/api/v10/", "http://127.0.0.1:8001/a.bib", false},
		{"https://discord.com/api/v10/", "http://169.254.169.254/latest", false},
		{"https://discord.com/api/v10/", "file:///etc/passwd", false},
		{"https://discord.com/api/v10/", "", false},
		{"http://127.0.0.1:8001/api/v10/", "http://127.0.0.1:8001/ephemeral-attachments/1/2/a.bib", true},
		{"http://127.0.0.1:8001/api/v10/", "http://127.0.0.1:8002/a.bib", false},
		{"http://192.0.2.1:80/api/v10/", "http://192.0.2.1:80/a.bib", false},
	} {
		if got := newClient(c.api, "t", nil).fetchable(c.address); got != c.ok {
			t.Errorf("with %s, %s: %v", c.api, c.address, got)
		}
	}
}
