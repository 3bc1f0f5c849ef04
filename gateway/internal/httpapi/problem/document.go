package problem

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/matching"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/reading"
)

// Document is the body of every answer that is not a success (RFC 9457).
type Document struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail,omitempty"`
	Instance string `json:"instance,omitempty"` // names this request in the gateway's log
	Field    string `json:"field,omitempty"`    // the offending field of the input
	Line     int    `json:"line,omitempty"`     // the offending line of a file
	TxID     string `json:"tx_id,omitempty"`    // the ledger's transaction, where there was one
}

// ErrUnavailable marks a failed read of the ledger that is not a refusal.
var ErrUnavailable = errors.New("the ledger cannot be read")

// Of finds what an error means to the caller.
func Of(err error) Document {
	var (
		own      *Fault
		refusal  *relief.Error
		endorse  *ledger.NotEndorsed
		invalid  *ledger.CommittedInvalid
		tooLarge *http.MaxBytesError
		corrupt  *index.Unreadable
	)
	switch {
	case errors.As(err, &own):
		d := own.kind.document(own.detail)
		d.Field, d.Line = own.field, own.line
		return d
	case errors.As(err, &corrupt):
		at := strconv.FormatUint(corrupt.Block, 10)
		return RecordUnreadable.document(Text{
			"账本中的 " + corrupt.Name() + " 自区块 " + at + " 起无法读取。" + RecordUnreadable.Help.Zh,
			corrupt.Name() + " cannot be read since block " + at + ". " + RecordUnreadable.Help.En,
		})
	case errors.As(err, &refusal):
		d := ofRefusal(refusal)
		if errors.As(err, &endorse) {
			d.TxID = endorse.TxID
		}
		return d
	case errors.Is(err, reading.ErrSpent):
		return LookUpsSpent.document(LookUpsSpent.Help)
	case errors.Is(err, outbox.ErrKeyReused):
		return KeyReused.document(KeyReused.Help)
	case errors.As(err, &invalid):
		return ofInvalid(invalid)
	case errors.As(err, &tooLarge):
		limit := strconv.FormatInt(tooLarge.Limit, 10)
		return TooLarge.document(Text{"请求内容最多 " + limit + " 字节。", "The body may have at most " + limit + " bytes."})
	case errors.As(err, &endorse):
		return ofEndorsement(endorse)
	case outbox.DiskFull(err):
		return DiskFull.document(DiskFull.Help)
	case errors.Is(err, objectstore.ErrAway):
		return StoreAway.document(StoreAway.Help)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, ErrUnavailable),
		errors.Is(err, matching.ErrLedger):
		return Unavailable.document(Text{"本部门的节点没有应答。", "The agency's own peer did not answer."})
	default:
		return Internal.Bare()
	}
}

func ofEndorsement(e *ledger.NotEndorsed) Document {
	d := Unavailable.document(Text{
		"各部门节点没有全部背书此交易。", "The agencies' peers did not all endorse the transaction.",
	})
	if len(e.Differ) > 0 {
		d = Disagree.document(Text{
			strings.Join(e.Differ, "、") + " 的节点结果与其他节点不同。",
			"The peer of " + strings.Join(e.Differ, " and of ") + " does not say what the others say.",
		})
	}
	d.TxID = e.TxID
	return d
}

func ofInvalid(invalid *ledger.CommittedInvalid) Document {
	d := Internal.Bare()
	if invalid.Conflict() {
		d = Contention.Bare()
	}
	d.TxID = invalid.Commit.TxID
	return d
}

// Bare is the kind's document without a detail.
func (k *Kind) Bare() Document {
	return Document{Type: k.URI(), Title: k.Title.String(), Status: k.Status}
}

func (k *Kind) document(detail Text) Document {
	d := k.Bare()
	d.Detail = detail.String()
	return d
}

// Document is the kind's document with what the caller can do as its detail.
func (k *Kind) Document() Document { return k.document(k.Help) }
