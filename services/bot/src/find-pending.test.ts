import { expect, test } from '@jest/globals'
import { findPending } from './find-pending.ts'

const ids = [
  '019d2f6e-7a1b-7c3d-8e4f-5a6b7c8d9e0f',
  '019d2f6e-7a1b-7d00-8e4f-5a6b7c8d9e0f',
  'ffffffff-0000-7000-8000-000000000000',
]
const numbered = [ids[2]!, ids[0]!]

test.each([
  ['1', { id: ids[2] }],
  ['2', { id: ids[0] }],
  ['3', 'none'],
  ['0', 'none'],
  ['-1', 'none'],
  ['FFFFFFFF', { id: ids[2] }],
  ['019d2f6e-7a1b-7d', { id: ids[1] }],
  ['019d2f6e', 'several'],
  ['019d2f6', 'none'],
  ['everything', 'none'],
  [ids[1]!, { id: ids[1] }],
])('%s', (word, expected) => expect(findPending(word, { ids, numbered })).toEqual(expected))
