package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// storage keeps volumes/ID and snapshots/ID; each has a folder data and a file about.json. They appear and disappear at
// once, by renaming: a call that was interrupted leaves nothing that a later one could take for whole.
type storage struct{ folder string }

type kind string

const (
	volumes   kind = "volumes"
	snapshots kind = "snapshots"
)

type about struct {
	Bytes   int64     `json:"bytes"`
	Source  string    `json:"source,omitempty"` // a volume's snapshot, or a snapshot's volume
	Created time.Time `json:"created"`
	Ready   time.Time `json:"ready"` // from when a snapshot may be restored
}

// The names that the sidecars make: prefix and UID. Nothing else becomes a path.
var valid = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,127}$`)

func openStorage(folder string) (*storage, error) {
	s := &storage{folder}
	// What an interrupted call left.
	if err := os.RemoveAll(s.partial()); err != nil {
		return nil, err
	}
	for _, path := range []string{s.path(volumes, ""), s.path(snapshots, ""), s.partial()} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *storage) path(k kind, id string) string { return filepath.Join(s.folder, string(k), id) }
func (s *storage) data(k kind, id string) string { return filepath.Join(s.path(k, id), "data") }
func (s *storage) partial() string               { return filepath.Join(s.folder, "partial") }

// find returns nil when there is none.
func (s *storage) find(k kind, id string) (*about, error) {
	if !valid.MatchString(id) {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(s.path(k, id), "about.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var a about
	return &a, json.Unmarshal(text, &a)
}

// make copies the data of what is at from; an empty path gives an empty folder that every user may write to.
func (s *storage) make(k kind, id string, a about, from string) error {
	partial, err := os.MkdirTemp(s.partial(), id+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	data := filepath.Join(partial, "data")
	if from == "" {
		if err := os.Mkdir(data, 0); err != nil {
			return err
		}
		if err := os.Chmod(data, 0o777); err != nil { // whatever the umask is
			return err
		}
	} else if said, err := exec.Command("cp", "--archive", from, data).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(partial, "about.json"), text, 0o644); err != nil {
		return err
	}
	return os.Rename(partial, s.path(k, id))
}

// remove does nothing when there is none.
func (s *storage) remove(k kind, id string) error {
	if !valid.MatchString(id) {
		return nil
	}
	partial := filepath.Join(s.partial(), id)
	if err := os.Rename(s.path(k, id), partial); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(partial) // also what an earlier call could not remove
}

func (s *storage) ids(k kind) ([]string, error) {
	entries, err := os.ReadDir(s.path(k, ""))
	var ids []string
	for _, entry := range entries {
		ids = append(ids, entry.Name())
	}
	return ids, err
}
