package text

import "strings"

// singular folds a plural: Harman's S-stemmer (D. Harman, How effective is
// suffixing?, JASIS 42(1), 1991) with the endings it gets wrong in this
// field, then a table of the words that no ending tells apart. A word that is
// no plural it leaves alone, and what it gives it leaves alone too.
func singular(w string) string {
	if len(w) < 3 {
		return w
	}
	if w[0] == 'v' && w[1] == 'a' && w[2] == 'r' {
		if letter := w[3:]; variants[strings.TrimRight(letter, "0123456789")] != "" {
			return letter
		}
	}
	if !plurals[w[len(w)-1]][w[len(w)-2]] {
		return w
	}
	if one, ok := irregular[w]; ok {
		return one
	}
	if w[len(w)-1] != 's' || len(w) < 4 {
		return w
	}
	for _, e := range endings {
		if strings.HasSuffix(w, e.many) && len(w) >= len(e.many)+e.before {
			return one(w[:len(w)-len(e.many)] + e.one)
		}
	}
	if n := w[len(w)-2]; '0' <= n && n <= '9' && '0' <= w[0] && w[0] <= '9' {
		return w // the 1990s are not 1990
	}
	return one(w[:len(w)-1])
}

// variants are the Greek letters that TeX has in two shapes: \varepsilon is ε.
var variants = table(`itself: epsilon theta kappa pi rho sigma phi`)

// one is the table's word for w, or w: the s of a double plural (womens,
// criterias) hides one that the table knows.
func one(w string) string {
	if one, ok := irregular[w]; ok {
		return one
	}
	return w
}

// endings are tried in order; before is how many letters must stand in front.
var endings = []struct {
	many, one string
	before    int
}{
	{"ss", "ss", 0},     // class, loss
	{"us", "us", 0},     // corpus, various
	{"is", "is", 0},     // analysis, this
	{"ics", "ics", 0},   // physics is not physic, robotics not robotic
	{"lens", "lens", 0}, // hololens
	{"bias", "bias", 0}, // debias
	{"atlas", "atlas", 0},
	{"canvas", "canvas", 0},
	{"series", "series", 0}, // timeseries
	{"species", "species", 0},
	{"ies", "y", 2},         // studies; but lies
	{"sses", "ss", 0},       // classes
	{"shes", "sh", 0},       // meshes
	{"ches", "ch", 0},       // patches
	{"xes", "x", 0},         // boxes
	{"oes", "o", 0},         // echoes
	{"yses", "ysis", 0},     // analyses
	{"gnoses", "gnosis", 0}, // diagnoses
	{"eeses", "eese", 0},    // cheeses
	{"eses", "esis", 0},     // hypotheses
	{"trices", "trix", 0},   // matrices
	{"indices", "index", 0},
	{"vertices", "vertex", 0},
	{"biases", "bias", 0},
	{"lenses", "lens", 0},
}

// irregular has the words that the endings get wrong; what is no plural maps
// to itself.
var irregular = table(`
	itself: always this does has was its gas bus yes plus thus whereas sometimes nowadays perhaps besides sideways
	itself: themselves ourselves yourselves alas goods odds customs corps sans trans
	itself: news diabetes rabies caries herpes feces mars texas kansas vegas paris christmas
	itself: pancreas alias overseas chaos cosmos ethos pathos kudos topos
	itself: aries hermes procrustes reynolds hawkes thomas charles jones davies socrates holmes netherlands
	itself: keras sapiens nurbs rkhs afrikaans
	itself: bayes gibbs stokes hodges kubernetes https aws gps fps tts rms macos centos mcts 2dgs 3dgs 4dgs lpips
	itself: nuscenes neurips brats flores aptos nlos rvos ddos devops mlops llmops aiops adas ragas sars dbms

	lies lie   ties tie   pies pie   dies die   movies movie   cookies cookie   calories calorie   zombies zombie
	selfies selfie   genies genie   rookies rookie   hoodies hoodie   prairies prairie   indies indie

	lms lm   kgs kg   fms fm   ids id   ads ad   avs av   ais ai   nns nn   kbs kb   uis ui   vms vm   pcs pc   evs ev
	qas qa   gpus gpu   cpus cpu   tpus tpu   npus npu   imus imu   grus gru   relus relu   menus menu   plateaus plateau
	apis api   guis gui   wsis wsi   hsis hsi   mris mri   rois roi   pois poi   kpis kpi   bcis bci   hois hoi   emojis emoji

	metrics metric   topics topic   heuristics heuristic   characteristics characteristic   rubrics rubric
	tactics tactic   critics critic   clinics clinic   harmonics harmonic   logics logic   lyrics lyric   mimics mimic
	diacritics diacritic   comics comic   infographics infographic   geodesics geodesic   schematics schematic
	fabrics fabric   mosaics mosaic   epidemics epidemic   pandemics pandemic   antibiotics antibiotic   asics asic
	quadrics quadric   conics conic   cubics cubic   relics relic   mnemonics mnemonic   skeptics skeptic

	caches cache   niches niche   aches ache   headaches headache   avalanches avalanche   tranches tranche
	axes axis   moes moe   shoes shoe   toes toe   foes foe   canoes canoe   quizzes quiz
	aliases alias   atlases atlas   canvases canvas   gases gas
	focuses focus   viruses virus   buses bus   bonuses bonus   campuses campus   corpuses corpus   statuses status
	censuses census   irises iris   crises crisis   oases oasis   metastases metastasis   stenoses stenosis
	neuroses neurosis   psychoses psychosis   emphases emphasis   mitoses mitosis   fetuses fetus   underlies underlie
	vortices vortex   cortices cortex   appendices appendix
	codices codex   helices helix   simplices simplex
	halves half   leaves leaf   wolves wolf   knives knife   shelves shelf   thieves thief   wives wife

	men man   women woman   children child   mice mouse   teeth tooth   feet foot
	corpora corpus   criteria criterion   phenomena phenomenon   spectra spectrum   automata automaton
	schemata schema   strata stratum   stimuli stimulus   nuclei nucleus   radii radius   foci focus   loci locus
	fungi fungus   syllabi syllabus   optima optimum   minima minimum   maxima maximum   extrema extremum
	equilibria equilibrium   curricula curriculum   desiderata desideratum   polyhedra polyhedron   taxa taxon
	bacteria bacterium   ganglia ganglion   formulae formula   antennae antenna   vertebrae vertebra   larvae larva
`)

// plurals tells by the last letter and the one before it whether a word may be
// a plural at all. It spares most words the look-up.
var plurals = func() (p [256][256]bool) {
	for before := range p['s'] {
		p['s'][before] = true
	}
	for w := range irregular {
		p[w[len(w)-1]][w[len(w)-2]] = true
	}
	return p
}()

func table(s string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(s) {
		f := strings.Fields(line)
		if len(f) > 0 && f[0] == "itself:" {
			for _, w := range f[1:] {
				m[w] = w
			}
			continue
		}
		for i := 0; i+1 < len(f); i += 2 {
			m[f[i]] = f[i+1]
		}
	}
	return m
}
