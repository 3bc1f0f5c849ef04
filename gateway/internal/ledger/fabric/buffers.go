package fabric

import (
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/mem"
)

// UseTieredBuffers gives gRPC, in the whole process, buffers of sizes between its default 32 kB and 1 MB: a buffer is cleared
// completely before it is used again, and our segments and chunks have 40 to 100 kB. A program calls it before it connects.
func UseTieredBuffers() {
	pool, err := mem.NewBinaryTieredBufferPool(8, 12, 14, 15, 16, 17, 18, 19, 20)
	if err != nil {
		return // a size does not fit an int, which no platform has: the default stays
	}
	experimental.SetDefaultBufferPool(pool)
}
