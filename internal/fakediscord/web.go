package fakediscord

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Limit is a bucket's size: so many requests in a time of Discord's.
type Limit struct {
	N   int
	Per time.Duration
}

// Limits changes a route's bucket.
func (d *Discord) Limits(route string, l Limit) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.limits[route] = l
}

type bucket struct {
	left  int
	reset time.Time
}

type holding struct {
	until time.Time
	how   string
}

// take counts a request in a bucket that starts anew when its time is over.
func (b *bucket) take(now time.Time, n int, per time.Duration) bool {
	if !now.Before(b.reset) {
		b.left, b.reset = n, now.Add(per)
	}
	if b.left == 0 {
		return false
	}
	b.left--
	return true
}

// request is a call on its way through the API.
type request struct {
	*http.Request
	route string
	body  object
	array []object // of a body that is an array
	files []File
	query url.Values
}

// refusal is an error as Discord answers it.
type refusal struct {
	status, code int
	message      string
	errors       object
	retry        time.Duration // with 429
}

func refuse(status, code int, message string) *refusal {
	return &refusal{status: status, code: code, message: message}
}

var (
	agent   = regexp.MustCompile(`^DiscordBot \(\S+, ?\S+\)`)
	version = regexp.MustCompile(`^/api/v10(/.*)$`)
)

// ServeHTTP is Discord seen from the bot.
func (d *Discord) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if host, _, err := net.SplitHostPort(r.Host); err != nil || !net.ParseIP(host).IsLoopback() {
		http.Error(w, "wrong host", http.StatusForbidden)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/gateway") {
		d.serveGateway(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/ephemeral-attachments/") {
		d.serveFile(w, r)
		return
	}
	v := version.FindStringSubmatch(r.URL.Path)
	if v == nil {
		answer(w, refuse(404, 0, "404: Not Found"), nil)
		return
	}
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = v[1], strings.TrimPrefix(r.URL.RawPath, r.URL.Path[:len(r.URL.Path)-len(v[1])])
	d.mux.ServeHTTP(w, r)
}

func (d *Discord) serve(w http.ResponseWriter, r *request) {
	d.mu.Lock()
	d.counts.Calls[r.route]++
	d.mu.Unlock()
	if !agent.MatchString(r.UserAgent()) {
		page(w, http.StatusForbidden)
		return
	}
	bad := r.read()
	f := d.failure(Call{Route: r.route, Path: r.URL.Path, Body: r.body})
	if f == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.call(w, r, bad)
		return
	}
	if f.stored {
		d.mu.Lock()
		d.call(lost{}, r, bad)
		d.mu.Unlock()
	}
	switch f.how {
	case "html":
		page(w, f.status)
	case "reset":
		reset(w)
	case "hang":
		select {
		case <-r.Context().Done():
		case <-d.ctx.Done():
		}
		reset(w)
	case "late":
		answer := httptest.NewRecorder()
		d.mu.Lock()
		d.call(answer, r, bad)
		d.mu.Unlock()
		select {
		case <-time.After(f.wait):
		case <-d.ctx.Done():
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
	case "error":
		d.mu.Lock()
		defer d.mu.Unlock()
		d.refused(w, r, refuse(f.status, f.code, f.message))
	default:
		d.mu.Lock()
		defer d.mu.Unlock()
		key := r.key()
		if f.how == "global" || f.how == "cloudflare" {
			key = f.how
		}
		h := holding{time.Now().Add(f.wait), f.how}
		d.held[key] = h
		d.limited(w, r, h)
	}
}

// lost is where answers go that nobody gets.
type lost struct{}

func (lost) Header() http.Header         { return http.Header{} }
func (lost) Write(b []byte) (int, error) { return len(b), nil }
func (lost) WriteHeader(int)             {}

// key is the bucket of a request: its route's group and its top-level resource.
func (r *request) key() string {
	group := cmp.Or(routes[r.route].group, r.route)
	return strings.Join([]string{group, r.PathValue("channel"), r.PathValue("guild"), r.PathValue("app"), r.PathValue("token")}, " ")
}

// call keeps the limits, checks who calls and does what is asked. The caller
// holds mu.
func (d *Discord) call(w http.ResponseWriter, r *request, bad *refusal) {
	route, now, key := routes[r.route], time.Now(), r.key()
	for _, k := range []string{"cloudflare", "global", key} {
		// Interactions are outside of the bot's own limit, not of the address's.
		if h := d.held[k]; now.Before(h.until) && !(k == "global" && route.open) {
			d.counts.Impatient++
			d.limited(w, r, h)
			return
		}
	}
	if !route.open {
		if r.Header.Get("Authorization") != "Bot "+Token || d.revoked {
			d.refused(w, r, refuse(401, 0, "401: Unauthorized"))
			return
		}
		if !d.global.take(now, 50, time.Second) {
			h := holding{d.global.reset, "global"}
			d.held["global"] = h
			d.limited(w, r, h)
			return
		}
	}
	if limit := d.limit(r); limit.N > 0 {
		b := d.buckets[key]
		if b == nil {
			b = &bucket{}
			d.buckets[key] = b
		}
		if !b.take(now, limit.N, limit.Per) {
			h := holding{b.reset, "user"}
			d.held[key] = h
			d.limited(w, r, h)
			return
		}
		d.tellBucket(w.Header(), r, b.left, b.reset)
	}
	if bad != nil {
		d.refused(w, r, bad)
		return
	}
	v, refused := route.do(d, r)
	if refused != nil {
		d.refused(w, r, refused)
		return
	}
	d.changed.Ring()
	answer(w, nil, v)
}

