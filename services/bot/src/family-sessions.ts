import { ApiError } from '@common-purse/client'
import type { Session } from '@common-purse/contracts'
import type { Api } from './api.ts'
import type { Memory } from './memory.ts'
import { type BotSession, createSessionStore, type SessionStore } from './session-store.ts'
import type { TokenBox } from './token-box.ts'

/** Sessions in a family that the person is perhaps not at home in right now. */
export interface FamilySessions {
  /** Runs work in the person's name in that family; undefined when they are not in it, or are not linked any more. */
  use<Result>(
    telegramId: string,
    familyId: string,
    work: (session: BotSession) => Promise<Result>,
  ): Promise<Result | undefined>
  /** Forgets what was kept beside the person's own session. */
  forget(telegramId: string, familyIds: readonly string[]): Promise<void>
}

interface Deps {
  sessions: SessionStore
  api: Api
  memory: Memory
  box: TokenBox
}

const idOf = (telegramId: string, familyId: string) => `${telegramId}:${familyId}`

/**
 * A session works in one family, and /family changes which. What happens in another one is told there too, so for that a
 * second session is kept, under the person's number and the family's.
 */
export function createFamilySessions({ sessions, api, memory, box }: Deps): FamilySessions {
  const beside = createSessionStore({ api: enteringFamilies(api), memory, box })
  return {
    use: async (telegramId, familyId, work) => {
      try {
        const own = await sessions.open(telegramId)
        const within = async (session: BotSession) =>
          session.family.id === familyId ? await work(session) : undefined
        if (own.family.id === familyId) return await sessions.use(telegramId, within)
        return await beside.use(idOf(telegramId, familyId), within)
      } catch (error) {
        if (error instanceof NotThere || isUnlinked(error)) return undefined
        throw error
      }
    },
    forget: async (telegramId, familyIds) => {
      for (const familyId of familyIds) await beside.forget(idOf(telegramId, familyId))
    },
  }
}

/** The person is not in that family. */
class NotThere extends Error {}

const isUnlinked = (error: unknown) =>
  error instanceof ApiError && error.problem.code === 'telegram_not_linked'

/** An API whose `authenticateTelegram` takes both ids and answers a session in that family. */
function enteringFamilies(api: Api): Api {
  const enter = async (id: string): Promise<Session> => {
    const [telegram_id = '', family_id = ''] = id.split(':')
    const made = await api.own('authenticateTelegram', { body: { telegram_id } })
    if (made.family.id === family_id) return made
    try {
      return await api.own('refreshToken', { body: { refresh_token: made.refresh_token, family_id } })
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem.code !== 'not_found') throw error
      const session = { accessToken: made.access_token, signingKey: made.signing_key }
      await api.as(session, 'logout', { body: { scope: 'local' } }).catch(() => undefined) // nobody uses it
      throw new NotThere()
    }
  }
  const own = (id: string, input: { body: { telegram_id: string } }) =>
    id === 'authenticateTelegram' ? enter(input.body.telegram_id) : api.own(id as never, input)
  return { as: api.as, own: own as Api['own'] }
}
