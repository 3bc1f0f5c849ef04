// SPDX-License-Identifier: Apache-2.0

// Command altered is the chaincode of an agency that breaks the rules. The fault suite runs it; nothing else may.
// With CHAINCODE_ALTERED=amounts it writes other control sums of batches and other amounts of payments. With
// CHAINCODE_ALTERED=twice it does not see that a person was paid already. With neither it keeps all rules but the one on clocks: random acts
// on it last months.
package main
