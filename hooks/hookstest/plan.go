package hookstest

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/outcomes"
)

// course plays a plan of care through the doors, day by day, as its therapist would.
type course struct {
	*Generator
	p         Persona
	patient   string
	therapist *core.Record
	plan      string
	goal      string
	item      string
	visits    int
}

// plan leaves the persona's plan where it stands today.
func (g *Generator) plan(p Persona, patient, therapist string, start, today clinic.Day) {
	if g.err != nil {
		return
	}
	c := course{Generator: g, p: p, patient: patient}
	if c.therapist, g.err = g.app.FindRecordById("users", ID(therapist)); g.err != nil {
		return
	}
	defer g.clock.Set(g.now)
	c.evaluate(start)
	c.act(careplan.Move{To: careplan.Active})
	paused := today.Add(1 - p.PausedDays)
	for i := 1; i < p.Visits; i++ {
		c.see(start.Add(i * max(1, (7*p.Weeks-p.PausedDays-1)/max(1, p.Visits-1))))
	}
	switch careplan.State(p.State) {
	case careplan.Paused:
		c.on(paused)
		c.act(careplan.Move{To: careplan.Paused, Reason: p.Reason, AdaptationNote: "Rest; half the dose when the fever is gone.", Items: []string{c.item}})
	case careplan.Extended:
		if c.visits < 7 {
			c.extend()
		}
		fallthrough
	default:
		g.clock.Set(g.now)
		c.made("visits", map[string]any{"plan": c.plan, "kind": "treatment", "mode": "in_person", "status": "scheduled",
			"scheduled_at": today.Add(2 + g.random.IntN(4)).Start(g.zone).Add(time.Duration(9+g.random.IntN(8)) * time.Hour)})
	}
}

func (c *course) on(day clinic.Day) { c.clock.Set(day.Start(c.zone).Add(10 * time.Hour)) }

// made is a record of the therapist's.
func (c *course) made(collection string, values map[string]any) string {
	if c.err != nil {
		return ""
	}
	values["patient"] = c.patient
	table, err := c.app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		c.err = err
		return ""
	}
	r := core.NewRecord(table)
	r.Load(values)
	c.store(r)
	return r.Id
}

func (c *course) store(r *core.Record) {
	hooks.As(r, c.therapist)
	if c.err == nil {
		c.err = c.app.Save(r)
	}
}

func (c *course) act(change careplan.Change) {
	if c.err == nil {
		c.err = hooks.Step(c.app, c.clock, c.therapist, c.plan, change)
	}
}

// evaluate is the first visit and all that a plan needs before it is signed.
func (c *course) evaluate(day clinic.Day) {
	c.on(day)
	at := day.Start(c.zone).Add(10 * time.Hour)
	c.attend("", at, "evaluation")
	c.plan = c.made("plans", map[string]any{"clinic": c.clinic, "episode": "1", "state": "draft", "planned_visits": c.p.Planned, "per_week": 2, "consent_on": day.String(),
		"pt_rationale": []string{"adjunct", "preference"}, "care_type": "Exercise, manual therapy, education", "care_amount": "45 minutes", "care_frequency": "Once or twice a week", "care_duration": "6 weeks"})
	c.made("headache_diagnoses", map[string]any{"type": "migraine_without_aura", "code": "1.1", "made_by": "Dr Lee"})
	c.made("safety_screens", map[string]any{"kind": "red_flag", "screened_at": at, "result": "clear"})
	c.made("care_team_members", map[string]any{"kind": "neurologist", "name": "Dr Lee", "prescribes": true})
	for _, group := range careplan.Groups {
		c.made("impairments", map[string]any{"plan": c.plan, "region_group": string(group), "finding": "normal", "found_on": day.String()})
	}
	problem := c.made("problems", map[string]any{"plan": c.plan, "domain": "musculoskeletal", "name": "Stiff upper neck", "positive": true})
	c.goal = c.made("goals", map[string]any{"plan": c.plan, "domain": "frequency", "metric": "MHD28", "baseline": 12, "baseline_on": day.String(), "target": 6, "direction": "lower",
		"due": day.Add(41).String(), "horizon": "long", "patient_words": "Plan a weekend and keep it"})
	c.item = c.made("plan_items", map[string]any{"plan": c.plan, "category": "exercise_condition_specific", "name": "Chin nods", "aim": "motor_control", "dose": "2 × 10, five days a week",
		"mechanism": []string{"strength", "mobility"}, "goals": []string{c.goal}, "problems": []string{problem}})
	c.made("plan_items", map[string]any{"plan": c.plan, "category": "manual", "name": "Mobilization of the upper neck", "technique": "mobilization", "technique_goal": "joint_mobility",
		"mechanism": []string{"mobility", "peripheral_sensitization"}, "goals": []string{c.goal}, "problems": []string{problem}})
	c.card(day)
	c.measures(outcomes.AtStart, at, 0)
}

