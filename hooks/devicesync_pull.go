package hooks

import (
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
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
	Epoch string `db:"epoch"`
}

// rev names the version that the line stands for; "" for no line.
func (l logRow) rev() string {
	if l.Epoch == "" {
		return ""
	}
	return devicesync.Position{Epoch: l.Epoch, Seq: l.Seq}.Rev()
}

// alive: the line tells of a document that is there and may be seen.
func (l logRow) alive() bool { return l.Op == "U" || l.Op == "G" }

// held is what a device holds of one patient.
type held struct {
	patient string
	right   access.Right
}

// ownRight is a person's right to the own diary: everything, and no consent is asked.
var ownRight = access.Right{Roles: []access.Role{access.Patient}}

// holdings are the patients whose records a device holds, in one capacity: its owner's own
// diary, or the care team's patients with what each shares. They are never mixed.
func holdings(db dbx.Builder, user *core.Record, staff bool) ([]held, error) {
	if !staff {
		if own := user.GetString("patient"); own != "" {
			return []held{{own, ownRight}}, nil
		}
		return nil, nil
	}
	var rows []struct {
		Patient  string      `db:"patient"`
		Role     access.Role `db:"role"`
		Families string      `db:"families"`
	}
	err := db.NewQuery(`SELECT l.patient, l.role, COALESCE(group_concat(c.family), '') AS families
FROM care_links l LEFT JOIN consents c ON c.patient=l.patient AND c.state='given'
WHERE l.member={:me} AND l.until='' GROUP BY l.patient, l.role ORDER BY l.patient`).Bind(dbx.Params{"me": user.Id}).All(&rows)
	out := make([]held, 0, len(rows))
	for _, r := range rows {
		h := held{r.Patient, access.Right{Roles: []access.Role{r.Role}, Consent: map[access.Family]bool{}}}
		for f := range strings.SplitSeq(r.Families, ",") {
			h.right.Consent[access.Family(f)] = true
		}
		out = append(out, h)
	}
	return out, err
}

// ask is what a device wants to hear: everything it may see after a number, or of one collection only.
type ask struct {
	staff      bool
	collection string // "" = every synced one
	since      int64
	limit      int
}

// page is one page of news, in seq order; rows and changes go together.
type page struct {
	rows    []logRow
	changes []devicesync.Change
	mine    []held
	cursor  devicesync.Position // where the next page begins
	more    bool
}

// page reads what the caller may see since a number, in one snapshot: rights, journal and rows agree.
func (d *doors) page(e *core.RequestEvent, q ask) (p page, err error) {
	running, err := d.log.running(e.App.DB())
	if err != nil {
		return p, err
	}
	err = snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) (err error) {
		p, err = readPage(e.App, db, e.Auth, q)
		return err
	})
	if err != nil {
		return p, err
	}
	p.cursor.Epoch = running.Name
	if q.staff {
		err = d.noteReading(e, p.mine, p.rows)
	}
	return p, err
}

func readPage(app core.App, db *dbx.Tx, user *core.Record, q ask) (p page, err error) {
	if p.mine, err = holdings(db, user, q.staff); err != nil {
		return p, err
	}
	addressee := ""
	if q.staff {
		addressee = user.Id
	}
	if p.rows, err = news(db, p.mine, addressee, q); err != nil {
		return p, err
	}
	end, err := newestSeq(db)
	if err != nil {
		return p, err
	}
	if p.more = len(p.rows) == q.limit; p.more {
		end = p.rows[len(p.rows)-1].Seq
	}
	p.cursor.Seq = max(end, q.since)
	p.changes, err = documents(app, db, p.rows)
	return p, err
}

// newsQuery reads one limited part of an index for each patient, and one for what is addressed to
// the caller; a row that was granted later is told then, not twice. `scope IN (…) OR audience = …` would scan the log.
func newsQuery(inScope, inAudience string) string {
	return `WITH mine(patient, covered) AS (SELECT value->>0, value->>1 FROM json_each({:mine}))
SELECT page.seq, page.col, page.doc, page.scope, page.op, epoch FROM (
  SELECT l.* FROM mine JOIN sync_log l ON l.seq IN (
    SELECT seq FROM sync_log WHERE scope=mine.patient AND audience='' AND seq>{:since} AND ` + inScope + `
      AND ({:me}='' OR NOT EXISTS (SELECT 1 FROM sync_log g WHERE g.col=sync_log.col AND g.doc=sync_log.doc AND g.audience={:me} AND g.op='G' AND g.seq>sync_log.seq))
    ORDER BY seq LIMIT {:limit})
  UNION ALL
  SELECT * FROM (SELECT * FROM sync_log WHERE audience={:me} AND audience<>'' AND seq>{:since}` + inAudience + ` ORDER BY seq LIMIT {:limit})
  ORDER BY seq LIMIT {:limit}
) page JOIN sync_epoch ON ord=page.ep ORDER BY page.seq`
}

