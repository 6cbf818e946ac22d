package diary_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

func TestAWindowOnTheWire(t *testing.T) {
	e := diary.Entries{CheckIns: []diary.CheckIn{{Day: clinic.MustDay("2026-01-05"), Headache: clinic.Yes}}}
	text, err := json.Marshal(diary.Windows(e, diary.Profile{}, clinic.MustDay("2026-02-02"), nil, clinic.MustDay("2026-02-01"))[0])
	if err != nil {
		t.Fatal(err)
	}
	const none = `"value":null,"days":1,"n":0,"reason":"NOT_ENOUGH_DAYS","estimated":false`
	const one = `"value":null,"days":1,"n":1,"reason":"NOT_ENOUGH_DAYS","estimated":false`
	const open = `"value":null,"days":0,"n":0,"reason":"NOT_ENOUGH_DAYS","estimated":false`
	want := `{"window":"B1","from":"2026-01-05","to":"2026-02-01","elapsedDays":28,"full":true,"recordedDays":1,"attackOnlyDays":0,"estimated":false,` +
		`"mhd28":{` + one + `},"mmd28":{` + open + `},"modSevere28":{` + open + `},"attacks28":{` + one + `},` +
		`"acuteDays28":{` + open + `,"byClass":{},"logged":0},` +
		`"neckDays28":{` + open + `},"interictalNeckDays28":{` + `"value":null,"days":1,"n":0,"reason":"NOT_ENOUGH_DAYS","estimated":false` + `},"neckDaysClear28":{` + open + `},` +
		`"meanPeakNrs":{` + none + `},"meanDurationHours":{` + none + `},"clearDays28":{` + none + `}}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestNoAnchorNoWindows(t *testing.T) {
	if got := diary.Windows(diary.Entries{}, diary.Profile{}, 0, nil, clinic.MustDay("2026-02-01")); got != nil {
		t.Errorf("got %v", got)
	}
	r := diary.Respond(nil)
	if r.Base != "B1" || r.Now != "" || r.MHD28.Reason != diary.NoFullWindow || r.MHD28.AtLeast50 != clinic.Unknown {
		t.Errorf("without windows: %+v", r)
	}
}

func TestTheFirstRecordedDay(t *testing.T) {
	today := clinic.MustDay("2026-02-01")
	day := func(text string) time.Time { return clinic.MustDay(text).Start(time.UTC) }
	e := diary.Entries{
		CheckIns: []diary.CheckIn{{Day: clinic.MustDay("2026-01-20"), Headache: clinic.No}, {Day: clinic.MustDay("2026-01-02"), Neck: clinic.MustNRS(3)},
			{Day: clinic.MustDay("2027-01-01"), Headache: clinic.Yes}},
		Attacks: []diary.Attack{{Start: day("2026-01-10")}, {Start: day("2026-01-03"), PainAbsent: clinic.Yes}, {}},
		Doses:   []diary.Dose{{Taken: day("2026-01-01"), Class: diary.Triptan}},
	}
	if got := diary.FirstRecorded(e, today); got != clinic.MustDay("2026-01-10") {
		t.Errorf("the first recorded day is %v", got)
	}
	if got := diary.FirstRecorded(diary.Entries{}, today); got != 0 {
		t.Errorf("nobody wrote anything, yet the first day is %v", got)
	}
}

func TestWeekly(t *testing.T) {
	first := clinic.MustDay("2026-01-05")
	var e diary.Entries
	for i, letter := range "H..-H.." + "HHHHHHH" + "-------" + "..H" {
		answer := map[rune]clinic.YesNo{'H': clinic.Yes, '.': clinic.No}[letter]
		e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: first.Add(i), Headache: answer})
	}
	got := diary.Weekly(e, diary.Profile{}, first.Add(27), 4)
	want := []diary.Week{{first, 6, 2}, {first.Add(7), 7, 7}, {first.Add(14), 0, 0}, {first.Add(21), 3, 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestProfilesAreNamesTheClinicKnows(t *testing.T) {
	if p, err := diary.NewProfile("", ""); err != nil || p.Days != diary.Leiden2023 || p.Merge != diary.Merge48h {
		t.Errorf("the defaults are %v, %v", p, err)
	}
	if p, err := diary.NewProfile("ihs_trial", "free_day"); err != nil || p.Days != diary.IHSTrial || p.Merge != diary.FreeDay {
		t.Errorf("got %v, %v", p, err)
	}
	for _, pair := range [][2]string{{"leiden", ""}, {"", "merge_24h"}} {
		if _, err := diary.NewProfile(pair[0], pair[1]); err == nil {
			t.Errorf("%v passed as a profile", pair)
		}
	}
}

// anchors are what a diary file must add up to (spec §5.1).
type anchors struct {
	rows, headacheDays int
	per28              []stretch
	patient            string
	base, now          [2]int // headache days of recorded days
	percent            float64
}

type stretch struct {
	from, to, rows int
	rate           float64
}

// The real diary stays outside the repository; the made-up one has the same columns and the same fault (a row twice),
// and proves that the same sums are made when the real one is not there.
func TestADiaryAddsUp(t *testing.T) {
	addsUp(t, "testdata/made-up-diary.csv", anchors{12, 6,
		[]stretch{{-99, -1, 4, 14}, {0, 27, 5, 11.2}, {28, 55, 2, 14}}, "1", [2]int{2, 3}, [2]int{1, 3}, -50})
	const kosteckiDillon = "../../../shared/data/kostecki-dillon.csv"
	if _, err := os.Stat(kosteckiDillon); err == nil {
		addsUp(t, kosteckiDillon, anchors{4151, 2666,
			[]stretch{{-99, -1, 700, 17.72}, {0, 27, 2563, 18.233}, {28, 55, 690, 17.733}}, "93", [2]int{12, 19}, [2]int{2, 20}, -84.17})
	}
}

func addsUp(t *testing.T, path string, want anchors) {
	t.Helper()
	start := clinic.MustDay("2026-06-01") // day 0 of everyone's treatment
	people := readDiary(t, path, start)
	total := count(people, start.Add(-99), start.Add(99))
	if total != [2]int{want.headacheDays, want.rows} {
		t.Errorf("%s: %v headache and recorded days, want %d and %d", path, total, want.headacheDays, want.rows)
	}
	for _, s := range want.per28 {
		got := count(people, start.Add(s.from), start.Add(s.to))
		rate := 28 * float64(got[0]) / float64(got[1])
		if got[1] != s.rows || math.Abs(rate-s.rate) > 0.005 {
			t.Errorf("%s, days %d to %d: %d rows, %.3f per 28, want %d, %.3f", path, s.from, s.to, got[1], rate, s.rows, s.rate)
		}
	}
	windows := diary.Windows(people[want.patient], diary.Profile{}, start, nil, start.Add(27))
	base, now := windows[0].MHD28, windows[1].MHD28
	if got := [2][2]int{{base.N, base.Days}, {now.N, now.Days}}; got != [2][2]int{want.base, want.now} {
		t.Errorf("%s, patient %s: %v, want %v then %v", path, want.patient, got, want.base, want.now)
	}
	percent := 100 * (float64(now.N*base.Days)/float64(now.Days*base.N) - 1)
	if math.Abs(percent-want.percent) > 0.005 {
		t.Errorf("%s, patient %s: %.2f %%, want %.2f", path, want.patient, percent, want.percent)
	}
	if r := diary.Respond(windows).MHD28; base.Value != nil && math.Abs(float64(*r.ChangePercent)-percent) > 1e-9 {
		t.Errorf("%s, patient %s: the responder says %v %%", path, want.patient, *r.ChangePercent)
	}
}

func readDiary(t *testing.T, path string, start clinic.Day) map[string]diary.Entries {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	people := map[string]diary.Entries{}
	for _, row := range rows[1:] {
		day, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		e := people[row[0]]
		e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: start.Add(day), Headache: clinic.Said(row[7] == "yes")})
		people[row[0]] = e
	}
	return people
}

// count is headache days and recorded days of everybody together.
func count(people map[string]diary.Entries, from, to clinic.Day) (n [2]int) {
	for _, e := range people {
		for _, d := range diary.Days(e, diary.Profile{}, from, to) {
			if d.Headache == clinic.Yes {
				n[0]++
			}
			if d.Recorded {
				n[1]++
			}
		}
	}
	return n
}

func TestNumbersOnTheWireHaveTwoDecimals(t *testing.T) {
	for rate, want := range map[diary.Rate]string{10.5: "10.5", 168.0 / 22: "7.64", 14: "14", -0.001: "0", -49.16666: "-49.17"} {
		if text, err := json.Marshal(rate); err != nil || string(text) != want {
			t.Errorf("%v is written %s, %v, want %s", float64(rate), text, err, want)
		}
	}
}
