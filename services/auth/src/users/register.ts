import { randomUUID } from 'node:crypto'
import { Problem, type Register, type User } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
import type { Handler } from '@common-purse/kit/service-app'
import type { Commit } from '../commit.ts'
import type { Membership } from '../families/family-store.ts'
import { foundFamily } from '../families/found-family.ts'
import { joinByInvitation } from '../families/join-by-invitation.ts'
import { addressKey } from '../sessions/address-key.ts'
import { clientOf, type StartSession } from '../sessions/start-session.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { insertUser, isEmailTaken, userRegistered } from './user-store.ts'

interface Deps {
  commit: Commit
  /** Reads outside of a transaction. */
  db: Tx
  requireUncommonPassword: (person: Register) => void
  passwords: PasswordHasher
  startSession: StartSession
}

const taken = () => new Problem('email_taken', 'There is a user with this e-mail address; sign in instead')

/** Registers a person, with a family of their own or as a member of one they were invited to, and signs them in. */
export const register =
  (deps: Deps): Handler<'register'> =>
  async ({ body, context }) => {
    deps.requireUncommonPassword(body)
    if (await isEmailTaken(deps.db, body)) throw taken() // before the costly part; decided again below
    const passwordHash = await deps.passwords.hash(body.password, { from: addressKey(context.ip) })
    const session = await deps.commit(async (tx) => {
      const now = tx.now()
      const user = { id: randomUUID(), email: body.email, display_name: body.display_name }
      if (!(await insertUser(tx, { user, passwordHash, now }))) throw taken()
      const { membership, events } = await enterFamily(tx, body, user, now)
      const before = [userRegistered(user), ...events]
      return await deps.startSession(tx, {
        user,
        membership,
        client: clientOf(context),
        context,
        before,
        now,
      })
    })
    return { body: session }
  }

async function enterFamily(
  tx: Tx,
  body: Register,
  user: User,
  now: Date,
): Promise<{ membership: Membership; events: Change[] }> {
  if (body.invitation_token !== undefined) {
    const { membership, event } = await joinByInvitation(tx, body.invitation_token, user, now)
    return { membership, events: [event] }
  }
  return await foundFamily(tx, { id: randomUUID(), name: body.family_name!, now }, user)
}
