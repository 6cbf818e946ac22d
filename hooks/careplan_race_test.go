package hooks_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/hookstest"
)

// Many people work on one plan at the same moment. What they may do together is what they may do one after another, and
// afterwards the plan is whole.

// newYork is where the clinic's dates are counted.
var newYork = sync.OnceValue(func() *time.Location {
	zone, err := clinic.LoadZone("America/New_York")
	if err != nil {
		panic(err) // the zone data is compiled in
	}
	return zone
})

func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano() % 1e9)
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 4))
}

// together runs them all at once.
func together(acts ...func()) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for _, act := range acts {
		all.Go(func() {
			<-start
			act()
		})
	}
	close(start)
	all.Wait()
}

func times(n int, act func()) []func() { return slices.Repeat([]func(){act}, n) }

// TestRaceForTheVisits: a hundred times somebody comes, walks in, cancels or leaves again, at four desks. The review of visit 6
// holds them up, then the eight visits planned, then the ten that an extension allows. A day counts once.
func TestRaceForTheVisits(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.edit("plans", p.plan, map[string]any{"planned_visits": 8})
	p.signs()
	p.on("2026-02-10")
	r := &rush{practice: p, random: seeded(t), numbers: map[int]bool{1: true}}

	r.hours(34, 6, "E_REVIEW6_DUE")
	if n := p.count("tasks", "code='REVIEW_6' AND state='open'"); n != 1 {
		t.Errorf("%d reviews are due after visit 6", n)
	}
	reviewed(p)
	r.hours(33, 8, "E_OVER_PLANNED")
	p.ask200(extending(map[string]any{"kind": "visits", "maxVisits": 10})(p))
	r.hours(33, 10, "E_VISIT_LIMIT")

	if n := p.count("tasks", "code='REVIEW_6'"); n != 1 || p.count("tasks", "code='REVIEW_6' AND state='done'") != 1 {
		t.Errorf("%d reviews of visit 6", n)
	}
	if n := p.count("flags", "code='F_WELLNESS_DECISION'"); n != 1 || p.count("flags", "code='F_WELLNESS_DECISION' AND state='standing'") != 1 {
		t.Errorf("%d decisions about wellness", n)
	}
}

// rush is a busy day at the desks.
type rush struct {
	*practice
	random *rand.Rand

	mu      sync.Mutex
	numbers map[int]bool // what completed visits were told to be the number of
}

// hours plays so many people at once; then the days that are left are offered one by one until the limit refuses.
func (r *rush) hours(people, limit int, code string) {
	r.t.Helper()
	var acts []func()
	for range people {
		who, day := []string{"thera", "tess", "assi", "desk"}[r.random.IntN(4)], r.someDay()
		planned := ""
		if r.random.IntN(2) == 0 {
			planned = r.planned(day)
		}
		switch r.random.IntN(5) {
		case 0:
			acts = append(acts, func() { r.cancels(who, planned, day, code) })
		case 1:
			acts = append(acts, func() { r.leaves(who, planned, day, code) })
		case 2: // two desks see the same patient come
			acts = append(acts, func() { r.comes(who, planned, day, code) }, func() { r.comes("desk", planned, day, code) })
		default:
			acts = append(acts, func() { r.comes(who, planned, day, code) })
		}
	}
	together(acts...)
	if n := len(r.days("'checked_in', 'completed', 'completed_partial'")); n > limit {
		r.t.Fatalf("%d of %d visits after the rush", n, limit)
	}
	for day := clinic.MustDay("2026-01-06"); len(r.days("'completed'")) < limit && !r.t.Failed(); day++ {
		r.comes("thera", "", day.String(), "")
	}
	r.atTheLimit(limit, code)
}

// atTheLimit another day is not let in, and each visit has had its number.
func (r *rush) atTheLimit(limit int, code string) {
	r.t.Helper()
	days := r.days("'completed'")
	day := clinic.MustDay("2026-01-06")
	for slices.Contains(days, day.String()) {
		day++
	}
	a := r.h.Do("desk", "POST", "/api/collections/visits/records", r.walkIn(day.String()))
	if a.Status != 422 || !a.Has(code) {
		r.t.Errorf("visit %d: %d %s", limit+1, a.Status, a.Text)
	}
	for n := range limit {
		if !r.numbers[n+1] {
			r.t.Errorf("no visit was number %d", n+1)
		}
	}
	if len(days) != limit || len(r.numbers) != limit {
		r.t.Errorf("visits on %v, numbered %v", days, slices.Sorted(maps.Keys(r.numbers)))
	}
	r.whole()
}

