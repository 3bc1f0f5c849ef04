// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"errors"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
)

// maxFileItems bounds the acts of one file.
const maxFileItems = 500

// deed is one act on a case: what it reads at once, and what it does. n is its place in the file, 0 for a single act.
type deed[T any] struct {
	act  relief.Act
	keys func(d *desk, in T) []relief.Key
	do   func(d *desk, in T, n int) (record any, changed bool, err error)
}

// one does a single act and answers the record.
func (a deed[T]) one(ctx *Context, input string) (string, error) {
	in, err := begin[T](ctx, a.act, input)
	if err != nil {
		return "", err
	}
	d := ctx.desk()
	if err := d.fetch(a.keys(d, in)...); err != nil {
		return "", err
	}
	record, _, err := a.do(d, in, 0)
	if err != nil {
		return "", err
	}
	return encode(record, d.store())
}

// fileResult is what a file of acts comes to: a refused act leaves nothing, and does not keep the others back.
type fileResult struct {
	Accepted  int           `json:"accepted"`
	Unchanged int           `json:"unchanged"`
	Refused   []fileRefusal `json:"refused"`
}

type fileRefusal struct {
	Seq    int         `json:"seq"` // the act's place in the file, from 0
	Code   relief.Code `json:"code"`
	Field  string      `json:"field,omitempty"`
	Detail string      `json:"detail"`
}

// many does a file of acts in one transaction.
func (a deed[T]) many(ctx *Context, items []json.RawMessage) (string, error) {
	if err := ctx.authorise(a.act); err != nil {
		return "", err
	}
	if len(items) < 1 || len(items) > maxFileItems {
		return "", relief.FieldErrorf("items", "a file has 1 to %d acts", maxFileItems)
	}
	d := ctx.desk()
	result := fileResult{Refused: []fileRefusal{}}
	inputs, refusals := make([]T, len(items)), make([]error, len(items))
	var keys []relief.Key
	for i, item := range items {
		if inputs[i], refusals[i] = decode[T](string(item)); refusals[i] == nil {
			keys = append(keys, a.keys(d, inputs[i])...)
		}
	}
	if err := d.fetch(keys...); err != nil {
		return "", err
	}
	for i := range inputs {
		err := refusals[i]
		var changed bool
		if err == nil {
			_, changed, err = a.do(d, inputs[i], i)
		}
		var refused *relief.Error
		switch {
		case errors.As(err, &refused) && refused.Code != relief.CodeCorrupt:
			result.Refused = append(result.Refused, fileRefusal{i, refused.Code, refused.Field, refused.Detail})
		case err != nil:
			return "", err
		case changed:
			result.Accepted++
		default:
			result.Unchanged++
		}
	}
	return encode(result, d.store())
}

// File does many acts of one kind in one transaction: each as its own function would, one after the other.
func (c *caseContract) File(ctx *Context, input string) (string, error) {
	type file struct {
		Act   relief.Act        `json:"act"`
		Items []json.RawMessage `json:"items"`
	}
	in, err := decode[file](input)
	if err != nil {
		return "", err
	}
	do, ok := map[relief.Act]func(*Context, []json.RawMessage) (string, error){
		relief.ActCaseApply: applyDeed.many, relief.ActCaseAttach: attachDeed.many, relief.ActCaseMatch: matchDeed.many,
		relief.ActCaseAnswerMatch: answerMatchDeed.many, relief.ActCaseNotice: noticeDeed.many, relief.ActCaseObject: objectDeed.many,
		relief.ActCaseAnswer: answerDeed.many, relief.ActCaseDecide: decideDeed.many, relief.ActCaseWithdraw: withdrawDeed.many,
		relief.ActCaseReview: reviewDeed.many, relief.ActCaseConfirm: confirmDeed.many, relief.ActCaseSuspend: suspendDeed.many,
		relief.ActCaseResume: resumeDeed.many, relief.ActCaseExit: exitDeed.many, relief.ActCaseNeed: needDeed.many,
		relief.ActCaseDismissNeed: dismissNeedDeed.many, relief.ActCaseAppeal: appealDeed.many, relief.ActCaseDecideAppeal: decideAppealDeed.many,
	}[in.Act]
	if !ok {
		return "", relief.FieldErrorf("act", "there are no files of this act")
	}
	return do(ctx, in.Items)
}

// caseOf is the key of the one case that an act is about.
type caseOf struct {
	Case relief.CaseID `json:"case"`
}

func (in caseOf) keys() []relief.Key { return []relief.Key{relief.CaseKey(in.Case)} }

// amend does an act on one case and keeps it; f gets the case and the version that it stands under now.
func (d *desk) amend(id relief.CaseID, f func(c casework.Case) (casework.Case, bool, error)) (any, bool, error) {
	c, err := mustFind[casework.Case](d, relief.CaseKey(id))
	if err != nil {
		return nil, false, err
	}
	out, changed, err := f(*c)
	if err != nil || !changed {
		return c, false, err
	}
	return &out, true, d.putCase(&out, c)
}
