package hooks_test

import (
	"fmt"
	"go/ast"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docs/operate.md and the unit beside it, tried as far as a machine can that is not ours to install on.

// shell is what the page tells to type.
func shell(t *testing.T, page string) (blocks []string) {
	for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(readDoc(t, page), -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

var (
	aCommand = regexp.MustCompile(`(?m)(?:^|&& |-- |#.* as |; )(?:as|(?:\./)?interictal(?:-new)?) ([^#\n&]+)`)
	aFlag    = regexp.MustCompile(`--[a-z-]+`)
	aSetting = regexp.MustCompile(`INTERICTAL_[A-Z_]+`)
)

// Every command that the pages name is there, with the flags that stand beside it.
func TestThePagesCommandsExist(t *testing.T) {
	path, err := binary()
	check(t, err)
	asked := 0
	for _, page := range []string{"operate.md", "keeping.md"} {
		for _, m := range aCommand.FindAllStringSubmatch(strings.Join(shell(t, page), "\n"), -1) {
			words := strings.Fields(m[1])
			if words[0] == `"$@"` {
				continue // how the page defines `as`
			}
			var verbs []string
			for _, w := range words {
				if !regexp.MustCompile(`^[a-z-]+$`).MatchString(w) || strings.HasPrefix(w, "-") {
					break
				}
				verbs = append(verbs, w)
			}
			help, err := exec.Command(path, append(slices.Clone(verbs), "--help")...).CombinedOutput()
			if len(verbs) == 0 || err != nil || !strings.Contains(string(help), "interictal "+strings.Join(verbs, " ")) {
				t.Errorf("docs/%s: there is no %q: %v", page, m[1], err)
			}
			for _, flag := range aFlag.FindAllString(m[1], -1) {
				if !strings.Contains(string(help), flag) {
					t.Errorf("docs/%s: %v has no %s", page, verbs, flag)
				}
			}
			asked++
		}
		for _, name := range aSetting.FindAllString(readDoc(t, page), -1) {
			if !readHere(t, name) {
				t.Errorf("docs/%s names the setting %s, which nothing reads", page, name)
			}
		}
	}
	if asked < 15 {
		t.Errorf("only %d commands were found on the pages", asked)
	}
}

// readHere tells whether the program reads a setting.
func readHere(t *testing.T, name string) bool {
	found := false
	code(t, ".", func(n ast.Node) { found = found || strings.Contains(literal(n), name) })
	return found
}

// The unit: systemd's own judgement where it is there, and by our reading what it has to hold.
func TestTheUnit(t *testing.T) {
	unit, err := os.ReadFile(filepath.Join("..", "docs", "interictal.service"))
	check(t, err)
	set := map[string]string{}
	for _, line := range strings.Split(string(unit), "\n") {
		if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			set[key] = value
		}
	}
	for key, want := range map[string]string{
		"User": "interictal", "EnvironmentFile": "-/etc/interictal.env", "StateDirectory": "interictal", "StateDirectoryMode": "0700", "UMask": "0077", "ProtectSystem": "strict",
		"ReadWritePaths": "-/mnt/backup/interictal", "NoNewPrivileges": "yes", "Restart": "always", "AmbientCapabilities": "CAP_NET_BIND_SERVICE",
		"ExecStart": "/usr/local/bin/interictal serve clinic.example.org --dir /var/lib/interictal/data",
	} {
		if set[key] != want {
			t.Errorf("%s is %q, not %q", key, set[key], want)
		}
	}
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("no systemd here: the unit was read, not verified")
		return
	}
	path, err := binary()
	check(t, err)
	copied := filepath.Join(t.TempDir(), "interictal.service")
	check(t, os.WriteFile(copied, []byte(strings.ReplaceAll(string(unit), "/usr/local/bin/interictal", path)), 0o600))
	if said, err := exec.Command(verify, "verify", copied).CombinedOutput(); err != nil || strings.Contains(string(said), copied) || strings.Contains(string(said), "interictal.service") {
		t.Errorf("%v: %s", err, said)
	}
}

// asRoot plays what only root can do: users and owners are left out, and systemd starts, stops and restarts the server as the unit says, on loopback.
const asRoot = `set -eu
useradd() { :; }
chown() { :; }
runuser() { shift 3; "$@"; }
install() { local args=() skip=0; for a in "$@"; do if [ $skip = 1 ]; then skip=0; elif [ "$a" = -o ] || [ "$a" = -g ]; then skip=1; else args+=("$a"); fi; done; command install "${args[@]}"; }
up() { for i in $(seq 600); do curl -fs -o /dev/null "http://127.0.0.1:$PORT/api/health/ready" && return; sleep 0.1; done; echo "the server did not start"; cat "$ROOT/log"; exit 9; }
begin() { ( set -a; . "$ROOT/etc/interictal.env"; exec $(sed -n 's/^ExecStart=//p' "$ROOT/etc/systemd/system/interictal.service" | sed "s/serve clinic.example.org/serve --http 127.0.0.1:$PORT/") ) >"$ROOT/log" 2>&1 & echo $! >"$ROOT/pid"; up; }
halt() { kill "$(cat "$ROOT/pid")" && wait "$(cat "$ROOT/pid")" || true; }
systemctl() { case "$1" in daemon-reload) ;; enable|start) begin ;; stop) halt ;; restart) halt; begin ;; esac; }
trap halt EXIT
`

// The page as written, from nothing to an update and a restore. The doctor fails, as it must here: there is no certificate, and the copies lie on the disk of the data.
func TestThePageAsWritten(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("the page is tried as written, and takes %s", tool)
		}
	}
	path, err := binary()
	check(t, err)
	root := t.TempDir()
	for _, dir := range []string{"etc/systemd/system", "usr/local/bin", "var/lib", "mnt", "docs"} {
		check(t, os.MkdirAll(filepath.Join(root, dir), 0o700))
	}
	for name, from := range map[string]string{"interictal": path, "interictal-new": path, "docs/interictal.service": filepath.Join("..", "docs", "interictal.service")} {
		data, err := os.ReadFile(from)
		check(t, err)
		for _, place := range []string{"/usr/local", "/var/lib", "/mnt", "/etc"} {
			if strings.HasSuffix(name, ".service") {
				data = []byte(strings.ReplaceAll(string(data), place+"/", root+place+"/"))
			}
		}
		check(t, os.WriteFile(filepath.Join(root, name), data, 0o700))
	}
	script := asRoot
	for _, block := range shell(t, "operate.md") {
		for _, place := range []string{"/usr/local", "/var/lib", "/mnt", "/etc"} {
			block = strings.ReplaceAll(block, " "+place+"/", " "+root+place+"/")
			block = strings.ReplaceAll(block, "="+place+"/", "="+root+place+"/")
		}
		script += strings.ReplaceAll(block, "as doctor", "{ as doctor || true; }") + "echo '=== block'\n"
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	port := free.Addr().(*net.TCPAddr).Port
	check(t, free.Close())
	c := exec.Command("bash", "-c", script)
	c.Dir, c.Env = root, append(os.Environ(), "ROOT="+root, fmt.Sprint("PORT=", port), "PATH="+root+"/usr/local/bin:"+os.Getenv("PATH"))
	out, err := c.CombinedOutput()
	said := string(out)
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for want, times := range map[string]int{"=== block": 4, "fine    D_BACKUP ": 4, "fine    D_DRILL ": 3, "must    D_TLS ": 4, "must    D_BACKUP_PLACE ": 4, "fine    D_SUPERUSER ": 4, "fine    D_RATE_LIMITS ": 4, "came back whole": 4} {
		if got := strings.Count(said, want); got < times {
			t.Errorf("%q %d times, not %d", want, got, times)
		}
	}
	if strings.Contains(said, "must    D_DATABASE") || strings.Contains(said, "must    D_TRIGGERS") || strings.Contains(said, "must    D_SUPERUSER") {
		t.Error("a server that was set up as written is not well")
	}
	if t.Failed() {
		t.Log(said)
	}
}
