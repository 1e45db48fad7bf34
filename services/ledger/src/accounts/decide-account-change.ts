import { amountError, toMinorUnits, type UpdateAccount } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { type ChangedFields, changedFields } from '../changed-fields.ts'
import type { Member } from '../members/member-store.ts'
import { requireReach } from '../require-reach.ts'
import { requireOpen } from '../transactions/decide-transaction.ts'
import { wrongField } from '../wrong-field.ts'
import { accountView, type LedgerAccount } from './account.ts'

/** Pure: the account as it will be; throws a Problem when the caller may not change it so. */
export function decideAccountChange(
  account: LedgerAccount,
  command: UpdateAccount,
  caller: Pick<Caller, 'userId' | 'role'>,
  members: Member[],
): LedgerAccount {
  requireRights(account, command, caller)
  // A closed account stays as it is until it is opened again, which may be part of the same change.
  if (command.status !== 'open') requireOpen(account, caller)
  if (command.visibility === 'private') requireGrownUp(account, members)
  return {
    ...account,
    name: command.name ?? account.name,
    ...decideSharing(account, command, [caller.userId, ...members.map(({ userId }) => userId)]),
    overdraftLimit: decideLimit(account, command.overdraft_limit),
    status: command.status ?? account.status,
  }
}

/** Each kind of change has its permission; one's own are the accounts that one owns or that are shared with one. */
function requireRights(
  account: LedgerAccount,
  command: UpdateAccount,
  { userId, role }: Pick<Caller, 'userId' | 'role'>,
): void {
  const isShared = account.visibility === 'shared' && account.sharedWith.includes(userId)
  const isOwn = account.ownerId === userId || isShared
  requireReach(role, 'account.update', isOwn)
  if (command.visibility !== undefined || command.shared_with !== undefined)
    requireReach(role, 'account.share', isOwn)
  if (command.overdraft_limit !== undefined) requireReach(role, 'member.limit.update', isOwn)
  if (command.status !== undefined) requireReach(role, 'account.close', isOwn)
}

/** Only a shared account names people; one that stops being shared names nobody. */
function decideSharing(
  account: LedgerAccount,
  { visibility = account.visibility, shared_with: given }: UpdateAccount,
  people: string[],
): Pick<LedgerAccount, 'visibility' | 'sharedWith'> {
  if (given !== undefined && visibility !== 'shared')
    throw wrongField('shared_with', 'Only a shared account names people')
  const stranger = given?.find((id) => !people.includes(id))
  if (stranger !== undefined) throw wrongField('shared_with', `${stranger} is not in the family`)
  const sharedWith = given ? [...new Set(given)] : account.sharedWith
  return { visibility, sharedWith: visibility === 'shared' ? sharedWith : [] }
}

function requireGrownUp({ ownerId }: LedgerAccount, members: Member[]): void {
  if (members.some(({ userId, role }) => userId === ownerId && role === 'child'))
    throw wrongField('visibility', 'An account of a child cannot be private')
}

/** A limit below what is overdrawn already is allowed: then nothing more can be spent until money has come in. */
function decideLimit({ currency, overdraftLimit }: LedgerAccount, given: string | undefined): bigint {
  if (given === undefined) return overdraftLimit
  const message = amountError(given, currency)
  if (message) throw wrongField('overdraft_limit', message)
  return toMinorUnits(given, currency)
}

const fields = ['name', 'visibility', 'shared_with', 'overdraft_limit', 'status'] as const

/** Pure: what the trail tells of a change, as the API shows it; undefined when nothing changed. */
export const accountChanges = (before: LedgerAccount, after: LedgerAccount): ChangedFields | undefined =>
  changedFields(accountView(before), accountView(after), fields)
