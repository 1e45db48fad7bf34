/** What decides where money moves. */
export interface Moving {
  type: string
  accountId: string
  toAccountId: string | null
  amount: bigint
  reverses: string | null
}

/** One side of a movement: what it adds to an account, in minor units. */
export interface Leg {
  accountId: string
  amount: bigint
}

/** The two postings of a transaction; they sum to zero. A reversal is the same the other way round. */
export function legsOf(transaction: Moving, outsideId: string | undefined): [Leg, Leg] {
  const { accountId, toAccountId, amount } = transaction
  const other = toAccountId ?? outsideId
  if (other === undefined) throw new Error('The family lacks its counterpart account')
  const outward = (transaction.type === 'income') === (transaction.reverses !== null)
  const taken = outward ? accountId : other
  const given = outward ? other : accountId
  return [
    { accountId: taken, amount: -amount },
    { accountId: given, amount },
  ]
}

/** The account of a person that gives the money and so has to cover it; none when it comes from outside. */
export function payerOf(transaction: Moving): string | undefined {
  const outward = (transaction.type === 'income') === (transaction.reverses !== null)
  if (outward) return transaction.accountId
  return transaction.toAccountId ?? undefined
}
