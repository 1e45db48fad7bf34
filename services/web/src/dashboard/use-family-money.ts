import type { Account, Session, Transaction } from '@common-purse/contracts'
import { useCallback, useEffect } from 'react'
import { type Api } from '../session/api.ts'
import { useApi, useSession } from '../session/api-context.ts'
import { type Loaded, useLoaded } from '../use-loaded.ts'

export interface MemberOfFamily {
  user_id: string
  display_name: string
  role: Session['family']['role']
}

/** What the dashboard shows, read together so that its parts agree. */
export interface FamilyMoney {
  accounts: Account[]
  waiting: Transaction[]
  transactions: Transaction[]
  nextCursor: string | null
  members: MemberOfFamily[]
}

const PAGE = '20'

/** Reads it when the page appears, and again when somebody comes back to it. */
export function useFamilyMoney(): Loaded<FamilyMoney> {
  const { call } = useApi()
  const { family } = useSession()
  const money = useLoaded(useCallback(() => loadFamilyMoney(call, family.id), [call, family.id]))
  const { reload } = money
  useEffect(() => {
    const handleReturn = () => void (document.visibilityState === 'visible' && reload())
    document.addEventListener('visibilitychange', handleReturn)
    return () => document.removeEventListener('visibilitychange', handleReturn)
  }, [reload])
  return money
}

async function loadFamilyMoney(call: Api['call'], familyId: string): Promise<FamilyMoney> {
  const [accounts, waiting, latest, members] = await Promise.all([
    call('listAccounts', { query: { limit: '100' } }),
    call('listTransactions', { query: { status: 'pending_approval', limit: '100' } }),
    call('listTransactions', { query: { limit: PAGE } }),
    call('listMembers', { params: { id: familyId }, query: { limit: '100' } }),
  ])
  return {
    accounts: accounts.items,
    waiting: waiting.items,
    transactions: latest.items,
    nextCursor: latest.next_cursor,
    members: members.items,
  }
}

/** The page of transactions after `cursor`. */
export const loadOlder = (call: Api['call'], cursor: string) =>
  call('listTransactions', { query: { limit: PAGE, cursor } })
