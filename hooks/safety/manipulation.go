package safety

import (
	"slices"

	"interictal/hooks/clinic"
)

// The gate before a manipulation (§7.3; IFOMPT framework 2020, Rushton 2023). No single test clears a patient, and none of
// this detects everything: the gate asks that the reasoning was done, in the same visit. It stops the act; one that was done
// is recorded.

// Act is what somebody is about to do to a neck, or to plan or prescribe.
type Act struct {
	Technique   string
	Region      string
	EndRotation bool   // mobilization into end-range rotation
	Code        string // of the library: C05 is self-rotation with a strap
}

// Gated: manipulation, end-range rotation of C0–C2 (or of nobody said where), and the home item C05.
func (a Act) Gated() bool {
	upper := a.Region == "" || a.Region == "C0_C1" || a.Region == "C1_C2" || a.Region == "upper_cervical"
	return a.Technique == "manipulation" || a.EndRotation && upper || a.Code == "C05"
}

// Contraindications: one yes refuses, and nobody can override (HARD). The order is the framework's.
var Contraindications = []string{
	"artery_dissection",   // cervical artery dissection, suspected or past
	"worsening_neurology", // worsening neurology, cord or upper-motor-neuron sign, multilevel root signs
	"recent_trauma",       // relevant trauma, fracture
	"night_pain",          // unremitting night or non-mechanical pain
	"instability",         // upper cervical: rheumatoid, Down syndrome, ligament injury
	"bone_disease",        // or infection, tumour
	"bleeding",            // anticoagulant above range, bleeding disorder
}

// Precautions: one yes refuses unless a licensed therapist gives a reason (OVERRIDE).
var Precautions = []string{
	"hypermobility", "osteoporosis", "long_steroids", "cancer_history", "inflammatory_disease", "hypertension", "smoking",
	"oral_contraceptive", "recent_infection", "migraine_aura", "adverse_reaction", "pregnancy", "high_fear",
}

// The codes that an act in a visit meets.
const (
	Contra     = "E_MANIP_CONTRA"
	Precaution = "E_MANIP_PRECAUTION"
)

const (
	adult      = 18
	precarious = 55 // over this age a manipulation needs a reason
)

// Reasoning is what was asked and examined before an act.
type Reasoning struct {
	Answers   map[string]clinic.YesNo // contraindications and precautions
	Age       *int                    // nil: no date of birth
	Reasoned  bool                    // a licensed therapist has given a reason to go on in spite of a precaution
	Examined  clinic.YesNo            // vascular, neurological and cranial-nerve examination
	Systolic  *float64
	Diastolic *float64
	Consent   clinic.YesNo // to this technique
	Rationale string       // why something that is no thrust is not enough
}

// Gate judges an act in a visit: everything is asked, examined and agreed in that same visit. A nil Reasoning is none at all.
func Gate(r *Reasoning) []clinic.Broken {
	if r == nil {
		return []clinic.Broken{notScreened("screen")}
	}
	broken := r.history()
	missing := r.missing()
	if !r.Examined.Known() || r.Examined == clinic.No {
		missing = append(missing, "examined")
	}
	if r.Systolic == nil || r.Diastolic == nil {
		missing = append(missing, "blood_pressure")
	}
	if !r.Consent.Known() {
		missing = append(missing, "consent")
	}
	if r.Rationale == "" {
		missing = append(missing, "rationale")
	}
	if len(missing) > 0 {
		broken = append(broken, notScreened(missing...))
	}
	return clinic.HardFirst(broken)
}

// GatePlan judges an item that is put into a plan or a home program: contraindications and precautions come first, the
// rest is done when the act is.
func GatePlan(r *Reasoning) []clinic.Broken {
	if r == nil {
		return []clinic.Broken{notScreened("screen")}
	}
	broken := r.history()
	if missing := r.missing(); len(missing) > 0 {
		broken = append(broken, notScreened(missing...))
	}
	return clinic.HardFirst(broken)
}

// history: what was found against it.
func (r *Reasoning) history() []clinic.Broken {
	var broken []clinic.Broken
	against := r.found(Contraindications)
	if r.Age != nil && *r.Age < adult {
		against = append(against, "under_18")
	}
	if r.Consent == clinic.No {
		against = append(against, "no_consent")
	}
	if len(against) > 0 {
		broken = append(broken, hard(Contra, "There is a contraindication: this is not done to this patient.", "found", against))
	}
	if careful := r.precautions(); len(careful) > 0 && !r.Reasoned {
		b := hard(Precaution, "There is a precaution: it needs a physical therapist's reason.", "found", careful)
		b.Severity = clinic.Override
		b.Params["giveReasonAt"] = "manipulation_screens"
		broken = append(broken, b)
	}
	return broken
}

func (r *Reasoning) precautions() []string {
	found := r.found(Precautions)
	if r.Age != nil && *r.Age > precarious {
		found = append(found, "over_55")
	}
	high := r.Systolic != nil && *r.Systolic >= 140 || r.Diastolic != nil && *r.Diastolic >= 90
	if high && !slices.Contains(found, "hypertension") {
		found = append(found, "hypertension")
	}
	return found
}

func (r *Reasoning) found(questions []string) (yes []string) {
	for _, q := range questions {
		if r.Answers[q] == clinic.Yes {
			yes = append(yes, q)
		}
	}
	return yes
}

// missing: unknown is not no. What was not asked is asked first.
func (r *Reasoning) missing() (out []string) {
	for _, q := range slices.Concat(Contraindications, Precautions) {
		if !r.Answers[q].Known() {
			out = append(out, q)
		}
	}
	if r.Age == nil {
		out = append(out, "age")
	}
	return out
}

func notScreened(missing ...string) clinic.Broken {
	return hard("E_MANIP_SCREEN", "Before this, the screen of the same visit has to be complete.", "missing", missing)
}

func hard(code, message, name string, value any) clinic.Broken {
	return clinic.Broken{Code: code, Severity: clinic.Hard, Message: message, Params: map[string]any{name: value}}
}
