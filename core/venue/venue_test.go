package venue_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"paperboy/core/venue"
	"paperboy/internal/recordings"
)

// What authors write, as it stands in arXiv's comments, and what is read there.
func TestWhereAPaperWasAccepted(t *testing.T) {
	for _, c := range []struct{ comment, label string }{
		{"Accepted to ICML 2026", "accepted to ICML 2026"},
		{"Accepted at AAAI 2026", "accepted to AAAI 2026"},
		{"accepted to aaai2026", "accepted"},
		{"Accepted by IEEE ICASSP2026", "accepted to IEEE ICASSP2026"},
		{"Accepted to AAMAS '26", "accepted to AAMAS '26"},
		{"This paper has been accepted to CVPR 2025", "accepted to CVPR 2025"},
		{"14 pages, 7 figures, accepted by CVPR 2026", "accepted to CVPR 2026"},
		{"Accepted by ICCV 2025 (poster). 26 pages, 17 figures", "accepted to ICCV 2025"},
		{"Accepted by AAAI 2026 as Oral. Code:https://github.com/ChangPtR/AbdMLLM", "accepted to AAAI 2026"},
		{"Accepted for publication at CVPR 2026 as an Oral presentation", "accepted to CVPR 2026"},
		{"Accepted to the Main Conference of ACL 2026", "accepted to ACL 2026"},
		{"Accepted at CVPR 2026 Main Conference", "accepted to CVPR 2026"},
		{"Early accepted to MICCAI 2026. Project page: https://keeplearning-again.github.io/EchoPilot/", "accepted to MICCAI 2026"},
		{"ICPR 2026 accepted", "accepted to ICPR 2026"},
		{"CVPR 2026 accepted paper (main track)", "accepted to CVPR 2026"},
		{"To appear in the Proceedings of the Thirty-Fourth International Joint   Conference on Artificial Intelligence (IJCAI 2025)", "to appear in IJCAI 2025"},
		{"Accepted to International Conference on Machine Learning (ICML) 2026", "accepted to ICML 2026"},
		{"Accepted at the 34th ACM International Conference on Information and   Knowledge Management (CIKM 2025)", "accepted to CIKM 2025"},
		{"16 pages, 16 figures. To appear in the proceedings of Society for   Computation in Linguistics (SCiL) 2025", "to appear in SCiL 2025"},
		{"Accepted for publication in IEEE Robotics and Automation Letters (RA-L), 2026", "accepted to RA-L 2026"},
		{"Published as a conference paper at ICLR 2026", "published in ICLR 2026"},
		{"18 pages, 11 figures. Published in Phys. Chem. Chem. Phys", "published in Phys. Chem. Chem. Phys"},
		{"Accepted by TKDE", "accepted to TKDE"},
		{"Presented at STAG 2025", "presented at STAG 2025"},
		{"29 pages, 27 figures, to be presented at IEEE Vis 2025 (and published   in IEEE TVCG 2026)", "to be presented at IEEE Vis 2025"},
		{"Accepted by Bioinformatics on July 11th", "accepted to Bioinformatics"},
		{"Accepted in ICLR 2026 Poster: $\\href{https://iclr.cc/virtual/2026/poster/10011763}{\\text{this URL}}$", "accepted to ICLR 2026"},
		// no name that can be said
		{"Accepted to appear in the 2026 ACM International Conference on Architectural Support for Programming Languages and Operating Systems", "accepted"},
		{"Accepted in a journal", "accepted"},
		// a workshop, or Findings, is not the conference
		{"Accepted to CVPR (Multimodal Algorithmic Reasoning Workshop) 2026", "accepted to a workshop at CVPR"},
		{"Accepted to CVPR 2026, at the 9th Workshop on Efficient Deep Learning for Computer Vision (ECV). To be published in the Workshop Proceedings", "accepted to a workshop at CVPR 2026"},
		{"Accepted at ECML-PKDD 2025 (5th Workshop on Bias and Fairness in AI)", "accepted to a workshop at ECML-PKDD 2025"},
		{"Accepted at the AI4Space Workshop, CVPR 2026", "accepted to AI4Space Workshop"},
		{"Accepted to CVPR2026 (Findings Track)", "accepted to Findings of CVPR2026"},
		{"Accepted to Findings of ACL 2026", "accepted to Findings of ACL 2026"},
		// nobody says that this paper was accepted
		{"", ""},
		{"12 pages, 4 figures", ""},
		{"CVPR 2026", ""},
		{"Submitted to ICML 2026", ""},
		{"Under review at ICLR 2026", ""},
		{"Accepted by the ICASSP conference, not yet officially published", ""},
		{"7 pages, 2 figures, 5 tables. Not published at any conference at this time", ""},
		{"Extended version of a paper accepted at AAAI 2026", ""},
		{"The full version of the paper accepted to ICALP 2026", ""},
		{"An earlier version was presented at #SMSociety 2024 (London)", ""},
		{"6 pages, 5 tables. Builds upon our preliminary work presented at UBMK 2024", ""},
		{"Provisionally accepted at MICCAI-2025", ""},
		{"The dataset will be released publicly once the paper is accepted for publication", ""},
		{"The dataset was presented at CHI 2025", ""},
		{"This is the author accepted manuscript", ""},
		{"Published on arXiv", ""},
		{"Code will be published in March", ""},
		{"Rejected from ICML 2025, accepted to nothing", ""},
		{"Accepted to <!EVERYONE> 2026", "accepted"},
		{"Accepted to *ICML* 2026", "accepted"},
	} {
		if got := venue.Label(c.comment, ""); got != c.label {
			t.Errorf("%q: %q, wanted %q", c.comment, got, c.label)
		}
	}
}

