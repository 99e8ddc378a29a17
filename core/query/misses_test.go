package query_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/text"
	"paperboy/core/topic"
	"paperboy/internal/recordings"
	"paperboy/store"
)

var misses = flag.String("misses", "", "a database with the corpus, as `bot import` makes it: 500 papers are missed there on purpose")

// pairs are words for one thing, read by hand: who follows the one misses a paper
// that writes the other, and the other way round. The kind is how they differ.
var pairs = func() (all [][3]string) {
	for kind, list := range map[string]string{
		"inflection": `segmentation/segment, quantization/quantized, reasoning/reason, hallucination/hallucinate, distillation/distill, retrieval/retrieve, compression/compress,
			personalization/personalized, forgetting/forget, summarization/summarize, detection/detect, generalization/generalize, alignment/align, pruning/prune, annotation/annotate,
			adversarial/adversary, calibration/calibrated, interpretability/interpretable, navigation/navigate, robustness/robust, sparsity/sparse, captioning/caption, registration/register,
			recommendation/recommender, manipulation/manipulate, safety/safe, fairness/fair, verification/verifier, planning/planner, tokenization/tokenizer`,
		"initials": `llm/"large language model", vlm/"vision language model", rag/"retrieval augmented generation", asr/"automatic speech recognition", ocr/"optical character recognition",
			moe/"mixture of experts", gnn/"graph neural network", nerf/"neural radiance field", vqa/"visual question answering", slam/"simultaneous localization and mapping", mri/"magnetic resonance imaging",
			ner/"named entity recognition", rlhf/"reinforcement learning from human feedback", dpo/"direct preference optimization", peft/"parameter efficient fine tuning", gan/"generative adversarial network",
			snn/"spiking neural network", 3dgs/"3d gaussian splatting", tts/"text to speech", uav/"unmanned aerial vehicle", ood/"out of distribution", mllm/"multimodal large language model", icl/"in context learning", cot/"chain of thought"`,
		"spelling": `pretraining/"pre training", finetuning/"fine tuning", multimodal/"multi modal", dataset/"data set", "super resolution"/superresolution, benchmark/benchmarking, "real time"/realtime,
			multilingual/"multi lingual", "point cloud"/pointcloud, "zero shot"/zeroshot, crossmodal/"cross modal", semisupervised/"semi supervised", multiagent/"multi agent", autoencoder/"auto encoder", autoregressive/"auto regressive"`,
		"synonym": `hallucination/factuality, "self driving"/"autonomous driving", robot/embodied, unlearning/forgetting, toxicity/"hate speech", jailbreak/"red teaming", watermark/provenance, deepfake/forgery,
			drone/uav, ct/"computed tomography", tumor/lesion, "chest x ray"/radiograph, translation/multilingual, sentiment/opinion, bias/fairness, explainability/interpretability, "face recognition"/facial,
			"music generation"/audio, "code generation"/"program synthesis", theorem/lean, mathematics/arithmetic, dialogue/conversation, chatbot/conversational, "knowledge editing"/"model editing",
			"continual learning"/"catastrophic forgetting", "federated learning"/decentralized, "image editing"/inpainting, "depth estimation"/monocular, "pose estimation"/keypoint, avatar/"talking head", "object tracking"/trajectory,
			"anomaly detection"/defect, "text to video"/"video generation", "text to image"/"image generation", "tool use"/"function calling", "long context"/"kv cache", "speculative decoding"/"draft model",
			crowd/pedestrian, "sign language"/gesture, "remote sensing"/satellite, pathology/"whole slide", ecg/cardiac, eeg/brain, legal/court, clinical/medical, education/student, privacy/"membership inference", copyright/memorization,
			plagiarism/"ai generated text", "misinformation"/"fake news", "speech enhancement"/denoising, "speaker verification"/diarization, "vision language action"/"robot manipulation", "world model"/simulator, "peer review"/reviewer`,
	} {
		for pair := range strings.SplitSeq(list, ",") {
			a, b, ok := strings.Cut(strings.TrimSpace(pair), "/")
			if ok {
				all = append(all, [3]string{kind, a, b}, [3]string{kind, b, a})
			}
		}
	}
	slices.SortFunc(all, func(a, b [3]string) int { return strings.Compare(strings.Join(a[:], "/"), strings.Join(b[:], "/")) })
	return all
}()

// missed is a paper that a topic misses though a person would file it there.
type missed struct {
	kind, topic, says string // says: the word that the paper has for it
	tune              bool   // of the half that thresholds were set by
	paper             core.PaperID
}

// until is a store as it was on a day.
type until struct {
	*store.Store
	day    core.Date
	topics []core.Topic
}

func (u *until) Search(ctx context.Context, q core.Query) (core.Found, error) {
	q.Until = u.day
	return u.Store.Search(ctx, q)
}

func (u *until) Matching(ctx context.Context, q core.Query, most int) ([]core.Match, bool, error) {
	q.Until = u.day
	return u.Store.Matching(ctx, q, most)
}

func (u *until) Topics(context.Context, int64) ([]core.Topic, error) { return u.topics, nil }

