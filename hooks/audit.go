package hooks

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
)

// event is one line of the audit: who did what with whose records, and how it went.
// It never holds a clinical value.
type event struct {
	Actor      string `json:"actor"`
	Capacity   string `json:"capacity"`
	Action     string `json:"action"` // read, create, change, delete, export, refuse, override, erase, invite, accept, import
	Clinic     string `json:"clinic"`
	Patient    string `json:"patient"`
	Collection string `json:"collection"`
	Record     string `json:"record"`
	Outcome    string `json:"outcome"`
	Reason     string `json:"reason"`
}

// A live dashboard reads the same records again and again, and a device that lost the answer confirms an
// erasure twice; one line tells of all that one person did so with one patient's collection within this time.
const readingFor = 15 * time.Minute

// audit adds events to the chain. Call it outside a transaction that may be refused: a refusal is news too.
func (d *doors) audit(app core.App, events ...event) error {
	// most reading has been told already: it need not wait for the writer
	if told, err := allTold(app, events, d.clock.now()); told || err != nil {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		seq, prev, err := chainEnd(tx)
		if err != nil {
			return err
		}
		now := d.clock.now()
		for _, ev := range events {
			if told, err := alreadyTold(tx, ev, now); err != nil || told {
				if err != nil {
					return err
				}
				continue
			}
			seq++
			if prev, err = appendEvent(tx, seq, prev, instantText(now), ev); err != nil {
				return err
			}
		}
		return nil
	})
}

func chainEnd(tx core.App) (seq int64, hash string, err error) {
	err = tx.DB().NewQuery("SELECT seq, hash FROM audit_events ORDER BY seq DESC LIMIT 1").Row(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "start", nil
	}
	return seq, hash, err
}

func allTold(app core.App, events []event, now time.Time) (bool, error) {
	for _, ev := range events {
		if told, err := alreadyTold(app, ev, now); !told || err != nil {
			return false, err
		}
	}
	return true, nil
}

func alreadyTold(tx core.App, ev event, now time.Time) (bool, error) {
	if ev.Action != "read" && ev.Action != "erase" {
		return false, nil
	}
	var n int
	err := tx.DB().Select("COUNT(*)").From("audit_events").Where(dbx.HashExp{
		"actor": ev.Actor, "patient": ev.Patient, "collection": ev.Collection, "action": ev.Action, "record": ev.Record, "outcome": ev.Outcome,
	}).AndWhere(dbx.NewExp("at > {:since}", dbx.Params{"since": instantText(now.Add(-readingFor))})).Row(&n)
	return n > 0, err
}

func appendEvent(tx core.App, seq int64, prev, at string, ev event) (string, error) {
	collection, err := tx.FindCachedCollectionByNameOrId("audit_events")
	if err != nil {
		return "", err
	}
	hash := chain(prev, seq, at, ev)
	r := core.NewRecord(collection)
	r.Load(map[string]any{
		"seq": seq, "at": at, "actor": ev.Actor, "capacity": ev.Capacity, "action": ev.Action, "clinic": ev.Clinic,
		"patient": ev.Patient, "collection": ev.Collection, "record": ev.Record, "outcome": ev.Outcome,
		"reason": ev.Reason, "prev": prev, "hash": hash,
	})
	return hash, tx.Save(r)
}

func chain(prev string, seq int64, at string, ev event) string {
	body, _ := json.Marshal(ev) // strings only: always encodes
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s\n%s", prev, seq, at, body))
	return hex.EncodeToString(sum[:])
}

// VerifyAudit walks the chain and reports the first place where it is broken; 0 means it holds.
func VerifyAudit(app core.App) (broken int64, err error) {
	records, err := app.FindAllRecords("audit_events")
	if err != nil {
		return 0, err
	}
	bySeq := make(map[int64]*core.Record, len(records))
	for _, r := range records {
		bySeq[int64(r.GetInt("seq"))] = r
	}
	prev := "start"
	for seq := int64(1); seq <= int64(len(records)); seq++ {
		r := bySeq[seq]
		if r == nil || r.GetString("prev") != prev || chain(prev, seq, r.GetDateTime("at").String(), eventOf(r)) != r.GetString("hash") {
			return seq, nil
		}
		prev = r.GetString("hash")
	}
	return 0, nil
}

