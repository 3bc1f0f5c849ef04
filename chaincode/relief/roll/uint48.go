package roll

import "encoding/binary"

func uint48(b []byte) uint64 {
	return uint64(b[0])<<40 | uint64(b[1])<<32 | uint64(binary.BigEndian.Uint32(b[2:]))
}

func putUint48(b []byte, n uint64) {
	b[0], b[1] = byte(n>>40), byte(n>>32)        //nolint:gosec // cut on purpose
	binary.BigEndian.PutUint32(b[2:], uint32(n)) //nolint:gosec // cut on purpose
}
