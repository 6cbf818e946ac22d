package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/letters"
)

// Versions of a document are kept and signed.

// documentWish is a version to be kept; Version is the newest that its writer saw, 0 for none.
type documentWish struct {
	Version int            `json:"version"`
	Parts   []letters.Part `json:"parts"`
}

// keepDocument answers POST /api/plans/{id}/documents/{kind} with the version that was made.
func (d *doors) keepDocument(e *core.RequestEvent) error {
	var w documentWish
	if err := bindBody(e, &w); err != nil {
		return err
	}
	var c chart
	var out documentVersion
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		var kind letters.Kind
		if c, kind, err = d.openDocument(e, tx); err != nil {
			return err
		}
		if broken := letters.Check(w.Parts); broken != nil {
			return refuse(http.StatusUnprocessableEntity, broken...)
		}
		r, last := &reader{app: tx}, 0
		if kept := r.first("care_documents", dbx.HashExp{"plan": c.plan.ID, "kind": string(kind)}, "version DESC"); kept != nil {
			last = kept.GetInt("version")
		}
		if r.err == nil && w.Version != last {
			b := hard("E_STALE", "Somebody has kept another version since you read it. Read it again.")
			b.Params = map[string]any{"version": last}
			return refuse(http.StatusConflict, b)
		}
		writer := writer{doors: d, tx: tx, by: as(e.Auth, "route")}
		x, err := writer.row("care_documents", nil)
		if err != nil || r.err != nil {
			return firstOf(err, r.err)
		}
		err = writer.save(x, map[string]any{"patient": c.patient, "plan": c.plan.ID, "kind": string(kind), "version": last + 1, "parts": w.Parts, "written_by": e.Auth.Id, "written_at": instantText(d.clock.now())})
		out = versionOfDocument(r, x)
		return firstOf(err, r.err)
	})
	if err != nil {
		return d.noteRefused(e, c.patient, "care_documents", "", err)
	}
	return e.JSON(http.StatusOK, out)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// signDocument answers POST /api/documents/{id}/sign. A signed progress report is the plan's (R6), and the words of a signed hand-over
// are the wellness program's.
func (d *doors) signDocument(e *core.RequestEvent) error {
	patient, id := "", e.Request.PathValue("id")
	var out documentVersion
	err := e.App.RunInTransaction(func(tx core.App) error {
		x, right, err := recordFor(tx, e.Auth, "care_documents", id)
		switch {
		case err != nil:
			return err
		case !right.Has(access.Therapist, access.Assistant):
			return noRight()
		}
		patient = x.GetString("patient")
		switch {
		case !right.Has(access.Therapist):
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "A physical therapist signs."))
		case x.GetString("signed_at") != "":
			return refuse(http.StatusUnprocessableEntity, hard("E_SIGNED", "This version is signed and stays as it is. Keep another one."))
		}
		r, w := &reader{app: tx}, writer{doors: d, tx: tx, by: as(e.Auth, "route")}
		if err := w.save(x, map[string]any{"signed_by": e.Auth.Id, "signed_at": instantText(d.clock.now())}); err != nil {
			return err
		}
		out = versionOfDocument(r, x)
		return firstOf(r.err, d.afterSigning(w, x, out.Parts))
	})
	if err != nil {
		return d.noteRefused(e, patient, "care_documents", id, err)
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) afterSigning(w writer, x *core.Record, parts []letters.Part) error {
	switch letters.Kind(x.GetString("kind")) {
	case letters.Progress:
		c, err := d.chartOf(w.tx, x.GetString("plan"), "")
		if err != nil {
			return err
		}
		report, err := w.row("progress_reports", nil)
		if err != nil {
			return err
		}
		report.Load(map[string]any{"patient": x.GetString("patient"), "plan": x.GetString("plan"), "written_on": planToday(c.plan, d.clock.now()).String(), "report": letters.Text(parts)})
		setActor(report, w.by)
		return w.tx.Save(report)
	case letters.HandOver:
		programs := (&reader{app: w.tx}).rows("wellness_programs", dbx.HashExp{"plan": x.GetString("plan")}, "started_on DESC")
		if len(programs) == 0 {
			return nil
		}
		for field, key := range map[string]string{"what_helped": "helped", "program": "program", "warning_signs": "signs", "whom_to_call": "whom"} {
			programs[0].Set(field, letters.Lines(parts, key))
		}
		setActor(programs[0], w.by)
		return w.tx.Save(programs[0])
	}
	return nil
}
