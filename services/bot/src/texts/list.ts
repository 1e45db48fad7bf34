import type { TransactionStatus } from '@common-purse/contracts'
import type { InEach } from './language.ts'

/** Transactions in lists and on cards. */
export interface ListTexts {
  title(family: string): string
  none: string
  noneFits: string
  earlier: string
  later: string
  /** Of a list whose buttons do not work any more. */
  old: string
  /** Nothing for what is simply posted. */
  state: Record<TransactionStatus, string>
  undoes: string
  hiddenAccount: string
  somebody: string
  unnamed: string
}

export const listTexts: InEach<ListTexts> = {
  en: {
    title: (family) => `Latest in “${family}”`,
    none: 'Nothing has been written down yet. Try: 12.50 coffee',
    noneFits: 'I find nothing that fits.',
    earlier: '« Earlier',
    later: 'Later »',
    old: 'This list is too old. Send /list for a new one.',
    state: {
      pending_approval: '⏳ waits for approval',
      posted: '',
      rejected: '✖ rejected',
      cancelled: '✖ cancelled',
      expired: '✖ nobody approved it in time',
      reversed: '↩ taken back',
    },
    undoes: '↩ takes an earlier one back',
    hiddenAccount: 'an account you do not see',
    somebody: 'somebody who left',
    unnamed: 'no description',
  },
  ru: {
    title: (family) => `Последнее в «${family}»`,
    none: 'Пока ничего не записано. Попробуйте: 12.50 кофе',
    noneFits: 'Ничего подходящего не нахожу.',
    earlier: '« Раньше',
    later: 'Позже »',
    old: 'Этот список устарел. Отправьте /list, чтобы получить новый.',
    state: {
      pending_approval: '⏳ ждёт одобрения',
      posted: '',
      rejected: '✖ отклонено',
      cancelled: '✖ отменено',
      expired: '✖ никто не одобрил вовремя',
      reversed: '↩ возвращено',
    },
    undoes: '↩ возвращает прежнюю запись',
    hiddenAccount: 'счёт, который вам не виден',
    somebody: 'бывший участник',
    unnamed: 'без описания',
  },
}
