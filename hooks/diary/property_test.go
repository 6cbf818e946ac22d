package diary_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// maker makes up diaries: people who travel, forget, enter an attack twice and leave attacks open.
type maker struct {
	*rand.Rand
	zones []*time.Location
	start clinic.Day
	days  int
}

func newMaker(t *testing.T, seed uint64) maker {
	m := maker{Rand: rand.New(rand.NewPCG(seed, 28)), start: clinic.MustDay("2026-02-20"), days: 120}
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Asia/Tokyo"} {
		m.zones = append(m.zones, zone(t, name))
	}
	return m
}

func (m maker) answer() clinic.YesNo { return clinic.YesNo(m.IntN(3)) }

func (m maker) score() clinic.NRS {
	if m.IntN(3) == 0 {
		return clinic.NRS{}
	}
	return clinic.MustNRS(m.IntN(11))
}

func (m maker) zone() *time.Location {
	if m.IntN(6) > 0 {
		return nil
	}
	return m.zones[m.IntN(len(m.zones))]
}

func (m maker) instant() time.Time {
	return m.start.Start(time.UTC).Add(time.Duration(m.IntN(m.days*24*60)) * time.Minute)
}

func (m maker) diary() diary.Entries {
	e := diary.Entries{Zone: m.zones[0], Adult: m.answer()}
	for i := range m.days {
		if m.IntN(5) > 0 {
			e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: m.start.Add(i), Zone: m.zone(), Headache: m.answer(), Worst: m.score(), Acute: m.answer(), Neck: m.score()})
		}
	}
	for range m.IntN(5) { // an import beside the phone
		e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: m.start.Add(m.IntN(m.days)), Zone: m.zone(), Headache: m.answer(), Worst: m.score()})
	}
	for i := range m.IntN(30) {
		e.Attacks = append(e.Attacks, m.attack(string(rune('a'+i))))
	}
	for range m.IntN(30) {
		classes := []diary.Class{diary.Triptan, diary.SimpleAnalgesic, diary.Cold, diary.Gepant, ""}
		e.Doses = append(e.Doses, diary.Dose{Taken: m.instant(), Zone: m.zone(), Class: classes[m.IntN(len(classes))], Worked: m.answer()})
	}
	return e
}

func (m maker) attack(id string) diary.Attack {
	a := diary.Attack{ID: id, Start: m.instant(), Zone: m.zone(), Peak: m.score(), Unilateral: m.answer(), Pulsating: m.answer(), Activity: m.answer(),
		Nausea: m.answer(), Vomiting: m.answer(), Photophobia: m.answer(), Phonophobia: m.answer(), Aura: m.answer()}
	if m.IntN(5) > 0 {
		a.End = a.Start.Add(time.Duration(m.IntN(40*60)) * time.Minute)
	}
	if m.IntN(8) == 0 {
		a.PainAbsent = clinic.Yes
	}
	if m.IntN(4) == 0 {
		a.Joined = m.answer()
	}
	for range m.IntN(3) {
		a.Readings = append(a.Readings, diary.Reading{At: a.Start.Add(time.Duration(m.IntN(600)) * time.Minute), Score: m.score()})
	}
	return a
}

func (m maker) shuffled(e diary.Entries) diary.Entries {
	e.CheckIns, e.Attacks, e.Doses = slices.Clone(e.CheckIns), slices.Clone(e.Attacks), slices.Clone(e.Doses)
	m.Shuffle(len(e.CheckIns), func(i, j int) { e.CheckIns[i], e.CheckIns[j] = e.CheckIns[j], e.CheckIns[i] })
	m.Shuffle(len(e.Attacks), func(i, j int) { e.Attacks[i], e.Attacks[j] = e.Attacks[j], e.Attacks[i] })
	m.Shuffle(len(e.Doses), func(i, j int) { e.Doses[i], e.Doses[j] = e.Doses[j], e.Doses[i] })
	for i := range e.Attacks {
		r := slices.Clone(e.Attacks[i].Readings)
		m.Shuffle(len(r), func(i, j int) { r[i], r[j] = r[j], r[i] })
		e.Attacks[i].Readings = r
	}
	return e
}

func TestForManyMadeUpDiaries(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for i := range uint64(150) {
		m := newMaker(t, seed+i)
		e := m.diary()
		p := diary.Profile{Days: []diary.DayProfile{diary.Leiden2023, diary.IHSTrial}[m.IntN(2)], Merge: []diary.MergeProfile{diary.Merge48h, diary.FreeDay}[m.IntN(2)]}
		today := m.start.Add(m.IntN(m.days + 10))
		anchor := m.start.Add(m.IntN(70))
		var closed *clinic.Day
		if m.IntN(2) == 0 {
			day := anchor.Add(m.IntN(80) - 20) // a slip: closed before it began
			closed = &day
		}
		windows := diary.Windows(e, p, anchor, closed, today)

		if again := diary.Windows(m.shuffled(e), p, anchor, closed, today); !reflect.DeepEqual(windows, again) {
			t.Fatalf("diary %d: the order of the entries changed the windows", i)
		}
		if again := diary.Merge(m.shuffled(e), p.Merge); !reflect.DeepEqual(diary.Merge(e, p.Merge), again) {
			t.Fatalf("diary %d: the order of the entries changed the attacks", i)
		}
		eachDayInOneWindow(t, windows, anchor, today)
		for _, w := range windows {
			countedByHand(t, e, p, w, today)
		}
		eachEntryInOneAttack(t, e, p)
	}
}

