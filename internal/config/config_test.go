package config

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/pelletier/go-toml/v2"
)

func parse(t *testing.T, text string, env ...string) Config {
	t.Helper()
	c, err := Parse("config.toml", []byte(text), env)
	if err != nil {
		t.Fatalf("refused:\n%v", err)
	}
	return c
}

func refused(t *testing.T, text string, env ...string) string {
	t.Helper()
	_, err := Parse("config.toml", []byte(text), env)
	if err == nil {
		t.Fatalf("accepted:\n%s\n%v", text, env)
	}
	return err.Error()
}

var example = filepath.Join("..", "..", "config.example.toml")

func TestTheExampleShowsEveryKeyWithItsDefault(t *testing.T) {
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), parse(t, string(data)), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the example is not the defaults (-default +example):\n%s", diff)
	}
	section := ""
	shown := map[string]bool{}
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(strings.Fields(line)[0], "[]")
		default:
			key, _, _ := strings.Cut(line, " ")
			shown[section+"."+key] = true
			if !strings.Contains(line, " # ") {
				t.Errorf("line %d: %s has no meaning beside it", i+1, key)
			}
		}
	}
	for _, k := range Keys() {
		if !shown[k] {
			t.Errorf("the example does not show %s", k)
		}
		delete(shown, k)
	}
	for k := range shown {
		t.Errorf("the example shows %s, which is no key", k)
	}
}

