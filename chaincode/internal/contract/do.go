// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"errors"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/wire"
)

// do carries out a function: it reads the argument, asks for the duty, handles, stores, and writes the answer.
func do[In, Out any](ctx *Context, input string, f api.Function[In, Out], handle func(*work, In) (Out, error)) (string, error) {
	return action[In, Out]{f: f, handle: handle}.one(ctx, input)
}

// action is a function and how it is carried out.
type action[In, Out any] struct {
	f api.Function[In, Out]
	// reads are keys that the function needs whatever it decides; they come with the caller's entry and duty in one message
	// from the peer. It may be nil.
	reads func(*work, In) []relief.Key
	// then are keys that follow from what was read first. The acts of a file read theirs together; a single act reads them when it
	// comes to them. It may be nil.
	then   func(*work, In) []relief.Key
	handle func(*work, In) (Out, error)
}

func (a action[In, Out]) one(ctx *Context, input string) (string, error) {
	in, err := api.Decode[In](input)
	if err != nil {
		return "", err
	}
	w := newWork(ctx)
	if a.reads != nil {
		if err := w.Fetch(append(a.reads(w, in), w.asked(a.f.Row().Act)...)...); err != nil {
			return "", err
		}
	}
	if err := w.authorise(a.f.Row().Act); err != nil {
		return "", err
	}
	return a.carryOut(w, in)
}

// carryOut handles, holds what is read to the caller's region, stores, and writes the answer.
func (a action[In, Out]) carryOut(w *work, in In) (string, error) {
	out, err := a.handle(w, in)
	if err != nil {
		return "", err
	}
	if err := w.hold(a.f.Row(), in, &out); err != nil {
		return "", err
	}
	if err := w.takeLess(); err != nil {
		return "", err
	}
	if err := w.Store(); err != nil {
		return "", err
	}
	return api.Encode(out)
}

// inFile carries out the acts of a file one after the other, each as one would. A refused act leaves nothing and does not
// keep the others back.
func (a action[In, Out]) inFile(w *work, file api.FileInput) (api.FileResult, error) {
	result := api.FileResult{Refused: []api.FileRefusal{}}
	inputs, refusals := make([]In, len(file.Items)), make([]error, len(file.Items))
	var keys []relief.Key
	for i, item := range file.Items {
		inputs[i], refusals[i] = api.DecodeItem[In](item)
		if refusals[i] == nil && a.reads != nil {
			keys = append(keys, a.reads(w, inputs[i])...)
		}
	}
	if err := w.Fetch(keys...); err != nil {
		return result, err
	}
	if err := a.fetchThen(w, inputs, refusals); err != nil {
		return result, err
	}
	for i := range inputs {
		before := w.Writes()
		var out Out
		err := refusals[i]
		if err == nil {
			w.item = i
			out, err = a.handle(w, inputs[i])
		}
		if err != nil {
			var refused *relief.Error
			if !errors.As(err, &refused) || refused.Code == relief.CodeCorrupt || w.Writes() > before {
				return result, err
			}
			result.Refused = append(result.Refused, api.FileRefusal{Seq: i, Code: refused.Code, Field: refused.Field, Detail: refused.Detail})
		} else if w.Writes() > before {
			result.Accepted++
			result.Elsewhere = append(result.Elsewhere, knownElsewhere(file.Act, &out)...)
		} else {
			result.Unchanged++
		}
		if file.Records {
			record, err := recordOf(out, err)
			if err != nil {
				return result, err
			}
			result.Records = append(result.Records, record)
		}
	}
	return result, nil
}

// knownElsewhere are the members of an application that was taken whom another county knows; nobody for other acts.
func knownElsewhere(act relief.Act, record any) []relief.SubjectRef {
	if taken, is := record.(*casework.Case); is && act == relief.ActCaseApply {
		return taken.KnownElsewhere()
	}
	return nil
}

// fetchThen reads what follows from what the acts of a file read first, but for those that are refused already.
func (a action[In, Out]) fetchThen(w *work, inputs []In, refusals []error) error {
	if a.then == nil {
		return nil
	}
	var keys []relief.Key
	for i := range inputs {
		if refusals[i] == nil {
			keys = append(keys, a.then(w, inputs[i])...)
		}
	}
	return w.Fetch(keys...)
}

// recordOf is what a function answers, null for a refused act.
func recordOf[Out any](out Out, refused error) (json.RawMessage, error) {
	if refused != nil {
		return json.RawMessage("null"), nil
	}
	text, err := api.Encode(out)
	return json.RawMessage(text), err
}

// sealed is the value that a list of the transient map has for the act at hand.
func (w *work) sealed(name string, most int) ([]byte, error) {
	list, err := w.transientList(name)
	if err != nil {
		return nil, err
	}
	if w.item >= len(list) || len(list[w.item]) < 1 || len(list[w.item]) > most {
		return nil, relief.FieldErrorf(name, "the transient map has not 1 to %d bytes of %s for this act", most, name)
	}
	return list[w.item], nil
}

// sealedFacts are the facts of a household for the act at hand.
func (w *work) sealedFacts() ([]byte, error) {
	return w.sealed(wire.TransientFacts, wire.MaxFactsBytes)
}
