import type { InEach } from './language.ts'

export interface PendingTexts {
  none: string
  title(count: string): string
  /** There are more than are shown. */
  more: string
  nothingForYou: string
  /** `number` is what the person wrote after /approve. */
  noSuch(number: string): string
  several(number: string): string
}

export const pendingTexts: InEach<PendingTexts> = {
  en: {
    none: 'Nothing waits for approval.',
    title: (count) => `Waiting for approval: ${count}`,
    more: 'There is more; decide on these first, then send /pending again.',
    nothingForYou: 'Nothing waits for you. /pending shows what waits for others.',
    noSuch: (number) => `Nothing that waits is “${number}”. /pending shows what does, with its numbers.`,
    several: (number) => `“${number}” fits more than one. /pending shows them with their numbers.`,
  },
  ru: {
    none: 'Ничего не ждёт одобрения.',
    title: (count) => `Ждут одобрения: ${count}`,
    more: 'Есть ещё; сначала решите с этими, потом снова отправьте /pending.',
    nothingForYou: 'От вас ничего не ждут. /pending покажет, что ждёт других.',
    noSuch: (number) => `Среди ожидающего нет «${number}». /pending покажет, что ждёт и под какими номерами.`,
    several: (number) => `«${number}» подходит к нескольким. /pending покажет их с номерами.`,
  },
}
