// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// ProposeRate proposes the rate of a month.
func (*programmeContract) ProposeRate(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ProgrammeProposeRate, proposeRate)
}

func proposeRate(w *work, in programme.RateTerms) (programme.Rate, error) {
	var none programme.Rate
	v, err := w.version(in.Programme, 0)
	if err != nil {
		return none, err
	}
	key := relief.RateKey(in.Programme, in.Period)
	existing, err := uow.Find[programme.Rate](w.Work, key)
	if err != nil {
		return none, err
	}
	out, changed, err := programme.ProposeRate(in, v, existing, w.Actor)
	if err != nil {
		return none, err
	}
	return putIf(w, changed, key, out)
}

// ConfirmRate agrees to a rate or refuses it.
func (*programmeContract) ConfirmRate(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ProgrammeConfirmRate, func(w *work, in api.ConfirmRateInput) (programme.Rate, error) {
		return w.changeRate(in.RateInput, func(r programme.Rate) (programme.Rate, bool, error) {
			return programme.ConfirmRate(r, in.RateDecision, w.Actor) //nolint:wrapcheck // of this module
		})
	})
}

// WithdrawRate takes back a proposal.
func (*programmeContract) WithdrawRate(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ProgrammeWithdrawRate, func(w *work, in api.RateInput) (programme.Rate, error) {
		return w.changeRate(in, func(r programme.Rate) (programme.Rate, bool, error) {
			return programme.WithdrawRate(r, w.Actor) //nolint:wrapcheck // of this module
		})
	})
}

// changeRate does an act on the rate of a month.
func (w *work) changeRate(in api.RateInput, act func(programme.Rate) (programme.Rate, bool, error)) (programme.Rate, error) {
	key := relief.RateKey(in.Programme, in.Period)
	r, err := uow.Get[programme.Rate](w.Work, key)
	if err != nil {
		return r, err
	}
	out, changed, err := act(r)
	if err != nil {
		return r, err
	}
	return putIf(w, changed, key, out)
}

// Rates gives the rates of a programme.
func (*programmeContract) Rates(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ProgrammeRates, func(w *work, in api.ProgrammeInput) (api.Rates, error) {
		out := api.Rates{Items: []programme.Rate{}}
		err := w.Walk(relief.Key{Kind: relief.KindRate, Attrs: []string{string(in.ID)}}, func(_ []string, value []byte) error {
			r, err := uow.Parse[programme.Rate](relief.KindRate, value)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, *r)
			return nil
		})
		return out, err
	})
}
