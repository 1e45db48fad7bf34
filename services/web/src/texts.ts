import { language } from './language.ts'
import { english, type Texts } from './texts/english.ts'
import { russian } from './texts/russian.ts'

/** The words of the pages in the language of this visit. */
export const texts: Texts = { en: english, ru: russian }[language]
