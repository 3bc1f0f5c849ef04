package index

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
)

// titles say in words what a function does, Chinese and English.
var titles = map[string]string{
	"programme:Draft":   "拟定项目 · programme drafted",
	"programme:Enact":   "项目生效 · programme in force",
	"programme:End":     "项目终止 · programme ended",
	"fund:Issue":        "下达资金 · funds issued",
	"fund:Allocate":     "分配资金 · funds allocated",
	"fund:Refund":       "退回资金 · funds refunded",
	"fund:Close":        "资金结清 · tranche closed",
	"case:ImportRoll":   "纳入名册 · put on the roll",
	"case:Exit":         "退出救助 · left the programme",
	"payment:Open":      "开立批次 · batch opened",
	"payment:AddLines":  "列入清单 · listed",
	"payment:Seal":      "封存批次 · batch sealed",
	"payment:Approve":   "民政审批 · approved by civil affairs",
	"payment:Authorise": "财政审批 · approved by finance",
	"payment:Instruct":  "下达支付指令 · bank instructed",
	"payment:Settle":    "银行回盘 · answered by the bank",
	"payment:Tally":     "汇总回盘 · answers tallied",
	"payment:Cancel":    "作废批次 · batch cancelled",
	"payment:Close":     "关闭批次 · batch closed",
}

var outcomeTitles = map[relief.PaymentState]string{
	relief.PaymentState(relief.LineCredited): "入账 · credited",
	relief.PaymentState(relief.LineSentBack): "退票 · returned",
	relief.PaymentState(relief.LineReversed): "入账后退回 · returned after the credit",
}

func step(v *Version, record string) Step {
	contract, function, _ := strings.Cut(v.Tx.Function, ":")
	s := Step{
		Act: contract + "." + strings.ToLower(function), Title: titles[v.Tx.Function], At: v.Tx.Time, By: v.Tx.Creator,
		Transaction: v.Tx.ID, Block: v.Tx.Block, Endorsers: v.Tx.Endorsers, Record: record, order: v.Tx.Index,
	}
	if s.Title == "" {
		s.Title = s.Act
	}
	return s
}

