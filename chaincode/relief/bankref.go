package relief

import (
	"crypto/sha256"
	"encoding/hex"
)

// BankRefHash is the SHA-256 of the bank's own reference of a payment, cut to the first 128 bits. A holder of the
// bank's statement can compute the hash and so find the payment there. The zero value means that there is no reference.
type BankRefHash [16]byte

// HashBankRef computes the hash of a reference's UTF-8 bytes; zero when there is no reference.
func HashBankRef(ref []byte) (h BankRefHash) {
	if len(ref) > 0 {
		sum := sha256.Sum256(ref)
		copy(h[:], sum[:])
	}
	return h
}

// String writes 32 hexadecimal digits in small letters.
func (h BankRefHash) String() string { return hex.EncodeToString(h[:]) }
