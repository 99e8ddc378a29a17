package arxiv

import (
	"strings"
	"testing"

	"paperboy/internal/recordings"
)

// Comments of arXiv papers, and likenesses of them, that say that the paper is
// withdrawn.
var withdrawals = []string{
	"Withdrawn",
	"WITHDRAWN",
	"[withdrawn]",
	"*Withdrawn*.",
	"Withdrawn.",
	"Retracted",
	"This paper has been withdrawn",
	"This paper has been withdrawn by the author.",
	"This paper has been withdrawn by the author(s)",
	"This paper has been withdrawn by the authors. This paper has been superseded by arXiv:2405.00001",
	"THIS PAPER HAS BEEN WITHDRAWN",
	"This paper as been withdrawn",
	"This paper is hereby withdrawn.",
	"This paper is now withdrawn, see the authors' pages",
	"This paper was withdrawn by the authors.",
	"The paper is withdrawn because of an error in Theorem 2.",
	"The paper is withdrawn as some errors are noticed and they need to be fixed",
	"The paper was retracted",
	"The manuscript is withdrawn pending additional experiments and analysis",
	"This version is withdrawn as the results do not hold.",
	"Therefore, the current version is being withdrawn to prevent dissemination of inaccurate results",
	"Our submission has been temporarily withdrawn due to a licence",
	"This article has been withdrawn by arXiv administrators due to disputed authorship",
	"arXiv admin note: this paper has been withdrawn by arXiv",
	"arXiv admin note: This paper has been withdrawn by arXiv due to disputed and unverifiable authorship and affiliation",
	"arXiv admin note: This submission has been withdrawn by arXiv administrators due to inflammatory content and unprofessional language",
	"This submissions has been withdrawn by arXiv administrators because the submitter did not have the right to post it.",
	"arXiv admin note: This version has been removed by arXiv administrators as the submitter did not have the right to agree to the license at the time of submission",
	"arXiv admin comment: This version has been removed by arXiv administrators as the submitter did not have the rights to agree to the license at the time of submission",
	"This paper has been removed by arXiv administrators because it plagiarizes hep-th/0308070, gr-qc/9910015, and others",
	"arXiv admin note: removed by arXiv administrators",
	"This submission has been withdrawn by the authors due to a fundamental error in the methodology that affects the validity of the main results",
	"Withdrawn due to conceptual errors highlighted by referees",
	"Withdrawn because of an error in the main lemma",
	"Withdrawn by the authors due to an incomplete approval process",
	"Withdrawn by the author due to major revision",
	"Withdrawn by authors",
	"Withdrawn for revision: the manuscript requires additional scalability analysis",
	"Withdrawn; superseded by arXiv:2504.01234",
	"Withdrawn - an error in Section 3 was found",
	"Withdrawn, error in equation (12)",
	"Withdrawn. The proof of Lemma 4.2 is wrong",
	"Withdrawn at the request of the first author",
	"Withdrawn in favour of arXiv:2504.01234",
	"Withdrawn pending further study",
	"Retracted. See arXiv:2504.01234 for the corrected version.",
	"retracted due to an error in Section 5",
	"v2: withdrawn, replaced by arXiv:2504.01234",
	"Paper withdrawn",
	"Paper withdrawn by the author",
	"Paper is withdrawn due to further studies.",
	"Manuscript withdrawn due to a flaw in the data",
	"10 pages; withdrawn because of an error in Lemma 1",
	"10 pages, 3 figures, withdrawn due to an error in the code",
	"12 pages, 4 figures. This paper has been withdrawn by the authors because of a mistake in the proof",
	"The previous version had an error; this paper has been withdrawn entirely.",
	"supersedes arXiv:2011.10199; this paper has been withdrawn",
	"Withdrawal due to errors: (1) entropy squeezing calculated with wrong information entropy",
	"Withdrawal of this paper because of a mistake in the data",
	"Hence I seek withdrawal of this paper as it might be misleading",
	"I am writing to request the withdrawal of my submission",
	"Accordingly, I respectfully request that this work be withdrawn",
	"We withdraw this submission since a few components of the analysis were found to be faulty",
	"We have withdrawn this paper: the second experiment cannot be repeated",
	"We hereby retract this article",
	"We regret to withdraw the paper, for the main estimate is false",
	"The authors have withdrawn this manuscript because institutional authorization was not obtained",
	"The authors have withdrawn this manuscript: Theorem 2 is false",
	"The author has withdrawn this paper due to a crucial sign error in equation 5",
	"The authors withdrew this submission",
	"The authors would like to withdraw this paper, and a new one is in preparation",
	"After careful consideration, we have decided to withdraw the manuscript",
	"I withdraw my paper",
	"Withdrew the paper, resubmit a rewritten version",
	"This paper includes some not-fully-verified claims, and therefore need to be withdrawn",
	"It is shown that the bound fails. This work has been withdrawn by all authors.",
	"This paper has been withdrawn from arXiv by the authors",
	"This version of the paper has been withdrawn by the author",
	"The article has been withdrawn and is superseded by arXiv:2312.00012",
	"6 pages, LaTeX; withdrawn",
	"29 pages with 5 figures. Withdrawn due to an error",
	"Withdrawn: duplicate of arXiv:2401.00001",
	"Main result is false, paper withdrawn",
	"The author is withdrawing the paper",
	"Withdrawn to be merged with arXiv:1234.5678",
	"This is to inform that this paper has been withdrawn",
	"Unfortunately, this paper has been withdrawn",
	"Because of an error we withdraw this paper",
	"This paper has been withdrawn; an improved version is available as arXiv:2101.00001",
}

