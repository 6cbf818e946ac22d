package hooks_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"interictal/hooks/hookstest"
)

// bucket answers like S3 as far as copies need it, for path-style addresses: /bucket/key.
type bucket struct {
	mu    sync.Mutex
	files map[string][]byte
	parts map[string][]byte // by key and number, of uploads under way
	full  bool              // it takes nothing more
	names []string          // who signed
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.names = append(b.names, r.Header.Get("Authorization"))
	key, asked := strings.TrimPrefix(r.URL.Path, "/copies/"), r.URL.Query()
	body, _ := io.ReadAll(r.Body)
	switch {
	case b.full && r.Method != http.MethodGet:
		w.WriteHeader(http.StatusInsufficientStorage)
	case r.Method == http.MethodPost && asked.Has("uploads"):
		fmt.Fprint(w, "<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>")
	case r.Method == http.MethodPut && asked.Has("partNumber"):
		b.parts[fmt.Sprintf("%s %05s", key, asked.Get("partNumber"))] = body
		w.Header().Set("ETag", `"part"`)
	case r.Method == http.MethodPost && asked.Has("uploadId"):
		b.complete(key)
		fmt.Fprint(w, "<CompleteMultipartUploadResult/>")
	case r.Method == http.MethodPut:
		b.files[key] = body
	case r.Method == http.MethodGet && asked.Has("list-type"):
		b.list(w, asked.Get("prefix"))
	case r.Method == http.MethodGet && b.files[key] != nil:
		w.Write(b.files[key])
	case r.Method == http.MethodHead && b.files[key] != nil:
	case r.Method == http.MethodDelete:
		delete(b.files, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (b *bucket) complete(key string) {
	var names []string
	for name := range b.parts {
		if strings.HasPrefix(name, key+" ") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		b.files[key] = append(b.files[key], b.parts[name]...)
		delete(b.parts, name)
	}
}

func (b *bucket) list(w io.Writer, prefix string) {
	type content struct{ Key, ETag, LastModified string }
	var found struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []content
	}
	for key := range b.files {
		if strings.HasPrefix(key, prefix) {
			found.Contents = append(found.Contents, content{key, `"0"`, "2026-01-01T00:00:00.000Z"})
		}
	}
	_ = xml.NewEncoder(w).Encode(found)
}

func TestCopiesGoToABucket(t *testing.T) {
	b := &bucket{files: map[string][]byte{"clinic/notes.txt": []byte("of somebody else")}, parts: map[string][]byte{}}
	server := httptest.NewServer(b)
	defer server.Close()
	h, k := hookstest.New(t), keeping(t)
	k.To = "s3://copies/clinic?endpoint=" + server.URL
	if _, err := runKeeping(h.App, k, "backup"); err == nil || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("without a key of the bucket: %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "id-of-the-clinic")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-clinic")

	// more than one part of an upload: bytes that cannot be packed
	runSQL(t, h.App, "CREATE TABLE noise AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 900) SELECT randomblob(10000) AS b FROM n")
	for _, command := range []string{"backup", "drill"} {
		if said, err := runKeeping(h.App, k, command); err != nil {
			t.Fatalf("%s: %s %v", command, said, err)
		}
	}
	back := filepath.Join(t.TempDir(), "data")
	_, err := runKeeping(folder(back), k, "restore")
	check(t, err)
	check(t, hookstest.Start(back))

	for key, body := range b.files {
		if key != "clinic/notes.txt" && (!strings.HasPrefix(key, "clinic/2") || len(body) < 8<<20 || strings.Contains(string(body), "SQLite format")) {
			t.Errorf("%s, %d bytes", key, len(body))
		}
	}
	for _, name := range b.names {
		if !strings.Contains(name, "id-of-the-clinic") || strings.Contains(name, "secret-of") {
			t.Errorf("signed by %q", name)
		}
	}
	before := len(b.files)
	b.full = true
	if _, err := runKeeping(h.App, k, "backup"); err == nil || len(b.files) != before {
		t.Errorf("a bucket that takes nothing: %v, %d files", err, len(b.files))
	}
	if said, _ := runKeeping(h.App, k, "doctor"); !strings.Contains(said, "fine    D_BACKUP ") {
		t.Errorf("the doctor does not find the copies: %s", said)
	}
}
