import type { InEach } from './language.ts'

export interface VerifyTexts {
  intact(family: string, entries: number, head: string): string
  empty(family: string): string
  broken(family: string, first: number): string
}

const entriesInRussian = new Intl.PluralRules('ru')

export const verifyTexts: InEach<VerifyTexts> = {
  en: {
    intact: (family, entries, head) =>
      `The trail of “${family}” is intact: ${entries} ${entries === 1 ? 'entry' : 'entries'}, and each fits the one before it.\n\nHead: ${head}\nKeep it: the same entries give the same head later on.`,
    empty: (family) => `The trail of “${family}” has no entries yet.`,
    broken: (family, first) =>
      `The trail of “${family}” is broken: entry ${first} is missing or was changed after it was written. ${first === 1 ? 'No entry' : `Entries 1 to ${first - 1} are as they were; none`} after that can be relied on.\n\nKeep this message and tell whoever runs this purse.`,
  },
  ru: {
    intact: (family, entries, head) =>
      `Журнал «${family}» цел: ${entries} ${({ one: 'запись', few: 'записи' } as Record<string, string>)[entriesInRussian.select(entries)] ?? 'записей'}, и каждая сходится с предыдущей.\n\nКонец: ${head}\nСохраните его: из тех же записей позже получится то же самое.`,
    empty: (family) => `В журнале «${family}» пока нет записей.`,
    broken: (family, first) =>
      `Журнал «${family}» нарушен: запись ${first} пропала или изменена после того, как её сделали. ${first === 1 ? 'Полагаться нельзя ни на одну запись' : `Записи с 1 по ${first - 1} прежние; на следующие полагаться нельзя`}.\n\nСохраните это сообщение и покажите тому, кто ведёт этот кошелёк.`,
  },
}
