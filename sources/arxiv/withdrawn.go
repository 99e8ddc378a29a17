package arxiv

import (
	"regexp"
	"strings"
)

// The reader of notices of withdrawal. In: an author's or arXiv's comment on
// the newest version, or an abstract. Out: whether it says that this paper is
// withdrawn. It is tuned to miss rather than to strike out what stands: what is
// said must be said of this paper, by its authors or arXiv, and hold now.
//
// A comment is cut into clauses. A clause is a notice when it has one of these
// forms, and nothing in the comment says that it is over:
//
//	this paper | the current version … has been withdrawn …   said of the paper
//	we | the authors … withdraw … this paper …                said by the authors
//	request the withdrawal of my submission                   with a noun
//	withdrawn due to | by the author | ; …                    first, or behind a count of pages

const (
	noun   = `(?:paper|manuscript|article|submission|preprint|pre-print|e-?print|work|thesis|note|report|draft|document|version)s?`
	ours   = `(?:this|our|my|these|the (?:present|current|following)|the)`
	paper  = ours + ` (?:(?:present|current|following|arxiv|whole|entire|short|technical|research|original research) )?` + noun + `(?: of (?:this|the|our|my) ` + noun + `)?`
	manner = `(?:(?:now|hereby|therefore|thus|also|since|being|temporarily|voluntarily|permanently|completely|officially|formally|entirely|fully|unfortunately|regretfully) )*`
	taken  = `(?:withdrawn|retracted)`
	author = `(?:we|i|(?:(?:the|all|both|all the|its|all of the) )?(?:(?:first|corresponding|lead|sole|main|original|submitting) )?authors?)`
	take   = `(?:withdraw|retract)`
	// what stands between the authors and what they do
	decide = manner + `(?:(?:have|has|had|would like|wish|want|need|must|decided|choose|chose|regret|are|is|am|to|jointly|agreed|hereby|decide|been) )*` + manner
	byUs   = `by (?:(?:the|its|all|both|this|first|corresponding|main|lead|sole|our|submitting|original|of) )*(?:authors?\b'?|us\b|me\b|myself\b|ourselves\b|submitters?\b|(?:the )?arxiv\b(?:['’]s)?(?: admin\w*| staff| moderat\w+)?|administrators?\b|admins?\b|moderators?\b)`
)

