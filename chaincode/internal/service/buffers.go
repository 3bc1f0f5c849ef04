// SPDX-License-Identifier: Apache-2.0

package service

import (
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/mem"
)

// init gives gRPC buffers of sizes between its own 32 kB and 1 MB: a buffer is cleared whole before it is used again, and
// our segments and chunks have 40 to 100 kB.
func init() {
	if pool, err := mem.NewBinaryTieredBufferPool(8, 12, 14, 15, 16, 17, 18, 19, 20); err == nil { // powers of two that fit an int
		experimental.SetDefaultBufferPool(pool)
	}
}
