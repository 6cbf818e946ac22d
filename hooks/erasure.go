package hooks

import (
	"maps"
	"net/http"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/erasure"
	"interictal/hooks/journal"
)

// Erasing a patient (docs/decisions/022). It is one transaction: until it is committed nothing is gone, and after it nothing is
// left but what the room says must stay, in a table of its own that no rule opens. What is deleted is overwritten in
// the file. Phones are told when they next speak to the server.

var erasureRoutes = []Route{
	{Method: "POST", Path: "/api/patients/{id}/erase", Does: "erases a patient; a dry run unless told", BodyLimit: smallBody, handle: (*doors).erase},
	{Method: "GET", Path: "/api/clinics/{id}/erasures", Does: "who was erased, and what is locked away", handle: (*doors).erasures},
	{Method: "POST", Path: "/api/clinics/{id}/erasures/{erasure}/open", Does: "reads a locked care record, with a reason", BodyLimit: smallBody, handle: (*doors).openKept},
}

// eraseWish is what somebody asks for.
type eraseWish struct {
	Apply  bool   `json:"apply"`
	Rows   int    `json:"rows"` // as the dry run counted them
	Reason string `json:"reason"`
}

// receipt says what went, what stayed and why.
type receipt struct {
	Patient string        `json:"patient"`
	Applied bool          `json:"applied"`
	Rows    int           `json:"rows"`
	Deleted []erasedRows  `json:"deleted"`
	Kept    []erasedRows  `json:"kept"`
	Term    *erasure.Term `json:"term"`    // null: nothing is kept
	Devices int           `json:"devices"` // that will be told to erase themselves
	Account string        `json:"account"` // removed, kept (this person works here too) or none
	Stays   []string      `json:"stays"`   // what an erasure does not reach
}

type erasedRows struct {
	Collection string      `json:"collection"`
	Rows       int         `json:"rows"`
	Why        erasure.Why `json:"why,omitempty"`
}

// beyond is out of an erasure's reach.
var beyond = []string{"AUDIT", "BACKUPS", "COPIES_ELSEWHERE"}

// erase answers POST /api/patients/{id}/erase, for the patient herself and for an admin of her clinic.
func (d *doors) erase(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := rightOf(e.App.DB(), e.Auth, patient)
	if err != nil {
		return err
	}
	if !right.Has(access.Patient, access.ClinicAdmin) {
		return noRight()
	}
	var wish eraseWish
	if _, err := readStep(e, &wish); err != nil {
		return err
	}
	if wish.Reason = strings.TrimSpace(wish.Reason); !right.Own() {
		if err := reasoned(wish.Reason); err != nil {
			return err
		}
	}
	var out receipt
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		r := eraser{doors: d, tx: tx, patient: patient, by: e.Auth, own: right.Own(), wish: wish}
		out, err = r.run()
		return err
	})
	if err != nil {
		return err
	}
	if out.Applied {
		d.overwrite(e.App)
	}
	return e.JSON(http.StatusOK, out)
}

// reasoned: a reason is words that somebody else can read.
func reasoned(reason string) error {
	if n := len([]rune(reason)); n < 5 || n > 500 {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_REASON", "Say why, in 5 to 500 letters."), "reason"))
	}
	return nil
}

// eraser goes through one patient's records.
type eraser struct {
	*doors
	tx      core.App
	patient string
	clinic  string
	account string
	staff   bool // the account is a member of staff too
	by      *core.Record
	own     bool
	wish    eraseWish
	places  []place
}

