package hooks

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/report"
)

// What a neurologist answers lands in the record and becomes a task for the therapist.

// replyTask is open until somebody who treats has seen to the answer.
const replyTask = "REPORT_REPLY"

// repliesALink takes: a link that went astray fills nobody's worklist.
const repliesALink = 20

type reply struct {
	Token  string `json:"token"`
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Signed string `json:"signed"`
}

type replyInfo struct {
	Kind   string    `json:"kind"`
	Text   string    `json:"text"`
	Signed string    `json:"signed"`
	SaidAt time.Time `json:"saidAt"`
}

func readReply(e *core.RequestEvent) (reply, error) {
	var r reply
	if _, err := readStep(e, &r); err != nil {
		return r, err
	}
	r.Text, r.Signed = strings.TrimSpace(r.Text), strings.TrimSpace(r.Signed)
	return r, nil
}

// check: one of the four, in words where it is words alone.
func (r reply) check() error {
	switch {
	case !slices.Contains(report.Kinds, r.Kind):
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Choose agree, change_limit, see_patient or text."), "kind"))
	case r.Kind == "text" && r.Text == "" || utf8.RuneCountInString(r.Text) > 2000:
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Write up to 2000 letters."), "text"))
	case utf8.RuneCountInString(r.Signed) > 200:
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "The name is longer than 200 letters."), "signed"))
	}
	return nil
}

// replyByLink answers POST /api/reports/reply.
func (d *doors) replyByLink(e *core.RequestEvent) error {
	r, err := readReply(e)
	if err != nil {
		return err
	}
	var stored *core.Record
	err = e.App.RunInTransaction(func(tx core.App) error {
		share, err := d.openShare(tx, r.Token)
		if err != nil {
			return err
		}
		if err := r.check(); err != nil {
			return err
		}
		before, err := repliesBy(tx, share.Id)
		if err != nil {
			return err
		}
		if len(before) >= repliesALink {
			return refuse(http.StatusUnprocessableEntity, hard("E_SHARE_FULL", "This link has been answered many times. Please call the clinic."))
		}
		if stored, err = d.storeReply(tx, r, share.GetString("patient"), share.Id, ""); err != nil {
			return err
		}
		return d.audit(tx, byLink(share, "reply", "report_replies"))
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, replyOf(stored))
}

// replyAsNeurologist answers POST /api/patients/{id}/report/replies.
func (d *doors) replyAsNeurologist(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRightTo(e, e.App.DB(), patient, "report_replies", "report")
	if err != nil {
		return err
	}
	r, err := readReply(e)
	if err != nil {
		return err
	}
	if !right.Has(access.Neurologist) {
		return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "A neurologist of the care team answers here."))
	}
	if err := r.check(); err != nil {
		return err
	}
	r.Signed = e.Auth.GetString("name")
	var stored *core.Record
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		if stored, err = d.storeReply(tx, r, patient, "", e.Auth.Id); err == nil {
			err = d.audit(tx, event{Actor: e.Auth.Id, Capacity: string(access.Neurologist), Action: "reply", Patient: patient, Collection: "report_replies", Record: stored.Id, Outcome: "ok"})
		}
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, replyOf(stored))
}

// storeReply keeps the answer, and puts it on the worklist.
func (d *doors) storeReply(tx core.App, r reply, patient, share, author string) (*core.Record, error) {
	collection, err := tx.FindCachedCollectionByNameOrId("report_replies")
	if err != nil {
		return nil, err
	}
	stored := core.NewRecord(collection)
	stored.Load(map[string]any{"patient": patient, "share": share, "author": author, "signed": r.Signed, "kind": r.Kind, "text": r.Text, "said_at": instantText(d.clock.now())})
	if err := tx.Save(stored); err != nil {
		return nil, err
	}
	return stored, d.putTask(tx, stored, replyTask, r.Kind)
}

// putTask puts what somebody sent on the worklist.
func (d *doors) putTask(tx core.App, of *core.Record, code string, params ...string) error {
	patient := of.GetString("patient")
	f, err := frameOf(tx.DB(), patient, d.todayOf("UTC"))
	if err != nil {
		return err
	}
	w := writer{doors: d, tx: tx}
	task, err := w.row("tasks", nil)
	if err != nil {
		return err
	}
	return w.save(task, map[string]any{"patient": patient, "key": taskKey(code, of), "code": code, "due": d.todayOf(f.ClinicZone).Add(replyDue).String(),
		"state": string(careplan.TaskOpen), "raised_at": instantText(d.clock.now()), "params": params})
}

// endTask: it was seen to.
func (d *doors) endTask(tx core.App, of *core.Record, code string) error {
	w := writer{doors: d, tx: tx}
	task, err := w.row("tasks", dbx.HashExp{"patient": of.GetString("patient"), "key": taskKey(code, of)})
	if err != nil || task.IsNew() {
		return err
	}
	return w.save(task, map[string]any{"state": string(careplan.TaskDone), "closed_at": instantText(d.clock.now())})
}

// replyDue is when an answer is looked at, at the latest: in days.
const replyDue = 2

func taskKey(code string, of *core.Record) string { return fmt.Sprint(code, ":", of.Id) }

func repliesBy(app core.App, share string) ([]replyInfo, error) {
	var rows []*core.Record
	err := app.RecordQuery("report_replies").AndWhere(dbx.HashExp{"share": share}).OrderBy("said_at", "rowid").All(&rows)
	out := []replyInfo{}
	for _, r := range rows {
		out = append(out, replyOf(r))
	}
	return out, err
}

func replyOf(r *core.Record) replyInfo {
	return replyInfo{r.GetString("kind"), r.GetString("text"), r.GetString("signed"), r.GetDateTime("said_at").Time()}
}

// seeReply answers POST /api/replies/{id}/seen: the task is done.
func (d *doors) seeReply(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(tx core.App) error {
		stored, right, err := recordFor(tx, e.Auth, "report_replies", e.Request.PathValue("id"))
		switch {
		case err != nil:
			return err
		case !right.Has(access.Therapist, access.Assistant):
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "Somebody who treats the patient sees to an answer."))
		case !stored.GetDateTime("seen_at").IsZero():
			return nil
		}
		stored.Load(map[string]any{"seen_by": e.Auth.Id, "seen_at": instantText(d.clock.now())})
		setActor(stored, as(e.Auth, "route"))
		if err := tx.Save(stored); err != nil {
			return err
		}
		return d.endTask(tx, stored, replyTask)
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}
