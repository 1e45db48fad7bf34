import { expect, test } from '@jest/globals'
import { readTap, tapData, tapShape } from './tap-data.ts'

const subject = {
  transactionId: '019d2f6e-7a1b-7c3d-8e4f-5a6b7c8d9e0f',
  familyId: 'ffffffff-ffff-4fff-bfff-ffffffffffff',
}

test.each([
  { action: 'approve' as const },
  { action: 'reject' as const },
  { action: 'words' as const },
  { action: 'back' as const },
  { action: 'reason' as const, reason: 0 },
  { action: 'reason' as const, reason: 9 },
])('%j fits into a button and comes back as it was', (tap) => {
  const data = tapData(tap, subject)
  expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64)
  expect(data).toMatch(tapShape)
  expect(readTap(data)).toEqual({ tap, subject })
})

test.each([
  '',
  'apr:y',
  'apr:z:AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA',
  'apr:y:short:short',
  'apr:12:a:b',
])('%j is nothing that a button carries', (data) => expect(readTap(data)).toBeUndefined())
