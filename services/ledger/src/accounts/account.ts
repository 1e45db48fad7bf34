import {
  type Account as AccountView,
  type Balance,
  hasPermission,
  toDecimal,
  type Visibility,
} from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'

/** An account as the ledger's rules see it. Sums are minor units of `currency`. */
export interface LedgerAccount {
  id: string
  name: string
  kind: string
  currency: string
  visibility: Visibility
  sharedWith: string[]
  /** Null for the system's own counterparts. */
  ownerId: string | null
  status: 'open' | 'closed'
  overdraftLimit: bigint
  posted: bigint
  held: bigint
  version: number
  createdAt: Date
}

export type Viewer = Pick<Caller, 'userId' | 'role'>

/** family: everybody; shared: its owner, those it is shared with and who may read all; private: its owner alone. */
export function canSee(
  account: Pick<LedgerAccount, 'ownerId' | 'visibility' | 'sharedWith'>,
  viewer: Viewer,
): boolean {
  if (account.ownerId === null) return false
  if (account.visibility === 'family' || account.ownerId === viewer.userId) return true
  if (account.visibility === 'private') return false
  return account.sharedWith.includes(viewer.userId) || hasPermission(viewer.role, 'account.read.all')
}

/** What a refusal calls an account: its name is for those who see it. */
export const nameFor = (account: LedgerAccount, viewer: Viewer): string =>
  canSee(account, viewer) ? account.name : 'An account that you do not see'

export const balanceView = (account: Pick<LedgerAccount, 'posted' | 'held' | 'currency'>): Balance => ({
  posted: toDecimal(account.posted, account.currency),
  pending: toDecimal(-account.held, account.currency),
  available: toDecimal(account.posted - account.held, account.currency),
})

export const accountView = (account: LedgerAccount): AccountView => ({
  id: account.id,
  name: account.name,
  kind: account.kind as AccountView['kind'],
  currency: account.currency,
  visibility: account.visibility,
  shared_with: account.sharedWith,
  owner_id: account.ownerId ?? '',
  status: account.status,
  overdraft_limit: toDecimal(account.overdraftLimit, account.currency),
  balance: balanceView(account),
  created_at: account.createdAt.toISOString(),
})
