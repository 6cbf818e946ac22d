package careplan

import (
	"fmt"
	"slices"

	"interictal/hooks/clinic"
)

// Task on a therapist's worklist. Its Key is the same however often it is found.
type Task struct {
	Key   string     `json:"key"`
	Code  Code       `json:"code"`
	Due   clinic.Day `json:"due"`
	State TaskState  `json:"state"`
	Visit string     `json:"visit,omitempty"`
	About []string   `json:"about,omitempty"` // codes, regions, domains
}

// TaskState as in the records.
type TaskState string

const (
	TaskOpen      TaskState = "open"
	TaskDone      TaskState = "done"
	TaskWithdrawn TaskState = "withdrawn" // what it was about is gone
)

// Flag stands until what it says is no longer so, or a person clears it. One that a person has cleared is not raised
// again under the same key; the key names the occasion.
type Flag struct {
	Key      string     `json:"key"`
	Code     Code       `json:"code"`
	RaisedOn clinic.Day `json:"raisedOn"`
	State    FlagState  `json:"state"`
	Message  string     `json:"message"`
	Params   params     `json:"params,omitempty"`
}

// FlagState of a flag.
type FlagState string

const (
	Standing  FlagState = "standing"
	Lowered   FlagState = "withdrawn" // by the rule
	ByAPerson FlagState = "cleared"
)

// worklist sets what should stand today against what does, and answers with the difference.
func (d *desk) worklist() ([]Task, []Flag) {
	var tasks []Task
	due := TasksOf(d.plan, d.profile)
	for _, want := range due {
		if t, changed := renewTask(d.plan.Tasks, want); changed {
			tasks = append(tasks, t)
		}
	}
	for _, t := range d.plan.Tasks {
		if t.State == TaskOpen && !slices.ContainsFunc(due, func(w Task) bool { return w.Key == t.Key }) {
			t.State = TaskWithdrawn
			tasks = append(tasks, t)
		}
	}
	flags := d.flagChanges()
	for _, t := range tasks {
		d.plan.Tasks = putTask(d.plan.Tasks, t)
	}
	for _, f := range flags {
		d.plan.Flags = putFlag(d.plan.Flags, f)
	}
	return tasks, flags
}

// renewTask: what was done stays done.
func renewTask(stored []Task, want Task) (Task, bool) {
	i := slices.IndexFunc(stored, func(t Task) bool { return t.Key == want.Key })
	if i < 0 {
		return want, want.State == TaskOpen
	}
	was := stored[i]
	if was.State == TaskDone {
		return was, false
	}
	return want, was.State != want.State || was.Due != want.Due || !slices.Equal(was.About, want.About)
}

func (d *desk) flagChanges() []Flag {
	var changes []Flag
	due := FlagsOn(d.plan, d.profile, d.today)
	for _, want := range due {
		i := slices.IndexFunc(d.plan.Flags, func(f Flag) bool { return f.Key == want.Key })
		if i < 0 || d.plan.Flags[i].State == Lowered {
			changes = append(changes, want)
		}
	}
	for _, f := range d.plan.Flags {
		if f.State == Standing && !slices.ContainsFunc(due, func(w Flag) bool { return w.Key == f.Key }) {
			f.State = Lowered
			changes = append(changes, f)
		}
	}
	return changes
}

func putTask(list []Task, t Task) []Task {
	if i := slices.IndexFunc(list, func(x Task) bool { return x.Key == t.Key }); i >= 0 {
		list[i] = t
		return list
	}
	return append(list, t)
}

func putFlag(list []Flag, f Flag) []Flag {
	if i := slices.IndexFunc(list, func(x Flag) bool { return x.Key == f.Key }); i >= 0 {
		list[i] = f
		return list
	}
	return append(list, f)
}

// TasksOf are the tasks that a history asks for, done or open.
func TasksOf(p Plan, f Profile) []Task {
	tasks := append(reasonTasks(p, f), regionTasks(p)...)
	if due := ReviewDay(p, f); due.Valid() && p.State.Open() {
		tasks = append(tasks, Task{Key: string(Review6Task), Code: Review6Task, Due: due, State: doneIf(p.reviewed(f))})
	}
	if p.State == Completed || p.State == Transitioned {
		missing := p.closingMissing()
		tasks = append(tasks, Task{Key: string(ClosingTask), Code: ClosingTask, Due: p.ClosedOn.Add(f.ClosingDue), State: doneIf(len(missing) == 0), About: missing})
	}
	return append(append(tasks, wellnessTasks(p)...), followUpTasks(p, f)...)
}

// wellnessTasks: a program that runs is looked at on its review day; a session from then on is the look.
func wellnessTasks(p Plan) []Task {
	w := p.Wellness
	if w == nil || w.End.Valid() || !w.ReviewOn.Valid() {
		return nil
	}
	held := slices.ContainsFunc(w.Sessions, func(s WellnessRecord) bool { return s.On >= w.ReviewOn })
	return []Task{{Key: fmt.Sprintf("%s:%s", WellnessTask, w.ReviewOn), Code: WellnessTask, Due: w.ReviewOn, State: doneIf(held)}}
}

func doneIf(done bool) TaskState {
	if done {
		return TaskDone
	}
	return TaskOpen
}

// reasonTasks: one a visit, until each code has its reason.
func reasonTasks(p Plan, f Profile) []Task {
	var tasks []Task
	for _, v := range p.Visits {
		if !v.Status.TookPlace() && v.Status != CheckedIn || len(v.NeedsReason) == 0 {
			continue
		}
		open := p.OpenReasons(v)
		recorded := v.RecordedOn
		if !recorded.Valid() {
			recorded = p.Day(v)
		}
		t := Task{Key: string(ReasonTask) + ":" + v.ID, Code: ReasonTask, Due: recorded.Add(f.ReasonDue), State: doneIf(len(open) == 0), Visit: v.ID}
		for _, code := range open {
			t.About = append(t.About, string(code))
		}
		tasks = append(tasks, t)
	}
	return tasks
}

