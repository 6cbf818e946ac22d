package hooks

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"interictal/hooks/upkeep"
)

// What only the operating system knows. Elsewhere it is unknown (machine_other.go).

// lockFile takes a lock that ends with the process, however that ends. ok is false when another process has it.
func lockFile(path string) (release func(), ok bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, false, f.Close()
	case err != nil: // a file system without locks
		return func() {}, true, f.Close()
	}
	return func() { _ = f.Close() }, true, nil
}

// File systems on which SQLite's log cannot be shared safely, or whose files do not outlive the machine.
var unfitKinds = map[int64]string{
	0x01021994: "a disk in memory (tmpfs)", 0x6969: "a network folder (nfs)", 0xff534d42: "a network folder (cifs)",
	0xfe534d42: "a network folder (smb)", 0x65735546: "a folder of another program (fuse)", 0x01021997: "a folder of the host (9p)",
}

func diskOf(dataDir string) *upkeep.Disk {
	var s syscall.Statfs_t
	if syscall.Statfs(dataDir, &s) != nil {
		return nil
	}
	d := &upkeep.Disk{Free: s.Bavail * uint64(s.Bsize), Total: s.Blocks * uint64(s.Bsize), Kind: unfitKinds[int64(s.Type)]}
	if info, err := os.Stat(filepath.Join(dataDir, "data.db")); err == nil {
		d.Database = uint64(info.Size())
	}
	return d
}

// sameDisk tells whether two folders lie on one file system.
func sameDisk(a, b string) bool {
	var first, second syscall.Stat_t
	return syscall.Stat(a, &first) == nil && syscall.Stat(b, &second) == nil && first.Dev == second.Dev
}

// clockSynced asks the kernel whether somebody keeps its clock right.
func clockSynced() *bool {
	const unsynced, withoutNTP = 5, 0x40
	var t syscall.Timex
	state, err := syscall.Adjtimex(&t)
	if err != nil {
		return nil
	}
	synced := state != unsynced && t.Status&withoutNTP == 0
	return &synced
}
