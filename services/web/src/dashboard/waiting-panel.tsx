import { ApiError } from '@common-purse/client'
import { hasPermission, type Role, type Transaction } from '@common-purse/contracts'
import { useState } from 'react'
import { formatList, formatMoney, formatTime } from '../format.ts'
import { useApi, useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { useNews } from '../ui/news.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { ReasonDialog } from '../ui/reason-dialog.tsx'
import { useAction } from '../use-action.ts'
import { accountsText, nameOf, sumText, titleOf, whatOf } from './transaction-text.ts'
import type { FamilyMoney } from './use-family-money.ts'

const words = texts.waiting

interface WaitingPanelProps {
  money: FamilyMoney
  onChange: () => Promise<void>
}

export function WaitingPanel({ money, onChange }: WaitingPanelProps) {
  if (money.waiting.length === 0) return null
  return (
    <Panel title={words.title} className="attention">
      <ul className="rows">
        {money.waiting.map((transaction) => (
          <Waiting key={transaction.id} transaction={transaction} money={money} onChange={onChange} />
        ))}
      </ul>
    </Panel>
  )
}

function Waiting({ transaction, money, onChange }: WaitingPanelProps & { transaction: Transaction }) {
  return (
    <li>
      <div className="row-text">
        <p className="strong">{titleOf(transaction)}</p>
        <p className="quiet small">
          {accountsText(transaction, money.accounts)} ·{' '}
          {texts.transactions.by(nameOf(transaction.created_by, money.members))}
        </p>
        <WhyItWaits transaction={transaction} />
      </div>
      <p className="sum">{sumText(transaction)}</p>
      <Decision transaction={transaction} onChange={onChange} />
    </li>
  )
}

function WhyItWaits({ transaction: { approval, currency } }: { transaction: Transaction }) {
  if (!approval) return null
  const { why, threshold, required, given, expires_at } = approval
  return (
    <p className="quiet small">
      {words.why[why](formatMoney(threshold, currency))}
      {required > 1 && ` · ${words.given(given, required)}`} · {words.until(formatTime(expires_at))}
    </p>
  )
}

interface DecisionProps {
  transaction: Transaction
  onChange: () => Promise<void>
}

/** Approving, taking back and rejecting; `onSettled` is called when there is nothing to decide any more. */
function useDecision({ transaction, onChange }: DecisionProps, onSettled: () => void) {
  const { call } = useApi()
  const announce = useNews()
  const what = whatOf(transaction)
  const params = { id: transaction.id! }
  const settle = async (deciding: Promise<string>) => {
    announce(await deciding.catch(overtaken))
    onSettled()
    await onChange()
  }
  const resolve = useAction((how: 'approveTransaction' | 'cancelTransaction', idempotencyKey) => {
    const told = how === 'cancelTransaction' ? words.cancelled : words.approved
    const deciding = call(how, { params, body: {}, idempotencyKey })
    return settle(
      deciding.then(({ status }) => (status === 'pending_approval' ? words.approvedOnce(what) : told(what))),
    )
  })
  const reject = useAction((reason: string, idempotencyKey) => {
    const deciding = call('rejectTransaction', { params, body: { reason }, idempotencyKey })
    return settle(deciding.then(() => words.rejected(what)))
  })
  return { what, resolve, reject }
}

/** Somebody was quicker: that is news, and the buttons go. Everything else is a failure. */
function overtaken(error: unknown): string {
  if (error instanceof ApiError && error.problem.code === 'already_resolved')
    return texts.problems['already_resolved']!
  throw error
}

/** The buttons of those who may decide; the others read whom it waits for. */
function Decision({ transaction, onChange }: DecisionProps) {
  const { user, family } = useSession()
  const [rejecting, setRejecting] = useState(false)
  const { what, resolve, reject } = useDecision({ transaction, onChange }, () => setRejecting(false))
  const { approvers, mayApprove, mayReject, mayCancel } = rightsOver(transaction, user.id, family.role)
  return (
    <>
      <div className="row-actions">
        {!mayApprove && approvers && <p className="quiet small">{words.waitsFor(approvers)}</p>}
        {mayCancel && (
          <Button
            busy={resolve.busy}
            aria-label={words.about(words.cancel, what)}
            onClick={() => void resolve.start('cancelTransaction')}
          >
            {words.cancel}
          </Button>
        )}
        {mayReject && (
          <Button aria-label={words.about(words.reject, what)} onClick={() => setRejecting(true)}>
            {words.reject}
          </Button>
        )}
        {mayApprove && (
          <Button
            look="primary"
            busy={resolve.busy}
            aria-label={words.about(words.approve, what)}
            onClick={() => void resolve.start('approveTransaction')}
          >
            {words.approve}
          </Button>
        )}
      </div>
      <FailureNotice failure={resolve.failure} />
      {rejecting && (
        <ReasonDialog
          title={words.rejectTitle}
          subject={what}
          submit={words.reject}
          busy={reject.busy}
          failure={reject.failure}
          onSubmit={(reason) => void reject.start(reason)}
          onClose={() => setRejecting(false)}
        />
      )}
    </>
  )
}

/** What this person may do with it; `approvers` are the names of those who may approve. */
function rightsOver({ approval, created_by }: Transaction, userId: string, role: Role) {
  const approvers = approval?.can_approve ?? []
  const mine = created_by === userId
  return {
    approvers: formatList(approvers.map((person) => person.display_name)),
    mayApprove: approvers.some(({ id }) => id === userId),
    mayReject: !mine && hasPermission(role, 'transaction.reject'),
    mayCancel: mine && hasPermission(role, 'transaction.cancel.own'),
  }
}
