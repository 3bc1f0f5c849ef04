package crosscheck

import (
	"errors"
	"fmt"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"google.golang.org/protobuf/encoding/protowire"
)

// varint reads a varint in its shortest form; size is 0 when b does not begin with one.
func varint(b []byte) (n uint64, size int) {
	n, size = protowire.ConsumeVarint(b)
	if size < 0 || size != protowire.SizeVarint(n) {
		return 0, 0
	}
	return n, size
}

func appendVarint(b []byte, n uint64) []byte { return protowire.AppendVarint(b, n) }

func appendField(b, field []byte) []byte { return protowire.AppendBytes(b, field) }

// decode unmarshals a required message; the error names it as what.
func decode(what string, b []byte, m proto.Message) error {
	if len(b) == 0 {
		return fmt.Errorf("%s is missing", what)
	}
	if err := proto.Unmarshal(b, m); err != nil {
		return fmt.Errorf("%s cannot be read", what)
	}
	return nil
}

// decodeAll runs steps that decode nested messages and stops at the first error.
func decodeAll(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

var errNoTransaction = errors.New("it is neither a chaincode transaction nor a configuration")
