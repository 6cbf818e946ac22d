// Package careplan holds the rules of a plan of care (spec §2). Given the history of one plan, the clinic's settings
// and one proposed change, Decide answers with the history after it, and every rule it breaks. It has no clock and
// no database; the same call serves the dry run and the real one.
//
// # The principle
//
// A rule may stop what is about to happen, never the record of what did. Checking in can be refused; completing what
// was checked in never is. A visit that took place but was never checked in is stored, counts, and carries the
// codes it breaks as needs_reason, with a task due in 7 days.
//
//	HARD      refused, nobody can override
//	OVERRIDE  refused unless a physical therapist gives a reason: one a code, in the same request
//	WARN      accepted and shown
//
// # States (§2.1)
//
//	T1 draft → active             evaluation done, red flags screened within 14 days and none open, content, consent
//	T2 draft → voided             therapist or clinic admin, with a reason
//	T3 active/extended → paused   reason, note, an item changed or confirmed; may start up to 60 days ahead
//	T4 paused → active/extended   back to where it came from, with a fresh red-flag screen
//	T5 active → extended          more visits, more time (≤28 days a step) or both; note, item, review of visit 6
//	T6 extended → extended        T5 again, a new row each time
//	T7 active/extended → completed      every goal has an outcome, eight readiness answers
//	T8 active/extended/paused → discharged
//	T9 completed → transitioned         wellness program, best within 90 days
//	T10 active/extended → transitioned  T7 and T9 in one step
//	T11 any signed plan → voided        entered in error: a therapist and a clinic admin, two people
//
// Every other pair is E_TRANSITION, every other role E_ROLE.
//
// # Dates (§2.3)
//
// The plan starts (s) on the local date of its first counted visit, in the clinic's zone fixed at plan start. Day 1
// is s. A typical end lies between day 28 (s+27) and day 42 (s+41), both later by the days paused. A pause covers
// its first day and not the day of return. Example: s = 5 January 2026, paused 19 → 26 January: 7 days, the
// plan typically ends between 8 and 22 February.
//
// # Visits (§2.4)
//
// Completed and partly completed visits count, whatever the mode; two on one date are one visit. The evaluation is
// visit 1 unless the clinic says otherwise. Nobody stores a visit number: dates in order are visits 1, 2, 3 …
//
//	visit 6    a review is due; it holds up check-in of visit 7
//	planned    check-in above the agreed number needs an extension or a reason
//	visit 10   wellness, complete or medical extension?
//	visit 11   only with an extension for a medical reason that names it
//
// # What is due
//
// Tasks and flags are never remembered by timers: Worklist computes, from history and day, what should stand, and
// Decide and Daily answer with the difference to what does. Each has a key, so each is raised once, also after days
// of downtime.
//
// Missing is not zero: a score nobody took is nil, a day nobody named the zero Day, and an attendance of no visits
// is null.
package careplan

import (
	"time"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

// State of a plan (§2.1). Completed allows only transitioned; discharged, transitioned and voided are final.
type State string

const (
	Draft        State = "draft"
	Active       State = "active"
	Paused       State = "paused"
	Extended     State = "extended"
	Completed    State = "completed"
	Discharged   State = "discharged"
	Transitioned State = "transitioned"
	Voided       State = "voided"
)

// States in the order of a plan's life.
var States = []State{Draft, Active, Paused, Extended, Completed, Discharged, Transitioned, Voided}

// Treating says whether visits are expected; Open whether the plan is its episode's one plan under way (I1).
func (s State) Treating() bool { return s == Active || s == Extended }
func (s State) Open() bool     { return s.Treating() || s == Paused }

// Closed plans take no check-in, pause or item change (I10).
func (s State) Closed() bool {
	return s == Completed || s == Discharged || s == Transitioned || s == Voided
}

// Plan is the history of one plan of care, as read from the records. Everything in it happened.
type Plan struct {
	ID   string
	Zone *time.Location // the clinic's, fixed at plan start (I11); nil is UTC

	// As stored; Check compares them with the history.
	State      State
	Version    int // +1 with every event
	Start      clinic.Day
	VisitCount int
	SignedOn   clinic.Day
	ClosedOn   clinic.Day

	Terms
	Content
	AdaptedUntil clinic.Day // last day of halved exercise doses; zero: none

	Events     []Event
	Visits     []Visit
	Pauses     []Pause
	Extensions []Extension
	Reviews    []Review
	Reasons    []Reason
	Measures   []Measure
	Readiness  []Answer
	Wellness   *Wellness
	FollowUps  []FollowUp
	Tasks      []Task
	Flags      []Flag

	Screens       []clinic.Day // red-flag screens
	BodyScreens   []time.Time  // screens of contraindications to manual and electrical treatment
	HealthChanges []time.Time  // new health issue or pregnancy
	Alerts        []Level      // of the red-flag alerts that are open

	Consent         bool
	WellnessConsent bool
	OtherOpen       bool         // another plan of the same episode is open
	Acknowledged    map[Code]int // warning → plan version at which it was acknowledged

	Earlier        []clinic.Day // treatment dates of earlier plans of the episode (R6)
	Reports        []clinic.Day // progress reports of the episode, by a therapist
	Certifications []Certification
	ReferredOn     clinic.Day // zero: no referral

	Home  Share // home sessions done of those prescribed, excused and paused days left out
	Diary Share // days recorded of calendar days
}

// Level of a red-flag alert (§7.1).
type Level string

const (
	Emergency Level = "emergency"
	Urgent    Level = "urgent"
	Soon      Level = "soon"
	Worklist  Level = "worklist"
)

// Levels, the most urgent first.
var Levels = []Level{Emergency, Urgent, Soon, Worklist}

// Person who acts, and as what.
type Person struct {
	ID   string      `json:"id"`
	Role access.Role `json:"role"`
}

func (p Plan) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

func (p Plan) signed() bool { return p.SignedOn.Valid() }
