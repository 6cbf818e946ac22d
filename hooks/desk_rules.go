package hooks

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
)

// The rules a clinic works by change from a day on. Until then the change waits, and can be taken back; on its day, in the clinic's
// zone, it becomes the clinic's. Plans ask for the rules of the day they are looked at, so nothing of before is reckoned anew.

type ruleChange struct {
	ID         string          `db:"id" json:"id"`
	Effective  string          `db:"effective" json:"effective"`
	Regulation string          `db:"regulation_profile" json:"regulationProfile"`
	Rules      json.RawMessage `json:"rules"`
	Text       string          `db:"rules" json:"-"`
	By         string          `db:"decided_by" json:"by"`
	At         string          `db:"decided_at" json:"at"`
	Applied    string          `db:"applied_at" json:"appliedAt"`
	Withdrawn  string          `db:"withdrawn_at" json:"withdrawnAt"`
}

type rulesAnswer struct {
	Regulation string          `json:"regulationProfile"`
	Rules      json.RawMessage `json:"rules"`   // what differs from the default
	Whole      any             `json:"inForce"` // every number
	Changes    []ruleChange    `json:"changes"`
}

// deskRules answers GET /api/clinics/{id}/rules.
func (d *doors) deskRules(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "rules"); err != nil {
		return err
	}
	var regulation, rules string
	err := e.App.DB().NewQuery("SELECT regulation_profile, COALESCE(rules, '') FROM clinics WHERE id={:c}").Bind(dbx.Params{"c": clinic}).Row(&regulation, &rules)
	if err != nil {
		return err
	}
	out := rulesAnswer{Regulation: regulation, Rules: jsonText(rules), Changes: []ruleChange{}}
	if out.Whole, err = profileOf(regulation, rules); err != nil {
		return err
	}
	err = e.App.DB().NewQuery(`SELECT id, effective, regulation_profile, COALESCE(rules, '') rules, decided_by, decided_at, applied_at, withdrawn_at FROM rule_changes
WHERE clinic={:c} ORDER BY effective DESC, decided_at DESC LIMIT 100`).Bind(dbx.Params{"c": clinic}).All(&out.Changes)
	if err != nil {
		return err
	}
	for i, c := range out.Changes {
		out.Changes[i].Rules = jsonText(c.Text)
	}
	return e.JSON(http.StatusOK, out)
}

// jsonText is a stored object; {} for none.
func jsonText(s string) json.RawMessage {
	if s == "" || s == "null" || s == `""` {
		return json.RawMessage("{}")
	}
	return json.RawMessage(s)
}

// changeRules answers POST /api/clinics/{id}/rules {effective, regulationProfile, rules}.
func (d *doors) changeRules(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "rules"); err != nil {
		return err
	}
	var wish struct {
		Effective  string          `json:"effective"`
		Regulation string          `json:"regulationProfile"`
		Rules      json.RawMessage `json:"rules"`
	}
	if _, err := readStep(e, &wish); err != nil {
		return err
	}
	if len(wish.Rules) == 0 {
		wish.Rules = json.RawMessage("{}")
	}
	if err := d.checkRules(e.App.DB(), clinic, wish.Effective, wish.Regulation, string(wish.Rules)); err != nil {
		return err
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		r, err := newRow(tx, "rule_changes", "", map[string]any{"clinic": clinic, "effective": wish.Effective, "regulation_profile": wish.Regulation, "rules": wish.Rules,
			"decided_by": e.Auth.Id, "decided_at": instantText(d.clock.now())})
		if err != nil {
			return err
		}
		if err := tx.Save(r); err != nil {
			return err
		}
		err = d.audit(tx, event{Actor: e.Auth.Id, Capacity: string(access.ClinicAdmin), Action: "change", Clinic: clinic, Collection: "rules", Record: r.Id, Outcome: "ok"})
		if err != nil {
			return err
		}
		return d.applyDue(tx, clinic)
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// checkRules: rules that a plan can be read by, from today on at the earliest.
func (d *doors) checkRules(db dbx.Builder, clinic, effective, regulation, rules string) error {
	at, err := clinicOf(db, clinic)
	if err != nil {
		return err
	}
	if day := dayOrNone(effective); !day.Valid() || day < d.todayOf(at.Timezone) {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_DAY", "Rules begin today or later."), "effective"))
	}
	var object map[string]any
	_, err = profileOf(regulation, rules)
	if err = errors.Join(err, json.Unmarshal([]byte(rules), &object)); err != nil {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "No plan could be read by these rules: "+err.Error()+"."), "rules"))
	}
	return nil
}

// withdrawRules answers POST /api/clinics/{id}/rules/{change}/withdraw.
func (d *doors) withdrawRules(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "rules"); err != nil {
		return err
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		r, err := orNil(tx.FindFirstRecordByFilter("rule_changes", `id={:x} && clinic={:c} && applied_at="" && withdrawn_at=""`, dbx.Params{"x": e.Request.PathValue("change"), "c": clinic}))
		if err != nil {
			return err
		}
		if r == nil {
			return noRight()
		}
		r.Set("withdrawn_at", instantText(d.clock.now()))
		if err := tx.Save(r); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Capacity: string(access.ClinicAdmin), Action: "change", Clinic: clinic, Collection: "rules", Record: r.Id, Outcome: "ok"})
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// applyRules makes what is due the clinic's, oldest first. One clinic's that cannot be applied stop no other's.
func (d *doors) applyRules(app core.App) error { return d.applyDue(app, "") }

// applyDue: of one clinic, or with none of all.
func (d *doors) applyDue(app core.App, clinic string) error {
	var due []struct {
		ID        string `db:"id"`
		Clinic    string `db:"clinic"`
		Zone      string `db:"timezone"`
		Effective string `db:"effective"`
	}
	err := app.DB().NewQuery(`SELECT r.id, r.clinic, k.timezone, r.effective FROM rule_changes r JOIN clinics k ON k.id=r.clinic
WHERE r.applied_at='' AND r.withdrawn_at='' AND {:c} IN ('', r.clinic) ORDER BY r.effective, r.decided_at`).Bind(dbx.Params{"c": clinic}).All(&due)
	for _, c := range due {
		if dayOrNone(c.Effective) <= d.todayOf(c.Zone) {
			err = errors.Join(err, app.RunInTransaction(func(tx core.App) error { return d.applyRule(tx, c.ID, c.Clinic) }))
		}
	}
	return err
}

func (d *doors) applyRule(tx core.App, id, clinic string) error {
	change, err := tx.FindRecordById("rule_changes", id)
	if err != nil || anySet(change, "applied_at", "withdrawn_at") { // as it is now: somebody may have been first
		return err
	}
	at, err := tx.FindRecordById("clinics", clinic)
	if err != nil {
		return err
	}
	at.Load(map[string]any{"regulation_profile": change.GetString("regulation_profile"), "rules": change.Get("rules")})
	if err := tx.Save(at); err != nil {
		return err
	}
	change.Set("applied_at", instantText(d.clock.now()))
	if err := tx.Save(change); err != nil {
		return err
	}
	return d.audit(tx, event{Actor: change.GetString("decided_by"), Capacity: string(access.ClinicAdmin), Action: "change", Clinic: clinic, Collection: "clinics", Record: clinic, Outcome: "ok"})
}
