//go:build linux

package postgres

import (
	"errors"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// ordinary is how a program runs that root may not run; the folder becomes its user's.
func ordinary(dir string) (*syscall.SysProcAttr, error) {
	as := &syscall.SysProcAttr{Setpgid: true} // ^C is ours, and the server ends after us
	if os.Geteuid() != 0 {
		return as, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
			return as, os.Chown(dir, uid, gid)
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

// memory is a folder in memory, where databases are made five times as fast; "" where there
// is none, or little room in it.
func memory() string {
	const dir, room = "/dev/shm", 2 << 30
	var free syscall.Statfs_t
	if err := syscall.Statfs(dir, &free); err != nil || free.Bavail*uint64(free.Bsize) < room {
		return ""
	}
	return dir
}
