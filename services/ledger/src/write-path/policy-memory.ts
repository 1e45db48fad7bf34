import type { FamilyPolicy } from '../policy/policy.ts'

const REMEMBERED_MAX = 10_000

/** Policies by family. What is remembered may be old: whoever goes by it compares its version in the database. */
export function createPolicyMemory(find: (familyId: string) => Promise<FamilyPolicy>) {
  const known = new Map<string, Promise<FamilyPolicy>>()
  const forget = (familyId: string) => void known.delete(familyId)
  return {
    forget,
    of: (familyId: string): Promise<FamilyPolicy> => {
      const remembered = known.get(familyId)
      if (remembered) return remembered
      if (known.size >= REMEMBERED_MAX) forget(known.keys().next().value!)
      const found = find(familyId)
      known.set(familyId, found)
      found.catch(() => forget(familyId))
      return found
    },
  }
}
