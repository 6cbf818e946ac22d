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
	shared, err := json.Marshal(right.Consent)
	if err != nil {
		r.err = err
		return
	}
	var result string
	r.err = ignoreNoRows(r.app.DB().NewQuery(`SELECT result FROM trigger_analyses a WHERE patient={:p} AND discussed_at<>''
AND NOT EXISTS (SELECT 1 FROM json_each(a.families) f WHERE COALESCE(json_extract({:shared}, '$.'||f.value), 0)=0) ORDER BY ran_at DESC, rowid DESC LIMIT 1`).
		Bind(dbx.Params{"p": patient, "shared": string(shared)}).Row(&result))
	if r.err != nil || result == "" {
		return
	}
	var found triggers.Analysis
	if r.err = json.Unmarshal([]byte(result), &found); r.err == nil {
		c.Links = likelyOf(found)
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
