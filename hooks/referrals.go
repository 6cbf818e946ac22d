package hooks

import (
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
)

// A referral from therapist to neurologist, or back. It stays as it was sent. Whom it goes to says that it was read, and answers once;
// the sender's side says that the answer was read. One from paper is a line of the record: those who treat write it and mend it.

const (
	referralTask = "REFERRAL"        // she was sent here, and nobody has answered
	answerTask   = "REFERRAL_ANSWER" // the neurologist has answered, and nobody has read it
)

var (
	asSent     = []string{"patient", "toward", "question", "referrer", "reason", "dated_on", "sender", "sent_at"}
	ofAnswers  = []string{"read_at", "answer", "answer_text", "answered_by", "answered_name", "answered_at", "answer_read_at"}
	byTheDoor  = []string{"episode", "answered_by", "answered_name", "answered_at"}
	sideOf     = map[string]string{"therapist": "therapist", "assistant": "therapist", "neurologist": "neurologist"}
	theOther   = map[string]string{"therapist": "neurologist", "neurologist": "therapist"}
	sentStays  = hard("E_REFERRAL", "A referral stays as it was sent. Send another.")
	saysItself = hard("E_REFERRAL", "Whom a referral goes to reads and answers it; its sender reads the answer.")
	isAnswered = hard("E_REFERRAL", "This was answered. What is new goes into a message.")
)

func (d *doors) bindReferrals(app core.App) {
	app.OnRecordCreate("referrals").Bind(&hook.Handler[*core.RecordEvent]{Id: "referral", Func: d.refer, Priority: -50})
	app.OnRecordUpdate("referrals").Bind(&hook.Handler[*core.RecordEvent]{Id: "referral", Func: d.answerReferral, Priority: -50})
	app.OnRecordCreate("plans").Bind(&hook.Handler[*core.RecordEvent]{Id: "claimReferrals", Func: claimReferrals, Priority: -50})
}

// refer: who sent it, as what and when is the server's to say.
func (d *doors) refer(e *core.RecordEvent) error {
	r, by := e.Record, actorOf(e.Record)
	if by.ID == "system" {
		return e.Next()
	}
	for _, field := range append([]string{"sender", "sent_at"}, ofAnswers...) {
		r.Set(field, "")
	}
	role := by.capacity(e.App, r.GetString("patient"))
	if role == string(access.Neurologist) {
		r.Set("toward", "therapist")
	}
	if r.GetString("toward") == "" {
		return e.Next() // from paper
	}
	return inTx(e, func(tx core.App) error {
		if err := d.maySend(tx, r, role); err != nil {
			return err
		}
		if err := d.asSentNow(tx, r, by); err != nil {
			return err
		}
		if err := e.Next(); err != nil {
			return err
		}
		if r.GetString("toward") == "neurologist" {
			user, err := tx.FindRecordById("users", by.ID)
			if err != nil {
				return err
			}
			return d.prescriberTold(tx, user, r.GetString("patient"), "A referral was sent.")
		}
		return d.putTask(tx, r, referralTask, r.GetString("reason"))
	})
}

// maySend: a therapist to a neurologist who reads here, a neurologist to the therapist; both with a question.
func (d *doors) maySend(tx core.App, r *core.Record, role string) error {
	if role != theOther[r.GetString("toward")] {
		return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "A physical therapist refers to the neurologist, a neurologist to the therapist."))
	}
	if strings.TrimSpace(r.GetString("question")) == "" {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Write what you ask."), "question"))
	}
	var there, waits bool
	err := tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM care_links WHERE patient={:p} AND role={:r} AND until=''),
  EXISTS (SELECT 1 FROM referrals WHERE patient={:p} AND toward={:r} AND answered_at='' AND sent_at<>'' AND question={:q})`).
		Bind(dbx.Params{"p": r.GetString("patient"), "r": r.GetString("toward"), "q": r.GetString("question")}).Row(&there, &waits)
	switch {
	case err != nil:
		return err
	case !there:
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_NOBODY_THERE", "Nobody of that kind is linked to this patient. A clinic's admin does that."), "toward"))
	case waits: // the answer was lost, or the thumb was quick
		return refuse(http.StatusConflict, withField(hard("E_REFERRAL_TWICE", "This was sent already, and waits for an answer."), "question"))
	}
	return nil
}

func (d *doors) asSentNow(tx core.App, r *core.Record, by actor) error {
	var zone, episode string
	err := tx.DB().NewQuery(`SELECT k.timezone, COALESCE((SELECT episode FROM plans WHERE patient=p.id AND state<>'voided' ORDER BY start_date DESC, created DESC LIMIT 1), '')
