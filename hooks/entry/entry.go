// Package entry says what a well-formed entry is: the ranges of answers, the order
// of times, and which times can be true at all. It judges shape only; what an
// entry means is the business of the other rooms.
//
// The kinds of fault, each with its code:
//
//   - E_VALUE: an answer that is not of its kind or outside its range. "Not said"
//     (null) is never a fault;
//   - E_TIME_FUTURE, E_TIME_RANGE, E_END_BEFORE_START, E_OFFSET, E_ZONE, E_DAY:
//     a time that cannot be. A phone's clock may run ahead, so a day of
//     grace is allowed; a diary entry from the year 9999 is a slip;
//   - E_TOO_EARLY: an answer about a moment that has not come yet;
//   - E_ID: the id of a day's row must be made of its owner and the day.
package entry

import (
	"fmt"
	"math"
	"slices"
	"time"

	"interictal/hooks/clinic"
)

// Values are the stored fields of one entry: text as string, instants as
// time.Time (zero = none), answers that may be unknown as nil, float64 or bool.
type Values func(field string) any

// kind of an answer that may be unknown.
type kind struct {
	min, max float64
	whole    bool
	yesNo    bool
}

var (
	yesNo   = kind{yesNo: true}
	nrs     = kind{min: 0, max: 10, whole: true}
	minutes = kind{min: 0, max: 24 * 60}
	offset  = kind{min: -12 * 60, max: 14 * 60, whole: true} // from Baker Island to Kiribati
	few     = kind{min: 0, max: 100, whole: true}
	grade   = kind{min: 0, max: 3, whole: true}
	measure = kind{min: -1e6, max: 1e6} // its unit decides

	pressure = kind{min: 20, max: 400, whole: true} // of blood, mmHg
)

// interval names the fields of a start and an end.
type interval struct{ start, end string }

// hindsight is an answer that nobody has until so long after an instant.
type hindsight struct {
	answer, of string
	after      time.Duration
}

// form is what is asked of one collection.
type form struct {
	answers map[string]kind
	times   []string // instants that must be plausible
	ahead   []string // instants that may lie ahead, up to five years
	periods []interval
	spans   []interval // of calendar days
	days    []string   // calendar days in the past or today
	plans   []string   // calendar days that may lie ahead
	zones   []string
	after   []hindsight
	objects []string // answers by item
	owner   string   // the row's id is this field's value and the digits of `day`
}

