package founding

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	document "relieftrail/chaincode/founding"
	"relieftrail/chaincode/relief/registry"
)

// A founding says the seven days of the regulation, and none only where the topology calls the network one of tests.
func TestFoundingsSayHowLongANoticeIs(t *testing.T) {
	dev := document.Dev
	for name, c := range map[string]struct {
		document string
		test     bool
		days     int
		bad      string
	}{
		"the development document, in earnest":  {string(dev), false, 7, ""},
		"the development document, for tests":   {string(dev), true, 0, ""},
		"nothing said":                          {`{}`, false, 7, ""},
		"nothing said, for tests":               {`{}`, true, 0, ""},
		"longer":                                {`{"parameters":{"min_notice_days":14}}`, false, 14, ""},
		"terms beyond the law":                  {`{"parameters":{"max_publish_workdays":21}}`, false, 0, "20 working days"},
		"none, in earnest":                      {`{"parameters":{"min_notice_days":0}}`, false, 0, "test: true"},
		"less than the regulation, in earnest":  {`{"parameters":{"min_notice_days":6}}`, false, 0, "test: true"},
		"something that cannot be read":         {`{"parameters":[]}`, false, 0, "unmarshal"},
		"a document that is not one of objects": {`[]`, false, 0, "unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			keys := []registry.CosigningKey{{Agency: "AuditMSP", Key: "AAAA"}}
			text, err := founding([]byte(c.document), keys, []registry.OfficialTerms{{Agency: "AuditMSP", Name: "audit-registrar", ID: "1"}}, c.test)
			if c.bad != "" {
				require.ErrorContains(t, err, c.bad)
				return
			}
			require.NoError(t, err)
			var change registry.Change
			require.NoError(t, json.Unmarshal(text, &change))
			require.Equal(t, c.days, change.Parameters.MinNoticeDays)
			require.Len(t, change.CosigningKeys, 1)
			require.Len(t, change.Officials, 1)
		})
	}
}
