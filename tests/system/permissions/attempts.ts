import { randomUUID } from 'node:crypto'
import type { ProblemCode, Role } from '../../../libs/contracts/src/index.ts'
import { givenAccount, type Person } from '../../support/given.ts'
import type { Promised } from './page.ts'
import * as given from './scene.ts'

/** Prepares what is needed and answers the one call that the cell is about. */
type Prepare = (scene: given.Scene, actor: Person) => Promise<() => Promise<unknown>>

export interface Attempt {
  /** On what is somebody else's. */
  any?: Prepare
  /** On what is one's own or shared with one. */
  own?: Prepare
  /** What it opens is only ever the part that one may see: there is nothing of others to be refused. */
  withoutOthers?: true
  /** A permission that the same call needs too, and that may be the one a role is told of. */
  through?: Promised
  /** How the role is refused; `permission_denied` unless the thing itself is out of sight. */
  refusal?: (role: Role) => ProblemCode
}

const unseen = (role: Role): ProblemCode => (role === 'read_only' ? 'permission_denied' : 'not_found')
const always = (code: ProblemCode) => (): ProblemCode => code

const atFamily =
  (call: (actor: Person, params: { id: string }) => Promise<unknown>): Prepare =>
  async ({ family }, actor) =>
  () =>
    call(actor, { id: family.id })

const onMember =
  (
    call: (actor: Person, params: { id: string; user_id: string }, sessionId: string) => Promise<unknown>,
  ): Prepare =>
  async (scene, actor) => {
    const victim = await given.givenVictim(scene)
    return () => call(actor, { id: scene.family.id, user_id: victim.user.id }, victim.session_id)
  }

const onAccount =
  (
    account: (scene: given.Scene, actor: Person) => Promise<{ id: string }>,
    call: (actor: Person, params: { id: string }) => Promise<unknown>,
  ): Prepare =>
  async (scene, actor) => {
    const { id } = await account(scene, actor)
    return () => call(actor, { id })
  }

/** On a waiting spending of the member, or of the adult when the member is the one who tries. */
const onWaiting =
  (call: (actor: Person, params: { id: string }) => Promise<unknown>): Prepare =>
  async (scene, actor) => {
    const author = actor === scene.people.member ? scene.people.adult : scene.people.member
    const waiting = await given.spend(author, await given.familyAccount(scene, actor), '150.00')
    return () => call(actor, { id: waiting.id! })
  }

const canSpend = (actor: Person) => actor.role !== 'read_only'

/** On what the actor spent, or the member where the actor cannot spend at all. */
const onOwnSpending =
  (amount: string, call: (actor: Person, params: { id: string }) => Promise<unknown>): Prepare =>
  async (scene, actor) => {
    const author = canSpend(actor) ? actor : scene.people.member
    const spending = await given.spend(author, await given.familyAccount(scene, actor), amount)
    return () => call(actor, { id: spending.id! })
  }

const onHiddenSpending =
  (call: (actor: Person, params: { id: string }) => Promise<unknown>): Prepare =>
  async (scene, actor) => {
    const account = await given.hiddenAccount(scene, actor)
    const spending = await given.spend(given.another(scene, actor), account, '1.00')
    return () => call(actor, { id: spending.id! })
  }

const rename = (actor: Person, params: { id: string }) =>
  actor.ledger.call('updateAccount', { params, body: { name: 'Renamed' } })
const share = (actor: Person, params: { id: string }) =>
  actor.ledger.call('updateAccount', { params, body: { visibility: 'shared', shared_with: [] } })
const getAccount = (actor: Person, params: { id: string }) => actor.ledger.call('getAccount', { params })
const getTransaction = (actor: Person, params: { id: string }) =>
  actor.ledger.call('getTransaction', { params })
const reverse = (actor: Person, params: { id: string }) =>
  actor.ledger.call('reverseTransaction', { params, body: { reason: 'a mistake' } })
const archive = (actor: Person, params: { id: string }) =>
  actor.ledger.call('updateCategory', { params, body: { archived: true } })
const getEntry = (actor: Person, params: { id: string }) => actor.audit.call('getAuditEvent', { params })

