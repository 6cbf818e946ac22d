package program_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/program"
)

// life is a made-up patient over weeks: a session on most days, now and then a bad one, attacks, an illness.
func life(r *rand.Rand, weeks int) (logs []program.Log, p program.Person) {
	p.Marks = program.Calendar{}
	for d := monday; d < monday.Add(7*weeks); d++ {
		l := session(d)
		switch r.IntN(12) {
		case 0:
			l.PainAfter = clinic.MustNRS(2 + r.IntN(8))
		case 1:
			l.Effort = program.Harder
		case 2:
			l.Skipped = []string{"attack", "time", "illness", "forgot"}[r.IntN(4)]
		case 3:
			l.Worse24h = clinic.MustNRS(r.IntN(8))
		case 4:
			l = program.Log{ID: l.ID, At: l.At, Day: l.Day}
		}
		if r.IntN(7) == 0 {
			p.Marks[d] = program.Attack
			p.Onsets = append(p.Onsets, noon(d).Add(time.Duration(r.IntN(20))*time.Hour))
		}
		if r.IntN(5) > 0 {
			logs = append(logs, l)
		}
	}
	p.Baseline = program.Baseline{Onsets: r.IntN(8), AtRisk: 20, Recorded: 10 + r.IntN(18)}
	return logs, p
}

func anyDose(r *rand.Rand) program.Dose {
	d := program.Dose{PerWeek: float64(2 + r.IntN(6)), PerDay: float64(r.IntN(3)), Sets: float64(r.IntN(6)), HoldSeconds: float64(r.IntN(40)), Load: float64(r.IntN(40)) / 2}
	if r.IntN(3) == 0 {
		d.Minutes = float64(1 + r.IntN(60))
	} else {
		d.Reps = float64(1 + r.IntN(40))
	}
	return d
}

// Whatever happens, an accepted step moves one variable, by no more than 20 % up or 30 % down; hands and current never move.
func TestNoStepMovesTwoVariablesOrTooFar(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	kinds := map[program.Kind]int{}
	for range 3000 {
		logs, p := life(r, 10)
		it := program.Item{ID: "x", Category: []careplan.Category{careplan.ExerciseSpecific, careplan.ExerciseGeneralized, careplan.Relaxation, careplan.Manual, careplan.ModalityElectrical}[r.IntN(5)],
			Versions: prescribed(anyDose(r), nil)}
		var since time.Time
		for p.Today = monday; p.Today < monday.Add(70); p.Today += clinic.Day(1 + r.IntN(6)) {
			v := program.Judge(it, before(logs, p.Today), p, since)
			kinds[v.Kind]++
			if v.Step == nil {
				continue
			}
			now := it.Versions[len(it.Versions)-1]
			next := v.Step.Apply(now.Dose)
			moved := program.Moved(now.Dose, next)
			if len(moved) != 1 || !program.Within(v.Step.From, v.Step.To) || v.Step.From != now.Dose.Of(v.Step.By) || (v.Kind == program.Up) != (v.Step.To > v.Step.From) {
				t.Fatalf("seed %d: %s %+v of %+v moves %v", seed, v.Kind, v.Step, now.Dose, moved)
			}
			if it.Category == careplan.Manual || it.Category == careplan.ModalityElectrical {
				t.Fatalf("seed %d: %s moved by rule", seed, it.Category)
			}
			if r.IntN(2) == 0 { // the therapist accepts
				cause := map[program.Kind]program.Cause{program.Up: program.ByStepUp, program.Back: program.ByStepBack}[v.Kind]
				it.Versions = append(it.Versions, program.Version{Number: now.Number + 1, From: p.Today, Cause: cause, Dose: next, Confirmed: true})
				since = noon(p.Today)
			}
		}
	}
	for _, kind := range []program.Kind{program.Up, program.Stay, program.Back, program.Look, program.Frozen, program.Wait} {
		if kinds[kind] == 0 {
			t.Errorf("seed %d: the verdict %s never came up: %v", seed, kind, kinds)
		}
	}
}

func before(logs []program.Log, day clinic.Day) (out []program.Log) {
	for _, l := range logs {
		if l.Day < day {
			out = append(out, l)
		}
	}
	return out
}

// Logs that come late and out of order give the verdict that they give in order.
func TestTheOrderOfLogsDoesNotMatter(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 2))
	for range 500 {
		logs, p := life(r, 6)
		it := program.Item{ID: "x", Category: careplan.ExerciseSpecific, Versions: prescribed(anyDose(r), nil)}
		p.Today = monday.Add(1 + r.IntN(45))
		want := text(program.Judge(it, logs, p, time.Time{}))
		shuffled := slices.Clone(logs)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		r.Shuffle(len(p.Onsets), func(i, j int) { p.Onsets[i], p.Onsets[j] = p.Onsets[j], p.Onsets[i] })
		if got := text(program.Judge(it, shuffled, p, time.Time{})); got != want {
			t.Fatalf("seed %d:\n%s\n%s", seed, got, want)
		}
	}
}