func (r *rush) someDay() string {
	return clinic.MustDay("2026-01-06").Add(r.random.IntN(35)).String()
}

func (r *rush) walkIn(day string) map[string]any {
	return map[string]any{"patient": annas, "plan": r.plan, "kind": "treatment", "mode": "in_person", "status": "checked_in", "started_at": day + " 15:00:00.000Z"}
}

func (r *rush) planned(day string) string {
	return r.ofPlan("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": day + " 15:00:00.000Z"})
}

// checksIn a planned visit, or one that nobody has planned; "" when it was refused.
func (r *rush) checksIn(who, planned, day, code string) string {
	a := hookstest.Answer{}
	if planned != "" {
		a = r.h.Do(who, "POST", "/api/visits/"+planned+"/transitions", map[string]any{"to": "checked_in", "startedAt": day + "T15:00:00Z"})
	} else {
		a = r.h.Do(who, "POST", "/api/collections/visits/records", r.walkIn(day))
	}
	if a.Status == 200 && planned == "" {
		return a.Body["id"].(string)
	}
	if a.Status == 200 {
		return planned
	}
	twice := planned != "" && a.Has("E_TRANSITION") // another desk was first
	if a.Status != 422 || !twice && !a.Has(code) {
		r.t.Errorf("%s checks in on %s: %d %s", who, day, a.Status, a.Text)
	}
	return ""
}

