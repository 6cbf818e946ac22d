package hooks

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/outcomes"
	"interictal/hooks/safety"
)

// What raises an alert: a patient's check, a diary entry, a screen in a visit, an adverse event, and the clock.

// judgeCheck: the phone has shown its answer long before; here the same answers are judged by the same table.
func (d *doors) judgeCheck(e *core.RecordEvent) error {
	r := e.Record
	answers, unread, ok := safety.ReadAnswers([]byte(r.GetString("answers")))
	if !ok {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "These are no answers."), "answers"))
	}
	return inTx(e, func(tx core.App) error {
		said := changedAny(r, "answers")
		if err := e.Next(); err != nil || !said {
			return err
		}
		about := r.GetString("attack") // what the entry of the attack has raised already is the same occasion
		if about == "" {
			about = r.Id
		}
		f := flagged{r.GetString("patient"), "check", about, d.notAhead(r.GetDateTime("asked_at").Time())}
		return d.judgeAnswers(tx, f, answers, unread)
	})
}

// notAhead: a phone whose clock runs ahead asks now.
func (d *doors) notAhead(at time.Time) time.Time {
	if now := d.clock.now(); at.After(now) {
		return now
	}
	return at
}

// judgeAnswers raises what answers say, with what is known besides. What nobody could read, somebody looks at.
func (d *doors) judgeAnswers(tx core.App, f flagged, answers safety.Answers, unread []string) error {
	known, err := d.known(tx, f.patient, f.happened)
	if err != nil {
		return err
	}
	findings := safety.Judge(answers.With(known)).Findings
	if len(unread) > 0 {
		findings = append(findings, own("CHECK_UNREADABLE", safety.Worklist)...)
	}
	return d.raise(tx, f, findings)
}

// judgeDistress: a PHQ-4 of 9 or more is looked at the same day. A score is no sign that she gave: the team hears of it while she
// shares questionnaires. Her own screen shows the crisis line whatever she shares.
func (d *doors) judgeDistress(e *core.RecordEvent) error {
	r := e.Record
	if !changedAny(r, "answers", "totals", "answered_at") || !outcomes.Distress(ScoreOf(r)) {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		patient := r.GetString("patient")
		shared, err := sharedWithTeam(tx.DB(), patient)
		if err != nil || !shared.Sees(r.Collection().Name) {
			return err
		}
		total, _ := ScoreOf(r).Of("total")
		return d.raise(tx, flagged{patient, "questionnaire", r.Id, r.GetDateTime("answered_at").Time()}, safety.Judge(safety.Answers{"phq4": *total.Value}).Findings)
	})
}

// judgeAttack reads an entry of the diary: a sudden onset, a long aura, an attack of more than three days.
func (d *doors) judgeAttack(e *core.RecordEvent) error {
	r := e.Record
	signs := []string{"sudden", "peak_minutes", "worst_ever", "aura_minutes", "aura_usual", "first_motor_aura", "started_at", "ended_at", "still_going_at"}
	if !changedAny(r, signs...) {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		fresh := r.IsNew()
		if err := e.Next(); err != nil {
			return err
		}
		return d.judgeEntry(tx, r, fresh)
	})
}

// judgeEntry judges an attack as it is stored. A fresh one has no readings and doses yet.
func (d *doors) judgeEntry(tx core.App, r *core.Record, fresh bool) error {
	a := signsOf(r)
	if !fresh {
		if err := d.lastSeen(tx, r, &a); err != nil {
			return err
		}
	}
	answers := a.Answers()
	if answers["over_72h"] == true && a.StillAt.IsZero() {
		if err := d.firstClear(tx, r, &a); err != nil {
			return err
		}
		answers = a.Answers()
	}
	if len(answers) == 0 || old(r, a, d.clock.now()) {
		return nil
	}
	known, err := d.known(tx, r.GetString("patient"), a.Start)
	if err != nil {
		return err
	}
	f := flagged{r.GetString("patient"), "attack", r.Id, a.Last()}
	return d.raise(tx, f, safety.Judge(answers.With(known)).Findings)
}

