package config_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestTheDevelopmentNetworksBank loads what the development network writes for finance's gateway.
func TestTheDevelopmentNetworksBank(t *testing.T) {
	b, err := os.ReadFile("../../../network/topology/templates/dev.yaml")
	require.NoError(t, err)
	var topology struct {
		Organisations []struct {
			Name string
			Bank map[string]any
		}
	}
	require.NoError(t, yaml.Unmarshal(b, &topology))
	for _, org := range topology.Organisations {
		if org.Name != "finance" {
			require.Nil(t, org.Bank, org.Name)
			continue
		}
		section, err := yaml.Marshal(map[string]any{
			"bank": org.Bank, "objects": map[string]string{"key_file": "objects.key"}, "persons_key": map[string]string{"file": "persons.key"},
			"tag_key": map[string]string{"file": "tag.key"},
		})
		require.NoError(t, err)
		cfg, _, err := load(t, complete+"\n"+string(section))
		require.NoError(t, err)
		require.Equal(t, "pain.001.001.10", cfg.Bank.Message)
		require.Len(t, cfg.Bank.Answers, 1)
		require.Equal(t, "AC04", cfg.Bank.Answers[0].Results[2].Reason)
		require.Equal(t, []string{"ACCC"}, cfg.Bank.Credited)
	}
}
