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

test.each(documents)('what $path shows can be run', (document) => {
  expect(refusedLines(document)).toEqual([])
})

// One test, so that the services never load anything while jest is between two of them, which it forbids.
test('the commands of the documents are answered as they say', async () => {
  const wrong = await Promise.all(documents.map((document) => runDocument(document, house.urls.gateway)))
  expect(wrong).toEqual(documents.map(() => []))
}, 300_000)
