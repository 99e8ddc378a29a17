package names

import "strings"

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// The words that decide, in small letters where not said otherwise. They are
// those seen in some 180,000 names of arXiv's and Hugging Face's lists, and their
// kin.
var (
	// particles stand before a family name and belong to it.
	particles = set(`van von vom zu zur zum ter ten der den het 't de del della dello dalla dalle degli delle di da do dos das du des
		la le los las el al ul ud ur bin bint binti ibn ben bar abu abd abdel abdul abdur af av st st. san santa mac mc d' l' o'`)

	// northern ones may have two family names behind them.
	northern = set(`van von vom ter ten st st.`)

	// joiners stand between two family names, in small letters.
	joiners = set(`e i y dit`)

	// agnomens tell a son from his father too, but are the end of a family name.
	agnomens = set(`filho neto netto júnior junior sobrinho`)

	// eastern family names are of Vietnam, China and Korea: behind them, what
	// looks like a particle is a given name. Diacritics are folded.
	eastern = set(`nguyen tran le pham huynh hoang phan vu vo dang bui do ho ngo duong ly dinh kieu dao trinh truong doan luu mai cao lam ha ta thai quach
		wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang han deng feng cao peng zeng xiao
		tian dong pan yuan cai jiang yu du ye cheng wei su lu lyu lv ding ren shen yao yin bai fan qin shi tan hou meng kong dai jia xue qiu fu qian
		bi cen ni qi fang wen yan hao shao mao wan zou xiong gong pu ng oh ong an kim lee park choi jung kang cho yoon jang lim shin seo kwon hwang ahn hong yoo
		jeon ko moon bae baek nam noh heo chung ryu na min jin chu wong chan cheung leung lau lo yeung yip tsai hsu hsieh liao chiu chou kuo tsang kwok so to
		an tu yi xi xing ji fei gu mu pei ou bo ba sa nie nan lei zhong qu cui hua miao geng kuang jing ning ruan sha tong`)

	// degrees stand behind a name, without dots.
	degrees = set(`PhD Phd DPhil MD MSc BSc MPH MBBS Esq DSc ScD PharmD EdD`)

	// letters are degrees only behind a comma: MA may be a family.
	letters = set(`MA BA MS BS RN DO MBA DDS JD MEng BEng MPhil FRCP FRCS FACS PMP CPA PE`)

	// titles stand before a name, without a dot.
	titles = set(`dr prof professor mr mrs ms sir ing dipl-ing capt`)

	// collective words are in the names of organisations and teams alone.
	collective = set(`team teams lab labs laboratory laboratories group groups collaboration collaborations consortium university universität
		université universidad università institute institut instituto institution inc ltd llc gmbh corp corporation robotics project foundation
		community initiative center centre department academy alliance network society committee council association federation organization
		organisation agency ministry hospital college school partnership investigators contributors authors trust intelligence technologies
		technology studio studios systems workshop participants developers maintainers working force observatory coalition experiment fellow fellows`)

	// companies begin the names of their teams, written so.
	companies = set(`Tencent Google Meta Microsoft NVIDIA Nvidia ByteDance Bytedance Alibaba Baidu Xiaomi OpenAI DeepMind Amazon Apple IBM Samsung
		Mistral Cohere Qwen DeepSeek Moonshot MiniMax StepFun InternLM EleutherAI LAION BigScience BigCode Kuaishou Meituan Kwai
		SenseTime Salesforce Adobe NAVER Naver KunLun Anthropic Hunyuan Xiaohongshu`)
)

// special are the words of all lists that decide about a name of plain words with
// a capital, and of all else that does.
var special = func() map[string]bool {
	all := set("and ai research the jr sr ii iii iv 2nd 3rd phd et al others")
	for _, list := range []map[string]bool{particles, northern, joiners, agnomens, titles, collective, degrees, companies} {
		for w := range list {
			all[strings.ToLower(w)] = true
		}
	}
	return all
}()
