package hooks

import (
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/triggers"
)

// tracked is what an analysis rests on, as far as one reader may see it.
type tracked struct {
	frame    frame
	today    clinic.Day
	diary    triggers.Diary
	factors  []triggers.Factor
	families []access.Family // of consent, in their order
	hash     string          // of all this
}

// trackedBy reads one patient's diary, factors and exposures. Nothing goes in that the right does not cover, so nothing of
// it can come out.
func (d *doors) trackedBy(db dbx.Builder, patient string, right access.Right) (tracked, error) {
	t, err := d.entriesTracked(db, patient, right)
	if err != nil {
		return t, err
	}
	if t.factors, err = factorsOf(db, patient, zoneOrNil(t.frame.Zone)); err != nil {
		return t, err
	}
	if right.Sees("menstrual_days") {
		starts, err := periodsOf(db, patient)
		if err != nil {
			return t, err
		}
		if len(starts) > 0 {
			t.families = append(t.families, access.Menstrual)
			t.factors = append(t.factors, triggers.MenstrualWindow(starts))
		}
	}
	t.hash = triggers.Fingerprint(t.diary, t.factors)
	return t, nil
}

func (d *doors) entriesTracked(db dbx.Builder, patient string, right access.Right) (t tracked, err error) {
	if t.frame, err = frameOf(db, patient, d.todayOf("UTC")); err != nil {
		return t, err
	}
	t.today = d.todayOf(t.frame.Zone)
	entries, err := entriesOf(db, patient, t.frame, right)
	if err != nil {
		return t, err
	}
	t.families = []access.Family{access.Diary}
	if len(entries.Doses) > 0 {
		t.families = append(t.families, access.Medication)
	}
	late, err := lateEntries(db, patient, zoneOrNil(t.frame.Zone))
	if err != nil {
		return t, err
	}
	t.diary = diaryFor(entries, t.frame, late, t.today)
	return t, nil
}

// diaryFor judges the days by what was entered in time.
func diaryFor(e diary.Entries, f frame, late lateness, today clinic.Day) triggers.Diary {
	out := triggers.Diary{Late: late.days}
	if f.planned {
		out.Start = f.Anchor
	}
	e.Attacks = slices.DeleteFunc(e.Attacks, func(a diary.Attack) bool { return late.attacks[a.ID] })
	e.Doses = slices.DeleteFunc(e.Doses, func(d diary.Dose) bool { return late.doses[d.Taken.UnixMilli()] })
	if first := diary.FirstRecorded(e, today); first.Valid() {
		out.Days = diary.Days(e, f.Profile, first, today)
	}
	return out
}

// lateness is what was entered more than 7 days after its day.
type lateness struct {
	days    map[clinic.Day]bool // of check-ins
	attacks map[string]bool
	doses   map[int64]bool // by their instant
}

func lateEntries(db dbx.Builder, patient string, home *time.Location) (l lateness, err error) {
	l = lateness{map[clinic.Day]bool{}, map[string]bool{}, map[int64]bool{}}
	for _, q := range []struct {
		sql  string
		late func(row entered, day clinic.Day)
	}{
		{"SELECT id, day, '' AS at, tz, entered_at, created, source FROM diary_days WHERE patient={:p}", func(_ entered, day clinic.Day) { l.days[day] = true }},
		{"SELECT id, '' AS day, started_at AS at, tz, entered_at, created, source FROM attacks WHERE patient={:p}", func(r entered, _ clinic.Day) { l.attacks[r.ID] = true }},
		{"SELECT id, '' AS day, taken_at AS at, tz, entered_at, created, source FROM medication_doses WHERE patient={:p}", func(r entered, _ clinic.Day) { l.doses[r.At.Time().UnixMilli()] = true }},
	} {
		var rows []entered
		if err := db.NewQuery(q.sql).Bind(dbx.Params{"p": patient}).All(&rows); err != nil {
			return l, err
		}
		for _, r := range rows {
			if day, late := r.late(home); late {
				q.late(r, day)
			}
		}
	}
	return l, nil
}

// entered is when an entry was made, and for when.
type entered struct {
	ID      string         `db:"id"`
	Day     string         `db:"day"`
	At      types.DateTime `db:"at"`
	TZ      string         `db:"tz"`
	Entered types.DateTime `db:"entered_at"`
	Created types.DateTime `db:"created"`
	Source  string         `db:"source"`
}

