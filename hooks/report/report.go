// Package report makes the one page that a neurologist reads (spec/clinical.md §6.4). It takes what the other rooms have counted and
// puts it in the order of reading; it counts nothing itself, knows no patient, clock or database, and gives no advice.
//
// # The order
//
// Five facts first, each one sentence or two:
//
//	HEADACHE_DAYS  now and before the plan, for 28 days, each with the days recorded
//	MEDICINE_DAYS  of the last 30, beside the limits of ICHD-3 8.2
//	TREATMENT      what is given, since when, which visit of how many
//	CHANGED        the difference with its interval; medicines, pauses, news since the baseline began
//	QUESTION       what the sender asks; a limit that is met, and why physical therapy was chosen, are questions too
//
// Then the table, twelve weeks in dots with medicines and plan as bars, and the sections: medicine, findings, what was done, safety,
// goals, what moved together. Whoever stops after the facts has read the page.
//
// # What is left out
//
// A family that the patient does not share is left out and named; a part that is nil was not shared. Missing is not zero: where too
// few days are recorded the sentence says so, with their number. Goals in the patient's own words are on the page only where the
// sender ticked it; menstrual data never are.
//
// Nothing here says that one thing came of another. Where medicines stand, T-MED stands.
package report

import (
	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
	"interictal/hooks/progress"
	"interictal/hooks/triggers"
)

// Case is what is known about one patient, as values of the other rooms.
type Case struct {
	Name      string
	Born      clinic.Day
	Clinic    string
	Therapist string
	Diagnoses []string // as somebody with the right to it gave them
	AsOf      clinic.Day
	NotShared []access.Family

	Diary     *Diary     // nil: not shared
	Medicines *Medicines // nil: not shared
	Plan      *Plan      // nil: none is signed
	Exam      []Exam
	Findings  []Finding
	Safety    Safety
	Links     []Link // what moved together, the clearest first
	News      []News // changes in her life that were reported

	Asked string // what the sender asks
	Words bool   // the sender ticked: goals in the patient's words
}

// Diary is counted by the rooms diary and progress.
type Diary struct {
	Profile diary.Profile
	Windows []diary.Window
	Numbers progress.Numbers
	Weeks   []diary.Week
}

// Medicines are counted by the room medication.
type Medicines struct {
	Look   medication.Look
	Effect []medication.Effect
	List   []medication.Medicine
}

// Plan of care, as far as it is on the page.
type Plan struct {
	careplan.Plan
	Week    int
	Visits  int // counted, by the plan's rules
	Given   []careplan.Category
	Goals   []careplan.GoalResulted
	HomeToo bool // the patient shares her home sessions
}

// Exam is one test of the examination, at first and at last.
type Exam struct {
	Name  string
	Unit  string
	First Taken
	Last  *Taken // nil: taken once
	Note  string // beside the error of measurement, where one was published
}

// Taken is a value on a day.
type Taken struct {
	Value float64    `json:"value"`
	On    clinic.Day `json:"on"`
}

// Finding of the evaluation, in one of the four groups of regions.
type Finding struct {
	Group  careplan.Group
	Kind   string
	Region string
	Side   string
	On     clinic.Day
}

// Safety is what is open, and what has happened.
type Safety struct {
	Alerts   []Alert
	Adverse  []string // adverse events, in words
	Recorded bool     // adverse events are asked for and recorded here; else nothing is said of them
}

// Alert that no clinician has closed yet.
type Alert struct {
	Level careplan.Level
	Code  string
	On    clinic.Day
}

// Link is one factor that a run of the trigger analysis found linked, and that the patient has talked about: an association, with its counts.
type Link struct {
	Factor  string
	Own     bool // she named it herself
	After   bool // attacks of the day after
	Label   triggers.Label
	With    triggers.Share // attacks that began, of the days with it
	Without triggers.Share
}

// News is a change that was reported.
type News struct {
	On   clinic.Day
	What careplan.ChangeReason
}

// Page is the page.
type Page struct {
	Patient   Person          `json:"patient"`
	Clinic    string          `json:"clinic"`
	Therapist string          `json:"therapist"`
	AsOf      clinic.Day      `json:"asOf"`
	Period    Period          `json:"period"`
	NotShared []access.Family `json:"notShared"`
	Facts     []Fact          `json:"facts"`
	Table     []Row           `json:"table"`
	Scores    []Score         `json:"scores"`
	Weeks     []diary.Week    `json:"weeks"`
	Bars      []Bar           `json:"bars"`
	Sections  []Section       `json:"sections"`
	Footer    []string        `json:"footer"`
}

// Person on the page.
type Person struct {
	Name string     `json:"name"`
	Born clinic.Day `json:"born"`
}

// Period that the page covers, and how much of it the diary does.
type Period struct {
	From         clinic.Day `json:"from"`
	To           clinic.Day `json:"to"`
	RecordedDays int        `json:"recordedDays"`
	Days         int        `json:"days"`
}

// Section of the page. Advice stands with it wherever it is shown.
type Section struct {
	Code   string   `json:"code"`
	Title  string   `json:"title"`
	Lines  []string `json:"lines"`
	Advice string   `json:"advice"`
}

// Of puts a case on the page.
func Of(c Case) Page {
	p := Page{Patient: Person{c.Name, c.Born}, Clinic: c.Clinic, Therapist: c.Therapist, AsOf: c.AsOf, NotShared: c.NotShared,
		Facts: facts(c), Table: []Row{}, Scores: scores(c), Weeks: []diary.Week{}, Bars: bars(c), Footer: footer(c)}
	if p.NotShared == nil {
		p.NotShared = []access.Family{}
	}
	if c.Diary != nil {
		p.Period, p.Table, p.Weeks = c.Diary.period(c.AsOf), table(*c.Diary), c.Diary.Weeks
	}
	for _, s := range []Section{medicine(c), examined(c), done(c), safetyOf(c), goals(c), together(c)} {
		if len(s.Lines) > 0 {
			p.Sections = append(p.Sections, s)
		}
	}
	return p
}

// period is from the first day of the baseline to today.
func (d Diary) period(today clinic.Day) (p Period) {
	if len(d.Windows) == 0 {
		return p
	}
	p.From, p.To = d.Windows[0].From, today
	for _, w := range d.Windows {
		p.RecordedDays += w.RecordedDays
		p.Days += w.Elapsed
	}
	return p
}

func footer(c Case) []string {
	out := []string{}
	if c.Diary != nil {
		out = append(out, "Days by "+string(c.Diary.Profile.Days)+", attacks by "+string(c.Diary.Profile.Merge)+". A day without an entry is missing, not free of headache.",
			"People often start treatment in a bad month, and headaches then ease by themselves for some. This shows what happened, not why.")
	}
	return append(out, "A diary and a record of care, not a diagnosis.")
}
