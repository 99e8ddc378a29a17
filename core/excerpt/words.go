package excerpt

import (
	"cmp"
	"strconv"
	"strings"
)

// The words. Weights were chosen by reading; more than the order of what they
// choose they do not mean.
var (
	verbs = inflected(weights(`
		10 propose introduce present
		9 develop design devise construct build/built create formulate formalize reformulate unveil announce propound pioneer
		8 prove establish derive characterize characterise study investigate explore examine review survey analyze analyse revisit rethink/rethought describe report contribute
		8 advocate assess benchmark argue extend generalize generalise advance compare
		7 address tackle challenge offer provide consider formalise outline detail summarize summarise synthesize determine show/shown demonstrate define quantify solve
		7 identify conduct curate collect implement release integrate reveal focus articulate delve dissect
		6 find/found uncover discover evaluate perform give/gave obtain ask explain model calculate compute estimate combine unify adapt apply publish share open-source bridge overcome improve enable optimize optimise measure
		6 train simulate fine-tune perform employ adopt leverage utilize utilise exploit use incorporate predict produce seek test observe clarify illustrate suggest
		5 highlight discuss
		4 verify validate confirm learn take hope believe note`))

	participles = set(`shown given found built proven`)

	adverbs = set(`also first then further thus therefore here hereby have has systematically instead now next both will
		in-depth are able to herein respectively rather`)

	attempts = set(`aim aims aimed seek seeks sought attempt attempts attempted try tries want wish intend`)

	introducing = set(`introducing proposing presenting developing designing`)

	// significant verbs tell what a paper is good for as often as what is in it.
	significant = set(`provides offers highlights underscores contributes demonstrates shows reveals suggests confirms`)

	results = set(`achieves outperforms demonstrates shows reveals exceeds surpasses improves reduces reaches matches exhibits`)

	// needs are what somebody does to what was missing before.
	needs = set(`address tackle bridge fill close overcome mitigate alleviate solve resolve answer remedy meet handle counter circumvent combat`)

	vague = set(`problem problems question questions issue issues gap gaps challenge challenges limitation limitations goal task phenomenon setting hypothesis`)

	modal = set(`can cannot could should must may might do need were not would`)

	subordinate = set(`as when if what which that where because since than how before until while can could do should must may might did what whether once after whom why are`)

	prepositions = set(`in of with through throughout within by from for to under`)

	documents = set(`paper work study article letter note thesis dissertation chapter report survey review manuscript contribution tutorial perspective
		document essay research project monograph preprint investigation analysis publication overview position communication whitepaper`)

	works = set(`paper work study research article survey review thesis report`)

	goals = set(`goal goals aim aims purpose objective objectives focus contribution contributions idea`)

	made = set(`method approach framework model system algorithm solution technique pipeline architecture dataset benchmark idea insight theory
		formulation scheme strategy construction proof mechanism toolkit library platform`)

	artefacts = set(`code codes codebase weights checkpoints repository scripts`)
	publicity = set(`available release released open-source open-sourced publicly https http github public accessible upon`)

	// openings are the first words of sentences that go on with something or tell
	// of results, and what they cost.
	openings = weights(`
		4 experiments experimental extensive results evaluations evaluation simulations
		3 also additionally moreover furthermore finally lastly besides further second secondly third thirdly then next
		3 empirically notably comprehensive interestingly ultimately numerical simulation
		2.5 specifically concretely particularly
		2 overall together consequently surprisingly remarkably crucially importantly they
		1.5 using thus hence firstly
		1 first it`)
)

// weights reads lines of a weight and its words.
func weights(lines string) map[string]float64 {
	m := map[string]float64{}
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		weight, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			panic(err)
		}
		for _, w := range words[1:] {
			m[w] = weight
		}
	}
	return m
}

// inflected adds the other forms of verbs: proposes, proposed. One that is
// irregular has its past behind a stroke.
func inflected(verbs map[string]float64) map[string]float64 {
	m := map[string]float64{}
	for verb, weight := range verbs {
		base, past, _ := strings.Cut(verb, "/")
		third, regular := base+"s", base+"ed"
		switch stem, y := strings.CutSuffix(base, "y"); {
		case y && !strings.HasSuffix(stem, "o"):
			third, regular = stem+"ies", stem+"ied"
		case strings.HasSuffix(base, "e"):
			regular = base + "d"
		case strings.HasSuffix(base, "s"), strings.HasSuffix(base, "sh"), strings.HasSuffix(base, "ch"), strings.HasSuffix(base, "x"):
			third = base + "es"
		}
		for _, form := range []string{base, third, cmp.Or(past, regular)} {
			m[form] = weight
		}
	}
	return m
}
