import type { InEach } from './language.ts'

export interface BalanceTexts {
  title(family: string): string
  waiting(available: string, pending: string): string
  noAccounts: string
}

export const balanceTexts: InEach<BalanceTexts> = {
  en: {
    title: (family) => `“${family}”`,
    waiting: (available, pending) => `available ${available}, waiting ${pending}`,
    noAccounts: 'You have no open account yet. Open one on the web, then come back.',
  },
  ru: {
    title: (family) => `«${family}»`,
    waiting: (available, pending) => `доступно ${available}, ожидает ${pending}`,
    noAccounts: 'У вас пока нет открытого счёта. Откройте его на сайте и возвращайтесь.',
  },
}
