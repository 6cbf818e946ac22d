package hooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/filesystem/blob"

	"interictal/hooks/backup"
)

// store is the place of the copies. PocketBase's own file system speaks to folders and to whatever is like S3.
type store struct {
	files  *filesystem.System
	cancel context.CancelFunc
	folder string // on a disk of this machine
	prefix string // in a bucket
}

func openStore(ctx context.Context, to string) (*store, error) {
	s := &store{}
	var err error
	if strings.HasPrefix(to, "s3://") {
		err = s.openBucket(to)
	} else {
		s.folder = filepath.Clean(to)
		if err = os.MkdirAll(s.folder, 0o700); err == nil {
			s.files, err = filesystem.NewLocal(s.folder)
		}
	}
	if err != nil {
		return nil, err
	}
	ctx, s.cancel = context.WithCancel(ctx)
	s.files.SetContext(ctx)
	return s, nil
}

// openBucket takes the secrets from where S3's own tools take them.
func (s *store) openBucket(to string) (err error) {
	at, err := url.Parse(to)
	if err != nil || at.Host == "" || at.User != nil {
		return errors.New("a bucket is written s3://bucket/folder?endpoint=https://…&region=…; its keys are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if id == "" || secret == "" {
		return errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold no keys of the bucket")
	}
	asked := at.Query()
	region := asked.Get("region")
	if region == "" {
		region = "us-east-1"
	}
	endpoint := asked.Get("endpoint")
	if endpoint == "" {
		endpoint = "https://s3." + region + ".amazonaws.com"
	}
	if s.prefix = strings.Trim(at.Path, "/"); s.prefix != "" {
		s.prefix += "/"
	}
	s.files, err = filesystem.NewS3(at.Host, region, endpoint, id, secret, asked.Get("style") != "host")
	return err
}

func (s *store) Close() error {
	s.cancel()
	return s.files.Close()
}

// put stores a file under a name, whole or not at all.
func (s *store) put(name, path string) (size int64, err error) {
	from, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	w, err := s.files.NewWriter(s.prefix+name, &blob.WriterOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return 0, err
	}
	if size, err = io.Copy(w, from); err != nil {
		s.cancel() // or Close would store what there is
		return size, errors.Join(err, w.Close())
	}
	if err := w.Close(); err != nil {
		return size, fmt.Errorf("storing %s: %w", name, err)
	}
	return size, s.sync(name)
}

// sync waits until a file in a folder is on its disk.
func (s *store) sync(name string) error {
	if s.folder == "" {
		return nil
	}
	path := filepath.Join(s.folder, filepath.FromSlash(name))
	return errors.Join(syncPath(path), syncPath(filepath.Dir(path)), syncPath(s.folder))
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (s *store) get(c backup.Copy) (io.ReadCloser, error) {
	return s.files.GetReader(s.prefix + c.Name())
}
func (s *store) remove(c backup.Copy) error { return s.files.Delete(s.prefix + c.Name()) }

// copies lists what there is, in the order of time. Whatever else lies there is left alone.
func (s *store) copies() (out []backup.Copy, err error) {
	found, err := s.files.List(s.prefix)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if c, ok := backup.Parse(strings.TrimPrefix(f.Key, s.prefix)); ok && !f.IsDir {
			out = append(out, c)
		}
	}
	backup.Sort(out)
	return out, nil
}
