package report

import (
	"fmt"
	"strings"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
)

// Fact is one of the five that come first. Reason says why its number is missing; "" (null) when it is not.
type Fact struct {
	Code   string       `json:"code"`
	Title  string       `json:"title"`
	Text   string       `json:"text"`
	Advice string       `json:"advice"`
	Reason diary.Reason `json:"reason"`
}

// NotShared is the reason of a number that rests on what the patient keeps to herself.
const NotShared diary.Reason = "NOT_SHARED"

func facts(c Case) []Fact {
	return []Fact{headacheDays(c), medicineDays(c), treatment(c), changed(c), question(c)}
}

func headacheDays(c Case) Fact {
	f := Fact{Code: "HEADACHE_DAYS", Title: "Headache days in 28"}
	switch {
	case c.Diary == nil:
		f.Text, f.Reason = "The patient does not share the diary.", NotShared
	case len(c.Diary.Windows) == 0:
		f.Text, f.Reason = "Not enough days: nothing is recorded yet.", diary.NotEnoughDays
	default:
		base := c.Diary.Windows[0]
		f.Text = "Before: " + rate(base.MHD28, base.RecordedDays) + "."
		now := c.Diary.now()
		if now == nil {
			f.Text, f.Reason = "Now: not enough days, the first 28 have just begun. "+f.Text, diary.NotEnoughDays
			break
		}
		f.Text, f.Reason = "Now: "+rate(now.MHD28, now.RecordedDays)+span(*now, c.AsOf)+". "+f.Text, now.MHD28.Reason
	}
	return f
}

// now is the last full window; while there is none, the running one.
func (d Diary) now() *diary.Window {
	for i := len(d.Windows) - 1; i > 0; i-- {
		if d.Windows[i].Full || i == 1 {
			return &d.Windows[i]
		}
	}
	return nil
}

// span says which days a window holds, and that it still runs.
func span(w diary.Window, today clinic.Day) string {
	if w.To > today {
		return fmt.Sprintf(", from %s on, day %d of 28", date(w.From), w.Elapsed)
	}
	return fmt.Sprintf(", %s to %s", date(w.From), date(w.To))
}

// rate is a number for 28 days with the days it rests on.
func rate(m diary.Measure, recorded int) string {
	switch {
	case m.Value == nil:
		return fmt.Sprintf("not enough days (%d recorded)", recorded)
	case m.Estimated:
		return fmt.Sprintf("%s (estimated from %d days recorded)", number(float64(*m.Value)), m.Days)
	}
	return fmt.Sprintf("%s (%d days recorded)", number(float64(*m.Value)), m.Days)
}

func medicineDays(c Case) Fact {
	f := Fact{Code: "MEDICINE_DAYS", Title: "Acute medicine days", Advice: medication.Advice}
	if c.Medicines == nil {
		f.Text, f.Reason = "The patient does not share her medicines.", NotShared
		return f
	}
	m := c.Medicines.Look.Month
	f.Reason = m.Reason
	if m.Reason != "" {
		f.Text = fmt.Sprintf("Noted on %s of the last 30. Not enough days to set beside a limit: %d recorded, 21 are needed.", counted(m.AcuteDays, "day"), m.RecordedDays)
		return f
	}
	f.Text = fmt.Sprintf("%d of the last 30 days (%d recorded).", m.AcuteDays, m.RecordedDays)
	if used := besideLimits(m.ByClass); len(used) > 0 {
		f.Text += " " + capital(strings.Join(used, ", ")) + "."
	}
	return f
}

// besideLimits lists what was taken, each with the days from which ICHD-3 speaks of overuse.
func besideLimits(all []medication.Use) (out []string) {
	for _, u := range all {
		switch {
		case u.Days == 0:
		case u.Limit == nil:
			out = append(out, fmt.Sprintf("%s %s (no limit defined)", class(u.Class), counted(u.Days, "day")))
		default:
			out = append(out, fmt.Sprintf("%s %d (limit %d)", class(u.Class), u.Days, *u.Limit))
		}
	}
	return out
}

func treatment(c Case) Fact {
	f := Fact{Code: "TREATMENT", Title: "Treatment given"}
	p := c.Plan
	switch {
	case p == nil:
		f.Text = "No plan of care is signed."
		return f
	case !p.Start.Valid():
		f.Text = "A plan of care is signed; no visit has counted yet."
	case p.ClosedOn.Valid():
		f.Text = fmt.Sprintf("Physical therapy %s to %s, %s, %s.", date(p.Start), date(p.ClosedOn), counted(p.Visits, "visit"), p.State)
	default:
		f.Text = fmt.Sprintf("Physical therapy since %s, week %d, visit %d of %d planned, plan %s.", date(p.Start), p.Week, p.Visits, p.agreed(), p.State)
	}
	if kinds := listed(p.Given, category); kinds != "" {
		f.Text += " " + capital(kinds) + "."
	}
	return f
}

