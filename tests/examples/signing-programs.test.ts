import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { codeBlock, codeBlocks } from '../support/code-blocks.ts'
import { givenFamily } from '../support/given.ts'
import type { House } from '../support/house.ts'
import { expectExampleWorks, runExample, startExampleHouse } from '../support/run-example.ts'

const page = 'docs/SIGNING.md'
const [alone, withClient] = codeBlocks(page, 'ts') as [string, string]

let house: House
beforeAll(async () => {
  house = await startExampleHouse()
}, 60_000)
afterAll(() => house?.stop())

test(
  'the program in curl and openssl',
  () => expectExampleWorks(house, ['sh', '-s'], codeBlock(page, 'sh')),
  60_000,
)

test(
  'the program in Python',
  () => expectExampleWorks(house, ['python3', '-'], codeBlock(page, 'python')),
  60_000,
)

test('the program in Python says which line of the base is not the server’s', async () => {
  const { owner } = await givenFamily(house)
  const right = codeBlock(page, 'python')
  const wrong = right.replace('"@query": f"?{query}"', '"@query": query')
  expect(wrong).not.toBe(right)
  const { code, stderr } = await runExample(house, owner, ['python3', '-'], wrong)
  expect(code).toBe(1)
  expect(stderr.trim().split('\n')).toEqual([
    '401 signature_invalid: The signature does not match the request',
    'signed: "@query": ',
    'server: "@query": ?',
  ])
}, 60_000)

test('the program in Python says when it is the key that is wrong', async () => {
  const { owner } = await givenFamily(house)
  const right = codeBlock(page, 'python')
  const wrong = right.replace(
    'base64.urlsafe_b64decode(signing_key["secret"] + "=")',
    'signing_key["secret"].encode()',
  )
  expect(wrong).not.toBe(right)
  const { code, stderr } = await runExample(house, owner, ['python3', '-'], wrong)
  expect([code, stderr.trim().split('\n')[1]]).toEqual([1, 'no line differs: look at the key'])
}, 60_000)

test('the program in TypeScript that stands on its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'purse-example-'))
  try {
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    await writeFile(join(folder, 'example.ts'), alone)
    await expectExampleWorks(house, [process.execPath, join(folder, 'example.ts')])
  } finally {
    await rm(folder, { recursive: true })
  }
}, 60_000)

test('the program in TypeScript with libs/client', async () => {
  // The tests run in the project's folder, where the packages are.
  await expectExampleWorks(house, [process.execPath, '--input-type=module-typescript', '-'], withClient)
}, 60_000)