var (
	ofPaper   = regexp.MustCompile(`\b` + paper + ` (?:(?:has|have|as) ` + manner + `been|is being|is|was|are|were) ` + manner + taken + `\b`)
	ofPapers  = regexp.MustCompile(`(?:^|, )(?:paper|manuscript|submission|article|preprint) (?:(?:has been|is being|is|was|being) )?` + manner + taken + `\b`)
	byAuthors = regexp.MustCompile(`\b` + author + ` ` + decide + `(?:` + take + `|withdrew|retracted|withdrawn|` + take + `s|withdrawing|retracting) ` + paper + `\b`)
	bareVerb  = regexp.MustCompile(`^(?:withdrew|withdrawing|retracting) ` + paper + `\b`)
	request   = regexp.MustCompile(`\b(?:seek|request|requesting|requested|ask|announce|apply) (?:for )?(?:the |a )?(?:withdrawal|retraction) of ` + paper + `\b|\brequest (?:that )?` + paper + ` (?:to )?be ` + taken + `\b`)
	nounFirst = regexp.MustCompile(`^(?:the )?(?:withdrawal|retraction)(?: notice)?(?: of ` + paper + `)? ?(?:due to|because|for\b|owing to|as\b|:)`)
	mustBe    = regexp.MustCompile(`^` + paper + ` .*\b(?:and|so|hence|thus|therefore) (?:it )?(?:therefore |thus |hence )?(?:needs?|has|have) to be ` + taken + `$`)
	bare      = regexp.MustCompile(`^` + manner + taken + `(?: (?:paper|manuscript|submission|article|preprint))?\b`)
	removed   = regexp.MustCompile(`\b(?:this|the (?:present|current)) ` + noun + ` (?:has been|was|is) removed ` + byUs + `|^removed by (?:the )?arxiv admin`)

	// what may stand before a bare notice: counts, a label
	count = regexp.MustCompile(`^(?:(?:\d+|\w+) ?(?:\+ ?\d+ ?)?(?:pages?|pp|p|figures?|figs?|tables?|columns?)\.?|in total|including (?:references|appendix|appendices)|(?:pdf|la|rev|ams)*tex(?:2e|4)?|in english|with|and|plus|pages?|figures?|tables?|[\d ]+)(?: (?:(?:(?:and|with|plus) )?\d+ ?(?:pages?|pp|figures?|figs?|tables?)|total|including references))*\.?$`)
	label = regexp.MustCompile(`^(?:(?:v|version )\d+ ?: ?|(?:note|notes|comment|comments|update|updated?|important|notice|remark|arxiv admin(?:istrators?)? (?:note|comment)|admin note|withdrawal notice)\b ?:? ?)+`)

	// what is said there of something else, or of another time
	joined = regexp.MustCompile(`\b(?:of|in|from|to|by|with|about|for|than|and|or|if|when|until|unless|before|after|once|whether|where|why|how|not|never|see|cf|replaces|supersedes|extends) $`)
	venue  = regexp.MustCompile(`\b(?:workshop|conference|proceedings|openreview|neurips|nips|iclr|icml|cvpr|iccv|eccv|acl|emnlp|naacl|aaai|ijcai|kdd|journal|track|symposium|accepted|to appear|published|camera.?ready)\b`)
	maybe  = regexp.MustCompile(`\b(?:if|whether|unless|when|once|before|until|in case|provided|not|never|should|could|may|might|will|plan|consider\w*|claim\w*|says?|said|rumou?rs?|alleg\w*|argue\w*|believe\w*|who|whose|those|false|dispute\w*|ask\w*|stud(?:y|ies)|model\w*|discuss\w*|reply|rebuttal) `)
	unless = regexp.MustCompile(`^,? ?(?:if|unless|when|once)\b|\b(?:if|unless)\b`)
	over   = regexp.MustCompile(`\b(?:reinstat\w+|restor(?:ed|ing)|resurrect\w+|reviv\w+|no longer (?:withdrawn|retracted)|un-?withdrawn|(?:not|never|wrongly|erroneously|accidentally|inadvertently|mistakenly|previously|formerly|originally|initially|once|earlier) (?:withdrawn|withdrew|retracted)|(?:withdrawn|withdrew|retracted)(?: \w+)? (?:in error|by mistake|by accident|erroneously|accidentally|inadvertently|mistakenly)|withdrawal (?:is|was|has been|itself) |now (?:\w+ )?(?:complete|completed|fixed|corrected|resolved|repaired|revised|sound|valid)|(?:is|are|has been|have been|was|were|gets?) (?:now )?(?:fixed|corrected|repaired|resolved) (?:here|now|in (?:this|the present|the current|v\d+|version \d+))|(?:this|present|current|new|latest|one|revised|corrected) (?:version|revision|one|paper|replacement|update|submission) (?:\w+ )?(?:fixes|corrects|repairs|resolves|replaces|addresses|is (?:a|the) (?:\w+ )?(?:new|corrected|revised|complete|fixed|replacement|resubmission|version|replaced))|this is (?:a|the|an|our) (?:\w+ )?(?:new|corrected|revised|complete|fixed|replacement|resubmission|updated|improved|version)|replac(?:es|ing) (?:the|a|an) (?:\w+ )?(?:withdrawn|retracted)|resubmitted (?:version|here|after|now)|(?:here|this) is the (?:corrected|revised|new))\b`)
	again  = regexp.MustCompile(`^,? ?(?:and|then|but|, then) (?:has been |was |is |then |later |now |subsequently |therefore )*(?:re-?submitted|re-?uploaded|re-?written|re-?posted|revised|corrected|fixed|accepted|published|replaced by (?:this|the (?:present|current)))`)

	// of where it was withdrawn from, up to what it is withdrawn for
	reason = regexp.MustCompile(`^.*?(?:$|[,:]|\b(?:due|because|as|since|for|to|so|pending|owing|following|until|that|which|in favou?r|in order|in light|in view|in its|in full|at the request|at (?:the )?(?:first )?authors?\b))`)
	where  = regexp.MustCompile(`\b(?:from|at|in|during|before|after|when|while|under)\b`)
	arxivs = regexp.MustCompile(`\bfrom (?:the |this )?(?:arxiv|archive|server|public|circulation|preprint server|repository)\b(?: (?:view|access|repository|server))?|\b(?:in|on|at) (?:the )?arxiv\b`)
	others = regexp.MustCompile(`\barxiv: ?[a-z\-.]*/?\d|\b(?:comment on|reply to|response to|erratum to)\b`)
)

// Withdrawn reports whether the comment on a paper's newest version says that
// the paper is withdrawn.
func Withdrawn(comment string) bool {
	text := plain(comment)
	if !strings.Contains(text, "withdr") && !strings.Contains(text, "retract") && !strings.Contains(text, "removed") || over.MatchString(text) {
		return false
	}
	venues := venue.MatchString(text)
	counts := true // nothing but counts so far
	said := ""     // before the clause
	for _, c := range clauses(text) {
		c = label.ReplaceAllString(c, "")
		if explicit(c, said, venues) || counts && !venues && begins(c) {
			return true
		}
		// "10 pages, withdrawn because of an error"
		for first, rest, found := strings.Cut(c, ", "); found && counts && count.MatchString(strings.TrimSpace(first)); first, rest, found = strings.Cut(rest, ", ") {
			if !venues && begins(rest) {
				return true
			}
		}
		counts = counts && isCount(c)
		said += c + " "
	}
	return false
}

