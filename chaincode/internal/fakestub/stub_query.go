// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	totalQueryLimit = 100_000 // ledger.state.totalQueryLimit: later results are cut off without an error
	queryBatch      = 1_000   // how many results a peer sends at once

	compositePrefix  = "\x00"
	firstSimpleStart = "\x01"
	lastRune         = string(utf8.MaxRune)
)

// simpleRange gives the start of a range of simple keys. Such a range cannot contain composite keys.
func simpleRange(start, end string) (string, error) {
	for _, key := range []string{start, end} {
		if strings.HasPrefix(key, compositePrefix) {
			return "", fmt.Errorf("first character of the key [%s] contains a null character which is not allowed", key)
		}
	}
	if start == "" {
		start = firstSimpleStart
	}
	return start, nil
}

func compositeRange(objectType string, keys []string) (start, end string, err error) {
	start, err = shim.CreateCompositeKey(objectType, keys)
	return start, start + lastRune, err
}

// GetStateByRange reads the simple keys from startKey (included) to endKey (excluded); empty means open.
func (s *stub) GetStateByRange(startKey, endKey string) (shim.StateQueryIteratorInterface, error) {
	startKey, err := simpleRange(startKey, endKey)
	if err != nil {
		return nil, err
	}
	return onlyIterator(s.query(startKey, endKey, 0, ""))
}

// GetStateByRangeWithPagination is GetStateByRange, page by page.
func (s *stub) GetStateByRangeWithPagination(startKey, endKey string, pageSize int32, bookmark string) (
	shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error,
) {
	startKey, err := simpleRange(startKey, endKey)
	if err != nil {
		return nil, nil, err
	}
	return s.query(startKey, endKey, pageSize, bookmark)
}

// GetStateByPartialCompositeKey reads the composite keys with a prefix.
func (s *stub) GetStateByPartialCompositeKey(objectType string, keys []string) (shim.StateQueryIteratorInterface, error) {
	start, end, err := compositeRange(objectType, keys)
	if err != nil {
		return nil, err
	}
	return onlyIterator(s.query(start, end, 0, ""))
}

// GetStateByPartialCompositeKeyWithPagination is GetStateByPartialCompositeKey, page by page.
func (s *stub) GetStateByPartialCompositeKeyWithPagination(objectType string, keys []string, pageSize int32, bookmark string) (
	shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error,
) {
	start, end, err := compositeRange(objectType, keys)
	if err != nil {
		return nil, nil, err
	}
	return s.query(start, end, pageSize, bookmark)
}

// GetAllStatesCompositeKeyWithPagination reads all composite keys, page by page.
func (s *stub) GetAllStatesCompositeKeyWithPagination(pageSize int32, bookmark string) (
	shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error,
) {
	return s.query(compositePrefix, compositePrefix+lastRune, pageSize, bookmark)
}

// GetQueryResult fails as LevelDB does.
func (s *stub) GetQueryResult(string) (shim.StateQueryIteratorInterface, error) {
	return nil, s.fail(peer.ChaincodeMessage_GET_QUERY_RESULT, errors.New("ExecuteQuery not supported for leveldb"))
}

// GetQueryResultWithPagination fails as LevelDB does.
func (s *stub) GetQueryResultWithPagination(string, int32, string) (
	shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error,
) {
	return nil, nil, s.fail(peer.ChaincodeMessage_GET_QUERY_RESULT, errors.New("ExecuteQueryWithMetadata not supported for leveldb"))
}

func onlyIterator(it shim.StateQueryIteratorInterface, _ *peer.QueryResponseMetadata, err error) (shim.StateQueryIteratorInterface, error) {
	return it, err
}

// query opens a range of public keys. A page size or a bookmark makes it a paginated query.
func (s *stub) query(start, end string, pageSize int32, bookmark string) (
	shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error,
) {
	const request = peer.ChaincodeMessage_GET_STATE_BY_RANGE
	if err := s.check(start, end, bookmark); err != nil {
		return nil, nil, s.fail(request, err)
	}
	paginated := pageSize != 0 || bookmark != ""
	limit := totalQueryLimit
	if paginated {
		if s.rw.wrote {
			return nil, nil, s.fail(request, s.unsupported("Paginated queries are supported only in a read-only transaction"))
		}
		s.rw.paginated = true
		if bookmark != "" {
			start = bookmark
		}
		if pageSize > 0 {
			limit = min(limit, int(pageSize))
		}
	}
	info := &RangeRead{Start: start}
	s.rw.ranges = append(s.rw.ranges, info)
	it := newStateIterator(s, s.ledger.state.public.scan(start, end), info, limit, paginated)
	metadata := &peer.QueryResponseMetadata{}
	if paginated {
		metadata.FetchedRecordsCount = int32(it.total) //nolint:gosec // limited to totalQueryLimit
		if e := it.scan.next(); e != nil {
			metadata.Bookmark = e.key
		}
	}
	return it, metadata, nil
}

