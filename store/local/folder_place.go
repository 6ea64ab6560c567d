package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// elsewhere is where root's servers keep their data when the folder that was asked for lies where they cannot go.
const elsewhere = "/var/lib/guiche"

// placeFolder makes a server's folder and returns where it really is. A folder below /root, say, is out of reach for the
// user that the server runs as: there it becomes a link into elsewhere, and deleting the link means deleting the data.
func placeFolder(folder string, as *syscall.Credential) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	if as == nil {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return "", err
		}
		return filepath.EvalSymlinks(folder)
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(folder)
	switch {
	case err == nil:
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	case reachable(filepath.Dir(folder), as):
		real = folder
		err = os.Mkdir(real, 0o700)
	default:
		real, err = makeElsewhere(folder)
	}
	if err != nil {
		return "", err
	}
	if !reachable(filepath.Dir(real), as) {
		return "", fmt.Errorf("%s cannot be reached by user id %d, which the servers of root run as", real, as.Uid)
	}
	if err := os.Chown(real, int(as.Uid), int(as.Gid)); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(real)
}

// reachable tells whether a user may pass through a folder and all that it lies in.
func reachable(folder string, as *syscall.Credential) bool {
	for {
		info, err := os.Stat(folder)
		if err != nil {
			return false
		}
		owner := info.Sys().(*syscall.Stat_t)
		pass := fs.FileMode(0o001)
		switch {
		case owner.Uid == as.Uid:
			pass = 0o100
		case owner.Gid == as.Gid:
			pass = 0o010
		}
		if info.Mode()&pass == 0 {
			return false
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return true
		}
		folder = parent
	}
}

func makeElsewhere(folder string) (string, error) {
	// A link that points nowhere is what is left when only elsewhere was cleaned up.
	if target, err := os.Readlink(folder); err == nil && strings.HasPrefix(target, elsewhere+"/") {
		return target, os.MkdirAll(target, 0o700)
	}
	if err := os.MkdirAll(elsewhere, 0o755); err != nil {
		return "", err
	}
	if err := sweepElsewhere(); err != nil {
		return "", err
	}
	target, err := os.MkdirTemp(elsewhere, filepath.Base(folder)+"-")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(target+".link", []byte(folder), 0o600); err != nil {
		return "", err
	}
	return target, os.Symlink(target, folder)
}

// sweepElsewhere deletes what no link leads to any more.
func sweepElsewhere() error {
	notes, err := filepath.Glob(elsewhere + "/*.link")
	if err != nil {
		return err
	}
	for _, note := range notes {
		target := strings.TrimSuffix(note, ".link")
		link, err := os.ReadFile(note)
		if err != nil {
			return err
		}
		if to, err := os.Readlink(string(link)); err == nil && to == target {
			continue
		}
		lock, err := lockFolder(target)
		if errors.Is(err, ErrInUse) {
			continue
		}
		if err == nil {
			lock.Close()
		}
		if err := errors.Join(os.RemoveAll(target), os.Remove(note)); err != nil {
			return err
		}
	}
	return nil
}
