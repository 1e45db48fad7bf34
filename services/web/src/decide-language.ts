/** The languages of the pages, by the names that their speakers know. */
export const languages = { en: 'English', ru: 'Русский' } as const
export type Language = keyof typeof languages

/** The one that was chosen here before; else the first of the browser's that the pages speak; else English. */
export function decideLanguage(chosen: string | null, wanted: readonly string[]): Language {
  const known = (tag: string | null): tag is Language => tag !== null && Object.hasOwn(languages, tag)
  if (known(chosen)) return chosen
  return wanted.map((tag) => tag.split('-', 1)[0]!.toLowerCase()).find(known) ?? 'en'
}

/** How the browser's owner writes numbers and dates in that language: `en-GB` where they have it, else `en`. */
export const localeOf = (language: Language, wanted: readonly string[]): string =>
  wanted.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language
