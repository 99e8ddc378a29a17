package core_test

import (
	"strings"
	"testing"

	"paperboy/core"
)

func FuzzParsePaperID(f *testing.F) {
	for _, s := range []string{"2401.01234v2", "math.CA/0611800", "<https://arxiv.org/pdf/hep-th/9901001v1.pdf|x>", "10.48550/arXiv.2401.01234", "[arXiv:0704.0001]", "https://huggingface.co/papers/2401.01234.md?x#y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, version, ok := core.ParsePaperID(s)
		if !ok {
			if id != "" || version != 0 {
				t.Errorf("%q: refused, and yet %q v%d", s, id, version)
			}
			return
		}
		for _, again := range []string{string(id), "https://arxiv.org/abs/" + string(id), "arXiv:" + string(id), (&core.Paper{ID: id}).URL()} {
			if id2, v2, ok := core.ParsePaperID(again); !ok || id2 != id || v2 != 0 {
				t.Errorf("%q gave %q, which reads as %q v%d %v", s, id, id2, v2, ok)
			}
		}
		if archive, _, _ := strings.Cut(string(id), "/"); archive != strings.ToLower(archive) || version < 0 {
			t.Errorf("%q gave %q v%d", s, id, version)
		}
	})
}
