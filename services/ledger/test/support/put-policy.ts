import type { Person } from '../../../../tests/support/given.ts'

interface Policy {
  thresholds: {
    role: 'owner' | 'adult' | 'member' | 'child'
    account_id?: string
    currency?: string
    amount: string | null
  }[]
  window_seconds?: number
  quorum?: number
  expiry_seconds?: number
}

/** Replaces the policy of the person's family. */
export const putPolicy = (person: Person, body: Policy) => person.ledger.call('putApprovalPolicy', { body })
