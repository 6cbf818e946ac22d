package report

import (
	"fmt"
	"slices"
	"strings"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
	"interictal/hooks/outcomes"
	"interictal/hooks/progress"
	"interictal/hooks/triggers"
)

// Row of the table: one measure before and now. Beyond says whether the difference is more than the usual ups and downs; null where
// nothing can be said.
type Row struct {
	Code       string            `json:"code"`
	Label      string            `json:"label"`
	Before     diary.Measure     `json:"before"`
	Now        diary.Measure     `json:"now"`
	Difference progress.Interval `json:"difference"`
	Beyond     clinic.YesNo      `json:"beyond"`
}

func table(d Diary) []Row {
	if len(d.Windows) == 0 {
		return []Row{}
	}
	base, now := d.Windows[0], diary.Window{}
	if w := d.now(); w != nil {
		now = *w
	}
	row := func(code, label string, of func(diary.Window) diary.Measure) Row {
		return Row{Code: code, Label: label, Before: of(base), Now: of(now), Difference: progress.Interval{Reason: "NO_INTERVAL"}}
	}
	rows := []Row{
		row("mhd28", "Headache days", func(w diary.Window) diary.Measure { return w.MHD28 }),
		row("mmd28", "Migraine days", func(w diary.Window) diary.Measure { return w.MMD28 }),
		row("modSevere28", "Moderate or severe", func(w diary.Window) diary.Measure { return w.ModSevere28 }),
		row("attacks28", "Attacks", func(w diary.Window) diary.Measure { return w.Attacks28 }),
		row("meanPeakNrs", "Worst pain, mean, 0–10", func(w diary.Window) diary.Measure { return w.MeanPeakNRS }),
		row("acuteDays28", "Acute medicine days", func(w diary.Window) diary.Measure { return w.AcuteDays28.Measure }),
		row("interictalNeckDays28", "Neck pain, no headache", func(w diary.Window) diary.Measure { return w.InterictalNeckDays28 }),
		row("neckDaysClear28", "Neck pain, a day or more from headache", func(w diary.Window) diary.Measure { return w.NeckDaysClear28 }),
	}
	for i, n := range []progress.Compared{d.Numbers.HeadacheDays, d.Numbers.MigraineDays, d.Numbers.ModSevereDays} {
		rows[i].compare(n.Now)
	}
	return rows
}

func (r *Row) compare(n progress.Change) {
	r.Difference = n.Difference
	if n.Difference.Value != nil {
		r.Beyond = clinic.Said(beyond(n.Difference))
	}
}

// beyond: the interval leaves no change out.
func beyond(i progress.Interval) bool {
	return i.Low != nil && *i.Low > 0 || i.High != nil && *i.High < 0
}

// Score of a questionnaire or a neck measure, at first and at last.
type Score struct {
	Metric string `json:"metric"`
	First  Taken  `json:"first"`
	Last   *Taken `json:"last"` // null: not taken again
	Note   string `json:"note"` // the change beside what was published of such changes
}

// scores are the measures of the plan, in the order in which they were first taken.
func scores(c Case) []Score {
	out := []Score{}
	if c.Plan == nil {
		return out
	}
	for _, m := range c.Plan.Measures {
		taken := Taken{m.Value, m.On}
		if i := slices.IndexFunc(out, func(s Score) bool { return s.Metric == m.Metric }); i >= 0 {
			out[i].Last = &taken
			if _, scale, ok := outcomes.ByMetric(m.Metric); ok {
				out[i].Note = scale.Compare(&out[i].First.Value, &taken.Value).Reads
			}
			continue
		}
		out = append(out, Score{Metric: m.Metric, First: taken})
	}
	return out
}

// Examined puts measures, the oldest first, into one line a test and place: the first, the last, and how the change reads beside the
// error of measurement.
func Examined(all []outcomes.Measure) (out []Exam) {
	first := map[string]outcomes.Measure{}
	for _, m := range all {
		value, unit, _ := m.Number()
		if value == nil {
			continue
		}
		name, taken := strings.Join(strings.Fields(test(m.Type)+" "+plain(m.Site)+" "+m.Side), " "), Taken{*value, m.On}
		i := slices.IndexFunc(out, func(e Exam) bool { return e.Name == name })
		if i < 0 {
			first[name], out = m, append(out, Exam{Name: name, Unit: unit, First: taken})
			continue
		}
		out[i].Last, out[i].Note = &taken, outcomes.Compare(first[name], m).Reads
	}
	return out
}

