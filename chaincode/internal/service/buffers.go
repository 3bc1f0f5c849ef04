// SPDX-License-Identifier: Apache-2.0

package service

import (
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/mem"
)

// init gives gRPC buffers of more sizes between 32 kB and 1 MB, its own two largest. gRPC clears a whole buffer before
// it uses it again, and our segments and chunks have 40 to 100 kB.
func init() {
	pool, err := mem.NewBinaryTieredBufferPool(8, 12, 14, 15, 16, 17, 18, 19, 20) // powers of two
	if err != nil {
		return // cannot happen: an int holds all of them. gRPC's own buffers would serve, too
	}
	experimental.SetDefaultBufferPool(pool)
}
