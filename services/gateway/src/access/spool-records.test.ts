import { expect, test } from '@jest/globals'
import { decideRecords } from './spool-records.ts'

const piece = (text: string) => decideRecords(Buffer.from(text), 3)

test('takes whole lines and leaves what is not there to its end', () => {
  expect(piece('{"a":1}\n{"b":2}\n{"c"')).toEqual({ lines: ['{"a":1}', '{"b":2}'], bytes: 16 })
  expect(piece('{"c"')).toEqual({ lines: [], bytes: 0 })
  expect(piece('')).toEqual({ lines: [], bytes: 0 })
})

test('passes over requests that were not over, and counts their bytes', () => {
  expect(piece('+{"a":1}\n{"b":"é"}\n+{"c":3}\n')).toEqual({ lines: ['{"b":"é"}'], bytes: 29 })
})

test('takes no more than was asked for', () => {
  expect(piece('1\n2\n+3\n3\n4\n')).toEqual({ lines: ['1', '2', '3'], bytes: 9 })
})
