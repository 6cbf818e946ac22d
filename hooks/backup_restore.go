package hooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/backup"
	"interictal/hooks/upkeep"
)

// restored is a database that has been put together and looked at, and where the one that it replaced is.
type restored struct {
	Of    backup.Copy
	Found upkeep.Restored
	Kept  string // the database that was here before
}

// restore puts the database back to how it was at a moment. It is put together aside and examined first; whatever goes
// wrong until the last step, and at whatever moment the program is killed, the folder holds one whole database.
func restore(ctx context.Context, app core.App, k *Keep, at time.Time, step func(n, of int)) (done restored, err error) {
	release, err := holdFolder(app.DataDir())
	if err != nil {
		return done, err
	}
	defer release()
	removeDrafts(app)
	dir, remove, err := aside(app.DataDir())
	if err != nil {
		return done, err
	}
	defer remove()
	if done.Of, err = putTogether(ctx, k, at, dir, step); err != nil {
		return done, err
	}
	if done.Found, err = examine(dir, false); err != nil {
		return done, fmt.Errorf("the copy cannot be opened: %w", err)
	}
	if wrong := done.Found.Judge(); len(wrong) > 0 {
		return done, fmt.Errorf("the copy is whole, but not the database in it: %s; nothing was changed here", strings.Join(wrong, "; "))
	}
	if err := settle(filepath.Join(dir, "data.db")); err != nil {
		return done, err
	}
	done.Kept, err = swap(app.DataDir(), filepath.Join(dir, "data.db"))
	return done, err
}

// putTogether fetches the database of a moment into a folder.
func putTogether(ctx context.Context, k *Keep, at time.Time, dir string, step func(n, of int)) (of backup.Copy, err error) {
	if !k.on() {
		return of, errors.New("where are the copies? Name the place with --backup-to or INTERICTAL_BACKUP_TO")
	}
	keys, err := k.keys()
	if err != nil {
		return of, err
	}
	store, err := openStore(ctx, k.To)
	if err != nil {
		return of, err
	}
	defer store.Close()
	copies, err := store.copies()
	if err != nil {
		return of, err
	}
	parts := backup.Choose(copies, at)
	if len(parts) == 0 {
		return of, errors.New("there is no copy, or none as old as that")
	}
	n := 0
	err = fetch(store, keys, parts, filepath.Join(dir, "data.db"), func() { n++; step(n, len(parts)) })
	return parts[len(parts)-1], err
}

// swap lets a database take the place of the one that is there. The old one is first brought into one file, because a log
// left beside the new one would be played into it; then one rename does it. It stays under another name.
func swap(dataDir, from string) (kept string, err error) {
	path := filepath.Join(dataDir, "data.db")
	if _, err := os.Stat(path); err == nil {
		kept = path + ".before-" + time.Now().UTC().Format("20060102T150405Z")
		if err := setAside(path, kept); err != nil {
			return "", err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.Rename(from, path); err != nil {
		return kept, err
	}
	return kept, syncPath(dataDir)
}

func setAside(path, kept string) error {
	err := errors.New("no database")
	if isDatabase(path) { // SQLite would throw away the log of what is none
		err = settle(path)
	}
	switch {
	case err == nil:
	case strings.Contains(err.Error(), "locked"):
		return fmt.Errorf("another program has the database open: %w", err)
	default: // so broken that it cannot be opened: keep all there is of it
		for _, tail := range []string{"-wal", "-shm"} {
			if err := os.Rename(path+tail, kept+tail); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	if err := os.Link(path, kept); err != nil {
		return fmt.Errorf("the database that is here cannot be kept beside: %w", err)
	}
	return nil
}

func isDatabase(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 16)
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == "SQLite format 3\x00"
}
