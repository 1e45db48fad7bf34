import { hasPermission } from '@common-purse/contracts'
import { useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { FailureNotice } from '../ui/notices.tsx'
import { AccountsPanel } from './accounts-panel.tsx'
import { Header } from './header.tsx'
import { JoinFamily } from './join-family.tsx'
import { PeoplePanel } from './people-panel.tsx'
import { SpendPanel } from './spend-panel.tsx'
import { TrailPanel } from './trail-panel.tsx'
import { TransactionsPanel } from './transactions-panel.tsx'
import { useFamilyMoney } from './use-family-money.ts'
import { WaitingPanel } from './waiting-panel.tsx'

/** The family's money on one page. */
export function Dashboard() {
  const { family } = useSession()
  const { value, failure, reload } = useFamilyMoney()
  const may = (permission: Parameters<typeof hasPermission>[1]) => hasPermission(family.role, permission)
  return (
    <>
      <Header />
      <main id="content" className="page stack" tabIndex={-1}>
        <h1 className="unseen">{family.name}</h1>
        <JoinFamily />
        <FailureNotice failure={failure} onRetry={() => void reload()} />
        {!value && !failure && <p className="quiet">{texts.moment}</p>}
        {value && (
          <div className="dashboard">
            <div className="column">
              <WaitingPanel money={value} onChange={reload} />
              <AccountsPanel money={value} onChange={reload} />
            </div>
            <div className="column aside">
              {may('transaction.create.own') && <SpendPanel accounts={value.accounts} onChange={reload} />}
              <PeoplePanel members={value.members} />
              {may('audit.verify') && <TrailPanel />}
            </div>
            <div className="column">
              <TransactionsPanel money={value} onChange={reload} />
            </div>
          </div>
        )}
      </main>
    </>
  )
}
