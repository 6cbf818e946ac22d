package hooks

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// What a patient does when an attack begins (S-12, E07): anybody in her care may write a wish; it holds once the one who
// prescribes has agreed to these words, and the team has noted who and when.

func (d *doors) bindAgreed(app core.App) {
	agreed := &hook.Handler[*core.RecordEvent]{Id: "agreed", Func: d.agree, Priority: -50}
	app.OnRecordCreate("attack_plans").Bind(agreed)
	app.OnRecordUpdate("attack_plans").Bind(agreed)
}

// agree. A card that a restore has lost comes back from her phone with its agreement. Who speaks the protocol by hand
// could invent such a version of her own card; nothing here can tell.
func (d *doors) agree(e *core.RecordEvent) error {
	r := e.Record
	with, on := trimmed(r.GetString("agreed_with")), r.GetString("agreed_on")
	by := actorOf(r)
	says := changedAny(r, "agreed_with", "agreed_on") && (!r.IsNew() || with+on != "")
	switch {
	case says && by.Own != "" && by.Own == r.GetString("patient") && !by.Back:
		return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "Your care team notes who has agreed to this plan."))
	case (with == "") != (on == ""):
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "An agreement has both: who agreed, and on which day."), "agreed_on"))
	case !r.IsNew() && r.Original().GetString("agreed_on") != "" && changedAny(r, "steps", "note"):
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_KEPT", "These words were agreed to and stay. Write a new plan; it holds once it is agreed to."), "steps"))
	}
	return e.Next()
}
