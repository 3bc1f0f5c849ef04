package jobs

import (
	"errors"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
)

var errFileGone = errors.New("the uploaded file is gone: send it again")

// What a caller is told of failures that neither the contract nor the file explains.
var (
	fileGone = bilingual.Text{Zh: "上传的文件已不存在，请重新发送", En: errFileGone.Error()}
	unknown  = bilingual.Text{
		Zh: "网关未能完成此任务，详情见网关日志中此任务的编号",
		En: "the gateway could not carry this out; its log tells more under this job's id",
	}
)

// failureText is what a caller is told: the contract's word, or what is wrong with the file. Other errors may speak of
// the gateway's inside and go to the log only.
func failureText(err error) string {
	var refused *relief.Error
	var file *intake.FileError
	var invalid *ledger.CommittedInvalid
	switch {
	case errors.As(err, &refused):
		return bilingual.Coded(refused)
	case errors.As(err, &file):
		return file.Error()
	case errors.As(err, &invalid):
		return bilingual.Textf("账本拒绝了一笔交易（%s），请重新发送文件，已写入的内容仍然保留",
			"the ledger refused a transaction (%s): send the file again, what was written stays", invalid.Commit.Code).String()
	case errors.Is(err, errFileGone):
		return fileGone.String()
	default:
		return unknown.String()
	}
}

// logText is an error for the log. A contract's refusal is as safe as it is for callers.
func logText(err error) string {
	var refused *relief.Error
	if errors.As(err, &refused) {
		return refused.Error()
	}
	return err.Error()
}