// Bar is a stretch on the time axis: a medicine, the plan, a pause. No To: it goes on.
type Bar struct {
	What string     `json:"what"` // acute, preventive, plan, pause
	Name string     `json:"name"`
	From clinic.Day `json:"from"`
	To   clinic.Day `json:"to"`
}

func bars(c Case) []Bar {
	out := []Bar{}
	if c.Plan != nil && c.Plan.Start.Valid() {
		out = append(out, Bar{"plan", "Plan of care", c.Plan.Start, c.Plan.ClosedOn})
		for _, p := range c.Plan.Pauses {
			if p.Begun {
				out = append(out, Bar{"pause", "Pause", p.Start, endOf(p)})
			}
		}
	}
	if c.Medicines != nil {
		for _, m := range c.Medicines.List {
			if m.Started.Valid() || m.Stopped.Valid() { // without a day it is no stretch of time
				out = append(out, Bar{string(m.Indication), strings.TrimSpace(m.Name + " " + m.Strength), m.Started, m.Stopped})
			}
		}
	}
	return out
}

// endOf a pause is the day before the return.
func endOf(p careplan.Pause) clinic.Day {
	if !p.Resume.Valid() {
		return 0
	}
	return p.Resume - 1
}

func medicine(c Case) Section {
	s := Section{Code: "MEDICINE", Title: "Medicine", Advice: medication.Advice}
	if c.Medicines == nil {
		return s
	}
	for _, kind := range []struct {
		title string
		is    func(medication.Medicine) bool
	}{{"Acute", acute}, {"Preventive", func(m medication.Medicine) bool { return !acute(m) }}} {
		var names []string
		for _, m := range c.Medicines.List {
			if kind.is(m) && !(m.Stopped.Valid() && m.Stopped < c.AsOf) {
				names = append(names, strings.TrimSpace(m.Name+" "+m.Strength))
			}
		}
		if len(names) > 0 {
			s.Lines = append(s.Lines, kind.title+": "+strings.Join(names, ", ")+".")
		}
	}
	for _, e := range c.Medicines.Effect {
		s.Lines = append(s.Lines, freedom(e))
	}
	return s
}

func acute(m medication.Medicine) bool { return m.Indication != diary.ForPreventive }

// freedom from pain two hours after the first dose.
func freedom(e medication.Effect) string {
	when := map[medication.Phase]string{medication.Baseline: "before the plan", medication.OnPlan: "on the plan", medication.After: "after it"}[e.Phase]
	share := e.PainFree2h
	if share.Percent == nil {
		return fmt.Sprintf("No pain 2 h after the first dose, %s: too few treated attacks with an answer (%d).", when, share.N)
	}
	return fmt.Sprintf("No pain 2 h after the first dose, %s: %d of %d treated attacks (%.0f %%, 95 %% interval %.0f to %.0f).", when, share.Yes, share.N, float64(*share.Percent), float64(*share.Low), float64(*share.High))
}

func examined(c Case) Section {
	s := Section{Code: "FINDINGS", Title: "Findings"}
	var same []string // groups with nothing but a normal finding share a line
	for _, g := range careplan.Groups {
		switch said := findingsIn(g, c.Findings); said {
		case "":
		case "normal":
			same = append(same, group(g))
		default:
			s.Lines = append(s.Lines, capital(group(g))+": "+said+".")
		}
	}
	if len(same) > 0 {
		s.Lines = append(s.Lines, "Examined, nothing found: "+strings.Join(same, ", ")+".")
	}
	for _, e := range c.Exam {
		line := fmt.Sprintf("%s: %s", capital(e.Name), withUnit(e.First, e.Unit))
		if e.Last != nil {
			line += ", then " + withUnit(*e.Last, e.Unit)
		}
		if e.Note != "" {
			line += ", " + e.Note
		}
		s.Lines = append(s.Lines, line+".")
	}
	return s
}

