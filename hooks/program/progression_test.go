package program_test

import (
	"testing"

	"interictal/hooks/clinic"
	"interictal/hooks/program"
)

// More than two points (§8.1): two are none too many, and an answer that is missing is no rise.
func TestWhatASessionHurt(t *testing.T) {
	for _, c := range []struct {
		before, after clinic.NRS
		hurt          bool
	}{{clinic.MustNRS(3), clinic.MustNRS(5), false}, {clinic.MustNRS(3), clinic.MustNRS(6), true}, {clinic.MustNRS(6), clinic.MustNRS(3), false}, {clinic.NRS{}, clinic.MustNRS(9), false}, {clinic.MustNRS(0), clinic.NRS{}, false}} {
		if _, _, hurt := (program.Log{PainBefore: c.before, PainAfter: c.after}).Hurt(); hurt != c.hurt {
			t.Errorf("from %v to %v: %v", c.before, c.after, hurt)
		}
	}
}
