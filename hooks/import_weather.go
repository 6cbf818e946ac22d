package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"interictal/hooks/entry"
	"interictal/hooks/triggers"
	"interictal/hooks/weathercsv"
)

// weatherImport is one run of `import weather`: measured days become exposures of a factor that the patient watches.
type weatherImport struct {
	app    core.App
	factor string // code in the catalogue
	apply  bool
}

func importWeatherCommand(app core.App) *cobra.Command {
	run := weatherImport{app: app}
	cmd := &cobra.Command{
		Use:   "weather FILE",
		Short: "Read measured weather, columns patient, date, value (dry run unless --apply)",
		Args:  cobra.ExactArgs(1),
		RunE: command(app, func(cmd *cobra.Command, args []string) error {
			entry, ok := triggers.InCatalogue(run.factor)
			if !ok || entry.Kind != triggers.Number {
				return fmt.Errorf("--factor: no factor of the catalogue that is a number: %q", run.factor)
			}
			return run.file(args[0], cmd.OutOrStdout())
		}),
	}
	cmd.Flags().StringVar(&run.factor, "factor", "weather_pressure", "code of the factor in the catalogue")
	cmd.Flags().BoolVar(&run.apply, "apply", false, "store it; without this nothing is changed")
	return cmd
}

func (run weatherImport) file(path string, out io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	file, err := weathercsv.Read(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	progress := bar(len(file.Patients), "patients")
	defer progress.Finish()
	outcomes := make([]Outcome, 0, len(file.Patients))
	for _, p := range file.Patients {
		outcome, err := run.patient(p)
		if err != nil {
			return fmt.Errorf("patient %s: %w", p.ID, err)
		}
		outcomes = append(outcomes, outcome)
		progress.Add(1)
	}
	return run.report(out, file, outcomes)
}

var errNotWatched = errors.New("there is no such patient, or the patient does not watch this factor")

// patient imports one patient's days: all of them or nothing. Rules broken by a day refuse the patient; any other error ends
// the run.
func (run weatherImport) patient(p weathercsv.Patient) (Outcome, error) {
	outcome := Outcome{Person: p.ID}
	if p.Refused {
		outcome.Err = errRefused
		return outcome, nil
	}
	err := run.app.RunInTransaction(func(tx core.App) error {
		if err := run.store(tx, p, &outcome); err != nil {
			return err
		}
		if !run.apply {
			return errDryRun
		}
		return nil
	})
	switch {
	case err == nil || errors.Is(err, errDryRun):
		return outcome, nil
	case errors.Is(err, errNotWatched):
		outcome.Err = err
		return outcome, nil
	}
	if _, message, known := explain(err); known {
		outcome.Err = errors.New(message)
		return outcome, nil
	}
	return outcome, err
}

func (run weatherImport) store(tx core.App, p weathercsv.Patient, outcome *Outcome) error {
	trigger, err := tx.FindFirstRecordByFilter("triggers", "patient={:p} && code={:c}", dbx.Params{"p": p.ID, "c": run.factor})
	if errors.Is(err, sql.ErrNoRows) {
		return errNotWatched
	}
	if err != nil {
		return err
	}
	outcome.Patient = p.ID
	d := doors{clock: &Clock{}}
	if err := d.audit(tx, event{Actor: "system", Action: "import", Patient: p.ID, Collection: "trigger_exposures", Outcome: "ok"}); err != nil {
		return err
	}
	for _, day := range p.Days {
		if err := run.day(tx, trigger, day, outcome); err != nil {
			return fmt.Errorf("line %d: %w", day.Line, err)
		}
	}
	return nil
}

// day stores one value. What somebody has typed in stays as it is.
func (run weatherImport) day(tx core.App, trigger *core.Record, day weathercsv.Day, outcome *Outcome) error {
	id := entry.DayID(trigger.Id, day.Day.String())
	r, err := tx.FindRecordById("trigger_exposures", id)
	if errors.Is(err, sql.ErrNoRows) {
		_, err := imported(tx, "trigger_exposures", map[string]any{"id": id, "patient": trigger.GetString("patient"), "trigger": trigger.Id, "day": day.Day.String(), "value": day.Value, "source": "import"})
		outcome.New++
		return err
	}
	if err != nil {
		return err
	}
	switch value := valuesOf(r)("value"); {
	case value == day.Value:
		outcome.Same++
	case r.GetString("source") != "import":
		outcome.Kept++
	default:
		outcome.Changed++
		r.Set("value", day.Value)
		setActor(r, actor{ID: "system", Via: "import"})
		return tx.Save(r)
	}
	return nil
}

func (run weatherImport) report(out io.Writer, file weathercsv.File, outcomes []Outcome) error {
	for _, n := range file.Notes {
		fmt.Fprintf(out, "%-13s line %d %s %s\n", n.Code, n.Line, n.Patient, n.Text)
	}
	var sum Outcome
	refused := 0
	for _, o := range outcomes {
		if o.Err != nil {
			refused++
			fmt.Fprintf(out, "%-13s patient %s: %v\n", "REFUSED", o.Person, o.Err)
			continue
		}
		sum.New += o.New
		sum.Same += o.Same
		sum.Changed += o.Changed
		sum.Kept += o.Kept
	}
	verb := map[bool]string{true: "were", false: "would be"}[run.apply]
	fmt.Fprintf(out, "\n%d rows, %d patients. Days that %s stored: %d new, %d changed; %d already so, %d kept as typed in here. Patients refused: %d.\n",
		file.Rows, len(file.Patients), verb, sum.New, sum.Changed, sum.Same, sum.Kept, refused)
	if !run.apply {
		fmt.Fprintln(out, "Nothing was changed: this was a dry run. Add --apply to store it.")
	}
	if refused > 0 {
		return fmt.Errorf("%d patients were not imported", refused)
	}
	return nil
}
