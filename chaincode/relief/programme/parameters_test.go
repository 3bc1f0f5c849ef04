package programme

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A list is due and on line by the programme, within what the founding fixed; whoever says nothing has the founding's days, or the usual ones.
func TestTermsOfPublication(t *testing.T) {
	for name, c := range map[string]struct {
		fixed              Parameters
		rules              PublicationRules
		publish, online    int
		allowed, foundings bool
	}{
		"nothing said":              {Parameters{}, PublicationRules{}, 20, 90, true, true},
		"the law's":                 {DefaultParameters, PublicationRules{20, 365}, 20, 365, true, true},
		"shorter":                   {DefaultParameters, PublicationRules{3, 7}, 3, 7, true, true},
		"a day more than the law":   {DefaultParameters, PublicationRules{21, 90}, 20, 90, false, true},
		"a founding's shorter time": {Parameters{7, 5, 30}, PublicationRules{}, 5, 30, true, true},
		"more than the founding's":  {Parameters{7, 5, 30}, PublicationRules{6, 31}, 5, 30, false, true},
		"a founding beyond the law": {Parameters{7, 21, 90}, PublicationRules{}, 21, 90, true, false},
		"a founding of six days":    {Parameters{7, 20, 6}, PublicationRules{}, 20, 6, true, false},
	} {
		v := Version{NoticeDays: 7, PublicationRules: c.rules}
		require.Equal(t, c.publish, c.fixed.PublishWorkdays(&v), name)
		require.Equal(t, c.online, c.fixed.OnlineDays(&v), name)
		require.Equal(t, c.allowed, c.fixed.Allow(&v) == nil, name)
		require.Equal(t, c.foundings, c.fixed.AllowFounding() == nil, name)
	}
}
