package hookstest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/entry"
)

// Persona is one made-up patient: how often attacks come before and during
// treatment, how well the diary is kept, and where the plan stands.
type Persona struct {
	ID, Name   string
	Weeks      int     // since the plan began; 0 = no plan
	Before     float64 // chance that an attack begins on a free day, before the plan
	During     float64 // and since
	Keeps      float64 // share of days with a check-in
	Silent     int     // days since the last entry
	State      string
	Visits     int
	Planned    int
	PausedDays int
	Reason     string
	Account    bool // signs in on a phone of her own
}

// Generator writes whole diaries. The same seed and day give the same diary.
type Generator struct {
	maker
	random *rand.Rand
	now    time.Time
	zone   *time.Location
	clinic string
	next   int
	clock  *hooks.Clock
}

// NewGenerator writes to app, whose doors are bound to the clock, with diaries that end at now.
func NewGenerator(app core.App, clock *hooks.Clock, seed uint64, now time.Time) *Generator {
	zone, err := clinic.LoadZone("America/New_York")
	if err != nil {
		panic(err) // the zone data is compiled in
	}
	return &Generator{maker: maker{app: app}, clock: clock, random: rand.New(rand.NewPCG(seed, seed)), now: now.Truncate(time.Second), zone: zone}
}

// Err is the first thing that went wrong.
func (g *Generator) Err() error { return g.err }

// Clinic makes a clinic with its staff; id is at most 15 characters.
func (g *Generator) Clinic(id, name string) {
	g.clinic = ID(id)
	g.make("clinics", id, map[string]any{"name": name, "timezone": g.zone.String(), "jurisdiction": "US-PA", "emergency_number": "911",
		"regulation_profile": "none", "day_profile": "leiden2023", "merge_profile": "merge_48h", "synthetic": true})
}

// Staff makes somebody who works at the clinic.
func (g *Generator) Staff(id, name, email string, roles ...access.Role) {
	g.make("users", id, map[string]any{"email": email, "name": name})
	for _, role := range roles {
		g.make("practitioners", "", map[string]any{"user": ID(id), "clinic": g.clinic, "role": string(role), "name": name, "active": true})
	}
}

// Patient makes a persona with consents, a care link to the therapist, a plan and a diary.
func (g *Generator) Patient(p Persona, therapist string) {
	patient := ID(p.ID)
	today := clinic.DayOf(g.now, g.zone)
	start := today.Add(-7 * p.Weeks)
	g.make("patients", p.ID, map[string]any{"clinic": g.clinic, "name": p.Name, "timezone": g.zone.String(), "birth_date": "1991-03-04",
		"sex": "female", "active": true, "synthetic": true, "baseline_date": start.String()})
	if p.Account {
		g.make("users", p.ID, map[string]any{"email": p.ID + "@demo.interictal.test", "name": p.Name, "patient": patient})
	}
	g.consents(patient)
	g.make("care_links", "", map[string]any{"patient": patient, "member": ID(therapist), "role": "therapist", "from": g.now.AddDate(0, 0, -7*p.Weeks-40)})
	if p.Weeks > 0 {
		g.plan(p, patient, therapist, start, today)
	}
	g.diary(p, patient, start, today)
	g.tracks(p, patient, start.Add(-28), today.Add(-p.Silent))
	if p.Weeks > 0 {
		g.home(p, patient, therapist, start, today)
	}
}

// diary writes the days from four weeks before the plan until the persona fell silent.
func (g *Generator) diary(p Persona, patient string, start, today clinic.Day) {
	triptan := g.make("medications", "m"+p.ID, map[string]any{"patient": patient, "name": "Sumatriptan", "strength": "50 mg", "drug_class": "triptan",
		"indication": "acute", "prescriber": "Dr Lee"})
	if p.Weeks >= 8 { // a preventive that was tried, and why it was stopped
		g.make("medications", "t"+p.ID, map[string]any{"patient": patient, "name": "Topiramate", "strength": "50 mg", "drug_class": "preventive", "indication": "preventive",
			"prescriber": "Dr Lee", "started_on": start.Add(-80).String(), "stopped_on": start.Add(-40).String()})
		g.make("medication_effects", "e"+p.ID, map[string]any{"patient": patient, "medication": ID("t" + p.ID), "effect": "Tired, slow with words", "severity": 6, "stopped_because": true,
			"noted_on": start.Add(-60).String(), "source": "phone"})
	}
	last := today.Add(-p.Silent)
	free := start.Add(-28) // no attack begins before this day
	for day := free; day <= last && g.err == nil; day++ {
		chance := p.Before
		if p.Weeks > 0 && day >= start {
			chance = p.During
		}
		headache, dosed := day < free, false
		if !headache && g.random.Float64() < chance {
			headache = true
			free, dosed = g.attack(patient, triptan.Id, day)
		}
		if g.random.Float64() < p.Keeps {
			g.day(patient, day, headache, dosed)
		}
	}
}

