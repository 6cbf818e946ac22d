package hooks

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"
)

// The checklist of readiness (§2.8): the patient says what she can do on her own, the therapist what is done about a no.

// readinessSaid: what is done about a no is agreed in the clinic.
func readinessSaid(e *core.RecordEvent) error {
	r, by := e.Record, actorOf(e.Record)
	if by.Own != "" && by.Own == r.GetString("patient") && r.GetString("action") != r.Original().GetString("action") {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_ROLE", "Your therapist writes down what you agree to do about it."), "action"))
	}
	return e.Next()
}
