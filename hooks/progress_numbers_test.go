package hooks_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/entry"
	"interictal/hooks/hookstest"
	"interictal/hooks/progress"
)

// The numbers of the public diary's patients, worked out once more with nothing but the file and plain arithmetic: a score
// interval by solving its equation, a probability by adding up rectangles, an exact interval by searching.
func TestImportedNumbersAreWhatPlainArithmeticSays(t *testing.T) {
	t.Parallel()
	for _, file := range diaries(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			h := hookstest.New(t)
			if out, err := importDiary(h.App, file, "--clinic", hookstest.ID("north"), "--start", "2026-01-05", "--therapist", hookstest.Email("thera"), "--apply"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			h.Clock.Set(time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)) // the 56th day: T1 and T2 are over
			compared := 0
			for person, plain := range plainDiaries(t, file) {
				patient, err := h.App.FindFirstRecordByData("patients", "import_ref", strings.TrimSuffix(filepath.Base(file), ".csv")+":"+person)
				check(t, err)
				answer := h.Do("thera", "GET", "/api/patients/"+patient.Id+"/progress", nil)
				numbers := answer.Body["numbers"].(map[string]any)
				for i, window := range numbers["headacheDays"].(map[string]any)["row"].([]any) {
					if plain.compare(t, person, i, window.(map[string]any)) {
						compared++
					}
					plain.compareAttacks(t, person, i, answer.Body["attacks"].(map[string]any)["row"].([]any)[i].(map[string]any))
				}
				plain.compareWeeks(t, person, numbers["runChart"].(map[string]any))
			}
			t.Logf("%d windows had numbers", compared)
			if compared < 2 {
				t.Error("there was nothing to compare")
			}
		})
	}
}

// plain is a person's diary: headache or not, by the day since the start.
type plain map[int]bool

