package main

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"runtime"
	"time"
)

// placeTime is how long a reader waits for a place before they are told to come again.
const placeTime = 3 * time.Second

// mostSent is more than anybody has to say: the longest is a question of an assistant.
const mostSent = 64 << 10

// readers are the places of those whose questions are answered at once: half of what this
// machine can, two at least. The rest is for the chat, whatever strangers ask of the page.
func readers() chan struct{} { return make(chan struct{}, max(2, runtime.GOMAXPROCS(0)/2)) }

// few answers only as many requests at once as there are places. Whoever gets none in
// time is told when to come again. A place is taken when the whole request is there, and
// given back before the answer leaves, since whoever sends and reads may take their time.
func few(places chan struct{}, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			sent, err := io.ReadAll(io.LimitReader(r.Body, mostSent+1))
			if err != nil {
				return
			}
			r = r.WithContext(r.Context())
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(sent), r.Body)) // there is more only of what nobody takes
		}
		late := time.NewTimer(placeTime)
		defer late.Stop()
		select {
		case places <- struct{}{}:
		case <-r.Context().Done():
			return
		case <-late.C:
			w.Header().Set("Retry-After", "10")
			http.Error(w, "Very many are reading here at the moment. Try again in ten seconds.", http.StatusServiceUnavailable)
			return
		}
		a := &draft{header: http.Header{}, code: http.StatusOK}
		func() {
			defer func() { <-places }()
			h.ServeHTTP(a, r)
		}()
		maps.Copy(w.Header(), a.header)
		w.WriteHeader(a.code)
		_, _ = a.body.WriteTo(w)
	})
}

// draft is an answer that has not left yet.
type draft struct {
	header http.Header
	code   int
	said   bool
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *draft) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *draft) WriteHeader(code int) {
	if !a.said {
		a.code, a.said = code, true
	}
}

// Write implements http.ResponseWriter.
func (a *draft) Write(b []byte) (int, error) {
	a.said = true
	return a.body.Write(b)
}
