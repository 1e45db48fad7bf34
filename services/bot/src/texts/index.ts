import { approvalTexts } from './approval.ts'
import { balanceTexts } from './balance.ts'
import { commonTexts } from './common.ts'
import { entryTexts } from './entry.ts'
import { formats } from './format.ts'
import { helpTexts } from './help.ts'
import { type Language, languages } from './language.ts'
import { noticeTexts } from './notice.ts'
import { familyTexts } from './family.ts'
import { listTexts } from './list.ts'
import { pendingTexts } from './pending.ts'
import { reportTexts } from './report.ts'
import { settingsTexts } from './settings.ts'
import { undoTexts } from './undo.ts'
import { verifyTexts } from './verify.ts'
import { startTexts } from './start.ts'
import { trailTexts } from './trail.ts'
import { troubleTexts } from './trouble.ts'

/** One line for each feature; its file holds the same texts in every language. */
const byFeature = {
  common: commonTexts,
  start: startTexts,
  help: helpTexts,
  balance: balanceTexts,
  entry: entryTexts,
  trail: trailTexts,
  family: familyTexts,
  list: listTexts,
  pending: pendingTexts,
  report: reportTexts,
  settings: settingsTexts,
  undo: undoTexts,
  verify: verifyTexts,
  trouble: troubleTexts,
  approval: approvalTexts,
  notice: noticeTexts,
  format: formats,
}

type ByFeature = typeof byFeature

/** Everything the bot says in words of its own, by feature; a function where something is filled in. */
export type Texts = { [Feature in keyof ByFeature]: ByFeature[Feature][Language] }

const textsIn = (language: Language) =>
  Object.fromEntries(Object.entries(byFeature).map(([feature, texts]) => [feature, texts[language]])) as Texts

const byLanguage = new Map(languages.map((language) => [language as string, textsIn(language)]))

/** The texts for Telegram's language code; English unless it is one of ours. */
export const textsFor = (code: string | null | undefined): Texts => byLanguage.get(languageFor(code))!

/** The language of ours that fits a code such as `en`, `ru-RU` or none at all. */
export function languageFor(code: string | null | undefined): Language {
  const wanted = (code ?? '').toLowerCase().split('-')[0]
  return languages.find((language) => language === wanted) ?? 'en'
}

export { type Language, languages }
