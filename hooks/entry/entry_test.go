package entry

import (
	"slices"
	"testing"
	"time"
)

var now = time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)

func values(m map[string]any) Values { return func(field string) any { return m[field] } }

func codes(collection, id string, m map[string]any) []string {
	var out []string
	for _, b := range Check(collection, id, values(m), now) {
		out = append(out, b.Code)
	}
	slices.Sort(out)
	return out
}

func TestEntries(t *testing.T) {
	at := func(h int) time.Time { return now.Add(time.Duration(h) * time.Hour) }
	for _, c := range []struct {
		name, collection, id string
		entry                map[string]any
		want                 []string
	}{
		{"an attack with nothing but its start", "attacks", "x", map[string]any{"started_at": at(-3)}, nil},
		{"an open attack", "attacks", "x", map[string]any{"started_at": at(-90), "ended_at": time.Time{}}, nil},
		{"an attack that ends when it starts", "attacks", "x", map[string]any{"started_at": at(-3), "ended_at": at(-3)}, nil},
		{"an attack that ends before it starts", "attacks", "x", map[string]any{"started_at": at(-3), "ended_at": at(-4)}, []string{"E_END_BEFORE_START"}},
		{"a phone clock 23 hours ahead", "attacks", "x", map[string]any{"started_at": at(23)}, nil},
		{"a phone clock 25 hours ahead", "attacks", "x", map[string]any{"started_at": at(25)}, []string{"E_TIME_FUTURE"}},
		{"the year 9999", "attacks", "x", map[string]any{"started_at": time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, []string{"E_TIME_FUTURE"}},
		{"the year 1899", "attacks", "x", map[string]any{"started_at": time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)}, []string{"E_TIME_RANGE"}},
		{"pain 0 is an answer", "attacks", "x", map[string]any{"peak_nrs": 0.0}, nil},
		{"pain 10", "attacks", "x", map[string]any{"peak_nrs": 10.0}, nil},
		{"pain 11", "attacks", "x", map[string]any{"peak_nrs": 11.0}, []string{"E_VALUE"}},
		{"pain 6.5", "attacks", "x", map[string]any{"peak_nrs": 6.5}, []string{"E_VALUE"}},
		{"pain yes", "attacks", "x", map[string]any{"peak_nrs": true}, []string{"E_VALUE"}},
		{"nausea 1", "attacks", "x", map[string]any{"nausea": 1.0}, []string{"E_VALUE"}},
		{"half an hour of sleep", "diary_days", "p20260105", map[string]any{"patient": "p", "day": "2026-01-05", "sleep_hours": 0.5}, nil},
		{"25 hours of sleep", "diary_days", "p20260105", map[string]any{"patient": "p", "day": "2026-01-05", "sleep_hours": 25.0}, []string{"E_VALUE"}},
		{"Kiribati is 14 hours ahead", "attacks", "x", map[string]any{"started_offset": 840.0}, nil},
		{"nowhere is 15 hours ahead", "attacks", "x", map[string]any{"started_offset": 900.0}, []string{"E_VALUE"}},
		{"a day under its own id", "diary_days", "p20260105", map[string]any{"patient": "p", "day": "2026-01-05"}, nil},
		{"a day under another id", "diary_days", "p20260106", map[string]any{"patient": "p", "day": "2026-01-05"}, []string{"E_ID"}},
		{"the 30th of February", "diary_days", "p20260230", map[string]any{"patient": "p", "day": "2026-02-30"}, []string{"E_DAY"}},
		{"tomorrow, where it is tomorrow already", "diary_days", "p20260121", map[string]any{"patient": "p", "day": "2026-01-21"}, nil},
		{"the day after tomorrow", "diary_days", "p20260122", map[string]any{"patient": "p", "day": "2026-01-22"}, []string{"E_TIME_FUTURE"}},
		{"a plan may end in the future", "plans", "x", map[string]any{"planned_end": "2026-03-01"}, nil},
		{"a zone there is", "attacks", "x", map[string]any{"tz": "Pacific/Auckland"}, nil},
		{"a zone there is not", "attacks", "x", map[string]any{"tz": "Pacific/Atlantis"}, []string{"E_ZONE"}},
		{"everything wrong at once", "attacks", "x", map[string]any{"started_at": at(-3), "ended_at": at(-4), "peak_nrs": 11.0, "tz": "x"}, []string{"E_END_BEFORE_START", "E_VALUE", "E_ZONE"}},
		{"a change that began last week", "change_reports", "x", map[string]any{"happened_on": "2026-01-12", "entered_at": at(0), "entered_offset": 60.0}, nil},
		{"a change that is still to come", "change_reports", "x", map[string]any{"happened_on": "2026-01-22"}, []string{"E_TIME_FUTURE"}},
		{"tension after treatment", "visit_interventions", "x", map[string]any{"tension_before": 6.0, "tension_after": 0.0, "minutes": 12.5}, nil},
		{"eleven hours of massage", "visit_interventions", "x", map[string]any{"minutes": 660.0}, []string{"E_VALUE"}},
		{"a severe impairment", "impairments", "x", map[string]any{"severity": 3.0}, nil},
		{"worse than severe", "impairments", "x", map[string]any{"severity": 4.0}, []string{"E_VALUE"}},
		{"a positive test", "physical_measures", "x", map[string]any{"positive": true, "value": 31.5}, nil},
		{"a test that is positive by 3", "physical_measures", "x", map[string]any{"positive": 3.0}, []string{"E_VALUE"}},
		{"a goal for next month", "goals", "x", map[string]any{"due": "2026-02-20", "target": 4.0}, nil},
		{"a target in words", "goals", "x", map[string]any{"target": "fewer"}, []string{"E_VALUE"}},
		{"an alert closed before it was raised", "safety_alerts", "x", map[string]any{"raised_at": at(-2), "closed_at": at(-3)}, []string{"E_END_BEFORE_START"}},
		{"pain at two hours, after two", "medication_doses", "x", map[string]any{"taken_at": at(-2), "pain_2h": 0.0}, nil},
		{"pain at two hours, after one and a half", "medication_doses", "x", map[string]any{"taken_at": now.Add(-90 * time.Minute), "pain_2h": 0.0}, nil},
		{"pain at two hours, a minute sooner", "medication_doses", "x", map[string]any{"taken_at": now.Add(-89 * time.Minute), "pain_2h": 0.0}, []string{"E_TOO_EARLY"}},
		{"not said yet, after one", "medication_doses", "x", map[string]any{"taken_at": at(-1)}, nil},
		{"by a phone whose clock runs ahead nobody can tell", "medication_doses", "x", map[string]any{"taken_at": at(3), "pain_2h": 0.0}, nil},
		{"a medicine of one day", "medications", "x", map[string]any{"started_on": "2026-01-05", "stopped_on": "2026-01-05"}, nil},
		{"a medicine stopped before it was begun", "medications", "x", map[string]any{"started_on": "2026-01-05", "stopped_on": "2026-01-04"}, []string{"E_END_BEFORE_START"}},
		{"a medicine begun nobody knows when", "medications", "x", map[string]any{"stopped_on": "2026-01-04"}, nil},
		{"a side effect", "medication_effects", "x", map[string]any{"noted_on": "2026-01-05", "severity": 6.0, "stopped_because": true}, nil},
		{"a side effect of 11", "medication_effects", "x", map[string]any{"noted_on": "2026-01-05", "severity": 11.0}, []string{"E_VALUE"}},
		{"a collection without a form", "invitations", "x", map[string]any{"anything": 1.0}, nil},
	} {
		if got := codes(c.collection, c.id, c.entry); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}

func TestDayID(t *testing.T) {
	for day, want := range map[string]string{"2026-01-05": "anna20260105", "2026-02-30": "", "": "", "5 Jan": ""} {
		if got := DayID("anna", day); got != want {
			t.Errorf("%q gives %q, not %q", day, got, want)
		}
	}
}

// No answer of any type makes the room fail, or passes when its form does not allow it.
func FuzzCheck(f *testing.F) {
	f.Add("2026-01-05", "UTC", 7.0, true)
	f.Fuzz(func(t *testing.T, day, zone string, n float64, b bool) {
		Check("diary_days", DayID("p", day), values(map[string]any{"patient": "p", "day": day, "tz": zone, "neck_pain_nrs": n, "headache": b, "stress": b}), now)
	})
}
