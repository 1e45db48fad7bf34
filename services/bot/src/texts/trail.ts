import type { InEach } from './language.ts'

export interface TrailTexts {
  head(family: string, entries: number, head: string): string
}

export const trailTexts: InEach<TrailTexts> = {
  en: {
    head: (family, entries, head) =>
      `The trail of “${family}”: ${entries} ${entries === 1 ? 'entry' : 'entries'}, head ${head}\n\nKeep this message: no entry up to here can be changed so that this number stays the same.`,
  },
  ru: {
    head: (family, entries, head) =>
      `Журнал «${family}»: записей ${entries}, конец ${head}\n\nСохраните это сообщение: ни одну запись до этого места нельзя изменить так, чтобы это число осталось прежним.`,
  },
}