func TestWhatSomebodyWroteIsWhatTheyGet(t *testing.T) {
	c := parse(t, `
sources.huggingface = { enabled = false }
[slack]
bot_token = "xoxb-1"
[discord]
guild_ids = ["1", "2"]
[[sources.feed]]
name = "jmlr"
url = "https://jmlr.org/jmlr.xml"
[sources.arxiv]
categories = ["math-ph", "cs.*"]
[fetch]
interval = "1h30m"
[digest]
max = 1_5
timezone = "Europe/Berlin"
days = "weekly:mon,thu"
`)
	want := Default()
	want.Sources.HuggingFace.Enabled = false
	want.Slack.BotToken = "xoxb-1"
	want.SecretsInFile = []string{"slack.bot_token"}
	want.Discord.GuildIDs = []string{"1", "2"}
	want.Sources.Feed = []Feed{{"jmlr", "https://jmlr.org/jmlr.xml"}}
	want.Sources.Arxiv.Categories = []string{"math-ph", "cs.*"}
	want.Fetch.Interval = 90 * time.Minute
	want.Digest = Digest{Time: "09:00", Timezone: "Europe/Berlin", Days: "weekly:mon,thu", Max: 15, Layout: "channel"}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeIsRefusedWithItsPlaceAndTheWayOut(t *testing.T) {
	for _, tc := range []struct {
		name, text, want string
	}{
		{"a mistyped key", "[slack]\nbot_tokn = \"x\"", "config.toml:2:1: I know no key slack.bot_tokn; did you mean slack.bot_token?"},
		{"a mistyped section", "[slak]\nbot_token = \"x\"\ncommand = 3", "config.toml:1:2: I know no section slak; did you mean slack?"},
		{"a key without its section", "max = 3", "config.toml:1:1: I know no key max outside a section; did you mean max under [digest]?"},
		{"a number in quotes", "[digest]\nmax = \"3\"", "config.toml:2:7: digest.max must be a whole number, without quotes, and this is a text"},
		{"a yes in quotes", "[sources.arxiv]\nenabled = \"yes\"", "config.toml:2:11: sources.arxiv.enabled must be true or false, without quotes, and this is a text"},
		{"a text that is a number", "[slack]\nbot_token = 42", "config.toml:2:13: slack.bot_token must be a text in quotes, and this is a number"},
		{"a list of numbers", "[discord]\nguild_ids = [17]", "config.toml:2:14: discord.guild_ids must be a list of texts in quotes, as in [\"one\", \"two\"], and this is a number"},
		{"an hour that no day has", "[digest]\ntime = \"25:00\"", "config.toml:2:8: digest.time: \"25:00\" is no time of day; write it with four digits on the 24-hour clock, as \"09:00\""},
		{"a zone that is none", "[digest]\ntimezone = \"CET+1\"", "config.toml:2:12: digest.timezone: I do not know the zone \"CET+1\"; use a name such as \"Europe/Berlin\""},
		{"no papers at all", "[digest]\nmax = 0", "config.toml:2:7: digest.max: 0 is out of range; a post has 1 to 15 papers"},
		{"more papers than a post has", "[digest]\nmax = 16", "config.toml:2:7: digest.max: 16 is out of range; a post has 1 to 15 papers"},
		{"a layout that is none", "[digest]\nlayout = \"foo\"", "config.toml:2:10: digest.layout: there is no layout \"foo\"; write \"channel\", \"thread\", \"cards\", \"digest\" or \"forum\""},
		{"days that are none", "[digest]\ndays = \"mon\"", "config.toml:2:8: digest.days: \"mon\" are no days; write \"weekdays\", \"daily\" or \"weekly:mon\""},
		{"asking too often", "[fetch]\ninterval = \"1m\"", "config.toml:2:12: fetch.interval: 1m is too often; write \"5m\" or more (the sources ask for it)"},
		{"no length of time", "[fetch]\ninterval = \"1 day\"", "config.toml:2:12: fetch.interval: \"1 day\" is no length of time; write it as \"30m\" or \"1h30m\""},
		{"a plain address elsewhere", "[slack]\napi_url = \"http://slack.example/api/\"", "config.toml:2:11: slack.api_url: http:// is only for this machine (127.0.0.1, localhost); write https://slack.example"},
		{"a plain socket elsewhere", "[discord]\napi_url = \"ws://10.0.0.1/\"", "config.toml:2:11: discord.api_url: ws:// is only for this machine (127.0.0.1, localhost); write wss://10.0.0.1"},
		{"a feed without a name", "[[sources.feed]]\nurl = \"https://a.example/\"", "config.toml:1:3: sources.feed.0.name: \"\" is no name for a feed; use small letters, digits and -, as \"jmlr\": people type it after source:"},
		{"one bracket too few", "[sources.feed]\nname = \"a\"", "config.toml:1:2: write [[sources.feed]], with two brackets: there can be several"},
		{"tokens that changed places", "[slack]\nbot_token = \"xapp-1\"", "config.toml:2:13: slack.bot_token: this is an app-level token of Slack; the bot's begins with xoxb- (copy it from OAuth & Permissions)"},
		{"many workspaces without a key", "[slack]\nclient_id = \"1\"\nclient_secret = \"2\"\n[http]\nlisten = \":8080\"\npublic_url = \"https://papers.example.org\"", "config.toml: store.key: is empty, and where people install the app their tokens are kept sealed; write what `openssl rand -base64 32` prints, best into PAPERBOY_STORE_KEY"},
		{"many workspaces without a page", "[store]\nkey = \"01234567890123456789012345678901\"\n[slack]\nclient_id = \"1\"\nclient_secret = \"2\"", "config.toml: http.public_url: people install the app from a page of it; set listen, as \":8080\", and public_url, as \"https://papers.example.org\""},
		{"a short key", "[store]\nkey = \"01234567890123456789012345678901,hunter2\"", "config.toml:2:7: store.key: has fewer than 32 characters; write what `openssl rand -base64 32` prints"},
		{"half an OAuth", "[slack]\nclient_id = \"1\"", "config.toml:2:13: slack.client_id: client_id and client_secret go together; set both, or neither"},
		{"half of a provider", "[site]\noidc_issuer = \"https://id.example\"", "config.toml:2:15: site.oidc_issuer: oidc_issuer, oidc_client_id and oidc_client_secret go together; set all three, or none"},
		{"a provider without https", "[site]\noidc_issuer = \"http://id.example\"\noidc_client_id = \"p\"\noidc_client_secret = \"hunter2\"", "config.toml:2:15: site.oidc_issuer: \"http://id.example\" is no address of an OpenID provider; write it as \"https://id.example.org\", as its discovery has it"},
		{"a provider without a page", "[site]\noidc_issuer = \"https://id.example\"\noidc_client_id = \"p\"\noidc_client_secret = \"hunter2\"", "config.toml:2:15: site.oidc_issuer: people come back from there to the page, which needs http.listen and http.public_url; set both"},
		{"mail without a sender", "[email]\nsmtp_url = \"smtp://u:hunter2@mail.example:587\"", "config.toml: email.from: is empty, and mail needs a sender; write it as \"paperboy@example.org\""},
		{"half a signature", "[email]\ndkim_domain = \"example.org\"", "config.toml:2:15: email.dkim_domain: dkim_domain, dkim_selector and dkim_key_file go together; set all three, or none"},
		{"an unknown database", "[store]\nurl = \"mysql://root:hunter2@db/p\"", "config.toml:2:7: store.url: I know no database \"mysql\"; write the path of a SQLite file, as \"paperboy.db\", or \"postgres://USER@HOST/DATABASE\""},
		{"a server as libpq also takes it", "[store]\nurl = \"host=db dbname=p password=hunter2\"", "config.toml:2:7: store.url: is neither a file's path nor an address; write it as \"postgres://USER:PASSWORD@HOST/DATABASE\""},
		{"a server with a slash too few", "[store]\nurl = \"postgres:/me:hunter2@db/p\"", "config.toml:2:7: store.url: is neither a file's path nor an address; write it as \"postgres://USER:PASSWORD@HOST/DATABASE\""},
		{"a server without a database", "[store]\nurl = \"postgres://me:hunter2@db\"", "config.toml:2:7: store.url: names no database; write it as \"postgres://USER@HOST/DATABASE\""},
		{"a password with signs in it", "[store]\nurl = \"postgres://me:hunter2%@db/p\"", "config.toml:2:7: store.url: cannot be read as an address; write it as \"postgres://USER:PASSWORD@HOST/DATABASE\", with @, /, :, ?, # and % of a password as %40, %2F, %3A, %3F, %23 and %25"},
		{"less than nothing", "[limits]\ncommands = -1", "config.toml:2:12: limits.commands: -1 is less than nothing; write how many, or 0 for no limit"},
		{"a variable that is not set", "[slack]\nbot_token = \"${SLACK}\"", "config.toml:2:13: slack.bot_token wants ${SLACK} and the environment has no SLACK; set it, or write the value here"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := refused(t, tc.text); got != tc.want {
				t.Errorf("\ngot  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestSyntaxErrorsHaveAPlace(t *testing.T) {
	for _, text := range []string{"[slack\n", "[slack]\nbot_token = xoxb\n", "[digest]\nmax = 1\nmax = 2\n"} {
		if got := refused(t, text); !strings.HasPrefix(got, "config.toml:") || !strings.Contains(got, "key = \"value\"") {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	got := refused(t, "[slak]\nx = 1\n[digest]\nmax = 99\ntime = 9\n", "PAPERBOY_DIGEST_LAYOUT=round")
	if n := len(strings.Split(got, "\n")); n != 4 {
		t.Errorf("%d mistakes, want 4:\n%s", n, got)
	}
	// In the order of the file, whatever looked at them first; then the rest.
	got = refused(t, "[digest]\nmax = 99\ntime = 9\n[sources.feed]\n[slack]\ncommand = 3\n", "PAPERBOY_DIGEST_LAYOUT=round")
	var places []string
	for line := range strings.Lines(got) {
		place, _, _ := strings.Cut(line, ": ")
		places = append(places, place)
	}
	if diff := cmp.Diff([]string{"config.toml:2:7", "config.toml:3:8", "config.toml:4:2", "config.toml:6:11", "PAPERBOY_DIGEST_LAYOUT"}, places); diff != "" {
		t.Errorf("%s\n%s", diff, got)
	}
}

func TestTheEnvironmentOverrides(t *testing.T) {
	c := parse(t, "[slack]\nbot_token = \"${TOKEN}\"\n[digest]\nmax = 3\n",
		"TOKEN=xoxb-from-env", "PAPERBOY_DIGEST_MAX=7", "PAPERBOY_SOURCES_ARXIV_CATEGORIES=cs.RO, math-ph",
		"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_FETCH_INTERVAL=2h",
		"PAPERBOY_SOURCES_FEED=jmlr=https://jmlr.org/jmlr.xml", "PAPERBOY_HOME=/not/ours", "PAPERBOY_SOURCES_ARXIV_ENABLED=", "PAPERBOY_DIGEST_LAYOUT=thread", "PAPERBOY_REQUIRE=shared")
	want := Default()
	want.Slack.BotToken = "xoxb-from-env"
	want.Digest.Max = 7
	want.Digest.Layout = "thread"
	want.Sources.Arxiv.Categories = []string{"cs.RO", "math-ph"}
	want.Sources.HuggingFace.Enabled = false
	want.Fetch.Interval = 2 * time.Hour
	want.Sources.Feed = []Feed{{"jmlr", "https://jmlr.org/jmlr.xml"}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	for _, tc := range []struct{ env, want string }{
		{"PAPERBOY_SLACK_BOTTOKEN=x", "PAPERBOY_SLACK_BOTTOKEN: sets no key that I know; did you mean PAPERBOY_SLACK_BOT_TOKEN?"},
		{"PAPERBOY_DIGEST_MAX=many", `PAPERBOY_DIGEST_MAX: must be a whole number, and is "many"`},
		{"PAPERBOY_DIGEST_TIME=24:00", `PAPERBOY_DIGEST_TIME: digest.time: "24:00" is no time of day; write it with four digits on the 24-hour clock, as "09:00"`},
		{"PAPERBOY_CLOCK_OFFSET=-36h", "PAPERBOY_CLOCK_OFFSET: is for tests: every api_url and every source's url must be on this machine (127.0.0.1); unset it"},
	} {
		if got := refused(t, "", tc.env); got != tc.want {
			t.Errorf("\ngot  %s\nwant %s", got, tc.want)
		}
	}
}

// local is a configuration in which nothing leaves this machine.
const local = `
[slack]
api_url = "http://127.0.0.1:9001/api/"
[discord]
api_url = "ws://[::1]:9002/"
[sources.huggingface]
url = "http://localhost:9003"
[sources.arxiv]
url = "http://127.0.0.1:9004"
rss_url = "http://127.0.0.1:9004"
`

func TestOnlyOnThisMachineTimeCanBeBent(t *testing.T) {
	c := parse(t, local+"[fetch]\ninterval = \"1s\"\n", "PAPERBOY_CLOCK_OFFSET=-36h")
	if c.ClockOffset != -36*time.Hour || c.Fetch.Interval != time.Second {
		t.Errorf("offset %v, interval %v", c.ClockOffset, c.Fetch.Interval)
	}
	feed := "[[sources.feed]]\nname = \"a\"\nurl = \"https://a.example/\"\n"
	if got := refused(t, local+feed+"[fetch]\ninterval = \"1s\"\n", "PAPERBOY_CLOCK_OFFSET=-36h"); strings.Count(got, "\n") != 1 {
		t.Errorf("one source elsewhere forbids both:\n%s", got)
	}
	for _, api := range []string{"http://127.0.0.1:9001/api/", "ws://[::1]:9002/"} {
		if got := refused(t, strings.Replace(local, api, "https://platform.example/", 1), "PAPERBOY_CLOCK_OFFSET=-36h"); !strings.HasPrefix(got, "PAPERBOY_CLOCK_OFFSET: is for tests") {
			t.Errorf("one platform elsewhere forbids it: %s", got)
		}
	}
	if got := refused(t, local+"[fetch]\ninterval = \"10ms\"\n"); !strings.Contains(got, `"1s" or more`) {
		t.Error(got)
	}
}

func TestSecretsDoNotPrintThemselves(t *testing.T) {
	c := parse(t, `
[slack]
bot_token = "xoxb-hunter2"
app_token = "xapp-hunter2"
signing_secret = "hunter2"
client_id = "7"
client_secret = "hunter2"
[discord]
token = "my.hunter2.token"
[email]
smtp_url = "smtp://me:hunter2@mail.example:587"
from = "me@example.org"
[summary]
api_key = "hunter2"
`)
	c.Store.URL = "postgres://me:hunter2@db/papers?password=hunter2&sslpassword=hunter2"
	j, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("configuration", "all", c, "token", c.Slack.BotToken, "store", c.Store.URL)
	for _, printed := range []string{string(j), fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), log.String()} {
		if strings.Contains(printed, "hunter2") {
			t.Errorf("a secret is told: %s", printed)
		}
	}
	if string(c.Slack.BotToken) != "xoxb-hunter2" {
		t.Error("the secret is lost")
	}
	for _, text := range []string{"[slack]\nbot_token = [\"hunter2\"]", "[slack]\nbot_token = \"hunter2\"", "[discord]\ntoken = \"hunter2\"", "[slack]\nbot_token = \"xapp-hunter2\"",
		"[store]\nurl = \"x://a:hunter2@b\"", "[store]\nurl = \"postgres://a:hunter2@b\"", "[store]\nurl = \"postgres://a:hunter2%@b/p\"", "[email]\nsmtp_url = \"ftp://a:hunter2@b\""} {
		if got := refused(t, text); strings.Contains(got, "hunter2") {
			t.Errorf("an error tells a secret: %s", got)
		}
	}
}

func TestAMissingFileIsTheDefaultsUnlessItWasNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	c, err := Load(file, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), c); diff != "" {
		t.Error(diff)
	}
	if _, err := Load(file, true, nil); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(local)
	f.Add("[[sources.feed]]\nname=\"\"\n[sources]\nfeed=[{name=\"a\"}]\nslack=1")
	f.Add("a.b.c = {d = [1, {e = 2}]}\n[x]\n[[y.z]]")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Parse("c", []byte(text), nil); err != nil && err.Error() == "" {
			t.Error("refused without a word")
		}
	})
}

// Whatever editor saved it, a configuration is read.
func TestAConfigurationIsReadWhoeverSavedIt(t *testing.T) {
	const text = "# Größe\n[slack]\nbot_token = \"xoxb-1\"\n\n[digest]\nmax = 3\n"
	for name, written := range map[string]string{
		"Notepad":            "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n"),
		"an old Mac":         strings.ReplaceAll(text, "\n", "\r"),
		"PowerShell's >":     utf16of(text, binary.LittleEndian, "\xff\xfe"),
		"UTF-16 BE":          utf16of(text, binary.BigEndian, "\xfe\xff"),
		"UTF-16, no mark":    utf16of(text, binary.LittleEndian, ""),
		"no line at the end": strings.TrimSpace(text),
	} {
		if c := parse(t, written); c.Slack.BotToken != "xoxb-1" || c.Digest.Max != 3 {
			t.Errorf("%s: read as %+v", name, c)
		}
	}
	if got := refused(t, "[slack]\r\n# Gr\xf6\xdfe\r\n"); got != "config.toml:2: there are signs in another encoding than UTF-8; have your editor save the file as UTF-8" {
		t.Errorf("Latin-1: %s", got)
	}
	if got := refused(t, "\ufeff[slack]\r\n\r\nbot_tokn = 1\r\n"); !strings.HasPrefix(got, "config.toml:3:1: ") {
		t.Errorf("the place: %s", got)
	}
}

func utf16of(text string, order binary.AppendByteOrder, mark string) string {
	b := []byte(mark)
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

const discordToken = "MTAwMDAwMDAwMDAwMDAwMDAx.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"

// What files, shells and people leave around a token is no part of it, wherever
// it comes from.
func TestATokenIsReadWithoutWhatSurroundsIt(t *testing.T) {
	for _, around := range []string{
		`"%s"`, `'%s'`, "`%s`", "“%s”", "„%s“", "‘%s’", "«%s»", "<%s>", " %s", "%s ", "\t%s\t", "%s\n", "%s\r\n", "%s\r", "\n%s\n", "\u00a0%s\u00a0",
		"\u200b%s", "%s\u200b\u200d", "\ufeff%s", "\u2060%s\u00ad", "Bearer %s", "bearer  %s", "Bot %s", `"Bot %s"`, `" %s "`, `'"%s"'`, "%s\x00", "\x1b%s",
	} {
		for _, want := range []string{"xoxb-1-2-abc", discordToken} {
			value := strings.ReplaceAll(around, "%s", want)
			key, name := "[slack]\nbot_token", "PAPERBOY_SLACK_BOT_TOKEN"
			get := func(c Config) string { return string(c.Slack.BotToken) }
			if want == discordToken {
				key, name = "[discord]\ntoken", "PAPERBOY_DISCORD_TOKEN"
				get = func(c Config) string { return string(c.Discord.Token) }
			}
			if got := get(parse(t, "", name+"="+value)); got != want {
				t.Errorf("%q in the environment is %q", value, got)
			}
			if got := get(parse(t, key+" = \"${T}\"\n", "T="+value)); got != want {
				t.Errorf("%q in a variable is %q", value, got)
			}
			var quoted strings.Builder
			if err := toml.NewEncoder(&quoted).Encode(map[string]string{"v": value}); err != nil {
				t.Fatal(err)
			}
			if got := get(parse(t, key+strings.TrimPrefix(quoted.String(), "v"))); got != want {
				t.Errorf("%q in the file is %q", value, got)
			}
		}
	}
	c := parse(t, "", `PAPERBOY_DIGEST_TIME="08:30"`, "PAPERBOY_DIGEST_MAX='3'", "PAPERBOY_STORE_URL=\"my papers.db\"\r", `PAPERBOY_SOURCES_ARXIV_ENABLED="false"`)
	if c.Digest.Time != "08:30" || c.Digest.Max != 3 || c.Store.URL != "my papers.db" || c.Sources.Arxiv.Enabled {
		t.Errorf("other keys: %+v", c)
	}
}

// A token of another kind is named by its key and its kind, and never printed.
func TestATokenInTheWrongPlaceIsNamed(t *testing.T) {
	const hex32, hex64 = "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, c := range []struct{ name, token, says string }{
		{"SLACK_BOT_TOKEN", "xapp-1-A-2-abc", "slack.bot_token: this is an app-level token of Slack; the bot's begins with xoxb-"},
		{"SLACK_BOT_TOKEN", "xoxp-1-2", "slack.bot_token: this is another kind of token of Slack"},
		{"SLACK_BOT_TOKEN", "xoxe.xoxp-1-2", "slack.bot_token: this is another kind of token of Slack"},
		{"SLACK_BOT_TOKEN", "xoxe-1-2", "slack.bot_token: this is another kind of token of Slack"},
		{"SLACK_BOT_TOKEN", discordToken, "slack.bot_token: this is a bot token of Discord"},
		{"SLACK_BOT_TOKEN", hex32, "slack.bot_token: this is a signing secret of Slack, or a client secret"},
		{"SLACK_BOT_TOKEN", "https://hooks.slack.com/services/T1/B1/abc", "slack.bot_token: this is an address"},
		{"SLACK_BOT_TOKEN", "xoxb-…", "slack.bot_token: this is an example"},
		{"SLACK_BOT_TOKEN", "xoxb-1 2-abc", "slack.bot_token: there is a blank or a line end in it"},
		{"SLACK_BOT_TOKEN", "xoxb-1\u200b2-abc", "slack.bot_token: there is a blank or a line end in it"},
		{"SLACK_BOT_TOKEN", "xoxb-1\nxapp-1", "slack.bot_token: there is a blank or a line end in it"},
		{"SLACK_BOT_TOKEN", "xоxb-1-2", "slack.bot_token: there are signs in it that no token has"}, // a Cyrillic о
		{"SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN=xoxb-1", "slack.bot_token: this is the line of an environment file"},
		{"SLACK_BOT_TOKEN", "nope", "slack.bot_token: this is not a bot token of Slack; the bot's begins with xoxb-"},
		{"SLACK_APP_TOKEN", "nope", "slack.app_token: this is not an app-level token of Slack; the app's begins with xapp-"},
		{"SLACK_APP_TOKEN", "A0123ABCD", "slack.app_token: this is not an app-level token of Slack"},
		{"SLACK_APP_TOKEN", "xoxb-1-2", "slack.app_token: this is a bot token of Slack; the app's begins with xapp-"},
		{"SLACK_SIGNING_SECRET", "xapp-1", "slack.signing_secret: this is an app-level token of Slack"},
		{"SLACK_SIGNING_SECRET", "1234567890.0987654321", ""},
		{"DISCORD_TOKEN", "100000000000000001", "discord.token: this is an id; the bot's has three parts"},
		{"DISCORD_TOKEN", hex64, "discord.token: this is a public key"},
		{"DISCORD_TOKEN", "abcdefghijklmnopqrstuvwxyzABCDEF", "discord.token: this is a client secret"},
		{"DISCORD_TOKEN", "xoxb-1-2", "discord.token: this is a bot token of Slack"},
		{"DISCORD_TOKEN", "https://discord.com/api/webhooks/1/abc", "discord.token: this is an address"},
		{"DISCORD_TOKEN", "xapp-1", "discord.token: this is an app-level token of Slack"},
		{"DISCORD_TOKEN", "nope", "discord.token: this is not a bot token of Discord; the bot's has three parts with dots between"},
		{"DISCORD_TOKEN", "only.two", "discord.token: this is not a bot token of Discord"},
		{"DISCORD_TOKEN", "too.many.parts.here", "discord.token: this is not a bot token of Discord"},
		{"DISCORD_TOKEN", "an..end", "discord.token: this is not a bot token of Discord"},
		{"DISCORD_TOKEN", "fake.bot.token", ""},
		{"SLACK_BOT_TOKEN", "xoxe.xoxb-1-abc", ""},
		{"SLACK_SIGNING_SECRET", hex32, ""},
	} {
		env := "PAPERBOY_" + c.name + "=" + c.token
		if c.says == "" {
			parse(t, "", env)
			continue
		}
		got := refused(t, "", env)
		if !strings.Contains(got, c.says) || !strings.Contains(got, "copy") && !strings.Contains(got, "belongs") {
			t.Errorf("%s: %s\nwant %s", env, got, c.says)
		}
		if strings.Contains(got, c.token) {
			t.Errorf("%s is told: %s", c.token, got)
		}
	}
}

// What of the secrets stands in the file itself is known, so that its rights can
// be looked at.
func TestWhichSecretsStandInTheFile(t *testing.T) {
	c := parse(t, "[slack]\nbot_token = \"xoxb-1\"\napp_token = \"${APP}\"\nsigning_secret = \"\"\n[email]\nsmtp_url = \"smtp://me:secret@host:25\"\nfrom = \"me@example.org\"\n[store]\nurl = \"a.db\"\n",
		"APP=xapp-1", "PAPERBOY_DISCORD_TOKEN=a.b.c")
	if diff := cmp.Diff([]string{"slack.bot_token", "email.smtp_url"}, c.SecretsInFile); diff != "" {
		t.Error(diff)
	}
}

func TestAWebhookNeedsASecretOf24Bytes(t *testing.T) {
	entry := "[[webhook]]\nname = \"lab\"\nurl = \"https://lab.example/\"\ntopics = [\"lora\"]\nschedule = \"09:00 Europe/Berlin\"\nsecret = "
	for secret, ok := range map[string]bool{
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": true, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ==": false, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": false, "whsec_?": false, "": false,
	} {
		_, err := Parse("config.toml", []byte(entry+strconv.Quote(secret)), nil)
		if (err == nil) != ok || err != nil && (!strings.Contains(err.Error(), "webhook.0.secret") || strings.Contains(err.Error(), "MfKQ")) {
			t.Errorf("%s: %v", secret, err)
		}
	}
	c := parse(t, entry+"\"${S}\"", "S=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if when, err := When(c.Webhook[0].Schedule); err != nil || when.String() != "09:00 Europe/Berlin weekdays" || len(c.SecretsInFile) > 0 {
		t.Error(when, err, c.SecretsInFile)
	}
}
