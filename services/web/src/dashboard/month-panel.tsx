import { useCallback, useState } from 'react'
import { formatMoney, formatMonth } from '../format.ts'
import { useApi } from '../session/api-context.ts'
import type { Api } from '../session/api.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { useLoaded } from '../use-loaded.ts'
import { DayChart } from './day-chart.tsx'
import {
  daysOf,
  firstDayOf,
  isSame,
  minorUnits,
  type Month,
  monthAfter,
  monthOf,
  periodOf,
  shareOf,
} from './month.ts'
import type { FamilyMoney } from './use-family-money.ts'

const words = texts.chart

/** What came in and what was spent in a month, day by day and by category. */
export function MonthPanel({ money }: { money: FamilyMoney }) {
  const { call } = useApi()
  const [month, setMonth] = useState(() => monthOf(new Date()))
  const currencies = [...new Set(money.accounts.map(({ currency }) => currency))]
  const [chosen, setChosen] = useState<string>()
  const currency = chosen ?? currencies[0]
  // `money` is new whenever something has moved, and then these sums are asked for again.
  const load = useCallback(() => loadMonth(call, month, currency), [call, month, currency, money])
  const report = useLoaded(load)
  if (currency === undefined) return null
  return (
    <Panel title={words.title(formatMonth(firstDayOf(month)))}>
      <div className="month-bar">
        <Button aria-label={words.earlier} onClick={() => setMonth(monthAfter(month, -1))}>
          ‹
        </Button>
        <Button
          aria-label={words.later}
          disabled={isSame(month, monthOf(new Date()))}
          onClick={() => setMonth(monthAfter(month, 1))}
        >
          ›
        </Button>
        {currencies.length > 1 && (
          <select
            aria-label={words.currency}
            value={currency}
            onChange={(event) => setChosen(event.target.value)}
          >
            {currencies.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        )}
      </div>
      <FailureNotice failure={report.failure} onRetry={() => void report.reload()} />
      {report.value && <MonthReport {...report.value} />}
    </Panel>
  )
}

type Report = Awaited<ReturnType<typeof loadMonth>>

async function loadMonth(call: Api['call'], month: Month, currency = 'EUR') {
  const query = { ...periodOf(month), currency }
  const [days, categories] = await Promise.all([
    call('getSummaryReport', { query: { ...query, group_by: 'day' } }),
    call('getSummaryReport', { query: { ...query, group_by: 'category' } }),
  ])
  return { month, currency, days: days.items, total: days.totals[0], categories: categories.items }
}

function MonthReport({ month, currency, days, total, categories }: Report) {
  if (!total) return <p className="quiet">{words.empty}</p>
  const zero = total.income.replaceAll(/\d/g, '0').replace(/^-?0+(?=0(\.|$))/, '')
  const sum = (amount: string) => formatMoney(amount, currency)
  return (
    <>
      <dl className="totals">
        <div>
          <dt>
            <span className="key income" aria-hidden="true" /> {words.income}
          </dt>
          <dd className="sum">{sum(total.income)}</dd>
        </div>
        <div>
          <dt>
            <span className="key expense" aria-hidden="true" /> {words.expense}
          </dt>
          <dd className="sum">{sum(total.expense)}</dd>
        </div>
        <div>
          <dt>{words.net}</dt>
          <dd className={`sum ${total.net.startsWith('-') ? 'minus' : ''}`}>{sum(total.net)}</dd>
        </div>
      </dl>
      <DayChart
        days={daysOf(month, days, zero)}
        currency={currency}
        summary={words.summary(sum(total.income), sum(total.expense))}
      />
      <Categories lines={categories} currency={currency} />
    </>
  )
}

function Categories({ lines, currency }: { lines: Report['categories']; currency: string }) {
  const spent = lines
    .map((line) => ({ ...line, minor: minorUnits(line.expense) }))
    .filter(({ minor }) => minor > 0n)
    .toSorted((a, b) => (a.minor < b.minor ? 1 : -1))
  if (spent.length === 0) return null
  const most = spent[0]!.minor
  return (
    <>
      <h3>{words.categories}</h3>
      <ul className="shares">
        {spent.map(({ key, name, expense, minor }) => (
          <li key={key ?? ''}>
            <span>{name ?? words.uncategorised}</span>
            <span className="sum">{formatMoney(expense, currency)}</span>
            <span
              className="bar"
              aria-hidden="true"
              style={{ inlineSize: `${shareOf(minor, most) / 10}%` }}
            />
          </li>
        ))}
      </ul>
    </>
  )
}
