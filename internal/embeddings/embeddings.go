// Package embeddings asks an OpenAI-compatible endpoint what texts are about:
// POST {url}/embeddings with a model's name and the texts, as OpenAI, Ollama,
// vLLM, LM Studio and others take it.
//
// In: texts. Out: a meaning.Vector for each, in order, of as many numbers as the
// model gives.
//
// Promises: one request at a time to be decided by the caller, none tried again
// behind the caller's back; what the endpoint says about waiting is a *core.Retry;
// a key that is refused is *core.Unauthorised; the key stands in no error; an
// answer that is not whole, or not of one size, is an error and no vector.
package embeddings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/meaning"
)

// Limits of one request.
const (
	Timeout = 30 * time.Second
	maxBody = 64 << 20 // 64 texts of 3,072 numbers in JSON are about 5 MB
)

// Endpoint is a model behind an address. The zero value of Key and Transport works.
type Endpoint struct {
	URL       string // without /embeddings
	Model     string
	Key       string            // sent as Bearer; empty: none
	Transport http.RoundTripper // nil: http.DefaultTransport
}

// Name tells vectors of this model from those of another: the model and where it is.
func (e *Endpoint) Name() string {
	host := e.URL
	if u, err := url.Parse(e.URL); err == nil {
		host = u.Host
	}
	return e.Model + " at " + host
}

// answer is what we read of an endpoint's.
type answer struct {
	Data []struct {
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	} `json:"data"`
}

// Embed is the texts' directions, in order.
func (e *Endpoint) Embed(ctx context.Context, texts []string) ([]meaning.Vector, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	body, err := json.Marshal(map[string]any{"model": e.Model, "input": texts, "encoding_format": "float"})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(e.URL, "/")+"/embeddings", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the address of the embeddings' endpoint cannot be: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if e.Key != "" {
		req.Header.Set("Authorization", "Bearer "+e.Key)
	}
	res, err := (&http.Client{Transport: e.Transport, CheckRedirect: stay}).Do(req)
	if err != nil {
		return nil, fmt.Errorf("the embeddings' endpoint did not answer: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, refusal(res)
	}
	got, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err == nil && len(got) > maxBody {
		err = errors.New("it is too long")
	}
	var a answer
	if err == nil {
		err = json.Unmarshal(got, &a)
	}
	if err != nil {
		return nil, fmt.Errorf("the embeddings' endpoint gave an answer that cannot be read: %w", err)
	}
	vectors := make([]meaning.Vector, len(texts))
	for _, d := range a.Data {
		if d.Index < 0 || d.Index >= len(texts) || vectors[d.Index] != nil || len(d.Embedding) == 0 || len(d.Embedding) != len(a.Data[0].Embedding) || !finite(d.Embedding) {
			return nil, fmt.Errorf("the embeddings' endpoint gave vectors that cannot be: number %d, of %d numbers", d.Index, len(d.Embedding))
		}
		vectors[d.Index] = meaning.Quantised(d.Embedding)
	}
	if len(a.Data) != len(texts) {
		return nil, fmt.Errorf("the embeddings' endpoint gave %d vectors for %d texts", len(a.Data), len(texts))
	}
	return vectors, nil
}

func finite(v []float32) bool {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return false
		}
	}
	return true
}

// stay follows no redirect: the key and the texts are for this address alone.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// refusal is an answer that is not 200.
func refusal(res *http.Response) error {
	said, _ := io.ReadAll(io.LimitReader(res.Body, 300))
	err := fmt.Errorf("the embeddings' endpoint answered HTTP %d: %q", res.StatusCode, said)
	switch {
	case res.StatusCode == http.StatusUnauthorized, res.StatusCode == http.StatusForbidden:
		// What it says may repeat the key.
		return &core.Unauthorised{Err: fmt.Errorf("the embeddings' endpoint refuses the key (HTTP %d)", res.StatusCode)}
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusServiceUnavailable:
		after, parse := strconv.Atoi(res.Header.Get("Retry-After"))
		if parse != nil || after < 0 {
			after = 60
		}
		return &core.Retry{After: time.Duration(min(after, 24*60*60)) * time.Second, Err: err}
	case res.StatusCode == http.StatusBadRequest, res.StatusCode == http.StatusRequestEntityTooLarge, res.StatusCode == http.StatusUnprocessableEntity:
		return &core.Refused{Message: true, Reason: "the endpoint does not take it", Err: err}
	}
	return err
}
