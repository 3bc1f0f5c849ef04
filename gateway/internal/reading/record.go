package reading

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
)

// Purpose is why personal data are read.
type Purpose string

// The purposes.
const (
	LookUp        Purpose = "look-up"         // an identity number is turned into the person's reference
	Application   Purpose = "application"     // an act that was refused has said something about people by their identity numbers
	Need          Purpose = "need"            // departments are asked about somebody by the identity number
	Upload        Purpose = "upload"          // a file with identity numbers is worked through
	CaseFacts     Purpose = "case-facts"      // what a household says about itself
	Evidence      Purpose = "evidence"        // a file of a case
	Match         Purpose = "match"           // departments are asked about a household
	ChangePayee   Purpose = "change-payee"    // another payee is prepared
	ChangeDetails Purpose = "change-details"  // the payees of a change are shown to who confirms it
	RollPeople    Purpose = "roll-people"     // a roll is listed with names and accounts, or a published list printed with names
	Taking        Purpose = "taking"          // people of a roll are put on the roll of a programme that takes them from it
	ImportLines   Purpose = "import-lines"    // the lines of an import are shown to who confirms it
	MakeFile      Purpose = "make-file"       // a payment file is made
	PaymentFile   Purpose = "payment-file"    // a payment file is given out
	PayeeCheck    Purpose = "payee-check"     // the details of a batch's payees are compared with the ledger
	BankException Purpose = "bank-exception"  // what the bank wrote about an entry that matches no payment
	Receipt       Purpose = "receipt"         // a receipt with its salt is given out
	OwnCopy       Purpose = "own-copy"        // a person gets a copy of their own data
	Notice        Purpose = "notice"          // names are masked for a public notice or a published list
	Resealing     Purpose = "resealing"       // sealed documents are sealed again with the key of a later epoch
	YearExport    Purpose = "year-export"     // an archive of a county's year with names is given out
	OverBudget    Purpose = "over-the-budget" // nothing was read: the official has no look-ups left for the day
)

// Purposes lists them.
var Purposes = []Purpose{
	LookUp, Application, Need, Upload, CaseFacts, Evidence, Match, ChangePayee, ChangeDetails, RollPeople, Taking, ImportLines, MakeFile, PaymentFile,
	PayeeCheck, BankException, Receipt, OwnCopy, Notice, Resealing, YearExport, OverBudget,
}

// Access says who reads, why, where and about which record.
type Access struct {
	Principal string
	Purpose   Purpose
	Route     string // the route's template, or the name of a task of the gateway's own
	Record    string // such as case/c-1; "" for none
	Count     int    // of people whose references are not at hand
}

// Reading is one entry of the record.
type Reading struct {
	Number  uint64          `json:"number"` // from 1 on, without a gap
	At      time.Time       `json:"at"`
	By      relief.Official `json:"by"`
	Purpose Purpose         `json:"purpose"`
	Route   string          `json:"route"`
	Record  string          `json:"record,omitempty"`
	// Subjects are the people, up to MaxNamed; Count is how many there are, and Digest stands for all of them when there are
	// more.
	Subjects []relief.SubjectRef `json:"subjects,omitempty"`
	Count    int                 `json:"count"`
	Digest   string              `json:"digest,omitempty"`
	Previous string              `json:"previous"` // the hash of the reading before
}

// MaxNamed bounds the people whom a reading names.
const MaxNamed = 20

// noHash stands before the first reading.
var noHash = strings.Repeat("0", 2*sha256.Size)

// setPeople names the people of a reading.
func (r *Reading) setPeople(people []relief.SubjectRef, count int) {
	if len(people) == 0 {
		r.Count = count
		return
	}
	people = slices.Clone(people)
	slices.SortFunc(people, relief.SubjectRef.Compare)
	people = slices.Compact(people)
	r.Count = len(people)
	if len(people) <= MaxNamed {
		r.Subjects = people
		return
	}
	r.Digest = digestOf(people)
}

// digestOf is the SHA-256 of references in their order.
func digestOf(people []relief.SubjectRef) string {
	h := sha256.New()
	for i := range people {
		h.Write(people[i][:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashOf is the hash of a reading as it is stored, which the next one holds.
func hashOf(stored []byte) string {
	h := sha256.New()
	h.Write([]byte("relieftrail/reading/v1\n"))
	h.Write(stored)
	return hex.EncodeToString(h.Sum(nil))
}

// encode is a reading as it is stored and hashed.
func (r *Reading) encode() ([]byte, error) { return json.Marshal(r) }
