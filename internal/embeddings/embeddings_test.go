package embeddings_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/internal/embeddings"
)

// endpoint answers each request by the function, which is given the texts.
func endpoint(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, texts []string)) *embeddings.Endpoint {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Model string
			Input []string
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || asked.Model != "lamp-1" || r.Method != http.MethodPost || r.URL.Path != "/v1/embeddings" {
			t.Errorf("%s %s: %+v, %v", r.Method, r.URL, asked, err)
		}
		answer(w, r, asked.Input)
	}))
	t.Cleanup(s.Close)
	return &embeddings.Endpoint{URL: s.URL + "/v1/", Model: "lamp-1", Key: "very-secret"}
}

func says(body string) func(http.ResponseWriter, *http.Request, []string) {
	return func(w http.ResponseWriter, _ *http.Request, _ []string) { io.WriteString(w, body) }
}

func TestEachTextHasItsVector(t *testing.T) {
	e := endpoint(t, func(w http.ResponseWriter, r *http.Request, texts []string) {
		if got := r.Header.Get("Authorization"); got != "Bearer very-secret" {
			t.Errorf("Authorization: %s", got)
		}
		fmt.Fprintf(w, `{"object":"list","data":[{"index":1,"embedding":[0,%d]},{"index":0,"embedding":[1,-0.5]}],"model":"lamp-1","usage":{}}`, len(texts))
	})
	got, err := e.Embed(t.Context(), []string{"a lamp", "a torch"})
	if err != nil || len(got) != 2 || got[0][0] != 127 || got[0][1] != -64 || got[1].Cosine(meaning.Vector{0, 1}) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	if !strings.HasPrefix(e.Name(), "lamp-1 at 127.0.0.1") {
		t.Errorf("name %q", e.Name())
	}
}

func TestAnAnswerThatIsNotWholeGivesNoVector(t *testing.T) {
	for _, body := range []string{
		"", "<html>", "{}", `{"data":[]}`, `{"data":[{"index":0,"embedding":[1]}]}`,
		`{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}`, `{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}`,
		`{"data":[{"index":0,"embedding":[1]},{"index":-1,"embedding":[1]}]}`, `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}`,
		`{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[]}]}`, `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":["x"]}]}`,
		`{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1e999]}]}`, `{"error":"no"}`,
	} {
		if got, err := endpoint(t, says(body)).Embed(t.Context(), []string{"a", "b"}); err == nil || got != nil {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
}

func TestWhatAnEndpointRefusesIsSaidInOurWordsAndWithoutTheKey(t *testing.T) {
	for code, is := range map[int]func(error) bool{
		401: core.Is[*core.Unauthorised], 403: core.Is[*core.Unauthorised], 429: core.Is[*core.Retry], 503: core.Is[*core.Retry],
		400: core.Is[*core.Refused], 413: core.Is[*core.Refused], 422: core.Is[*core.Refused],
		500: func(err error) bool { return err != nil }, 404: func(err error) bool { return err != nil }, 302: func(err error) bool { return err != nil },
	} {
		e := endpoint(t, func(w http.ResponseWriter, r *http.Request, _ []string) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(code)
			if code == 401 {
				fmt.Fprint(w, "you sent ", r.Header.Get("Authorization"))
			}
		})
		_, err := e.Embed(t.Context(), []string{"a"})
		if !is(err) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%d: %v", code, err)
		}
	}
	e := endpoint(t, func(w http.ResponseWriter, _ *http.Request, _ []string) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(429)
	})
	_, err := e.Embed(t.Context(), []string{"a"})
	if retry := new(core.Retry); !asRetry(err, &retry) || retry.After != 7*time.Second {
		t.Errorf("Retry-After: 7: %v", err)
	}
}

func asRetry(err error, to **core.Retry) (ok bool) {
	*to, ok = err.(*core.Retry)
	return ok
}

func TestAnEndpointThatIsNotThereIsAnError(t *testing.T) {
	e := &embeddings.Endpoint{URL: "http://127.0.0.1:1/v1", Model: "lamp-1", Key: "very-secret"}
	if _, err := e.Embed(t.Context(), []string{"a"}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}
