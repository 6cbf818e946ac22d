package hooks

import (
	"cmp"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/medication"
)

// timelineOf puts what a reader may see on one axis: medicines, the plan, and the days of its visits.
func timelineOf(db dbx.Builder, patient string, medicines []medication.Medicine, f frame, right access.Right) ([]timelineEvent, error) {
	out := []timelineEvent{}
	for _, e := range medication.Timeline(medicines) {
		out = append(out, timelineEvent{Event: e})
	}
	if right.Sees("plans") {
		var plans []struct {
			Start  string `db:"start_date"`
			Closed string `db:"closed_on"`
		}
		err := db.NewQuery("SELECT start_date, closed_on FROM plans WHERE patient={:p} AND state NOT IN ('draft', 'voided')").Bind(dbx.Params{"p": patient}).All(&plans)
		if err != nil {
			return nil, err
		}
		for _, p := range plans {
			out = appendDay(out, dayOrNone(p.Start), "plan_started", 0)
			out = appendDay(out, dayOrNone(p.Closed), "plan_closed", 0)
		}
		if out, err = appendVisits(db, out, patient, f.ClinicZone); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b timelineEvent) int { return cmp.Compare(a.Day, b.Day) })
	return out, nil
}

func appendDay(list []timelineEvent, day clinic.Day, what string, count int) []timelineEvent {
	if !day.Valid() {
		return list
	}
	return append(list, timelineEvent{Event: medication.Event{Day: day, What: what}, Count: count})
}

// appendVisits: a day with visits is one event.
func appendVisits(db dbx.Builder, list []timelineEvent, patient, zone string) ([]timelineEvent, error) {
	var began []types.DateTime
	err := db.NewQuery(`SELECT started_at FROM visits WHERE patient={:p} AND status IN ('completed', 'completed_partial') AND started_at<>'' ORDER BY started_at`).
		Bind(dbx.Params{"p": patient}).Column(&began)
	days := map[clinic.Day]int{}
	for _, at := range began {
		days[dayIn(at.Time(), "", zone)]++
	}
	for day, n := range days {
		list = appendDay(list, day, "visit", n)
	}
	return list, err
}
