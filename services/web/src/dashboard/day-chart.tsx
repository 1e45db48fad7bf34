import { useId } from 'react'
import { formatMoney, formatUtcDay } from '../format.ts'
import { texts } from '../texts.ts'
import { type DayOfMonth, minorUnits, shareOf } from './month.ts'

const words = texts.chart
const HEIGHT = 100
const WIDTH_OF_DAY = 20
const BAR = 7

interface DayChartProps {
  days: DayOfMonth[]
  currency: string
  summary: string
}

/** Two bars a day; the same numbers are below as a table, for whoever cannot see bars or wants to read them. */
export function DayChart({ days, currency, summary }: DayChartProps) {
  const id = useId()
  const most = days
    .flatMap(({ income, expense }) => [minorUnits(income), minorUnits(expense)])
    .reduce((a, b) => (a > b ? a : b), 0n)
  return (
    <>
      <figure className="chart">
        <svg
          viewBox={`0 0 ${days.length * WIDTH_OF_DAY} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-labelledby={`${id}-title`}
        >
          <title id={`${id}-title`}>{summary}</title>
          {days.map((day, index) => (
            <Bars key={index} day={day} left={index * WIDTH_OF_DAY} most={most} currency={currency} />
          ))}
        </svg>
        <div className="axis" aria-hidden="true">
          {days.map(({ date }, index) => (
            <span key={index}>{index % 7 === 0 ? date.getUTCDate() : ''}</span>
          ))}
        </div>
      </figure>
      <details>
        <summary>{words.table}</summary>
        <DayTable days={days} currency={currency} />
      </details>
    </>
  )
}

interface BarsProps {
  day: DayOfMonth
  left: number
  most: bigint
  currency: string
}

function Bars({ day, left, most, currency }: BarsProps) {
  const sides = [
    ['income', day.income, left + 2],
    ['expense', day.expense, left + 3 + BAR],
  ] as const
  return sides.map(([side, amount, x]) => {
    const height = (shareOf(minorUnits(amount), most) * HEIGHT) / 1000
    if (height === 0) return null
    return (
      <rect key={side} className={side} x={x} y={HEIGHT - height} width={BAR} height={height}>
        <title>{`${formatUtcDay(day.date)}: ${words[side]} ${formatMoney(amount, currency)}`}</title>
      </rect>
    )
  })
}

/** Days on which something moved. */
function DayTable({ days, currency }: { days: DayOfMonth[]; currency: string }) {
  const moved = days.filter(({ income, expense }) => minorUnits(income) > 0n || minorUnits(expense) > 0n)
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{words.day}</th>
          <th scope="col">{words.income}</th>
          <th scope="col">{words.expense}</th>
        </tr>
      </thead>
      <tbody>
        {moved.map(({ date, income, expense }) => (
          <tr key={date.getTime()}>
            <th scope="row">{formatUtcDay(date)}</th>
            <td>{formatMoney(income, currency)}</td>
            <td>{formatMoney(expense, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
