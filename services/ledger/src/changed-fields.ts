export interface ChangedFields {
  oldValues: Record<string, unknown>
  newValues: Record<string, unknown>
}

/** Pure: those of the fields that differ, before and after; undefined when none does. */
export function changedFields<View extends object>(
  before: View,
  after: View,
  fields: readonly (keyof View & string)[],
): ChangedFields | undefined {
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
  if (changed.length === 0) return undefined
  const pick = (view: View) => Object.fromEntries(changed.map((field) => [field, view[field]]))
  return { oldValues: pick(before), newValues: pick(after) }
}
