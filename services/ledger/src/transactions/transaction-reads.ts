import { hasPermission, type ListTransactions, Problem, type Transaction } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { decodeCursor, pageFrom } from '@common-purse/kit/paging'
import { visibleTo } from '../accounts/account-reads.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { TransactionGetPayload, TransactionWhereInput } from '../generated/models/Transaction.ts'
import type { Member } from '../members/member-store.ts'
import type { LedgerTransaction } from './transaction.ts'
import { transactionView } from './transaction-view.ts'

const withApprovals = { approvals: { select: { userId: true } } } as const
type Row = TransactionGetPayload<{ include: typeof withApprovals }>

function toTransaction({
  requiredApprovals,
  approvalWhy,
  approvalThreshold,
  expiresAt,
  ...row
}: Row): LedgerTransaction {
  const approval =
    approvalWhy !== null && approvalThreshold !== null && expiresAt !== null
      ? {
          required: requiredApprovals,
          why: approvalWhy as NonNullable<LedgerTransaction['approval']>['why'],
          threshold: approvalThreshold,
          expiresAt,
        }
      : null
  return { ...row, type: row.type as LedgerTransaction['type'], approval }
}

/** One sees what moves on an account that one sees, and what waits for one's approval. */
function visibleTransactions(caller: Caller): TransactionWhereInput {
  const account = visibleTo(caller)
  const waiting = hasPermission(caller.role, 'transaction.approve')
    ? [{ status: 'pending_approval' as const }]
    : []
  return {
    familyId: caller.familyId,
    type: { not: 'opening' },
    OR: [{ account }, { toAccount: account }, { createdBy: caller.userId }, ...waiting],
  }
}

function matching(query: ListTransactions): TransactionWhereInput[] {
  const after = decodeCursor(query.cursor)
  return [
    ...(after ? [{ id: { lt: after } }] : []),
    ...(query.account_id
      ? [{ OR: [{ accountId: query.account_id }, { toAccountId: query.account_id }] }]
      : []),
    ...(query.status ? [{ status: query.status }] : []),
    ...(query.type ? [{ type: query.type }] : []),
    ...(query.member_id ? [{ createdBy: query.member_id }] : []),
    ...(query.from ? [{ occurredAt: { gte: new Date(query.from) } }] : []),
    ...(query.to ? [{ occurredAt: { lt: new Date(query.to) } }] : []),
  ]
}

/** What the API answers about transactions. */
export function transactionReads(prisma: PrismaClient) {
  const membersOf = (familyId: string): Promise<Member[]> =>
    prisma.member.findMany({ where: { familyId, removed: false }, orderBy: { userId: 'asc' } })
  const view = (row: Row, members: Member[]): Transaction =>
    transactionView(toTransaction(row), {
      members,
      approvedBy: row.approvals.map(({ userId }) => userId),
    })
  return {
    get: async (caller: Caller, id: string): Promise<Transaction> => {
      const where = { AND: [visibleTransactions(caller), { id }] }
      const row = await prisma.transaction.findFirst({ where, include: withApprovals })
      if (!row) throw new Problem('not_found', 'There is no such transaction that you can see')
      return view(row, row.status === 'pending_approval' ? await membersOf(caller.familyId) : [])
    },
    list: async (caller: Caller, query: ListTransactions) => {
      const limit = query.limit ?? 50
      const rows = await prisma.transaction.findMany({
        where: { AND: [visibleTransactions(caller), ...matching(query)] },
        include: withApprovals,
        orderBy: { id: 'desc' },
        take: limit + 1,
      })
      const waits = rows.some(({ status }) => status === 'pending_approval')
      const members = waits ? await membersOf(caller.familyId) : []
      return pageFrom(
        rows,
        limit,
        ({ id }) => id,
        (row) => view(row, members),
      )
    },
  }
}
