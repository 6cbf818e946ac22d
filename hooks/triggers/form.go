package triggers

import (
	"fmt"

	"interictal/hooks/clinic"
)

const (
	MostActive = 20  // factors at once: the more, the less each can show (§4.7)
	TrackedFor = 180 // days, when nobody says how long (§3.4)
)

// Form is how a factor is asked and read. What decides about its analysis is fixed before any result (§4.3).
type Form struct {
	Code           string // in the catalogue; "" = the person's own
	Kind           Kind
	Lag            int
	Unit           string
	Prodrome, Food bool
	Rule           CutRule  // of a number
	At             *float64 // the cut, for the rules that need one
}

var asked = map[Kind]string{YesNo: "yes or no", Number: "a number"}

// Settled takes from the catalogue what the catalogue fixes; a number of the person's own is cut at her median unless she said where.
// Codes: E_TRIGGER_CODE, E_TRIGGER_KIND, E_TRIGGER_CUT.
func (f Form) Settled() (Form, *clinic.Broken) {
	entry, known := InCatalogue(f.Code)
	switch {
	case f.Code == "":
		return f.cut()
	case f.Code == Menstrual:
		return f, wrong("E_TRIGGER_CODE", "code", "The days around the period follow from the days on which periods began: note those. They have a consent of their own.")
	case !known:
		return f, wrong("E_TRIGGER_CODE", "code", "There is no such factor in the catalogue. Leave the code empty for one of your own.")
	case entry.Kind != f.Kind:
		return f, wrong("E_TRIGGER_KIND", "kind", fmt.Sprintf("This factor is asked as %s.", asked[entry.Kind]))
	}
	f = Form{Code: f.Code, Kind: f.Kind, Lag: entry.Lag, Unit: entry.Unit, Prodrome: entry.Prodrome, Food: entry.Food}
	if entry.Cut != nil {
		f.Rule = entry.Cut.Rule
		if f.Rule != Median {
			f.At = &entry.Cut.At
		}
	}
	return f, nil
}

func (f Form) cut() (Form, *clinic.Broken) {
	if f.Kind == Number && f.Rule == "" {
		f.Rule = Median
	}
	needed := f.Rule != "" && f.Rule != Median
	if f.Kind == YesNo && f.Rule != "" || needed != (f.At != nil) {
		return f, wrong("E_TRIGGER_CUT", "cut_rule", "A rule for numbers needs its number, the median none, and yes or no has no rule.")
	}
	return f, nil
}

// Answers judges one day's answer to a factor: of its kind, and, where the catalogue knows it, a number that can be.
// Codes: E_EXPOSURE_KIND, E_VALUE.
func Answers(kind Kind, code string, met clinic.YesNo, amount *float64) *clinic.Broken {
	entry, known := InCatalogue(code)
	switch {
	case kind == YesNo && amount != nil:
		return wrong("E_EXPOSURE_KIND", "value", "This factor is answered with yes or no, not with a number.")
	case kind == Number && met != clinic.Unknown:
		return wrong("E_EXPOSURE_KIND", "exposed", "This factor is answered with a number.")
	case known && amount != nil && (*amount < entry.Least || *amount > entry.Most):
		b := wrong("E_VALUE", "value", fmt.Sprintf("Needs a number from %g to %g.", entry.Least, entry.Most))
		b.Params["least"], b.Params["most"] = entry.Least, entry.Most
		return b
	}
	return nil
}

func wrong(code, field, message string) *clinic.Broken {
	return &clinic.Broken{Code: code, Severity: clinic.Hard, Message: message, Params: map[string]any{"field": field}}
}
