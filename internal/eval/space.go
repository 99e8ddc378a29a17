package eval

import (
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/text"
)

// space is texts as directions: what is alike points alike.
type space struct {
	name   string
	papers [][]float32 // of length 1, or nil
	embed  func(texts []string) ([][]float32, error)
	learn  time.Duration // what came before the first paper
	read   time.Duration // of all papers
}

const (
	embedBatch = 256 // texts that are handed over at a time
	tellEvery  = 10 * time.Second
)

// fill reads all papers.
func (sp *space) fill(ctx context.Context, papers []core.Paper, tell func(string, ...any)) error {
	begun := time.Now()
	told := begun
	for batch := range slices.Chunk(papers, embedBatch) {
		texts := make([]string, len(batch))
		for i, p := range batch {
			texts[i] = p.Title + "\n" + p.Abstract
		}
		vectors, err := sp.embed(texts)
		if err != nil {
			return fmt.Errorf("%s: %w", sp.name, err)
		}
		sp.papers = append(sp.papers, vectors...)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(told) > tellEvery {
			told = time.Now()
			tell("%s: %d of %d papers", sp.name, len(sp.papers), len(papers))
		}
	}
	sp.read = time.Since(begun)
	return nil
}

// rank is the papers by their cosine to what somebody typed.
func (sp *space) rank(_ context.Context, typed string, k int) ([]int, error) {
	vectors, err := sp.embed([]string{typed})
	if err != nil {
		return nil, err
	}
	return top(sp.cosines(vectors[0]), k), nil
}

// cosines are those of all papers to a direction.
func (sp *space) cosines(v []float32) []float64 {
	scores := make([]float64, len(sp.papers))
	for i, p := range sp.papers {
		scores[i] = dot(p, v)
	}
	return scores
}

// dot is 0 where one is nil.
func dot(a, b []float32) float64 {
	if len(a) != len(b) {
		return 0
	}
	var sum float32
	for i, x := range a {
		sum += x * b[i]
	}
	return float64(sum)
}

// unit makes the length 1; of nothing it makes nil.
func unit(v []float32) []float32 {
	length := 0.0
	for _, x := range v {
		length += float64(x) * float64(x)
	}
	if length == 0 {
		return nil
	}
	by := float32(1 / math.Sqrt(length))
	for i := range v {
		v[i] *= by
	}
	return v
}

// meant is the space of the program's own vectors, made as the store makes them.
func meant(papers []core.Paper) *space {
	m := meaning.Builtin()
	begun := time.Now()
	sp := &space{name: "vectors", papers: make([][]float32, len(papers))}
	for i := range papers {
		sp.papers[i] = floats(m.Read(text.Words(papers[i].Title), text.Words(papers[i].Abstract)).Vector)
	}
	sp.read = time.Since(begun)
	sp.embed = func(texts []string) ([][]float32, error) {
		out := make([][]float32, len(texts))
		for i, t := range texts {
			out[i] = floats(m.Text(text.Words(t)))
		}
		return out, nil
	}
	return sp
}

func floats(v meaning.Vector) []float32 {
	f := make([]float32, len(v))
	for i, x := range v {
		f[i] = float32(x)
	}
	return unit(f)
}

// LSI's parameters: how many directions it has, what it learns of, and how often the subspace is turned towards
// the greatest singular values; the error shrinks with the 6th power of their ratio.
const (
	lsiDims   = 256
	lsiPapers = 20000
	lsiRounds = 3
)

// lsi is latent semantic indexing (Deerwester et al. 1990): texts are projected to the
// greatest singular vectors of the weighed words of up to lsiPapers.
func lsi(w *weigher, rows [][]weight, dims int) *space {
	begun := time.Now()
	step := max(1, len(rows)/lsiPapers)
	var some [][]weight
	for i := 0; i < len(rows); i += step {
		some = append(some, rows[i])
	}
	dims = min(dims, len(some)/2, len(w.idf)/2) // few papers have fewer directions
	x := subspace(some, len(w.idf), dims)
	return &space{name: "LSI", learn: time.Since(begun), embed: func(texts []string) ([][]float32, error) {
		out := make([][]float32, len(texts))
		for i, t := range texts {
			out[i] = unit(project(w.row(text.Words(t)), x, dims))
		}
		return out, nil
	}}
}

