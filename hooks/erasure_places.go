package hooks

import (
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/erasure"
)

// Where a patient's records are. The list is read from the schema, not written down, so that a collection that a later version
// or the clinic itself adds is found too.

// place is one table with rows of the patient's; {:p} is the patient, {:u} the account.
type place struct {
	table string
	where string
	why   erasure.Why
	only  string // of what stays, the rows that do: an unsigned note does not
}

// placePart is the part of a place that shares one fate.
type placePart struct {
	where string
	why   erasure.Why
}

func (p place) parts() []placePart {
	if p.why == erasure.Gone || p.only == "" {
		return []placePart{{p.where, p.why}}
	}
	return []placePart{{p.where + " AND " + p.only, p.why}, {p.where + " AND NOT (" + p.only + ")", erasure.Gone}}
}

// signedOnly: a draft is no record of care.
var signedOnly = map[string]string{"visit_notes": "signed_at<>''", "care_documents": "signed_at<>''", "plans": "state<>'draft'"}

// outlive an erasure: the audit, which holds no clinical value, and what the erasure itself writes.
var outlive = []string{"audit_events", "erasures", "kept_records"}

// placesOf lists them, care links first: the phones of the team hear of it while the journal still knows what they hold.
func placesOf(app core.App, account string, staff, care bool) ([]place, error) {
	all, err := app.FindAllCollections(core.CollectionTypeBase, core.CollectionTypeAuth)
	if err != nil {
		return nil, err
	}
	patients, err := app.FindCachedCollectionByNameOrId("patients")
	if err != nil {
		return nil, err
	}
	out := []place{{table: "sync_conflicts", where: "scope={:p}"}, {table: "sync_history", where: "EXISTS (SELECT 1 FROM sync_log l WHERE l.scope={:p} AND l.audience='' AND l.col=sync_history.col AND l.doc=sync_history.doc)"}}
	for _, c := range all {
		where := whereOf(c, patients, account, staff)
		if where == "" || slices.Contains(outlive, c.Name) {
			continue
		}
		out = append(out, place{c.Name, where, erasure.Of(c.Name, care), signedOnly[c.Name]})
	}
	slices.SortStableFunc(out, func(a, b place) int { return order(a.table) - order(b.table) })
	return out, nil
}

// derivedTables are no collections, and have rows of patients: what is due, what a list shows.
func derivedTables(app core.App) (names []string, err error) {
	err = app.DB().NewQuery(`SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name='patient'
WHERE m.type='table' AND m.name NOT IN (SELECT name FROM _collections)`).Column(&names)
	return names, err
}

// order: the links to people go first, and the person last.
func order(table string) int {
	return map[string]int{"care_links": -2, "consents": -1, "patients": 1}[table]
}

// whereOf finds how a table names the patient, or the account of somebody who is nothing but a patient.
func whereOf(c, patients *core.Collection, account string, staff bool) string {
	switch field := c.Fields.GetByName("patient"); {
	case c.Name == "users":
		return "" // its own end
	case c.Name == patients.Name:
		return "id={:p}"
	case field != nil:
		return "[[patient]]={:p}"
	case account == "" || staff:
		return ""
	case c.Name == "access_codes":
		return "[[user]]={:u}"
	case c.Fields.GetByName("recordRef") != nil: // PocketBase's own: sessions, one-time passwords
		return "[[recordRef]]={:u}"
	}
	for _, f := range c.Fields {
		switch r, ok := f.(*core.RelationField); {
		case !ok || r.IsMultiple():
		case r.CollectionId == patients.Id:
			return "[[" + f.GetName() + "]]={:p}"
		case r.CollectionId == "_pb_users_auth_":
			return "[[" + f.GetName() + "]]={:u}"
		}
	}
	return ""
}

// eachRow reads the rows of a table as they would be shown, one at a time, without what is hidden.
func eachRow(app core.App, db dbx.Builder, table, where string, params dbx.Params, fn func(map[string]any) error) (err error) {
	c, err := app.FindCachedCollectionByNameOrId(table)
	if err != nil {
		return err
	}
	rows, err := db.NewQuery("SELECT * FROM {{" + table + "}} WHERE " + where + " ORDER BY rowid").Bind(params).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		columns := dbx.NullStringMap{}
		if err := rows.ScanMap(columns); err != nil {
			return err
		}
		row, err := shownRow(c, columns)
		if err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func shownRow(c *core.Collection, columns dbx.NullStringMap) (map[string]any, error) {
	record := core.NewRecord(c)
	row := map[string]any{}
	for _, f := range c.Fields {
		if f.GetHidden() {
			continue
		}
		value, err := f.PrepareValue(record, stored(columns[f.GetName()]))
		if err != nil {
			return nil, err
		}
		row[f.GetName()] = value
	}
	return row, nil
}
