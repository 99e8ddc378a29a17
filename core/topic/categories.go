package topic

import (
	"slices"
	"strings"

	"paperboy/core/say"
	"paperboy/core/text"
)

// Category is a category of arXiv with its name.
type Category struct{ ID, Name string }

// Categories are arXiv's, by archive, those that are other names of another one
// (cs.NA of math.NA) and archives that are closed too, since papers carry them.
// https://arxiv.org/category_taxonomy, https://arxiv.org/archive/
var Categories = func() (all []Category) {
	for line := range strings.Lines(taxonomy) {
		if id, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			all = append(all, Category{id, name})
		}
	}
	return all
}()

const taxonomy = `
astro-ph Astrophysics
astro-ph.CO Cosmology and Nongalactic Astrophysics
astro-ph.EP Earth and Planetary Astrophysics
astro-ph.GA Astrophysics of Galaxies
astro-ph.HE High Energy Astrophysical Phenomena
astro-ph.IM Instrumentation and Methods for Astrophysics
astro-ph.SR Solar and Stellar Astrophysics
cond-mat Condensed Matter
cond-mat.dis-nn Disordered Systems and Neural Networks
cond-mat.mes-hall Mesoscale and Nanoscale Physics
cond-mat.mtrl-sci Materials Science
cond-mat.other Other Condensed Matter
cond-mat.quant-gas Quantum Gases
cond-mat.soft Soft Condensed Matter
cond-mat.stat-mech Statistical Mechanics
cond-mat.str-el Strongly Correlated Electrons
cond-mat.supr-con Superconductivity
cs.AI Artificial Intelligence
cs.AR Hardware Architecture
cs.CC Computational Complexity
cs.CE Computational Engineering, Finance, and Science
cs.CG Computational Geometry
cs.CL Computation and Language
cs.CR Cryptography and Security
cs.CV Computer Vision and Pattern Recognition
cs.CY Computers and Society
cs.DB Databases
cs.DC Distributed, Parallel, and Cluster Computing
cs.DL Digital Libraries
cs.DM Discrete Mathematics
cs.DS Data Structures and Algorithms
cs.ET Emerging Technologies
cs.FL Formal Languages and Automata Theory
cs.GL General Literature
cs.GR Graphics
cs.GT Computer Science and Game Theory
cs.HC Human-Computer Interaction
cs.IR Information Retrieval
cs.IT Information Theory
cs.LG Machine Learning
cs.LO Logic in Computer Science
cs.MA Multiagent Systems
cs.MM Multimedia
cs.MS Mathematical Software
cs.NA Numerical Analysis
cs.NE Neural and Evolutionary Computing
cs.NI Networking and Internet Architecture
cs.OH Other Computer Science
cs.OS Operating Systems
cs.PF Performance
cs.PL Programming Languages
cs.RO Robotics
cs.SC Symbolic Computation
cs.SD Sound
cs.SE Software Engineering
cs.SI Social and Information Networks
cs.SY Systems and Control
econ.EM Econometrics
econ.GN General Economics
econ.TH Theoretical Economics
eess.AS Audio and Speech Processing
eess.IV Image and Video Processing
eess.SP Signal Processing
eess.SY Systems and Control
gr-qc General Relativity and Quantum Cosmology
hep-ex High Energy Physics - Experiment
hep-lat High Energy Physics - Lattice
hep-ph High Energy Physics - Phenomenology
hep-th High Energy Physics - Theory
math-ph Mathematical Physics
math.AC Commutative Algebra
math.AG Algebraic Geometry
math.AP Analysis of PDEs
math.AT Algebraic Topology
math.CA Classical Analysis and ODEs
math.CO Combinatorics
math.CT Category Theory
math.CV Complex Variables
math.DG Differential Geometry
math.DS Dynamical Systems
math.FA Functional Analysis
math.GM General Mathematics
math.GN General Topology
math.GR Group Theory
math.GT Geometric Topology
math.HO History and Overview
math.IT Information Theory
math.KT K-Theory and Homology
math.LO Logic
math.MG Metric Geometry
math.MP Mathematical Physics
math.NA Numerical Analysis
math.NT Number Theory
math.OA Operator Algebras
math.OC Optimization and Control
math.PR Probability
math.QA Quantum Algebra
math.RA Rings and Algebras
math.RT Representation Theory
math.SG Symplectic Geometry
math.SP Spectral Theory
math.ST Statistics Theory
nlin.AO Adaptation and Self-Organizing Systems
nlin.CD Chaotic Dynamics
nlin.CG Cellular Automata and Lattice Gases
nlin.PS Pattern Formation and Solitons
nlin.SI Exactly Solvable and Integrable Systems
nucl-ex Nuclear Experiment
nucl-th Nuclear Theory
physics.acc-ph Accelerator Physics
physics.ao-ph Atmospheric and Oceanic Physics
physics.app-ph Applied Physics
physics.atm-clus Atomic and Molecular Clusters
physics.atom-ph Atomic Physics
physics.bio-ph Biological Physics
physics.chem-ph Chemical Physics
physics.class-ph Classical Physics
physics.comp-ph Computational Physics
physics.data-an Data Analysis, Statistics and Probability
physics.ed-ph Physics Education
physics.flu-dyn Fluid Dynamics
physics.gen-ph General Physics
physics.geo-ph Geophysics
physics.hist-ph History and Philosophy of Physics
physics.ins-det Instrumentation and Detectors
physics.med-ph Medical Physics
physics.optics Optics
physics.plasm-ph Plasma Physics
physics.pop-ph Popular Physics
physics.soc-ph Physics and Society
physics.space-ph Space Physics
q-bio.BM Biomolecules
q-bio.CB Cell Behavior
q-bio.GN Genomics
q-bio.MN Molecular Networks
q-bio.NC Neurons and Cognition
q-bio.OT Other Quantitative Biology
q-bio.PE Populations and Evolution
q-bio.QM Quantitative Methods
q-bio.SC Subcellular Processes
q-bio.TO Tissues and Organs
q-fin.CP Computational Finance
q-fin.EC Economics
q-fin.GN General Finance
q-fin.MF Mathematical Finance
q-fin.PM Portfolio Management
q-fin.PR Pricing of Securities
q-fin.RM Risk Management
q-fin.ST Statistical Finance
q-fin.TR Trading and Market Microstructure
quant-ph Quantum Physics
stat.AP Applications
stat.CO Computation
stat.ME Methodology
stat.ML Machine Learning
stat.OT Other Statistics
stat.TH Statistics Theory
acc-phys Accelerator Physics
adap-org Adaptation, Noise, and Self-Organizing Systems
alg-geom Algebraic Geometry
ao-sci Atmospheric-Oceanic Sciences
atom-ph Atomic, Molecular and Optical Physics
bayes-an Bayesian Analysis
chao-dyn Chaotic Dynamics
chem-ph Chemical Physics
cmp-lg Computation and Language
comp-gas Cellular Automata and Lattice Gases
dg-ga Differential Geometry
funct-an Functional Analysis
mtrl-th Materials Theory
patt-sol Pattern Formation and Solitons
plasm-ph Plasma Physics
q-alg Quantum Algebra and Topology
q-bio Quantitative Biology
solv-int Exactly Solvable and Integrable Systems
supr-con Superconductivity
`

