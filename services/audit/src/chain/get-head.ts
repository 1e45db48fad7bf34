import type { Caller } from '@common-purse/kit/caller'
import type { PrismaClient } from '../generated/client.ts'
import { genesisHash } from './hash-entry.ts'

/** Where the family's chain ends; an empty chain ends before its first entry. */
export const getHead = (prisma: PrismaClient) => async (caller: Caller) => {
  const head = await prisma.chainHead.findUnique({ where: { family_id: caller.familyId } })
  return head ? { seq: Number(head.seq), hash: head.hash } : { seq: 0, hash: genesisHash }
}
