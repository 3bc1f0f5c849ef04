// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"crypto/sha256"
	"encoding/hex"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// Apply takes an application.
func (c *caseContract) Apply(ctx *Context, input string) (string, error) {
	return applyDeed.one(ctx, input)
}

var applyDeed = deed[casework.Application]{
	act: relief.ActCaseApply,
	keys: func(d *desk, in casework.Application) []relief.Key {
		keys := []relief.Key{relief.CaseKey(in.ID), relief.ProgrammeKey(in.Programme)}
		if in.Need != "" {
			keys = append(keys, relief.NeedKey(in.Need))
		}
		if v, err := d.version(in.Programme, 0); err == nil { // or the act finds out why not
			keys = append(keys, v.Beside(in.Members)...)
		}
		return keys
	},
	do: func(d *desk, in casework.Application, n int) (any, bool, error) {
		facts, err := d.sealed(wire.TransientFacts, n, wire.MaxFactsBytes)
		if err != nil {
			return nil, false, err
		}
		person, err := d.sealed(wire.TransientPersons, n, maxPersonBytes)
		if err != nil {
			return nil, false, err
		}
		v, err := d.version(in.Programme, 0)
		if err != nil {
			return nil, false, err
		}
		if err := d.registeredOnce(in.Region); err != nil {
			return nil, false, err
		}
		existing, err := find[casework.Case](d, relief.CaseKey(in.ID))
		if err != nil {
			return nil, false, err
		}
		c, changed, err := casework.Apply(in, hash(facts), v, existing, d.households(), d.stamp)
		if err != nil || !changed {
			return &c, false, err
		}
		if err := d.takeUp(&c); err != nil {
			return nil, false, err
		}
		d.private = append(d.private, privateValue{relief.FactsKey(c.Head(), c.Programme), facts},
			privateValue{relief.RollIndexKey(c.Head(), c.Programme), person})
		return &c, true, d.putCase(&c, nil)
	},
}

