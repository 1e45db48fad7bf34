import { ApiError } from '@common-purse/client'
import type { Account, Role, Transaction } from '@common-purse/contracts'
import type { Api } from '../api.ts'
import type { BotSession } from '../session-store.ts'

/** A transaction as one person sees it, with the names that go with it. */
export interface Seen {
  transaction: Transaction & { id: string }
  /** Whose eyes these are. */
  viewerId: string
  viewerRole: Role
  /** Display names of the members of the family, by user id. */
  names: ReadonlyMap<string, string>
  /** Undefined for an account that the viewer does not see. */
  account: Account | undefined
  toAccount: Account | undefined
}

/** Asks the gateway in the person's name, for it decides what they may see; undefined when they do not see this one. */
export async function lookAt(api: Api, session: BotSession, id: string): Promise<Seen | undefined> {
  const transaction = await unlessHidden(api.as(session, 'getTransaction', { params: { id } }))
  return transaction && (await withNames(api, session, transaction))
}

/** Adds the names to a transaction that the gateway has just shown to this person. */
export async function withNames(api: Api, session: BotSession, transaction: Transaction): Promise<Seen> {
  const { account_id, to_account_id } = transaction
  const find = (id: string) => unlessHidden(api.as(session, 'getAccount', { params: { id } }))
  const [names, account, toAccount] = await Promise.all([
    namesIn(api, session),
    find(account_id),
    to_account_id === null ? undefined : find(to_account_id),
  ])
  const shown = transaction as Seen['transaction'] // only a dry run has no id
  const viewer = { viewerId: session.userId, viewerRole: session.family.role }
  return { transaction: shown, ...viewer, names, account, toAccount }
}

async function namesIn(api: Api, session: BotSession): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  const params = { id: session.family.id }
  let cursor: string | undefined
  do {
    const query = { limit: '100', ...(cursor === undefined ? {} : { cursor }) }
    const page = await api.as(session, 'listMembers', { params, query })
    for (const { user_id, display_name } of page.items) names.set(user_id, display_name)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return names
}

/** What the gateway does not show to this person, be it because of their role, is as good as not there. */
async function unlessHidden<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && ['not_found', 'permission_denied'].includes(error.problem.code))
      return undefined
    throw error
  }
}
