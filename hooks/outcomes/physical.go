package outcomes

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"interictal/hooks/clinic"
)

// Measure is one physical test of one side, direction or site, as it was taken (§3.7). There are no norms that are passed or
// failed; a change is only read against the error of measuring it twice.
type Measure struct {
	ID           string
	Type         string
	Side         string // left, right, both
	Site         string // where, or in which direction
	Unit         string
	Value        *float64
	Readings     []float64 // three of one threshold
	Holds        *float64  // of ten seconds, in the craniocervical flexion test
	Positive     clinic.YesNo
	HeadacheFree clinic.YesNo
	HoursSince   *float64 // the last attack ended
	Rater        string
	Device       string
	Finding      string // of what is heard
	On           clinic.Day
}

// Test is what a kind of measure asks for. A test without a unit is a finding; its own form says what was found.
type Test struct {
	Type     string   `json:"type"`
	Units    []string `json:"units"`
	Min      float64  `json:"min"`
	Max      float64  `json:"max"`
	Whole    bool     `json:"whole"`
	Sided    bool     `json:"sided"`
	Sites    []string `json:"sites"` // none: any
	Readings int      `json:"readings"`
	HighGood bool     `json:"highGood"`
}

// KgfInKPa: 1 kgf/cm² in kPa.
const KgfInKPa = 98.0665

var (
	directions = []string{"flexion", "extension", "rotation_left", "rotation_right", "side_left", "side_right"}
	pptSites   = []string{"upper_trapezius", "suboccipital", "C5_C6", "temporalis", "masseter", "frontalis", "SCM", "tibialis_anterior"}
)

// Tests are the physical measures with numbers. The others of the exam form are positive or not, and posture is a note.
var Tests = []Test{
	{Type: "flexion_rotation", Units: []string{"deg"}, Max: 90, Sided: true, HighGood: true},
	{Type: "cervical_rom", Units: []string{"deg"}, Max: 120, Sites: directions, HighGood: true},
	{Type: "ppt", Units: []string{"kPa", "kgf_cm2"}, Max: 2000, Sided: true, Sites: pptSites, Readings: 3, HighGood: true},
	{Type: "craniocervical_flexion", Units: []string{"mmHg"}, Min: 20, Max: 30, HighGood: true},
	{Type: "tenderness", Units: []string{"score"}, Max: 3, Whole: true},
	{Type: "mouth_opening", Units: []string{"mm"}, Max: 100, HighGood: true},
	{Type: "neck_nrs", Units: []string{"score"}, Max: 10, Whole: true},
}

// Sounds that a jaw joint makes.
var Sounds = []string{"none", "click", "crepitus", "other"}

// TestOf finds what a kind of measure asks for; false: it has no number.
func TestOf(kind string) (Test, bool) {
	i := slices.IndexFunc(Tests, func(t Test) bool { return t.Type == kind })
	if i < 0 {
		return Test{}, false
	}
	return Tests[i], true
}

// Codes of what is wrong with a measure.
const (
	BadMeasure  = "E_MEASURE_RANGE"
	BadUnit     = "E_MEASURE_UNIT"
	BadSide     = "E_MEASURE_SIDE"
	BadSite     = "E_MEASURE_SITE"
	BadReadings = "E_MEASURE_READINGS"
)

// Check finds what is wrong with a measure. A test without a number yet is none of it: only what was said is judged.
func (m Measure) Check() (broken []clinic.Broken) {
	say := func(when bool, code, message, field string) {
		if when {
			broken = append(broken, fault(code, message, field))
		}
	}
	t, numbered := TestOf(m.Type)
	if !numbered {
		say(len(m.Readings) > 0, BadReadings, "This test has no readings.", "readings")
		return broken
	}
	said := append(slices.Clone(m.Readings), valueOf(m.Value)...)
	say(len(said) > 0 && !slices.Contains(t.Units, m.Unit), BadUnit, fmt.Sprintf("The unit of %s is one of %v.", t.Type, t.Units), "unit")
	say(slices.ContainsFunc(said, func(n float64) bool { return !t.takes(*inFirst(n, m.Unit)) }), BadMeasure, fmt.Sprintf("%s lies between %g and %g.", t.Type, t.Min, t.Max), "value")
	say(t.Sided && m.Side != "left" && m.Side != "right", BadSide, "Each side is a measure of its own.", "side")
	say(len(t.Sites) > 0 && !slices.Contains(t.Sites, m.Site), BadSite, fmt.Sprintf("Where or which way: one of %v.", t.Sites), "site")
	say(len(m.Readings) > t.Readings || len(m.Readings) > 0 && m.Value != nil, BadReadings, fmt.Sprintf("Up to %d readings, or their mean.", t.Readings), "readings")
	say(m.Holds != nil && (t.Type != "craniocervical_flexion" || !whole(*m.Holds, 0, 10)), BadMeasure, "Holds of ten seconds: 0 to 10, in the craniocervical flexion test.", "holds")
	say(t.Type == "craniocervical_flexion" && m.Value != nil && math.Mod(*m.Value, 2) != 0, BadMeasure, "The steps are 20, 22, 24, 26, 28 and 30 mmHg.", "value")
	return broken
}

func (t Test) takes(n float64) bool {
	return n >= t.Min && n <= t.Max && (!t.Whole || n == math.Trunc(n))
}

func whole(n, min, max float64) bool { return n >= min && n <= max && n == math.Trunc(n) }

