package hooks_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/clinic"
	"interictal/hooks/entry"
	"interictal/hooks/hookstest"
	"interictal/hooks/progress"
)

// practiceOf gives a clinic so many patients who share their diaries: 28 days before 5 January 2026 and 28 days since, with so
// many headache days in each.
func practiceOf(t testing.TB, h *hookstest.House, at string, counts func(i int) (before, since int), patients int) {
	t.Helper()
	start := clinic.MustDay("2026-01-05")
	check(t, h.App.RunInTransaction(func(tx core.App) error {
		for i := range patients {
			id := fmt.Sprintf("%sof%08d", at, i)
			runSQL(t, tx, "INSERT INTO patients(id, clinic, name, timezone, baseline_date, synthetic) VALUES('"+id+"', '"+hookstest.ID(at)+"', 'P"+fmt.Sprint(i)+"', 'America/New_York', '"+start.String()+"', TRUE)")
			runSQL(t, tx, "INSERT INTO consents(id, patient, family, state) VALUES('c"+id+"', '"+id+"', 'diary', 'given')")
			before, since := counts(i)
			var rows []string
			for day := range 56 {
				headache := day < before || 28 <= day && day < 28+since
				rows = append(rows, fmt.Sprintf("('%s', '%s', '%s', '%t')", entry.DayID(id, start.Add(day-28).String()), id, start.Add(day-28), headache))
			}
			runSQL(t, tx, "INSERT INTO diary_days(id, patient, day, headache) VALUES "+strings.Join(rows, ", "))
		}
		return nil
	}))
}

func inMarch(h *hookstest.House) *hookstest.House {
	h.Clock.Set(time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC))
	return h
}

// countable is a clinic whose patients can be counted.
func countable(t *testing.T) *hookstest.House {
	h := inMarch(hookstest.New(t))
	practiceOf(t, h, "north", func(i int) (int, int) { return 10, []int{4, 6, 10, 15}[i%4] }, 24)
	return h
}

