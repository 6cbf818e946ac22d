package hooks

import (
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// Attacks as they are labelled and counted. Labels and episodes are worked out at each reading and never stored: an entry that
// comes late needs nothing recomputed, and the answer names the rules it was made with. A year costs milliseconds (BenchmarkAttacks).

// attacksAnswer is one patient's attacks and days from … to.
type attacksAnswer struct {
	Patient   string             `json:"patient"`
	Zone      string             `json:"zone"`
	Profile   diary.DayProfile   `json:"profile"`
	Merge     diary.MergeProfile `json:"merge"`
	Rules     string             `json:"rules"`
	From      clinic.Day         `json:"from"`
	To        clinic.Day         `json:"to"`
	NotShared []access.Family    `json:"notShared"`
	Entries   []attackEntry      `json:"entries"`
	Episodes  []episode          `json:"episodes"`
	Days      []attackDay        `json:"days"`
}

// attackDay is a day with its kinds; its list of classes is there when it is empty too.
type attackDay struct {
	diary.Day
	Classes []diary.Class `json:"classes"`
}

// attackEntry is one entry as it was written. It fits or does not fit the diary rule; it is no diagnosis.
type attackEntry struct {
	ID       string      `json:"id"`
	FirstDay clinic.Day  `json:"firstDay"`
	LastDay  clinic.Day  `json:"lastDay"`
	Open     bool        `json:"open"` // neither an end, nor "ended, nobody knows when"
	Label    attackLabel `json:"label"`
	Late     diary.Late  `json:"late"`
	// Joined: the patient's word on whether it counts as one with the attack before it; null leaves it to the rule.
	Joined clinic.YesNo `json:"joined"`
	// Over72h: yes, or null while the question "still going?" is open (M-72H).
	Over72h clinic.YesNo `json:"over72h"`
}

// attackLabel is the diary rule that an entry fits, and why: which criteria fail, which answers are missing.
type attackLabel struct {
	Kind    diary.Kind `json:"kind"`
	Rules   string     `json:"rules"`
	Fails   []string   `json:"fails"`
	Missing []string   `json:"missing"`
}

// episode is one attack as it is counted: entries that merge, or a chain of checked-in days.
type episode struct {
	First          clinic.Day  `json:"first"`
	Last           clinic.Day  `json:"last"`
	Entries        []string    `json:"entries"`
	Hours          *diary.Rate `json:"hours"` // null: an end, or the hour of the onset, is not known
	OnsetUncertain bool        `json:"onsetUncertain"`
}

// longestRange is two years: enough for a report, too little to read a life in one answer.
const longestRange = 732

func (d *doors) attacks(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRight(e, e.App.DB(), patient, "attacks")
	if err != nil {
		return err
	}
	var out attacksAnswer
	err = snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) error {
		f, err := frameOf(db, patient, d.todayOf("UTC"))
		if err != nil {
			return err
		}
		query := e.Request.URL.Query()
		from, to, broken := rangeOf(query.Get("from"), query.Get("to"), d.todayOf(f.Zone))
		if len(broken) > 0 {
			return refuse(http.StatusBadRequest, broken...)
		}
		out, err = d.attacksIn(db, patient, f, right, from, to)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

// rangeOf reads the range that is asked for: the last 28 days if nothing is said, never after today.
func rangeOf(first, last string, today clinic.Day) (from, to clinic.Day, broken []clinic.Broken) {
	to, broken = dayAsked("to", last, today)
	to = min(to, today)
	from, more := dayAsked("from", first, to.Add(-27))
	if broken = append(broken, more...); len(broken) == 0 && (to < from || to.Sub(from) >= longestRange) {
		broken = append(broken, withField(hard("E_RANGE", "Ask for one day to two years, up to today."), "from"))
	}
	return from, to, broken
}

func dayAsked(name, text string, otherwise clinic.Day) (clinic.Day, []clinic.Broken) {
	if text == "" {
		return otherwise, nil
	}
	d, err := clinic.ParseDay(text)
	if err != nil {
		return 0, []clinic.Broken{withField(hard("E_DAY", "No day of the calendar: "+name+"."), name)}
	}
	return d, nil
}

// attacksIn reads the whole diary of the patient: an episode may begin long before the range. The cost is that of her own entries.
func (d *doors) attacksIn(db dbx.Builder, patient string, f frame, right access.Right, from, to clinic.Day) (attacksAnswer, error) {
	out := attacksAnswer{Patient: patient, Zone: f.Zone, Profile: f.Profile.Days, Merge: f.Profile.Merge, Rules: diary.LabelRules, From: from, To: to,
		NotShared: notShared(right), Entries: []attackEntry{}, Days: []attackDay{}}
	e, err := entriesOf(db, patient, f, right)
	if err != nil {
		return out, err
	}
	written, err := writtenOf(db, patient)
	if err != nil {
		return out, err
	}
	for _, entry := range labelled(e, written, f.Zone, d.clock.now()) {
		if entry.FirstDay <= to && from <= entry.LastDay {
			out.Entries = append(out.Entries, entry)
		}
	}
	out.Episodes = episodesIn(e, f.Profile.Merge, from, to)
	for _, day := range diary.Days(e, f.Profile, from, to) {
		out.Days = append(out.Days, attackDay{day, append([]diary.Class{}, day.Classes...)})
	}
	return out, nil
}

// labelled are the entries with what the rules say of each.
func labelled(e diary.Entries, written map[string]writtenAt, zone string, now time.Time) (out []attackEntry) {
	calendar := diary.CalendarOf(e)
	doses := map[string][]diary.Dose{}
	for _, dose := range e.Doses {
		doses[dose.Attack] = append(doses[dose.Attack], dose)
	}
	for i, label := range diary.Labels(e) {
		a, w := e.Attacks[i], written[e.Attacks[i].ID]
		first, last := calendar.Span(a)
		x := attackEntry{ID: a.ID, FirstDay: first, LastDay: last, Open: a.End.IsZero() && !w.over, Late: w.late(first, zone), Joined: a.Joined, Over72h: diary.LastsTooLong(a, doses[a.ID], now),
			Label: attackLabel{label.Kind, label.Rules, append([]string{}, label.Fails...), append([]string{}, label.Missing...)}}
		if !x.Open && !x.Over72h.Known() {
			x.Over72h = clinic.No // it is over; the question would come too late
		}
		out = append(out, x)
	}
	return out
}

func episodesIn(e diary.Entries, m diary.MergeProfile, from, to clinic.Day) []episode {
	out := []episode{}
	for _, one := range diary.Merge(e, m) {
		if one.Last < from || one.First > to {
			continue
		}
		x := episode{First: one.First, Last: one.Last, Entries: append([]string{}, one.Attacks...), OnsetUncertain: one.OnsetUncertain}
		if one.Duration > 0 {
			hours := diary.Rate(one.Duration.Hours())
			x.Hours = &hours
		}
		out = append(out, x)
	}
	return out
}

// writtenAt is how an attack came to be written down.
type writtenAt struct {
	entered, received time.Time
	zone              string
	over              bool // ended, nobody knows when
}

func (w writtenAt) late(day clinic.Day, patients string) diary.Late {
	zone := zoneOrNil(w.zone)
	if zone == nil {
		zone = zoneOrNil(patients)
	}
	return diary.Lateness(day, w.entered, w.received, zone)
}

func writtenOf(db dbx.Builder, patient string) (map[string]writtenAt, error) {
	var rows []struct {
		ID      string         `db:"id"`
		Entered types.DateTime `db:"entered_at"`
		Created types.DateTime `db:"created"`
		TZ      string         `db:"tz"`
		Known   string         `db:"end_known"`
	}
	err := db.Select("id", "entered_at", "created", "tz", "end_known").From("attacks").Where(dbx.HashExp{"patient": patient}).All(&rows)
	out := make(map[string]writtenAt, len(rows))
	for _, r := range rows {
		out[r.ID] = writtenAt{r.Entered.Time(), r.Created.Time(), r.TZ, r.Known != ""}
	}
	return out, err
}
