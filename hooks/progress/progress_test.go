package progress_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/progress"
)

var start = clinic.MustDay("2026-01-05")

// told is a diary with one check-in for each letter: 1 headache, 0 none, anything else no entry.
type told struct {
	diary.Entries
	windows []diary.Window
	days    []diary.Day
}

// tell begins 28 days before the plan.
func tell(text string) told {
	e := diary.Entries{Zone: time.UTC}
	for i, answer := range days(text) {
		if answer.Known() {
			e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: start.Add(i - 28), Headache: answer})
		}
	}
	return judged(e, start.Add(len(text)-29), nil)
}

func judged(e diary.Entries, today clinic.Day, closed *clinic.Day) told {
	windows := diary.Windows(e, diary.Profile{}, start, closed, today)
	return told{e, windows, progress.Days(e, diary.Profile{}, windows, today)}
}

func (d told) numbers() progress.Numbers { return progress.Of(d.days, d.windows) }

// of is a window with so many headache days, one in every so many days as evenly as it goes.
func of(headache, recorded int) string {
	out := []byte(strings.Repeat(".", 28))
	for i := range recorded {
		out[i] = '0'
		if (i+1)*headache/recorded > i*headache/recorded {
			out[i] = '1'
		}
	}
	return string(out)
}

func TestTheFiveNumbers(t *testing.T) {
	n := tell(of(14, 28) + of(7, 28) + of(20, 26)[:10]).numbers()
	now := n.HeadacheDays.Now
	if n.Caption != "T-BEFORE-AFTER" || now.Window != "T1" || !now.Full || len(n.HeadacheDays.Row) != 2 {
		t.Fatalf("B1 beside the last full window: %+v", n.HeadacheDays)
	}
	if *n.HeadacheDays.Base.Value != 14 || n.HeadacheDays.Base.Days != 28 || *now.Rate.Value != 7 || now.Rate.Days != 28 {
		t.Errorf("1, the rates: %+v %+v", n.HeadacheDays.Base, now.Rate)
	}
	near(t, "2, the difference", float64(*now.Difference.Value), -7, 1e-9)
	if now.Difference.Low == nil || *now.Difference.Low >= -7 || *now.Difference.High <= -7 {
		t.Errorf("2, its interval: %+v", now.Difference)
	}
	near(t, "3, the change", float64(*now.ChangePercent.Value), -50, 1e-9)
	if now.Rho.Value >= 0 || now.Rho.Pairs != 54 {
		t.Errorf("every second day and every fourth: %+v", now.Rho)
	}
	near(t, "4, halved", float64(*now.Halved.Probability), 0.4808291967, 1e-9) // a negative ρ counts as 0
	if now.Halved.Words != progress.TooEarly || now.Fell75.Words != progress.ProbablyNot {
		t.Errorf("4, in words: %+v %+v", now.Halved, now.Fell75)
	}
	if *n.RunChart.Line != 3.5 || len(n.RunChart.Weeks) != 9 || len(n.RunChart.Signals) != 0 {
		t.Errorf("5, the run chart: %+v", n.RunChart)
	}
}

func TestWordsForAProbability(t *testing.T) {
	for _, c := range []struct {
		before, now int
		words       progress.Words
	}{{14, 1, progress.Likely}, {14, 7, progress.TooEarly}, {14, 14, progress.ProbablyNot}} {
		if got := tell(of(c.before, 28) + of(c.now, 28)).numbers().HeadacheDays.Now.Halved; got.Words != c.words {
			t.Errorf("%d to %d of 28: %v %s", c.before, c.now, *got.Probability, got.Words)
		}
	}
}

func TestWhatIsMissingHasItsReason(t *testing.T) {
	for _, c := range []struct {
		name, diary                         string
		difference, percent, halved, attack diary.Reason
	}{
		{"no full window", of(9, 28) + of(2, 9)[:9], diary.NoFullWindow, diary.NoFullWindow, diary.NoFullWindow, diary.NoFullWindow},
		{"B1 from 13 days", of(5, 13) + of(7, 28), diary.BaseMissing, diary.BaseMissing, diary.BaseMissing, diary.BaseMissing},
		{"T1 from 13 days", of(14, 28) + of(5, 13), diary.NotEnoughDays, diary.NotEnoughDays, diary.NotEnoughDays, diary.NotEnoughDays},
		{"nothing before", of(0, 28) + of(3, 28), "", diary.BaseZero, diary.BaseZero, diary.BaseZero},
		{"nothing at all", of(0, 28) + of(0, 28), "", diary.BaseZero, diary.BaseZero, diary.NoAttacks},
		{"nothing now", of(14, 28) + of(0, 28), "", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := tell(c.diary)
			now := d.numbers().HeadacheDays.Now
			got := []diary.Reason{now.Difference.Reason, now.ChangePercent.Reason, now.Halved.Reason, progress.AttackRates(d.windows).Now.Ratio.Reason}
			if want := []diary.Reason{c.difference, c.percent, c.halved, c.attack}; !reflect.DeepEqual(got, want) {
				t.Errorf("%q, not %q", got, want)
			}
			if (now.Difference.Value == nil) != (c.difference != "") || (now.ChangePercent.Value == nil) != (c.percent != "") || (now.Halved.Probability == nil) != (c.halved != "") {
				t.Errorf("a value and a reason: %+v", now)
			}
		})
	}
	empty := progress.Of(nil, nil)
	if empty.HeadacheDays.Now.Difference.Reason != diary.NoFullWindow || empty.RunChart.Reason != progress.NotEnoughWeeks || len(empty.HeadacheDays.Row) != 0 {
		t.Errorf("an empty diary: %+v", empty)
	}
}

