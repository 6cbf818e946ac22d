package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"interictal/hooks/clinic"
	"interictal/hooks/diarycsv"
	"interictal/hooks/entry"
)

// DiaryImport is one run of `import diary-csv`.
type DiaryImport struct {
	App       core.App
	Source    string     // file name without its ending: the first half of patients.import_ref
	Clinic    string     // clinic id
	Start     clinic.Day // the date of `time` 0; becomes patients.baseline_date
	Therapist string     // user id that is linked to every patient; "" links nobody
	Apply     bool       // false: a dry run, the same code path, rolled back
	Step      func()     // called after each person
}

// Outcome counts what happened to one person, or would.
type Outcome struct {
	Person                   string
	Patient                  string // record id
	New, Same, Changed, Kept int
	Err                      error // not imported at all
}

func importDiaryCommand(app core.App) *cobra.Command {
	var clinicID, start, therapist string
	var apply bool
	cmd := &cobra.Command{
		Use:   "diary-csv FILE",
		Short: "Read a headache diary with one row a day (dry run unless --apply)",
		Args:  cobra.ExactArgs(1),
		RunE: command(app, func(cmd *cobra.Command, args []string) error {
			run, err := newDiaryImport(app, args[0], clinicID, start, therapist)
			if err != nil {
				return err
			}
			run.Apply = apply
			return run.file(args[0], cmd.OutOrStdout())
		}),
	}
	cmd.Flags().StringVar(&clinicID, "clinic", "", "id of the clinic the patients belong to")
	cmd.Flags().StringVar(&start, "start", "", "date of day 0, yyyy-mm-dd; becomes the baseline date")
	cmd.Flags().StringVar(&therapist, "therapist", "", "e-mail of the therapist who follows the patients")
	cmd.Flags().BoolVar(&apply, "apply", false, "store it; without this nothing is changed")
	cmd.MarkFlagRequired("clinic")
	cmd.MarkFlagRequired("start")
	return cmd
}

func newDiaryImport(app core.App, file, clinicID, start, therapist string) (DiaryImport, error) {
	run := DiaryImport{App: app, Clinic: clinicID, Source: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), Step: func() {}}
	var err error
	if run.Start, err = clinic.ParseDay(start); err != nil {
		return run, fmt.Errorf("--start: %w", err)
	}
	if _, err := app.FindRecordById("clinics", clinicID); err != nil {
		return run, fmt.Errorf("--clinic: there is no clinic %q", clinicID)
	}
	if therapist != "" {
		user, err := app.FindAuthRecordByEmail("users", therapist)
		if err != nil {
			return run, fmt.Errorf("--therapist: nobody signs in as %q", therapist)
		}
		run.Therapist = user.Id
	}
	return run, nil
}

