package form

import (
	"encoding/hex"
	"slices"
)

// IsClass reports whether s is a class of assistance: one letter from A to Z.
func IsClass(s string) bool { return len(s) == 1 && s[0] >= 'A' && s[0] <= 'Z' }

// HasDuplicate reports whether a list has a value twice.
func HasDuplicate[T comparable](list []T) bool {
	for i, v := range list {
		if slices.Contains(list[:i], v) {
			return true
		}
	}
	return false
}

// IsLowerOrDigit reports whether c is one of a–z, 0–9.
func IsLowerOrDigit(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// HasOnly reports whether ok holds for every byte of s.
func HasOnly(s string, ok func(byte) bool) bool {
	for i := 0; i < len(s); i++ {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

// IsDigits reports whether s has digits 0–9 only, and at least one.
func IsDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// IsSHA256 reports whether s is 64 hexadecimal digits in small letters.
func IsSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && hex.EncodeToString(b) == s
}
