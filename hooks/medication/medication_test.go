package medication_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
)

var today = clinic.MustDay("2026-06-30")

type vectors struct {
	Month []struct {
		Name      string
		Blocks    []block
		Expect    []string
		Days      map[diary.Class]int
		AcuteDays *int
		Reason    diary.Reason
	}
	Share []struct {
		Name, Expect string
		Yes, N       int
	}
	Stopped []struct {
		Name, Expect  string
		Dose, Stopped clinic.Day
	}
}

type block struct {
	Recorded *int
	Headache int
	Use      []struct {
		Class      diary.Class
		From, Days int
		Indication diary.Indication
	}
}

func read(t *testing.T) (v vectors) {
	t.Helper()
	body, err := os.ReadFile("testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// write puts a block into the diary: recorded days come first, those with headache first of all.
func (b block) write(e *diary.Entries, from clinic.Day) {
	recorded := 30
	if b.Recorded != nil {
		recorded = *b.Recorded
	}
	for i := range recorded {
		e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: from.Add(i), Headache: clinic.Said(i < b.Headache)})
	}
	for _, u := range b.Use {
		for i := range u.Days {
			at := from.Add(u.From - 1 + i).Start(time.UTC).Add(10 * time.Hour)
			e.Doses = append(e.Doses, diary.Dose{Taken: at, Class: u.Class, Indication: u.Indication})
		}
	}
}

func TestTheMonth(t *testing.T) {
	for _, c := range read(t).Month {
		t.Run(c.Name, func(t *testing.T) {
			var e diary.Entries
			for i, b := range c.Blocks {
				b.write(&e, today.Add(1-30*(i+1)))
			}
			look := medication.LookOn(e, today)
			got := []string{}
			for _, f := range look.Findings {
				got = append(got, said(f))
			}
			if !slices.Equal(got, c.Expect) || look.Month.Reason != c.Reason {
				t.Errorf("got %q %q, want %q %q", got, look.Month.Reason, c.Expect, c.Reason)
			}
			for class, want := range c.Days {
				if got := daysOf(look.Month, class); got != want {
					t.Errorf("%s: %d days, want %d", class, got, want)
				}
			}
			if c.AcuteDays != nil && look.Month.AcuteDays != *c.AcuteDays {
				t.Errorf("%d acute days, want %d", look.Month.AcuteDays, *c.AcuteDays)
			}
		})
	}
}

func said(f medication.Finding) string {
	if f.Code == medication.Pattern {
		return string(f.Code)
	}
	return fmt.Sprintf("%s %s %d of %d", f.Code, f.Class, f.Days, f.Limit)
}

func daysOf(m medication.Month, class diary.Class) int {
	for _, u := range m.ByClass {
		if u.Class == class {
			return u.Days
		}
	}
	return 0
}

func TestAShareHasItsInterval(t *testing.T) {
	for _, c := range read(t).Share {
		s := medication.ShareOf(c.Yes, c.N)
		got := string(s.Reason)
		if s.Percent != nil {
			got = fmt.Sprintf("%.0f %% (%.0f–%.0f)", *s.Percent, *s.Low, *s.High)
		}
		if got != c.Expect || s.Yes != c.Yes || s.N != c.N {
			t.Errorf("%s: %q from %d of %d", c.Name, got, s.Yes, s.N)
		}
	}
	for n := 5; n < 400; n++ {
		for yes := 0; yes <= n; yes++ {
			s := medication.ShareOf(yes, n)
			if low, mid, high := float64(*s.Low), float64(*s.Percent), float64(*s.High); low < 0 || high > 100 || low > mid+1e-9 || high < mid-1e-9 || math.IsNaN(low) {
				t.Fatalf("%d of %d: %v (%v–%v)", yes, n, mid, low, high)
			}
		}
	}
}

func TestADoseOfAStoppedMedicine(t *testing.T) {
	for _, c := range read(t).Stopped {
		broken := medication.DrugStopped(c.Dose, c.Stopped)
		if c.Expect == "" && broken != nil || c.Expect != "" && (len(broken) != 1 || broken[0].Code != c.Expect || broken[0].Severity != clinic.Hard) {
			t.Errorf("%s: %v", c.Name, broken)
		}
	}
}

func TestLimitsNameTheirSource(t *testing.T) {
	for _, l := range medication.Limits {
		if (l.Days == nil) != (l.Source == "") {
			t.Errorf("%s has a limit without a source, or a source without a limit", l.Class)
		}
	}
	more := 0
	for _, l := range medication.Limits {
		if l.Days != nil && *l.Days > 10 {
			more++
		}
	}
	if more != 1 {
		t.Errorf("%d classes have more than ten days: two of them together would have no limit of ten", more)
	}
	look := medication.Look{Findings: []medication.Finding{{Code: medication.Near}, {Code: medication.Over}, {Code: medication.Pattern}}}
	if safety := look.Safety(); len(safety) != 2 || safety[0].Code != medication.Over || len(look.Findings) != 3 {
		t.Errorf("for safety: %v", safety)
	}
	if !medication.Over.Safety() || !medication.Pattern.Safety() || medication.Near.Safety() {
		t.Error("MED_OVER and MOH_PATTERN are for a clinician, MED_NEAR is not yet (§7.1 item 15)")
	}
}

// The words to the patient name no cause, no diagnosis and no dose, and send her to the prescriber.
func TestWhatThePatientReads(t *testing.T) {
	var e diary.Entries
	for i := range 3 {
		block{Headache: 20}.write(&e, today.Add(1-30*(i+1)))
	}
	for i := range 90 {
		e.Doses = append(e.Doses, diary.Dose{Taken: today.Add(-i).Start(time.UTC), Class: diary.Triptan})
		if i < 12 {
			e.Doses = append(e.Doses, diary.Dose{Taken: today.Add(-i).Start(time.UTC), Class: diary.SimpleAnalgesic})
		}
	}
	want := []string{
		"You took a triptan on 30 of the last 30 days. That is 10 days or more, which is linked with more headache days. Talk to your prescriber before you change anything.",
		"You took simple painkillers on 12 of the last 30 days. Doctors watch from 15 days on: such use is linked with more headache days. Talk to your prescriber before you change anything.",
		"For three months in a row you had headache on 15 days or more, and took headache medicine on many days. The two can be linked. A doctor can look at this with you. Talk to your prescriber before you change anything.",
	}
	var got []string
	for _, f := range medication.LookOn(e, today).Findings {
		got = append(got, f.Message)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// The month is 30 days where the person was: a dose before midnight in New York is that day's, in UTC the next one's.
func TestTheMonthIsLocal(t *testing.T) {
	york, err := clinic.LoadZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	e := diary.Entries{Zone: york}
	block{}.write(&e, today.Add(-29))
	first := today.Add(-29).Start(york)
	for _, at := range []time.Time{first, first.Add(-time.Second), today.Start(york).Add(23*time.Hour + 59*time.Minute), (today + 1).Start(york)} {
		e.Doses = append(e.Doses, diary.Dose{Taken: at, Class: diary.Triptan})
	}
	if got := daysOf(medication.LookOn(e, today).Month, diary.Triptan); got != 2 {
		t.Errorf("the first and the last instant of the month are %d days of it, want 2", got)
	}
}
