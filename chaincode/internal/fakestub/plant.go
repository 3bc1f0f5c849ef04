// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// Plant commits values that no contract wrote, in a valid transaction and a block of their own: for tests of what readers do with
// a corrupt value.
func (l *Ledger) Plant(writes ...KVWrite) {
	slices.SortFunc(writes, func(a, b KVWrite) int { return strings.Compare(a.Key, b.Key) })
	now := l.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	number := uint64(len(l.blocks))
	id := sha256.Sum256(fmt.Append(nil, "planted ", number))
	tx := Tx{
		ID: hex.EncodeToString(id[:]), Time: now, Writes: writes, Code: peer.TxValidationCode_VALID,
		Creator: Creator{MSPID: l.orgs[0]}, Endorsers: slices.Clone(l.orgs),
	}
	l.state.apply(&tx, nil, l.members, Version{Block: number}, nil)
	l.txs[tx.ID] = txRef{number, 0}
	l.blocks = append(l.blocks, &Block{Number: number, Txs: []Tx{tx}})
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
}