var forms = map[string]form{
	"patients":   {days: []string{"birth_date", "baseline_date"}, zones: []string{"timezone"}},
	"clinics":    {zones: []string{"timezone"}},
	"consents":   {times: []string{"decided_at"}},
	"care_links": {times: []string{"from", "until"}, periods: []interval{{"from", "until"}}},
	"diary_days": {owner: "patient", days: []string{"day"}, zones: []string{"tz"}, times: []string{"entered_at"},
		answers: map[string]kind{
			"headache": yesNo, "acute_medicine": yesNo, "worst_pain_nrs": nrs, "neck_pain_nrs": nrs,
			"sleep_hours": {max: 24}, "sleep_quality": nrs, "meals_skipped": few, "water_glasses": few,
			"caffeine_servings": {max: 50}, "alcohol_units": {max: 100}, "stress": nrs, "wellbeing": nrs,
			"exercise_minutes": minutes, "entered_offset": offset,
		}},
	"attacks": {times: []string{"started_at", "ended_at", "entered_at", "still_going_at"}, periods: []interval{{"started_at", "ended_at"}}, zones: []string{"tz"},
		answers: map[string]kind{
			"started_offset": offset, "ended_offset": offset, "entered_offset": offset, "peak_nrs": nrs,
			"unilateral": yesNo, "pulsating": yesNo, "worse_with_activity": yesNo, "nausea": yesNo, "vomiting": yesNo,
			"photophobia": yesNo, "phonophobia": yesNo, "neck_pain": yesNo, "aura": yesNo, "pain_absent": yesNo,
			"aura_minutes": {max: 7 * 24 * 60}, "peak_minutes": {max: 7 * 24 * 60}, "sudden": yesNo, "worst_ever": yesNo, "aura_usual": yesNo, "first_motor_aura": yesNo,
			"joined": yesNo,
		}},
	"attack_readings": {times: []string{"at"}, answers: map[string]kind{"nrs": nrs, "at_offset": offset}},
	"attack_phases":   {times: []string{"from", "until"}, periods: []interval{{"from", "until"}}},
	"medications":     {days: []string{"started_on"}, plans: []string{"stopped_on"}, spans: []interval{{"started_on", "stopped_on"}}},
	"medication_doses": {times: []string{"taken_at", "entered_at"}, zones: []string{"tz"},
		answers: map[string]kind{
			"taken_offset": offset, "entered_offset": offset, "pain_before": nrs, "pain_2h": nrs,
			"worked": yesNo, "redosed_24h": yesNo, "back_to_function_2h": yesNo,
		},
		after: []hindsight{{"pain_2h", "taken_at", 2 * time.Hour}}},
	"medication_effects": {days: []string{"noted_on"}, times: []string{"entered_at"},
		answers: map[string]kind{"severity": nrs, "stopped_because": yesNo, "entered_offset": offset}},
	"triggers": {plans: []string{"track_until"}, answers: map[string]kind{"cut_at": measure, "avoided": yesNo}},
	"trigger_exposures": {owner: "trigger", days: []string{"day"}, times: []string{"entered_at"},
		answers: map[string]kind{"exposed": yesNo, "value": measure, "entered_offset": offset}},
	"menstrual_days": {owner: "patient", days: []string{"day"}, times: []string{"entered_at"},
		answers: map[string]kind{"started": yesNo, "entered_offset": offset}},
	"trigger_analyses": {times: []string{"ran_at", "discussed_at"}},
	"planned_tests":    {plans: []string{"start", "stopped_on"}, times: []string{"drawn_at", "agreed_at"}},
	"exercises": {plans: []string{"started_on", "stopped_on"},
		times: []string{"confirmed_at"},
		answers: map[string]kind{"sets": few, "reps": few, "hold_seconds": {max: 600}, "minutes": minutes, "per_week": {max: 7, whole: true},
			"per_day": few, "load": {max: 500}, "effort_target": {max: 10}, "position": {min: 1, max: 500, whole: true}}},
	"exercise_versions":     {plans: []string{"from", "started_on", "stopped_on"}, times: []string{"at"}},
	"progression_proposals": {days: []string{"week_from", "week_to"}, times: []string{"made_at", "decided_at"}, answers: map[string]kind{"from_value": measure, "to_value": measure}},
	"education_assignments": {days: []string{"taught_back_on"}, plans: []string{"published_on", "reviewed_on"}, times: []string{"assigned_at", "opened_at", "said_back_at"}},
	"library_items":         {days: []string{"reviewed_on"}, answers: map[string]kind{"effort": {max: 10}}},
	"education_items":       {days: []string{"published_on", "reviewed_on"}},
	"exercise_logs": {times: []string{"done_at", "entered_at"}, zones: []string{"tz"},
		answers: map[string]kind{
			"done_offset": offset, "entered_offset": offset, "sets_done": few, "reps_done": few, "minutes_done": minutes,
			"holds_done": {max: 600}, "load_done": {max: 500}, "pain_before": nrs, "pain_during": nrs, "pain_after": nrs, "symptom_24h": nrs,
		}},
	"plans": {days: []string{"signed_on", "consent_on", "wellness_consent_on"},
		plans: []string{"start_date", "planned_end", "extended_until", "paused_since", "adapted_until", "closed_on"}, zones: []string{"zone"}},
	"plan_versions": {times: []string{"at"}},
	"practitioners": {days: []string{"practising_since"}},
	"visits": {ahead: []string{"scheduled_at"}, times: []string{"started_at", "ended_at"}, periods: []interval{{"started_at", "ended_at"}},
		days: []string{"recorded_on"}},
	"care_messages":      {times: []string{"entered_at", "read_by_patient", "read_by_therapist", "read_by_neurologist"}, answers: map[string]kind{"entered_offset": offset}},
	"report_shares":      {ahead: []string{"expires_at"}, times: []string{"revoked_at", "opened_at"}},
	"report_replies":     {times: []string{"said_at", "seen_at"}},
	"caregiver_links":    {ahead: []string{"expires_at"}, times: []string{"revoked_at", "used_at"}},
	"caregiver_entries":  {times: []string{"at"}},
	"change_reports":     {days: []string{"happened_on"}, times: []string{"entered_at"}, answers: map[string]kind{"entered_offset": offset}},
	"attack_plans":       {days: []string{"agreed_on"}, times: []string{"entered_at"}, answers: map[string]kind{"entered_offset": offset}},
	"headache_diagnoses": {days: []string{"noted_on", "ended_on"}},
	"impairments":        {days: []string{"found_on"}, answers: map[string]kind{"severity": grade}},
	"physical_measures": {days: []string{"measured_on"},
		answers: map[string]kind{"positive": yesNo, "headache_free": yesNo, "value": measure, "hours_since_attack": {max: 1e6}}},
	"problems":          {},
	"goals":             {days: []string{"baseline_on"}, plans: []string{"due"}, answers: map[string]kind{"baseline": measure, "target": measure, "value": measure}},
	"plan_items":        {times: []string{"confirmed_at"}, plans: []string{"stopped_on"}},
	"plan_measures":     {days: []string{"measured_on"}},
	"readiness_answers": {},
	"safety_screens":    {times: []string{"screened_at"}},
	"safety_alerts":     {times: []string{"raised_at", "closed_at", "happened_at"}, days: []string{"assessed_on"}, periods: []interval{{"raised_at", "closed_at"}}},
	"health_facts": {days: []string{"gave_birth_on"}, plans: []string{"due_on"},
		answers: map[string]kind{"known_long_aura": yesNo, "cancer": yesNo, "immune": yesNo, "anticoagulant": yesNo, "cold_urticaria": yesNo, "raynaud": yesNo,
			"cryoglobulinaemia": yesNo, "numb_skin": yesNo}},
	"safety_checks":      {answers: map[string]kind{"entered_offset": offset}}, // no alarm is lost to a clock that is wrong
	"cold_screens":       {times: []string{"asked_at", "entered_at"}, answers: map[string]kind{"entered_offset": offset}},
	"reminders":          {zones: []string{"tz"}, times: []string{"entered_at"}, answers: map[string]kind{"entered_offset": offset}},
	"push_subscriptions": {},
	"devices": {days: []string{"label_confirmed_on", "started_on"}, plans: []string{"stopped_on"}, times: []string{"entered_at"},
		answers: map[string]kind{"entered_offset": offset}},
	"neuromod_sessions": {times: []string{"started_at", "entered_at"},
		answers: map[string]kind{"intensity": {max: 1000}, "minutes": minutes, "pain_before": nrs, "pain_2h": nrs, "entered_offset": offset}},
	"modality_sessions": {times: []string{"started_at", "entered_at"},
		answers: map[string]kind{"with_compression": yesNo, "minutes": minutes, "pain_before": nrs, "pain_30min": nrs, "pain_2h": nrs, "entered_offset": offset}},
	"relaxation_sessions": {times: []string{"started_at", "entered_at"},
		answers: map[string]kind{"minutes": minutes, "stress_before": nrs, "stress_after": nrs, "tension_before": nrs, "tension_after": nrs, "entered_offset": offset}},
	"adverse_events": {times: []string{"happened_at", "entered_at"}, answers: map[string]kind{"severity": nrs, "entered_offset": offset}},
	"manipulation_screens": {times: []string{"screened_at"},
		answers: map[string]kind{"examined": yesNo, "consent": yesNo, "systolic": pressure, "diastolic": pressure}},
	"care_team_members": {plans: []string{"until"}},
	"referrals":         {days: []string{"dated_on"}, times: []string{"sent_at", "read_at", "answered_at", "answer_read_at"}},
	"certifications":    {days: []string{"signed_on", "verbal_on", "ordered_on", "sent_on"}, plans: []string{"from_day"}},
	"progress_reports":  {days: []string{"written_on"}},
	"care_documents":    {times: []string{"written_at", "signed_at"}},
	"visit_notes":       {times: []string{"signed_at"}},
	"visit_interventions": {answers: map[string]kind{"minutes": {max: 600}, "pain_before": nrs, "pain_after": nrs,
		"tension_before": nrs, "tension_after": nrs}},
	"wellness_programs": {days: []string{"ended_on"}, plans: []string{"started_on", "review_on"}},
	"wellness_sessions": {times: []string{"started_at"}},
	"followups":         {days: []string{"held_on"}},

	"instrument_responses": {times: []string{"answered_at", "entered_at"}, objects: []string{"answers", "words", "totals"}, answers: map[string]kind{"entered_offset": offset}},
	"comorbidities":        {days: []string{"noted_on"}},
}

