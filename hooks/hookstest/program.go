package hookstest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"interictal/hooks/clinic"
)

// library is the id of a starter row.
func library(code string) string { return ID(strings.ToLower(code)) }

// homes are what the demo's therapist prescribes: a neck exercise, strength, a walk, and a breathing practice for every day.
var homes = []struct {
	code, horizon string
	changes       map[string]any
}{
	{"C01", "short", map[string]any{"hold_seconds": 6, "reps": 8, "per_day": 1}},
	{"C10", "short", map[string]any{"reps": 10, "load": 5}},
	{"G01", "long", map[string]any{"weekdays": []string{"mon", "wed", "sat"}}},
	{"R01", "short", nil},
}

// home is her program: prescribed through the doors on the plan's first day, changed once by hand, and logged on most days as the
// persona keeps the diary. It has a chance of its own, so that diaries stay what they were.
func (g *Generator) home(p Persona, patient, therapist string, start, today clinic.Day) {
	if g.err != nil {
		return
	}
	c := course{Generator: g, p: p, patient: patient}
	if c.therapist, g.err = g.app.FindRecordById("users", ID(therapist)); g.err != nil {
		return
	}
	defer g.clock.Set(g.now)
	c.on(start)
	made := map[string]string{}
	for _, h := range homes {
		values := map[string]any{"library_item": library(h.code), "horizon": h.horizon}
		for field, value := range h.changes {
			values[field] = value
		}
		if h.code == "C01" && c.p.Weeks > 0 {
			values["plan_item"] = g.planItem(patient)
		}
		made[h.code] = c.made("exercises", values)
	}
	if p.Account { // one that is asked through, and confirmed against its label
		device := c.made("devices", map[string]any{"make": "Example", "model": "Brow", "nerve_target": "supraorbital", "supply": "otc",
			"screening": `{"implanted_head":false,"pacemaker":false,"facial_trauma":false,"pregnancy":false,"forehead_skin":false}`})
		c.edits("devices", device, map[string]any{"label_version": "Demo label 1"})
	}
	text := c.made("education_assignments", map[string]any{"item": library("E01")})
	c.made("education_assignments", map[string]any{"item": library("E02")})
	c.on(start.Add(3))
	c.edits("education_assignments", text, map[string]any{"opened_at": start.Add(1).Start(g.zone).Add(19 * time.Hour), "taught_back_on": start.Add(3).String()})
	if p.Weeks > 2 {
		c.on(start.Add(10))
		c.edits("exercises", made["C10"], map[string]any{"reps": 12})
	}
	g.clock.Set(g.now)
	h := fnv.New64a()
	h.Write([]byte(patient))
	chance := rand.New(rand.NewPCG(h.Sum64(), 1))
	for day := start; day < today.Add(-p.Silent); day++ {
		for _, h := range homes {
			g.session(chance, p, patient, made[h.code], h.code, day)
		}
	}
}

// planItem is the exercise of the plan of care.
func (g *Generator) planItem(patient string) string {
	r, err := g.app.FindFirstRecordByFilter("plan_items", "patient='"+patient+"' && category='exercise_condition_specific'")
	if err != nil {
		return ""
	}
	return r.Id
}

// edits a record as the therapist.
func (c *course) edits(collection, id string, values map[string]any) {
	if c.err != nil {
		return
	}
	r, err := c.app.FindRecordById(collection, id)
	if err != nil {
		c.err = err
		return
	}
	r.Load(values)
	c.store(r)
}

// session of one exercise on one day, or the reason why not, or nothing.
func (g *Generator) session(chance *rand.Rand, p Persona, patient, exercise, code string, day clinic.Day) {
	walks := strings.Contains("Mon Wed Sat", day.Weekday().String()[:3])
	if code == "G01" && !walks || code == "C10" && day.Weekday()%2 == 0 {
		return
	}
	at := day.Start(g.zone).Add(time.Duration(8*60+chance.IntN(11*60)) * time.Minute)
	values := map[string]any{"patient": patient, "exercise": exercise, "done_at": at, "done_offset": offset(at, g.zone), "tz": g.zone.String(), "version": 1,
		"entered_at": at, "entered_offset": offset(at, g.zone), "source": "phone"}
	id := fmt.Sprintf("%s%s%s", patient[:7], strings.ToLower(code), strings.ReplaceAll(day.String(), "-", ""))
	switch dice := chance.Float64(); {
	case dice > p.Keeps:
		return
	case dice > p.Keeps-0.05:
		values["skipped"] = []string{"attack", "tired", "time", "forgot"}[chance.IntN(4)]
		g.make("exercise_logs", id, values)
		return
	}
	before := chance.IntN(4)
	values["pain_before"], values["pain_after"], values["symptom_24h"] = before, before+chance.IntN(2), chance.IntN(2)
	values["effort"] = []string{"easy", "ok", "ok", "ok"}[chance.IntN(4)]
	switch code {
	case "G01":
		values["minutes_done"] = 18 + chance.IntN(6)
	case "R01":
		values["minutes_done"] = 10
	default:
		values["sets_done"], values["reps_done"] = 2, 10
	}
	g.make("exercise_logs", id, values)
}