// late goes by the phone's clock at entry. Of an import that does not say when it was written, nothing is known, and
// unknown is not late: weather is measured, not remembered.
func (r entered) late(home *time.Location) (clinic.Day, bool) {
	zone := zoneOrNil(r.TZ)
	if zone == nil {
		zone = home
	}
	if zone == nil {
		zone = time.UTC
	}
	day := dayOrNone(r.Day)
	if day == 0 {
		day = clinic.DayOf(r.At.Time(), zone)
	}
	if r.Source == "import" && r.Entered.IsZero() {
		return day, false
	}
	return day, diary.Lateness(day, r.Entered.Time(), r.Created.Time(), zone).TooLateForTriggers
}

// factorsOf are the factors of a patient with what was said of each day, by name.
func factorsOf(db dbx.Builder, patient string, home *time.Location) ([]triggers.Factor, error) {
	var rows []struct {
		ID       string           `db:"id"`
		Code     string           `db:"code"`
		Name     string           `db:"name"`
		Kind     triggers.Kind    `db:"kind"`
		Lag      int              `db:"lag"`
		Prodrome bool             `db:"prodrome_possible"`
		Rule     triggers.CutRule `db:"cut_rule"`
		At       types.JSONRaw    `db:"cut_at"`
	}
	err := db.NewQuery("SELECT id, code, name, kind, lag, prodrome_possible, cut_rule, cut_at FROM triggers WHERE patient={:p} ORDER BY name, id").
		Bind(dbx.Params{"p": patient}).All(&rows)
	if err != nil {
		return nil, err
	}
	exposures, err := exposuresOf(db, patient, home)
	if err != nil {
		return nil, err
	}
	answers, err := answersOf(db, patient)
	factors := []triggers.Factor{}
	for _, r := range rows {
		f := triggers.Factor{ID: r.ID, Code: r.Code, Name: r.Name, Kind: r.Kind, Lag: r.Lag, Prodrome: r.Prodrome, Cut: triggers.Cut{Rule: r.Rule}, Exposures: exposures[r.ID]}
		f.Cut.At, _ = answer(r.At).(float64)
		if f.Exposures == nil {
			f.Exposures = map[clinic.Day]triggers.Exposure{}
		}
		if entry, _ := triggers.InCatalogue(r.Code); entry.Answer != "" {
			for day, amount := range answers[entry.Answer] { // the check-in has asked already; what was said here comes first
				if _, said := f.Exposures[day]; !said {
					f.Exposures[day] = triggers.Exposure{Amount: &amount}
				}
			}
		}
		factors = append(factors, f)
	}
	return factors, err
}

func exposuresOf(db dbx.Builder, patient string, home *time.Location) (map[string]map[clinic.Day]triggers.Exposure, error) {
	var rows []struct {
		entered
		Trigger string        `db:"trigger"`
		Exposed types.JSONRaw `db:"exposed"`
		Value   types.JSONRaw `db:"value"`
	}
	err := db.NewQuery("SELECT id, trigger, day, '' AS at, '' AS tz, entered_at, created, source, exposed, value FROM trigger_exposures WHERE patient={:p}").
		Bind(dbx.Params{"p": patient}).All(&rows)
	out := map[string]map[clinic.Day]triggers.Exposure{}
	for _, r := range rows {
		day, late := r.late(home)
		x := triggers.Exposure{Met: yesNo(r.Exposed), Late: late}
		if amount, ok := answer(r.Value).(float64); ok {
			x.Amount = &amount
		}
		if out[r.Trigger] == nil {
			out[r.Trigger] = map[clinic.Day]triggers.Exposure{}
		}
		out[r.Trigger][day] = x
	}
	return out, err
}

// answersOf are the numbers of the daily check-in that factors of the catalogue read, by column and day.
func answersOf(db dbx.Builder, patient string) (map[string]map[clinic.Day]float64, error) {
	out := map[string]map[clinic.Day]float64{}
	columns := []string{"day"}
	for _, e := range triggers.Catalogue {
		if e.Answer != "" && out[e.Answer] == nil {
			out[e.Answer] = map[clinic.Day]float64{}
			columns = append(columns, e.Answer)
		}
	}
	var rows []dbx.NullStringMap
	err := db.Select(columns...).From("diary_days").Where(dbx.HashExp{"patient": patient}).All(&rows)
	for _, r := range rows {
		for _, column := range columns[1:] {
			if n, ok := answer(types.JSONRaw(r[column].String)).(float64); ok {
				out[column][dayOrNone(r["day"].String)] = n
			}
		}
	}
	return out, err
}

func periodsOf(db dbx.Builder, patient string) (starts []clinic.Day, err error) {
	var days []string
	err = db.NewQuery("SELECT day FROM menstrual_days WHERE patient={:p} AND started='true' ORDER BY day").Bind(dbx.Params{"p": patient}).Column(&days)
	for _, text := range days {
		if day := dayOrNone(text); day.Valid() {
			starts = append(starts, day)
		}
	}
	return starts, err
}