// comes is checked in, at the desk or not, and treated. After check-in, completing is never refused.
func (r *rush) comes(who, planned, day, code string) {
	visit := r.checksIn(who, planned, day, code)
	if visit == "" {
		return
	}
	if who == "desk" { // which neither treats nor sees the plan's numbers
		who = "assi"
	}
	a := r.h.Do(who, "POST", "/api/visits/"+visit+"/transitions", map[string]any{"to": "completed"})
	if a.Status != 200 {
		r.t.Errorf("%s completes a visit of %s: %d %s", who, day, a.Status, a.Text)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.numbers[int(a.Body["plan"].(map[string]any)["visitCount"].(float64))] = true
}

// leaves again before the treatment: the place is free for somebody else.
func (r *rush) leaves(who, planned, day, code string) {
	if visit := r.checksIn(who, planned, day, code); visit != "" {
		r.step(who, visit, "cancelled_patient")
	}
}

func (r *rush) cancels(who, planned, day, code string) {
	if planned == "" {
		r.leaves(who, planned, day, code)
		return
	}
	r.step(who, planned, []string{"cancelled_patient", "cancelled_clinic", "late_cancelled", "no_show"}[len(day+who)%4])
}

func (r *rush) step(who, visit, to string) {
	if a := r.h.Do(who, "PATCH", "/api/collections/visits/records/"+visit, map[string]any{"status": to}); a.Status != 200 {
		r.t.Errorf("%s marks a visit as %s: %d %s", who, to, a.Status, a.Text)
	}
}

// Two therapists change one plan as they both saw it. One wins; the other is told, and leaves no event.
func TestRaceOfTwoTherapists(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	p.on("2026-01-12")
	duel := func(thera, tess func(*practice) []call) {
		t.Helper()
		before := p.count("plan_events", "1=1")
		theras, tesses := thera(p)[0], tess(p)[0]
		var mu sync.Mutex
		answers := map[int]int{}
		try := func(who string, c call) func() {
			return func() {
				a := p.h.Do(who, c.method, c.path, c.body)
				mu.Lock()
				defer mu.Unlock()
				answers[a.Status]++
				if a.Status == 409 && !a.Has("E_STALE") {
					t.Errorf("%s: %s", who, a.Text)
				}
			}
		}
		together(append(times(3, try("thera", theras)), times(3, try("tess", tesses))...)...)
		if answers[200] != 1 || answers[409] != 5 {
			t.Errorf("the answers were %v", answers)
		}
		if now := p.count("plan_events", "1=1"); now != before+1 {
			t.Errorf("%d events became %d", before, now)
		}
		p.whole()
	}
	more := func(visits int) func(*practice) []call {
		return extending(map[string]any{"kind": "visits", "maxVisits": visits})
	}
	duel(more(8), extending(map[string]any{"kind": "time"}))
	duel(pausing("2026-01-20"), more(9))
	duel(more(10), more(10))
	duel(moving(map[string]any{"to": "discharged", "reason": "moved"}), moving(map[string]any{"to": "discharged", "reason": "patient_choice"}))
}

// Somebody has read a visit, and saves another field of it after it was corrected: the plan counts what is stored.
func TestRaceOfAStaleVisit(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	p.sees("2026-01-08")
	p.sees("2026-01-12")
	visit := p.found("visits", "started_at LIKE '2026-01-12%'")
	seen, err := p.h.App.FindRecordById("visits", visit)
	check(t, err)
	p.do("thera", "/api/visits/"+visit+"/transitions", map[string]any{"to": "completed", "startedAt": "2026-01-08T16:00:00Z"}, 200)
	seen.Set("attack_day", true)
	check(t, p.h.App.Save(seen))
	p.whole()
}

// The flag of week 6 is raised once, by ten looks at once while people write, and not again the day after. An extension lowers it.
func TestRaceOfTheDailyLook(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	p.sees("2026-01-08")
	p.on("2026-02-15")
	p.looks()
	if n := p.count("flags", "code='F_PAST_WEEK6'"); n != 0 {
		t.Fatalf("%d flags on the last day of week 6", n)
	}
	p.on("2026-02-16")
	together(append(times(10, p.looks), append(times(5, p.schedules), times(5, p.measuresNeck)...)...)...)
	p.on("2026-02-17")
	together(times(3, p.looks)...)
	flag := p.found("flags", "code='F_PAST_WEEK6'")
	if n := p.count("flags", "code='F_PAST_WEEK6'"); n != 1 || p.count("flags", "id='"+flag+"' AND state='standing' AND raised_on='2026-02-16'") != 1 {
		t.Errorf("%d flags after week 6", n)
	}
	if n := p.count("visits", "status='scheduled'"); n != 5 {
		t.Errorf("of five visits written meanwhile %d are there", n)
	}
	p.ask200(extending(map[string]any{"kind": "time"})(p))
	together(times(3, p.looks)...)
	if n := p.count("flags", "id='"+flag+"' AND state='withdrawn'"); n != 1 || p.count("flags", "code='F_PAST_WEEK6'") != 1 {
		t.Error("the flag stands after an extension")
	}
	p.whole()
}

// The server is down while week 6 ends, and while a holiday begins. It sees both when it comes back, once.
func TestTheDaysOfDowntimeAreSeen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		since    int // the plan began so many days ago
		given    func(p *practice, ago func(int) string)
		happened string
	}{
		"week 6 is over": {since: 43, given: func(*practice, func(int) string) {},
			happened: "SELECT COUNT(*) FROM flags WHERE code='F_PAST_WEEK6' AND state='standing'"},
		"a holiday began": {since: 10, given: func(p *practice, ago func(int) string) { p.ask200(pausing(ago(1))(p)) },
			happened: "SELECT COUNT(*) FROM plan_events JOIN plans ON plans.id=plan_events.plan WHERE to_state='paused' AND from_state='active' AND holds_from=paused_since"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			today := clinic.DayOf(time.Now(), newYork())
			ago := func(days int) string { return today.Add(-days).String() }
			p := newPractice(t, ago(c.since))
			p.evaluates()
			p.signs()
			p.on(ago(2))
			c.given(p, ago)
			p.looks()
			seen := func() (n int) {
				check(t, p.h.App.DB().NewQuery(c.happened).Row(&n))
				return n
			}
			if n := seen(); n != 0 {
				t.Fatalf("seen %d times too early", n)
			}
			for range 2 {
				p.h = p.h.Reopen() // its clock is the machine's: two days have gone by
				if n := seen(); n != 1 {
					t.Errorf("seen %d times by the start", n)
				}
				together(append(times(10, p.looks), times(5, p.schedules)...)...)
				if n := seen(); n != 1 {
					t.Errorf("seen %d times by many looks", n)
				}
			}
			p.whole()
		})
	}
}

// looks is what the server does each hour.
func (p *practice) looks() {
	for _, job := range p.h.App.Cron().Jobs() {
		if job.Id() == "careplan" {
			job.Run()
			return
		}
	}
	p.t.Error("there is no hourly look at the plans")
}

func (p *practice) schedules() {
	p.writes("visits", map[string]any{"kind": "treatment", "mode": "video", "status": "scheduled", "scheduled_at": p.instant()})
}

func (p *practice) measuresNeck() {
	p.writes("plan_measures", map[string]any{"domain": "neck_function", "metric": "NDI", "value": 9, "measured_on": p.day})
}

// writes from any goroutine.
func (p *practice) writes(collection string, fields map[string]any) {
	fields["patient"], fields["plan"] = annas, p.plan
	if a := p.h.Do("thera", "POST", "/api/collections/"+collection+"/records", fields); a.Status != 200 {
		p.t.Errorf("%s: %d %s", collection, a.Status, a.Text)
	}
}