// withdrawnAbstract reports whether an abstract begins with a notice, as older
// ones do. An abstract may be about papers that are withdrawn, or about
// withdrawal; so only the paper's own form counts, and only there.
func withdrawnAbstract(abstract string) bool {
	const long = 400 // characters in which a notice begins
	if len(abstract) > long {
		abstract = abstract[:long]
	}
	text := plain(abstract)
	if !strings.Contains(text, "withdr") && !strings.Contains(text, "retract") || over.MatchString(text) {
		return false
	}
	cs := clauses(text)
	if len(cs) == 0 {
		return false
	}
	first := label.ReplaceAllString(cs[0], "")
	for _, form := range []*regexp.Regexp{ofPaper, ofPapers, byAuthors} {
		if at := form.FindStringIndex(first); at != nil && at[0] == 0 && !strings.HasPrefix(first, "the work") && !strings.HasPrefix(first, "the document") && holds(first[at[1]:]) {
			return true
		}
	}
	return false
}

// explicit reports whether the clause says of whom it speaks, and that is this
// paper.
func explicit(c, said string, venues bool) bool {
	for _, form := range forms {
		at := form.FindStringIndex(c)
		if at == nil || maybe.MatchString(c[:at[0]]) || unless.MatchString(c[at[1]:]) || form != request && joined.MatchString(c[:at[0]]) {
			continue
		}
		it, tail := c[at[0]:at[1]], c[at[1]:]
		past := strings.Contains(it, " was ") || strings.Contains(it, " were ") || strings.Contains(it, "submission") || strings.Contains(it, "withdrew")
		own := withdrawers.MatchString(strings.TrimSpace(tail))
		switch {
		case strings.HasPrefix(tail, "'"): // of the paper's claims
		case (past || form == ofPapers) && venues && !own:
		case strings.HasPrefix(it, "the ") && others.MatchString(said+c[:at[0]]): // whose paper?
		case form == nounFirst || form == mustBe, holds(tail):
			return true
		}
	}
	return false
}

var (
	withdrawers = regexp.MustCompile(`^` + byUs)
	forms       = []*regexp.Regexp{ofPaper, ofPapers, byAuthors, bareVerb, request, nounFirst, mustBe, removed}
)

// begins reports whether the clause is a bare notice.
func begins(c string) bool {
	c = label.ReplaceAllString(strings.TrimSpace(c), "")
	at := bare.FindStringIndex(c)
	if at == nil || unless.MatchString(c[at[1]:]) {
		return false
	}
	tail := strings.TrimLeft(c[at[1]:], " ,:")
	explained := strings.HasPrefix(c[at[1]:], ":") && !others.MatchString(tail[:min(len(tail), 12)]) && !strings.Contains(tail, "withdrawn") && !strings.Contains(tail, "retracted")
	return (tail == "" || explained || bareTail.MatchString(tail)) && holds(c[at[1]:])
}

var bareTail = regexp.MustCompile(`^(?:by\b|due\b|because\b|for\b|as\b|since\b|pending\b|until\b|owing\b|following\b|on\b|to (?:be|avoid|prevent|make|allow|fix|correct|address|add|revise|improve)\b|in (?:favou?r|order|light|view)\b|at\b|see\b|please\b|superseded\b|replaced\b|errors?\b|an? error\b|incorrect\b|wrong\b|after\b|and (?:superseded|replaced|merged)\b|from (?:the )?arxiv\b)`)

// holds reports whether what follows a notice leaves it one: by somebody whose
// paper it is, from arXiv, and for now.
func holds(tail string) bool {
	tail = strings.TrimSpace(tail)
	tail = strings.TrimSpace(withdrawers.ReplaceAllString(tail, ""))
	if strings.HasPrefix(tail, "-") || strings.HasPrefix(tail, "by ") || again.MatchString(tail) {
		return false
	}
	head := arxivs.ReplaceAllString(reason.FindString(tail), "")
	return !where.MatchString(strings.TrimSpace(cutReason(head)))
}

// cutReason is the head without the words that end it.
func cutReason(head string) string {
	for _, end := range []string{"in favor", "in favour", "in order", "in light", "in view", "in its", "in full", "at the request", "at the author", "at author", "at the first author"} {
		if i := strings.LastIndex(head, end); i >= 0 {
			head = head[:i]
		}
	}
	return head
}

func isCount(c string) bool {
	for _, part := range strings.Split(c, ",") {
		if part = strings.TrimSpace(part); part != "" && !count.MatchString(part) {
			return false
		}
	}
	return true
}

// plain is the text in small letters, with one kind of quote and dash, and
// brackets that part clauses.
func plain(s string) string {
	s = strings.ToLower(strings.ReplaceAll(squeeze(s), "(s)", "s"))
	s = strings.NewReplacer("*", "", "_", "", `"`, "", "“", "", "”", "", "`", "", "~", " ", "’", "'", "—", "; ", "–", "-", " - ", "; ", " -- ", "; ", "---", "; ",
		"(", "; ", ")", "; ", "[", "; ", "]", "; ", "{", "", "}", "").Replace(s)
	return squeeze(s)
}

var clauseEnd = regexp.MustCompile(`[;!?]|\.(?: |$)`)

func clauses(text string) []string {
	var out []string
	for _, c := range clauseEnd.Split(text, -1) {
		if c = strings.Trim(c, " ,:.-#"); c != "" {
			out = append(out, c)
		}
	}
	return out
}
