package hooks_test

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"interictal/hooks"
	"interictal/hooks/clinic"
	"interictal/hooks/hookstest"
)

// publicDiary is beside the repository on the founders' machines, not in it.
const publicDiary = "../../shared/data/kostecki-dillon.csv"

// madeUp has the public diary's columns and every fault it is known for; its
// people are invented.
const madeUp = "testdata/made-up-diary.csv"

// importDiary runs the command as somebody at a terminal would.
func importDiary(app core.App, args ...string) (string, error) {
	return runCommand(app, append([]string{"import", "diary-csv"}, args...)...)
}

func runCommand(app core.App, args ...string) (string, error) {
	root := &cobra.Command{Use: "interictal"}
	hooks.AddCommands(app, root, &hooks.Keep{})
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.Execute()
	return out.String(), err
}

func diaries(t *testing.T) []string {
	files := []string{madeUp}
	if _, err := os.Stat(publicDiary); err == nil {
		files = append(files, publicDiary)
	}
	return files
}

func TestImportedProgressIsWhatPlainSQLSays(t *testing.T) {
	t.Parallel()
	for _, file := range diaries(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			h := hookstest.New(t)
			if out, err := importDiary(h.App, file, "--clinic", hookstest.ID("north"), "--start", "2026-01-05", "--therapist", hookstest.Email("thera"), "--apply"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			source := strings.TrimSuffix(filepath.Base(file), ".csv")
			want := countBySQL(t, file)
			for person, windows := range want {
				patient, err := h.App.FindFirstRecordByData("patients", "import_ref", source+":"+person)
				if err != nil {
					t.Fatalf("person %s: %v", person, err)
				}
				answer := h.Do("thera", "GET", "/api/patients/"+patient.Id+"/progress", nil)
				if answer.Status != 200 || answer.Body["anchor"] != "2026-01-05" {
					t.Fatalf("person %s: %d %s", person, answer.Status, answer.Text)
				}
				compareWindows(t, person, answer.Body["windows"].([]any), windows)
			}
		})
	}
}

// counted is one window by another route: plain SQL over the file.
type counted struct{ recorded, headache int }