// PaymentTrail tells what happened to a payment: its programme, tranche, roll entry and batches, and every attempt to
// pay this person for this period. It is empty for a payment that was never listed.
func (m *Memory) PaymentTrail(ctx context.Context, id relief.PaymentID) ([]Step, error) {
	size, programme, err := m.programme(ctx, id.Programme)
	if err != nil || size == 0 {
		return nil, err
	}
	lines, batches, err := m.paymentSteps(ctx, id, size)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	steps := slices.Concat(programme, lines)
	entry, err := m.rollSteps(ctx, id.Programme, id.County, id.Number, size)
	if err != nil {
		return nil, err
	}
	steps = append(steps, entry...)
	for _, b := range batches {
		more, err := m.batchSteps(ctx, b)
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return inOrder(steps), nil
}

// SubjectTrail tells what happened to a person in every programme: the roll entries and all payments.
func (m *Memory) SubjectTrail(ctx context.Context, ref relief.SubjectRef) ([]Step, error) {
	m.mu.RLock()
	programmes := slices.Clone(m.programmes[ref.String()])
	m.mu.RUnlock()
	var steps []Step
	for _, programme := range programmes {
		size, _, err := m.programme(ctx, programme)
		if err != nil {
			return nil, err
		}
		records, err := m.Versions(ctx, relief.SubjectKey(ref, programme))
		if err != nil {
			return nil, err
		}
		seen := map[relief.SubjectRecord]bool{}
		for _, v := range records {
			var r relief.SubjectRecord
			if json.Unmarshal(v.Value, &r) != nil || seen[relief.SubjectRecord{County: r.County, Number: r.Number}] || size == 0 {
				continue
			}
			seen[relief.SubjectRecord{County: r.County, Number: r.Number}] = true
			more, err := m.personSteps(ctx, programme, r.County, r.Number, size)
			if err != nil {
				return nil, err
			}
			steps = append(steps, more...)
		}
	}
	return inOrder(steps), nil
}

// personSteps is one roll entry and its payments of all periods.
func (m *Memory) personSteps(ctx context.Context, programme relief.ProgrammeID, county relief.Region, number, size uint32) ([]Step, error) {
	steps, err := m.rollSteps(ctx, programme, county, number, size)
	if err != nil {
		return nil, err
	}
	key := relief.RollKey(programme, county, number/size)
	m.mu.RLock()
	periods := slices.Clone(m.periods[rollName(key.Attrs[0], key.Attrs[1], key.Attrs[2])])
	m.mu.RUnlock()
	for _, period := range periods {
		lines, _, err := m.paymentSteps(ctx, relief.PaymentID{Programme: programme, County: county, Number: number, Period: period, Attempt: 1}, size)
		if err != nil {
			return nil, err
		}
		steps = append(steps, lines...)
	}
	return steps, nil
}

// programme is a programme's segment size (0 when there is none) and its steps.
func (m *Memory) programme(ctx context.Context, id relief.ProgrammeID) (size uint32, steps []Step, err error) {
	versions, err := m.Versions(ctx, relief.ProgrammeKey(id))
	for i := range versions {
		steps = append(steps, step(&versions[i], "programme/"+string(id)))
	}
	if err != nil || len(versions) == 0 {
		return 0, nil, err
	}
	var p relief.Programme
	if err := json.Unmarshal(versions[len(versions)-1].Value, &p); err != nil || len(p.Versions) == 0 {
		return 0, nil, err
	}
	return uint32(p.Versions[0].SegmentSize), steps, nil //nolint:gosec // 1 to 1000
}

// paymentSteps are the versions in which a person's slot of a period changed, and the batches that held it.
func (m *Memory) paymentSteps(ctx context.Context, id relief.PaymentID, size uint32) (steps []Step, batches []relief.BatchID, err error) {
	segment, position := id.SlotAt(size)
	versions, err := m.Versions(ctx, relief.LinesKey(id.Programme, id.County, id.Period, segment))
	if err != nil {
		return nil, nil, err
	}
	var before relief.Payment
	for i := range versions {
		seg, err := relief.ParseLineSegment(versions[i].Value)
		if err != nil {
			return nil, nil, err
		}
		id.Attempt = seg.Attempt(position)
		now, ok := seg.Payment(id, size, relief.RollSegment{}, relief.BatchOpen)
		if !ok || now == before {
			continue
		}
		before = now
		s := step(&versions[i], "payment/"+now.ID.String())
		if title := outcomeTitles[now.State]; title != "" {
			s.Title = title
		}
		s.Detail = paymentDetail(&now)
		steps = append(steps, s)
		if !slices.Contains(batches, now.Batch) {
			batches = append(batches, now.Batch)
		}
	}
	return steps, batches, nil
}

func paymentDetail(p *relief.Payment) map[string]string {
	detail := map[string]string{"amount": p.Amount.String(), "state": string(p.State), "batch": string(p.Batch)}
	for name, value := range map[string]string{"credited_on": p.CreditedOn, "returned_on": p.ReturnedOn, "return_reason": p.ReturnReason} {
		if value != "" {
			detail[name] = value
		}
	}
	return detail
}

// rollSteps are the versions in which a roll entry changed.
func (m *Memory) rollSteps(ctx context.Context, programme relief.ProgrammeID, county relief.Region, number, size uint32) ([]Step, error) {
	versions, err := m.Versions(ctx, relief.RollKey(programme, county, number/size))
	if err != nil {
		return nil, err
	}
	before, err := relief.ParseRollSegment(nil)
	if err != nil {
		return nil, err
	}
	at := relief.RollPlace{Programme: programme, County: county, Segment: number / size, Size: size}
	var steps []Step
	for i := range versions {
		now, err := relief.ParseRollSegment(versions[i].Value)
		if err != nil {
			return nil, err
		}
		position := int(number % size)
		if !now.SameEntry(before, position) {
			e := now.Entry(position, at)
			s := step(&versions[i], "roll/"+string(programme)+"/"+e.Subject.String())
			s.Detail = map[string]string{"state": string(e.State), "from": e.From.String(), "class": e.Class, "amount": e.Amount.String()}
			if !e.Until.IsZero() {
				s.Detail["until"], s.Detail["reason"] = e.Until.String(), string(e.ExitReason)
			}
			steps = append(steps, s)
		}
		before = now
	}
	return steps, nil
}

// batchSteps are a batch's acts and how its tranche came to be.
func (m *Memory) batchSteps(ctx context.Context, id relief.BatchID) ([]Step, error) {
	versions, err := m.Versions(ctx, relief.BatchKey(id))
	if err != nil || len(versions) == 0 {
		return nil, err
	}
	var b relief.Batch
	if err := json.Unmarshal(versions[0].Value, &b); err != nil {
		return nil, err
	}
	var steps []Step
	for i := range versions {
		steps = append(steps, step(&versions[i], "batch/"+string(id)))
	}
	funds, err := m.Versions(ctx, relief.TrancheKey(b.Tranche))
	if err != nil {
		return nil, err
	}
	for i := range funds {
		if strings.HasPrefix(funds[i].Tx.Function, "fund:") {
			steps = append(steps, step(&funds[i], "tranche/"+string(b.Tranche)))
		}
	}
	return steps, nil
}

// inOrder sorts steps as the ledger has them and leaves out what was found twice.
func inOrder(steps []Step) []Step {
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Or(cmp.Compare(a.Block, b.Block), cmp.Compare(a.order, b.order)) })
	return slices.CompactFunc(steps, func(a, b Step) bool { return a.Transaction == b.Transaction && a.Record == b.Record })
}
