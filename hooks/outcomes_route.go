package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/outcomes"
)

// outcomesAnswer is everything about one patient that is answered or measured, beside the headache windows. What the reader may not
// see is left out and named.
type outcomesAnswer struct {
	Patient     string             `json:"patient"`
	Zone        string             `json:"zone"`
	AsOf        clinic.Day         `json:"asOf"`
	Plan        string             `json:"plan"` // to which what is due belongs; "" without one
	NotShared   []access.Family    `json:"notShared"`
	Instruments []instrumentSeries `json:"instruments"`
	Due         []outcomes.Due     `json:"due"`
	Impact      *impactAnswer      `json:"impact"` // null: questionnaires are not shared
	Examination examination        `json:"examination"`
	InVisits    []inVisit          `json:"inVisits"`
	Headache    *headacheAnswer    `json:"headache"` // null: the diary is not shared
}

// instrumentSeries is one questionnaire, what can be read from it, and its row of responses.
type instrumentSeries struct {
	ID     string           `json:"id"`
	Name   string           `json:"name"`
	About  string           `json:"about"`
	Recall string           `json:"recall"`
	Rights outcomes.Rights  `json:"rights"`
	Notice string           `json:"notice"`
	Scales []outcomes.Scale `json:"scales"`
	Points []outcomes.Point `json:"points"`
}

type impactAnswer struct {
	Statement string `json:"statement"` // in the patient's words, from the plan; "" = not said
	outcomes.Impact
}

// examination is what a therapist has measured, by test, side and site.
type examination struct {
	Tests           []testSeries              `json:"tests"`
	FlexionRotation *outcomes.FlexionRotation `json:"flexionRotation"` // of the newest day; null: not taken
	Flexion         *outcomes.Flexion         `json:"craniocervicalFlexion"`
}

type testSeries struct {
	Type   string      `json:"type"`
	Side   string      `json:"side"`
	Site   string      `json:"site"`
	Unit   string      `json:"unit"`
	Points []testPoint `json:"points"`
}

// testPoint with the conditions under which it was taken.
type testPoint struct {
	ID               string           `json:"id"`
	On               clinic.Day       `json:"on"`
	Value            *float64         `json:"value"`
	Reason           string           `json:"reason"`
	Finding          string           `json:"finding"`
	Positive         clinic.YesNo     `json:"positive"`
	HeadacheFree     clinic.YesNo     `json:"headacheFree"`
	HoursSinceAttack *float64         `json:"hoursSinceAttack"`
	Rater            string           `json:"rater"`
	Device           string           `json:"device"`
	Change           *outcomes.Change `json:"change"` // since the first; null: it is the first
}

// inVisit is what was done in a visit, with pain and tension before and after; null = not asked.
type inVisit struct {
	On            clinic.Day `json:"on"`
	Category      string     `json:"category"`
	Technique     string     `json:"technique"`
	Region        string     `json:"region"`
	PainBefore    clinic.NRS `json:"painBefore"`
	PainAfter     clinic.NRS `json:"painAfter"`
	TensionBefore clinic.NRS `json:"tensionBefore"`
	TensionAfter  clinic.NRS `json:"tensionAfter"`
}

// headacheAnswer stands beside the neck's numbers (S-18). What became of it after the plan is told by progress (S-65).
type headacheAnswer struct {
	Caption string       `json:"caption"`
	Windows []besideNeck `json:"windows"`
}

type besideNeck struct {
	Window    string        `json:"window"`
	From      clinic.Day    `json:"from"`
	To        clinic.Day    `json:"to"`
	MHD28     diary.Measure `json:"mhd28"`
	Attacks28 diary.Measure `json:"attacks28"`
}

// outcomes answers GET /api/patients/{id}/outcomes: every number is reckoned from the records at each request, so a late edit needs
// nothing reckoned again.
func (d *doors) outcomes(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRightTo(e, e.App.DB(), patient, "physical_measures", "outcomes")
	if err != nil {
		return err
	}
	var out outcomesAnswer
	err = snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) (err error) {
		out, err = d.outcomesOf(db, patient, right)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) outcomesOf(db dbx.Builder, patient string, right access.Right) (outcomesAnswer, error) {
	f, err := frameOf(db, patient, d.todayOf("UTC"))
	if err != nil {
		return outcomesAnswer{}, err
	}
	out := outcomesAnswer{Patient: patient, Zone: f.Zone, AsOf: d.todayOf(f.Zone), NotShared: []access.Family{}, Instruments: []instrumentSeries{}, Due: []outcomes.Due{}}
	courses, err := coursesOf(db, patient)
	if err != nil {
		return out, err
	}
	if out.Examination, err = examinationOf(db, patient); err != nil {
		return out, err
	}
	if out.InVisits, err = inVisitsOf(db, patient, zoneOrUTC(f.ClinicZone)); err != nil {
		return out, err
	}
	if right.Sees("instrument_responses") {
		responses, err := responsesOf(db, patient, zoneOrUTC(f.Zone))
		if err != nil {
			return out, err
		}
		calendar, err := calendarFor(db, patient)
		if err != nil {
			return out, err
		}
		out.answered(responses, courses, calendar)
	} else {
		out.NotShared = append(out.NotShared, access.Questionnaires)
	}
	if !right.Sees("diary_days") {
		out.NotShared = append(out.NotShared, access.Diary)
		return out, nil
	}
	out.Headache, err = d.besideTheNeck(db, patient, right, f)
	return out, err
}

