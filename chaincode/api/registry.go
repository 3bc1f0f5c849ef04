// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// The functions of the registry.
var (
	RegistryPing = define[None, string](Row{
		Name: "registry:Ping", Zh: "连通测试", En: "ask whether the chaincode answers", ReadOnly: true,
		Doc: `Answers "pong" to every caller whose certificate can be read.`,
	})
	RegistryGet = define[None, registry.Registry](Row{
		Name: "registry:Get", Act: relief.ActRead, Zh: "查询登记册", En: "read the registry", ReadOnly: true,
		Doc: "NOT_FOUND before the founding.",
	})
	RegistryPropose = define[ProposeInput, registry.Proposal](Row{
		Name: "registry:Propose", Act: relief.ActRegistryPropose, Zh: "提议变更登记册", En: "propose a change of the registry",
		Doc: "The proposer has agreed with it. `change.repair` replaces values that cannot be read, and only those: WRONG_STATE for a value that " +
			"can be read, CONFLICT for other bytes than `sha256` names, INVALID for a new value that cannot be read under the key.",
	})
	RegistryAgree = define[AgreeInput, registry.Proposal](Row{
		Name: "registry:Agree", Act: relief.ActRegistryAgree, Zh: "同意变更登记册", En: "agree to a change of the registry",
		Doc: "With the last agency's agreement the change takes effect. CONFLICT unless `digest` is the proposal's, LATE when it has " +
			"lapsed: after 90 days, or because a section that it replaces has changed.",
	})
	RegistryWithdraw = define[ProposalInput, registry.Proposal](Row{
		Name: "registry:Withdraw", Act: relief.ActRegistryWithdraw, Zh: "撤回变更提议", En: "withdraw a proposal",
		Doc: "By the agency that proposed it, before the last agency has agreed.",
	})
	RegistryGetProposal = define[ProposalInput, registry.Proposal](Row{
		Name: "registry:GetProposal", Act: relief.ActRead, Zh: "查询变更提议", En: "read a proposal", ReadOnly: true,
		Doc: "Before the founding those may read it who have the duty by the proposal itself.",
	})
)

// ProposeInput proposes a change under an id of the proposer's choice.
type ProposeInput struct {
	ID     relief.ProposalID `json:"id"`
	Change registry.Change   `json:"change"`
}

// AgreeInput names a proposal and what it says.
type AgreeInput struct {
	ID     relief.ProposalID `json:"id"`
	Digest string            `json:"digest"`
}

// ProposalInput names a proposal.
type ProposalInput struct {
	ID relief.ProposalID `json:"id"`
}
