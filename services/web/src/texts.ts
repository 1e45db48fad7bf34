import { language } from './language.ts'
import { type Texts, textsByLanguage } from './texts/languages.ts'

/** The words of the pages in the language of this visit. */
export const texts: Texts = textsByLanguage[language]
