// SPDX-License-Identifier: Apache-2.0

// Package strictjson refuses JSON documents that encoding/json takes in silence: a field that is given twice, text that
// follows the document, nesting without end. The contracts and the gateway both ask it, so that no document means one
// thing to one of them and another thing to the other. Its errors never repeat anything of the document.
package strictjson
