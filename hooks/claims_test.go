package hooks_test

import (
	"encoding/json"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"interictal/hooks/safety"
)

// What the product never says (spec §7.5), in anything that a patient may read: the app's texts, the messages of refusals,
// the red flags and their questions, pages for patients.

type claim struct {
	Never   string `json:"never"`
	Pattern string `json:"pattern"`
	re      *regexp.Regexp
}

func claims(t *testing.T) []claim {
	t.Helper()
	var list []claim
	body, err := os.ReadFile("safety/testdata/banned.json")
	check(t, err)
	check(t, json.Unmarshal(body, &list))
	for i := range list {
		list[i].re = regexp.MustCompile("(?i)" + list[i].Pattern)
	}
	return list
}

// tMed is the one sentence about medicines, word for word.
const tMed = "Do not stop or change medicine because of this app. Ask the person who prescribed it."

// denies: a sentence that says what the app cannot do is no claim.
var denies = regexp.MustCompile(`(?i)\b(can.t|cannot|never|not|no)\b`)

func claimed(list []claim, text string) (out []string) {
	for sentence := range strings.SplitSeq(strings.ReplaceAll(text, tMed, ""), ".") {
		for _, c := range list {
			if c.re.MatchString(sentence) && !denies.MatchString(sentence) {
				out = append(out, c.Never+": "+strings.TrimSpace(sentence))
			}
		}
	}
	return out
}

var (
	quoted  = regexp.MustCompile("'(?:[^'\\\\\n]|\\\\.)*'|\"(?:[^\"\\\\\n]|\\\\.)*\"|`(?:[^`\\\\]|\\\\.)*`")
	tagText = regexp.MustCompile(`>([^<>{}]+)<`)
)

// patientTexts are all of them by where they stand.
func patientTexts(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	files, err := filepath.Glob("../pb_public/src/app/*.*")
	check(t, err)
	areas, err := filepath.Glob("../pb_public/src/app/*/*.*")
	check(t, err)
	shared, err := filepath.Glob("../pb_public/src/lib/safety/*.ts")
	check(t, err)
	pages, err := filepath.Glob("../docs/*patient*.md")
	check(t, err)
	for _, file := range slices.Concat(files, areas, shared, pages) {
		body, err := os.ReadFile(file)
		check(t, err)
		switch {
		case strings.HasSuffix(file, ".test.ts"), strings.HasSuffix(file, ".css"):
		case strings.HasSuffix(file, ".md"):
			out[file] = []string{string(body)}
		default:
			out[file] = quoted.FindAllString(string(body), -1)
			for _, m := range tagText.FindAllStringSubmatch(string(body), -1) {
				out[file] = append(out[file], m[1])
			}
		}
	}
	for _, q := range safety.RedFlags.Questions {
		out["safety/redflags.json"] = append(out["safety/redflags.json"], q.Asks)
	}
	for _, row := range safety.RedFlags.Rows {
		out["safety/redflags.json"] = append(out["safety/redflags.json"], row.Says)
	}
	code(t, ".", func(n ast.Node) { // every sentence of a refusal
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return
		}
		if name, ok := call.Fun.(*ast.Ident); ok && (name.Name == "hard" || name.Name == "fault") {
			out["refusals"] = append(out["refusals"], literal(call.Args[1]))
		}
	})
	return out
}

func TestNothingIsClaimed(t *testing.T) {
	t.Parallel()
	list := claims(t)
	texts := patientTexts(t)
	for _, must := range []string{"../pb_public/src/app/text.ts", "../pb_public/src/app/text.screens.ts", "refusals", "safety/redflags.json"} {
		if len(texts[must]) < 20 {
			t.Errorf("only %d texts in %s", len(texts[must]), must)
		}
	}
	for where, all := range texts {
		for _, text := range all {
			for _, claim := range claimed(list, text) {
				t.Errorf("%s claims %s", where, claim)
			}
		}
	}
}

// The list notices what it is there for, and leaves ordinary words alone.
func TestClaimsAreNoticed(t *testing.T) {
	t.Parallel()
	list := claims(t)
	for never, said := range map[string]string{
		"cure":                                  "This program cures migraine.",
		"prevention":                            "It prevents attacks.",
		"a guaranteed reduction":                "Fewer days, guaranteed.",
		"diagnosis":                             "You have chronic migraine.",
		"your trigger":                          "Red wine is your trigger.",
		"safe because no flags":                 "You are safe.",
		"drug advice":                           "Take another tablet.",
		"equivalence to drugs":                  "Works like a drug.",
		"device clearance for this person":      "This device is right for you.",
		"risk of an attack as a number":         "Your risk of an attack is 40 %.",
		"ranking of therapists":                 "One of the best therapists.",
		"trial averages as a personal forecast": "You will have fewer headache days.",
		"clinical advice by AI":                 "The AI suggests a rest day.",
	} {
		if got := claimed(list, said); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, never+":") }) {
			t.Errorf("%q passes as %v", said, got)
		}
	}
	if len(list) != 13 {
		t.Errorf("%d things are never said", len(list))
	}
	for _, fine := range []string{tMed, "A preventive medicine.", "This list can’t tell you that all is well.", "No current over the front of the neck.", "Headache today, noted.", "I took something"} {
		if got := claimed(list, fine); len(got) > 0 {
			t.Errorf("%q is %v", fine, got)
		}
	}
}

// Where a page lists medicines to take, the sentence stands beside them: in the page, or in the one that holds it.
func TestMedicinesAreShownWithTheSentence(t *testing.T) {
	t.Parallel()
	texts, err := os.ReadFile("../pb_public/src/app/text.screens.ts")
	check(t, err)
	if !strings.Contains(string(texts), tMed) {
		t.Error("the app does not have the sentence")
	}
	files, err := filepath.Glob("../pb_public/src/app/*.svelte")
	check(t, err)
	shown := 0
	for _, file := range files {
		body, err := os.ReadFile(file)
		check(t, err)
		if !strings.Contains(string(body), "{#each drugs(") && !strings.Contains(string(body), "{#each medications") {
			continue
		}
		shown++
		if !strings.Contains(string(body), "tMed") {
			t.Errorf("%s shows medicines without the sentence (text.attack.tMed)", file)
		}
	}
	if shown == 0 {
		t.Error("no page shows medicines")
	}
}