func hashed(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

// simulated are misses out of the corpus: for each pair up to so many papers that
// have the one in their title and the other nowhere; and papers with a keyword that
// Hugging Face gave them and that they never write.
func simulated(t *testing.T, s *until, perPair, keywords int) (all []missed) {
	for _, p := range pairs {
		says, follows := topicOf(t, "title:"+p[2]), topicOf(t, p[1])
		found, err := s.Search(t.Context(), core.Query{Topic: says, Sort: core.SortNew, Limit: 400})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(found.Hits, func(a, b core.Hit) int {
			return int(hashed(p[1]+string(a.Paper.ID))>>1) - int(hashed(p[1]+string(b.Paper.ID))>>1)
		})
		n := 0
		pair := min(p[1]+p[2], p[2]+p[1])
		for _, h := range found.Hits {
			if _, ok := follows.Match(h.Paper.Doc()); !ok && n < perPair {
				n++
				all = append(all, missed{p[0], p[1], p[2], hashed(pair)>>9%2 == 0, h.Paper.ID})
			}
		}
	}
	var kept []missed
	files, _ := filepath.Glob(filepath.Join(recordings.Dir(t), "hf_daily", "*.json.gz"))
	for _, f := range files {
		var day []struct {
			Paper struct {
				ID       core.PaperID
				Keywords []string `json:"ai_keywords"`
			}
		}
		if json.NewDecoder(recordings.Open(t, "hf_daily/"+filepath.Base(f))).Decode(&day) != nil {
			continue
		}
		for _, e := range day {
			p, err := s.Paper(t.Context(), e.Paper.ID)
			if err != nil {
				continue
			}
			for _, k := range e.Paper.Keywords {
				tp, err := topic.Parse(`"` + strings.Join(text.Words(k), " ") + `"`)
				if err != nil {
					continue
				}
				if _, ok := tp.Match(p.Doc()); ok {
					continue
				}
				if n, err := s.Search(t.Context(), core.Query{Topic: tp}); err == nil && n.Total >= 20 {
					kept = append(kept, missed{"keyword", tp.String(), "", hashed(tp.String())>>9%2 == 0, p.ID})
				}
			}
		}
	}
	slices.SortFunc(kept, func(a, b missed) int {
		return int(hashed(a.topic+string(a.paper))>>1) - int(hashed(b.topic+string(b.paper))>>1)
	})
	return append(all, kept[:min(len(kept), keywords)]...)
}

// Of papers that a channel missed for a word, an offer at no more than a paper a
// weekday brings most back. Half of the words set the thresholds, the other half is
// what is reported.
func TestSimulatedMisses(t *testing.T) {
	if *misses == "" {
		t.Skip("-misses names no database")
	}
	if _, err := os.Stat(*misses); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), *misses)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	s := &until{Store: st, day: "2026-07-01"}
	r := &query.Reader{Store: s, Now: func() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }}
	ch := core.Channel{ID: 1, Settings: core.DefaultSettings(), Schedule: core.Schedule{Zone: "UTC"}}
	ch.Settings.Scope = topic.Scope{}
	type row struct {
		n, offered, edited, named int
		price                     float64
		took                      []time.Duration
	}
	rows := map[string]*row{}
	for _, m := range simulated(t, s, 4, 300) {
		p, err := st.Paper(t.Context(), m.paper)
		if err != nil {
			t.Fatal(err)
		}
		s.topics = []core.Topic{{ID: 1, Number: 1, Topic: topicOf(t, m.topic)}}
		begun := time.Now()
		offers, err := r.Widenings(t.Context(), ch, &p)
		took := time.Since(begun)
		if err != nil {
			t.Fatal(err)
		}
		half := "reported"
		if m.tune {
			half = "tuned"
		}
		for _, key := range []string{half + " " + m.kind, half + " all"} {
			if rows[key] == nil {
				rows[key] = &row{}
			}
			x := rows[key]
			x.n++
			x.took = append(x.took, took)
			if len(offers) > 0 && offers[0].PerWeekday() <= query.Affordable {
				x.offered++
				x.price += offers[0].PerWeekday()
			}
			edit := func(o query.Widening) bool { return o.Kind != query.WideNew && o.PerWeekday() <= query.Affordable }
			if slices.ContainsFunc(offers, edit) {
				x.edited++
			}
			if m.says != "" && slices.ContainsFunc(offers, func(o query.Widening) bool {
				says := topicOf(t, m.says).Clauses[0][0]
				return edit(o) && slices.ContainsFunc(o.To.Clauses, func(c topic.Clause) bool {
					return slices.ContainsFunc(c, func(t topic.Term) bool {
						return slices.Equal(t.Words, says.Words) || t.Prefix && strings.HasPrefix(says.Words[0], t.Words[0])
					})
				})
			}) {
				x.named++
			}
		}
		if testing.Verbose() && hashed(string(m.paper)+m.topic)>>9%8 == 0 && m.tune {
			fmt.Printf("%s %s (%s) %s %q\n", m.kind, m.topic, m.says, m.paper, p.Title)
			for _, o := range offers {
				fmt.Printf("    %-9s %-22s %.1f  %s\n", o.Kind, o.Word, o.PerWeekday(), o.To)
			}
		}
	}
	for _, key := range slices.Sorted(func(yield func(string) bool) {
		for k := range rows {
			if !yield(k) {
				return
			}
		}
	}) {
		x := rows[key]
		slices.Sort(x.took)
		t.Logf("%-20s %4d misses, %3.0f %% brought back, %3.0f %% by an edit of the topic, %3.0f %% naming the word; %.2f a weekday; p50 %s p95 %s", key, x.n,
			100*float64(x.offered)/float64(x.n), 100*float64(x.edited)/float64(x.n), 100*float64(x.named)/float64(x.n), x.price/float64(max(x.offered, 1)),
			x.took[len(x.took)/2].Round(100*time.Microsecond), x.took[len(x.took)*95/100].Round(100*time.Microsecond))
	}
}

func topicOf(t *testing.T, s string) topic.Topic {
	t.Helper()
	parsed, err := topic.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
