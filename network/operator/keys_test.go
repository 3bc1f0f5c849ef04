package operator

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/topology"
)

// Keys are added before they are used: then no gateway meets what it cannot open.
func TestKeysTurnInTwoSteps(t *testing.T) {
	o := operator(t)
	require.NoError(t, o.secrets())
	org := o.Topology.Organisations[0]
	before, err := os.ReadFile(org.ObjectsKey())
	require.NoError(t, err)
	require.Equal(t, &gatewaySharedKey{gatewayEpochKey: gatewayEpochKey{1, o.Topology.PersonsKey()}}, o.sharedKey(o.Topology.PersonsKey(), 1, 1))

	epoch, err := o.AddKeys()
	require.NoError(t, err)
	require.Equal(t, 2, epoch)
	second := topology.KeyOfEpoch(o.Topology.PersonsKey(), 2)
	require.Equal(t, []gatewayEpochKey{{2, second}}, o.sharedKey(o.Topology.PersonsKey(), 1, 1).Also)
	inUse, err := o.epochInUse()
	require.NoError(t, err)
	require.Equal(t, 1, inUse)
	_, err = o.AddKeys()
	require.ErrorContains(t, err, "reliefnet keys use")

	change, err := o.UseKeys()
	require.NoError(t, err)
	var c registry.Change
	require.NoError(t, json.Unmarshal(change, &c))
	require.Equal(t, uint8(2), c.ReferenceKey.Epoch)
	require.Len(t, c.ReferenceKey.Check, 32)
	inUse, err = o.epochInUse()
	require.NoError(t, err)
	require.Equal(t, 2, inUse)
	require.Equal(t, second, o.sharedKey(o.Topology.PersonsKey(), inUse, 1).File)
	after, err := os.ReadFile(org.ObjectsKey())
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(string(after), string(before)), "the earlier key still opens")

	again, err := o.UseKeys()
	require.NoError(t, err)
	require.Equal(t, change, again)
	same, err := os.ReadFile(org.ObjectsKey())
	require.NoError(t, err)
	require.Equal(t, after, same)
	epoch, err = o.AddKeys()
	require.NoError(t, err)
	require.Equal(t, 3, epoch)

	since, err := o.personsSince()
	require.NoError(t, err)
	require.Equal(t, 1, since)
	retired, err := o.RetireKeys()
	require.NoError(t, err)
	require.Equal(t, 2, retired)
	since, err = o.personsSince()
	require.NoError(t, err)
	require.Equal(t, []gatewayEpochKey{{3, topology.KeyOfEpoch(o.Topology.PersonsKey(), 3)}}, o.sharedKey(o.Topology.PersonsKey(), inUse, since).Also)
}
