package hooks

import (
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/visitnote"
)

// What the page of a note shows of what is stored: the draft so far, what was signed, what was done and measured.

// content: what the plan and the home program hold.
func (p *notePage) content(r *reader, c chart, today clinic.Day, right access.Right) {
	p.Items, p.Proposals = []noteItem{}, []noteProposal{}
	if c.record != nil {
		for _, x := range r.rows("plan_items", dbx.HashExp{"plan": c.plan.ID}) {
			if stopped := dayOrNone(x.GetString("stopped_on")); !stopped.Valid() || stopped > today {
				p.Items = append(p.Items, noteItem{x.Id, x.GetString("name"), x.GetString("category"), x.GetString("dose")})
			}
		}
	}
	if !right.Sees("progression_proposals") {
		return
	}
	names := map[string]string{}
	for _, x := range r.rows("exercises", dbx.HashExp{"patient": c.patient}) {
		names[x.Id] = x.GetString("name")
	}
	for _, x := range r.rows("progression_proposals", dbx.HashExp{"patient": c.patient, "state": "open"}, "made_at DESC") {
		if x.GetString("variable") != "" {
			p.Proposals = append(p.Proposals, noteProposal{x.Id, names[x.GetString("exercise")], x.GetString("kind"), x.GetString("variable"), numberOf(x, "from_value"), numberOf(x, "to_value")})
		}
	}
}

// written: the draft so far, what was done, and what is signed already.
func (p *notePage) written(r *reader, v *core.Record) {
	p.Interventions, p.Signed, p.Draft = []notePart{}, []signedNote{}, noteDraft{Parts: map[string]part{}}
	counts := stamps{}
	for _, note := range r.rows("visit_notes", dbx.HashExp{"visit": v.Id}, "created") {
		if at := note.GetDateTime("signed_at"); !at.IsZero() {
			fields := map[string]any{}
			for _, field := range visitnote.Fields {
				fields[field] = plain(note, field)
			}
			p.Signed = append(p.Signed, signedNote{note.Id, note.GetBool("addendum"), nameOf(r.app, note.GetString("signed_by")), at, fields})
			continue
		}
		p.Draft.ID, counts = note.Id, stampsOf(note)
		for _, field := range visitnote.Fields {
			p.Draft.Parts[field] = partOf(r.app, note, nil, field)
		}
	}
	for _, x := range r.rows("visit_interventions", dbx.HashExp{"visit": v.Id, "status": "given"}) {
		p.Interventions = append(p.Interventions, notePart{x.Id, counts["interventions/"+x.Id].N, rowValue(x)})
	}
}

// examined: pain in the neck and every test that was taken before, each with its last number beside this visit's.
func (p *notePage) examined(r *reader, v *core.Record) error {
	if r.err != nil {
		return r.err
	}
	taken := map[string]*core.Record{}
	for _, x := range r.rows("physical_measures", dbx.HashExp{"visit": v.Id}) {
		taken[x.Id] = x
	}
	counts := stamps{}
	for _, note := range r.rows("visit_notes", dbx.HashExp{"visit": v.Id, "signed_at": ""}) {
		counts = stampsOf(note)
	}
	all, err := examinationOf(r.app.DB(), v.GetString("patient"))
	if err != nil {
		return err
	}
	p.Measures = []noteMeasure{}
	if !slices.ContainsFunc(all.Tests, func(t testSeries) bool { return t.Type == neckNRS }) {
		p.Measures = append(p.Measures, noteMeasure{Type: neckNRS, Unit: "score"})
	}
	for _, t := range all.Tests {
		if t.Unit == "" {
			continue
		}
		m := noteMeasure{Type: t.Type, Side: t.Side, Site: t.Site, Unit: t.Unit}
		for _, point := range t.Points {
			if taken[point.ID] != nil {
				m.ID, m.Value, m.Rev = point.ID, point.Value, counts["measures/"+point.ID].N
			} else if point.Value != nil {
				m.Last, m.LastOn = point.Value, point.On
			}
		}
		p.Measures = append(p.Measures, m)
	}
	slices.SortStableFunc(p.Measures, func(a, b noteMeasure) int { return neckFirst(a) - neckFirst(b) })
	return r.err
}

func neckFirst(m noteMeasure) int {
	if m.Type == neckNRS {
		return 0
	}
	return 1
}

// noteMeasure is a test with its last value before this visit, and the one of this visit.
type noteMeasure struct {
	Type   string     `json:"type"`
	Side   string     `json:"side"`
	Site   string     `json:"site"`
	Unit   string     `json:"unit"`
	Last   *float64   `json:"last"`
	LastOn clinic.Day `json:"lastOn"`
	ID     string     `json:"id"` // this visit's row; empty: not taken yet
	Value  *float64   `json:"value"`
	Rev    int        `json:"rev"`
}

type notePart struct {
	ID    string         `json:"id"`
	Rev   int            `json:"rev"`
	Value map[string]any `json:"value"`
}

type noteItem struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category string `json:"category"`
	Dose     string `json:"dose"`
}

type noteProposal struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind"` // up, back
	Variable string   `json:"variable"`
	From     *float64 `json:"from"`
	To       *float64 `json:"to"`
}