func eachDayInOneWindow(t *testing.T, windows []diary.Window, anchor, today clinic.Day) {
	t.Helper()
	for d := anchor.Add(-28); d <= today; d++ {
		var in []string
		for _, w := range windows {
			if w.From <= d && d <= w.To {
				in = append(in, w.Name)
			}
		}
		if len(in) != 1 {
			t.Fatalf("%v, with the plan from %v, is in %v", d, anchor, in)
		}
	}
}

// countedByHand asks for each day alone, and counts as one would with a pencil.
func countedByHand(t *testing.T, e diary.Entries, p diary.Profile, w diary.Window, today clinic.Day) {
	t.Helper()
	alone := func(d clinic.Day) diary.Day {
		if d > today {
			return diary.Day{Day: d}
		}
		return diary.Days(e, p, d, d)[0]
	}
	n := map[string]int{}
	for d := w.From; d <= min(w.To, today); d++ {
		before, day, after := alone(d-1), alone(d), alone(d+1)
		if day.Acute == clinic.Yes {
			n["logged"]++
		}
		if !day.Recorded {
			continue
		}
		n["recorded"]++
		if day.AttackOnly {
			n["attack only"]++
		}
		for name, yes := range map[string]clinic.YesNo{"headache": day.Headache, "migraine": day.Migraine, "modSevere": day.ModSevere, "acute": day.Acute, "clear": day.Clear} {
			if yes == clinic.Yes {
				n[name]++
			}
			if yes.Known() {
				n[name+" days"]++
			}
		}
		if hurts := day.Neck.AtLeast(1) == clinic.Yes; hurts {
			n["neck"]++
			if day.Headache == clinic.No {
				n["interictal"]++
			}
			if before.Recorded && after.Recorded && before.Headache == clinic.No && day.Headache == clinic.No && after.Headache == clinic.No {
				n["neck clear"]++
			}
		}
		if _, known := day.Peak.Score(); known && day.Headache == clinic.Yes {
			n["peaks"]++
		}
		if slices.Contains(day.Classes, diary.Triptan) {
			n["triptan"]++
		}
	}
	got := map[string]int{"recorded": w.RecordedDays, "attack only": w.AttackOnlyDays, "logged": w.AcuteDays28.Logged,
		"headache": w.MHD28.N, "migraine": w.MMD28.N, "modSevere": w.ModSevere28.N, "acute": w.AcuteDays28.N, "clear": w.ClearDays28.N,
		"neck": w.NeckDays28.N, "interictal": w.InterictalNeckDays28.N, "neck clear": w.NeckDaysClear28.N, "peaks": w.MeanPeakNRS.N,
		"triptan":    w.AcuteDays28.ByClass[diary.Triptan].N,
		"acute days": w.AcuteDays28.Days, "clear days": w.ClearDays28.Days, "modSevere days": w.ModSevere28.Days}
	for class, m := range w.AcuteDays28.ByClass {
		if m.Days != w.AcuteDays28.Days {
			t.Fatalf("%s: %s rests on %d days, acute medicine on %d", w.Name, class, m.Days, w.AcuteDays28.Days)
		}
	}
	for name, have := range got {
		if have != n[name] {
			t.Fatalf("%s: %d %s, by hand %d", w.Name, have, name, n[name])
		}
	}
	valued(t, w.Name, w.MHD28)
	valued(t, w.Name, w.NeckDaysClear28)
}

// Whoever takes back every answer about acute medicine leaves no day without it and no day that is clear.
func TestAcuteMedicineIsNeverDeniedWithoutAnAnswer(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for i := range uint64(50) {
		m := newMaker(t, seed+i)
		e := m.diary()
		for c := range e.CheckIns {
			e.CheckIns[c].Acute = clinic.Unknown
		}
		for _, d := range diary.Days(e, diary.Profile{}, m.start, m.start.Add(m.days)) {
			if d.Acute == clinic.No || d.Clear == clinic.Yes {
				t.Fatalf("diary %d, %v: acute %v, clear %v", i, d.Day, d.Acute, d.Clear)
			}
		}
	}
}

func valued(t *testing.T, window string, m diary.Measure) {
	t.Helper()
	if (m.Value != nil) != (m.Days >= 14) || (m.Value == nil) != (m.Reason == diary.NotEnoughDays) || m.Estimated != (14 <= m.Days && m.Days <= 22) {
		t.Fatalf("%s: %+v", window, m)
	}
	if m.Value != nil && (float64(*m.Value) != 28*float64(m.N)/float64(m.Days) || *m.Value < 0 || *m.Value > 28) {
		t.Fatalf("%s: %v of %+v", window, *m.Value, m)
	}
}

func eachEntryInOneAttack(t *testing.T, e diary.Entries, p diary.Profile) {
	t.Helper()
	seen := map[string]int{}
	var before clinic.Day
	for _, episode := range diary.Merge(e, p.Merge) {
		for _, id := range episode.Attacks {
			seen[id]++
		}
		if episode.First < before || episode.Last < episode.First {
			t.Fatalf("attacks out of order: %+v after %v", episode, before)
		}
		before = episode.First
	}
	for _, a := range e.Attacks {
		if seen[a.ID] != 1 {
			t.Fatalf("entry %s is in %d attacks", a.ID, seen[a.ID])
		}
	}
}

func BenchmarkWindowsOfTwoYears(b *testing.B) {
	m := maker{Rand: rand.New(rand.NewPCG(1, 28)), start: clinic.MustDay("2024-01-01"), days: 730}
	home, _ := clinic.LoadZone("America/New_York")
	m.zones = []*time.Location{home}
	e := m.diary()
	for len(e.Attacks) < 200 {
		e.Attacks = append(e.Attacks, m.attack("x"))
	}
	for b.Loop() {
		diary.Windows(e, diary.Profile{}, m.start.Add(28), nil, m.start.Add(m.days))
	}
}
