import type { InEach } from './language.ts'

export interface ReportTexts {
  title(month: string, family: string): string
  /** Said of the month that runs. */
  soFar: string
  badMonth: string
  nothing: string
  income(sum: string): string
  expense(sum: string): string
  net(sum: string): string
  byCategory: string
  byMember: string
  noCategory: string
  others(count: string, sum: string): string
  /** `change` is of the expenses, such as "+12 %". */
  before(month: string, income: string, expense: string, change: string | undefined): string
  ownOnly: string
}

export const reportTexts: InEach<ReportTexts> = {
  en: {
    title: (month, family) => `${month} in “${family}”`,
    soFar: 'so far',
    badMonth: 'Which month? Write it as /report 2026-10, or /report alone for this month.',
    nothing: 'No money came in or went out.',
    income: (sum) => `Income: ${sum}`,
    expense: (sum) => `Expenses: ${sum}`,
    net: (sum) => `Left: ${sum}`,
    byCategory: 'Expenses by category',
    byMember: 'Expenses by member',
    noCategory: 'without a category',
    others: (count, sum) => `${count} more: ${sum}`,
    before: (month, income, expense, change) =>
      `${month}: income ${income}, expenses ${expense}${change === undefined ? '' : ` (expenses now ${change})`}`,
    ownOnly: 'Of the accounts that you see; months are those of UTC.',
  },
  ru: {
    title: (month, family) => `${month} – «${family}»`,
    soFar: 'на сегодня',
    badMonth: 'За какой месяц? Напишите /report 2026-10 или просто /report за этот месяц.',
    nothing: 'Поступлений и трат не было.',
    income: (sum) => `Поступления: ${sum}`,
    expense: (sum) => `Траты: ${sum}`,
    net: (sum) => `Осталось: ${sum}`,
    byCategory: 'Траты по категориям',
    byMember: 'Траты по людям',
    noCategory: 'без категории',
    others: (count, sum) => `ещё ${count}: ${sum}`,
    before: (month, income, expense, change) =>
      `${month}: поступления ${income}, траты ${expense}${change === undefined ? '' : ` (траты теперь ${change})`}`,
    ownOnly: 'По счетам, которые вам видны; месяцы – по UTC.',
  },
}
