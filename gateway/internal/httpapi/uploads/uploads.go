package uploads

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/crashpoint"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reading"
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

// From is the first month of entitlement of a roll.
var From = rest.NewParam("from", func(text string) (*relief.Period, error) {
	period, err := relief.ParsePeriod(text)
	if err != nil || period.Quarterly() {
		return nil, problem.OfField("from", "from 为救助开始的月份，如 ?from=2026-11；按季发放的项目也填月份。",
			"from is the first month of entitlement, such as ?from=2026-11, also where payment is by the quarter.")
	}
	return &period, nil
})

// Import is the id that the import of a roll is to have.
var Import = rest.NewParam("import", relief.ParseImportID)

// Roll takes the roll of a programme, whose import another official then confirms.
func (h *Handlers) Roll(c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseProgrammeID)
	if err != nil {
		return err
	}
	version, err := h.rollOf(c, id)
	if err != nil {
		return err
	}
	from, county := version.Starts.Start(), version.Region.County()
	if given := From.In(c); given != nil {
		from = *given
		if err := payee.Periods(h.core.Today()).Check("from", from); err != nil {
			return payee.AsRefusal(err)
		}
	}
	probe, err := contracts.Call(rest.Caller(c).Name, api.RollProposeImport, roll.ImportTerms{
		ID: "probe", Programme: id, County: county, From: from,
		Chunks:        []roll.ImportChunk{{SHA256: strings.Repeat("0", 64), Count: 1, New: 1}},
		ImportDiffers: roll.ImportDiffers{New: 1},
	}, nil)
	if err != nil {
		return err
	}
	return h.take(c, upload{
		countyInFile: county == "", probe: probe,
		spec: jobs.JobSpec{Kind: jobs.KindRoll, Target: string(id), From: from.String(), Import: Import.In(c)},
	})
}

// Lines takes lines of a batch.
func (h *Handlers) Lines(c *gin.Context) error {
	return takeForBatch(h, c, jobs.KindLines, api.PaymentAddLines, wire.TransientLines,
		payment.AppendLines(nil, []payment.LineInput{{Ref: nobody, Region: nowhere}}))
}

// Settlements takes a list of the bank's answers for a batch.
func (h *Handlers) Settlements(c *gin.Context) error {
	return takeForBatch(h, c, jobs.KindSettlements, api.PaymentSettle, wire.TransientSettlements,
		payment.AppendAnswers(nil, []payment.AnswerInput{{Attempt: 1, Outcome: payment.OutcomeCredited}}))
}

// Acts takes a file of acts on cases, of any length: a JSON object a line.
func (h *Handlers) Acts(c *gin.Context) error {
	act := relief.Act(c.Param("act"))
	if !slices.Contains(api.FileableActs(), act) {
		return problem.OfField("act", "没有这种操作的文件；操作名称形如 case.apply。",
			"There are no files of this act; the acts are named like case.apply.")
	}
	if act == relief.ActCaseApply || act == relief.ActRollChangePayee {
		if _, err := h.Households(c.Request.Context()); err != nil {
			return err
		}
	}
	if act == relief.ActCaseApply {
		if err := h.core.Readings.Left(rest.Caller(c).Name); err != nil {
			return err
		}
	}
	// Refused as an act, if not as a file.
	probe, err := contracts.Call(rest.Caller(c).Name, api.CaseFile, api.FileInput{Act: act, Items: []json.RawMessage{json.RawMessage("{}")}}, nil)
	if err != nil {
		return err
	}
	return h.take(c, upload{spec: jobs.JobSpec{Kind: jobs.KindCases, Target: string(act)}, probe: probe})
}

func takeForBatch[Out any](h *Handlers, c *gin.Context, kind jobs.Kind, f api.Function[api.ChunkInput, Out], transient string, chunk []byte) error {
	id, err := rest.PathID(c, "id", relief.ParseBatchID)
	if err != nil {
		return err
	}
	probe, err := contracts.Call(rest.Caller(c).Name, f, api.ChunkInput{Batch: id}, map[string][]byte{transient: chunk})
	if err != nil {
		return err
	}
	return h.take(c, upload{spec: jobs.JobSpec{Kind: kind, Target: string(id)}, probe: probe})
}

// take asks the contract first, so that nobody sends a large file for nothing, takes the file to disk, and makes it a job. A
// key that is there already answers with its job, also when the record's state has moved on since.
func (h *Handlers) take(c *gin.Context, u upload) error {
	key := rest.KeyOf(c)
	u.spec.Principal = key.Principal
	u.spec.ID = uuid.NewString()
	replay, err := h.replays(key)
	if err != nil {
		return err
	}
	if !replay {
		if err := h.mayUpload(c, u); err != nil {
			return err
		}
	}
	sum, err := h.receive(c, &u.spec)
	if err != nil {
		return fileProblem(err)
	}
	job, err := h.start(c, key, &u.spec, sum)
	if err != nil {
		return err
	}
	return h.answerEnded(c, &u.spec, &job)
}