var (
	newsOfAll = newsQuery("instr(mine.covered, ' '||col||' ')", "")
	newsOfOne = newsQuery("col={:col}", " AND col={:col}")
)

// news reads the journal. A grant (G) is shown while the right behind it stands, else it is a loss (R).
func news(db dbx.Builder, mine []held, addressee string, q ask) (rows []logRow, err error) {
	rights := make(map[string]access.Right, len(mine))
	covered := make([][2]string, 0, len(mine))
	for _, h := range mine {
		rights[h.patient] = h.right
		if q.collection == "" || h.right.Sees(q.collection) {
			covered = append(covered, [2]string{h.patient, " " + strings.Join(h.right.SyncedFor(), " ") + " "})
		}
	}
	list, err := json.Marshal(covered)
	if err != nil {
		return nil, err
	}
	params := dbx.Params{"mine": string(list), "me": addressee, "since": q.since, "limit": q.limit}
	query := newsOfAll
	if q.collection != "" {
		query, params["col"] = newsOfOne, q.collection
	}
	err = db.NewQuery(query).Bind(params).All(&rows)
	for i, r := range rows {
		if r.Op == "G" && !rights[r.Scope].Sees(r.Col) {
			rows[i].Op = "R"
		}
	}
	return rows, err
}

// documents turns journal lines into documents as they are now, in the same
// order. What is deleted or no longer the caller's becomes a tombstone.
func documents(app core.App, db dbx.Builder, rows []logRow) ([]devicesync.Change, error) {
	wanted := map[string][]string{}
	for _, r := range rows {
		if r.alive() {
			wanted[r.Col] = append(wanted[r.Col], r.Doc)
		}
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
		doc := found[keyOf(r.Col, r.Doc)]
		if doc == nil || !r.alive() {
			collection, err := app.FindCachedCollectionByNameOrId(r.Col)
			if err != nil {
				return nil, err
			}
			doc = tombstone(collection, r.Doc, r.Scope, r.rev())
		}
		changes = append(changes, devicesync.Change{Collection: r.Col, Doc: doc})
	}
	return changes, nil
}

// readDocuments reads documents of one collection with their rev.
func readDocuments(db dbx.Builder, collection *core.Collection, ids []string, into map[string]map[string]any) error {
	var rows []dbx.NullStringMap
	err := db.NewQuery(`SELECT r.*, epoch||':'||l.seq AS "@rev" FROM json_each({:ids}) i CROSS JOIN {{` + collection.Name + `}} r ON r.id=i.value
CROSS JOIN sync_log l ON l.col={:c} AND l.doc=r.id AND l.audience='' JOIN sync_epoch ON ord=l.ep`).Bind(dbx.Params{"ids": idList(ids), "c": collection.Name}).All(&rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		record := core.NewRecord(collection)
		for _, f := range collection.Fields {
			value, err := f.PrepareValue(record, stored(row[f.GetName()]))
			if err != nil {
				return err
			}
			record.SetRaw(f.GetName(), value)
		}
		into[keyOf(collection.Name, row["id"].String)] = document(record, row["@rev"].String)
	}
	return nil
}

// stored keeps NULL what it is: an answer not given, never an empty one.
func stored(column sql.NullString) any {
	if !column.Valid {
		return nil
	}
	return column.String
}

// revoked names the patients who are not the caller's any more, so that the phone can erase them
// as a whole, with the number of entries that were kept for the new team.
func revoked(rows []logRow, mine []held, handed map[string]int) []devicesync.Revoked {
	settled := map[string]bool{}
	for _, h := range mine {
		settled[h.patient] = true
	}
	out := []devicesync.Revoked{}
	add := func(patient string) {
		if !settled[patient] {
			settled[patient] = true
			out = append(out, devicesync.Revoked{Patient: patient, HandedOver: handed[patient]})
		}
	}
	for _, r := range rows {
		if r.Op == "R" {
			add(r.Scope)
		}
	}
	for _, patient := range slices.Sorted(maps.Keys(handed)) {
		add(patient)
	}
	return out
}

// noteReading puts into the audit whose records a member of staff has just read. What
// cannot be noted is not shown.
func (d *doors) noteReading(e *core.RequestEvent, mine []held, rows []logRow) error {
	read := map[string]bool{}
	for _, r := range rows {
		read[r.Scope] = read[r.Scope] || r.alive()
	}
	var events []event
	for _, h := range mine {
		if read[h.patient] {
			events = append(events, event{Actor: e.Auth.Id, Capacity: foremost(h.right.Roles), Action: "read", Patient: h.patient, Collection: "sync", Outcome: "ok"})
		}
	}
	if len(events) == 0 {
		return nil
	}
	return d.audit(e.App, events...)
}

// policyOf is the row of the rights table for a synced collection.
func policyOf(collection string) (access.Policy, bool) {
	p, ok := access.Of(collection)
	return p, ok && p.Synced
}
