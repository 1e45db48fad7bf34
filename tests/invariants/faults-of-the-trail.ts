import type { Fault } from './faults.ts'

/** What the checker calls a fault. */
const what = {
  waiting: 'nothing waits to be published',
  lost: 'each event of an outbox is in the trail',
  invented: 'each entry of the trail came from an outbox',
  twice: 'an event is once in the outboxes and once in the trail',
  other: 'an entry says what its event said',
  aside: 'nothing had to be kept aside',
  silent: 'each change has its event',
  order: 'the trail tells the versions of an entity in their order',
  link: 'an entry follows from the one before it',
  end: 'a chain ends at its head',
  rows: 'rows of event_log are what they were',
  unlogged: 'what was answered is in the access log',
  status: 'the access log tells the status that was answered',
  loggedTwice: 'a request is once in the access log',
}

/** The last entry of one family's chain: nothing follows from it. */
const last = `(SELECT e.event_id FROM audit.event_log e JOIN audit.chain_heads h USING (family_id, seq)
  ORDER BY family_id LIMIT 1)`
const ofLast = `(SELECT family_id FROM audit.event_log WHERE event_id = ${last})`
/** The newest event of the ledger, which is the newest of its entity too. */
const newestEvent = `(SELECT max(seq) FROM ledger.outbox)`

const eventFaults: Fault[] = [
  {
    name: 'I4: an event that never arrived',
    plant: [
      `UPDATE audit.chain_heads h SET seq = e.seq - 1, hash = e.prev_hash FROM audit.event_log e
       WHERE e.event_id = ${last} AND h.family_id = e.family_id`,
      `DELETE FROM audit.event_log e USING audit.chain_heads h WHERE h.family_id = e.family_id AND e.seq = h.seq + 1`,
    ],
    seen: [what.lost],
  },
  {
    name: 'I4: an entry of an event that there was not, and a change without one',
    plant: [`DELETE FROM ledger.outbox WHERE seq = ${newestEvent}`],
    seen: [what.invented, what.silent],
  },
  {
    name: 'I4: an event that is in the trail twice',
    plant: [
      `CREATE TEMPORARY TABLE planted ON COMMIT DROP AS SELECT * FROM audit.event_log WHERE event_id = ${last}`,
      'UPDATE planted SET seq = seq + 1',
      'ALTER TABLE audit.event_log DROP CONSTRAINT event_log_event_id_key',
      'INSERT INTO audit.event_log SELECT * FROM planted',
    ],
    seen: [what.twice, what.order, what.link, what.end],
  },
  {
    name: 'I4: an entry with another reason than its event',
    plant: [`UPDATE audit.event_log SET reason = 'planted' WHERE event_id = ${last}`],
    seen: [what.other, what.link],
  },
  {
    name: 'I4: an event that is still to be published',
    plant: [`UPDATE ledger.outbox SET published_at = NULL WHERE seq = ${newestEvent}`],
    seen: [what.waiting],
  },
  {
    name: 'I4: a message that was kept aside',
    plant: [
      `INSERT INTO audit.unreadable_events (stream, stream_seq, subject, raw, reason, kind)
       VALUES ('LEDGER_EVENTS', 1, 'ledger.planted', '', 'planted', 'unreadable')`,
    ],
    seen: [what.aside],
  },
  {
    name: 'I4: a change of a person that told nobody',
    plant: [`UPDATE auth.users SET version = version + 1 WHERE id = (SELECT id FROM auth.users LIMIT 1)`],
    seen: [what.silent],
  },
  {
    name: 'I5: a gap in the versions of the trail’s own events',
    plant: [`UPDATE audit.outbox SET version = version + 1 WHERE seq = (SELECT max(seq) FROM audit.outbox)`],
    seen: ['versions in audit.outbox are 1..n', what.other, what.silent],
  },
]

const chainFaults: Fault[] = [
  {
    name: 'I9: an old entry with another time',
    plant: [
      `UPDATE audit.event_log SET recorded_at = recorded_at + interval '1 second'
       WHERE seq = 1 AND family_id = ${ofLast}`,
    ],
    seen: [what.rows, what.link],
  },
  {
    name: 'I10: an entry from another address',
    plant: [`UPDATE audit.event_log SET ip = '203.0.113.9' WHERE event_id = ${last}`],
    seen: [what.link],
  },
  {
    name: 'I10: a chain without its tail',
    plant: [`DELETE FROM audit.event_log WHERE event_id = ${last}`],
    seen: [what.lost, what.end],
  },
  {
    name: 'I10: a chain without its first entry',
    plant: [`DELETE FROM audit.event_log WHERE seq = 1 AND family_id = ${ofLast}`],
    seen: [what.lost, what.link, what.rows],
  },
  {
    name: 'I10: a head that says another hash',
    plant: [`UPDATE audit.chain_heads SET hash = repeat('f', 64) WHERE family_id = ${ofLast}`],
    seen: [what.end],
  },
]

/** `ANSWERED` stands for the id of a request that was answered. */
const accessFaults: Fault[] = [
  {
    name: 'I11: a request that left no line',
    plant: [`DELETE FROM audit.access_log WHERE request_id = 'ANSWERED'`],
    seen: [what.unlogged],
  },
  {
    name: 'I11: a line with another status',
    plant: [`UPDATE audit.access_log SET status = status + 1 WHERE request_id = 'ANSWERED'`],
    seen: [what.status],
  },
  {
    name: 'I11: a request with two lines',
    plant: [
      `CREATE TEMPORARY TABLE planted ON COMMIT DROP AS SELECT * FROM audit.access_log WHERE request_id = 'ANSWERED'`,
      'UPDATE planted SET id = gen_random_uuid()',
      'INSERT INTO audit.access_log SELECT * FROM planted',
    ],
    seen: [what.loggedTwice],
  },
]

/** Faults of I4, I5 and I9 to I11, planted with ordinary triggers off and the trail's own one disabled. */
export const faultsOfTheTrail: Fault[] = [...eventFaults, ...chainFaults, ...accessFaults]
