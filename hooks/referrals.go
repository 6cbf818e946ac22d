package hooks

import (
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
	"interictal/hooks/referral"
)

// A referral from therapist to neurologist, or back: the room says what may be sent and what may be said of it. One from paper is a
// line of the record: those who treat write it and mend it.

const (
	referralTask = "REFERRAL"        // she was sent here, and nobody has answered
	answerTask   = "REFERRAL_ANSWER" // the neurologist has answered, and nobody has read it
)

var (
	asSent    = []string{"patient", "toward", "question", "referrer", "reason", "dated_on", "sender", "sent_at"}
	ofAnswers = []string{"read_at", "answer", "answer_text", "answered_by", "answered_name", "answered_at", "answer_read_at"}
	byTheDoor = []string{"episode", "answered_by", "answered_name", "answered_at"}
	sentStays = hard("E_REFERRAL", "A referral stays as it was sent. Send another.")
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
		if err := maySend(tx, r, role); err != nil {
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

// maySend asks the room, with who is there and what waits.
func maySend(tx core.App, r *core.Record, role string) error {
	var w referral.Waiting
	err := tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM care_links WHERE patient={:p} AND role={:r} AND until=''),
  EXISTS (SELECT 1 FROM referrals WHERE patient={:p} AND toward={:r} AND answered_at='' AND sent_at<>'' AND question={:q})`).
		Bind(dbx.Params{"p": r.GetString("patient"), "r": r.GetString("toward"), "q": r.GetString("question")}).Row(&w.There, &w.Twice)
	if err != nil {
		return err
	}
	broken := referral.Send(letterOf(r), access.Role(role), w)
	switch {
	case broken == nil:
		return nil
	case broken.Code == "E_REFERRAL_TWICE":
		return refuse(http.StatusConflict, *broken)
	}
	return refuse(http.StatusUnprocessableEntity, *broken)
}

func letterOf(r *core.Record) referral.Letter {
	return referral.Letter{
		Toward: access.Role(r.GetString("toward")), Question: r.GetString("question"), Answer: r.GetString("answer"), AnswerText: r.GetString("answer_text"),
		ReadAt: r.GetString("read_at"), AnsweredAt: r.GetString("answered_at"), AnswerReadAt: r.GetString("answer_read_at"),
	}
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
	said, err := d.said(e.App, r, role, by)
	if err != nil {
		return err
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return d.referralTasks(tx, r, said.Answered)
	})
}

// said marks what was said of a referral with the moment in which it was; what was marked before keeps its time.
func (d *doors) said(app core.App, r *core.Record, role string, by actor) (referral.Said, error) {
	was, now := r.Original(), instantText(d.clock.now())
	said, broken := referral.Say(letterOf(was), letterOf(r), access.Role(role))
	if broken != nil {
		return said, refuse(http.StatusUnprocessableEntity, *broken)
	}
	for field, first := range map[string]bool{"read_at": said.Read, "answer_read_at": said.AnswerRead} {
		if r.Set(field, was.GetString(field)); first {
			r.Set(field, now)
		}
	}
	if said.Answered {
		r.Load(map[string]any{"answered_by": by.ID, "answered_name": nameOf(app, by.ID), "answered_at": now})
	}
	return said, nil
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