func TestAClinicTogether(t *testing.T) {
	t.Parallel()
	h := inMarch(hookstest.New(t))
	counts := func(i int) (int, int) { return 8 + i%10, []int{3, 6, 10, 20}[i%4] }
	practiceOf(t, h, "north", counts, 24)
	path := "/api/clinics/" + hookstest.ID("north") + "/outcomes"
	a := h.Do("admin", "GET", path, nil)
	if a.Status != 200 || a.Body["patients"] != 24.0 || a.Body["caption"] != progress.Caption || a.Body["asOf"] != "2026-02-28" || a.Body["leftOut"] != nil {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	var before, since float64
	for i := range 24 {
		b, s := counts(i)
		before, since = before+float64(b), since+float64(s)
	}
	if got, want := a.Body["base"].(float64), math.Round(before/24*10)/10; got != want {
		t.Errorf("base %v, not %v", got, want)
	}
	if got, want := a.Body["paired"].(map[string]any)["value"].(float64), math.Round(since/before*100)/100; got != want {
		t.Errorf("ratio %v, not %v", got, want)
	}
	for _, word := range []string{"northof", "P1", "\"name\": \"P"} {
		if strings.Contains(a.Text, word) {
			t.Errorf("it names somebody: %s", a.Text)
		}
	}
}

// Who does not share the diary any more is gone from it at once, and twenty are the fewest.
func TestAClinicTogetherNeedsTwenty(t *testing.T) {
	t.Parallel()
	h := inMarch(hookstest.New(t))
	practiceOf(t, h, "north", func(i int) (int, int) { return 10, 5 }, 20)
	practiceOf(t, h, "south", func(i int) (int, int) { return 20, 20 }, 5) // another clinic's
	path := "/api/clinics/" + hookstest.ID("north") + "/outcomes"
	if a := h.Do("admin", "GET", path, nil); a.Body["patients"] != 20.0 || a.Body["base"] != 10.0 {
		t.Fatalf("twenty: %s", a.Text)
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='northof00000007'")
	a := h.Do("admin", "GET", path, nil)
	if a.Body["patients"] != nil || a.Body["reason"] != "NOT_ENOUGH_PATIENTS" || a.Body["base"] != nil || len(a.Body["cells"].([]any)) != 0 {
		t.Errorf("nineteen: %s", a.Text)
	}
	runSQL(t, h.App, "UPDATE consents SET state='given' WHERE patient='northof00000007'")
	runSQL(t, h.App, "DELETE FROM diary_days WHERE patient='northof00000007' AND day>='2026-01-15'")
	if a := h.Do("admin", "GET", path, nil); a.Body["patients"] != nil {
		t.Errorf("one of twenty without enough days: %s", a.Text)
	}
}

// Six of twenty-six change in the same way as nobody else: groups of fewer than five are not shown.
func TestAClinicsSmallGroups(t *testing.T) {
	t.Parallel()
	h := inMarch(hookstest.New(t))
	practiceOf(t, h, "north", func(i int) (int, int) {
		switch {
		case i < 1:
			return 10, 20
		case i < 4:
			return 10, 6
		case i < 11:
			return 10, 10
		}
		return 10, 4
	}, 26)
	shown := map[string]any{}
	for _, c := range h.Do("admin", "GET", "/api/clinics/"+hookstest.ID("north")+"/outcomes", nil).Body["cells"].([]any) {
		cell := c.(map[string]any)
		shown[cell["name"].(string)] = cell["patients"]
	}
	if shown["halved"] != 15.0 || shown["fell_by_30"] != nil || shown["rose_by_30"] != nil || shown["about_the_same"] != nil {
		t.Errorf("one, three, seven and fifteen: the seven would tell that the rest are four: %v", shown)
	}
}

func TestWhoAsksForAClinicIsNoted(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	path := "/api/clinics/" + hookstest.ID("north") + "/outcomes"
	h.Do("admin", "GET", path, nil)
	h.Do("admin", "GET", path, nil) // a second look tells nothing new
	h.Do("thera", "GET", path, nil)
	h.Do("thera", "GET", "/api/clinics/migraine-of-anna/outcomes", nil)
	var lines []struct{ Actor, Action, Clinic, Patient, Outcome string }
	check(t, h.App.DB().NewQuery("SELECT actor, action, clinic, patient, outcome FROM audit_events WHERE collection='outcomes' ORDER BY seq").All(&lines))
	want := []string{"admin read north ok", "thera refuse north E_NOT_FOUND", "thera refuse  E_NOT_FOUND"}
	if len(lines) != len(want) {
		t.Fatalf("%v", lines)
	}
	for i, l := range lines {
		if got := strings.Join([]string{strings.TrimRight(l.Actor, "0"), l.Action, strings.TrimRight(l.Clinic, "0"), l.Outcome}, " "); got != want[i] || l.Patient != "" {
			t.Errorf("%q, not %q", got, want[i])
		}
	}
}

// A made-up patient does not count in a real clinic.
func TestMadeUpPatientsStayOutOfARealClinic(t *testing.T) {
	t.Parallel()
	h := inMarch(hookstest.New(t))
	practiceOf(t, h, "north", func(i int) (int, int) { return 10, 5 }, 22)
	runSQL(t, h.App, "UPDATE clinics SET synthetic=FALSE")
	if a := h.Do("admin", "GET", "/api/clinics/"+hookstest.ID("north")+"/outcomes", nil); a.Body["patients"] != nil {
		t.Errorf("%s", a.Text)
	}
}

// One patient's year of progress, alone and among others, and a clinic of 200.
func BenchmarkProgress(b *testing.B) {
	for _, others := range []int{0, 200} {
		h := hookstest.New(b)
		practiceOf(b, h, "north", func(i int) (int, int) { return 10, 5 }, others)
		aYearOf(b, h, "anna")
		anna := h.Token("anna")
		b.Run(fmt.Sprint("a year among ", others, " others"), func(b *testing.B) {
			for b.Loop() {
				if a := h.DoWith(anna, "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil); a.Status != 200 {
					b.Fatal(a.Text)
				}
			}
		})
		if others == 0 {
			continue
		}
		inMarch(h)
		b.Run(fmt.Sprint("a clinic of ", others), func(b *testing.B) {
			for b.Loop() {
				if a := h.Do("admin", "GET", "/api/clinics/"+hookstest.ID("north")+"/outcomes", nil); a.Body["patients"] != 201.0 { // and anna
					b.Fatal(a.Text)
				}
			}
		})
	}
}

// aYearOf writes a check-in for each day of a year, and about a hundred attacks.
func aYearOf(t testing.TB, h *hookstest.House, who string) {
	r := rand.New(rand.NewPCG(1, 1))
	today := clinic.DayOf(time.Now(), time.UTC)
	patient := hookstest.ID(who)
	check(t, h.App.RunInTransaction(func(tx core.App) error {
		runSQL(t, tx, "UPDATE patients SET baseline_date='"+today.Add(-336).String()+"' WHERE id='"+patient+"'")
		for i := range 365 {
			day := today.Add(i - 364)
			headache := r.IntN(3) == 0
			runSQL(t, tx, fmt.Sprintf("INSERT INTO diary_days(id, patient, day, headache, neck_pain_nrs) VALUES('%s', '%s', '%s', '%t', '%d')", entry.DayID(patient, day.String()), patient, day, headache, r.IntN(6)))
			if headache {
				runSQL(t, tx, fmt.Sprintf("INSERT INTO attacks(id, patient, started_at, ended_at, peak_nrs) VALUES('yearofattack%03d', '%s', '%s 14:00:00.000Z', '%s 20:00:00.000Z', '6')", i, patient, day, day))
			}
		}
		return nil
	}))
}
