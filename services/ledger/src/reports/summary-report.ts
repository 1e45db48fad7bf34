import { type SummaryLine, type SummaryQuery, type SummaryReport, toDecimal } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import type { FamilyAccount } from '../accounts/seen-accounts.ts'
import { findNames } from '../names.ts'
import { decidePeriod } from './decide-period.ts'
import { reportAccounts } from './report-scope.ts'
import { type Group, type GroupBy, sumByGroup } from './report-store.ts'

/** Income and expense of a period by category, member, account, month or day, with totals per currency. */
export async function summaryReport(
  db: Tx,
  caller: Caller,
  query: SummaryQuery,
  now: Date,
): Promise<SummaryReport> {
  const period = decidePeriod(query, now, 1)
  const groupBy = query.group_by ?? 'category'
  const accounts = await reportAccounts(db, caller, query.account_id)
  const accountIds = accounts.map(({ id }) => id)
  const scope = { familyId: caller.familyId, accountIds, currency: query.currency, ...period }
  const groups = await sumByGroup(db, scope, groupBy)
  const nameOf = await namesFor(db, caller.familyId, { groupBy, accounts })
  const lines = groups.map((group) => ({ ...group, name: group.key === null ? null : nameOf(group.key) }))
  return {
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    group_by: groupBy,
    items: lines.toSorted(inOrder).map(({ key, name, ...sums }) => ({ key, name, ...sumsView(sums) })),
    totals: totalsOf(groups).map(sumsView),
  }
}

async function namesFor(
  db: Tx,
  familyId: string,
  { groupBy, accounts }: { groupBy: GroupBy; accounts: FamilyAccount[] },
): Promise<(key: string) => string | null> {
  if (groupBy === 'month' || groupBy === 'day') return () => null
  const names =
    groupBy === 'account'
      ? new Map(accounts.map(({ id, name }) => [id, name]))
      : await findNames(db, familyId, groupBy)
  return (key) => names.get(key) ?? null
}

type Named = Group & { name: string | null }

/** Currency by currency; in each by name (months and days by themselves), what has none at the end. */
function inOrder(a: Named, b: Named): number {
  const text = (line: Named) => `${line.name ?? (line.key === null ? '\u{10ffff}' : '')}\n${line.key ?? ''}`
  return compare(a.currency, b.currency) || compare(text(a), text(b))
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

type Sums = Omit<Group, 'key'>

function totalsOf(groups: Group[]): Sums[] {
  const totals = new Map<string, Sums>()
  for (const { currency, income, expense, transactions } of groups) {
    const sum = totals.get(currency)
    totals.set(currency, {
      currency,
      income: (sum?.income ?? 0n) + income,
      expense: (sum?.expense ?? 0n) + expense,
      transactions: (sum?.transactions ?? 0) + transactions,
    })
  }
  return [...totals.values()].toSorted((a, b) => compare(a.currency, b.currency))
}

const sumsView = ({ currency, income, expense, transactions }: Sums): Omit<SummaryLine, 'key' | 'name'> => ({
  currency,
  income: toDecimal(income, currency),
  expense: toDecimal(expense, currency),
  net: toDecimal(income - expense, currency),
  transactions,
})
