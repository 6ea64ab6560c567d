package local

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// longestSocket is the longest path of a socket that every system takes: macOS has 104 bytes for it, with a zero at its end.
const longestSocket = 103

// placeSocket makes the folder of a server's socket and returns it: in the server's folder, or, when that lies too deep for
// the name of a socket, a short one that is derived from it. Whoever can enter it may do everything with the server.
// It is called when no server runs, and deletes what a killed one has left: a socket, and Postgres's note of a process id.
func placeSocket(folder, name string, as *syscall.Credential) (string, error) {
	place := filepath.Join(folder, "socket")
	if len(filepath.Join(place, name)) > longestSocket {
		place = filepath.Join(os.TempDir(), fmt.Sprintf("guiche-%x", sha256.Sum256([]byte(folder)))[:len("guiche-")+16])
	}
	if len(filepath.Join(place, name)) > longestSocket {
		return "", fmt.Errorf("the temporary folder %s lies too deep for a socket", os.TempDir())
	}
	if err := makePrivate(place, as); err != nil {
		return "", err
	}
	for _, left := range []string{name, name + ".lock"} {
		if err := os.Remove(filepath.Join(place, left)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return place, nil
}

// makePrivate makes a folder that only the servers' user and we can enter, and trusts one that is there already only if
// it is just that: names in a temporary folder can be taken by anybody.
func makePrivate(place string, as *syscall.Credential) error {
	uid, gid, mode := os.Geteuid(), os.Getegid(), fs.FileMode(0o700)
	if as != nil {
		// Root passes by its group, so that it needs no right to pass everywhere.
		uid, mode = int(as.Uid), 0o710
	}
	err := os.Mkdir(place, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err != nil {
		info, err := os.Lstat(place)
		if err != nil {
			return err
		}
		owner := int(info.Sys().(*syscall.Stat_t).Uid)
		if !info.IsDir() || owner != uid && owner != os.Geteuid() || info.Mode()&0o022 != 0 {
			return fmt.Errorf("%s is not a private folder of ours", place)
		}
	}
	return errors.Join(os.Chown(place, uid, gid), os.Chmod(place, mode))
}
