package hooks_test

import (
	"testing"

	"interictal/hooks/hookstest"
)

func TestAnAttackReachesTheTherapist(t *testing.T) {
	h := hookstest.New(t)
	anna, thera := h.Phone("anna"), h.Phone("thera")
	thera.As = "staff"
	anna.Put("attacks", "attackofanna001", map[string]any{"patient": hookstest.ID("anna"), "started_at": "2026-01-20T14:00:00.000Z",
		"started_offset": -300, "tz": "America/New_York", "peak_nrs": 7, "source": "phone"})
	anna.Sync()
	thera.Sync()
	if row := thera.Row("attacks", "attackofanna001"); row == nil || row["peak_nrs"] != 7.0 {
		t.Fatalf("the therapist has %v", row)
	}
	if anna.Waiting() != 0 {
		t.Fatalf("still waiting: %v %v", anna.Waiting(), anna.Refused("attacks", "attackofanna001"))
	}
}
