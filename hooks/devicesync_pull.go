package hooks

import (
	"fmt"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// logRow is one line of the journal.
type logRow struct {
	Seq   int64  `db:"seq"`
	Col   string `db:"col"`
	Doc   string `db:"doc"`
	Scope string `db:"scope"`
	Op    string `db:"op"`
}

// pull adds one page of news to the answer: everything the caller may see
// since the cursor, in seq order, read in one snapshot.
func (d *doors) pull(e *core.RequestEvent, request devicesync.Request, staff bool, answer *devicesync.Answer) error {
	since := int64(0)
	if request.Cursor != nil {
		since = request.Cursor.Seq
	}
	answer.Changes, answer.Revoked = []devicesync.Change{}, []devicesync.Revoked{}
	return snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) error {
		patients, err := scopes(db, e.Auth, staff)
		if err != nil {
			return err
		}
		rows, err := news(db, e.Auth, patients, since, request.Limit, staff)
		if err != nil {
			return err
		}
		end, err := newestSeq(db)
		if err != nil {
			return err
		}
		if answer.More = len(rows) == request.Limit; answer.More {
			end = rows[len(rows)-1].Seq
		}
		answer.Cursor = devicesync.Position{Epoch: answer.Epoch, Seq: max(end, since)}
		if answer.Changes, err = documents(e.App, db, rows); err != nil {
			return err
		}
		answer.Revoked = revoked(rows, patients, staff)
		return nil
	})
}

// news reads the journal: one limited arm for each patient and one for what
// is addressed to this user. `scope IN (…) OR audience = …` would scan the log.
func news(db dbx.Builder, user *core.Record, patients []string, since int64, limit int, staff bool) ([]logRow, error) {
	params := dbx.Params{"since": since, "limit": limit, "me": user.Id}
	var arms []string
	add := func(where string) {
		arms = append(arms, "SELECT * FROM (SELECT seq, col, doc, scope, op FROM sync_log WHERE "+where+" AND seq > {:since} ORDER BY seq LIMIT {:limit})")
	}
	for i, patient := range patients {
		right, err := rightOf(db, user, patient)
		if err != nil {
			return nil, err
		}
		covered := right.SyncedFor()
		if len(covered) == 0 {
			continue
		}
		params[fmt.Sprint("p", i)] = patient
		in := "col IN ('" + strings.Join(covered, "','") + "')"
		add(fmt.Sprintf("audience = '' AND scope = {:p%d} AND %s", i, in))
		if staff {
			add(fmt.Sprintf("audience = {:me} AND audience <> '' AND scope = {:p%d} AND op = 'G' AND %s", i, in))
		}
	}
	if staff {
		add("audience = {:me} AND audience <> '' AND op = 'R'")
	}
	if len(arms) == 0 {
		return nil, nil
	}
	var rows []logRow
	err := db.NewQuery("SELECT * FROM (" + strings.Join(arms, " UNION ALL ") + ") ORDER BY seq LIMIT {:limit}").Bind(params).All(&rows)
	return rows, err
}

// documents turns journal lines into documents as they are now, in the same
// order. What is deleted or no longer the caller's becomes a tombstone.
func documents(app core.App, db dbx.Builder, rows []logRow) ([]devicesync.Change, error) {
	wanted := map[string][]any{}
	for _, r := range rows {
		wanted[r.Col] = append(wanted[r.Col], r.Doc)
	}
	found := map[string]map[string]any{}
	for name, ids := range wanted {
		collection, err := app.FindCachedCollectionByNameOrId(name)
		if err != nil {
			return nil, err
		}
		if err := readDocuments(db, collection, ids, found); err != nil {
			return nil, err
		}
	}
	changes := make([]devicesync.Change, 0, len(rows))
	for _, r := range rows {
		collection, err := app.FindCachedCollectionByNameOrId(r.Col)
		if err != nil {
			return nil, err
		}
		doc := found[r.Col+"/"+r.Doc]
		if doc == nil || r.Op == "R" || r.Op == "D" {
			doc = tombstone(collection, r.Doc, r.Scope)
		}
		changes = append(changes, devicesync.Change{Collection: r.Col, Doc: doc})
	}
	return changes, nil
}

// readDocuments reads documents of one collection with their rev.
func readDocuments(db dbx.Builder, collection *core.Collection, ids []any, into map[string]map[string]any) error {
	var rows []dbx.NullStringMap
	if err := db.Select("*").From(collection.Name).Where(dbx.In("id", ids...)).All(&rows); err != nil {
		return err
	}
	versions, err := revs(db, collection.Name, ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		record := core.NewRecord(collection)
		for _, f := range collection.Fields {
			if value, err := f.PrepareValue(record, row[f.GetName()].String); err == nil {
				record.SetRaw(f.GetName(), value)
			}
		}
		id := row["id"].String
		into[collection.Name+"/"+id] = document(record, versions[id])
	}
	return nil
}

// revoked names the patients whose last page of tombstones this is not yet or
// just was, so that the phone can erase them as a whole.
func revoked(rows []logRow, patients []string, staff bool) []devicesync.Revoked {
	out := []devicesync.Revoked{}
	if !staff {
		return out
	}
	live := map[string]bool{}
	for _, p := range patients {
		live[p] = true
	}
	for _, r := range rows {
		if r.Op == "R" && !live[r.Scope] {
			live[r.Scope] = true // told once
			out = append(out, devicesync.Revoked{Patient: r.Scope})
		}
	}
	return out
}

// policyOf is the row of the rights table for a synced collection.
func policyOf(collection string) (access.Policy, bool) {
	p, ok := access.Of(collection)
	return p, ok && p.Synced
}
