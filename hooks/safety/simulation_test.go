package safety

import (
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

// A year in the life of people whose migraine is known and uncomplicated: attacks of 4 to 72 hours, auras of up to an hour,
// the flu now and then, entries that nobody closes, doses noted under them later, and a check a month. At most one false
// emergency or urgent alert in 100 patient-months (§7.1): an alarm that cries wolf is switched off.
func TestKnownMigraineIsLeftInPeace(t *testing.T) {
	const people, months = 400, 12
	random := rand.New(rand.NewPCG(20260105, 7))
	alarms := map[string]int{}
	for range people {
		p := person{Rand: random, age: 18 + random.IntN(43), perDay: 0.05 + 0.2*random.Float64(), aura: random.Float64() < 0.2, keeps: 0.5 + 0.5*random.Float64()}
		for range months {
			for _, f := range p.month() {
				if f.Level == Emergency || f.Level == Urgent {
					alarms[f.Code]++
				}
			}
		}
	}
	total := 0
	for _, n := range alarms {
		total += n
	}
	rate := 100 * float64(total) / (people * months)
	t.Logf("%.2f false alarms in 100 patient-months: %v", rate, alarms)
	if rate > 1 {
		t.Errorf("%.2f false alarms in 100 patient-months: %v", rate, alarms)
	}
}

type person struct {
	*rand.Rand
	age    int
	perDay float64 // chance that an attack begins on a free day
	aura   bool
	keeps  float64 // share of days with a check-in
}

func (p person) often(share float64) bool { return p.Float64() < share }

func (p person) month() (found []Finding) {
	known := Answers{"age": float64(p.age)}
	for day := 0; day < 28; day++ {
		if !p.often(p.perDay) {
			continue
		}
		entry := p.attack()
		found = append(found, Judge(entry.Answers().With(known)).Findings...)
		day += int(entry.Last().Sub(entry.Start).Hours()/24) + 1
	}
	return append(found, Judge(p.check().With(known)).Findings...)
}

// attack is one entry as people keep it.
func (p person) attack() Attack {
	hours := math.Min(math.Max(math.Exp(2.6+0.8*p.NormFloat64()), 4), 72)
	end := began.Add(time.Duration(hours * float64(time.Hour)))
	a := Attack{Start: began, Seen: began.Add(time.Duration(p.Float64() * hours * float64(time.Hour)))}
	if p.aura && p.often(0.5) {
		minutes := math.Min(math.Exp(3.2+0.5*p.NormFloat64()), 60)
		a.Aura = &minutes
	}
	if p.often(0.05) { // asked how fast it came
		minutes := 6 + 120*p.Float64()
		a.Peak = &minutes
	}
	switch {
	case p.often(0.9):
		a.End = end
	case p.often(0.5):
		a.Over = true // she does not remember when
	default: // forgotten; days later the phone asks, and mostly she answers
		next := end.Add(time.Duration((24 + 120*p.Float64()) * float64(time.Hour)))
		if p.often(0.1) {
			a.Seen = next // a dose of the next attack is noted under this one
		}
		if clear := end.Add(24 * time.Hour); p.often(p.keeps) && clear.Before(next) {
			a.Clear = clear
		}
	}
	return a
}

// check: what somebody answers who wonders about her usual headache.
func (p person) check() Answers {
	a := Answers{"headache_now": p.often(0.5), "new_kind": false, "worse": false, "sudden": false, "worst_ever": false, "weakness": false, "injury": false, "pregnant": false}
	for _, sign := range []struct {
		question string
		share    float64
	}{{"fever", 0.03}, {"stiff_neck", 0.2}, {"dizzy", 0.2}, {"vomiting", 0.3}, {"drowsy", 0.2}, {"face_numb", 0.02}, {"scalp_tender", 0.01}, {"rash", 0.01}} {
		a[sign.question] = p.often(sign.share)
	}
	if a["fever"] == true { // who has a fever and a stiff neck is no false alarm
		a["stiff_neck"], a["rash"] = false, false
	}
	return a
}

var update = flag.Bool("update", false, "write testdata/parity.json anew")

// parity.json are answers out of a hat, with what this room says to them: the phone's twin must say the same.
func TestParity(t *testing.T) {
	type drawn struct {
		Answers Answers  `json:"answers"`
		Codes   []string `json:"codes"`
		Shown   Level    `json:"shown"`
		Open    []string `json:"open"`
	}
	random := rand.New(rand.NewPCG(1, 2026))
	var all []drawn
	for range 120 {
		a := Answers{}
		for _, q := range RedFlags.Questions {
			switch n := random.IntN(12); {
			case q.Kind == YesNo && n < 2:
				a[q.ID] = n == 0
			case q.Kind != YesNo && n < 4:
				a[q.ID] = float64(random.IntN(int(math.Min(q.most(), 100)) + 1))
			}
		}
		j := Judge(a)
		all = append(all, drawn{a, codesOf(j.Findings), j.Shown, j.Open})
	}
	text := []byte("[\n")
	for i, d := range all {
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		text = append(append(text, line...), ",\n"[i/(len(all)-1):]...)
	}
	text = append(text, "]\n"...)
	if *update {
		if err := os.WriteFile("testdata/parity.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stands, err := os.ReadFile("testdata/parity.json")
	if err != nil || !slices.Equal(stands, text) {
		t.Errorf("testdata/parity.json is not what the room says (go test -run Parity -update): %v", err)
	}
}
