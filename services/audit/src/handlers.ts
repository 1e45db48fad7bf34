import { originOf } from '@common-purse/kit/origin'
import type { Relay } from '@common-purse/kit/relay'
import type { Handlers } from '@common-purse/kit/service-app'
import type pg from 'pg'
import { listAccessLines } from './access/list-access-lines.ts'
import { getHead } from './chain/get-head.ts'
import { verifyAndRecord } from './chain/verify-and-record.ts'
import { getEntry } from './entries/get-entry.ts'
import { listEntries } from './entries/list-entries.ts'
import type { PrismaClient } from './generated/client.ts'

interface Deps {
  pool: pg.Pool
  prisma: PrismaClient
  relay: Relay
}

/** One handler for each route that the audit service owns. */
export function createHandlers({ pool, prisma, relay }: Deps): Handlers<'audit'> {
  const list = listEntries(prisma)
  const get = getEntry(prisma)
  const head = getHead(prisma)
  const verify = verifyAndRecord(pool, relay.wake)
  const listAccess = listAccessLines(prisma)
  return {
    listAuditEvents: async ({ caller, query }) => ({ body: await list(caller, query) }),
    getAuditEvent: async ({ caller, params }) => ({ body: await get(caller, params.id) }),
    verifyAudit: async ({ caller, context }) => ({ body: await verify(originOf(caller, context)) }),
    getAuditHead: async ({ caller }) => ({ body: await head(caller) }),
    listAccessLines: async ({ caller, query }) => ({ body: await listAccess(caller, query) }),
  }
}
