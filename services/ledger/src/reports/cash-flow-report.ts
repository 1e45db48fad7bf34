import { type CashFlowQuery, type CashFlowReport, toDecimal } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { decidePeriod, monthsOf } from './decide-period.ts'
import { reportAccounts } from './report-scope.ts'
import { sumByGroup } from './report-store.ts'

const DEFAULT_MONTHS = 12

/** What came in and went out month by month, also in months where nothing moved. */
export async function cashFlowReport(
  db: Tx,
  caller: Caller,
  query: CashFlowQuery,
  now: Date,
): Promise<CashFlowReport> {
  const period = decidePeriod(query, now, DEFAULT_MONTHS)
  const accounts = await reportAccounts(db, caller, query.account_id)
  const accountIds = accounts.map(({ id }) => id)
  const scope = { familyId: caller.familyId, accountIds, currency: query.currency, ...period }
  const groups = await sumByGroup(db, scope, 'month')
  const currencies = [...new Set(groups.map(({ currency }) => currency))].toSorted()
  const items = monthsOf(period).flatMap(({ name: month }) =>
    currencies.map((currency) => {
      const group = groups.find((found) => found.key === month && found.currency === currency)
      const [income, expense] = [group?.income ?? 0n, group?.expense ?? 0n]
      return {
        month,
        currency,
        income: toDecimal(income, currency),
        expense: toDecimal(expense, currency),
        net: toDecimal(income - expense, currency),
      }
    }),
  )
  return { from: period.from.toISOString(), to: period.to.toISOString(), items }
}
