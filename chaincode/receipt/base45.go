package receipt

import "strings"

// alphabet45 is that of QR's alphanumeric mode, in the order of base45 (RFC 9285).
const alphabet45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

func encode45(b []byte) string {
	out := make([]byte, 0, (len(b)*3+1)/2)
	for ; len(b) >= 2; b = b[2:] {
		n := int(b[0])<<8 | int(b[1])
		out = append(out, alphabet45[n%45], alphabet45[n/45%45], alphabet45[n/45/45])
	}
	if len(b) == 1 {
		out = append(out, alphabet45[b[0]%45], alphabet45[b[0]/45])
	}
	return string(out)
}

// decode45 is strict: one text for one content.
func decode45(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s)*2/3+1)
	for len(s) > 0 {
		size := min(len(s), 3)
		n, ok := digits45(s[:size])
		switch {
		case !ok || size == 1:
			return nil, false
		case size == 3 && n <= 0xffff:
			out = append(out, byte(n>>8), byte(n)) //nolint:gosec // 16 bits
		case size == 2 && n <= 0xff:
			out = append(out, byte(n)) //nolint:gosec // 8 bits
		default:
			return nil, false
		}
		s = s[size:]
	}
	return out, true
}

func digits45(s string) (int, bool) {
	n := 0
	for i := len(s) - 1; i >= 0; i-- {
		digit := strings.IndexByte(alphabet45, s[i])
		if digit < 0 {
			return 0, false
		}
		n = n*45 + digit
	}
	return n, true
}
