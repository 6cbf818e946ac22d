package hooks

import (
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// timelineAnswer puts drug and other care on one axis of days (S-27). A day that nobody recorded is a gap and says so.
type timelineAnswer struct {
	Patient   string             `json:"patient"`
	Zone      string             `json:"zone"`
	Profile   diary.DayProfile   `json:"profile"`
	From      clinic.Day         `json:"from"`
	To        clinic.Day         `json:"to"`
	NotShared []access.Family    `json:"notShared"`
	Days      []timelineDay      `json:"days"`
	Attacks   []episode          `json:"attacks"`
	Medicines []timelineMedicine `json:"medicines"`
	Devices   []timelineUse      `json:"devices"` // sessions with a device, and cold
	Visits    []planBarVisit     `json:"visits"`
	Phases    []timelinePhase    `json:"phases"`
}

type timelineDay struct {
	Day      clinic.Day   `json:"day"`
	Recorded bool         `json:"recorded"`
	Headache clinic.YesNo `json:"headache"`
	Severe   clinic.YesNo `json:"modSevere"`
	Acute    clinic.YesNo `json:"acute"`
	Neck     clinic.NRS   `json:"neck"`
}

type timelineMedicine struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	Class      diary.Class      `json:"class"`
	Indication diary.Indication `json:"indication"`
	From       clinic.Day       `json:"from"` // empty: before anybody noted it
	To         clinic.Day       `json:"to"`   // empty: it goes on
}

type timelineUse struct {
	Kind string     `json:"kind"` // device, cold
	Mode string     `json:"mode"` // of a device: acute, preventive
	Name string     `json:"name"`
	Day  clinic.Day `json:"day"`
	N    int        `json:"n"`
}

// timelinePhase is a stretch of a plan in one state.
type timelinePhase struct {
	Plan  string     `json:"plan"`
	State string     `json:"state"` // before, active, paused, extended, after
	From  clinic.Day `json:"from"`
	To    clinic.Day `json:"to"`
}