// countBySQL loads the CSV into a table and counts distinct days in windows of 28.
func countBySQL(t *testing.T, file string) map[string]map[string]counted {
	db, err := sql.Open("sqlite", ":memory:")
	check(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec("CREATE TABLE kd(id TEXT, time INT, headache TEXT)")
	check(t, err)
	f, err := os.Open(file)
	check(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	check(t, err)
	head := rows[0]
	for _, r := range rows[1:] {
		_, err := db.Exec("INSERT INTO kd VALUES(?, ?, ?)", r[slices.Index(head, "id")], r[slices.Index(head, "time")], r[slices.Index(head, "headache")])
		check(t, err)
	}
	result, err := db.Query(`SELECT id, CASE WHEN time < 0 THEN 'B1' ELSE 'T' || (time/28 + 1) END AS window,
  COUNT(DISTINCT time), COUNT(DISTINCT CASE headache WHEN 'yes' THEN time END) FROM kd WHERE time >= -28 GROUP BY 1, 2`)
	check(t, err)
	defer result.Close()
	out := map[string]map[string]counted{}
	for result.Next() {
		var person, window string
		var c counted
		check(t, result.Scan(&person, &window, &c.recorded, &c.headache))
		if out[person] == nil {
			out[person] = map[string]counted{}
		}
		out[person][window] = c
	}
	return out
}

func compareWindows(t *testing.T, person string, windows []any, want map[string]counted) {
	for _, item := range windows {
		w := item.(map[string]any)
		name := w["window"].(string)
		c := want[name] // none: nothing was recorded in it
		mhd := w["mhd28"].(map[string]any)
		if w["recordedDays"] != float64(c.recorded) {
			t.Errorf("person %s %s: %v days recorded, SQL says %d", person, name, w["recordedDays"], c.recorded)
		}
		value, known := mhd["value"].(float64)
		if known != (c.recorded >= 14) {
			t.Errorf("person %s %s: a value from %d days: %v", person, name, c.recorded, mhd)
		}
		if rate := 28 * float64(c.headache) / float64(c.recorded); known && math.Abs(value-rate) > 0.005001 {
			t.Errorf("person %s %s: %v headache days, SQL says %.4f", person, name, value, rate)
		}
		if estimated := c.recorded >= 14 && c.recorded < 23; known && w["estimated"] != estimated {
			t.Errorf("person %s %s: estimated is %v", person, name, w["estimated"])
		}
	}
}

// The figures of spec §5.1, from the database after the import.
func TestImportedAnchors(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(publicDiary); err != nil {
		return // the made-up diary above proves the counting; these are the public file's own figures
	}
	h := hookstest.New(t)
	out, err := importDiary(h.App, publicDiary, "--clinic", hookstest.ID("north"), "--start", "2026-01-05", "--apply")
	check(t, err)
	for _, c := range []struct {
		from, to int
		rows     int
		rate     float64
	}{{-36500, -1, 700, 17.72}, {0, 27, 2563, 18.233}, {28, 55, 690, 17.733}} {
		var rows, headaches int
		start := clinic.MustDay("2026-01-05")
		check(t, h.App.DB().NewQuery("SELECT COUNT(*), SUM(headache='true') FROM diary_days WHERE day BETWEEN '"+
			start.Add(max(c.from, -9000)).String()+"' AND '"+start.Add(c.to).String()+"'").Row(&rows, &headaches))
		if rate := 28 * float64(headaches) / float64(rows); rows != c.rows || math.Abs(rate-c.rate) > 0.005 {
			t.Errorf("days %d to %d: %d rows and %.3f a 28 days, not %d and %.3f", c.from, c.to, rows, rate, c.rows, c.rate)
		}
	}
	for _, odd := range []string{"DUPLICATE     line ", "person 90 day 17 ", "OFFSET        person 126 ", "FILLED_IN ", "GAP ", "4152 rows, 133 people", "4151 new"} {
		if !strings.Contains(out, odd) {
			t.Errorf("the report does not say %q", odd)
		}
	}
}

func TestImportIsADryRunFirst(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	before := h.Dump()
	out, err := importDiary(h.App, madeUp, "--clinic", hookstest.ID("north"), "--start", "2026-01-05")
	check(t, err)
	if !strings.Contains(out, "Nothing was changed") || !strings.Contains(out, "new") {
		t.Errorf("the dry run says:\n%s", out)
	}
	if after := h.Dump(); after != before {
		t.Errorf("a dry run changed the database")
	}
}

func TestImportTwiceMakesNoDuplicates(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	run := []string{madeUp, "--clinic", hookstest.ID("north"), "--start", "2026-01-05", "--apply"}
	_, err := importDiary(h.App, run...)
	check(t, err)
	before := h.Dump()
	out, err := importDiary(h.App, run...)
	check(t, err)
	if h.Dump() != before || !strings.Contains(out, " 0 new, 0 changed") {
		t.Errorf("the second run changed something:\n%s", out)
	}
	if _, err := importDiary(h.App, madeUp, "--clinic", hookstest.ID("north"), "--start", "2026-01-06", "--apply"); err == nil || h.Dump() != before {
		t.Errorf("another start date shifts a diary that is there: %v", err)
	}
}

// What the patient has changed since is hers.
func TestImportKeepsWhatThePatientSaid(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	run := []string{madeUp, "--clinic", hookstest.ID("north"), "--start", "2026-01-05", "--apply"}
	_, err := importDiary(h.App, run...)
	check(t, err)
	day, err := h.App.FindFirstRecordByFilter("diary_days", "day='2026-01-05' && headache=true")
	check(t, err)
	day.Load(map[string]any{"headache": false, "source": "phone"})
	check(t, h.App.Save(day))
	out, err := importDiary(h.App, run...)
	check(t, err)
	again, err := h.App.FindRecordById("diary_days", day.Id)
	check(t, err)
	if again.GetString("headache") != "false" || !strings.Contains(out, "1 kept") {
		t.Errorf("the import overwrote the patient: %s\n%s", again.GetString("headache"), out)
	}
}

func TestImportRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, says string }{
		"no such column":        {"id,day,headache\n1,0,yes\n", `line 1: no column "time"`},
		"an empty file":         {"", "line 1: no header"},
		"a row of nobody":       {"id,time,headache\n,0,yes\n", "line 2: no id"},
		"a quote in the middle": {"id,time,headache\n1,0,y\"es\n", "line 2"},
		"a time that is none":   {"id,time,headache\n1,0,yes\n1,soon,no\n2,0,no\n", "line 3 person 1 time is not a number of days"},
		"neither yes nor no":    {"id,time,headache\n1,0,maybe\n", "line 2 person 1 headache is neither yes nor no"},
		"a short row":           {"id,time,headache\n1,0\n", "line 2 person 1 2 columns instead of 3"},
		"two answers for a day": {"id,time,headache\n1,0,yes\n1,0,no\n", "line 3 person 1 day 0 says headache no here and yes in line 2"},
		"a day in the future":   {"id,time,headache\n1,30000,yes\n", "lies in the future"},
	} {
		t.Run(name, func(t *testing.T) {
			h := hookstest.New(t)
			file := filepath.Join(t.TempDir(), "diary.csv")
			check(t, os.WriteFile(file, []byte(c.file), 0o600))
			out, err := importDiary(h.App, file, "--clinic", hookstest.ID("north"), "--start", "2026-01-05", "--apply")
			if err == nil || !strings.Contains(out+err.Error(), c.says) {
				t.Errorf("it says %v\n%s", err, out)
			}
			if n, _ := h.App.CountRecords("patients"); name == "a time that is none" && n != 5 { // the cast and person 2
				t.Errorf("all or nothing for each person: %d patients", n)
			} else if name != "a time that is none" && n != 4 {
				t.Errorf("a refused person left something: %d patients", n)
			}
		})
	}
	h := hookstest.New(t)
	for _, args := range [][]string{
		{madeUp, "--clinic", "nowhere", "--start", "2026-01-05"},
		{madeUp, "--clinic", hookstest.ID("north"), "--start", "5 January"},
		{madeUp, "--clinic", hookstest.ID("north"), "--start", "2026-01-05", "--therapist", "nobody@clinic.test"},
		{"no-such-file.csv", "--clinic", hookstest.ID("north"), "--start", "2026-01-05"},
		{madeUp, "--start", "2026-01-05"},
	} {
		if _, err := importDiary(h.App, args...); err == nil {
			t.Errorf("import %v found nothing wrong", args)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
