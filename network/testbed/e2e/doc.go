// Package e2e holds no code: its tests run the whole system, with real peers, orderers, certificate authorities,
// chaincodes and gateways. They start programs and speak HTTP; only the fault suite and the parts that go past the
// gateways also speak to the peers. The network has its own folder and ports and does not disturb a development network
// beside it.
//
// TestSystem has one part for each subject. All parts run on the one network that the test process brings up, and each
// part makes what it needs, so that it also runs alone:
//
//	go test -count=1 -v ./network/testbed/e2e -run 'TestSystem/the_index'
//
// Spaces in a part's name are written as underscores. A part that needs the demonstration's month calls paidMonth,
// which runs it once in a process.
package e2e
