// SPDX-License-Identifier: Apache-2.0

// Command bench is the chaincode of the measuring network (scripts/bench): the product's contracts, unchanged, and
// beside them the plain functions that they are compared with. The command is no part of the product and must never
// serve a network with real money, because its plain functions ask for no duty.
package main
