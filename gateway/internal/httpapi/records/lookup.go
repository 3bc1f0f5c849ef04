package records

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/reading"
)

// lookupBody asks for the reference of an identity number. An official who is taking an application says which: then the
// person need not be known in the official's region.
type lookupBody struct {
	IDNumber    string             `json:"id_number"`
	Application *lookupApplication `json:"application,omitempty"`
}

// lookupApplication is the application that an official is taking.
type lookupApplication struct {
	Programme relief.ProgrammeID `json:"programme"`
	Region    relief.Region      `json:"region"`
}

// lookUpTime is how long every look-up takes at least, so that the time does not tell whether the person is known elsewhere.
const lookUpTime = 50 * time.Millisecond

// LookUpSubject turns an identity number into the reference that stands for the person, when the person is on a roll or in
// a live case of the caller's region, or the caller takes an application. Everybody else is answered in one way, whether they
// are known elsewhere or not at all. The number is in the body only, and neither an error nor a log repeats it; who asked
// for whose reference is recorded.
func (h *Handlers) LookUpSubject(c *gin.Context) error {
	soon := time.NewTimer(lookUpTime)
	defer soon.Stop()
	answer, err := h.lookUp(c)
	select {
	case <-soon.C:
	case <-c.Request.Context().Done():
	}
	if err != nil {
		return err
	}
	return rest.JSON(c, answer)
}

func (h *Handlers) lookUp(c *gin.Context) (answer api.SubjectInput, err error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), rest.ReadTime)
	defer cancel()
	if err := h.core.Allowed(ctx, c, relief.ActPersonLookUp); err != nil {
		return answer, err
	}
	var body lookupBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return answer, err
	}
	number, code := relief.ParseIDNumber(body.IDNumber)
	if code != "" {
		reason := bilingual.Both("身份证号无效。", code.Reason())
		return answer, problem.OfField("id_number", reason.Zh, reason.En)
	}
	if err := h.takesApplication(ctx, c, body.Application); err != nil {
		return answer, err
	}
	if err := h.core.CaughtUp(c); err != nil {
		return answer, err
	}
	if answer.Subject, err = h.References.Of(ctx, number); err != nil {
		return answer, err
	}
	access := rest.Access(c, reading.LookUp, "", "")
	if a := body.Application; a != nil {
		access.Record = "application/" + string(a.Programme) + "/" + string(a.Region)
	}
	if err := h.core.Readings.LookUp(access, answer.Subject); err != nil {
		return answer, err
	}
	known, err := h.knownHere(ctx, answer.Subject)
	if err != nil {
		return answer, err
	}
	if !known && body.Application == nil {
		return api.SubjectInput{}, problem.NotFound.Because("辖区内的名册和在办案卷中没有此人；受理申请时请注明项目和地区。",
			"Nobody with this number is on a roll or in a live case of the region. Name the programme and the region of an application that is being taken.")
	}
	return answer, nil
}

// knownHere reports whether a person is on a roll or in a live case of the caller's region. It always asks for both.
func (h *Handlers) knownHere(ctx context.Context, ref relief.SubjectRef) (bool, error) {
	entries, err := h.Index.Subject(ctx, ref)
	if err != nil {
		return false, err
	}
	claims, err := h.Index.Claims(ctx, ref)
	return len(entries)+len(claims.Claims) > 0, err
}

// takesApplication refuses a caller who may not take the application that is named.
func (h *Handlers) takesApplication(ctx context.Context, c *gin.Context, a *lookupApplication) error {
	if a == nil {
		return nil
	}
	if err := h.core.Allowed(ctx, c, relief.ActCaseApply); err != nil {
		return err
	}
	id, _ := h.core.Ledger.Identity(rest.Caller(c).Name) // there, as the duty is
	if err := relief.RequireRegion(id.Official(), a.Region); err != nil {
		return err
	}
	_, err := h.Index.Record(ctx, relief.KindProgramme, string(a.Programme))
	return err
}
