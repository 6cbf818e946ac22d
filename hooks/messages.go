package hooks

import (
	"net/http"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
)

// One conversation a patient, between her and those who look after her. A message stays as it was sent; afterwards only one thing
// can be said of it: that somebody has read it, and everybody says that for himself.

func (d *doors) bindMessages(app core.App) {
	app.OnRecordCreate("care_messages").Bind(&hook.Handler[*core.RecordEvent]{Id: "message", Func: d.sendMessage, Priority: -50})
	app.OnRecordUpdate("care_messages").Bind(&hook.Handler[*core.RecordEvent]{Id: "message", Func: readMessage, Priority: -50})
}

// readBy is where each capacity says that it has read.
var readBy = map[string]string{
	string(access.Patient):     "read_by_patient",
	string(access.Therapist):   "read_by_therapist",
	string(access.Assistant):   "read_by_therapist",
	string(access.Neurologist): "read_by_neurologist",
}

// sendMessage: who wrote it, and as what, is the server's to say.
func (d *doors) sendMessage(e *core.RecordEvent) error {
	r, by := e.Record, actorOf(e.Record)
	if strings.TrimSpace(r.GetString("body")) == "" {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "There is nothing in this message."), "body"))
	}
	if by.ID == "system" {
		return e.Next()
	}
	role := by.capacity(e.App, r.GetString("patient"))
	if _, known := readBy[role]; !known {
		role = "clinic"
	}
	r.Load(map[string]any{"author": by.ID, "author_role": role, "author_name": nameOf(e.App, by.ID), "read_by_patient": "", "read_by_therapist": "", "read_by_neurologist": ""})
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil || role != string(access.Therapist) {
			return err
		}
		return d.neurologistTold(tx, by.ID, r.GetString("patient"))
	})
}

// nameOf somebody with an account; "" for a superuser.
func nameOf(app core.App, id string) string {
	user, err := app.FindRecordById("users", id)
	if err != nil {
		return ""
	}
	return user.GetString("name")
}

// neurologistTold: a therapist has written, and a neurologist reads here.
func (d *doors) neurologistTold(tx core.App, author, patient string) error {
	var linked int
	err := tx.DB().NewQuery("SELECT COUNT(*) FROM care_links WHERE patient={:p} AND role='neurologist' AND until=''").Bind(dbx.Params{"p": patient}).Row(&linked)
	if err != nil || linked == 0 {
		return err
	}
	user, err := tx.FindRecordById("users", author)
	if err != nil {
		return err
	}
	return d.prescriberTold(tx, user, patient, "A message was sent.")
}

// readMessage: nothing but the reader's own mark changes, and that once.
func readMessage(e *core.RecordEvent) error {
	r, was, by := e.Record, e.Record.Original(), actorOf(e.Record)
	if by.ID == "system" {
		return e.Next()
	}
	if changedAny(r, "body", "author", "author_role", "author_name", "entered_at", "entered_offset") {
		return refuse(http.StatusUnprocessableEntity, hard("E_MESSAGE", "A message stays as it was sent. Send another."))
	}
	own := readBy[by.capacity(e.App, r.GetString("patient"))]
	for _, field := range []string{"read_by_patient", "read_by_therapist", "read_by_neurologist"} {
		if !changedAny(r, field) {
			continue
		}
		if field != own {
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_MESSAGE", "Everybody says for himself that he has read."), field))
		}
		if !was.GetDateTime(field).IsZero() {
			r.Set(field, was.GetString(field)) // read is read: the first time holds
		}
	}
	return e.Next()
}