// old: a diary of past years that is brought in raises nothing; whatever there was has been seen to, or is another story.
func old(r *core.Record, a safety.Attack, now time.Time) bool {
	return r.GetString("source") == "import" && now.Sub(a.Last()) > 30*24*time.Hour
}

func signsOf(r *core.Record) safety.Attack {
	return safety.Attack{
		Start: r.GetDateTime("started_at").Time(), End: r.GetDateTime("ended_at").Time(), StillAt: r.GetDateTime("still_going_at").Time(),
		Over: r.GetString("end_known") != "", Sudden: saidOf(r, "sudden"), WorstEver: saidOf(r, "worst_ever"), AuraUsual: saidOf(r, "aura_usual"),
		MotorAura: saidOf(r, "first_motor_aura"), Peak: numberOf(r, "peak_minutes"), Aura: numberOf(r, "aura_minutes"),
	}
}

// lastSeen is the newest reading above 0, or dose, of an attack.
func (d *doors) lastSeen(tx core.App, r *core.Record, a *safety.Attack) error {
	var seen types.DateTime
	err := tx.DB().NewQuery(`SELECT COALESCE(MAX(at), '') FROM (SELECT at FROM attack_readings WHERE attack={:a} AND (nrs IS NULL OR nrs<>0)
UNION ALL SELECT taken_at FROM medication_doses WHERE attack={:a})`).Bind(dbx.Params{"a": r.Id}).Row(&seen)
	a.Seen = seen.Time()
	return err
}

// firstClear is the first whole day after the onset that was answered "no headache".
func (d *doors) firstClear(tx core.App, r *core.Record, a *safety.Attack) error {
	var home string
	patient := dbx.Params{"p": r.GetString("patient")}
	if err := tx.DB().NewQuery("SELECT timezone FROM patients WHERE id={:p}").Bind(patient).Row(&home); err != nil {
		return err
	}
	zone := zoneOrNil(home)
	if own := zoneOrNil(r.GetString("tz")); own != nil {
		zone = own
	}
	if zone == nil {
		zone = time.UTC
	}
	var day string
	err := tx.DB().NewQuery("SELECT COALESCE(MIN(day), '') FROM diary_days WHERE patient={:p} AND headache='false' AND day>{:from}").
		Bind(dbx.Params{"p": r.GetString("patient"), "from": clinic.DayOf(a.Start, zone).String()}).Row(&day)
	if clear := dayOrNone(day); clear.Valid() {
		a.Clear = clear.Start(zone)
	}
	return err
}

// judgeEvidence: a reading or a dose after 72 hours says that the attack goes on.
func (d *doors) judgeEvidence(e *core.RecordEvent) error {
	r := e.Record
	at := r.GetDateTime("at").Time()
	if r.Collection().Name == "medication_doses" {
		at = r.GetDateTime("taken_at").Time()
	}
	attack := r.GetString("attack")
	if attack == "" || !changedAny(r, "at", "taken_at", "attack", "nrs") {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		entry, err := tx.FindRecordById("attacks", attack)
		if err != nil || at.Sub(entry.GetDateTime("started_at").Time()) <= 72*time.Hour {
			return err
		}
		return d.judgeEntry(tx, entry, false)
	})
}

