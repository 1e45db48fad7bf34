/** Runs the commands that the documents show, and holds the answers against what they say. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readDocuments } from '../support/documents.ts'
import { type House, startHouse } from '../support/house.ts'
import { runDocument } from '../support/run-document.ts'
import { refusedLines, runnableBlocks } from '../support/shell-commands.ts'
import { plenty } from '../support/unlimited.ts'

const documents = readDocuments().filter((document) => runnableBlocks(document).length > 0)

let house: House
beforeAll(async () => {
  // Each document has a family of its own, and they all register from here.
  const env = { RATE_LIMIT_SIGN_UP: plenty }
  house = await startHouse({ services: ['auth', 'ledger', 'audit', 'gateway'], env })
}, 60_000)
afterAll(() => house?.stop())

test.concurrent.each(documents)(
  'the commands of $path are answered as it says',
  async (document) => {
    expect(refusedLines(document)).toEqual([])
    expect(await runDocument(document, house.urls.gateway)).toEqual([])
  },
  300_000,
)
