package hooks

import (
	"cmp"
	"encoding/json"
	"math"
	"net/http"
	"reflect"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// historyAnswer is who changed what: what staff did, steps of plans, and entries that have another value than before, with
// both values. Values that lost against others and wait for a word are at /api/sync/conflicts.
type historyAnswer struct {
	Patient string        `json:"patient"`
	Lines   []historyLine `json:"lines"`   // the newest first
	Changes []entryChange `json:"changes"` // the newest first
}

type historyLine struct {
	At         types.DateTime `json:"at"`
	Who        string         `json:"who"` // name; "system" for a rule
	As         string         `json:"as"`
	Action     string         `json:"action"`
	Collection string         `json:"collection"`
	Record     string         `json:"record"`
	Outcome    string         `json:"outcome"`
	Detail     string         `json:"detail"` // of a plan: what step, and why
}

type entryChange struct {
	Collection string        `json:"collection"`
	Record     string        `json:"record"`
	Deleted    bool          `json:"deleted"`
	Who        string        `json:"who"` // as far as a device told; "" not known
	At         string        `json:"at"`
	Fields     []fieldChange `json:"fields"`
	seq        int64
}

type fieldChange struct {
	Field  string `json:"field"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// Lines and changes that are shown; older ones are in the export.
const historyShown = 100

// patientHistory answers GET /api/patients/{id}/history.
func (d *doors) patientHistory(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.treatingRight(e, patient, "history")
	if err != nil {
		return err
	}
	out := historyAnswer{Patient: patient, Lines: []historyLine{}, Changes: []entryChange{}}
	if err := out.lines(e.App.DB(), patient); err != nil {
		return err
	}
	if out.Changes, err = changesOf(e.App, patient, right); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

// lines: the audit without the reading, and the steps of plans.
func (h *historyAnswer) lines(db dbx.Builder, patient string) error {
	var rows []struct {
		At         types.DateTime `db:"at"`
		Who        string         `db:"who"`
		As         string         `db:"as"`
		Action     string         `db:"action"`
		Collection string         `db:"collection"`
		Record     string         `db:"record"`
		Outcome    string         `db:"outcome"`
		Detail     string         `db:"detail"`
	}
	err := db.NewQuery(`SELECT h.at, COALESCE(u.name, h.actor) AS who, h."as", h.action, h.collection, h.record, h.outcome, h.detail FROM (
SELECT at, actor, capacity AS "as", action, collection, record, outcome, reason AS detail, seq AS n FROM audit_events WHERE patient={:p} AND action NOT IN ('read', 'open')
UNION ALL SELECT at, actor, role, kind, 'plan_events', plan, to_state, trim(reason || ' ' || note), version FROM plan_events WHERE patient={:p}) h
LEFT JOIN users u ON u.id=h.actor ORDER BY h.at DESC, h.n DESC LIMIT {:n}`).Bind(dbx.Params{"p": patient, "n": historyShown}).All(&rows)
	for _, r := range rows {
		h.Lines = append(h.Lines, historyLine(r))
	}
	return err
}

// version of an entry, as the journal kept it.
type keptVersion struct {
	Collection string  `db:"col"`
	Doc        string  `db:"doc"`
	Seq        int64   `db:"seq"`
	Data       *string `db:"data"`
	Line       int64   `db:"line"` // the entry's newest number
}

// changesOf sets superseded versions of her entries against the ones that came after, the newest first. No change of an entry is newer
// than its line, so it goes from the newest line back, until the rest is older than all that is shown.
func changesOf(app core.App, patient string, right access.Right) ([]entryChange, error) {
	out := []entryChange{}
	for before := int64(math.MaxInt64); ; {
		rows, err := versionsBefore(app.DB(), patient, before)
		if err != nil {
			return nil, err
		}
		entries := byEntry(rows)
		for _, versions := range entries {
			before = min(before, versions[0].Line)
			if !right.Sees(versions[0].Collection) {
				continue
			}
			made, err := changesWithin(app, versions)
			if err != nil {
				return nil, err
			}
			out = append(out, made...)
		}
		slices.SortFunc(out, func(a, b entryChange) int { return cmp.Compare(b.seq, a.seq) })
		out = out[:min(len(out), historyShown)]
		if len(entries) < historyShown || len(out) == historyShown && out[historyShown-1].seq >= before {
			return out, writtenBy(app.DB(), patient, out)
		}
	}
}

// versionsBefore are all kept versions of the entries whose lines are the newest before a number.
func versionsBefore(db dbx.Builder, patient string, before int64) (rows []keptVersion, err error) {
	err = db.NewQuery(`SELECT h.col, h.doc, h.seq, h.data, l.seq AS line FROM (
  SELECT col, doc, seq FROM sync_log l WHERE scope={:p} AND audience='' AND op<>'E' AND seq<{:b}
    AND EXISTS (SELECT 1 FROM sync_history h WHERE h.col=l.col AND h.doc=l.doc) ORDER BY seq DESC LIMIT {:n}) l
JOIN sync_history h ON h.col=l.col AND h.doc=l.doc ORDER BY h.col, h.doc, h.seq`).Bind(dbx.Params{"p": patient, "b": before, "n": historyShown}).All(&rows)
	return rows, err
}

func byEntry(rows []keptVersion) (out [][]keptVersion) {
	for i, v := range rows {
		if i == 0 || v.Collection != rows[i-1].Collection || v.Doc != rows[i-1].Doc {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], v)
	}
	return out
}

// changesWithin one entry: from each version to the next, the last to what stands now.
func changesWithin(app core.App, versions []keptVersion) (out []entryChange, err error) {
	name, doc := versions[0].Collection, versions[0].Doc
	collection, err := app.FindCachedCollectionByNameOrId(name)
	if err != nil {
		return nil, err
	}
	now, err := findOrNil(app, collection, doc)
	if err != nil {
		return nil, err
	}
	states, seqs := make([]devicesync.State, 0, len(versions)+1), make([]int64, 0, len(versions)+1)
	for _, v := range versions {
		state, err := stateIn(collection, v.Data)
		if err != nil {
			return nil, err
		}
		states, seqs = append(states, state), append(seqs, v.Seq)
	}
	states, seqs = append(states, stateOrNil(now)), append(seqs, versions[0].Line)
	for i := 1; i < len(states); i++ {
		change := entryChange{Collection: name, Record: doc, Deleted: states[i] == nil, Fields: between(states[i-1], states[i]), seq: seqs[i]}
		if change.Deleted || len(change.Fields) > 0 {
			out = append(out, change)
		}
	}
	return out, nil
}

func stateIn(collection *core.Collection, data *string) (devicesync.State, error) {
	if data == nil {
		return nil, nil
	}
	var stored map[string]any
	if err := json.Unmarshal([]byte(*data), &stored); err != nil {
		return nil, err
	}
	record := core.NewRecord(collection)
	record.Load(stored)
	return stateOf(record), nil
}

// quietFields say how an entry was made.
var quietFields = []string{"patient", "entered_at", "entered_offset", "source", "started_offset", "ended_offset", "created", "updated"}

func between(before, after devicesync.State) []fieldChange {
	out := []fieldChange{}
	if after == nil {
		return out
	}
	for field, value := range after {
		if was := before[field]; !slices.Contains(quietFields, field) && !reflect.DeepEqual(was, value) {
			out = append(out, fieldChange{field, was, value})
		}
	}
	slices.SortFunc(out, func(a, b fieldChange) int { return cmp.Compare(a.Field, b.Field) })
	return out
}

// writtenBy fills in from whom changes came and when, as far as a device told: the pushes of those who may write this diary, by the
// journal's number.
func writtenBy(db dbx.Builder, patient string, changes []entryChange) error {
	if len(changes) == 0 {
		return nil
	}
	var rows []struct {
		Who string `db:"who"`
		Seq int64  `db:"seq"`
		At  string `db:"at"`
	}
	err := db.NewQuery(`SELECT u.name AS who, s.seq, s.at FROM users u JOIN sync_push s ON s.user=u.id
WHERE u.id IN (SELECT id FROM users WHERE patient={:p} UNION SELECT member FROM care_links WHERE patient={:p}) AND s.seq BETWEEN {:oldest} AND {:newest}`).
		Bind(dbx.Params{"p": patient, "oldest": changes[len(changes)-1].seq, "newest": changes[0].seq}).All(&rows)
	for _, r := range rows {
		for i := range changes {
			if changes[i].seq == r.Seq {
				changes[i].Who, changes[i].At = r.Who, r.At
			}
		}
	}
	return err
}
