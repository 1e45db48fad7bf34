import { hasPermission } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'

/** Whose entries somebody may see: their own, or (null) everybody's in the family. */
export const actorOf = ({ userId, role }: Caller): string | null =>
  hasPermission(role, 'audit.read.all') ? null : userId
