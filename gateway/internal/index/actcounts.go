package index

import (
	"context"
	"database/sql"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// ActCount is how often an official did an act.
type ActCount struct {
	By    ledger.Identity `json:"by"`
	Act   string          `json:"act"`
	Title string          `json:"title"`
	Count int             `json:"count"`
}

// conditions adds what a query of transactions t asks for, but for where a page begins.
func (q *TransactionQuery) conditions(w *sqldb.Where) {
	if q.Valid != nil { // written like the condition of the partial index transactions_invalid, or it would not be used
		w.Add("t.code " + map[bool]string{true: "=", false: "<>"}[*q.Valid] + " 1")
	}
	if q.By.Name != "" {
		w.Add("t.creator IN (SELECT i.n FROM identities i WHERE i.agency = ? AND i.name = ?)", q.By.Agency, q.By.Name)
	}
	if q.Agency != "" {
		w.Add("+t.creator IN (SELECT i.n FROM identities i WHERE i.agency = ?)", q.Agency)
	}
	if q.Region != "" {
		// The plus keeps SQLite at the order of the list: most transactions are by officials of the region.
		w.Add("+t.creator IN (SELECT i.n FROM identities i WHERE i.region >= ? AND i.region <= ? OR i.agency = ? AND i.name = ?)",
			string(q.Region), string(q.Region)+"~", q.Reader.Agency, q.Reader.Name)
	}
	if q.Act != "" {
		var words sqldb.Where
		words.Args = w.Args
		words.AddIn("a.word", functionsOf(q.Act)...)
		w.Args = words.Args
		w.Add("t.function IN (SELECT a.n FROM words a WHERE " + words.String() + ")")
	}
	if !q.Days.Empty() {
		// A transaction's time is its client's word, and days overlap in the ledger's order by some minutes: first where the days'
		// transactions lie, then their times.
		from, to := q.Days.numbers()
		w.Add("t.place >= (SELECT coalesce(min(d.low), 0) FROM transaction_days d WHERE d.day BETWEEN ? AND ?)", from, to)
		w.Add("t.place <= (SELECT coalesce(max(d.high), -1) FROM transaction_days d WHERE d.day BETWEEN ? AND ?)", from, to)
		first, end := q.Days.milliseconds()
		w.Add("t.at >= ? AND t.at < ?", first, end)
	}
}

// ActCounts counts acts by official and act, most first: at most limit. Only transactions that took effect count.
func (ix *Index) ActCounts(ctx context.Context, q TransactionQuery, limit int) (out []ActCount, err error) {
	valid := true
	q.Valid = &valid
	if err := q.Days.check("to"); err != nil {
		return nil, err
	}
	var w sqldb.Where
	q.conditions(&w)
	out = []ActCount{}
	err = ix.view(ctx, func(r *reader) error {
		var creators, functions []int64
		err := r.each("SELECT t.creator, t.function, count(*) AS acts FROM transactions t WHERE "+w.String()+
			" GROUP BY t.creator, t.function ORDER BY acts DESC, t.creator, t.function LIMIT "+w.Arg(min(limit, MaxPage)), func(rows *sql.Rows) error {
			var creator, function int64
			var c ActCount
			err := rows.Scan(&creator, &function, &c.Count)
			creators, functions, out = append(creators, creator), append(functions, function), append(out, c)
			return err
		}, w.Args...)
		if err != nil {
			return err
		}
		for i := range out {
			if out[i].By, err = r.identity(creators[i]); err != nil {
				return err
			}
			word, err := r.word(functions[i])
			if err != nil {
				return err
			}
			out[i].Act, out[i].Title = actOf(word), titleOf(word)
		}
		return nil
	})
	return out, err
}

// milliseconds are the bounds of days where the agencies are: the first one and the end, since 1970.
func (d DayRange) milliseconds() (first, end int64) {
	first, end = 0, 1<<60
	if d.From != "" {
		first = startOfDay(d.From)
	}
	if d.To != "" {
		end = startOfDay(d.To.Add(1))
	}
	return first, end
}

// startOfDay is when a day begins where the agencies are.
func startOfDay(d relief.Day) int64 {
	const minute = 60 * 1000
	return dayNumber(d)*24*60*minute - int64(relief.DefaultCalendar.UTCOffset)*minute
}