// Each measure is counted by its own answer.
func TestMigraineDaysAreMigraineDays(t *testing.T) {
	d := tell(of(14, 28) + of(7, 28))
	if now := d.numbers().MigraineDays.Now; now.Halved.Reason != diary.BaseZero {
		t.Errorf("a check-in alone does not describe a migraine: %+v", now)
	}
	for i, c := range d.CheckIns {
		if c.Headache == clinic.Yes {
			d.CheckIns[i].Worst = clinic.MustNRS(3) // mild: no moderate or severe day
			d.Doses = append(d.Doses, diary.Dose{Taken: c.Day.Start(time.UTC), Class: diary.Triptan})
		}
	}
	n := judged(d.Entries, start.Add(27), nil).numbers()
	if !reflect.DeepEqual(n.MigraineDays, n.HeadacheDays) || n.ModSevereDays.Now.Rate.N != 0 || n.ModSevereDays.Now.Rate.Days != 28 {
		t.Errorf("a triptan on every headache day: %s", shown(t, n))
	}
}

func TestRunCharts(t *testing.T) {
	week := func(headache int) string { return of(headache, 7)[:7] }
	weeks := func(counts ...int) (text string) {
		for _, n := range counts {
			if n < 0 {
				text += "......."
				continue
			}
			text += week(n)
		}
		return text
	}
	base := weeks(4, 4, 3, 4)
	for _, c := range []struct {
		name, diary string
		signals     string
	}{
		{"five are none", base + weeks(3, 3, 3, 3, 3), ""},
		{"six on one side", base + weeks(3, 3, 2, 1, 0, 3), "below 6 2026-01-05 to 2026-02-15"},
		{"a point on the line is passed over", base + weeks(3, 3, 4, 3, 3, 3, 4, 3, 4), "below 6 2026-01-05 to 2026-03-01"},
		{"the other side ends it", base + weeks(3, 3, 3, 5, 3, 3, 3), ""},
		{"worse is a signal too", base + weeks(5, 5, 6, 7, 5, 5, 5), "above 7 2026-01-05 to 2026-02-22"},
		{"a week without a point is passed over", base + weeks(3, 3, -1, 3, 3, 3, 3), "below 6 2026-01-05 to 2026-02-22"},
		{"two", base + weeks(3, 3, 3, 3, 3, 3, 5, 5, 5, 5, 5, 5), "below 6 2026-01-05 to 2026-02-15; above 6 2026-02-16 to 2026-03-29"},
		{"no line from two weeks", weeks(4, -1, -1, 4, 3, 3, 3, 3, 3, 3), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, s := range tell(c.diary).numbers().RunChart.Signals {
				got = append(got, fmt.Sprintf("%s %d %s to %s", s.Side, s.Points, s.From, s.To))
			}
			if strings.Join(got, "; ") != c.signals {
				t.Errorf("%q, not %q", got, c.signals)
			}
		})
	}
	chart := tell(weeks(4, 4, 3) + "1.100.." + "11..100" + "000000").numbers().RunChart
	if len(chart.Weeks) != 5 || chart.Weeks[3].Value != nil || chart.Weeks[3].Recorded != 4 || *chart.Weeks[4].Value != 7*3./5 || *chart.Line != 4 {
		t.Errorf("4 recorded days are no point, 5 are scaled, 6 are no week: %+v", chart)
	}
}

func TestNeckPainAroundHeadaches(t *testing.T) {
	d := tell(strings.Repeat("0001000", 8))
	for i := range d.CheckIns {
		d.CheckIns[i].Neck = clinic.MustNRS([]int{0, 1, 2, 6, 4, 0, 1}[i%7])
	}
	all := progress.NeckPhases(judged(d.Entries, start.Add(27), nil).days, d.windows)
	for _, c := range []struct {
		phase      progress.NeckPain
		name       string
		mean       float64
		days, pain int
	}{{all.Before, "before", 2, 8, 8}, {all.On, "on", 6, 8, 8}, {all.After, "after", 4, 8, 8}, {all.Between, "between", 0.5, 30, 15}} {
		if c.phase.Days != c.days || c.phase.Pain != c.pain || c.phase.Reason != "" {
			t.Errorf("%s: %+v", c.name, c.phase)
			continue
		}
		near(t, c.name, float64(*c.phase.Mean), c.mean, 1e-12)
	}
	if b1 := all.Row[0]; b1.Window != "B1" || b1.On.Mean != nil || b1.On.Reason != diary.NotEnoughDays || b1.On.Days != 4 || b1.Between.Mean == nil {
		t.Errorf("four days are no mean: %+v", b1)
	}
}

