import type { Account, Member } from '@common-purse/contracts'
import type { Api } from './api.ts'
import { seenAccounts } from './list-accounts.ts'
import { shown } from './plain-text.ts'
import { readPages } from './read-pages.ts'
import type { BotSession } from './session-store.ts'

const PAGES_MAX = 10
const NAME_MAX = 40

/** What ids are called, as far as this person may know it; ready to stand in a message. */
export interface Names {
  account(id: string): string | undefined
  member(id: string): string | undefined
}

/** The names of the accounts and members that a person can see. */
export async function loadNames(api: Api, session: BotSession): Promise<Names> {
  const [accounts, members] = await Promise.all([seenAccounts(api, session), listMembers(api, session)])
  return namesOf(accounts, members)
}

export function namesOf(
  accounts: readonly Pick<Account, 'id' | 'name'>[],
  members: readonly Pick<Member, 'user_id' | 'display_name'>[],
): Names {
  const accountNames = new Map(accounts.map(({ id, name }) => [id, shown(name, NAME_MAX)]))
  const memberNames = new Map(members.map((member) => [member.user_id, shown(member.display_name, NAME_MAX)]))
  return { account: (id) => accountNames.get(id), member: (id) => memberNames.get(id) }
}

/** The members of the family that the session is in. */
export const listMembers = (api: Api, session: BotSession): Promise<Member[]> =>
  readPages(
    (query) => api.as(session, 'listMembers', { params: { id: session.family.id }, query }),
    PAGES_MAX,
  )