func withUnit(t Taken, unit string) string {
	return number(t.Value) + units(unit) + " (" + date(t.On) + ")"
}

func findingsIn(group careplan.Group, all []Finding) string {
	var out []string
	for _, f := range all {
		if f.Group != group {
			continue
		}
		said := plain(f.Kind)
		if place := strings.TrimSpace(plain(f.Region) + " " + f.Side); place != "" {
			said += " (" + place + ")"
		}
		if !slices.Contains(out, said) {
			out = append(out, said)
		}
	}
	return strings.Join(out, ", ")
}

func done(c Case) Section {
	s := Section{Code: "DONE", Title: "Diagnosis and care"}
	if len(c.Diagnoses) > 0 {
		s.Lines = append(s.Lines, "Diagnosis as given: "+strings.Join(c.Diagnoses, ", ")+".")
	}
	if c.Plan == nil {
		return s
	}
	if home := c.Plan.Home; c.Plan.HomeToo && home.Of > 0 {
		s.Lines = append(s.Lines, fmt.Sprintf("Home sessions: %d of %d prescribed (%.0f %%).", home.Done, home.Of, 100**home.Value()))
	}
	return s
}

func safetyOf(c Case) Section {
	s := Section{Code: "SAFETY", Title: "Safety"}
	for _, a := range c.Safety.Alerts {
		s.Lines = append(s.Lines, fmt.Sprintf("Open red flag (%s): %s, %s.", plain(string(a.Level)), redFlag(a.Code), date(a.On)))
	}
	if len(c.Safety.Alerts) == 0 {
		s.Lines = append(s.Lines, "No red flag is open. That rules nothing out.")
	}
	switch {
	case !c.Safety.Recorded:
	case len(c.Safety.Adverse) == 0:
		s.Lines = append(s.Lines, "No adverse event is recorded.")
	default:
		s.Lines = append(s.Lines, "Adverse events: "+plain(strings.Join(c.Safety.Adverse, ", "))+".")
	}
	return s
}

func goals(c Case) Section {
	s := Section{Code: "GOALS", Title: "Goals"}
	if c.Plan == nil {
		return s
	}
	for _, g := range c.Plan.Goals {
		line := fmt.Sprintf("%s (%s): %s, aim %s", capital(plain(string(g.Domain))), g.Metric, orUnknown(g.Baseline), orUnknown(g.Target))
		if g.Due.Valid() {
			line += " by " + date(g.Due)
		}
		if g.Value != nil {
			line += ", last " + number(*g.Value)
		}
		if g.Outcome != "" {
			line += ", " + plain(string(g.Outcome))
		}
		if c.Words && g.PatientWords != "" {
			line += ". In her words: " + g.PatientWords
		}
		s.Lines = append(s.Lines, strings.TrimRight(line, ".")+".")
	}
	return s
}

// most links on the page.
const mostLinks = 3

// together are the likely links that were talked about, each with its counts and 95 % intervals. A factor that she named herself is
// in her own words, and those are on the page only where the sender ticked them.
func together(c Case) Section {
	s := Section{Code: "LINKS", Title: "Likely links, discussed with the patient: association, not proof"}
	for _, l := range c.Links[:min(mostLinks, len(c.Links))] {
		name := l.Factor
		if l.Own && !c.Words {
			name = "A factor that she named herself"
		}
		when := map[bool]string{true: "after", false: "with"}[l.After]
		s.Lines = append(s.Lines, fmt.Sprintf("%s: an attack began on %s days %s it, on %s other days. %s.", name, shareOf(l.With), when, shareOf(l.Without), linked[l.Label]))
	}
	return s
}

var linked = map[triggers.Label]string{
	triggers.LikelyMore:      "Likely linked with more attacks",
	triggers.LikelyFewer:     "Likely linked with fewer attacks",
	triggers.LikelyEarlySign: "Likely an early sign of attacks",
}

// Likely: is a label one that this page shows?
func Likely(l triggers.Label) bool { return linked[l] != "" }

func shareOf(s triggers.Share) string {
	return fmt.Sprintf("%d of %d (%.0f–%.0f %%)", s.Of, s.Days, 100*s.Low, 100*s.High)
}
