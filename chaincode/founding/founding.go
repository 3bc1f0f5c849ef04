// SPDX-License-Identifier: Apache-2.0

// Package founding holds the document that founds the registry of the development network: agencies, regions, duties. The
// ledger in memory starts from it, too, so that tests see the duties of the network.
package founding

import _ "embed" // the document

// Dev is the founding document of the development network: the argument "change" of registry:Propose.
//
//go:embed dev.json
var Dev []byte
