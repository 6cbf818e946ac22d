// Package letters writes the first draft of what a therapist signs about a plan of care: the progress report (at the review, and every
// ten visits where a law asks), the discharge summary, and the hand-over that the patient takes home. It takes what the other rooms
// have counted and puts it into sentences; it counts nothing itself.
//
// Every sentence is a draft. The therapist edits, leaves out and adds, and what she signs is kept as she left it, beside the versions
// before. So a draft says what is recorded and on how many days it rests, names what is missing, and judges nothing: no cause, no
// forecast, no diagnosis.
package letters

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/report"
)

// Kind of document.
type Kind string

const (
	Progress  Kind = "progress"
	Discharge Kind = "discharge"
	HandOver  Kind = "handover"
)

// Kinds in the order of a plan's life.
var Kinds = []Kind{Progress, Discharge, HandOver}

// Part of a document: a heading and its sentences, one a line.
type Part struct {
	Key   string   `json:"key"`
	Title string   `json:"title"`
	Lines []string `json:"lines"`
}

// Case is one plan, as the other rooms have counted it.
type Case struct {
	Page    report.Page
	Over    careplan.HandOver
	State   careplan.State
	Planned int
	Ended   string   // why the plan was discharged, in words; "": it was not
	Items   []string // in force, each as its dose says it
	Home    []string // the home program, each as its dose says it
	Call    []string // whom to call

	Helped, Onward, Signs, Whom string // words of the wellness program, when there are any
}

// Of drafts a document.
func Of(kind Kind, c Case) []Part {
	var parts []Part
	add := func(key, title string, lines ...string) { parts = append(parts, Part{key, title, said(lines)}) }
	switch kind {
	case HandOver:
		add("goals", "What you wanted", goalsForHer(c.Over.Goals)...)
		add("helped", "What helped", c.Helped)
		add("program", "Your program from here on", append([]string{c.Onward}, c.Home...)...)
		add("signs", "Warning signs", c.Signs, "Call your emergency number for a sudden severe headache, new weakness, numbness, trouble with speech or sight, or a fever with a stiff neck.")
		add("whom", "Whom to call", append([]string{c.Whom}, c.Call...)...)
		add("later", "When we ask after you", followUps(c.Over.FollowUps)...)
	default:
		add("course", "Course", append([]string{course(c)}, consistency(c.Over)...)...)
		add("headache", "Headache", facts(c.Page, "HEADACHE_DAYS", "CHANGED")...)
		add("medicine", "Acute medicine", facts(c.Page, "MEDICINE_DAYS")...)
		add("findings", "Findings", section(c.Page, "FINDINGS")...)
		add("care", "Care given", append(section(c.Page, "DONE"), c.Items...)...)
		add("goals", "Goals", goals(c.Over.Goals)...)
		add("safety", "Safety", section(c.Page, "SAFETY")...)
		if kind == Discharge {
			add("ended", "Why it ended", c.Ended)
			add("home", "Home program", c.Home...)
			add("later", "Follow-up", followUps(c.Over.FollowUps)...)
		}
		add("next", map[Kind]string{Progress: "Plan from here", Discharge: "Advice and contact"}[kind])
	}
	return parts
}