// Several visits in one request are all taken or none, and many such requests at once still share the visits that are left.
func TestRaceOfBatches(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	batch := &p.h.App.Settings().Batch
	batch.Enabled, batch.MaxRequests, batch.Timeout = true, 50, 60
	p.evaluates()
	p.signs()
	for _, day := range []string{"2026-01-08", "2026-01-12", "2026-01-15", "2026-01-19"} {
		p.sees(day)
	}
	p.on("2026-02-10")
	p.changesNothing(func() {
		// the first visit is number 6, the second would be number 7
		if a := p.batch("thera", append(attends("visitofbatch001", p.plan, "2026-01-22"), attends("visitofbatch002", p.plan, "2026-01-23")...)); a.Status != 400 || !strings.Contains(a.Text, "E_REVIEW6_DUE") {
			t.Errorf("a batch with a visit too many: %d %s", a.Status, a.Text)
		}
		// a plan that is signed by a batch, and a visit without its plan's leave
		forged := []call{attends("visitofbatch003", p.plan, "2026-01-22")[0], {"PATCH", "/api/collections/plans/records/" + p.plan, map[string]any{"planned_visits": 10}}}
		if a := p.batch("thera", forged); a.Status != 400 {
			t.Errorf("a batch that changes what was signed: %d %s", a.Status, a.Text)
		}
	})
	if a := p.batch("desk", attends("visitofbatch004", p.plan, "2026-01-22")); a.Status != 200 {
		t.Fatalf("a batch of one visit: %d %s", a.Status, a.Text)
	}
	reviewed(p)
	p.ask200(extending(map[string]any{"kind": "visits", "maxVisits": 9})(p)) // three are left: room for one pair
	var mu sync.Mutex
	taken := 0
	var acts []func()
	for i := range 8 {
		day := clinic.MustDay("2026-01-24").Add(2 * i)
		pair := append(attends(fmt.Sprintf("visitofpair00%da", i), p.plan, day.String()), attends(fmt.Sprintf("visitofpair00%db", i), p.plan, day.Add(1).String())...)
		acts = append(acts, func() {
			a := p.batch([]string{"thera", "tess", "assi", "desk"}[i%4], pair)
			mu.Lock()
			defer mu.Unlock()
			if a.Status == 200 {
				taken++
			} else if a.Status != 400 || !strings.Contains(a.Text, "E_OVER_PLANNED") {
				t.Errorf("a pair of visits: %d %s", a.Status, a.Text)
			}
		})
	}
	together(acts...)
	if n := p.count("visits", "id LIKE 'visitofpair%'"); taken != 1 || n != 2 {
		t.Errorf("%d pairs were taken, %d visits are there", taken, n)
	}
	if days := p.days("'completed'"); len(days) != 8 {
		t.Errorf("visits on %v", days)
	}
	p.whole()
}

// attends: a visit of that day, checked in and completed.
func attends(id, plan, day string) []call {
	return []call{
		{"POST", "/api/collections/visits/records", map[string]any{"id": id, "patient": annas, "plan": plan, "kind": "treatment", "mode": "in_person", "status": "checked_in", "started_at": day + " 15:00:00.000Z"}},
		{"PATCH", "/api/collections/visits/records/" + id, map[string]any{"status": "completed"}},
	}
}

func (p *practice) batch(who string, calls []call) hookstest.Answer {
	var requests []map[string]any
	for _, c := range calls {
		requests = append(requests, map[string]any{"method": c.method, "url": c.path, "body": c.body})
	}
	return p.h.Do(who, "POST", "/api/batch", map[string]any{"requests": requests})
}

