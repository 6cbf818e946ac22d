package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"interictal/hooks/careplan"
	"interictal/hooks/program"
)

// ExerciseImport is one run of `import exercises`: texts of free-exercise-db (public domain) become a clinic's own library
// items. Its pictures are left out: nobody says whose they are.
type ExerciseImport struct {
	App    core.App
	Clinic string // clinic id
	Muscle string // "" takes all
	Apply  bool   // false: a dry run, the same code path, rolled back
	Step   func() // called after each exercise
}

// ExerciseOutcome counts what happened, or would.
type ExerciseOutcome struct {
	New, Same, Changed, Kept, Other int
	Refused                         []string
}

func importExercisesCommand(app core.App) *cobra.Command {
	run := ExerciseImport{App: app}
	cmd := &cobra.Command{
		Use:   "exercises FILE",
		Short: "Read free-exercise-db into a clinic's own library (dry run unless --apply)",
		Args:  cobra.ExactArgs(1),
		RunE: command(app, func(cmd *cobra.Command, args []string) error {
			if _, err := app.FindRecordById("clinics", run.Clinic); err != nil {
				return fmt.Errorf("--clinic: there is no clinic %q", run.Clinic)
			}
			return run.file(args[0], cmd.OutOrStdout())
		}),
	}
	cmd.Flags().StringVar(&run.Clinic, "clinic", "", "id of the clinic whose library it is")
	cmd.Flags().StringVar(&run.Muscle, "muscle", "", "only exercises for this muscle, e.g. neck")
	cmd.Flags().BoolVar(&run.Apply, "apply", false, "store it; without this nothing is changed")
	cmd.MarkFlagRequired("clinic")
	return cmd
}

// file reads, imports and reports.
func (run ExerciseImport) file(path string, out io.Writer) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	exercises, err := program.ReadFreeExercises(body)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	progress := bar(len(exercises), "exercises")
	run.Step = func() { progress.Add(1) }
	outcome, err := run.All(exercises)
	progress.Finish()
	if err != nil {
		return err
	}
	return run.report(out, len(exercises), outcome)
}

// All imports in one transaction; an exercise that breaks a rule is left out and named.
func (run ExerciseImport) All(exercises []program.FreeExercise) (outcome ExerciseOutcome, err error) {
	err = run.App.RunInTransaction(func(tx core.App) error {
		for _, x := range exercises {
			if run.Step != nil {
				run.Step()
			}
			if run.Muscle != "" && !slices.Contains(x.Muscles(), run.Muscle) {
				outcome.Other++
				continue
			}
			err := run.one(tx, x, &outcome)
			if err == nil {
				continue
			}
			_, message, known := explain(err)
			if !known {
				return fmt.Errorf("%s: %w", x.ID, err)
			}
			outcome.Refused = append(outcome.Refused, x.ID+": "+message)
		}
		if !run.Apply {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return outcome, err
}

// importedFields are what the file says; the rest of a row is the clinic's.
var importedFields = []string{"name", "category", "modality", "aim", "instructions", "source"}

// one exercise. A row that somebody has changed since stays as it is.
func (run ExerciseImport) one(tx core.App, x program.FreeExercise, outcome *ExerciseOutcome) error {
	values := importedValues(x)
	r, err := tx.FindFirstRecordByFilter("library_items", "clinic={:c} && import_ref={:r}", dbx.Params{"c": run.Clinic, "r": x.Ref()})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if r == nil {
		c, err := tx.FindCachedCollectionByNameOrId("library_items")
		if err != nil {
			return err
		}
		r = core.NewRecord(c)
		r.Load(values)
		r.Load(map[string]any{"clinic": run.Clinic, "code": x.Code(), "version": 1, "place": "home", "ladder": "[]", "region": strings.Join(x.PrimaryMuscles, ", "), "import_ref": x.Ref()})
		setActor(r, actor{ID: "system", Via: "import"})
		if err := tx.Save(r); err != nil {
			return err
		}
		outcome.New++
		return nil
	}
	changed := slices.ContainsFunc(importedFields, func(f string) bool { return r.GetString(f) != fmt.Sprint(values[f]) })
	switch {
	case !changed:
		outcome.Same++
	case r.GetInt("version") > 1 || r.GetString("updated") != r.GetString("created"):
		outcome.Kept++
	default:
		outcome.Changed++
		r.Load(values)
		setActor(r, actor{ID: "system", Via: "import"})
		return tx.Save(r)
	}
	return nil
}

func importedValues(x program.FreeExercise) map[string]any {
	modality, aim := x.Aim()
	return map[string]any{"name": x.Name, "category": string(careplan.ExerciseGeneralized), "modality": modality, "aim": aim,
		"instructions": strings.Join(x.Instructions, " "), "source": "free-exercise-db (public domain); nobody of this clinic has reviewed it"}
}

func (run ExerciseImport) report(out io.Writer, total int, o ExerciseOutcome) error {
	for _, text := range o.Refused {
		fmt.Fprintf(out, "%-13s %s\n", "REFUSED", text)
	}
	verb := "would be"
	if run.Apply {
		verb = "were"
	}
	fmt.Fprintf(out, "%d exercises, %d for other muscles. Library items that %s stored: %d new, %d changed; %d already so, %d kept as changed here since. Refused: %d.\n",
		total, o.Other, verb, o.New, o.Changed, o.Same, o.Kept, len(o.Refused))
	if !run.Apply {
		fmt.Fprintln(out, "Nothing was changed: this was a dry run. Add --apply to store it.")
	}
	if len(o.Refused) > 0 {
		return fmt.Errorf("%d exercises were not imported", len(o.Refused))
	}
	return nil
}
