import { useState } from 'react'
import { useApi } from '../session/api-context.ts'
import { forgetInvitation, invitationInAddress } from '../sign-in/invitation-in-address.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { useAction } from '../use-action.ts'

const words = texts.people

/** For somebody signed in who opens the link of an invitation. */
export function JoinFamily() {
  const { call, keeper } = useApi()
  const [token, setToken] = useState(invitationInAddress)
  const forget = () => {
    forgetInvitation()
    setToken(undefined)
  }
  const join = useAction(async (body: { token: string }, idempotencyKey) => {
    const { family } = await call('acceptInvitation', { body, idempotencyKey })
    forget()
    await keeper.renew(family.id)
  })
  if (!token) return null
  return (
    <div className="notice stack">
      <p>{words.join}</p>
      <FailureNotice failure={join.failure} />
      <div className="actions">
        <Button onClick={forget}>{words.later}</Button>
        <Button look="primary" busy={join.busy} onClick={() => void join.start({ token })}>
          {words.joinSubmit}
        </Button>
      </div>
    </div>
  )
}