// Comments in which the word stands, and the paper too.
var standing = []string{
	"",
	"12 pages, 3 figures",
	"NeurIPS 2026 camera-ready",
	"Retracted: an analysis of retracted papers",
	"Withdrawn from a workshop to avoid dual submission; accepted at a journal, 12 pages",
	"Withdrawn from ICLR 2025",
	"An earlier version of this paper was withdrawn; the proof is now complete",
	"Withdrawn arXiv:2601.00001 is superseded by this paper",
	"Replaces the withdrawn arXiv:2601.00001",
	"It could be withdrawn if accepted in IEEE Transaction on Quantum Engineering",
	"A previous version of this manuscript was withdrawn due to an error in interpretation.",
	"The previous version was withdrawn because of a proof error; this one fixes it.",
	"Earlier version withdrawn. This revision corrects Theorem 3.",
	"52 pages, 5 figures. This is a merger of the original version 1 with the withdrawn paper arXiv:2407.18191.",
	"14 pages, Replaces the withdrawn manuscript (arXiv:quant-ph:1911.03628)",
	"This is a replacement for the previously withdrawn paper.",
	"It is the corrected and modified version of arXiv:2105.14712, which was recently withdrawn",
	"v2: symmetry correction (the linear envelope coupling of v1 is forbidden and withdrawn; amplitude fixed)",
	"This manuscript supersedes and substantially expands upon the earlier, withdrawn preprint arXiv:2504.15607",
	"Section 6 (quantum-classical separation) is withdrawn. Lemma 6.1 extended the rate.",
	"12 pages. Complete rewrite of v1, new title. Withdrawn as erroneous: the definition (Def. 4)",
	"v3: substantive correction; v2's central claims are withdrawn",
	"Accepted at the QCI 2026 workshop; withdrawn from the proceedings because the author could not attend",
	`incorporates arXiv:2011.10199 "Super-clustering", which has been withdrawn`,
	"This paper was submitted to CVPR 2026 and was recommended for Findings, but the authors have withdrawn it and are currently adding more content to submit it elsewhere",
	"This paper was withdrawn from ICML 2024 and is under review elsewhere",
	"This paper was withdrawn by the authors from the conference because of travel",
	"We withdrew the paper from NeurIPS before the decision",
	"The paper has been withdrawn from the special issue; 20 pages",
	"This submission was withdrawn at ICLR 2024 (OpenReview)",
	"This paper has not been withdrawn",
	"This paper is no longer withdrawn",
	"This paper was withdrawn by mistake and is available again",
	"This paper was erroneously withdrawn",
	"This paper was withdrawn in 2019; this is the corrected version",
	"This paper was withdrawn and resubmitted to another journal",
	"This paper was withdrawn because of an error, which is now fixed",
	"This paper was withdrawn due to an error. This version fixes it",
	"The paper was withdrawn by the authors; it has been reinstated",
	"This paper was withdrawn since Lemma 2 was wrong. The revised version is the corrected one",
	"This paper will be withdrawn if a better proof is found",
	"If the claim fails this paper is withdrawn",
	"We may withdraw this paper",
	"Version 2 of this paper has been withdrawn, version 3 is right",
	"A part of this work was withdrawn",
	"v1 withdrawn. v2: corrected proof",
	"this paper is withdrawn-drug repurposing",
	"Includes a reply to the claim that this paper is withdrawn",
	"In case of acceptance, we withdraw this paper",
	"It was claimed that the paper was withdrawn by its authors; that is false",
	"Rebuttal to those who say this paper has been withdrawn",
	"See arXiv:2401.00001, whose authors have withdrawn the paper",
	"This paper should not be withdrawn",
	"This paper was partially withdrawn",
	"An author has been removed by arXiv administrators",
	"Figures removed by arXiv administrators due to size",
	"Retraction of a manifold onto its boundary, 12 pages",
	"Submitted to ICLR 2025 but withdrawn",
	"Talk at ICML, paper withdrawn",
	"Withdrawn, then resubmitted as v3 with a correct proof",
	"Theorem 4 of the paper has been withdrawn",
	"The claim in this paper is withdrawn",
	"We withdraw the claim of Theorem 3",
	"We withdraw this paper's earlier claim about transfer; Section 6.1 says why",
	"The authors of arXiv:2401.00001 have withdrawn their paper",
	"Comment on arXiv:2401.00001; the paper has been withdrawn",
	"Response to arXiv:2401.00001. The article was retracted",
	"The original paper was retracted; we explain why",
	"This paper was withdrawn by the journal for a conflict of interest of the editor",
	"COLM 2025; this article supersedes the preprint: arXiv:2309.08960",
	"Supersedes arXiv:2406.13116. Abstract abridged due to arXiv length limit",
	"12 pages, 5 figures. tcolorbox dependencies were removed for arXiv compatibility. All references are included via a precompiled .bbl file",
	"not included in the final proceedings due to a conference administrative error",
	"This work is currently under review. Please do not cite without permission",
	"arXiv admin note: substantial text overlap with arXiv:1234.5678",
	"arXiv admin note: text overlap with arXiv:1234.5678 by other authors, which has been withdrawn",
	"About withdrawn drugs; 8 pages",
	"Withdrawn drugs: a data set of 300 compounds, 8 pages",
	"A study of retracted papers and their citations",
	"Retracted articles in PubMed, 1990-2020",
	"Withdrawal symptoms of language models, 10 pages",
	"Data of water withdrawal at https://example.org",
	"The appendix has been withdrawn from this version",
	"Figure 3 withdrawn; 12 pages",
	"An error in v1 led us to withdraw it; v2 is right",
	"This paper replaces our retracted submission",
	"Talk withdrawn, paper accepted at ACL 2025",
	"10 pages, previously withdrawn, now with a full proof",
	"Unpublished; we decided not to withdraw this paper",
	"If you find an error, we withdraw the paper",
}

