package medication_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
)

// story writes attacks, one every ten days from a day on, each recorded the day after.
type story struct {
	e   diary.Entries
	all []medication.Intake
	n   int
}

var began = clinic.MustDay("2026-01-01")

// attack of six hours, with doses at hours after its onset.
func (s *story) attack(doses ...medication.Intake) *diary.Attack {
	start := began.Add(10 * s.n).Start(time.UTC).Add(8 * time.Hour)
	id := fmt.Sprint("a", s.n)
	s.n++
	s.e.Attacks = append(s.e.Attacks, diary.Attack{ID: id, Start: start, End: start.Add(6 * time.Hour), Peak: clinic.MustNRS(7)})
	s.e.CheckIns = append(s.e.CheckIns, diary.CheckIn{Day: clinic.DayOf(start, time.UTC) + 1, Headache: clinic.No})
	for i, d := range doses {
		d.ID, d.Attack, d.Taken, d.Class = fmt.Sprint(id, i), id, start.Add(time.Duration(1+i)*time.Hour), diary.Triptan
		s.all = append(s.all, d)
	}
	return &s.e.Attacks[len(s.e.Attacks)-1]
}

func (s *story) effects(anchor clinic.Day, closed *clinic.Day) []medication.Effect {
	last := began.Add(10 * s.n)
	return medication.Effects(s.e, s.all, diary.Merge48h, medication.Timeframe{Anchor: anchor, Closed: closed, Today: last, Now: last.Start(time.UTC)})
}

func dose(before, twoHours int) medication.Intake {
	in := medication.Intake{Before: clinic.MustNRS(before)}
	if twoHours >= 0 {
		in.TwoHours = clinic.MustNRS(twoHours)
	}
	return in
}

func TestEffectOfAPhase(t *testing.T) {
	cases := []struct {
		name                       string
		write                      func(*story)
		treated, free, of, kept, k int // kept of k for 24 hours
	}{
		{"free at two hours, quiet for a day", func(s *story) { s.attack(dose(6, 0)) }, 1, 1, 1, 1, 1},
		{"less pain is not free of pain", func(s *story) { s.attack(dose(6, 1)) }, 1, 0, 1, 0, 1},
		{"mild pain before: not a treated attack", func(s *story) { s.attack(dose(3, 0)) }, 0, 0, 0, 0, 0},
		{"pain 4 is enough", func(s *story) { s.attack(dose(4, 0)) }, 1, 1, 1, 1, 1},
		{"nobody said how bad it was before", func(s *story) { s.attack(medication.Intake{TwoHours: clinic.MustNRS(0)}) }, 0, 0, 0, 0, 0},
		{"no answer at two hours leaves the denominator", func(s *story) { s.attack(dose(6, -1)) }, 1, 0, 0, 0, 0},
		{"a second dose within 24 hours", func(s *story) { s.attack(dose(6, 0), dose(2, 0)) }, 1, 1, 1, 0, 1},
		{"taken again, by her word", func(s *story) { d := dose(6, 0); d.Redosed = clinic.Yes; s.attack(d) }, 1, 1, 1, 0, 1},
		{"pain comes back in the evening", func(s *story) {
			a := s.attack(dose(6, 0))
			a.Readings = []diary.Reading{{At: a.Start.Add(5 * time.Hour), Score: clinic.MustNRS(3)}}
		}, 1, 1, 1, 0, 1},
		{"a reading of 0 is no return", func(s *story) {
			a := s.attack(dose(6, 0))
			a.Readings = []diary.Reading{{At: a.Start.Add(5 * time.Hour), Score: clinic.MustNRS(0)}}
		}, 1, 1, 1, 1, 1},
		{"the pain before the two hours is no return", func(s *story) {
			a := s.attack(dose(6, 0))
			a.Readings = []diary.Reading{{At: a.Start.Add(2 * time.Hour), Score: clinic.MustNRS(5)}}
		}, 1, 1, 1, 1, 1},
		{"nobody recorded the next day: not known", func(s *story) { s.attack(dose(6, 0)); s.e.CheckIns = nil }, 1, 1, 1, 0, 0},
		{"a cold pack first, then a triptan: the triptan is the treatment", func(s *story) {
			a := s.attack(dose(6, 0))
			s.all = append(s.all, medication.Intake{Dose: diary.Dose{Attack: a.ID, Taken: a.Start, Class: diary.Cold}, TwoHours: clinic.MustNRS(8), Before: clinic.MustNRS(8)})
		}, 1, 1, 1, 1, 1},
		{"a daily preventive is no treatment", func(s *story) {
			a := s.attack()
			s.all = append(s.all, medication.Intake{Dose: diary.Dose{Taken: a.Start.Add(time.Hour), Class: diary.PreventiveClass}, TwoHours: clinic.MustNRS(0), Before: clinic.MustNRS(8)})
		}, 0, 0, 0, 0, 0},
		{"a dose that names no attack but lies in one", func(s *story) { s.attack(dose(6, 0)); s.all[0].Attack = "" }, 1, 1, 1, 1, 1},
		{"a dose outside any attack", func(s *story) {
			s.attack(dose(6, 0))
			s.all[0].Attack = ""
			s.all[0].Taken = s.all[0].Taken.Add(-48 * time.Hour)
		}, 0, 0, 0, 0, 0},
		{"a new attack the next morning is a return, and the same attack (merge_48h)", func(s *story) {
			a := s.attack(dose(6, 0))
			again := *a
			again.ID, again.Start, again.End = "b", a.Start.Add(20*time.Hour), a.Start.Add(30*time.Hour)
			s.e.Attacks = append(s.e.Attacks, again)
			s.e.CheckIns = nil
			next := dose(6, 0)
			next.Dose = diary.Dose{Attack: "b", Taken: again.Start.Add(time.Hour), Class: diary.Triptan}
			s.all = append(s.all, next)
		}, 1, 1, 1, 0, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var s story
			c.write(&s)
			e := s.effects(0, nil)[0]
			got := [5]int{e.Treated, e.PainFree2h.Yes, e.PainFree2h.N, e.Sustained24h.Yes, e.Sustained24h.N}
			if want := [5]int{c.treated, c.free, c.of, c.kept, c.k}; got != want {
				t.Errorf("got %v, want %v: %+v", got, want, e)
			}
		})
	}
}

