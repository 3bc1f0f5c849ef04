package indicator

import (
	"math/big"

	"relieftrail/chaincode/relief/programme"
)

// Goal is a value held against a target, with the points that it can get.
type Goal struct {
	Value, Target *big.Rat
	AtMost        bool
	Points        *big.Rat
}

// Score is what a goal gets of its points: points · min(1, value/target), or points · min(1, target/value) for an upper bound.
func (g *Goal) Score() *big.Rat {
	above, below := g.Value, g.Target
	if g.AtMost {
		above, below = g.Target, g.Value
	}
	share := big.NewRat(1, 1)
	if below.Sign() > 0 {
		if q := new(big.Rat).Quo(above, below); q.Cmp(share) < 0 {
			share = q
		}
	}
	return share.Mul(share, g.Points)
}

// Total is the exact sum of the scores of goals.
func Total(goals []Goal) *big.Rat {
	sum := new(big.Rat)
	for i := range goals {
		sum.Add(sum, goals[i].Score())
	}
	return sum
}

// Points writes points with two places, half up.
func Points(p *big.Rat) string { return hundredths(new(big.Rat).Mul(p, big.NewRat(100, 1))) }

// Grade is the grade of a total of a hundred points (民发〔2016〕242号).
type Grade string

// The grades.
const (
	Excellent Grade = "excellent" // 优秀: 90 and more
	Good      Grade = "good"      // 良好: 80 and more
	Pass      Grade = "pass"      // 合格: 60 and more
	Fail      Grade = "fail"      // 不合格
)

// GradeOf is the grade of an exact total.
func GradeOf(total *big.Rat) Grade {
	for _, g := range []struct {
		from  int64
		grade Grade
	}{{90, Excellent}, {80, Good}, {60, Pass}} {
		if total.Cmp(big.NewRat(g.from, 1)) >= 0 {
			return g.grade
		}
	}
	return Fail
}

// weightOf is the weight of a part of the score.
func weightOf(w programme.Weights, p Part) int64 {
	switch p {
	case Execution:
		return int64(w.Execution)
	case Output:
		return int64(w.Output)
	case Benefit:
		return int64(w.Benefit)
	default:
		return int64(w.Satisfaction)
	}
}
