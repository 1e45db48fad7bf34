import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { asTx } from '../../../libs/kit/src/database.ts'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount, givenFamily } from '../../../tests/support/given.ts'
import { findMismatches } from '../src/self-check/find-mismatches.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'

let at: LedgerHouse
/** As the service's own role sees the books. */
let own: pg.Client
beforeAll(async () => {
  at = await startLedgerHouse({ SELF_CHECK_SECONDS: '1' })
  own = new pg.Client({ connectionString: at.house.database.urlOf('ledger') })
  await own.connect()
})
afterAll(async () => {
  await own.end()
  await at.stop()
})

const mismatchesOf = async (familyId: string) => {
  const found = []
  for await (const { kind, id } of findMismatches(asTx(own), familyId)) found.push({ kind, id })
  return found
}
/** Changes rows behind every guard, as only a superuser can, and takes it back afterwards. */
async function planted(plant: string, id: string, repair: string, work: () => Promise<void>): Promise<void> {
  await at.rows('SET session_replication_role = replica')
  await at.rows(plant, [id])
  try {
    await work()
  } finally {
    await at.rows(repair, [id])
    await at.rows('SET session_replication_role = origin')
  }
}
const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${at.house.opsUrls.ledger}/metrics`)).text()
  return Number(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'm').exec(text)?.[1])
}

async function givenBooks() {
  const family = await givenFamily(at.house, ['child'])
  const { id } = await givenAccount(family.owner)
  const coffee = await spend(family.owner, { id, currency: 'EUR' } as never, '2.50')
  await spend(family.people['child']!, { id, currency: 'EUR' } as never, '5.00')
  return { familyId: family.id, account: id, transaction: coffee.id! }
}

describe('the self-check', () => {
  test('finds nothing where the books fit', async () => {
    expect(await mismatchesOf((await givenBooks()).familyId)).toEqual([])
  })

  const faults = [
    ['balance', 'account', 'UPDATE ledger.accounts SET posted = posted + 1 WHERE id = $1', 'posted - 1'],
    ['hold', 'account', 'UPDATE ledger.accounts SET held = held + 1 WHERE id = $1', 'held - 1'],
  ] as const
  test.each(faults)('finds a wrong %s', async (kind, what, plant, back) => {
    const books = await givenBooks()
    const column = back.split(' ')[0]!
    const repair = `UPDATE ledger.accounts SET ${column} = ${back} WHERE id = $1`
    await planted(plant, books[what], repair, async () => {
      expect(await mismatchesOf(books.familyId)).toEqual([{ kind, id: books.account }])
    })
    expect(await mismatchesOf(books.familyId)).toEqual([])
  })

  test('finds a posting whose balance does not follow', async () => {
    const books = await givenBooks()
    const change = (by: string) =>
      `UPDATE ledger.postings SET balance_after = balance_after ${by} WHERE transaction_id = $1 AND amount < 0`
    await planted(change('+ 7'), books.transaction, change('- 7'), async () => {
      // It is the newest one, so the account's own sum differs from it too.
      expect(await mismatchesOf(books.familyId)).toEqual([
        { kind: 'balance', id: books.account },
        { kind: 'running_balance', id: books.account },
      ])
    })
  })

  test('finds a posted transaction without its postings, and one whose sum is another', async () => {
    const books = await givenBooks()
    const status = (value: string) => `UPDATE ledger.transactions SET status = '${value}' WHERE id = $1`
    await planted(status('rejected'), books.transaction, status('posted'), async () => {
      expect(await mismatchesOf(books.familyId)).toEqual([{ kind: 'postings', id: books.transaction }])
    })
    const amount = (by: string) => `UPDATE ledger.transactions SET amount = amount ${by} WHERE id = $1`
    await planted(amount('+ 1'), books.transaction, amount('- 1'), async () => {
      expect(await mismatchesOf(books.familyId)).toEqual([{ kind: 'postings', id: books.transaction }])
    })
  })

  test('gives no false alarm while money moves', async () => {
    const { owner, id } = await givenFamily(at.house)
    const [from, to] = [await givenAccount(owner), await givenAccount(owner)]
    let working = true
    const work = async () => {
      while (working)
        await owner.ledger.call('submitTransaction', {
          body: {
            type: 'transfer',
            account_id: from.id,
            to_account_id: to.id,
            amount: '0.01',
            currency: 'EUR',
          },
        })
    }
    const workers = [work(), work(), work()]
    for (let round = 0; round < 40; round++) expect(await mismatchesOf(id)).toEqual([])
    working = false
    await Promise.all(workers)
  })

  test('runs by itself, says when, and counts what it found', async () => {
    const books = await givenBooks()
    await eventually(
      () => metric('ledger_self_check_finished_timestamp_seconds'),
      (finished) => finished > 0,
    )
    const change = (by: string) => `UPDATE ledger.accounts SET posted = posted ${by} WHERE id = $1`
    await planted(change('+ 1'), books.account, change('- 1'), async () => {
      await eventually(
        () => metric('ledger_self_check_mismatches'),
        (count) => count === 1,
      )
    })
    await eventually(
      () => metric('ledger_self_check_mismatches'),
      (count) => count === 0,
    )
  })

  test('is a command too, which fails when something does not fit', async () => {
    const books = await givenBooks()
    const env = { ...process.env, DATABASE_URL: at.house.database.urlOf('ledger') }
    const run = () => promisify(execFile)(process.execPath, ['tools/self-check.ts'], { env })
    expect((await run()).stdout).toMatch(/families compared, 0 mismatches/)
    const change = (by: string) => `UPDATE ledger.accounts SET posted = posted ${by} WHERE id = $1`
    await planted(change('+ 1'), books.account, change('- 1'), async () => {
      const failed = (await run().catch((error: unknown) => error)) as { code: number; stdout: string }
      expect(failed.code).toBe(1)
      expect(failed.stdout).toContain(books.account)
    })
  })
})
