package hooks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The arrows of the house: a room may use a library and other rooms, never PocketBase, a database or a door.
func TestRoomsKnowNoPocketBase(t *testing.T) {
	for _, room := range rooms(t) {
		out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./"+room).Output()
		if err != nil {
			t.Fatalf("%s: %v", room, err)
		}
		for _, dependency := range strings.Fields(string(out)) {
			for _, closed := range []string{"github.com/pocketbase/", "modernc.org/sqlite", "interictal/hooks/hookstest", "interictal/migrations"} {
				if strings.HasPrefix(dependency, closed) || dependency == "interictal/hooks" {
					t.Errorf("the room %s depends on %s", room, dependency)
				}
			}
		}
	}
}

// A room never reads a clock: time is an argument.
func TestRoomsHaveNoClock(t *testing.T) {
	for _, room := range rooms(t) {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		check(t, err)
		for _, file := range files {
			body, err := os.ReadFile(file)
			check(t, err)
			if !strings.HasSuffix(file, "_test.go") && strings.Contains(string(body), "time.Now(") {
				t.Errorf("%s reads the clock", file)
			}
		}
	}
}

// Handlers of one hook share one space of ids, whatever their collections: the second of a name silently replaces the first.
func TestNoHandlerReplacesAnother(t *testing.T) {
	bound := regexp.MustCompile(`app\.(On\w+)\([^)]*\)\.Bind\((?:on\("(\w+)"|&hook\.Handler\[[^\]]*\]\{\s*Id: "(\w+)")`)
	files, err := filepath.Glob("*.go")
	check(t, err)
	first := map[string]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		body, err := os.ReadFile(file)
		check(t, err)
		for _, m := range bound.FindAllStringSubmatch(string(body), -1) {
			name := m[1] + " " + m[2] + m[3]
			if other, taken := first[name]; taken {
				t.Errorf("%s is bound in %s and again in %s", name, other, file)
			}
			first[name] = file
		}
	}
	if len(first) < 60 {
		t.Errorf("only %d handlers were found", len(first))
	}
}

func rooms(t *testing.T) []string {
	entries, err := os.ReadDir(".")
	check(t, err)
	var out []string
	for _, e := range entries {
		if e.IsDir() && !slices.Contains([]string{"hookstest", "testdata"}, e.Name()) {
			out = append(out, e.Name())
		}
	}
	return out
}

// Nothing else at the top, and main stays a page.
func TestTheTopOfTheHouse(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "--full-name", "..").Output()
	check(t, err)
	known := []string{"main.go", "go.mod", "go.sum", "Makefile", "README.md", "LICENSE", ".gitignore", ".ci", "hooks", "migrations", "pb_public", "docs"}
	for _, file := range strings.Fields(string(out)) {
		if top, _, _ := strings.Cut(file, "/"); !slices.Contains(known, top) {
			t.Errorf("%s is not part of the house", file)
		}
	}
	body, err := os.ReadFile("../main.go")
	check(t, err)
	if lines := strings.Count(string(body), "\n"); lines >= 60 {
		t.Errorf("main.go has %d lines", lines)
	}
}
