package hooks

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/pocketbase/dbx"

	"interictal/hooks/access"
	"interictal/hooks/report"
	"interictal/hooks/triggers"
)

// putLinks: of the newest run that patient and therapist have talked about (S-40), and whose families she shares all, what is likely
// linked, the surest first. What rests on periods is on no page of this kind.
func putLinks(r *reader, c *report.Case, patient string, right access.Right) {
	if r.err != nil {
		return
	}
	var runs []run
	r.err = r.app.DB().Select("id", "data_hash", "ran_at", "families", "discussed_at", "patient_view", "result").From("trigger_analyses").
		Where(dbx.NewExp("patient={:p} AND discussed_at<>''", dbx.Params{"p": patient})).OrderBy("ran_at DESC", "rowid DESC").All(&runs)
	for _, run := range runs {
		var families []access.Family
		if r.err = json.Unmarshal([]byte(run.Families), &families); r.err != nil {
			return
		}
		if slices.ContainsFunc(families, func(f access.Family) bool { return !right.Consent[f] }) {
			continue
		}
		var found triggers.Analysis
		if r.err = json.Unmarshal([]byte(run.Result), &found); r.err == nil {
			c.Links = likelyOf(found)
		}
		return
	}
}

func likelyOf(a triggers.Analysis) (out []report.Link) {
	found := slices.DeleteFunc(slices.Clone(a.Factors), func(f triggers.Finding) bool {
		return f.Code == triggers.Menstrual || !report.Likely(f.Label) || f.Q == nil
	})
	slices.SortStableFunc(found, func(a, b triggers.Finding) int { return cmp.Compare(*a.Q, *b.Q) })
	for _, f := range found {
		out = append(out, report.Link{Factor: f.Name, Own: f.Code == "", After: f.Lag > 0, Label: f.Label, With: f.Exposed, Without: f.Others})
	}
	return out
}
