import { type NetWorthQuery, type NetWorthReport, toDecimal } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { decidePeriod, monthsOf } from './decide-period.ts'
import { reportAccounts } from './report-scope.ts'
import { worthAt } from './report-store.ts'

const DEFAULT_MONTHS = 12

/** What the accounts one sees hold and owe at the end of each month; months that have not begun are left out. */
export async function netWorthReport(
  db: Tx,
  caller: Caller,
  query: NetWorthQuery,
  now: Date,
): Promise<NetWorthReport> {
  const period = decidePeriod(query, now, DEFAULT_MONTHS)
  const begun = { from: period.from, to: new Date(Math.min(period.to.getTime(), now.getTime() + 1)) }
  const months = monthsOf(begun)
  const accountIds = (await reportAccounts(db, caller)).map(({ id }) => id)
  const scope = { familyId: caller.familyId, accountIds, currency: query.currency }
  const worth = await worthAt(
    db,
    scope,
    months.map(({ end }) => end),
  )
  return {
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    items: worth.map(({ moment, currency, assets, liabilities }) => ({
      month: months[moment]!.name,
      currency,
      assets: toDecimal(assets, currency),
      liabilities: toDecimal(liabilities, currency),
      net: toDecimal(assets - liabilities, currency),
    })),
  }
}
