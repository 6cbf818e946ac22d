package medication_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
)

func TestAFlagIsRaisedAndWithdrawnOnce(t *testing.T) {
	over := medication.Finding{Code: medication.Over, Class: diary.Triptan}
	near := medication.Finding{Code: medication.Near, Class: diary.Triptan}
	var stored []medication.Flag
	steps := []struct {
		name     string
		findings []medication.Finding
		clears   bool
		want     []string
	}{
		{"nothing yet", nil, false, nil},
		{"near", []medication.Finding{near}, false, []string{"MED_NEAR:triptan:1 standing"}},
		{"still near", []medication.Finding{near}, false, nil},
		{"over takes its place", []medication.Finding{over}, false, []string{"MED_OVER:triptan:1 standing", "MED_NEAR:triptan:1 withdrawn"}},
		{"a therapist clears it, and it is still so", []medication.Finding{over}, true, nil},
		{"it has passed", nil, false, []string{"MED_OVER:triptan:1 withdrawn"}},
		{"it has passed, asked again", nil, false, nil},
		{"it is back: a new occasion", []medication.Finding{over}, false, []string{"MED_OVER:triptan:2 standing"}},
		{"and gone", nil, false, []string{"MED_OVER:triptan:2 withdrawn"}},
	}
	for _, s := range steps {
		if s.clears {
			for i := range stored {
				if stored[i].State == medication.Standing {
					stored[i].State = medication.Cleared
				}
			}
		}
		var got []string
		for _, change := range medication.Renew(stored, s.findings, today) {
			got = append(got, change.Key()+" "+string(change.State))
			stored = put(stored, change)
		}
		if !slices.Equal(got, s.want) {
			t.Errorf("%s: got %q, want %q", s.name, got, s.want)
		}
	}
}

func put(stored []medication.Flag, f medication.Flag) []medication.Flag {
	if i := slices.IndexFunc(stored, func(x medication.Flag) bool { return x.Key() == f.Key() }); i >= 0 {
		stored[i] = f
		return stored
	}
	return append(stored, f)
}

// Whatever comes in whatever order: after each step the standing flags are the findings of that moment, asking again
// changes nothing, and the order in which the same entries came does not matter.
func TestFlagsFollowTheFindings(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	classes := []diary.Class{diary.Triptan, diary.SimpleAnalgesic, diary.Opioid, diary.Gepant, "", diary.Cold}
	for range 60 {
		var e diary.Entries
		var stored []medication.Flag
		for range 40 {
			switch random.IntN(5) {
			case 0, 1:
				day := today.Add(-random.IntN(95))
				for i := range 10 {
					e.Doses = append(e.Doses, diary.Dose{Taken: day.Add(i * 2).Start(time.UTC), Class: classes[random.IntN(len(classes))]})
				}
			case 2:
				day := today.Add(-random.IntN(95))
				for i := range 30 {
					e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: day.Add(i), Headache: clinic.Said(random.IntN(3) > 0)})
				}
			case 3:
				e.Doses = e.Doses[:random.IntN(len(e.Doses)+1)]
			case 4:
				e.CheckIns = e.CheckIns[random.IntN(len(e.CheckIns)+1):]
			}
			random.Shuffle(len(e.Doses), func(i, j int) { e.Doses[i], e.Doses[j] = e.Doses[j], e.Doses[i] })
			findings := medication.LookOn(e, today).Findings
			for _, change := range medication.Renew(stored, findings, today) {
				stored = put(stored, change)
			}
			if again := medication.Renew(stored, findings, today); len(again) > 0 {
				t.Fatalf("seed %d: asked again, it says %v", seed, again)
			}
			if standing := slices.DeleteFunc(slices.Clone(stored), func(f medication.Flag) bool { return f.State != medication.Standing }); len(standing) != len(findings) {
				t.Fatalf("seed %d: %v stand for %v", seed, standing, findings)
			}
		}
	}
}

func FuzzFlagNamed(f *testing.F) {
	for _, key := range []string{"MED_OVER:triptan:1", "MOH_PATTERN::12", "MED_NEAR:several:01", "MED_NEAR:a:b:3", "", "F_PAST_WEEK6:2026-02-16"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if flag, ok := medication.FlagNamed(key); ok != (flag.Occasion > 0) || ok && flag.Key() != key {
			t.Errorf("%q came back as %q", key, flag.Key())
		}
	})
}
