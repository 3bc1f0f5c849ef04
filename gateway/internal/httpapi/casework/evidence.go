package casework

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/gateway/internal/evidence"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/reading"
)

// maxEvidence is the most bytes of one file; a few minutes of a video of a visit.
const maxEvidence = 64 << 20

// evidenceTypes are what files may be: their first bytes must say the same.
var evidenceTypes = []string{"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "application/pdf", "video/mp4"}

// sameTypes are what some browsers and phones call a type.
var sameTypes = map[string]string{
	"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "image/heic-sequence": "image/heic",
	"image/heif-sequence": "image/heif", "application/x-pdf": "application/pdf",
}

// evidenceFile is what the act case.attach says of a file.
type evidenceFile struct {
	SHA256    string `json:"sha256"` // of the salt and the file
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"` // of the file
}

// PutEvidence keeps a file and answers the salted hash that goes on the ledger. A file that is never recorded is deleted after
// some days; nobody can ask for it.
func (h *Handlers) PutEvidence(c *gin.Context) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	if err := h.mayPutEvidence(c, id); err != nil {
		return err
	}
	mediaType, content, err := evidenceBytes(c)
	if err != nil {
		return cutOff(err)
	}
	key := rest.KeyOf(c)
	file, err := h.Evidence.Put(c.Request.Context(), id, evidence.Request{Principal: key.Principal, Key: key.IdempotencyKey}, content, func(f evidence.File) error {
		existing, err := h.core.Outbox.Claim(key, rest.RequestHash(c, []byte(f.SHA256+mediaType)), f.SHA256)
		if existing != "" {
			c.Header("Idempotency-Replayed", "true")
		}
		return err
	})
	if err != nil {
		return cutOff(err)
	}
	c.Header("Location", "/v1/cases/"+string(id)+"/evidence/"+file.SHA256)
	return rest.JSONStatus(c, http.StatusCreated, evidenceFile{file.SHA256, mediaType, file.Bytes})
}

// cutOff is what a file that ends early, or is one too many, means to the caller.
func cutOff(err error) error {
	if errors.Is(err, evidence.ErrQuota) {
		return problem.TooManyFiles.Fault()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return problem.Unreadable.Because("文件没有传完。", "The sender stopped in the middle of the file.")
	}
	return err
}

// mayPutEvidence asks the contract, before any of the file is read, whether it would take evidence of this caller for this
// case as it stands: duty, region, state, and how many pieces there are.
func (h *Handlers) mayPutEvidence(c *gin.Context, id relief.CaseID) error {
	if h.Evidence == nil {
		return noFiles()
	}
	record, err := h.caseOf(c, id)
	if err != nil {
		return err
	}
	if len(record.Acts) == 0 {
		return relief.Errorf(relief.CodeCorrupt, "a case without an act")
	}
	return rest.Probe(h.core, c, api.CaseAttach, api.AttachInput{
		CaseInput: api.CaseInput{Case: id},
		EvidenceTerms: casework.EvidenceTerms{
			Kind: programme.EvidenceDocument, TakenAt: record.Acts[0].At, Region: record.Region,
			SHA256: strings.Repeat("0", 64), MediaType: evidenceTypes[0],
		},
	}, nil)
}

func noFiles() error {
	return problem.Forbidden.Because("本网关不保存文件（设置 objects.key_file 为空）。",
		"No files are kept at this gateway: its setting objects.key_file is empty.")
}

// evidenceBytes checks what a file says that it is.
func evidenceBytes(c *gin.Context) (mediaType string, _ io.Reader, err error) {
	base, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if same, ok := sameTypes[base]; ok {
		base = same
	}
	unnamed := c.GetHeader("Content-Type") == "" || base == "application/octet-stream" // as Windows sends what it does not know
	if !unnamed && (err != nil || !slices.Contains(evidenceTypes, base)) || rest.Coding(c.Request) != "" {
		return "", nil, notEvidence()
	}
	if c.Request.ContentLength > maxEvidence {
		return "", nil, &http.MaxBytesError{Limit: maxEvidence}
	}
	content := bufio.NewReader(http.MaxBytesReader(c.Writer, c.Request.Body, maxEvidence))
	head, err := content.Peek(512) // what DetectContentType looks at
	if err != nil && !errors.Is(err, io.EOF) {
		return "", nil, err
	}
	found := contentType(head)
	if unnamed && slices.Contains(evidenceTypes, found) {
		return found, content, nil
	}
	if unnamed {
		return "", nil, notEvidence()
	}
	if found != base && (!isHEIF(found) || !isHEIF(base)) {
		return "", nil, problem.MediaType.Because("文件开头的字节与 "+base+" 不符。", "The file's first bytes are not those of "+base+".")
	}
	return base, content, nil
}

func notEvidence() error {
	return problem.MediaType.Because("调查材料文件须为 JPEG、PNG、WebP、HEIC、HEIF、PDF 或 MP4（"+strings.Join(evidenceTypes, "、")+"），且不得再压缩。",
		"A file of evidence is a JPEG, PNG, WebP, HEIC, HEIF, PDF or MP4 ("+strings.Join(evidenceTypes, ", ")+"), not compressed again.")
}

// contentType is what a file's first bytes say, which the standard library knows but for the pictures of telephones (ISO/IEC
// 23008-12).
func contentType(head []byte) string {
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch string(head[8:12]) {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs":
			return "image/heic"
		case "mif1", "msf1", "mif2", "miaf":
			return "image/heif"
		}
	}
	return http.DetectContentType(head)
}

