package meaning

import (
	"encoding/binary"
	"unsafe"
)

// Bytes is the vector as bytes, for keeping; VectorOf reads them back. Both share
// their memory with what they were made of.
func (v Vector) Bytes() []byte {
	if len(v) == 0 {
		return []byte{}
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), len(v))
}

// VectorOf is the vector of those bytes; nil where there are none.
func VectorOf(b []byte) Vector { return int8s(b) }

// int8s is the bytes as they are, signed, without a copy of them.
func int8s(b []byte) []int8 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*int8)(unsafe.Pointer(&b[0])), len(b))
}

// Bytes is the code as bytes, for keeping; CodeOf reads them back.
func (c Code) Bytes() []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, c[0]), c[1])
}

// CodeOf is the code of those bytes; zero where there are none.
func CodeOf(b []byte) (c Code) {
	if len(b) == 16 {
		c = Code{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
	}
	return c
}
