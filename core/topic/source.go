package topic

import "strings"

// All that the language knows of sources by name: those of which people speak
// under several names, or under one that is not what papers say.
const (
	huggingFace = "hf" // whose list is a choice already: see Scope.Admits
	arxiv       = "arxiv"
)

// SourceName is how topics write a source's name: small letters, single
// blanks, and hf for Hugging Face.
func SourceName(s string) string {
	switch s = strings.Join(strings.Fields(strings.ToLower(s)), " "); s {
	case "huggingface", "hugging face", "hugging-face":
		return huggingFace
	}
	return s
}

// sourceTitle is what people call a source; ok is false where that is its name.
func sourceTitle(name string) (title string, ok bool) {
	switch name {
	case huggingFace:
		return "Hugging Face", true
	case arxiv:
		return "arXiv", true
	}
	return name, false
}