// attack writes one attack with readings and, mostly, a dose on the day it begins (dosed); free is the first day
// without it again.
func (g *Generator) attack(patient, medicine string, day clinic.Day) (free clinic.Day, dosed bool) {
	start := day.Start(g.zone).Add(time.Duration(6*60+g.random.IntN(12*60)) * time.Minute)
	hours := math.Exp(2.3 + 0.7*g.random.NormFloat64()) // around ten hours, now and then two days
	end := start.Add(time.Duration(min(max(hours, 2), 60) * float64(time.Hour)))
	if end.After(g.now) {
		end = g.now.Add(-10 * time.Minute)
	}
	if !end.After(start) {
		return day, false
	}
	peak := 4 + g.random.IntN(6)
	a := g.make("attacks", g.id(), map[string]any{"patient": patient, "started_at": start, "ended_at": end, "tz": g.zone.String(),
		"started_offset": offset(start, g.zone), "ended_offset": offset(end, g.zone), "end_known": "exact", "peak_nrs": peak,
		"unilateral": g.often(0.7), "pulsating": g.often(0.7), "worse_with_activity": g.often(0.8), "nausea": g.often(0.6),
		"photophobia": g.often(0.8), "phonophobia": g.often(0.7), "neck_pain": g.often(0.6), "aura": g.often(0.15),
		"entered_at": start, "entered_offset": offset(start, g.zone), "source": "phone"})
	if a == nil {
		return day, false
	}
	g.make("attack_readings", g.id(), map[string]any{"patient": patient, "attack": a.Id, "at": start, "nrs": peak - 2, "source": "phone"})
	g.make("attack_readings", g.id(), map[string]any{"patient": patient, "attack": a.Id, "at": start.Add(end.Sub(start) / 2), "nrs": peak, "source": "phone"})
	if g.often(0.6) {
		taken := start.Add(time.Duration(20+g.random.IntN(90)) * time.Minute)
		if dosed = taken.Before(end); dosed {
			dose := map[string]any{"patient": patient, "medication": medicine, "attack": a.Id, "taken_at": taken,
				"tz": g.zone.String(), "amount": "1 tablet", "pain_before": peak, "pain_2h": max(0, peak-3-g.random.IntN(5)), "worked": g.often(0.6), "source": "phone"}
			if taken.Add(2 * time.Hour).After(g.now) {
				dose["pain_2h"] = nil
			}
			g.make("medication_doses", g.id(), dose)
		}
	}
	return clinic.DayOf(end, g.zone).Add(1), dosed
}

func (g *Generator) day(patient string, day clinic.Day, headache, dosed bool) {
	neck := g.random.IntN(4)
	if headache {
		neck += 2
	}
	entered := day.Start(g.zone).Add(20 * time.Hour)
	if entered.After(g.now) {
		entered = g.now
	}
	g.make("diary_days", entry.DayID(patient, day.String()), map[string]any{"patient": patient, "day": day.String(), "headache": headache,
		"acute_medicine": dosed, "neck_pain_nrs": neck, "entered_at": entered, "entered_offset": offset(entered, g.zone), "source": "phone"})
}

func (g *Generator) often(share float64) bool { return g.random.Float64() < share }

// id makes ids that are the same in every run of a seed.
func (g *Generator) id() string {
	g.next++
	return fmt.Sprintf("%09x%06d", g.random.Uint64()&0xfffffffff, g.next)
}

func offset(t time.Time, zone *time.Location) int {
	_, seconds := t.In(zone).Zone()
	return seconds / 60
}
