package httpapi

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/evidence"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/outbox"
)

// maxEvidence is the most bytes of one file; a few minutes of a video of a visit.
const maxEvidence = 64 << 20

// evidenceTypes are what files may be: their first bytes must say the same.
var evidenceTypes = []string{"image/jpeg", "image/png", "image/webp", "application/pdf", "video/mp4"}

// evidenceFile is what the act case.attach says of a file.
type evidenceFile struct {
	SHA256    string `json:"sha256"` // of the salt and the file
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"` // of the file
}

// putEvidence keeps a file and answers the salted hash that goes on the ledger. A file that is never recorded goes after some
// days; nobody can ask for it.
func (a *API) putEvidence(c *gin.Context) {
	id, err := caseID(c)
	if err == nil {
		err = a.mayPutEvidence(c, id)
	}
	var mediaType string
	var content io.Reader
	if err == nil {
		mediaType, content, err = evidenceBytes(c)
	}
	if err != nil {
		a.fail(c, fileProblem(err))
		return
	}
	key := outbox.Key{Principal: caller(c).Name, IdempotencyKey: c.GetString(ctxKey)}
	file, err := a.Evidence.Put(c.Request.Context(), id, []string{key.Principal, key.IdempotencyKey}, content, func(f evidence.File) error {
		existing, err := a.Outbox.Claim(key, requestHash(c, []byte(f.SHA256+mediaType)), f.SHA256)
		if existing != "" {
			c.Header("Idempotency-Replayed", "true")
		}
		return err
	})
	if err != nil {
		a.fail(c, fileProblem(err))
		return
	}
	c.Header("Location", "/v1/cases/"+string(id)+"/evidence/"+file.SHA256)
	writeJSON(c, http.StatusCreated, jsonContent, evidenceFile{file.SHA256, mediaType, file.Bytes})
}

// mayPutEvidence asks the contract, before any of the file is read, whether it would take evidence of this caller for this
// case as it stands: duty, region, state, and how many pieces there are.
func (a *API) mayPutEvidence(c *gin.Context, id relief.CaseID) error {
	if err := allowQuery(c); err != nil {
		return err
	}
	if a.Evidence == nil {
		return errNoFiles
	}
	record, err := a.caseOf(c, id)
	if err != nil {
		return err
	}
	if len(record.Acts) == 0 {
		return relief.Errorf(relief.CodeCorrupt, "a case without an act")
	}
	_, err = a.evaluateCall(c, probe("case:Attach", struct {
		Case relief.CaseID `json:"case"`
		casework.EvidenceTerms
	}{id, casework.EvidenceTerms{
		Kind: programme.EvidenceDocument, TakenAt: record.Acts[0].At, Region: record.Region,
		SHA256: strings.Repeat("0", 64), MediaType: evidenceTypes[0],
	}}, nil))
	return err
}

var errNoFiles = kindForbidden.detail("No files are kept at this gateway: its setting objects.key_file is empty.")

// caseOf is a case as the agency's own peer has it.
func (a *API) caseOf(c *gin.Context, id relief.CaseID) (record casework.Case, err error) {
	document, err := a.evaluate(c, "case:Get", map[string]relief.CaseID{"case": id})
	if err == nil {
		err = json.Unmarshal(document, &record)
	}
	return record, err
}

// evidenceBytes checks what a file says that it is.
func evidenceBytes(c *gin.Context) (mediaType string, _ io.Reader, err error) {
	base, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || !slices.Contains(evidenceTypes, base) || c.GetHeader("Content-Encoding") != "" {
		return "", nil, kindMediaType.detail("A file of evidence is image/jpeg, image/png, image/webp, application/pdf or video/mp4, not compressed again.")
	}
	if c.Request.ContentLength > maxEvidence {
		return "", nil, &http.MaxBytesError{Limit: maxEvidence}
	}
	content := bufio.NewReader(http.MaxBytesReader(c.Writer, c.Request.Body, maxEvidence))
	head, err := content.Peek(512) // what DetectContentType looks at
	if err != nil && !errors.Is(err, io.EOF) {
		return "", nil, err
	}
	if http.DetectContentType(head) != base {
		return "", nil, kindMediaType.detail("The file's first bytes are not those of " + base + ".")
	}
	return base, content, nil
}

