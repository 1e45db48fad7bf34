import { describe, expect, test } from '@jest/globals'
import { formatLogLine } from './format-log-line.ts'

describe('formatLogLine', () => {
  test('shows time, service, level, message and a few fields', () => {
    const time = new Date(2026, 10, 24, 8, 5, 9, 7).getTime()
    const line = JSON.stringify({ level: 40, time, msg: 'slow', status: 503, request_id: 'abc', pid: 1 })
    expect(formatLogLine('ledger', line)).toBe('08:05:09.007 ledger   WARN  slow status=503 request_id=abc')
  })

  test('knows levels by name too', () => {
    expect(formatLogLine('bot', JSON.stringify({ level: 'fatal', msg: 'no' }))).toContain('bot      FATAL no')
  })

  test('puts the stack of an error below', () => {
    const line = JSON.stringify({
      level: 50,
      msg: 'broke',
      err: { message: 'no', stack: 'Error: no\n at x' },
    })
    expect(formatLogLine('auth', line)).toContain('broke\n    Error: no\n     at x')
  })

  test('leaves a line that is not JSON as it is', () => {
    expect(formatLogLine('auth', '{ half')).toContain('auth     { half')
  })
})
