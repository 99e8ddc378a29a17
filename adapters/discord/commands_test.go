package discord

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"paperboy/core/say"
	"paperboy/core/verbs"
)

func TestTheCommandTreeKeepsDiscordsLimits(t *testing.T) {
	for _, global := range []bool{true, false} {
		all := tree(global)
		papers := all[0]
		more := papers.Options[len(papers.Options)-1]
		if n := len(papers.Options); n != 22 || more.Name != "more" || more.Type != optionGroup || n-1+len(more.Options) != len(verbs.Table) {
			t.Errorf("%d subcommands and groups, of them %d in %s", n, len(more.Options), more.Name)
		}
		if papers.Options[0].Name != "search" {
			t.Error("search comes first: the bare command cannot be")
		}
		weight := say.Length(papers.Name + papers.Description)
		for _, verb := range append(slices.Clone(papers.Options), more.Options...) {
			weight += say.Length(verb.Name + verb.Description)
			if len(verb.Options) > 25 {
				t.Errorf("%s has %d options", verb.Name, len(verb.Options))
			}
			optional := false
			for _, o := range append([]option{verb}, verb.Options...) {
				if o.Name != strings.ToLower(o.Name) || say.Length(o.Name) > 32 || o.Description == "" || say.Length(o.Description) > 100 {
					t.Errorf("%s %s: %q", verb.Name, o.Name, o.Description)
				}
			}
			if verb.Type == optionGroup {
				continue
			}
			for _, o := range verb.Options {
				weight += say.Length(o.Name + o.Description)
				if o.Required && optional {
					t.Errorf("%s %s is required after an optional one", verb.Name, o.Name)
				}
				optional = optional || !o.Required
				if o.Completes && (len(o.Choices) > 0 || o.Type != optionString) || len(o.Choices) > 25 {
					t.Errorf("%s %s: choices and completion", verb.Name, o.Name)
				}
				for _, c := range o.Choices {
					weight += say.Length(c.Name + c.Value)
				}
			}
		}
		if weight > 8000 {
			t.Errorf("the command weighs %d", weight)
		}
	}
}

func TestWhatDiscordAddsToACommandIsNoDifference(t *testing.T) {
	raw, err := json.Marshal(tree(true))
	if err != nil {
		t.Fatal(err)
	}
	var kept []map[string]any
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	for _, c := range kept {
		c["id"], c["version"], c["nsfw"], c["default_member_permissions"] = "1", "2", false, nil
	}
	slices.Reverse(kept)
	raw, _ = json.Marshal(kept)
	var have []command
	if err := json.Unmarshal(raw, &have); err != nil {
		t.Fatal(err)
	}
	if !same(tree(true), have) {
		t.Error("they would be written again")
	}
	have[0].Name = "Else"
	if same(tree(true), have) {
		t.Error("a difference is passed over")
	}
}
