package reach

import (
	"context"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index"
)

// Subject lists a person's present entries on the rolls.
func (ix *Index) Subject(ctx context.Context, ref relief.SubjectRef) ([]roll.Entry, error) {
	c, err := Of(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := ix.source.Subject(ctx, ref)
	if err != nil {
		return nil, err
	}
	kept := entries[:0]
	for i := range entries {
		if c.Covers(entries[i].Region) {
			kept = append(kept, entries[i])
		}
	}
	return kept, nil
}

// Claims lists the live cases and imported households that a person is in.
func (ix *Index) Claims(ctx context.Context, ref relief.SubjectRef) (m casework.MemberRecord, err error) {
	c, err := Of(ctx)
	if err != nil {
		return m, err
	}
	all, err := ix.source.Claims(ctx, ref)
	if err != nil {
		return m, err
	}
	m.Claims = []casework.Claim{}
	for _, claim := range all.Claims {
		region, err := ix.regionOfClaim(ctx, &claim)
		if err != nil {
			return m, err
		}
		if c.Covers(region) {
			m.Claims = append(m.Claims, claim)
		}
	}
	for _, id := range all.Kept {
		region, err := ix.regionOfClaim(ctx, &casework.Claim{Case: id})
		if err != nil {
			return m, err
		}
		if c.Covers(region) {
			m.Kept = append(m.Kept, id)
		}
	}
	return m, nil
}

// regionOfClaim is the region of a claim's case, or of the head's entry on the roll.
func (ix *Index) regionOfClaim(ctx context.Context, c *casework.Claim) (relief.Region, error) {
	if c.Case == "" {
		return ix.source.RegionOnRoll(ctx, c.Programme, c.County, c.Number)
	}
	record, err := ix.source.Record(ctx, relief.KindCase, string(c.Case))
	if err != nil {
		return "", err
	}
	return regionOf(record)
}

// Payment finds one payment.
func (ix *Index) Payment(ctx context.Context, id relief.PaymentID) (p payment.Payment, err error) {
	if err := ix.coversPayment(ctx, id); err != nil {
		return p, err
	}
	return ix.source.Payment(ctx, id)
}

// LeafOf finds what the log's leaf of a credited payment is made of.
func (ix *Index) LeafOf(ctx context.Context, id relief.PaymentID) (leaf index.Leaf, ok bool, err error) {
	if err := ix.coversPayment(ctx, id); err != nil {
		return leaf, false, err
	}
	return ix.source.LeafOf(ctx, id)
}

// coversPayment refuses the payment of a person in a region that the caller does not cover. Only inside the caller's county
// the roll has to be asked; whether there is such a payment elsewhere stays unsaid.
func (ix *Index) coversPayment(ctx context.Context, id relief.PaymentID) error {
	c, err := Of(ctx)
	if err != nil || c.Covers(id.County) {
		return err
	}
	if err := c.RequireMeets(id.County); err != nil {
		return err
	}
	region, err := ix.source.RegionOnRoll(ctx, id.Programme, id.County, id.Number)
	if err != nil {
		return err
	}
	return c.RequireCovers(region)
}

// PaymentTrail lists what happened to a payment.
func (ix *Index) PaymentTrail(ctx context.Context, id relief.PaymentID) ([]index.Step, error) {
	if err := ix.coversPayment(ctx, id); err != nil {
		return nil, err
	}
	return ix.source.PaymentTrail(ctx, id)
}

// SubjectTrail lists what happened to a person in the caller's region.
func (ix *Index) SubjectTrail(ctx context.Context, ref relief.SubjectRef) ([]index.Step, error) {
	within, err := narrow(ctx, "")
	if err != nil {
		return nil, err
	}
	return ix.source.SubjectTrail(ctx, ref, within)
}

// The trails of records are for who may read the record; empty for one that is not there.

// BatchTrail lists what happened to a batch.
func (ix *Index) BatchTrail(ctx context.Context, id relief.BatchID) ([]index.Step, error) {
	if _, err := ix.Record(ctx, relief.KindBatch, string(id)); err != nil {
		return nil, err
	}
	return ix.source.BatchTrail(ctx, id)
}

// TrancheTrail lists what happened to a tranche.
func (ix *Index) TrancheTrail(ctx context.Context, id relief.TrancheID) ([]index.Step, error) {
	if _, err := ix.Record(ctx, relief.KindTranche, string(id)); err != nil {
		return nil, err
	}
	return ix.source.TrancheTrail(ctx, id)
}

// YearEndTrail lists who signed the year's end of a county.
func (ix *Index) YearEndTrail(ctx context.Context, id relief.YearEndID) ([]index.Step, error) {
	if _, err := ix.Record(ctx, relief.KindYearEnd, string(id)); err != nil {
		return nil, err
	}
	return ix.source.YearEndTrail(ctx, id)
}

// ImportTrail lists what happened to the import of a roll.
func (ix *Index) ImportTrail(ctx context.Context, id relief.ImportID) ([]index.Step, error) {
	if _, err := ix.Record(ctx, relief.KindImport, string(id)); err != nil {
		return nil, err
	}
	return ix.source.ImportTrail(ctx, id)
}

// OverpaymentTrail lists what happened to what a roll entry was paid too much.
func (ix *Index) OverpaymentTrail(ctx context.Context, id relief.OverpaymentID) ([]index.Step, error) {
	if _, err := ix.Record(ctx, relief.KindOverpayment, string(id)); err != nil {
		return nil, err
	}
	return ix.source.OverpaymentTrail(ctx, id)
}

// CaseTrail lists what happened to a case.
func (ix *Index) CaseTrail(ctx context.Context, id relief.CaseID) ([]index.Step, error) {
	if _, err := ix.Record(ctx, relief.KindCase, string(id)); err != nil {
		return nil, err
	}
	return ix.source.CaseTrail(ctx, id)
}