// calledAlso are what people call categories, and archives whole archives, where
// arXiv's name does not say so.
var (
	calledAlso = map[string][]string{
		"ai": {"cs.AI"}, "llm": {"cs.CL"}, "llms": {"cs.CL"}, "nlp": {"cs.CL"}, "linguistics": {"cs.CL"}, "cv": {"cs.CV"},
		"ml": {"cs.LG", "stat.ML"}, "deep learning": {"cs.LG"}, "rl": {"cs.LG"}, "reinforcement learning": {"cs.LG", "cs.AI"},
		"asr": {"eess.AS", "cs.SD"}, "hci": {"cs.HC"}, "ir": {"cs.IR"}, "quantum": {"quant-ph"}, "chemistry": {"physics.chem-ph"},
		"climate": {"physics.ao-ph"}, "neuroscience": {"q-bio.NC"}, "crypto": {"cs.CR"},
	}
	archives = map[string]string{
		"maths": "math", "mathematics": "math", "biology": "q-bio", "bio": "q-bio", "finance": "q-fin", "economics": "econ", "statistics": "stat", "stats": "stat",
		"astronomy": "astro-ph", "astrophysics": "astro-ph", "computer science": "cs", "physic": "physics", "electrical engineering": "eess",
	}
)

// CategoryKnown reports whether the pattern finds a category of arXiv's.
func CategoryKnown(pattern string) bool {
	return slices.ContainsFunc(Categories, func(c Category) bool { return CatMatches(pattern, c.ID) })
}

