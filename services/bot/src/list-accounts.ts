import type { Account } from '@common-purse/contracts'
import type { Api, Signed } from './api.ts'

const PAGES_MAX = 3

/** The open accounts that a person can see. */
export const listAccounts = async (api: Api, session: Signed): Promise<Account[]> =>
  (await seenAccounts(api, session)).filter(({ status }) => status === 'open')

/** All accounts that a person can see, closed ones too. */
export async function seenAccounts(api: Api, session: Signed): Promise<Account[]> {
  const accounts: Account[] = []
  let cursor: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const query = { limit: '100', ...(cursor === null ? {} : { cursor }) }
    const answer: { items: Account[]; next_cursor: string | null } = await api.as(session, 'listAccounts', {
      query,
    })
    accounts.push(...answer.items)
    cursor = answer.next_cursor
    if (cursor === null) break
  }
  return accounts
}