func eventOf(r *core.Record) event {
	return event{
		Actor: r.GetString("actor"), Capacity: r.GetString("capacity"), Action: r.GetString("action"), Clinic: r.GetString("clinic"),
		Patient: r.GetString("patient"), Collection: r.GetString("collection"), Record: r.GetString("record"),
		Outcome: r.GetString("outcome"), Reason: r.GetString("reason"),
	}
}

// bindTrail notes what staff change in a patient's records, in the transaction that changes them: a
// change that cannot be noted is not made.
func (d *doors) bindTrail(app core.App) {
	var tables []string
	for _, p := range access.Table {
		if !slices.Contains(appendOnly, p.Collection) {
			tables = append(tables, p.Collection)
		}
	}
	note := func(action string) func(e *core.RecordEvent) error {
		return func(e *core.RecordEvent) error { return d.noteChange(e, action) }
	}
	app.OnRecordCreateExecute(tables...).Bind(&hook.Handler[*core.RecordEvent]{Id: "trail", Func: note("create")})
	app.OnRecordUpdateExecute(tables...).Bind(&hook.Handler[*core.RecordEvent]{Id: "trail", Func: note("change")})
	app.OnRecordDeleteExecute(tables...).Bind(&hook.Handler[*core.RecordEvent]{Id: "trail", Func: note("delete")})
	grows := &hook.Handler[*core.RecordEvent]{Id: "grows", Priority: -50, Func: func(*core.RecordEvent) error {
		return refuse(http.StatusUnprocessableEntity, hard("E_KEPT", "The audit only grows."))
	}}
	app.OnRecordUpdate("audit_events").Bind(grows)
	app.OnRecordDelete("audit_events").Bind(grows)
	refused := &hook.Handler[*core.RecordRequestEvent]{Id: "refused", Func: d.noteRefusal, Priority: -200}
	app.OnRecordCreateRequest(tables...).Bind(refused)
	app.OnRecordUpdateRequest(tables...).Bind(refused)
	app.OnRecordDeleteRequest(tables...).Bind(refused)
}

// noteRefusal notes what a rule has refused to staff over PocketBase's own routes. A batch that is refused leaves no trace of
// its parts.
func (d *doors) noteRefusal(e *core.RecordRequestEvent) error {
	failure := e.Next()
	if failure == nil || e.Auth == nil || e.Auth.Collection().Name != "users" || e.App.IsTransactional() {
		return failure
	}
	policy, _ := access.Of(e.Record.Collection().Name)
	patient := patientOf(e.Record, policy)
	data, _, coded := explain(failure)
	if !coded || patient == "" || patient == e.Auth.GetString("patient") {
		return failure
	}
	var events []event
	for code := range data {
		if strings.HasPrefix(code, "E_") {
			events = append(events, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, patient), Action: "refuse", Patient: knownPatient(e.App, patient),
				Collection: policy.Collection, Record: e.Record.Id, Outcome: code})
		}
	}
	if len(events) > 0 {
		if err := d.audit(e.App, events...); err != nil {
			return err
		}
	}
	return failure
}

func (d *doors) noteChange(e *core.RecordEvent, action string) error {
	by := actorOf(e.Record)
	policy, _ := access.Of(e.Record.Collection().Name)
	patient := patientOf(e.Record, policy)
	if by.ID == "system" || by.Own == patient && patient != "" {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: by.ID, Capacity: by.capacity(tx, patient), Action: action, Patient: patient,
			Collection: policy.Collection, Record: e.Record.Id, Outcome: "ok"})
	})
}
