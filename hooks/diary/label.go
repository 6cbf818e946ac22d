package diary

import (
	"slices"
	"time"

	"interictal/hooks/clinic"
)

// LabelRules is stored beside a label: the rules it was made with.
const LabelRules = "ichd3-2018/1"

// Kind says which diary rule an entry fits. It is not a diagnosis.
type Kind string

const (
	MigraineLike         Kind = "migraine_like"
	ProbableMigraineLike Kind = "probable_migraine_like" // ICHD-3 1.5: all criteria but one
	AuraOnly             Kind = "aura_only"
	OtherHeadache        Kind = "other_headache"
	NotClassifiable      Kind = "not_classifiable"
)

// Label is the kind and why: which criteria fail (DURATION, C, D) and, where the kind is open, which answers are
// missing.
type Label struct {
	Kind    Kind     `json:"kind"`
	Rules   string   `json:"rules"`
	Fails   []string `json:"fails,omitempty"`
	Missing []string `json:"missing,omitempty"`
}

// LabelOf judges one attack (§3.1). Only doses logged with it, or with no attack and taken during it, are looked at.
func LabelOf(a Attack, doses []Dose, adult clinic.YesNo) Label {
	if a.painless() {
		return labelPainless(a)
	}
	return a.judge(treatedEarly(a, doses), adult)
}

// Labels judges every attack, in the order of e.Attacks.
func Labels(e Entries) []Label {
	linked := map[string][]Dose{}
	loose := []Dose{}
	for _, d := range e.Doses {
		if d.Attack == "" {
			loose = append(loose, d)
			continue
		}
		linked[d.Attack] = append(linked[d.Attack], d)
	}
	slices.SortFunc(loose, func(a, b Dose) int { return a.Taken.Compare(b.Taken) })
	labels := make([]Label, len(e.Attacks))
	for i, a := range e.Attacks {
		labels[i] = LabelOf(a, append(during(loose, a), linked[a.ID]...), e.Adult)
	}
	return labels
}

// during picks the doses within the attack's first four hours out of doses sorted by time.
func during(sorted []Dose, a Attack) []Dose {
	first, _ := slices.BinarySearchFunc(sorted, a.Start, func(d Dose, t time.Time) int { return d.Taken.Compare(t) })
	last, _ := slices.BinarySearchFunc(sorted, a.Start.Add(4*time.Hour), func(d Dose, t time.Time) int { return d.Taken.Compare(t) })
	return slices.Clone(sorted[first:last])
}

func labelPainless(a Attack) Label {
	switch a.hadAura() {
	case clinic.Yes:
		return Label{Kind: AuraOnly, Rules: LabelRules}
	case clinic.No:
		return Label{Kind: OtherHeadache, Rules: LabelRules}
	}
	return Label{Kind: NotClassifiable, Rules: LabelRules, Missing: []string{"aura"}}
}

func (a Attack) judge(treated bool, adult clinic.YesNo) Label {
	criteria := []struct {
		name  string
		holds clinic.YesNo
		asks  []string
	}{
		{"DURATION", a.lastsLikeMigraine(treated, adult), a.missingForDuration()},
		{"C", a.criterionC(), a.missingForC()},
		{"D", a.criterionD(), a.missingForD()},
	}
	label := Label{Rules: LabelRules}
	for _, c := range criteria {
		switch c.holds {
		case clinic.No:
			label.Fails = append(label.Fails, c.name)
		case clinic.Unknown:
			label.Missing = append(label.Missing, c.asks...)
		}
	}
	label.Kind = kindOf(len(label.Fails), len(label.Missing) > 0)
	if label.Kind == OtherHeadache {
		label.Missing = nil // two failures decide, whatever else is unknown
	}
	return label
}

func kindOf(fails int, open bool) Kind {
	switch {
	case fails >= 2:
		return OtherHeadache
	case open:
		return NotClassifiable
	case fails == 1:
		return ProbableMigraineLike
	}
	return MigraineLike
}

// criterionC is two of four: one-sided, pulsating, moderate or severe, worse with routine activity (ICHD-3 1.1 C).
func (a Attack) criterionC() clinic.YesNo {
	yes, open := 0, 0
	for _, sign := range a.signsOfC() {
		switch sign {
		case clinic.Yes:
			yes++
		case clinic.Unknown:
			open++
		}
	}
	switch {
	case yes >= 2:
		return clinic.Yes
	case yes+open < 2:
		return clinic.No
	}
	return clinic.Unknown
}

func (a Attack) signsOfC() [4]clinic.YesNo {
	return [4]clinic.YesNo{a.Unilateral, a.Pulsating, a.own().AtLeast(4), a.Activity}
}

// criterionD is nausea or vomiting, or light and sound together (ICHD-3 1.1 D).
func (a Attack) criterionD() clinic.YesNo {
	return a.Nausea.Or(a.Vomiting).Or(a.Photophobia.And(a.Phonophobia))
}

// features: C and D within this one attack.
func (a Attack) features() clinic.YesNo { return a.criterionC().And(a.criterionD()) }

// lastsLikeMigraine is ICHD-3 1.1 B. More than 72 h fails whatever was taken; an attack treated early fits whatever
// its length, open or not; an open untreated one is not yet decided.
func (a Attack) lastsLikeMigraine(treated bool, adult clinic.YesNo) clinic.YesNo {
	known := a.until().Sub(a.Start)
	switch {
	case known > 72*time.Hour:
		return clinic.No
	case treated:
		return clinic.Yes
	case !a.closed():
		return clinic.Unknown
	case known >= 4*time.Hour:
		return clinic.Yes
	case known < 2*time.Hour:
		return clinic.No
	}
	return adult.Not()
}

func treatedEarly(a Attack, doses []Dose) bool {
	return slices.ContainsFunc(doses, func(d Dose) bool {
		if !d.acute() || !d.class().drug() || d.Taken.Sub(a.Start) >= 4*time.Hour {
			return false
		}
		if d.Attack == "" {
			return !d.Taken.Before(a.Start) && !(a.closed() && d.Taken.After(a.End))
		}
		return d.Attack == a.ID
	})
}

func (a Attack) missingForDuration() []string {
	if a.closed() {
		return []string{"birth_date"}
	}
	return []string{"ended_at"}
}

func (a Attack) missingForC() []string {
	return unknownOf([]string{"unilateral", "pulsating", "peak_nrs", "worse_with_activity"}, a.signsOfC())
}

func (a Attack) missingForD() []string {
	return unknownOf([]string{"nausea", "vomiting", "photophobia", "phonophobia"},
		[4]clinic.YesNo{a.Nausea, a.Vomiting, a.Photophobia, a.Phonophobia})
}

func unknownOf(names []string, answers [4]clinic.YesNo) (missing []string) {
	for i, answer := range answers {
		if !answer.Known() {
			missing = append(missing, names[i])
		}
	}
	return missing
}