func valueOf(n *float64) []float64 {
	if n == nil {
		return nil
	}
	return []float64{*n}
}

// ParseReadings reads [210, 220, 230].
func ParseReadings(raw []byte) (readings []float64, broken []clinic.Broken) {
	if text := strings.TrimSpace(string(raw)); text == "" || text == "null" {
		return nil, nil
	}
	if err := json.Unmarshal(raw, &readings); err != nil {
		return nil, []clinic.Broken{fault(BadReadings, "Readings are a list of numbers.", "readings")}
	}
	return readings, nil
}

// Number of a measure in the test's first unit, or why there is none. A threshold is the mean of three.
func (m Measure) Number() (n *float64, unit, reason string) {
	t, ok := TestOf(m.Type)
	if !ok || len(m.Check()) > 0 {
		return nil, "", ReasonInvalid
	}
	unit = t.Units[0]
	switch {
	case m.Value != nil:
		return inFirst(*m.Value, m.Unit), unit, ""
	case len(m.Readings) == 0:
		return nil, unit, ReasonNotEntered
	case len(m.Readings) < t.Readings:
		return nil, unit, "THREE_READINGS"
	}
	sum := 0.0
	for _, r := range m.Readings {
		sum += r
	}
	return inFirst(sum/float64(len(m.Readings)), m.Unit), unit, ""
}

func inFirst(n float64, unit string) *float64 {
	if unit == "kgf_cm2" {
		n *= KgfInKPa
	}
	return &n
}

// FlexionRotation of both sides.
type FlexionRotation struct {
	Left       *float64     `json:"left"`
	Right      *float64     `json:"right"`
	Positive   clinic.YesNo `json:"positive"`
	Difference *float64     `json:"difference"`
	Shown      bool         `json:"shown"` // a difference of 10° or more [D]
	Source     string       `json:"source"`
}

// ReadFlexionRotation: positive if the smaller side is 30° or less. One side alone can be positive, never negative.
func ReadFlexionRotation(left, right *float64) FlexionRotation {
	out := FlexionRotation{Left: left, Right: right, Source: "30° or less on the smaller side (Hall 2010, for cervicogenic headache)"}
	smaller := math.Inf(1)
	for _, side := range []*float64{left, right} {
		if side != nil {
			smaller = min(smaller, *side)
		}
	}
	both := left != nil && right != nil
	if smaller <= 30 || both {
		out.Positive = clinic.Said(smaller <= 30)
	}
	if both {
		difference := math.Abs(*left - *right)
		out.Difference, out.Shown = &difference, difference >= 10
	}
	return out
}

// Flexion is the result of the craniocervical flexion test.
type Flexion struct {
	Activation *float64     `json:"activation"` // mmHg above 20: the highest step held for ten seconds
	Index      *float64     `json:"index"`      // activation × correct holds, 0 to 100
	Poor       clinic.YesNo `json:"poor"`       // 24 mmHg was not reached
}

// ReadFlexion of the highest step and the holds at it.
func ReadFlexion(step, holds *float64) (out Flexion) {
	if step == nil {
		return out
	}
	activation := *step - 20
	out.Activation, out.Poor = &activation, clinic.Said(activation < 4)
	if holds != nil {
		index := activation * *holds
		out.Index = &index
	}
	return out
}

// noise is the smallest change of a test that measuring twice does not make by itself.
func noise(before, after Measure) (mdc float64, source string) {
	switch after.Type {
	case "flexion_rotation":
		return 7, "MDC at most 7°"
	case "cervical_rom":
		if after.Site == "rotation_left" || after.Site == "rotation_right" {
			return 5.4, "MDC of rotation 5.4° (Fletcher & Bandy 2008)"
		}
		return 9.6, "MDC 9.6°, the largest of the six directions (Fletcher & Bandy 2008)"
	case "ppt":
		if after.Site == "upper_trapezius" && after.Rater != "" && after.Rater == before.Rater && after.Device == before.Device {
			return 47, "MDC about 47 kPa at the trapezius, one trained rater (Walton 2011)"
		}
		return 2 * KgfInKPa, "day-to-day repeatability 2.0 kgf/cm² in people with headache (Sand 1997)"
	}
	return 0, ""
}

// Compare two measures of the same test, side and site.
func Compare(before, after Measure) Change {
	if before.Type != after.Type || before.Side != after.Side || before.Site != after.Site {
		return incomparable("ANOTHER_PLACE")
	}
	from, _, _ := before.Number()
	to, _, _ := after.Number()
	if from == nil || to == nil {
		return incomparable("NO_NUMBER")
	}
	t, _ := TestOf(after.Type)
	by := *to - *from
	out := Change{By: &by, Way: wayOf(by, t.HighGood), Verdict: NoRule}
	if mdc, source := noise(before, after); mdc > 0 {
		band := &Worth{Size: mdc, Noise: true, Source: source}
		out.Verdict, out.Next, out.Source = WithinNoise, band, source
		if math.Abs(by) >= mdc-tiny {
			out.Verdict, out.Reached, out.Next = BeyondNoise, band, nil
		}
	}
	out.Reads = readings[out.Verdict]
	if before.HeadacheFree != after.HeadacheFree || !after.HeadacheFree.Known() {
		out.Reason = "CONDITIONS_DIFFER" // with a headache, or nobody said: shown beside the number
	}
	return out
}
