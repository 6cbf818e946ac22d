package hooks_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/entry"
	"interictal/hooks/hookstest"
	"interictal/hooks/medication"
)

// life is a cabinet whose owner, her second phone and her therapist write at random.
type life struct {
	*cabinet
	random *rand.Rand
	second *hookstest.Phone
	raised map[string]int // by code and class: how often it should have been raised so far
	fallen map[string]int
	stood  []string
}

// After every delivery of whatever came late, twice, out of order or taken back, the flags that stand are those of a count from
// scratch over all that is stored, and each rise and fall since the beginning has left exactly one mark.
func TestFlagsOfARandomLife(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			l := newLife(t, seed+uint64(i))
			for step := range 45 {
				l.happens()
				l.compare(fmt.Sprintf("seed %d, life %d, step %d", seed, i, step))
				if t.Failed() {
					return
				}
			}
			if sum(l.raised) == 0 {
				t.Logf("no flag was ever raised in this life")
			}
		})
	}
}

func newLife(t *testing.T, seed uint64) *life {
	t.Helper()
	l := &life{cabinet: newCabinet(t), random: rand.New(rand.NewPCG(seed, seed)), raised: map[string]int{}, fallen: map[string]int{}}
	l.second = l.h.Phone("anna")
	l.records(60, 20)
	l.takesDays(sumatriptan, 0, 6)
	l.takesDays(ibuprofen, 2, 9)
	l.phone.Sync()
	l.second.Sync()
	l.follow()
	return l
}

// happens: a few entries on one of the phones, and then something that stores them, or a day that passes.
func (l *life) happens() {
	p := []*hookstest.Phone{l.phone, l.second}[l.random.IntN(2)]
	for range 1 + l.random.IntN(8) {
		l.writes(p)
	}
	switch l.random.IntN(8) {
	case 0:
		p.Send(500) // stored, and the answer gets lost: the phone will send it all again
		l.follow()
		p.Sync()
	case 1:
		l.consent([]string{"medication", "diary"}[l.random.IntN(2)], []string{"given", "given", "withdrawn"}[l.random.IntN(3)])
	case 2:
		l.on(l.today + clinic.Day(1+l.random.IntN(3)))
		l.looks()
	case 3:
		l.therapistWrites()
	default:
		p.Sync()
	}
	l.follow()
	p.Sync()
	l.follow()
	for _, refused := range p.RefusedEntries() {
		p.Discard(refused[0], refused[1])
	}
	p.Sync()
}

func (l *life) writes(p *hookstest.Phone) {
	back := l.today.Add(-l.random.IntN(62))
	switch l.random.IntN(12) {
	case 0, 1, 2, 3:
		id := fmt.Sprintf("%sx%d", []string{sumatriptan, ibuprofen}[l.random.IntN(2)], back)
		at := back.Start(time.UTC).Add(time.Duration(l.random.IntN(24*60)) * time.Minute)
		if at.After(l.today.Start(time.UTC).Add(14 * time.Hour)) {
			at = l.today.Start(time.UTC)
		}
		p.Put("medication_doses", id, map[string]any{"patient": annas, "medication": id[:15], "taken_at": wire(at), "tz": []string{"America/New_York", "Asia/Tokyo", ""}[l.random.IntN(3)]})
	case 4, 5, 6:
		if doses := p.Rows("medication_doses"); len(doses) > 0 {
			p.Delete("medication_doses", doses[l.random.IntN(len(doses))]["id"].(string))
		}
	case 7:
		p.Put("diary_days", entry.DayID(annas, back.String()), map[string]any{"patient": annas, "day": back.String(), "headache": []any{true, false, nil}[l.random.IntN(3)]})
	case 8:
		if days := p.Rows("diary_days"); len(days) > 30 {
			p.Delete("diary_days", days[l.random.IntN(len(days))]["id"].(string))
		}
	case 9:
		id := []string{sumatriptan, ibuprofen}[l.random.IntN(2)]
		p.Put("medications", id, map[string]any{"drug_class": []string{"triptan", "simple_analgesic", "gepant", "opioid"}[l.random.IntN(4)], "indication": []string{"acute", "acute", "preventive"}[l.random.IntN(3)]})
	case 10:
		start := back.Start(time.UTC).Add(2 * time.Hour)
		p.Put("attacks", fmt.Sprintf("attackatrandom%d", back), map[string]any{"patient": annas, "started_at": wire(start), "ended_at": wire(start.Add(time.Duration(l.random.IntN(600)) * time.Minute)), "peak_nrs": 5})
	case 11:
		if attacks := p.Rows("attacks"); len(attacks) > 0 {
			p.Delete("attacks", attacks[l.random.IntN(len(attacks))]["id"].(string))
		}
	}
}

