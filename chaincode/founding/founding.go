// SPDX-License-Identifier: Apache-2.0

package founding

import _ "embed" // the document

// Dev is the founding document of the development network: the argument "change" of registry:Propose.
//
//go:embed dev.json
var Dev []byte
