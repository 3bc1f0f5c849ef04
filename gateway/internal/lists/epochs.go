package lists

import (
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/table"
)

// KeyEpochs are how much of the rolls, and of what is sealed, is under the keys of each epoch.
var KeyEpochs = table.New(
	table.Integer("epoch", func(c *index.EpochCount) uint8 { return c.Epoch }),
	table.Integer("references", func(c *index.EpochCount) int { return c.References }),
	table.Integer("tags", func(c *index.EpochCount) int { return c.Tags }),
	table.IntegerIfAny("documents", func(c *index.EpochCount) *int { return c.Documents }),
)
