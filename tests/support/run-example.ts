import { spawn } from 'node:child_process'
import { expect } from '@jest/globals'
import type { Account, Transaction } from '../../libs/contracts/src/index.ts'
import { givenFamily } from './given.ts'
import { type House, startHouse } from './house.ts'

export interface ExampleRun {
  code: number | null
  stdout: string
  stderr: string
}

/** A house where reads must be signed too, so that each call of a program is checked. */
export const startExampleHouse = (...more: 'audit'[]): Promise<House> =>
  startHouse({ services: ['auth', 'ledger', 'gateway', ...more], env: { SIGNATURE_POLICY: 'all' } })

/** Runs an example as somebody at a house; a program of docs/SIGNING.md is given on standard input. */
export function runExample(
  house: House,
  who: { email: string; password: string },
  command: readonly [string, ...string[]],
  input = '',
): Promise<ExampleRun> {
  const [program, ...args] = command
  const child = spawn(program, args, {
    // Nothing else: a proxy that is meant for the world outside is not for this house.
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PURSE_URL: house.urls.gateway,
      EMAIL: who.email,
      PASSWORD: who.password,
      PYTHONDONTWRITEBYTECODE: '1',
    },
    timeout: 60_000,
  })
  const run: ExampleRun = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (run.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (run.stderr += text))
  // A program that ends before it has read everything says so by its exit code.
  child.stdin.on('error', () => undefined).end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ ...run, code }))
  })
}

/** Runs it for a new family: it opens an account, reads it, and finds the transaction that is in the family already. */
export async function expectExampleWorks(
  house: House,
  command: readonly [string, ...string[]],
  input = '',
): Promise<void> {
  const { owner } = await givenFamily(house)
  const before = await owner.ledger.call('openAccount', {
    body: { name: 'Before', kind: 'cash', currency: 'EUR', opening_balance: '10.00' },
  })
  const coffee = await owner.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: before.id, amount: '2.50', currency: 'EUR', description: 'Café' },
  })
  const { code, stdout, stderr } = await runExample(house, owner, command, input)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const [opened, read, found] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown) as [Account, Account, { items: Transaction[] }]
  expect(opened).toMatchObject({ name: 'Wallet', balance: { posted: '50.00' }, owner_id: owner.userId })
  expect(read).toEqual(opened)
  expect(await owner.ledger.call('getAccount', { params: { id: opened.id } })).toEqual(opened)
  expect(found.items.map(({ id }) => id)).toEqual([coffee.id])
}