func TestEachPhaseHasItsOwnAttacks(t *testing.T) {
	var s story
	for range 5 { // days 0, 10, … 40 before the plan
		s.attack(dose(6, 5))
	}
	for i := range 6 { // days 50 … 100 on the plan
		s.attack(dose(6, []int{0, 0, 0, 4, 4, 4}[i]), dose(2, 0))
	}
	s.attack()
	s.attack(dose(7, 0)) // days 110, 120 after it
	closed := began.Add(105)
	got := s.effects(began.Add(50), &closed)
	if len(got) != 3 {
		t.Fatalf("%d phases", len(got))
	}
	base, plan, after := got[0], got[1], got[2]
	if base.Phase != medication.Baseline || base.Attacks != 5 || *base.PainFree2h.Percent != 0 || *base.DosesPerAttack.Value != 1 {
		t.Errorf("%+v", base)
	}
	if plan.Attacks != 6 || *plan.PainFree2h.Percent != 50 || plan.Sustained24h.Yes != 0 || *plan.DosesPerAttack.Value != 2 || plan.From != began.Add(50) || plan.To != closed {
		t.Errorf("%+v", plan)
	}
	if after.Attacks != 2 || after.WithDose != 1 || after.PainFree2h.Percent != nil || after.PainFree2h.Reason != medication.TooFewAttacks || after.PainFree2h.N != 1 {
		t.Errorf("%+v", after)
	}
	if none := (&story{n: 1}).effects(0, nil)[0]; none.DosesPerAttack.Value != nil || none.DosesPerAttack.Reason != medication.NoTreated {
		t.Errorf("no attack: %+v", none)
	}
}

// Twenty hours after the dose nobody knows yet, although today is recorded.
func TestTheDayAfterIsNotOverYet(t *testing.T) {
	var s story
	s.attack(dose(6, 0))
	taken := s.all[0].Taken
	for hours, want := range map[int]int{23: 0, 25: 1} {
		now := taken.Add(time.Duration(hours) * time.Hour)
		e := medication.Effects(s.e, s.all, diary.Merge48h, medication.Timeframe{Today: clinic.DayOf(now, time.UTC), Now: now})[0]
		if e.PainFree2h.N != 1 || e.Sustained24h.N != want {
			t.Errorf("%d hours after the dose: %+v", hours, e)
		}
	}
}

func TestWhichDosesWereInAttacks(t *testing.T) {
	var s story
	a := s.attack(dose(6, 0))
	loose := func(id string, after time.Duration, class diary.Class, use diary.Indication) {
		s.all = append(s.all, medication.Intake{ID: id, Medicine: "m" + id, Dose: diary.Dose{Taken: a.Start.Add(after), Class: class, Indication: use}})
	}
	loose("in", 2*time.Hour, diary.SimpleAnalgesic, diary.ForAcute)
	loose("out", 20*time.Hour, diary.SimpleAnalgesic, diary.ForAcute)
	loose("p", 3*time.Hour, diary.PreventiveClass, "")
	loose("p", 30*time.Hour, diary.PreventiveClass, "")
	loose("p", 31*time.Hour, diary.PreventiveClass, "")
	loose("far", 400*time.Hour, diary.Triptan, "")
	s.all = append(s.all, medication.Intake{ID: "no time"})
	var got []string
	placed := medication.Placed(s.e, s.all, began, began.Add(5))
	for _, d := range placed {
		got = append(got, fmt.Sprint(d.ID, " ", d.Day, " ", d.Attack, " ", d.Acute))
	}
	want := []string{"a00 2026-01-01 a0 true", "in 2026-01-01 a0 true", "p 2026-01-01 a0 false", "out 2026-01-02  true", "p 2026-01-02  false", "p 2026-01-02  false"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if use := medication.Preventive(placed); !reflect.DeepEqual(use, []medication.PreventiveUse{{Medicine: "mp", Days: 2, Doses: 3}}) {
		t.Errorf("preventive use %+v", use)
	}
}

func TestTheTimeline(t *testing.T) {
	day := clinic.MustDay
	got := medication.Timeline([]medication.Medicine{
		{ID: "2", Name: "Topiramate", Started: day("2026-01-05"), Stopped: day("2026-03-01")},
		{ID: "1", Name: "Candesartan", Started: day("2026-03-01")},
		{ID: "3", Name: "Sumatriptan"},
	})
	var lines []string
	for _, e := range got {
		lines = append(lines, fmt.Sprint(e.Day, " ", e.What, " ", e.Name))
	}
	want := []string{"2026-01-05 medicine_started Topiramate", "2026-03-01 medicine_stopped Topiramate", "2026-03-01 medicine_started Candesartan"}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("got %q", lines)
	}
}
