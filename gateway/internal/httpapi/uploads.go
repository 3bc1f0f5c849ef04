package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/crashpoint"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// upload is a file on its way to become a job.
type upload struct {
	spec  jobs.JobSpec
	probe ledger.Call // the act with nobody's line: evaluated only, it is refused as every chunk would be
	// countyInFile: the programme is larger than a county, so that the lines will tell whose roll it is.
	countyInFile bool
}

// nobody is the reference of no person, nowhere a region outside every county: a line with them is refused as a line,
// so what is left to refuse is the caller, the record and its state.
var nobody = relief.SubjectRef{1}

const nowhere relief.Region = "99"

func (a *API) uploadRoll(c *gin.Context) {
	id, err := programmeID(c)
	if err == nil {
		err = allowQuery(c, "from")
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	programme, err := a.rollOf(c, id)
	if err != nil {
		a.fail(c, err)
		return
	}
	from, county := programme.Starts, programme.Region.County()
	if text := c.Query("from"); text != "" {
		if from, err = relief.ParsePeriod(text); err != nil {
			a.fail(c, &fault{kind: kindInvalid, field: "from", detail: "from is the first period of entitlement, such as ?from=2026-11."})
			return
		}
	}
	a.upload(c, upload{
		countyInFile: county == "",
		spec:         jobs.JobSpec{Kind: jobs.KindRoll, Target: string(id), From: from.String()},
		probe: probe("roll:Import", struct {
			Programme relief.ProgrammeID `json:"programme"`
			County    relief.Region      `json:"county"`
			Segments  []uint32           `json:"segments"`
			From      string             `json:"from"`
		}{id, county, []uint32{0}, from.String()}, map[string][]byte{
			wire.TransientRoll:    roll.AppendRoll(nil, []roll.Input{{Ref: nobody, Region: nowhere, Persons: 1, Class: 'A'}}),
			wire.TransientPersons: roll.AppendDetails(nil, [][]byte{{0}}),
		}),
	})
}

func (a *API) uploadLines(c *gin.Context) {
	a.uploadToBatch(c, jobs.KindLines, "payment:AddLines", wire.TransientLines,
		payment.AppendLines(nil, []payment.LineInput{{Ref: nobody, Region: nowhere}}))
}

func (a *API) uploadSettlements(c *gin.Context) {
	if fromBank(c) {
		a.receive(c, batchID)
		return
	}
	a.uploadToBatch(c, jobs.KindSettlements, "payment:Settle", wire.TransientSettlements,
		payment.AppendAnswers(nil, []payment.AnswerInput{{Attempt: 1, Outcome: payment.OutcomeCredited}}))
}

// uploadActs takes a file of acts on cases, of any length: a JSON object a line.
func (a *API) uploadActs(c *gin.Context) {
	act := relief.Act(c.Param("act"))
	err := allowQuery(c)
	if err == nil && !slices.Contains(api.FileableActs(), act) {
		err = &fault{kind: kindInvalid, field: "act", detail: "There are no files of this act; the acts are named like case.apply."}
	}
	if err == nil && act == relief.ActCaseApply {
		_, err = a.households()
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	a.upload(c, upload{
		spec:  jobs.JobSpec{Kind: jobs.KindCases, Target: string(act)},
		probe: probe("case:File", fileBody{act, []json.RawMessage{json.RawMessage("{}")}}, nil), // refused as an act, if not as a file
	})
}

func (a *API) uploadToBatch(c *gin.Context, kind jobs.Kind, function, transient string, chunk []byte) {
	id, err := batchID(c)
	if err == nil {
		err = allowQuery(c)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	a.upload(c, upload{
		spec:  jobs.JobSpec{Kind: kind, Target: string(id)},
		probe: probe(function, map[string]relief.BatchID{"batch": id}, map[string][]byte{transient: chunk}),
	})
}

func probe(function string, argument any, transient map[string][]byte) ledger.Call {
	document, _ := json.Marshal(argument) // ids, numbers and texts only: does not fail
	return ledger.Call{Function: function, Argument: document, Transient: transient}
}

// upload asks the contract first, so that nobody sends a large file for nothing, takes the file to disk, and makes
// it a job. A key that is there already answers with its job, also when the record's state has moved on since.
func (a *API) upload(c *gin.Context, u upload) {
	u.spec.Principal = caller(c).Name
	key := outbox.Key{Principal: u.spec.Principal, IdempotencyKey: c.GetString(ctxKey)}
	u.spec.ID = jobID(key)
	if _, err := a.Jobs.Get(u.spec.ID); err == nil {
		u.spec.ID = newID() // a replay, or a key so old that it is forgotten: claim tells
	} else if a.Jobs.Full() {
		a.fail(c, kindOverloaded.detail(kindOverloaded.help))
		return
	} else if err := a.mayUpload(c, u); err != nil {
		a.fail(c, err)
		return
	}
	spooled, err := a.Spool(c.Request.Context(), c.Request.Body, c.GetHeader("Content-Type"),
		c.GetHeader("Content-Encoding"), u.spec.Kind)
	if err != nil {
		a.fail(c, fileProblem(err))
		return
	}
	u.spec.SpoolFile, u.spec.ContentType = spooled.File, spooled.ContentType
	existing, err := a.Outbox.Claim(key, requestHash(c, spooled.SHA256[:]), u.spec.ID)
	if err != nil {
		spooled.Remove()
		a.fail(c, err)
		return
	}
	if existing != "" {
		if job, err := a.Jobs.Get(existing); err == nil {
			spooled.Remove()
			c.Header("Idempotency-Replayed", "true")
			a.answerJob(c, http.StatusAccepted, job)
			return
		}
		u.spec.ID = existing // claimed by a gateway that was stopped before it began
	}
	crashpoint.Point("claimed")
	// The file is on disk and claimed: a caller that hangs up does not stop its job.
	job, err := a.Jobs.Start(context.WithoutCancel(c.Request.Context()), u.spec)
	if err != nil {
		a.fail(c, err)
		return
	}
	a.metrics.jobs.WithLabelValues(string(u.spec.Kind)).Inc()
	a.answerJob(c, http.StatusAccepted, job)
}

// mayUpload refuses what the contract would refuse for every line.
func (a *API) mayUpload(c *gin.Context, u upload) error {
	_, err := a.evaluateCall(c, u.probe)
	var refusal *relief.Error
	if u.countyInFile && errors.As(err, &refusal) && refusal.Field == "county" {
		return nil
	}
	return err
}

// jobID is the job of a key's first use, so that a replay is known before its file has come.
func jobID(key outbox.Key) string {
	sum := sha256.Sum256([]byte("relieftrail/job/v1\x00" + key.Principal + "\x00" + key.IdempotencyKey))
	return uuid([16]byte(sum[:16]))
}

func (a *API) answerJob(c *gin.Context, status int, job jobs.Job) {
	a.tellSeen(c)
	if status == http.StatusAccepted {
		c.Header("Location", "/v1/jobs/"+job.ID)
	}
	writeJSON(c, status, jsonContent, job)
}

// tellSeen tells the last block that holds one of the caller's transactions: what a reader elsewhere asks for, to see
// what a job has written.
func (a *API) tellSeen(c *gin.Context) {
	if block := a.Outbox.Seen(caller(c).Name); block > 0 {
		c.Header("X-Block", strconv.FormatUint(block, 10))
	}
}

// rollVersion is what a roll's import needs of a programme: entitlement begins with the programme unless told.
type rollVersion struct {
	Version int           `json:"version"`
	Region  relief.Region `json:"region"`
	Starts  relief.Period `json:"starts"`
}

// rollOf is the version in force, or else the last one.
func (a *API) rollOf(c *gin.Context, id relief.ProgrammeID) (rollVersion, error) {
	b, err := a.evaluate(c, "programme:Get", idArgument{string(id)})
	if err != nil {
		return rollVersion{}, err
	}
	var programme struct {
		InForce  int           `json:"in_force"`
		Versions []rollVersion `json:"versions"`
	}
	if err := json.Unmarshal(b, &programme); err != nil {
		return rollVersion{}, err
	}
	var chosen rollVersion
	for _, v := range programme.Versions {
		chosen = v
		if v.Version == programme.InForce {
			break
		}
	}
	return chosen, nil
}
