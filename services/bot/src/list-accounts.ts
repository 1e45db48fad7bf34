import type { Account } from '@common-purse/contracts'
import type { Api, Signed } from './api.ts'
import { readPages } from './read-pages.ts'

const PAGES_MAX = 3

/** The open accounts that a person can see. */
export const listAccounts = async (api: Api, session: Signed): Promise<Account[]> =>
  (await seenAccounts(api, session)).filter(({ status }) => status === 'open')

/** All accounts that a person can see, closed ones too. */
export const seenAccounts = (api: Api, session: Signed): Promise<Account[]> =>
  readPages((query) => api.as(session, 'listAccounts', { query }), PAGES_MAX)