// agreed visits: those of the plan, or of its last extension.
func (p Plan) agreed() int {
	n := p.PlannedVisits
	for _, e := range p.Extensions {
		n = max(n, e.MaxVisits)
	}
	return n
}

func changed(c Case) Fact {
	f := Fact{Code: "CHANGED", Title: "What has changed"}
	var said []string
	if c.Diary != nil {
		difference, why := c.Diary.difference()
		said, f.Reason = append(said, difference), why
	}
	since := c.since()
	if c.Medicines != nil {
		said = append(said, medicinesSince(c.Medicines.List, since))
		f.Advice = medication.Advice
	}
	if c.Plan != nil {
		said = append(said, interruptions(c.Plan.Plan)...)
	}
	for _, n := range c.News {
		if n.On >= since {
			said = append(said, fmt.Sprintf("Reported: %s, %s.", plain(string(n.What)), date(n.On)))
		}
	}
	f.Text = strings.Join(said, " ")
	if f.Text == "" {
		f.Text = "Nothing that is shared."
	}
	return f
}

// since is the day from which a change is news: the first of the baseline.
func (c Case) since() clinic.Day {
	if c.Diary != nil && len(c.Diary.Windows) > 0 {
		return c.Diary.Windows[0].From
	}
	if c.Plan != nil && c.Plan.Start.Valid() {
		return c.Plan.Start.Add(-28)
	}
	return c.AsOf.Add(-84)
}

// difference between the last full window and the baseline, in words that go no further than its interval.
func (d Diary) difference() (string, diary.Reason) {
	n := d.Numbers.HeadacheDays.Now
	if n.Difference.Value == nil || n.Difference.Low == nil || n.Difference.High == nil {
		return "Headache days: too early to say.", n.Difference.Reason
	}
	verdict := "within the usual ups and downs"
	if beyond(n.Difference) {
		verdict = "more than the usual ups and downs"
	}
	return fmt.Sprintf("Headache days %s in 28 (95 %% interval %s to %s): %s.", signed(*n.Difference.Value), signed(*n.Difference.Low), signed(*n.Difference.High), verdict), ""
}

func medicinesSince(list []medication.Medicine, since clinic.Day) string {
	var begun, stopped []string
	for _, m := range list {
		if m.Started >= since {
			begun = append(begun, m.Name+" "+date(m.Started))
		}
		if m.Stopped >= since {
			stopped = append(stopped, m.Name+" "+date(m.Stopped))
		}
	}
	said := ""
	if len(begun) > 0 {
		said = "Medicine started: " + strings.Join(begun, ", ") + ". "
	}
	if len(stopped) > 0 {
		said += "Last taken: " + strings.Join(stopped, ", ") + "."
	}
	if said == "" {
		return "No medicine is noted as started or stopped."
	}
	return strings.TrimSpace(said)
}

func interruptions(p careplan.Plan) (out []string) {
	for _, pause := range p.Pauses {
		switch {
		case pause.Withdrawn || !pause.Begun:
		case pause.Running():
			out = append(out, fmt.Sprintf("Paused since %s (%s).", date(pause.Start), plain(string(pause.Reason))))
		default:
			out = append(out, fmt.Sprintf("Paused %s to %s (%s).", date(pause.Start), date(pause.Resume-1), plain(string(pause.Reason))))
		}
	}
	for _, e := range p.Extensions {
		out = append(out, fmt.Sprintf("Plan extended %s (%s).", date(e.On), plain(string(e.Reason))))
	}
	return out
}

func question(c Case) Fact {
	f := Fact{Code: "QUESTION", Title: "Question to you"}
	var asked []string
	if q := strings.TrimSpace(c.Asked); q != "" {
		asked = append(asked, q)
	}
	if met := c.limitsMet(); met != "" {
		asked = append(asked, "A limit of acute medicine is met: "+met+". How do you see it?")
		f.Advice = medication.Advice
	}
	if why := c.news(); why != "" {
		asked = append(asked, "Reason given for physical therapy: "+why+". Is there anything you would look at again?")
	}
	f.Text = strings.Join(asked, " ")
	if f.Text == "" {
		f.Text = "None. For your information."
	}
	return f
}

func (c Case) limitsMet() string {
	if c.Medicines == nil {
		return ""
	}
	var met []string
	for _, f := range c.Medicines.Look.Findings {
		switch f.Code {
		case medication.Over:
			met = append(met, fmt.Sprintf("%s %d days (limit %d)", class(f.Class), f.Days, f.Limit))
		case medication.Pattern:
			met = append(met, "for three months in a row, with headache on 15 days or more in each")
		}
	}
	return strings.Join(met, "; ")
}

// news are the reasons for physical therapy that a prescriber has to hear of (S-06).
func (c Case) news() string {
	if c.Plan == nil {
		return ""
	}
	var why []careplan.Rationale
	for _, r := range c.Plan.Rationale {
		if r.Tells() {
			why = append(why, r)
		}
	}
	return listed(why, rationale)
}