// start claims the key and begins the file's job. A key that is there already gives its job.
func (h *Handlers) start(c *gin.Context, key outbox.Key, spec *jobs.JobSpec, sum [32]byte) (job jobs.Job, err error) {
	if spec.Small {
		h.Jobs.Expect(spec)
	}
	started := false
	defer func() {
		if !started {
			spec.Gone()
		}
	}()
	existing, err := h.core.Outbox.Claim(key, rest.RequestHash(c, sum[:]), spec.ID)
	if err != nil {
		discard(spec)
		return job, err
	}
	if existing != "" {
		if job, err := h.Jobs.Get(existing); err == nil {
			discard(spec)
			c.Header("Idempotency-Replayed", "true")
			return job, nil
		}
		spec.ID = existing // claimed by a gateway that was stopped before it began
	}
	if namesPeople(spec) {
		if _, err := h.core.Read(c, reading.Upload, "job", spec.ID); err != nil {
			return job, err
		}
	}
	crashpoint.Point("claimed")
	// The file is taken and claimed: a caller that hangs up does not stop its job.
	if job, err = h.Jobs.Start(context.WithoutCancel(c.Request.Context()), *spec); err != nil {
		return job, err
	}
	started = true
	h.started.WithLabelValues(string(spec.Kind)).Inc()
	return job, nil
}

// receive takes a file to disk, or a small one into memory, and gives the hash of what it says.
func (h *Handlers) receive(c *gin.Context, spec *jobs.JobSpec) (sum [32]byte, err error) {
	body, contentType, encoding := io.Reader(c.Request.Body), c.GetHeader("Content-Type"), c.GetHeader("Content-Encoding")
	spec.Small = small(spec, c.Request.ContentLength)
	if spec.Small && preferred(c) > 0 {
		file, ok, rest, err := intake.ReadSmall(body, contentType, encoding, spec.Kind, jobs.SmallFile)
		if ok || err != nil {
			spec.Content, spec.ContentType = file.Content, file.ContentType
			return file.SHA256, err
		}
		body = rest
	}
	spooled, err := h.Spool(c.Request.Context(), body, contentType, encoding, spec.Kind)
	spec.SpoolFile, spec.ContentType = spooled.File, spooled.ContentType
	spec.Small = spec.Small && spooled.Bytes <= jobs.SmallFile
	return spooled.SHA256, err
}

// discard deletes what was received and is not needed.
func discard(spec *jobs.JobSpec) {
	if spec.SpoolFile != "" {
		intake.Spooled{File: spec.SpoolFile}.Remove()
	}
}

// namesPeople reports whether the lines of a file name people by their identity numbers.
func namesPeople(spec *jobs.JobSpec) bool {
	return spec.Kind == jobs.KindRoll || spec.Kind == jobs.KindLines || spec.Kind == jobs.KindCases && spec.Target == string(relief.ActCaseApply)
}

// mayUpload refuses while too many jobs wait, and what the contract would refuse for every line.
func (h *Handlers) mayUpload(c *gin.Context, u upload) error {
	full := h.Jobs.Full
	if small(&u.spec, c.Request.ContentLength) {
		full = h.Jobs.FullOfSmall
	}
	if full() {
		return problem.Overloaded.Fault()
	}
	err := h.ask(c.Request.Context(), u.probe)
	var refusal *relief.Error
	if u.countyInFile && errors.As(err, &refusal) && refusal.Field == "county" {
		return nil
	}
	return err
}

// replays reports whether a key has its job already, so that a replay is known before its file has come.
func (h *Handlers) replays(key outbox.Key) (bool, error) {
	id, err := h.core.Outbox.Claimed(key)
	if err != nil || id == "" {
		return false, err
	}
	_, err = h.Jobs.Get(id)
	if errors.Is(err, jobs.ErrNoJob) {
		return false, nil
	}
	return err == nil, err
}

func (h *Handlers) answerJob(c *gin.Context, status int, job *jobs.Job) error {
	h.core.NameSeenBlock(c)
	if status == http.StatusAccepted {
		c.Header("Location", "/v1/jobs/"+job.ID)
	}
	return rest.JSONStatus(c, status, job)
}

// rollOf is the version in force, or else the last one.
func (h *Handlers) rollOf(c *gin.Context, id relief.ProgrammeID) (chosen programme.Version, err error) {
	p, err := rest.Ask(h.core, c, api.ProgrammeGet, api.ProgrammeInput{ID: id})
	if err != nil {
		return chosen, err
	}
	for _, v := range p.Versions {
		chosen = v.Version
		if chosen.Version == p.InForce {
			break
		}
	}
	return chosen, nil
}

// fileProblems are the problems of a file as a whole; any other code is 422.
var fileProblems = map[string]*problem.Kind{
	intake.CodeTooLarge:  problem.TooLarge,
	intake.CodeMediaType: problem.MediaType,
	intake.CodeCut:       problem.Unreadable,
}

// fileProblem is what a refused file means to the caller.
func fileProblem(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return problem.Unreadable.Because("文件没有传完。", "The sender stopped in the middle of the file.")
	}
	var file *intake.FileError
	if !errors.As(err, &file) {
		return err
	}
	k, ok := fileProblems[file.Code]
	if !ok {
		k = problem.BadFile
	}
	return k.Because(file.Detail.Zh, file.Detail.En).InField(file.Field)
}