// stateIterator returns results. As on a peer, they are read a batch ahead of the chaincode, and the range that is
// checked at commit covers everything that was read.
type stateIterator struct {
	stub      *stub
	scan      *scanner
	info      *RangeRead // nil for private data
	results   []*entry
	pending   *entry // read, but left for the next batch
	total     int
	limit     int
	paginated bool
	closed    bool
}

func newStateIterator(s *stub, scan *scanner, info *RangeRead, limit int, paginated bool) *stateIterator {
	it := &stateIterator{stub: s, scan: scan, info: info, limit: limit, paginated: paginated}
	it.fetch()
	return it
}

// fetch reads the next batch.
func (it *stateIterator) fetch() {
	it.results = it.results[:0]
	if it.pending != nil {
		it.results = append(it.results, it.pending)
		it.pending = nil
	}
	for it.total < it.limit {
		e := it.scan.next()
		it.record(e)
		if e == nil {
			return
		}
		it.total++
		if !it.paginated && len(it.results) == queryBatch {
			it.pending = e
			return
		}
		it.results = append(it.results, e)
	}
}

func (it *stateIterator) record(e *entry) {
	switch {
	case it.info == nil:
	case e == nil:
		it.info.Exhausted, it.info.End = true, it.scan.end
	default:
		it.info.End = e.key
		it.info.Reads = append(it.info.Reads, KVRead{e.key, e.version})
	}
}

// HasNext reports whether Next returns another result.
func (it *stateIterator) HasNext() bool { return len(it.results) > 0 || it.pending != nil }

// Next gives the next result.
func (it *stateIterator) Next() (*queryresult.KV, error) {
	if len(it.results) == 0 {
		return nil, errors.New("no such key")
	}
	e := it.results[0]
	it.results = it.results[1:]
	if len(it.results) == 0 && it.pending != nil {
		if it.closed || it.stub.done {
			return nil, it.stub.fail(peer.ChaincodeMessage_QUERY_STATE_NEXT, errors.New("query iterator not found"))
		}
		it.fetch()
	}
	return &queryresult.KV{Namespace: chaincodeName, Key: e.key, Value: bytes.Clone(e.value)}, nil
}

// Close ends the query. Results that were sent already can still be read.
func (it *stateIterator) Close() error {
	it.closed = true
	return nil
}

// GetHistoryForKey gives the committed writes of a key, newest first.
func (s *stub) GetHistoryForKey(key string) (shim.HistoryQueryIteratorInterface, error) {
	if err := s.check(key); err != nil {
		return nil, s.fail(peer.ChaincodeMessage_GET_HISTORY_FOR_KEY, err)
	}
	refs := slices.Clone(s.ledger.state.history[key])
	slices.Reverse(refs)
	if len(refs) > totalQueryLimit {
		refs = refs[:totalQueryLimit]
	}
	return &historyIterator{blocks: s.ledger.blocks, key: key, refs: refs}, nil
}

type historyIterator struct {
	blocks []*Block
	key    string
	refs   []txRef
}

// HasNext reports whether Next returns another result.
func (it *historyIterator) HasNext() bool { return len(it.refs) > 0 }

// Next gives the next older write.
func (it *historyIterator) Next() (*queryresult.KeyModification, error) {
	if len(it.refs) == 0 {
		return nil, errors.New("no such key")
	}
	tx := &it.blocks[it.refs[0].block].Txs[it.refs[0].tx]
	it.refs = it.refs[1:]
	w := tx.write(it.key)
	return &queryresult.KeyModification{
		TxId: tx.ID, Value: bytes.Clone(w.Value), Timestamp: timestamppb.New(tx.Time), IsDelete: w.IsDelete,
	}, nil
}

// Close ends the query.
func (it *historyIterator) Close() error { return nil }