// regionTasks: a region put off is for the next visit after the finding (S-30).
func regionTasks(p Plan) []Task {
	var tasks []Task
	for _, group := range Groups {
		finding, found := p.lastFinding(group)
		if !found || finding.Kind != nextVisit || p.State.Closed() {
			continue
		}
		due := finding.On
		for _, v := range p.Visits {
			day := p.Day(v)
			if v.Status == Scheduled && day > finding.On && (due == finding.On || day < due) {
				due = day
			}
		}
		tasks = append(tasks, Task{Key: string(RegionTask) + ":" + string(finding.Group), Code: RegionTask, Due: due, State: TaskOpen, About: []string{string(finding.Group)}})
	}
	return tasks
}

// lastFinding of a group of regions; of one day, the last written.
func (p Plan) lastFinding(group Group) (last Finding, found bool) {
	for _, f := range p.Findings {
		if f.Group == group && (!found || f.On >= last.On) {
			last, found = f, true
		}
	}
	return last, found
}

// followUpTasks 3, 6 and 12 months after closure.
func followUpTasks(p Plan, f Profile) []Task {
	if !p.followed() {
		return nil
	}
	var tasks []Task
	for _, months := range f.FollowUpMonths {
		done := slices.ContainsFunc(p.FollowUps, func(u FollowUp) bool { return u.Months == months })
		tasks = append(tasks, Task{Key: fmt.Sprintf("%s:%d", FollowUpTask, months), Code: FollowUpTask, Due: FollowUpDay(p.ClosedOn, months), State: doneIf(done)})
	}
	return tasks
}

// followed: somebody asks after her later.
func (p Plan) followed() bool { return p.State.Closed() && p.State != Voided && !p.deceased() }

func (p Plan) deceased() bool {
	return slices.ContainsFunc(p.Events, func(e Event) bool { return e.To == Discharged && e.Reason == string(Deceased) })
}

// FlagsOn are the flags that a history asks for on a day.
func FlagsOn(p Plan, f Profile, today clinic.Day) []Flag {
	var flags []Flag
	raise := func(is bool, code Code, occasion any, numbers params) {
		if is {
			flags = append(flags, Flag{Key: fmt.Sprintf("%s:%v", code, occasion), Code: code, RaisedOn: today, State: Standing, Message: say(sentences[code], numbers), Params: numbers})
		}
	}
	for _, t := range TasksOf(p, f) {
		raise(t.Code == ReasonTask && t.State == TaskOpen && today > t.Due, ReasonOverdue, t.Visit, params{"due": t.Due})
	}
	if missing := p.closingMissing(); p.State == Completed || p.State == Transitioned {
		raise(len(missing) > 0, ClosingMeasures, p.ClosedOn, params{"missing": missing, "due": p.ClosedOn.Add(f.ClosingDue)})
	}
	if !p.State.Open() {
		return flags
	}
	w := WindowOn(p, f, today)
	raise(p.State.Treating() && w.Until.Valid() && today > w.Until, PastWeek6, w.Until, params{"until": w.Until})
	raise(p.wellnessOpen(f), WellnessDecision, f.ManyVisits, params{"visits": p.VisitCount, "choices": []string{"wellness", "complete", "medical_extension"}})
	raise(slices.ContainsFunc(p.Rationale, Rationale.Tells), TellPrescriber, p.SignedOn, nil)
	due := len(sinceReport(p, f))
	raise(f.Regulation.ReportEvery > 0 && due >= f.Regulation.ReportEvery, ProgressDue, len(p.Reports), params{"dates": due})
	if code := certificationFlag(p, f, today); code != "" {
		raise(true, code, CertificationDue(p, f), params{"due": CertificationDue(p, f)})
	}
	raise(Attendance(p, f).below(f.Attendance), PoorAttendance, p.SignedOn, nil)
	raise(p.Home.below(f.Adherence), PoorAdherence, p.SignedOn, nil)
	raise(p.Diary.below(f.DiaryDays), PoorDiary, p.SignedOn, nil)
	for _, pause := range p.Pauses {
		running := pause.Running()
		length := pause.days(pause.Start, today)
		raise(running && length > f.DischargeAfter, ConsiderDischarge, pause.Start, params{"days": length})
		raise(!running && length > f.ReevaluateAfter && !p.evaluatedSince(pause.Resume), Reevaluate, pause.Start, params{"days": length})
	}
	return flags
}

// evaluatedSince a return: a new evaluation or review visit.
func (p Plan) evaluatedSince(day clinic.Day) bool {
	return slices.ContainsFunc(p.Visits, func(v Visit) bool {
		return v.Status.TookPlace() && (v.Kind == Evaluation || v.Kind == ReviewOf) && p.Day(v) >= day
	})
}

// WellnessDue: ten visits are done (P-10).
func WellnessDue(p Plan, f Profile) bool { return len(CountedDays(p, f)) >= f.ManyVisits }

// wellnessOpen: ten visits are done and nobody has decided since. Of the three choices, two close the plan.
func (p Plan) wellnessOpen(f Profile) bool {
	days := CountedDays(p, f)
	if len(days) < f.ManyVisits {
		return false
	}
	return !slices.ContainsFunc(p.Extensions, func(e Extension) bool {
		return e.Reason.Medical() && e.MaxVisits > f.ManyVisits && e.On >= days[f.ManyVisits-1]
	})
}
