package stored

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
)

func ofPlan(p *draw.Plan, _ []string) relief.Key {
	if len(p.Acts) == 0 || !p.Whole() {
		return relief.Key{}
	}
	return relief.PlanKey(p.ID)
}

// ofFrame is for the units of a stratum, which do not say of which draw they are.
func ofFrame(_ *draw.Units, attrs []string) relief.Key {
	if len(attrs) != 2 {
		return relief.Key{}
	}
	id, err := relief.ParsePlanID(attrs[0])
	stratum, errStratum := relief.ParseSegment(attrs[1])
	if err != nil || errStratum != nil || stratum >= draw.MaxStrata {
		return relief.Key{}
	}
	return relief.FrameKey(id, int(stratum))
}

func ofVisit(v *draw.Visit, _ []string) relief.Key {
	if len(v.Acts) == 0 || !slices.Contains(draw.VisitStates, v.State) || !v.Digests() || v.Unit < 0 || v.Unit >= draw.MaxUnits {
		return relief.Key{}
	}
	return relief.VisitKey(v.Plan, v.Unit)
}
