import {
  AccessLinePage,
  AuditEvent,
  AuditEventPage,
  AuditHead,
  AuditVerification,
  ListAccessLines,
  ListAuditEvents,
} from '../audit.ts'
import { byId, define, type Route } from '../route.ts'

const audit = define('audit', 'user')
const readTrail = ['audit.read.all', 'audit.read.own'] as const

/** What has happened, and who called. */
export const trailRoutes = {
  listAuditEvents: audit('GET', '/audit/events', {
    summary: 'The trail, newest first',
    status: 200,
    permissions: readTrail,
    query: ListAuditEvents,
    response: AuditEventPage,
  }),
  getAuditEvent: audit('GET', '/audit/events/{id}', {
    summary: 'One entry of the trail',
    status: 200,
    permissions: readTrail,
    params: byId,
    response: AuditEvent,
    problems: ['not_found'],
  }),
  verifyAudit: audit('GET', '/audit/verify', {
    summary: 'Walk the family’s chain: intact, or the first broken entry',
    status: 200,
    permissions: ['audit.verify'],
    response: AuditVerification,
  }),
  getAuditHead: audit('GET', '/audit/head', {
    summary: 'Sequence and hash of the newest entry',
    status: 200,
    permissions: ['audit.verify'],
    response: AuditHead,
  }),
  exportAudit: audit('GET', '/audit/export', {
    summary: 'The whole trail as NDJSON, oldest first, for `npm run verify-export`; needs `data.export` too',
    status: 200,
    permissions: ['audit.read.all'],
    produces: 'application/x-ndjson',
  }),
  listAccessLines: audit('GET', '/audit/access', {
    summary: 'Requests of the family, newest first',
    status: 200,
    permissions: ['audit.read.all'],
    query: ListAccessLines,
    response: AccessLinePage,
  }),
} as const satisfies Record<string, Route>
