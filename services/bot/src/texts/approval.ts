import type { InEach } from './language.ts'

type Outcome = 'approved' | 'rejected' | 'cancelled' | 'expired' | 'undone'

/** Asking somebody to approve, what came of it, and telling it to whoever asked. */
export interface ApprovalTexts {
  asks(author: string): string
  asksToUndo(author: string): string
  from(account: string): string
  into(account: string): string
  between(from: string, to: string): string
  hiddenAccount: string
  somebody: string
  /** `threshold` is what the author may spend without asking. */
  why: Record<'above_threshold' | 'rolling_sum', (threshold: string) => string>
  until(time: string): string
  given(given: number, required: number): string
  youApproved(left: number): string
  outcome: Record<Outcome, (by: string, reason: string | undefined) => string>
  /** Instead of a card whose reader may not know any more what became of it. */
  closed: string
  approve: string
  reject: string
  back: string
  ownWords: string
  whyReject: string
  /** At most ten: a button carries the number of one. */
  reasons: readonly string[]
  writeReason(what: string): string
  reasonLong: string
  notYourCard: string
  /** Told to whoever asked. */
  answer: Record<Exclude<Outcome, 'undone' | 'cancelled'>, (by: string, reason: string | undefined) => string>
}

const because = (reason: string | undefined) => (reason === undefined ? '' : `: ${reason}`)

export const approvalTexts: InEach<ApprovalTexts> = {
  en: {
    asks: (author) => `🔔 ${author} asks for approval`,
    asksToUndo: (author) => `🔔 ${author} asks to undo this`,
    from: (account) => `From: ${account}`,
    into: (account) => `Into: ${account}`,
    between: (from, to) => `From: ${from}\nTo: ${to}`,
    hiddenAccount: 'an account that you do not see',
    somebody: 'Somebody',
    why: {
      above_threshold: (threshold) => `Why: it is more than ${threshold}, what needs no approval`,
      rolling_sum: (threshold) =>
        `Why: together with what was spent lately it is more than ${threshold}, what needs no approval`,
    },
    until: (time) => `Waits until ${time}`,
    given: (given, required) => `Approvals: ${given} of ${required}`,
    youApproved: (left) =>
      `👍 You have approved. It waits for ${left === 1 ? 'one more approval' : `${left} more approvals`}.`,
    outcome: {
      approved: (by) => `✅ Approved by ${by}.`,
      rejected: (by, reason) => `✖ Rejected by ${by}${because(reason)}`,
      cancelled: (by, reason) => `↩ Taken back by ${by}${because(reason)}`,
      expired: () => '⌛ Nobody approved in time. Nothing was moved.',
      undone: () => '↩ It was approved, and undone later.',
    },
    closed: 'This card is closed.',
    approve: '✅ Approve',
    reject: '✖ Reject',
    back: '← Back',
    ownWords: '✏ Write it',
    whyReject: 'Why not?',
    reasons: ['Not this month', 'Too expensive', 'Let us talk about it first'],
    writeReason: (what) => `Why do you reject ${what}? Your next message is the reason that is told.`,
    reasonLong: 'Please say it in 200 characters or fewer.',
    notYourCard: 'Only the person to whom I sent this card can use its buttons.',
    answer: {
      approved: (by) => `✅ ${by} has approved it:`,
      rejected: (by, reason) => `✖ ${by} has rejected it${because(reason)}`,
      expired: () => '⌛ Nobody approved it in time. Nothing was moved, and the amount is free again:',
    },
  },
  ru: {
    asks: (author) => `🔔 ${author} просит одобрения`,
    asksToUndo: (author) => `🔔 ${author} просит отменить эту запись`,
    from: (account) => `Со счёта: ${account}`,
    into: (account) => `На счёт: ${account}`,
    between: (from, to) => `Со счёта: ${from}\nНа счёт: ${to}`,
    hiddenAccount: 'счёт, который вам не виден',
    somebody: 'Кто-то',
    why: {
      above_threshold: (threshold) => `Почему: это больше ${threshold} – суммы, не требующей одобрения`,
      rolling_sum: (threshold) =>
        `Почему: вместе с недавними тратами это больше ${threshold} – суммы, не требующей одобрения`,
    },
    until: (time) => `Ждёт до ${time}`,
    given: (given, required) => `Одобрений: ${given} из ${required}`,
    youApproved: (left) => `👍 Вы одобрили. Нужно ещё одобрений: ${left}.`,
    outcome: {
      approved: (by) => `✅ Одобрено: ${by}.`,
      rejected: (by, reason) => `✖ Отклонено: ${by}${because(reason)}`,
      cancelled: (by, reason) => `↩ Отозвано: ${by}${because(reason)}`,
      expired: () => '⌛ Никто не одобрил вовремя. Деньги не двигались.',
      undone: () => '↩ Было одобрено, позже отменено.',
    },
    closed: 'Эта карточка закрыта.',
    approve: '✅ Одобрить',
    reject: '✖ Отклонить',
    back: '← Назад',
    ownWords: '✏ Написать',
    whyReject: 'Почему нет?',
    reasons: ['Не в этом месяце', 'Слишком дорого', 'Давайте сначала обсудим'],
    writeReason: (what) =>
      `Почему вы отклоняете ${what}? Ваше следующее сообщение будет причиной, которую передам.`,
    reasonLong: 'Скажите, пожалуйста, не длиннее 200 знаков.',
    notYourCard: 'Кнопками может пользоваться только тот, кому я отправил эту карточку.',
    answer: {
      approved: (by) => `✅ Одобрено (${by}):`,
      rejected: (by, reason) => `✖ Отклонено (${by})${because(reason)}`,
      expired: () => '⌛ Никто не одобрил вовремя. Деньги не двигались, сумма снова свободна:',
    },
  },
}