// JSONSchema says in JSON Schema what may be answered in a field.
func JSONSchema(collection, field string) map[string]any {
	k, ok := forms[collection].answers[field]
	switch {
	case slices.Contains(forms[collection].objects, field):
		return map[string]any{"type": []string{"object", "null"}}
	case !ok:
		return map[string]any{} // a clinic's own field: anything
	case k.yesNo:
		return map[string]any{"type": []string{"boolean", "null"}}
	case k.whole:
		return map[string]any{"type": []string{"integer", "null"}, "minimum": k.min, "maximum": k.max}
	}
	return map[string]any{"type": []string{"number", "null"}, "minimum": k.min, "maximum": k.max}
}

// Collections lists the collections this room judges.
func Collections() []string {
	out := make([]string, 0, len(forms))
	for name := range forms {
		out = append(out, name)
	}
	return out
}

// Check judges one entry at the instant now; nil means it is well formed.
func Check(collection, id string, v Values, now time.Time) []clinic.Broken {
	f := forms[collection]
	var broken []clinic.Broken
	add := func(b ...clinic.Broken) { broken = append(broken, b...) }
	for name, k := range f.answers {
		add(k.check(name, v(name))...)
	}
	for _, name := range f.times {
		add(plausible(name, v(name), now.Add(grace))...)
	}
	for _, name := range f.ahead {
		add(plausible(name, v(name), now.AddDate(5, 0, 0))...)
	}
	for _, p := range f.periods {
		add(inOrder(p, v)...)
	}
	for _, name := range f.days {
		add(dayBy(name, text(v, name), clinic.DayOf(now.Add(grace), time.UTC))...)
	}
	for _, name := range f.plans {
		add(dayBy(name, text(v, name), clinic.LastDay)...)
	}
	for _, p := range f.spans {
		add(daysInOrder(p, v)...)
	}
	for _, h := range f.after {
		add(h.check(v, now)...)
	}
	for _, name := range f.zones {
		add(zone(name, text(v, name))...)
	}
	if f.owner != "" && len(broken) == 0 && id != DayID(text(v, f.owner), text(v, "day")) {
		add(fault("E_ID", "The id of this row is its owner's id and the digits of the day.", "id"))
	}
	return broken
}