// therapistWrites on the patient's word: one dose over REST.
func (l *life) therapistWrites() {
	day := l.today.Add(-1 - l.random.IntN(40))
	l.h.Do("thera", "POST", "/api/collections/medication_doses/records", map[string]any{"patient": annas, "medication": sumatriptan, "taken_at": wire(day.Start(time.UTC).Add(10 * time.Hour)), "source": "clinic"})
}

// follow keeps count of what should have been raised and withdrawn, from scratch.
func (l *life) follow() {
	now := l.fromScratch()
	for _, subject := range now {
		if !slices.Contains(l.stood, subject) {
			l.raised[subject]++
		}
	}
	for _, subject := range l.stood {
		if !slices.Contains(now, subject) {
			l.fallen[subject]++
		}
	}
	l.stood = now
}

// fromScratch reads every row of hers, not the last three months, and counts.
func (l *life) fromScratch() (subjects []string) {
	l.t.Helper()
	var shared int
	check(l.t, l.h.App.DB().NewQuery("SELECT COUNT(*) FROM consents WHERE patient='"+annas+"' AND state='given' AND family IN ('diary', 'medication')").Row(&shared))
	if shared < 2 {
		return nil
	}
	york, err := clinic.LoadZone("America/New_York")
	check(l.t, err)
	e := diary.Entries{Zone: york}
	for _, r := range l.all("diary_days") {
		c := diary.CheckIn{Day: clinic.MustDay(r.GetString("day"))}
		check(l.t, c.Headache.UnmarshalJSON([]byte(r.GetString("headache"))))
		e.CheckIns = append(e.CheckIns, c)
	}
	for _, r := range l.all("attacks") {
		e.Attacks = append(e.Attacks, diary.Attack{ID: r.Id, Start: r.GetDateTime("started_at").Time(), End: r.GetDateTime("ended_at").Time(), Peak: clinic.MustNRS(5)})
	}
	for _, r := range l.all("medication_doses") {
		medicine, err := l.h.App.FindRecordById("medications", r.GetString("medication"))
		check(l.t, err)
		dose := diary.Dose{Taken: r.GetDateTime("taken_at").Time(), Class: diary.Class(medicine.GetString("drug_class")), Indication: diary.Indication(medicine.GetString("indication"))}
		if zone := r.GetString("tz"); zone != "" {
			dose.Zone, err = clinic.LoadZone(zone)
			check(l.t, err)
		}
		e.Doses = append(e.Doses, dose)
	}
	for _, f := range medication.LookOn(e, l.today).Findings {
		subjects = append(subjects, string(f.Code)+":"+string(f.Class))
	}
	return subjects
}

func (l *life) all(collection string) []*core.Record {
	l.t.Helper()
	records, err := l.h.App.FindRecordsByFilter(collection, "patient='"+annas+"'", "", 0, 0)
	check(l.t, err)
	return records
}

func (l *life) compare(where string) {
	l.t.Helper()
	var standing []string
	raised, fallen := map[string]int{}, map[string]int{}
	for _, line := range l.history() {
		key, state, _ := strings.Cut(line, " ")
		subject := key[:strings.LastIndex(key, ":")]
		raised[subject]++
		if state == "standing" {
			standing = append(standing, subject)
		} else {
			fallen[subject]++
		}
	}
	slices.Sort(standing)
	want := slices.Sorted(slices.Values(l.stood))
	if !slices.Equal(standing, want) {
		l.t.Errorf("%s: %q stand, from scratch %q", where, standing, want)
	}
	if fmt.Sprint(raised) != fmt.Sprint(l.raised) || fmt.Sprint(fallen) != fmt.Sprint(l.fallen) {
		l.t.Errorf("%s: raised %v and withdrawn %v, should be %v and %v", where, raised, fallen, l.raised, l.fallen)
	}
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}
