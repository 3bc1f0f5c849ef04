// SPDX-License-Identifier: Apache-2.0

// Command chaincode serves the contracts of relieftrail to one organisation's peer (chaincode as a service). Its settings
// are environment variables: see package service.
package main
