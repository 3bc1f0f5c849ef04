package public

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
)

type keyFormat string

const (
	keysJSON   keyFormat = "json"
	keysPolicy keyFormat = "policy"
)

// KeyFormat is how the keys are given.
var KeyFormat = rest.Choice("format", keysJSON, keysPolicy)

// PolicyLog is the agency whose log a policy is for.
var PolicyLog = rest.Text("log")

// Keys answers with the keys by which what the log has is verified.
func (p *LogPages) Keys(c *gin.Context) error {
	trust, ok := p.log.Trust()
	if !ok {
		return noKeys()
	}
	format, log, policy := KeyFormat.In(c), PolicyLog.In(c), trust.Policy
	if log != "" {
		if policy = trust.PolicyOf(log); policy == "" || format != keysPolicy {
			return problem.OfField("log", "log 须为某部门的 MSP 编号，且 format 须为 policy。", "log is an agency's MSP id, and format is policy.")
		}
	}
	c.Header("Cache-Control", "public, max-age=60")
	if unchanged(c, []byte(policy+string(format))) {
		return nil
	}
	if format == keysPolicy {
		c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(policy))
		return nil
	}
	return rest.JSON(c, trust)
}

func noKeys() error {
	return problem.NotYet.Because("账本上还没有各部门的密钥。", "The agencies' keys are not on the ledger yet.")
}

// proven is what a hash proves.
type proven struct {
	LeafHash   string   `json:"leaf_hash"`
	Zh         string   `json:"zh"`
	En         string   `json:"en"`
	Index      int64    `json:"index"`
	Size       int64    `json:"size"`
	Root       string   `json:"root_sha256"`
	Path       []string `json:"path"` // base64, from the leaf's sibling up
	Checkpoint string   `json:"checkpoint"`
}

// notInLog is the one answer to every hash that is not in the cosigned log and to everything that is no hash: the same
// bytes, so that nobody learns more by guessing.
var notInLog = append(mustJSON(problem.NotInLog.Document()), '\n')

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // ids and constant texts
	}
	return b
}

// maxHashText bounds how much of a hash's text is looked at.
const maxHashText = 128

// readHash reads 64 hexadecimal digits. Any other text becomes a hash, too, one that no leaf has, so that looking it up
// takes the same steps.
func readHash(text string) tlog.Hash {
	none := sha256.Sum256([]byte(text[:min(len(text), maxHashText)]))
	var hash tlog.Hash
	digits := []byte(text[:min(len(text), 2*tlog.HashSize)])
	n, err := hex.Decode(hash[:], digits)
	if err != nil || n != tlog.HashSize || len(text) != 2*tlog.HashSize {
		return none
	}
	return hash
}

// CheckHash answers the holder of a leaf's hash with what it proves. Whose payment it is, the hash does not say and the log
// does not know.
func (p *LogPages) CheckHash(c *gin.Context) error {
	hash := readHash(strings.TrimPrefix(c.Param("hash"), "/"))
	proof, _, found := p.log.Prove(hash)
	if !found {
		c.Data(http.StatusNotFound, "application/problem+json", notInLog)
		return nil
	}
	zh, en := "这笔支付", "This payment"
	if p.entries != nil {
		zh, en = "这份声明", "This statement"
	}
	answer := proven{
		LeafHash: hex.EncodeToString(hash[:]), Index: proof.Index, Size: proof.Size, Root: hex.EncodeToString(proof.Root[:]),
		Zh:   fmt.Sprintf("%s在各部门共同签名的账本中：共 %d 条，此为第 %d 条。", zh, proof.Size, proof.Index+1),
		En:   fmt.Sprintf("%s is in the record that all agencies signed: number %d of %d.", en, proof.Index+1, proof.Size),
		Path: make([]string, len(proof.Path)), Checkpoint: string(proof.Note),
	}
	for i := range proof.Path {
		answer.Path[i] = base64.StdEncoding.EncodeToString(proof.Path[i][:])
	}
	return rest.JSON(c, answer)
}

// Verify checks a receipt's file or code. That a receipt is not valid, or that nothing could be checked, is an answer, not an error.
func (h *Handlers) Verify(c *gin.Context) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, receipt.MaxBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLarge
	}
	if err != nil {
		return problem.Unreadable.Fault()
	}
	if _, ok := h.Log.Trust(); !ok {
		return noKeys()
	}
	return rest.JSON(c, receipt.Check(body, h.Log.Verify))
}
