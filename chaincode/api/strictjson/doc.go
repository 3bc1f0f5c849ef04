// SPDX-License-Identifier: Apache-2.0

// Package strictjson refuses JSON documents that encoding/json takes in silence: a field that is given twice, text that
// follows the document, nesting without end. The contracts and the gateway both ask it, so that no document means one
// thing to one of them and another thing to the other. Its errors never repeat anything of the document.
//
// github.com/go-json-experiment/json refuses doubled names and unknown cases by itself. It is not used: its interface is
// not fixed yet, every endorser must read an argument alike for years, and the bounds of depth and the refusals in the
// domain's words would have to be written all the same.
package strictjson
