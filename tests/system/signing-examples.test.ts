import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from '@jest/globals'
import { codeBlocks } from '../support/code-blocks.ts'
import type { House } from '../support/house.ts'
import { expectExampleWorks, startExampleHouse } from '../support/run-example.ts'

const [alone, withClient] = codeBlocks('docs/SIGNING.md', 'ts') as [string, string]

let house: House
beforeAll(async () => {
  house = await startExampleHouse()
}, 60_000)
afterAll(() => house?.stop())

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
