package hooks

import (
	"fmt"
	"os"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/schollz/progressbar/v3"
)

// AddCommands puts our own commands beside PocketBase's.
func AddCommands(app core.App, root *cobra.Command) {
	imports := &cobra.Command{Use: "import", Short: "Read records from other places"}
	imports.AddCommand(importDiaryCommand(app), importWeatherCommand(app), importExercisesCommand(app))
	root.AddCommand(imports, retentionCommand(app), chaosCommand(app), &cobra.Command{Use: "doctor", Short: "Check that the journal and the audit are whole", Args: cobra.NoArgs, RunE: command(app, doctor(app))})
}

// doctor looks at what must never break, and changes nothing.
func doctor(app core.App) func(cmd *cobra.Command, args []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := checkTriggers(app); err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), "The journal's triggers are whole.")
		broken, err := VerifyAudit(app)
		if err != nil {
			return err
		}
		if broken > 0 {
			return fmt.Errorf("the audit is broken at event %d: a line was changed or is missing", broken)
		}
		fmt.Fprintln(cmd.OutOrStdout(), "The audit's chain holds.")
		return nil
	}
}

// command runs fn on a database that is up to date; a failure makes the exit code non-zero.
func command(app core.App, fn func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		cmd.SilenceUsage = true
		if err := app.RunAllMigrations(); err != nil {
			return fmt.Errorf("bringing the database up to date: %w", err)
		}
		return fn(cmd, args)
	}
}

// bar shows progress on a terminal and is silent in a pipe.
func bar(total int, what string) *progressbar.ProgressBar {
	return progressbar.NewOptions(total,
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetVisibility(term.IsTerminal(int(os.Stderr.Fd()))),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
	)
}
