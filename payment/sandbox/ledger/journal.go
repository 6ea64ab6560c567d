package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// journal is an append-only file of JSON lines, each a record as it became; the last one of an id counts.
// It survives a kill, not a power cut: nothing here is worth an fsync.
type journal struct {
	file journalFile // nil keeps nothing
	size int64       // of the whole lines
}

// journalFile is what the journal needs of an *os.File.
type journalFile interface {
	io.ReadWriteCloser
	Truncate(size int64) error
}

// openJournal replays what the folder holds and goes on behind it. No folder means no file.
func openJournal(dir string, replay func(Record)) (*journal, error) {
	if dir == "" {
		return &journal{}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("payment: journal: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "charges.jsonl"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("payment: journal: %w", err)
	}
	j := &journal{file: file}
	if err := j.read(replay); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("payment: journal: %w", err)
	}
	return j, nil
}

func (j *journal) read(replay func(Record)) error {
	lines := bufio.NewReader(j.file)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			// A line without its end was torn by a kill: it was never answered, so it never happened.
			return j.file.Truncate(j.size)
		}
		if err != nil {
			return err
		}
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		replay(r)
		j.size += int64(len(line))
	}
}

// append writes the record, or leaves the file as it was.
func (j *journal) append(r Record) error {
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("payment: journal: %w", err)
	}
	line = append(line, '\n')
	if _, err := j.file.Write(line); err != nil {
		// Half a line would spoil the next one.
		return fmt.Errorf("payment: journal: %w", errors.Join(err, j.file.Truncate(j.size)))
	}
	j.size += int64(len(line))
	return nil
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}