// References as arXiv's records have them.
func TestWhereAPaperWasPublished(t *testing.T) {
	for _, c := range []struct{ comment, journal, label string }{
		{"", "Phys. Rev. Lett. 120, 191301 (2018)", "published in Phys. Rev. Lett"},
		{"", "Phys.Rev.D76:013009,2007", "published in Phys.Rev.D76"},
		{"", "Nature 575, 350-355 (2019)", "published in Nature"},
		{"", "ICML 2025, PMLR 267:1-20", "published in ICML 2025"},
		{"", "IEEE Transactions on Image Processing, vol. 34, pp. 12-24, 2025", "published in IEEE Transactions on Image Processing"},
		{"", "Proceedings of the AAAI Conference on Artificial Intelligence, 39(1), 2025", "published in AAAI Conference on Artificial Intelligence"},
		{"", "Submitted to Nature", ""},
		{"Accepted to ICML 2026", "Proceedings of ICML 2026", "accepted to ICML 2026"},
		{"12 pages", "Neural Networks 180 (2025) 106-120", "published in Neural Networks"},
	} {
		if got := venue.Label(c.comment, c.journal); got != c.label {
			t.Errorf("%q, %q: %q, wanted %q", c.comment, c.journal, got, c.label)
		}
	}
}

// Of 35,684 comments about three in ten say it.
func TestWhatRecordedCommentsSay(t *testing.T) {
	f, err := os.Open(filepath.Join(recordings.Dir(t), "arxiv-corpus.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	lines := bufio.NewScanner(z)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var p struct{ ID, Comment string }
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		l := venue.Label(p.Comment, "")
		if l != "" {
			said++
		}
		wellFormed(t, l)
	}
	if lines.Err() != nil || said < 10_000 {
		t.Errorf("%d papers were accepted, %v", said, lines.Err())
	}
	t.Logf("%d papers were accepted", said)
}

func wellFormed(t testing.TB, l string) {
	t.Helper()
	odd := strings.ContainsFunc(l, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" &/-'’.+@", r)
	})
	if utf8.RuneCountInString(l) > 72 || !utf8.ValidString(l) || odd || strings.TrimSpace(l) != l {
		t.Errorf("a label is %q", l)
	}
}

func FuzzLabel(f *testing.F) {
	for _, s := range []string{"Accepted to ICML 2026", "To appear in the Proceedings of X (IJCAI 2025)", "ICPR 2026 accepted", "accepted – at, (", "Phys. Rev. Lett. 120, 191301 (2018)", "\\href{", "Accepted at workshop \xff"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, comment, journal string) { wellFormed(t, venue.Label(comment, journal)) })
}
