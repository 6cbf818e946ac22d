package program_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"interictal/hooks/careplan"
	"interictal/hooks/program"
)

func TestTheLibraryIsWhole(t *testing.T) {
	count := map[string]int{}
	byCode := map[string]program.Entry{}
	for _, e := range program.Library() {
		count[e.Code[:1]]++
		byCode[e.Code] = e
		if e.Name == "" || e.DoseText == "" || e.Instructions == "" || e.Source == "" || e.Progression == "" || e.Version < 1 || !e.ReviewedOn.Valid() {
			t.Errorf("%s says too little: %+v", e.Code, e)
		}
		if !slices.Contains(careplan.Categories, e.Category) || !slices.Contains([]string{"A", "B", "C", "D"}, e.Grade) || len(e.Mechanism) == 0 || e.Ladder == nil {
			t.Errorf("%s: category %q, grade %q, mechanism %v, ladder %v", e.Code, e.Category, e.Grade, e.Mechanism, e.Ladder)
		}
		exercise := e.Category == careplan.ExerciseGeneralized || e.Category == careplan.ExerciseSpecific
		if exercise && (e.Region == "" || e.Aim == "" || e.Dose.PerWeek == 0) || e.Category == careplan.Manual && (e.Technique == "" || e.TechniqueGoal == "") {
			t.Errorf("%s: region %q, aim %q, technique %q for %q, dose %+v", e.Code, e.Region, e.Aim, e.Technique, e.TechniqueGoal, e.Dose)
		}
		if len(e.Ladder) > 0 && !exercise && e.Category != careplan.Relaxation {
			t.Errorf("%s: only what she does herself moves by rule", e.Code)
		}
	}
	// 17 CS + 6 Gen + 9 Man + 5 Mod + 4 Rel + 7 Edu (§8.2)
	for letter, n := range map[string]int{"C": 17, "G": 6, "M": 9, "O": 5, "R": 4, "E": 7} {
		if count[letter] != n {
			t.Errorf("%s has %d rows, not %d", letter, count[letter], n)
		}
	}
	if len(byCode) != 48 {
		t.Errorf("%d codes, not 48", len(byCode))
	}
	for code, technique := range map[string]string{"M01": "massage", "M04": "mobilization", "M06": "manipulation", "M07": "muscle_energy", "M08": "stretching", "C07": "stretching",
		"R01": "deep_breathing", "R02": "pmr", "R03": "guided_motor_imagery"} {
		if byCode[code].Technique != technique {
			t.Errorf("%s is %q, not %q", code, byCode[code].Technique, technique)
		}
	}
	for _, code := range []string{"O01", "O02", "O04", "R01"} {
		if !byCode[code].AttackOK {
			t.Errorf("%s may be done in an attack", code)
		}
	}
	for _, code := range []string{"C05", "M04", "M06", "O03", "O04"} {
		if !byCode[code].Screen {
			t.Errorf("%s asks for a screen first", code)
		}
	}
	for _, e := range program.Library() {
		if e.AttackOK && (e.Category == careplan.ExerciseGeneralized || e.Category == careplan.ExerciseSpecific || e.Category == careplan.Manual) {
			t.Errorf("%s is nothing for an attack", e.Code)
		}
	}
}

func TestEveryTopicHasAText(t *testing.T) {
	topics := map[string]bool{}
	for _, x := range program.Education() {
		topics[x.Topic] = true
		if !slices.Contains(program.Topics, x.Topic) || x.Title == "" || x.Author == "" || x.Source == "" || !x.PublishedOn.Valid() || !x.ReviewedOn.Valid() || !strings.Contains(x.Text, "Say it back:") {
			t.Errorf("%s: %+v", x.Code, x)
		}
	}
	for _, topic := range program.Topics {
		if !topics[topic] {
			t.Errorf("nothing on %s", topic)
		}
	}
}

func TestTemplatesNameWhatIsThere(t *testing.T) {
	home := map[string]bool{}
	for _, e := range program.Library() {
		home[e.Code] = e.Place == "home" && !e.Screen
	}
	for _, template := range program.Templates() {
		for _, item := range template.Items {
			if !home[item.Code] || item.Horizon != "short" && item.Horizon != "long" {
				t.Errorf("%s: %+v is nothing that a template may prefill", template.Code, item)
			}
		}
	}
}

// What a person reads: no claim that §7.5 forbids, and plain enough for grade 6.
func TestWordsForPatients(t *testing.T) {
	texts := map[string]string{}
	for _, e := range program.Library() {
		texts[e.Code] = e.Instructions + " " + e.Stop + " " + e.Caution
	}
	for _, x := range program.Education() {
		texts["text "+x.Code] = x.Title + ". " + x.Text
	}
	for code, text := range texts {
		if found := claims.FindString(text); found != "" {
			t.Errorf("%s claims too much: %q", code, found)
		}
		if g := schoolGrade(text); g > 6.9 {
			t.Errorf("%s reads like grade %.1f", code, g)
		}
	}
}

var (
	claims   = regexp.MustCompile(`(?i)\b(cures?|cured|guarantee\w*|heals?|prevents|will (reduce|help|stop|end)|your triggers?|triggers|proven|is safe|completely safe|instead of (your )?medicine|better than (your )?medicine|AI)\b`)
	sentence = regexp.MustCompile(`[.!?:]+(\s|$)`)
	word     = regexp.MustCompile(`[A-Za-z']+`)
	vowels   = regexp.MustCompile(`(?i)[aeiouy]+`)
)

// schoolGrade is Flesch and Kincaid's formula with syllables counted by groups of vowels.
func schoolGrade(text string) float64 {
	words := word.FindAllString(text, -1)
	sentences := max(1, len(sentence.FindAllString(text, -1)))
	syllables := 0
	for _, w := range words {
		n := len(vowels.FindAllString(w, -1))
		if strings.HasSuffix(strings.ToLower(w), "e") && !strings.HasSuffix(strings.ToLower(w), "le") && n > 1 {
			n--
		}
		syllables += max(1, n)
	}
	return 0.39*float64(len(words))/float64(sentences) + 11.8*float64(syllables)/float64(len(words)) - 15.59
}
