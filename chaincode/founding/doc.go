// SPDX-License-Identifier: Apache-2.0

// Package founding holds the document that founds the registry of the development network: agencies, regions, duties. The
// ledger in memory starts from it, too, so that tests see the duties of the network.
package founding