/** How each permission that has an endpoint is used. The others are seen in `GET /auth/me` only. */
export const attempts: Partial<Record<Promised, Attempt>> = {
  'family.read': { any: atFamily((actor, params) => actor.auth.call('getFamily', { params })) },
  'family.update': {
    any: atFamily((actor, params) =>
      actor.auth.call('updateFamily', { params, body: { name: 'The Renamed' } }),
    ),
  },
  'member.read': { any: atFamily((actor, params) => actor.auth.call('listMembers', { params })) },
  'member.invite': {
    any: atFamily((actor, params) =>
      actor.auth.call('createInvitation', { params, body: { role: 'child' } }),
    ),
  },
  'member.role.update': {
    any: onMember((actor, params) =>
      actor.auth.call('updateMember', { params, body: { role: 'read_only' } }),
    ),
  },
  'ownership.transfer': {
    any: onMember((actor, params) => actor.auth.call('updateMember', { params, body: { role: 'owner' } })),
    through: 'member.role.update',
  },
  'member.remove': { any: onMember((actor, params) => actor.auth.call('removeMember', { params })) },
  'session.revoke.any': {
    any: onMember((actor, _, sessionId) => actor.auth.call('endSession', { params: { id: sessionId } })),
  },
  'member.limit.update': {
    any: onAccount(given.ownAccount, (actor, params) =>
      actor.ledger.call('updateAccount', { params, body: { overdraft_limit: '50.00' } }),
    ),
    through: 'account.update',
  },
  'policy.read': { any: async (_, actor) => () => actor.ledger.call('getApprovalPolicy') },
  'policy.update': {
    any: async ({ people }, actor) => {
      const { thresholds } = await people.owner.ledger.call('getApprovalPolicy')
      const own = thresholds.filter(({ inherited }) => !inherited)
      const body = {
        thresholds: own.map(({ role, amount }) => ({ role: role as 'owner', amount })),
        quorum: 1,
      }
      return () => actor.ledger.call('putApprovalPolicy', { body })
    },
  },
  'account.create': { any: async (_, actor) => () => givenAccount(actor, {}) },
  'account.read.all': { any: onAccount(given.hiddenAccount, getAccount), refusal: always('not_found') },
  'account.read.own': { own: onAccount(given.ownAccount, getAccount) },
  'account.update': { any: onAccount(given.familyAccount, rename), own: onAccount(given.ownAccount, rename) },
  'account.share': {
    any: onAccount(given.familyAccount, share),
    own: onAccount(given.ownAccount, share),
    through: 'account.update',
  },
  'account.close': {
    any: onAccount(given.familyAccount, (actor, params) =>
      actor.ledger.call('closeAccount', { params, body: {} }),
    ),
  },
  'transaction.read.all': { any: onHiddenSpending(getTransaction), refusal: always('not_found') },
  'transaction.read.own': { own: onOwnSpending('1.00', getTransaction) },
  'transaction.create.own': {
    any: async (scene, actor) => {
      const account = await given.familyAccount(scene, actor)
      return () => given.spend(actor, account, '1.00')
    },
  },
  'transaction.create.any': {
    any: async (scene, actor) => {
      const account = await given.hiddenAccount(scene, actor)
      return () => given.spend(actor, account, '1.00')
    },
    refusal: unseen,
  },
  'transaction.approve': {
    any: onWaiting((actor, params) => actor.ledger.call('approveTransaction', { params, body: {} })),
  },
  'transaction.reject': {
    any: onWaiting((actor, params) =>
      actor.ledger.call('rejectTransaction', { params, body: { reason: 'no' } }),
    ),
  },
  'transaction.cancel.own': {
    any: onOwnSpending('150.00', (actor, params) =>
      actor.ledger.call('cancelTransaction', { params, body: {} }),
    ),
  },
  'transaction.reverse.own': { any: onOwnSpending('1.00', reverse) },
  'transaction.reverse.any': {
    any: onHiddenSpending(reverse),
    refusal: (role) => (role === 'member' ? 'not_found' : 'permission_denied'),
  },
  'category.manage': {
    any: async (scene, actor) => {
      const { id } = await given.newCategory(given.another(scene, actor))
      return () => archive(actor, { id })
    },
    own: async (_, actor) => {
      const { id } = await given.newCategory(actor)
      return () => archive(actor, { id })
    },
  },
  'report.read': {
    any: async (_, actor) => () => actor.ledger.call('getNetWorthReport'),
    own: async (_, actor) => () => actor.ledger.call('getNetWorthReport'),
    withoutOthers: true,
  },
  'data.export': { any: async (_, actor) => () => actor.ledger.call('exportTransactions') },
  'audit.verify': { any: async (_, actor) => () => actor.audit.call('verifyAudit') },
  'audit.read.all': {
    any: async (scene, actor) => {
      const account = await given.familyAccount(scene, actor)
      const { id } = await given.entryOf(scene.people.owner, account.id)
      return () => getEntry(actor, { id })
    },
    refusal: always('not_found'),
  },
  'audit.read.own': {
    own: async (scene, actor) => {
      await actor.auth.call('updateMe', { body: { display_name: `Me ${randomUUID().slice(0, 8)}` } })
      const { id } = await given.entryOf(scene.people.owner, actor.userId)
      return () => getEntry(actor, { id })
    },
  },
}
