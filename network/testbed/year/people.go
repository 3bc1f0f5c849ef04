package year

import (
	"bytes"
	"fmt"

	"golang.org/x/text/encoding/simplifiedchinese"

	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/reckoning"
)

// household is a household as the county's own files have it.
type household struct {
	who                        reckoning.Who
	name, id, village, account string
	persons                    int
	class                      string
	amount                     reckoning.Fen // a month
	member                     string        // the identity number of the other member whom the roll names
}

// The households of the roll that things happen to. The others are there to be paid.
const (
	atStandard = iota // part 4: class B, two persons at 960.00
	behindOne
	behindTwo
	newCard      // part 5
	diesKnown    // part 6: class A, one person at 620.00
	diesReturned // part 6, and October comes back
	headDies     // part 7: class C, four persons at 1,320.00
	deducted     // part 8: 580.00 until that is put right to 480.00
	wrongNumber  // part 16
	moves        // part 15
	special
)

const (
	households   = 490
	spouse       = 950 // of headDies
	townshipSize = 27  // of township 003: 26,720.00 a month
)

var (
	surnames = []string{"杨", "李", "张", "普", "马", "毕", "欧阳", "赵", "段", "木"}
	given    = []string{"试春", "试夏", "试秋", "试冬", "试山", "试水", "试云", "㼆"} // the last has four bytes in GB18030
)

// rates are what classes get a person and month.
var rates = map[string]reckoning.Fen{"A": 62000, "B": 48000, "C": 33000}

// named is what the n-th household is called in the books.
func named(n int) reckoning.Who { return reckoning.Who(fmt.Sprintf("%04d", n)) }

// invented makes the n-th household of this run.
func (c *County) invented(n int, village, class string, persons int) *household {
	h := invent.Household(100_000 + 2_000*c.run + n)
	made := &household{
		who: named(n), name: surnames[n%len(surnames)] + given[n/len(surnames)%len(given)],
		id: h.ID(), village: village, account: h.Account(), persons: persons, class: class, amount: rates[class] * reckoning.Fen(persons),
	}
	c.people[made.who] = made
	return made
}

// township is the code of one of the county's townships. Each run has others, because a township that ended stays ended.
func (c *County) township(n int) string { return fmt.Sprintf("%s%03d", region, n) }

// roll makes the county's 490 households.
func (c *County) roll() []*household {
	list := make([]*household, households)
	for n := range list {
		village, class, persons := c.township(1+n%2)+"201", "B", 2
		switch {
		case n < special:
		case n >= households-townshipSize:
			// 25 persons of class A and 34 of class C: 26,720.00.
			village, class = c.township(c.merged())+"210", "C"
			k := n - (households - townshipSize)
			if k < 12 {
				class = "A"
			}
			if k == 0 || k > 22 {
				persons = 3
			}
		case n%5 == 0:
			class, persons = "A", 1
		case n%5 == 1:
			class, persons = "C", 3
		case n%5 == 2:
			persons = 1
		}
		list[n] = c.invented(n, village, class, persons)
	}
	for n, as := range map[int]household{
		diesKnown: {class: "A", persons: 1}, diesReturned: {class: "A", persons: 1}, headDies: {class: "C", persons: 4},
		deducted: {class: "B", persons: 1}, newCard: {class: "B", persons: 1}, wrongNumber: {class: "B", persons: 1},
	} {
		list[n].class, list[n].persons, list[n].amount = as.class, as.persons, rates[as.class]*reckoning.Fen(as.persons)
	}
	list[deducted].amount = 58000
	list[headDies].member = c.invented(spouse, list[headDies].village, "C", 1).id
	list[behindOne].amount, list[behindTwo].amount = 90000, 90000
	return list
}

// merged is the township that another one takes over.
func (c *County) merged() int { return 3 + 10*(c.run-1) }

const (
	rollHeader = "户编号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,类别,联系电话,月保障金额,家庭成员\n"
	listHeader = "序号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,发放金额,发放期,备注\n"
)

// rollFile is a roll in GB18030 as a county sends it.
func rollFile(list []*household) []byte {
	b := bytes.NewBufferString(rollHeader)
	for i, h := range list {
		fmt.Fprintf(b, "%s%07d,%s,%s,%s,%s,农村信用社,%d,%s,138%08d,%s,%s\n", region, i+1, h.village, h.name, h.id, h.account, h.persons, h.class, i, h.amount, h.member)
	}
	return gb18030(b.String())
}

// listed is a line of a payment list.
type listed struct {
	*household
	amount reckoning.Fen
}

// listFile is a payment list in GB18030 as a county sends it.
func listFile(period string, lines []listed) []byte {
	b := bytes.NewBufferString(listHeader)
	for i, l := range lines {
		fmt.Fprintf(b, "%d,%s,%s,%s,%s,农村信用社,%d,%s,%s,\n", i+1, l.village, l.name, l.id, l.account, l.persons, l.amount, period)
	}
	return gb18030(b.String())
}

// gb18030 is the encoding of the county's spreadsheets, which has every character.
func gb18030(text string) []byte {
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		panic(err)
	}
	return b
}
