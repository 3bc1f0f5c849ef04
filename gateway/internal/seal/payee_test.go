package seal

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/payee"
)

// The same name and account have the same tags, however they are written; what is sealed does not matter.
func TestPayeesAreTagged(t *testing.T) {
	tagger := samplePersonsKey(t).Tagger()
	tagged, err := tagger.Payee(&inventedPerson)
	require.NoError(t, err)
	require.True(t, tagged.Valid())
	same := inventedPerson
	same.Name, same.Account, same.Phone = "孟 华", "6230 5990 8301 6613 184", ""
	again, err := tagger.Payee(&same)
	require.NoError(t, err)
	require.Equal(t, tagged, again)
	for code, change := range map[relief.LineCode]func(p *Person){
		relief.LineNameDiffers:    func(p *Person) { p.Name = "孟华英" },
		relief.LineAccountDiffers: func(p *Person) { p.Account = "6230599083016613185" },
	} {
		other := inventedPerson
		change(&other)
		differs, err := tagger.Payee(&other)
		require.NoError(t, err)
		require.Equal(t, code, tagged.Differs(differs))
	}
	for field, change := range map[string]func(p *Person){
		"name":    func(p *Person) { p.Name = "" },
		"account": func(p *Person) { p.Account = "6.23E+18" },
	} {
		bad := inventedPerson
		change(&bad)
		_, err := tagger.Payee(&bad)
		var refused *payee.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, field, refused.Field)
	}
}