func plainDiaries(t *testing.T, file string) map[string]plain {
	f, err := os.Open(file)
	check(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	check(t, err)
	id, at, headache := slices.Index(rows[0], "id"), slices.Index(rows[0], "time"), slices.Index(rows[0], "headache")
	out := map[string]plain{}
	for _, row := range rows[1:] {
		day, err := strconv.Atoi(row[at])
		check(t, err)
		if out[row[id]] == nil {
			out[row[id]] = plain{}
		}
		out[row[id]][day] = row[headache] == "yes"
	}
	return out
}

func (p plain) count(from, to int) (yes, days float64) {
	for day := from; day <= to; day++ {
		if headache, recorded := p[day]; recorded {
			days++
			if headache {
				yes++
			}
		}
	}
	return yes, days
}

func (p plain) rho(phases [][2]int) float64 {
	var products, pairs, squares, days float64
	for _, w := range phases {
		yes, n := p.count(w[0], w[1])
		off := func(day int) (float64, bool) {
			headache, recorded := p[day]
			value := -yes / n
			if headache {
				value++
			}
			return value, recorded && w[0] <= day && day <= w[1]
		}
		for day := w[0]; day <= w[1]; day++ {
			today, recorded := off(day)
			if !recorded {
				continue
			}
			days, squares = days+1, squares+today*today
			if yesterday, recorded := off(day - 1); recorded {
				pairs, products = pairs+1, products+today*yesterday
			}
		}
	}
	if pairs < 20 || squares < 1e-12 {
		return 0.3
	}
	return products / pairs / (squares / days)
}

// compare says whether there were numbers.
func (p plain) compare(t *testing.T, person string, i int, window map[string]any) bool {
	x1, n1 := p.count(-28, -1)
	x2, n2 := p.count(28*i, 28*i+27)
	get := func(number, part string) any { return window[number].(map[string]any)[part] }
	who := fmt.Sprintf("person %s T%d", person, i+1)
	if n1 < 14 || n2 < 14 {
		if get("difference", "value") != nil || get("changePercent", "value") != nil || get("halved", "probability") != nil || get("difference", "reason") == nil {
			t.Errorf("%s: a number from %v and %v days: %v", who, n1, n2, window)
		}
		return false
	}
	rho := p.rho([][2]int{{-28, -1}, {28 * i, 28*i + 27}})
	f := (1 - min(max(rho, 0), 0.9)) / (1 + min(max(rho, 0), 0.9))
	like(t, who+" ρ", get("rho", "value"), rho, 0.0051)
	l1, u1 := scoreInterval(x1*f, n1*f)
	l2, u2 := scoreInterval(x2*f, n2*f)
	p1, p2 := x1/n1, x2/n2
	like(t, who+" difference", get("difference", "value"), 28*(p2-p1), 0.0051)
	like(t, who+" low", get("difference", "low"), 28*(p2-p1-math.Sqrt((p2-l2)*(p2-l2)+(u1-p1)*(u1-p1))), 0.0051)
	like(t, who+" high", get("difference", "high"), 28*(p2-p1+math.Sqrt((u2-p2)*(u2-p2)+(p1-l1)*(p1-l1))), 0.0051)
	if x1 == 0 {
		if get("changePercent", "reason") != "BASE_ZERO" || get("halved", "reason") != "BASE_ZERO" {
			t.Errorf("%s: a fall from nothing: %v", who, window)
		}
		return true
	}
	like(t, who+" per cent", get("changePercent", "value"), 100*(p2-p1)/p1, 0.0051)
	chance := rectangles(x1*f, n1*f, x2*f, n2*f, 0.5)
	like(t, who+" halved", get("halved", "probability"), chance, 0.002)
	like(t, who+" fell by 75 %", get("fell75", "probability"), rectangles(x1*f, n1*f, x2*f, n2*f, 0.25), 0.002)
	if words := wordsFor(chance); min(math.Abs(chance-0.8), math.Abs(chance-0.2)) > 0.002 && get("halved", "words") != words {
		t.Errorf("%s: %v is %v, not %s", who, chance, get("halved", "words"), words)
	}
	return true
}

func wordsFor(chance float64) string {
	switch {
	case chance >= 0.8:
		return "likely"
	case chance <= 0.2:
		return "probably_not"
	}
	return "too_early_to_say"
}

func like(t *testing.T, what string, got any, want, within float64) {
	t.Helper()
	if value, known := got.(float64); !known || math.Abs(value-want) > within {
		t.Errorf("%s is %v, not %.4f", what, got, want)
	}
}

// scoreInterval searches where (x/n − p)² = z² p (1−p) / n.
func scoreInterval(x, n float64) (low, high float64) {
	outside := func(p float64) bool { return (x/n-p)*(x/n-p) > 1.959963985*1.959963985*p*(1-p)/n }
	search := func(in, out float64) float64 {
		for range 60 {
			if middle := (in + out) / 2; outside(middle) {
				out = middle
			} else {
				in = middle
			}
		}
		return in
	}
	return search(x/n, 0), search(x/n, 1)
}

// rectangles adds up the two densities over the angle whose sine squared is the share.
func rectangles(x1, n1, x2, n2, left float64) (sum float64) {
	const steps = 6000
	density := func(x, n float64) (d [steps]float64) {
		total := 0.0
		for i := range d {
			angle := (float64(i) + 0.5) / steps * math.Pi / 2
			d[i] = math.Pow(math.Sin(angle), 2*x) * math.Pow(math.Cos(angle), 2*(n-x))
			total += d[i]
		}
		for i := range d {
			d[i] /= total
		}
		return d
	}
	before, now := density(x1, n1), density(x2, n2)
	reached, next := 0.0, 0
	for i, weight := range before {
		share := math.Pow(math.Sin((float64(i)+0.5)/steps*math.Pi/2), 2)
		for next < steps && math.Pow(math.Sin((float64(next)+0.5)/steps*math.Pi/2), 2) <= left*share {
			reached += now[next]
			next++
		}
		sum += weight * reached
	}
	return sum
}

// attacks of a diary of days: a headache day begins one unless the day before, or with one missing day between the day before
// that, was one.
func (p plain) attacks(from, to int) (n int) {
	for day := from; day <= to; day++ {
		_, yesterday := p[day-1]
		if p[day] && !p[day-1] && (yesterday || !p[day-2]) {
			n++
		}
	}
	return n
}

func (p plain) compareAttacks(t *testing.T, person string, i int, window map[string]any) {
	_, n1 := p.count(-28, -1)
	_, n2 := p.count(28*i, 28*i+27)
	x1, x2 := p.attacks(-28, -1), p.attacks(28*i, 28*i+27)
	who := fmt.Sprintf("person %s T%d", person, i+1)
	ratio := window["ratio"].(map[string]any)
	if n1 < 14 || n2 < 14 || x1+x2 == 0 {
		if ratio["value"] != nil || ratio["reason"] == nil || window["p"] != nil {
			t.Errorf("%s: a ratio from %d in %v and %d in %v days: %v", who, x1, n1, x2, n2, window)
		}
		return
	}
	if x1 > 0 {
		like(t, who+" ratio", ratio["value"], float64(x2)/n2/(float64(x1)/n1), 0.0051)
		share := edge(func(p float64) float64 { return tail(x1+x2, 0, x2, p) })
		like(t, who+" high", ratio["high"], n1/n2*share/(1-share), 0.0051)
	}
	if x2 > 0 {
		share := edge(func(p float64) float64 { return 0.05 - tail(x1+x2, x2, x1+x2, p) })
		like(t, who+" low", ratio["low"], n1/n2*share/(1-share), 0.0051)
	}
}

// edge searches the share at which a falling function is 0.025.
func edge(f func(float64) float64) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		if middle := (low + high) / 2; f(middle) > 0.025 {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// tail is the probability of from … to of n.
func tail(n, from, to int, p float64) (sum float64) {
	term := math.Pow(1-p, float64(n)) // of none
	for i := range n + 1 {
		if from <= i && i <= to {
			sum += term
		}
		term *= float64(n-i) / float64(i+1) * p / (1 - p)
	}
	return sum
}

func (p plain) compareWeeks(t *testing.T, person string, chart map[string]any) {
	weeks := chart["weeks"].([]any)
	if len(weeks) != 12 {
		t.Fatalf("person %s: %d weeks of B1, T1 and T2", person, len(weeks))
	}
	var base []float64
	for i, item := range weeks {
		week, from := item.(map[string]any), 7*i-28
		yes, days := p.count(from, from+6)
		if week["recorded"] != days || week["headacheDays"] != yes || week["base"] != (i < 4) || (week["value"] != nil) != (days >= 5) {
			t.Errorf("person %s week %d: %v, not %v of %v", person, i, week, yes, days)
		}
		if days >= 5 {
			like(t, fmt.Sprintf("person %s week %d", person, i), week["value"], 7*yes/days, 0.0051)
			if i < 4 {
				base = append(base, 7*yes/days)
			}
		}
	}
	if (chart["line"] != nil) != (len(base) >= 3) {
		t.Errorf("person %s: a line from %d weeks: %v", person, len(base), chart["line"])
	}
	if len(base) >= 3 {
		slices.Sort(base)
		like(t, "person "+person+" line", chart["line"], (base[(len(base)-1)/2]+base[len(base)/2])/2, 0.0051)
	}
}

// The figures of spec §5.1: 12 of 19 days, then 2 of 20.
func TestImportedPerson93(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(publicDiary); err != nil {
		return // the made-up diary proves the arithmetic; this is the public file's own figure
	}
	h := hookstest.New(t)
	_, err := importDiary(h.App, publicDiary, "--clinic", hookstest.ID("north"), "--start", "2026-01-05", "--therapist", hookstest.Email("thera"), "--apply")
	check(t, err)
	h.Clock.Set(time.Date(2026, 2, 1, 20, 0, 0, 0, time.UTC))
	patient, err := h.App.FindFirstRecordByData("patients", "import_ref", "kostecki-dillon:93")
	check(t, err)
	days := h.Do("thera", "GET", "/api/patients/"+patient.Id+"/progress", nil).Body["numbers"].(map[string]any)["headacheDays"].(map[string]any)
	now := days["now"].(map[string]any)
	like(t, "days before", days["base"].(map[string]any)["days"], 19, 0)
	like(t, "headache days since", now["rate"].(map[string]any)["n"], 2, 0)
	like(t, "per cent", now["changePercent"].(map[string]any)["value"], -84.17, 1e-9)
	like(t, "ρ", now["rho"].(map[string]any)["value"], 0.35, 1e-9)
	like(t, "halved", now["halved"].(map[string]any)["probability"], 0.9045, 1e-9)
}

// A member of the team to whom the medicines are not shown gets the numbers without them; the patient's own stay whole.
func TestNumbersWithoutMedicines(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	h.Clock.Set(time.Date(2026, 2, 1, 20, 0, 0, 0, time.UTC))
	runSQL(t, h.App, "UPDATE patients SET baseline_date='2026-01-05' WHERE id='"+annas+"'")
	diaryFrom(t, h, "2025-12-08", 56)
	save(t, h.App, "medications", "triptanofanna00", map[string]any{"patient": annas, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"})
	for i := range 20 { // 20 minutes are a headache day only with the drug
		start := clinic.MustDay("2025-12-08").Add(i).Start(time.UTC).Add(15 * time.Hour)
		save(t, h.App, "attacks", fmt.Sprintf("attackofanna%03d", i), map[string]any{"patient": annas, "started_at": start, "ended_at": start.Add(20 * time.Minute), "tz": "America/New_York"})
		save(t, h.App, "medication_doses", fmt.Sprintf("dosesofannas%03d", i), map[string]any{"patient": annas, "medication": "triptanofanna00", "taken_at": start, "tz": "America/New_York"})
	}
	base := func(who string) (days any, notShared int) {
		body := h.Do(who, "GET", "/api/patients/"+annas+"/progress", nil).Body
		return body["numbers"].(map[string]any)["headacheDays"].(map[string]any)["base"].(map[string]any)["value"], len(body["notShared"].([]any))
	}
	if days, hidden := base("thera"); days != 20.0 || hidden != 0 {
		t.Errorf("with medicines: %v days, %d families hidden", days, hidden)
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='"+annas+"' AND family='medication'")
	if days, hidden := base("thera"); days != 0.0 || hidden != 1 {
		t.Errorf("without medicines: %v days, %d families hidden", days, hidden)
	}
	if days, hidden := base("anna"); days != 20.0 || hidden != 0 {
		t.Errorf("her own: %v days, %d families hidden", days, hidden)
	}
}

// diaryFrom answers "no headache" for so many days.
func diaryFrom(t *testing.T, h *hookstest.House, from string, count int) {
	for i := range count {
		day := clinic.MustDay(from).Add(i).String()
		save(t, h.App, "diary_days", entry.DayID(annas, day), map[string]any{"patient": annas, "day": day, "headache": false})
	}
}

// Two phones of one person say, change, repeat and take back entries in any order and lose answers. In the end the
// numbers are those of the entries that are left.
func TestRandomHistoriesLeaveTheNumbersOfTheirLastEntries(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 16))
	withNumbers := 0
	for range 3 {
		h := hookstest.New(t)
		h.Clock.Set(time.Date(2026, 3, 20, 20, 0, 0, 0, time.UTC))
		runSQL(t, h.App, "UPDATE patients SET baseline_date='2026-01-05' WHERE id='"+annas+"'")
		w := twoPhones{h: h, Rand: r, phones: []*hookstest.Phone{h.Phone("anna"), h.Phone("anna")}}
		for range 400 {
			w.step()
		}
		for range 2 {
			for _, p := range w.phones {
				p.Sync()
			}
		}
		entries := w.left(t)
		today := clinic.MustDay("2026-03-20")
		windows := diary.Windows(entries, diary.Profile{Days: diary.Leiden2023, Merge: diary.Merge48h}, clinic.MustDay("2026-01-05"), nil, today)
		days := progress.Days(entries, diary.Profile{}, windows, today)
		answer := h.Do("thera", "GET", "/api/patients/"+annas+"/progress", nil)
		for name, want := range map[string]any{"numbers": progress.Of(days, windows), "attacks": progress.AttackRates(windows), "neck": progress.NeckPhases(days, windows)} {
			text, err := json.Marshal(want)
			check(t, err)
			var plain any
			check(t, json.Unmarshal(text, &plain))
			if !reflect.DeepEqual(answer.Body[name], plain) {
				got, _ := json.Marshal(answer.Body[name])
				t.Fatalf("%s:\n%s\nfrom %d days and %d attacks it is\n%s", name, got, len(entries.CheckIns), len(entries.Attacks), text)
			}
		}
		for _, window := range progress.Of(days, windows).HeadacheDays.Row {
			if window.Difference.Value != nil {
				withNumbers++
			}
		}
	}
	if withNumbers == 0 {
		t.Error("these histories had no numbers")
	}
}

// twoPhones is a person with two phones.
type twoPhones struct {
	*rand.Rand
	h      *hookstest.House
	phones []*hookstest.Phone
}

func (w twoPhones) step() {
	p := w.phones[w.IntN(2)]
	day := clinic.MustDay("2025-12-08").Add(w.IntN(103))
	checkIn, attack := entry.DayID(annas, day.String()), fmt.Sprintf("attackofanna%03d", w.IntN(40))
	switch w.IntN(12) {
	case 0:
		p.Sync()
	case 1:
		p.Send(500) // the answer is lost
	case 2:
		p.Send(500)
		p.Take(p.Send(500)) // the same again
	case 3:
		if p.Row("diary_days", checkIn) != nil {
			p.Delete("diary_days", checkIn)
		}
	case 4:
		if p.Row("attacks", attack) != nil {
			p.Delete("attacks", attack)
		}
	case 5, 6, 7:
		start := day.Start(time.UTC).Add(time.Duration(w.IntN(24*60)) * time.Minute)
		p.Put("attacks", attack, map[string]any{"patient": annas, "tz": "America/New_York", "peak_nrs": w.IntN(11), "nausea": w.IntN(2) == 0,
			"unilateral": true, "pulsating": true, "started_at": wireTime(start), "ended_at": wireTime(start.Add(time.Duration(w.IntN(20*60)) * time.Minute))})
	default:
		p.Put("diary_days", checkIn, map[string]any{"patient": annas, "day": day.String(), "headache": w.IntN(3) == 0, "neck_pain_nrs": w.IntN(8)})
	}
}

func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// left is what the phones agree on, as the room reads it.
func (w twoPhones) left(t *testing.T) diary.Entries {
	zone, err := clinic.LoadZone("America/New_York")
	check(t, err)
	e := diary.Entries{Zone: zone, Adult: clinic.Yes}
	for _, collection := range []string{"diary_days", "attacks"} {
		if one, other := w.phones[0].Rows(collection), w.phones[1].Rows(collection); !reflect.DeepEqual(one, other) {
			t.Fatalf("the phones differ in %s", collection)
		}
	}
	said := func(v any) clinic.YesNo {
		if yes, ok := v.(bool); ok {
			return clinic.Said(yes)
		}
		return clinic.Unknown
	}
	score := func(v any) (s clinic.NRS) {
		if n, ok := v.(float64); ok {
			s = clinic.MustNRS(int(n))
		}
		return s
	}
	for _, row := range w.phones[0].Rows("diary_days") {
		e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: clinic.MustDay(row["day"].(string)), Headache: said(row["headache"]), Neck: score(row["neck_pain_nrs"])})
	}
	for _, row := range w.phones[0].Rows("attacks") {
		a := diary.Attack{ID: row["id"].(string), Zone: zone, Peak: score(row["peak_nrs"]), Nausea: said(row["nausea"]), Unilateral: said(row["unilateral"]), Pulsating: said(row["pulsating"])}
		a.Start, err = time.Parse("2006-01-02 15:04:05.000Z", strings.Replace(row["started_at"].(string), "T", " ", 1))
		check(t, err)
		a.End, err = time.Parse("2006-01-02 15:04:05.000Z", strings.Replace(row["ended_at"].(string), "T", " ", 1))
		check(t, err)
		e.Attacks = append(e.Attacks, a)
	}
	return e
}

// Attacks with cold and without, of a patient who shows her sessions.
func TestAttacksWithColdAreReadFromTheSessions(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for i := range 12 {
		start := clinic.MustDay("2026-01-05").Add(3 * i).Start(time.UTC).Add(15 * time.Hour)
		attack := fmt.Sprintf("attackofanna%03d", i)
		save(t, h.App, "attacks", attack, map[string]any{"patient": annas, "started_at": start, "ended_at": start.Add(time.Duration(2+i%2) * time.Hour), "peak_nrs": 6 - i%2})
		if i%2 == 0 {
			runSQL(t, h.App, fmt.Sprintf("INSERT INTO modality_sessions(id, patient, attack, type, started_at) VALUES('coldofannas%04d', '%s', '%s', 'cold', '%s')", i, annas, attack, start.Add(time.Minute).Format("2006-01-02 15:04:05.000Z")))
		}
	}
	path := "/api/patients/" + annas + "/progress"
	cold := h.Do("thera", "GET", path, nil).Body["withAndWithout"].([]any)[0].(map[string]any)
	hours := cold["hours"].(map[string]any)
	if with, without := hours["with"].(map[string]any), hours["without"].(map[string]any); cold["kind"] != "cold" || with["value"] != 2.0 || with["n"] != 6.0 || without["value"] != 3.0 || without["n"] != 6.0 {
		t.Errorf("%v", cold)
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='"+annas+"' AND family='exercise'")
	body := h.Do("thera", "GET", path, nil).Body
	if len(body["withAndWithout"].([]any)) != 0 || fmt.Sprint(body["notShared"]) != "[exercise]" {
		t.Errorf("to who does not see the sessions every attack would be one without: %v %v", body["withAndWithout"], body["notShared"])
	}
}
