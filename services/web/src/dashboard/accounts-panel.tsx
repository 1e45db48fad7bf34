import { type Account, hasPermission } from '@common-purse/contracts'
import { formatMoney } from '../format.ts'
import { useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Panel } from '../ui/panel.tsx'
import { OpenAccountForm } from './open-account-form.tsx'
import type { FamilyMoney } from './use-family-money.ts'

const words = texts.accounts

export function AccountsPanel({ money, onChange }: { money: FamilyMoney; onChange: () => Promise<void> }) {
  const { family } = useSession()
  const { accounts } = money
  const mayOpen = hasPermission(family.role, 'account.create')
  return (
    <Panel title={words.title}>
      {accounts.length === 0 && <p className="quiet">{mayOpen ? words.empty : words.noAccounts}</p>}
      <ul className="accounts">
        {accounts.map((account) => (
          <AccountCard key={account.id} account={account} />
        ))}
      </ul>
      {mayOpen && (
        <details open={accounts.length === 0}>
          <summary>{words.open}</summary>
          <OpenAccountForm currency={accounts[0]?.currency ?? 'EUR'} onChange={onChange} />
        </details>
      )}
    </Panel>
  )
}

function AccountCard({ account }: { account: Account }) {
  const { name, kind, visibility, status, currency, balance } = account
  const held = balance.pending.replace(/^-/, '')
  return (
    <li>
      <p className="strong">{name}</p>
      <p className="quiet small">
        {words.kinds[kind]} · {words.visibility[visibility]}
        {status === 'closed' && ` · ${words.closed}`}
      </p>
      <p className={`sum ${balance.available.startsWith('-') ? 'minus' : ''}`}>
        {formatMoney(balance.available, currency)} <span className="quiet small">{words.available}</span>
      </p>
      <p className="quiet small">
        {words.posted} {formatMoney(balance.posted, currency)}
        {/[1-9]/.test(held) && ` · ${words.held} ${formatMoney(held, currency)}`}
      </p>
    </li>
  )
}
