package rules

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// office is a ledger whose registry is founded, with a registrar and a clerk of civil affairs.
type office struct {
	*ledger
	registrar, clerk signer
}

// signer is somebody with a certificate.
type signer struct{ name, serial string }

var threeAgencies = []registry.Agency{
	{MSPID: "CivilAffairsMSP", Kind: registry.KindCivilAffairs, Name: "民政局"}, {MSPID: "FinanceMSP", Kind: registry.KindFinance, Name: "财政局"},
	{MSPID: "AuditMSP", Kind: registry.KindAudit, Name: "审计局"},
}

func newOffice(t *testing.T) *office {
	t.Helper()
	l := newTestLedger(t)
	o := &office{ledger: l}
	o.registrar, o.clerk = signer{"registrar", "a1"}, signer{"Clerk", "a2"}
	founder := registry.OfficialTerms{Agency: "CivilAffairsMSP", Name: "registrar", ID: "1"}
	require.Empty(t, o.by(t, o.registrar, func(tx *Tx) map[string]string {
		return map[string]string{relief.AgenciesKey().String(): text(t, threeAgencies), keyOf("registrar"): text(t, entry(founder, tx, relief.ActOfficialRegister))}
	}))
	require.Empty(t, o.by(t, o.registrar, func(tx *Tx) map[string]string {
		return map[string]string{keyOf("clerk"): text(t, entry(clerkTerms, tx, relief.ActOfficialRegister))}
	}))
	return o
}

var clerkTerms = registry.OfficialTerms{Agency: "CivilAffairsMSP", Name: "clerk", ID: "2"}

func keyOf(name string) string { return relief.OfficialKey("CivilAffairsMSP", name).String() }

// entry is an official's entry with acts of the registrar.
func entry(terms registry.OfficialTerms, tx *Tx, acts ...relief.Act) registry.OfficialEntry {
	e := registry.OfficialEntry{OfficialTerms: terms, State: registry.OfficialActive, Revoked: []string{}}
	for _, act := range acts {
		e.Acts = append(e.Acts, relief.HistoryEntry{Act: act, By: relief.Official{Agency: "CivilAffairsMSP", Name: "registrar", ID: "1"}, Tx: tx.ID})
	}
	return e
}

// by applies a transaction of a sender and gives what is found, in words.
func (o *office) by(t *testing.T, sender signer, values func(*Tx) map[string]string) (found []string) {
	t.Helper()
	tx := By("t", "CivilAffairsMSP", sender.name, sender.serial)
	var records []Record
	for name, value := range values(tx) {
		k, ok := relief.ParseKey(name)
		require.True(t, ok)
		records = append(records, Record{k, name, []byte(value)})
	}
	for _, p := range o.Apply(tx, records) {
		found = append(found, string(p.Kind)+": "+p.Detail)
	}
	return found
}

// more is the clerk's entry with one more act of the registrar.
func (o *office) more(tx *Tx, act relief.Act, change func(*registry.OfficialEntry)) registry.OfficialEntry {
	e := *o.Officials[keyOf("clerk")]
	e.Acts = append(e.Acts[:len(e.Acts):len(e.Acts)], entry(clerkTerms, tx, act).Acts...)
	change(&e)
	return e
}

// Whatever is written after the founding is written by an official who was registered, not retired, and whose certificate was
// not revoked.
func TestActsOfNoOfficialAreFound(t *testing.T) {
	o := newOffice(t)
	writes := func(*Tx) map[string]string {
		return map[string]string{relief.CosigningKeysKey().String(): "[]"}
	}
	require.Empty(t, o.by(t, o.clerk, writes), "Clerk is clerk")
	stranger := signer{"stranger", "a3"}
	requireFound(t, o.by(t, stranger, writes), "official: ", "is not registered")
	alike := signer{"сlerk", "a4"}
	requireFound(t, o.by(t, alike, writes), "official: ", "is not registered")

	require.Empty(t, o.by(t, o.registrar, func(tx *Tx) map[string]string {
		e := o.more(tx, relief.ActOfficialRevoke, func(e *registry.OfficialEntry) { e.Revoked = []string{o.clerk.serial} })
		return map[string]string{keyOf("clerk"): text(t, e)}
	}))
	requireFound(t, o.by(t, o.clerk, writes), "official: ", "is revoked")
	renewed := signer{"clerk", "a5"}
	require.Empty(t, o.by(t, renewed, writes))
	requireFound(t, o.by(t, o.registrar, func(tx *Tx) map[string]string {
		e := o.more(tx, relief.ActOfficialRevoke, func(e *registry.OfficialEntry) { e.Revoked = []string{"1"} })
		return map[string]string{keyOf("clerk"): text(t, e)}
	}), "record: ", "counts again")

	require.Empty(t, o.by(t, o.registrar, func(tx *Tx) map[string]string {
		e := o.more(tx, relief.ActOfficialRetire, func(e *registry.OfficialEntry) { e.State = registry.OfficialRetired })
		return map[string]string{keyOf("clerk"): text(t, e)}
	}))
	requireFound(t, o.by(t, renewed, writes), "official: ", "is retired")
}

func TestForgedEntriesOfOfficialsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		act    relief.Act
		change func(*registry.OfficialEntry)
		want   string
	}{
		"another staff number":       {relief.ActOfficialRevoke, func(e *registry.OfficialEntry) { e.ID = "3" }, "another staff number"},
		"a state that nobody gave":   {relief.ActOfficialRevoke, func(e *registry.OfficialEntry) { e.State = registry.OfficialRetired }, "its acts lead to active"},
		"an act of somebody else":    {relief.ActOfficialRevoke, func(e *registry.OfficialEntry) { e.Acts[1].By.ID = "2" }, "is in the name of"},
		"an act that is no official": {relief.ActFundIssue, func(*registry.OfficialEntry) {}, "not possible"},
		"another name":               {relief.ActOfficialRevoke, func(e *registry.OfficialEntry) { e.Name = "x" }, "another record's than its key says"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			requireFound(t, o.by(t, o.registrar, func(tx *Tx) map[string]string {
				return map[string]string{keyOf("clerk"): text(t, o.more(tx, c.act, c.change))}
			}), "record: ", c.want)
		})
	}
	o := newOffice(t)
	requireFound(t, o.by(t, o.registrar, func(tx *Tx) map[string]string {
		own := registry.OfficialTerms{Agency: "CivilAffairsMSP", Name: "second", ID: "1"}
		return map[string]string{keyOf("second"): text(t, entry(own, tx, relief.ActOfficialRegister))}
	}), "record: ", "by the same official under another name")
}

func requireFound(t *testing.T, found []string, kind, detail string) {
	t.Helper()
	require.NotEmpty(t, found)
	require.True(t, strings.HasPrefix(found[0], kind), found)
	require.Contains(t, strings.Join(found, "\n"), detail)
}