// limit is the size of a request's bucket; none of 0.
func (d *Discord) limit(r *request) Limit {
	l := cmp.Or(d.limits[r.route], routes[r.route].Limit)
	if d.opt.Hurried && r.Method == http.MethodGet {
		l.N = 0
	}
	return l
}

// tellBucket says in headers what is left of a request's bucket.
func (d *Discord) tellBucket(head http.Header, r *request, left int, reset time.Time) {
	hash := fnv.New64a()
	io.WriteString(hash, cmp.Or(routes[r.route].group, r.route))
	head.Set("X-RateLimit-Limit", strconv.Itoa(max(1, d.limit(r).N)))
	head.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	head.Set("X-RateLimit-Reset", decimal(float64(reset.UnixMilli())/1000))
	head.Set("X-RateLimit-Reset-After", decimal(time.Until(reset).Seconds()))
	head.Set("X-RateLimit-Bucket", hex.EncodeToString(hash.Sum(nil)))
}

func decimal(seconds float64) string {
	return strconv.FormatFloat(math.Ceil(max(0, seconds)*1000)/1000, 'f', 3, 64)
}

func (d *Discord) refused(w http.ResponseWriter, r *request, no *refusal) {
	if no.status == 401 || no.status == 403 {
		d.isInvalid()
	}
	if no.status == 429 {
		d.counts.Limited++
		d.isInvalid()
	}
	answer(w, no, nil)
}

// isInvalid counts towards Cloudflare's ban.
func (d *Discord) isInvalid() {
	now := time.Now()
	d.counts.Invalid++
	for len(d.invalid) > 0 && now.Sub(d.invalid[0]) > 10*time.Minute {
		d.invalid = d.invalid[1:]
	}
	d.invalid = append(d.invalid, now)
	if len(d.invalid) >= 10000 {
		d.held["cloudflare"] = holding{now.Add(10 * time.Minute), "cloudflare"}
	}
}

// limited answers 429 in one of its four forms.
func (d *Discord) limited(w http.ResponseWriter, r *request, h holding) {
	wait := time.Until(h.until)
	d.counts.Limited++
	d.changed.Ring()
	head := w.Header()
	head.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	switch h.how {
	case "cloudflare":
		d.counts.Cloudflare++
		d.counts.Invalid++ // but no new ban
		page(w, http.StatusTooManyRequests)
		return
	case "global":
		d.counts.Global++
		head.Set("X-RateLimit-Global", "true") // and nothing of a bucket
	default:
		d.tellBucket(head, r, 0, h.until)
	}
	d.isInvalid()
	head.Set("X-RateLimit-Scope", h.how)
	seconds, _ := strconv.ParseFloat(decimal(wait.Seconds()), 64)
	write(w, http.StatusTooManyRequests, object{"message": "You are being rate limited.", "retry_after": seconds, "global": h.how == "global"})
}

// answer writes a result (nil: 204) or a refusal.
func answer(w http.ResponseWriter, no *refusal, v any) {
	switch {
	case no != nil:
		o := object{"message": no.message, "code": no.code}
		if no.errors != nil {
			o["errors"] = no.errors
		}
		if no.status == 429 {
			o["retry_after"] = no.retry.Seconds()
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(no.retry.Seconds()))))
		}
		write(w, no.status, o)
	case v == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		status := http.StatusOK
		if c, ok := v.(created); ok {
			status, v = http.StatusCreated, object(c)
		}
		write(w, status, v)
	}
}

// created is an object that is answered with 201.
type created object

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(encode(v))
}

func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!DOCTYPE html><html><title>discord.com | %d</title><p>Error 1015</html>", status)
}

// reset closes the connection so that the other side reads an error.
func reset(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		conn.Close()
	}
}

// read takes the body in, JSON or a form with payload_json and files.
func (r *request) read() *refusal {
	r.query = r.URL.Query()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return refuse(400, 50109, "The request body contains invalid JSON.")
	}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		if raw, err = r.parts(raw, params["boundary"]); err != nil {
			return refuse(400, 50035, "Invalid Form Body")
		}
	} else if len(raw) > 0 && kind != "application/json" {
		return refuse(400, 50035, "Unsupported content type")
	}
	if len(r.files) > 10 {
		return refuse(400, 50035, "Invalid Form Body")
	}
	for _, f := range r.files {
		if len(f.Content) > maxFile {
			return refuse(413, 40005, "Request entity too large")
		}
	}
	overwrites := r.route == PutCommands || r.route == PutGuild
	if len(raw) == 0 && !overwrites {
		r.body = object{}
		return nil
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return refuse(400, 50109, "The request body contains invalid JSON.")
	}
	all, isList := v.([]any)
	if body, ok := v.(object); ok && !overwrites {
		r.body = body
		for _, a := range list(body, "attachments") { // those that are sent along, by their place
			i := num(a, "id")
			if i >= len(r.files) || r.files[i].Name != str(a, "filename") || len([]rune(str(a, "description"))) > 1024 {
				return refuse(400, 50035, "Invalid Form Body")
			}
			r.files[i].Description = str(a, "description")
		}
	} else if isList && overwrites {
		r.array = list(object{"": all}, "")
	} else {
		return refuse(400, 50035, "Invalid Form Body")
	}
	return nil
}
