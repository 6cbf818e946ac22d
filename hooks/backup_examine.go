package hooks

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/upkeep"
)

const asideFolders = ".aside-*"

// aside makes a folder for a database that is not yet the one that serves; it lies within the data folder, so that it can
// take its place at once.
func aside(dataDir string) (dir string, remove func(), err error) {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return "", nil, err
	}
	dir, err = os.MkdirTemp(dataDir, asideFolders)
	return dir, func() { _ = os.RemoveAll(dir) }, err // a start removes what stays
}

// examine looks at a database of its own folder with everything that can be known of it. With update it is first brought
// to this version, as a start would.
func examine(dir string, update bool) (r upkeep.Restored, err error) {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: Connect})
	if err := app.Bootstrap(); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, app.ClearBootstrap()) }()
	if update {
		if err := app.RunAllMigrations(); err != nil {
			return r, err
		}
	}
	r.Check, err = checkPages(app, "integrity_check")
	if err != nil {
		return r, err
	}
	if r.Check != "ok" {
		return r, nil // nothing else can be trusted
	}
	if r.Keys, r.Strays, err = strays(app); err != nil {
		return r, err
	}
	if r.Counts, err = tallies(app); err != nil {
		return r, err
	}
	if r.Seq, err = newestSeq(app.DB()); err != nil {
		return r, err
	}
	if r.AuditWrong, err = VerifyAudit(app); err != nil || !update {
		return r, err
	}
	r.Trigger, err = alteredTrigger(app)
	return r, err
}

// checkPages runs integrity_check or quick_check; ok when there is nothing to say.
func checkPages(app core.App, how string) (string, error) {
	var said []string
	if err := app.DB().NewQuery("PRAGMA " + how + "(3)").Column(&said); err != nil {
		return "", err
	}
	return strings.Join(said, "; "), nil
}

// strays counts the rows that point to a record that is not there: by SQLite's foreign keys, and by PocketBase's relations.
func strays(app core.App) (keys int, out []upkeep.Stray, err error) {
	var broken []dbx.NullStringMap
	if err := app.DB().NewQuery("PRAGMA foreign_key_check").All(&broken); err != nil {
		return 0, nil, err
	}
	all, err := app.FindAllCollections(core.CollectionTypeBase, core.CollectionTypeAuth)
	if err != nil {
		return 0, nil, err
	}
	for _, c := range all {
		for _, f := range c.Fields {
			relation, ok := f.(*core.RelationField)
			if !ok || relation.IsMultiple() {
				continue
			}
			target, err := app.FindCachedCollectionByNameOrId(relation.CollectionId)
			if err != nil {
				return 0, nil, err
			}
			var n int
			err = app.DB().NewQuery(fmt.Sprintf("SELECT COUNT(*) FROM {{%s}} a WHERE [[%s]] <> '' AND NOT EXISTS (SELECT 1 FROM {{%s}} b WHERE b.id = a.[[%s]])",
				c.Name, f.GetName(), target.Name, f.GetName())).Row(&n)
			if err != nil {
				return 0, nil, err
			}
			if n > 0 {
				out = append(out, upkeep.Stray{Field: c.Name + "." + f.GetName(), Rows: n})
			}
		}
	}
	return len(broken), out, nil
}

// tallies counts the rows of each synced collection, and those that the journal knows of it.
func tallies(app core.App) (out []upkeep.Tally, err error) {
	for _, p := range access.Synced() {
		if !app.HasTable(p.Collection) {
			continue // it came with a later version
		}
		t := upkeep.Tally{Collection: p.Collection}
		err := app.DB().NewQuery("SELECT (SELECT COUNT(*) FROM {{"+p.Collection+"}}), (SELECT COUNT(*) FROM sync_log WHERE col={:c} AND audience='' AND op='U')").
			Bind(dbx.Params{"c": p.Collection}).Row(&t.Rows, &t.Journal)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// settle leaves the database in one file: no log beside it that another database could be taken for having written.
func settle(path string) error {
	db, err := Connect(path)
	if err != nil {
		return err
	}
	db.DB().SetMaxOpenConns(1)
	var mode string
	err = db.NewQuery("PRAGMA journal_mode=DELETE").Row(&mode)
	if err == nil && mode != "delete" {
		err = fmt.Errorf("%s cannot be brought into one file (%s)", filepath.Base(path), mode)
	}
	return errors.Join(err, db.Close())
}