// timeline answers GET /api/patients/{id}/timeline.
func (d *doors) timeline(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRightTo(e, e.App.DB(), patient, "plans", "timeline")
	if err != nil {
		return err
	}
	f, err := frameOf(e.App.DB(), patient, d.todayOf("UTC"))
	if err != nil {
		return err
	}
	query, today := e.Request.URL.Query(), d.todayOf(f.Zone)
	first := query.Get("from")
	if first == "" {
		first = usualStart(f, today).String()
	}
	from, to, broken := rangeOf(first, query.Get("to"), today)
	if len(broken) > 0 {
		return refuse(http.StatusBadRequest, broken...)
	}
	out, err := d.timelineIn(e.App, patient, f, right, from, to)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

// usualStart: four weeks before the plan, else twelve weeks; eight weeks at least and a year at most.
func usualStart(f frame, today clinic.Day) clinic.Day {
	from := today.Add(-83)
	if f.Anchor.Valid() {
		from = min(f.Anchor.Add(-28), today.Add(-55))
	}
	return max(from, today.Add(-364))
}

func (d *doors) timelineIn(app core.App, patient string, f frame, right access.Right, from, to clinic.Day) (timelineAnswer, error) {
	out := timelineAnswer{Patient: patient, Zone: f.Zone, Profile: f.Profile.Days, From: from, To: to, NotShared: []access.Family{}, Days: []timelineDay{}, Attacks: []episode{},
		Medicines: []timelineMedicine{}, Devices: []timelineUse{}, Visits: []planBarVisit{}, Phases: []timelinePhase{}}
	for _, c := range []string{"diary_days", "medications", "modality_sessions"} {
		if p, _ := access.Of(c); !right.Sees(c) {
			out.NotShared = append(out.NotShared, p.Family)
		}
	}
	r := &reader{app: app}
	if right.Sees("diary_days") {
		entries, err := entriesOf(app.DB(), patient, f, right)
		if err != nil {
			return out, err
		}
		for _, day := range diary.Days(entries, f.Profile, from, to) {
			out.Days = append(out.Days, timelineDay{day.Day, day.Recorded, day.Headache, day.ModSevere, day.Acute, day.Neck})
		}
		out.Attacks = episodesIn(entries, f.Profile.Merge, from, to)
	}
	if right.Sees("medications") {
		out.medicines(r, from, to)
	}
	if right.Sees("modality_sessions") {
		r.err = out.uses(app.DB(), patient, f.Zone)
	}
	if r.err == nil {
		r.err = d.phases(app, &out)
	}
	return out, r.err
}

func (t *timelineAnswer) medicines(r *reader, from, to clinic.Day) {
	for _, m := range r.rows("medications", dbx.HashExp{"patient": t.Patient}, "indication DESC", "started_on", "name") {
		x := timelineMedicine{m.Id, m.GetString("name"), diary.Class(m.GetString("drug_class")), diary.Indication(m.GetString("indication")), dayOrNone(m.GetString("started_on")), dayOrNone(m.GetString("stopped_on"))}
		if (x.From.Valid() && x.From > to) || (x.To.Valid() && x.To < from) {
			continue
		}
		t.Medicines = append(t.Medicines, x)
	}
}

// uses are sessions by day.
func (t *timelineAnswer) uses(db dbx.Builder, patient, zone string) error {
	var rows []struct {
		Kind    string         `db:"kind"`
		Mode    string         `db:"mode"`
		Name    string         `db:"name"`
		Started types.DateTime `db:"started_at"`
	}
	at := zoneOr(zone)
	err := db.NewQuery(`SELECT 'device' AS kind, s.mode, COALESCE(d.make||' '||d.model, '') AS name, s.started_at FROM neuromod_sessions s LEFT JOIN devices d ON d.id=s.device
WHERE s.patient={:p} AND s.state<>'next' AND s.started_at>={:from} AND s.started_at<{:until}
UNION ALL SELECT 'cold', '', '', started_at FROM modality_sessions WHERE patient={:p} AND type='cold' AND state<>'next' AND started_at>={:from} AND started_at<{:until} ORDER BY 4`).
		Bind(dbx.Params{"p": patient, "from": instantText(t.From.Start(at)), "until": instantText(t.To.Add(1).Start(at))}).All(&rows)
	for _, s := range rows {
		use := timelineUse{Kind: s.Kind, Mode: s.Mode, Name: s.Name, Day: clinic.DayOf(s.Started.Time(), at), N: 1}
		i := slices.IndexFunc(t.Devices, func(u timelineUse) bool {
			return u.Day == use.Day && u.Kind == use.Kind && u.Mode == use.Mode && u.Name == use.Name
		})
		if i >= 0 {
			t.Devices[i].N++
			continue
		}
		t.Devices = append(t.Devices, use)
	}
	return err
}

// phases of every plan that was signed, and the visits of all.
func (d *doors) phases(app core.App, t *timelineAnswer) error {
	var plans []string
	err := app.DB().NewQuery(`SELECT id FROM plans WHERE patient={:p} AND state NOT IN ('draft', 'voided') ORDER BY start_date, id`).Bind(dbx.Params{"p": t.Patient}).Column(&plans)
	if err != nil {
		return err
	}
	for _, id := range plans {
		c, err := d.chartOf(app, id, t.Patient)
		if err != nil {
			return err
		}
		bar := planBarOf(c, planToday(c.plan, d.clock.now()))
		for _, v := range bar.Visits {
			if v.Day >= t.From && v.Day.Valid() {
				t.Visits = append(t.Visits, v)
			}
		}
		t.Phases = append(t.Phases, phasesOf(bar, c.plan, t.To)...)
	}
	return nil
}

// phasesOf cuts a plan's time where it was paused, extended and closed.
func phasesOf(bar *planBar, p careplan.Plan, last clinic.Day) (out []timelinePhase) {
	if !p.Start.Valid() {
		return nil
	}
	end := last
	if p.ClosedOn.Valid() {
		end = min(p.ClosedOn, last)
	}
	add := func(state string, from, to clinic.Day) {
		if from <= to {
			out = append(out, timelinePhase{p.ID, state, from, to})
		}
	}
	extended := end.Add(1)
	for _, e := range p.Events {
		if e.To == careplan.Extended && e.On.Valid() {
			extended = min(extended, e.On)
		}
	}
	add("active", p.Start, min(end, extended.Add(-1)))
	add("extended", max(extended, p.Start), end)
	for _, pause := range bar.Pauses {
		to := end
		if pause.To.Valid() {
			to = min(pause.To, end)
		}
		add("paused", pause.From, to)
	}
	return out
}
