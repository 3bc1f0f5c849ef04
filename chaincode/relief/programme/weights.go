package programme

import "relieftrail/chaincode/relief"

// Weights are the points of the four parts of a programme's score (绩效评价权重): of its budget's execution, its output, its benefit
// and how content people are. They add up to a hundred.
type Weights struct {
	Execution    int `json:"execution"`
	Output       int `json:"output"`
	Benefit      int `json:"benefit"`
	Satisfaction int `json:"satisfaction"`
}

// UsualWeights are those of the budget's performance tables (预算执行 10, 产出 50, 效益 30, 满意度 10).
var UsualWeights = Weights{10, 50, 30, 10}

// ScoreRules say how a programme is scored.
type ScoreRules struct {
	// Weights are UsualWeights when a version names none.
	Weights *Weights `json:"weights,omitempty"`
}

// ScoreWeights are the weights of a version.
func (r *ScoreRules) ScoreWeights() Weights {
	if r.Weights == nil {
		return UsualWeights
	}
	return *r.Weights
}

func (r *ScoreRules) check() error {
	w := r.ScoreWeights()
	return w.Check()
}

// Check refuses weights that do not add up to a hundred.
func (w Weights) Check() error {
	sum := 0
	for _, part := range []int{w.Execution, w.Output, w.Benefit, w.Satisfaction} {
		if part < 0 || part > 100 {
			return relief.FieldErrorf("weights", "a weight is 0 to 100")
		}
		sum += part
	}
	if sum != 100 {
		return relief.FieldErrorf("weights", "the weights add up to %d, not to 100", sum)
	}
	return nil
}