// answered: the rows of responses, what is due in the newest plan, and what migraine takes.
func (a *outcomesAnswer) answered(responses []outcomes.Response, courses []courseOf, calendar outcomes.Calendar) {
	by := map[string][]outcomes.Response{}
	for _, r := range responses {
		by[r.Instrument] = append(by[r.Instrument], r)
	}
	for _, in := range outcomes.Instruments {
		if rows := by[in.ID]; len(rows) > 0 {
			a.Instruments = append(a.Instruments, instrumentSeries{ID: in.ID, Name: in.Name, About: in.About, Recall: in.Recall, Rights: in.Rights, Notice: in.Notice,
				Scales: in.Scales, Points: outcomes.Series(rows)})
		}
	}
	a.Impact = &impactAnswer{Impact: outcomes.ImpactOf(responses)}
	if len(courses) > 0 {
		now := courses[len(courses)-1]
		a.Plan, a.Impact.Statement = now.ID, now.InHerWay
		a.Due = outcomes.WhatIsDue(now.Course, calendar, now.Span.Inside(responses), a.AsOf)
	}
}

// examinationOf groups the measures by test, side and site; each is compared with the first of its row.
func examinationOf(db dbx.Builder, patient string) (examination, error) {
	out := examination{Tests: []testSeries{}}
	measures, err := measuresOf(db, patient)
	first, place := map[int]outcomes.Measure{}, map[[3]string]int{}
	for _, m := range measures {
		key := [3]string{m.Type, m.Side, m.Site}
		i, known := place[key]
		if !known {
			i = len(out.Tests)
			place[key], first[i] = i, m
			out.Tests = append(out.Tests, testSeries{Type: m.Type, Side: m.Side, Site: m.Site})
		}
		out.Tests[i].add(m, first[i], known)
	}
	out.FlexionRotation, out.Flexion = readNewest(measures)
	return out, err
}

func (s *testSeries) add(m, first outcomes.Measure, known bool) {
	p := testPoint{ID: m.ID, On: m.On, Finding: m.Finding, Positive: m.Positive, HeadacheFree: m.HeadacheFree, HoursSinceAttack: m.HoursSince, Rater: m.Rater, Device: m.Device}
	if _, numbered := outcomes.TestOf(m.Type); numbered {
		p.Value, s.Unit, p.Reason = m.Number()
	}
	if known && s.Unit != "" {
		change := outcomes.Compare(first, m)
		p.Change = &change
	}
	s.Points = append(s.Points, p)
}

// readNewest reads the two tests that are made of more than one number, from the newest day of each.
func readNewest(all []outcomes.Measure) (rotation *outcomes.FlexionRotation, flexion *outcomes.Flexion) {
	var left, right *float64
	day := clinic.Day(0)
	for _, m := range all { // by day
		switch m.Type {
		case "flexion_rotation":
			if m.On != day {
				day, left, right = m.On, nil, nil
			}
			if m.Side == "left" {
				left = m.Value
			} else {
				right = m.Value
			}
			read := outcomes.ReadFlexionRotation(left, right)
			rotation = &read
		case "craniocervical_flexion":
			read := outcomes.ReadFlexion(m.Value, m.Holds)
			flexion = &read
		}
	}
	return rotation, flexion
}

// besideTheNeck: the headache's own windows, which the neck's numbers are shown with.
func (d *doors) besideTheNeck(db dbx.Builder, patient string, right access.Right, f frame) (*headacheAnswer, error) {
	entries, err := entriesOf(db, patient, f, right)
	if err != nil {
		return nil, err
	}
	today := d.todayOf(f.Zone)
	anchor := f.Anchor
	if anchor == 0 {
		anchor = diary.FirstRecorded(entries, today)
	}
	out := &headacheAnswer{Caption: "Moves together is not proof.", Windows: []besideNeck{}}
	for _, w := range diary.Windows(entries, f.Profile, anchor, f.Closed, today) {
		out.Windows = append(out.Windows, besideNeck{w.Name, w.From, w.To, w.MHD28, w.Attacks28})
	}
	return out, nil
}