func (r *eraser) run() (out receipt, err error) {
	if err := r.look(); err != nil {
		return out, err
	}
	if out, err = r.count(); err != nil || !r.wish.Apply {
		return out, err
	}
	if out.Rows != r.wish.Rows {
		return out, refuse(http.StatusConflict, hard("E_STALE", "Something was written since. Look at the numbers again."))
	}
	out.Applied = true
	steps := []func(receipt) error{r.lockAway, r.delete, r.forget, r.closeAccount, r.note}
	for _, step := range steps {
		if err := step(out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// look finds who this is, and every place of hers.
func (r *eraser) look() error {
	err := r.tx.DB().NewQuery("SELECT clinic FROM patients WHERE id={:p}").Bind(dbx.Params{"p": r.patient}).Row(&r.clinic)
	if err != nil {
		return noneIs(err, noRight())
	}
	err = r.tx.DB().NewQuery(`SELECT COALESCE((SELECT id FROM users WHERE patient={:p}), ''),
  EXISTS (SELECT 1 FROM practitioners w JOIN users u ON u.id=w.user WHERE u.patient={:p})`).Bind(dbx.Params{"p": r.patient}).Row(&r.account, &r.staff)
	if err != nil {
		return err
	}
	care, err := hadCare(r.tx.DB(), r.patient)
	if err != nil {
		return err
	}
	r.places, err = placesOf(r.tx, r.account, r.staff, care)
	return err
}

// hadCare: a plan was signed, or a visit took place.
func hadCare(db dbx.Builder, patient string) (care bool, err error) {
	err = db.NewQuery(`SELECT EXISTS (SELECT 1 FROM plans WHERE patient={:p} AND state<>'draft')
  OR EXISTS (SELECT 1 FROM visits WHERE patient={:p} AND status IN ('completed', 'completed_partial'))`).Bind(dbx.Params{"p": patient}).Row(&care)
	return care, err
}

func (r *eraser) params() dbx.Params { return dbx.Params{"p": r.patient, "u": r.account} }

func (r *eraser) count() (out receipt, err error) {
	out = receipt{Patient: r.patient, Deleted: []erasedRows{}, Kept: []erasedRows{}, Account: "none", Stays: beyond}
	for _, p := range r.places {
		for _, part := range p.parts() {
			var n int
			if err := r.tx.DB().NewQuery("SELECT COUNT(*) FROM {{" + p.table + "}} WHERE " + part.where).Bind(r.params()).Row(&n); err != nil {
				return out, err
			}
			if out.Rows += n; n > 0 && part.why == erasure.Gone {
				out.Deleted = append(out.Deleted, erasedRows{p.table, n, part.why})
			} else if n > 0 {
				out.Kept = append(out.Kept, erasedRows{p.table, n, part.why})
			}
		}
	}
	if r.account != "" {
		out.Account = map[bool]string{true: "kept", false: "removed"}[r.staff]
		err = r.tx.DB().NewQuery("SELECT COUNT(*) FROM sync_devices WHERE user={:u} AND staff=0").Bind(r.params()).Row(&out.Devices)
	}
	if err == nil && len(out.Kept) > 0 {
		out.Term, err = r.term()
	}
	return out, err
}

// delete takes every row. A plan's events and versions are append-only for everybody else: their guards step aside within this transaction.
func (r *eraser) delete(receipt) error {
	if err := r.execute("PRAGMA secure_delete=ON"); err != nil {
		return err
	}
	guard := journal.AppendOnly("plan_events")
	maps.Copy(guard, journal.AppendOnly("plan_versions"))
	for name := range guard {
		if err := r.execute("DROP TRIGGER " + name); err != nil {
			return err
		}
	}
	for _, p := range r.places {
		for _, part := range p.parts() {
			if err := r.execute("DELETE FROM {{" + p.table + "}} WHERE " + part.where); err != nil {
				return err
			}
		}
	}
	for _, name := range journal.Names(guard) {
		if err := r.execute(guard[name]); err != nil {
			return err
		}
	}
	return nil
}

// forget lets the journal keep nothing but the names of her rows, as erased for good: no old phone and no late push brings one back.
// What the server has worked out of her rows goes with them.
func (r *eraser) forget(receipt) error {
	derived, err := derivedTables(r.tx)
	if err != nil {
		return err
	}
	for _, table := range derived {
		if err := r.execute("DELETE FROM {{" + table + "}} WHERE patient={:p}"); err != nil {
			return err
		}
	}
	hers := "EXISTS (SELECT 1 FROM sync_log l WHERE l.scope={:p} AND l.audience='' AND l.col=t.col AND l.doc=t.doc)"
	for _, table := range []string{"sync_history", "sync_returned", "sync_push"} {
		if err := r.execute("DELETE FROM " + table + " AS t WHERE " + hers); err != nil {
			return err
		}
	}
	for _, statement := range []string{
		"DELETE FROM sync_conflicts WHERE scope={:p}",
		"DELETE FROM sync_log WHERE scope={:p} AND audience<>'' AND op='G'",
		"UPDATE sync_log SET op='E' WHERE scope={:p} AND audience=''",
	} {
		if err := r.execute(statement); err != nil {
			return err
		}
	}
	return nil
}

// closeAccount leaves a shell that opens nothing: with it the phones that are still signed in are told to erase themselves. Somebody who
// works here too keeps the account, without the diary. Written as SQL: PocketBase would end the sessions, and nobody would be told.
func (r *eraser) closeAccount(receipt) error {
	if r.account == "" {
		return nil
	}
	err := r.execute("UPDATE sync_devices SET erase_at={:now}, erase_by={:by}, waiting=0 WHERE user={:u} AND staff=0")
	if err != nil || r.staff {
		return joined(err, func() error { return r.execute("UPDATE users SET patient='' WHERE id={:u}") })
	}
	return r.execute(`UPDATE users SET email={:u}||'@erased.invalid', name='', patient='', verified=FALSE, password='', erased_at={:now} WHERE id={:u}`)
}

// joined runs the next step unless one failed before.
func joined(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

func (r *eraser) note(out receipt) error {
	capacity := string(access.ClinicAdmin)
	if r.own {
		capacity = string(access.Patient)
	}
	return r.audit(r.tx, event{Actor: r.by.Id, Capacity: capacity, Action: "erase", Clinic: r.clinic, Patient: r.patient, Collection: "patients", Record: r.patient, Outcome: "ok", Reason: r.wish.Reason})
}

func (r *eraser) execute(statement string) error {
	params := r.params()
	params["now"], params["by"] = instantText(r.clock.now()), r.by.Id
	_, err := r.tx.DB().NewQuery(statement).Bind(params).Execute()
	return err
}

// overwrite brings the log into the file, so that what was deleted is in neither. When a reader is in the way, the next night does it.
func (d *doors) overwrite(app core.App) {
	for _, statement := range []string{"PRAGMA secure_delete=FAST", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := app.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
			app.Logger().Warn("what was erased may stay in the database's log until the next checkpoint", "error", err)
		}
	}
}