// measures are the questionnaires and the examination of one occasion; better says how far things have come, 0 to 10.
func (c *course) measures(occasion outcomes.Occasion, at time.Time, better int) {
	answer := func(instrument string, fields map[string]any) {
		fields["instrument"], fields["occasion"], fields["answered_at"], fields["source"] = instrument, string(occasion), at, "clinic"
		c.made("instrument_responses", fields)
	}
	if occasion == outcomes.AtStart {
		answer("midas", map[string]any{"answers": map[string]any{"q1": 4, "q2": 7, "q3": 5, "q4": 6, "q5": 3, "headache_days": 31, "pain": 7}})
	}
	answer("hit6", map[string]any{"totals": map[string]any{"total": 64 - better}})
	answer("msq", map[string]any{"totals": map[string]any{"rr": 45 + 2*better, "rp": 60 + 2*better, "ef": 55 + better}})
	answer("ndi", map[string]any{"totals": map[string]any{"total": 18 - better}})
	answer("psfs", map[string]any{"answers": map[string]any{"a1": 3 + better/3, "a2": 4 + better/3, "a3": 5}, "words": map[string]string{"a1": "Read for an hour", "a2": "Drive to work", "a3": "Play with my girl"}})
	on := clinic.DayOf(at, c.zone).String()
	for side, degrees := range map[string]int{"left": 31, "right": 40} {
		c.made("physical_measures", map[string]any{"type": "flexion_rotation", "side": side, "unit": "deg", "value": degrees + better/2, "headache_free": true, "hours_since_attack": 50, "measured_on": on})
	}
	c.made("physical_measures", map[string]any{"type": "ppt", "side": "left", "site": "upper_trapezius", "unit": "kPa", "readings": []int{210 + 4*better, 220 + 4*better, 230 + 4*better},
		"device": "Algometer", "headache_free": true, "measured_on": on})
	c.made("physical_measures", map[string]any{"type": "neck_nrs", "unit": "score", "value": 4 - better/4, "occasion": string(occasion), "measured_on": on})
}

// card is what she does when an attack begins, as Dr Lee has agreed it.
func (c *course) card(day clinic.Day) {
	c.made("attack_plans", map[string]any{"steps": "Take one tablet early, while the pain is mild.\nLie down in a dark room.\nPut a cold pack on the neck for 15 minutes.\nDrink some water.",
		"agreed_with": "Dr Lee", "agreed_on": day.String(), "note": "Call the clinic when it has not eased after one day.", "source": "clinic"})
}

// see is a visit of the plan, after what has to come before it.
func (c *course) see(day clinic.Day) {
	c.on(day)
	if c.visits == 6 {
		c.measures(outcomes.AtReview, day.Start(c.zone).Add(9*time.Hour), 5)
		c.act(careplan.DoReview{Decision: careplan.DecideContinue, ContinueTo: 10})
		if c.p.State == string(careplan.Extended) {
			c.extend()
		}
	}
	c.attend(c.plan, day.Start(c.zone).Add(10*time.Hour), "treatment")
}

// attend checks in and completes.
func (c *course) attend(plan string, at time.Time, kind string) {
	id := c.made("visits", map[string]any{"plan": plan, "kind": kind, "mode": "in_person", "status": "checked_in", "scheduled_at": at, "started_at": at})
	if c.err != nil {
		return
	}
	visit, err := c.app.FindRecordById("visits", id)
	if err != nil {
		c.err = err
		return
	}
	visit.Set("status", "completed")
	visit.Set("ended_at", at.Add(45*time.Minute))
	c.store(visit)
	c.visits++
}

func (c *course) extend() {
	c.act(careplan.Move{To: careplan.Extended, Kind: careplan.ByBoth, MaxVisits: max(c.p.Visits, c.p.Planned+1), Reason: string(careplan.SlowResponse),
		AdaptationNote: "Slower steps, more endurance.", Items: []string{c.item}})
}
