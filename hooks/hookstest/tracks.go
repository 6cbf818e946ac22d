package hookstest

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/entry"
	"interictal/hooks/triggers"
)

// watched is a factor that a made-up patient tracks: how often she meets it, and how often on the day before an attack.
type watched struct {
	code, name    string
	usual, before float64
}

var watchedBy = map[string][]watched{
	"ada": {{"chocolate", "Chocolate", 0.3, 0.35}, {"screen_time", "Long at a screen", 0.4, 0.4}, {"", "Loud street", 0.25, 0.4}},
	"dana": {{"chocolate", "Chocolate", 0.3, 0.3}, {"neck_stiffness", "A stiff neck", 0.15, 0.85}, {"screen_time", "Long at a screen", 0.35, 0.75},
		{"travel", "Travel", 0.15, 0.15}},
}

// tracks writes what she met on the days that she answered. Like home it has a chance of its own, so that diaries stay what they were.
func (g *Generator) tracks(p Persona, patient string, from, last clinic.Day) {
	factors := watchedBy[p.ID]
	if g.err != nil || len(factors) == 0 {
		return
	}
	answered, begins, err := g.daysOf(patient)
	if g.err = err; err != nil {
		return
	}
	h := fnv.New64a()
	h.Write([]byte(patient))
	chance := rand.New(rand.NewPCG(h.Sum64(), 2))
	g.feels(patient, from, last, chance)
	for _, f := range factors {
		id := patient + strings.ReplaceAll(f.code, "_", "")
		if f.code == "" {
			id = patient + "own"
		}
		known, _ := triggers.InCatalogue(f.code)
		g.make("triggers", id, map[string]any{"patient": patient, "name": f.name, "code": f.code, "kind": "yes_no", "lag": 1, "prodrome_possible": known.Prodrome,
			"food": known.Food, "track_until": last.Add(120).String()})
		for day := from; day < last; day++ {
			share := f.usual
			if begins[day.Add(1).String()] {
				share = f.before
			}
			if met := chance.Float64() < share; answered[day.String()] {
				g.met(patient, id, day, met)
			}
		}
	}
}

// daysOf are the days with a check-in, and those on which an attack began.
func (g *Generator) daysOf(patient string) (answered, begins map[string]bool, err error) {
	answered, begins = map[string]bool{}, map[string]bool{}
	days, err := g.app.FindAllRecords("diary_days")
	if err != nil {
		return nil, nil, err
	}
	for _, r := range days {
		if r.GetString("patient") == patient {
			answered[r.GetString("day")] = true
		}
	}
	attacks, err := g.app.FindAllRecords("attacks")
	for _, r := range attacks {
		if r.GetString("patient") == patient {
			begins[clinic.DayOf(r.GetDateTime("started_at").Time(), g.zone).String()] = true
		}
	}
	return answered, begins, err
}

// feels is her weekly word on how well she is.
func (g *Generator) feels(patient string, from, last clinic.Day, chance *rand.Rand) {
	for day := from.Add(6); day < last.Add(-6) && g.err == nil; day = day.Add(7) {
		r, err := g.app.FindRecordById("diary_days", entry.DayID(patient, day.String()))
		if err != nil {
			continue // not answered that day
		}
		r.Set("wellbeing", 4+chance.IntN(3)+min(2, day.Sub(from)/21))
		g.err = g.app.Save(r)
	}
}

func (g *Generator) met(patient, trigger string, day clinic.Day, met bool) {
	at := day.Start(g.zone).Add(20 * time.Hour)
	g.make("trigger_exposures", entry.DayID(trigger, day.String()), map[string]any{"patient": patient, "trigger": trigger, "day": day.String(), "exposed": met,
		"entered_at": at, "entered_offset": offset(at, g.zone), "source": "phone"})
}
