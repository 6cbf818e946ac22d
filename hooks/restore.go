package hooks

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/devicesync"
)

// A database that was put back to an older state cannot know it. What tells it is a small file beside the data
// folder, never in it, so that no backup takes it back in time: every epoch that ever ran here (spec/sync.md §6.2).

// witness is that file.
type witness struct {
	Epochs []witnessed         `json:"epochs"` // oldest first
	Newest devicesync.Position `json:"newest"` // when the server last stopped, or started
}

// witnessed is an epoch that ran here, and the number it began with.
type witnessed struct {
	Name  string `json:"name"`
	Start int64  `json:"start"`
}

// The witness holds the newest epochs; a backup is never older than so many starts.
const mostEpochs = 2000

func witnessFile(app core.App) string { return filepath.Clean(app.DataDir()) + ".epochs" }

// readWitness: none is nil.
func readWitness(path string) (*witness, error) {
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	w := &witness{}
	if err == nil {
		err = json.Unmarshal(body, w)
	}
	return w, err
}

// write replaces the file at once: a kill in between leaves the old one.
func (w witness) write(path string) error {
	w.Epochs = w.Epochs[max(0, len(w.Epochs)-mostEpochs):]
	body, err := json.Marshal(w)
	if err != nil {
		return err
	}
	draft := path + ".new"
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(draft, path)
}

// lostTo are the epochs that the witness has seen and the database does not know: what it lost when it was put back.
func (w *witness) lostTo(h devicesync.History) (lost []devicesync.LostEpoch) {
	place := 0
	for _, seen := range w.Epochs {
		if i := slices.IndexFunc(h.Epochs, func(e devicesync.Epoch) bool { return e.Name == seen.Name }); i >= 0 {
			place = i + 1
			continue
		}
		if !slices.ContainsFunc(h.Lost, func(l devicesync.LostEpoch) bool { return l.Name == seen.Name }) {
			lost = append(lost, devicesync.LostEpoch{Name: seen.Name, Start: seen.Start, Place: place, Cut: h.Max})
		}
	}
	return lost
}

// noteRestore compares the database with the witness before an epoch begins. Without a witness a database
// that has served before came from elsewhere, by a restore as like as not.
func noteRestore(tx core.App, w *witness, h devicesync.History) (restored bool, err error) {
	if w == nil {
		return len(h.Epochs) > 1, nil // the first one is the migration's
	}
	lost := w.lostTo(h)
	for _, l := range lost {
		if _, err := tx.DB().Insert("sync_lost", dbx.Params{"epoch": l.Name, "start_seq": l.Start, "place": l.Place, "cut": l.Cut}).Execute(); err != nil {
			return false, err
		}
	}
	return len(lost) > 0 || w.Newest.Epoch != "" && !h.Issued(w.Newest), nil
}

// bindWitness writes down how far the server came, when it stops.
func (d *doors) bindWitness(app core.App) {
	app.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{Id: "witness", Priority: -100, Func: func(e *core.TerminateEvent) error {
		if err := d.log.witness(e.App); err != nil {
			e.App.Logger().Error("the file beside the data folder cannot be written: a restored backup may go unnoticed", "error", err)
		}
		return e.Next()
	}})
}

// witness brings the file up to date. It does nothing where no server has started.
func (l *log) witness(app core.App) error {
	running := l.epoch.Load()
	if running == nil || !app.IsBootstrapped() {
		return nil
	}
	seq, err := newestSeq(app.DB())
	if err != nil {
		return err
	}
	path := witnessFile(app)
	w, err := readWitness(path)
	if err != nil || w == nil {
		w = &witness{}
	}
	if now := (witnessed{running.Name, running.Start}); !slices.Contains(w.Epochs, now) {
		w.Epochs = append(w.Epochs, now)
	}
	w.Newest = devicesync.Position{Epoch: running.Name, Seq: seq}
	return w.write(path)
}
