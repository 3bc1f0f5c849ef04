// SPDX-License-Identifier: Apache-2.0

package api

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// actOfAnyTime is an act that is no step of the work: several functions need its duty, or it is done at any time. Its
// words are therefore not those of a row.
type actOfAnyTime struct {
	act    relief.Act
	zh, en string
}

var actsOfAnyTime = []actOfAnyTime{
	{relief.ActRead, "查询", "read"},
	{relief.ActReadPerson, "查询个人信息", "read personal details"},
	{relief.ActReadAll, "查询全部地区", "read in all regions"},
	{relief.ActPersonLookUp, "查询身份证号", "look up an identity number"},
	{relief.ActReadingList, "查询查阅记录", "list the record of readings"},
}

// acts are the known acts and words their words, Chinese and English; both are filled by init.
var (
	acts  []relief.Act
	words = map[relief.Act][2]string{}
)

func init() {
	for _, a := range actsOfAnyTime {
		words[a.act] = [2]string{a.zh, a.en}
	}
	for _, r := range Rows() {
		if _, known := words[r.Act]; r.Act == "" || known {
			continue
		}
		acts = append(acts, r.Act)
		words[r.Act] = [2]string{r.Zh, r.En}
	}
	for _, a := range actsOfAnyTime {
		acts = append(acts, a.act)
	}
}

// Acts are the acts for which somebody can have a duty, in the order of the work; what is done at any time comes last.
func Acts() []relief.Act { return slices.Clone(acts) }

// ActWords is an act in Chinese and English words; both are empty for an act that is not known.
func ActWords(act relief.Act) (zh, en string) {
	w := words[act]
	return w[0], w[1]
}

// FileableActs are the acts of which case:File takes files, in the order of the work.
func FileableActs() []relief.Act {
	var list []relief.Act
	for _, r := range Rows() {
		if r.Fileable {
			list = append(list, r.Act)
		}
	}
	return list
}