// judgeScreen: with answers, a screen is graded row by row; what it finds is no clear screen, whatever was ticked.
func (d *doors) judgeScreen(e *core.RecordEvent) error {
	r := e.Record
	answers, unread, ok := safety.ReadAnswers([]byte(r.GetString("answers")))
	if !ok {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "These are no answers."), "answers"))
	}
	if r.GetString("kind") != "red_flag" || len(answers)+len(unread) == 0 || !changedAny(r, "answers") {
		return e.Next()
	}
	f := flagged{patient: r.GetString("patient"), source: "screen", happened: r.GetDateTime("screened_at").Time()}
	return inTx(e, func(tx core.App) error {
		known, err := d.known(tx, f.patient, f.happened)
		if err != nil {
			return err
		}
		r.Set("rules", safety.RedFlags.Version)
		if level := safety.Judge(answers.With(known)).Shown; level == safety.Emergency || level == safety.Urgent {
			r.Set("result", "finding")
		}
		if err := e.Next(); err != nil {
			return err
		}
		f.about = r.Id
		return d.judgeAnswers(tx, f, answers, unread)
	})
}

// judgeAdverse: harm that is serious is looked at the same day (§7.5).
func (d *doors) judgeAdverse(e *core.RecordEvent) error {
	r := e.Record
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		if !r.GetBool("serious") {
			return nil
		}
		return d.raise(tx, flagged{r.GetString("patient"), "adverse_event", r.Id, r.GetDateTime("happened_at").Time()}, own("ADVERSE_SERIOUS", safety.Worklist))
	})
}

// --- what the clock brings

// lookForFlags: attacks of the last weeks that have evidence beyond 72 hours, however it came, and headache days that have
// doubled when a window of 28 days ends. An attack that nobody has closed and nobody has answered for raises nothing (M-72H).
func (d *doors) lookForFlags(ctx context.Context, app core.App) error {
	long := d.lookForLongAttacks(app)
	var patients []string
	err := app.DB().NewQuery(`SELECT p.id FROM patients p JOIN consents c ON c.patient=p.id AND c.family='diary' AND c.state='given' WHERE p.active=TRUE`).Column(&patients)
	err = errors.Join(long, err)
	for _, patient := range patients {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = errors.Join(err, d.lookForDoubling(app, patient)) // one diary that cannot be read hides no other
	}
	return err
}

func (d *doors) lookForLongAttacks(app core.App) error {
	var ids []string
	now := d.clock.now()
	err := app.DB().NewQuery(`SELECT a.id FROM attacks a WHERE a.started_at>{:since} AND NOT EXISTS (SELECT 1 FROM safety_alerts s WHERE s.patient=a.patient AND s.key='M_72H:'||a.id)
AND MAX(a.ended_at, a.still_going_at, COALESCE((SELECT MAX(at) FROM attack_readings r WHERE r.attack=a.id), ''),
  COALESCE((SELECT MAX(taken_at) FROM medication_doses m WHERE m.attack=a.id), '')) > strftime('%Y-%m-%d %H:%M:%fZ', a.started_at, '+72 hours')`).
		Bind(dbx.Params{"since": instantText(now.AddDate(0, 0, -33))}).Column(&ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		err = errors.Join(err, app.RunInTransaction(func(tx core.App) error {
			r, err := tx.FindRecordById("attacks", id)
			if err != nil {
				return err
			}
			return d.judgeEntry(tx, r, false)
		}))
	}
	return err
}

// lookForDoubling judges a patient's windows in the days after one has ended. What she does not share raises nothing: this is
// no sign that she gave, but a count of her diary.
func (d *doors) lookForDoubling(app core.App, patient string) error {
	f, err := frameOf(app.DB(), patient, d.todayOf("UTC"))
	if err != nil || f.Anchor == 0 {
		return err
	}
	today := d.todayOf(f.Zone)
	if since := today.Sub(f.Anchor); since < 28 || since%28 > 2 {
		return nil
	}
	entries, err := entriesOf(app.DB(), patient, f, access.Right{})
	if err != nil {
		return err
	}
	doubled, ended := safety.Doubled(diary.Windows(entries, f.Profile, f.Anchor, f.Closed, today))
	if doubled != clinic.Yes {
		return nil
	}
	return app.RunInTransaction(func(tx core.App) error {
		return d.raise(tx, flagged{patient, "diary", ended.String(), d.clock.now()}, safety.Judge(safety.Answers{"mhd_doubled": true}).Findings)
	})
}