// subspace is about that of the greatest right singular vectors, as a matrix of a row
// a term and orthonormal columns, by subspace iteration from a random start (Halko,
// Martinsson and Tropp 2011).
func subspace(rows [][]weight, terms, dims int) []float32 {
	rnd := rand.New(rand.NewPCG(seed, 5))
	x := make([]float32, terms*dims)
	for i := range x {
		x[i] = float32(rnd.NormFloat64())
	}
	orthonormal(x, dims)
	for range lsiRounds {
		x = gramTimes(rows, x, dims)
		orthonormal(x, dims)
	}
	return x
}

// project is a row times x, a matrix of so many columns.
func project(row []weight, x []float32, dims int) []float32 {
	sum := make([]float32, dims)
	for _, e := range row {
		for i, v := range x[int(e.id)*dims : (int(e.id)+1)*dims] {
			sum[i] += e.w * v
		}
	}
	return sum
}

// gramTimes is AᵀA x, of the matrix A with the rows.
func gramTimes(rows [][]weight, x []float32, dims int) []float32 {
	parts := make([][]float32, 2) // always two, so that sums come out the same everywhere
	var wait sync.WaitGroup
	for part := range parts {
		parts[part] = make([]float32, len(x))
		wait.Go(func() {
			y := parts[part]
			for r := part; r < len(rows); r += len(parts) {
				p := project(rows[r], x, dims)
				for _, e := range rows[r] {
					to := y[int(e.id)*dims : (int(e.id)+1)*dims]
					for i, v := range p {
						to[i] += e.w * v
					}
				}
			}
		})
	}
	wait.Wait()
	for i, v := range parts[1] {
		parts[0][i] += v
	}
	return parts[0]
}

// orthonormal makes the columns of x orthonormal: x times the inverse of its Gram
// matrix's Cholesky factor.
func orthonormal(x []float32, dims int) {
	gram := make([]float64, dims*dims)
	for r := 0; r < len(x); r += dims {
		row := x[r : r+dims]
		for i, a := range row {
			if a == 0 {
				continue
			}
			for j, b := range row[:i+1] {
				gram[i*dims+j] += float64(a * b)
			}
		}
	}
	for i := range dims { // Cholesky, in place: the lower triangle
		for j := range i + 1 {
			sum := gram[i*dims+j]
			for k := range j {
				sum -= gram[i*dims+k] * gram[j*dims+k]
			}
			if i == j {
				gram[i*dims+i] = math.Sqrt(max(sum, 1e-12))
			} else {
				gram[i*dims+j] = sum / gram[j*dims+j]
			}
		}
	}
	solved := make([]float64, dims)
	for r := 0; r < len(x); r += dims {
		row := x[r : r+dims]
		for i := range row {
			sum := float64(row[i])
			for k := range i {
				sum -= gram[i*dims+k] * solved[k]
			}
			solved[i] = sum / gram[i*dims+i]
			row[i] = float32(solved[i])
		}
	}
}

//go:embed encode.py
var encoder string

// encoderDims is more than any encoder's vectors have.
const encoderDims = 1 << 14

// python is an encoder of encode.py, run by such a Python; stop ends it.
func python(ctx context.Context, path, name string) (sp *space, stop func(), err error) {
	begun := time.Now()
	cmd := exec.CommandContext(ctx, path, "-c", encoder, name)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	stop = func() { in.Close(); cmd.Wait() }
	sp = &space{name: name}
	sp.embed = func(texts []string) ([][]float32, error) {
		if err := json.NewEncoder(in).Encode(texts); err != nil {
			return nil, err
		}
		var shape [2]uint32
		if err := binary.Read(out, binary.LittleEndian, &shape); err != nil {
			return nil, err
		}
		if int(shape[0]) != len(texts) || shape[1] > encoderDims {
			return nil, fmt.Errorf("%v vectors of %v numbers for %d texts", shape[0], shape[1], len(texts))
		}
		raw := make([]byte, 4*shape[0]*shape[1])
		if _, err := io.ReadFull(out, raw); err != nil {
			return nil, err
		}
		vectors := make([][]float32, len(texts))
		for i := range vectors {
			v := make([]float32, shape[1])
			for j := range v {
				v[j] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*(i*len(v)+j):]))
			}
			vectors[i] = unit(v)
		}
		return vectors, nil
	}
	if _, err := sp.embed([]string{"paper"}); err != nil { // most likely its packages are missing
		stop()
		lines := strings.Split(strings.TrimSpace(complaint.String()), "\n")
		return nil, nil, fmt.Errorf("%w: %s", err, lines[len(lines)-1])
	}
	sp.learn = time.Since(begun)
	return sp, stop, nil
}
