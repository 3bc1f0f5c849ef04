// SPDX-License-Identifier: Apache-2.0

// Command dump does random acts on a ledger in memory and writes what they wrote, a JSON document a transaction. It is for tests
// that cannot link the contracts, because they have another generation of Fabric's messages.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/fakeledger/randomacts"
	"relieftrail/chaincode/founding"
)

func main() {
	acts, seed := flag.Int("acts", 1000, "how many"), flag.Uint64("seed", 0, "of the random numbers")
	flag.Parse()
	if err := dump(*acts, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "dump:", err)
		os.Exit(1)
	}
}

func dump(acts int, seed uint64) error {
	l, err := fakeledger.New(fakeledger.Endorsers(1))
	if err != nil {
		return err
	}
	if err := l.FoundWith(founding.Dev); err != nil {
		return err
	}
	a, err := randomacts.On(l, seed)
	if err != nil {
		return err
	}
	for range acts {
		if err := a.Step(); err != nil {
			return err
		}
	}
	out := json.NewEncoder(os.Stdout)
	for n := range l.Height() {
		block, _ := l.Block(n)
		for i := range block.Txs {
			if err := out.Encode(randomacts.WrittenBy(&block.Txs[i])); err != nil {
				return fmt.Errorf("block %d: %w", n, err)
			}
		}
	}
	return nil
}
