package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"paperboy/core/topic"
)

// The least time between fetches, by contract: 5 minutes, or a second where
// every source is on this machine. The least key is Standard Webhooks'.
const (
	leastInterval      = 5 * time.Minute
	leastLocalInterval = time.Second
	leastKey           = 24 // bytes of a webhook's key
)

var (
	clockTime = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
	days      = regexp.MustCompile(`^(weekdays|daily|weekly:(mon|tue|wed|thu|fri|sat|sun)(,(mon|tue|wed|thu|fri|sat|sun))*)$`)
	category  = regexp.MustCompile(`^[a-z]+(-[a-z]+)*(\.([A-Za-z]+(-[A-Za-z]+)*|\*))?$`)
	feedName  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
	digits    = regexp.MustCompile(`^\d+$`)
)

// reserved are names that sources have already.
var reserved = []string{"hf", "huggingface", "arxiv"}

// check refuses values that have the right type and cannot be.
func (l *loader) check(c *Config) {
	// refuse says what is wrong with a key, unless that was said already.
	refuse := func(key, format string, args ...any) {
		if l.bad[key] {
			return
		}
		where := l.where[key]
		if where == "" { // only what somebody set is wrong; a rule over several keys may still name a default
			where = l.file
		}
		l.fail(where, "%s: %s", key, fmt.Sprintf(format, args...))
	}
	web := func(key, value string) {
		if msg := badURL(value); msg != "" {
			refuse(key, "%s", msg)
		}
	}

	if msg := c.Store.URL.wrong(); msg != "" {
		refuse("store.url", "%s", msg)
	}

	for _, p := range places {
		if msg := p.wrong(p.get(c)); msg != "" {
			refuse(p.key, "%s", msg)
		}
	}
	if (c.Slack.ClientID == "") != (c.Slack.ClientSecret == "") {
		refuse("slack.client_id", "client_id and client_secret go together; set both, or neither")
	}
	if c.Slack.Many() {
		if c.Store.Key == "" {
			refuse("store.key", "is empty, and where people install the app their tokens are kept sealed; write what `openssl rand -base64 32` prints, best into PAPERBOY_STORE_KEY")
		}
		if c.HTTP.Listen == "" || c.HTTP.PublicURL == "" {
			refuse("http.public_url", `people install the app from a page of it; set listen, as ":8080", and public_url, as "https://papers.example.org"`)
		}
	}
	for key := range strings.SplitSeq(string(c.Store.Key), ",") {
		if key = strings.TrimSpace(key); key != "" && len(key) < 32 {
			refuse("store.key", "has fewer than 32 characters; write what `openssl rand -base64 32` prints")
		}
	}
	web("slack.api_url", c.Slack.APIURL)
	if !strings.HasPrefix(c.Slack.Command, "/") || len(c.Slack.Command) < 2 || strings.ContainsAny(c.Slack.Command, " \t") {
		refuse("slack.command", `%q is no command; write it as "/papers"`, c.Slack.Command)
	}
	web("discord.api_url", c.Discord.APIURL)
	if c.Discord.ApplicationID != "" && !digits.MatchString(c.Discord.ApplicationID) {
		refuse("discord.application_id", "%q is no id; it is the number under General Information", c.Discord.ApplicationID)
	}
	for _, id := range c.Discord.GuildIDs {
		if !digits.MatchString(id) {
			refuse("discord.guild_ids", "%q is no server's id; with developer mode on, right-click the server and copy it", id)
		}
	}

	web("sources.huggingface.url", c.Sources.HuggingFace.URL)
	web("sources.arxiv.url", c.Sources.Arxiv.URL)
	web("sources.arxiv.rss_url", c.Sources.Arxiv.RSSURL)
	if c.Sources.Arxiv.Enabled && len(c.Sources.Arxiv.Categories) == 0 {
		refuse("sources.arxiv.categories", `is empty; name at least one, as ["cs.LG"], or set enabled = false`)
	}
	for _, cat := range c.Sources.Arxiv.Categories {
		if !category.MatchString(cat) {
			refuse("sources.arxiv.categories", `%q is no category of arXiv; they look like "cs.LG" or "math-ph"`, cat)
		}
	}
	for i, f := range c.Sources.Feed {
		key := func(k string) string { return fmt.Sprintf("%s.%d.%s", feedKey, i, k) }
		twice := slices.IndexFunc(c.Sources.Feed, func(g Feed) bool { return g.Name == f.Name }) < i
		switch {
		case !feedName.MatchString(f.Name):
			refuse(key("name"), `%q is no name for a feed; use small letters, digits and -, as "jmlr": people type it after source:`, f.Name)
		case slices.Contains(reserved, f.Name):
			refuse(key("name"), "%s is taken; choose another name", f.Name)
		case twice:
			refuse(key("name"), "two feeds are called %s; choose another name for this one", f.Name)
		}
		web(key("url"), f.URL)
	}

	// followed is what the configuration says of channels where nobody can type.
	followed := func(section, what string, names []string, i int, topics []string, schedule string) {
		key := func(k string) string { return fmt.Sprintf("%s.%d.%s", section, i, k) }
		switch {
		case !feedName.MatchString(names[i]):
			refuse(key("name"), `%q is no name for a %s; use small letters, digits and -, as "lab-site"`, names[i], what)
		case slices.Index(names, names[i]) < i:
			refuse(key("name"), "two %ss are called %s; choose another name for this one", what, names[i])
		}
		for _, t := range topics {
			if _, err := topic.Parse(t); err != nil {
				refuse(key("topics"), "%q cannot be read: %v", t, err)
			}
		}
		if len(topics) == 0 {
			refuse(key("topics"), `is empty; write what it follows, as ["diffusion", "lora | adapters"]`)
		}
		if _, err := When(schedule); err != nil {
			refuse(key("schedule"), `%q says no time: %s; write it as "09:00 Europe/Berlin weekdays"`, schedule, strings.TrimSuffix(err.Error(), "."))
		}
	}
	var names []string
	for _, w := range c.Webhook {
		names = append(names, w.Name)
	}
	for i, w := range c.Webhook {
		followed(webhookKey, "webhook", names, i, w.Topics, w.Schedule)
		web(fmt.Sprintf("%s.%d.url", webhookKey, i), string(w.URL))
		if k, err := w.Key(); err != nil || len(k) < leastKey {
			refuse(fmt.Sprintf("%s.%d.secret", webhookKey, i), "is no secret to sign with; write whsec_ and what `openssl rand -base64 24` prints")
		}
	}
	names = nil
	for _, f := range c.Folder {
		names = append(names, f.Name)
	}
	for i, f := range c.Folder {
		followed(folderKey, "folder", names, i, f.Topics, f.Schedule)
		if f.Path == "" {
			refuse(fmt.Sprintf("%s.%d.path", folderKey, i), "is empty; write the folder that the notes go into")
		}
	}

	least, why := leastInterval, "the sources ask for it"
	if l.sourcesLocal(c) {
		least, why = leastLocalInterval, "for sources on this machine"
	}
	if c.Fetch.Interval < least {
		refuse("fetch.interval", `%s is too often; write "%s" or more (%s)`, short(c.Fetch.Interval), short(least), why)
	}
	if s := c.Fetch.UserAgentContact; s != "" && !isContact(s) {
		refuse("fetch.user_agent_contact", `%q is neither a mail address nor a URL; write one, as "me@example.org"`, s)
	}

	if !clockTime.MatchString(c.Digest.Time) {
		refuse("digest.time", `%q is no time of day; write it with four digits on the 24-hour clock, as "09:00"`, c.Digest.Time)
	}
	if z := c.Digest.Timezone; z != "" {
		if _, err := time.LoadLocation(z); err != nil || z == "Local" {
			refuse("digest.timezone", `I do not know the zone %q; use a name such as "Europe/Berlin"`, z)
		}
	}
	if !days.MatchString(c.Digest.Days) {
		refuse("digest.days", `%q are no days; write "weekdays", "daily" or "weekly:mon"`, c.Digest.Days)
	}
	if c.Digest.Max < 1 || c.Digest.Max > 15 {
		refuse("digest.max", "%d is out of range; a post has 1 to 15 papers", c.Digest.Max)
	}
	if layouts := []string{"channel", "thread", "cards", "digest", "forum"}; !slices.Contains(layouts, c.Digest.Layout) {
		refuse("digest.layout", `there is no layout %q; write "channel", "thread", "cards", "digest" or "forum"`, c.Digest.Layout)
	}

	for _, limit := range []struct {
		key string
		n   int
	}{{"channels", c.Limits.Channels}, {"topics", c.Limits.Topics}, {"commands", c.Limits.Commands}} {
		if limit.n < 0 {
			refuse("limits."+limit.key, "%d is less than nothing; write how many, or 0 for no limit", limit.n)
		}
	}
	if c.HTTP.Listen != "" {
		if _, port, err := net.SplitHostPort(c.HTTP.Listen); err != nil || !digits.MatchString(port) {
			refuse("http.listen", `%q is no address to listen on; write it as ":8080" or "127.0.0.1:8080"`, c.HTTP.Listen)
		}
	}
	if c.HTTP.PublicURL != "" {
		web("http.public_url", c.HTTP.PublicURL)
	}
	if s := c.Site; s.OIDCIssuer != "" || s.OIDCClientID != "" || s.OIDCClientSecret != "" {
		switch u, err := url.Parse(s.OIDCIssuer); {
		case s.OIDCIssuer == "" || s.OIDCClientID == "" || s.OIDCClientSecret == "":
			refuse("site.oidc_issuer", "oidc_issuer, oidc_client_id and oidc_client_secret go together; set all three, or none")
		case err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(s.OIDCIssuer)):
			refuse("site.oidc_issuer", `%q is no address of an OpenID provider; write it as "https://id.example.org", as its discovery has it`, s.OIDCIssuer)
		case c.HTTP.Listen == "" || c.HTTP.PublicURL == "":
			refuse("site.oidc_issuer", "people come back from there to the page, which needs http.listen and http.public_url; set both")
		}
	}
	if s := c.Email.SMTPURL; s != "" {
		if u, err := url.Parse(string(s)); err != nil || u.Host == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
			refuse("email.smtp_url", "is no address of a mail server; write it as smtp://user:pass@host:587")
		}
		if c.Email.From == "" {
			refuse("email.from", `is empty, and mail needs a sender; write it as "paperboy@example.org"`)
		}
	}
	if c.Email.From != "" {
		if _, err := mail.ParseAddress(c.Email.From); err != nil {
			refuse("email.from", `%q is no mail address; write it as "paperboy@example.org"`, c.Email.From)
		}
	}
	if e := c.Email; e.DKIMDomain+e.DKIMSelector+e.DKIMKeyFile != "" && (e.DKIMDomain == "" || e.DKIMSelector == "" || e.DKIMKeyFile == "") {
		refuse("email.dkim_domain", "dkim_domain, dkim_selector and dkim_key_file go together; set all three, or none")
	}
	for _, e := range []struct{ section, url, model string }{{"summary", c.Summary.URL, c.Summary.Model}, {"meaning", c.Meaning.URL, c.Meaning.Model}} {
		if e.url == "" {
			continue
		}
		web(e.section+".url", e.url)
		if e.model == "" {
			refuse(e.section+".model", "is empty, and the endpoint needs a model's name")
		}
	}

	if s := l.env["PAPERBOY_CLOCK_OFFSET"]; s != "" {
		d, err := time.ParseDuration(s)
		switch {
		case err != nil:
			l.fail("PAPERBOY_CLOCK_OFFSET", `%q is no length of time; write it as "-36h"`, s)
		case !l.sourcesLocal(c) || !isLoopback(c.Slack.APIURL) || !isLoopback(c.Discord.APIURL):
			l.fail("PAPERBOY_CLOCK_OFFSET", "is for tests: every api_url and every source's url must be on this machine (127.0.0.1); unset it")
		default:
			c.ClockOffset = d
		}
	}
}

