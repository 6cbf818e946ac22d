package report

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
	"interictal/hooks/safety"
)

// The page is for a physician: the words of the field, in one language.

func class(c diary.Class) string {
	if word, ok := classes[c]; ok {
		return word
	}
	return plain(string(c))
}

var classes = map[diary.Class]string{
	diary.Combination:      "combination analgesic",
	diary.SimpleAnalgesic:  "simple analgesic",
	diary.UnclassifiedDrug: "other acute medicine",
	medication.Several:     "several classes together",
}

func category(c careplan.Category) string {
	return map[careplan.Category]string{
		careplan.ExerciseGeneralized: "general exercise", careplan.ExerciseSpecific: "exercise for head, face and neck", careplan.Manual: "manual therapy",
		careplan.ModalityCold: "cold", careplan.ModalityElectrical: "neuromodulation", careplan.Relaxation: "relaxation",
		careplan.Education: "education", careplan.Lifestyle: "lifestyle",
	}[c]
}

func rationale(r careplan.Rationale) string {
	return map[careplan.Rationale]string{
		careplan.SideEffects: "side effects of medicine", careplan.Ineffective: "medicine did not help", careplan.Contraindicated: "medicine is limited by another condition",
	}[r]
}

func group(g careplan.Group) string {
	return map[careplan.Group]string{careplan.UpperCervical: "upper neck", careplan.NeckUpperBack: "neck and upper back", careplan.TMJ: "jaw", careplan.HeadFace: "head and face"}[g]
}

// listed puts what has a word into one line.
func listed[T any](all []T, word func(T) string) string {
	var out []string
	for _, x := range all {
		if w := word(x); w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, ", ")
}

// test of the examination, as a neurologist would say it.
func test(kind string) string {
	if said := map[string]string{"ppt": "pressure pain threshold", "cervical_rom": "neck movement", "flexion_rotation": "flexion-rotation test", "neck_nrs": "neck pain now (0–10)"}[kind]; said != "" {
		return said
	}
	return plain(kind)
}

// units as they are written behind a number; a score has none.
func units(unit string) string {
	switch unit {
	case "deg":
		return "°"
	case "score", "":
		return ""
	}
	return " " + unit
}

// redFlag in a clinician's words; one from elsewhere stays as it was written.
func redFlag(code string) string { return cmp.Or(safety.RedFlags.Says(code), code) }

func plain(code string) string { return strings.ReplaceAll(code, "_", " ") }

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// date is "5 Jan 2026".
func date(d clinic.Day) string {
	if !d.Valid() {
		return "no date"
	}
	return d.Start(time.UTC).Format("2 Jan 2006")
}

// number has one decimal, where it needs one.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64)
}

func signed(r diary.Rate) string {
	text := number(float64(r))
	switch {
	case strings.HasPrefix(text, "-"):
		return "−" + text[1:]
	case text == "0":
		return text
	}
	return "+" + text
}

func orUnknown(v *float64) string {
	if v == nil {
		return "not measured"
	}
	return number(*v)
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprint(n, " ", what, "s")
}