// getEvidence gives a file of a case back, when it is what was put.
func (a *API) getEvidence(c *gin.Context) {
	id, err := caseID(c)
	var file *evidence.Reader
	var mediaType string
	if err == nil {
		a.setDeadline(c, uploadTime) // the file is read through before its first byte is sent
		file, mediaType, err = a.evidenceOf(c, id)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	defer func() { _ = file.Close() }()
	a.log.InfoContext(c.Request.Context(), "personal data was read", "request", requestID(c), "route", route(c),
		"principal", caller(c).Name, "case", string(id))
	h := c.Writer.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", "attachment")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Length", strconv.FormatInt(file.Bytes, 10))
	c.Status(http.StatusOK)
	if _, err := file.WriteTo(c.Writer); err != nil {
		a.log.ErrorContext(c.Request.Context(), "a file of evidence was cut off", "request", requestID(c), "error", err.Error())
		panic(http.ErrAbortHandler) // the caller sees that bytes are missing
	}
}

// evidenceOf opens a file of a case for whoever may read what is personal of it.
func (a *API) evidenceOf(c *gin.Context, id relief.CaseID) (file *evidence.Reader, mediaType string, err error) {
	if err := allowQuery(c); err != nil {
		return nil, "", err
	}
	if err := a.caughtUp(c); err != nil { // with an erasure, before all
		return nil, "", err
	}
	if err := a.hasDuty(c, relief.ActReadPerson); err != nil {
		return nil, "", err
	}
	record, err := a.caseOf(c, id)
	if err != nil {
		return nil, "", err
	}
	by, _ := a.Ledger.Identity(caller(c).Name) // there, as the duty is
	if err := relief.RequireRegion(by.Official(), record.Region); err != nil {
		return nil, "", err
	}
	at := slices.IndexFunc(record.Evidence, func(e casework.Evidence) bool { return e.SHA256 == c.Param("hash") })
	if at < 0 || record.Evidence[at].Act >= len(record.Acts) {
		return nil, "", kindNotFound.detail("The case has no such evidence.")
	}
	recorded := record.Acts[record.Evidence[at].Act]
	if recorded.By.Agency != a.Organisation {
		return nil, "", a.keptBy(c, recorded.By.Agency)
	}
	if a.Evidence == nil {
		return nil, "", errNoFiles
	}
	if err := a.notErased(c, &record, recorded.At); err != nil {
		return nil, "", err
	}
	if mediaType = record.Evidence[at].MediaType; !slices.Contains(evidenceTypes, mediaType) {
		mediaType = "application/octet-stream" // the record's word, which no browser is to act upon
	}
	file, err = a.Evidence.Open(c.Request.Context(), id, record.Evidence[at].SHA256)
	return file, mediaType, a.evidenceProblem(c, id, err)
}

// keptBy names the agency that has a file.
func (a *API) keptBy(c *gin.Context, agency string) error {
	registry, err := a.Index.Registry(c.Request.Context())
	if err != nil {
		return err
	}
	zh, en := agency, agency
	for _, each := range registry.Agencies {
		if each.MSPID == agency {
			zh, en = each.Name, each.NameEn
		}
	}
	return kindKeptElsewhere.detail("文件由" + zh + "保存，请向其网关查询。 · The file is kept by " + en + ": ask its gateway.")
}

// notErased refuses a file whose person was erased after it was recorded, whether or not it is deleted already.
func (a *API) notErased(c *gin.Context, record *casework.Case, recorded time.Time) error {
	if len(record.Members) == 0 {
		return nil
	}
	document, err := a.Index.Record(c.Request.Context(), relief.KindErasure, record.Head().String())
	var refusal *relief.Error
	if errors.As(err, &refusal) && refusal.Code == relief.CodeNotFound {
		return nil
	}
	var e roll.Erasure
	if err == nil {
		err = json.Unmarshal(document, &e)
	}
	if err != nil || len(e.Acts) == 0 {
		return err
	}
	if last := e.Acts[len(e.Acts)-1].At; !last.Before(recorded) {
		return kindFileErased.detail("The person's details were erased on " + last.Format(time.DateOnly) + " (" + string(e.Reason) + ").")
	}
	return nil
}

// evidenceProblem tells a file that is gone or is not what was put, and has the operator know.
func (a *API) evidenceProblem(c *gin.Context, id relief.CaseID, err error) error {
	detail := ""
	switch {
	case errors.Is(err, objectstore.ErrNotFound):
		detail = "The ledger has the hash, and the object store does not have the file: it is lost, or was never uploaded here."
	case errors.Is(err, objectstore.ErrChanged):
		detail = "The file is not what was put: its hash does not fit any more."
	case errors.Is(err, evidence.ErrOfAnotherCase):
		detail = "The file with this hash was not uploaded for this case, and is not given for it."
	default:
		return err
	}
	a.log.ErrorContext(c.Request.Context(), "a file of evidence is lost or changed", "request", requestID(c), "case", string(id), "error", err.Error())
	return kindFileLost.detail(detail)
}
