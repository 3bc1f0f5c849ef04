package provjson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/provjson"
)

// A batch was opened: the transaction is an activity that made a version of the batch in the name of an official.
func ExampleWrite() {
	steps := []index.Step{{
		Act: "payment.open", Title: "建立批次 · Batch opened", Record: "batch/b-2026-11", Transaction: "t1", Block: 9,
		At: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC),
		By: ledger.Identity{MSPID: "CivilAffairsMSP", Name: "civil-preparer", Role: "preparer"},
	}}
	var document bytes.Buffer
	if err := provjson.Write(&document, steps); err != nil {
		fmt.Println(err)
		return
	}
	var parts struct {
		Entity json.RawMessage `json:"entity"`
		Made   json.RawMessage `json:"wasGeneratedBy"`
	}
	if err := json.Unmarshal(document.Bytes(), &parts); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n%s\n", parts.Entity, parts.Made)
	// Output:
	// {"relief:version_batch%2Fb-2026-11_t1":{"prov:type":{"$":"relief:version","type":"prov:QUALIFIED_NAME"},"relief:record":"batch/b-2026-11"}}
	// {"_:r1":{"prov:activity":"relief:transaction_t1","prov:entity":"relief:version_batch%2Fb-2026-11_t1","prov:time":"2026-11-02T08:00:00Z"}}
}
