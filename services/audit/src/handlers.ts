import type { RequestMetrics } from '@common-purse/kit/metrics'
import { originOf } from '@common-purse/kit/origin'
import type { Relay } from '@common-purse/kit/relay'
import { type Handlers, requireAnyPermission } from '@common-purse/kit/service-app'
import type pg from 'pg'
import { listAccessLines } from './access/list-access-lines.ts'
import type { AnchorStream } from './anchors/anchor-stream.ts'
import { getHead } from './chain/get-head.ts'
import { verifyAndRecord } from './chain/verify-and-record.ts'
import { getEntry } from './entries/get-entry.ts'
import { listEntries } from './entries/list-entries.ts'
import { exportTrail } from './exports/export-trail.ts'
import type { PrismaClient } from './generated/client.ts'

interface Deps {
  pool: pg.Pool
  prisma: PrismaClient
  relay: Relay
  anchors: AnchorStream
  metrics: RequestMetrics
}

/** One handler for each route that the audit service owns. */
export function createHandlers({ pool, prisma, relay, anchors, metrics }: Deps): Handlers<'audit'> {
  const list = listEntries(pool)
  const get = getEntry(pool)
  const head = getHead(prisma)
  const count = metrics.counter('audit_verifications_total', 'Verified chains, by what came out', 'outcome', [
    'intact',
    'broken',
  ])
  const verify = verifyAndRecord({ pool, anchors, wake: relay.wake, count })
  const exportAll = exportTrail({ pool, wake: relay.wake })
  const listAccess = listAccessLines(prisma)
  return {
    listAuditEvents: async ({ caller, query }) => ({ body: await list(caller, query) }),
    getAuditEvent: async ({ caller, params }) => ({ body: await get(caller, params.id) }),
    verifyAudit: async ({ caller, context }) => ({ body: await verify(originOf(caller, context)) }),
    getAuditHead: async ({ caller }) => ({ body: await head(caller) }),
    exportAudit: ({ caller, context }) => {
      requireAnyPermission(caller.role, ['data.export'])
      return { stream: exportAll(originOf(caller, context)), filename: 'trail.ndjson' }
    },
    listAccessLines: async ({ caller, query }) => ({ body: await listAccess(caller, query) }),
  }
}