// isHEIF: HEIC is HEIF with one kind of compression, and a phone may call a file either.
func isHEIF(mediaType string) bool { return mediaType == "image/heic" || mediaType == "image/heif" }

// GetEvidence gives a file of a case back, when it is what was put.
func (h *Handlers) GetEvidence(c *gin.Context) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	h.core.SetDeadline(c, rest.UploadTime) // the file is read through before its first byte is sent
	file, mediaType, err := h.evidenceOf(c, id)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	header := c.Writer.Header()
	header.Set("Content-Type", mediaType)
	header.Set("Content-Disposition", "attachment")
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("Content-Length", strconv.FormatInt(file.Bytes, 10))
	c.Status(http.StatusOK)
	if rest.HeadOnly(c) {
		return nil
	}
	if _, err := file.WriteTo(c.Writer); err != nil {
		h.core.Log.ErrorContext(c.Request.Context(), "a file of evidence was cut off", "request", rest.RequestID(c), "error", err.Error())
		panic(http.ErrAbortHandler) // the caller sees that bytes are missing
	}
	return nil
}

// evidenceOf opens a file of a case for a caller who may read what is personal of it.
func (h *Handlers) evidenceOf(c *gin.Context, id relief.CaseID) (file *evidence.Reader, mediaType string, err error) {
	if err := h.core.CaughtUp(c); err != nil { // with an erasure, before all
		return nil, "", err
	}
	record, err := h.readableCase(c, id)
	if err != nil {
		return nil, "", err
	}
	at := slices.IndexFunc(record.Evidence, func(e casework.Evidence) bool { return e.SHA256 == c.Param("hash") })
	if at < 0 || record.Evidence[at].Act >= len(record.Acts) {
		return nil, "", problem.NotFound.Because("案卷中没有这份材料。", "The case has no such evidence.")
	}
	recorded := record.Acts[record.Evidence[at].Act]
	if recorded.By.Agency != h.core.Organisation {
		return nil, "", h.keptBy(c, recorded.By.Agency)
	}
	if h.Evidence == nil {
		return nil, "", noFiles()
	}
	if err := notErased(&record); err != nil {
		return nil, "", err
	}
	if mediaType = record.Evidence[at].MediaType; !slices.Contains(evidenceTypes, mediaType) {
		mediaType = "application/octet-stream" // the record's word, which no browser is to act upon
	}
	if _, err := h.core.Read(c, reading.Evidence, relief.KindCase, string(id), record.Members...); err != nil {
		return nil, "", err
	}
	file, err = h.Evidence.Open(c.Request.Context(), id, record.Evidence[at].SHA256)
	if err != nil {
		return nil, "", h.evidenceProblem(c, id, err)
	}
	return file, mediaType, nil
}

// readableCase is a case whose private details the caller may read: by duty and by region.
func (h *Handlers) readableCase(c *gin.Context, id relief.CaseID) (record casework.Case, err error) {
	if err := h.core.HasDuty(c, relief.ActReadPerson); err != nil {
		return record, err
	}
	if record, err = h.caseOf(c, id); err != nil {
		return record, err
	}
	caller, _ := h.core.Ledger.Identity(rest.Caller(c).Name) // there, as the duty is
	by, err := h.core.Admit(c.Request.Context(), caller)
	if err != nil {
		return record, err
	}
	return record, relief.RequireRegion(by, record.Region)
}

// keptBy names the agency that has a file.
func (h *Handlers) keptBy(c *gin.Context, agency string) error {
	registry, err := h.Index.Registry(c.Request.Context())
	if err != nil {
		return err
	}
	zh, en := agency, agency
	for _, each := range registry.Agencies {
		if each.MSPID == agency {
			zh, en = each.Name, each.NameEn
		}
	}
	return problem.KeptElsewhere.Because("文件由"+zh+"保存，请向其网关查询。", "The file is kept by "+en+": ask its gateway.")
}

// notErased refuses a file of a case whose facts were erased, whether or not it is deleted already.
func notErased(record *casework.Case) error {
	if record.FactsErased == "" {
		return nil
	}
	day := string(record.FactsErased)
	return problem.FileErased.Because("本案卷的个人信息已于 "+day+" 清除。", "The private details of this case were erased on "+day+".")
}

// evidenceProblem is what a file that is gone or is not what was put means to the caller; the operator learns of it, too.
func (h *Handlers) evidenceProblem(c *gin.Context, id relief.CaseID, err error) error {
	var lost *problem.Fault
	switch {
	case errors.Is(err, objectstore.ErrNotFound):
		lost = problem.FileLost.Because("账本中有该哈希，但文件库中没有文件：文件已丢失，或从未在此上传。",
			"The ledger has the hash, and the object store does not have the file: it is lost, or was never uploaded here.")
	case errors.Is(err, objectstore.ErrChanged):
		lost = problem.FileLost.Because("文件已被改动，与原哈希不符。",
			"The file is not what was put: its hash does not fit any more.")
	case errors.Is(err, evidence.ErrOfAnotherCase):
		lost = problem.FileLost.Because("该哈希的文件不是为本案卷上传的，不能提供。",
			"The file with this hash was not uploaded for this case, and is not given for it.")
	default:
		return err
	}
	h.core.Log.ErrorContext(c.Request.Context(), "a file of evidence is lost or changed", "request", rest.RequestID(c),
		"case", string(id), "error", err.Error())
	return lost
}
