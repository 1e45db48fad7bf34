import { hasPermission } from '@common-purse/contracts'
import { useCallback } from 'react'
import type { Failure } from '../describe-failure.ts'
import { formatClock } from '../format.ts'
import { useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { FailureNotice } from '../ui/notices.tsx'
import { AccountsPanel } from './accounts-panel.tsx'
import { Header } from '../ui/header.tsx'
import { JoinFamily } from './join-family.tsx'
import { MonthPanel } from './month-panel.tsx'
import { PeoplePanel } from './people-panel.tsx'
import { SpendPanel } from './spend-panel.tsx'
import { TrailPanel } from './trail-panel.tsx'
import { TransactionsPanel } from './transactions-panel.tsx'
import { useFamilyMoney, useTransactions } from './use-family-money.ts'
import { usePolling } from './use-polling.ts'
import { useWide } from './use-wide.ts'
import { WaitingPanel } from './waiting-panel.tsx'

/** The family's money on one page. */
export function Dashboard() {
  const { family: home } = useSession()
  const isWide = useWide()
  const { value, failure, at, reload: reloadMoney } = useFamilyMoney()
  const latest = useTransactions()
  const { reload: reloadLatest } = latest
  const reload = useCallback(async () => {
    await Promise.all([reloadMoney(), reloadLatest()])
  }, [reloadMoney, reloadLatest])
  usePolling(reload)
  const may = (permission: Parameters<typeof hasPermission>[1]) => hasPermission(home.role, permission)
  // Beside the rest where there is room, at the end of it where there is not.
  const family = value && (
    <>
      <PeoplePanel members={value.members} onChange={reload} />
      <TrailPanel members={value.members} />
    </>
  )
  return (
    <>
      <Header />
      <main id="content" className="page stack" tabIndex={-1}>
        <h1 className="unseen">{home.name}</h1>
        <JoinFamily />
        <Freshness failure={failure} at={at} onRetry={() => void reload()} />
        {value && (
          <div className="dashboard">
            <div className="column">
              <WaitingPanel money={value} onChange={reload} />
              <AccountsPanel money={value} onChange={reload} />
            </div>
            <div className="column aside">
              {may('transaction.create.own') && <SpendPanel money={value} onChange={reload} />}
              {isWide && family}
            </div>
            <div className="column">
              {may('report.read') && <MonthPanel money={value} />}
              <TransactionsPanel money={value} latest={latest} onChange={reload} />
              {!isWide && family}
            </div>
          </div>
        )}
      </main>
    </>
  )
}

interface FreshnessProps {
  failure: Failure | undefined
  /** When what is shown was read; undefined while nothing is. */
  at: Date | undefined
  onRetry: () => void
}

/** That nothing is there yet, or that what is there is not the latest. */
function Freshness({ failure, at, onRetry }: FreshnessProps) {
  return (
    <>
      <FailureNotice failure={failure} onRetry={onRetry} />
      {failure && at && <p className="quiet">{texts.news.stale(formatClock(at))}</p>}
      {!failure && !at && <p className="quiet">{texts.moment}</p>}
    </>
  )
}
