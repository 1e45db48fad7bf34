import { randomUUID } from 'node:crypto'
import type { AuditEvent, EventAction, RouteId, Session } from '../../../libs/contracts/src/index.ts'
import type { House } from '../../support/house.ts'
import { type Call, type Caller, send } from './send.ts'

/** What the trail must say of one change; what is left out is who called, and no reason. */
export type Leaf = Partial<Omit<AuditEvent, 'action'>> & { action: EventAction }

/** A change that was made through the gateway. */
export interface Driven {
  /** Somebody who may read the whole trail of the family that the change is about. */
  reader: Session
  requestId: string
  /** Who the entries name: the caller, unless an entry says otherwise. */
  by: Pick<AuditEvent, 'actor_id' | 'session_id' | 'client'>
  leaves: Leaf[]
}

export type Driver = (house: House) => Promise<Driven>

/** Makes what is needed before, then one call, and says what it must leave. */
export type Drivers<Id extends RouteId> = Record<Id, Driver>

export const byOf = (session: Session): Driven['by'] => ({
  actor_id: session.user.id,
  session_id: session.session_id,
  client: 'api',
})

/** One call in a person's name; `leaves` may depend on the answer. */
export async function drive<Body>(
  house: House,
  call: Call & { id: RouteId; as: Session; reader?: Session },
  leaves: (body: Body) => Leaf[],
): Promise<Driven> {
  const { as, reader = as } = call
  const { requestId, body } = await send(house, { session: as }, call.id, call)
  return { reader, requestId, by: byOf(as), leaves: leaves(body as Body) }
}

/** One call of somebody who has no session before it; the answer is their session. */
export async function driveSignIn(
  house: House,
  call: Call & { id: RouteId; as: Caller; reader?: Session },
  leaves: (session: Session) => Leaf[],
): Promise<Driven> {
  const { requestId, body } = await send(house, call.as, call.id, call)
  const session = body as Session
  return { reader: call.reader ?? session, requestId, by: byOf(session), leaves: leaves(session) }
}

export const newTelegramId = (): string =>
  String(1_000_000_000 + Number.parseInt(randomUUID().slice(0, 7), 16))
export const newEmail = (): string => `somebody-${randomUUID()}@example.org`
export const password = 'correct horse battery staple'