// DayID is the id of the one row for this owner and day, so that two phones
// that both answer for a day make the same row and not two.
func DayID(owner, day string) string {
	d, err := clinic.ParseDay(day)
	if err != nil {
		return ""
	}
	s := d.String()
	return owner + s[:4] + s[5:7] + s[8:]
}

// Owner is the field whose value begins the id of a day's row; "" for other collections.
func Owner(collection string) string { return forms[collection].owner }

func (k kind) check(name string, value any) []clinic.Broken {
	switch x := value.(type) {
	case nil:
		return nil
	case bool:
		if k.yesNo {
			return nil
		}
	case float64:
		if !k.yesNo && x >= k.min && x <= k.max && (!k.whole || x == math.Trunc(x)) {
			return nil
		}
	}
	if k.yesNo {
		return []clinic.Broken{fault("E_VALUE", fmt.Sprintf("Not an answer to yes or no: %s.", name), name)}
	}
	return []clinic.Broken{fault("E_VALUE", fmt.Sprintf("Needs a number from %g to %g, or none: %s.", k.min, k.max, name), name)}
}

const grace = 24 * time.Hour // for phones whose clock runs ahead, and zones ahead of UTC

var earliest = clinic.FirstDay.Start(time.UTC)

func plausible(name string, value any, last time.Time) []clinic.Broken {
	t, _ := value.(time.Time)
	switch {
	case t.IsZero():
		return nil
	case t.After(last):
		return []clinic.Broken{fault("E_TIME_FUTURE", fmt.Sprintf("This time lies too far in the future: %s.", name), name)}
	case t.Before(earliest):
		return []clinic.Broken{fault("E_TIME_RANGE", fmt.Sprintf("This time lies before 1900: %s.", name), name)}
	}
	return nil
}

