package hooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/backup"
	"interictal/hooks/upkeep"
)

// copier makes the parts of a chain, one after another. It reads the pages in one statement, so a part is the database
// at one moment; nobody waits for it, and no checkpoint has to be held back.
type copier struct {
	app  core.App
	keep *Keep
	keys backup.Keys

	book  *backup.Book // as the last part that arrived left it; nil begins a chain
	last  backup.Copy
	begun time.Time
	seen  string // the files, when the last part was read
}

// took is what a copy was.
type took struct {
	Copy           backup.Copy
	Pages, Changed int
	Skipped        bool // nothing has changed
	Bytes          int64
}

// take makes the next part, if there is news, or an hour without.
func (c *copier) take(ctx context.Context, now time.Time) (done took, err error) {
	seen := filesAsTheyAre(c.app)
	fresh := c.book == nil || now.Sub(c.begun) >= c.keep.Chain || now.Before(c.last.At)
	quiet := !fresh && now.Sub(c.last.At) < upkeep.Heartbeat
	if quiet && seen == c.seen {
		return took{Copy: c.last, Skipped: true}, nil
	}
	next, book := backup.Copy{Chain: c.last.Chain, N: c.last.N + 1, At: now.UTC()}, c.book
	if fresh {
		next, book = backup.Copy{Chain: backup.ChainOf(now), At: now.UTC()}, &backup.Book{}
	}
	file, part, err := c.seal(ctx, next, book)
	if err != nil {
		return done, err
	}
	defer os.Remove(file)
	if quiet && part.Changed == 0 {
		c.seen = seen
		return took{Copy: c.last, Pages: part.Pages, Skipped: true}, nil
	}
	store, err := openStore(ctx, c.keep.To)
	if err != nil {
		return done, err
	}
	defer store.Close()
	bytes, err := store.put(next.Name(), file)
	if err != nil {
		return done, err
	}
	if fresh {
		c.begun = now
	}
	c.book, c.last, c.seen = part.Book, next, seen
	return took{Copy: next, Pages: part.Pages, Changed: part.Changed, Bytes: bytes}, nil
}

const draftCopies = ".copy-*"

// seal writes the part to a file beside the database, encrypted from its first byte: how slow the way to the store is, is
// then nothing to the database.
func (c *copier) seal(ctx context.Context, next backup.Copy, book *backup.Book) (path string, part backup.Part, err error) {
	file, err := os.CreateTemp(c.app.DataDir(), draftCopies)
	if err != nil {
		return "", part, err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			os.Remove(file.Name())
		}
	}()
	w, err := c.keys.Seal(file)
	if err != nil {
		return "", part, err
	}
	part, err = book.Write(w, backup.Head{Chain: next.Chain, N: next.N, At: next.At}, pagesOf(ctx, c.app))
	return file.Name(), part, errors.Join(err, w.Close())
}

// pagesOf reads every page of data.db as it is at this moment, what still waits in the write-ahead log included.
func pagesOf(ctx context.Context, app core.App) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		db, ok := app.ConcurrentDB().(*dbx.DB)
		if !ok {
			yield(nil, errors.New("a copy cannot be made within a transaction"))
			return
		}
		rows, err := db.DB().QueryContext(ctx, "SELECT data FROM sqlite_dbpage ORDER BY pgno")
		if err != nil {
			yield(nil, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var page []byte
			if err := rows.Scan(&page); err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// filesAsTheyAre changes when anybody writes; it may also change when nobody did.
func filesAsTheyAre(app core.App) (out string) {
	for _, name := range []string{"data.db", "data.db-wal"} {
		if info, err := os.Stat(filepath.Join(app.DataDir(), name)); err == nil {
			out += fmt.Sprint(info.Size(), info.ModTime().UnixNano(), " ")
		}
	}
	return out
}

// removeDrafts takes away what a kill left half done.
func removeDrafts(app core.App) {
	for _, pattern := range []string{draftCopies, asideFolders} {
		found, _ := filepath.Glob(filepath.Join(app.DataDir(), pattern)) // the patterns are well formed
		for _, path := range found {
			_ = os.RemoveAll(path) // what stays now goes the next time
		}
	}
}

// letGo removes copies that are older than they need be.
func (c *copier) letGo(ctx context.Context, now time.Time) error {
	if c.last.N != 0 || c.book == nil { // once for each chain is often enough
		return nil
	}
	store, err := openStore(ctx, c.keep.To)
	if err != nil {
		return err
	}
	defer store.Close()
	copies, err := store.copies()
	if err != nil {
		return err
	}
	for _, old := range backup.Expired(copies, c.keep.For, now) {
		if err := store.remove(old); err != nil {
			return err
		}
	}
	return nil
}

// fetch puts the database together from parts, in a new file.
func fetch(store *store, keys backup.Keys, parts []backup.Copy, path string, done func()) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	book := &backup.Book{}
	for i, part := range parts {
		if err := readPart(store, keys, part, book, file); err != nil {
			if i > 0 {
				return fmt.Errorf("the copy of %s is of no use: %w; the newest before it is --at %s", part.At.Format(time.RFC3339), err, parts[i-1].At.Format(time.RFC3339Nano))
			}
			return fmt.Errorf("the copy of %s is of no use: %w; take an older one with --at", part.At.Format(time.RFC3339), err)
		}
		done()
	}
	return file.Sync()
}

func readPart(store *store, keys backup.Keys, part backup.Copy, book *backup.Book, file *os.File) error {
	sealed, err := store.get(part)
	if err != nil {
		return err
	}
	defer sealed.Close()
	plain, err := keys.Unseal(sealed)
	if err != nil {
		return err
	}
	head, err := book.Read(plain, file)
	if err == nil && (head.Chain != part.Chain || head.N != part.N) {
		return errors.New("it has the name of another")
	}
	if err == nil {
		_, err = io.Copy(io.Discard, sealed)
	}
	return err
}
