package hookstest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// template is a data folder with the cast in it, kept in memory. Making one runs every migration, so it is kept between runs
// of the tests too, under the hash of the sources it was made with.
var template = sync.OnceValues(func() (map[string][]byte, error) {
	kept, err := keptTemplate()
	if err != nil {
		return nil, err
	}
	if files, err := contents(kept); err == nil && len(files) > 0 {
		now := time.Now()
		return files, os.Chtimes(kept, now, now)
	}
	dir, err := os.MkdirTemp(filepath.Dir(kept), "making-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := makeTemplate(dir); err != nil {
		return nil, err
	}
	files, err := contents(dir)
	if err == nil {
		_ = os.Rename(dir, kept) // where another run was faster, its copy stays
	}
	return files, err
})

func makeTemplate(dir string) error {
	app, err := Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(invite(app), app.ClearBootstrap())
}

// fresh is a new copy of the template.
func fresh(t testing.TB) string {
	t.Helper()
	files, err := template()
	must(t, err)
	return unpack(t, files)
}

// keptTemplate is where a template of these sources lies; older ones are let go.
func keptTemplate() (string, error) {
	sources, err := hashOfSources()
	if err != nil {
		return "", err
	}
	base := filepath.Join(os.TempDir(), fmt.Sprintf("interictal-templates-%d", os.Getuid()))
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", err
	}
	left, err := os.ReadDir(base)
	for _, old := range left {
		if info, err := old.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(base, old.Name()))
		}
	}
	return filepath.Join(base, sources), err
}

// hashOfSources covers all that a migration may ask: the rooms, and what the program is built with. The doors (hooks/*.go) know no table by themselves.
func hashOfSources() (string, error) {
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	sum := sha256.New()
	for _, from := range []string{"go.sum", "migrations", "hooks"} {
		err := filepath.WalkDir(filepath.Join(root, from), func(path string, entry fs.DirEntry, err error) error {
			door := filepath.Dir(path) == filepath.Join(root, "hooks")
			if err != nil || entry.IsDir() || door || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := os.Open(path)
			if err != nil {
				return err
			}
			defer file.Close()
			fmt.Fprintln(sum, path)
			_, err = io.Copy(sum, file)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))[:16], nil
}
