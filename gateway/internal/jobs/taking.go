package jobs

import (
	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/payeecheck"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/rollimport"
)

// KindTaking is a job that proposes the import of a month's people of a programme that takes them from other rolls. It has no file.
const KindTaking Kind = "taking"

// sourceSegment is a segment of a roll that people are taken from.
type sourceSegment struct {
	programme relief.ProgrammeID
	segment   uint32
	people    []roll.Taken
	details   map[uint32]api.Details // sealed, by number
}

// take makes the lines of the import from the rolls, in the order in which the programme names them.
func (p *proposal) take() error {
	rate, err := rateOf(p.attempt, p.doc.Programme, p.doc.From)
	if err != nil {
		return err
	}
	p.doc.Rate = rate.Digest
	segments, err := p.sources()
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(segmentsAtOnce)
	for i := range segments {
		group.Go(func() error { return p.readSource(&segments[i]) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range segments {
		if err := p.takeSegment(&segments[i]); err != nil {
			return err
		}
		if err := p.attempt.progress(len(p.lines)); err != nil {
			return err
		}
	}
	p.attempt.job.read(len(p.lines))
	return nil
}

// rateOf is the confirmed rate of a month. It is the contract's refusal when there is none.
func rateOf(a *attempt, id relief.ProgrammeID, month relief.Period) (*programme.Rate, error) {
	rates, err := ask(a, api.ProgrammeRates, api.ProgrammeInput{ID: id})
	if err != nil {
		return nil, err
	}
	rate := rates.Of(month)
	return rate, rate.InForce(month)
}

// sources are the segments of all rolls that the programme takes its people from.
func (p *proposal) sources() (segments []sourceSegment, err error) {
	for _, id := range p.version.FromProgrammes {
		status, err := ask(p.attempt, api.RollStatus, api.RollInput{Programme: id, County: p.doc.County})
		if err != nil {
			return nil, err
		}
		for _, s := range status.Segments {
			segments = append(segments, sourceSegment{programme: id, segment: s.Segment})
		}
	}
	return segments, nil
}

// readSource asks whom the programme takes from a segment, and reads the private details of its people.
func (p *proposal) readSource(s *sourceSegment) error {
	out, err := ask(p.attempt, api.RollTakeSegment, api.TakeSegmentInput{
		Programme: p.doc.Programme, Period: p.doc.From, From: s.programme, County: p.doc.County, Segment: s.segment,
	})
	if err != nil {
		return err
	}
	s.people, s.details = out.People, map[uint32]api.Details{}
	in := api.SegmentDetailsInput{Programme: s.programme, County: p.doc.County, Segment: s.segment}
	for {
		page, err := ask(p.attempt, api.RollSegmentDetails, in)
		if err != nil {
			return err
		}
		for _, d := range page.Items {
			s.details[d.Number] = d
		}
		if in.From = page.Next; page.Next == 0 {
			return nil
		}
	}
}

// takeSegment adds a segment's people. Those who were on the roll in other months alone are left out without a look at their details.
func (p *proposal) takeSegment(s *sourceSegment) error {
	a := p.attempt
	var read []relief.SubjectRef
	for i := range s.people {
		if d, there := s.details[s.people[i].Number]; there && named(&s.people[i]) {
			read = append(read, d.Subject)
		}
	}
	opened, err := a.runner.options.Readings.Read(reading.Access{
		Principal: a.job.spec.Principal, Purpose: reading.Taking, Route: "job", Record: "job/" + a.job.id,
	}, read...)
	if err != nil {
		return err
	}
	for i := range s.people {
		if err := p.addTaken(opened, s, &s.people[i]); err != nil {
			return err
		}
	}
	return nil
}

// named reports whether the official who confirms sees the name of a person of a roll.
func named(t *roll.Taken) bool {
	return t.Code != relief.LineExited && t.Code != relief.LineBeforeEntry
}

// addTaken adds a person of a roll as a line of the import, with the details of that roll, sealed for the programme.
func (p *proposal) addTaken(opened *reading.Opened, s *sourceSegment, t *roll.Taken) error {
	line := rollimport.Line{
		Input: roll.Input{
			Seq: uint32(len(p.lines) + 1), Ref: t.Subject, Region: t.Region, Persons: t.Persons, Amount: t.Amount, Payee: t.Payee, //nolint:gosec // people of rolls
		},
		Source:  rollimport.Source{FromProgramme: s.programme, FromNumber: &t.Number},
		Refusal: rollimport.Refusal{Code: t.Code, Note: t.Note},
	}
	line.Class = classOf(t)
	d, there := s.details[t.Number]
	switch {
	case !named(t):
	case !there:
		if line.Code == "" {
			line.Code = relief.LineNoPayee
		}
	default:
		person, err := opened.Person(d.Details, d.Subject, s.programme)
		if err != nil {
			return err
		}
		if line.Code == "" {
			if line.Code, err = payeecheck.Differs(p.tagger, &person, t.Payee); err != nil {
				return err
			}
		}
		sealed, err := p.attempt.runner.options.Persons.Seal(&person, t.Subject, p.doc.Programme)
		if err != nil {
			return err
		}
		if line.Details, err = p.writer.AddDetails(sealed); err != nil {
			return err
		}
	}
	p.lines = append(p.lines, line)
	return nil
}

// classOf is the class of a person as a line has it; nobody who is left out needs one.
func classOf(t *roll.Taken) byte {
	if t.Class == "" {
		return 'A'
	}
	return t.Class[0]
}
