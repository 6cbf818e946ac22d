package hooks

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
)

// Everything that is stored about a patient, as files: one JSON and one CSV for each collection, in a ZIP that is written while
// it is read, in one snapshot. What no therapist has signed is no record yet and is left out.

var exportRoutes = []Route{
	{Method: "POST", Path: "/api/patients/{id}/export", Does: "everything about a patient, as JSON and CSV in a ZIP", BodyLimit: smallBody, handle: (*doors).exportPatient},
}

// exportPatient answers POST /api/patients/{id}/export, for the patient, and for her clinic's admin with a reason.
func (d *doors) exportPatient(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := rightOf(e.App.DB(), e.Auth, patient)
	if err != nil {
		return err
	}
	if !right.Has(access.Patient, access.ClinicAdmin) {
		return noRight()
	}
	var body struct {
		Reason string `json:"reason"`
	}
	if _, err := readStep(e, &body); err != nil {
		return err
	}
	capacity := string(access.Patient)
	if !right.Own() {
		capacity = string(access.ClinicAdmin)
		if err := reasoned(strings.TrimSpace(body.Reason)); err != nil {
			return err
		}
	}
	err = d.audit(e.App, event{Actor: e.Auth.Id, Capacity: capacity, Action: "export", Patient: patient, Collection: "patients", Record: patient, Outcome: "ok", Reason: strings.TrimSpace(body.Reason)})
	if err != nil {
		return err // what cannot be noted is not given away
	}
	h := e.Response.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="record-`+d.todayOf("UTC").String()+`.zip"`)
	h.Set("Cache-Control", "no-store")
	return snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) error {
		x := exporter{app: e.App, db: db, zip: zip.NewWriter(e.Response), patient: patient}
		return x.run(d.clock.now().Format("2006-01-02 15:04 UTC"))
	})
}

// exporter writes one patient's files. A ZIP that breaks off has no table of contents, so that nobody takes it for whole.
type exporter struct {
	app     core.App
	db      dbx.Builder
	zip     *zip.Writer
	patient string
	told    []string // lines of the README
}

// onlySigned is what of a collection is a record.
var onlySigned = map[string]string{"visit_notes": " AND signed_at<>''"}

func (x *exporter) run(at string) error {
	for _, p := range access.Table {
		c, err := x.app.FindCachedCollectionByNameOrId(p.Collection)
		if err != nil {
			return err // what is left out would look as if there were none
		}
		where := "[[" + p.Scope + "]]={:p}" + onlySigned[p.Collection]
		n, err := x.json(c, where)
		if err == nil && n > 0 {
			err = x.csv(c, where)
		}
		if err != nil {
			return err
		}
		x.told = append(x.told, fmt.Sprintf("%-24s %6d rows", p.Collection, n))
	}
	if err := x.conflicts(); err != nil {
		return err
	}
	if err := x.fields(); err != nil {
		return err
	}
	if err := x.readme(at); err != nil {
		return err
	}
	return x.zip.Close()
}

// json writes a collection as one array, a row a line.
func (x *exporter) json(c *core.Collection, where string) (n int, err error) {
	w, err := x.zip.Create("json/" + c.Name + ".json")
	if err != nil {
		return 0, err
	}
	before := "[\n"
	err = eachRow(x.app, x.db, c.Name, where, dbx.Params{"p": x.patient}, func(row map[string]any) error {
		body, err := json.Marshal(row)
		if err != nil {
			return err
		}
		n++
		_, err = io.WriteString(w, before+string(body))
		before = ",\n"
		return err
	})
	if err != nil {
		return n, err
	}
	_, err = io.WriteString(w, map[bool]string{true: "[]\n", false: "\n]\n"}[n == 0])
	return n, err
}

func (x *exporter) csv(c *core.Collection, where string) error {
	file, err := x.zip.Create("csv/" + c.Name + ".csv")
	if err != nil {
		return err
	}
	w := csv.NewWriter(file)
	var columns []string
	for _, f := range c.Fields {
		if !f.GetHidden() {
			columns = append(columns, f.GetName())
		}
	}
	if err := w.Write(columns); err != nil {
		return err
	}
	err = eachRow(x.app, x.db, c.Name, where, dbx.Params{"p": x.patient}, func(row map[string]any) error {
		cells := make([]string, len(columns))
		for i, name := range columns {
			cells[i] = cell(row[name])
		}
		return w.Write(cells)
	})
	w.Flush()
	if err != nil {
		return err
	}
	return w.Error()
}

// cell: text as it is, the rest as JSON; nothing for what was not said. A spreadsheet would run a text that begins like a formula.
func cell(value any) string {
	body, err := json.Marshal(value)
	if err != nil || string(body) == "null" {
		return ""
	}
	var text string
	if json.Unmarshal(body, &text) != nil {
		return string(body)
	}
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// conflicts are words of hers that did not become a row's.
func (x *exporter) conflicts() error {
	var rows []conflict
	err := x.db.NewQuery("SELECT " + conflictColumns + " FROM sync_conflicts WHERE scope={:p} ORDER BY id").Bind(dbx.Params{"p": x.patient}).All(&rows)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i] = rows[i].read()
	}
	if rows == nil {
		rows = []conflict{}
	}
	x.told = append(x.told, fmt.Sprintf("%-24s %6d rows", "conflicts", len(rows)))
	return x.document("json/conflicts.json", rows)
}

// fields tells what each column means.
func (x *exporter) fields() error {
	out := map[string]map[string]string{}
	for _, p := range access.Table {
		c, err := x.app.FindCachedCollectionByNameOrId(p.Collection)
		if err != nil {
			return err
		}
		out[c.Name] = map[string]string{}
		for _, f := range c.Fields {
			if !f.GetHidden() {
				out[c.Name][f.GetName()] = helpOf(f)
			}
		}
	}
	return x.document("fields.json", out)
}

func (x *exporter) document(name string, value any) error {
	w, err := x.zip.Create(name)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

const exportReadme = `Everything that is stored about one patient, %s.

json/   one file for each collection; exact
csv/    the same for a spreadsheet; a text that begins like a formula has a ' before it
fields.json says what each column means. An empty cell, or null, was not said: it is not zero.
audit_events tells who read, changed or shared what. Visit notes that were not signed are left out.

%s
`

func (x *exporter) readme(at string) error {
	w, err := x.zip.Create("README.txt")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, exportReadme, at, strings.Join(x.told, "\n"))
	return err
}

// helpOf is what the schema says of a field; PocketBase keeps it on each kind of field by itself.
func helpOf(f core.Field) string {
	body, err := json.Marshal(f)
	if err != nil {
		return ""
	}
	var told struct {
		Help string `json:"help"`
	}
	if json.Unmarshal(body, &told) != nil {
		return ""
	}
	return told.Help
}