func inOrder(p interval, v Values) []clinic.Broken {
	start, _ := v(p.start).(time.Time)
	end, _ := v(p.end).(time.Time)
	if start.IsZero() || end.IsZero() || !end.Before(start) {
		return nil
	}
	return []clinic.Broken{fault("E_END_BEFORE_START", "It ends before it starts.", p.end)}
}

// daysInOrder: days are text that sorts as the days do; what is no day is said elsewhere.
func daysInOrder(p interval, v Values) []clinic.Broken {
	start, end := text(v, p.start), text(v, p.end)
	if start == "" || end == "" || end >= start {
		return nil
	}
	return []clinic.Broken{fault("E_END_BEFORE_START", "It ends before it starts.", p.end)}
}

// early is how much sooner than asked an answer may come: people look at the clock, not at the second.
const early = 30 * time.Minute

// check goes by the server's clock. An instant ahead of it comes from a phone whose clock runs ahead, and cannot be judged.
func (h hindsight) check(v Values, now time.Time) []clinic.Broken {
	from, _ := v(h.of).(time.Time)
	if v(h.answer) == nil || from.IsZero() || from.After(now) || !now.Before(from.Add(h.after-early)) {
		return nil
	}
	return []clinic.Broken{fault("E_TOO_EARLY", fmt.Sprintf("Too early to know: it asks about %g hours later.", h.after.Hours()), h.answer)}
}

func dayBy(name, value string, last clinic.Day) []clinic.Broken {
	if value == "" {
		return nil
	}
	d, err := clinic.ParseDay(value)
	switch {
	case err != nil:
		return []clinic.Broken{fault("E_DAY", fmt.Sprintf("No day of the calendar: %s.", name), name)}
	case d > last:
		return []clinic.Broken{fault("E_TIME_FUTURE", fmt.Sprintf("This time lies in the future: %s.", name), name)}
	}
	return nil
}

func zone(name, value string) []clinic.Broken {
	if value == "" {
		return nil
	}
	if _, err := clinic.LoadZone(value); err != nil {
		return []clinic.Broken{fault("E_ZONE", fmt.Sprintf("No IANA time zone: %s.", name), name)}
	}
	return nil
}

func fault(code, message, field string) clinic.Broken {
	return clinic.Broken{Code: code, Severity: clinic.Hard, Message: message, Params: map[string]any{"field": field}}
}

func text(v Values, name string) string {
	s, _ := v(name).(string)
	return s
}
