package bankapi

import (
	"errors"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
)

// bankDuties are those of the officials who work with the bank: who prepares and authorises files, and records what the bank
// answers. What the bank wrote is for them alone, not for everybody at finance.
var bankDuties = []relief.Act{
	relief.ActPaymentSettle, relief.ActPaymentTally, relief.ActPaymentMakeFile, relief.ActPaymentAuthorise, relief.ActPaymentConfirmTakeBack,
}

// mayReadBank refuses who does not work with the bank, and any gateway but finance's.
func (h *Handlers) mayReadBank(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	var refused error
	for _, act := range bankDuties {
		err := h.core.HasDuty(c, act)
		if err == nil || !errors.Is(err, &relief.Error{Code: relief.CodeForbidden}) {
			return err
		}
		if refused == nil {
			refused = err
		}
	}
	return refused
}
