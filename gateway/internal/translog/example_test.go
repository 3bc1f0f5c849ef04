package translog_test

import (
	"crypto/ed25519"
	"fmt"
	"log"
	"strings"

	"relieftrail/gateway/internal/translog"
)

// The policy by which receipts are verified asks for a cosignature of every agency.
func ExamplePolicy() {
	key := func(n byte) []translog.Key {
		seed := make([]byte, ed25519.SeedSize)
		seed[0] = n
		return []translog.Key{{Public: ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)}}
	}
	policy, err := translog.Policy("relief.example.cn/log", []translog.Agency{
		{MSPID: "CivilAffairsMSP", Name: "民政局", NameEn: "Civil Affairs", LogKeys: key(1), Keys: key(2)},
		{MSPID: "FinanceMSP", Name: "财政局", NameEn: "Finance", LogKeys: key(3), Keys: key(4)},
	}, "")
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(policy) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "group", "quorum":
			fmt.Println(kind, rest)
		default:
			fmt.Println(kind)
		}
	}
	// Output:
	// #
	// log
	// log
	// witness
	// witness
	// group agencies all 民政局·Civil_Affairs 财政局·Finance
	// quorum agencies
}
