package imports

import (
	"context"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/rollimport"
)

// onRoll reads, in the caller's name, the sealed details that the roll has of the people of some lines, by their numbers: of those
// whose name or account changes, and of entries that the file lacks. Erased details are left out.
func (r *lineReader) onRoll(ctx context.Context, rows []rollimport.Row) (map[uint32]api.Details, error) {
	var numbers []uint32
	for i := range rows {
		if rows[i].Number != nil && needsRoll(&rows[i]) {
			numbers = append(numbers, *rows[i].Number)
		}
	}
	slices.Sort(numbers)
	people := make(map[uint32]api.Details, len(numbers))
	for len(numbers) > 0 {
		n := r.oneQuestion(numbers)
		page, err := rest.AskIn(ctx, r.handlers.core, r.c, api.RollSegmentDetails, api.SegmentDetailsInput{
			Programme: r.doc.Programme, County: r.doc.County, Segment: numbers[0] / r.doc.SegmentSize,
			From: numbers[0], Limit: int(numbers[n-1] - numbers[0] + 1),
		})
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			d := &page.Items[i]
			if _, wanted := slices.BinarySearch(numbers[:n], d.Number); !wanted {
				continue
			}
			people[d.Number] = *d
		}
		numbers = numbers[n:]
	}
	return people, nil
}

// oneQuestion is how many of the first numbers one page of a segment's details has.
func (r *lineReader) oneQuestion(numbers []uint32) int {
	first := numbers[0]
	n := 1
	for n < len(numbers) && numbers[n]/r.doc.SegmentSize == first/r.doc.SegmentSize && numbers[n]-first < api.MaxDetailsPage {
		n++
	}
	return n
}

func needsRoll(r *rollimport.Row) bool {
	return r.Line == 0 || slices.ContainsFunc(r.Changes, func(c rollimport.Change) bool {
		return c.Column == rollimport.ColumnName || c.Column == rollimport.ColumnAccount
	})
}
