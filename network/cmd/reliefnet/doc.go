// Command reliefnet runs a relieftrail network: it brings certificate authorities, orderers, peers, chaincode and gateways
// up and down, reports how they are, enrols officials, and verifies the ledger for an auditor.
package main
