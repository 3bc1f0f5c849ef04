package csvfile

import "bytes"

// split appends a line's cells (RFC 4180). ok is false when a quote is where none may be. A cell such as ="0123", which
// spreadsheets write to keep a number as text, is its text.
func split(cells [][]byte, line []byte, delimiter byte) (_ [][]byte, ok bool) {
	for {
		start := Trim(line)
		if len(start) > 1 && start[0] == '=' && start[1] == '"' {
			start = start[1:]
		}
		if len(start) > 0 && start[0] == '"' {
			cell, rest, more, ok := quoted(start[1:], delimiter)
			if !ok {
				return cells, false
			}
			if cells = append(cells, cell); !more {
				return cells, true
			}
			line = rest
			continue
		}
		end := bytes.IndexByte(line, delimiter)
		cell := line
		if end >= 0 {
			cell = line[:end]
		}
		if bytes.IndexByte(cell, '"') >= 0 {
			return cells, false
		}
		if cells = append(cells, cell); end < 0 {
			return cells, true
		}
		line = line[end+1:]
	}
}

// quoted reads a cell from behind its opening quote up to the delimiter behind its closing one.
func quoted(b []byte, delimiter byte) (cell, rest []byte, more, ok bool) {
	for i := 0; i < len(b); i++ {
		if b[i] != '"' {
			continue
		}
		if i+1 < len(b) && b[i+1] == '"' {
			i++
			continue
		}
		cell = bytes.ReplaceAll(b[:i], []byte(`""`), []byte(`"`))
		end := bytes.IndexByte(b[i+1:], delimiter)
		if end < 0 {
			return cell, nil, false, len(Trim(b[i+1:])) == 0
		}
		return cell, b[i+1+end+1:], true, len(Trim(b[i+1:i+1+end])) == 0
	}
	return nil, nil, false, false
}

// literal appends a line's cells with quotes as characters like others.
func literal(cells [][]byte, line []byte, delimiter byte) [][]byte {
	for {
		end := bytes.IndexByte(line, delimiter)
		if end < 0 {
			return append(cells, line)
		}
		cells = append(cells, line[:end])
		line = line[end+1:]
	}
}

func blank(cells [][]byte) bool {
	for _, cell := range cells {
		if len(Trim(cell)) > 0 {
			return false
		}
	}
	return true
}

// fit drops blank cells behind the columns.
func fit(cells [][]byte, width int) [][]byte {
	for len(cells) > width && len(Trim(cells[len(cells)-1])) == 0 {
		cells = cells[:len(cells)-1]
	}
	return cells
}