// said leaves out what nobody has said.
func said(lines []string) []string {
	out := []string{}
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// Text is a document as one text, for a record that holds one.
func Text(parts []Part) string {
	var out []string
	for _, p := range parts {
		if len(p.Lines) > 0 {
			out = append(out, p.Title+": "+strings.Join(p.Lines, " "))
		}
	}
	return strings.Join(out, "\n")
}

func course(c Case) string {
	if !c.Over.Start.Valid() {
		return "No visit has counted yet."
	}
	out := fmt.Sprintf("The plan began on %s; %d of %d planned visits have taken place.", date(c.Over.Start), c.Over.Visits, c.Planned)
	if c.Over.ClosedOn.Valid() {
		out = fmt.Sprintf("The plan ran from %s to %s, with %d of %d planned visits.", date(c.Over.Start), date(c.Over.ClosedOn), c.Over.Visits, c.Planned)
	}
	return out + map[careplan.State]string{careplan.Paused: " It is paused.", careplan.Extended: " It was extended."}[c.State]
}

// date is "5 Jan 2026".
func date(d clinic.Day) string { return d.Start(time.UTC).Format("2 Jan 2006") }

func consistency(h careplan.HandOver) (lines []string) {
	for _, s := range []struct {
		what  string
		share careplan.Share
	}{{"Visits kept", h.Consistency.Attendance}, {"Home sessions done of those that could be expected", h.Consistency.Home}, {"Diary days recorded", h.Consistency.Diary}} {
		if s.share.Of > 0 {
			lines = append(lines, fmt.Sprintf("%s: %d of %d.", s.what, s.share.Done, s.share.Of))
		}
	}
	return lines
}

// facts of the neurologist's page, with the advice that stands with them wherever they are shown.
func facts(p report.Page, codes ...string) (lines []string) {
	for _, f := range p.Facts {
		if slices.Contains(codes, f.Code) {
			lines = append(lines, f.Text, f.Advice)
		}
	}
	return lines
}

func section(p report.Page, code string) []string {
	i := slices.IndexFunc(p.Sections, func(s report.Section) bool { return s.Code == code })
	if i < 0 {
		return nil
	}
	return p.Sections[i].Lines
}

var domains = map[careplan.Domain]string{careplan.OfFrequency: "Frequency", careplan.OfIntensity: "Intensity", careplan.OfDisability: "Disability", careplan.OfQualityOfLife: "Quality of life",
	careplan.OfMedication: "Medicine", careplan.OfNeckFunction: "Neck function", careplan.OfActivity: "Activity", careplan.OfSleep: "Sleep", careplan.OfSelfManagement: "Self-management"}

var outcomes = map[careplan.GoalResult]string{careplan.Met: "met", careplan.PartlyMet: "partly met", careplan.NotMet: "not met", careplan.NotAssessed: "not assessed", "": "no outcome yet"}

func goals(all []careplan.GoalResulted) (lines []string) {
	for _, g := range all {
		line := fmt.Sprintf("%s (%s): %s at the start, %s now, target %s: %s.", domains[g.Domain], g.Metric, number(g.Baseline), number(g.Value), number(g.Target), outcomes[g.Outcome])
		if g.PatientWords != "" {
			line += fmt.Sprintf(" In the patient's words: “%s”.", g.PatientWords)
		}
		lines = append(lines, line)
	}
	return lines
}

func goalsForHer(all []careplan.GoalResulted) (lines []string) {
	words := map[careplan.GoalResult]string{careplan.Met: "You got there.", careplan.PartlyMet: "You got part of the way.", careplan.NotMet: "This is still ahead.", careplan.NotAssessed: "We did not measure this one."}
	for _, g := range all {
		wish := g.PatientWords
		if wish == "" {
			wish = domains[g.Domain]
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s. %s", strings.TrimRight(wish, "."), words[g.Outcome])))
	}
	return lines
}

func followUps(all []careplan.Due) (lines []string) {
	for _, f := range all {
		if !f.Held.Valid() {
			lines = append(lines, fmt.Sprintf("After %d months, about %s.", f.Months, f.On))
		}
	}
	return lines
}

func number(n *float64) string {
	if n == nil {
		return "not measured"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", *n), ".0")
}

// Limits of what can be kept.
const (
	MostParts = 20
	MostLines = 40
	MostText  = 8000
)

// Check a version that somebody wants to keep.
func Check(parts []Part) []clinic.Broken {
	lines := 0
	for _, p := range parts {
		lines += len(p.Lines)
	}
	bad := len(parts) == 0 || len(parts) > MostParts || lines > MostParts*MostLines || len(Text(parts)) > MostText ||
		slices.ContainsFunc(parts, func(p Part) bool { return p.Key == "" || p.Title == "" })
	if !bad {
		return nil
	}
	return []clinic.Broken{{Code: "E_VALUE", Severity: clinic.Hard, Message: fmt.Sprintf("A document has headings with sentences, %d letters at most.", MostText), Params: map[string]any{"field": "parts"}}}
}

// Lines of one part, one below the other.
func Lines(parts []Part, key string) string {
	i := slices.IndexFunc(parts, func(p Part) bool { return p.Key == key })
	if i < 0 {
		return ""
	}
	return strings.Join(parts[i].Lines, "\n")
}
