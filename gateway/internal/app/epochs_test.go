package app_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/config"
)

// keysTurn are the keys of epoch 2 and the gateways that turn to them.
type keysTurn struct {
	*world
	subject, persons, tags, receipt string // files
}

// laterKeys makes the keys of epoch 2; every gateway has them as keys that open.
func (w *world) laterKeys() *keysTurn {
	dir := w.t.TempDir()
	write := func(name string, fill byte) string {
		file := filepath.Join(dir, name)
		require.NoError(w.t, os.WriteFile(file, []byte(hex.EncodeToString(bytes.Repeat([]byte{fill}, 32))), 0o600))
		return file
	}
	k := &keysTurn{w, write("subject-2.key", 17), write("persons-2.key", 18), write("tags-2.key", 16), write("receipt-2.key", 19)}
	for msp, cfg := range w.configs {
		cfg.SubjectKey.Also = []config.EpochKey{{Epoch: 2, File: k.subject}}
		cfg.PersonsKey.Also = []config.EpochKey{{Epoch: 2, File: k.persons}}
		cfg.TagKey.Also = []config.EpochKey{{Epoch: 2, File: k.tags}}
		w.restart(msp)
		w.doors[msp].open(w.gateway[principals[msp][0]])
	}
	return k
}

// use has an agency's gateway seal and tag with the keys of epoch 2.
func (k *keysTurn) use(msp string) {
	cfg := k.configs[msp]
	turn := func(key config.SharedKey) config.SharedKey {
		return config.SharedKey{Epoch: 2, File: key.Also[0].File, Also: []config.EpochKey{{Epoch: 1, File: key.File}}}
	}
	cfg.PersonsKey, cfg.TagKey = turn(cfg.PersonsKey), turn(cfg.TagKey)
	if cfg.ReceiptKeyFile != "" {
		cfg.ReceiptKeyFile, cfg.EarlierReceiptKeyFiles = k.receipt, []string{cfg.ReceiptKeyFile}
	}
	k.restart(msp)
	k.doors[msp].open(k.gateway[principals[msp][0]])
}

// paid lists payments of December, has the bank told and settles them; every one is credited. It gives them.
func (k *keysTurn) paid(batch string, list []byte) []payment {
	k.t.Helper()
	k.open(batch, "2026-12", list)
	j := k.upload("civil-preparer", http.MethodPut, "/v1/batches/"+batch+"/lines", list)
	count, _ := sum(k.t, list)
	require.Equal(k.t, count, j.Result.Accepted, "%+v", j)
	k.post(200, "civil-preparer", "/v1/batches/"+batch+"/seal", object{})
	k.post(200, "civil-approver", "/v1/batches/"+batch+"/approve", object{})
	k.tellBank(batch)
	payments := k.payments(batch)
	var answers strings.Builder
	answers.WriteString("支付编号,金额,结果,原因代码,日期,银行流水号\n")
	for i, p := range payments {
		fmt.Fprintf(&answers, "%s,%s,credited,,2026-11-09,NX-%s-%d\n", p.ID, p.Amount, batch, i)
	}
	j = k.upload("finance-preparer", http.MethodPost, "/v1/batches/"+batch+"/settlements", []byte(answers.String()))
	require.Equal(k.t, count, j.Result.Accepted, "%+v", j)
	return payments
}

const (
	newcomerID   = "11010519491231002X"
	newcomerCard = "6230599083016613192"
	applicantID  = "110105194912310011"
)

