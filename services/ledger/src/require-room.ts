import { Problem } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'

/** Far more than a family has. Every list and report looks at all of them, so without an end one family slows all others. */
export const ROOM_MAX = 1_000

const counts = {
  accounts: 'SELECT count(*)::int AS n FROM accounts WHERE family_id = $1 AND owner_id IS NOT NULL',
  categories: 'SELECT count(*)::int AS n FROM categories WHERE family_id = $1',
} as const

/** Throws `limit_reached` when the family has as many as it may. Nothing is locked: several at once may go a few above it. */
export async function requireRoom(tx: Tx, familyId: string, of: keyof typeof counts): Promise<void> {
  const [row] = await tx.query<{ n: number }>(counts[of], [familyId])
  if ((row?.n ?? 0) >= ROOM_MAX)
    throw new Problem('limit_reached', `A family has at most ${ROOM_MAX} ${of}, closed or archived ones too`)
}