// whole: what is stored is what events and visits tell, by the room's own invariants and by plain SQL.
func (p *practice) whole() {
	p.t.Helper()
	for _, broken := range careplan.Check(p.history(), careplan.Default()) {
		p.t.Errorf("%s: %s", broken.Code, broken.Message)
	}
	r, err := p.h.App.FindRecordById("plans", p.plan)
	check(p.t, err)
	var versions []int
	check(p.t, p.h.App.DB().NewQuery("SELECT version FROM plan_events WHERE plan='"+p.plan+"' ORDER BY version").Column(&versions))
	for i, version := range versions {
		if version != i+1 {
			p.t.Errorf("the versions of the events are %v", versions)
			break
		}
	}
	last := ""
	check(p.t, p.h.App.DB().NewQuery("SELECT to_state FROM plan_events WHERE plan='"+p.plan+"' ORDER BY version DESC").Row(&last))
	if r.GetString("state") != last || r.GetInt("version") != len(versions) {
		p.t.Errorf("the plan is %s at version %d, its events say %s at %d", r.GetString("state"), r.GetInt("version"), last, len(versions))
	}
	if days := p.days("'completed', 'completed_partial'"); len(days) != r.GetInt("visit_count") || days[0] != r.GetString("start_date") {
		p.t.Errorf("%d visits since %s are stored, of %v", r.GetInt("visit_count"), r.GetString("start_date"), days)
	}
	for what, twice := range map[string]string{
		"open plans of one episode": "SELECT patient FROM plans WHERE state IN ('active', 'paused', 'extended') GROUP BY patient, episode HAVING COUNT(*)>1",
		"tasks of one occasion":     "SELECT key FROM tasks GROUP BY plan, key HAVING COUNT(*)>1",
		"flags of one occasion":     "SELECT key FROM flags GROUP BY plan, key HAVING COUNT(*)>1",
	} {
		var found []string
		check(p.t, p.h.App.DB().NewQuery(twice).Column(&found))
		if len(found) > 0 {
			p.t.Errorf("several %s: %v", what, found)
		}
	}
}

// days are the local dates of the plan's visits that stand there, each once, in order.
func (p *practice) days(statuses string) []string {
	p.t.Helper()
	var at []string
	check(p.t, p.h.App.DB().NewQuery("SELECT started_at FROM visits WHERE plan='"+p.plan+"' AND status IN ("+statuses+")").Column(&at))
	days := map[string]bool{}
	for _, text := range at {
		started, err := time.Parse("2006-01-02 15:04:05.000Z", text)
		check(p.t, err)
		days[started.In(newYork()).Format(time.DateOnly)] = true
	}
	return slices.Sorted(maps.Keys(days))
}

func (p *practice) count(table, where string) (n int) {
	p.t.Helper()
	check(p.t, p.h.App.DB().NewQuery("SELECT COUNT(*) FROM "+table+" WHERE "+where).Row(&n))
	return n
}

// history reads the plan's row, events and visits as the room knows them.
func (p *practice) history() careplan.Plan {
	p.t.Helper()
	r, err := p.h.App.FindRecordById("plans", p.plan)
	check(p.t, err)
	out := careplan.Plan{ID: r.Id, Zone: newYork()}
	events, err := p.h.App.FindRecordsByFilter("plan_events", "plan='"+p.plan+"'", "version", 0, 0)
	check(p.t, err)
	for _, e := range events {
		event := careplan.Event{Kind: careplan.EventKind(e.GetString("kind")), From: careplan.State(e.GetString("from_state")), To: careplan.State(e.GetString("to_state")),
			On: p.dayIn(e.GetString("holds_from")), At: e.GetDateTime("at").Time(), By: careplan.Person{ID: e.GetString("actor")}, Version: e.GetInt("version")}
		check(p.t, e.UnmarshalJSONField("detail", &event.Detail))
		out.Events = append(out.Events, event)
	}
	out = out.Replay()
	out.State, out.Version, out.VisitCount = careplan.State(r.GetString("state")), r.GetInt("version"), r.GetInt("visit_count")
	out.Start, out.SignedOn, out.ClosedOn = p.dayIn(r.GetString("start_date")), p.dayIn(r.GetString("signed_on")), p.dayIn(r.GetString("closed_on"))
	out.Terms = careplan.Terms{PlannedVisits: r.GetInt("planned_visits"), PerWeek: r.GetInt("per_week"), PlannedEnd: p.dayIn(r.GetString("planned_end"))}
	visits, err := p.h.App.FindRecordsByFilter("visits", "plan='"+p.plan+"'", "", 0, 0)
	check(p.t, err)
	for _, v := range visits {
		visit := careplan.Visit{ID: v.Id, Kind: careplan.VisitKind(v.GetString("kind")), Status: careplan.VisitStatus(v.GetString("status")),
			ScheduledAt: v.GetDateTime("scheduled_at").Time(), StartedAt: v.GetDateTime("started_at").Time()}
		check(p.t, v.UnmarshalJSONField("needs_reason", &visit.NeedsReason))
		out.Visits = append(out.Visits, visit)
	}
	return out
}

func (p *practice) dayIn(text string) clinic.Day {
	if text == "" {
		return 0
	}
	day, err := clinic.ParseDay(text)
	check(p.t, err)
	return day
}
