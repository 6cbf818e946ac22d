package hooks_test

import (
	"testing"
	"time"

	"interictal/hooks/hookstest"
)

// overviewAnswers are those of a patient's page at the desk.
func overviewAnswers(t *testing.T, h *hookstest.House) map[string]hookstest.Answer {
	t.Helper()
	out := map[string]hookstest.Answer{"GET /api/patients/{id}/overview": h.Do("amira", "GET", adasPage+"overview", nil)}
	runSQL(t, h.App, "INSERT INTO safety_alerts(id, patient, code, level, raised_at) VALUES('alertofada00001', 'ada000000000000', 'POSITIONAL', 'urgent', '2026-01-08 08:00:00.000Z')")
	runSQL(t, h.App, "INSERT INTO modality_sessions(id, patient, type, started_at) VALUES('coldofada000001', 'ada000000000000', 'cold', '"+time.Now().Add(-50*time.Hour).UTC().Format("2006-01-02 15:04:05.000Z")+"')")
	out["GET /api/alerts"] = h.Do("amira", "GET", "/api/alerts", nil)
	out["GET /api/patients/{id}/timeline"] = h.Do("amira", "GET", adasPage+"timeline", nil)
	other := hookstest.New(t)
	phone := other.Phone("anna")
	attack := map[string]any{"patient": annas, "started_at": "2026-01-20T10:00:00.000Z", "peak_nrs": 4}
	phone.Put("attacks", oneAttack, attack)
	phone.Sync()
	attack["peak_nrs"] = 7
	phone.Put("attacks", oneAttack, attack)
	phone.Sync()
	other.Do("thera", "POST", "/api/collections/care_messages/records", map[string]any{"patient": annas, "body": "How was it?"})
	out["GET /api/patients/{id}/history"] = other.Do("thera", "GET", "/api/patients/"+annas+"/history", nil)
	return out
}
