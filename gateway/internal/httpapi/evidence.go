package httpapi

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/outbox"
)

// maxEvidence is the most bytes of one file; a few minutes of a video of a visit.
const maxEvidence = 64 << 20

// evidenceTypes are what files may be: their first bytes must say the same.
var evidenceTypes = []string{"image/jpeg", "image/png", "image/webp", "application/pdf", "video/mp4"}

const saltBytes = sha256.Size

// evidenceFile is what the act case.attach says of a file.
type evidenceFile struct {
	SHA256    string `json:"sha256"` // of the salt and the file
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"` // of the file
}

// salt is made of a key that only the agencies have and of the request, so that the same request gives the same hash again.
func (a *API) salt(principal, key string, id relief.CaseID) []byte {
	mac := hmac.New(sha256.New, a.SubjectKey)
	mac.Write([]byte("relieftrail/evidence/v1\x00" + principal + "\x00" + string(id) + "\x00" + key))
	return mac.Sum(nil)
}

// putEvidence keeps a file as salt and content in one object: its hash is the salted hash that goes on the ledger, and the store
// checks it on every reading. What is refused afterwards, or never attached, stays in the store: nobody can name it.
func (a *API) putEvidence(c *gin.Context) {
	id, err := a.mayPutEvidence(c)
	var mediaType string
	var content io.Reader
	if err == nil {
		mediaType, content, err = evidenceBytes(c)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	key := outbox.Key{Principal: caller(c).Name, IdempotencyKey: c.GetString(ctxKey)}
	salted := io.MultiReader(bytes.NewReader(a.salt(key.Principal, key.IdempotencyKey, id)), content)
	info, err := a.Objects.Put(c.Request.Context(), salted)
	if err != nil {
		a.fail(c, err)
		return
	}
	_, err = a.Outbox.Claim(key, requestHash(c, []byte(info.Hash+mediaType)), info.Hash)
	if err != nil {
		a.fail(c, err)
		return
	}
	c.Header("Location", "/v1/cases/"+string(id)+"/evidence/"+info.Hash)
	writeJSON(c, http.StatusCreated, jsonContent, evidenceFile{info.Hash, mediaType, info.Size - saltBytes})
}

// mayPutEvidence refuses before any of the file is read.
func (a *API) mayPutEvidence(c *gin.Context) (relief.CaseID, error) {
	id, err := caseID(c)
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil && a.Objects == nil {
		err = kindForbidden.detail("No files are kept at this gateway: objects.key_file is not set.")
	}
	if err == nil {
		err = a.hasDuty(c, relief.ActCaseAttach)
	}
	if err == nil { // whether the caller's region covers the case, the contract says
		_, err = a.evaluate(c, "case:Case", map[string]relief.CaseID{"case": id})
	}
	return id, err
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
	head, err := content.Peek(512)
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
	piece, err := a.evidenceOf(c)
	var info objectstore.Info
	if err == nil {
		a.setDeadline(c, uploadTime)
		// Read through first: an answer that has begun cannot become a problem any more.
		info, err = a.Objects.Stat(c.Request.Context(), piece.SHA256)
	}
	var file io.ReadCloser
	if err == nil {
		file, err = a.Objects.Get(c.Request.Context(), piece.SHA256)
	}
	if err != nil {
		a.fail(c, evidenceProblem(err))
		return
	}
	defer func() { _ = file.Close() }()
	if _, err := io.CopyN(io.Discard, file, saltBytes); err != nil {
		a.fail(c, evidenceProblem(objectstore.ErrChanged))
		return
	}
	a.log.InfoContext(c.Request.Context(), "personal data was read", "request", requestID(c), "route", route(c),
		"principal", caller(c).Name, "case", c.Param("id"))
	h := c.Writer.Header()
	h.Set("Content-Type", piece.MediaType)
	h.Set("Content-Disposition", "attachment")
	h.Set("Content-Length", strconv.FormatInt(info.Size-saltBytes, 10))
	c.Status(http.StatusOK)
	if _, err := io.Copy(c.Writer, file); err != nil {
		a.log.ErrorContext(c.Request.Context(), "a file of evidence was cut off", "request", requestID(c), "error", err.Error())
		panic(http.ErrAbortHandler)
	}
}

// evidenceOf finds a piece of evidence for whoever may read what is personal of its case.
func (a *API) evidenceOf(c *gin.Context) (evidenceFile, error) {
	id, err := caseID(c)
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil && a.Objects == nil {
		err = kindForbidden.detail("No files are kept at this gateway.")
	}
	if err == nil {
		err = a.hasDuty(c, relief.ActReadPerson)
	}
	if err == nil { // region, agency, and whether the household was erased, the contract says
		_, err = a.evaluate(c, "case:Facts", map[string]relief.CaseID{"case": id})
	}
	var document []byte
	if err == nil {
		document, err = a.evaluate(c, "case:Case", map[string]relief.CaseID{"case": id})
	}
	var record struct {
		Evidence []evidenceFile `json:"evidence"`
	}
	if err == nil {
		err = json.Unmarshal(document, &record)
	}
	if err != nil {
		return evidenceFile{}, err
	}
	at := slices.IndexFunc(record.Evidence, func(e evidenceFile) bool { return e.SHA256 == c.Param("hash") })
	if at < 0 {
		return evidenceFile{}, kindNotFound.detail("The case has no such evidence.")
	}
	return record.Evidence[at], nil
}

// evidenceProblem tells a file that is gone, or is not what was put.
func evidenceProblem(err error) error {
	switch {
	case errors.Is(err, objectstore.ErrNotFound):
		return kindFileLost.detail("The ledger has the hash, and the object store does not have the file.")
	case errors.Is(err, objectstore.ErrChanged):
		return kindFileLost.detail("The file is not what was put: its hash does not fit any more.")
	}
	return err
}
