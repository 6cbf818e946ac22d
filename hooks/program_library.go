package hooks

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/clinic"
	"interictal/hooks/program"
)

// The library: what every clinic begins with, a clinic's own beside it, and what a prescription takes from either.

// screened: an item that can harm some necks or bodies is prescribed after a screen of contraindications (§7.3, §7.4), one that
// is newer than the last news about her health.
func screened(tx core.App, r *core.Record) error {
	broken, err := screenDue(tx, r)
	if err == nil && len(broken) > 0 {
		err = refuse(http.StatusUnprocessableEntity, broken...)
	}
	return err
}

func screenDue(tx core.App, r *core.Record) ([]clinic.Broken, error) {
	item, err := libraryItem(tx, r)
	if err != nil || item == nil || !item.GetBool("screen") {
		return nil, err
	}
	var clear int
	err = tx.DB().NewQuery(`SELECT COUNT(*) FROM safety_screens WHERE patient={:p} AND kind='contraindications' AND result='clear' AND screened_at >=
COALESCE((SELECT MAX(reported_at) FROM change_reports WHERE patient={:p} AND reason IN ('new_health_issue', 'pregnancy')), '')`).
		Bind(dbx.Params{"p": r.GetString("patient")}).Row(&clear)
	if err != nil || clear > 0 {
		return nil, err
	}
	return []clinic.Broken{withField(hard("E_ITEM_SCREEN", "This one is prescribed after a screen of contraindications."), "library_item")}, nil
}

// libraryItem that an exercise was taken from; nil for one that was written by hand.
func libraryItem(tx core.App, r *core.Record) (*core.Record, error) {
	id := r.GetString("library_item")
	if id == "" {
		return nil, nil
	}
	item, err := tx.FindRecordById("library_items", id)
	if err != nil {
		return nil, noneIs(err, noItem("library_item"))
	}
	return item, nil
}

func noItem(field string) error {
	return refuse(http.StatusUnprocessableEntity, withField(hard("E_ITEM_LIBRARY", "The library has no such row for this patient's clinic."), field))
}

// offeredTo a patient: what every clinic begins with, and her own clinic's, as long as it is not retired.
func offeredTo(tx core.App, patient string, row *core.Record) (bool, error) {
	var at string
	if err := tx.DB().Select("clinic").From("patients").Where(dbx.HashExp{"id": patient}).Row(&at); err != nil {
		return false, planGone(err)
	}
	own := row.GetString("clinic")
	return (own == "" || own == at) && !row.GetBool("retired"), nil
}

// fromLibrary fills in what the body left out.
func (d *doors) fromLibrary(tx core.App, r *core.Record) error {
	if !r.IsNew() {
		if r.GetString("library_item") != r.Original().GetString("library_item") {
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_SCOPE_FIXED", "An exercise stays what it was taken from."), "library_item"))
		}
		r.Set("library_version", r.Original().GetInt("library_version"))
		return nil
	}
	r.Set("library_version", 0)
	item, err := libraryItem(tx, r)
	if err != nil || item == nil {
		return err
	}
	if offered, err := offeredTo(tx, r.GetString("patient"), item); err != nil || !offered {
		return cmp.Or(err, noItem("library_item"))
	}
	if item.GetString("place") == "clinic" || item.GetString("category") == "education" {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_ITEM_PLACE", "This is done in the clinic or read, not part of a home program."), "library_item"))
	}
	return fill(r, item)
}

// fill takes each value that the exercise does not name from the item.
func fill(r, item *core.Record) error {
	r.Set("library_version", item.GetInt("version"))
	r.Set("attack_ok", r.GetBool("attack_ok") || item.GetBool("attack_ok"))
	for _, field := range []string{"name", "code", "instructions", "aim", "region", "category", "modality", "stop", "caution", "ladder"} {
		if told(r, field) == "" {
			r.Set(field, item.Get(field))
		}
	}
	if item.GetString("category") == "relaxation" && told(r, "technique") == "" {
		r.Set("technique", item.GetString("technique"))
	}
	if told(r, "effort_target") == "" {
		r.Set("effort_target", item.Get("effort"))
	}
	if told(r, "source") == "" {
		r.Set("source", sourced(item))
	}
	var dose program.Dose
	if err := json.Unmarshal([]byte(item.GetString("dose")), &dose); err != nil && told(item, "dose") != "" {
		return err
	}
	for field, variable := range doseFields {
		if told(r, field) == "" && dose.Of(variable) > 0 {
			r.Set(field, dose.Of(variable))
		}
	}
	if told(r, "per_day") == "" && dose.PerDay > 0 {
		r.Set("per_day", dose.PerDay)
	}
	return nil
}

// houseRow: what every clinic begins with is nobody's to write, a superuser's neither; a clinic's own stays with the clinic.
func houseRow(e *core.RecordEvent) error {
	was, now := e.Record.Original().GetString("clinic"), e.Record.GetString("clinic")
	if now == "" || !e.Record.IsNew() && was != now {
		return refuse(http.StatusUnprocessableEntity, hard("E_STARTER", "Every clinic begins with this; make a copy of your own and change that."))
	}
	numberRow(e.Record)
	if e.Record.Collection().Name == "library_items" {
		e.Record.Set("drawn", drawn(e.Record.GetString("code")))
	}
	if field := unreadable(e.Record); field != "" {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "This cannot be read: "+field+"."), field))
	}
	return e.Next()
}

// numberRow: each new wording of a clinic's own is one version more; what was prescribed keeps the words it was prescribed with.
func numberRow(r *core.Record) {
	version := r.Original().GetInt("version")
	if r.IsNew() {
		version = 0
	}
	for _, f := range r.Collection().Fields {
		if name := f.GetName(); r.IsNew() || !slices.Contains([]string{"version", "retired", "drawn", "created", "updated"}, name) && changedAny(r, name) {
			version++
			break
		}
	}
	r.Set("version", version)
}

// drawn: there is a line drawing under this code.
func drawn(code string) bool {
	return slices.ContainsFunc(program.Library(), func(e program.Entry) bool { return e.Code == code && e.Drawn() })
}

// unreadable is the field of a row that the room could not read; "" when it can read them all.
func unreadable(r *core.Record) string {
	for field, into := range map[string]any{"ladder": &[]program.Rung{}, "dose": &program.Dose{}, "items": &[]program.TemplateItem{}} {
		if f, isJSON := r.Collection().Fields.GetByName(field).(*core.JSONField); !isJSON || f == nil || told(r, field) == "" {
			continue
		}
		if json.Unmarshal([]byte(r.GetString(field)), into) != nil {
			return field
		}
		if ladder, ok := into.(*[]program.Rung); ok && slices.ContainsFunc(*ladder, func(rung program.Rung) bool { return rung.To < 0 || !slices.Contains(program.Variables, rung.By) }) {
			return field
		}
	}
	return ""
}

// sourced says where an item is from, and when it was last looked at; of an item of the clinic's own neither may be known.
func sourced(item *core.Record) string {
	var said []string
	if source := item.GetString("source"); source != "" {
		said = append(said, source+".")
	}
	if day := item.GetString("reviewed_on"); day != "" {
		said = append(said, "Reviewed "+day+".")
	}
	return strings.Join(said, " ")
}
