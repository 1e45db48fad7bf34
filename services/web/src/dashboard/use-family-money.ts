import type { Account, Answer, Category, Session, Transaction } from '@common-purse/contracts'
import { useCallback, useState } from 'react'
import { type Api } from '../session/api.ts'
import { useApi, useSession } from '../session/api-context.ts'
import { type Loaded, useLoaded } from '../use-loaded.ts'

export interface MemberOfFamily {
  user_id: string
  display_name: string
  role: Session['family']['role']
}

/** What several parts of the dashboard show, read together so that they agree. */
export interface FamilyMoney {
  accounts: Account[]
  waiting: Transaction[]
  members: MemberOfFamily[]
  categories: Category[]
}

const ALL = { limit: '100' } as const

export function useFamilyMoney(): Loaded<FamilyMoney> {
  const { call } = useApi()
  const { family } = useSession()
  return useLoaded(useCallback(() => loadFamilyMoney(call, family.id), [call, family.id]))
}

async function loadFamilyMoney(call: Api['call'], id: string): Promise<FamilyMoney> {
  const [accounts, waiting, members, categories] = await Promise.all([
    call('listAccounts', { query: ALL }),
    call('listTransactions', { query: { ...ALL, status: 'pending_approval' } }),
    call('listMembers', { params: { id }, query: ALL }),
    call('listCategories', { query: ALL }),
  ])
  return {
    accounts: accounts.items,
    waiting: waiting.items,
    members: members.items,
    categories: categories.items,
  }
}

export interface LatestTransactions extends Loaded<{ items: Transaction[]; more: boolean }> {
  accountId: string
  choose(accountId: string): void
  showMore(): void
}

const STEP = 20
const LONGEST_PAGE = 100

/** The latest transactions, of one account where it is not `''`, and more of them when asked. */
export function useTransactions(): LatestTransactions {
  const { call } = useApi()
  const [{ accountId, count }, setWanted] = useState({ accountId: '', count: STEP })
  const load = useCallback(() => loadTransactions(call, accountId, count), [call, accountId, count])
  return {
    ...useLoaded(load),
    accountId,
    choose: (next) => setWanted({ accountId: next, count: STEP }),
    showMore: () => setWanted((before) => ({ ...before, count: before.count + STEP })),
  }
}

async function loadTransactions(call: Api['call'], accountId: string, count: number) {
  const items: Transaction[] = []
  let cursor: string | null = null
  do {
    const limit = String(Math.min(count - items.length, LONGEST_PAGE))
    const account = accountId ? { account_id: accountId } : {}
    const page: Answer<'listTransactions'> = await call('listTransactions', {
      query: { limit, ...account, ...(cursor === null ? {} : { cursor }) },
    })
    items.push(...page.items)
    cursor = page.next_cursor
  } while (cursor !== null && items.length < count)
  return { items, more: cursor !== null }
}
