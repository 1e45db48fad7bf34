const rules = new Intl.PluralRules('ru')

/** A number with the form of the Russian noun that goes with it. */
export const counted = (count: number, one: string, few: string, many: string): string => {
  const rule = rules.select(count)
  return `${count} ${rule === 'one' ? one : rule === 'few' ? few : many}`
}
