package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
)

// A visit's note is written by whoever treats and signed by the therapist. Signed is locked: what comes later is an addendum,
// another note of the same visit that is signed in its turn.

var noteLocked = hard("E_SIGNED", "This note is signed and stays as it is. Write an addendum.")

// bindNotes keeps signed notes, and what they tell of, as they were signed.
func (d *doors) bindNotes(app core.App) {
	app.OnRecordCreate("visit_notes").Bind(&hook.Handler[*core.RecordEvent]{Id: "note", Func: beginNote, Priority: -50})
	app.OnRecordUpdate("visit_notes").Bind(&hook.Handler[*core.RecordEvent]{Id: "note", Func: changeNote, Priority: -50})
	app.OnRecordUpdate("visit_interventions").Bind(&hook.Handler[*core.RecordEvent]{Id: "noteOfIt", Func: changeIntervention, Priority: -60})
}

func beginNote(e *core.RecordEvent) error {
	if anySet(e.Record, "signed_by", "signed_at") {
		return refuse(http.StatusUnprocessableEntity, hard("E_SIGNED", "A note is signed at /api/notes/{id}/sign."))
	}
	signed, err := signedNotes(e.App, e.Record.GetString("visit"))
	if err != nil {
		return err
	}
	e.Record.Set("addendum", signed > 0)
	return e.Next()
}

func changeNote(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		was, err := tx.FindRecordById("visit_notes", e.Record.Id) // as it is now: it may have been signed since the caller read it
		if err != nil {
			return err
		}
		moved := e.Record.GetString("visit") != was.GetString("visit")
		if was.GetString("signed_at") != "" || moved || !decided(e.Record) && anySet(e.Record, "signed_by", "signed_at") {
			return refuse(http.StatusUnprocessableEntity, noteLocked)
		}
		return e.Next()
	})
}

// changeIntervention: what a signed note tells of does not change any more. What was forgotten can still be recorded.
func changeIntervention(e *core.RecordEvent) error {
	was := e.Record.Original().GetString("visit")
	signed, err := signedNotes(e.App, was)
	if err != nil {
		return err
	}
	if signed > 0 || e.Record.GetString("visit") != was {
		return refuse(http.StatusUnprocessableEntity, noteLocked)
	}
	return e.Next()
}

func signedNotes(app core.App, visit string) (n int, err error) {
	err = app.DB().NewQuery("SELECT COUNT(*) FROM visit_notes WHERE visit={:v} AND signed_at<>''").Bind(dbx.Params{"v": visit}).Row(&n)
	return n, err
}

// signNote answers POST /api/notes/{id}/sign.
func (d *doors) signNote(e *core.RequestEvent) error {
	var note *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		var right access.Right
		note, right, err = recordFor(tx, e.Auth, "visit_notes", e.Request.PathValue("id"))
		switch {
		case err != nil:
			return err
		case !right.Writes("visit_notes"):
			return noRight()
		case !right.Has(access.Therapist):
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "A physical therapist signs."))
		}
		visit, err := tx.FindRecordById("visits", note.GetString("visit"))
		if err != nil {
			return err
		}
		if !careplan.VisitStatus(visit.GetString("status")).TookPlace() {
			return refuse(http.StatusUnprocessableEntity, hard("E_TRANSITION", "A note is signed once its visit is completed."))
		}
		note.Load(map[string]any{"signed_by": e.Auth.Id, "signed_at": instantText(d.clock.now())})
		note.SetRaw(decidedKey, mark{})
		setActor(note, as(e.Auth, "route"))
		return tx.Save(note)
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, note.PublicExport())
}