func TestNoticesOfWithdrawalAreRead(t *testing.T) {
	for _, c := range withdrawals {
		if !Withdrawn(c) {
			t.Errorf("missed: %s", c)
		}
	}
	for _, c := range standing {
		if Withdrawn(c) {
			t.Errorf("struck out: %s", c)
		}
	}
	if len(withdrawals)+len(standing) < 60 {
		t.Error("the table has to have sixty wordings")
	}
}

func TestAnAbstractIsANoticeOnlyWhenItBeginsWithOne(t *testing.T) {
	for _, a := range []string{
		"this paper has been withdrawn",
		"This paper has now been withdrawn.",
		"This work is withdrawn by the authors",
		"This paper has been withdrawn as we discovered a bug in our implementation that mixed vectors across batches.",
		"[This paper has been withdrawn by the author due to updated research available on arXiv (arXiv:1811.01918)] As the modern open-source paradigm",
		"arXiv admin note: This paper has been withdrawn by arXiv due to disputed and unverifiable authorship and affiliation",
		"This paper is withdrawn since we found a flaw in the proof of Theorem 4.",
		"The paper is withdrawn. The proof has an error.",
		"This paper is withdrawn by the authors. We theoretically examine graphene plasmon polaritons.",
		"Paper withdrawn by the author",
		"The authors have withdrawn this paper because of a sign error.",
		"This submissions has been withdrawn by arXiv administrators because the submitter did not have the right to post it.",
	} {
		if !withdrawnAbstract(a) {
			t.Errorf("missed: %s", a)
		}
	}
	for _, a := range []string{
		"",
		"Withdrawn patients are hard to study.",
		"Withdrawn",
		"This paper studies patients who have withdrawn from treatment.",
		"We show that the paper has been withdrawn in many cases.",
		"We study how this paper has been withdrawn.",
		"We study whether a paper has been withdrawn from a benchmark.",
		"We show that when a submission has been withdrawn, reviewers update priors.",
		"Papers are withdrawn from journals for many reasons, which we survey here.",
		"The paper is withdrawn from the mould by a robot arm.",
		"The work is withdrawn from a quantum battery.",
		"The work withdrawn from a battery is bounded.",
		"The article is withdrawn by the robot before it dries.",
		"Many drugs have been withdrawn from the market worldwide, at a cost of billions.",
		"Retracted papers go on being cited.",
		"Bidders may profit by withdrawing a bid before the deadline.",
		"An earlier version of this paper has been withdrawn.",
	} {
		if withdrawnAbstract(a) {
			t.Errorf("struck out: %s", a)
		}
	}
}

// None of the corpus's papers is withdrawn: what the word is used for there is
// workshops, other papers, removed dependencies.
func TestNothingOfTheCorpusIsStruckOut(t *testing.T) {
	comments := 0
	for _, p := range recordings.Values[struct{ ID, Comment string }](t, "arxiv-corpus.jsonl.gz", recordings.All) {
		if p.Comment == "" {
			continue
		}
		comments++
		if Withdrawn(p.Comment) {
			t.Errorf("%s: %s", p.ID, p.Comment)
		}
	}
	if comments < 35_000 {
		t.Errorf("only %d comments", comments)
	}
}

func FuzzWithdrawn(f *testing.F) {
	for _, c := range withdrawals {
		f.Add(c)
	}
	for _, c := range standing {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Withdrawn(s)
		if again := Withdrawn("\n " + strings.ReplaceAll(s, " ", "\n")); got != again && !strings.Contains(s, "\n") {
			t.Errorf("%q is read otherwise when its lines are broken", s)
		}
		if got && !strings.Contains(strings.ToLower(s), "withdr") && !strings.Contains(strings.ToLower(s), "retract") && !strings.Contains(strings.ToLower(s), "removed") {
			t.Errorf("%q says nothing of the kind", s)
		}
	})
}