// file reads, imports and reports.
func (run DiaryImport) file(path string, out io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	diary, err := diarycsv.Read(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	progress := bar(len(diary.People), "people")
	run.Step = func() { progress.Add(1) }
	outcomes, err := run.People(diary.People)
	progress.Finish()
	if err != nil {
		return err
	}
	return run.report(out, diary, outcomes)
}

// People imports each person in a transaction of their own: all of it or nothing.
func (run DiaryImport) People(people []diarycsv.Person) ([]Outcome, error) {
	outcomes := make([]Outcome, 0, len(people))
	for _, p := range people {
		outcome, err := run.person(p)
		if err != nil {
			return outcomes, fmt.Errorf("person %s: %w", p.ID, err)
		}
		outcomes = append(outcomes, outcome)
		run.Step()
	}
	return outcomes, nil
}

var (
	errDryRun  = errors.New("dry run")
	errRefused = errors.New("refused: see the notes")
)

// person imports one person. Rules broken by an entry refuse the person; any other error ends the run.
func (run DiaryImport) person(p diarycsv.Person) (Outcome, error) {
	outcome := Outcome{Person: p.ID}
	if p.Refused {
		outcome.Err = errRefused
		return outcome, nil
	}
	err := run.App.RunInTransaction(func(tx core.App) error {
		if err := run.store(tx, p, &outcome); err != nil {
			return err
		}
		if !run.Apply {
			return errDryRun
		}
		return nil
	})
	if err == nil || errors.Is(err, errDryRun) {
		return outcome, nil
	}
	if _, message, known := explain(err); known {
		outcome.Err = errors.New(message)
		return outcome, nil
	}
	return outcome, err
}

func (run DiaryImport) store(tx core.App, p diarycsv.Person, outcome *Outcome) error {
	patient, err := run.patient(tx, p)
	if err != nil {
		return err
	}
	outcome.Patient = patient.Id
	d := doors{clock: &Clock{}}
	err = d.audit(tx, event{Actor: "system", Action: "import", Clinic: run.Clinic, Patient: patient.Id, Collection: "diary_days", Outcome: "ok"})
	if err != nil {
		return err
	}
	for _, day := range p.Days {
		if err := run.day(tx, patient.Id, day, outcome); err != nil {
			return fmt.Errorf("line %d: %w", day.Line, err)
		}
	}
	return nil
}

// patient finds or makes the patient, with the consent that the file stands for.
func (run DiaryImport) patient(tx core.App, p diarycsv.Person) (*core.Record, error) {
	ref := run.Source + ":" + p.ID
	r, err := tx.FindFirstRecordByFilter("patients", "clinic={:c} && import_ref={:r}", dbx.Params{"c": run.Clinic, "r": ref})
	if errors.Is(err, sql.ErrNoRows) {
		return run.newPatient(tx, p, ref)
	}
	if err != nil {
		return nil, err
	}
	if was := r.GetString("baseline_date"); was != run.Start.String() {
		return nil, refuse(422, hard("E_START", fmt.Sprintf("imported before with --start %s", was)))
	}
	return r, nil
}

func (run DiaryImport) newPatient(tx core.App, p diarycsv.Person, ref string) (*core.Record, error) {
	at, err := tx.FindRecordById("clinics", run.Clinic)
	if err != nil {
		return nil, err
	}
	r, err := imported(tx, "patients", map[string]any{
		"clinic": run.Clinic, "name": "Diary " + p.ID, "sex": p.Sex, "timezone": at.GetString("timezone"),
		"baseline_date": run.Start.String(), "import_ref": ref, "active": true,
	})
	if err != nil {
		return nil, err
	}
	now := (&Clock{}).now()
	if _, err := imported(tx, "consents", map[string]any{
		"patient": r.Id, "family": "diary", "state": "given", "decided_at": instantText(now), "source": "import"}); err != nil {
		return nil, err
	}
	if run.Therapist == "" {
		return r, nil
	}
	_, err = imported(tx, "care_links", map[string]any{"patient": r.Id, "member": run.Therapist, "role": "therapist", "from": instantText(now)})
	return r, err
}

// day stores one answer. A day that somebody has changed since stays as it is.
func (run DiaryImport) day(tx core.App, patient string, day diarycsv.Day, outcome *Outcome) error {
	date := run.Start.Add(day.Offset).String()
	r, err := tx.FindRecordById("diary_days", entry.DayID(patient, date))
	if errors.Is(err, sql.ErrNoRows) {
		_, err := imported(tx, "diary_days", map[string]any{"patient": patient, "day": date, "headache": day.Headache, "source": "import"})
		outcome.New++
		return err
	}
	if err != nil {
		return err
	}
	switch said := valuesOf(r)("headache"); {
	case said == day.Headache:
		outcome.Same++
	case r.GetString("source") != "import":
		outcome.Kept++
	default:
		outcome.Changed++
		r.Set("headache", day.Headache)
		setActor(r, actor{ID: "system", Via: "import"})
		return tx.Save(r)
	}
	return nil
}

// imported saves a record through the same rules as a phone's.
func imported(tx core.App, collection string, values map[string]any) (*core.Record, error) {
	c, err := tx.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(c)
	r.Load(values)
	setActor(r, actor{ID: "system", Via: "import"})
	return r, tx.Save(r)
}

// report says what happened to every odd row, then the sums.
func (run DiaryImport) report(out io.Writer, diary diarycsv.File, outcomes []Outcome) error {
	for _, n := range diary.Notes {
		where := ""
		if n.Line > 0 {
			where = fmt.Sprintf("line %d ", n.Line)
		}
		if n.Person != "" {
			where += "person " + n.Person + " "
		}
		fmt.Fprintf(out, "%-13s %s%s\n", n.Code, where, n.Text)
	}
	var sum Outcome
	refused := 0
	for _, o := range outcomes {
		if o.Err != nil {
			refused++
			fmt.Fprintf(out, "%-13s person %s: %v\n", "REFUSED", o.Person, o.Err)
			continue
		}
		sum.New += o.New
		sum.Same += o.Same
		sum.Changed += o.Changed
		sum.Kept += o.Kept
	}
	verb := "would be"
	if run.Apply {
		verb = "were"
	}
	fmt.Fprintf(out, "\n%d rows, %d people. Days that %s stored: %d new, %d changed; %d already so, %d kept as changed here since. People refused: %d.\n",
		diary.Rows, len(diary.People), verb, sum.New, sum.Changed, sum.Same, sum.Kept, refused)
	if !run.Apply {
		fmt.Fprintln(out, "Nothing was changed: this was a dry run. Add --apply to store it.")
	}
	if refused > 0 {
		return fmt.Errorf("%d people were not imported", refused)
	}
	return nil
}