// TestSharedKeysTurn: payments before, while and after the shared keys turn, each person once. Two gateways turn at different times.
func TestSharedKeysTurn(t *testing.T) {
	w := newWorld(t)
	november := w.settled("b-11")
	w.cosigned(len(november) - 1)
	known := w.subject()
	require.True(t, strings.HasPrefix(known, "1-"), known)
	w.post(201, "civil-preparer", "/v1/cases", object{
		"id": "turn-1", "programme": "dibao", "region": "530181003214", "settlement": "rural", "account": newcomerCard, "income": "900.00", "reason": "因病致贫",
		"members": []object{{"name": "李四", "id_number": applicantID}},
	})
	k := w.laterKeys()

	k.use("CivilAffairsMSP") // finance still seals with the earlier keys
	during := listOf(oldCard, "2026-12")
	first := k.paid("b-12", during)
	require.Equal(t, known, first[0].Subject)

	w.changeRegistry("turn", object{"reference_key": object{"epoch": 2, "check": relief.CheckOfKey(bytes.Repeat([]byte{17}, 32))}})
	for _, url := range w.gateway {
		w.awaitIndex(url)
	}
	require.Equal(t, known, w.subject(), "who is known keeps their reference")
	again := w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll", read(t, "roll.csv"))
	require.Zero(t, again.Import.New+again.Import.Changed, "%+v", again)
	rows := strings.SplitAfter(string(read(t, "roll.csv")), "\n")
	newcomer := rows[0] + "5301819999999,530181003214,张三," + newcomerID + "," + newcomerCard + ",农村信用社,1,B,13900000000,480.00\n"
	j := w.confirmImport(w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll", []byte(newcomer)))
	require.Equal(t, 1, j.Result.Accepted, "%+v", j)
	var found struct{ Subject string }
	w.post(200, "civil-preparer", "/v1/subjects/lookup", object{"id_number": newcomerID}).into(t, &found)
	require.True(t, strings.HasPrefix(found.Subject, "2-"), found.Subject)

	k.sealedAgain(known)
	k.use("FinanceMSP")
	k.allSealedAgain()
	k.retire()
	require.Zero(t, k.sealedUnder(1))
	var facts struct{ Account string }
	w.get("civil-preparer", "/v1/cases/turn-1/facts", &facts)
	require.Equal(t, newcomerCard, facts.Account, "opened without the earlier key")
	after := k.paid("b-13", fmt.Appendf(nil, header+"1,530181003214,张三,%s,%s,农村信用社,1,480.00,2026-12,\n", newcomerID, newcomerCard))
	require.Equal(t, found.Subject, after[0].Subject)
	w.open("b-14", "2026-12", during)
	j = w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-14/lines", during)
	require.Equal(t, 1, j.Result.Refused, "nobody is paid twice")

	w.cosigned(len(november) + 1)
	for _, p := range []payment{november[7], first[0], after[0]} { // salted with both keys
		w.must(200, "finance-preparer", call{method: http.MethodGet, path: "/v1/payments/" + p.ID + "/receipt"})
	}
	w.nothingPersonal(read(t, "payments-2026-11.csv"))
}

// sealedAgain has a person's details sealed again by two officials, the second of whom has them compared.
func (k *keysTurn) sealedAgain(subject string) {
	k.t.Helper()
	body := object{"kind": "payee", "programme": "dibao", "subject": subject, "renew": true, "evidence_sha256": strings.Repeat("ab", 32)}
	var c struct{ ID, SHA256 string }
	k.post(201, "civil-preparer", "/v1/changes", body).into(k.t, &c)
	var seen struct {
		Old, New struct{ Name, Account string }
		Doubts   []struct{ Code string }
	}
	k.get("civil-approver", "/v1/changes/"+c.ID+"/payee", &seen)
	require.Equal(k.t, seen.Old, seen.New)
	require.Empty(k.t, seen.Doubts)
	k.post(200, "civil-approver", "/v1/changes/"+c.ID+"/confirm", object{"sha256": c.SHA256, "agree": true})
}

// allSealedAgain has everything that is sealed of the county sealed again by two officials.
func (k *keysTurn) allSealedAgain() {
	k.t.Helper()
	require.Positive(k.t, k.sealedUnder(1))
	proposed := k.follow("civil-preparer", k.post(202, "civil-preparer", "/v1/reseals", object{"county": "530181"}))
	require.Equal(k.t, "done", proposed.State, "%+v", proposed)
	var waiting struct {
		Documents int
		SHA256    string
	}
	k.get("civil-approver", "/v1/reseals/waiting?county=530181", &waiting)
	require.Positive(k.t, waiting.Documents)
	k.post(403, "civil-preparer", "/v1/reseal-confirmations", object{"county": "530181", "sha256": waiting.SHA256, "agree": true})
	k.post(409, "civil-approver", "/v1/reseal-confirmations", object{"county": "530181", "sha256": strings.Repeat("0", 64), "agree": true})
	k.post(422, "civil-approver", "/v1/reseal-confirmations", object{"county": "530181001", "sha256": waiting.SHA256, "agree": true})
	k.post(422, "civil-approver", "/v1/reseal-confirmations", object{"county": "530181", "sha256": waiting.SHA256})
	confirmed := k.follow("civil-approver", k.post(202, "civil-approver", "/v1/reseal-confirmations", object{"county": "530181", "sha256": waiting.SHA256, "agree": true}))
	require.Equal(k.t, waiting.Documents, confirmed.Result.Accepted, "%+v", confirmed)
}

// retire takes the earlier key of private details away from both gateways.
func (k *keysTurn) retire() {
	for _, msp := range []string{"CivilAffairsMSP", "FinanceMSP"} {
		k.configs[msp].PersonsKey.Also = nil
		k.restart(msp)
		k.doors[msp].open(k.gateway[principals[msp][0]])
	}
}

// sealedUnder counts the sealed documents under the key of an epoch.
func (k *keysTurn) sealedUnder(epoch int) (documents int) {
	var counts struct {
		Items []struct {
			Epoch     int
			Documents *int
		}
	}
	k.get("finance-preparer", "/v1/key-epochs", &counts)
	for _, e := range counts.Items {
		require.NotNil(k.t, e.Documents)
		if e.Epoch == epoch {
			documents += *e.Documents
		}
	}
	return documents
}