// NearCategories are what the pattern, which finds none, may have meant, the
// likeliest first, at most 3: by what people call it, by its letters, or by its
// name. Where only the archive is known it is the whole archive, as cs.*.
func NearCategories(pattern string) []Category {
	typed := strings.ToLower(strings.Trim(strings.TrimSpace(pattern), ` ."*`))
	archive, subject, dotted := strings.Cut(typed, ".")
	if !dotted {
		archive, subject = "", typed
	}
	subject = strings.NewReplacer("-", " ", "_", " ", ".", " ", "/", " ").Replace(subject)
	words := text.Words(subject)
	named := func(name string) bool {
		all := text.Words(name)
		return len(subject) > 3 && len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(all, w) })
	}
	type guess struct {
		Category
		far int
	}
	var guesses []guess
	for _, c := range Categories {
		id := strings.ToLower(c.ID)
		of, sub, divided := strings.Cut(id, ".")
		switch far := text.Distance(typed, id); {
		case slices.Contains(calledAlso[subject], c.ID):
			guesses = append(guesses, guess{c, 0})
		case letters(id) == letters(typed), letters(id) == letters(subject), divided && letters(sub) == letters(subject):
			guesses = append(guesses, guess{c, 1}) // csCL, cs-CL, physics.quant-ph, LG, stat.LG
		case divided && named(c.Name):
			guesses = append(guesses, guess{c, 2})
		case dotted && of == archive && (far <= 1+len(sub)/5 || len(subject) > 2 && strings.HasPrefix(letters(sub), letters(subject))), far <= len(id)/6:
			guesses = append(guesses, guess{c, 2 + far})
		default:
			continue
		}
		if g := &guesses[len(guesses)-1]; archive != "" && of != archive {
			g.far++ // the right subject of another archive
		}
	}
	slices.SortStableFunc(guesses, func(a, b guess) int { return a.far - b.far })
	var near []Category
	for _, g := range groups {
		if archives[subject] == g || len(guesses) == 0 && dotted && text.Distance(archive, g) <= 1 {
			near = append(near, Category{g + ".*", "all of " + g})
		}
	}
	for _, g := range guesses {
		near = append(near, g.Category)
	}
	return near[:min(len(near), 3)]
}

// letters are the letters of s, of which categories are made.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, s)
}

// NoCategory says that there is no such category, and which was meant.
func NoCategory(typed string) say.Text {
	several := strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ' ' })
	if len(several) > 1 && !slices.ContainsFunc(several, func(c string) bool { return !CategoryKnown(c) }) {
		return say.Say("One category stands behind `cat:`. Write `cat:%s`.", strings.Join(several, " | cat:"))
	}
	near := NearCategories(typed)
	if len(near) == 0 {
		return say.Say("`%s` is no category. They look like `cs.CV`, and `cs.*` means all of them.", typed)
	}
	var choices []say.Text
	for _, c := range near {
		choices = append(choices, say.Say("`%s` (%s)", c.ID, c.Name))
	}
	return say.Say("`%s` is no category. Did you mean %s?", typed, say.Join(" or ", choices...))
}
