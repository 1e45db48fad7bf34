import type { Family, Person } from '../../../../tests/support/given.ts'

export const approve = (person: Person, { id }: { id: string | null }, body: { comment?: string } = {}) =>
  person.ledger.call('approveTransaction', { params: { id: id! }, body })
export const reject = (person: Person, { id }: { id: string | null }) =>
  person.ledger.call('rejectTransaction', { params: { id: id! }, body: { reason: 'no' } })
export const cancel = (person: Person, { id }: { id: string | null }) =>
  person.ledger.call('cancelTransaction', { params: { id: id! }, body: {} })

/** Asks for so many approvals of whatever needs one. */
export const quorum = ({ owner }: Family, count: number) =>
  owner.ledger.call('putApprovalPolicy', { body: { thresholds: [], quorum: count } })

/** The ids of those who may approve now, sorted. */
export const namesOf = (transaction: { approval: { can_approve: { id: string }[] } | null }) =>
  transaction.approval!.can_approve.map(({ id }) => id).toSorted()
