/** Collects the values of a statement that is put together: `bind` answers the placeholder of one. */
export interface SqlValues {
  values: unknown[]
  bind(value: unknown): string
}

export function createValues(): SqlValues {
  const values: unknown[] = []
  return { values, bind: (value) => `$${values.push(value)}` }
}