// entries drops those of a section that repeats in which nothing is written: the
// example has one.
func (l *loader) entries(section string) {
	v, _ := l.find(strings.Split(section, "."))
	kept := reflect.Zero(v.Type())
	for i := range v.Len() {
		written := false
		for _, f := range reflect.VisibleFields(v.Type().Elem()) {
			field := v.Index(i).FieldByIndex(f.Index)
			written = written || !field.IsZero() && (field.Kind() != reflect.Slice || field.Len() > 0)
			old, now := fmt.Sprintf("%s.%d.%s", section, i, tag(f)), fmt.Sprintf("%s.%d.%s", section, kept.Len(), tag(f))
			l.where[now] = l.where[old]
			if l.bad[old] {
				l.judged(now)
			}
		}
		if written {
			kept = reflect.Append(kept, v.Index(i))
		}
	}
	v.Set(kept)
}

// sourcesLocal reports whether every source's address is on this machine.
func (l *loader) sourcesLocal(c *Config) bool {
	urls := []string{c.Sources.HuggingFace.URL, c.Sources.Arxiv.URL, c.Sources.Arxiv.RSSURL}
	for _, f := range c.Sources.Feed {
		urls = append(urls, f.URL)
	}
	return !slices.ContainsFunc(urls, func(u string) bool { return !isLoopback(u) })
}

// badURL says what is wrong with an address, "" when nothing is.
func badURL(s string) string {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return `is empty; write an address, as "https://…"`
	case err != nil || u.Host == "":
		return `is no address; write it as "https://host/…"`
	case u.Scheme == "https", u.Scheme == "wss":
		return ""
	case (u.Scheme == "http" || u.Scheme == "ws") && isLoopback(s):
		return ""
	case u.Scheme == "http" || u.Scheme == "ws":
		return fmt.Sprintf("%s:// is only for this machine (127.0.0.1, localhost); write %ss://%s", u.Scheme, u.Scheme, u.Host)
	}
	return fmt.Sprintf("%s:// is no address of the web; write https://%s", u.Scheme, u.Host)
}

// isLoopback reports whether an address stays on this machine, by its host's
// name alone: nothing is looked up.
func isLoopback(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	host := u.Hostname()
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func isContact(s string) bool {
	if u, err := url.Parse(s); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		return true
	}
	a, err := mail.ParseAddress(strings.TrimPrefix(s, "mailto:"))
	return err == nil && a.Name == ""
}

// short prints a round length of time as people write it: 5m, not 5m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	return s
}
