import { hasPermission } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'

/** Which entries of the trail somebody may see: the family's, or only what they did themselves. */
export const visibleTo = ({ familyId, userId, role }: Caller): { family_id: string; actor_id?: string } =>
  hasPermission(role, 'audit.read.all') ? { family_id: familyId } : { family_id: familyId, actor_id: userId }
