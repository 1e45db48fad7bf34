import { type Account, hasPermission, type ListAccounts, Problem } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { createCursors } from '@common-purse/kit/paging'
import type { Account as AccountRow, PrismaClient } from '../generated/client.ts'
import type { AccountWhereInput } from '../generated/models/Account.ts'
import { accountView, type LedgerAccount } from './account.ts'

const toAccount = ({ familyId: _, ...row }: AccountRow): LedgerAccount => ({
  ...row,
  visibility: row.visibility as LedgerAccount['visibility'],
  status: row.status as LedgerAccount['status'],
})

/** The same rule as `canSee`, as a filter for the database. */
const visibleTo = (caller: Caller): AccountWhereInput => ({
  ownerId: { not: null },
  OR: [
    { visibility: 'family' },
    { ownerId: caller.userId },
    { visibility: 'shared', sharedWith: { has: caller.userId } },
    ...(hasPermission(caller.role, 'account.read.all') ? [{ visibility: 'shared' }] : []),
  ],
})

/** What the API answers about accounts. */
export function accountReads(prisma: PrismaClient) {
  const find = async (caller: Caller, id: string): Promise<LedgerAccount> => {
    const row = await prisma.account.findFirst({
      where: { familyId: caller.familyId, id, ...visibleTo(caller) },
    })
    if (!row) throw new Problem('not_found', 'There is no such account that you can see')
    return toAccount(row)
  }
  return {
    /** The account itself, for what is read of it; throws `not_found` unless the caller sees it. */
    find,
    get: async (caller: Caller, id: string): Promise<Account> => accountView(await find(caller, id)),
    list: async (caller: Caller, page: ListAccounts) => {
      const limit = page.limit ?? 50
      const cursors = createCursors(`accounts of ${caller.familyId}`, 'uuid')
      const after = cursors.decode(page.cursor)
      const rows = await prisma.account.findMany({
        where: {
          familyId: caller.familyId,
          ...visibleTo(caller),
          ...(page.status ? { status: page.status } : {}),
          ...(after ? { id: { gt: after } } : {}),
        },
        orderBy: { id: 'asc' },
        take: limit + 1,
      })
      return cursors.page(
        rows,
        limit,
        ({ id }) => id,
        (row) => accountView(toAccount(row)),
      )
    },
  }
}