FROM patients p JOIN clinics k ON k.id=p.clinic WHERE p.id={:p}`).Bind(dbx.Params{"p": r.GetString("patient")}).Row(&zone, &episode)
	r.Load(map[string]any{"sender": by.ID, "referrer": nameOf(tx, by.ID), "sent_at": instantText(d.clock.now()), "dated_on": d.todayOf(zone).String(), "episode": episode})
	return err
}

// answerReferral: nothing but what is said of it changes, by whose side it is to say, and once.
func (d *doors) answerReferral(e *core.RecordEvent) error {
	r, was, by := e.Record, e.Record.Original(), actorOf(e.Record)
	if by.ID == "system" {
		return e.Next()
	}
	role := by.capacity(e.App, r.GetString("patient"))
	if was.GetString("sender") == "" {
		if role == string(access.Neurologist) || changedAny(r, append([]string{"toward", "sender", "sent_at"}, ofAnswers...)...) {
			return refuse(http.StatusUnprocessableEntity, hard("E_REFERRAL", "This one was written down from paper by the clinic."))
		}
		return e.Next()
	}
	if changedAny(r, asSent...) {
		return refuse(http.StatusUnprocessableEntity, sentStays)
	}
	for _, field := range byTheDoor {
		r.Set(field, was.Get(field))
	}
	answers := changedAny(r, "answer", "answer_text")
	if err := d.saidOf(e.App, r, role, answers, by); err != nil {
		return err
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return d.referralTasks(tx, r, answers)
	})
}

// saidOf a referral by one side of it: whose turn it is, and when.
func (d *doors) saidOf(app core.App, r *core.Record, role string, answers bool, by actor) error {
	was, toward, now := r.Original(), r.GetString("toward"), instantText(d.clock.now())
	mine := map[string]bool{"read_at": sideOf[role] == toward, "answer_read_at": sideOf[role] == theOther[toward] && !was.GetDateTime("answered_at").IsZero()}
	for field, may := range mine {
		switch {
		case !changedAny(r, field):
		case !may:
			return refuse(http.StatusUnprocessableEntity, withField(saysItself, field))
		case was.GetDateTime(field).IsZero():
			r.Set(field, now)
		default:
			r.Set(field, was.GetString(field)) // read is read: the first time holds
		}
	}
	switch {
	case !answers:
		return nil
	case role != toward:
		return refuse(http.StatusUnprocessableEntity, withField(saysItself, "answer"))
	case !was.GetDateTime("answered_at").IsZero():
		return refuse(http.StatusUnprocessableEntity, isAnswered)
	case r.GetString("answer") == "":
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Choose accepted, declined or advice."), "answer"))
	case r.GetString("answer") != "accepted" && strings.TrimSpace(r.GetString("answer_text")) == "":
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Say why, or what you advise."), "answer_text"))
	}
	r.Load(map[string]any{"answered_by": by.ID, "answered_name": nameOf(app, by.ID), "answered_at": now})
	if r.GetDateTime("read_at").IsZero() {
		r.Set("read_at", now)
	}
	return nil
}

// referralTasks: what was sent to the clinic waits for an answer, what came back for a reader.
func (d *doors) referralTasks(tx core.App, r *core.Record, answered bool) error {
	switch {
	case answered && r.GetString("toward") == "therapist":
		return d.endTask(tx, r, referralTask)
	case answered:
		return d.putTask(tx, r, answerTask, r.GetString("answer"))
	case r.GetString("toward") == "neurologist" && !r.GetDateTime("answer_read_at").IsZero():
		return d.endTask(tx, r, answerTask)
	}
	return nil
}

// claimReferrals: one that came before there was a plan belongs to the episode that begins with it (R7).
func claimReferrals(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		_, err := tx.DB().NewQuery("UPDATE referrals SET episode={:e} WHERE patient={:p} AND episode=''").
			Bind(dbx.Params{"e": e.Record.GetString("episode"), "p": e.Record.GetString("patient")}).Execute()
		return err
	})
}

// cameIn are the referrals to the clinic: those that it has sent are none by which it may treat.
func cameIn(rows []*core.Record) []*core.Record {
	return slices.DeleteFunc(rows, func(x *core.Record) bool { return x.GetString("toward") == "neurologist" })
}
