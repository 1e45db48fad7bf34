import { actionOf, type DomainEvent, Role } from '@common-purse/contracts'
import type { Memory } from '../memory.ts'
import type { BotSession } from '../session-store.ts'

/** A member of a family whose Telegram account is linked. Their private chat has the number of that account. */
export interface LinkedMember {
  userId: string
  telegramId: string
  role: Role
}

/**
 * Who can be written to: users, their Telegram accounts, and the families they are in with their role. It only says whom
 * to ask about: what somebody may know is for the gateway to say, in their name.
 */
export interface People {
  /** Takes note of an event of the auth service; any order and any repeats come to the same. */
  apply(event: DomainEvent): Promise<void>
  /** Takes note of a session, which is as good as the events that led to it. */
  note(telegramId: string, session: BotSession): Promise<void>
  membersOf(familyId: string): Promise<LinkedMember[]>
  telegramOf(userId: string): Promise<string | undefined>
  /** Every family that the user was ever seen in. */
  familiesOf(userId: string): Promise<string[]>
}

/** Longer than the time after which all of it is read anew from the bus. */
const KEPT_SECONDS = 366 * 86_400

const linkKey = (telegramId: string) => `people:link:${telegramId}`
const accountsKey = (userId: string) => `people:accounts:${userId}`
const familyKey = (familyId: string) => `people:family:${familyId}`
const familiesKey = (userId: string) => `people:families:${userId}`

/** Stands where a link was cut or a member has left. */
const NOBODY = '-'

const valueOf = (kept: string | undefined): string | undefined => {
  const value = kept?.slice(kept.indexOf(' ') + 1)
  return value === NOBODY ? undefined : value
}

export function createPeople(memory: Memory): People {
  const keepLink = async (telegramId: string, userId: string | undefined, version: number) => {
    if (userId !== undefined) await memory.setField(accountsKey(userId), telegramId, '', KEPT_SECONDS)
    await memory.keepNewest(linkKey(telegramId), 'user', { version, value: userId ?? NOBODY }, KEPT_SECONDS)
  }
  const keepMember = async (familyId: string, userId: string, role: { version: number; value: string }) => {
    if (role.value !== NOBODY) await memory.setField(familiesKey(userId), familyId, '', KEPT_SECONDS)
    await memory.keepNewest(familyKey(familyId), userId, role, KEPT_SECONDS)
  }

  /** An account that the user had linked before is somebody else's by now, or nobody's. */
  const telegramOf = async (userId: string): Promise<string | undefined> => {
    for (const telegramId of Object.keys(await memory.fields(accountsKey(userId))))
      if (valueOf((await memory.fields(linkKey(telegramId)))['user']) === userId) return telegramId
    return undefined
  }

  return {
    apply: async ({ type, data }) => {
      const action = actionOf(type)
      const { version, old_values: before, new_values: after } = data
      const text = (name: string) => {
        const value = after?.[name] ?? before?.[name]
        return typeof value === 'string' ? value : ''
      }
      if (action === 'telegram.bound') await keepLink(text('telegram_id'), text('user_id'), version)
      if (action === 'telegram.unbound') await keepLink(text('telegram_id'), undefined, version)
      if (action === 'member.joined' || action === 'member.role_changed')
        await keepMember(text('family_id'), text('user_id'), { version, value: text('role') })
      if (action === 'member.removed')
        await keepMember(text('family_id'), text('user_id'), { version, value: NOBODY })
    },
    note: async (telegramId, { userId, family }) => {
      await keepLink(telegramId, userId, 0)
      await keepMember(family.id, userId, { version: 0, value: family.role })
    },
    membersOf: async (familyId) => {
      const found = Object.entries(await memory.fields(familyKey(familyId))).map(async ([userId, kept]) => {
        const role = Role.safeParse(valueOf(kept)).data
        const telegramId = role && (await telegramOf(userId))
        return role && telegramId !== undefined ? [{ userId, telegramId, role }] : []
      })
      return (await Promise.all(found)).flat()
    },
    telegramOf,
    familiesOf: async (userId) => Object.keys(await memory.fields(familiesKey(userId))),
  }
}