func TestAPlaceAmongHeadachesNeedsItsNeighbours(t *testing.T) {
	for diaryOf, want := range map[string]string{ // the phases of the middle day
		"101": "before after", "100": "after", "001": "before", "000": "between", "111": "on", ".1.": "on",
		".01": "before", "10.": "after", ".00": "", "0.0": "", "1.1": "",
	} {
		e := diary.Entries{Zone: time.UTC}
		for i, answer := range days(diaryOf) {
			e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: start.Add(i), Headache: answer})
		}
		e.CheckIns[1].Neck = clinic.MustNRS(3)
		d := judged(e, start.Add(2), nil)
		n := progress.NeckPhases(d.days, d.windows)
		var got []string
		for i, phase := range []progress.NeckPain{n.Before, n.On, n.After, n.Between} {
			if phase.Days == 1 {
				got = append(got, []string{"before", "on", "after", "between"}[i])
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is %v, not %q", diaryOf, got, want)
		}
	}
}

func TestAttacksWithAndWithoutCold(t *testing.T) {
	var e diary.Entries
	var sessions []progress.Session
	for i := range 11 {
		begun := start.Add(3 * i).Start(time.UTC)
		a := diary.Attack{ID: fmt.Sprint(i), Start: begun, End: begun.Add(time.Duration(i+1) * time.Hour), Peak: clinic.MustNRS(min(i+1, 10))}
		if i == 10 {
			a.PainAbsent = clinic.Yes // an aura is no headache
			a.Peak = clinic.NRS{}
		}
		e.Attacks = append(e.Attacks, a)
		if i < 5 {
			sessions = append(sessions, progress.Session{Attack: a.ID, Kind: progress.Cold, Started: begun.Add(time.Minute)})
		}
	}
	cold := progress.ByUse(e, sessions)[0]
	if cold.Kind != progress.Cold || *cold.Hours.With.Value != 3 || *cold.Hours.Without.Value != 8 || *cold.WorstNRS.With.Value != 3 || cold.WorstNRS.Without.N != 5 {
		t.Errorf("%s", shown(t, cold))
	}
	device := progress.ByUse(e, sessions)[1]
	if device.Hours.With.Value != nil || device.Hours.Without.Value != nil || device.Hours.Reason != progress.NotEnoughAttacks || device.Hours.Without.N != 0 {
		t.Errorf("%s", shown(t, device))
	}
	sessions[4].Started = e.Attacks[4].End.Add(time.Second)
	if late := progress.ByUse(e, sessions)[0]; late.Hours.With.N != 4 || late.Hours.With.Value != nil {
		t.Errorf("after the attack is not during it, and four are too few: %s", shown(t, late))
	}
	before := diary.Attack{ID: "before", Start: start.Add(-9).Start(time.UTC), End: start.Add(-8).Start(time.UTC), Peak: clinic.MustNRS(9)}
	e.Attacks = append(e.Attacks, before)
	if n := progress.ByUse(e, sessions)[0].Hours.Without.N; n != 6 {
		t.Errorf("an attack before anybody logged cold says nothing of cold: %d without", n)
	}
	twice := append(sessions[:4:4], sessions[:4]...)
	if progress.ByUse(e, twice)[0].Hours.With.N != 4 {
		t.Error("an attack counts once, however often the ice pack was changed")
	}
}

func shown(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAttacksAtThreeSixAndTwelveMonths(t *testing.T) {
	text := of(9, 27)
	for range 15 {
		text += of(4, 28)
	}
	e := tell(text)
	closed := start.Add(27)
	e = judged(e.Entries, start.Add(28*14+3), &closed)
	a := progress.AttackRates(e.windows)
	if a.Now.Window != "P13" || len(a.FollowUps) != 3 {
		t.Fatalf("%s", shown(t, a))
	}
	for i, want := range []string{"P3", "P6", "P13"} {
		if f := a.FollowUps[i]; f.Window != want || f.Ratio.Ratio.Value == nil {
			t.Errorf("%s", shown(t, f))
		}
	}
	if early := progress.AttackRates(judged(e.Entries, start.Add(28*5), &closed).windows); early.FollowUps[1].Ratio.Ratio.Reason != progress.NotYet || early.FollowUps[0].P == nil {
		t.Errorf("%s", shown(t, early))
	}
	attacks := tell(of(9, 28) + of(4, 28))
	r := progress.AttackRates(attacks.windows).Now
	near(t, "9 in 28 days, then 4", float64(*r.Ratio.Value), 0.444444444, 1e-9)
	near(t, "p", float64(*r.P), 0.266845703, 1e-9)
}
