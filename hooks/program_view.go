package hooks

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/program"
)

// programView answers GET /api/patients/{id}/program. Every share comes with what it rests on; value is null where nothing was
// prescribed, and the whole is null where the patient does not share it.
type programView struct {
	Patient     string          `json:"patient"`
	Zone        string          `json:"zone"`
	Day         clinic.Day      `json:"day"`
	Mark        program.Mark    `json:"mark"` // why the day is excused; empty: it is not
	Items       []itemView      `json:"items"`
	Swapped     []itemView      `json:"swapped"`     // in force, and left out on this day
	Unconfirmed []itemView      `json:"unconfirmed"` // for the team: prefilled, and not prescribed yet
	Adherence   *adherenceView  `json:"adherence"`
	Week        *weekView       `json:"week"`
	DataDays30  *int            `json:"dataDays30"` // distinct days with an entry among thirty
	Proposals   []proposalView  `json:"proposals"`  // for the team
	NotShared   []access.Family `json:"notShared"`
}

type itemView struct {
	ID           string            `json:"id"`
	Code         string            `json:"code"`
	Name         string            `json:"name"`
	Category     careplan.Category `json:"category"`
	Aim          string            `json:"aim"`
	Region       string            `json:"region"`
	Horizon      string            `json:"horizon"`
	Version      int               `json:"version"`
	Since        clinic.Day        `json:"since"`
	Cause        program.Cause     `json:"cause"`
	Dose         program.Dose      `json:"dose"` // of the day: half where halved
	Halved       bool              `json:"halved"`
	Weekdays     []string          `json:"weekdays"`
	Due          bool              `json:"due"`
	Done         int               `json:"done"`
	Reasons      []program.Reason  `json:"reasons"`
	Instructions string            `json:"instructions"`
	Stop         string            `json:"stop"`
	Caution      string            `json:"caution"`
	Source       string            `json:"source"`
	Drawing      string            `json:"drawing"` // address of the line drawing; empty: none
	AttackOK     bool              `json:"attackOk"`
}

type shareView struct {
	Done  int      `json:"done"`
	Of    int      `json:"of"`
	Value *float64 `json:"value"`
}

type adherenceView struct {
	From     clinic.Day `json:"from"`
	To       clinic.Day `json:"to"`
	Raw      shareView  `json:"raw"`
	Adjusted shareView  `json:"adjusted"`
	Excused  int        `json:"excused"`
}

type weekView struct {
	All      program.Week `json:"all"`
	Aerobic  program.Week `json:"aerobic"`
	Strength program.Week `json:"strength"`
}

const adherenceDays = 28

func (d *doors) programAnswer(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRightTo(e, e.App.DB(), patient, "exercises", "program")
	if err != nil {
		return err
	}
	var day clinic.Day
	if asked := e.Request.URL.Query().Get("day"); asked != "" {
		if day, err = clinic.ParseDay(asked); err != nil {
			return refuse(http.StatusBadRequest, withField(hard("E_DAY", "No day of the calendar: day."), "day"))
		}
	}
	g, err := d.regimenOf(e.App, patient, day, right)
	if err != nil {
		return err
	}
	out, err := g.view(e.App)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (g *regimen) view(app core.App) (programView, error) {
	p := g.person
	out := programView{Patient: g.patient, Zone: g.zone.String(), Day: p.Today, Mark: p.Marks[p.Today], Items: []itemView{}, Swapped: []itemView{}, Unconfirmed: []itemView{},
		Proposals: []proposalView{}, NotShared: []access.Family{}}
	shown, swapped := program.Today(g.items, g.logs, p)
	for _, s := range shown {
		v := g.itemView(s.Item)
		v.Version, v.Dose, v.Halved, v.Due, v.Done, v.Reasons = s.Version, s.Dose, s.Halved, s.Due, s.Done, s.Reasons
		out.Items = append(out.Items, v)
	}
	for _, s := range swapped {
		v := g.itemView(s.Item)
		v.Reasons = []program.Reason{s.Reason}
		out.Swapped = append(out.Swapped, v)
	}
	for _, it := range g.items {
		row, staff := g.rows[it.ID], g.right.Has(access.Therapist, access.Assistant)
		if staff && row.GetDateTime("confirmed_at").IsZero() && row.GetString("stopped_on") == "" {
			out.Unconfirmed = append(out.Unconfirmed, g.itemView(it.ID))
		}
	}
	for collection, family := range map[string]access.Family{"exercise_logs": access.Exercise, "diary_days": access.Diary} {
		if !g.right.Sees(collection) {
			out.NotShared = append(out.NotShared, family)
		}
	}
	slices.Sort(out.NotShared)
	if g.right.Sees("exercise_logs") {
		g.numbers(&out)
	}
	var err error
	if g.right.Sees("progression_proposals") {
		out.Proposals, err = g.proposals(app)
	}
	return out, err
}

// itemView is an exercise with the version in force on the day.
func (g *regimen) itemView(id string) itemView {
	r := g.rows[id]
	v := itemView{ID: id, Code: r.GetString("code"), Name: r.GetString("name"), Category: careplan.Category(r.GetString("category")), Aim: r.GetString("aim"), Region: r.GetString("region"),
		Horizon: r.GetString("horizon"), Dose: doseOf(r), Weekdays: append([]string{}, r.GetStringSlice("weekdays")...), Reasons: []program.Reason{},
		Instructions: r.GetString("instructions"), Stop: r.GetString("stop"), Caution: r.GetString("caution"), Source: r.GetString("source"), AttackOK: r.GetBool("attack_ok")}
	if r.GetBool("drawn") {
		v.Drawing = "/exercises/" + r.GetString("code") + ".svg"
	}
	for _, it := range g.items {
		if inForce, ok := it.On(g.person.Today); ok && it.ID == id {
			v.Version, v.Since, v.Cause, v.Dose, v.Weekdays = inForce.Number, inForce.From, inForce.Cause, inForce.Dose, []string{}
			for _, day := range inForce.Weekdays {
				v.Weekdays = append(v.Weekdays, weekdays[day])
			}
		}
	}
	return v
}

// numbers of what was done: adherence over four weeks of days that have passed, S-44's week, days with data.
func (g *regimen) numbers(out *programView) {
	to := g.person.Today.Add(-1)
	k := g.kept(to.Add(1-adherenceDays), to)
	out.Adherence = &adherenceView{From: to.Add(1 - adherenceDays), To: to, Raw: share(k.Raw()), Adjusted: share(k.Adjusted()), Excused: k.Excused}
	var all, aerobic, strength []program.Log
	for id, logs := range g.logs {
		all = append(all, logs...)
		row := g.rows[id]
		switch kind := cmp.Or(row.GetString("modality"), row.GetString("aim")); kind {
		case "aerobic":
			aerobic = append(aerobic, logs...)
		case "strength":
			strength = append(strength, logs...)
		}
	}
	out.Week = &weekView{All: program.WeekOf(all, g.person.Today), Aerobic: program.WeekOf(aerobic, g.person.Today), Strength: program.WeekOf(strength, g.person.Today)}
	days := program.DataDays(all, g.person.Today)
	out.DataDays30 = &days
}

func share(s careplan.Share) shareView { return shareView{Done: s.Done, Of: s.Of, Value: s.Value()} }
