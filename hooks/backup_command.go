package hooks

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"interictal/hooks/backup"
)

// withoutDatabase marks commands that must not open the database: a restore has to work where there is none, or where it
// is so broken that it cannot be opened.
const withoutDatabase = "withoutDatabase"

// WithoutDatabase tells whether the command that the arguments name is such a one.
func WithoutDatabase(root *cobra.Command, args []string) bool {
	c, _, err := root.Find(args)
	return err == nil && c.Annotations[withoutDatabase] != ""
}

// plainly runs fn on the database as it is.
func plainly(fn func(cmd *cobra.Command) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		cmd.SilenceUsage = true
		return fn(cmd)
	}
}

// backupCommand is `interictal backup`.
func backupCommand(app core.App, k *Keep) *cobra.Command {
	c := &cobra.Command{Use: "backup", Short: "Make an encrypted copy of the database now", Args: cobra.NoArgs}
	c.RunE = plainly(func(cmd *cobra.Command) error {
		if !k.on() {
			return errors.New("where to? Name a folder or s3:// address with --backup-to or INTERICTAL_BACKUP_TO")
		}
		keys, err := k.keys()
		if err != nil {
			return err
		}
		now, c := time.Now().UTC(), &copier{app: app, keep: k, keys: keys}
		done, err := c.take(cmd.Context(), now)
		if err != nil {
			return err
		}
		if err := c.letGo(cmd.Context(), now); err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "Copied %d pages in %.1f MB: %s\n", done.Pages, float64(done.Bytes)/(1<<20), done.Copy.Name())
		return nil
	})
	key := &cobra.Command{Use: "key", Short: "Print a new key for the copies", Args: cobra.NoArgs, Annotations: map[string]string{withoutDatabase: "yes"}}
	key.RunE = plainly(func(cmd *cobra.Command) error {
		text, err := backup.NewKey()
		fmt.Fprint(cmd.OutOrStdout(), text)
		return err
	})
	list := &cobra.Command{Use: "list", Short: "List the moments that the database can be put back to", Args: cobra.NoArgs, Annotations: map[string]string{withoutDatabase: "yes"}}
	list.RunE = plainly(func(cmd *cobra.Command) error { return listCopies(cmd, k) })
	c.AddCommand(key, list)
	return c
}

func listCopies(cmd *cobra.Command, k *Keep) error {
	if !k.on() {
		return errors.New("where are the copies? Name the place with --backup-to or INTERICTAL_BACKUP_TO")
	}
	store, err := openStore(cmd.Context(), k.To)
	if err != nil {
		return err
	}
	defer store.Close()
	copies, err := store.copies()
	if err != nil {
		return err
	}
	for _, chain := range backup.Chains(copies) {
		first, last := chain[0].At, chain[len(chain)-1].At
		fmt.Fprintf(cmd.OutOrStdout(), "%s to %s, moments: %d\n", first.Format(time.RFC3339), last.Format(time.RFC3339), len(chain))
	}
	return nil
}

// restoreCommand is `interictal restore`.
func restoreCommand(app core.App, k *Keep) *cobra.Command {
	c := &cobra.Command{Use: "restore", Short: "Put the database back from an encrypted copy", Args: cobra.NoArgs,
		Annotations: map[string]string{withoutDatabase: "yes"},
		Example:     "interictal restore --dir /srv/interictal --backup-to /mnt/backup --backup-key interictal.key --at 2026-11-23T12:00:00Z"}
	moment := c.Flags().String("at", "", "the moment to go back to; the newest copy when it is not given")
	c.RunE = plainly(func(cmd *cobra.Command) error {
		at, err := momentOf(*moment)
		if err != nil {
			return err
		}
		progress := bar(1, "putting together")
		done, err := restore(cmd.Context(), app, k, at, func(n, of int) {
			progress.ChangeMax(of)
			_ = progress.Set(n) // a bar that cannot be drawn stops nothing
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "The database is as it was at %s: %d rows in %d collections, all of them checked.\n", done.Of.At.Format(time.RFC3339), done.Found.Rows(), len(done.Found.Counts))
		if done.Kept != "" {
			fmt.Fprintf(cmd.OutOrStdout(), "What was here before is kept: %s. Delete it when all is well.\n", done.Kept)
		}
		fmt.Fprintln(cmd.OutOrStdout(), "Start the server. Phones that know more bring it back by themselves.")
		return nil
	})
	return c
}

func momentOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, errors.New("write the moment like 2026-11-23T12:00:00Z")
	}
	return at, nil
}

// drillCommand is `interictal drill`.
func drillCommand(app core.App, k *Keep) *cobra.Command {
	c := &cobra.Command{Use: "drill", Short: "Put the newest copy back aside, check all of it, and throw it away", Args: cobra.NoArgs}
	upgrade := c.Flags().Bool("upgrade", false, "bring a copy of the database in use to this version instead, and compare")
	c.RunE = plainly(func(cmd *cobra.Command) error {
		if *upgrade {
			r, err := rehearseUpgrade(app)
			if err != nil {
				return err
			}
			says, err := r.report()
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), says)
			}
			return err
		}
		d, err := drill(cmd.Context(), app, k, time.Now().UTC().Truncate(time.Millisecond))
		if err = errors.Join(d.failure(), err); err != nil {
			return err
		}
		for _, t := range d.Found.Counts {
			fmt.Fprintf(cmd.OutOrStdout(), "%8d %s, all of them in the journal\n", t.Rows, t.Collection)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "In %.1f seconds %s\n", d.Seconds, d.Says)
		return nil
	})
	return c
}
