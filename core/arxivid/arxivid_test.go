package arxivid_test

import (
	"testing"

	"paperboy/core/arxivid"
)

func TestPaperIDsAreFoundInEveryFormPeopleWrite(t *testing.T) {
	for typed, want := range map[string]struct {
		id      string
		version int
	}{
		"2401.01234":                                            {"2401.01234", 0},
		" 2401.01234 ":                                          {"2401.01234", 0},
		"2401.01234v2":                                          {"2401.01234", 2},
		"2401.01234V12":                                         {"2401.01234", 12},
		"0704.0001":                                             {"0704.0001", 0}, // the first of its form
		"1412.9999":                                             {"1412.9999", 0}, // the last with four digits
		"1501.00001":                                            {"1501.00001", 0},
		"9912.00001":                                            {"9912.00001", 0}, // made up, for the page this began with
		"arXiv:2401.01234v2":                                    {"2401.01234", 2},
		"arxiv: 2401.01234":                                     {"2401.01234", 0},
		"ARXIV:2401.01234":                                      {"2401.01234", 0},
		"[arXiv:2401.01234]":                                    {"2401.01234", 0},
		"(arXiv:2401.01234v1).":                                 {"2401.01234", 1},
		"2401.01234,":                                           {"2401.01234", 0},
		"2401.01234;":                                           {"2401.01234", 0},
		"math/0611800":                                          {"math/0611800", 0},
		"math.CA/0611800":                                       {"math/0611800", 0},
		"math.CA/0611800v3":                                     {"math/0611800", 3},
		"HEP-TH/9901001":                                        {"hep-th/9901001", 0},
		"arXiv:astro-ph/0601001v1":                              {"astro-ph/0601001", 1},
		"q-bio/0309001":                                         {"q-bio/0309001", 0},
		"https://arxiv.org/abs/2401.01234":                      {"2401.01234", 0},
		"http://www.arxiv.org/abs/2401.01234v3":                 {"2401.01234", 3},
		"https://export.arxiv.org/abs/2401.01234":               {"2401.01234", 0},
		"arxiv.org/abs/2401.01234":                              {"2401.01234", 0},
		"https://arxiv.org/pdf/2401.01234":                      {"2401.01234", 0},
		"https://arxiv.org/pdf/2401.01234v2.pdf":                {"2401.01234", 2},
		"https://arxiv.org/pdf/2401.01234.PDF#page=3":           {"2401.01234", 0},
		"https://arxiv.org/html/2401.01234v1#S3":                {"2401.01234", 1},
		"https://arxiv.org/src/2401.01234":                      {"2401.01234", 0},
		"https://arxiv.org/e-print/2401.01234":                  {"2401.01234", 0},
		"https://arxiv.org/format/2401.01234":                   {"2401.01234", 0},
		"https://arxiv.org/abs/2401.01234?context=cs.LG":        {"2401.01234", 0},
		"https://arxiv.org/abs/2401.01234/":                     {"2401.01234", 0},
		"https://arxiv.org/abs/math/0611800v2":                  {"math/0611800", 2},
		"https://arxiv.org/pdf/hep-th/9901001v1.pdf":            {"hep-th/9901001", 1},
		"https://doi.org/10.48550/arXiv.2401.01234":             {"2401.01234", 0},
		"https://dx.doi.org/10.48550/ARXIV.2401.01234":          {"2401.01234", 0},
		"10.48550/arXiv.2401.01234":                             {"2401.01234", 0},
		"doi:10.48550/arXiv.2401.01234":                         {"2401.01234", 0},
		"10.48550/arxiv.math/0611800":                           {"math/0611800", 0},
		"https://huggingface.co/papers/2401.01234":              {"2401.01234", 0},
		"https://huggingface.co/papers/2401.01234.md":           {"2401.01234", 0},
		"huggingface.co/papers/2401.01234#community":            {"2401.01234", 0},
		"https://www.alphaxiv.org/abs/2401.01234v1":             {"2401.01234", 1},
		"https://alphaxiv.org/abs/2401.01234":                   {"2401.01234", 0},
		"https://ar5iv.org/abs/2401.01234":                      {"2401.01234", 0},
		"https://ar5iv.labs.arxiv.org/html/2401.01234":          {"2401.01234", 0},
		"oai:arXiv.org:2401.01234v2":                            {"2401.01234", 2},
		"oai:arXiv.org:hep-th/9901001":                          {"hep-th/9901001", 0},
		"<https://arxiv.org/abs/2401.01234|arxiv.org/abs/2401>": {"2401.01234", 0}, // as Slack sends it
		"<https://arxiv.org/abs/2401.01234>":                    {"2401.01234", 0},
		"https://arxiv.org/abs/2401.01234).":                    {"2401.01234", 0},
	} {
		id, version, ok := arxivid.Parse(typed)
		if !ok || id != want.id || version != want.version {
			t.Errorf("%q is %q v%d %v, want %q v%d", typed, id, version, ok, want.id, want.version)
		}
	}
}

func TestLookAlikesAreNoPaperIDs(t *testing.T) {
	for _, typed := range []string{
		"", " ", "2400.01234", "2413.01234", "1234.56789", "12.3456", "$12.3456", "1.24.3", "v2", "2401", "2401.012", "2401.0123", "2401.012345",
		"0703.0001", "0808.05394", "1501.0001", "2401.01234v0", "2401.01234v", "2401.01234x", "x2401.01234", "math/0613800", "math/061180", "math/06118000",
		"/0611800", "https://example.org/abs/2401.01234", "https://arxiv.org/list/cs.LG/2401.01234", "https://arxiv.org/abs/", "https://evil.example/?u=https://arxiv.org/abs/2401.01234",
		"https://arxiv.org.evil.example/abs/2401.01234", "arXiv:", "oai:arXiv.org:", "feed:0123456789ab", "two 2401.01234 words",
	} {
		if id, version, ok := arxivid.Parse(typed); ok || id != "" || version != 0 {
			t.Errorf("%q was read as %q v%d %v", typed, id, version, ok)
		}
	}
}
