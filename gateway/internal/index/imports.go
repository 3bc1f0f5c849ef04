package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// ImportTrail lists what happened to the import of a roll: its proposal, its confirmation, and the transactions that carried
// out its chunks. It is empty when there is no such import.
func (ix *Index) ImportTrail(ctx context.Context, id relief.ImportID) (steps []Step, err error) {
	err = ix.view(ctx, func(r *reader) error {
		if steps, err = r.recordSteps(relief.KindImport, string(id), ""); err != nil || len(steps) == 0 {
			return err
		}
		more, err := r.importChunkSteps(id)
		steps = append(steps, more...)
		return err
	})
	return inOrder(steps), err
}

// importChunkSteps are the transactions that carried out the chunks of an import. Their keys' names begin with the
// import's id and a slash.
func (r *reader) importChunkSteps(id relief.ImportID) (steps []Step, err error) {
	var found []txRow
	var names []string
	var values [][]byte
	err = r.require(func(p *passedOver) bool {
		return p.Kind == relief.KindImportChunk && strings.HasPrefix(p.Key, string(id)+"/")
	})
	if err != nil {
		return nil, err
	}
	err = r.each("SELECT "+transactionColumns+", k.name, v.value "+
		"FROM keys k JOIN versions v ON v.key = k.n JOIN transactions t ON t.place = v.place "+
		"WHERE k.kind = $1 AND k.name > $2 AND k.name < $3 AND v.deleted = 0 ORDER BY v.place", func(rows *sql.Rows) error {
		var s txRow
		var name string
		var value []byte
		err := rows.Scan(append(s.columns(), &name, &value)...)
		found, names, values = append(found, s), append(names, name), append(values, value)
		return err
	}, relief.KindImportChunk, string(id)+"/", string(id)+"0") // 0 follows the slash
	if err != nil {
		return nil, err
	}
	for i := range found {
		tx, err := r.transaction(&found[i])
		if err != nil {
			return nil, err
		}
		var chunk roll.ImportChunkRecord
		if err := json.Unmarshal(values[i], &chunk); err != nil {
			return nil, err
		}
		if tx.Function != api.RollImport.Name() || chunk.Result == nil {
			continue // the proposal, which is a step of the import itself
		}
		s := newStep(&tx, relief.KindImportChunk+"/"+names[i])
		s.Detail = map[string]string{
			"lines": strconv.Itoa(chunk.Count), "sum": chunk.Sum.String(), "accepted": strconv.Itoa(chunk.Result.Accepted),
			"refused": strconv.Itoa(len(chunk.Result.Refused)),
		}
		steps = append(steps, s)
	}
	return steps, nil
}