// A share is never more than whole, and what is excused is never also asked for.
func TestSharesAddUp(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 3))
	for range 500 {
		logs, p := life(r, 6)
		it := program.Item{ID: "x", Category: careplan.ExerciseSpecific, Versions: prescribed(anyDose(r), nil)}
		k := program.Adherence(it, logs, p.Marks, monday.Add(r.IntN(20)-5), monday.Add(r.IntN(40)))
		if k.Done < 0 || k.Excused < 0 || k.Done+k.Excused > k.Prescribed {
			t.Fatalf("seed %d: %+v", seed, k)
		}
	}
}

// A step up that rested on a week which late entries spoil is proposed back, to where it was.
func TestALateLogTakesAStepBack(t *testing.T) {
	dose := program.Dose{Reps: 10, PerWeek: 3}
	it := program.Item{ID: "x", Category: careplan.ExerciseSpecific, Versions: prescribed(dose, nil)}
	logs := sessions([]clinic.Day{monday, monday + 2, monday + 4})
	p := program.Person{Today: monday + 7}
	v := program.Judge(it, logs, p, time.Time{})
	if v.Kind != program.Up {
		t.Fatalf("%+v", v)
	}
	it.Versions = append(it.Versions, program.Version{Number: 2, From: p.Today, Cause: program.ByStepUp, Dose: v.Step.Apply(dose), Confirmed: true})
	p.Today++
	if v = program.Judge(it, logs, p, time.Time{}); v.Kind != program.Wait {
		t.Errorf("without news: %+v", v)
	}
	late := session(monday + 5)
	late.PainAfter = clinic.MustNRS(9)
	v = program.Judge(it, append(logs, late), p, time.Time{})
	if v.Kind != program.Back || v.Step == nil || *v.Step != (program.Step{By: program.Reps, From: 11, To: 10}) || !slices.Equal(v.Reasons, []program.Reason{program.BasisChanged}) {
		t.Errorf("with news: %+v", v)
	}
}

// Failed weeks are counted through a step back: the third raises a flag.
func TestTheThirdFailedWeekIsFlaggedAlsoAfterAStepBack(t *testing.T) {
	it := program.Item{ID: "x", Category: careplan.ExerciseSpecific, Versions: prescribed(program.Dose{Reps: 10, PerWeek: 4}, nil)}
	logs := sessions([]clinic.Day{monday, monday + 7, monday + 15})
	p := program.Person{Today: monday + 14}
	v := program.Judge(it, logs, p, time.Time{})
	if v.Kind != program.Back || v.Failed != 2 {
		t.Fatalf("%+v", v)
	}
	it.Versions = append(it.Versions, program.Version{Number: 2, From: p.Today, Cause: program.ByStepBack, Dose: v.Step.Apply(it.Versions[0].Dose), Confirmed: true})
	p.Today += 7
	if v = program.Judge(it, logs, p, time.Time{}); v.Kind != program.Look || v.Failed != 3 {
		t.Errorf("%+v", v)
	}
}

// B1 with its day before: what is late, unsaid or not recorded is not at risk.
func TestBaseline(t *testing.T) {
	yes, no, unknown := clinic.Yes, clinic.No, clinic.Unknown
	var days []diary.Day
	for i, h := range []clinic.YesNo{no, no, yes, yes, no, unknown, no, yes, no, yes} {
		days = append(days, diary.Day{Day: monday.Add(i), Recorded: h.Known(), Headache: h})
	}
	got := program.BaselineOf(days, map[clinic.Day]bool{monday + 9: true})
	// at risk: day 1 no, day 2 yes, day 7 yes; day 9 was entered too late
	if want := (program.Baseline{Onsets: 2, AtRisk: 3, Recorded: 7}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestWeeksAndDataDays(t *testing.T) {
	twenty := 20.0
	logs := sessions([]clinic.Day{monday, monday + 1, monday + 1, monday + 6})
	logs[0].Minutes, logs[3].Minutes = &twenty, &twenty
	logs = append(logs, program.Log{ID: "no", Day: monday + 3, Skipped: "time"})
	if w := program.WeekOf(logs, monday+6); w.Sessions != 4 || w.Timed != 2 || w.Minutes == nil || *w.Minutes != 40 {
		t.Errorf("%+v", w)
	}
	if w := program.WeekOf(logs[1:3], monday+6); w.Minutes != nil {
		t.Errorf("minutes nobody said are %v", *w.Minutes)
	}
	if n := program.DataDays(logs, monday+30); n != 3 {
		t.Errorf("%d days with data among thirty, want 3: the first has left the window", n)
	}
}
