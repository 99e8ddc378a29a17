//go:build unix

package store

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// sameOwner gives a file the owner of another one.
func sameOwner(file string, of fs.FileInfo) error {
	want, ok := of.Sys().(*syscall.Stat_t)
	if !ok || int(want.Uid) == os.Geteuid() {
		return nil
	}
	if err := os.Chown(file, int(want.Uid), int(want.Gid)); err != nil {
		return fmt.Errorf("the database belongs to another user; restore it as that user, or as root: %w", err)
	}
	return nil
}
