// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/registry"
)

// YearEnd gives the list of a year's end.
func (*fundContract) YearEnd(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundYearEnd, readYearEnd)
}

func readYearEnd(w *work, in api.YearEndInput) (api.YearEnd, error) {
	var out api.YearEnd
	list, agencies, err := w.yearEnd(in.ID)
	if err != nil {
		return out, err
	}
	out.YearEndList, out.Missing = list, agencies
	if out.SHA256, err = list.Digest(); err != nil {
		return out, err
	}
	if out.Signed, err = uow.Find[fund.YearEnd](w.Work, relief.YearEndKey(in.ID)); err != nil || out.Signed == nil {
		return out, err
	}
	if out.Signed.SHA256 == out.SHA256 {
		out.Missing = slices.DeleteFunc(agencies, out.Signed.SignedBy)
	}
	return out, nil
}

// SignYearEnd signs the list of a year's end.
func (*fundContract) SignYearEnd(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundSignYearEnd, signYearEnd)
}

func signYearEnd(w *work, in api.SignYearEndInput) (fund.YearEnd, error) {
	list, agencies, err := w.yearEnd(in.ID)
	if err != nil {
		return fund.YearEnd{}, err
	}
	existing, err := uow.Find[fund.YearEnd](w.Work, relief.YearEndKey(in.ID))
	if err != nil {
		return fund.YearEnd{}, err
	}
	out, changed, err := fund.Sign(existing, list, in.SHA256, agencies, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, relief.YearEndKey(in.ID), out)
}

// yearEnd is the list of a year's end as it is now, and the agencies that sign it. It reads all tranches and overpayments as closed
// ranges: when one comes in between, the ledger refuses one of the two.
func (w *work) yearEnd(id relief.YearEndID) (fund.YearEndList, []string, error) {
	list := fund.NewYearEndList(id)
	if _, err := relief.ParseYearEndID(string(id)); err != nil {
		return list, nil, err
	}
	agencies, err := uow.Get[[]registry.Agency](w.Work, relief.AgenciesKey())
	if err != nil {
		return list, nil, err
	}
	var sign []string
	for i := range agencies {
		sign = append(sign, agencies[i].MSPID)
	}
	err = w.Scan(relief.Key{Kind: relief.KindTranche}, func(_ []string, value []byte) error {
		t, err := uow.Parse[fund.Tranche](relief.KindTranche, value)
		if err == nil {
			list.Add(t)
		}
		return err
	})
	if err != nil {
		return list, nil, err
	}
	var open []overpayment.Overpayment // no other key is read while the range is
	err = w.Scan(relief.Key{Kind: relief.KindOverpayment}, func(_ []string, value []byte) error {
		o, err := uow.Parse[overpayment.Overpayment](relief.KindOverpayment, value)
		if err == nil && o.County == list.County {
			open = append(open, *o)
		}
		return err
	})
	if err != nil {
		return list, nil, err
	}
	for i := range open {
		o, err := w.standing(&open[i])
		if err != nil {
			return list, nil, err
		}
		if o.Outstanding == 0 {
			continue
		}
		if err := list.AddOverpayment(o.ID, o.Outstanding); err != nil {
			return list, nil, err
		}
	}
	return list, sign, nil
}