// takeUp ends the need that an application names.
func (d *desk) takeUp(c *casework.Case) error {
	if c.Need == "" {
		return nil
	}
	n, err := mustFind[casework.Need](d, relief.NeedKey(c.Need))
	if err != nil {
		return err
	}
	out, changed, err := n.TakeUp(c, d.stamp)
	if err != nil || !changed {
		return err
	}
	return d.keep(relief.NeedKey(c.Need), out)
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// sealed is the nth value of a list in the transient map.
func (d *desk) sealed(name string, n, most int) ([]byte, error) {
	b, err := d.transient(name)
	if err != nil {
		return nil, err
	}
	list := d.lists[name]
	if list == nil {
		if list, err = roll.DecodeDetails(b); err != nil {
			return nil, err
		}
		d.lists[name] = list
	}
	if n >= len(list) || len(list[n]) < 1 || len(list[n]) > most {
		return nil, relief.FieldErrorf(name, "the transient map has not 1 to %d bytes of %s for this act", most, name)
	}
	return list[n], nil
}

type attachInput struct {
	caseOf
	casework.EvidenceTerms
}

// Attach adds evidence.
func (c *caseContract) Attach(ctx *Context, input string) (string, error) {
	return attachDeed.one(ctx, input)
}

var attachDeed = deed[attachInput]{
	act:  relief.ActCaseAttach,
	keys: func(_ *desk, in attachInput) []relief.Key { return in.caseOf.keys() },
	do: func(d *desk, in attachInput, _ int) (any, bool, error) {
		return d.amend(in.Case, func(c casework.Case) (casework.Case, bool, error) {
			v, err := d.version(c.Programme, c.Version)
			if err != nil {
				return c, false, err
			}
			return casework.Attach(c, v, in.EvidenceTerms, d.stamp)
		})
	},
}

type matchInput struct {
	caseOf
	Statement registry.MatchStatement `json:"statement"`
}

// Match links a department's statement.
func (c *caseContract) Match(ctx *Context, input string) (string, error) {
	return matchDeed.one(ctx, input)
}

var matchDeed = deed[matchInput]{
	act:  relief.ActCaseMatch,
	keys: func(_ *desk, in matchInput) []relief.Key { return append(in.caseOf.keys(), relief.DepartmentsKey()) },
	do: func(d *desk, in matchInput, _ int) (any, bool, error) {
		sources, err := d.departments()
		if err != nil {
			return nil, false, err
		}
		return d.amend(in.Case, func(c casework.Case) (casework.Case, bool, error) {
			return casework.RecordMatch(c, in.Statement, sources, d.stamp)
		})
	},
}

type answerMatchInput struct {
	caseOf
	Match   int                   `json:"match"`
	Outcome casework.MatchOutcome `json:"outcome"`
	SHA256  string                `json:"sha256"`
}

// AnswerMatch records what was found out about an adverse finding.
func (c *caseContract) AnswerMatch(ctx *Context, input string) (string, error) {
	return answerMatchDeed.one(ctx, input)
}

var answerMatchDeed = deed[answerMatchInput]{
	act:  relief.ActCaseAnswerMatch,
	keys: func(_ *desk, in answerMatchInput) []relief.Key { return in.caseOf.keys() },
	do: func(d *desk, in answerMatchInput, _ int) (any, bool, error) {
		return d.amend(in.Case, func(c casework.Case) (casework.Case, bool, error) {
			return casework.AnswerMatch(c, in.Match, in.Outcome, in.SHA256, d.stamp)
		})
	},
}

type noticeInput struct {
	caseOf
	roll.Terms
}

// Notice puts a case on public notice.
func (c *caseContract) Notice(ctx *Context, input string) (string, error) {
	return noticeDeed.one(ctx, input)
}

var noticeDeed = deed[noticeInput]{
	act: relief.ActCaseNotice,
	keys: func(_ *desk, in noticeInput) []relief.Key {
		return append(in.caseOf.keys(), relief.CalendarKey(), relief.ParametersKey())
	},
	do: func(d *desk, in noticeInput, _ int) (any, bool, error) {
		return d.amend(in.Case, func(c casework.Case) (casework.Case, bool, error) {
			v, err := d.version(c.Programme, 0)
			if err != nil {
				return c, false, err
			}
			fixed, err := d.fixed()
			if err != nil {
				return c, false, err
			}
			days, err := d.days()
			if err != nil {
				return c, false, err
			}
			return casework.OpenNotice(c, v, fixed, days, in.Terms, d.stamp)
		})
	},
}

type objectInput struct {
	caseOf
	Channel casework.ObjectionChannel `json:"channel"`
	SHA256  string                    `json:"sha256"`
}

// Object records an objection of the public.
func (c *caseContract) Object(ctx *Context, input string) (string, error) {
	return objectDeed.one(ctx, input)
}

var objectDeed = deed[objectInput]{
	act:  relief.ActCaseObject,
	keys: func(_ *desk, in objectInput) []relief.Key { return append(in.caseOf.keys(), relief.CalendarKey()) },
	do: func(d *desk, in objectInput, _ int) (any, bool, error) {
		return d.amendDated(in.Case, func(c casework.Case, v *programme.Version, days *relief.Calendar) (casework.Case, bool, error) {
			return casework.Object(c, v, days, in.Channel, in.SHA256, d.stamp)
		})
	},
}

// amendDated is amend for acts that need the case's version and the calendar.
func (d *desk) amendDated(id relief.CaseID, f func(casework.Case, *programme.Version, *relief.Calendar) (casework.Case, bool, error)) (any, bool, error) {
	days, err := d.days()
	if err != nil {
		return nil, false, err
	}
	return d.amend(id, func(c casework.Case) (casework.Case, bool, error) {
		v, err := d.version(c.Programme, c.Version)
		if err != nil {
			return c, false, err
		}
		return f(c, v, days)
	})
}

type answerInput struct {
	caseOf
	Objection int    `json:"objection"`
	Founded   bool   `json:"founded"`
	SHA256    string `json:"sha256"`
}

// Answer records what was found out about an objection.
func (c *caseContract) Answer(ctx *Context, input string) (string, error) {
	return answerDeed.one(ctx, input)
}

var answerDeed = deed[answerInput]{
	act:  relief.ActCaseAnswer,
	keys: func(_ *desk, in answerInput) []relief.Key { return in.caseOf.keys() },
	do: func(d *desk, in answerInput, _ int) (any, bool, error) {
		return d.amend(in.Case, func(c casework.Case) (casework.Case, bool, error) {
			return casework.AnswerObjection(c, in.Objection, in.Founded, in.SHA256, d.stamp)
		})
	},
}

// Withdraw ends an application at the applicant's wish.
func (c *caseContract) Withdraw(ctx *Context, input string) (string, error) {
	return withdrawDeed.one(ctx, input)
}

var withdrawDeed = deed[caseOf]{
	act:  relief.ActCaseWithdraw,
	keys: func(_ *desk, in caseOf) []relief.Key { return in.keys() },
	do: func(d *desk, in caseOf, _ int) (any, bool, error) {
		return d.amend(in.Case, func(c casework.Case) (casework.Case, bool, error) { return casework.Withdraw(c, d.stamp) })
	},
}

// Need records a newly found need.
func (c *caseContract) Need(ctx *Context, input string) (string, error) {
	return needDeed.one(ctx, input)
}

var needDeed = deed[casework.NeedTerms]{
	act:  relief.ActCaseNeed,
	keys: func(_ *desk, in casework.NeedTerms) []relief.Key { return []relief.Key{relief.NeedKey(in.ID)} },
	do: func(d *desk, in casework.NeedTerms, _ int) (any, bool, error) {
		if err := d.registeredOnce(in.Region); err != nil {
			return nil, false, err
		}
		existing, err := find[casework.Need](d, relief.NeedKey(in.ID))
		if err != nil {
			return nil, false, err
		}
		n, changed, err := casework.FindNeed(in, existing, d.stamp)
		return d.keepNeed(n, changed, err)
	},
}

func (d *desk) keepNeed(n casework.Need, changed bool, err error) (any, bool, error) {
	if err == nil && changed {
		err = d.keep(relief.NeedKey(n.ID), n)
	}
	return n, changed, err
}

type dismissInput struct {
	Need   relief.NeedID `json:"need"`
	Reason string        `json:"reason"`
}

// DismissNeed ends a need that turned out to be none.
func (c *caseContract) DismissNeed(ctx *Context, input string) (string, error) {
	return dismissNeedDeed.one(ctx, input)
}

var dismissNeedDeed = deed[dismissInput]{
	act:  relief.ActCaseDismissNeed,
	keys: func(_ *desk, in dismissInput) []relief.Key { return []relief.Key{relief.NeedKey(in.Need)} },
	do: func(d *desk, in dismissInput, _ int) (any, bool, error) {
		n, err := mustFind[casework.Need](d, relief.NeedKey(in.Need))
		if err != nil {
			return nil, false, err
		}
		out, changed, err := casework.DismissNeed(*n, in.Reason, d.stamp)
		return d.keepNeed(out, changed, err)
	},
}
