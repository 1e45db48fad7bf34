import { decideLanguage, type Language, localeOf } from './decide-language.ts'

const KEY = 'common-purse.language'

const stored = (): string | null => {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null // the browser keeps nothing for this page
  }
}

export const language = decideLanguage(stored(), navigator.languages)
export const locale = localeOf(language, navigator.languages)

/** Takes effect at once, and at later visits where the browser keeps it. */
export function chooseLanguage(chosen: Language): void {
  try {
    localStorage.setItem(KEY, chosen)
  } finally {
    location.reload()
  }
}
