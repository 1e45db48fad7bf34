import * as accounts from './accounts.ts'
import * as common from './common.ts'
import * as failures from './failures.ts'
import * as link from './link.ts'
import * as people from './people.ts'
import * as settings from './settings.ts'
import * as signIn from './sign-in.ts'
import * as spend from './spend.ts'
import * as trail from './trail.ts'
import * as transactions from './transactions.ts'

/** Every word of the pages: each file has those of one part, in each language. */
const english = {
  ...common.english,
  ...failures.english,
  ...signIn.english,
  ...accounts.english,
  ...spend.english,
  ...transactions.english,
  ...trail.english,
  ...people.english,
  ...link.english,
  ...settings.english,
}
export type Texts = typeof english

const russian: Texts = {
  ...common.russian,
  ...failures.russian,
  ...signIn.russian,
  ...accounts.russian,
  ...spend.russian,
  ...transactions.russian,
  ...trail.russian,
  ...people.russian,
  ...link.russian,
  ...settings.russian,
}

export const textsByLanguage = { en: english, ru: russian }
